"""Encryption contexts that services of AWS send to AWS KMS, by the keys of their pairs.

A service chooses the context itself. Whether a constraint can be met by it follows from which keys
always come together, which come sometimes, and whether the service's customer may add pairs. Keys
are compared without case, as AWS KMS compares those of a constraint.
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Context:
    """What a service sends: `keys` always, `more` sometimes; `extensible` by its customer.

    `page` is where AWS shows it.
    """

    service: str
    keys: tuple[str, ...]
    page: str
    more: tuple[str, ...] = ()
    extensible: bool = False

    def sends(self, key: str) -> bool:
        """Whether a pair with this key can be in it, apart from those of the customer."""
        return key.lower() in {one.lower() for one in (*self.keys, *self.more)}

    def missing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """What always comes with it, but for these."""
        given = {key.lower() for key in keys}
        return tuple(key for key in self.keys if key.lower() not in given)


_KMS: Final = "https://docs.aws.amazon.com/kms/latest/developerguide/"

CONTEXTS: Final = (
    Context("EBS", ("aws:ebs:id",), _KMS + "services-ebs.html"),
    Context(
        "RDS",
        ("aws:rds:db-id",),
        _KMS + "services-rds.html",
        ("aws:ebs:id", "aws:pi:service", "service"),
    ),
    # The activity stream of a cluster is decrypted with it by whoever reads the stream.
    Context(
        "Aurora",
        ("aws:rds:dbc-id",),
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/DBActivityStreams.Monitoring.html",
        ("aws:ebs:id", "aws:pi:service", "service"),
    ),
    Context(
        "WorkSpaces",
        ("aws:workspaces:sid-directoryid", "aws:ebs:id"),
        _KMS + "services-workspaces.html",
    ),
    Context(
        "DynamoDB",
        ("aws:dynamodb:tableName", "aws:dynamodb:subscriberId"),
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
    ),
    Context(
        "Keyspaces",
        ("aws:cassandra:keyspaceName", "aws:cassandra:tableName", "aws:cassandra:subscriberId"),
        "https://docs.aws.amazon.com/keyspaces/latest/devguide/encryption.customermanaged.html",
    ),
    Context(
        "Redshift",
        ("aws:redshift:arn", "aws:redshift:createtime"),
        _KMS + "services-redshift.html",
        ("serviceName",),
    ),
    Context(
        "Secrets Manager",
        ("SecretARN", "SecretVersionId"),
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
    ),
    Context(
        "Parameter Store",
        ("PARAMETER_ARN",),
        _KMS + "services-parameter-store.html",
        ("aws-crypto-public-key",),  # of advanced parameters, by the AWS Encryption SDK
    ),
    Context(
        "Lambda",
        ("aws:lambda:FunctionArn",),
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
        ("aws:lambda:EventSourceArn", "aws-crypto-public-key"),
    ),
    # A request for an object may bring pairs of its own.
    Context(
        "S3",
        ("aws:s3:arn",),
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context",
        ("aws:cloudtrail:arn", "aws:ecr:arn"),  # of what these two store
        extensible=True,
    ),
    Context("WorkMail", ("aws:workmail:arn",), _KMS + "services-wm.html"),
    Context(
        "SES",
        ("aws:ses:source-account", "aws:ses:rule-name", "aws:ses:message-id"),
        _KMS + "services-ses.html",
    ),
    Context(
        "ECS",
        ("aws:ecs:clusterAccount", "aws:ecs:clusterName"),
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html",
    ),
)

_TELLING: Final = frozenset({"secretarn", "secretversionid", "parameter_arn"})
"""Keys that tell the service although they do not begin with `aws:`."""

_WHOLE: Final = {
    "dynamodb": ("DynamoDB",),
    "ebs": ("EBS",),
    "rds": ("RDS", "Aurora"),
    "s3": ("S3",),
}
"""Of these the table has every key that begins with their name."""
_NOWHERE: Final = frozenset({"autoscaling", "cloudformation", "cloudfront"})
"""What begins with these are tags that AWS gives, or made up: they send no context of their own."""

_CONDITIONS: Final = frozenset(
    {
        "calledvia",
        "principalaccount",
        "principalarn",
        "principalorgid",
        "requestedregion",
        "resourceaccount",
        "sourceaccount",
        "sourcearn",
        "sourceorgid",
        "userid",
        "username",
        "viaawsservice",
    }
)
"""Global condition keys, without `aws:`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


def tells(key: str) -> bool:
    """Whether a pair with this key can only be a service's."""
    return key.lower().startswith("aws:") or key.lower() in _TELLING


def is_condition(key: str) -> bool:
    """Whether it is a condition key of policies."""
    before, _, name = key.lower().partition(":")
    return before == "aws" and name in _CONDITIONS


def is_unsent(key: str) -> bool:
    """Whether certainly no service sends a pair with this key."""
    if any(context.sends(key) for context in CONTEXTS):
        return False
    namespace = _namespace(key)
    return is_condition(key) or namespace in _NOWHERE or namespace in _WHOLE


def instead(key: str) -> tuple[tuple[str, str], ...]:
    """The services that the key names, each with the key that it always sends."""
    services = _WHOLE.get(_namespace(key), ())
    return tuple((one.service, one.keys[0]) for one in CONTEXTS if one.service in services)


def _namespace(key: str) -> str:
    """`rds` of `aws:rds:db-id`; nothing of a key of another form."""
    parts = key.lower().split(":")
    return parts[1] if len(parts) > 2 and parts[0] == "aws" else ""
