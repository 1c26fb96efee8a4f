"""AWS's own managed policies that allow more with AWS KMS than what they are for needs.

Of the 63 statements for `kms:CreateGrant` in AWS's managed policies one has no condition.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from grantlint.value import Value


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """What a policy of AWS allows on every key, and the page that shows it."""

    allows: str
    page: str


_REFERENCE: Final = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/"

MANAGED: Final[Mapping[str, ManagedPolicy]] = MappingProxyType(
    {
        "AmazonMSKFullAccess": ManagedPolicy(
            "kms:CreateGrant", f"{_REFERENCE}AmazonMSKFullAccess.html"
        ),
    }
)
NAMES: Final = frozenset(MANAGED)
_OF_AWS: Final = ":iam::aws:policy/"


def name_of(arn: Value) -> str | None:
    """Which of these an ARN names, whatever its partition; None for any other policy."""
    text, cause = arn.text or "", arn.unknown
    prefix, suffix = (text, text) if cause is None else (cause.prefix, cause.suffix)
    name = suffix.rpartition("/")[2]
    known = name in NAMES and suffix.endswith(_OF_AWS + name)
    return name if known and prefix.startswith("arn:") and not arn.sensitive else None
