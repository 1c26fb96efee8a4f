"""Why a grant cannot be on a key: CreateGrant takes the id or the ARN of a key, and no alias.

Terraform passes on any text. A key of another account has to be named by its ARN.
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from grantlint.iam.grantee import NULL, constant, why
from grantlint.iam.naming import quoted
from grantlint.value import Unknown, Value, far_address, unknown

BARE: Final = frozenset({"id", "key_id"})
"""Attributes of a key that are its id without an account."""

_ALIAS: Final = re.compile(r"(arn:.*:)?alias/", re.DOTALL)
_OF_ALIAS: Final = {
    "aws_kms_alias": {"arn": "the ARN", "id": "the name", "name": "the name"},
    "data.aws_kms_alias": {"arn": "the ARN", "id": "the ARN", "name": "the name"},
}
"""Attributes of an alias that do not name its key."""


def key_refusal(key_id: Value, elsewhere: tuple[str, str] | None = None) -> Value:
    """Why no grant can be made by this key_id, as the end of a sentence; null where one can.

    With choices where it perhaps cannot. `elsewhere` is the account of the key and that of the
    grant's provider, if they are not the same and the key is named by its bare id.
    """
    possible: list[Value] = []
    for reason in _reasons(key_id, elsewhere):
        if reason not in possible:
            possible.append(reason)
    cause = key_id.unknown
    if len(possible) == 1 or cause is None:
        return possible[0]
    return unknown(cause.reason, choices=tuple(possible))


def _reasons(key_id: Value, elsewhere: tuple[str, str] | None) -> Iterator[Value]:
    cause, text = key_id.unknown, key_id.text
    if key_id.sensitive:
        yield unknown("the key is sensitive").marked()
    elif text is not None:
        yield _of_text(text, text)
    elif cause is None:
        yield NULL
    elif cause.choices:
        for choice in cause.choices:
            yield from _reasons(choice, None)
    elif cause.parts:
        yield _of_parts(cause)
    else:
        yield _of_referent(cause, elsewhere)


def _of_text(text: str, shown: str) -> Value:
    found = _ALIAS.match(text)
    if found is None:
        return NULL
    what = "the ARN" if found[1] else "the name"
    return constant(f"{quoted(shown)} is {what} of an alias, not the id or ARN of a key")


def _of_parts(cause: Unknown) -> Value:
    """A text with holes; one at its beginning may be all there is before an alias."""
    if any(isinstance(part, Value) and part.has_sensitive() for part in cause.parts):
        return unknown("the key is sensitive").marked()
    shown = "".join(part if isinstance(part, str) else "…" for part in cause.parts)
    refused = _of_text(shown, shown)
    return why(cause) if refused.is_null else refused


def _of_referent(cause: Unknown, elsewhere: tuple[str, str] | None) -> Value:
    referent = cause.refers_to
    if referent is None or referent.attribute is None:
        return why(cause)
    named = f"{referent.address}.{referent.attribute}"
    if referent.root:
        near = referent.address.removesuffix(far_address("", referent.root))
        named = far_address(f"{near}.{referent.attribute}", referent.root)
    kind = "data." * (".data." in f".{referent.address}") + referent.type
    what = _OF_ALIAS.get(kind, {}).get(referent.attribute)
    if what is not None:
        return constant(f"{named} is {what} of an alias, not the id or ARN of a key")
    if elsewhere is not None and referent.attribute in BARE:
        theirs, own = elsewhere
        return constant(f"{named} is a bare id, looked up in account {own}, the key is in {theirs}")
    return NULL if referent.type.startswith("aws_kms_") else why(cause)
