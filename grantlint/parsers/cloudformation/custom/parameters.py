"""CreateGrant's parameters, as they are spelt in PascalCase, camelCase, snake_case or kebab-case.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.operations import OPERATIONS
from grantlint.value import DYNAMIC, STRING, TUPLE, Truth, Type, Unknown, Value, object_, string

NAMES: Final = (
    "KeyId",
    "GranteePrincipal",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "Operations",
    "Constraints",
    "Name",
    "GrantTokens",
    "DryRun",
)
CONSTRAINTS: Final = ("EncryptionContextEquals", "EncryptionContextSubset", "SourceArn")

_OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "KeyId": ("keyarn", "kmskeyid", "kmskeyarn", "kmskey", "key", "cmkid", "cmkarn"),
    "GranteePrincipal": ("granteeprincipalarn", "granteearn", "grantee", "granteerolearn"),
    "RetiringPrincipal": ("retiringprincipalarn", "retireeprincipal"),
    "Operations": ("grantoperations",),
    "Constraints": ("grantconstraints",),
    "Name": ("grantname",),
}
"""What else the code behind a custom resource calls them, the most usual first."""

_SEPARATORS: Final = re.compile(r"[\s,;|]+")


def squeezed(name: str) -> str:
    """A name without what the ways to spell it differ in."""
    return re.sub(r"[\s_-]", "", name).lower()


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A parameter by a name that the SDK does not pass on as what it means."""

    name: str
    right: str
    value: Value


def named(tree: Value, others: bool = False) -> tuple[Value, tuple[Misspelt, ...]]:
    """An object's members that are parameters, by their right names, and those misspelt.

    With `others` also what only custom resources call them.
    """
    found, misspelt = _by_name(tree, NAMES, _OTHER_NAMES if others else {})
    constraints = found.get("Constraints")
    if constraints is not None and isinstance(constraints.raw, Mapping):
        inner, more = _by_name(constraints, CONSTRAINTS, {})
        found["Constraints"] = object_(inner, constraints.written)
        misspelt += more
    return object_(found, tree.written), tuple(misspelt)


def _by_name(
    tree: Value, names: Iterable[str], others: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, Value], list[Misspelt]]:
    written = {key: value for key, value in tree.items() if not value.is_null}
    spelt: dict[str, tuple[str, Value]] = {}
    for key, value in written.items():
        spelt.setdefault(squeezed(key), (key, value))
    found: dict[str, Value] = {}
    misspelt: list[Misspelt] = []
    for name in names:
        if name in written:
            found[name] = written[name]
            continue
        forms = (squeezed(name), *others.get(name, ()))
        other = next((spelt[form] for form in forms if form in spelt), None)
        if other is not None:
            found[name] = other[1]
            misspelt.append(Misspelt(other[0], name, other[1]))
    return found, misspelt


def makes_none(parameters: Value) -> Truth:
    """Whether the request only asks if it may be made."""
    dry = parameters.get("DryRun")
    if dry is None:
        return Truth.NO
    cause = dry.unknown
    if cause is not None and not cause.choices:
        return Truth.MAYBE
    asked = [dry] if cause is None else cause.choices
    return Truth.agreed([Truth.of(_says_true(one)) for one in asked])


def _says_true(value: Value) -> bool:
    return value.raw is True or (value.text or "").lower() == "true"


# -- operations ----------------------------------------------------------------------------


def listed(operations: Value) -> Value:
    """Operations as a list: the code behind a custom resource takes `"Decrypt, Encrypt"` apart."""
    raw = operations.raw
    if isinstance(raw, str):
        names = [string(name, operations.written) for name in _SEPARATORS.split(raw) if name]
        return replace(operations, type=TUPLE, raw=tuple(names), encodes=None)
    if not isinstance(raw, Unknown):
        return operations
    if raw.choices:
        return replace(
            operations, type=DYNAMIC, raw=replace(raw, choices=tuple(map(listed, raw.choices)))
        )
    certain = tuple(string(name, operations.written) for name in _whole_names(raw.parts))
    hidden = Unknown(raw.reason, raw.refers_to, has=certain or raw.has)
    return replace(operations, type=Type("list", STRING), raw=hidden, encodes=None)


def _whole_names(parts: tuple[str | Value, ...]) -> Iterator[str]:
    """The names in a text with holes that do not touch a hole."""
    for index, part in enumerate(parts):
        if isinstance(part, str):
            names = _SEPARATORS.split(part)
            first = 1 if index > 0 else 0
            last = len(names) - (1 if index < len(parts) - 1 else 0)
            yield from filter(None, names[first:last])


def allows_something(operations: Value | None) -> bool:
    """Whether operations of AWS KMS that a grant can allow are certainly among them."""
    if operations is None:
        return False
    cause = operations.unknown
    if cause is not None and cause.choices:
        return any(map(allows_something, cause.choices))
    known = {name.lower() for name in OPERATIONS}
    return any((one.text or "").lower() in known for one in listed(operations).certain())
