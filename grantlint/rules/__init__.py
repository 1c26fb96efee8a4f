"""The rules: those in Python, one module each here, those in Rego, and the users' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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
    ours = own()
    given = [] if policies is None else [rule for _, rules in users(policies) for rule in rules]
    return tuple(sorted([*ours, *given], key=lambda rule: rule.id))


def own() -> list[Rule]:
    """The rules of the package."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return [*(one.check for one in modules if isinstance(one.check, Rule)), *own_rules()]


def users(policies: Policies) -> list[tuple[Pack, tuple[Rule, ...]]]:
    """The rules that a user gives, by source. Raises UsageError for faults in them."""
    from grantlint.rego.users import packs  # noqa: PLC0415  # only who gives rules needs it

    with users_mistakes():
        given = [(pack, tuple(map(_users, pack.rules()))) for pack in packs(policies)]
    _refuse_same_ids([rule for _, rules in given for rule in rules])
    return given


@contextmanager
def users_mistakes(given_by: str = "") -> Iterator[None]:
    """What is wrong with a user's rules is theirs to mend, and no bug of ours."""
    from grantlint.rego.engine import RuleError  # noqa: PLC0415  # see users
    from grantlint.rego.opa import OpaError  # noqa: PLC0415

    try:
        yield
    except (OpaError, RuleError) as error:
        raise UsageError(f"{given_by}: {error}" if given_by else str(error)) from None


def _users(rule: Rule) -> Rule:
    def check(judged: Object, inventory: Inventory) -> Iterator[Hit]:
        with users_mistakes(rule.given_by):
            yield from rule._check(judged, inventory)

    return replace(rule, _check=check)


def refuse_id(id: str, given_by: str) -> None:
    """Raise UsageError for an id that a user's rule cannot have, since it means something."""
    if id == "lib":
        raise UsageError(f"{given_by}: it is the library's name, give the rule another one")
    if id in {UNREADABLE, *(rule.id for rule in own())}:
        raise UsageError(
            f"{given_by}: grantlint has a rule {id} itself: "
            "give this one another name, file and package"
        )


def _refuse_same_ids(given: list[Rule]) -> None:
    """Two rules of one id could not be told apart in a report, nor selected."""
    for rule in given:
        refuse_id(rule.id, rule.given_by)
    for id, count in Counter(rule.id for rule in given).items():
        if count > 1:
            places = " and ".join(rule.given_by for rule in given if rule.id == id)
            raise UsageError(f"{places}: rule {id} is given twice")
