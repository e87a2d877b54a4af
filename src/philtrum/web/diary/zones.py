"""Which time zone the person is in: what their browser says, or else this machine's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from philtrum.diary.checks import RecordError, check_zone

COOKIE = "philtrum-zone"
"""Set by the pages' own script; holds the name of the zone and nothing else."""


def zone_of(request: HttpRequest) -> str:
    """Return the IANA name of the zone in which the person is now."""
    named = request.COOKIES.get(COOKIE, "")
    try:
        check_zone(named)
    except RecordError:
        return str(settings.TIME_ZONE)
    return named


def now_in(zone: str) -> datetime:
    """Return the present moment, by the clocks of a zone."""
    return datetime.now(UTC).astimezone(ZoneInfo(zone))


def today(request: HttpRequest) -> date:
    """Return the person's present date."""
    return now_in(zone_of(request)).date()
