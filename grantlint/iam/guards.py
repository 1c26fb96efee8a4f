"""Whether something pins what a statement allows: its own conditions, or a sibling that denies.

A sibling guards a statement when it denies the same actions to the same principals, and spares
only what is pinned (see `pins`). All conditions of a statement must hold for it to deny, so a
second condition may open it again.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from grantlint.iam.conditions import Condition
from grantlint.iam.principals import Principal, principal
from grantlint.iam.statements import Statement
from grantlint.value import Truth, Value, string

EVERYONE: Final = (principal("*", string("*")),)
MOST_DENIALS: Final = 400
"""More do not fit into the 32 KB that a key's policy may have: they are not followed.

https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""


class Pins(Protocol):
    """A question of `pins`: caller, source or grant."""

    def __call__(self, condition: Condition, *, spares: bool = False) -> Truth:
        """Whether a condition pins it, or, in a statement that denies, spares only such."""


def allows(statement: Statement) -> Truth:
    """Whether the statement allows what it is about, on the key whose policy it is in."""
    return statement.effect.equals("Allow") & Truth.of(is_about_the_key(statement))


def denials(policy: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements of a key's policy that may deny the use of the key."""
    return tuple(
        one
        for one in policy
        if one.effect.equals("Deny") is not Truth.NO
        and one.exists is not Truth.NO
        and is_about_the_key(one)
    )


@dataclass(frozen=True, slots=True)
class Guard:
    """What may keep to something pinned what a statement allows some principals.

    `denials` are those of its policy; `covers` is whether one of them is about the same actions;
    `services` whether the principals are services of AWS.
    """

    statement: Statement
    denials: Sequence[Statement]
    pins: Pins
    covers: Callable[[Statement], Truth]
    allowed: Sequence[Principal]
    services: bool = False

    def own(self) -> Truth:
        """Whether the statement's own conditions pin it."""
        return Truth.any(self.pins(condition) for condition in self.statement.conditions)

    def denied(self) -> Truth:
        """Whether another statement denies all that is not pinned."""
        if len(self.denials) > MOST_DENIALS:
            return Truth.MAYBE
        return Truth.any(_denies_the_rest(other, self) for other in self.denials)

    def holds(self) -> Truth:
        """Whether it is pinned."""
        own = self.own()
        return own if own is Truth.YES else own | self.denied()


def _denies_the_rest(deny: Statement, guard: Guard) -> Truth:
    """Whether a statement denies to the guard's principals all but what is pinned."""
    effect = deny.effect.equals("Deny") & deny.exists
    effect &= guard.covers(deny) & _reaches(deny, guard.allowed)
    if effect is Truth.NO or not deny.conditions:
        return effect
    spared = [guard.pins(condition, spares=True) for condition in deny.conditions]
    beside = [
        _holds(condition, guard.services)
        for condition, pinned in zip(deny.conditions, spared, strict=True)
        if pinned is not Truth.YES
    ]
    return effect & Truth.any(spared) & Truth.all(beside)


def is_about_the_key(statement: Statement) -> bool:
    """Whether the resource is the key, as it is wherever nothing else is named.

    A statement for the ARN of a queue or bucket does nothing in a key's policy.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    resources = statement.resources.elements()
    return statement.not_resource or not resources or not all(map(_is_another, resources))


def _is_another(resource: Value) -> bool:
    """Whether it certainly is something else than a key."""
    cause = resource.unknown
    if cause is not None and cause.refers_to is not None:
        made_by = cause.refers_to.type
        return made_by.startswith("aws_") and not made_by.startswith(_MAY_BE_A_KEY)
    fields = (resource.text or (cause.prefix if cause is not None else "")).split(":")
    named = len(fields) > 3 and fields[0] == "arn" and not set("*?") & set(fields[2])
    return named and fields[2] != "kms"


_MAY_BE_A_KEY: Final = (
    "aws_kms_",
    "aws_ssm_",
    "aws_secretsmanager_",
    "aws_cloudformation_",
    "aws_lambda_invocation",
    "aws_caller_identity",
    "aws_region",
    "aws_partition",
)
"""Types whose attributes can be a key's ARN, or a text of anyone's choice."""


def _reaches(deny: Statement, allowed: Sequence[Principal]) -> Truth:
    """Whether it denies to all of these principals. An account stands for all that it has."""
    texts = {one.value.text for one in deny.principals} - {None}
    if deny.not_principal:
        if any(one.value.text in texts for one in allowed):
            return Truth.NO
        hidden = [one.value for one in deny.principals if one.value.text is None]
        named = [one.value.text for one in allowed]
        spared = (
            Truth.MAYBE if text is None else value.equals(text)
            for value in hidden
            for text in named
        )
        return ~Truth.any(spared)
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
