"""The rules: those in Python, one module each here, those in Rego, and the users' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from grantlint.config import UsageError
from grantlint.finding import UNREADABLE
from grantlint.rego import own_rules
from grantlint.rule import Rule

if TYPE_CHECKING:
    from grantlint.model import Inventory
    from grantlint.rego.pack import Pack
    from grantlint.rego.users import Policies
    from grantlint.rule import Hit, Object


def all_rules(policies: Policies | None = None) -> tuple[Rule, ...]:
    """Every rule, by id: ours, and those that a user gives. Raises UsageError for faults in these.

    Nothing is registered: a rule is here because its file is.
    """
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    python = [module.check for module in modules if isinstance(module.check, Rule)]
    ours = [*python, *own_rules()]
    given = [] if policies is None else users_rules(packs(policies))
    _refuse_same_ids(ours, given)
    return tuple(sorted([*ours, *given], key=lambda rule: rule.id))


def packs(policies: Policies) -> tuple[Pack, ...]:
    """The users' rules of each source. Raises UsageError for faults in them."""
    from grantlint.rego import users  # noqa: PLC0415  # only who gives rules needs it
    from grantlint.rego.opa import OpaError  # noqa: PLC0415

    try:
        return tuple(users.packs(policies))
    except OpaError as error:
        raise UsageError(str(error)) from None


def users_rules(given: tuple[Pack, ...]) -> list[Rule]:
    """Rules of users: when one comes to no end, that is the user's to mend, and no bug of ours."""
    return [_users(rule) for pack in given for rule in pack.rules()]


def _users(rule: Rule) -> Rule:
    from grantlint.rego.engine import RuleError  # noqa: PLC0415  # see packs
    from grantlint.rego.opa import OpaError  # noqa: PLC0415

    def check(judged: Object, inventory: Inventory) -> Iterator[Hit]:
        try:
            yield from rule._check(judged, inventory)  # it is the same rule
        except (OpaError, RuleError) as error:
            raise UsageError(f"{rule.given_by}: {error}") from None

    return replace(rule, _check=check)


def _refuse_same_ids(ours: list[Rule], given: list[Rule]) -> None:
    """Two rules of one id could not be told apart in a report, nor selected."""
    taken = {UNREADABLE, *(rule.id for rule in ours)}
    for rule in given:
        if rule.id in taken:
            raise UsageError(
                f"{rule.given_by}: grantlint has a rule {rule.id} itself: "
                "give this one another name, file and package"
            )
    for id, count in Counter(rule.id for rule in given).items():
        if count > 1:
            places = " and ".join(rule.given_by for rule in given if rule.id == id)
            raise UsageError(f"{places}: rule {id} is given twice")
