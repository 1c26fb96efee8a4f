r"""Statement allows an action that its condition rules out.

## Why it matters

All conditions of a statement must hold for each of its actions. An action whose requests never have
a condition's key does not meet it and is never allowed, however the call is made. AWS takes
such a policy without a word. The application then fails with `AccessDenied` although the key policy
names it and the action, and what people do about that is to loosen the policy somewhere else.

## What it finds

An action in a statement that allows, with a condition on a key that AWS KMS never puts into
requests for it: `kms:GrantIsForAWSResource` beside anything but `kms:CreateGrant`,
`kms:ListGrants` and `kms:RevokeGrant`, an encryption context beside `kms:Sign`, `kms:RequestAlias`
beside `kms:CreateGrant`:

```hcl bad
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Volumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/cluster" }
        Action = [
          "kms:CreateGrant",
          "kms:Decrypt",          # finding
          "kms:GenerateDataKey*", # finding
        ]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}
```

An action that only describes the key is of low severity:

```hcl bad
data "aws_iam_policy_document" "orders" {
  statement {
    actions = [
      "kms:CreateGrant",
      "kms:DescribeKey", # finding
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/app"]
    }

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_kms_key" "orders" {
  policy = data.aws_iam_policy_document.orders.json
}
```

## How to fix it

Give the actions that the condition is not for a statement of their own:

```hcl good
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/cluster" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/cluster" }
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}
```

## In CloudFormation

The same in the `KeyPolicy` of `AWS::KMS::Key`:

```yaml bad
Resources:
  Orders:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
          - Sid: Volumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/cluster}
            Action:
              - kms:CreateGrant
              - kms:Decrypt # finding
              - kms:GenerateDataKey* # finding
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

```yaml good
Resources:
  Orders:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
          - Sid: Use
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/cluster}
            Action: [kms:Decrypt, kms:GenerateDataKey*, kms:DescribeKey]
            Resource: '*'
          - Sid: GrantsForVolumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/cluster}
            Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

## When it is fine

A condition that is met without its key rules nothing out: a negated one, `…IfExists`, and
`ForAllValues`, of which vacuous-condition tells what that means. A pattern is reported only if none
of the actions it stands for can have the key. AWS writes `kms:DescribeKey` and `kms:Describe*`
beside an encryption context in its own statements, for log groups and for secrets, so that these
are not reported there. Nor is anything said of a condition key that is newer than this rule:

```hcl good
variable "account_id" {
  type = string
}

resource "aws_kms_key" "logs" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { Service = "logs.eu-west-1.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-west-1:${var.account_id}:*"
          }
        }
      },
    ]
  })
}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grantlint.iam.actions import ACTIONS, DESCRIBING, covering, variants
from grantlint.iam.condition_keys import NOT_OF_A_KEY, condition_key
from grantlint.iam.conditions import Condition
from grantlint.iam.operators import answer
from grantlint.iam.provisos import Premise, premised
from grantlint.model import Holder, Inventory, Key, Statement
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth, Value

_OF_A_KEY: Final = ACTIONS - NOT_OF_A_KEY - {"RetireGrant"}
"""Actions that a key policy can allow at all."""
_CONTEXT: Final = ("kms:EncryptionContext:", "kms:EncryptionContextKeys")
"""Beside these AWS itself writes kms:DescribeKey and kms:Describe*.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
"""


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
    ),
)
def check(holder: Holder, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each action, at its first condition that cannot be met."""
    del inventory
    judged = _OF_A_KEY if isinstance(holder, Key) else ACTIONS
    for index, statement in enumerate(holder.policy.statements):
        yield from _dead(statement, ("policy", "statements", index), judged)


def _dead(statement: Statement, at: tuple[str | int, ...], judged: frozenset[str]) -> Iterator[Hit]:
    allowing = statement.effect.equals("Allow")
    if statement.not_action or allowing is Truth.NO:
        return
    listed, seen = statement.actions.elements(), set()
    for variant, where in variants(statement):
        for place, action in enumerate(variant.actions.elements()):
            found = _ruled_out(statement, action, covering(action) & judged)
            if found is None or (place, action.text) in seen:
                continue
            seen.add((place, action.text))
            condition, truth = found
            premises = (
                Premise(allowing, "the statement allows it", (statement.effect,)),
                Premise(truth, "a missing key does not meet it", (condition.operator,)),
            )
            yield Hit(
                at=(*at, "actions", place) if listed else (*at, "actions"),
                message=_message(action, condition)
                + premised(premises)
                + (f", where {where}" if where and action not in listed else ""),
                truth=allowing & truth,
                severity=Severity.LOW if covering(action) & judged <= DESCRIBING else None,
                related=(_condition(statement, condition, at),),
            )


def _ruled_out(
    statement: Statement, action: Value, covered: frozenset[str]
) -> tuple[Condition, Truth] | None:
    """The condition that no request for the action meets, the one first that certainly is it."""
    if not covered or action.has_sensitive():
        return None
    found = [
        (condition, ~answer(condition, None))
        for condition in statement.conditions
        if _is_missing(condition, covered)
    ]
    return max((one for one in found if one[1] is not Truth.NO), key=_certainty, default=None)


def _certainty(found: tuple[Condition, Truth]) -> int:
    return found[1].value


def _is_missing(condition: Condition, actions: frozenset[str]) -> bool:
    """Whether no request for any of these actions has the key."""
    key = condition_key(condition.key.text or "")
    if key is None or condition.key.sensitive or condition.operator.sensitive:
        return False
    documented = key.name in _CONTEXT and actions <= DESCRIBING
    return key.actions is not None and not key.actions & actions and not documented


# -- what it says --------------------------------------------------------------------------


def _message(action: Value, condition: Condition) -> str:
    return (
        f"{action.text} is never allowed by this statement: "
        f"its requests do not have {condition.key.text}, which the condition asks for"
    )


def _condition(statement: Statement, condition: Condition, at: tuple[str | int, ...]) -> Related:
    place = statement.conditions.index(condition)
    return Related((*at, "conditions", place, "values", 0), "the condition")
