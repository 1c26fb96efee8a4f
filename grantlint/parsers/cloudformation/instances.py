"""Resources of a stack as instances: keys, grants, policies, and what shows what these are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from grantlint.parsers.cloudformation import custom, resources
from grantlint.parsers.cloudformation.custom import Made, WrittenPolicy
from grantlint.parsers.cloudformation.custom.made import AWS_CUSTOM_RESOURCE
from grantlint.parsers.cloudformation.resource import Resource
from grantlint.parsers.cloudformation.resources import EVIDENCE, TYPES
from grantlint.parsers.cloudformation.stack import Stack
from grantlint.parsers.instance import Instance, Provider, Settled
from grantlint.parsers.kms.request import attributes
from grantlint.value import STRING, Truth, Value, string, unknown

Found = tuple[Instance, Value]

_JUDGED: Final = TYPES - EVIDENCE
_PEOPLE: Final = frozenset({"AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"})
"""Of these, policies that are written in them are judged."""
_SHOWING: Final = EVIDENCE | {"AWS::IAM::Role", "AWS::IAM::ServiceLinkedRole", "AWS::IAM::User"}
"""What shows what grants are for: what encrypts with a key, and who grants are for."""
_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})
"""Deletion policies with which a custom resource is never told that it is deleted."""
_STRINGIFIED: Final = "Custom::AWSCDKCfnJsonStringify"


def judged(stack: Stack) -> Iterator[Found]:
    """Everything of KMS in a stack, those nested in it left out."""
    for resource in stack.resources().values():
        if resource.exists is Truth.NO:
            continue
        if resource.type in _PEOPLE and not resource.has("Policies", "ManagedPolicyArns"):
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
    found = resources.planned(resource.type, resource.field("Properties"), resource.span)
    if found is not None:
        yield _instance(stack, resource, found.type, found.attributes), found.attributes


def _instance(stack: Stack, resource: Resource, type: str, planned: Value) -> Instance:
    return Instance(
        address=stack.address(resource.logical),
        mode="managed",
        type=type,
        name=resource.logical,
        module=stack.prefix,
        exists=resource.exists,
        condition=resource.condition,
        content=Settled(resource.span, planned),
        header=resource.header,
        provider=stack.deployment.provider,
        calls=stack.calls,
        source=stack.deployment.kind,
        construct=stack.deployment.constructs.get(resource.logical),
    )


# -- what custom resources make ------------------------------------------------------------


def _made(stack: Stack, resource: Resource) -> Iterator[Found]:
    def attribute(address: str, name: str) -> Value | None:
        other = stack.at(address)
        return other.property(name) if other is not None and other.type == _STRINGIFIED else None

    outcome = custom.outcome(resource.type, resource.field("Properties"), attribute)
    for note in outcome.notes:
        stack.run.note(note.reason, note.span or resource.header)
    kept = resource.field("DeletionPolicy").text in _KEPT
    for made in outcome.grants:
        ends_by = "never" if kept and made.kind == AWS_CUSTOM_RESOURCE else made.ends_by
        planned = attributes(made.parameters, ends_by)
        yield _of(stack, resource, made, "aws_kms_grant", planned), planned
    for written in outcome.policies:
        planned = written.attributes
        yield _of(stack, resource, written, "aws_kms_key_policy", planned), planned


def _of(
    stack: Stack, resource: Resource, made: Made | WrittenPolicy, type: str, planned: Value
) -> Instance:
    """The instance of what a resource makes; what else must happen for it may not happen."""
    instance = _instance(stack, resource, type, planned)
    conditions = (instance.condition, made.condition)
    return replace(
        instance,
        address=instance.address + made.name,
        exists=instance.exists & made.standing,
        condition=" and ".join(one for one in conditions if one) or None,
        provider=_maker(instance.provider, made),
    )


def _maker(provider: Provider, made: Made | WrittenPolicy) -> Provider:
    """Where and by whom it is made: in another region, by a role of another account."""
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
