"""Conditions of a statement: `{operator: {key: values}}` as one `Condition` a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from grantlint.iam.elements import texts
from grantlint.value import BOOL, STRING, Unknown, Value, boolean, null, string, unknown

_OPERATORS: Final = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
_SPELLING: Final = {name.lower(): name for name in _OPERATORS}
_SETS: Final = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_NONE: Final = null(STRING)
_UNNAMED: Final = null(BOOL)


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator of a statement's conditions.

    `operator` is in AWS's spelling, `set` is ForAllValues, ForAnyValue or null, `values` a tuple
    of texts. Where `operator` or `key` is unknown, one such condition stands for any number.
    `trusted` is whether the accounts and organizations that its values name are the key's own or
    ones that the user trusts, null where they name none (see `trust`).
    """

    operator: Value
    set: Value
    if_exists: Value
    key: Value
    values: Value
    trusted: Value = _UNNAMED


def conditions(value: Value) -> Iterator[Condition]:
    """The conditions of a statement's `Condition` element."""
    if isinstance(value.raw, Unknown):
        hidden = unknown(value.raw.reason, value.written, type=STRING).marked(value.sensitive)
        maybe = replace(hidden, type=BOOL)
        yield Condition(hidden, hidden, maybe, hidden, value)
        return
    for name, keys in value.items():
        operator, set_, if_exists = _operator(name)
        if value.sensitive:  # then its keys are no less so
            operator, set_, if_exists = operator.marked(), set_.marked(), if_exists.marked()
        if isinstance(keys.raw, Unknown):
            hidden = unknown(keys.raw.reason, keys.written, type=STRING).marked(keys.sensitive)
            yield Condition(operator, set_, if_exists, hidden, keys)
        for key, values in keys.items():
            named = _key(key).marked(keys.sensitive)
            yield Condition(operator, set_, if_exists, named, texts(values))


_key = lru_cache(maxsize=1024)(string)


@lru_cache(maxsize=1024)
def _operator(written: str) -> tuple[Value, Value, Value]:
    """Operator, set and IfExists of a key of `Condition`, which AWS reads in any case."""
    before, colon, name = written.rpartition(":")
    set_ = _SETS.get(before.lower(), before) if colon else None
    if_exists = name.lower().endswith("ifexists")
    if if_exists:
        name = name[: -len("IfExists")]
    operator = string(_SPELLING.get(name.lower(), name))
    return operator, string(set_) if set_ is not None else _NONE, boolean(if_exists)
