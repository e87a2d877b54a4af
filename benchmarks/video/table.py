"""Table: which figure is reported of which conditions, and the rows of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import figures
import numpy as np
from conditions import CONDITIONS
from figures import BANDS, LARGE_PCT_IOD, PATTERNS
from score import Trial

Figure = tuple[str, Callable[[Sequence[Trial]], float], str]
"""Name, function, format."""

REFUSED: Figure = ("clips refused", figures.refused_share, ".0%")
F1: Figure = ("F1, twitches from 0.5 % IOD", figures.f1, ".3f")
PRECISION: Figure = ("precision", figures.precision, ".3f")
FALSE: Figure = ("false twitches a minute", figures.false_per_min, ".2f")
EXCLUDED: Figure = ("time excluded", figures.excluded_share, ".0%")
LARGE: Figure = (
    f"recall from {LARGE_PCT_IOD} % IOD outside excluded time",
    partial(figures.recall_assessed, low=LARGE_PCT_IOD),
    ".3f",
)
AT_REST: tuple[Figure, ...] = (
    F1,
    PRECISION,
    *((f"recall {low:g}-{high:.2g} % IOD", partial(figures.recall, low=low, high=high), ".2f") for low, high in BANDS),
    ("smallest size with recall 0.9, % IOD", figures.smallest_found, ".2f"),
    ("recall above the clip's own limit", figures.recall_above_limit, ".3f"),
    ("median of these limits, % IOD", figures.median_limit, ".2f"),
    *(
        (f"median error of {what.removesuffix('_s')}, ms", partial(figures.median_error_ms, what=what), ".0f")
        for what in ("onset_s", "apex_s", "offset_s", "duration")
    ),
    ("median error of amplitude", figures.median_amplitude_error, ".0%"),
    ("median of found over true amplitude", figures.median_amplitude_ratio, ".2f"),
    ("left or right named rightly", partial(figures.sides_right, sides=("left", "right")), ".3f"),
    (
        "left, right, midline or both named rightly",
        partial(figures.sides_right, sides=("left", "right", "midline", "both")),
        ".3f",
    ),
)
QUIET: tuple[Figure, ...] = (FALSE, EXCLUDED)
TWITCHING: tuple[Figure, ...] = (F1, PRECISION)
EXPRESSIVE: tuple[Figure, ...] = (PRECISION, LARGE, EXCLUDED)
SPECIAL: dict[str, tuple[Figure, ...]] = {
    "rest": AT_REST,
    "rest-real": AT_REST,
    "expressive-real+": EXPRESSIVE,
    "tremor": (
        ("tremor found", partial(figures.continuous_found, pattern="rhythmic"), ".2f"),
        ("median error of its frequency, Hz", figures.frequency_error_hz, ".2f"),
    ),
    "undulating": (("ripple found", partial(figures.continuous_found, pattern="undulating"), ".2f"),),
    "sustained": (("pull found", partial(figures.continuous_found, pattern="sustained"), ".2f"), FALSE),
    "with-eye": (F1, ("eyelid of the right side named", figures.with_eye_share, ".3f")),
}
PATTERN_FIGURES: tuple[Figure, ...] = (
    ("pattern of runs, balanced accuracy", figures.balanced_accuracy, ".3f"),
    *(
        (
            f"runs called {pattern} of those",
            lambda trials, p=pattern: figures.pattern_recalls(trials).get(p, np.nan),
            ".2f",
        )
        for pattern in PATTERNS
    ),
)


def summarise(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return every figure: condition, number of clips, name, format, and a value for each method."""
    methods = list(dict.fromkeys(trial.method for trial in trials))
    rows = [
        {"condition": name, "clips": len(_of(part, methods[0])), "figure": figure, "format": form}
        | {method: function(_of(part, method)) for method in methods}
        for name, part, (figure, function, form) in _plan(trials)
    ]
    return [row for row in rows if any(not np.isnan(row[method]) for method in methods)]


def render(rows: Sequence[dict[str, Any]], methods: Sequence[str]) -> str:
    """Return the figures as a Markdown table; a dash stands for what a method does not say."""
    lines = [["condition", "clips", "figure", *methods], ["---"] * (3 + len(methods))]
    for row in rows:
        values = [_formatted(row.get(method), row["format"]) for method in methods]
        lines.append([row["condition"], str(row["clips"]), row["figure"], *values])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def describe(trial: Trial) -> dict[str, Any]:
    """Return one clip's filming, truth and finds as plain data."""
    scene, found = trial.scene, trial.found
    return {
        **{"method": trial.method, "condition": trial.condition, "face": trial.face, "iod_px": round(scene.iod_px)},
        **{"fps": scene.fps, "size": [scene.width, scene.height], "coding": asdict(scene.coding)},
        **{"verdict": found.verdict, "detectable": found.detectable_pct_iod, "excluded": found.excluded},
        **{"measuring_s": round(trial.measuring_s, 2), "duration_s": scene.duration_s},
        "pairs": [[asdict(true), asdict(twitch)] for true, twitch in trial.pairs],
        "missed": [asdict(true) for true in trial.missed],
        "false": [asdict(twitch) for twitch in trial.false],
        "true_runs": [asdict(run) for run in scene.runs],
        "found_runs": [asdict(run) for run in found.runs or ()],
    }


def _formatted(value: float | None, form: str) -> str:
    return "-" if value is None or np.isnan(value) else format(value, form).replace("%", " %")


def _of(trials: Sequence[Trial], method: str) -> list[Trial]:
    return [trial for trial in trials if trial.method == method]


def _plan(trials: Sequence[Trial]) -> Iterator[tuple[str, list[Trial], Figure]]:
    """Yield (name, trials, figure) of every row; sums of a group come after its conditions."""
    groups = dict.fromkeys(condition.group for condition in CONDITIONS)
    for group in groups:
        members = [condition for condition in CONDITIONS if condition.group == group]
        for condition in members:
            part = [trial for trial in trials if trial.condition == condition.name]
            refused = (REFUSED,) if any(trial.found.verdict == "refused" for trial in part) else ()
            for figure in (*_figures(condition.name, group), *refused) if part else ():
                yield condition.name, part, figure
        together = [trial for trial in trials if trial.condition in {condition.name for condition in members}]
        yield from _sums(group, together)


def _figures(name: str, group: str) -> tuple[Figure, ...]:
    if name in SPECIAL:
        return SPECIAL[name]
    if group == "patterns":
        return TWITCHING
    if not name.endswith("+"):
        return QUIET
    return EXPRESSIVE if group == "behaviour" else TWITCHING


def _sums(group: str, trials: list[Trial]) -> Iterator[tuple[str, list[Trial], Figure]]:
    if group == "patterns" and trials:
        for figure in PATTERN_FIGURES:
            yield "all patterns", trials, figure
    if group in ("behaviour", "filming"):
        without = [trial for trial in trials if not trial.condition.endswith("+")]
        added = [trial for trial in trials if trial.condition.endswith("+")]
        for figure in QUIET if without else ():
            yield f"all {group}", without, figure
        for figure in (EXPRESSIVE if group == "behaviour" else TWITCHING) if added else ():
            yield f"all {group}, twitches added", added, figure
