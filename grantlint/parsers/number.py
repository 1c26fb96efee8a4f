"""Numbers as Terraform has them: Go's big.Float with a mantissa of 512 bits, nearest even.

A number is an int when whole, else a binary Fraction. Not covered: the infinities and negative
zero (callers make an unknown of them), and the 64-bit mantissa of a quotient of two counts, as in
`length(a) / length(b)`, which Terraform prints with fewer digits.
https://github.com/zclconf/go-cty/blob/main/docs/types.md#ctynumber
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from grantlint.value import Number

MANTISSA = 512
_POW5_MANTISSA = 576  # Go raises 5 to a power with 64 bits more than the result has
_LARGEST_EXPONENT = 3000  # decimal; beyond it a number is not computed
_LARGEST_BITS = 16_384
_TEXT = re.compile(r"[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([eEpP])([+-]?\d+))?", re.ASCII)
_INFINITY = re.compile(r"[+-]?[iI]nf")
_EXACT_POW5 = 27  # the largest power of five in a 64-bit word


def is_number_text(text: str) -> bool:
    """Whether Terraform takes the text for a number, "Inf" and "1e999999" included."""
    return bool(_TEXT.fullmatch(text) or _INFINITY.fullmatch(text))


def parse_number(text: str) -> Number | None:
    """The number a decimal text stands for, as Terraform's tonumber() and literals read it.

    None when it is no number, and when it is one that cannot be had here: an infinity, negative
    zero, or an exponent beyond 3000 (`is_number_text` tells the two apart).
    """
    match = _TEXT.fullmatch(text)
    if match is None or len(text) > _LARGEST_EXPONENT:
        return None
    whole, fraction, bare_fraction, marker, exponent = match.groups()
    decimals = (fraction or "") if whole is not None else bare_fraction
    mantissa = int(Decimal((whole or "") + decimals))
    if mantissa == 0:
        return None if text.startswith("-") else 0
    if exponent and len(exponent) > 6:
        return None
    power = int(exponent or 0)
    ten = -len(decimals) + (power if marker in ("e", "E") else 0)
    two = power if marker in ("p", "P") else 0
    if abs(ten) > _LARGEST_EXPONENT or abs(two) > _LARGEST_BITS:
        return None
    amount = _scaled(mantissa, ten) * Fraction(2) ** two
    return round_512(-amount if text.startswith("-") else amount)


def _scaled(mantissa: int, ten: int) -> Fraction:
    """The number mantissa · 10^ten, with Go's rounding of large powers of five."""
    five = _power_of_five(abs(ten))
    power = Fraction(2) ** ten
    return power * (mantissa * five if ten >= 0 else mantissa / five)


def _power_of_five(exponent: int) -> Fraction:
    if exponent <= 2 * MANTISSA // 5:  # exact in any case
        return Fraction(5**exponent)
    result, rest = Fraction(5**_EXACT_POW5), exponent - _EXACT_POW5
    factor = Fraction(5)
    while rest:
        if rest & 1:
            result = _round(result * factor, _POW5_MANTISSA)
        factor = _round(factor * factor, _POW5_MANTISSA + 64)
        rest >>= 1
    return result


def round_512(amount: Number) -> Number:
    """The nearest number that Terraform can hold; an int when whole."""
    if isinstance(amount, int):
        if amount.bit_length() <= MANTISSA:
            return amount
        amount = Fraction(amount)
    rounded = _round(amount, MANTISSA)
    return rounded.numerator if rounded.denominator == 1 else rounded


def _round(amount: Fraction, bits: int) -> Fraction:
    """Round to a mantissa of so many bits, to nearest, ties to even."""
    if amount == 0:
        return amount
    top, bottom = abs(amount.numerator), amount.denominator
    shift = top.bit_length() - bottom.bit_length() - bits
    quotient, rest, divisor = _divide(top, bottom, shift)
    if quotient.bit_length() > bits:
        shift += 1
        quotient, rest, divisor = _divide(top, bottom, shift)
    if 2 * rest > divisor or (2 * rest == divisor and quotient & 1):
        quotient += 1
    result = quotient * Fraction(2) ** shift
    return -result if amount < 0 else result


def _divide(top: int, bottom: int, shift: int) -> tuple[int, int, int]:
    """Quotient, remainder and divisor of top / (bottom · 2^shift)."""
    divisor = bottom << max(shift, 0)
    quotient, rest = divmod(top << max(-shift, 0), divisor)
    return quotient, rest, divisor


# -- arithmetic ----------------------------------------------------------------------------


def out_of_range(amount: Number) -> bool:
    """Whether a result is so large or small that nothing is computed with it."""
    top = amount.numerator.bit_length()
    return top > _LARGEST_BITS or amount.denominator.bit_length() > _LARGEST_BITS


def add(left: Number, right: Number) -> Number:
    """The sum, rounded."""
    return round_512(left + right)


def subtract(left: Number, right: Number) -> Number:
    """The difference, rounded."""
    return round_512(left - right)


def multiply(left: Number, right: Number) -> Number:
    """The product, rounded."""
    return round_512(left * right)


def divide(left: Number, right: Number) -> Number:
    """The quotient; `right` is not zero."""
    return round_512(Fraction(left) / right)


def modulo(left: Number, right: Number) -> Number:
    """The remainder with the sign of `left`; `left` itself when `right` is zero."""
    if right == 0:
        return left
    times = round_512(int(divide(left, right)))
    return subtract(left, multiply(right, times))


# -- text ----------------------------------------------------------------------------------


def number_text(amount: Number) -> str:
    """The shortest decimal that no other number of 512 bits is nearer to, never with an exponent.

    This is what tostring(), templates and jsonencode() write.
    """
    if isinstance(amount, int) and amount.bit_length() <= MANTISSA:
        return str(amount)
    digits, point = _shortest(-amount if amount < 0 else amount)
    sign = "-" if amount < 0 else ""
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def number_text_short(amount: Number) -> str:
    """At most ten digits, as Go's `%.10g`: what sets of tuples and objects are ordered by."""
    if amount == 0:
        return "0"
    digits, point = _round_digits(*_decimal(*_binary(-amount if amount < 0 else amount)), 10)
    sign = "-" if amount < 0 else ""
    limit = len(digits) if 10 > len(digits) >= point else 10
    if not -4 <= point - 1 < limit:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        exponent = point - 1
        return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    whole = digits[:point].ljust(point, "0")
    return f"{sign}{whole}.{digits[point:]}" if digits[point:] else sign + whole


def _binary(amount: Number) -> tuple[int, int]:
    """A positive number as mantissa · 2^exponent."""
    return amount.numerator, 1 - amount.denominator.bit_length()


def _decimal(mantissa: int, exponent: int) -> tuple[str, int]:
    """Exact decimal digits of mantissa · 2^exponent, and where the decimal point stands."""
    if exponent >= 0:
        text, scale = str(Decimal(mantissa << exponent)), 0
    else:
        text, scale = str(Decimal(mantissa * 5**-exponent)), -exponent
    return text.rstrip("0"), len(text) - scale


def _shortest(amount: Number) -> tuple[str, int]:
    """Go's roundShortest: https://github.com/golang/go/blob/master/src/math/big/ftoa.go."""
    mantissa, exponent = _binary(amount)
    digits, point = _decimal(mantissa, exponent)
    shift = mantissa.bit_length() - (MANTISSA + 1)
    doubled = mantissa >> shift if shift > 0 else mantissa << -shift
    lower = _decimal(doubled - 1, exponent + shift)[0]
    upper = _decimal(doubled + 1, exponent + shift)[0]
    inclusive = doubled & 2 == 0
    for at, digit in enumerate(digits):
        low = lower[at] if at < len(lower) else "0"
        high = upper[at] if at < len(upper) else "0"
        may_go_down = low != digit or (inclusive and at + 1 == len(lower))
        next_is_less = int(digit) + 1 < int(high)
        may_go_up = digit != high and (inclusive or next_is_less or at + 1 < len(upper))
        if may_go_down and may_go_up:
            return _round_digits(digits, point, at + 1)
        if may_go_down:
            return digits[: at + 1].rstrip("0"), point
        if may_go_up:
            return _round_up(digits, point, at + 1)
    return digits, point


def _round_digits(digits: str, point: int, count: int) -> tuple[str, int]:
    if count >= len(digits):
        return digits, point
    halfway = digits[count] == "5" and count + 1 == len(digits)
    up = int(digits[count - 1]) & 1 if halfway else digits[count] >= "5"
    if up:
        return _round_up(digits, point, count)
    return digits[:count].rstrip("0"), point


def _round_up(digits: str, point: int, count: int) -> tuple[str, int]:
    if count >= len(digits):
        return digits, point
    kept = digits[:count].rstrip("9")
    if not kept:
        return "1", point + 1
    return kept[:-1] + str(int(kept[-1]) + 1), point
