"""Which factors a person is asked about, and how each is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User

from philtrum.diary.factors import ACTIVE_AT_FIRST, KNOWN, FactorKind
from philtrum.diary.records import Factor
from philtrum.web.diary.store import records_of

# Answers of one tap for factors of the person's own.
_SCALE, _YES_NO, _AMOUNT = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0), (0.0, 1.0), (0.0, 1.0, 2.0, 3.0, 5.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A factor as it is asked about."""

    key: str
    label: str
    question: str
    unit: str
    answered_as: FactorKind
    choices: tuple[float, ...]
    is_active: bool


def factors_of(owner: User) -> list[Asked]:
    """Return all factors that philtrum knows or the person has made, those that are asked about first."""
    chosen = {record.key: record for record in records_of(owner, "factor") if isinstance(record, Factor)}
    known = [_known(key, chosen.get(key), is_first_time=not chosen) for key in KNOWN]
    own = [_own(record) for key, record in chosen.items() if key not in KNOWN]
    return sorted([*known, *own], key=lambda factor: not factor.is_active)


def asked_of(owner: User) -> list[Asked]:
    """Return the factors that the person is asked about in the evening."""
    return [factor for factor in factors_of(owner) if factor.is_active]


def labels_of(owner: User) -> dict[str, Asked]:
    """Return every factor by its key."""
    return {factor.key: factor for factor in factors_of(owner)}


def _known(key: str, chosen: Factor | None, *, is_first_time: bool) -> Asked:
    factor = KNOWN[key]
    is_active = chosen.is_active if chosen else is_first_time and key in ACTIVE_AT_FIRST
    return Asked(key, factor.label, factor.question, factor.unit, factor.answered_as, factor.choices, is_active)


def _own(record: Factor) -> Asked:
    choices = {"scale": _SCALE, "yes_no": _YES_NO, "amount": _AMOUNT}[record.answered_as]
    return Asked(record.key, record.label, record.label, record.unit, record.answered_as, choices, record.is_active)
