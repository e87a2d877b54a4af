"""Records as plain data and back: what is stored, exported, sent by a browser and kept as history.

A record becomes a dict with its `kind`, its fields by name, times as ISO 8601
in UTC and days as ISO dates. Fields that hold their default are left out, so
that absent means "not known" here, too. `record_from_plain(to_plain(r)) == r`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from philtrum.diary.checks import RecordError
from philtrum.diary.medicines import Dose, Medicine, Treatment
from philtrum.diary.records import CheckIn, Episode, Event, Exposure, Factor, Record

Reader = Callable[[Any], Any]

KINDS: dict[str, type[Record]] = {
    "episode": Episode,
    "check_in": CheckIn,
    "exposure": Exposure,
    "dose": Dose,
    "medicine": Medicine,
    "treatment": Treatment,
    "event": Event,
    "factor": Factor,
}

_NAMES = {record_type: kind for kind, record_type in KINDS.items()}


def kind_of(record: Record) -> str:
    """Return the name of a record's kind, a key of `KINDS`."""
    return _NAMES[type(record)]


def to_plain(record: Record) -> dict[str, Any]:
    """Return a record as plain data, ready for JSON."""
    return {"kind": kind_of(record), **_plain_fields(record)}


def record_from_plain(data: Mapping[str, Any]) -> Record:
    """Make a record from plain data.

    Raises
    ------
    RecordError
        ``record-kind-unknown``, ``record-field-unknown``, ``record-field-missing``, ``record-field-type``, or
        what the record itself refuses.
    """
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        what = f"The kind of this record is {str(kind)[:40]!r}."
        raise RecordError("record-kind-unknown", what, f"Give one of {', '.join(KINDS)}.", "kind")
    return cast(Record, _build(KINDS[kind], {name: value for name, value in data.items() if name != "kind"}))


def _plain_fields(thing: Any) -> dict[str, Any]:
    values = {part.name: (part, getattr(thing, part.name)) for part in fields(thing)}
    return {
        name: _plain(value) for name, (part, value) in values.items() if name == "id" or not _is_default(part, value)
    }


def _is_default(part: Field[Any], value: Any) -> bool:
    if part.default is not MISSING:
        return bool(part.default == value)
    return part.default_factory is dict and not value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return _plain_fields(value) if is_dataclass(value) else value


def _build(data_type: type, data: Mapping[str, Any]) -> Any:
    readers, needed = _readers(data_type), _needed(data_type)
    for name in needed:
        if data.get(name) is None:
            what = f"The field '{name}' is missing."
            raise RecordError("record-field-missing", what, "Fill it in.", name)
    values = {}
    for name, value in data.items():
        if name not in readers:
            what = f"A field '{str(name)[:40]}' is not known here."
            raise RecordError("record-field-unknown", what, f"Known are {', '.join(readers)}.", str(name)[:40])
        try:
            values[name] = readers[name](value)
        except RecordError:
            raise
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            what = f"The field '{name}' holds {str(value)[:40]!r}."
            next_step = "Correct it; docs/diary.md describes every field."
            raise RecordError("record-field-type", what, next_step, name) from error
    return data_type(**values)


@cache
def _readers(data_type: type) -> dict[str, Reader]:
    """Return what reads each field of a type, made once: a diary has tens of thousands of records."""
    return {name: _reader(hint) for name, hint in get_type_hints(data_type).items()}


@cache
def _needed(data_type: type) -> tuple[str, ...]:
    bare = (part.name for part in fields(data_type) if part.default is MISSING and part.default_factory is MISSING)
    return tuple(bare)


def _reader(hint: Any) -> Reader:
    """Return what reads a value of a type; it raises TypeError or ValueError for any other."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        read = _reader(next(part for part in inner if part is not type(None)))
        return lambda value: None if value is None else read(value)
    if origin is Literal:
        return lambda value: _checked(value, value in inner)
    if origin is tuple:
        read = _reader(inner[0])
        return lambda value: tuple(map(read, _checked(value, isinstance(value, list | tuple))))
    if origin is not None:
        read = _reader(inner[1])
        return lambda value: {_checked(key, isinstance(key, str)): read(item) for key, item in value.items()}
    if is_dataclass(hint):
        return lambda value: _build(cast(type, hint), _checked(value, isinstance(value, Mapping)))
    return _READERS[hint]


def _checked(value: Any, is_right: bool) -> Any:
    if not is_right:
        raise TypeError
    return value


_READERS: dict[type, Reader] = {
    UUID: lambda value: value if isinstance(value, UUID) else UUID(_checked(value, isinstance(value, str))),
    datetime: lambda value: value if isinstance(value, datetime) else datetime.fromisoformat(value),
    date: lambda value: value if isinstance(value, date) else date.fromisoformat(value),
    float: lambda value: float(_checked(value, isinstance(value, int | float) and not isinstance(value, bool))),
    int: lambda value: _checked(value, isinstance(value, int) and not isinstance(value, bool)),
    bool: lambda value: _checked(value, isinstance(value, bool)),
    str: lambda value: _checked(value, isinstance(value, str)),
}
