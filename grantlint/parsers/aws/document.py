"""A file of answers of AWS as JSON values with places: one, one behind the other, or lines of them.

What people save is not always JSON: what it is instead is told, and what to do about it.
"""

from __future__ import annotations

import base64
import binascii
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

from grantlint.parsers.json_text import BadJson, Node, Number, read_all
from grantlint.parsers.number import parse_number
from grantlint.source import Problem, Source, Span
from grantlint.value import Value, boolean, null, number, object_, string, tuple_, unknown

DEEPEST: Final = 100
"""Objects and arrays inside one another; the answers of AWS KMS have five."""

ERROR: Final = re.compile(
    r"(?:aws: \[ERROR\]: )?An error occurred \((?P<code>\w+)\) "
    r"when calling the (?P<call>\w+) operation"
)
_OPEN_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*\\?', re.S)
_OTHERS: Final = (
    (re.compile(r"[A-Za-z]+:[ \t]*(\n|[^\n{\[]+\n)", re.A), "yaml"),
    (re.compile(r"[A-Z]+\t"), "text"),
    (re.compile(r"-{5,}\r?\n\|"), "a table"),
)
"""How the other formats of the command line begin."""


def decoded(data: bytes) -> bytes:
    """The text as UTF-8; PowerShell writes UTF-16."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()
    return data.removeprefix(BOM_UTF8)


def documents(source: Source) -> tuple[tuple[Value, ...], tuple[Problem, ...]]:
    """The values in a file, as far as it can be read, and what is wrong with it."""
    text = Source(source.path, decoded(source.data))
    try:
        text.data.decode()
    except UnicodeDecodeError as wrong:
        return (), (Problem("the file is not UTF-8", Span(text, wrong.start, wrong.end)),)
    nodes, error = read_all(text.data)
    values = tuple(value_of(node, text) for node in nodes)
    if error is None:
        return values, ()
    return values, (_problem(text, error, first=not nodes),)


def value_of(node: Node, source: Source, depth: int = 0) -> Value:
    """A JSON value with its place; of a key given twice the last counts."""
    place, raw = Span(source, node.start, node.end), node.value
    if depth > DEEPEST:
        return unknown(f"JSON nested deeper than {DEEPEST}", place)
    if node.is_object:
        members = {one.key: value_of(one.value, source, depth + 1) for one in node.members}
        return object_(members, place)
    if isinstance(raw, list):
        elements = [one for one in raw if isinstance(one, Node)]
        return tuple_([value_of(one, source, depth + 1) for one in elements], place)
    if isinstance(raw, Number):
        amount = parse_number(raw.text)
        return (
            unknown("the number is not computed", place)
            if amount is None
            else number(amount, place)
        )
    if isinstance(raw, bool):
        return boolean(raw, place)
    return null(written=place) if raw is None else string(raw, place)


# -- what is no JSON -----------------------------------------------------------------------


def _problem(source: Source, error: BadJson, *, first: bool) -> Problem:
    at = min(error.at, len(source.data))
    here = Span(source, at, min(at + 1, len(source.data)))
    rest = source.slice(at, at + 4096).lstrip()
    failed = ERROR.match(rest)
    if failed is not None:
        return Problem(
            f"{failed['call']} failed with {failed['code']}: there is no answer here", here
        )
    if first:
        for form, name in _OTHERS:
            if form.match(rest):
                return Problem(f"this is {name}, use `--output json`", here)
        if in_base64(source.data) is not None:
            return Problem("this is base64, decode it first: `base64 -d`", here)
    cut = at >= len(source.data) or _OPEN_TEXT.fullmatch(source.data, at) is not None
    what = "the JSON ends before it is complete" if cut else f"no JSON: {error.message}"
    return Problem(what, here)


def in_base64(data: bytes) -> bytes | None:
    """What a text in base64 says, if that is a JSON object or array."""
    packed = b"".join(data.split())
    try:
        said = base64.b64decode(packed[: len(packed) // 4 * 4], validate=True)
    except binascii.Error:
        return None
    return said if said.lstrip().startswith((b"{", b"[")) else None
