"""What the diary says about how soon to seek help; decided by `philtrum.advice`, shown at once on every path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import User

from philtrum.advice.advice import advise
from philtrum.advice.from_diary import RECENT_DAYS, TREATMENT_DAYS, facts_from_diary
from philtrum.web.clips.models import Clip
from philtrum.web.diary import store
from philtrum.web.diary.models import Sought

ALARMING = ("emergency", "same_day", "urgent")
"""Levels that are shown before everything else."""


@dataclass(frozen=True, slots=True)
class Told:
    """How soon to seek help, and why, as the pages show it.

    Parameters
    ----------
    level : str
        Level of `philtrum.advice`.
    do_now : str
        What to do.
    reasons : tuple of str
        Why, the gravest first.
    sought_on : date, optional
        The person said on this day that they sought help; signs noted before it count no more.
    """

    level: str
    do_now: str
    reasons: tuple[str, ...]
    sought_on: date | None = None

    @property
    def is_alarming(self) -> bool:
        """Whether it is to be shown before everything else."""
        return self.level in ALARMING


def urgency_of(owner: User, today: date) -> Told | None:
    """Return what the diary and the newest clip say about urgency; None where there is neither."""
    sought = Sought.objects.filter(owner=owner).first()
    first = today - timedelta(days=max(RECENT_DAYS, TREATMENT_DAYS))
    records = store.records_of(owner, "episode", "check_in", "treatment", "event", first=first)
    records += store.records_of(owner, "medicine")
    if sought is not None:
        told = store.entries_of(owner, "episode", "check_in").filter(saved_at__lte=sought.at)
        seen = set(told.values_list("record_id", flat=True))
        records = [record for record in records if record.id not in seen]
    measurement = _measurement(owner, today)
    if not records and measurement is None:
        return None
    found = advise(facts_from_diary(records, today=today, measurement=measurement), today=today)
    reasons = tuple(reason.text for reason in found.urgency.reasons)
    return Told(found.urgency.level, found.urgency.do_now, reasons, sought.at.date() if sought else None)


def _measurement(owner: User, today: date) -> dict[str, object] | None:
    newest = (
        Clip.objects.filter(owner=owner, state=Clip.State.MEASURED, added_at__date__gte=today - timedelta(RECENT_DAYS))
        .exclude(measurement=None)
        .first()
    )
    return newest.measurement if newest else None
