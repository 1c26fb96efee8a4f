"""Findings known again: those of another time or of a baseline, matched with those of now.

A finding of now is known where one of then has the same key and is about no less: as much access,
as severe, as certain. Keys are given in levels, the strictest first, so that what has stayed where
it was is matched before what has moved. Each one of then serves once: of two findings that are
alike the second is new.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from grantlint.extent import Extent
from grantlint.finding import Finding, Identity
from grantlint.rule import Severity

_MOST_TRIED: Final = 200
"""Of the findings that share a key, how many are tried for one of now."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a finding is known by, and how much it is about; `accepted` says that it was hidden."""

    identity: Identity
    extent: Extent
    severity: Severity
    certain: bool = True
    accepted: bool = False

    @property
    def root(self) -> str:
        """The directory or template that addresses are counted in; else the file itself."""
        return self.identity.root or self.identity.path

    def more_than(self, then: Known) -> tuple[str, ...]:
        """In words, what this is about and the one of then was not."""
        more = list(self.extent.beyond(then.extent))
        if self.severity > then.severity:
            more.append(f"it is {self.severity.label} and was {then.severity.label}")
        if self.certain and not then.certain:
            more.append("it is certain and was only possible")
        return tuple(more)


def known(finding: Finding, base: Path, *, accepted: bool = False) -> Known | None:
    """A finding as it is known from a directory; None for a file that cannot be read."""
    if finding.severity is None:
        return None
    identity = finding.identity
    at = replace(
        identity,
        rule=finding.rule,
        root=relative(identity.root, base) if identity.root else "",
        path=relative(identity.path or finding.path, base),
        address=identity.address or finding.address or "",
    )
    return Known(at, finding.extent, finding.severity, finding.certain, accepted)


def relative(path: str, base: Path) -> str:
    """A path that a finding has, from a real directory, with `/` between its parts.

    Links on the way to `base` count for what they lead to, links below it for themselves.
    """
    if path.startswith("<"):  # standard input
        return path
    found = os.path.relpath(path, base)
    if found.startswith(".."):
        directory, name = os.path.split(os.path.normpath(path))
        found = os.path.relpath(Path(os.path.realpath(directory), name), base)
    return found.replace(os.sep, "/")


def inside(path: str) -> bool:
    """Whether a path that `relative` gave is below its directory."""
    return path != ".." and not path.startswith(("../", "/")) and not posixpath.isabs(path)


# -- matched -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Level:
    """One way of knowing a finding again: the keys that one of now may have had, and one's of then.

    Those of then that have None for a key do not take part. Without `explains`, one that shares
    a key but is about less says nothing of why another is new.
    """

    now: Callable[[Known], Iterable[Hashable]]
    then: Callable[[Known], Hashable | None]
    explains: bool = True


@dataclass(slots=True, eq=False)
class Matched:
    """Of the findings of now, by their number: which of then each is.

    `less` are those of then that are the same, but about less.
    """

    same: dict[int, int] = field(default_factory=dict)
    less: dict[int, int] = field(default_factory=dict)


More = Callable[[Known, Known], "tuple[str, ...]"]


def matched(
    now: Sequence[Known], then: Sequence[Known], levels: Sequence[Level], more: More
) -> Matched:
    """Match what is there now with what was there; `more` says what goes beyond one of then."""
    found = Matched()
    free = dict.fromkeys(range(len(then)))
    for level in levels:
        candidates = _candidates(now, then, level, found.same, free)
        for each, other in _assigned(now, then, candidates, more).items():
            found.same[each] = other
            del free[other]
    for level in levels:
        if not level.explains:
            continue
        for each, others in _candidates(now, then, level, found.same, free).items():
            left = [other for other in others if other in free]
            if left and each not in found.less:
                found.less[each] = left[0]
                del free[left[0]]
    return found


def _candidates(
    now: Sequence[Known],
    then: Sequence[Known],
    level: Level,
    done: Iterable[int],
    free: Iterable[int],
) -> dict[int, list[int]]:
    """For each of now that is not known yet, those of then that are free and share a key."""
    by_key: dict[Hashable, list[int]] = {}
    for other in free:
        key = level.then(then[other])
        if key is not None:
            by_key.setdefault(key, []).append(other)
    found: dict[int, list[int]] = {}
    known_already = set(done)
    for each, one in enumerate(now):
        if by_key and each not in known_already:
            keys = dict.fromkeys(level.now(one))
            others = [other for key in keys for other in by_key.get(key, ())]
            if others:
                found[each] = others
    return found


def _assigned(
    now: Sequence[Known], then: Sequence[Known], candidates: dict[int, list[int]], more: More
) -> dict[int, int]:
    """As many as can be, each to one of then that is about no less: the very same first."""
    taken: dict[int, int] = {}
    rest: dict[int, list[int]] = {}
    looks = {other: _look(then[other]) for others in candidates.values() for other in others}
    for each, others in candidates.items():
        look = _look(now[each])
        exact = next((one for one in others if one not in taken and looks[one] == look), None)
        if exact is not None:
            taken[exact] = each
        else:
            rest[each] = _like_first(others, then, now[each])
    fitting = {
        each: [one for one in others[:_MOST_TRIED] if not more(now[each], then[one])]
        for each, others in rest.items()
    }

    def place(each: int, tried: set[int]) -> bool:
        for other in fitting.get(each, ()):
            if other in tried:
                continue
            tried.add(other)
            if other not in taken or (taken[other] in fitting and place(taken[other], tried)):
                taken[other] = each
                return True
        return False

    for each in fitting:
        place(each, set())
    return {each: other for other, each in taken.items()}


def _like_first(others: Iterable[int], then: Sequence[Known], one: Known) -> list[int]:
    return sorted(others, key=lambda other: then[other].accepted != one.accepted)


def _look(one: Known) -> tuple[Hashable, ...]:
    return one.accepted, one.severity, one.certain, str(one.extent)
