r"""Key policy names a principal that AWS refuses.

## Why it matters

AWS KMS looks up the principals of a key policy when it is put, and takes all of it or nothing.
One that cannot exist, or a statement without any, fails the apply with
*MalformedPolicyDocumentException: Policy contains a statement with one or more invalid
principals*, which does not say which one. The plan shows nothing of it. With `aws_kms_key_policy`
the key is there by then, with AWS's default policy.

## What it finds

A principal of type AWS that is no `*`, account, role, user or session: a wildcard inside an ARN,
which IAM never takes for several principals, a group, an instance profile, a service, an ARN
without an account:

```hcl bad
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
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/orders-*" } # finding
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
    ]
  })
}
```

And a statement without a principal, as it comes of an empty list:

```hcl bad
variable "users" {
  type    = list(string)
  default = []
}

provider "aws" {
  region = "eu-west-1"
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
      { # finding
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = var.users }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
    ]
  })
}
```

## How to fix it

Name each principal by its exact ARN, best by reference. To admit those whose name begins alike,
name their account and put the wildcard into a condition, which does take it:

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
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = {
          ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/orders-*" }
        }
      },
    ]
  })
}
```

Leave out a statement whose list is empty: a `dynamic "statement"` with a condition in its
`for_each`, or `length(var.users) > 0 ? [{ … }] : []`. Members of a group are admitted by an IAM
policy of the group.

## In CloudFormation

The same in `KeyPolicy`; the stack fails with the same message:

```yaml bad
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
          - Sid: Use
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/orders-*} # finding
            Action: [kms:Decrypt, kms:GenerateDataKey]
            Resource: '*'
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
          - Sid: Use
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: [kms:Decrypt, kms:GenerateDataKey]
            Resource: '*'
            Condition:
              ArnLike:
                aws:PrincipalArn: arn:aws:iam::111122223333:role/orders-*
```

## When it is fine

Never: AWS takes none of these. A principal that does not exist is refused too, but whether it does
cannot be seen here. A name of which a part is not known is reported only if nothing in that
part could mend it.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.naming import told
from grantlint.iam.principals import alternatives
from grantlint.iam.refusal import policy_refusal
from grantlint.model import Inventory, Key, Statement
from grantlint.rule import Hit, Severity, rule


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    written=True,
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each principal that is refused, and each statement without one."""
    del inventory
    for index, statement in enumerate(key.policy.statements):
        if not statement.principals and not statement.sensitive:
            named = told(statement.sid) or index + 1
            yield Hit(
                at=("policy", "statements", index),
                message=f"apply fails: statement {named} of the policy of {key.address} "
                "has no principal",
            )
        yield from _refused(statement, index)


def _refused(statement: Statement, index: int) -> Iterator[Hit]:
    for at, principal in enumerate(statement.principals):
        cause = principal.value.unknown
        for number, one in enumerate(alternatives(principal)):
            reason = policy_refusal(one.value).text if one.type.text == "AWS" else None
            if reason is not None and not statement.sensitive:
                where = f", where {cause.where(number)}" if cause and cause.choices else ""
                yield Hit(
                    at=("policy", "statements", index, "principals", at, "value"),
                    message=f"apply fails: the principal {reason}{where}",
                )
                break
