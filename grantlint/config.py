"""What the user has set, and the error for what cannot be meant.

Takes nothing from files yet: everything comes from the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grantlint.finding import UNREADABLE
from grantlint.rule import Rule, Severity


class UsageError(Exception):
    """A mistake of the user; the text says how to mend it. Caught once, in `cli/`."""


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
        known = {rule.id for rule in rules}
        options = {
            "--select": self.select,
            "--extend-select": self.extend,
            "--ignore": self.ignore,
        }
        for option, ids in options.items():
            for id in ids:
                if id not in known:
                    raise UsageError(f"{option} {id}: {_no_rule(id, known)}")
        usual = {rule.id for rule in rules if not rule.opt_in}
        asked = (set(self.select or usual) | set(self.extend)) - set(self.ignore)
        if not asked:
            raise UsageError("--ignore: no rule is left that could find anything")
        return tuple(rule for rule in rules if rule.id in asked)


EVERY_RULE = Selection()


def rule_named(id: str, rules: Sequence[Rule]) -> Rule:
    """The rule with an id."""
    known = {rule.id: rule for rule in rules}
    if id not in known:
        raise UsageError(f"{id}: {_no_rule(id, known)}")
    return known[id]


def _no_rule(id: str, known: Iterable[str]) -> str:
    """What is wrong with an id that no rule has, and which one may be meant."""
    if id == UNREADABLE:
        return "it is no rule; that a file cannot be read is always reported"
    from difflib import get_close_matches  # noqa: PLC0415  # only who errs needs it

    near = get_close_matches(id.strip().lower().replace("_", "-"), sorted(known), n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else "`grantlint rules` lists them"
    return f"there is no such rule; {hint}"
