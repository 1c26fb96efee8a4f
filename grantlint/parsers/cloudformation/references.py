"""What references to resources and pseudo parameters give in a stack.

A name that a template gives makes names and ARNs known; what AWS makes up is unknown and remembers
what it belongs to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantlint.parsers.cloudformation import cross_region, intrinsics
from grantlint.parsers.cloudformation.resource import Resource
from grantlint.parsers.cloudformation.types import (
    NAMINGS,
    get_attribute,
    ref_attribute,
    terraform_type,
)
from grantlint.parsers.instance import AFTER_APPLY
from grantlint.parsers.settings import DNS_SUFFIXES
from grantlint.source import Span
from grantlint.value import STRING, Referent, Step, Value, assumed, string, unknown

if TYPE_CHECKING:
    from grantlint.parsers.cloudformation.stack import Stack


def pseudo(stack: Stack, name: str, span: Span) -> Value:
    """A pseudo parameter.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
    """
    provider = stack.deployment.provider
    settings = {
        "AWS::AccountId": (provider.account, "aws_caller_identity", "account_id"),
        "AWS::Region": (provider.region, "aws_region", "region"),
        "AWS::Partition": (provider.partition, "aws_partition", "partition"),
    }
    if name in settings:
        value, type, attribute = settings[name]
        cause = value.unknown
        if cause is not None and cause.refers_to is None:
            refers_to = Referent(type, name, None, attribute)
            value = unknown(cause.reason, span, type=STRING, refers_to=refers_to)
        return replace(value, written=span)
    if name == "AWS::URLSuffix":
        suffix = DNS_SUFFIXES.get(provider.partition.text or "")
        if suffix is not None:
            return string(suffix, span)
        refers_to = Referent("aws_partition", name, None, "dns_suffix")
        return unknown("the partition is not given (--partition)", span, refers_to=refers_to)
    if name == "AWS::StackName" and stack.deployment.stack is not None:
        return string(stack.deployment.stack, span)
    return unknown(f"{name} is known at deployment", span, type=STRING)


def reference(stack: Stack, resource: Resource, span: Span) -> Value:
    """`Ref` of a resource."""
    type = terraform_type(resource.type)
    attribute = ref_attribute(type)
    naming = NAMINGS.get(resource.type)
    found = _named(stack, resource, naming.ref) if naming is not None and naming.ref else None
    if found is not None:
        return found.at(span).through(Step(stack.address(resource.logical), span, "resource"))
    return _opaque(stack, resource, type, attribute, span)


def attribute(stack: Stack, resource: Resource, name: str, span: Span) -> Value:
    """`Fn::GetAtt` of a resource."""
    if resource.type == "AWS::CloudFormation::Stack" and name.startswith("Outputs."):
        child = stack.child(resource.logical)
        if child is not None:
            return child.output(name.removeprefix("Outputs."), span)
    if resource.type == cross_region.READER and stack.group is not None:
        found = stack.group.crossing().get(name)
        if found is not None:
            return found.through(Step(f"{stack.name}.{resource.logical}", span, "output"))
    type = terraform_type(resource.type)
    attribute = get_attribute(type, name)
    arn = _named(stack, resource, "arn") if attribute == "arn" else None
    if arn is not None:
        return arn.at(span).through(Step(stack.address(resource.logical), span, "resource"))
    return _opaque(stack, resource, type, attribute, span)


def _opaque(stack: Stack, resource: Resource, type: str, attribute: str, span: Span) -> Value:
    """What only AWS knows of a resource."""
    name = _named(stack, resource, "name")
    refers_to = Referent(
        type, stack.address(resource.logical), name.text if name else None, attribute
    )
    return unknown(AFTER_APPLY, span, type=STRING, refers_to=refers_to)


def _named(stack: Stack, resource: Resource, what: str) -> Value | None:
    """The name or the ARN of what has a name that is written; None where AWS makes it up."""
    naming = NAMINGS.get(resource.type)
    if naming is None:
        return None
    name = intrinsics.text(resource.property(naming.property))
    if name.text is None or name.sensitive:
        return None
    if what == "name" or naming.arn is None:
        return name if what == "name" else None
    path, provider = resource.property("Path"), stack.deployment.provider
    holes = {
        "partition": provider.partition,
        "region": provider.region,
        "account": provider.account,
        "path": string("/") if path.is_null else path,
    }
    used = {hole: value for hole, value in holes.items() if f"{{{hole}}}" in naming.arn}
    if any(value.text is None or value.sensitive for value in used.values()):
        return None
    texts = {hole: value.text for hole, value in used.items()}
    trail = assumed([name, *used.values()])
    return Value(STRING, naming.arn.format(name=name.text, **texts), trail=trail)
