"""Resource types as Terraform calls them, and the attributes that a template can tell of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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

_IAM: Final = "arn:{partition}:iam::{account}:%s{path}{name}"
_LOCAL: Final = "arn:{partition}:%s:{region}:{account}:%s{name}"


@dataclass(frozen=True, slots=True)
class Naming:
    """What a resource with a name of the template's choice is called in AWS.

    `property` holds the name, `arn` is the ARN with holes, None where there is none. `ref` is what
    Ref gives: name, arn, or something that only AWS knows.
    """

    property: str
    arn: str | None
    ref: str | None = "name"


NAMINGS: Final[Mapping[str, Naming]] = {
    "AWS::DynamoDB::Table": Naming("TableName", _LOCAL % ("dynamodb", "table/")),
    "AWS::IAM::Group": Naming("GroupName", _IAM % "group"),
    "AWS::IAM::InstanceProfile": Naming("InstanceProfileName", _IAM % "instance-profile"),
    "AWS::IAM::ManagedPolicy": Naming("ManagedPolicyName", _IAM % "policy", "arn"),
    "AWS::IAM::Role": Naming("RoleName", _IAM % "role"),
    "AWS::IAM::User": Naming("UserName", _IAM % "user"),
    "AWS::KMS::Alias": Naming("AliasName", None),
    "AWS::Lambda::Function": Naming("FunctionName", _LOCAL % ("lambda", "function:")),
    "AWS::Logs::LogGroup": Naming("LogGroupName", _LOCAL % ("logs", "log-group:") + ":*"),
    "AWS::S3::Bucket": Naming("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SNS::Topic": Naming("TopicName", _LOCAL % ("sns", ""), "arn"),
    "AWS::SQS::Queue": Naming("QueueName", _LOCAL % ("sqs", ""), None),
}
"""https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""


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
    return "arn" if name in {"Arn", "PolicyArn", "TopicArn"} else _WORD.sub("_", name).lower()
