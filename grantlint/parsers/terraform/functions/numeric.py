"""Arithmetic. Numbers are exact, but log and pow are computed as Go does, in float64.

A float64 that Terraform prints with fewer digits than it has is not known here: its text and its
value would disagree. https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/number.go
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from grantlint.parsers.holes import UnknowableError, like
from grantlint.parsers.number import add, number_text
from grantlint.parsers.terraform.convert import convert, type_of, type_text
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.parsers.terraform.functions.whole import whole, whole_number
from grantlint.value import BOOL, NUMBER, Type, Value, boolean, number

Number = int | Fraction
LIST_OF_BOOL = Type("list", BOOL)
LIST_OF_NUMBER = Type("list", NUMBER)
MOST_IN_RANGE = 1024
_NUM = Parameter("num", NUMBER)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAN = "panic in function implementation: Float.SetFloat64(NaN)"


@plain(_NUM, returns=NUMBER)
def abs_(amount: Number) -> Number:
    return amount if amount >= 0 else -amount


@plain(_NUM, returns=NUMBER)
def ceil(amount: Number) -> int:
    return math.ceil(amount)


@plain(_NUM, returns=NUMBER)
def floor(amount: Number) -> int:
    return math.floor(amount)


@plain(_NUM, returns=NUMBER)
def signum(amount: Number) -> int:
    value = whole_number(amount)
    return (value > 0) - (value < 0)


@plain(_NUM, Parameter("base", NUMBER), returns=NUMBER)
def log(amount: Number, base: Number) -> Number:
    top, bottom = _float(amount), _float(base)
    if top < 0 or bottom < 0 or (top == bottom == 0) or (top == bottom == 1):
        raise FunctionError(_NAN)
    if top == 0 or bottom == 1:
        raise UnknowableError("the logarithm is infinite")
    if bottom == 0:
        raise UnknowableError("the logarithm is minus zero")
    return _exact(math.log(top) / math.log(bottom))


@plain(_NUM, Parameter("power", NUMBER), returns=NUMBER)
def pow_(amount: Number, power: Number) -> Number:
    base, exponent = _float(amount), _float(power)
    if base < 0 and exponent != math.floor(exponent):
        raise FunctionError(_NAN)
    try:
        return _exact(math.pow(base, exponent))
    except (OverflowError, ValueError):
        raise UnknowableError("the power is infinite") from None


def _float(amount: Number) -> float:
    try:
        return float(amount)
    except OverflowError:
        most = f"{Fraction(1.7976931348623157e308).numerator}.000000"
        raise FunctionError(f"value must be between -{most} and {most} inclusive") from None


def _exact(result: float) -> Number:
    """The number, if its shortest text says all of it."""
    amount: Number = Fraction(result)
    if amount.denominator == 1:
        amount = amount.numerator
    if Fraction(repr(result)) != amount:
        raise UnknowableError("the result is a rounded float64")
    return amount


# -- several numbers -----------------------------------------------------------------------


@plain(rest=Parameter("numbers", NUMBER), returns=NUMBER)
def max_(*numbers: Number) -> Number:
    if not numbers:
        raise FunctionError("must pass at least one number")
    return max(numbers)


@plain(rest=Parameter("numbers", NUMBER), returns=NUMBER)
def min_(*numbers: Number) -> Number:
    if not numbers:
        raise FunctionError("must pass at least one number")
    return min(numbers)


@function(Parameter("list"), returns=NUMBER)
def sum_(list: Value) -> Value:
    if list.kind not in {"list", "set", "tuple", "map", "object"}:
        raise FunctionError("cannot sum noniterable", 0)
    if not list.elements() and not list.items():
        raise FunctionError("cannot sum an empty list", 0)
    if list.kind in {"map", "object"}:
        named = type_text(type_of(list))
        raise FunctionError(f"argument must be list, set, or tuple. Received {named}", 0)
    if (hidden := first_unknown([list])) is not None:
        return like(hidden, NUMBER)
    total: Number | None = None
    for member in list.elements():
        amount = convert(member, NUMBER).raw
        if not isinstance(amount, int | Fraction) or isinstance(amount, bool):
            raise FunctionError("argument must be list, set, or tuple of number values", 0)
        total = amount if total is None else add(total, amount)
    assert total is not None
    return number(total)


@plain(rest=Parameter("params", NUMBER), returns=LIST_OF_NUMBER)
def range_(*bounds: Number) -> Sequence[Number]:
    start, end, step = _bounds(bounds)
    if step < 0 and end > start:
        raise FunctionError("end must be less than start when step is negative", 1)
    if step >= 0 and end < start:
        raise FunctionError("end must be greater than start when step is positive", 1)
    found: list[Number] = []
    amount = start
    while (amount > end) if step < 0 else (amount < end):
        if len(found) >= MOST_IN_RANGE:
            raise FunctionError(
                "more than 1024 values were generated; either decrease the difference between "
                "start and end or use a smaller step"
            )
        found.append(amount)
        amount = add(amount, step)
    return found


def _bounds(bounds: Sequence[Number]) -> tuple[Number, Number, Number]:
    match bounds:
        case [end]:
            return 0, end, -1 if end < 0 else 1
        case [start, end]:
            return start, end, -1 if end < start else 1
        case [start, end, step]:
            return start, end, step
    raise FunctionError("must have one, two, or three arguments")


# -- truths --------------------------------------------------------------------------------


@function(Parameter("list", LIST_OF_BOOL), returns=BOOL)
def alltrue(list: Value) -> Value:
    for member in list.elements():
        if member.unknown is not None:
            return like(member, BOOL)
        if member.raw is not True:
            return boolean(False)
    return boolean(True)


@function(Parameter("list", LIST_OF_BOOL), returns=BOOL)
def anytrue(list: Value) -> Value:
    if any(member.raw is True for member in list.elements()):
        return boolean(True)
    hidden = first_unknown(list.elements())
    return boolean(False) if hidden is None else like(hidden, BOOL)


# -- text ----------------------------------------------------------------------------------


@function(Parameter("number", marks=True), Parameter("base", NUMBER, marks=True), returns=NUMBER)
def parseint(text: Value, base: Value) -> Value:
    if text.text is None:
        named = type_text(type_of(text))
        raise FunctionError(f"first argument must be a string, not {named}", 0)
    radix = whole(base, 1)
    if not 2 <= radix <= 62:
        raise FunctionError("base must be a whole number between 2 and 62 inclusive", 1)
    amount = _parsed(text.text, radix)
    if amount is None:
        shown = "(sensitive value)" if text.sensitive else quoted(text.text)
        shown_base = "(sensitive value)" if base.sensitive else number_text(radix)
        raise FunctionError(f"cannot parse {shown} as a base {shown_base} integer", 0)
    return number(amount).marked(text.sensitive or base.sensitive)


def _parsed(text: str, base: int) -> int | None:
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if base <= 36:
        digits = digits.lower() if digits.isascii() else digits
    allowed = _DIGITS[:base]
    if not digits or len(digits) > 2000 or any(digit not in allowed for digit in digits):
        return None
    amount = 0
    for digit in digits:
        amount = amount * base + allowed.index(digit)
    return -amount if text[0] == "-" else amount
