"""Data sources that can be read without AWS: policy documents, and what the run was told."""

from __future__ import annotations

from dataclasses import replace

from grantlint.parsers.instance import Instance
from grantlint.parsers.settings import DNS_SUFFIXES
from grantlint.parsers.terraform import convert
from grantlint.parsers.terraform.policy_document import render
from grantlint.parsers.terraform.provider.attribute import computed, referent
from grantlint.value import STRING, Value, string


def policy_document(instance: Instance) -> dict[str, Value]:
    """The text of a policy document, in both forms."""
    document = render(instance.content)
    return {
        "json": document.json,
        "minified_json": document.minified_json,
        "id": document.id,
    }


def caller_identity(instance: Instance) -> dict[str, Value]:
    """The account of the provider; its ARN and user are not known."""
    account = _stated(instance, instance.provider.account, "account_id")
    return {"account_id": account, "id": account}


def partition(instance: Instance) -> dict[str, Value]:
    """The partition, and the DNS suffixes that belong to it."""
    name = _stated(instance, instance.provider.partition, "partition")
    suffix = DNS_SUFFIXES.get(name.text or "")
    if suffix is None:
        suffixes = computed(instance), computed(instance)
    else:
        prefix = ".".join(reversed(suffix.split(".")))
        suffixes = string(suffix), string(prefix)
    return {
        "partition": name,
        "id": name,
        "dns_suffix": suffixes[0],
        "reverse_dns_prefix": suffixes[1],
    }


def region(instance: Instance) -> dict[str, Value]:
    """The region asked for, else the provider's."""
    asked = [instance.content.argument(name) for name in ("region", "name")]
    written = [value for value in asked if value is not None and not value.is_null]
    name = instance.provider.region
    if written:
        name = convert.convert(written[0], STRING)
    elif instance.content.argument("endpoint") is not None:
        name = computed(instance)
    name = _stated(instance, name, "region")
    return {"region": name, "name": name, "id": name}


def _stated(instance: Instance, value: Value, attribute: str) -> Value:
    """A setting of the provider; what is not known of it refers to the data source."""
    cause = value.unknown
    if cause is None or cause.refers_to is not None or value.failed is not None:
        return value
    return replace(value, raw=replace(cause, refers_to=referent(instance, attribute)))
