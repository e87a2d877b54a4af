"""Answers from a person's own days: what drives the twitching, and how it answered to treatments.

The verdict comes first, then the estimates drawn, then how they were computed and what is still needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from philtrum.diary.columns import COLUMNS
from philtrum.diary.days import day_table
from philtrum.diary.records import day_of
from philtrum.diary.table import DayTable
from philtrum.nof1.outcome import OutcomeError
from philtrum.nof1.response import LEAST_DAYS, LEAST_DAYS_BEFORE, Response, estimate_response
from philtrum.nof1.triggers import TriggerReport, find_triggers
from philtrum.report.forest import render_forest
from philtrum.report.response_chart import render_response
from philtrum.report.response_words import answer_sentence, details
from philtrum.report.trigger_words import GROUPS, explanation, group_of, name_of, summary
from philtrum.web.access.ownership import signed_in
from philtrum.web.diary import store
from philtrum.web.diary.factors import labels_of
from philtrum.web.diary.pages.charts import measured_clips
from philtrum.web.diary.zones import today, zone_of

_WIDTHS = {"wide": 860, "narrow": 340}


@dataclass(frozen=True, slots=True)
class Group:
    """Triggers with the same kind of verdict: a heading, and names with their words; the same words stand once."""

    key: str
    heading: str
    rows: list[tuple[str, str]]


@require_safe
def what_drives_it(request: HttpRequest) -> HttpResponse:
    """Weigh the diary up to yesterday: today is not over, and its evening is not written down."""
    owner, now = signed_in(request), today(request)
    table = day_table(store.records_of(owner, "episode", "check_in", "exposure", "dose", last=now), last_day=now)
    past = table.rows(0, table.n_days - 1) if table.n_days > 1 else table
    try:
        report = find_triggers(_with_own_names(past, owner))
    except OutcomeError:
        return render(request, "drivers/what_drives_it.html", {"report": None})
    context = {
        "report": report,
        "summary": summary(report),
        "charts": _draw(report) if any(trigger.links for trigger in report.triggers) else {},
        "groups": list(_groups(report)),
        "has_claim": any(group_of(trigger) == "more" for trigger in report.triggers),
    }
    return render(request, "drivers/what_drives_it.html", context)


@require_safe
def treatments(request: HttpRequest) -> HttpResponse:
    """Lay the treatments of the diary over what was noticed and what was measured in clips."""
    owner, now = signed_in(request), today(request)
    given = store.records_of(owner, "treatment", last=now)
    days = sorted({day for record in given if (day := day_of(record)) is not None})
    records = store.records_of(owner, "episode", "check_in", last=now)
    table = _with_clips(day_table(records, last_day=now), owner, zone_of(request))
    covered = [day for day in days if table.first_day <= day]
    try:
        found = estimate_response(table, covered) if covered else None
    except OutcomeError:
        found = None
    drawn = found is not None and len(found.days) > 0
    context = {
        "n_treatments": len(days),
        "n_left_out": len(days) - len(covered),
        "found": found,
        "sentence": answer_sentence(found.overall) if found else "",
        "details": details(found.overall) if found else "",
        "cycles": [(answer_sentence(cycle), details(cycle)) for cycle in found.cycles] if found and drawn else [],
        "charts": _draw_response(found) if found and drawn else {},
        "least_days": LEAST_DAYS,
        "least_before": LEAST_DAYS_BEFORE,
    }
    return render(request, "drivers/treatments.html", context)


def _with_clips(table: DayTable, owner: User, zone: str) -> DayTable:
    """Add the twitches per minute of good clips, as the mean of each day."""
    rates: dict[date, list[float]] = defaultdict(list)
    for measured in measured_clips(owner, zone):
        if measured.is_good and table.first_day <= measured.on <= table.last_day:
            rates[measured.on].append(measured.rate_per_min)
    if not rates:
        return table
    means = np.array([np.mean(rates[day]) if day in rates else np.nan for day in table.days])
    return DayTable(table.first_day, {**table.columns, "rate_per_min": means})


def _draw_response(found: Response) -> dict[str, SafeString]:
    return {
        name: mark_safe(render_response(found, width=width, id_prefix=f"response-{name}"))  # noqa: S308 - made by us
        for name, width in _WIDTHS.items()
    }


def _draw(report: TriggerReport) -> dict[str, SafeString]:
    return {
        name: mark_safe(render_forest(report, width=width, id_prefix=f"forest-{name}"))  # noqa: S308 - made by us
        for name, width in _WIDTHS.items()
    }


def _with_own_names(table: DayTable, owner: User) -> DayTable:
    """Call a person's own factors as the person does."""
    labels = {key: asked.label for key, asked in labels_of(owner).items() if key not in COLUMNS}
    return DayTable(table.first_day, {labels.get(name, name): values for name, values in table.columns.items()})


def _groups(report: TriggerReport) -> Iterator[Group]:
    for key, heading in GROUPS.items():
        by_words: dict[str, list[str]] = {}
        for trigger in report.triggers:
            if group_of(trigger) == key:
                by_words.setdefault(explanation(trigger, report.outcome), []).append(name_of(trigger.name))
        if by_words:
            yield Group(key, heading, [(_upper(", ".join(names)), _upper(words)) for words, names in by_words.items()])


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
