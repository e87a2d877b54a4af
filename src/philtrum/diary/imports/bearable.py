"""Bearable: its CSV export, one row per thing noted, into one check-in per day.

Ratings become factors of the person's own: mood, energy, sleep quality, each
symptom (1 mild to 4 unbearable, the day's worst) and each thing of the
category Lifestyle, whose levels are 1 (little), 2 (moderate or yes) and 3 (a
lot). "A lot of caffeine" is not turned into milligrams: that would be made up.
A symptom whose name speaks of twitching says that the day had some. What is
not noted on a day stays open.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from philtrum.diary.checks import RecordError
from philtrum.diary.factors import KNOWN
from philtrum.diary.imports.imported import Imported, content_id
from philtrum.diary.records import CheckIn, Factor, Record

SOURCE = "Bearable"

_RATINGS = {"Mood", "Energy", "Sleep quality"}
_LEVELS = {"little": 1.0, "low": 1.0, "moderate": 2.0, "yes": 2.0, "a lot": 3.0, "high": 3.0}
_TWITCHING = re.compile(r"twitch|fascicul|myokym|spasm", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? (\w{3})\w* (\d{4})")


def is_bearable(heading: Iterable[str]) -> bool:
    """Tell whether a heading is that of Bearable's export."""
    return {"category", "rating/amount", "detail"} <= set(heading)


def read_bearable(text: str, *, zone: str) -> Imported:
    """Read the export; rows of categories that say nothing about a factor are counted, not kept."""
    answers: dict[date, dict[str, float]] = defaultdict(dict)
    twitched: set[date] = set()
    labels: dict[str, str] = {}
    n_unclear = n_other = 0
    for row in csv.DictReader(io.StringIO(text, newline="")):
        day = _day(row)
        if day is None:
            n_unclear += 1
            continue
        found = list(_named_values(row))
        n_other += not found
        for name, value in found:
            key = _key(name)
            labels[key] = name
            answers[day][key] = max(value, answers[day].get(key, 0.0))
            if row.get("category") == "Symptom" and value > 0 and _TWITCHING.search(name):
                twitched.add(day)
    records = [*_factors(labels), *_check_ins(answers, twitched, zone)]
    return Imported(SOURCE, tuple(records), tuple(_remarks(n_unclear, n_other)))


def _day(row: dict[str, str]) -> date | None:
    """Return the day of a row: "8th Dec 2021", or the ISO date of newer exports."""
    for cell in (row.get("date formatted"), row.get("date")):
        if match := _DATE.fullmatch((cell or "").strip()):
            try:
                return datetime.strptime(" ".join(match.groups()), "%d %b %Y").date()  # noqa: DTZ007 - only its date
            except ValueError:
                continue
        try:
            return date.fromisoformat((cell or "").strip()[:10])
        except ValueError:
            continue
    return None


def _named_values(row: dict[str, str]) -> Iterator[tuple[str, float]]:
    category, detail = row.get("category") or "", row.get("detail") or ""
    try:
        rating = float(row.get("rating/amount") or "")
    except ValueError:
        rating = None
    if category in _RATINGS and rating is not None:
        yield category, rating
    elif category == "Symptom" and rating is not None:
        yield re.sub(r"\s*\(\w+\)\s*$", "", detail), rating
    elif category == "Lifestyle":
        for item in detail.split("|"):
            name, _, level = re.sub(r"^\W+", "", item).strip().partition(" - ")
            if name and (level or "yes").strip().lower() in _LEVELS:
                yield name.strip(), _LEVELS[(level or "yes").strip().lower()]


def _key(name: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30] or "unnamed"
    key = key if key[0].isalpha() else f"x_{key}"
    return f"{key}_level" if key in KNOWN or key in {"episodes", "minutes", "date"} else key


def _factors(labels: dict[str, str]) -> Iterator[Record]:
    for key, label in labels.items():
        yield Factor(
            id=content_id(SOURCE, "factor", key), key=key, label=label[:120], answered_as="scale", is_active=False
        )


def _check_ins(answers: dict[date, dict[str, float]], twitched: set[date], zone: str) -> Iterator[Record]:
    for day, found in sorted(answers.items()):
        try:
            yield CheckIn(
                id=content_id(SOURCE, "check_in", day),
                day=day,
                zone=zone,
                has_twitched=True if day in twitched else None,
                answers=found,
            )
        except RecordError:
            continue


def _remarks(n_unclear: int, n_other: int) -> Iterator[str]:
    if n_unclear:
        yield f"{n_unclear} rows without a date were left out."
    if n_other:
        yield f"{n_other} rows hold nothing that philtrum keeps (notes, medicines and the like) and were left out."
