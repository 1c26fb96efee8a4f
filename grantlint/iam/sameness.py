"""Whether two values are certainly the same, also where only AWS will know them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from grantlint.value import Unknown, Value

_TEXTS: Final = frozenset(
    {"account_id", "arn", "id", "key_id", "name", "partition", "target_key_arn", "target_key_id"}
)
"""Attributes that are one text. Members of a list share theirs, and so do unknown instances."""


def likeness(value: Value) -> Hashable | None:
    """Something that is equal for two values only if they are; None where that cannot be told.

    An attribute of one object is the same. Of a principal or a key each attribute means the same
    one, so which it is does not matter.
    """
    if value.sensitive:
        return None
    raw = value.raw
    if isinstance(raw, Unknown):
        return _of_unknown(raw)
    if raw is None or isinstance(raw, (str, bool, int)):
        return type(raw).__name__, raw
    if isinstance(raw, tuple):
        members = [likeness(member) for member in value.elements()]
        return None if None in members else ("list", *members)
    pairs = [(key, likeness(member)) for key, member in value.items()]
    return None if any(one is None for _, one in pairs) else ("map", *pairs)


def _of_unknown(cause: Unknown) -> Hashable | None:
    if cause.choices:
        return None
    if cause.parts:
        pieces = [part if isinstance(part, str) else likeness(part) for part in cause.parts]
        return None if None in pieces else ("text", *pieces)
    referent = cause.refers_to
    if referent is None or referent.attribute not in _TEXTS:
        return None
    return "attribute", referent.address
