"""A check-up under way: its answers so far, what they say, and which question comes next.

Answers are kept as they were given and turned into facts anew each time, so that
one can be changed without the others; an answer whose question would not be asked
any more still counts, because a sign does not vanish with the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from philtrum.advice.entries import Question
from philtrum.advice.knowledge import load_knowledge
from philtrum.advice.questions import SKIP, answer, next_questions
from philtrum.web.advice.models import CheckUp


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the answer that was given."""

    question: Question
    chosen: Any

    @property
    def is_unknown(self) -> bool:
        """The person chose "I don't know"."""
        return bool(self.chosen == [SKIP])


@dataclass(frozen=True, slots=True)
class Interview:
    """The answers so far, the facts that they give, and the questions still open."""

    answered: tuple[Answered, ...]
    facts: Mapping[str, Any]
    open: tuple[Question, ...]

    def given(self, question: Question) -> Any:
        """Return the answer that was given to a question; None if there is none."""
        return next((one.chosen for one in self.answered if one.question.id == question.id), None)

    def before(self, question: Question) -> Question | None:
        """Return the question that was answered before this one; None at the first."""
        ids = [one.question.id for one in self.answered]
        n_before = ids.index(question.id) if question.id in ids else len(ids)
        return self.answered[n_before - 1].question if n_before else None

    def number(self, question: Question) -> tuple[int, int]:
        """Return which question this is, counted from 1, and of how many as it looks now."""
        ids = [one.question.id for one in self.answered]
        n = ids.index(question.id) if question.id in ids else len(ids)
        n_others = len([one for one in self.open if one.id != question.id])
        return n + 1, max(len(ids) + n_others + (question.id not in ids), n + 1)

    @property
    def unknown(self) -> tuple[Question, ...]:
        """The questions that the person could not answer."""
        return tuple(one.question for one in self.answered if one.is_unknown)


@lru_cache(maxsize=1)
def questions() -> Mapping[str, Question]:
    """Return every question by its id."""
    return {question.id: question for question in load_knowledge().questions}


def interview_of(check_up: CheckUp | None) -> Interview:
    """Return where a check-up stands; without one, its beginning."""
    answered: list[Answered] = []
    facts: dict[str, Any] = {}
    for row in check_up.answers if check_up else ():
        question = questions().get(row["question"])
        if question is not None:  # of another version of philtrum
            answered.append(Answered(question, row["chosen"]))
            facts = answer(facts, question, row["chosen"])
    return Interview(tuple(answered), facts, tuple(one.question for one in next_questions(facts)))


@transaction.atomic
def keep_answer(owner: User, question: Question, chosen: Any) -> CheckUp:
    """Keep an answer, in place of an earlier one to the same question."""
    check_up, _ = CheckUp.objects.select_for_update().get_or_create(owner=owner)
    row = {"question": question.id, "chosen": chosen}
    ids = [one["question"] for one in check_up.answers]
    if question.id in ids:
        check_up.answers[ids.index(question.id)] = row
    else:
        check_up.answers.append(row)
    check_up.answered_at = timezone.now()
    check_up.save()
    return check_up
