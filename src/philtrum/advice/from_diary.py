"""What a diary says, as facts for advice.

Only what was written down is told; whatever is open stays unknown. Signs count
for `RECENT_DAYS`: a droop that passed three weeks ago still wants to be looked
at, one of last year does not tell about today. The twitching is taken to have
lasted since the first of the days that lead up to now without a break of more
than `BREAK_DAYS`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from philtrum.advice.knowledge import load_knowledge
from philtrum.diary.medicines import Medicine, Treatment
from philtrum.diary.records import CheckIn, Episode, Event, Record, day_of

# A passed stroke-like sign still needs urgent assessment in the weeks after it (NICE NG128, 2019: 1.1.4 and 1.1.5
# speak of a week and of more than a week ago); a month errs to the safer side.
RECENT_DAYS = 30
# The NHS asks whether a twitch lasts more than two weeks; a break as long as that ends it.
BREAK_DAYS = 14
# What has been the same for so long counts as established (STABLE_DAYS of `signs`); a sign that joined later does not.
SPREAD_DAYS = 90
SPREAD = ("spread_to_eye_or_cheek", "half_face_involved")
# Botulinum toxin wears off in about three months; an operation on the neck can tell for longer.
TREATMENT_DAYS = 365
BOTULINUM_DAYS = 92
# Spells and check-ins older than this change nothing but the duration.
REACH_DAYS = SPREAD_DAYS + BREAK_DAYS
_LIFESTYLE_DAYS = 14
_LEAST_DAYS = 3  # with answers, before a mean of everyday life is told
_LIFESTYLE = {
    "sleep_hours": ("sleep", "{:.1f} hours"),
    "caffeine_mg": ("caffeine", "{:.0f} mg a day"),
    "alcohol_units": ("alcohol", "{:.1f} units a day"),
    "stress": ("stress", "{:.0f} of 10"),
    "screen_hours": ("screen", "{:.1f} hours a day"),
}


def facts_from_diary(
    records: Iterable[Record],
    *,
    today: date,
    earlier_days: Iterable[date] = (),
    measurement: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the facts that a diary holds, in the form of `philtrum advise --schema`.

    Parameters
    ----------
    records : iterable of Record
        The diary, in any order.
    today : date
        The person's present date.
    earlier_days : iterable of date
        Days on which it twitched before the spells and check-ins given here, which need to reach back `REACH_DAYS`.
    measurement : mapping, optional
        The newest clip's measurement.
    """
    found = [record for record in records if (day_of(record) or today) <= today]
    since = today - timedelta(days=RECENT_DAYS)
    recent = [record for record in found if isinstance(record, Episode) and record.day >= since]
    duration_days = _duration_days({*_days_with_twitches(found), *earlier_days}, today)
    facts: dict[str, Any] = {
        "duration_days": duration_days,
        "movement": _known_ids(id for episode in recent for id in episode.movements),
        "associated_symptoms": _known_ids(id for episode in recent for id in episode.companions) or None,
        "side": _side(recent),
        "location": _location(recent),
        "medications": [_medication(record, today) for record in found if isinstance(record, Medicine)] or None,
        "lifestyle": _lifestyle(found, today) or None,
        "history": _history(found, recent, today) or None,
        "context_tags": _context(found, today) or None,
        "diary": _summary(found, today, duration_days),
        "measurement": measurement,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _summary(records: Sequence[Record], today: date, duration_days: int | None) -> dict[str, Any]:
    """Return how many days have entries, and whether the twitching has spread since it began."""
    summary: dict[str, Any] = {
        "days": len({day_of(record) for record in records if isinstance(record, Episode | CheckIn)})
    }
    spread = [record.day for record in records if isinstance(record, Episode) and set(SPREAD) & set(record.companions)]
    if spread and duration_days is not None:
        since_days = (today - min(spread)).days
        if since_days < SPREAD_DAYS and duration_days - since_days > BREAK_DAYS:
            summary["spreading"] = True
    return summary


def _duration_days(days: Collection[date], today: date) -> int | None:
    """Return for how many days the present twitching has lasted; None if it has not twitched of late."""
    began = None
    for day in sorted((day for day in days if day <= today), reverse=True):
        if ((began or today) - day).days > BREAK_DAYS:
            break
        began = day
    return (today - began).days if began else None


def _days_with_twitches(records: Iterable[Record]) -> Iterator[date]:
    for record in records:
        if isinstance(record, Episode):
            yield record.day
        elif isinstance(record, CheckIn) and (record.has_twitched or record.n_episodes):
            yield record.day


def _side(recent: Sequence[Episode]) -> str | None:
    sides = {episode.side for episode in recent if episode.side in ("left", "right", "both")}
    if len(sides) == 1:
        return sides.pop()
    return "changes" if sides == {"left", "right"} else "both" if sides else None


def _location(recent: Sequence[Episode]) -> str | None:
    lips = {place.partition("_")[0] for episode in recent for place in episode.places}
    return " and ".join(f"{lip} lip" for lip in ("upper", "lower") if lip in lips) or None


def _medication(medicine: Medicine, today: date) -> dict[str, Any]:
    changed_on = medicine.changes[-1].on if medicine.changes else None
    days = {
        "started_days_ago": medicine.started_on,
        "changed_days_ago": changed_on,
        "stopped_days_ago": medicine.stopped_on,
    }
    told = {name: (today - day).days for name, day in days.items() if day is not None and day <= today}
    return {"name": medicine.name, **told}


def _lifestyle(records: Sequence[Record], today: date) -> dict[str, str]:
    since = today - timedelta(days=_LIFESTYLE_DAYS)
    evenings = [record for record in records if isinstance(record, CheckIn) and record.day > since]
    told = {}
    for key, (name, words) in _LIFESTYLE.items():
        answers = [evening.answers[key] for evening in evenings if key in evening.answers]
        if len(answers) >= _LEAST_DAYS:
            told[name] = words.format(sum(answers) / len(answers))
    return told


def _history(records: Sequence[Record], recent: Sequence[Episode], today: date) -> list[str]:
    """Return what stands in the person's own words: signs of an emergency may stand there, too."""
    since = today - timedelta(days=RECENT_DAYS)
    notes = [episode.note for episode in recent]
    notes += [record.note for record in records if isinstance(record, CheckIn) and record.day >= since]
    done = [
        f"{record.method} {record.product} {(today - record.on).days} days ago. {record.note}"
        for record in records
        if isinstance(record, Treatment) and (today - record.on).days <= TREATMENT_DAYS
    ]
    happened = [
        f"{record.what} {(today - record.on).days} days ago. {record.note}"
        for record in records
        if isinstance(record, Event) and (today - record.on).days <= TREATMENT_DAYS
    ]
    return [text.strip() for text in (*notes, *_unknown_ids(recent), *done, *happened) if text.strip()]


def _context(records: Sequence[Record], today: date) -> list[str]:
    has_botulinum = any(
        isinstance(record, Treatment)
        and "botulin" in f"{record.method} {record.product}".lower()
        and (today - record.on).days <= BOTULINUM_DAYS
        for record in records
    )
    return ["recent_botulinum_toxin"] if has_botulinum else []


def _known_ids(ids: Iterable[str]) -> list[str]:
    return [id for id in dict.fromkeys(ids) if id in load_knowledge().signs]


def _unknown_ids(episodes: Iterable[Episode]) -> list[str]:
    """Return ids of another version of the vocabulary as words: they are read like what the person wrote."""
    ids = dict.fromkeys(id for episode in episodes for id in (*episode.movements, *episode.companions))
    return [id.replace("_", " ") for id in ids if id not in load_knowledge().signs]
