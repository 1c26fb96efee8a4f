r"""IAM policy lets someone decrypt with every key.

## Why it matters

A key keeps data apart only as long as different people may use different keys. A policy that allows
`kms:Decrypt` or `kms:ReEncryptFrom` on `*` joins them again: its holder reads whatever it can get
hold of that is encrypted under any key of the account whose policy delegates to IAM, as the default
key policy does, and of every other account whose key policies admit the holder's. AWS's advice is
to name the keys, and Security Hub has a control for it. It is of low severity here, as it is a
matter of IAM alone: neither a grant nor a key's policy is at fault.

## What it finds

A statement of an IAM policy with `"Effect": "Allow"` for `kms:Decrypt` or `kms:ReEncryptFrom`, by
name or by a pattern of AWS KMS such as `kms:*` or `kms:ReEncrypt*`, on `*` or on `key/*`:

```hcl bad
data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = ["*"] # finding
  }
}

resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
```

```hcl bad
resource "aws_iam_user_policy" "operator" {
  user = "operator"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "kms:*"
      Resource = ["arn:aws:kms:*:111122223333:key/*"] # finding
    }]
  })
}
```

## How to fix it

Name the keys, by reference where they are in the same configuration:

```hcl good
resource "aws_kms_key" "orders" {}

data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = [aws_kms_key.orders.arn]
  }
}

resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
```

An alias cannot be a resource of these actions; keys that are known by their alias are named with
the condition `kms:ResourceAliases`.

## In CloudFormation

The same in the `PolicyDocument` of `AWS::IAM::Policy`, `AWS::IAM::ManagedPolicy`,
`AWS::IAM::RolePolicy` or the `Policies` of `AWS::IAM::Role`:

```yaml bad
Resources:
  App:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: app
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: [kms:DescribeKey, kms:Decrypt]
            Resource: '*' # finding
```

```yaml good
Resources:
  Orders:
    Type: AWS::KMS::Key
  App:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: app
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: [kms:DescribeKey, kms:Decrypt]
            Resource: !GetAtt Orders.Arn
```

## When it is fine

A condition that leaves some keys or some uses of them is enough: `kms:ViaService` keeps to what one
service stores, `aws:ResourceTag/…`, `kms:ResourceAliases` and `kms:RequestAlias` to some keys,
`kms:EncryptionContext:…` to some data. Security Hub does not look at conditions and reports these:

```hcl good
data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.eu-west-1.amazonaws.com"]
    }
  }
}

resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
```

Policies that allow `*` on `*` are administrators' and are not looked at. A resource that is not
known is taken to name a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grantlint.iam.actions import matches, variants
from grantlint.iam.provisos import Premise, premised
from grantlint.iam.resources import every_key, ties
from grantlint.model import Identity, Inventory, Statement
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth, Value

_READING: Final = ("Decrypt", "ReEncryptFrom")
"""Those that the controls KMS.1 and KMS.2 of Security Hub look for."""


@rule(
    Severity.LOW,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-1",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service",
    ),
    mappings=("Security Hub KMS.1", "Security Hub KMS.2", "NIST 800-53 AC-6"),
)
def check(identity: Identity, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that lets its holder read with every key."""
    del inventory
    for index, statement in enumerate(identity.policy.statements):
        every, at = every_key(statement)
        effect = statement.effect.equals("Allow")
        allowed, said, where = _reading(statement)
        tied = Truth.any(map(ties, statement.conditions))
        truth = effect & every & allowed & ~tied
        if truth is Truth.NO:
            continue
        conditions = [one for one in statement.conditions if ties(one) is not Truth.NO]
        premises = (
            Premise(effect, "the statement allows it", (statement.effect,)),
            Premise(every, "the resource is every key", _parts(statement.resources)),
            Premise(~tied, "no condition prevents it", tuple(one.values for one in conditions)),
        )
        yield Hit(
            at=(
                "policy",
                "statements",
                index,
                *(("resources",) if at is None else ("resources", at)),
            ),
            message=(
                f"whoever has {identity.address} may {said} every key whose policy "
                f"delegates to IAM{premised(premises)}{where}"
            ),
            truth=truth,
        )


def _parts(listed: Value) -> tuple[Value, ...]:
    return (listed, *listed.elements())


def _reading(statement: Statement) -> tuple[Truth, str, str]:
    """Whether a statement is about reading, what it says, and in which case."""
    for variant, where in () if statement.not_action else variants(statement):
        for action in variant.actions.certain():
            if any(_means(action, one) for one in _READING):
                hidden = action.sensitive or statement.sensitive
                said = "decrypt with" if hidden else f"call {action.text} on"
                return Truth.YES, said, f", where {where}" if where else ""
    return Truth.NO, "", ""


def _means(action: Value, wanted: str) -> bool:
    """Whether a pattern of AWS KMS covers an action: `*` alone is an administrator's."""
    text = action.text or ""
    return text.lower().startswith("kms:") and matches(action, wanted) is Truth.YES
