"""The evening's questions, as the home page and the page of a day show them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.http import QueryDict

from philtrum.diary.records import CheckIn
from philtrum.diary.text import answer_text
from philtrum.web.diary import store
from philtrum.web.diary.factors import Asked, asked_of
from philtrum.web.diary.forms import CheckInForm


def check_in_form(owner: User, day: date, zone: str, sent: QueryDict | None = None) -> CheckInForm:
    """Return the form for a day's check-in, holding what was answered before."""
    known, asked = store.check_in_of(owner, day), asked_of(owner)
    keys = [factor.key for factor in asked]
    initial = _initial(known, keys)
    return CheckInForm(sent, initial=initial, record_id=uuid4(), zone=zone, day=day, factors=keys, known=known)


def check_in_context(owner: User, day: date, zone: str, form: CheckInForm | None = None) -> dict[str, Any]:
    """Return what the template of the check-in needs."""
    form = form or check_in_form(owner, day, zone)
    earlier = store.check_in_of(owner, day - timedelta(days=1))
    n_logged = store.entries_of(owner, "episode").filter(day=day).count()
    return {
        "form": form,
        "check_in": form.known,
        "check_in_day": day,
        "n_logged": n_logged,
        "questions": [_question(factor, form, earlier) for factor in asked_of(owner)],
    }


def _initial(known: CheckIn | None, keys: list[str]) -> dict[str, Any]:
    if known is None:
        return {}
    answers = {f"answer_{key}": known.answers[key] for key in keys if key in known.answers}
    twitched = {True: "yes", False: "no", None: ""}[known.has_twitched]
    return {"has_twitched": twitched, "n_episodes": known.n_episodes, "note": known.note, **answers}


def _question(factor: Asked, form: CheckInForm, earlier: CheckIn | None) -> dict[str, Any]:
    name = f"answer_{factor.key}"
    chosen = form[name].value()
    value = _as_number(chosen)
    hint = earlier.answers.get(factor.key) if earlier else None
    choices = [
        {
            "value": f"{choice:g}",
            "label": _label(factor, choice),
            "is_chosen": value == choice,
            "is_hint": hint == choice,
        }
        for choice in factor.choices
    ]
    is_other = value is not None and value not in factor.choices
    other = form[f"other_{factor.key}"].value() or (f"{value:g}" if is_other and value is not None else "")
    return {
        "factor": factor,
        "name": name,
        "choices": choices,
        "other_name": f"other_{factor.key}",
        "other": other,
        "errors": [*form[name].errors, *form[f"other_{factor.key}"].errors, *form.errors.get(factor.key, [])],
        "yesterday": answer_text(factor.key, hint, factor.unit) if hint is not None else "",
        "takes_other": factor.answered_as != "yes_no",
    }


def _label(factor: Asked, choice: float) -> str:
    if factor.answered_as == "yes_no":
        return "yes" if choice else "no"
    return f"{choice:g}"


def _as_number(value: object) -> float | None:
    try:
        return float(str(value)) if value not in (None, "") else None
    except ValueError:
        return None
