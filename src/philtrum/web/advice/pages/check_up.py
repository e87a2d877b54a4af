"""The check-up: one question per page, the result, and the answers to look at again or delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from philtrum.advice.advice import Advice, advise
from philtrum.advice.causes import FITS
from philtrum.advice.entries import LEVELS, Question
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.remedies import NO_REMEDY_LEVELS
from philtrum.advice.urgency import SENTENCE, Reason
from philtrum.errors import PhiltrumError
from philtrum.web.access.ownership import all_owned, signed_in
from philtrum.web.advice import answers as form
from philtrum.web.advice.evidence import with_diary
from philtrum.web.advice.interview import interview_of, keep_answer, questions
from philtrum.web.advice.models import CheckUp
from philtrum.web.diary.zones import today

# A check-up tells about the days in which it was made; after a week it is worth another look.
FRESH_DAYS = 7
# The questions about what needs an ambulance or a doctor today.
DANGERS = ("emergency", "today")
CALM_SOURCES = ("nhs_twitching", "twitch_stroke_qa")


@require_safe
def check_up(request: HttpRequest) -> HttpResponse:
    """Begin with the emergency question, offer to go on with a check-up that was stopped, or show the result."""
    row = _row(request)
    interview = interview_of(row)
    if row is None or not interview.answered:
        return redirect("check-up-question", interview.open[0].id)
    if not interview.open:
        return redirect("check-up-result")
    return render(request, "advice/resume.html", {"row": row, "interview": interview})


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, question_id: str) -> HttpResponse:
    """Ask a question, or take its answer and go to the next."""
    asked = questions().get(question_id)
    if asked is None:
        raise Http404
    if request.method != "POST":
        return _ask(request, asked)
    if request.POST.get("go") == "more":
        rows = form.medicine_rows(request.POST)
        return _ask(request, asked, rows=form.with_empty(rows, len(rows) + form.MORE_ROWS))
    try:
        chosen = form.read_answer(asked, request.POST)
    except PhiltrumError as error:
        return _ask(request, asked, error=error)
    interview = interview_of(keep_answer(signed_in(request), asked, chosen))
    if not interview.open:
        return redirect("check-up-result")
    return redirect("check-up-question", interview.open[0].id)


@require_safe
def result(request: HttpRequest) -> HttpResponse:
    """Show the advice: the level first, then why, what to do, what fits, medicines and remedies."""
    row = _row(request)
    interview = interview_of(row)
    if row is None or not interview.answered:
        return redirect("check-up")
    age_days = (timezone.now() - row.answered_at).days
    facts = with_diary(interview.facts, signed_in(request), today(request))
    context = {
        **_told(advise(facts, today=today(request))),
        "row": row,
        "interview": interview,
        "unknown_dangers": [one for one in interview.unknown if one.id in DANGERS],
        "unknown_others": [one for one in interview.unknown if one.id not in DANGERS],
        "age_days": age_days if age_days > FRESH_DAYS else None,
    }
    return render(request, "advice/result.html", context)


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """List the answers, each with a way to change it."""
    row = _row(request)
    interview = interview_of(row)
    if row is None or not interview.answered:
        return redirect("check-up")
    return render(request, "advice/answers.html", {"row": row, "interview": interview})


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Delete the answers and begin anew."""
    all_owned(CheckUp, request).delete()
    return redirect("check-up")


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Ask, then delete the check-up for good."""
    if request.method != "POST":
        return render(request, "advice/delete.html", {"row": _row(request)})
    all_owned(CheckUp, request).delete()
    return render(request, "advice/delete.html", {"is_deleted": True})


@require_safe
def emergency(request: HttpRequest) -> HttpResponse:
    """Show every sign of the check-up that wants an ambulance or a doctor today, and what to do."""
    context = {"groups": [_dangers_of(level) for level in LEVELS[:2]], "calm_sources": CALM_SOURCES}
    return render(request, "advice/emergency.html", context)


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs in plain words that one rule speaks of, and the rule: what to do about them, and its sources."""

    texts: tuple[str, ...]
    reason: Reason


def _row(request: HttpRequest) -> CheckUp | None:
    return all_owned(CheckUp, request).first()


def _ask(
    request: HttpRequest,
    asked: Question,
    *,
    rows: list[form.MedicineRow] | None = None,
    error: PhiltrumError | None = None,
) -> HttpResponse:
    interview = interview_of(_row(request))
    chosen: Any = interview.given(asked)
    words = chosen if isinstance(chosen, str | float | int) else ""
    ticked = chosen if isinstance(chosen, list) else ()
    if error is not None:
        rows = form.with_empty(form.medicine_rows(request.POST), form.LEAST_ROWS)
        ticked, words = request.POST.getlist("choice"), request.POST.get("words", "")
    number, n_all = interview.number(asked)
    context = {
        "question": asked,
        "choices": [(choice, choice.id in ticked) for choice in asked.choices],
        "words": f"{words:g}" if isinstance(words, float | int) else words,
        "rows": rows or form.rows_of(chosen),
        "times": form.TIMES,
        "number": number,
        "n_all": n_all,
        "before": interview.before(asked),
        "has_answers": bool(interview.answered),
        "error": error,
    }
    return render(request, "advice/question.html", context, status=422 if error else 200)


def _told(advice: Advice) -> dict[str, object]:
    """Return what the result page shows: the most urgent reasons apart from the rest, the first cause from others."""
    level = load_knowledge().levels[advice.urgency.level]
    first, *rest = SENTENCE.findall(advice.urgency.do_now) or [level.text]
    reasons = advice.urgency.reasons
    poor = [cause for cause in advice.causes[1:] if cause.fit == FITS[-1]]
    return {
        "advice": advice,
        "causes": [cause for cause in advice.causes if cause not in poor],
        "poor_causes": poor,
        "level": level,
        "is_alarm": level.id in NO_REMEDY_LEVELS,
        "do_first": first,
        "do_then": rest,
        "reasons": [reason for reason in reasons if reason.level == level.id],
        "more_reasons": [reason for reason in reasons if reason.level != level.id],
        "own": [remedy for remedy in advice.remedies if remedy.offer == "try"],
        "offered": [remedy for remedy in advice.remedies if remedy.offer != "try"],
    }


def _dangers_of(level: str) -> dict[str, object]:
    """Return the signs of the check-up that alone lead to a level, by the rule that says so."""
    texts: dict[str, list[str]] = {}
    reasons: dict[str, Reason] = {}
    for choice in (choice for id in DANGERS for choice in questions()[id].choices):
        urgency = advise({"context_tags": list(choice.sets)}).urgency
        if urgency.level == level:
            reason = urgency.reasons[0]
            reasons[reason.rule] = reason
            texts.setdefault(reason.rule, []).append(choice.text)
    signs = [Signs(tuple(texts[rule]), reason) for rule, reason in reasons.items()]
    return {"level": load_knowledge().levels[level], "signs": signs}
