"""Custom resources whose own code makes grants of properties that look like CreateGrant's.

The properties are taken to be passed on as they are. What is not among them the code may add, so
it is not known; so is how the grant ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from grantlint.parsers.cloudformation.custom import parameters as grant_parameters
from grantlint.parsers.cloudformation.custom.call import tree_of
from grantlint.parsers.cloudformation.custom.made import (
    CUSTOM_RESOURCE,
    Attribute,
    Made,
    alternatives,
    joined,
)
from grantlint.value import Truth, Value, object_, unknown

_DEEPEST: Final = 3
"""Objects inside one another that are looked through for parameters."""
_MOST: Final = 200
_MOST_LOOKED_AT: Final = 2000
"""Grants of one resource, and objects looked at for them; what else it has is passed over."""
_ABOUT_GRANTS: Final = re.compile(r"kms.*grant|grant.*kms|^[^:]+::grant", re.IGNORECASE)
_CERTAINLY: Final = {"granteeprincipal", "granteeprincipalarn"}
"""Names that only a grant of AWS KMS has; others have a Grantee too."""


def is_about_grants(type: str) -> bool:
    """Whether a resource type says of itself that it makes grants of AWS KMS."""
    return _ABOUT_GRANTS.search(type) is not None


def grants(type: str, properties: Value, attribute: Attribute) -> tuple[Made, ...]:
    """The grants that the properties of a custom resource describe."""
    found = _search(_Found(properties), attribute, is_about_grants(type))
    made = [_grant(type, one) for one in islice(found, _MOST)]
    several = len(made) > 1
    return tuple(
        replace(one, name=f"[{index}]" if several else "")
        for index, one in enumerate(made)
        if one.standing is not Truth.NO
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """An object of the properties, with the parameters that those around it have."""

    tree: Value
    around: Mapping[str, Value] | None = None
    condition: str | None = None

    @property
    def own(self) -> Value:
        """The parameters among its own members."""
        return grant_parameters.named(self.tree, others=True)[0]

    @property
    def parameters(self) -> Value:
        """Those and the ones of the objects around it."""
        return object_({**(self.around or {}), **dict(self.own.items())}, self.tree.written)


def _search(whole: _Found, attribute: Attribute, known: bool) -> Iterator[_Found]:
    """The objects that describe a grant, in order, from the outside to the inside."""
    pending = [(whole, 0)]
    for _ in range(_MOST_LOOKED_AT):
        if not pending:
            return
        found, depth = pending.pop()
        if _describes(found, known):
            yield found
        elif depth < _DEEPEST:
            inside = islice(_inside(found, attribute), _MOST)
            pending += [(one, depth + 1) for one in inside][::-1]


def _inside(found: _Found, attribute: Attribute) -> Iterator[_Found]:
    kept = found.parameters.items()
    around = {name: value for name, value in kept if name not in {"Name", "DryRun"}}
    for key, member in found.tree.items():
        if key == "ServiceToken":
            continue
        for condition, one in alternatives(member):
            tree = _opened(one, attribute)
            for inner in tree.elements() or (tree,):
                for again, each in alternatives(inner):
                    if isinstance(each.raw, Mapping):
                        yield _Found(each, around, joined(found.condition, condition, again))


def _opened(value: Value, attribute: Attribute) -> Value:
    """What JSON text in a property holds."""
    text = value.text if value.unknown is None else value.unknown.prefix
    if not (text or "").lstrip().startswith(("{", "[")):
        return value
    tree = tree_of(value, attribute)
    return value if isinstance(tree, str) else tree


def _describes(found: _Found, known: bool) -> bool:
    """Whether an object describes a grant: who gets it, on which key or for what.

    `known` says that the resource makes grants.
    """
    own, whole = found.own, found.parameters
    key, operations = whole.get("KeyId"), whole.get("Operations")
    if own.get("GranteePrincipal") is None:
        return own.get("Operations") is not None and whole.get("GranteePrincipal") is not None
    names = {grant_parameters.squeezed(name) for name, _ in found.tree.items()}
    if known or names & _CERTAINLY:
        return key is not None or operations is not None
    return grant_parameters.allows_something(operations)


def _grant(type: str, found: _Found) -> Made:
    parameters = found.parameters
    members = dict(parameters.items())
    if "Operations" in members:
        members["Operations"] = grant_parameters.listed(members["Operations"])
    dry = grant_parameters.makes_none(parameters)
    hidden = unknown(f"the code of {type} may set it", found.tree.written)
    members = {name: members.get(name, hidden) for name in grant_parameters.NAMES}
    certain = dry is Truth.NO and found.condition is None
    return Made(
        name="",
        parameters=object_(members, found.tree.written),
        ends_by="unknown",
        kind=CUSTOM_RESOURCE,
        standing=~dry if certain or dry is Truth.YES else Truth.MAYBE,
        condition=joined(found.condition, "DryRun is not set" if dry is Truth.MAYBE else None),
    )
