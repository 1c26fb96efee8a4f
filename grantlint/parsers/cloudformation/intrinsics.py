"""Intrinsic functions on values alone: what each gives for arguments that are evaluated.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Final

from grantlint.parsers.bounds import MOST_HOLES, too_long
from grantlint.parsers.cloudformation.choices import each
from grantlint.parsers.holes import like
from grantlint.parsers.number import number_text
from grantlint.source import Span
from grantlint.value import (
    DYNAMIC,
    STRING,
    Raw,
    Unknown,
    Value,
    assumed,
    failure,
    number,
    string,
    tuple_,
    unknown,
)

Function = Callable[[Sequence[Value], Span], Value]

_MOST_ADDRESSES: Final = 256


def text(value: Value) -> Value:
    """A scalar as the text that CloudFormation passes on."""
    raw = value.raw
    if isinstance(raw, bool):
        return Value(
            STRING, "true" if raw else "false", value.written, value.trail, value.sensitive
        )
    if isinstance(raw, int | Fraction):
        written = number_text(raw)
        return Value(STRING, written, value.written, value.trail, value.sensitive)
    return value


def joined(pieces: Sequence[Value], span: Span | None) -> Value:
    """One text of several; with holes where pieces are not known."""
    pieces = [text(piece) for piece in pieces]
    wrong = next((p for p in pieces if p.unknown is None and p.text is None), None)
    if wrong is not None:
        return failure("a text is needed where a list, an object or nothing stands", span)
    options = each(pieces, lambda row: joined(row, span), span)
    if options is not None:
        return options
    sensitive = any(piece.sensitive for piece in pieces)
    parts: list[str | Value] = []
    for part in (part for piece in pieces for part in _parts(piece)):
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)
    trail = pieces[0].trail if len(pieces) == 1 else assumed(pieces)
    hole = next((part.unknown for part in parts if isinstance(part, Value)), None)
    if hole is None:
        known = "".join(part for part in parts if isinstance(part, str))
        if (reason := too_long(len(known))) is not None:
            return unknown(reason, span, type=STRING).marked(sensitive)
        return Value(STRING, known, span, trail, sensitive)
    if len(parts) == 1 and len(pieces) == 1:
        return pieces[0]
    held = () if len(parts) > MOST_HOLES else tuple(parts)
    return Value(STRING, Unknown(hole.reason, hole.refers_to, held), span, trail, sensitive)


def _parts(piece: Value) -> Sequence[str | Value]:
    if isinstance(piece.raw, str):
        return (piece.raw,)
    if piece.unknown is not None and piece.unknown.parts:
        return piece.unknown.parts
    return (piece,)


# -- functions -----------------------------------------------------------------------------


def _wrong(name: str, wanted: str, span: Span) -> Value:
    return failure(f"Fn::{name} takes {wanted}", span)


def _opaque(value: Value, span: Span) -> Value:
    """What is made of a value that is not known."""
    return like(value, DYNAMIC).at(span).marked(value.sensitive)


def join(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::Join: [delimiter, list]."""
    if len(arguments) != 2 or arguments[0].text is None:
        hidden = next((one for one in arguments if one.unknown is not None), None)
        return (
            _wrong("Join", "a delimiter and a list", span)
            if hidden is None
            else _opaque(hidden, span)
        )
    delimiter, listed = arguments
    if listed.unknown is not None:
        options = each([listed], lambda row: join([delimiter, *row], span), span)
        return _opaque(listed, span) if options is None else options
    if not isinstance(listed.raw, tuple):
        return _wrong("Join", "a delimiter and a list", span)
    pieces: list[Value] = []
    for member in listed.elements():
        pieces += [delimiter, member] if pieces else [member]
    return joined(pieces, span) if pieces else string("", span)


def split(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::Split: [delimiter, text]; of text with holes nothing is known, a hole may hold more."""
    if len(arguments) != 2 or not arguments[0].text:
        return _wrong("Split", "a delimiter and a text", span)
    delimiter, whole = arguments[0].text, text(arguments[1])
    if whole.unknown is not None:
        options = each([whole], lambda row: split([arguments[0], *row], span), span)
        return _opaque(whole, span) if options is None else options
    if whole.text is None:
        return _wrong("Split", "a delimiter and a text", span)
    members = [string(part, whole.written) for part in whole.text.split(delimiter)]
    made = tuple_(members, span)
    return Value(made.type, made.raw, span, whole.trail, whole.sensitive)


def select(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::Select: [index, list]; the index is a number or its text."""
    if len(arguments) != 2:
        return _wrong("Select", "an index and a list", span)
    options = each(arguments, lambda row: select(row, span), span)
    if options is not None:
        return options
    at, listed = text(arguments[0]), arguments[1]
    hidden = next((one for one in (at, listed) if one.unknown is not None), None)
    if hidden is not None:
        return _opaque(hidden, span)
    members = listed.elements()
    if at.text is None or not at.text.isdecimal() or not isinstance(listed.raw, tuple):
        return _wrong("Select", "an index and a list", span)
    if int(at.text) >= len(members):
        return failure(f"Fn::Select: there is no element {at.text} in {len(members)}", span)
    return members[int(at.text)]


def encoded(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::Base64."""
    whole = text(arguments[0])
    if whole.text is None:
        return _opaque(whole, span) if whole.unknown else _wrong("Base64", "a text", span)
    made = base64.b64encode(whole.text.encode()).decode()
    return Value(STRING, made, span, whole.trail, whole.sensitive)


def length(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::Length of a list."""
    listed = arguments[0]
    if listed.unknown is not None:
        options = each([listed], lambda row: length(row, span), span)
        return _opaque(listed, span) if options is None else options
    if not isinstance(listed.raw, tuple):
        return _wrong("Length", "a list", span)
    return number(len(listed.raw), span)


def cidr(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::Cidr: [block, count, bits of each]."""
    hidden = next((one for one in arguments if one.unknown is not None), None)
    if hidden is not None:
        return _opaque(hidden, span)
    given = [text(one).text or "" for one in arguments]
    if not 2 <= len(given) <= 3 or not all(one.isdecimal() for one in given[1:]):
        return _wrong("Cidr", "a block, a count and the bits of each", span)
    count = int(given[1])
    try:
        block = ipaddress.ip_network(given[0], strict=False)
        bits = int(given[2]) if len(given) == 3 else 8
        subnets = islice(block.subnets(new_prefix=block.max_prefixlen - bits), count)
        made = [string(str(one), span) for one in subnets]
    except ValueError as error:
        return failure(f"Fn::Cidr: {error}", span)
    if len(made) != count or not 1 <= count <= _MOST_ADDRESSES:
        return failure(f"Fn::Cidr: {given[0]} has no {count} blocks of that size", span)
    return tuple_(made, span)


def json_text(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::ToJsonString: a text that remembers its value."""
    value = arguments[0]
    if value.unknown is not None and not value.unknown.choices:
        return _opaque(value, span)
    if value.wholly_known() and not value.has_sensitive():
        raw: Raw = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    else:
        raw = Unknown("the text of JSON with unknown parts is not made")
    return Value(STRING, raw, span, encodes=value)


def plain(value: Value) -> object:
    """A known value in Python's types."""
    raw = value.raw
    if isinstance(raw, tuple):
        return [plain(member) for member in raw]
    if isinstance(raw, Mapping):
        return {key: plain(member) for key, member in raw.items()}
    return float(raw) if isinstance(raw, Fraction) else raw


def zones(arguments: Sequence[Value], span: Span) -> Value:
    """Fn::GetAZs: which there are only AWS knows."""
    del arguments
    return unknown("the availability zones are known at deployment", span)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "Fn::Base64": encoded,
    "Fn::Cidr": cidr,
    "Fn::GetAZs": zones,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::ToJsonString": json_text,
}
"""By name. One argument that is no list is given as a list of one."""

LISTS: Final = frozenset({"Fn::Cidr", "Fn::Join", "Fn::Select", "Fn::Split"})
"""Those whose arguments are a list."""
