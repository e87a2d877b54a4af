"""What a form of the check-up says, read and checked: a choice, a number, words, or medicines with their times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from philtrum.advice.entries import Question
from philtrum.advice.facts import read_facts
from philtrum.advice.questions import NONE, SKIP
from philtrum.errors import PhiltrumError

LEAST_ROWS, MORE_ROWS, MOST_ROWS = 3, 3, 40
LONGEST_NAME, LONGEST_WORDS = 100, 2000
# When something last changed with a medicine, and the days that stand for it: the middle of the span.
TIMES: tuple[tuple[str, Promise, Mapping[str, int]], ...] = (
    ("began_days", gettext_lazy("began in the last 2 weeks"), {"started_days_ago": 7}),
    ("began_weeks", gettext_lazy("began 2 weeks to 3 months ago"), {"started_days_ago": 45}),
    ("changed_days", gettext_lazy("dose changed in the last 2 weeks"), {"changed_days_ago": 7}),
    ("changed_weeks", gettext_lazy("dose changed 2 weeks to 3 months ago"), {"changed_days_ago": 45}),
    ("same", gettext_lazy("the same for over 3 months"), {"started_days_ago": 365}),
    ("stopped_days", gettext_lazy("stopped in the last 2 weeks"), {"stopped_days_ago": 7}),
    ("stopped_weeks", gettext_lazy("stopped longer ago"), {"stopped_days_ago": 60}),
)


class AnswerError(PhiltrumError, ValueError):
    """A form of the check-up that cannot be taken as it is."""


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """One line of the medicines' form."""

    number: int
    name: str = ""
    when: str = ""


def read_answer(question: Question, post: QueryDict) -> Any:
    """Return what was chosen, as `philtrum.advice.questions.answer` takes it.

    Raises
    ------
    AnswerError
        `answer-missing`, `answer-contradicts`.
    FactsError
        See `philtrum.advice.facts.read_facts`.
    """
    if post.get("go") == SKIP:
        return [SKIP]
    if post.get("go") == NONE:
        return _read_none(question, post)
    if question.kind in {"many", "one"}:
        known = {choice.id for choice in question.choices}
        chosen = [id for id in post.getlist("choice") if id in known]
        return chosen or _refuse_empty(question)
    if question.kind == "medicines":
        return [_medicine(row) for row in medicine_rows(post) if row.name] or _refuse_empty(question)
    words = post.get("words", "").strip()[:LONGEST_WORDS]
    if question.kind == "text":
        return words
    if not words:
        return _refuse_empty(question)
    value = getattr(read_facts({question.field: words}), question.field)
    return _refuse_empty(question) if value is None else value


def medicine_rows(post: QueryDict) -> list[MedicineRow]:
    """Return the lines of the medicines' form that was sent, empty ones included."""
    times = {id for id, _words, _days in TIMES}
    rows = []
    for number in range(MOST_ROWS):
        if f"name_{number}" not in post:
            break
        name = " ".join(post.get(f"name_{number}", "").split())[:LONGEST_NAME]
        when = post.get(f"when_{number}", "")
        rows.append(MedicineRow(number, name, when if when in times else ""))
    return rows


def rows_of(chosen: Any) -> list[MedicineRow]:
    """Return the lines that show an earlier answer, with room for more."""
    given = [one for one in chosen if isinstance(one, Mapping)] if isinstance(chosen, list) else []
    rows = [MedicineRow(n, one["name"], _when(one)) for n, one in enumerate(given)]
    return with_empty(rows, LEAST_ROWS if len(rows) < LEAST_ROWS else len(rows) + 1)


def with_empty(rows: list[MedicineRow], n_rows: int) -> list[MedicineRow]:
    """Return the lines with empty ones added until there are `n_rows`."""
    return rows + [MedicineRow(number) for number in range(len(rows), min(n_rows, MOST_ROWS))]


def time_words(when: str) -> str:
    """Return in words when something last changed with a medicine."""
    return next((str(words) for id, words, _days in TIMES if id == when), _("time not known"))


def _medicine(row: MedicineRow) -> dict[str, Any]:
    days = next((dict(days) for id, _words, days in TIMES if id == row.when), {})
    return {"name": row.name, **days}


def _when(medicine: Mapping[str, Any]) -> str:
    told = {key: value for key, value in medicine.items() if key != "name"}
    return next((id for id, _words, days in TIMES if days == told), "")


def _read_none(question: Question, post: QueryDict) -> Any:
    is_named = any(row.name for row in medicine_rows(post))
    if is_named or post.getlist("choice") or post.get("words", "").strip():
        what = _("You gave an answer and chose “%(none)s”.") % {"none": question.none}
        raise AnswerError("answer-contradicts", what, _("Choose Continue, or take the answer away first."))
    return "" if question.kind == "text" else [NONE]


def _refuse_empty(question: Question) -> Any:
    what = _("There is no answer yet.")
    if question.none:
        next_step = _("Give one, or choose “%(none)s” or “I don’t know”.") % {"none": question.none}  # noqa: RUF001
    else:
        next_step = _("Give one, or choose “I don’t know”.")  # noqa: RUF001
    raise AnswerError("answer-missing", what, next_step)
