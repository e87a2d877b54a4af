"""The JSON Schema (draft 2020-12) of plain records, made from the record types themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from philtrum.diary.plain import KINDS

_SIMPLE: Mapping[type, dict[str, Any]] = {
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    float: {"type": "number"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
}


def record_schema() -> dict[str, Any]:
    """Return the schema of a record of any kind."""
    return {"oneOf": [_of_type(record_type, kind) for kind, record_type in KINDS.items()]}


def _of_type(data_type: type, kind: str = "") -> dict[str, Any]:
    hints = get_type_hints(data_type)
    properties = {part.name: _of_hint(hints[part.name]) for part in fields(data_type)}
    needed = [part.name for part in fields(data_type) if part.default is MISSING and part.default_factory is MISSING]
    if kind:
        properties = {"kind": {"const": kind}, **properties}
        needed = ["kind", *needed]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": needed} if needed else schema


def _of_hint(hint: Any) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        some = _of_hint(next(part for part in inner if part is not type(None)))
        return {"anyOf": [some, {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple:
        return {"type": "array", "items": _of_hint(inner[0])}
    if origin is not None:
        return {"type": "object", "additionalProperties": _of_hint(inner[1])}
    return dict(_SIMPLE[hint]) if hint in _SIMPLE else _of_type(hint)
