"""Numbers that must fit an int of Go."""

from __future__ import annotations

from fractions import Fraction

from grantlint.parsers.terraform.functions.declaration import FunctionError
from grantlint.value import Value

_LEAST, _MOST = -(2**63), 2**63 - 1


def whole_number(amount: int | Fraction, parameter: int | None = None, before: str = "") -> int:
    """The number as an int of 64 bits; `before` is what the error text begins with."""
    if isinstance(amount, int) and _LEAST <= amount <= _MOST:
        return amount
    text = f"{before}value must be a whole number, between {_LEAST} and {_MOST}"
    raise FunctionError(text, parameter)


def whole(value: Value, parameter: int | None = None, before: str = "") -> int:
    """The same for a known number."""
    assert isinstance(value.raw, int | Fraction)
    return whole_number(value.raw, parameter, before)
