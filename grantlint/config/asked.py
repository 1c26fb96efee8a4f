"""Which rules are asked, and which findings make a run fail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from grantlint.config.usage import UsageError
from grantlint.finding import UNREADABLE
from grantlint.rule import Rule, Severity
from grantlint.spelling import nearest


@dataclass(frozen=True, slots=True)
class Gate:
    """Which findings make a run fail.

    `fail_on` is the lowest severity that does, None for never. `possible` lets the findings count
    too that are only possible. `allow_empty` makes a run without any input a success.
    """

    fail_on: Severity | None = Severity.MEDIUM
    possible: bool = False
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are asked, by id.

    Those of `select`, if it is empty all that are not opt-in; those of `extend` too; never those
    of `ignore`. That a file could not be read is reported whatever is selected.
    """

    select: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def of(self, rules: Sequence[Rule]) -> tuple[Rule, ...]:
        """The rules that are asked, in their order."""
        self.require({rule.id for rule in rules})
        chosen = self.on({rule.id for rule in rules if not rule.opt_in})
        if not chosen:
            raise UsageError("--ignore: no rule is left that could find anything")
        return tuple(rule for rule in rules if rule.id in chosen)

    def on(self, before: Collection[str]) -> set[str]:
        """What comes of the rules that something less important has chosen."""
        return (set(self.select or before) | set(self.extend)) - set(self.ignore)

    def require(self, known: Collection[str]) -> None:
        """Raise UsageError for an id of an option that no rule has."""
        options = {
            "--select": self.select,
            "--extend-select": self.extend,
            "--ignore": self.ignore,
        }
        for option, ids in options.items():
            for id in ids:
                if id not in known:
                    raise UsageError(f"{option} {id}: {no_rule(id, known)}")


EVERY_RULE = Selection()


def rule_named(id: str, rules: Sequence[Rule]) -> Rule:
    """The rule with an id."""
    known = {rule.id: rule for rule in rules}
    if id not in known:
        raise UsageError(f"{id}: {no_rule(id, known)}")
    return known[id]


def no_rule(id: str, known: Iterable[str]) -> str:
    """What is wrong with an id that no rule has, and which one may be meant."""
    if id == UNREADABLE:
        return "it is no rule; that a file cannot be read is always reported"
    near = nearest(id, sorted(known), 0.4)
    hint = f"did you mean {near}?" if near else "`grantlint rules` lists them"
    return f"there is no such rule; {hint}"
