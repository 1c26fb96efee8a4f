"""One attribute of a resource, as the plan shows it: converted, defaulted, or not yet known.

The provider's plugin SDK turns empty sets and maps into null, and lets a null argument of a
computed attribute become known after apply.
https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/schema/grpc_provider.go
"""

from __future__ import annotations

from dataclasses import replace

from grantlint.parsers.instance import AFTER_APPLY, READ, Instance
from grantlint.parsers.terraform import convert
from grantlint.parsers.terraform.policy_document import text as policy_text
from grantlint.parsers.terraform.provider.schema import Attribute, Use
from grantlint.value import (
    STRING,
    Referent,
    Type,
    Unknown,
    Value,
    boolean,
    failure,
    null,
    number,
    string,
    unknown,
)


def referent(instance: Instance, attribute: str | None = None) -> Referent:
    """What the unknown attributes of an instance refer to, by name where it has one."""
    name = instance.content.argument("name") if "name" in instance.content.names() else None
    shown = name.text if name is not None and not name.has_sensitive() else None
    return Referent(instance.type, instance.address, shown, attribute)


def reason(instance: Instance) -> str:
    """Why what is not written is not known."""
    return READ if instance.mode == "data" else AFTER_APPLY


def computed(instance: Instance, type: Type = STRING, attribute: str | None = None) -> Value:
    """An attribute that only AWS will say."""
    return unknown(reason(instance), type=type, refers_to=referent(instance, attribute))


def planned_attribute(instance: Instance, name: str, attribute: Attribute) -> Value:
    """The attribute of that name; a failure when Terraform refuses what is written."""
    if attribute.use is Use.COMPUTED:
        return computed(instance, attribute.type, name)
    written = instance.content.argument(name)
    if written is None:
        if instance.content.broken is not None:
            return unknown(instance.content.broken, type=attribute.type)
        return _absent(instance, name, attribute)
    if attribute.policy:
        return _policy(instance, name, attribute, written)
    value = convert.convert(written, attribute.type)
    if value.failed is not None:
        return inappropriate(name, written, value.failed.reason)
    return _settled(instance, name, attribute, value)


def _settled(instance: Instance, name: str, attribute: Attribute, value: Value) -> Value:
    """A converted argument as the plan shows it: null and empty ones replaced."""
    cause = value.unknown
    if cause is not None:
        choices = tuple(_settled(instance, name, attribute, one) for one in cause.choices)
        if any(choice.failed is not None for choice in choices):
            choices = ()
        return replace(value, raw=replace(cause, choices=choices))
    if value.is_null:
        return _absent(instance, name, attribute, value)
    if attribute.type.kind in {"list", "set"} and any(one.is_null for one in value.elements()):
        text = "Null value found in list: null values are not allowed for this attribute value."
        return failure(text, value.written)
    if attribute.type.kind in {"set", "map"} and not value.raw:
        return replace(null(attribute.type, value.written), sensitive=value.sensitive)
    if attribute.type.kind == "map":
        return without_nulls(value)
    if attribute.use is Use.EITHER and value.text == "":
        return computed(instance, attribute=name)
    return value


def without_nulls(value: Value) -> Value:
    """The SDK leaves null members of a map out in some places and not in others."""
    if not any(member.is_null for _, member in value.items()):
        return value
    return replace(value, raw=Unknown("a map with a null in it is rewritten by the provider"))


def _absent(
    instance: Instance, name: str, attribute: Attribute, written: Value | None = None
) -> Value:
    if attribute.use is Use.REQUIRED:
        text = f'The argument "{name}" is required, but no definition was found.'
        return failure(text, instance.header if written is None else written.written)
    if attribute.use is Use.EITHER:
        return computed(instance, attribute.type, name)
    place = None if written is None else written.written
    default = attribute.default
    if default is None:
        absent = null(attribute.type, place)
    elif isinstance(default, bool):
        absent = boolean(default, place)
    else:
        absent = string(default, place) if isinstance(default, str) else number(default, place)
    if written is not None:
        absent = replace(absent, trail=written.trail, sensitive=written.sensitive)
    return absent


def inappropriate(name: str, written: Value, mismatch: str) -> Value:
    """The failure of an argument that cannot be converted to its attribute's type."""
    if written.failed is not None:
        return written
    return failure(f'Inappropriate value for attribute "{name}": {mismatch}.', written.written)


def _policy(instance: Instance, name: str, attribute: Attribute, written: Value) -> Value:
    """A policy's text, compact and with sorted keys, which is how the plan shows it.

    Replica keys kept the text as it was in older versions, so there only one that is so already
    is known. An empty document counts as none.
    """
    if written.is_null:
        return _absent(instance, name, attribute, written)
    text = convert.convert(written, STRING)
    if text.failed is not None:
        return inappropriate(name, written, text.failed.reason)
    if text.is_null:
        return _absent(instance, name, attribute, written)
    policy = policy_text.normalized(replace(text, encodes=text.encodes or written.encodes))
    if policy.failed is not None:
        return failure(f'"{name}" contains an invalid JSON: {policy.failed.reason}', text.written)
    if policy.text == "{}":
        return computed(instance)
    if policy.text is not None and "replica" in instance.type and policy.text != text.text:
        cause = "whether the provider rewrites the policy depends on its version"
        return replace(policy, raw=Unknown(cause))
    return policy
