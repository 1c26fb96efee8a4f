"""Resources of a stack as instances: keys, grants, policies, and what shows what these are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from grantlint.parsers.cloudformation import custom
from grantlint.parsers.cloudformation.custom import Made, WrittenPolicy
from grantlint.parsers.cloudformation.resources import EVIDENCE, TYPES, planned
from grantlint.parsers.cloudformation.stack import Resource, Stack
from grantlint.parsers.instance import Instance, Provider, Settled
from grantlint.parsers.kms.request import attributes
from grantlint.value import STRING, Truth, Value, string, unknown

Found = tuple[Instance, Value]

_JUDGED: Final = TYPES - EVIDENCE
_SHOWING: Final = EVIDENCE | {"AWS::IAM::Role", "AWS::IAM::ServiceLinkedRole", "AWS::IAM::User"}
"""What shows what grants are for: what encrypts with a key, and who grants are for."""
_STRINGIFIED: Final = "Custom::AWSCDKCfnJsonStringify"


def judged(stack: Stack) -> Iterator[Found]:
    """Everything of KMS in a stack, those nested in it left out."""
    for resource in stack.resources().values():
        if resource.exists is Truth.NO:
            continue
        if resource.type in _JUDGED:
            yield from _plain(stack, resource)
        elif custom.makes_something(resource.type):
            yield from _made(stack, resource)


def evidence(stack: Stack) -> Iterator[Found]:
    """What shows what the grants of a stack are for."""
    for resource in stack.resources().values():
        if resource.type in _SHOWING and resource.exists is not Truth.NO:
            yield from _plain(stack, resource)


def _plain(stack: Stack, resource: Resource) -> Iterator[Found]:
    found = planned(resource.type, resource.field("Properties"), resource.span)
    if found is not None:
        yield (
            _instance(stack, resource, found.type, found.attributes, ""),
            found.attributes,
        )


def _instance(
    stack: Stack,
    resource: Resource,
    type: str,
    arguments: Value,
    suffix: str,
    provider: Provider | None = None,
) -> Instance:
    return Instance(
        address=stack.address(resource.logical) + suffix,
        mode="managed",
        type=type,
        name=resource.logical,
        module=stack.prefix,
        exists=resource.exists,
        condition=resource.condition,
        content=Settled(resource.span, arguments),
        header=resource.header,
        provider=provider or stack.deployment.provider,
        calls=stack.calls,
        source=stack.deployment.kind,
        construct=stack.deployment.constructs.get(resource.logical),
    )


# -- what custom resources make ------------------------------------------------------------


def _made(stack: Stack, resource: Resource) -> Iterator[Found]:
    properties = resource.field("Properties")

    def attribute(address: str, name: str) -> Value | None:
        other = stack.at(address)
        return other.property(name) if other is not None and other.type == _STRINGIFIED else None

    for note in custom.notes(resource.type, properties, attribute):
        stack.run.note(note.reason, note.span or resource.header)
    for made in custom.grants(resource.type, properties, attribute):
        found = attributes(made.parameters, made.ends_by)
        provider = _maker(stack, made)
        instance = _instance(stack, resource, "aws_kms_grant", found, made.name, provider)
        yield _standing(instance, made), found
    for written in custom.policies(resource.type, properties, attribute):
        found, provider = written.attributes, _maker(stack, written)
        instance = _instance(stack, resource, "aws_kms_key_policy", found, written.name, provider)
        yield _standing(instance, written), found


def _standing(instance: Instance, made: Made | WrittenPolicy) -> Instance:
    """What is made when something else happens may not be there."""
    conditions = (instance.condition, made.condition)
    condition = " and ".join(one for one in conditions if one) or None
    return replace(instance, exists=instance.exists & made.standing, condition=condition)


def _maker(stack: Stack, made: Made | WrittenPolicy) -> Provider:
    """Where and by whom a grant is made: by a role of another account, in another region."""
    provider = stack.deployment.provider
    if made.region is not None:
        provider = replace(provider, region=made.region)
    if made.role is not None:
        provider = replace(provider, account=_account(made.role))
    return provider


def _account(role: Value) -> Value:
    fields = (role.text or "").split(":")
    if len(fields) > 5 and fields[4].isdecimal():
        return string(fields[4], role.written)
    reason = "the account of the role that makes the grant is not known"
    return unknown(reason, role.written, type=STRING)
