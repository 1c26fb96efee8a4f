"""Hits made concrete: where in which file, how certain, and by what name they are known again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grantlint.model import Note
from grantlint.rule import Rule, Severity
from grantlint.source import Span
from grantlint.value import Truth

UNREADABLE = "unreadable-file"
"""The rule of a finding that says that a file could not be read: it has no severity."""


@dataclass(frozen=True, slots=True)
class Place:
    """A related place, and what is there."""

    span: Span
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place.

    `certain` is False when it depends on what is not known. `exists` MAYBE says that the object
    itself may not be there; the message then names the condition. `path` is the file's, also
    where there is no `span` (a directory that cannot be read).
    """

    rule: str
    severity: Severity | None
    message: str
    path: str
    span: Span | None = None
    address: str | None = None
    related: tuple[Place, ...] = ()
    certain: bool = True
    exists: Truth = Truth.YES
    fix: Mapping[str, object] | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run, sorted. `rules` are all that were asked, `files` how many were read."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notes: tuple[Note, ...]
    rules: tuple[Rule, ...]
    files: int
    remarks: tuple[str, ...] = ()

    def judged(self, *, possible: bool) -> tuple[Finding, ...]:
        """The findings of rules: the certain ones, and on demand the possible ones."""
        return tuple(f for f in self.findings if f.severity and (f.certain or possible))

    @property
    def unreadable(self) -> tuple[Finding, ...]:
        """The findings about files that could not be read."""
        return tuple(finding for finding in self.findings if finding.severity is None)


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings of each severity, the worst first, without the zeros."""
    found = {severity.label: 0 for severity in sorted(Severity, reverse=True)}
    for finding in findings:
        if finding.severity:
            found[finding.severity.label] += 1
    return {label: count for label, count in found.items() if count}
