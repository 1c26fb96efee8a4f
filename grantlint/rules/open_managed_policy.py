r"""Attached policy of AWS lets someone create grants anywhere.

## Why it matters

AWS's managed policies allow `kms:CreateGrant` under conditions: only for a service, only for some
operations. One has none. `AmazonMSKFullAccess`, which is meant for those who run Kafka clusters,
allows `kms:CreateGrant` on every key. Whoever has it can give every operation on any key whose
policy delegates to IAM to anyone, also to a principal of another account. The policy's text stands
in no configuration, so that no review shows it.

## What it finds

An attachment of `AmazonMSKFullAccess` to a role, a user, a group or a permission set:

```hcl bad
resource "aws_iam_role" "kafka" {
  name               = "kafka-operator"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  managed_policy_arns = [
    "arn:aws:iam::aws:policy/AmazonMSKFullAccess", # finding
  ]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/admin"]
    }
  }
}
```

```hcl bad
resource "aws_iam_role_policy_attachment" "kafka" {
  role       = "kafka-operator"
  policy_arn = "arn:aws:iam::aws:policy/AmazonMSKFullAccess" # finding
}
```

## How to fix it

Attach `AmazonMSKReadOnlyAccess` to those who look, and to those who create clusters a policy of
your own, with the actions of Kafka that they need and this statement for the key:

```hcl good
data "aws_iam_policy_document" "kafka" {
  statement {
    actions   = ["kms:CreateGrant", "kms:DescribeKey"]
    resources = ["arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
  }
}

resource "aws_iam_role_policy" "kafka" {
  role   = "kafka-operator"
  policy = data.aws_iam_policy_document.kafka.json
}

resource "aws_iam_role_policy_attachment" "kafka" {
  role       = "kafka-operator"
  policy_arn = "arn:aws:iam::aws:policy/AmazonMSKReadOnlyAccess"
}
```

Or deny the rest, for all of an account, in a service control policy: `kms:CreateGrant` where
`kms:ViaService` is not set, as AWS does itself when it finds credentials in the open.

## In CloudFormation

The same in the `ManagedPolicyArns` of `AWS::IAM::Role`, `AWS::IAM::User` and `AWS::IAM::Group`:

```yaml bad
Resources:
  Kafka:
    Type: AWS::IAM::Role
    Properties:
      RoleName: kafka-operator
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/admin}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AmazonMSKFullAccess # finding
```

```yaml good
Resources:
  Kafka:
    Type: AWS::IAM::Role
    Properties:
      RoleName: kafka-operator
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/admin}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AmazonMSKReadOnlyAccess
      Policies:
        - PolicyName: clusters
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: [kms:DescribeKey, kms:CreateGrant]
                Resource:
                  arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
```

## When it is fine

Where no key's policy delegates to IAM, the permission allows nothing. That is rare: the default key
policy does, and so do the keys that the console makes.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.managed import MANAGED, name_of
from grantlint.model import Identity, Inventory
from grantlint.rule import Hit, Severity, rule


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        *(policy.page for policy in MANAGED.values()),
        "https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html",
    ),
    mappings=("NIST 800-53 AC-6",),
)
def check(identity: Identity, inventory: Inventory) -> Iterator[Hit]:
    """One hit for an attachment of such a policy."""
    del inventory
    name = name_of(identity.managed)
    if name is not None:
        yield Hit(
            at=("managed",),
            message=(
                f"{name} lets whoever has it call {MANAGED[name].allows} on every key whose policy "
                f"delegates to IAM, without a condition"
            ),
        )
