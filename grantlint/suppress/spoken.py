"""Whether an acceptance speaks of a finding: of its place, its object or what is around that."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from grantlint.finding import Finding
from grantlint.source import Span
from grantlint.suppress.ignore import Ignore
from grantlint.suppress.patterns import fits


@dataclass(slots=True)
class Places:
    """Real paths, each looked up once: one file may be written in several ways."""

    _real: dict[str, str] = field(default_factory=dict)

    def real(self, path: str) -> str:
        """The file that a path leads to."""
        found = self._real.get(path)
        if found is None:
            found = self._real[path] = os.path.realpath(path)
        return found

    def speaks_of(self, ignore: Ignore, finding: Finding) -> bool:
        """Whether a finding of one of its rules is meant."""
        if finding.severity is None or finding.rule not in ignore.rules:
            return False
        if ignore.covers is not None:
            return any(self._within(one, ignore.covers) for one in own_places(finding))
        return self._fits(ignore, finding)

    def _within(self, span: Span, covers: Span) -> bool:
        if not (covers.start <= span.start and span.end <= covers.end):
            return False
        return covers.start < covers.end and self.real(span.path) == self.real(covers.path)

    def _fits(self, ignore: Ignore, finding: Finding) -> bool:
        """Whether what a configuration says fits: all of its patterns, and below where it is."""
        if ignore.roots is not None and finding.identity.root not in ignore.roots:
            return False
        home = ignore.directory or (str(Path(ignore.span.path).parent) if ignore.span else None)
        start = self.real(home or ".")
        places = [self.real(finding.path), *(self.real(one.path) for one in finding.around[:1])]
        if home is not None and not any(Path(one).is_relative_to(start) for one in places):
            return False
        if ignore.path is not None and not any(fits(one, start, (ignore.path,)) for one in places):
            return False
        named = ((ignore.address, finding.address), (ignore.construct, finding.construct))
        return all(
            wanted is None or _pattern(wanted).fullmatch(given or "") is not None
            for wanted, given in named
        )

    def who(self, ignore: Ignore, finding: Finding) -> str:
        """Who accepts it: the caller of a module, or the module."""
        home, root = str(Path(self.real(_path(ignore))).parent), finding.identity.root
        configuration = _path(ignore).endswith((".tf", ".tofu"))
        if ignore.who == "caller" and configuration and root and home != self.real(root):
            return "module" if os.path.isdir(root) else ignore.who  # noqa: PTH112
        return ignore.who


def own_places(finding: Finding) -> Iterator[Span]:
    """The places of a finding that are about its own object."""
    if finding.span is not None:
        yield finding.span
    yield from finding.around
    for place in finding.related:
        if place.address in {None, finding.address}:
            yield place.span


def _path(ignore: Ignore) -> str:
    return ignore.span.path if ignore.span is not None else ""


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of addresses: `*` is any text, `?` one character, all else itself."""
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in text)
    return re.compile("".join(parts), re.DOTALL)
