"""Making unknowns of unknowns, and text with holes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from grantlint.parsers.terraform.functions.declaration import normalized, refuse_long
from grantlint.value import STRING, Type, Unknown, Value

Parts = tuple[str | Value, ...]


def like(value: Value, type: Type, parts: Parts = ()) -> Value:
    """An unknown of that type, for the reason of an unknown one."""
    assert value.unknown is not None
    return Value(type, Unknown(value.unknown.reason, value.unknown.refers_to, parts))


def without_marks(value: Value) -> Value:
    """The value and all its members, none of them sensitive."""
    raw = value.raw
    if isinstance(raw, tuple):
        raw = tuple(without_marks(member) for member in raw)
    elif isinstance(raw, Mapping):
        raw = {key: without_marks(member) for key, member in raw.items()}
    elif isinstance(raw, Unknown) and (raw.parts or raw.choices or raw.has):
        has = tuple(without_marks(member) for member in raw.has)
        parts = tuple(p if isinstance(p, str) else without_marks(p) for p in raw.parts)
        choices = tuple(without_marks(choice) for choice in raw.choices)
        raw = replace(raw, parts=parts, choices=choices, has=has)
    return replace(value, raw=raw, sensitive=False)


def first_unknown(values: Iterable[Value]) -> Value | None:
    """The first unknown at any depth of the values."""
    return next((leaf for value in values for leaf in value.unknowns()), None)


def parts_of(value: Value) -> Parts:
    """A text as its known pieces and holes: a known text is one piece."""
    if isinstance(value.raw, str):
        return (value.raw,)
    assert value.unknown is not None
    return value.unknown.parts or (value,)


def text_of(parts: Sequence[str | Value]) -> Value:
    """The text that pieces and holes make; known when there is no hole."""
    refuse_long(sum(len(part) for part in parts if isinstance(part, str)))
    merged: list[str | Value] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    hole = next((part for part in merged if isinstance(part, Value)), None)
    if hole is None:
        return Value(STRING, normalized("".join(part for part in merged if isinstance(part, str))))
    if len(merged) == 1 and hole.kind == "string":
        return hole
    return like(hole, STRING, tuple(merged))
