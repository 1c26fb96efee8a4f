r"""Policy of one key is written in two places.

## Why it matters

A key has one policy, and writing it replaces all of what was there. Where the `policy` of an
`aws_kms_key` and an `aws_kms_key_policy` both write it, or two `aws_kms_key_policy` do, the one
that Terraform applies last is in force, and the statements of the other are not: a restriction
that somebody reviewed is gone without a word. Each plan then wants to put the first back, so that
the policy swings from one to the other with each apply.

## What it finds

A key whose policy two resources write. The finding stands at the key. It is of low severity where
both write the same document, which works until one of them is changed.

```hcl bad
resource "aws_kms_key" "orders" { # finding
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_key_policy" "orders" {
  key_id = aws_kms_key.orders.key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
      Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
      Resource  = "*"
    }]
  })
}
```

## How to fix it

Keep one. `aws_kms_key_policy` is for policies that name what itself needs the key, or a key that
another configuration makes; else `policy` is simpler, and the key never has AWS's default policy
in between:

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_kms_key_policy" "orders" {
  key_id = aws_kms_key.orders.key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
```

Statements of several teams are put together in one `aws_iam_policy_document`, with
`source_policy_documents`.

## In CloudFormation

There is no resource for the policy alone: it is the property `KeyPolicy` of `AWS::KMS::Key`. A
custom resource that calls PutKeyPolicy for the same key is a second owner all the same:

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Orders: # finding
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
  Policy:
    Type: Custom::AWS
    Properties:
      ServiceToken: !Sub arn:aws:lambda:${AWS::Region}:111122223333:function:sdk
      Create:
        Fn::ToJsonString:
          service: KMS
          action: putKeyPolicy
          parameters:
            KeyId: !Ref Orders
            PolicyName: default
            Policy: >-
              {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
              "Principal": {"AWS": "arn:aws:iam::111122223333:role/key-admin"},
              "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"],
              "Resource": "*"}]}
          physicalResourceId: {id: policy}
```

```yaml good
Resources:
  Orders:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
```

## When it is fine

Never at the same time. Two that exclude each other (`count = var.separate ? 1 : 0`, and `policy`
null otherwise) are one, and are not reported. Of two of which one may not exist the finding is a
possible one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grantlint.model import Inventory, Key, Owner
from grantlint.model.json import value_json
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_key_policy.html.markdown",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    written=True,
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for a key with two owners of its policy, of which one certainly writes it."""
    del inventory
    certain = [one for one in key.policy.owners if one.writes is Truth.YES]
    possible = [one for one in key.policy.owners if one.writes is Truth.MAYBE]
    if not certain or len(certain) + len(possible) < 2:
        return
    owners = [*certain, *possible]
    agreed = all(value_json(one.document) == value_json(owners[0].document) for one in owners)
    yield Hit(
        at=(),
        message=_message(key, owners, agreed)
        + (f", if {possible[0].address} writes one" if len(certain) < 2 else ""),
        truth=Truth.of(len(certain) > 1) | Truth.MAYBE,
        severity=Severity.LOW if agreed else Severity.MEDIUM,
    )


def _message(key: Key, owners: Sequence[Owner], agreed: bool) -> str:
    first, second, *more = [one.address for one in owners]
    who = f"{first} and {second}" + (f" and {len(more)} more" if more else "")
    if agreed:
        return f"{who} write the same policy of {key.address}: a change of one alone comes undone"
    return f"{who} write the policy of {key.address}: the last to be applied undoes the other"
