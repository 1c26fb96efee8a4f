"""Resources of a template as what Terraform's provider would plan for the same.

Types and attributes have Terraform's names; what is not written has the value that AWS gives it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.parsers.cloudformation.properties import (
    along,
    as_bool,
    as_number,
    as_policy,
    as_text,
    blocks,
    converted,
    given,
    known_as,
)
from grantlint.source import Span
from grantlint.value import NUMBER, STRING, Value, boolean, null, object_, string, tuple_

_NONE: Final = null(STRING)
_TRUE: Final = boolean(True)
_FALSE: Final = boolean(False)


@dataclass(frozen=True, slots=True)
class Planned:
    """A resource in Terraform's words: its type there, and an object of its attributes."""

    type: str
    attributes: Value


@dataclass(frozen=True, slots=True)
class _Attribute:
    """The property that an attribute is written in, how it is read, and what it is without.

    `whole` says that it is read at once, not each of its alternatives.
    """

    property: str
    read: Callable[[Value], Value] = as_text
    default: Value = _NONE
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """What resources of one type are called, and the attributes of theirs that are read."""

    type: str
    attributes: Mapping[str, _Attribute]


def _policy(property: str) -> _Attribute:
    return _Attribute(property, as_policy)


def _bool(property: str, default: Value = _FALSE) -> _Attribute:
    return _Attribute(property, as_bool, default)


def _number(property: str) -> _Attribute:
    return _Attribute(property, as_number, null(NUMBER))


def _inline(property: str = "Policies") -> _Attribute:
    names = {"name": ("PolicyName", as_text), "policy": ("PolicyDocument", as_policy)}
    return _Attribute(property, lambda value: blocks(value, names), tuple_(()), whole=True)


def _list(property: str) -> _Attribute:
    return _Attribute(property, lambda value: value, null(), whole=True)


# -- tables --------------------------------------------------------------------------------

_ANY_KEY: Final = {
    "bypass_policy_lockout_safety_check": _bool("BypassPolicyLockoutSafetyCheck"),
    "deletion_window_in_days": _number("PendingWindowInDays"),
    "description": _Attribute("Description"),
    "policy": _policy("KeyPolicy"),
}
_SPEC: Final = _Attribute("KeySpec", default=string("SYMMETRIC_DEFAULT"))
_MADE: Final = {
    **_ANY_KEY,
    "enable_key_rotation": _bool("EnableKeyRotation"),
    "key_usage": _Attribute("KeyUsage", default=string("ENCRYPT_DECRYPT")),
    "multi_region": _bool("MultiRegion"),
    "origin": _Attribute("Origin", default=string("AWS_KMS")),
}
_KEY: Final = _Shape(
    "aws_kms_key",
    {
        **_MADE,
        "customer_master_key_spec": _SPEC,
        "is_enabled": _bool("Enabled", _TRUE),
        "rotation_period_in_days": _number("RotationPeriodInDays"),
    },
)
_EXTERNAL: Final = _Shape(
    "aws_kms_external_key", {**_MADE, "key_spec": _SPEC, "enabled": _bool("Enabled", _TRUE)}
)
"""A key whose material is imported, which no template can do."""

_PATH: Final = _Attribute("Path", default=string("/"))
_ATTACHED: Final = _list("ManagedPolicyArns")
_OWNERS: Final = {"Roles": "role", "Users": "user", "Groups": "group"}
"""Who an AWS::IAM::Policy can be written into, and how Terraform's types for that are called."""

_SHAPES: Final[Mapping[str, _Shape]] = {
    "AWS::KMS::Key": _KEY,
    "AWS::KMS::ReplicaKey": _Shape(
        "aws_kms_replica_key",
        {
            **_ANY_KEY,
            "enabled": _bool("Enabled", _TRUE),
            "primary_key_arn": _Attribute("PrimaryKeyArn"),
        },
    ),
    "AWS::KMS::Alias": _Shape(
        "aws_kms_alias",
        {"name": _Attribute("AliasName"), "target_key_id": _Attribute("TargetKeyId")},
    ),
    "AWS::IAM::Role": _Shape(
        "aws_iam_role",
        {
            "assume_role_policy": _policy("AssumeRolePolicyDocument"),
            "inline_policy": _inline(),
            "managed_policy_arns": _ATTACHED,
            "name": _Attribute("RoleName"),
            "path": _PATH,
        },
    ),
    "AWS::IAM::User": _Shape(
        "aws_iam_user",
        {
            "inline_policy": _inline(),
            "managed_policy_arns": _ATTACHED,
            "name": _Attribute("UserName"),
            "path": _PATH,
        },
    ),
    "AWS::IAM::Group": _Shape(
        "aws_iam_group",
        {
            "inline_policy": _inline(),
            "managed_policy_arns": _ATTACHED,
            "name": _Attribute("GroupName"),
            "path": _PATH,
        },
    ),
    "AWS::IAM::ManagedPolicy": _Shape(
        "aws_iam_policy",
        {
            "description": _Attribute("Description"),
            "name": _Attribute("ManagedPolicyName"),
            "path": _PATH,
            "policy": _policy("PolicyDocument"),
        },
    ),
    **{
        f"AWS::IAM::{owner.capitalize()}Policy": _Shape(
            f"aws_iam_{owner}_policy",
            {
                "name": _Attribute("PolicyName"),
                "policy": _policy("PolicyDocument"),
                owner: _Attribute(f"{owner.capitalize()}Name"),
            },
        )
        for owner in _OWNERS.values()
    },
    "AWS::IAM::ServiceLinkedRole": _Shape(
        "aws_iam_service_linked_role",
        {
            "aws_service_name": _Attribute("AWSServiceName"),
            "custom_suffix": _Attribute("CustomSuffix"),
            "description": _Attribute("Description"),
        },
    ),
    "AWS::SSO::PermissionSet": _Shape(
        "aws_ssoadmin_permission_set",
        {
            "inline_policy": _Attribute(
                "InlinePolicy",
                lambda value: known_as(("policy",), converted(value, as_policy)),
                tuple_(()),
                whole=True,
            ),
            "managed_policy_arns": _list("ManagedPolicies"),
            "name": _Attribute("Name"),
        },
    ),
}

_ENCRYPTED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "AWS::EC2::Instance": (
        "aws_instance",
        {"ebs_block_device.kms_key_id": "BlockDeviceMappings.Ebs.KmsKeyId"},
    ),
    "AWS::EC2::LaunchTemplate": (
        "aws_launch_template",
        {
            "block_device_mappings.ebs.kms_key_id": (
                "LaunchTemplateData.BlockDeviceMappings.Ebs.KmsKeyId"
            )
        },
    ),
    "AWS::EC2::Volume": ("aws_ebs_volume", {"kms_key_id": "KmsKeyId"}),
    "AWS::S3::Bucket": (
        "aws_s3_bucket",
        {
            "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default"
            ".kms_master_key_id": (
                "BucketEncryption.ServerSideEncryptionConfiguration"
                ".ServerSideEncryptionByDefault.KMSMasterKeyID"
            ),
            "replication_configuration.rules.destination.replica_kms_key_id": (
                "ReplicationConfiguration.Rules.Destination.EncryptionConfiguration.ReplicaKmsKeyID"
            ),
        },
    ),
}
"""What encrypts with a key, by which paths: evidence of what its grants are for."""

EVIDENCE: Final = frozenset(_ENCRYPTED)
"""Types that only show what grants are for."""
TYPES: Final = frozenset({*_SHAPES, *_ENCRYPTED, "AWS::IAM::Policy"})
"""Types that something is planned for."""


# -- reading -------------------------------------------------------------------------------


def planned(type: str, properties: Value, span: Span | None = None) -> Planned | None:
    """What is planned for a resource with these properties; None for types of no interest.

    `span` is the place of what is not written.
    """
    if type in _ENCRYPTED:
        return _encrypted(*_ENCRYPTED[type], properties)
    if type == "AWS::IAM::Policy":
        return _inline_policy(properties, span)
    shape = _SHAPES.get(type)
    if shape is None:
        return None
    if shape is _KEY and converted(given(properties, "Origin"), as_text).text == "EXTERNAL":
        shape = _EXTERNAL
    return _read(shape, properties, span)


def _read(shape: _Shape, properties: Value, span: Span | None) -> Planned:
    found = {
        name: _attribute(attribute, properties, span)
        for name, attribute in shape.attributes.items()
    }
    return Planned(shape.type, object_(found, properties.written or span))


def _attribute(attribute: _Attribute, properties: Value, span: Span | None) -> Value:
    default = attribute.default.at(span) if not attribute.default.is_null else attribute.default
    value = given(properties, attribute.property)
    if attribute.whole:
        return default if value.is_null else attribute.read(value)
    return converted(value, attribute.read, default)


def _inline_policy(properties: Value, span: Span | None) -> Planned:
    """An AWS::IAM::Policy: a policy of the first role, else the first user or group."""
    owner, listed = "role", _NONE
    for property, kind in _OWNERS.items():
        owners = given(properties, property)
        if not owners.is_null and owners.raw != ():
            owner, listed = kind, owners
            break
    shape = _SHAPES[f"AWS::IAM::{owner.capitalize()}Policy"]
    found = _read(shape, properties, span)
    first = next(iter(listed.elements()), listed)
    members = {**dict(found.attributes.items()), owner: first}
    return replace(found, attributes=object_(members, found.attributes.written))


def _encrypted(type: str, paths: Mapping[str, str], properties: Value) -> Planned:
    found = {}
    for theirs, ours in paths.items():
        outermost, *inner = theirs.split(".")
        keys = along(properties, ours.split("."))
        if inner:
            found[outermost] = tuple_([known_as(inner, key) for key in keys])
        else:
            found[outermost] = keys[0] if keys else null(STRING)
    return Planned(type, object_(found, properties.written))
