"""Resource types as Terraform calls them, and the attributes that a template can tell of them."""

from __future__ import annotations

import re
from typing import Final

_TYPES: Final = {
    "AWS::CloudFormation::CustomResource": "aws_cloudformation_custom",
    "AWS::EC2::SecurityGroup": "aws_security_group",
    "AWS::EC2::VPC": "aws_vpc",
    "AWS::IAM::Group": "aws_iam_group",
    "AWS::IAM::InstanceProfile": "aws_iam_instance_profile",
    "AWS::IAM::ManagedPolicy": "aws_iam_policy",
    "AWS::IAM::OIDCProvider": "aws_iam_openid_connect_provider",
    "AWS::IAM::Role": "aws_iam_role",
    "AWS::IAM::SAMLProvider": "aws_iam_saml_provider",
    "AWS::IAM::ServiceLinkedRole": "aws_iam_service_linked_role",
    "AWS::IAM::User": "aws_iam_user",
    "AWS::KMS::Alias": "aws_kms_alias",
    "AWS::KMS::Key": "aws_kms_key",
    "AWS::KMS::ReplicaKey": "aws_kms_replica_key",
}
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_REFS: Final = {
    "aws_kms_key": "key_id",
    "aws_kms_replica_key": "key_id",
    "aws_kms_alias": "name",
    "aws_iam_role": "name",
    "aws_iam_user": "name",
    "aws_iam_group": "name",
    "aws_iam_policy": "arn",
    "aws_iam_openid_connect_provider": "arn",
    "aws_iam_saml_provider": "arn",
    "aws_iam_service_linked_role": "name",
}
"""What Ref gives, as an attribute of Terraform's."""

NAMED: Final = {
    "aws_iam_role": ("RoleName", "role"),
    "aws_iam_user": ("UserName", "user"),
    "aws_iam_group": ("GroupName", "group"),
    "aws_iam_policy": ("ManagedPolicyName", "policy"),
}
"""The property with the name of what IAM has, and what its ARN calls it."""


def terraform_type(type: str) -> str:
    """`AWS::SNS::Topic` as aws_sns_topic; what is not AWS's is a custom resource."""
    known = _TYPES.get(type)
    if known is not None:
        return known
    if not type.startswith("AWS::"):
        return "aws_cloudformation_custom"
    words = [_WORD.sub("_", part) if part != part.upper() else part for part in type.split("::")]
    return "_".join(words).lower()


def ref_attribute(type: str) -> str:
    """Which attribute of a Terraform type Ref gives."""
    return _REFS.get(type, "id")


def get_attribute(type: str, name: str) -> str:
    """The attribute that Fn::GetAtt names, as Terraform calls it."""
    if type == "aws_cloudformation_custom":
        return name
    if type in {"aws_kms_key", "aws_kms_replica_key"} and name == "KeyId":
        return "key_id"
    return "arn" if name == "Arn" else _WORD.sub("_", name).lower()
