"""Whether something pins what a statement allows: its own conditions, or a sibling that denies.

A sibling guards a statement when it denies the same actions to the same principals, and spares
only what is pinned (see `pins`). All conditions of a statement must hold for it to deny, so a
second condition may open it again.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from grantlint.iam.conditions import Condition
from grantlint.iam.principals import Principal, principal
from grantlint.iam.statements import Statement
from grantlint.value import Truth, string

EVERYONE: Final = (principal("*", string("*")),)


class Pins(Protocol):
    """A question of `pins`: caller, source or grant."""

    def __call__(self, condition: Condition, *, spares: bool = False) -> Truth:
        """Whether a condition pins it, or, in a statement that denies, spares only such."""


def guarded(
    statement: Statement,
    siblings: Iterable[Statement],
    pins: Pins,
    covers: Callable[[Statement], Truth],
    allowed: Sequence[Principal],
    *,
    services: bool = False,
) -> Truth:
    """Whether what the statement allows these principals is pinned.

    `covers` is whether a sibling is about the same actions; `services` whether the principals
    are services of AWS.
    """
    own = Truth.any(pins(condition) for condition in statement.conditions)
    return own | Truth.any(
        _denies_the_rest(other, allowed, covers(other), pins, services) for other in siblings
    )


def _denies_the_rest(
    deny: Statement, allowed: Sequence[Principal], covers: Truth, pins: Pins, services: bool
) -> Truth:
    """Whether a statement denies to these principals all but what is pinned."""
    effect = deny.effect.equals("Deny") & deny.exists & covers & _reaches(deny, allowed)
    if effect is Truth.NO or not deny.conditions:
        return effect
    spared = [pins(condition, spares=True) for condition in deny.conditions]
    beside = [
        _holds(condition, services)
        for condition, pinned in zip(deny.conditions, spared, strict=True)
        if pinned is not Truth.YES
    ]
    return effect & Truth.any(spared) & Truth.all(beside)


def _reaches(deny: Statement, allowed: Sequence[Principal]) -> Truth:
    """Whether it denies to all of these principals. An account stands for all that it has."""
    texts = {one.value.text for one in deny.principals} - {None}
    if deny.not_principal:
        if any(one.value.text in texts for one in allowed):
            return Truth.NO
        return Truth.YES if all(one.value.text for one in deny.principals) else Truth.MAYBE
    wholes = [one for one in deny.principals if one.kind.text in {"root", "account"}]
    accounts = {one.account.text for one in wholes} - {None}
    if all(one.value.text in texts or one.account.text in accounts for one in allowed):
        return Truth.YES
    return Truth.any(one.kind.equals("*") for one in deny.principals)


def _holds(condition: Condition, services: bool) -> Truth:
    """Whether a condition beside one that spares is met by the calls in question anyway.

    People's own calls are neither made by a service nor through one.
    """
    key = (condition.key.text or "").lower()
    if condition.operator.equals("Bool") is not Truth.YES:
        return Truth.MAYBE
    if key == "aws:principalisawsservice":
        return condition.values.contains("true" if services else "false")
    own = key == "aws:viaawsservice" and not services
    return Truth.YES if own and condition.values.contains("false") is Truth.YES else Truth.MAYBE
