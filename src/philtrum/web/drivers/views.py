"""What drives it: the verdict first, then the estimates drawn, then how they were computed and what is still needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from philtrum.diary.columns import COLUMNS
from philtrum.diary.days import day_table
from philtrum.diary.table import DayTable
from philtrum.nof1.outcome import OutcomeError
from philtrum.nof1.triggers import TriggerReport, find_triggers
from philtrum.report.forest import render_forest
from philtrum.report.trigger_words import GROUPS, explanation, group_of, name_of, summary
from philtrum.web.access.ownership import signed_in
from philtrum.web.diary import store
from philtrum.web.diary.factors import labels_of
from philtrum.web.diary.zones import today

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
