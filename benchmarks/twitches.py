"""How well are twitches of known time, size and side found? Twenty simulated clips, one table.

    python benchmarks/twitches.py [--set check] [--clips N] [--seed S] [--portraits FOLDER] [--json FILE]

Clips of 15 s differ in frame rate, size of the face, noise, shake, coding, and
in the twitches' size, width, length, side and direction. Some show no twitch;
some show speech, smiles or blinks first, and twitches after. Found and true
twitches are paired one to one when their apices lie within 0.1 s. *F1 from
0.5 %* leaves out smaller true twitches, found or missed. The default portrait
is scikit-image's astronaut.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from _common import CLIP_S, DISTRACTED_S, DISTRACTORS, SETS, Filming, Picture, draw_filming, film, find_portraits, match

from philtrum.video.clip import open_clip
from philtrum.video.measure import measure
from philtrum.video.measurement import Measurement, Twitch
from philtrum.video.simulate import SimTwitch

SIZES = (0.3, 0.5, 0.7, 1.0, 1.5, 3.0)
SIDES = ("left", "right", "midline", "both")
COUNTED_PCT_IOD = 0.5
LIMIT_BANDS = {"below": (0.0, 1.0), "at 1-1.5 times": (1.0, 1.5), "above 1.5 times": (1.5, np.inf)}
Pair = tuple[SimTwitch, Twitch]


@dataclass(frozen=True, slots=True)
class Trial:
    """One clip: what was in it, what was found, and how long that took."""

    filming: Filming
    found: Measurement
    pairs: list[Pair]
    measuring_s: float
    decoding_s: float

    @property
    def true(self) -> tuple[SimTwitch, ...]:
        """The twitches put in."""
        return self.filming.scene.twitches

    @property
    def false(self) -> list[Twitch]:
        """What was found and has no true partner."""
        paired = {found.apex_s for _, found in self.pairs}
        return [twitch for twitch in self.found.twitches if twitch.apex_s not in paired]


def run(number: int, *, portraits: Sequence[Picture], set_name: str, seed: int) -> Trial:
    """Simulate and measure one clip."""
    filming = draw_filming(set_name, seed, number)
    with tempfile.TemporaryDirectory() as folder:
        clip = film(Path(folder, "clip.mp4"), filming, portraits[number % len(portraits)])
        started_s = time.perf_counter()
        with open_clip(clip) as reader:
            for _ in reader:
                pass
        decoded_s = time.perf_counter()
        found = measure(clip)
        pairs = match(filming.scene.twitches, found.twitches)
        trial = Trial(filming, found, pairs, time.perf_counter() - decoded_s, decoded_s - started_s)
    what = f"{filming.kind}, {filming.iod_px:.0f} px, {filming.scene.fps:.0f} frames/s"
    print(f"clip {number}: {what}: {len(pairs)} of {len(trial.true)}, {len(trial.false)} false", file=sys.stderr)
    return trial


def summarise(trials: Sequence[Trial]) -> dict[str, Any]:
    """Return all figures of the table as plain data."""
    return {
        "counts": _count(trials),
        "recall_by_size": _recall_by_size(trials),
        "false": {kind: _count_false(trials, kind) for kind in ("rest", *DISTRACTORS)},
        "errors": _measure_errors([pair for trial in trials for pair in trial.pairs]),
        "sides": _compare_sides([pair for trial in trials for pair in trial.pairs]),
        "detectable": _compare_detectable(trials),
        "speed": _measure_speed(trials),
        "clips": [_describe(trial) for trial in trials],
    }


def _count(trials: Sequence[Trial]) -> dict[str, dict[str, float]]:
    n_false = sum(len(trial.false) for trial in trials)
    counts = {}
    for name, least in (("all", 0.0), ("from_0.5", COUNTED_PCT_IOD)):
        n_true = sum(twitch.amplitude_pct_iod >= least for trial in trials for twitch in trial.true)
        n_found = sum(true.amplitude_pct_iod >= least for trial in trials for true, _ in trial.pairs)
        f1 = 2 * n_found / max(1, n_true + n_found + n_false)
        precision, recall = n_found / max(1, n_found + n_false), n_found / max(1, n_true)
        counts[name] = {
            **{"n_true": n_true, "n_found": n_found, "n_false": n_false},
            **{"precision": precision, "recall": recall, "f1": f1},
        }
    return counts


def _recall_by_size(trials: Sequence[Trial]) -> list[dict[str, float]]:
    rows = []
    for low, high in pairwise(SIZES):
        n_true = sum(low <= twitch.amplitude_pct_iod < high for trial in trials for twitch in trial.true)
        n_found = sum(low <= true.amplitude_pct_iod < high for trial in trials for true, _ in trial.pairs)
        rows.append({"low": low, "high": high, "n_true": n_true, "n_found": n_found})
    return rows


def _count_false(trials: Sequence[Trial], kind: str) -> dict[str, float]:
    """Count false twitches: at rest, or until shortly after the distractors of a kind; minutes of such time."""
    n_false, clip_s, observed_s = 0, 0.0, 0.0
    for trial in trials:
        distracted_s = DISTRACTED_S + 0.5 if trial.filming.kind in DISTRACTORS else 0.0
        if kind == "rest":
            start_s, end_s = distracted_s, CLIP_S
        else:
            start_s, end_s = 0.0, distracted_s if trial.filming.kind == kind else 0.0
        n_false += sum(start_s <= twitch.apex_s < end_s for twitch in trial.false)
        clip_s += end_s - start_s
        observed_s += _observed_between(trial.found, start_s, end_s)
    return {"n_false": n_false, "clip_min": clip_s / 60, "observed_min": observed_s / 60}


def _observed_between(found: Measurement, start_s: float, end_s: float) -> float:
    t = np.arange(start_s, end_s, 0.01)
    if found.quality.verdict == "refused":
        return 0.0
    excluded = np.zeros(len(t), bool)
    for exclusion in found.excluded:
        excluded |= (t >= exclusion.start_s) & (t < exclusion.end_s)
    return float((~excluded).sum() * 0.01)


def _measure_errors(pairs: Sequence[Pair]) -> dict[str, float]:
    """Return median absolute errors, ms, and the amplitudes found over the true ones."""
    onset, apex, offset = (
        [1000 * abs(getattr(found, name) - getattr(true, name)) for true, found in pairs]
        for name in ("onset_s", "apex_s", "offset_s")
    )
    lasts = [1000 * abs(found.offset_s - found.onset_s - true.duration_s) for true, found in pairs]
    ratio = [found.amplitude_pct_iod / true.amplitude_pct_iod for true, found in pairs]
    turned = [_turn(true, found) for true, found in pairs if true.side != "both"]
    low, middle, high = np.percentile(ratio, [10, 50, 90]) if ratio else (np.nan,) * 3
    medians = {"onset_ms": onset, "apex_ms": apex, "offset_ms": offset, "duration_ms": lasts, "direction_deg": turned}
    return {
        **{name: float(np.median(values)) if values else float("nan") for name, values in medians.items()},
        **{"ratio_10": float(low), "ratio_50": float(middle), "ratio_90": float(high)},
    }


def _turn(true: SimTwitch, found: Twitch) -> float:
    """Return the angle between true and found direction, 0-180 degrees; the truth is mirrored on the right side."""
    direction = 180 - true.direction_deg if true.side == "right" else true.direction_deg
    return float(abs((found.direction_deg - direction + 180) % 360 - 180))


def _compare_sides(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    seen = Counter((true.side, str(found.side)) for true, found in pairs)
    return {true: {found: seen[true, found] for found in SIDES} for true in SIDES}


def _compare_detectable(trials: Sequence[Trial]) -> dict[str, dict[str, int]]:
    """Count twitches, and those found, by their size over what their own clip says it can show."""
    counts = {band: {"n_true": 0, "n_found": 0} for band in LIMIT_BANDS}
    for trial in trials:
        limit = trial.found.quality.detectable_pct_iod
        if limit is None:
            continue
        for name, twitches in (("n_true", trial.true), ("n_found", tuple(true for true, _ in trial.pairs))):
            for twitch in twitches:
                share = twitch.amplitude_pct_iod / limit
                counts[next(band for band, (low, high) in LIMIT_BANDS.items() if low <= share < high)][name] += 1
    return counts


def _measure_speed(trials: Sequence[Trial]) -> dict[str, float]:
    measuring_s, decoding_s = sum(t.measuring_s for t in trials), sum(t.decoding_s for t in trials)
    return {"times_real_time": len(trials) * CLIP_S / measuring_s, "times_decoding": measuring_s / decoding_s}


def _describe(trial: Trial) -> dict[str, Any]:
    scene, found = trial.filming.scene, trial.found
    return {
        **{"kind": trial.filming.kind, "iod_px": round(trial.filming.iod_px), "fps": scene.fps, "crf": scene.crf},
        **{"n_true": len(trial.true), "n_paired": len(trial.pairs), "n_false": len(trial.false)},
        **{"detectable": found.quality.detectable_pct_iod, "verdict": found.quality.verdict},
        **{"observed_s": found.summary.observed_s, "false_apices_s": [twitch.apex_s for twitch in trial.false]},
        "missed": [
            [round(true.apex_s, 2), round(true.amplitude_pct_iod, 2), round(true.duration_s, 2), true.side]
            for true in trial.true
            if all(true is not paired for paired, _ in trial.pairs)
        ],
    }


def render(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = [("figure", "value"), ("---", "---"), *_accuracy_rows(figures), *_quality_rows(figures)]
    return "\n".join(f"| {name} | {value} |" for name, value in lines)


def _accuracy_rows(figures: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, count in figures["counts"].items():
        scores = ", ".join(f"{score} {count[score]:.3f}" for score in ("precision", "recall", "f1"))
        value = f"{count['n_true']}; found {count['n_found']}, false {count['n_false']}; {scores}"
        yield f"true twitches {'of all sizes' if name == 'all' else 'from 0.5 % IOD'}", value
    for row in figures["recall_by_size"]:
        share = row["n_found"] / max(1, row["n_true"])
        yield f"recall {row['low']}-{row['high']} % IOD", f"{row['n_found']} of {row['n_true']} ({100 * share:.0f} %)"
    for kind, count in figures["false"].items():
        rate = count["n_false"] / max(1e-9, count["clip_min"])
        value = f"{count['n_false']} in {count['clip_min']:.2f} min ({rate:.1f} a minute)"
        yield f"false, {kind}", f"{value}, of which {count['observed_min']:.2f} min observed"


def _quality_rows(figures: dict[str, Any]) -> Iterable[tuple[str, str]]:
    errors, speed = figures["errors"], figures["speed"]
    for name in ("onset", "apex", "offset", "duration"):
        yield f"median error of {name}", f"{errors[f'{name}_ms']:.1f} ms"
    yield "median error of direction", f"{errors['direction_deg']:.0f} degrees"
    yield (
        "amplitude, found over true",
        f"median {errors['ratio_50']:.2f}, 10-90 % {errors['ratio_10']:.2f}-{errors['ratio_90']:.2f}",
    )
    for true, row in figures["sides"].items():
        yield f"true side {true} called", ", ".join(f"{found} {n}" for found, n in row.items())
    n_right = sum(row[side] for side, row in figures["sides"].items())
    n_all = sum(sum(row.values()) for row in figures["sides"].values())
    yield "side right", f"{n_right} of {n_all} ({100 * n_right / max(1, n_all):.0f} %)"
    for name, count in figures["detectable"].items():
        share = 100 * count["n_found"] / max(1, count["n_true"])
        yield f"recall {name} the clip's own limit", f"{count['n_found']} of {count['n_true']} ({share:.0f} %)"
    yield "speed", f"{speed['times_real_time']:.1f} x real time; {speed['times_decoding']:.1f} x the time of decoding"


def main() -> None:
    """Run the trials and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", choices=SETS, default=SETS[0], help="tune on the first only")
    parser.add_argument("--portraits", type=Path, help="folder of pictures or clips with one face each")
    parser.add_argument("--json", type=Path, help="write all figures here, too")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1, help="speed is true with 1 only")
    options = parser.parse_args()
    one = partial(run, portraits=find_portraits(options.portraits), set_name=options.set, seed=options.seed)
    if options.processes == 1:
        trials = [one(number) for number in range(options.clips)]
    else:
        with ProcessPoolExecutor(options.processes) as pool:
            trials = list(pool.map(one, range(options.clips)))
    figures = summarise(trials)
    print(render(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
