"""Numbers: Terraform's 512 bits, digit for digit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some
from recorded_answers import agrees, evaluate_text, recorded, shown

from grantlint.parsers.number import (
    add,
    divide,
    is_number_text,
    modulo,
    number_text,
    number_text_short,
    parse_number,
    round_512,
)

WHOLE = some.integers(-(10**40), 10**40)


@pytest.mark.parametrize("row", recorded("numbers"), ids=lambda row: row["expr"][:60])
def test_a_number_is_terraforms_to_the_last_digit(row) -> None:
    assert agrees(shown(evaluate_text(row["expr"])), row)


def test_a_third_has_as_many_digits_as_512_bits_need() -> None:
    assert number_text(divide(1, 3)) == "0." + 154 * "3" + "5"


def test_a_sum_of_tenths_shows_no_binary_dust() -> None:
    assert number_text(add(parse_number("0.1"), parse_number("0.2"))) == "0.3"


@pytest.mark.parametrize("text", ["", " 1", "1 ", "1_0", "0x1f", "abc", "--1", "1.2.3", "e5", "٣"])
def test_what_is_no_decimal_is_no_number(text: str) -> None:
    assert parse_number(text) is None
    assert not is_number_text(text)


@pytest.mark.parametrize("text", ["Inf", "-inf", "-0", "-0.0", "1e999999", "1" * 5000])
def test_a_number_that_cannot_be_had_is_told_from_no_number(text: str) -> None:
    assert parse_number(text) is None
    assert is_number_text(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("5.", 5), (".5", Fraction(1, 2)), ("+5", 5), ("1e3", 1000), ("1p3", 8), ("00012", 12)],
)
def test_unusual_decimals_are_numbers(text: str, amount: Fraction) -> None:
    assert parse_number(text) == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (100, "100"),
        (-3, "-3"),
        (10**10, "1e+10"),
        (9999999999, "9999999999"),
        (12345678901234, "1.23456789e+13"),
        (Fraction(1, 2), "0.5"),
        (Fraction(1, 1024), "0.0009765625"),
        (Fraction(1, 2**20), "9.536743164e-07"),
    ],
)
def test_sets_order_numbers_by_ten_digits(amount: Fraction, text: str) -> None:
    assert number_text_short(amount) == text


@given(WHOLE, WHOLE.filter(bool), WHOLE)
def test_a_text_is_read_back_as_the_same_number(top: int, bottom: int, scale: int) -> None:
    amount = round_512(Fraction(top, bottom) * scale)
    assert parse_number(number_text(amount)) == amount


@given(WHOLE, WHOLE.filter(bool))
def test_quotient_and_remainder_make_the_number(left: int, right: int) -> None:
    rest = modulo(left, right)
    assert abs(rest) < abs(right)
    assert (left - rest) % right == 0
