"""What is wrong in a configuration file, with places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grantlint.config.usage import UsageError
from grantlint.source import Span


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a configuration, and where; one lower-case sentence."""

    message: str
    span: Span


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise UsageError for all of them at once, if there are any, in the order of the file."""
    found = sorted(set(mistakes), key=lambda one: (one.span.path, one.span.start, one.message))
    if found:
        raise UsageError("\n".join(map(_shown, found)))


_WIDEST = 120


def _shown(mistake: Mistake) -> str:
    """Place and message, and the line with what is meant in it."""
    span = mistake.span
    line = span.source.line(span.line)
    head = f"{span}: {mistake.message}"
    if not line.strip() or len(line) > _WIDEST:
        return head
    end = span.end_column if span.end_line == span.line else len(line) + 1
    number = str(span.line)
    marks = " " * (span.column - 1) + "^" * max(1, end - span.column)
    line = line.replace("\t", " ")
    return f"{head}\n  {number} | {line}\n  {' ' * len(number)} | {marks}"
