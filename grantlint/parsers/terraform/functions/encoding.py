"""JSON: jsonencode and jsondecode, also around what is not known.

The text of a value with unknown leaves is text with holes, and it remembers the value it was made
of; text with holes is read as JSON with holes. So a policy with one unknown principal stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from json.encoder import encode_basestring

from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    UnknowableError,
    function,
)
from grantlint.parsers.terraform.functions.json_reader import HOLE, JsonReader
from grantlint.parsers.terraform.functions.places import places
from grantlint.parsers.terraform.functions.unknowns import like, parts_of, text_of
from grantlint.parsers.terraform.number import number_text
from grantlint.value import (
    DYNAMIC,
    OBJECT,
    STRING,
    TUPLE,
    Unknown,
    Value,
    failure,
    unknown,
)

DEEPEST = 200
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_ESCAPES = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


# -- encoding ------------------------------------------------------------------------------


@function(Parameter("val", null=True, unknown=True, marks=True), returns=STRING)
def jsonencode(value: Value) -> Value:
    """Text that remembers its value; with holes where leaves are unknown."""
    text = text_of(encoded_pieces(value))
    if text.unknown is not None and not text.unknown.parts and value.unknown is None:
        text = like(text, STRING)
    return replace(text, encodes=value, trail=(), written=None).marked(value.has_sensitive())


def encoded_pieces(value: Value) -> list[str | Value]:
    """The JSON text of a value in pieces, with holes where it is unknown."""
    pieces: list[str | Value] = []
    _encode(value, pieces, 0)
    return pieces


def _encode(value: Value, pieces: list[str | Value], depth: int) -> None:
    raw = value.raw
    if depth > DEEPEST:
        raise UnknowableError(f"the value is nested deeper than {DEEPEST}")
    if isinstance(raw, str):
        pieces.append(_quoted(raw))
    elif isinstance(raw, tuple):
        opening = "["
        for member in raw:
            pieces.append(opening)
            _encode(member, pieces, depth + 1)
            opening = ","
        pieces.append("]" if raw else "[]")
    elif isinstance(raw, Unknown):
        pieces.extend(_unknown_pieces(value, raw))
    elif isinstance(raw, Mapping):
        opening = "{"
        for key, member in raw.items():
            pieces.append(f"{opening}{_quoted(key)}:")
            _encode(member, pieces, depth + 1)
            opening = ","
        pieces.append("}" if raw else "{}")
    else:
        pieces.append(_leaf(raw))


def _leaf(raw: bool | int | Fraction | None) -> str:
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return number_text(raw)


def _unknown_pieces(value: Value, raw: Unknown) -> Iterator[str | Value]:
    """Text with holes keeps its quotes and known pieces; all else is one hole."""
    if not raw.parts:
        yield like(value, STRING)
        return
    yield '"'
    for part in raw.parts:
        yield _quoted(part)[1:-1] if isinstance(part, str) else like(part, STRING)
    yield '"'


def _quoted(text: str) -> str:
    quoted = encode_basestring(text)
    return quoted.translate(_ESCAPES) if _ESCAPED.search(quoted) else quoted


# -- decoding ------------------------------------------------------------------------------


@function(Parameter("str", STRING, unknown=True))
def jsondecode(text: Value) -> Value:
    """Decoding what was encoded gives the same members, with their places."""
    if text.unknown is not None and text.unknown.unordered:
        return like(text, DYNAMIC)
    return _decoded(text)


def decode_json(text: Value) -> Value:
    """What a text says as JSON: known, with holes, or made by jsonencode.

    A hole inside a string of the JSON makes text with holes of it (or is that string, when it
    fills it), a hole where a value stands is an unknown. A hole is taken to be a piece of one
    string or one value, as it is in every sensible policy: text that closes the quotes around it
    is not foreseen. What is no JSON is a failure.
    """
    if text.failed or text.is_null:
        return text
    try:
        return _decoded(text).marked(text.sensitive)
    except FunctionError as error:
        return failure(f'Call to function "jsondecode" failed: {error.text}.')
    except UnknowableError as error:
        return unknown(error.reason).marked(text.sensitive)


def _decoded(text: Value) -> Value:
    if text.encodes is not None:
        decoded = _round_trip(text.encodes)
        return replace(decoded, trail=decoded.trail + text.trail)
    raw = text.raw
    if isinstance(raw, Unknown) and not raw.parts:
        return replace(like(text, DYNAMIC), written=text.written, trail=text.trail)
    parts = parts_of(text)
    shown = "".join(part if isinstance(part, str) else HOLE for part in parts)
    decoded = JsonReader(parts, places(text, shown), _of_hole).read()
    return replace(decoded, trail=decoded.trail + text.trail)


def _of_hole(hole: Value) -> Value:
    """A hole that stands where a value of the JSON stands."""
    if hole.encodes is not None:
        return _round_trip(hole.encodes)
    opaque = replace(like(hole, DYNAMIC), written=hole.written, trail=hole.trail)
    raw = hole.raw
    if not isinstance(raw, Unknown) or not raw.choices or not isinstance(opaque.raw, Unknown):
        return opaque
    choices = [decode_json(choice) for choice in raw.choices]
    if any(choice.unknown is not None for choice in choices):
        return opaque
    return replace(opaque, raw=replace(opaque.raw, choices=tuple(choices)))


def _round_trip(value: Value) -> Value:
    """What decoding gives for a value that was encoded: no collections, nulls without a type."""
    raw = value.raw
    if isinstance(raw, Unknown):
        kind = STRING if raw.parts else DYNAMIC
        choices = tuple(_round_trip(choice) for choice in raw.choices)
        return replace(value, type=kind, raw=replace(raw, choices=choices))
    if isinstance(raw, Mapping):
        members = {key: _round_trip(member) for key, member in raw.items()}
        return replace(value, type=OBJECT, raw=members, encodes=None)
    if isinstance(raw, tuple):
        elements = tuple(_round_trip(member) for member in raw)
        return replace(value, type=TUPLE, raw=elements, encodes=None)
    return replace(value, type=DYNAMIC) if raw is None else value
