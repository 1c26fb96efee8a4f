"""Grants in CloudFormation, which has no resource type for them: what makes them instead.

Recognised by what is written, never by the type alone: AwsCustomResource, other custom resources
with properties like CreateGrant's parameters, and state machines. Code that calls CreateGrant
becomes a note.
"""

from __future__ import annotations

from typing import Final

from grantlint.model import Note
from grantlint.parsers.cloudformation.custom import (
    aws_custom_resource,
    function_code,
    provider_resource,
    state_machine,
)
from grantlint.parsers.cloudformation.custom.function_code import mentions_create_grant
from grantlint.parsers.cloudformation.custom.made import Attribute, Made, WrittenPolicy
from grantlint.value import Value

__all__ = [
    "Attribute",
    "Made",
    "WrittenPolicy",
    "grants",
    "makes_something",
    "mentions_create_grant",
    "notes",
    "policies",
]

_CUSTOM: Final = "AWS::CloudFormation::CustomResource"


def _nothing(_address: str, _name: str) -> Value | None:
    return None


def makes_something(type: str) -> bool:
    """Whether resources of a type can be what this package knows."""
    return _is_custom(type) or type in state_machine.TYPES or type in function_code.TYPES


def grants(type: str, properties: Value, attribute: Attribute = _nothing) -> tuple[Made, ...]:
    """The grants that a resource with these properties makes.

    `attribute` gives the property Value of a Custom::AWSCDKCfnJsonStringify at an address.
    """
    if type in state_machine.TYPES:
        return state_machine.grants(properties, attribute)
    if not _is_custom(type):
        return ()
    life = aws_custom_resource.lifecycle(properties, attribute)
    found = aws_custom_resource.grants(life)
    if found or life.calls:
        return found
    return provider_resource.grants(type, properties, attribute)


def policies(
    type: str, properties: Value, attribute: Attribute = _nothing
) -> tuple[WrittenPolicy, ...]:
    """The key policies that a resource with these properties writes."""
    if not _is_custom(type):
        return ()
    return aws_custom_resource.policies(aws_custom_resource.lifecycle(properties, attribute))


def notes(type: str, properties: Value, attribute: Attribute = _nothing) -> tuple[Note, ...]:
    """What of a resource's grants cannot be seen, or is not what it seems."""
    if type in function_code.TYPES:
        return tuple(function_code.notes(type, properties))
    if type in state_machine.TYPES:
        return tuple(state_machine.notes(properties, attribute))
    if not _is_custom(type):
        return ()
    life = aws_custom_resource.lifecycle(properties, attribute)
    found = list(aws_custom_resource.notes(type, life))
    about = provider_resource.is_about_grants(type)
    if about and not found and not life.calls and not grants(type, properties, attribute):
        reason = f"the code of {type} decides which grants it makes: they are not seen"
        found.append(Note(reason, 1, properties.written))
    return tuple(found)


def _is_custom(type: str) -> bool:
    """Whether somebody else than AWS says what the resource does."""
    return type == _CUSTOM or not type.startswith(("AWS::", "Alexa::"))
