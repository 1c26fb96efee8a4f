"""Which keys the resources of an IAM policy's statement are: some that are named, or every one.

https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
"""

from __future__ import annotations

import re
from typing import Final

from grantlint.iam.conditions import Condition
from grantlint.iam.statements import Statement
from grantlint.value import Truth, Value

_EVERY: Final = re.compile(r"\*|arn:[^:]*:kms:[^:]*:[^:]*:(\*|key(/\*|\*))", re.I | re.S)
_BEGINS: Final = re.compile(r"arn(:.*)?", re.I | re.S)
_KEY: Final = ":key/*"
_TIES: Final = (
    "kms:encryptioncontext:",
    "kms:encryptioncontextkeys",
    "kms:requestalias",
    "kms:resourcealiases",
    "kms:viaservice",
    "aws:resourcetag/",
)
"""Conditions that leave but some keys, or some uses of them; those that end so begin others."""


def every_key(statement: Statement) -> tuple[Truth, int | None]:
    """Whether a statement is about every key of some account, and the resource that says so."""
    if statement.not_resource:
        return Truth.MAYBE, None
    best: tuple[Truth, int | None] = (_any(statement.resources), None)
    for at, resource in enumerate(statement.resources.elements()):
        truth = _is_every(resource)
        if truth.value > best[0].value:
            best = truth, at
    return best


def ties(condition: Condition) -> Truth:
    """Whether a condition narrows a statement about every key to some keys or some uses of them."""
    key = condition.key.text
    if key is None:
        return Truth.MAYBE
    tied = any(_begins(key.lower(), one) for one in _TIES)
    operator = condition.operator.text or ""
    if not tied or "Not" in operator or operator == "Null":
        return Truth.NO
    vacuous = condition.if_exists.equals(True) | condition.set.equals("ForAllValues")
    return ~(vacuous | condition.values.contains("*"))


def _begins(key: str, listed: str) -> bool:
    return key.startswith(listed) if listed.endswith((":", "/")) else key == listed


def _any(resources: Value) -> Truth:
    if resources.unknown is None or not resources.unknown.choices:
        return Truth.NO
    return Truth.agreed(
        _any(one) if one.unknown else _of_list(one) for one in resources.unknown.choices
    )


def _of_list(resources: Value) -> Truth:
    return Truth.any(map(_is_every, resources.elements()))


def _is_every(resource: Value) -> Truth:
    """Whether a resource stands for every key; what is not known of it is taken to name one."""
    if resource.text is not None:
        return Truth.of(_EVERY.fullmatch(resource.text) is not None)
    cause = resource.unknown
    if cause is None:
        return Truth.NO
    if cause.choices:
        return Truth.agreed(_is_every(choice) for choice in cause.choices)
    begun = cause.prefix == "" or _BEGINS.fullmatch(cause.prefix) is not None
    return Truth.of(begun and cause.suffix.endswith(_KEY))
