"""Addresses of the diary."""

from __future__ import annotations

from datetime import date

from django.urls import path, register_converter

from philtrum.web.diary.pages import away, charts, days, entries, home, more


class DayConverter:
    """A date in an address: 2026-03-31."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read the date; an impossible one matches nothing."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Write the date."""
        return value.isoformat()


class MonthConverter(DayConverter):
    """A month in an address: 2026-03."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read the month as its first day."""
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        """Write the month."""
        return f"{value:%Y-%m}"


register_converter(DayConverter, "day")
register_converter(MonthConverter, "month")

urlpatterns = [
    path("", home.home, name="home"),
    path("away", away.away, name="away"),
    path("service-worker.js", away.service_worker, name="service-worker"),
    path("log", home.log, name="diary-log"),
    path("days/<day:on>/", days.day, name="diary-day"),
    path("days/<day:on>/check-in", days.check_in, name="diary-check-in"),
    path("days/<day:day>/spell", entries.new_episode, name="diary-new-episode"),
    path("calendar/", days.month, name="diary-this-month"),
    path("calendar/<month:on>/", days.month, name="diary-month"),
    path("charts/", charts.charts, name="diary-charts"),
    path("entries/new/<slug:kind>", entries.new, name="diary-new"),
    path("entries/<uuid:record_id>/", entries.entry, name="diary-entry"),
    path("entries/<uuid:record_id>/stop", entries.stop, name="diary-stop"),
    path("entries/<uuid:record_id>/undo", entries.undo, name="diary-undo"),
    path("entries/<uuid:record_id>/remove", entries.remove, name="diary-remove"),
    path("entries/<uuid:record_id>/bring-back", entries.bring_back, name="diary-bring-back"),
    path("entries/<uuid:record_id>/history", entries.history, name="diary-history"),
    path("sought", entries.sought, name="diary-sought"),
    path("more/", more.more, name="diary-more"),
    path("more/questions", more.factors, name="diary-factors"),
    path("more/questions/add", more.add_factor, name="diary-add-factor"),
    path("more/data", more.data, name="diary-data"),
    path("more/data/export.zip", more.export, name="diary-export"),
    path("more/data/days.csv", more.export_days, name="diary-export-days"),
    path("more/data/import", more.import_file, name="diary-import"),
    path("more/data/delete", more.delete_all, name="diary-delete-all"),
    path("more/reminder.ics", more.reminder, name="diary-reminder"),
]
