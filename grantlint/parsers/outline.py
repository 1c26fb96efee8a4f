"""What a comment speaks of: the line that it ends, or the next one, and all that begins there.

A format gives the comments of a text and its parts (blocks, arguments, members, elements), as
bytes from and to; everything else is the same for all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grantlint.source import Source, Span

_SEEN = re.compile(rb"[^\r\n]")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, with its marks, and what it speaks of: None where nothing follows it."""

    span: Span
    covers: Span | None


@dataclass(slots=True)
class Outline:
    """A text by lines: what is written on each besides comments, and what begins there."""

    source: Source
    comments: Sequence[tuple[int, int]]
    _starts: list[int] = field(default_factory=list)
    _text: bytes = b""
    _ends: dict[int, int] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Lines, and the text without its comments."""
        data = self.source.data
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
        blank = bytearray(b"   " + data[3:] if data.startswith(_BOM) else data)
        for start, end in self.comments:
            blank[start:end] = _SEEN.sub(b" ", bytes(blank[start:end]))
        self._text = bytes(blank)

    def take(self, parts: Iterable[tuple[int, int]]) -> None:
        """Parts of the text; those that begin on a line that nobody asks about are not needed."""
        for start, end in parts:
            line = self.line(start)
            self._ends[line] = max(end, self._ends.get(line, 0))
            self._begun.add(start)

    def lines(self) -> list[int]:
        """The lines that comments with our name speak of, in order."""
        found = (self._line_spoken_of(*one) for one in self._ours())
        return sorted({line for line in found if line is not None})

    def line(self, offset: int) -> int:
        """The line of a byte, counted from 0."""
        return bisect_right(self._starts, offset) - 1

    def start(self, line: int) -> int:
        """The first byte of a line."""
        return self._starts[line]

    def written(self, line: int) -> tuple[int, int] | None:
        """From where to where something is written on a line; None where nothing is."""
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        text = self._text[start:end]
        stripped = text.strip()
        if not stripped:
            return None
        first = start + len(text) - len(text.lstrip())
        return first, first + len(stripped)

    def covers(self, line: int) -> Span | None:
        """What a line holds, with the whole of what begins there."""
        found = self.written(line)
        if found is None:
            return None
        return Span(self.source, found[0], max(found[1], self._ends.get(line, 0)))

    def begins(self, line: int) -> bool:
        """Whether a line begins with a part, so that a comment may stand above it."""
        found = self.written(line)
        if found is None:
            return False
        start, end = found
        while self._text[start : start + 2] in {b"- ", b"-\t"}:  # an element of YAML
            start = end - len(self._text[start + 2 : end].lstrip())
        return start in self._begun

    def spoken(self) -> Iterator[Comment]:
        """The comments with our name, each with what it speaks of."""
        for start, end in self._ours():
            line = self._line_spoken_of(start, end)
            covers = self.covers(line) if line is not None else None
            yield Comment(Span(self.source, start, end), covers)

    def _ours(self) -> Iterator[tuple[int, int]]:
        data = self.source.data
        return (one for one in self.comments if b"grantlint" in data[slice(*one)].lower())

    def _line_spoken_of(self, start: int, end: int) -> int | None:
        first, last = self.line(start), self.line(max(start, end - 1))
        lines = (first, *range(last, len(self._starts)))
        return next((line for line in lines if self.written(line) is not None), None)
