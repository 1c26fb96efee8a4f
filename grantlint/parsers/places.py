"""Where a stretch of a text stands in its file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from grantlint.source import Span
from grantlint.value import Value

Place = Callable[[int, int], Span | None]

_MOST_LINES: Final = 1000
"""Longer texts with directives are not searched for their lines."""


def places(text: Value, shown: str) -> Place:
    """Spans of stretches of a text, given as indexes of the characters of `shown`.

    `shown` is the text with one character for each hole. Exact when the text stands so in its
    file; line by line for a heredoc or template; else always the whole text.
    """
    written = text.written
    if written is None:
        return lambda *_: None
    if written.source.data[written.start : written.end] == _bytes(shown):
        return _exact(written, shown)
    return _by_line(written, shown) or (lambda *_: written)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _exact(written: Span, shown: str) -> Place:
    if shown.isascii():
        offsets: Sequence[int] = range(len(shown) + 1)
    else:
        offsets = list(accumulate((len(_bytes(letter)) for letter in shown), initial=0))
    last = len(shown)

    def place(start: int, end: int) -> Span:
        first, behind = offsets[min(start, last)], offsets[min(end, last)]
        return Span(written.source, written.start + first, written.start + behind)

    return place


def _by_line(written: Span, shown: str) -> Place | None:
    """Places in a text whose lines are those of its file, but for indentation and `${…}`.

    In a line with something filled in, a stretch is taken to reach from the line's first
    character, or to its last.
    """
    there = written.text.split("\n")
    if len(there) > 1 and "\n" not in shown and not there[0].startswith("<<"):
        return None  # put together of pieces: no line of the file is one of the text
    begins = list(accumulate((len(_bytes(line)) + 1 for line in there), initial=written.start))
    here = shown.split("\n")
    rows = _rows(here, there)
    if rows is None:
        return None
    starts = list(accumulate((len(line) + 1 for line in here), initial=0))

    def offset(index: int, *, end: bool) -> int:
        row = min(bisect_right(starts, index) - 1, len(here) - 1)
        ours, theirs = here[row], there[rows[row]].rstrip("\r")
        indent = len(theirs) - len(theirs.lstrip())
        if ours.strip() == theirs.strip():
            column = indent + index - starts[row] - (len(ours) - len(ours.lstrip()))
            column = min(max(column, 0), len(theirs))
        else:
            column = len(theirs.rstrip().removesuffix(",")) if end else indent
        return begins[rows[row]] + len(_bytes(theirs[:column]))

    def place(start: int, end: int) -> Span:
        begin = offset(start, end=False)
        return Span(written.source, begin, max(begin, offset(end, end=True)))

    return place


def _rows(here: Sequence[str], there: Sequence[str]) -> Sequence[int] | None:
    """For each line of a text the index of the line in its file; None where that is a guess.

    Directives leave lines out (`%{ if … }`) and repeat them (`%{ for … }`): then the lines that
    are as in the file tell where they are, and the others follow them.
    """
    first = 1 if there[0].startswith("<<") else 0
    last = len(there) - 1
    if len(here) - first == len(there) - 2 * first:
        return [min(row + first, last) for row in range(len(here))]
    if max(len(here), len(there)) > _MOST_LINES:
        return None
    from difflib import SequenceMatcher  # noqa: PLC0415  # only for a template with directives

    ours, theirs = [line.strip() for line in here], [line.strip() for line in there]
    rows = [-1] * len(here)
    for start, found, count in SequenceMatcher(None, ours, theirs, False).get_matching_blocks():
        rows[start : start + count] = range(found, found + count)
    guessed = 0
    for row, text in enumerate(ours):
        if rows[row] < 0:
            expected = min(rows[row - 1] + 1 if row else first, last)
            again = [at for at, line in enumerate(theirs) if line == text] if text else []
            guessed += not again
            rows[row] = min(again, key=lambda at: abs(at - expected), default=expected)
    return rows if guessed * 2 <= len(rows) else None
