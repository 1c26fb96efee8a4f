"""One acceptance of findings: a comment, an entry of a resource's Metadata, or of a configuration.

It names rules, and the findings of these in what it speaks of are not reported: for a comment
and for Metadata what is in `covers`, for a configuration what its patterns fit. It gives its
reason. It holds until a day, and for as long as no more access is allowed than it has accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantlint.finding import Acceptance
from grantlint.value import Truth

if TYPE_CHECKING:
    from datetime import date

    from grantlint.extent import Extent
    from grantlint.source import Span


@dataclass(frozen=True, slots=True)
class Ignore:
    """What is accepted. `span` is where that is written, `covers` the text that it speaks of.

    `until` is the last day on which it holds, None for no end; `accepts` the access that it was
    written for, None where it does not say. `path` (a pattern as in .gitignore, of files from
    where the configuration stands), `address` and `construct` (patterns with `*` and `?`) are those
    of a configuration; None fits everything. A template's resource has its logical id for address.

    `named` are the places of `rules`, as many or none. `who` is "caller" where it stands in a root
    module's files, "module" in those of a module that is called. `whole` is whether all is judged
    that it may speak of: only then it can be known to be of no use. A comment that is not the
    user's `own` (in an installed module) holds, but its faults are not theirs to mend.

    `directory` is where `path` begins, None for that of the file which says it; `roots` are the
    roots (see `Identity`) whose findings it speaks of, None for all.
    """

    kind: Acceptance
    rules: tuple[str, ...]
    reason: str
    until: date | None = None
    accepts: Extent | None = None
    span: Span | None = None
    covers: Span | None = None
    path: str | None = None
    address: str | None = None
    construct: str | None = None
    named: tuple[Span, ...] = ()
    who: str = ""
    whole: Truth = Truth.NO
    own: bool = True
    directory: str | None = None
    roots: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an acceptance that was meant, and where."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Written:
    """The acceptances that stand in the files of a run, and what is wrong with others."""

    ignores: tuple[Ignore, ...] = ()
    faults: tuple[Fault, ...] = ()
