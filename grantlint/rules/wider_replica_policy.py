r"""Replica key lets someone in whom its primary keeps out.

## Why it matters

The keys of a multi-Region key have the same key material: what one encrypts, the other decrypts.
But each has a policy of its own, and AWS KMS never compares them. Whoever the replica's policy
admits can decrypt in its Region what the primary's policy keeps from them, once they have the
ciphertext. Making a replica with a policy to one's liking is a known way to keep access to a key
whose own policy is watched. And a replica without a policy gets AWS's default, which leaves all
decisions to the IAM policies of the account.

## What it finds

A replica whose policy allows, without a condition, a role, user or account a cryptographic
operation, `kms:CreateGrant` or `kms:PutKeyPolicy` that no statement of the primary's policy
allows them:

```hcl bad
resource "aws_kms_key" "orders" {
  multi_region = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
        Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
        Resource  = "*"
      },
      {
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/orders" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_kms_replica_key" "orders" {
  primary_key_arn = aws_kms_key.orders.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
        Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
        Resource  = "*"
      },
      {
        Sid    = "Use"
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:role/orders",
            "arn:aws:iam::111122223333:role/reports", # finding
          ]
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "*"
      },
    ]
  })
}
```

Or a replica that nobody wrote a policy for, while the primary's leaves such an operation to
nobody but those it names:

```hcl bad
resource "aws_kms_key" "orders" {
  multi_region = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
        Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
        Resource  = "*"
      },
      {
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/orders" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_kms_replica_key" "orders" { # finding
  primary_key_arn = aws_kms_key.orders.arn
}
```

## How to fix it

Give both the same policy, from one place:

```hcl good
data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "Administer"
    actions   = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/key-admin"]
    }
  }

  statement {
    sid       = "Use"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/orders"]
    }
  }
}

resource "aws_kms_key" "orders" {
  multi_region = true
  policy       = data.aws_iam_policy_document.orders.json
}

resource "aws_kms_replica_key" "orders" {
  primary_key_arn = aws_kms_key.orders.arn
  policy          = data.aws_iam_policy_document.orders.json
}
```

## In CloudFormation

`AWS::KMS::ReplicaKey` stands in the template of another Region, and must have a `KeyPolicy`. No
template has both keys, so that nothing is found there. Put the statements that the two share into
both templates, and compare them when one of them changes:

```yaml
Replica:
  Type: AWS::KMS::ReplicaKey
  Properties:
    PrimaryKeyArn: !Ref PrimaryKeyArn
    KeyPolicy:
      Version: "2012-10-17"
      Statement:
        - Sid: Administer
          Effect: Allow
          Principal:
            AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/key-admin"
          Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
          Resource: "*"
```

## When it is fine

A replica for users of its Region alone may name them. That is by design, and a reason to allow
the rule for that key. Where the primary's policy lets the whole account decide, each role of it
counts as admitted, so that such a replica is not reported. Services of AWS, statements with
conditions and principals that are not known are not compared, nor is a primary outside the
configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grantlint.iam.actions import CRYPTOGRAPHIC, READING, covers
from grantlint.iam.grantee import PEOPLE, WHOLE
from grantlint.iam.guards import allows
from grantlint.iam.naming import called
from grantlint.iam.operations import supported
from grantlint.iam.permission import denies, includes, is_foreign, permissions
from grantlint.model import Inventory, Key, Principal
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth

_COMPARED: Final = (*PEOPLE, *WHOLE, "*")
_JUDGED: Final = (
    *sorted(READING),
    "CreateGrant",
    "PutKeyPolicy",
    *sorted(CRYPTOGRAPHIC - READING),
)
"""The worst first."""


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement of a replica that is wider, or for its default policy."""
    primary = inventory.key_at(key.primary, key)
    if primary is None or not _is_seen(primary) or not _is_seen(key):
        return
    actions = [one for one in _JUDGED if _can(key, one)]
    if key.policy.default.raw is True:
        yield from _default(key, primary, actions)
        return
    reported: set[int] = set()
    for action in actions:
        for one in permissions(key.policy.statements, action):
            index = key.policy.statements.index(one.statement)
            wider = one.truth & ~_admits(primary, one.principal, action)
            if wider is Truth.YES and index not in reported and _is_judged(one.principal):
                reported.add(index)
                at = one.statement.principals.index(one.principal)
                who = called(one.principal.value, one.principal.who, "a principal")
                yield Hit(
                    at=("policy", "statements", index, "principals", at, "value"),
                    message=f"{who} may call kms:{action} on {key.address}, which the policy of "
                    f"its primary {primary.address} does not allow",
                    related=(_related(primary),),
                )


def _default(key: Key, primary: Key, actions: list[str]) -> Iterator[Hit]:
    """The hit for AWS's default policy, which admits the account as a whole."""
    if primary.policy.default.raw is True:
        return
    for action in actions:
        delegated = any(
            one.principal.kind.text not in {*PEOPLE, "service"}
            and is_foreign(one.principal, key.account) is not Truth.YES
            for one in permissions(primary.policy.statements, action)
        )
        if not delegated:
            yield Hit(
                at=(),
                message=f"by AWS's default policy, IAM policies may allow kms:{action} on "
                f"{key.address}, which the policy of its primary {primary.address} does not leave "
                "to them",
                related=(_related(primary),),
            )
            return


def _related(primary: Key) -> Related:
    return Related(("policy", "document"), "the policy of the primary", primary.address)


def _is_seen(key: Key) -> bool:
    """Whether nothing of its policy is hidden."""
    known = key.policy.default.unknown is None and not key.policy.document.has_sensitive()
    return known and not key.policy.unseen


def _can(key: Key, action: str) -> bool:
    if action in {"CreateGrant", "PutKeyPolicy"}:
        return True
    return supported(action, key.spec, key.usage) is Truth.YES


def _is_judged(one: Principal) -> bool:
    return one.type.text in {"AWS", "Federated", "*"} and one.kind.text in _COMPARED


def _admits(key: Key, who: Principal, action: str) -> Truth:
    """Whether a key's policy lets a principal call an action, under whatever condition.

    A statement that may not exist is taken as one that does: it may admit the principal.
    """
    if key.policy.default.raw is True:
        return ~is_foreign(who, key.account) & Truth.of(who.kind.text != "*")
    statements = key.policy.statements
    if any(denies(one, action, who) is Truth.YES for one in statements):
        return Truth.NO
    return Truth.any(
        allows(one)
        & covers(one, action)
        & (
            Truth.MAYBE
            if one.not_principal
            else Truth.any(includes(admitted, who) for admitted in one.principals)
        )
        for one in statements
    )
