"""Where a stretch of a text stands in its file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from grantlint.source import Span
from grantlint.value import Value


def places(text: Value) -> Callable[[int, int], Span | None]:
    """Spans of stretches of a known text, given as indexes of its characters.

    Exact when the text stands so in its file; else always that of the whole text.
    """
    written, known = text.written, text.text or ""
    if written is None or written.source.data[written.start : written.end] != known.encode(
        "utf-8", "surrogatepass"
    ):
        return lambda *_: written
    if known.isascii():
        offsets: Sequence[int] = range(len(known) + 1)
    else:
        widths = (len(letter.encode("utf-8", "surrogatepass")) for letter in known)
        offsets = list(accumulate(widths, initial=0))
    source, base, last = written.source, written.start, len(known)

    def place(start: int, end: int) -> Span:
        first, behind = offsets[min(start, last)], offsets[min(end, last)]
        return Span(source, base + first, base + behind)

    return place
