"""Records as plain data and back: what is stored, exported, sent by a browser and kept as history.

A record becomes a dict with its `kind`, its fields by name, times as ISO 8601
in UTC and days as ISO dates. Fields that hold their default are left out, so
that absent means "not known" here, too. `record_from_plain(to_plain(r)) == r`.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from philtrum.diary.checks import RecordError
from philtrum.diary.medicines import Dose, Medicine, Treatment
from philtrum.diary.records import CheckIn, Episode, Event, Exposure, Factor, Record

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


@cache
def _hints(data_type: type) -> dict[str, Any]:
    return get_type_hints(data_type)


def _build(data_type: type, data: Mapping[str, Any]) -> Any:
    hints = _hints(data_type)
    for name in data:
        if name not in hints:
            what = f"A field '{str(name)[:40]}' is not known here."
            raise RecordError("record-field-unknown", what, f"Known are {', '.join(hints)}.", str(name)[:40])
    for part in fields(data_type):
        if part.default is MISSING and part.default_factory is MISSING and data.get(part.name) is None:
            what = f"The field '{part.name}' is missing."
            raise RecordError("record-field-missing", what, "Fill it in.", part.name)
    return data_type(**{name: _read(hints[name], value, name) for name, value in data.items()})


def _read(hint: Any, value: Any, name: str) -> Any:
    try:
        return _value(hint, value, name)
    except RecordError:
        raise
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        what = f"The field '{name}' holds {str(value)[:40]!r}."
        raise RecordError(
            "record-field-type", what, "Correct it; docs/diary.md describes every field.", name
        ) from error


def _value(hint: Any, value: Any, name: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(next(part for part in inner if part is not type(None)), value, name)
    if origin is Literal:
        return _checked(value, value in inner)
    if origin is tuple:
        return tuple(_value(inner[0], item, name) for item in _checked(value, isinstance(value, list | tuple)))
    if origin is not None:
        return {_value(str, key, name): _value(float, item, name) for key, item in value.items()}
    if is_dataclass(hint):
        return _build(cast(type, hint), _checked(value, isinstance(value, Mapping)))
    return _simple(hint, value)


def _simple(hint: Any, value: Any) -> Any:
    if hint is UUID:
        return value if isinstance(value, UUID) else UUID(_checked(value, isinstance(value, str)))
    if hint in (datetime, date):
        return value if isinstance(value, hint) else hint.fromisoformat(value)
    if hint is float:
        return float(_checked(value, isinstance(value, int | float) and not isinstance(value, bool)))
    return _checked(value, isinstance(value, hint) and (hint is bool or not isinstance(value, bool)))


def _checked(value: Any, is_right: bool) -> Any:
    if not is_right:
        raise TypeError
    return value
