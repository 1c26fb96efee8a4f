"""Only what is new: the tree of another time and the work tree, both judged whole.

A finding is new unless one of then is the same and is about no less, wherever it stood in its root
module and whatever its root module, file or address was called (see `moves`, `known`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grantlint import git
from grantlint.against.moves import Moves
from grantlint.against.then import Then, judged, meanwhile
from grantlint.against.tree import Tree, written
from grantlint.check import in_order, judge
from grantlint.config import UsageError
from grantlint.finding import Acceptance, Finding, Report, Suppressed, Suppression
from grantlint.git.repository import GitError, Repository
from grantlint.known import Known, Level, inside, known, matched, relative
from grantlint.model import Note
from grantlint.place import Place

if TYPE_CHECKING:
    from grantlint.check import Progress, Terms
    from grantlint.parsers.settings import Options


@dataclass(frozen=True, slots=True)
class Before:
    """What was there before. `name` says when; `moves` what it was called."""

    name: str
    then: Then
    moves: Moves


def check_against(
    ref: str, paths: Sequence[str], options: Options, terms: Terms, progress: Progress
) -> Report:
    """What is found now and was not where HEAD and `ref` have gone different ways."""
    try:
        repository = _repository(paths)
        progress(f"getting {ref}")
        with written(repository, ref) as tree:
            if options.changed:
                report, inventory = judge(paths, options, terms, progress)
                then = judged(tree, _reached(report, paths, tree), options, terms)
            else:
                there = tree.paths(paths)
                with meanwhile(lambda: judged(tree, there, options, terms)) as awaited:
                    report, inventory = judge(paths, options, terms, progress)
                    progress(f"judging {tree.name}")
                    then = awaited()
            moves = Moves(tree.work, tree.renames)
            moves.look(inventory)
            found = new_only(report, Before(tree.name, then, moves))
            return replace(found, notes=(*found.notes, *_unknown(found, tree, repository, then)))
    except GitError as error:
        raise UsageError(f"--diff-against {error}") from error


def _reached(report: Report, paths: Sequence[str], tree: Tree) -> list[str]:
    """What is to be judged for changed files: they, and all roots in which anything is found.

    A root that a file did not reach then may be reached now, and have been at fault before.
    """
    found = [*report.findings, *(one.finding for one in report.suppressed)]
    if not any(one.severity for one in found):
        return []
    roots = dict.fromkeys(one.identity.root or one.path for one in found)
    return list(dict.fromkeys([*map(tree.changed, paths), *tree.paths([*paths, *roots])]))


def _unknown(report: Report, tree: Tree, repository: Repository, then: Then) -> Iterator[Note]:
    """Notes of what counts as new because there is nothing to compare it with."""
    for path in then.unreadable:
        reason = f"{path} could not be read at {tree.name}, so that what is found in it is new"
        yield Note(reason, 1, None)
    found = {relative(one.path, tree.work): one.span for one in report.findings if one.severity}
    absent = [path for path in found if not os.path.lexists(tree.top / path)]
    ignored = repository.ignored([path for path in absent if inside(path)])
    for path in absent:
        if path in ignored or not inside(path) or path.startswith("<"):
            reason = f"{path} is in no commit, so that what is found in it is new"
            yield Note(reason, 1, found[path])


def _repository(paths: Sequence[str]) -> Repository:
    """The repository of the working directory, if any path is in it, else that of the first."""
    here = Path.cwd()
    around = git.top(here)
    tops = [git.top(Path(path) if Path(path).is_dir() else Path(path).parent) for path in paths]
    below = around is not None and any(
        top is not None and (top == around or around in top.parents) for top in tops
    )
    found = around if below or not tops else next((top for top in tops if top), around)
    if found is None:
        raise GitError(f"{here}: it is in no git repository, so that there is nothing to compare")
    return Repository(found)


# -- what is new ---------------------------------------------------------------------------


def new_only(report: Report, before: Before) -> Report:
    """The report without what was there before; that is among what is suppressed.

    What was accepted before is new where nothing accepts it now, or where a suppression that
    does not say how much it accepts speaks of more than it did.
    """
    listed: list[tuple[Finding, Suppressed | None]] = [(one, None) for one in report.findings]
    listed += [(one.finding, one) for one in report.suppressed]
    placed = [
        (one, by, known(one, before.moves.top, accepted=by is not None)) for one, by in listed
    ]
    asked = [(one, by, at) for one, by, at in placed if at is not None]
    now = [at for _, _, at in asked]
    then = before.then.known

    def more(one: Known, other: Known) -> tuple[str, ...]:
        said = one.more_than(other)
        if not said:
            return ()
        return replace(one, extent=before.moves.extent(one, other.extent)).more_than(other)

    found = matched(now, then, _levels(before.moves), more)
    findings = [one for one, _, at in placed if at is None]
    suppressed: list[Suppressed] = []
    for number, (finding, by, at) in enumerate(asked):
        same = then[found.same[number]] if number in found.same else None
        less = then[found.less[number]] if number in found.less else None
        if by is not None and not (less is not None and less.accepted and not by.by.bound):
            suppressed.append(by)
        elif same is not None and not same.accepted:
            was = Suppression(Acceptance.UNCHANGED, f"it was there at {before.name}")
            suppressed.append(Suppressed(finding, was))
        else:
            findings.append(
                _told(finding, _story(same, less, more(at, less) if less else ()), before)
            )
    return replace(report, findings=in_order(findings), suppressed=tuple(suppressed))


def _story(same: Known | None, less: Known | None, why: Sequence[str]) -> str:
    """What is to be said of one of then that is the same, but for what makes the other new."""
    if same is not None:
        return "it was accepted"
    if less is None:
        return ""
    return f"{'accepted for less' if less.accepted else 'it was less'}: {', '.join(why)}"


def _told(finding: Finding, story: str, before: Before) -> Finding:
    span = finding.span
    if not story or span is None:
        return finding
    place = Place(span, f"at {before.name} {story}")
    return replace(finding, related=(*finding.related, place))


def _levels(moves: Moves) -> tuple[Level, ...]:
    """In its file; in another of its root; under another name; with another Sid."""

    def before(one: Known) -> list[tuple[object, ...]]:
        return [
            (*_meaning(replace_root(one, root, address)),)
            for root in moves.roots(one)
            for address in moves.addresses(one)
        ]

    def replace_root(one: Known, root: str, address: str) -> Known:
        return replace(one, identity=replace(one.identity, root=root, address=address))

    return (
        Level(lambda one: [(one.identity.path, *_meaning(one))], _in_file),
        Level(lambda one: [_meaning(one)], _meaning),
        Level(before, _meaning),
        Level(lambda one: [key[:-1] for key in before(one)], lambda one: _meaning(one)[:-1], False),
    )


def _in_file(one: Known) -> tuple[object, ...]:
    return (one.identity.path, *_meaning(one))


def _meaning(one: Known) -> tuple[object, ...]:
    by = one.identity
    return (by.rule, one.root, by.address, by.at, by.sid)
