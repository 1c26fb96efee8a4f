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

from grantlint.parsers.holes import UnknowableError, like, text_of
from grantlint.parsers.json_decode import decode
from grantlint.parsers.json_reader import JsonError
from grantlint.parsers.number import number_text
from grantlint.parsers.terraform.convert import convert, type_of
from grantlint.parsers.terraform.functions.declaration import FunctionError, Parameter, function
from grantlint.value import (
    DYNAMIC,
    STRING,
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
    try:
        return decode(text, _convertible)
    except JsonError as error:
        raise FunctionError(error.text) from error


def decode_json(text: Value) -> Value:
    """What a text says as JSON (see `json_decode`); what is no JSON is a failure."""
    if text.failed or text.is_null:
        return text
    try:
        return decode(text, _convertible).marked(text.sensitive)
    except JsonError as error:
        return failure(f'Call to function "jsondecode" failed: {error.text}.')
    except UnknowableError as error:
        return unknown(error.reason).marked(text.sensitive)


def _convertible(value: Value, other: Value) -> bool:
    return convert(value, type_of(other)).failed is None
