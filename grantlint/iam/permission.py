"""Who may call an action by a key's policy: what its statements allow, less what they deny.

An account as a principal stands for whoever its IAM policies let call it. Asked is for calls that
someone makes directly: a condition that only the calls of services meet lets nobody do that. Any
other condition is a MAYBE, and so is what a policy says in statements that may not exist.
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.actions import ACROSS_ACCOUNTS, covers
from grantlint.iam.cases import in_each_case
from grantlint.iam.conditions import Condition
from grantlint.iam.grantee import WHOLE
from grantlint.iam.guards import EVERYONE, MOST_DENIALS, allows, denials
from grantlint.iam.principals import Principal, same, same_text
from grantlint.iam.statements import Statement
from grantlint.value import Truth, Value

_NOBODY: Final = frozenset({"canonical_user", "group", "service"})


@dataclass(frozen=True, slots=True)
class Permission:
    """A principal that a statement may let call an action; `truth` is whether it does."""

    statement: Statement
    principal: Principal
    truth: Truth


def permissions(policy: Sequence[Statement], action: str) -> Iterator[Permission]:
    """Whoever a key's policy may let call an action of AWS KMS."""
    closing = [one for one in denials(policy) if covers(one, action) is not Truth.NO]
    followed = len(closing) <= MOST_DENIALS
    for statement in policy:
        allowed = _allows(statement, action)
        if allowed is Truth.NO:
            continue
        for principal in EVERYONE if statement.not_principal else statement.principals:
            denied = Truth.any(denies(one, action, principal) for one in closing if followed)
            truth = allowed & ~(denied if followed else Truth.MAYBE)
            if truth is not Truth.NO:
                yield Permission(statement, principal, truth)


def remaining(policy: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements as AWS shows them, without the principals that were deleted since.

    Of these it shows a unique id (`AROA…`), of all others the ARN.
    """
    return tuple(
        replace(
            one,
            principals=tuple(who for who in one.principals if who.kind.text != "unique_id"),
        )
        for one in policy
    )


def someone_may(action: str, policy: Sequence[Statement], account: Value) -> Truth:
    """Whether a key's policy lets anyone but services call an action; `account` is the key's.

    Nobody of another account may call what is not possible across accounts, whatever is allowed.
    """
    said = _someone(action, policy, account)
    if said is Truth.MAYBE:
        for policies in in_each_case(policy):
            agreed = Truth.agreed(_someone(action, one, account) for one in policies)
            if agreed is not Truth.MAYBE:
                return agreed
    return said


def _someone(action: str, policy: Sequence[Statement], account: Value) -> Truth:
    return Truth.any(
        one.truth & _is_someone(one.principal, action, account)
        for one in permissions(policy, action)
    )


def where_anyone(action: str, policy: Sequence[Statement], account: Value) -> str:
    """What must be so for anyone to be let in, if that alone is not known; else nothing.

    It is nothing too where the policy lets nobody in whatever is so, or where it may do so at all
    events.
    """
    certain = [one for one in policy if one.exists is Truth.YES]
    if len(certain) == len(policy) or someone_may(action, certain, account) is not Truth.NO:
        return ""
    for policies in in_each_case(policy):
        if all(_someone(action, one, account) is not Truth.NO for one in policies):
            return ""
    wheres = [
        one.statement.where
        for one in permissions(policy, action)
        if one.statement.where and _is_someone(one.principal, action, account) is not Truth.NO
    ]
    return " or ".join(dict.fromkeys(wheres))


def denies(deny: Statement, action: str, principal: Principal) -> Truth:
    """Whether a statement denies an action to a principal, all that it stands for included."""
    effect = deny.effect.equals("Deny") & deny.exists & covers(deny, action) & _has_effect(deny)
    if deny.conditions:
        effect &= Truth.MAYBE
    return effect & (
        ~_is_spared(deny, principal)
        if deny.not_principal
        else Truth.any(includes(one, principal) for one in deny.principals)
    )


# -- what a statement says -----------------------------------------------------------------


def _allows(statement: Statement, action: str) -> Truth:
    says = allows(statement) & statement.exists & covers(statement, action)
    says &= _has_effect(statement)
    return says & Truth.all(_is_met_directly(one) for one in statement.conditions)


def _has_effect(statement: Statement) -> Truth:
    """Without a resource a statement of a key's policy does nothing, though AWS takes it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    if statement.not_resource or statement.resources.unknown is not None:
        return Truth.MAYBE
    return Truth.of(bool(statement.resources.elements()))


def _is_met_directly(condition: Condition) -> Truth:
    """Whether a call that no service makes or passes on meets a condition."""
    key = (condition.key.text or "").lower()
    if condition.if_exists.raw is not False or not condition.set.is_null:
        return Truth.MAYBE
    operator = condition.operator.text
    if operator == "Bool" and key in _FLAGS_OF_SERVICES:
        return ~_is_always(condition.values, "true")
    if operator in {"StringEquals", "StringLike"} and key in _KEYS_OF_SERVICES:
        return Truth.NO
    return Truth.MAYBE


_FLAGS_OF_SERVICES: Final = frozenset(
    {"aws:principalisawsservice", "aws:viaawsservice", "kms:grantisforawsresource"}
)
_KEYS_OF_SERVICES: Final = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "kms:viaservice"}
)


def _is_always(values: Value, text: str) -> Truth:
    members = values.elements()
    known = bool(members) and all(one.text is not None for one in members)
    if not known:
        return Truth.MAYBE
    return Truth.of(all((one.text or "").lower() == text for one in members))


# -- who that is ---------------------------------------------------------------------------


def _is_someone(principal: Principal, action: str, account: Value) -> Truth:
    """Whether it is more than services, and can call the action on a key of that account."""
    if principal.type.text in {"CanonicalUser", "Service"} or principal.kind.text in _NOBODY:
        return Truth.NO
    if action not in ACROSS_ACCOUNTS and is_foreign(principal, account) is not Truth.NO:
        return ~is_foreign(principal, account)
    return Truth.MAYBE if principal.kind.unknown is not None else Truth.YES


def is_foreign(principal: Principal, account: Value) -> Truth:
    """Whether it is of another account than that one, as far as both are known."""
    if principal.kind.text == "*":
        return Truth.NO
    one, own = principal.account.text, account.text
    if one is None or own is None:
        return Truth.MAYBE
    return Truth.of(one != own)


def includes(whole: Principal, principal: Principal) -> Truth:
    """Whether what holds for one holds for all that another stands for."""
    everyone = whole.kind.equals("*") & Truth.of(whole.type.text in {"AWS", "*"})
    if whole.kind.unknown is not None:
        everyone = Truth.MAYBE
    return everyone | same(whole, principal) | _has(whole, principal)


def _is_spared(deny: Statement, principal: Principal) -> Truth:
    """Whether NotPrincipal names a principal, or something of what it stands for.

    Of an account that is named it is not clear what else of it is spared.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if principal.kind.text == "*":
        return Truth.YES if deny.principals else Truth.NO
    return Truth.any(_is_one_of(one, principal) for one in deny.principals)


def _is_one_of(spared: Principal, principal: Principal) -> Truth:
    found = spared.kind.equals("*") | same(spared, principal) | _has(principal, spared)
    return found | (_has(spared, principal) & Truth.MAYBE)


def _has(whole: Principal, part: Principal) -> Truth:
    """Whether one is an account, and the other is it or in it."""
    if whole.kind.text is not None and whole.kind.text not in WHOLE:
        return Truth.NO
    if part.type.text == "Service" or part.kind.text in {"*", "service"}:
        return Truth.NO
    within = same_text(whole.account, part.account)
    return within & (Truth.MAYBE if whole.kind.text is None else Truth.YES)
