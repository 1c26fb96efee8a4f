"""Lines of a file around an offset, and the comments and commas between two things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(rb"(?:#|//)[^\r\n]*|/\*.*?\*/|,", re.S)
_BLANK: Final = b" \t"


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes that come in the place of those from `start` to `end`."""

    start: int
    end: int
    text: bytes = b""


def first_of_line(data: bytes, at: int) -> int:
    """Where the line of an offset begins; behind a byte order mark."""
    start = data.rfind(b"\n", 0, at) + 1
    return 3 if start == 0 and data.startswith(b"\xef\xbb\xbf") and at >= 3 else start


def next_line(data: bytes, at: int) -> int:
    """Where the line after that of an offset begins; the end of the text if there is none."""
    end = data.find(b"\n", at)
    return len(data) if end == -1 else end + 1


def end_of_line(data: bytes, at: int) -> int:
    """Where the text of the line of an offset ends, its line break left out."""
    end = data.find(b"\n", at)
    end = len(data) if end == -1 else end
    return end - 1 if data[end - 1 : end] == b"\r" and end > at else end


def indent(data: bytes, at: int) -> bytes:
    """The blanks at the beginning of the line of an offset."""
    start = first_of_line(data, at)
    rest = data[start : end_of_line(data, start)]
    return rest[: len(rest) - len(rest.lstrip(_BLANK))]


def line_break(data: bytes, at: int) -> bytes:
    """How the line of an offset ends; a last line as the one before it."""
    end = data.find(b"\n", at)
    if end == -1:
        end = data.rfind(b"\n")
    return b"\r\n" if end > 0 and data[end - 1 : end] == b"\r" else b"\n"


def begins_line(data: bytes, at: int) -> bool:
    """Whether nothing but blanks stands before it in its line."""
    return not data[first_of_line(data, at) : at].strip(_BLANK)


def skip_blanks(data: bytes, at: int) -> int:
    """The first offset from here on that is no blank; line breaks are none."""
    while data[at : at + 1] in {b" ", b"\t"}:
        at += 1
    return at


def back_over_blanks(data: bytes, at: int) -> int:
    """The offset behind the last one before here that is no blank."""
    while data[at - 1 : at] in {b" ", b"\t"}:
        at -= 1
    return at


@dataclass(frozen=True, slots=True)
class Token:
    """A comma or a comment."""

    start: int
    end: int
    comma: bool


def between(data: bytes, start: int, end: int) -> Iterator[Token]:
    """The commas and comments between two offsets, where nothing else is."""
    for found in _TOKEN.finditer(data, start, end):
        yield Token(found.start(), found.end(), found[0] == b",")


def has_comment(data: bytes, start: int, end: int) -> bool:
    """Whether there seems to be a comment between two offsets; a URL in a text is none."""
    text = re.sub(rb'"(?:[^"\\\r\n]|\\.)*"', b"", data[start:end])
    return any(not token.comma for token in between(text, 0, len(text)))


def line_gone(data: bytes, start: int, end: int) -> list[Splice]:
    """Take out what stands alone in its lines, with a blank line that would be left over.

    A comment behind it stays, in a line of its own.
    """
    behind = skip_blanks(data, end)
    if behind != end_of_line(data, end):
        return [Splice(start, behind)]
    first, last = first_of_line(data, start), next_line(data, end)
    above = first_of_line(data, first - 1) if first > 0 else first
    empty_above = above < first and not data[above:first].strip()
    below = data[last : next_line(data, last)].strip()
    if empty_above and (not below or below[:1] in {b"}", b"]", b")"}):
        return [Splice(above, last)]
    opens = data[above:first].rstrip()[-1:] in {b"{", b"[", b"("}
    if opens and not below and last < len(data):
        return [Splice(first, next_line(data, last))]
    return [Splice(first, last)]
