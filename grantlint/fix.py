"""Fixes: what to write where so that a finding is gone, and what the text is then.

Knows texts and places, no syntax. A parser finds the edits (`parsers/terraform/edit/`), `mend.py`
writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from grantlint.rule import Object, Path
from grantlint.source import Source, Span


class Applicability(Enum):
    """Who decides whether a fix is applied.

    SAFE mends what AWS refuses or what has no effect, or writes the same in another way: nobody
    who has access loses it. SUGGESTED takes access away, or asks for more than before.
    """

    SAFE = "safe"
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule asks for: to remove, set or add something at a path inside the object."""

    at: Path
    op: str
    value: object = None


@dataclass(frozen=True, slots=True)
class Edit:
    """The text that comes in the place of a span; both may be empty."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends a finding: all of its edits, in order.

    `title` says it in a few words; `owner` is the object that is changed (see `owner`).
    """

    title: str
    applicability: Applicability
    change: Change
    owner: tuple[str, ...]
    edits: tuple[Edit, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files that it changes, each once."""
        return tuple({edit.span.path: edit.span.source for edit in self.edits}.values())


def owner(judged: Object) -> tuple[str, ...]:
    """What tells an object from all others: root modules may share addresses."""
    return judged.address, judged.span.path, *(call.path for call in judged.calls[:1])


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits cannot both be made: they touch the same text, or insert at one place."""
    if one.span.path != other.span.path or one == other:
        return False
    if one.span.start == other.span.start:
        return True
    first, second = sorted((one, other), key=lambda edit: edit.span.start)
    return second.span.start < first.span.end


def edited(source: Source, edits: Iterable[Edit]) -> bytes:
    """The file's bytes after these edits, of which no two overlap; one made twice counts once."""
    ours = {edit for edit in edits if edit.span.path == source.path}
    data = source.data
    for edit in sorted(ours, key=lambda edit: edit.span.start, reverse=True):
        data = data[: edit.span.start] + edit.text.encode() + data[edit.span.end :]
    return data


def diff(fix: Fix) -> list[str]:
    """The unified diff of a fix, a line each, without line ends."""
    from difflib import unified_diff  # noqa: PLC0415  # only who shows one needs it

    lines: list[str] = []
    for source in fix.sources:
        before, after = _lines(source.data), _lines(edited(source, fix.edits))
        lines += unified_diff(before, after, source.path, source.path, n=2, lineterm="")
    return lines


def _lines(data: bytes) -> Sequence[str]:
    text = data.decode("utf-8-sig", "replace")
    return [line.removesuffix("\r") for line in text.split("\n")]
