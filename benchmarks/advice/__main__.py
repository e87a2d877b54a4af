"""How well the advice does on real questions, published cases and guideline statements.

    .venv/bin/python benchmarks/advice            # all sets
    .venv/bin/python benchmarks/advice --misses   # and every case that is not exact
    .venv/bin/python benchmarks/advice --ablation # cases with a clip or a diary: with it, and without

How the cases were made: questions that people asked on public pages, case
reports, and statements of guidelines were looked up; what each source tells
about the person was written as facts (`philtrum advise --schema`), nothing was
added. The level is the one that the guideline states, or that the course of
the case calls for at the time when the person would have asked; `also` lists
neighbouring levels that a careful clinician could defend. They were written
and labelled by the engineers of philtrum, not by clinicians. `heldout.toml`,
`fresh.toml`, `third.toml` and `fourth.toml` were written, one after the other,
before the advice was run on any of their cases; `docs/advice.md` keeps the
figures of the first runs. `development.toml` was used while the rules were
written.

"under" and "over" count cases whose level is neither right nor acceptable; the
worst failure, an emergency that is missed, has its own line.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from philtrum.advice.advice import advise
from philtrum.advice.entries import LEVELS

HERE = Path(__file__).parent
HALVES = ("development", "heldout", "fresh", "third", "fourth")
TODAY = date(2026, 6, 1)
LEVEL_NAMES = {"same_day": "same day", "self_care": "self-care"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case with the level and causes that were found."""

    case: Mapping[str, Any]
    level: str
    causes: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Tell whether the level is the right one."""
        return self.level == self.case["level"]

    @property
    def is_acceptable(self) -> bool:
        """Tell whether the level is right or acceptable."""
        return self.is_exact or self.level in self.case.get("also", ())

    @property
    def steps(self) -> int:
        """Levels above (positive) or below (negative) the right one."""
        return LEVELS.index(self.case["level"]) - LEVELS.index(self.level)

    @property
    def has_cause(self) -> bool:
        """Tell whether a right cause is among the first three."""
        return bool(set(self.case["causes"]) & set(self.causes[:3]))


def read_cases(half: str) -> list[dict[str, Any]]:
    """Return the cases of one half."""
    cases: list[dict[str, Any]] = tomllib.loads((HERE / f"{half}.toml").read_text("utf-8"))["case"]
    return cases


def run(cases: Iterable[Mapping[str, Any]], *, leave_out: Iterable[str] = ()) -> list[Outcome]:
    """Give advice on each case, without the fields in `leave_out`."""
    outcomes = []
    for case in cases:
        facts = {key: value for key, value in case["facts"].items() if key not in set(leave_out)}
        advice = advise(facts, today=TODAY)
        outcomes.append(Outcome(case, advice.urgency.level, tuple(cause.id for cause in advice.causes)))
    return outcomes


def render(outcomes: list[Outcome]) -> str:
    """Return the table: per level n, exact, acceptable, under, over, cause among the first three."""
    lines = ["level        n  exact  acceptable  under  over  over >1  cause in top 3"]
    for level in (*LEVELS, "all"):
        rows = [one for one in outcomes if level in ("all", one.case["level"])]
        if rows:
            lines.append(_line(level, rows))
    missed = [one.case["id"] for one in outcomes if one.case["level"] == "emergency" and not one.is_acceptable]
    lines.append(f"emergencies missed: {', '.join(missed) or 'none'}")
    return "\n".join(lines)


def render_misses(outcomes: list[Outcome]) -> str:
    """Return one line for each case whose level is not exact or whose cause is not among the first three."""
    return "\n".join(
        f"  {one.case['id']}: {one.case['level']} -> {one.level}{'' if one.is_acceptable else ' (!)'}"
        f"{'' if one.has_cause else '; causes ' + ', '.join(one.causes[:3])}"
        for one in outcomes
        if not one.is_exact or not one.has_cause
    )


def _line(level: str, rows: list[Outcome]) -> str:
    exact = sum(one.is_exact for one in rows)
    fine = sum(one.is_acceptable for one in rows)
    under = sum(not one.is_acceptable and one.steps < 0 for one in rows)
    over = sum(not one.is_acceptable and one.steps > 0 for one in rows)
    far = sum(one.steps > 1 and not one.is_acceptable for one in rows)
    causes = sum(one.has_cause for one in rows)
    name = LEVEL_NAMES.get(level, level)
    share = f"{causes:5} ({100 * causes / len(rows):.0f} %)"
    return f"{name:<10}{len(rows):4}{exact:7}{fine:12}{under:7}{over:6}{far:9}  {share}"


def _print(title: str, outcomes: list[Outcome]) -> None:
    print(f"{title}\n{render(outcomes)}")
    if "--misses" in sys.argv:
        print(render_misses(outcomes))
    print()


if __name__ == "__main__":
    if "--ablation" in sys.argv:
        _print("with clip and diary", run(read_cases("evidence")))
        for left_out in (("measurement",), ("diary",), ("measurement", "diary")):
            _print(f"without {' and '.join(left_out)}", run(read_cases("evidence"), leave_out=left_out))
    else:
        for half in HALVES:
            _print(half, run(read_cases(half)))
