"""A place in a source as text: its lines with numbers, and carets below what is meant.

Tabs become four blanks, characters take the columns that a terminal gives them, and what a
terminal would obey (control characters, marks that change the direction of text) is replaced, so
that a file can neither move the carets nor write to the screen. So is what the log of a CI server
would obey: `##[…]` wherever it stands, `::…` where a line begins.
"""

from __future__ import annotations

import re
import unicodedata

from grantlint.source import Span

TAB = 4
WIDTH = 120  # of the shown part of a line, in terminal columns
LEAST = 40  # of the same on the narrowest terminal
LINES = 5  # a longer span is shown by its first and last lines

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_COMMAND = re.compile(r"##(?=\[|vso\[|teamcity\[)")
_MARK = "\ufffd"  # stands for what is replaced


def printable(text: str) -> str:
    """The text with tabs as blanks and without anything that a terminal or log would obey."""
    if "##" in text:
        text = _COMMAND.sub(f"#{_MARK}", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def printable_line(text: str) -> str:
    """A whole line, printable, that no log takes for a command of GitHub's (`::error::`)."""
    shown = printable(text)
    bare = shown.lstrip()
    return shown.replace("::", f":{_MARK}", 1) if bare.startswith("::") else shown


def width(text: str) -> int:
    """The columns of printable text in a terminal."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def snippet(span: Span, gutter: int, room: int = WIDTH) -> list[tuple[str, str, str]]:
    """The lines of a span: (line number or "", "text", "gap" or "carets", the text itself).

    `gutter` is the width of the line numbers, `room` that of the lines beside them.
    """
    first, last = span.line, _last_line(span)
    shown = range(first, last + 1)
    rows: list[tuple[str, str, str]] = []
    for number in shown:
        if len(shown) > LINES and first + 2 <= number < last:
            if number == first + 2:
                rows.append(("." * min(3, gutter), "gap", ""))
            continue
        text = span.source.line(number)
        start = span.column - 1 if number == first else len(text) - len(text.lstrip())
        end = span.end_column - 1 if number == span.end_line else len(text.rstrip())
        line, carets = _underlined(text, start, max(end, start + 1), max(room, LEAST))
        rows.append((str(number), "text", line))
        if text.strip():
            rows.append(("", "carets", carets))
    return rows


def _last_line(span: Span) -> int:
    """The last line with something of the span on it."""
    ends_before_text = span.end_line > span.line and span.end_column == 1
    return span.end_line - 1 if ends_before_text else span.end_line


def _underlined(text: str, start: int, end: int, room: int) -> tuple[str, str]:
    """A line and its carets, cut to `room` columns around what is underlined.

    Of a line of megabytes only what can be shown is looked at.
    """
    most = 4 * room  # characters: some take no column
    before, meant, after = text[max(start - most, 0) : start], text[start:end], text[end:]
    meant, after = meant[:most], after[:most]
    before, meant, after = printable(before), printable(meant) or " ", printable(after)
    if width(before) + width(meant) + width(after) > room:
        meant = cut(meant, room - LEAST // 2)
        left = room - width(meant)
        if width(before) + min(width(after), left // 2) > left:
            most = max(left - width(after), left // 2)
            before = "…" + cut(before[::-1], most - 1, mark="")[::-1]
        after = cut(after, left - width(before))
    return (before + meant + after).rstrip(), " " * width(before) + "^" * max(width(meant), 1)


def cut(text: str, columns: int, mark: str = "…") -> str:
    """The text, or as much of its beginning as fits into so many columns with a mark behind it."""
    if width(text) <= columns:
        return text
    used, kept = 0, 0
    for character in text:
        used += _columns(character)
        if used > columns - len(mark):
            break
        kept += 1
    return text[:kept] + mark


def _shown(character: str) -> str:
    if character == "\t":
        return " " * TAB
    if character in _DIRECTIONS or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
        return _MARK
    return character


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
