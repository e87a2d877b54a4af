"""What philtrum makes of every clip of a folder, as a Markdown table.

    python benchmarks/clips.py FOLDER

For clips whose truth is not known: false alarms at rest, time that is left
out, speed. Needs a folder of your own; without one it says so and ends.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

from _common import videos_of

from philtrum.errors import PhiltrumError
from philtrum.video.measure import measure
from philtrum.video.measurement import Measurement

COLUMNS = (
    *("clip", "verdict (first reason)", "observed s", "twitches (per observed min)", "excluded s"),
    *("smallest seen, % IOD", "x real time"),
)


def describe(path: Path) -> list[str]:
    """Measure one clip and return its row."""
    started_s = time.perf_counter()
    try:
        found = measure(path)
    except PhiltrumError as error:
        return [path.name, f"cannot be read: {error.id}", *[""] * 5]
    speed = found.clip.duration_s / (time.perf_counter() - started_s)
    quality, summary = found.quality, found.summary
    reason = f" ({quality.reasons[0].id})" if quality.reasons else ""
    rate = "" if summary.rate_per_min is None else f" ({summary.rate_per_min:.1f})"
    return [
        path.name,
        f"{quality.verdict}{reason}",
        f"{summary.observed_s:.1f} of {found.clip.duration_s:.1f}",
        f"{summary.n_twitches}{rate}",
        _describe_excluded(found),
        "" if quality.detectable_pct_iod is None else f"{quality.detectable_pct_iod:.2f}",
        f"{speed:.1f}",
    ]


def _describe_excluded(found: Measurement) -> str:
    """Return the seconds excluded for each reason; reasons may overlap in time."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for exclusion in found.excluded:
        seconds[exclusion.reason] += exclusion.end_s - exclusion.start_s
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return ", ".join(f"{reason} {lasts_s:.1f}" for reason, lasts_s in ordered)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="folder of clips")
    folder = parser.parse_args().folder
    if folder is None:
        print("Left out: needs a folder of clips, `python benchmarks/clips.py FOLDER`.")
        return
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for path in videos_of(folder):
        print(f"| {' | '.join(describe(path))} |", flush=True)


if __name__ == "__main__":
    main()
