"""Findings and acceptances to what is reported, what is accepted, and what is wrong with these.

An acceptance holds until its day, inclusive, and while no more is allowed than it accepted. When
it holds no more, what it spoke of is reported, with the place of the acceptance and why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from grantlint.finding import Acceptance, Finding, Suppressed, Suppression, numbered
from grantlint.place import Place
from grantlint.rule import Rule
from grantlint.suppress.accepting import Accepting
from grantlint.suppress.ignore import Ignore, Written
from grantlint.suppress.outcome import Outcome
from grantlint.suppress.report import about
from grantlint.suppress.spoken import Places

_ORDER = {"caller": 0, "": 1, "module": 2}


def accept(
    findings: Sequence[Finding],
    written: Written,
    accepting: Accepting,
    rules: Sequence[Rule],
    known: Mapping[str, bool],
    mandatory: Callable[[Finding], bool],
    before: Sequence[Finding] = (),
) -> tuple[list[Finding], list[Suppressed]]:
    """What is left to report, with what is wrong with acceptances; and what is accepted.

    `rules` are those that were asked; `known` all ids that there are, and whether they are ours;
    `mandatory` is whether nothing can accept a finding.
    `before` are the findings that a configuration has taken out already: what accepts one of these
    is of use.
    """
    today = accepting.day()
    stage = _Stage((*written.ignores, *accepting.configured), mandatory, today)
    for finding in before:
        stage.candidates(finding)
    left: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in findings:
        by = stage.judged(finding)
        if isinstance(by, Suppression):
            suppressed.append(Suppressed(finding, by))
        else:
            left.append(by)
    said = about(stage.outcomes, written.faults, rules, known, accepting.mandatory, today)
    return [*left, *numbered(said)], suppressed


@dataclass(slots=True)
class _Stage:
    """The acceptances by rule, and what each has come to so far."""

    ignores: Sequence[Ignore]
    mandatory: Callable[[Finding], bool]
    today: date
    places: Places = field(default_factory=Places)
    outcomes: list[Outcome] = field(default_factory=list)
    _by_rule: dict[str, list[Outcome]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for ignore in self.ignores:
            outcome = Outcome(ignore)
            self.outcomes.append(outcome)
            for rule in dict.fromkeys(ignore.rules):
                self._by_rule.setdefault(rule, []).append(outcome)

    def candidates(self, finding: Finding) -> list[Outcome]:
        """The acceptances that speak of a finding, the caller's first."""
        found = [
            one
            for one in self._by_rule.get(finding.rule, ())
            if self.places.speaks_of(one.ignore, finding)
        ]
        for one in found:
            one.used.add(finding.rule)
        return sorted(found, key=lambda one: _ORDER[self.places.who(one.ignore, finding)])

    def judged(self, finding: Finding) -> Suppression | Finding:
        """By what a finding is accepted; else the finding, with why it is not accepted any more."""
        found = self.candidates(finding)
        if self.mandatory(finding):
            for one in found:
                one.barred.add(finding.rule)
            return finding
        lapsed = [(one, self._lapsed(one.ignore, finding)) for one in found]
        for one, (expired, wider) in lapsed:
            if not expired and not wider:
                return _suppression(one.ignore, self.places.who(one.ignore, finding))
        for one, (expired, wider) in lapsed:
            if expired:
                one.returned.append(finding)
            else:
                one.outgrown.append((finding, wider))
            if one.ignore.span is not None:
                why = f"accepted until {one.ignore.until}"
                if not expired:
                    why = f"accepted for less: {', '.join(wider)}"
                place = Place(one.ignore.span, why)
                finding = replace(finding, related=(*finding.related, place))
        return finding

    def _lapsed(self, ignore: Ignore, finding: Finding) -> tuple[bool, tuple[str, ...]]:
        """Whether its day is past, and what is allowed beyond what was accepted."""
        expired = ignore.until is not None and self.today > ignore.until
        wider = finding.extent.beyond(ignore.accepts) if ignore.accepts is not None else ()
        return expired, wider


def _suppression(ignore: Ignore, who: str) -> Suppression:
    said = who if ignore.kind is Acceptance.COMMENT else ""
    bound = ignore.accepts is not None
    return Suppression(ignore.kind, ignore.reason, ignore.until, ignore.span, said, bound)
