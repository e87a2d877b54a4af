"""Keeping records: the only place that writes rows of the diary.

Every function takes the owner, so that no row of another person is reached.
A write is one transaction; writers queue (SQLite's IMMEDIATE), so two tabs
that write at once come one after the other and neither is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from philtrum.diary.checks import RecordError
from philtrum.diary.medicines import Dose
from philtrum.diary.merge import Merged, merge
from philtrum.diary.plain import kind_of, record_from_plain, to_plain
from philtrum.diary.records import CheckIn, Episode, Exposure, Record, day_of
from philtrum.web.diary.models import Entry, Revision, Sought

_AT_ONCE = 2000  # rows per statement of an import


def entries_of(owner: User, *kinds: str) -> QuerySet[Entry]:
    """Return a person's entries that are not removed, by day and time; of some kinds, or all."""
    found = Entry.objects.filter(owner=owner, removed_at__isnull=True)
    return (found.filter(kind__in=kinds) if kinds else found).order_by("day", "moment", "id")


def records_of(owner: User, *kinds: str, first: date | None = None, last: date | None = None) -> list[Record]:
    """Return a person's records, of some kinds, from the first to the last day, both included."""
    found = entries_of(owner, *kinds)
    if first is not None:
        found = found.filter(day__gte=first)
    if last is not None:
        found = found.filter(day__lte=last)
    return [record_from_plain(data) for data in found.values_list("data", flat=True)]


def add(owner: User, record: Record) -> Entry:
    """Store a record, once: if its id is there already, return what is there, untouched.

    Raises
    ------
    RecordError: ``record-check-in-twice`` if the day has another check-in.
    """
    with transaction.atomic():
        known = Entry.objects.filter(owner=owner, record_id=record.id).first()
        if known is not None:
            return known
        if isinstance(record, CheckIn) and check_in_of(owner, record.day) is not None:
            what = f"{record.day.isoformat()} has a check-in already."
            raise RecordError("record-check-in-twice", what, "Open that day and change it there.", "day")
        return Entry.objects.create(owner=owner, record_id=record.id, saved_at=timezone.now(), **_columns(record))


def change(owner: User, record: Record) -> Entry:
    """Replace the record of the same id; what it was stays as a revision. A record that is equal changes nothing."""
    with transaction.atomic():
        entry = Entry.objects.select_for_update().get(owner=owner, record_id=record.id)
        _replace(entry, record)
        return entry


def link_clip(owner: User, record_id: UUID, clip_id: UUID) -> None:
    """Add a clip to those that show a spell; nothing happens where the person has no such spell."""
    with transaction.atomic():
        entry = entries_of(owner, "episode").filter(record_id=record_id).first()
        record = entry.record if entry else None
        if entry is not None and isinstance(record, Episode) and clip_id not in record.clips:
            _replace(entry, replace(record, clips=(*record.clips, clip_id)))


def put_check_in(owner: User, record: CheckIn) -> Entry:
    """Store the check-in of a day, in the place of the one that is there."""
    with transaction.atomic():
        known = Entry.objects.filter(owner=owner, kind="check_in", day=record.day, removed_at__isnull=True).first()
        if known is None:
            return add(owner, record)
        _replace(known, _with_id(record, known.record_id))
        return known


def check_in_of(owner: User, day: date) -> CheckIn | None:
    """Return the check-in of a day, if there is one."""
    entry = entries_of(owner, "check_in").filter(day=day).first()
    found = entry.record if entry else None
    return found if isinstance(found, CheckIn) else None


def remove(owner: User, record_id: UUID) -> None:
    """Take an entry out of the diary; it can be brought back."""
    Entry.objects.filter(owner=owner, record_id=record_id, removed_at__isnull=True).update(removed_at=timezone.now())


def bring_back(owner: User, record_id: UUID) -> bool:
    """Undo a removal; return whether that was possible (not if the day has got another check-in since)."""
    with transaction.atomic():
        entry = Entry.objects.filter(owner=owner, record_id=record_id, removed_at__isnull=False).first()
        if entry is None:
            return False
        if entry.kind == "check_in" and entry.day and check_in_of(owner, entry.day) is not None:
            return False
        Entry.objects.filter(pk=entry.pk).update(removed_at=None)
        return True


def take_in(owner: User, incoming: Iterable[Record], *, revives: bool = False) -> Merged:
    """Put imported records into the diary, all or none; see `philtrum.diary.merge` for the rules.

    Parameters
    ----------
    owner : User
        Whose diary.
    incoming : iterable of Record
        What was read from a file.
    revives : bool
        Bring back removed entries that the file holds: for a person's own export, which they read in to get them back.
    """
    incoming = list(incoming)
    with transaction.atomic():
        removed = set(Entry.objects.filter(owner=owner, removed_at__isnull=False).values_list("record_id", flat=True))
        n_revived = 0
        if revives:
            wanted = removed & {record.id for record in incoming}
            n_revived = sum(bring_back(owner, record_id) for record_id in wanted)
            removed -= wanted
        merged = merge(records_of(owner), incoming, removed=removed)
        now = timezone.now()
        rows = [Entry(owner=owner, record_id=record.id, saved_at=now, **_columns(record)) for record in merged.added]
        Entry.objects.bulk_create(rows, batch_size=_AT_ONCE)
        for record in merged.changed:
            _replace(Entry.objects.get(owner=owner, record_id=record.id), record)
    return Merged(merged.added, merged.changed, merged.n_known - n_revived, n_revived)


def delete_all(owner: User) -> int:
    """Delete a person's whole diary for good, history and removed entries included; return how many entries it had."""
    with transaction.atomic():
        n_entries = Entry.objects.filter(owner=owner).count()
        Entry.objects.filter(owner=owner).delete()
        Sought.objects.filter(owner=owner).delete()
    return n_entries


def _replace(entry: Entry, record: Record) -> None:
    columns = _columns(record)
    if columns["data"] == entry.data:
        return
    now = timezone.now()
    Revision.objects.create(entry=entry, data=entry.data, saved_at=entry.saved_at, replaced_at=now)
    for name, value in columns.items():
        setattr(entry, name, value)
    entry.saved_at = now
    entry.save()


def _columns(record: Record) -> dict[str, Any]:
    moment: datetime | None = None
    if isinstance(record, Episode | Exposure):
        moment = record.started_at
    elif isinstance(record, Dose):
        moment = record.taken_at
    return {"kind": kind_of(record), "day": day_of(record), "moment": moment, "data": to_plain(record)}


def _with_id(record: CheckIn, record_id: UUID) -> CheckIn:
    return replace(record, id=record_id)
