"""Requests to CreateGrant, and what ListGrants answers, as the attributes of an aws_kms_grant.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from grantlint.iam.elements import texts
from grantlint.value import (
    DYNAMIC,
    STRING,
    TUPLE,
    Type,
    Unknown,
    Value,
    boolean,
    null,
    object_,
    string,
)

_TEXTS: Final = {
    "KeyId": "key_id",
    "GranteePrincipal": "grantee_principal",
    "RetiringPrincipal": "retiring_principal",
    "Name": "name",
}
_SERVICES: Final = {
    "GranteeServicePrincipal": "grantee_principal",
    "RetiringServicePrincipal": "retiring_principal",
}
"""What a service of AWS is named by in place of the first two; the provider has one argument."""
_CONSTRAINTS: Final = {
    "EncryptionContextEquals": "encryption_context_equals",
    "EncryptionContextSubset": "encryption_context_subset",
    "SourceArn": "source_arn",
}
_SET: Final = Type("set", STRING)
_MAP: Final = Type("map", STRING)


def attributes(parameters: Value, ends_by: str) -> Value:
    """The planned attributes of a grant that is made with these parameters (an object).

    `ends_by` is what ends it when its maker goes: revoke, retire, never or unknown.
    """
    found = {ours: _given(parameters, theirs) for theirs, ours in _TEXTS.items()}
    for theirs, ours in _SERVICES.items():
        if found[ours].is_null:
            found[ours] = _given(parameters, theirs)
    listed = texts(_given(parameters, "Operations"))
    found["operations"] = _set(listed)
    found["operations_written"] = listed
    found["grant_creation_tokens"] = _given(parameters, "GrantTokens")
    found["constraints"] = _constraints(_given(parameters, "Constraints"))
    found["ends_by"] = string(ends_by)
    if ends_by != "unknown":
        found["retire_on_delete"] = boolean(ends_by == "retire")
    return object_(found, parameters.written)


def _given(parameters: Value, name: str) -> Value:
    """A parameter; null where there is none, and unknown where that is not known."""
    cause = parameters.unknown
    if cause is not None:
        hidden = Unknown(cause.reason, cause.refers_to)
        return replace(parameters, type=DYNAMIC, raw=hidden, encodes=None)
    return parameters.get(name) or null(STRING)


def _set(listed: Value) -> Value:
    """The operations as a set: sorted, each once, those that are not known behind them."""
    if not isinstance(listed.raw, tuple):
        return listed
    known = {one.text: one for one in reversed(listed.elements()) if one.text is not None}
    ordered = [known[name] for name in sorted(known, key=lambda name: name.encode())]
    hidden = [one for one in listed.elements() if one.text is None]
    return replace(listed, type=_SET, raw=(*ordered, *hidden))


def _constraints(constraints: Value) -> Value:
    """The one block that the constraints are; none that constrain nothing."""
    if constraints.is_null:
        return replace(constraints, type=TUPLE, raw=())
    if not isinstance(constraints.raw, Mapping):
        return constraints
    block = {ours: _context(constraints.get(theirs)) for theirs, ours in _CONSTRAINTS.items()}
    if all(value.is_null for value in block.values()):
        return replace(constraints, type=TUPLE, raw=())
    return replace(constraints, type=TUPLE, raw=(object_(block, constraints.written),))


def _context(value: Value | None) -> Value:
    """An encryption context; an empty one constrains nothing."""
    if value is None or value.raw == {}:
        return null(_MAP)
    return replace(value, type=_MAP) if isinstance(value.raw, Mapping) else value
