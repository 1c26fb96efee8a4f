r"""Key policy statement is not about the key.

## Why it matters

In a key's policy the resource is the key that the policy belongs to, written as `*`. A statement
that names something else, such as the bucket that the key encrypts or another key, is accepted
and does nothing, and so is one without a `Resource`. If it allows, those it names cannot use the
key, and find out when they try. If it denies, what it should keep out gets in.

## What it finds

A statement whose resources certainly are all something else than this key, or that has none:

```hcl bad
resource "aws_s3_bucket" "orders" {
  bucket = "orders"
}

resource "aws_kms_key" "orders" {
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
        Sid       = "NoDeletion"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:ScheduleKeyDeletion"
        Resource  = aws_s3_bucket.orders.arn # finding
      },
    ]
  })
}
```

```hcl bad
data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "DelegateToIAM"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }

  statement { # finding
    sid     = "Use"
    actions = ["kms:Decrypt"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/orders"]
    }
  }
}

resource "aws_kms_key" "orders" {
  policy = data.aws_iam_policy_document.orders.json
}
```

## How to fix it

Write `*`. It cannot mean any other key than this one:

```hcl good
resource "aws_kms_key" "orders" {
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
        Sid       = "NoDeletion"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:ScheduleKeyDeletion"
        Resource  = "*"
      },
    ]
  })
}
```

To bind the use of the key to one bucket or alias, put a condition on the encryption context or on
`kms:ResourceAliases` beside it.

## In CloudFormation

The same in `KeyPolicy`. A `!GetAtt` of the key in its own policy is refused as a circular
dependency, and not needed:

```yaml bad
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: orders
  Orders:
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
          - Sid: NoDeletion
            Effect: Deny
            Principal: {AWS: '*'}
            Action: kms:ScheduleKeyDeletion
            Resource: !GetAtt Bucket.Arn # finding
```

```yaml good
Resources:
  Orders:
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
          - Sid: NoDeletion
            Effect: Deny
            Principal: {AWS: '*'}
            Action: kms:ScheduleKeyDeletion
            Resource: '*'
```

## When it is fine

An ARN of a key, also with wildcards in it, may be that of this key and is not reported. Nor is a
resource that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grantlint.iam.guards import is_about_the_key
from grantlint.iam.naming import told
from grantlint.model import Inventory, Key, Statement
from grantlint.rule import Hit, Path, Severity, rule
from grantlint.value import Value


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that does nothing."""
    del inventory
    for index, statement in enumerate(key.policy.statements):
        if statement.sensitive or statement.not_resource:
            continue
        at = _misdirected(statement, key)
        if at is not None:
            yield Hit(
                at=("policy", "statements", index, *at),
                message=_message(statement, key, has_resource=bool(at)),
            )


def _misdirected(statement: Statement, key: Key) -> Path | None:
    """Where the fault is, within the statement; None if it is about the key or may be."""
    resources = statement.resources
    if resources.unknown is not None:
        return None
    members = resources.elements()
    if not members:
        return ()
    elsewhere = not is_about_the_key(statement) or all(_is_another(one, key) for one in members)
    return ("resources", 0) if elsewhere else None


def _is_another(resource: Value, key: Key) -> bool:
    """Whether it is another key of the estate, or an alias, which is no key."""
    cause = resource.unknown
    if cause is None:
        fields = (resource.text or "").split(":", 5)
        return len(fields) == 6 and fields[2] == "kms" and fields[5].startswith("alias/")
    refers_to = cause.refers_to
    if cause.parts or refers_to is None or ".data." in f".{refers_to.address}":
        return False
    return refers_to.type in _KEYS and refers_to.address != key.address


_KEYS: Final = frozenset(
    {
        "aws_kms_external_key",
        "aws_kms_key",
        "aws_kms_replica_external_key",
        "aws_kms_replica_key",
    }
)


def _message(statement: Statement, key: Key, *, has_resource: bool) -> str:
    sid = told(statement.sid)
    named = f"statement {sid}" if sid else "the statement"
    what = "names something else as its resource" if has_resource else "has no resource"
    if statement.effect.text == "Deny":
        return f"{named} {what}, so that it denies nothing on {key.address}"
    return f"{named} {what}, so that it allows nothing on {key.address}"
