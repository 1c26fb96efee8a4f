"""What must be so for a statement to allow what a rule says that it does, in words.

`, if the condition on aws:PrincipalArn does not prevent it (not known: var.role has no value)`,
`, where var.open is true`: they end a message, so that a reader of a possible finding knows what
it depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grantlint.iam.conditions import Condition
from grantlint.iam.guards import Guard
from grantlint.iam.naming import conditions_on
from grantlint.value import Truth, Value


def provisos(guard: Guard, *where: str, doubts: tuple[tuple[str, str], ...] = ()) -> str:
    """The end of a message: what is not known first, then which alternatives are taken.

    `where` and `doubts` are the caller's own; a doubt is what must be so and why it is not known.
    """
    unsure = [*doubts, *_doubts(guard)]
    cases = [one for one in dict.fromkeys((*where, *_cases(guard))) if one]
    return doubted(unsure) + (f", where {' and '.join(cases)}" if cases else "")


@dataclass(frozen=True, slots=True)
class Premise:
    """Something that makes a fault, in words; `on` is what it rests on."""

    truth: Truth
    says: str
    on: tuple[Value, ...]


def premised(premises: Iterable[Premise]) -> str:
    """The end of a message: the premises that may be so, and why that is not known."""
    unsure = [one for one in premises if one.truth is Truth.MAYBE]
    return doubted([(one.says, next(filter(None, map(reason, one.on)), "")) for one in unsure])


def doubted(doubts: Sequence[tuple[str, str]]) -> str:
    """What must be so, and why it is not known, each reason once."""
    said = f", if {' and '.join(what for what, _ in doubts)}" if doubts else ""
    reasons = dict.fromkeys(reason for _, reason in doubts if reason)
    return said + (f" (not known: {'; '.join(reasons)})" if reasons else "")


def _doubts(guard: Guard) -> Iterator[tuple[str, str]]:
    statement = guard.statement
    if statement.effect.equals("Allow") is Truth.MAYBE:
        yield "the statement allows it", reason(statement.effect)
    unsure = [one for one in statement.conditions if guard.pins(one) is Truth.MAYBE]
    if unsure:
        why = "; ".join(dict.fromkeys(filter(None, map(_why, unsure))))
        yield _prevented(unsure, hidden=statement.sensitive), why
    if guard.denied() is Truth.MAYBE:
        yield "no other statement denies it", ""


def _prevented(unsure: list[Condition], *, hidden: bool) -> str:
    keys = dict.fromkeys(one.key.text for one in unsure if not one.key.sensitive)
    named = [key for key in keys if key is not None]
    if hidden or len(named) < len({one.key.text for one in unsure}):
        return "no condition prevents it"
    conditions, several = conditions_on(named)
    return f"{conditions} {'do' if several else 'does'} not prevent it"


def _cases(guard: Guard) -> Iterator[str]:
    """Which alternatives of conditions leave it open."""
    for condition in guard.statement.conditions:
        if guard.pins(condition) is Truth.NO:
            yield from _open(guard, condition)


def _open(guard: Guard, condition: Condition) -> Iterator[str]:
    """Where the values of a condition are such that it pins nothing, if it does elsewhere."""
    values = condition.values
    for one in (values, *values.elements()):
        cause = one.unknown
        taken = [_with(condition, one, choice) for choice in cause.choices] if cause else []
        found = [guard.pins(choice) for choice in taken]
        if cause is not None and Truth.NO in found and set(found) != {Truth.NO}:
            yield cause.where(found.index(Truth.NO))


def _with(condition: Condition, one: Value, choice: Value) -> Condition:
    """The condition with an alternative as its only value."""
    alone = choice if one is condition.values else replace(condition.values, raw=(choice,))
    return replace(condition, values=alone)


def _why(condition: Condition) -> str:
    values = condition.values
    parts = (condition.key, condition.operator, condition.set, values, *values.elements())
    return next(filter(None, map(reason, parts)), "")


def reason(value: Value) -> str:
    """Why a value is not known, and what it stands for; or nothing."""
    cause = value.unknown
    if cause is None:
        return ""
    stands_for = cause.refers_to.address if cause.refers_to is not None else ""
    told = not stands_for or cause.reason.startswith(stands_for)
    return cause.reason if told else f"{stands_for}, {cause.reason}"
