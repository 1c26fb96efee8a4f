"""What is unknown or sensitive in the arguments of a function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from grantlint.value import Unknown, Value


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
