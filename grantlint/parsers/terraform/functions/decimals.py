"""Numbers as Go's fmt and big.Float write them.

https://pkg.go.dev/math/big#Float.Format and https://pkg.go.dev/math/big#Int.Format
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from grantlint.parsers.number import number_text

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Verb:
    """A formatting verb such as `%[2]-8.3f`: `text` as written, `offset` in bytes.

    `argument` counts from 1; `width` and `precision` are None when not given.
    """

    text: str
    offset: int
    argument: int
    mode: str
    flags: str
    width: int | None
    precision: int | None


def float_text(verb: Verb, amount: Number) -> str:
    """%e %E %f %g %G."""
    text = decimal_text(_magnitude(amount), verb.mode.lower(), verb.precision)
    if verb.mode.isupper():
        text = text.upper()
    sign = _sign(verb, amount)
    padding = max((verb.width or 0) - len(sign) - len(text), 0)
    if "-" in verb.flags:
        return f"{sign}{text}{' ' * padding}"
    if "0" in verb.flags:
        return f"{sign}{'0' * padding}{text}"
    return f"{' ' * padding}{sign}{text}"


def whole_text(verb: Verb, amount: int) -> str:
    """%b %d %o %x %X."""
    base = {"b": "b", "o": "o", "x": "x", "X": "X"}.get(verb.mode, "d")
    digits, sign = format(abs(amount), base), _sign(verb, amount)
    prefixes = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}
    prefix = prefixes.get(verb.mode, "") if "#" in verb.flags else ""
    if verb.precision is not None:
        if digits == "0" and verb.precision == 0:
            return ""
        digits = digits.rjust(verb.precision, "0")
    missing = max((verb.width or 0) - len(sign) - len(prefix) - len(digits), 0)
    if "-" in verb.flags:
        return f"{sign}{prefix}{digits}{' ' * missing}"
    if "0" in verb.flags and verb.precision is None:
        return f"{sign}{prefix}{'0' * missing}{digits}"
    return f"{' ' * missing}{sign}{prefix}{digits}"


def _sign(verb: Verb, amount: Number) -> str:
    if amount < 0:
        return "-"
    return "+" if "+" in verb.flags else " " if " " in verb.flags else ""


def _magnitude(amount: Number) -> Number:
    return amount if amount >= 0 else -amount


def short_text(amount: Number) -> str:
    """%v: as few digits as the number needs, with an exponent when it is large or small."""
    return ("-" if amount < 0 else "") + decimal_text(_magnitude(amount), "g", None)


def decimal_text(amount: Number, mode: str, precision: int | None) -> str:
    """A number that is not negative, as big.Float.Text writes it."""
    if mode == "f":
        places = 6 if precision is None else precision
        scaled = round(Fraction(amount) * 10**places)
        digits = str(scaled).rjust(places + 1, "0")
        return f"{digits[:-places]}.{digits[-places:]}" if places else digits
    if mode == "e":
        places = 6 if precision is None else precision
        return _scientific(*_rounded(amount, places + 1), places + 1)
    return _general(amount, precision)


def _general(amount: Number, precision: int | None) -> str:
    if precision is None:
        digits, point = _shortest(amount)
        limit = 6
        count = len(digits)
    else:
        count = max(precision, 1)
        digits, point = _rounded(amount, count)
        digits = digits.rstrip("0") or "0"
        limit = len(digits) if count > len(digits) >= point else count
    if not -4 <= point - 1 < limit:
        return _scientific(digits, point, min(count, len(digits)))
    if point <= 0:
        return f"0.{'0' * -point}{digits}" if amount else "0"
    whole, rest = digits[:point].ljust(point, "0"), digits[point:]
    return f"{whole}.{rest}" if rest else whole


def _shortest(amount: Number) -> tuple[str, int]:
    """Digits without zeros at either end, and where the decimal point stands."""
    whole, _, rest = number_text(amount).partition(".")
    digits = (whole + rest).lstrip("0")
    point = len(whole) if whole != "0" else len(digits) - len(rest)
    return (digits.rstrip("0"), point) if digits else ("0", 1)


def _rounded(amount: Number, count: int) -> tuple[str, int]:
    """So many digits of the exact number, halves to even, and where the point stands."""
    if amount == 0:
        return "0" * count, 1
    top, bottom = Fraction(amount).as_integer_ratio()
    point = len(str(top)) - len(str(bottom)) + 1
    if Fraction(amount) < Fraction(10) ** (point - 1):
        point -= 1
    digits = str(round(Fraction(amount) * Fraction(10) ** (count - point)))
    return (digits[:count], point + 1) if len(digits) > count else (digits, point)


def _scientific(digits: str, point: int, count: int) -> str:
    exponent = point - 1
    mantissa = digits[0] + (f".{digits[1:count]}" if count > 1 else "")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
