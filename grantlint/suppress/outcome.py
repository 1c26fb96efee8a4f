"""What an acceptance has come to in a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from grantlint.finding import Finding
from grantlint.suppress.ignore import Ignore


@dataclass(slots=True)
class Outcome:
    """What an acceptance has come to.

    `used` are the rules of which it speaks of a finding; `returned` the findings that count again
    since its day is past; `outgrown` those that allow more, and what. `barred` are the rules
    whose findings it cannot accept where they are.
    """

    ignore: Ignore
    used: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    returned: list[Finding] = field(default_factory=list)
    outgrown: list[tuple[Finding, tuple[str, ...]]] = field(default_factory=list)
