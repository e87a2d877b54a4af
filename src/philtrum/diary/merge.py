"""Putting incoming records beside those that are there: nothing twice, nothing of the person's own overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from philtrum.diary.records import CheckIn, Exposure, Factor, Record


@dataclass(frozen=True, slots=True)
class Merged:
    """What an import would do.

    Parameters
    ----------
    added : tuple of Record
        New ones.
    changed : tuple of Record
        Records that are there already and have gained something; same id.
    n_known : int
        Records that were there already.
    n_revived : int
        Removed ones that were brought back.
    """

    added: tuple[Record, ...]
    changed: tuple[Record, ...]
    n_known: int
    n_revived: int = 0


def merge(present: Iterable[Record], incoming: Iterable[Record], *, removed: Iterable[UUID] = ()) -> Merged:
    """Compare incoming records with those that are there.

    - The same id is the same record. It stays as it is, except that an amount
      which another app measures is brought up to date (a night still going on
      when the file was made).
    - There is one check-in per day: a second one only fills in what the first
      left open. There is one record per factor: the first one stays.
    - What was removed here does not come back.

    Parameters
    ----------
    present, incoming : iterable of Record
        The diary, and what a file holds.
    removed : iterable of UUID
        Ids of records that were removed.
    """
    by_id = {record.id: record for record in present}
    by_place = {place: record for record in by_id.values() if (place := _place(record)) is not None}
    gone = set(removed)
    added: dict[UUID, Record] = {}
    changed: dict[UUID, Record] = {}
    n_known = 0
    for record in incoming:
        place = _place(record)
        mine = by_id.get(record.id) or (by_place.get(place) if place else None)
        if record.id in gone and mine is None:
            n_known += 1
            continue
        if mine is None:
            added[record.id] = by_id[record.id] = record
            if place is not None:
                by_place[place] = record
            continue
        fuller = _filled(mine, record)
        if fuller == mine:
            n_known += 1
            continue
        by_id[fuller.id] = fuller
        if place is not None:
            by_place[place] = fuller
        (added if fuller.id in added else changed)[fuller.id] = fuller
    return Merged(tuple(added.values()), tuple(changed.values()), n_known)


def _place(record: Record) -> tuple[str, str] | None:
    """Return what there may be only one of."""
    if isinstance(record, CheckIn):
        return "check_in", record.day.isoformat()
    return ("factor", record.key) if isinstance(record, Factor) else None


def _filled(mine: Record, other: Record) -> Record:
    if isinstance(mine, Exposure) and isinstance(other, Exposure) and mine.id == other.id:
        return other
    if not (isinstance(mine, CheckIn) and isinstance(other, CheckIn)):
        return mine
    answers = {**other.answers, **mine.answers}
    told = other if mine.has_twitched is mine.n_episodes is mine.minutes is None else mine
    return replace(
        mine,
        answers=answers,
        note=mine.note or other.note,
        has_twitched=told.has_twitched,
        n_episodes=told.n_episodes,
        minutes=told.minutes,
    )
