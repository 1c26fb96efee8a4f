"""Whether a condition is met by what a request has for its key.

All operators of IAM, with `…IfExists`, `ForAllValues:…` and `ForAnyValue:…`. A condition is met if
one of its values is; a negated one if none is. A key that the request lacks meets negated
operators, `…IfExists` and `ForAllValues`, and no other. What is not known, and what IAM puts in of
the request (`${aws:username}`), is a MAYBE.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import operator as compare
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import Final

from grantlint.iam.conditions import Condition
from grantlint.value import Truth, Value

ALL: Final = "ForAllValues"
ANY: Final = "ForAnyValue"

_NEGATED: Final = re.compile(r"Not(?=[A-Z])")
_VARIABLE: Final = re.compile(r"\$\{(?![*?$]\})")
_LITERAL: Final = re.compile(r"\$\{([*?$])\}")
_FIELDS: Final = 6


def is_negated(name: str) -> bool:
    """Whether an operator is met by what differs, and by nothing at all."""
    return _NEGATED.search(name) is not None


def positive(name: str) -> str:
    """The operator without its negation: NotIpAddress is IpAddress."""
    return _NEGATED.sub("", name)


def answer(condition: Condition, request: Sequence[str] | None) -> Truth:
    """Whether a request meets it whose key has these values; None is a request without the key."""
    if condition.operator.text is None or condition.set.unknown is not None:
        return Truth.MAYBE
    name = condition.operator.text
    if name == "Null":
        return _any(condition.values, lambda value: value.equals("false" if request else "true"))
    every = condition.set.text == ALL
    if not request:
        if every or (is_negated(name) and condition.set.text != ANY):
            return Truth.YES
        return condition.if_exists.equals(True)
    answers = [_one(name, condition.values, value) for value in request]
    if every:
        return Truth.all(answers)
    if condition.set.text == ANY:
        return Truth.any(answers)
    return Truth.agreed(answers)


def matches(name: str, value: Value, text: str) -> Truth:
    """Whether one value of a positive operator is met by a text of the request."""
    cause = value.unknown
    if cause is not None and cause.choices:
        return Truth.agreed(matches(name, choice, text) for choice in cause.choices)
    compared = _COMPARED.get(name)
    if compared is None:
        return Truth.MAYBE
    if value.text is None:
        return value.equals(text) if name == "StringEquals" else Truth.MAYBE
    if _VARIABLE.search(value.text):
        return Truth.MAYBE
    return Truth.of(compared(value.text, text))


def _one(name: str, values: Value, text: str) -> Truth:
    met = _any(values, lambda value: matches(positive(name), value, text))
    return ~met if is_negated(name) else met


def _any(values: Value, judge: Callable[[Value], Truth]) -> Truth:
    """What holds for one of the values, whichever alternative of the list is taken."""
    cause = values.unknown
    if cause is None:
        return Truth.any(map(judge, values.elements()))
    if not cause.choices:
        return Truth.MAYBE
    return Truth.agreed(_any(choice, judge) for choice in cause.choices)


# -- one value with one text ---------------------------------------------------------------


def _equal(value: str, text: str) -> bool:
    return _LITERAL.sub(r"\1", value) == text


def _like(value: str, text: str) -> bool:
    return _glob(value).fullmatch(text) is not None


def _same_arn(value: str, text: str) -> bool:
    """Each of the six fields is compared by itself, with wildcards; ArnEquals does so too."""
    fields, of_text = value.split(":", _FIELDS - 1), text.split(":", _FIELDS - 1)
    if len(of_text) < _FIELDS:
        return False
    return len(fields) == _FIELDS and all(map(_like, fields, of_text))


def _in_network(value: str, text: str) -> bool:
    try:
        return ip_address(text) in ip_network(value, strict=False)
    except ValueError:
        return False


def _number(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite():
        raise ValueError(text)
    return found


def _date(text: str) -> Decimal:
    """The seconds since 1970 of a date as ISO 8601, or of one that is given in them."""
    if re.fullmatch(r"[0-9]{5,}(\.[0-9]+)?", text):
        return Decimal(text)
    found = datetime.fromisoformat(text)
    aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return Decimal(aware.timestamp())


def _ordered(
    read: Callable[[str], Decimal], holds: Callable[[int, int], bool]
) -> Callable[[str, str], bool]:
    """A comparison of what two texts mean; false where one of them means nothing."""

    def compared(value: str, text: str) -> bool:
        try:
            asked, given = read(value), read(text)
        except (ArithmeticError, ValueError):
            return False
        return holds((given > asked) - (given < asked), 0)

    return compared


_ORDERS: Final[Mapping[str, Callable[[int, int], bool]]] = MappingProxyType(
    {
        "Equals": compare.eq,
        "LessThan": compare.lt,
        "LessThanEquals": compare.le,
        "GreaterThan": compare.gt,
        "GreaterThanEquals": compare.ge,
    }
)
_COMPARED: Final[Mapping[str, Callable[[str, str], bool]]] = MappingProxyType(
    {
        "StringEquals": _equal,
        "StringEqualsIgnoreCase": lambda value, text: _equal(value.lower(), text.lower()),
        "StringLike": _like,
        "ArnEquals": _same_arn,
        "ArnLike": _same_arn,
        "Bool": lambda value, text: value.lower() == text.lower(),
        "BinaryEquals": compare.eq,
        "IpAddress": _in_network,
        **{f"Numeric{name}": _ordered(_number, order) for name, order in _ORDERS.items()},
        **{f"Date{name}": _ordered(_date, order) for name, order in _ORDERS.items()},
    }
)


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern of StringLike; what stands between two asterisks is not tried again elsewhere."""
    pieces = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    first, *others = _between_asterisks(pieces)
    inner = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + inner + last, re.DOTALL)


def _between_asterisks(pieces: list[str]) -> list[str]:
    parts = [""]
    for piece in pieces:
        if piece == "*":
            parts.append("")
        else:
            parts[-1] += "." if piece == "?" else re.escape(_LITERAL.sub(r"\1", piece))
    return parts
