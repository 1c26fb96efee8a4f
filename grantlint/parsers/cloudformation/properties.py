"""Properties of resources as CloudFormation reads them: text for bools and numbers, policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from grantlint.iam import elements
from grantlint.parsers.number import parse_number
from grantlint.value import (
    BOOL,
    NUMBER,
    STRING,
    Unknown,
    Value,
    null,
    object_,
    tuple_,
)

_BOOLS: Final = {"true": True, "false": False}
_NULL: Final = null(STRING)
_DEEPEST_CHOICES: Final = 4
_MOST: Final = 500
"""Values along one path of properties; more are passed over."""
_AS_OBJECT: Final = "the policy is written as an object"

Reader = Callable[[Value], Value]


def given(properties: Value, name: str) -> Value:
    """A property; null where it is not written, and unknown where the properties are."""
    cause = properties.unknown
    if cause is not None:
        return Value(STRING, Unknown(cause.reason, cause.refers_to), properties.written)
    return properties.get(name) or _NULL


def converted(value: Value, read: Reader, default: Value = _NULL, depth: int = 0) -> Value:
    """What a property says, each alternative by itself; the default where it is not written."""
    if value.is_null:
        return default
    cause = value.unknown
    if cause is None or not cause.choices or depth == _DEEPEST_CHOICES:
        return read(value)
    choices = tuple(converted(one, read, default, depth + 1) for one in cause.choices)
    return replace(value, type=choices[0].type, raw=replace(cause, choices=choices, parts=()))


def as_text(value: Value) -> Value:
    """A text; CloudFormation takes bools and numbers for it."""
    return elements.text(value)


def as_bool(value: Value) -> Value:
    """A bool, which may be written as text."""
    truth = _BOOLS.get((value.text or "").lower())
    if truth is not None:
        return replace(value, type=BOOL, raw=truth)
    if value.unknown is not None:  # what is known of the text does not say more of the bool
        return replace(value, type=BOOL, raw=Unknown(value.unknown.reason, value.unknown.refers_to))
    return value


def as_number(value: Value) -> Value:
    """A number, which may be written as text."""
    amount = parse_number(value.text.strip()) if value.text is not None else None
    return value if amount is None else replace(value, type=NUMBER, raw=amount)


def as_policy(value: Value) -> Value:
    """A policy as the text that Terraform has for it, with the object that it was written as."""
    if isinstance(value.raw, Mapping):
        return Value(STRING, Unknown(_AS_OBJECT), value.written, (), value.sensitive, value)
    return value if value.unknown is None else replace(value, type=STRING)


# -- lists of objects ----------------------------------------------------------------------


def blocks(value: Value, names: Mapping[str, tuple[str, Reader]]) -> Value:
    """Objects in a list as nested blocks: by name the property and how it is read.

    Where the list itself has alternatives, what stands at one index of them is one block.
    """
    cause = value.unknown
    if cause is None:
        if isinstance(value.raw, Mapping):  # one object where a list is asked for
            return tuple_([_block(value, names)], value.written)
        return tuple_([_block(one, names) for one in value.elements()], value.written)
    if not cause.choices:
        return tuple_([_block(value, names)], value.written)
    lists = [choice.marked(value.sensitive).elements() for choice in cause.choices]
    rows = [
        replace(
            value,
            raw=replace(
                cause, choices=tuple(one[row] if row < len(one) else _NULL for one in lists)
            ),
        )
        for row in range(max(map(len, lists)))
    ]
    return tuple_([_block(one, names) for one in rows], value.written)


def _block(value: Value, names: Mapping[str, tuple[str, Reader]]) -> Value:
    members = {
        ours: converted(_picked(value, theirs), read) for ours, (theirs, read) in names.items()
    }
    return object_(members, value.written)


def _picked(value: Value, name: str, depth: int = 0) -> Value:
    """A member of an object, or of each of its alternatives."""
    cause = value.unknown
    if cause is None or not cause.choices or depth == _DEEPEST_CHOICES:
        return given(value, name)
    choices = tuple(_picked(one, name, depth + 1).marked(value.sensitive) for one in cause.choices)
    return replace(value, type=STRING, raw=replace(cause, choices=choices, parts=()), encodes=None)


def along(properties: Value, path: Sequence[str]) -> list[Value]:
    """The values at a path, through every member and every alternative of what is on the way."""
    found = [properties]
    for index, name in enumerate(path):
        inner = [value for one in found if (value := one.get(name)) is not None]
        found = [one for one in inner if not one.is_null]
        if index < len(path) - 1:
            found = [each for one in found for each in _each(one)][:_MOST]
    return found


def _each(value: Value) -> list[Value]:
    cause = value.unknown
    if cause is not None and cause.choices and not cause.parts:
        several = [one.marked(value.sensitive) for one in cause.choices]
    else:
        several = [value]
    return [
        each
        for one in several
        if not one.is_null
        for each in (one.elements() if isinstance(one.raw, tuple) else (one,))
    ]


def known_as(path: Sequence[str], value: Value) -> Value:
    """A value as an argument of blocks inside one another."""
    *around, name = path
    found = object_({name: value}, value.written)
    for block in reversed(around):
        found = object_({block: tuple_([found], value.written)}, value.written)
    return found
