"""Calls of the AWS SDK as the CDK's AwsCustomResource writes them: JSON text, in pieces or whole.

`{"service": "KMS", "action": "createGrant", "parameters": {…}, "physicalResourceId": {…}}`
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsSdkCall.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.elements import text as as_text
from grantlint.parsers.cloudformation.custom.made import Attribute, alternatives, member
from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.json_decode import decode
from grantlint.parsers.json_reader import JsonError
from grantlint.value import BOOL, OBJECT, TUPLE, Truth, Unknown, Value, unknown

CREATE: Final = "creategrant"
POLICY: Final = "putkeypolicy"
ENDS: Final = {"revokegrant": "revoke", "retiregrant": "retire"}
"""Actions as they are compared, and what a grant that they end ends by."""

_BOOLEANS: Final = {"TRUE:BOOLEAN": True, "FALSE:BOOLEAN": False}
"""How version 1 of the CDK keeps a bool through CloudFormation, which makes text of it."""

_SERVICE: Final = re.compile(r"(?:@?aws-sdk[/:])?(?:client-|aws\.)?(kms)(?:client)?", re.IGNORECASE)
_SPELT: Final = re.compile(
    r"""["']service["']\s*:\s*["'](?P<service>[^"']*)["']"""
    r"""|["']action["']\s*:\s*["'](?P<action>[^"']*)["']""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `condition` is what must be so for it to be the one, `tree` all that is written."""

    tree: Value
    condition: str | None

    @property
    def parameters(self) -> Value | None:
        """What the action is given."""
        return member(self.tree, "parameters")

    @property
    def region(self) -> Value | None:
        """The region it is made in, if another than the stack's may be."""
        return member(self.tree, "region")

    @property
    def role(self) -> Value | None:
        """The ARN of the role that makes it, if that is not the function's own."""
        return member(self.tree, "assumedRoleArn")

    def does(self, action: str) -> Truth:
        """Whether it is that action of AWS KMS."""
        of_kms = named(member(self.tree, "service"), is_kms)
        return of_kms & named(member(self.tree, "action"), lambda text: plain(text) == action)

    def response_path(self) -> str | None:
        """Which part of the answer becomes the resource's physical id; the path is its name."""
        physical = member(self.tree, "physicalResourceId")
        path = member(physical, "responsePath") if physical is not None else None
        path = path or member(self.tree, "physicalResourceIdPath")  # before version 1.19
        return None if path is None else path.text


@dataclass(frozen=True, slots=True)
class Unread:
    """What stands where a call should and cannot be read: why, and what is known of its text."""

    value: Value
    reason: str
    condition: str | None

    def speaks_of(self, action: str) -> bool:
        """Whether its text spells out that action of AWS KMS."""
        found = list(_SPELT.finditer(_shown(self.value)))
        services = any(is_kms(one["service"]) for one in found if one["service"] is not None)
        return services and any(
            plain(one["action"]) == action for one in found if one["action"] is not None
        )


@dataclass(frozen=True, slots=True)
class Phase:
    """What a resource does when it is created, updated or deleted, in each alternative.

    `idle` says that one alternative does nothing.
    """

    calls: tuple[Call, ...] = ()
    unread: tuple[Unread, ...] = ()
    idle: bool = False


def phase(written: Value | None, attribute: Attribute) -> Phase:
    """The calls that stand in one property of a resource; none where it holds something else."""
    if written is None:
        return Phase(idle=True)
    calls: list[Call] = []
    unread: list[Unread] = []
    idle = False
    for condition, one in alternatives(written):
        if one.is_null:
            idle = True
            continue
        tree = tree_of(one, attribute)
        if isinstance(tree, str):
            unread.append(Unread(one, tree, condition))
        elif member(tree, "service") is not None and member(tree, "action") is not None:
            calls.append(Call(tree, condition))
    return Phase(tuple(calls), tuple(unread), idle)


def tree_of(written: Value, attribute: Attribute) -> Value | str:
    """The tree of an object or of JSON text; where that cannot be read, why."""
    if isinstance(written.raw, Mapping):
        return mapped(written, lambda leaf: _of_version_1(_resolved(leaf, attribute)))
    if not isinstance(written.raw, str | Unknown):
        return "it is neither text nor an object"
    try:
        tree = decode(written).marked(written.sensitive)
    except JsonError as error:
        return f"it is no JSON: {error.text}"
    except UnknowableError as error:
        return error.reason
    if tree.unknown is not None:
        tree = _resolved(tree, attribute)
    if tree.unknown is not None:
        return tree.unknown.reason
    return mapped(tree, lambda leaf: _resolved(leaf, attribute))


# -- names ---------------------------------------------------------------------------------


def is_kms(service: str) -> bool:
    """Whether a service's name in some version of the SDK is that of AWS KMS."""
    return _SERVICE.fullmatch(service.strip()) is not None


def plain(action: str) -> str:
    """An action's name in the one form that is compared: CreateGrantCommand is creategrant."""
    letters = re.sub(r"[^a-z]", "", action.lower())
    return letters.removesuffix("command")


def named(value: Value | None, test: Callable[[str], bool]) -> Truth:
    """Whether a name passes a test; one that is not known may."""
    if value is None:
        return Truth.NO
    if value.text is not None:
        return Truth.of(test(value.text))
    cause = value.unknown
    if cause is None:
        return Truth.NO
    if cause.choices:
        return Truth.agreed([named(choice, test) for choice in cause.choices])
    return Truth.MAYBE


# -- trees ---------------------------------------------------------------------------------

_DEEPEST: Final = 250


def mapped(tree: Value, change: Callable[[Value], Value], depth: int = 0) -> Value:
    """The tree with every leaf changed; what lies very deep is left out as not known."""
    if isinstance(tree.raw, Unknown) or not isinstance(tree.raw, tuple | Mapping):
        return change(tree)
    if depth > _DEEPEST:
        return unknown(f"nested deeper than {_DEEPEST}", tree.written)
    if isinstance(tree.raw, tuple):
        elements = tuple(mapped(one, change, depth + 1) for one in tree.raw)
        return replace(tree, type=TUPLE, raw=elements, encodes=None)
    members = {key: mapped(one, change, depth + 1) for key, one in tree.raw.items()}
    return replace(tree, type=OBJECT, raw=members, encodes=None)


def _resolved(leaf: Value, attribute: Attribute) -> Value:
    """What a bare token stands for, where the CDK lets a resource make JSON of a list.

    Custom::AWSCDKCfnJsonStringify answers with the JSON text of its property Value.
    """
    cause = leaf.unknown
    if cause is None or cause.parts or cause.choices or leaf.kind == "string":
        return leaf
    referent = cause.refers_to
    if referent is None or referent.attribute != "Value":
        return leaf
    found = attribute(referent.address, "Value")
    if found is None:
        return leaf
    return replace(as_text(found), trail=found.trail + leaf.trail).marked(leaf.sensitive)


def _of_version_1(leaf: Value) -> Value:
    truth = _BOOLEANS.get(leaf.text or "")
    return leaf if truth is None else replace(leaf, type=BOOL, raw=truth)


def _shown(value: Value) -> str:
    """A text, without its holes."""
    if value.text is not None:
        return value.text
    parts = value.unknown.parts if value.unknown is not None else ()
    return "".join(part for part in parts if isinstance(part, str))
