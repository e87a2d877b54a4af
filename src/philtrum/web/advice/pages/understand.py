"""Pages made from the knowledge: movements, causes, medicines, remedies, claims of the web, sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from philtrum.advice.entries import Cause, Medicine, Remedy
from philtrum.advice.knowledge import load_knowledge
from philtrum.report.strips import render_strip
from philtrum.web.advice.wording import CAUSE_GROUPS, REMEDY_KINDS, has_link

Row = TypeVar("Row", Cause, Remedy)

MOST_SIGNS = 10
# A weight of at least this is typical of a cause, or speaks clearly against it.
TYPICAL, AGAINST = 1.5, -2.0


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Lead to everything there is to read."""
    knowledge = load_knowledge()
    context = {
        "knowledge": knowledge,
        "causes": _grouped(knowledge.causes.values(), "group", CAUSE_GROUPS),
        "remedies": _grouped(knowledge.remedies, "kind", REMEDY_KINDS),
    }
    return render(request, "advice/understand.html", context)


@require_safe
def movements(request: HttpRequest) -> HttpResponse:
    """Tell the movements apart, each with a strip of trace."""
    knowledge = load_knowledge()
    rows = [
        (movement, mark_safe(render_strip(movement)), [knowledge.causes[id] for id in movement.causes])  # noqa: S308 - made by us
        for movement in knowledge.movements
    ]
    return render(request, "advice/movements.html", {"rows": rows})


@require_safe
def cause(request: HttpRequest, cause_id: str) -> HttpResponse:
    """Describe one cause."""
    knowledge = load_knowledge()
    shown = knowledge.causes.get(cause_id)
    if shown is None:
        raise Http404
    context = {
        "cause": shown,
        "group": CAUSE_GROUPS.get(shown.group, shown.group),
        "signs_for": _signs(shown, typical=True),
        "signs_against": _signs(shown, typical=False),
        "remedies": [one for one in knowledge.remedies if shown.id in one.causes and one.kind != "avoid"],
    }
    return render(request, "advice/cause.html", context)


@require_safe
def medicines(request: HttpRequest, group_id: str) -> HttpResponse:
    """Describe one group of medicines."""
    knowledge = load_knowledge()
    group = knowledge.groups.get(group_id)
    if group is None:
        raise Http404
    of_group = [one for one in knowledge.medicines if one.kind in group.kinds]
    context = {
        "group": group,
        "linked": [(one, _effects(one), knowledge.stops[one.stop]) for one in of_group if has_link(one)],
        "others": [one for one in of_group if not has_link(one)],
    }
    return render(request, "advice/medicines.html", context)


@require_safe
def remedy(request: HttpRequest, remedy_id: str) -> HttpResponse:
    """Describe one remedy."""
    knowledge = load_knowledge()
    shown = next((one for one in knowledge.remedies if one.id == remedy_id), None)
    if shown is None:
        raise Http404
    context = {
        "remedy": shown,
        "kind": REMEDY_KINDS[shown.kind],
        "causes": [knowledge.causes[id] for id in shown.causes],
        "not_if": [knowledge.signs[id] for id in shown.not_if if "+" not in id],
        "careful": [(knowledge.signs.get(id, id), text) for id, text in shown.careful_if.items()],
    }
    return render(request, "advice/remedy.html", context)


@require_safe
def myths(request: HttpRequest) -> HttpResponse:
    """Set right what is often said on the web."""
    return render(request, "advice/myths.html", {"myths": load_knowledge().myths})


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """List the sources."""
    listed = sorted(load_knowledge().sources.values(), key=lambda one: (not one.seen, one.publisher or one.title))
    return render(request, "advice/sources.html", {"sources": listed})


def _grouped(rows: Iterable[Row], name: str, words: dict[str, str]) -> list[tuple[str, list[Row]]]:
    listed = list(rows)
    groups = ((heading, [row for row in listed if getattr(row, name) == id]) for id, heading in words.items())
    return [(heading, group) for heading, group in groups if group]


def _signs(cause: Cause, *, typical: bool) -> list[str]:
    """Return the signs that speak most for or against a cause, in words."""
    texts = load_knowledge().signs
    ranked = sorted(cause.evidence.items(), key=lambda row: -row[1] if typical else row[1])
    kept = [sign for sign, weight in ranked if (weight >= TYPICAL if typical else weight <= AGAINST)]
    return [" and ".join(texts[one] for one in sign.split("+")) for sign in kept[:MOST_SIGNS]]


def _effects(medicine: Medicine) -> list[str]:
    effects = load_knowledge().effects
    return [effects[id].text for id in medicine.movements if id != "treats"]
