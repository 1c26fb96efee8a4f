r"""Key policy is larger than AWS KMS takes.

## Why it matters

A key's policy may have 32,768 bytes, and no more can be asked for. A larger one is refused with
*LimitExceededException* when it is applied, which no plan foretells: a policy that names each
role of a growing estate works for years and then fails on the day that one more is needed.

## What it finds

A policy whose JSON, without any blanks between its parts, is certainly larger than that. What is
not known of it, such as the ARN of a role that is yet to be made, is counted as nothing, so that
the policy really is larger still:

```hcl bad
locals {
  # stands for the ARNs of very many roles
  roles = [for number in range(8) : format("arn:aws:iam::111122223333:role/%04200d", number)]
}

resource "aws_kms_key" "images" {
  policy = jsonencode({ # finding
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "NobodyElse"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles } }
      },
    ]
  })
}
```

## How to fix it

Say what the principals have in common instead of listing them, with a condition on the
organization, on its units or on a pattern of ARNs:

```hcl good
resource "aws_kms_key" "images" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
      },
    ]
  })
}
```

Or put statements with the same principals together, and give single roles of the key's account
their access by IAM policies, or by grants, of which a key can have 50,000.

## In CloudFormation

The same in `KeyPolicy`. A template that shows it would be as large; this one says what the
principals have in common:

```yaml good
Resources:
  Images:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: DelegateToIAM
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
          - Sid: Use
            Effect: Allow
            Principal: {AWS: '*'}
            Action: [kms:Decrypt, kms:DescribeKey]
            Resource: '*'
            Condition:
              StringEquals:
                aws:PrincipalOrgID: o-a1b2c3d4e5
```

## When it is fine

Never. A policy near the limit is not reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from grantlint.model import Inventory, Key
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Unknown, Value

_LIMIT: Final = 32_768
"""Bytes. https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    written=True,
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for a policy that is larger."""
    del inventory
    document = key.policy.document
    size = _least(document)
    if size > _LIMIT:
        yield Hit(
            at=("policy", "document"),
            message=f"apply fails: the policy of {key.address} has at least {size:,} bytes, and "
            f"AWS KMS takes {_LIMIT:,}",
        )


def _least(value: Value) -> int:
    """How many bytes of JSON a value has at least, without blanks."""
    raw = value.raw
    if isinstance(raw, Unknown):
        return _least_of_unknown(raw)
    if isinstance(raw, str):
        return _bytes(raw) + 2
    if isinstance(raw, tuple):
        return sum(map(_least, raw)) + max(len(raw) - 1, 0) + 2
    if isinstance(raw, Mapping):
        members = sum(_bytes(name) + 3 + _least(member) for name, member in raw.items())
        return members + max(len(raw) - 1, 0) + 2
    return 1


def _least_of_unknown(cause: Unknown) -> int:
    if cause.choices:
        return min(map(_least, cause.choices))
    return sum(_bytes(part) for part in cause.parts if isinstance(part, str))


def _bytes(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2
