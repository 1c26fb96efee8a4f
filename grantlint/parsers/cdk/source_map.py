"""Source maps: which line of the source a line of generated JavaScript comes from.

Revision 3, https://tc39.es/ecma426/: `mappings` has a `;` after each generated line and a `,`
between segments; a segment is up to five numbers in base 64 VLQ, each relative to the one before.
Maps of several sections are not read.
"""

from __future__ import annotations

import base64
import binascii
import json
import posixpath
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from grantlint.parsers.cdk.document import Json, fields, text, texts

LARGEST: Final = 10_000_000
"""Bytes of a map; a bundle of a whole application has less."""


@dataclass(frozen=True, slots=True)
class Original:
    """A place in a source: its path relative to the map, line and column counted from 1.

    The column counts UTF-16 units.
    """

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Segment:
    """From which column on generated text comes from where; all counted from 0."""

    column: int
    source: int
    line: int
    source_column: int


@dataclass(frozen=True, slots=True, eq=False)
class SourceMap:
    """One map: for each generated line its segments, by column."""

    sources: Sequence[str]
    lines: Sequence[Sequence[_Segment]]

    def original(self, line: int, column: int) -> Original | None:
        """Where a generated place comes from; line and column count from 1, column 0 is none."""
        if not 0 < line <= len(self.lines) or not self.lines[line - 1]:
            return None
        segments = self.lines[line - 1]
        at = bisect_right(segments, max(column - 1, 0), key=lambda one: one.column)
        found = segments[max(at - 1, 0)]
        if not 0 <= found.source < len(self.sources) or found.line < 0:
            return None
        return Original(self.sources[found.source], found.line + 1, found.source_column + 1)


def read(data: bytes) -> SourceMap | None:
    """A map; None for what is none."""
    if len(data) > LARGEST:
        return None
    try:
        content: Json = json.loads(data)
    except (ValueError, RecursionError):
        return None
    map = fields(content)
    mappings = text(map.get("mappings"))
    sources = map.get("sources")
    if mappings is None or not isinstance(sources, list) or len(texts(sources)) != len(sources):
        return None
    root = text(map.get("sourceRoot")) or ""
    return SourceMap([posixpath.join(root, one) for one in texts(sources)], _lines(mappings))


_URL: Final = re.compile(rb"//[#@] sourceMappingURL=(\S+)\s*$")
_INLINE: Final = re.compile(r"data:application/json[^,]*?(;base64)?,(.*)$", re.DOTALL)


def url(javascript: bytes) -> str | None:
    """What a JavaScript file says of where its map is: a relative path or the map itself."""
    last = javascript.rstrip().rfind(b"\n//")
    match = _URL.match(javascript.rstrip()[last + 1 :])
    return match[1].decode("utf-8", "replace") if match is not None else None


def inline(url: str) -> bytes | None:
    """The map that a `data:` address holds; None for another address."""
    match = _INLINE.match(url)
    if match is None:
        return None
    if match[1] is None:
        return unquote(match[2]).encode()
    try:
        return base64.b64decode(match[2], validate=True)
    except binascii.Error:
        return None


_DIGITS: Final = {
    digit: value
    for value, digit in enumerate(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    )
}


def _lines(mappings: str) -> list[list[_Segment]]:
    """The segments that name a source, for each generated line."""
    found: list[list[_Segment]] = []
    source = line = source_column = 0
    for generated in mappings.split(";"):
        segments: list[_Segment] = []
        column = 0
        for segment in generated.split(","):
            numbers = _numbers(segment)
            column += numbers[0] if numbers else 0
            if len(numbers) >= 4:
                source += numbers[1]
                line += numbers[2]
                source_column += numbers[3]
                segments.append(_Segment(column, source, line, source_column))
        segments.sort(key=lambda one: one.column)
        found.append(segments)
    return found


def _numbers(segment: str) -> list[int]:
    """The numbers of one segment; those before a character that is no digit."""
    numbers: list[int] = []
    value = shift = 0
    for digit in segment:
        bits = _DIGITS.get(digit)
        if bits is None or shift > 60:
            break
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            numbers.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    return numbers
