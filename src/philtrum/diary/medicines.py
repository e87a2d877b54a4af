"""Medicines and treatments as records; see `philtrum.diary.records` for the conventions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from philtrum.diary.checks import (
    LONGEST_NAME,
    LONGEST_NOTE,
    RecordError,
    check_day,
    check_name,
    check_text,
    check_units,
    check_zone,
    keep_in_utc,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """One taking of a medicine or remedy, at a time (aware; kept in UTC)."""

    id: UUID = field(default_factory=uuid4)
    taken_at: datetime
    zone: str
    medicine: str
    amount: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        keep_in_utc(self, "taken_at")
        check_zone(self.zone)
        check_name(self.medicine, "medicine")
        check_text(self.amount, "amount", LONGEST_NAME)
        check_text(self.note, "note", LONGEST_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseChange:
    """From this day on, another dose of the same medicine."""

    on: date
    dose: str

    def __post_init__(self) -> None:
        check_day(self.on, "changes")
        check_text(self.dose, "changes", LONGEST_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """A medicine or remedy taken over time: started, changed, stopped.

    Parameters
    ----------
    name : str
        As the person writes it: a brand, a substance.
    dose : str
        As the person writes it, for example "20 mg in the morning".
    started_on : date, optional
        None: taken for longer than the person remembers.
    changes : tuple of DoseChange
        Kept in order of their days.
    stopped_on : date, optional
        The first day without it; None while it is taken.

    Raises
    ------
    RecordError
        When a value cannot be right.
    """

    id: UUID = field(default_factory=uuid4)
    name: str
    dose: str = ""
    started_on: date | None = None
    changes: tuple[DoseChange, ...] = ()
    stopped_on: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "name")
        check_text(self.dose, "dose", LONGEST_NAME)
        check_text(self.note, "note", LONGEST_NOTE)
        object.__setattr__(self, "changes", tuple(sorted(self.changes, key=lambda change: change.on)))
        days = [self.started_on, *(change.on for change in self.changes), self.stopped_on]
        known = [day for day in days if day is not None]
        for day in known:
            check_day(day, "started_on")
        if known != sorted(known):
            what = f"{self.name}: a change or its end comes before its start."
            raise RecordError("record-medicine-order", what, "Check the dates.", "stopped_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place of an injection, with its units where known."""

    place: str
    units: float | None = None

    def __post_init__(self) -> None:
        check_name(self.place, "sites")
        check_units(self.units, "sites")


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Something done to the muscle or nerve on a day: botulinum toxin, surgery.

    Parameters
    ----------
    on : date
        The day of the treatment.
    method : str
        For example "botulinum toxin".
    product : str
        Brand or preparation; units of different products are not the same.
    units : float, optional
        In all, in the product's own units.
    sites : tuple of Site
        Where, each with its units.

    Raises
    ------
    RecordError
        When a value cannot be right.
    """

    id: UUID = field(default_factory=uuid4)
    on: date
    method: str = "botulinum toxin"
    product: str = ""
    units: float | None = None
    sites: tuple[Site, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        check_day(self.on, "on")
        check_name(self.method, "method")
        check_text(self.product, "product", LONGEST_NAME)
        check_units(self.units, "units")
        check_text(self.note, "note", LONGEST_NOTE)
