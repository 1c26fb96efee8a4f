r"""Policy names an action that AWS KMS does not have.

## Why it matters

AWS takes any text for an action. One that is cut short or misspelt matches nothing: to allow it
gives nothing, and to deny it keeps nothing out. A statement that denies `kms:ReEncrypt` reads as if
the data could not be re-encrypted under a key of someone else's, and it can. In `NotAction` the
exception that was meant is none.

The names of operations do not always help: `ReEncrypt` is an operation, but the permissions for it
are `kms:ReEncryptFrom` and `kms:ReEncryptTo`.

## What it finds

An action of `kms:` that matches none of those that there are, where one is near: it goes on
where the text stops, or differs in a letter or two. An action without its prefix is reported as
well.

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
        Sid       = "Use"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action = [
          "kms:Decrypt",
          "kms:Describe",  # finding
          "kms:ListGrant", # finding
        ]
        Resource = "*"
      },
      {
        Sid       = "KeepHere"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:ReEncrypt" # finding
        Resource  = "*"
      },
    ]
  })
}
```

It is high where the statement denies, and for an exception to what is allowed, medium otherwise,
and low where the statement names what was meant as well.

## How to fix it

Write the action's whole name, or an asterisk where several are meant:

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
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"]
        Resource  = "*"
      },
      {
        Sid       = "KeepHere"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:ReEncrypt*"
        Resource  = "*"
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
          - Sid: Use
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action:
              - kms:Decrypt
              - kms:Describe # finding
              - kms:ListGrant # finding
            Resource: '*'
          - Sid: KeepHere
            Effect: Deny
            Principal: {AWS: '*'}
            Action: kms:ReEncrypt # finding
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
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
          - Sid: Use
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:Decrypt, kms:DescribeKey, kms:ListGrants]
            Resource: '*'
          - Sid: KeepHere
            Effect: Deny
            Principal: {AWS: '*'}
            Action: kms:ReEncrypt*
            Resource: '*'
```

## When it is fine

Case does not matter. Nothing is said of an action that is not like any other, as it may be newer
than this rule, nor of actions of other services, which do nothing in a key policy but are no slips:

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
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:decrypt", "kms:describekey"]
        Resource  = "*"
      },
    ]
  })
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.actions import covering, meant, variants
from grantlint.iam.naming import quoted
from grantlint.model import Holder, Inventory, Statement
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth, Value


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html",
    ),
)
def check(holder: Holder, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each action that there is not."""
    del inventory
    for index, statement in enumerate(holder.policy.statements):
        yield from _unmatched(statement, ("policy", "statements", index))


def _unmatched(statement: Statement, at: tuple[str | int, ...]) -> Iterator[Hit]:
    listed, seen = statement.actions.elements(), set()
    for variant, where in variants(statement):
        for place, action in enumerate(variant.actions.elements()):
            right = () if action.has_sensitive() else meant(action.text or "")
            if not right or (place, action.text) in seen:
                continue
            seen.add((place, action.text))
            alternative = f", where {where}" if where and action not in listed else ""
            severity, means = _means(statement, variant.actions, right)
            fix = right[0] if len(right) == 1 else f"{action.text}*"
            yield Hit(
                at=(*at, "actions", place) if listed else (*at, "actions"),
                message=_message(action, right) + means + alternative,
                severity=severity,
                fix=None
                if alternative
                else {"at": [*at, "actions", place], "op": "set", "value": fix},
            )


def _means(statement: Statement, actions: Value, right: tuple[str, ...]) -> tuple[Severity, str]:
    """How bad it is, and what follows."""
    also = {f"kms:{name}" for one in actions.elements() for name in covering(one)}
    if set(right) <= also:
        return Severity.LOW, ", as the statement says too"
    denies = statement.effect.equals("Deny") is Truth.YES
    if statement.not_action:
        excepts = ", so that it is no exception"
        return (Severity.MEDIUM if denies else Severity.HIGH), excepts
    if denies:
        return Severity.HIGH, ", so that nothing is denied by it"
    return Severity.MEDIUM, ", so that nothing is allowed by it"


def _message(action: Value, right: tuple[str, ...]) -> str:
    shown = [*right[:2], f"{len(right) - 2} more"] if len(right) > 3 else list(right)
    names = f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
    there = f"{names} {'is' if len(shown) == 1 else 'are'}"
    return f"{quoted(action.text or '')} is no action of AWS KMS, but {there}"
