"""Sets in cty's order: text by bytes, numbers by size, false before true, the rest by content.

Members that are not known stand behind the known ones, null last. A set with an unknown member
has an unknown length, because the member may equal another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from grantlint.parsers.number import number_text_short
from grantlint.parsers.terraform.convert.equality import equal
from grantlint.parsers.terraform.convert.typed import set_of
from grantlint.source import Span
from grantlint.value import Truth, Type, Unknown, Value


def make_set(members: Iterable[Value], element: Type, written: Span | None = None) -> Value:
    """A set of members that are already of the element type, in order, each once.

    Of equal members the first written is kept; one sensitive member makes the whole set so.
    """
    buckets: dict[bytes, list[Value]] = {}
    sensitive = False
    for member in members:
        sensitive = sensitive or member.has_sensitive()
        bucket = buckets.setdefault(set_key(member), [])
        if not any(equal(member, known) is Truth.YES for known in bucket):
            bucket.append(member)
    single = element.kind if element.kind in ("number", "bool") else None
    ordered = sorted(
        (
            (_rank(member), _order(member, key, single), member)
            for key, bucket in buckets.items()
            for member in bucket
        ),
        key=lambda row: row[:2],
    )
    return Value(set_of(element), tuple(row[2] for row in ordered), written, sensitive=sensitive)


def _rank(member: Value) -> int:
    if member.raw is None:
        return 2
    return int(isinstance(member.raw, Unknown))


def _order(member: Value, key: bytes, single: str | None) -> bytes | int | Fraction:
    """What members of one rank are sorted by."""
    if member.raw is None or isinstance(member.raw, Unknown):
        return b"" if single is None else 0
    if isinstance(member.raw, str):
        return member.raw.encode("utf-8", "surrogatepass")
    if single is not None and isinstance(member.raw, (bool, int, Fraction)):
        return member.raw
    return key


def set_key(value: Value) -> bytes:
    """What members are told apart and ordered by (makeSetHashBytes in cty)."""
    return _key(value).encode("utf-8", "surrogatepass")


def _key(value: Value) -> str:
    raw = value.raw
    if raw is None:
        return "~"
    if isinstance(raw, Unknown):
        return "?"
    if isinstance(raw, bool):
        return "T" if raw else "F"
    if isinstance(raw, str):
        return _quoted(raw)
    if isinstance(raw, tuple):
        inner = "".join(f"{_key(member)};" for member in raw)
        return f"<{inner}>" if value.kind == "tuple" else f"[{inner}]"
    if isinstance(raw, Mapping):
        if value.kind == "object":
            return "<" + "".join(f"{_key(member)};" for member in raw.values()) + ">"
        return "{" + "".join(f"{_quoted(k)}:{_key(member)};" for k, member in raw.items()) + "}"
    return number_text_short(raw)


_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip


def _quoted(text: str) -> str:
    """Go's %q."""
    return '"' + "".join(_quoted_character(character) for character in text) + '"'


def _quoted_character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
