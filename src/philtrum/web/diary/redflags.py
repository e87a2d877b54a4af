"""What the diary says about how soon to seek help; decided by `philtrum.advice`, shown at once on every path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from philtrum.advice.advice import advise
from philtrum.advice.from_diary import REACH_DAYS, RECENT_DAYS, TREATMENT_DAYS, facts_from_diary
from philtrum.advice.urgency import Reason
from philtrum.web.clips.models import Clip
from philtrum.web.diary import store
from philtrum.web.diary.models import Entry, Sought

ALARMING = ("emergency", "same_day", "urgent")
"""Levels that are shown before everything else."""


_MOST_DAYS = 400  # over a year of twitching is "long", however much longer it is


@dataclass(frozen=True, slots=True)
class Told:
    """How soon to seek help, and why, as the pages show it.

    Parameters
    ----------
    level : str
        Level of `philtrum.advice`.
    do_now : str
        What to do.
    reasons : tuple of Reason
        Why this level; what speaks for a lesser one is left out.
    sought_on : date, optional
        The person said on this day that they sought help; signs noted before it count no more.
    """

    level: str
    do_now: str
    reasons: tuple[Reason, ...]
    sought_on: date | None = None

    @property
    def is_alarming(self) -> bool:
        """Whether it is to be shown before everything else."""
        return self.level in ALARMING


def urgency_of(owner: User, today: date) -> Told | None:
    """Return what the diary and the newest clip say about urgency; None where there is neither."""
    facts = facts_of(owner, today)
    if facts is None:
        return None
    found = advise(facts, today=today)
    reasons = tuple(reason for reason in found.urgency.reasons if reason.level == found.urgency.level)
    sought = Sought.objects.filter(owner=owner).first()
    return Told(found.urgency.level, found.urgency.do_now, reasons, sought.at.date() if sought else None)


def facts_of(owner: User, today: date) -> dict[str, Any] | None:
    """Return what the diary and the newest clip tell as facts for advice; None where there is neither.

    What was written down before the person said that they sought help counts no more.
    """
    sought = Sought.objects.filter(owner=owner).first()
    told = store.entries_of(owner, "episode", "check_in")
    if sought is not None:
        told = told.filter(saved_at__gt=sought.at)
    since = today - timedelta(days=REACH_DAYS)
    records = [entry.record for entry in told.filter(day__gte=since)]
    records += store.records_of(owner, "treatment", "event", first=today - timedelta(days=TREATMENT_DAYS))
    records += store.records_of(owner, "medicine")
    measurement = _measurement(owner, today)
    if not records and measurement is None:
        return None
    return facts_from_diary(
        records, today=today, earlier_days=_days_with_twitches(told.filter(day__lt=since)), measurement=measurement
    )


def _days_with_twitches(entries: QuerySet[Entry]) -> set[date]:
    """Return the days on which it twitched, without reading the entries themselves: they may be tens of thousands."""
    twitched = Q(kind="episode") | Q(kind="check_in", data__has_twitched=True)
    days = entries.filter(twitched).order_by("-day").values_list("day", flat=True).distinct()
    return {day for day in days[:_MOST_DAYS] if day is not None}


def _measurement(owner: User, today: date) -> dict[str, object] | None:
    newest = (
        Clip.objects.filter(owner=owner, state=Clip.State.MEASURED, added_at__date__gte=today - timedelta(RECENT_DAYS))
        .exclude(measurement=None)
        .first()
    )
    return newest.measurement if newest else None
