"""What the AWS provider makes of an instance: the object that a reference to it sees.

For the types of `provider_schema` it is what the plan shows, attribute by attribute: converted to
the schema's type, defaults filled in, policies rewritten, and unknown what only AWS will say.
Where we know more than the plan (a policy with one unknown leaf, a map with one unknown value)
the structure is kept. An attribute that Terraform refuses is a failure in its place. For every
other type the object is open: an Unknown whose `members` are the arguments that are written.
What AWS or the provider refuses of a known value (an operation that does not exist, the grantee
`*`) stays that value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from grantlint.parsers.terraform import convert, policy_text, provider_block_values, provider_data
from grantlint.parsers.terraform.instance import Instance
from grantlint.parsers.terraform.provider_attribute import (
    computed,
    planned_attribute,
    reason,
    referent,
)
from grantlint.parsers.terraform.provider_schema import schema
from grantlint.value import DYNAMIC, Unknown, Value, object_

_NOT_ARGUMENTS: Final = {"count", "depends_on", "for_each", "lifecycle", "provider"}


def planned(instance: Instance) -> Value:
    """The object of one instance; its attributes are evaluated at once."""
    known = schema(instance.mode, instance.type)
    if known is None:
        return _open(instance)
    members = {name: planned_attribute(instance, name, known[name]) for name in known}
    members.update(_COMPUTE.get((instance.mode, instance.type), _nothing)(instance))
    if "region" in known and instance.type != "aws_region":
        members["region"] = _region(instance, members["region"])
    return object_(members, instance.header)


def _region(instance: Instance, own: Value) -> Value:
    """The region that is written, else the provider's where that is known."""
    written = instance.content.argument("region")
    given = written is not None and not written.is_null
    return own if given or instance.provider.region.text is None else instance.provider.region


def _grant(instance: Instance) -> dict[str, Value]:
    return {"constraints": provider_block_values.constraints(instance.content)}


def _key(instance: Instance) -> dict[str, Value]:
    return {"timeouts": provider_block_values.timeouts(instance.content)}


def _nothing(_: Instance) -> dict[str, Value]:
    return {}


_COMPUTE: Final[Mapping[tuple[str, str], Callable[[Instance], dict[str, Value]]]] = {
    ("managed", "aws_kms_grant"): _grant,
    ("managed", "aws_kms_key"): _key,
    ("data", "aws_iam_policy_document"): provider_data.policy_document,
    ("data", "aws_caller_identity"): provider_data.caller_identity,
    ("data", "aws_partition"): provider_data.partition,
    ("data", "aws_region"): provider_data.region,
}
"""Types of which more is known than attribute by attribute."""


# -- types without a schema ------------------------------------------------------------------


_TEXTS: Final = ("arn", "id", "name", "unique_id")
"""Attributes that are text in every resource type that has them."""


def _open(instance: Instance) -> Value:
    """An object of which only what is written is known, as far as the provider may keep it."""
    members = {
        name: _kept(instance, value)
        for name in instance.content.names()
        if name not in _NOT_ARGUMENTS and (value := instance.content.argument(name)) is not None
    }
    for name in _TEXTS:
        members.setdefault(name, computed(instance))
    raw = Unknown(reason(instance), referent(instance), members=members)
    return Value(DYNAMIC, raw, instance.header)


def _kept(instance: Instance, value: Value) -> Value:
    """A written argument of a type that is not known here.

    Providers rewrite JSON, and fill in what is null; a number may turn into its text.
    """
    if value.failed is not None:
        return value
    if value.is_null:
        return computed(instance, DYNAMIC)
    if value.text is None:
        return convert.loosen(value)
    if value.text.lstrip().startswith(("{", "[")):
        policy = policy_text.normalized(value)
        tree = policy.encodes if policy.failed is None else None
        return replace(value, raw=Unknown("the provider may rewrite the JSON"), encodes=tree)
    return value
