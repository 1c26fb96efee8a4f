"""count and for_each: one block to the instances it stands for.

An unknown count or for_each never drops an object: it gives one symbolic instance that exists
MAYBE, or, where the alternatives are known (`var.on ? 1 : 0`), those of each alternative.
https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantlint.parsers.bounds import MOST_INSTANCES
from grantlint.parsers.terraform import convert, evaluate, tree
from grantlint.parsers.terraform.condition import bare, both_ways, quoted
from grantlint.value import NUMBER, Failure, Truth, Unknown, Value, number, object_, string, unknown

if TYPE_CHECKING:
    from grantlint.parsers.terraform.scope import Scope

Key = str | int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """One instance to be: its key, what `each` or `count` is in it, and whether it exists."""

    key: Key
    bindings: dict[str, Value]
    exists: Truth


@dataclass(frozen=True, slots=True)
class Repetition:
    """All instances of a block. `by` is "", count or for_each.

    `open` is set when the keys are not known: then there is one symbolic Repeat without a key.
    `condition` says what must be so for the instances to exist that may not.
    """

    by: str
    repeats: tuple[Repeat, ...]
    open: Unknown | None = None
    condition: str | None = None


def repetition(body: tree.Body, scope: Scope) -> Repetition:
    """The instances that a resource, data or module block stands for."""
    counted, keyed = body.argument("count"), body.argument("for_each")
    if counted is not None:
        return _by_count(counted.expression, scope)
    if keyed is not None:
        return _by_for_each(keyed.expression, scope)
    return Repetition("", (Repeat(None, {}, Truth.YES),))


def _by_count(node: tree.Expression, scope: Scope) -> Repetition:
    value = evaluate.evaluate(node, scope)
    options = alternatives(value)
    amounts = [_amount(option) for option in options]
    if not amounts or any(amount is None for amount in amounts):
        index = {"index": unknown(_count_reason(value), node.span, type=NUMBER)}
        return _symbolic("count", value, node, {"count": object_(index)})
    sure, most = min(a for a in amounts if a is not None), max(a for a in amounts if a is not None)
    repeats = tuple(
        Repeat(at, {"count": object_({"index": number(at)})}, _exists(at < sure))
        for at in range(most)
    )
    if sure == most:
        return Repetition("count", repeats)
    decided = branch(node, scope, lambda branch: set(range(_amount(branch) or 0)))
    condition = decided or f"{quoted(node)} is at least {sure + 1}"
    return Repetition("count", repeats, None, condition)


def _exists(certain: bool) -> Truth:
    return Truth.YES if certain else Truth.MAYBE


def _amount(value: Value) -> int | None:
    converted = convert.convert(value, NUMBER)
    amount = converted.raw
    if value.sensitive or not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
        return None
    return amount if amount <= MOST_INSTANCES else None


def alternatives(value: Value) -> tuple[Value, ...]:
    """The value itself when it is known, else its choices."""
    return value.unknown.choices if value.unknown is not None else (value,)


def _by_for_each(node: tree.Expression, scope: Scope) -> Repetition:
    value = evaluate.evaluate(node, scope)
    options = alternatives(value)
    found: dict[str, list[Value]] = {}
    for option in options:
        entries = for_each_entries(option)
        if entries is None:
            return _for_each_symbolic(value, node)
        for key, member in entries:
            found.setdefault(key, []).append(member)
    if not options:
        return _for_each_symbolic(value, node)
    repeats = []
    for key in sorted(found, key=lambda name: name.encode()):
        members = found[key]
        alike = all(member.raw == members[0].raw for member in members)
        shown = members[0] if alike else unknown("for_each has several values", node.span)
        each = object_({"key": string(key), "value": shown})
        repeats.append(Repeat(key, {"each": each}, _exists(len(members) == len(options))))
    if all(repeat.exists is Truth.YES for repeat in repeats):
        return Repetition("for_each", tuple(repeats))
    decided = branch(node, scope, _keys)
    condition = decided or f"{quoted(node)} has its key"
    return Repetition("for_each", tuple(repeats), None, condition)


def _keys(value: Value) -> set[Key]:
    return {key for key, _ in for_each_entries(value) or ()}


def _for_each_symbolic(value: Value, node: tree.Expression) -> Repetition:
    cause = value.unknown
    reason = cause.reason if cause else "for_each is not known"
    refers_to = cause.refers_to if cause else None
    each = object_(
        {
            "key": unknown(reason, node.span, type=convert.STRING, refers_to=refers_to),
            "value": unknown(reason, node.span, refers_to=refers_to),
        }
    )
    return _symbolic("for_each", value, node, {"each": each})


def for_each_entries(value: Value) -> list[tuple[str, Value]] | None:
    """Key and value of each instance; None where Terraform refuses or the keys are unknown."""
    if value.sensitive or value.raw is None or isinstance(value.raw, Unknown):
        return None
    if value.kind in {"map", "object"}:
        return list(value.items())
    if value.kind != "set":
        return None
    entries = []
    for member in value.elements():
        if not isinstance(member.raw, str) or member.sensitive:
            return None
        entries.append((member.raw, member))
    return entries


def _symbolic(
    by: str, value: Value, node: tree.Expression, bindings: dict[str, Value]
) -> Repetition:
    cause = value.unknown or Unknown(_refused(by, value))
    if cause.failure is not Failure.NONE:
        cause = Unknown(f"terraform refuses the {by}: {cause.reason}", failure=cause.failure)
    repeat = Repeat(None, bindings, Truth.MAYBE)
    condition = f"{quoted(node)} is at least 1" if by == "count" else f"{quoted(node)} has members"
    if value.unknown is None:
        condition += f" ({cause.reason})"
    return Repetition(by, (repeat,), cause, condition)


def _count_reason(value: Value) -> str:
    return value.unknown.reason if value.unknown is not None else _refused("count", value)


def _refused(by: str, value: Value) -> str:
    """What is wrong with a known count or for_each."""
    amount = value.raw if by == "count" and not value.sensitive else None
    if isinstance(amount, int) and amount < 0:
        return "count is negative"
    if isinstance(amount, int) and amount > MOST_INSTANCES:
        return f"a count of more than {MOST_INSTANCES:,} is not followed"
    return f"the given {by} is not one that Terraform accepts"


def branch(node: tree.Expression, scope: Scope, keys: Callable[[Value], set[Key]]) -> str | None:
    """What must be so for the branch of a conditional that has more instances; None if neither."""
    node = bare(node)
    if not isinstance(node, tree.Conditional):
        return None
    values = [evaluate.evaluate(one, scope) for one in (node.then, node.otherwise)]
    if any(value.unknown is not None for value in values):
        return None
    then, otherwise = (keys(value) for value in values)
    holds, fails = both_ways(node.condition)
    if then > otherwise:
        return holds
    return fails if otherwise > then else None
