"""Paths and options to a report: read, judge, make concrete, sort; and what its exit code is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from grantlint.config import EVERY_RULE, Gate, Selection, UsageError
from grantlint.config.configurations import Configurations
from grantlint.config.judging import Judging
from grantlint.finding import UNREADABLE, Finding, Report, by_address, concrete, numbered
from grantlint.parsers import estate
from grantlint.rules import all_rules
from grantlint.suggest import Judged, with_fixes
from grantlint.value import Truth

if TYPE_CHECKING:
    from grantlint.model import Inventory
    from grantlint.parsers.reading import Reading
    from grantlint.parsers.settings import Options
    from grantlint.rego.users import Policies
    from grantlint.rule import Object, Rule
    from grantlint.source import Problem

NOTHING_READ: Final = "no Terraform, CloudFormation, CDK output or grants in {}"

_DECLARED_BY: Final = {
    "--var": "no root module declares it, see its variable blocks",
    "--parameter": "no template declares it, see its Parameters",
}
_NUMBER: Final = re.compile(r"(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a run judges, whatever it reads.

    `policies` are the user's own rules, besides ours. Without `fixes` no finding has one.
    `configurations` are what files say, which `selection` amends.
    """

    selection: Selection = EVERY_RULE
    policies: Policies | None = None
    fixes: bool = True
    configurations: Configurations = field(default_factory=Configurations)


Progress = Callable[[str], None]
"""Is told what is being done, often; it must be quick."""


USUAL: Final = Terms()


def _unseen(doing: str) -> None:
    """The progress that nobody watches."""


def check(
    paths: Sequence[str], options: Options, terms: Terms = USUAL, progress: Progress = _unseen
) -> Report:
    """Judge everything of KMS at or below `paths`."""
    return judge(paths, options, terms, progress)[0]


def judge(
    paths: Sequence[str], options: Options, terms: Terms, progress: Progress = _unseen
) -> tuple[Report, Inventory]:
    """The report, and what was judged."""
    judging = Judging(terms.configurations, all_rules(terms.policies), terms.selection)
    found = read(paths, options, progress)
    rules = judging.rules(found.inventory, paths)
    judged = list(_judged(rules, found.inventory, progress))
    made = (one.finding for one in judged)
    findings = [
        *numbered(with_fixes(judged, found.inventory, paths) if terms.fixes else made),
        *(_unreadable(problem) for problem in found.unreadable),
    ]
    findings = judging.settled(findings)
    report = Report(
        findings=tuple(sorted(findings, key=_order)),
        suppressed=(),
        notes=found.inventory.notes,
        rules=rules,
        files=found.files,
        keys=_existing(found.inventory.keys),
        grants=_existing(found.inventory.grants),
        identities=_existing(found.inventory.identities),
        remarks=(*found.verbose, *judging.remarks()),
    )
    return report, found.inventory


def read(paths: Sequence[str], options: Options, progress: Progress = _unseen) -> Reading:
    """What is at or below `paths`; a name that nothing declares is the user's mistake."""
    found = estate.read(paths, options, progress)
    for option, why in _DECLARED_BY.items():
        given = (text.partition(" ") for text in found.undeclared)
        names = ", ".join(name for its, _, name in given if its == option)
        if names and found.files:
            raise UsageError(f"{option} {names}: {why}")
    return found


def _judged(rules: Sequence[Rule], inventory: Inventory, progress: Progress) -> Iterator[Judged]:
    objects = by_address(inventory)
    for rule in rules:
        progress(f"judging by {rule.id}")
        for judged, hit in rule.hits(inventory):
            yield Judged(concrete(rule, judged, hit, objects), judged, hit)


def _existing(objects: Sequence[Object]) -> int:
    return sum(one.exists is not Truth.NO for one in objects)


def exit_code(report: Report, gate: Gate) -> int:
    """The exit code of a run that came to its end: 3, 1 or 0, the highest that applies."""
    if report.unreadable or not (report.files or gate.allow_empty):
        return 3
    if gate.fail_on is None:
        return 0
    counted = report.judged(possible=gate.possible)
    return int(any(f.severity and f.severity >= gate.fail_on for f in counted))


def _unreadable(problem: Problem) -> Finding:
    return Finding(UNREADABLE, None, problem.message, problem.span.path, problem.span)


def _order(finding: Finding) -> tuple[str, int, int, str, list[str | int], str]:
    line, column = (finding.span.line, finding.span.column) if finding.span else (0, 0)
    return (
        finding.path,
        line,
        column,
        finding.rule,
        _natural(finding.address or ""),
        finding.message,
    )


def _natural(address: str) -> list[str | int]:
    """A key that puts `this[2]` before `this[10]`: texts and numbers in turn."""
    parts = _NUMBER.split(address)
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]
