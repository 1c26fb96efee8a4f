"""TOML: its data by the standard library, and where each key and value stands.

tomllib knows no places. What it has accepted is valid, so that a short walk over the text is enough
to find them; the walk is never asked what anything means, but for keys between quotes.
https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Final

from grantlint.config.document import DEEPEST, MOST, Document, Path, Place, Unreadable, offsets
from grantlint.source import Source, Span

_LONG_KEY: Final = re.compile(rf"(?:[\w\"'-]+[ \t]*\.[ \t]*){{{DEEPEST}}}")
_AT: Final = re.compile(r" ?\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_TEXTS: Final = (
    re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{0,2})', re.S),
    re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{0,2})", re.S),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_BARE: Final = re.compile(r"[^,\]}#\r\n]*[^,\]}#\s]")


def read(source: Source, text: str) -> Document:
    """The data of a file, with places. Raises Unreadable."""
    text = text.removeprefix("\ufeff")
    mark = len(source.data) - len(text.encode())
    byte = offsets(text)

    def span(start: int, end: int) -> Span:
        return Span(source, mark + byte(start), mark + byte(end))

    long = _LONG_KEY.search(text)
    if long is not None:
        raise Unreadable(f"a key of more than {DEEPEST} parts", span(long.start(), long.start()))
    try:
        data = tomllib.loads(text)
        walk = _Walk(text)
        walk.document()
    except tomllib.TOMLDecodeError as error:
        message, index = _said(str(error), text)
        raise Unreadable(f"this is no TOML: {message}", span(index, index)) from None
    except RecursionError:
        raise Unreadable(f"nested deeper than {DEEPEST}", span(0, 0)) from None
    places = {
        path: Place(span(*key), span(*walk.values.get(path, key)))
        for path, key in walk.keys.items()
    }
    return Document(source, data, places)


def _said(message: str, text: str) -> tuple[str, int]:
    """What tomllib says, as our messages are written, and the index of where."""
    match = _AT.search(message)
    said = message[: match.start()] if match else message
    said = said[:1].lower() + said[1:]
    if match is None or match["line"] is None:
        return said, len(text.rstrip())
    lines = text.split("\n")[: int(match["line"]) - 1]
    return said, min(sum(len(line) + 1 for line in lines) + int(match["column"]) - 1, len(text))


@dataclass(slots=True)
class _Walk:
    """A walk over a valid text: where keys and values begin and end, as indexes."""

    text: str
    at: int = 0
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def document(self) -> None:
        table: Path = ()
        while self._past(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table, 0)

    def _past(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.at

    def _header(self) -> Path:
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        names = self._names()
        self.at += 2 if many else 1
        path: Path = ()
        for number, (name, place) in enumerate(names):
            path = (*path, name)
            self.keys.setdefault(path, place)
            last = number == len(names) - 1
            if many and last:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
                self.keys.setdefault(path, place)
        return path

    def _names(self) -> list[tuple[str, tuple[int, int]]]:
        """The parts of a key, each with its place."""
        found: list[tuple[str, tuple[int, int]]] = []
        while True:
            self._past(_SPACE)
            start = self.at
            word = self.text[start : self._past(_KEY)]
            found.append((_meant(word), (start, self.at)))
            self._past(_SPACE)
            if not self.text.startswith(".", self.at):
                return found
            self.at += 1

    def _pair(self, table: Path, depth: int) -> None:
        path = table
        for name, place in self._names():
            path = (*path, name)
            self.keys.setdefault(path, place)
        self.at += 1  # the sign =
        self._past(_SPACE)
        self._value(path, depth)

    def _value(self, path: Path, depth: int) -> None:
        if depth > DEEPEST or len(self.values) > MOST:
            raise RecursionError
        start, first = self.at, self.text[self.at]
        if first == "[":
            self._list(path, depth)
        elif first == "{":
            self._table(path, depth)
        elif first in "\"'":
            self.at = next(m.end() for p in _TEXTS if (m := p.match(self.text, start)))
        else:
            self._past(_BARE)
        self.values[path] = start, self.at

    def _list(self, path: Path, depth: int) -> None:
        self.at += 1
        number = 0
        while self.text[self._past(_BLANK)] != "]":
            start = self.at
            self._value((*path, number), depth + 1)
            self.keys[*path, number] = start, self.at
            number += 1
            if self.text[self._past(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _table(self, path: Path, depth: int) -> None:
        self.at += 1
        while self.text[self._past(_BLANK)] != "}":
            self._pair(path, depth + 1)
            if self.text[self._past(_BLANK)] == ",":
                self.at += 1
        self.at += 1


def _meant(word: str) -> str:
    """A key without its quotes."""
    if word[0] == "'":
        return word[1:-1]
    return str(tomllib.loads(f"x = {word}")["x"]) if word[0] == '"' else word
