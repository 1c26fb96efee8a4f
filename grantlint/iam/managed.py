"""AWS's own managed policies that allow more with AWS KMS than what they are for needs.

Of the 63 statements for `kms:CreateGrant` in AWS's managed policies one has no condition.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


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
