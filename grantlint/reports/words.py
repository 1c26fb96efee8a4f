"""How things are said in what people read: numbers, sentences, what a report comes to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grantlint.finding import Report, counts
from grantlint.model import NOT_HERE, Note


def plural(count: int, noun: str) -> str:
    """A number of things in words: `1 key`, `2 keys`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, each without what ends it."""
    return [one.rstrip(".:") for one in re.split(r"(?<=\.) (?=[A-Z`])", text) if one]


# -- of a whole report ---------------------------------------------------------------------


def found(report: Report, *, possible: bool) -> str:
    """How many findings there are: `3 findings`, `no findings`."""
    shown = report.judged(possible=possible)
    return plural(len(shown), "finding") if shown else "no findings"


def read(report: Report) -> str:
    """What was judged: `6 files (2 keys, 3 grants)`."""
    judged = f"{plural(report.keys, 'key')}, {plural(report.grants, 'grant')}"
    if report.identities:
        judged += f", {report.identities} IAM {'policy' if report.identities == 1 else 'policies'}"
    return f"{plural(report.files, 'file')} ({judged})"


def by_severity(report: Report, *, possible: bool) -> dict[str, int]:
    """How many findings there are of each severity, the worst first."""
    return counts(report.judged(possible=possible))


def hidden(report: Report, *, possible: bool) -> int:
    """How many possible findings are not shown."""
    return len(report.judged(possible=True)) - len(report.judged(possible=possible))


def unread(report: Report) -> int:
    """How many files could not be read."""
    return len({finding.path for finding in report.unreadable})


def missing_together(notes: Sequence[Note]) -> Sequence[Note]:
    """The notes with one for all modules that are not there, where the first of them stands."""
    missing = [note for note in notes if note.reason.endswith(NOT_HERE)]
    if len(missing) < 2:
        return notes
    count = sum(note.count for note in missing)
    reason = f"{len(missing)} modules (-v lists them) are{NOT_HERE.removeprefix(' is')}"
    together = Note(reason, count, missing[0].span)
    rest = set(map(id, missing[1:]))
    return [together if note is missing[0] else note for note in notes if id(note) not in rest]


def unevaluated(note: Note) -> str:
    """A reason why something was not evaluated, without its place."""
    times = f" ({note.count} times)" if note.count > 1 else ""
    return f"{note.reason.removesuffix('.')}{times}"
