"""Operators, conditionals and selection, as hclsyntax and go-cty do them in Terraform 1.11.

`&&` and `||` look at both sides always, `==` compares types too, and a conditional gives both its
branches one type before it takes one. A failed operand is the result; among several the one
that try() does not catch. What is selected keeps its own place and trail.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from grantlint.parsers.terraform import number
from grantlint.parsers.terraform.conversion import convert
from grantlint.parsers.terraform.equality import values_equal
from grantlint.parsers.terraform.naming import branch_mismatch, type_text
from grantlint.parsers.terraform.typed import MOST_CHOICES, alternatives, loosen, type_of, uncertain
from grantlint.parsers.terraform.unify import attributes_of, element_of, elements_of, unify
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
    return _operate([given], NUMBER, lambda a: _arithmetic("*", a.raw, -1))


def first_failure(*operands: Value) -> Value | None:
    """The operand that makes the whole fail: a static failure first, else the first."""
    failed = [operand for operand in operands if operand.failed]
    for operand in failed:
        if operand.failed is not None and operand.failed.failure is Failure.STATIC:
            return operand
    return failed[0] if failed else None


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
    if any(each.failed for each in results):
        results = []
    choices = alternatives(results)
    if len(choices) == 1 and len(results) > 1 and choices[0].unknown is None:
        return choices[0].marked(sensitive)
    made = Unknown(unknown.reason, unknown.refers_to, choices=choices)
    return Value(result, made, sensitive=sensitive)


def _compute(op: str, left: Value, right: Value) -> Value:
    if op == "&&":
        return boolean(left.raw is True and right.raw is True)
    if op == "||":
        return boolean(left.raw is True or right.raw is True)
    assert isinstance(left.raw, (int, Fraction))
    assert isinstance(right.raw, (int, Fraction))
    if op in _ORDER:
        return boolean(_ORDER[op](left.raw, right.raw))
    return _arithmetic(op, left.raw, right.raw)


def _arithmetic(op: str, left: object, right: Number) -> Value:
    assert isinstance(left, (int, Fraction))
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
    choices = () if first.failed or second.failed else alternatives((first, second))
    return Value(result, Unknown(condition.reason, condition.refers_to, choices=choices))


def _branches(then: Value, otherwise: Value) -> tuple[Value, Value, Type | None]:
    """Both branches as they come out, and the type of the whole; None when there is none."""
    first, second = type_of(then), type_of(otherwise)
    if _is_bare_null(then):
        return convert(then, second), otherwise, second
    if _is_bare_null(otherwise):
        return then, convert(otherwise, first), first
    if then.failed or otherwise.failed or uncertain(then) or uncertain(otherwise):
        if STRING in (first, second):
            return convert(then, STRING), convert(otherwise, STRING), STRING
        return loosen(then), loosen(otherwise), DYNAMIC
    result = unify([first, second])
    if result is None:
        return then, otherwise, None
    return convert(then, result), convert(otherwise, result), result


def _is_bare_null(value: Value) -> bool:
    return value.raw is None and value.type == DYNAMIC and not value.sensitive


# -- selection -----------------------------------------------------------------------------


def index(of: Value, key: Value) -> Value:
    """`of[key]`; with an unknown key every member is a choice."""
    failed = first_failure(of, key)
    if failed is not None:
        return failed
    if of.raw is None:
        return failure("This value is null, so it does not have any indices.")
    if key.raw is None:
        return failure("Can't use a null value as an indexing key.")
    chosen = _over_choices(of, lambda choice: index(choice, key))
    if chosen is None:
        chosen = _over_choices(key, lambda choice: index(of, choice))
    if chosen is not None:
        return chosen
    type = type_of(of)
    if type == DYNAMIC:
        return _part_of(of, DYNAMIC)
    if type.kind == "set":
        return failure(
            "Elements of a set are identified only by their value and don't have any separate "
            "index or key to select with, so it's only possible to perform operations across all "
            "elements of the set."
        )
    if type.kind not in ("list", "tuple", "map", "object"):
        return failure("This value does not have any indices.")
    wanted = NUMBER if type.kind in ("list", "tuple") else STRING
    converted = convert(key, wanted)
    if converted.failed:
        return failure(f"{_NO_ELEMENT}: {converted.failed.reason}.")
    if converted.unknown is not None:
        return _any_member(of, type, converted.unknown)
    if wanted == NUMBER:
        return _element(of, type, converted)
    return _member(of, type, converted, numeric=key.type == NUMBER)


_NO_ELEMENT = "The given key does not identify an element in this collection value"


def _element(of: Value, type: Type, key: Value) -> Value:
    """An element of a list or tuple."""
    at = key.raw
    assert isinstance(at, (int, Fraction))
    members = of.elements() if of.unknown is None else ()
    fixed = type.kind == "tuple" or of.unknown is None
    length = len(elements_of(type)) if type.kind == "tuple" else len(members)
    if isinstance(at, int) and at >= 0 and (at < length or not fixed):
        if of.unknown is not None:
            part = elements_of(type)[at] if type.kind == "tuple" else element_of(type)
            return _part_of(of, part)
        return members[at].marked(key.sensitive)
    if isinstance(at, Fraction):
        reason = "indexing a sequence requires a whole number, but the given index has a "
        return failure(f"{_NO_ELEMENT}: {reason}fractional part.")
    if at < 0:
        return failure(f"{_NO_ELEMENT}: a negative number is not a valid index for a sequence.")
    if at != length:  # Terraform explains only the index just behind the last
        return failure(f"{_NO_ELEMENT}.")
    if length == 0:
        return failure(f"{_NO_ELEMENT}: the collection has no elements.")
    reason = "the given index is greater than or equal to the length of the collection."
    return failure(f"{_NO_ELEMENT}: {reason}")


def _member(of: Value, type: Type, key: Value, *, numeric: bool) -> Value:
    """A member of a map or object."""
    name = key.raw
    assert isinstance(name, str)
    if of.unknown is not None and type.kind == "map":
        return _part_of(of, element_of(type))
    if of.unknown is not None and name in attributes_of(type):
        return _part_of(of, attributes_of(type)[name])
    found = of.get(name)
    if found is not None:
        return found.marked(key.sensitive and type.kind == "map")
    advice = ""
    if type.kind == "object" and numeric:
        advice = " An object only supports looking up attributes by name, not by numeric index."
    return failure(f"{_NO_ELEMENT}.{advice}")


def _any_member(of: Value, type: Type, key: Unknown) -> Value:
    """What an unknown key selects."""
    members = of.elements() or tuple(member for _, member in of.items())
    part = element_of(type) if type.kind in ("list", "map") else DYNAMIC
    made = Unknown(key.reason, key.refers_to, choices=alternatives(members))
    return Value(part, made, trail=of.trail, sensitive=of.sensitive)


def get_attr(of: Value, name: str) -> Value:
    """`of.name`."""
    if of.failed:
        return of
    if of.raw is None:
        return failure("This value is null, so it does not have any attributes.")
    chosen = _over_choices(of, lambda choice: get_attr(choice, name))
    if chosen is not None:
        return chosen
    type = type_of(of)
    if type == DYNAMIC:
        return _part_of(of, DYNAMIC)
    if type.kind not in ("object", "map"):
        return failure(_no_attributes(type, name))
    if of.unknown is not None and type.kind == "map":
        return _part_of(of, element_of(type))
    if of.unknown is not None and name in attributes_of(type):
        return _part_of(of, attributes_of(type)[name])
    found = of.get(name)
    if found is not None:
        return found
    if type.kind == "map":
        return failure(f'This map does not have an element with the key "{name}".')
    return failure(f'This object does not have an attribute named "{name}".')


def _no_attributes(type: Type, name: str) -> str:
    if type.kind in ("string", "number", "bool"):
        return f"Can't access attributes on a primitive-typed value ({type_text(type)})."
    if type.kind == "list" and element_of(type).kind == "object":
        hint = "an attribute"
        if name in attributes_of(element_of(type)):
            hint = f'attribute "{name}"'
        return (
            f"Can't access attributes on a list of objects. Did you mean to access {hint} for a "
            "specific element of the list, or across all elements of the list?"
        )
    if type.kind == "set" and element_of(type).kind == "object":
        return (
            "Can't access attributes on a set of objects. Did you mean to access an attribute "
            "across all elements of the set?"
        )
    return "This value does not have any attributes."


def _part_of(of: Value, type: Type) -> Value:
    """Something inside an unknown."""
    assert of.unknown is not None
    made = Unknown(of.unknown.reason, of.unknown.refers_to)
    return replace(of, type=type, raw=made, encodes=None)


def _over_choices(value: Value, select: Callable[[Value], Value]) -> Value | None:
    """The selection from each choice of an unknown; None when it has no choices."""
    if value.unknown is None or not value.unknown.choices:
        return None
    parts = [select(choice) for choice in value.unknown.choices]
    failed = [part for part in parts if part.failed]
    if len(failed) == len(parts):
        return failed[0]
    types = [type_of(part) for part in parts if not part.failed]
    type = types[0] if all(each == types[0] for each in types) else DYNAMIC
    choices = () if failed else alternatives(parts)
    made = Unknown(value.unknown.reason, value.unknown.refers_to, choices=choices)
    sensitive = value.sensitive or any(part.sensitive for part in parts)
    return Value(type, made, trail=value.trail, sensitive=sensitive)
