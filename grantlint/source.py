"""Files as read, and places inside them.

Offsets are bytes, because every parser counts bytes; lines and columns are worked out only when a
place is shown. Columns count code points, lines and columns start at 1, ends are exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

_LONG: Final = 4096
"""Bytes of a line from which on what was worked out in it is kept: JSON is often one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file's text. `path` is as the user gave it, with `/` between its parts."""

    path: str
    data: bytes
    _line_starts: list[int] = field(default_factory=list, repr=False)
    _column: list[int] = field(default_factory=list, repr=False)  # line start, offset, column
    _line: list[tuple[int, str]] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        """The whole text; bytes that are not UTF-8 come out as U+FFFD."""
        return self.data.decode("utf-8", "replace")

    def slice(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self.data[start:end].decode("utf-8", "replace")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte offset."""
        starts = self._line_starts
        if not starts:
            starts.append(0)
            at = self.data.find(b"\n")
            while at != -1:
                starts.append(at + 1)
                at = self.data.find(b"\n", at + 1)
        line = bisect_right(starts, offset)
        start = starts[line - 1]
        if offset - start < _LONG:
            return line, len(self.slice(start, offset)) + 1
        return line, self._in_long_line(start, offset)

    def _in_long_line(self, start: int, offset: int) -> int:
        """The column of an offset, counted from the place that was asked for before."""
        before, column = start, 1
        if self._column[:1] == [start] and abs(offset - self._column[1]) < offset - start:
            _, before, column = self._column
        between = len(self.slice(min(before, offset), max(before, offset)))
        column += between if offset >= before else -between
        self._column[:] = start, offset, column
        return column

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line end; empty outside the file."""
        self.position(0)
        if not 1 <= number <= len(self._line_starts):
            return ""
        if self._line and self._line[0][0] == number:
            return self._line[0][1]
        start = self._line_starts[number - 1]
        end = self.data.find(b"\n", start)
        text = self.slice(start, len(self.data) if end == -1 else end).rstrip("\r")
        if len(text) >= _LONG:
            self._line[:] = [(number, text)]
        return text


@dataclass(frozen=True, slots=True)
class Span:
    """A place: the bytes `start` (inclusive) to `end` (exclusive) of one source."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path

    @property
    def line(self) -> int:
        """First line, counted from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """First column, in code points, counted from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """Line of the exclusive end."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """Column of the exclusive end."""
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        """The text of the place."""
        return self.source.slice(self.start, self.end)

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.path}:{line}:{column}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Problem:
    """A fault of a file: one lower-case sentence without a full stop, and where."""

    message: str
    span: Span
