r"""Key policy lets nobody change it.

## Why it matters

A key belongs to nobody but those whom its policy names. Unlike other policies of resources, it
does not let the account's root user or its administrators in by itself, and an IAM policy that
allows `kms:PutKeyPolicy` has no effect unless the key's policy hands that decision to the
account. If it lets nobody call `kms:PutKeyPolicy`, nobody can ever mend it. AWS checks for that,
and refuses to create the key: *The new key policy will not allow you to update the key policy in
the future.* Where `bypass_policy_lockout_safety_check` switches the check off, the key is made
and cannot be managed; only AWS Support can give it back.

## What it finds

A key policy in which no statement lets anyone of the key's account call `kms:PutKeyPolicy`.
Services of AWS do not count, and neither do principals of other accounts: AWS KMS does not let
them change a key's policy, whatever it allows them.

```hcl bad
resource "aws_kms_key" "logs" {
  policy = jsonencode({ # finding
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.eu-west-1.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-west-1:111122223333:log-group:*"
          }
        }
      },
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = ["kms:DescribeKey", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
      },
    ]
  })
}
```

A statement that denies it to everyone does the same:

```hcl bad
data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "Administer"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }

  statement {
    sid       = "Frozen"
    effect    = "Deny"
    actions   = ["kms:PutKeyPolicy"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_kms_key" "orders" { # finding
  policy = data.aws_iam_policy_document.orders.json
}
```

## How to fix it

Add the statement that the default policy of AWS consists of. It lets the account's IAM policies
decide who administers the key, and cannot lock anyone out, as the root user of the account cannot
be deleted:

```hcl good
data "aws_caller_identity" "current" {}

resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.eu-west-1.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-west-1:111122223333:log-group:*"
          }
        }
      },
    ]
  })
}
```

## In CloudFormation

The same in `KeyPolicy`, where `AWS::AccountId` is the key's own account:

```yaml bad
Resources:
  Logs:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: # finding
        Version: '2012-10-17'
        Statement:
          - Sid: Logs
            Effect: Allow
            Principal: {Service: logs.eu-west-1.amazonaws.com}
            Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey*]
            Resource: '*'
            Condition:
              ArnLike:
                kms:EncryptionContext:aws:logs:arn: arn:aws:logs:eu-west-1:111122223333:log-group:*
          - Sid: Read
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: [kms:DescribeKey, kms:ListGrants, kms:RevokeGrant]
            Resource: '*'
```

```yaml good
Resources:
  Logs:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: DelegateToIAM
            Effect: Allow
            Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
            Action: kms:*
            Resource: '*'
          - Sid: Logs
            Effect: Allow
            Principal: {Service: logs.eu-west-1.amazonaws.com}
            Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey*]
            Resource: '*'
            Condition:
              ArnLike:
                kms:EncryptionContext:aws:logs:arn: arn:aws:logs:eu-west-1:111122223333:log-group:*
```

## When it is fine

A role that administers the key is enough, if nobody deletes it:

```hcl good
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Administer"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
      Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
      Resource  = "*"
    }]
  })
}
```

AWS also refuses a policy that lets others than the caller change it. Who runs Terraform does not
stand in the configuration, so that is not reported. Nor is a policy with a statement, a principal
or a condition that is not known and may let someone in. Where the one statement that does may not
exist, the finding is a possible one.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.permission import remaining, someone_may, where_anyone
from grantlint.model import LIVE, Inventory, Key
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth

_ACTION = "PutKeyPolicy"


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for a key whose policy shuts everyone out."""
    del inventory
    policy = key.policy
    if policy.default.equals(False) is not Truth.YES or policy.unseen:
        return
    statements = remaining(policy.statements) if key.source == LIVE else policy.statements
    somebody = someone_may(_ACTION, statements, key.account)
    where = where_anyone(_ACTION, statements, key.account)
    if somebody is Truth.NO or where:
        yield Hit(
            at=("policy", "document"),
            message=_message(key) + (f", unless {where}" if where else ""),
            truth=~somebody,
        )


def _message(key: Key) -> str:
    nobody = f"the policy of {key.address} lets nobody of its account call kms:PutKeyPolicy"
    if key.source == LIVE:
        return f"{nobody}: only AWS Support can let anyone in again"
    unchecked = key.policy.bypass_policy_lockout_safety_check.equals(True)
    if unchecked is Truth.YES:
        return f"{nobody}, and no safety check stops that: it can never be changed again"
    if unchecked is Truth.NO:
        return f"apply fails: {nobody}, and AWS refuses a policy that nobody can change"
    return f"{nobody}: AWS refuses it, or it can never be changed again"
