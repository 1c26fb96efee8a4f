"""Operators and conditionals (and `select`), as hclsyntax and go-cty do them in Terraform 1.11.

`&&` and `||` look at both sides always, `==` compares types too, and a conditional gives both its
branches one type before it takes one. A failed operand is the result; among several the one
that try() does not catch. The branch taken keeps its own place and trail.

Taken for granted: an operation on an unknown succeeds. Where it stands in a branch not taken and
fails after all, Terraform forgets its type, and the branch taken may keep another type than here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from grantlint.parsers import number
from grantlint.parsers.terraform.convert.conversion import convert
from grantlint.parsers.terraform.convert.equality import values_equal
from grantlint.parsers.terraform.convert.naming import branch_mismatch
from grantlint.parsers.terraform.convert.typed import (
    MOST_CHOICES,
    alternatives,
    amount_of,
    first_failure,
    loosen,
    type_of,
    uncertain,
)
from grantlint.parsers.terraform.convert.unify import unify
from grantlint.parsers.terraform.select import get_attr, index
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Failure,
    Number,
    Type,
    Unknown,
    Value,
    boolean,
    failure,
)

__all__ = ["binary", "conditional", "first_failure", "get_attr", "index", "unary"]

_ARITHMETIC: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": number.add,
    "-": number.subtract,
    "*": number.multiply,
    "/": number.divide,
    "%": number.modulo,
}
_ORDER: Mapping[str, Callable[[Number, Number], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def binary(op: str, left: Value, right: Value) -> Value:
    """`left op right`, for one of + - * / % == != < > <= >= && ||."""
    failed = first_failure(left, right)
    if failed is not None:
        return failed
    if op in ("==", "!="):
        equal = values_equal(left, right)
        return equal if op == "==" else unary("!", equal)
    operand_type = BOOL if op in ("&&", "||") else NUMBER
    result_type = NUMBER if op in _ARITHMETIC else BOOL
    first, second = convert(left, operand_type), convert(right, operand_type)
    for operand, side in ((first, "left"), (second, "right")):
        if operand.failed:
            reason = operand.failed.reason
            return failure(f"Unsuitable value for {side} operand: {reason}.")
    return _operate([first, second], result_type, lambda a, b: _compute(op, a, b))


def unary(op: str, operand: Value) -> Value:
    """`-operand` or `!operand`."""
    if operand.failed:
        return operand
    wanted = BOOL if op == "!" else NUMBER
    given = convert(operand, wanted)
    if given.failed:
        return failure(f"Unsuitable value for unary operand: {given.failed.reason}.")
    if op == "!":
        return _operate([given], BOOL, lambda a: boolean(a.raw is False))
    return _operate([given], NUMBER, lambda a: _arithmetic("*", amount_of(a), -1))


def _operate(operands: list[Value], result: Type, compute: Callable[..., Value]) -> Value:
    """Compute on known operands of one type, on each choice of unknown ones."""
    if any(operand.raw is None for operand in operands):
        return failure("Error during operation: argument must not be null.")
    sensitive = any(operand.sensitive for operand in operands)
    unknown = next((each.unknown for each in operands if each.unknown is not None), None)
    if unknown is None:
        return compute(*operands).marked(sensitive)
    rows: list[list[Value]] = [[]]
    for operand in operands:
        choices = operand.unknown.choices if operand.unknown is not None else (operand,)
        rows = [[*row, choice] for row in rows for choice in choices]
    results = [_operate(row, result, compute) for row in rows if len(rows) <= MOST_CHOICES]
    working = [each for each in results if not each.failed]
    if results and not working:
        return results[0]
    choices = alternatives(working)
    may_fail = len(working) < len(results)
    may_fail = may_fail or any(each.unknown and each.unknown.may_fail for each in operands)
    if len(choices) == 1 and len(results) > 1 and not may_fail and choices[0].unknown is None:
        return choices[0].marked(sensitive)
    made = Unknown(unknown.reason, unknown.refers_to, choices=choices, may_fail=may_fail)
    return Value(result, made, sensitive=sensitive)


def _compute(op: str, left: Value, right: Value) -> Value:
    if op == "&&":
        return boolean(left.raw is True and right.raw is True)
    if op == "||":
        return boolean(left.raw is True or right.raw is True)
    if op in _ORDER:
        return boolean(_ORDER[op](amount_of(left), amount_of(right)))
    return _arithmetic(op, amount_of(left), amount_of(right))


def _arithmetic(op: str, left: Number, right: Number) -> Value:
    if op == "/" and right == 0:
        if left == 0:
            reason = "can't divide zero by zero or infinity by infinity"
            return failure(f"Error during operation: {reason}.")
        return Value(NUMBER, Unknown("division by zero gives infinity"))
    result = _ARITHMETIC[op](left, right)
    if result == 0 and op in ("*", "/") and (left < 0 or right < 0):
        return Value(NUMBER, Unknown("it is negative zero"))
    if number.out_of_range(result):
        return Value(NUMBER, Unknown("the number is too large or too small"))
    return Value(NUMBER, result)


# -- conditional ---------------------------------------------------------------------------


def conditional(condition: Value, then: Value, otherwise: Value) -> Value:
    """`condition ? then : otherwise`, all three evaluated already.

    An error in the branch not taken is forgotten; with an unknown condition the two branches
    are the result's choices.
    """
    static = first_failure(condition, then, otherwise)
    if static is not None and static.failed and static.failed.failure is Failure.STATIC:
        return static
    first, second, result = _branches(then, otherwise)
    if result is None:
        text = branch_mismatch(type_of(then), type_of(otherwise))
        reason = "The true and false result expressions must have consistent types. "
        return failure(f"{reason}{text}.")
    if condition.failed:
        return condition
    if condition.raw is None:
        reason = "The condition value is null. Conditions must either be true or false."
        return failure(reason)
    decided = convert(condition, BOOL)
    if decided.failed:
        return failure("The condition expression must be of type bool.")
    sensitive = any(each.sensitive for each in (condition, then, otherwise) if not each.failed)
    if decided.unknown is not None:
        return _undecided(decided.unknown, first, second, result).marked(sensitive)
    chosen, side = (first, "true") if decided.raw is True else (second, "false")
    given = then if decided.raw is True else otherwise
    if chosen.failed and not given.failed:
        reason = f"The {side} result value has the wrong type: {chosen.failed.reason}."
        return failure(reason)
    return chosen if chosen.failed else chosen.marked(sensitive)


def _undecided(condition: Unknown, first: Value, second: Value, result: Type) -> Value:
    if first.raw is None and second.raw is None:
        return first
    if first.failed and second.failed:
        return first
    working = [branch for branch in (first, second) if not branch.failed]
    if condition.may_fail and len(condition.choices) == 1:
        working = [first if condition.choices[0].raw is True else second]
        if working[0].failed:
            return working[0]
    choices = alternatives(working)
    may_fail = condition.may_fail or len(working) < 2
    may_fail = may_fail or any(each.unknown and each.unknown.may_fail for each in working)
    made = Unknown(condition.reason, condition.refers_to, choices=choices, may_fail=may_fail)
    return Value(result, made)


def _branches(then: Value, otherwise: Value) -> tuple[Value, Value, Type | None]:
    """Both branches as they come out, and the type of the whole; None when there is none."""
    first, second = type_of(then), type_of(otherwise)
    if _is_bare_null(then):
        return convert(then, second), otherwise, second
    if _is_bare_null(otherwise):
        return then, convert(otherwise, first), first
    if then.failed or otherwise.failed or uncertain(then) or uncertain(otherwise):
        if DYNAMIC not in (first, second) and unify([first, second]) is None:
            return then, otherwise, None
        if STRING in (first, second):
            return convert(then, STRING), convert(otherwise, STRING), STRING
        return loosen(then), loosen(otherwise), DYNAMIC
    if DYNAMIC in (first, second):  # a sensitive null: Terraform does not look through the mark
        return then, otherwise, DYNAMIC
    result = unify([first, second])
    if result is None:
        return then, otherwise, None
    return convert(then, result), convert(otherwise, result), result


def _is_bare_null(value: Value) -> bool:
    return value.raw is None and value.type == DYNAMIC and not value.sensitive
