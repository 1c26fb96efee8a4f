"""Notes: every reason for which something of a key or grant is not known, once, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from grantlint.model import Note
from grantlint.parsers.instance import AFTER_APPLY, READ
from grantlint.source import Span
from grantlint.value import Raw, Unknown, Value

_NORMAL: Final = frozenset({AFTER_APPLY, READ})
_SENSITIVE: Final = "a sensitive value is not known"


@dataclass(slots=True, eq=False)
class Notes:
    """Reasons collected so far."""

    _found: dict[str, tuple[int, Span | None]] = field(default_factory=dict)

    def add(self, reason: str, span: Span | None, count: int = 1) -> None:
        """One more occurrence of a reason."""
        before, first = self._found.get(reason, (0, None))
        self._found[reason] = before + count, first or span

    def unknowns(self, values: Iterable[Value], span: Span) -> None:
        """Every unknown leaf of some values; `span` stands in where a leaf has no place."""
        for value in values:
            if _has_unknown(value.raw):
                for leaf in value.unknowns():
                    for reason in _reasons(leaf):
                        self.add(reason, leaf.written or leaf.use or span)

    def sorted(self) -> tuple[Note, ...]:
        """By file, line and reason; those without a place first."""
        notes = [Note(reason, count, span) for reason, (count, span) in self._found.items()]
        return tuple(sorted(notes, key=_order))


def _order(note: Note) -> tuple[str, int, str]:
    span = note.span
    return (span.path, span.start, note.reason) if span is not None else ("", 0, note.reason)


def _has_unknown(raw: Raw) -> bool:
    """Whether anything in it is unknown; cheap, as nearly everything is known."""
    pending = [raw]
    while pending:
        raw = pending.pop()
        if raw is None or type(raw) is str:
            continue
        if isinstance(raw, Unknown):
            return True
        if isinstance(raw, tuple):
            pending += [member.raw for member in raw]
        elif type(raw) is dict or isinstance(raw, Mapping):
            pending += [member.raw for member in raw.values()]
    return False


def _reasons(leaf: Value) -> Iterator[str]:
    """Why a leaf is not known, once each; nothing where that is as it should be before apply."""
    cause = leaf.unknown
    if cause is None:
        return
    if leaf.sensitive:
        yield _SENSITIVE
        return
    holes = [part for part in cause.parts if isinstance(part, Value)]
    if holes:
        yield from dict.fromkeys(reason for hole in holes for reason in _reasons(hole))
    elif cause.refers_to is None or cause.reason not in _NORMAL:
        yield cause.reason
