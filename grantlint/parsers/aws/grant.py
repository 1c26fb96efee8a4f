"""Grants as `list-grants` shows them, in the words of the provider, and who made them."""

from __future__ import annotations

from grantlint.iam.makers import maker
from grantlint.parsers.aws.key import Resource, provider_of, resource
from grantlint.parsers.aws.naming import arn
from grantlint.parsers.kms.request import attributes
from grantlint.parsers.settings import Local
from grantlint.value import STRING, Value, null, object_, string

_NONE = null(STRING)


def text_of(grant: Value, name: str) -> str:
    """A member that is a text, else ""."""
    member = grant.get(name)
    return member.text or "" if member is not None else ""


def grant_resource(
    grant: Value, key: str, address: str, settings: Local, *, managed: bool
) -> Resource:
    """A grant on the key of that ARN; `managed` is whether AWS manages that key for a service."""
    found = arn(key)
    account = string(found.account) if found is not None and found.account else _NONE
    made_by = maker(
        grant.get("GranteePrincipal") or _NONE,
        grant.get("RetiringPrincipal") or _NONE,
        grant.get("IssuingAccount") or _NONE,
        account,
    )
    if managed and made_by.is_null:
        made_by = string("AWS")
    named = grant.get("GrantId")
    place = named.written if named is not None and named.written is not None else grant.written
    assert place is not None  # every value of a file has its place
    parameters = {name: value for name, value in grant.items() if value.raw not in ("", None)}
    planned = dict(attributes(object_(parameters, grant.written), "unknown").items())
    if found is not None:
        planned["key_id"] = string(key, planned["key_id"].written)
    planned["made_by"] = made_by
    return resource(
        "aws_kms_grant",
        address,
        object_(planned, place),
        place,
        provider_of(key, settings, planned["key_id"].written),
    )
