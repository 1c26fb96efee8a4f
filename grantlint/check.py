"""Paths and options to a report: read, judge, make concrete, sort; and what its exit code is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from grantlint.config import EVERY_RULE, Gate, Selection, UsageError, rule_named
from grantlint.config.configurations import Configurations
from grantlint.config.judging import Judging
from grantlint.finding import (
    UNREADABLE,
    Finding,
    Report,
    Suppressed,
    by_address,
    concrete,
    numbered,
)
from grantlint.parsers import estate
from grantlint.rules import all_rules
from grantlint.suggest import Judged, with_fixes
from grantlint.suppress.accepting import ANY, Accepting
from grantlint.value import Truth

if TYPE_CHECKING:
    from pathlib import Path

    from grantlint.baseline import Baseline
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
    `configurations` are what files say, which `selection` amends. `accepting` says which findings
    are accepted, `baseline` has those that were found before.
    Where it is `lenient`, names may be given that nothing declares.
    """

    selection: Selection = EVERY_RULE
    policies: Policies | None = None
    fixes: bool = True
    configurations: Configurations = field(default_factory=Configurations)
    accepting: Accepting = ANY
    baseline: Baseline | None = None
    lenient: bool = False


Progress = Callable[[str], None]
"""Is told what is being done, often; it must be quick."""


USUAL: Final = Terms()


def _unseen(doing: str) -> None:
    """The progress that nobody watches."""


def with_settings(options: Options, configurations: Configurations) -> Options:
    """The options with what configurations say of accounts and the like for each directory.

    What they say already stays.
    """
    if options.local is not None:
        return options
    from grantlint.parsers.settings import Settings  # noqa: PLC0415

    def local(directory: Path) -> Settings:
        said = configurations.of(directory)
        return Settings(
            account=said.account,
            region=said.region,
            partition=said.partition,
            trusted_accounts=said.trusted_accounts,
            trusted_organizations=said.trusted_organizations,
        )

    return replace(options, local=local)


def check(
    paths: Sequence[str], options: Options, terms: Terms = USUAL, progress: Progress = _unseen
) -> Report:
    """Judge everything of KMS at or below `paths`."""
    return judge(paths, options, terms, progress)[0]


def judge(
    paths: Sequence[str], options: Options, terms: Terms, progress: Progress = _unseen
) -> tuple[Report, Inventory]:
    """The report, and what was judged."""
    every = all_rules(terms.policies)
    _refuse_unknown(terms.accepting.mandatory, every)
    judging = Judging(terms.configurations, every, terms.selection, terms.accepting.mandatory)
    options = with_settings(options, terms.configurations)
    found = read(paths, options, progress, lenient=terms.lenient)
    rules = judging.rules(found.inventory, paths)
    judged = list(_judged(rules, found.inventory, progress))
    made = (one.finding for one in judged)
    findings = [
        *numbered(with_fixes(judged, found.inventory, paths) if terms.fixes else made),
        *(_unreadable(problem) for problem in found.unreadable),
    ]
    findings, suppressed = _accepted(findings, found, terms, judging, rules, paths, options)
    if terms.baseline is not None:
        from grantlint import baseline  # noqa: PLC0415  # few have one

        findings, before = baseline.without(findings, terms.baseline, judging.is_mandatory)
        suppressed += before
    report = Report(
        findings=in_order(findings),
        suppressed=tuple(suppressed),
        notes=found.inventory.notes,
        rules=rules,
        files=found.files,
        keys=_existing(found.inventory.keys),
        grants=_existing(found.inventory.grants),
        identities=_existing(found.inventory.identities),
        remarks=(*found.verbose, *judging.remarks()),
    )
    return report, found.inventory


def _refuse_unknown(mandatory: frozenset[str], rules: Sequence[Rule]) -> None:
    """Raise UsageError for a mandatory rule that there is not."""
    for id in sorted(mandatory):
        try:
            rule_named(id, rules)
        except UsageError as error:
            raise UsageError(f"--mandatory {error}") from None


def read(
    paths: Sequence[str], options: Options, progress: Progress = _unseen, *, lenient: bool = False
) -> Reading:
    """What is at or below `paths`; a name that nothing declares is the user's mistake."""
    found = estate.read(paths, options, progress)
    for option, why in _DECLARED_BY.items():
        given = (text.partition(" ") for text in found.undeclared)
        names = ", ".join(name for its, _, name in given if its == option)
        if names and found.files and not lenient:
            raise UsageError(f"{option} {names}: {why}")
    return found


def _judged(rules: Sequence[Rule], inventory: Inventory, progress: Progress) -> Iterator[Judged]:
    objects = by_address(inventory)
    for rule in rules:
        progress(f"judging by {rule.id}")
        for judged, hit in rule.hits(inventory):
            yield Judged(concrete(rule, judged, hit, objects), judged, hit)


def _accepted(
    findings: list[Finding],
    found: Reading,
    terms: Terms,
    judging: Judging,
    rules: Sequence[Rule],
    paths: Sequence[str],
    options: Options,
) -> tuple[list[Finding], list[Suppressed]]:
    """What is left, with what is wrong with acceptances; and what is accepted.

    What configurations leave out is neither.
    """
    settled = judging.settled(findings)
    known = Truth.MAYBE if found.inventory.notes else Truth.YES
    sees_all = Truth.NO if options.changed or found.unreadable else known
    configured = (
        *terms.accepting.configured,
        *judging.ignores(findings, paths, sees_all=sees_all),
    )
    if not terms.accepting.ignores or not (found.marked or configured):
        return settled, []
    # 8 ms, and only where anything is accepted
    from grantlint.parsers import comments  # noqa: PLC0415
    from grantlint.suppress.stage import accept  # noqa: PLC0415

    accepting = replace(terms.accepting, configured=configured)
    ids = {rule.id: not rule.given_by for rule in judging.every}
    written, mandatory = comments.written(found.marked), judging.is_mandatory
    left, suppressed = accept(settled, written, accepting, rules, ids, mandatory, findings)
    return judging.settled(left), suppressed


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


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as a report has them: by file and line."""
    return tuple(sorted(findings, key=_order))


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
