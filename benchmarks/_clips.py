"""What philtrum makes of every clip of a folder: `python benchmarks/_clips.py FOLDER` prints a Markdown table.

Needs a folder of the user's own, so `make bench` leaves it out.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from philtrum.errors import PhiltrumError
from philtrum.video.measure import measure


def row(path: Path) -> str:
    """Measure one clip and return its row."""
    started = time.perf_counter()
    try:
        found = measure(path)
    except PhiltrumError as error:
        return f"| {path.name} | {error.id} | | | | |"
    reasons = ", ".join(reason.id for reason in found.quality.reasons) or "-"
    speed = found.clip.duration_s / (time.perf_counter() - started)
    return (
        f"| {path.name} | {found.quality.verdict}: {reasons} | {found.summary.observed_s:.1f} of "
        f"{found.clip.duration_s:.1f} | {found.summary.n_twitches} | {found.quality.detectable_pct_iod} | {speed:.1f} |"
    )


def main() -> None:
    """Print the table."""
    print("| clip | verdict | observed s | twitches | smallest seen, % IOD | x real time |\n|---|---|---|---|---|---|")
    for path in sorted(Path(sys.argv[1]).iterdir()):
        if path.suffix.lower() in {".mp4", ".mov", ".webm", ".mkv", ".avi"}:
            print(row(path), flush=True)


if __name__ == "__main__":
    main()
