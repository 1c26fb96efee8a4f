"""JSON text as Go's encoding/json writes it, because that is what the AWS provider stores.

It differs from Terraform's jsonencode in its numbers (float64) and agrees in escaping `<`, `>`,
`&`, U+2028 and U+2029. https://pkg.go.dev/encoding/json#Marshal
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from json.encoder import encode_basestring
from typing import Final

from grantlint.value import Number, Unknown, Value

DEEPEST: Final = 100
"""Nesting above which no text is made; AWS takes nothing near it."""

_ESCAPED: Final = re.compile("[<>&\u2028\u2029]")

Order = Sequence[str]
"""The keys of a struct in the order of its fields."""


def compact(tree: Value, orders: Sequence[Order] = ()) -> str | None:
    """The text without blanks; None when something in the tree is not known.

    `orders[n]` says which keys come first in the objects `n` objects deep, the others are sorted.
    """
    return _text(tree, "", "", orders, 0)


def pretty(tree: Value, orders: Sequence[Order] = ()) -> str | None:
    """The text with a line an element, indented by two blanks, as MarshalIndent writes it."""
    return _text(tree, "\n", "  ", orders, 0)


def string_text(text: str) -> str:
    """A JSON string."""
    quoted = encode_basestring(text)
    if _ESCAPED.search(quoted) is None:
        return quoted
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def number_text(amount: Number) -> str | None:
    """A number after it went through a float64; None when it is too large for one."""
    try:
        digits = repr(float(amount))
    except OverflowError:
        return None
    exact = Decimal(digits)
    if exact == 0:
        return "0"
    if 1e-6 <= abs(exact) < Decimal("1e21"):
        shown = format(exact, "f")
        return shown.rstrip("0").rstrip(".") if "." in shown else shown
    sign, figures, _ = exact.normalize().as_tuple()
    digits = "".join(map(str, figures))
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    exponent = exact.adjusted()
    return f"{'-' if sign else ''}{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent):d}"


def _text(value: Value, newline: str, step: str, orders: Sequence[Order], depth: int) -> str | None:
    raw = value.raw
    if depth > DEEPEST or isinstance(raw, Unknown):
        return None
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return string_text(raw)
    if isinstance(raw, int | Fraction):
        return number_text(raw)
    inner = newline + step if newline else ""
    if isinstance(raw, Mapping):
        return _object_text(raw, newline, inner, step, orders, depth)
    members = [_text(member, inner, step, orders, depth + 1) for member in raw]
    return _joined(members, "[]", newline, inner)


def _object_text(
    raw: Mapping[str, Value],
    newline: str,
    inner: str,
    step: str,
    orders: Sequence[Order],
    depth: int,
) -> str | None:
    first = orders[0] if orders else ()
    keys = [key for key in first if key in raw] + [key for key in raw if key not in first]
    colon = ": " if newline else ":"
    members = []
    for key in keys:
        text = _text(raw[key], inner, step, orders[1:], depth + 1)
        members.append(None if text is None else f"{string_text(key)}{colon}{text}")
    return _joined(members, "{}", newline, inner)


def _joined(members: list[str | None], ends: str, newline: str, inner: str) -> str | None:
    texts = [text for text in members if text is not None]
    if len(texts) != len(members):
        return None
    if not texts:
        return ends
    return f"{ends[0]}{inner}{(',' + inner).join(texts)}{newline}{ends[1]}"
