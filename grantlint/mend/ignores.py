"""Findings accepted in comments, which are written where they belong, and judged again.

A comment goes above the statement, else above the block or resource, in the files of the root
module: above the `module` block for what is in a called one. All rules at one place share a
comment, where they accept the same. What no comment can reach is told, as an entry for a
configuration. Where anything but what was meant has changed, a file gets its old text back.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint import git
from grantlint.check import judge
from grantlint.extent import NOTHING, Extent
from grantlint.finding import Acceptance, Finding, Report
from grantlint.fix import Edit
from grantlint.mend.writing import tried
from grantlint.parsers.comments import outlined
from grantlint.parsers.outline import Outline
from grantlint.source import Source, Span
from grantlint.suppress.ignore import Ignore
from grantlint.suppress.report import ABOUT
from grantlint.suppress.spoken import Places

if TYPE_CHECKING:
    from grantlint.check import Terms
    from grantlint.parsers.settings import Options

_MANDATORY: Final = "its rule is mandatory"
_NO_PLACE: Final = "no comment can stand there"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Why findings are accepted, and until when; whether the possible ones are, too."""

    reason: str
    until: date | None = None
    possible: bool = False


@dataclass(slots=True)
class Added:
    """What came of it: how many findings are accepted, in how many files, and which are not.

    `refused` are findings with why; `entries` are for a configuration, ready to be pasted.
    """

    report: Report
    findings: int = 0
    files: int = 0
    refused: list[tuple[Finding, str]] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a comment is put: above a line of a file; and what it accepts there."""

    outline: Outline
    line: int
    findings: list[Finding] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.outline.source.path


def add_ignores(
    paths: Sequence[str],
    options: Options,
    terms: Terms,
    progress: Callable[[str], None],
    wanted: Wanted,
) -> Added:
    """Write a comment for everything that is found, and judge again."""

    def again() -> Report:
        return judge(paths, options, terms, progress)[0]

    added = Added(again())
    found = [one for one in added.report.judged(possible=wanted.possible) if one.rule not in ABOUT]
    mandatory = terms.accepting.mandatory
    added.refused = [(one, _MANDATORY) for one in found if one.rule in mandatory]
    finder = _Finder(paths)
    homeless = finder.take(one for one in found if one.rule not in mandatory)
    added.refused += [(one, _NO_PLACE) for one in homeless]
    batches = [list(finder.spots.values())]
    while batches:
        batch = batches.pop(0)
        meant = [finding for spot in batch for finding in spot.findings]
        edits = [_edit(spot, wanted) for spot in batch]
        files = list(dict.fromkeys(edit.span.path for edit in edits))
        surprise = partial(_surprise, added.report, meant)
        fault, after = tried(edits, again, surprise) if batch else ("", None)
        if after is not None:
            added.report, added.findings = after, added.findings + len(meant)
            added.files += len(files)
        elif len(files) > 1:
            batches += [[one for one in batch if one.path == path] for path in files]
        else:
            added.refused += [(finding, fault) for finding in meant]
            homeless += meant
    added.entries = list(_entries(homeless, wanted))
    return added


# -- where ---------------------------------------------------------------------------------


class _Finder:
    """Finds the line that a comment goes above, in the files at or below the paths."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.places = Places()
        self.tops = [Path(os.path.realpath(path)) for path in paths]
        self.spots: dict[tuple[str, int], _Spot] = {}
        self._outlines: dict[str, Outline | None] = {}

    def take(self, findings: Iterable[Finding]) -> list[Finding]:
        """Find a place for each; those that have none are returned."""
        homeless = []
        for finding in findings:
            found = self._spot(finding)
            if found is None:
                homeless.append(finding)
            else:
                outline, line = found
                spot = self.spots.setdefault((outline.source.path, line), _Spot(outline, line))
                spot.findings.append(finding)
        return homeless

    def _spot(self, finding: Finding) -> tuple[Outline, int] | None:
        root = finding.identity.root
        home = Path(os.path.realpath(root if Path(root).is_dir() else Path(finding.path).parent))
        spans = [*finding.around[1:], *finding.around[:1]]
        if finding.span is not None:
            spans.append(finding.span)
        for span in spans:
            path = Path(self.places.real(span.path))
            if path.parent == home and self._may_edit(path):
                outline = self._outline(span.source)
                if outline is not None and self._reaches(outline, span, finding):
                    return outline, outline.line(span.start)
        return None

    def _may_edit(self, path: Path) -> bool:
        for top in self.tops:
            if path == top or path.is_relative_to(top):
                return not any(part.startswith(".") for part in path.relative_to(top).parts)
        return False

    def _outline(self, source: Source) -> Outline | None:
        if source.path not in self._outlines:
            self._outlines[source.path] = outlined(source)
        return self._outlines[source.path]

    def _reaches(self, outline: Outline, span: Span, finding: Finding) -> bool:
        """Whether a comment may stand above a place, and then speaks of the finding."""
        line = outline.line(span.start)
        covers = outline.covers(line)
        if covers is None or not outline.begins(line):
            return False
        tried = Ignore(Acceptance.COMMENT, (finding.rule,), "", covers=covers)
        return self.places.speaks_of(tried, finding)


# -- what is written -----------------------------------------------------------------------


def _edit(spot: _Spot, wanted: Wanted) -> Edit:
    """The comments of one place, each on a line of its own with the indentation of the line."""
    source, start = spot.outline.source, spot.outline.start(spot.line)
    data = source.data
    if start == 0 and data.startswith(_BOM):
        start = len(_BOM)
    end = data.find(b"\n", start)
    line = data[start:] if end == -1 else data[start : end + 1]
    ends = "\r\n" if line.endswith(b"\r\n") else "\n"
    indent = line[: len(line) - len(line.lstrip(b" \t"))].decode()
    text = "".join(f"{indent}# {one}{ends}" for one in _comments(spot.findings, wanted))
    return Edit(Span(source, start, start), text)


def _comments(findings: Sequence[Finding], wanted: Wanted) -> Iterator[str]:
    for rules, accepts in _together(findings):
        until = f" until={wanted.until}" if wanted.until is not None else ""
        bound = f' accepts="{accepts}"' if accepts else ""
        yield f"grantlint: ignore[{', '.join(rules)}]{until} reason={_quoted(wanted.reason)}{bound}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _together(findings: Sequence[Finding]) -> Iterator[tuple[list[str], str]]:
    """The rules that accept the same, and that as text."""
    extents: dict[str, Extent] = {}
    for one in findings:
        before = extents.get(one.rule)
        extents[one.rule] = one.extent if before is None else _either(before, one.extent)
    rules: dict[str, list[str]] = {}
    for rule in sorted(extents):
        rules.setdefault(str(extents[rule]), []).append(rule)
    return ((ids, accepts) for accepts, ids in rules.items())


def _either(one: Extent, other: Extent) -> Extent:
    """What is no narrower than either: instances of a block, statements of a policy."""
    if NOTHING in (one, other):
        return other if one == NOTHING else one
    return Extent(
        one.actions | other.actions,
        {**one.allows, **other.allows},
        {token: said for token, said in one.limits.items() if token in other.limits},
        one.open or other.open,
    )


# -- for a configuration -------------------------------------------------------------------


def _entries(findings: Iterable[Finding], wanted: Wanted) -> Iterator[str]:
    """`[[ignores]]` of a grantlint.toml in the repository's top directory."""
    objects: dict[tuple[tuple[str, str], ...], list[Finding]] = {}
    for finding in findings:
        objects.setdefault(tuple(_patterns(finding)), []).append(finding)
    for patterns, found in objects.items():
        for rules, accepts in _together(found):
            lines = ["[[ignores]]", f"rules = {json.dumps(rules)}"]
            lines.append(f"reason = {json.dumps(wanted.reason, ensure_ascii=False)}")
            lines += [f"until = {wanted.until}"] if wanted.until is not None else []
            lines += [f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in patterns]
            lines += [f"accepts = {json.dumps(accepts)}"] if accepts else []
            yield "\n".join(lines) + "\n"


def _patterns(finding: Finding) -> Iterator[tuple[str, str]]:
    """What tells the object of a finding from others, wherever the repository is."""
    if finding.construct is not None:
        yield "construct", finding.construct
        return
    path = Path(finding.around[0].path if finding.around else finding.path)
    if path.exists():
        top = git.top(path.parent) or Path.cwd()
        inside = os.path.relpath(os.path.realpath(path), top).replace(os.sep, "/")
        if not inside.startswith("../"):
            yield "path", inside
    if finding.address is not None:
        yield "address", finding.address


# -- tried ---------------------------------------------------------------------------------


def _surprise(before: Report, meant: Sequence[Finding], after: Report) -> str | None:
    """What is not as it was meant, None if all is."""
    if len(after.unreadable) > len(before.unreadable):
        return f"{after.unreadable[-1].path} could not be read any more"
    old, new, asked = _count(before.findings), _count(after.findings), _count(meant)
    if any(new[kind] > old[kind] - count for kind, count in asked.items()):
        return "the finding would still be there"
    strange = next(iter(new - old), None)
    return f"{strange[0]} would be found" if strange is not None else None


def _count(findings: Iterable[Finding]) -> Counter[tuple[str, str | None, str]]:
    return Counter((one.rule, one.address, one.message) for one in findings)
