"""JSON with marks for what is unknown and what is sensitive, as a value.

Both marks are trees of the value's own form with `true` where it is so; the rest of such a tree
(false, empty objects and arrays) says nothing. What is unknown has no key in the value, or is null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from grantlint.parsers.number import parse_number
from grantlint.parsers.terraform.plan.document import Json
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    OBJECT,
    STRING,
    TUPLE,
    Type,
    Unknown,
    Value,
    object_,
)

DEEPEST: Final = 64
"""Levels of one attribute; no schema of the AWS provider has half as many."""


def value(
    written: Json,
    unknown: Json,
    sensitive: Json,
    why: Callable[[], Unknown],
    type: Type = DYNAMIC,
    depth: int = 0,
) -> Value:
    """The value of these three trees; `why` tells of what is unknown in it."""
    if unknown is True or depth > DEEPEST:
        found = Value(type, why())
    elif isinstance(written, dict) or (written is None and _has_mark(unknown, dict)):
        found = _object(written, unknown, sensitive, why, type, depth + 1)
    elif isinstance(written, list) or (written is None and _has_mark(unknown, list)):
        found = _list(written, unknown, sensitive, why, type, depth + 1)
    else:
        found = _scalar(written, type)
    return found.marked(sensitive is True)


def _scalar(written: Json, type: Type) -> Value:
    if isinstance(written, bool):
        return Value(BOOL, written)
    if isinstance(written, str):
        return Value(STRING, written)
    if isinstance(written, int | float):
        amount = parse_number(repr(written))
        return Value(NUMBER, Unknown("a number that is not followed") if amount is None else amount)
    return Value(type, None)


def _object(
    written: Json,
    unknown: Json,
    sensitive: Json,
    why: Callable[[], Unknown],
    type: Type,
    depth: int,
) -> Value:
    known = written if isinstance(written, dict) else {}
    hidden = unknown if isinstance(unknown, dict) else {}
    marks = sensitive if isinstance(sensitive, dict) else {}
    names = [*known, *(name for name in hidden if name not in known and has_mark(hidden[name]))]
    attributes = type.attributes or {}
    made = {
        name: value(
            known.get(name),
            hidden.get(name),
            marks.get(name),
            why,
            attributes.get(name) or type.element or DYNAMIC,
            depth,
        )
        for name in names
    }
    found = object_(made)
    return Value(type if type.kind == "map" else OBJECT, found.raw)


def _list(
    written: Json,
    unknown: Json,
    sensitive: Json,
    why: Callable[[], Unknown],
    type: Type,
    depth: int,
) -> Value:
    known = written if isinstance(written, list) else []
    hidden = unknown if isinstance(unknown, list) else []
    marks = sensitive if isinstance(sensitive, list) else []
    inner = type.element or DYNAMIC
    made = tuple(
        value(_at(known, index), _at(hidden, index), _at(marks, index), why, inner, depth)
        for index in range(max(len(known), len(hidden)))
    )
    return Value(type if type.kind in {"list", "set"} else TUPLE, made)


def _at(tree: list[Json], index: int) -> Json:
    return tree[index] if index < len(tree) else None


def _has_mark(tree: Json, kind: type[dict[str, Json] | list[Json]]) -> bool:
    return isinstance(tree, kind) and has_mark(tree)


def has_mark(tree: Json) -> bool:
    """Whether anything in a tree of marks is marked."""
    pending = [tree]
    while pending:
        one = pending.pop()
        if one is True:
            return True
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return False
