"""Grants in CloudFormation, which has no resource type for them: what makes them instead.

Recognised by what is written, never by the type alone: AwsCustomResource, other custom resources
with properties like CreateGrant's parameters, and state machines. Code that calls CreateGrant
becomes a note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from grantlint.model import Note
from grantlint.parsers.cloudformation.custom import (
    aws_custom_resource,
    function_code,
    provider_resource,
    state_machine,
)
from grantlint.parsers.cloudformation.custom.function_code import mentions_create_grant
from grantlint.parsers.cloudformation.custom.made import Attribute, Made, Outcome, WrittenPolicy
from grantlint.value import Value

__all__ = [
    "Attribute",
    "Made",
    "Outcome",
    "WrittenPolicy",
    "grants",
    "makes_something",
    "mentions_create_grant",
    "outcome",
]

_CUSTOM: Final = "AWS::CloudFormation::CustomResource"
_INVENTED: Final = "AWS::KMS::Grant"
"""A type that CloudFormation does not have, and templates do: somebody may have registered it."""


def _nothing(_address: str, _name: str) -> Value | None:
    return None


def makes_something(type: str) -> bool:
    """Whether resources of a type can be what this package knows."""
    return _is_custom(type) or type in state_machine.TYPES or type in function_code.TYPES


def outcome(type: str, properties: Value, attribute: Attribute = _nothing) -> Outcome:
    """What a resource with these properties makes of AWS KMS.

    `attribute` gives the property Value of a Custom::AWSCDKCfnJsonStringify at an address.
    """
    if type in state_machine.TYPES:
        return state_machine.outcome(properties, attribute)
    if type in function_code.TYPES:
        return Outcome(notes=tuple(function_code.notes(type, properties)))
    if not _is_custom(type):
        return Outcome()
    life = aws_custom_resource.lifecycle(properties, attribute)
    found = aws_custom_resource.outcome(type, life)
    if life.calls or found.grants:
        return found
    made = provider_resource.grants(type, properties, attribute)
    if type == _INVENTED:
        reason = f"CloudFormation has no {type} of its own: a custom resource can make grants"
        return Outcome(made, notes=(Note(reason, 1, properties.written),))
    if made or found.notes or not provider_resource.is_about_grants(type):
        return replace(found, grants=made)
    reason = f"the code of {type} decides which grants it makes: they are not seen"
    return replace(found, notes=(Note(reason, 1, properties.written),))


def grants(type: str, properties: Value, attribute: Attribute = _nothing) -> tuple[Made, ...]:
    """The grants alone that a resource with these properties makes."""
    return outcome(type, properties, attribute).grants


def _is_custom(type: str) -> bool:
    """Whether somebody else than AWS says what the resource does."""
    return type in {_CUSTOM, _INVENTED} or not type.startswith(("AWS::", "Alexa::"))
