"""The baseline: findings that a team has accepted as they are, one by one, in a file of theirs.

An entry says what the finding is known by (see `known`), never on which line, and how much it
accepts: what is about more is reported. Paths in it begin at the file's own directory. The file is
sorted and written the same way each time, so that its changes can be read in a review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from grantlint.finding import Acceptance, Finding, Suppressed, Suppression
from grantlint.known import Known, Level, known, matched
from grantlint.place import Place
from grantlint.source import Span

NAME: Final = ".grantlint-baseline.json"
"""Its name where none is given."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding. `span` is where the baseline has it, None for a new one."""

    known: Known
    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """All that a file accepts. `path` is as the user gave it."""

    path: str
    entries: tuple[Entry, ...] = ()

    @property
    def home(self) -> Path:
        """The real directory where its paths begin."""
        return Path(self.path).resolve().parent


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings beside a baseline: of each its entry, one that accepts less, or none.

    `missing` are those that are not accepted, with what is more than the entry accepts; `stale`
    the entries that nothing is found for.
    """

    accepted: tuple[tuple[Finding, Entry], ...]
    missing: tuple[tuple[Finding, Entry | None, tuple[str, ...]], ...]
    stale: tuple[Entry, ...]


def compared(findings: Iterable[Finding], baseline: Baseline) -> Compared:
    """Which findings of rules a baseline accepts."""
    placed = [(finding, known(finding, baseline.home)) for finding in findings]
    asked = [(finding, one) for finding, one in placed if one is not None]
    now = [one for _, one in asked]
    entries = baseline.entries
    found = matched(now, [one.known for one in entries], _levels(baseline.home), Known.more_than)
    missing: list[tuple[Finding, Entry | None, tuple[str, ...]]] = []
    for number, (finding, one) in enumerate(asked):
        if number not in found.same:
            entry = entries[found.less[number]] if number in found.less else None
            why = one.more_than(entry.known) if entry is not None else ()
            missing.append((finding, entry, why))
    used = {*found.same.values(), *found.less.values()}
    return Compared(
        tuple((asked[number][0], entries[entry]) for number, entry in sorted(found.same.items())),
        tuple(missing),
        tuple(entry for number, entry in enumerate(entries) if number not in used),
    )


def without(
    findings: Sequence[Finding], baseline: Baseline, mandatory: Callable[[Finding], bool]
) -> tuple[list[Finding], list[Suppressed]]:
    """The findings that a baseline does not accept, and those that it does.

    What could not be read, and what is `mandatory`, is never accepted.
    """
    asked = [one for one in findings if one.severity is not None and not mandatory(one)]
    found = compared(asked, baseline)
    accepted = {id(finding): entry for finding, entry in found.accepted}
    beyond = {id(finding): (entry, why) for finding, entry, why in found.missing if entry}
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in findings:
        entry = accepted.get(id(finding))
        if entry is not None:
            reason = f"accepted in {baseline.path}"
            by = Suppression(Acceptance.BASELINE, reason, span=entry.span)
            suppressed.append(Suppressed(finding, by))
        elif id(finding) in beyond:
            kept.append(_lapsed(finding, *beyond[id(finding)]))
        else:
            kept.append(finding)
    return kept, suppressed


def _lapsed(finding: Finding, entry: Entry, why: Sequence[str]) -> Finding:
    if entry.span is None:
        return finding
    place = Place(_accepts(entry.span), f"accepted for less: {', '.join(why)}")
    return replace(finding, related=(*finding.related, place))


def _accepts(span: Span) -> Span:
    """Where an entry says how much it accepts."""
    data = span.source.data
    start = data.find(b'"accepts"', span.start, span.end)
    ends = [end for end in (data.find(b"\n", start, span.end), span.end) if end >= 0]
    return Span(span.source, start, ends[0]) if start >= 0 else span


def _levels(home: Path) -> tuple[Level, ...]:
    """Where it was; in another file of its root; where its file is gone, in any.

    An address is one object in all files of a root module. In another root it is another object,
    unless the file of the first is not there any more: then it was moved or renamed.
    """

    def gone(one: Known) -> tuple[object, ...] | None:
        lost = not Path(home, one.identity.path).exists()
        return _meaning(one) if lost else None

    return (
        Level(lambda one: [_at(one)], _at),
        Level(lambda one: [_in_root(one)], _in_root),
        Level(lambda one: [_meaning(one)], gone),
    )


def _at(one: Known) -> tuple[object, ...]:
    return (one.identity.path, _in_root(one))


def _in_root(one: Known) -> tuple[object, ...]:
    return (one.root, *_meaning(one))


def _meaning(one: Known) -> tuple[object, ...]:
    by = one.identity
    return (by.rule, by.address, by.at, by.sid)


# -- changed -------------------------------------------------------------------------------

Judged = Callable[[Entry], bool]
"""Whether a run has judged what an entry is about."""


def written(baseline: Baseline, findings: Iterable[Finding], judged: Judged) -> Baseline:
    """A baseline of the findings; of what was not judged it keeps the entries."""
    listed = list(findings)
    kept = [one for one in compared(listed, baseline).stale if not judged(one)]
    made = (_entry(finding, baseline.home) for finding in listed)
    return replace(baseline, entries=(*kept, *(one for one in made if one is not None)))


def pruned(baseline: Baseline, found: Compared, judged: Judged) -> Baseline:
    """A baseline that accepts no more than there is: entries go or get narrower, none comes."""
    stale = {id(entry) for entry in found.stale}
    now = {id(entry): finding for finding, entry in found.accepted}
    entries: list[Entry] = []
    for entry in baseline.entries:
        if id(entry) in now:
            entries.append(_narrowed(entry, now[id(entry)], baseline.home))
        elif id(entry) not in stale or not judged(entry):
            entries.append(entry)
    return replace(baseline, entries=tuple(entries))


def _narrowed(entry: Entry, finding: Finding, home: Path) -> Entry:
    """An entry that accepts what there is; what is not known now says nothing of how much."""
    fresh = _entry(finding, home)
    assert fresh is not None
    then, now = entry.known, fresh.known
    if now.extent.open and not then.extent.open:
        now = replace(now, extent=then.extent)
    return replace(fresh, known=now)


def _entry(finding: Finding, home: Path) -> Entry | None:
    one = known(finding, home)
    return Entry(one, finding.message) if one is not None else None
