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

    @classmethod
    def of(
        cls,
        source: Source,
        comments: Sequence[tuple[int, int]],
        parts: Iterable[tuple[int, int]],
    ) -> Outline:
        """The outline of a text with these comments and parts."""
        made = cls(source, comments)
        data = source.data
        made._starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
        blank = bytearray(b"   " + data[3:] if data.startswith(_BOM) else data)
        for start, end in comments:
            blank[start:end] = _SEEN.sub(b" ", bytes(blank[start:end]))
        made._text = bytes(blank)
        for start, end in parts:
            line = made.line(start)
            made._ends[line] = max(end, made._ends.get(line, 0))
            made._begun.add(start)
        return made

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
        """The comments, each with what it speaks of."""
        for start, end in self.comments:
            yield Comment(Span(self.source, start, end), self._spoken_of(start, end))

    def _spoken_of(self, start: int, end: int) -> Span | None:
        first, last = self.line(start), self.line(max(start, end - 1))
        for line in (first, last):
            if self.written(line) is not None:
                return self.covers(line)
        for line in range(last + 1, len(self._starts)):
            if self.written(line) is not None:
                return self.covers(line)
        return None
