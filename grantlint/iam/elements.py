"""Elements of a statement as IAM reads them: one text or many, bools and numbers as text."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from grantlint.value import STRING, TUPLE, Unknown, Value


def texts(value: Value) -> Value:
    """A text or a list of texts as a tuple of texts; unknown where not even that is certain.

    Behind the texts that a list certainly has stands an unknown for the others.
    """
    raw = value.raw
    if isinstance(raw, tuple):
        if all(isinstance(member.raw, str) for member in raw):
            return value
        return replace(value, type=TUPLE, raw=tuple(text(member) for member in raw))
    if isinstance(raw, Unknown):
        if _is_one_text(value, raw):
            return Value(TUPLE, (value,), value.written)
        if raw.choices:
            return replace(value, raw=replace(raw, choices=tuple(map(texts, raw.choices))))
        if raw.has:
            rest = Value(value.type, replace(raw, has=()), value.written)
            return replace(value, type=TUPLE, raw=(*raw.has, rest))
        return value
    if raw is None:
        return Value(TUPLE, ())
    return Value(TUPLE, (text(value),), value.written)


def text(value: Value) -> Value:
    """A bool or number as the text that IAM reads it as."""
    raw = value.raw
    if isinstance(raw, bool):
        return replace(value, type=STRING, raw="true" if raw else "false")
    if isinstance(raw, int):
        return replace(value, type=STRING, raw=str(raw))
    if isinstance(raw, Fraction):
        return replace(value, type=STRING, raw=repr(float(raw)))
    return value


def _is_one_text(value: Value, cause: Unknown) -> bool:
    if value.kind in {"string", "number", "bool"} or cause.parts:
        return True
    return bool(cause.choices) and all(isinstance(one.raw, str) for one in cause.choices)
