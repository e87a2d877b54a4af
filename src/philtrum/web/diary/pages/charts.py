"""Charts: spells, factors, measurements, medicines and treatments on one time axis; and what came with the spells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from philtrum.diary.days import day_table
from philtrum.diary.medicines import Medicine, Treatment
from philtrum.diary.records import Episode, Event, Record, day_of, local_day
from philtrum.diary.table import DayTable
from philtrum.report.day_chart import NARROW, WIDE, Course, Lane, Mark, Measured, render_days
from philtrum.web.access.ownership import signed_in
from philtrum.web.clips.models import Clip
from philtrum.web.diary import store
from philtrum.web.diary.factors import Asked, labels_of
from philtrum.web.diary.words import movements, symptoms
from philtrum.web.diary.zones import today, zone_of

SPANS = ((30, _("30 days")), (90, _("90 days")), (365, _("1 year")), (0, _("All")))


@require_safe
def charts(request: HttpRequest) -> HttpResponse:
    """Draw the days of the chosen span."""
    owner, now = signed_in(request), today(request)
    span = next((days for days, _words in SPANS if str(days) == request.GET.get("days")), SPANS[1][0])
    first = now - timedelta(days=span - 1) if span else None
    records = store.records_of(owner, "episode", "check_in", "exposure", "dose", first=first, last=now)
    table = _with_all_days(day_table(records, last_day=now), first)
    lanes = [
        Lane("episodes", _("Spells a day")),
        *([Lane("minutes", _("Minutes of twitching"), "min")] if "minutes" in table.columns else []),
        *(_factor_lanes(owner, table)),
    ]
    drawn = {
        name: mark_safe(  # noqa: S308 - made by us; its texts are escaped there
            render_days(
                table,
                lanes,
                courses=_courses(store.records_of(owner, "medicine")),
                marks=_marks(store.records_of(owner, "treatment", "event")),
                measured=measured_clips(owner, zone_of(request)),
                layout=layout,
                id_prefix=f"days-{name}",
            )
        )
        for name, layout in (("wide", WIDE), ("narrow", NARROW))
    }
    episodes = [record for record in records if isinstance(record, Episode)]
    context = {
        "charts": drawn if records else {},
        "spans": SPANS,
        "span": span,
        "n_episodes": len(episodes),
        "n_recalled": sum(episode.logged == "recalled" for episode in episodes),
        "companions": _shares(episodes, "companions", symptoms()),
        "movements": _shares(episodes, "movements", movements()),
        "sides": _side_shares(episodes),
    }
    return render(request, "diary/charts.html", context)


def _with_all_days(table: DayTable, first: date | None) -> DayTable:
    """Return the table from `first` on, whether or not anything was recorded at its start."""
    n_before = (table.first_day - first).days if first else 0
    if first is None or n_before <= 0:
        return table
    blank = np.full(n_before, np.nan)
    return DayTable(first, {name: np.concatenate([blank, values]) for name, values in table.columns.items()})


def _factor_lanes(owner: User, table: DayTable) -> list[Lane]:
    labels = labels_of(owner)
    keys = [name for name, values in table.columns.items() if name not in ("episodes", "minutes") and _any(values)]
    known = sorted(keys, key=lambda key: not (key in labels and labels[key].is_active))
    return [Lane(key, labels[key].label if key in labels else key, _unit(labels, key)) for key in known]


def _unit(labels: Mapping[str, Asked], key: str) -> str:
    factor = labels.get(key)
    return {"scale": _("0 to 10"), "yes_no": _("1 = yes")}.get(factor.answered_as, factor.unit) if factor else ""


def _any(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return bool(np.isfinite(values).any())


def _courses(records: Sequence[Record]) -> list[Course]:
    return [
        Course(
            f"{record.name} {record.dose}".strip(),
            record.started_on,
            record.stopped_on,
            tuple((change.on, change.dose) for change in record.changes),
        )
        for record in records
        if isinstance(record, Medicine)
    ]


def _marks(records: Sequence[Record]) -> list[Mark]:
    marks = []
    for record in records:
        on = day_of(record)
        if isinstance(record, Treatment) and on:
            marks.append(Mark(on, f"{record.method} {record.product}".strip(), is_treatment=True))
        elif isinstance(record, Event) and on:
            marks.append(Mark(on, record.what))
    return marks


def measured_clips(owner: User, zone: str) -> list[Measured]:
    """Return the twitches per minute of every clip that could be measured, by local day."""
    found = []
    for clip in Clip.objects.filter(owner=owner, state=Clip.State.MEASURED).exclude(measurement=None):
        facts = clip.measurement or {}
        if facts["quality"]["verdict"] != "refused" and facts["summary"]["rate_per_min"] is not None:
            is_good = facts["quality"]["verdict"] == "good"
            found.append(Measured(local_day(clip.added_at, zone), float(facts["summary"]["rate_per_min"]), is_good))
    return found


def _shares(episodes: Sequence[Episode], name: str, words: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """Return words, count and share of the described spells in %, the most frequent first."""
    described = [ids for episode in episodes if (ids := getattr(episode, name))]
    counts = Counter(id for ids in described for id in ids)
    return [(words.get(id, id), n, round(100 * n / len(described))) for id, n in counts.most_common()]


def _side_shares(episodes: Sequence[Episode]) -> list[tuple[str, int, int]]:
    names = {"left": _("your left"), "right": _("your right"), "both": _("both sides"), "middle": _("the middle")}
    counts = Counter(episode.side for episode in episodes if episode.side)
    n_known = sum(counts.values())
    return [(names[side], n, round(100 * n / n_known)) for side, n in counts.most_common()]
