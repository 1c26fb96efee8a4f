"""Uses of a key by services for which AWS itself documents a statement without a source.

Most are of services that publish to a topic, a queue or a bucket of their customer: they get a
data key, write, and decrypt that key to check it. Nobody reads data with that, so that a source
condition is a second wall, and AWS's pages show the statement without it, often beside one with
it. Where the calls do not carry a source, there cannot be a condition.

Not listed is what AWS shows with a condition only: CloudFront, CloudWatch Logs when it encrypts,
the trails of CloudTrail, GuardDuty, Macie, Storage Lens, the inventories of S3, SES for its bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from grantlint.iam.actions import ACTIONS, matches
from grantlint.value import Truth, Value, string


@dataclass(frozen=True, slots=True)
class Delivery:
    """A service's use of a key, as AWS documents it.

    `service` is the principal's name without region and domain. `conditional` is whether the
    service's calls have a source that a condition could ask for; `restricted` that a condition
    must restrict the grants. `page` is where AWS shows it.
    """

    service: str
    actions: frozenset[str]
    page: str
    conditional: bool = True
    restricted: bool = False


def is_named(service: Value) -> Truth:
    """Whether it is certain which service it is: MAYBE if its name has a hole."""
    name = _name(service)
    return Truth.MAYBE if not name or _HOLE in name else Truth.YES


def documented(service: Value, actions: Iterable[str], *, restricted: Truth) -> Delivery | None:
    """The documented use that these actions of a service are a part of."""
    name = _name(service)
    wanted = frozenset(actions)
    return next(
        (
            one
            for one in DELIVERIES
            if one.service == name
            and wanted <= one.actions
            and (restricted is not Truth.NO or not one.restricted)
        ),
        None,
    )


def sourceless(service: Value) -> Delivery | None:
    """The use of a service that AWS documents because its calls have no source, whatever it may."""
    name = _name(service)
    rows = (one for one in DELIVERIES if not one.conditional and not one.restricted)
    return next((one for one in rows if one.service == name), None)


# -- the table -----------------------------------------------------------------------------


def _covered(*patterns: str) -> frozenset[str]:
    """The actions that patterns without their prefix stand for."""
    texts = [string(f"kms:{pattern}") for pattern in patterns]
    return frozenset(
        action for action in ACTIONS if any(matches(text, action) is Truth.YES for text in texts)
    )


_SNS: Final = "https://docs.aws.amazon.com/sns/latest/dg/"
_TOPICS: Final = _SNS + "sns-key-management.html#compatibility-with-aws-services"
_CLOUDTRAIL: Final = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
_PUBLISH: Final = _covered("GenerateDataKey*", "Decrypt")
_WRITE: Final = _covered("Encrypt*", "Decrypt*", "ReEncrypt*", "GenerateDataKey*")

DELIVERIES: Final = (
    # What EventBridge sends to a topic has no source: "not supported for EventBridge".
    Delivery("events", _PUBLISH, _TOPICS, conditional=False),
    # The same for what CloudTrail Lake stores: "cannot use the condition keys".
    Delivery(
        "cloudtrail",
        _covered("GenerateDataKey", "Decrypt"),
        _CLOUDTRAIL + "create-kms-key-policy-for-cloudtrail.html",
        conditional=False,
    ),
    Delivery(
        "cloudtrail", _PUBLISH, _CLOUDTRAIL + "cloudtrail-permissions-for-sns-notifications.html"
    ),
    Delivery("cloudwatch", _PUBLISH, _TOPICS),
    Delivery("codecommit", _PUBLISH, _TOPICS),
    Delivery("dms", _PUBLISH, _TOPICS),
    Delivery("ds", _PUBLISH, _TOPICS),
    Delivery("dynamodb", _PUBLISH, _TOPICS),
    Delivery("events.rds", _PUBLISH, _TOPICS),
    Delivery("glacier", _PUBLISH, _TOPICS),
    Delivery("importexport", _PUBLISH, _TOPICS),
    Delivery("inspector", _PUBLISH, _TOPICS),
    Delivery("redshift", _PUBLISH, _TOPICS),
    Delivery("ses", _PUBLISH, _TOPICS),
    Delivery("ssm-contacts", _PUBLISH, _TOPICS),
    Delivery("ssm-incidents", _PUBLISH, _TOPICS),
    Delivery(
        "s3",
        _PUBLISH,
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
    ),
    Delivery(
        "sns", _PUBLISH, _SNS + "sns-enable-encryption-for-topic-sqs-queue-subscriptions.html"
    ),
    Delivery(
        "costalerts",
        _PUBLISH,
        "https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html#configure-kms-perm",
    ),
    Delivery(
        "codestar-notifications",
        _PUBLISH,
        "https://docs.aws.amazon.com/dtconsole/latest/userguide/notification-target-create.html",
    ),
    Delivery(
        "devops-guru",
        _PUBLISH,
        "https://docs.aws.amazon.com/devops-guru/latest/userguide/sns-kms-permissions.html",
    ),
    Delivery(
        "ssm",
        _PUBLISH,
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-getting-started-sns.html",
    ),
    Delivery(
        "config",
        _covered("GenerateDataKey", "Decrypt"),
        "https://docs.aws.amazon.com/controltower/latest/userguide/configure-kms-keys.html",
    ),
    Delivery(
        "delivery.logs",
        _WRITE,
        "https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html",
    ),
    # What was encrypted before a log group got another key, or none.
    Delivery(
        "logs",
        _covered("Decrypt*"),
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    ),
    Delivery(
        "rds",
        _covered("Decrypt"),
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.SQLServer.Options.SSRS.html",
    ),
    # Route 53 shows its signing with and without a source, the grant for it only without.
    Delivery(
        "dnssec-route53",
        _covered("Sign"),
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-managing-permissions.html",
    ),
    Delivery(
        "dnssec-route53",
        _covered("CreateGrant"),
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-managing-permissions.html",
        conditional=False,
        restricted=True,
    ),
)


# -- names of services ---------------------------------------------------------------------

_REGION: Final = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]+")
_HOLE: Final = "\ufffc"


def _name(service: Value) -> str:
    """`logs` of `logs.eu-west-1.amazonaws.com`; a label that is not known is taken as a region."""
    text = service.text
    if text is None:
        parts = service.unknown.parts if service.unknown is not None else ()
        text = "".join(part if isinstance(part, str) else _HOLE for part in parts)
    labels = re.sub(r"\.amazonaws\.com(\.cn)?$", "", text.lower()).split(".")
    return ".".join(one for one in labels if one != _HOLE and not _REGION.fullmatch(one))
