"""What every import gives, and the ids of what it gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from philtrum.diary.days import Interval, covered_s, night_of
from philtrum.diary.records import Exposure, Record
from philtrum.errors import PhiltrumError

_NAMESPACE = uuid5(NAMESPACE_URL, "philtrum.diary.imports")


class ImportFileError(PhiltrumError, ValueError):
    """A file from which nothing can be imported."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file of another app gives.

    Parameters
    ----------
    source : str
        The app, for the reader.
    records : tuple of Record
        In no particular order.
    remarks : tuple of str
        What was left out, and why; whole sentences.
    """

    source: str
    records: tuple[Record, ...]
    remarks: tuple[str, ...] = ()


def content_id(*parts: object) -> UUID:
    """Return the id that follows from a record's content."""
    return uuid5(_NAMESPACE, "|".join(str(part) for part in parts))


def nights(asleep: Iterable[Interval], *, zone: str, source: str) -> list[Exposure]:
    """Return one record per night from stretches of sleep that may overlap, as when two devices saw them."""
    by_night: dict[date, list[Interval]] = {}
    for start, end in asleep:
        if end > start:
            by_night.setdefault(night_of(start, zone), []).append((start, end))
    return [_night(day, spans, zone, source) for day, spans in sorted(by_night.items())]


def zone_at(moment: datetime, offset_s: int | None, zone: str) -> str:
    """Return the zone of a record that only tells its offset: `zone` where that agrees, else a zone of that offset."""
    own = moment.astimezone(ZoneInfo(zone)).utcoffset()
    if offset_s is None or own == timedelta(seconds=offset_s) or offset_s % 3600 or abs(offset_s) > 12 * 3600:
        return zone
    hours = -offset_s // 3600  # the sign of these names is turned round (POSIX)
    return f"Etc/GMT{hours:+d}" if hours else "Etc/GMT"


def from_ms(milliseconds: float) -> datetime:
    """Return the moment of a Unix time in milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _night(day: date, spans: list[Interval], zone: str, source: str) -> Exposure:
    return Exposure(
        id=content_id(source, "sleep_hours", day),
        factor="sleep_hours",
        amount=min(covered_s(spans) / 3600, 24.0),
        started_at=min(start for start, _ in spans),
        ended_at=max(end for _, end in spans),
        zone=zone,
        source=source,
    )
