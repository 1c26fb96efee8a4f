r"""Condition on grants is defeated by another statement.

## Why it matters

Statements that allow add up: what one of them allows, no condition of another takes back. Where a
principal may create grants for services of AWS by one statement, and any grant by a second one, the
condition of the first does nothing, and whoever reviews the policy by that condition is misled. An
attacker with the principal's credentials creates a grant for themselves, with which they keep the
key when the credentials have long been changed.

It happens where `kms:Create*` stands among the permissions of administrators: the pattern was meant
for aliases, and covers `kms:CreateGrant`.

## What it finds

A statement that lets a role, a user or another account create grants under a condition on the
grants, when a second statement allows `kms:CreateGrant` to the same principal without one:

```hcl bad
resource "aws_kms_key" "volumes" {
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
        Sid       = "Manage"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:Create*", "kms:Describe*", "kms:List*"]
        Resource  = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } # finding
      },
    ]
  })
}
```

## How to fix it

Name the actions that are meant in the second statement, `kms:CreateAlias` for example, so that
grants are allowed by the one with the condition only:

```hcl good
resource "aws_kms_key" "volumes" {
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
        Sid       = "Manage"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:CreateAlias", "kms:Describe*", "kms:List*"]
        Resource  = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
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
  Volumes:
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
          - Sid: Manage
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:Create*, kms:Describe*, kms:List*]
            Resource: '*'
          - Sid: GrantsForVolumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true' # finding
```

```yaml good
Resources:
  Volumes:
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
          - Sid: Manage
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:CreateAlias, kms:Describe*, kms:List*]
            Resource: '*'
          - Sid: GrantsForVolumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

## When it is fine

Two statements that both restrict grants, each in its way, are not reported, nor is one of them
for the root of the key's own account: that delegates to IAM policies, which have conditions of
their own. Where one principal has `kms:*`, it administers the key, and a condition elsewhere is no
more than superfluous. A statement that denies all other grants is taken into account:

```hcl good
resource "aws_kms_key" "volumes" {
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
        Sid       = "Manage"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:Create*", "kms:Describe*", "kms:List*"]
        Resource  = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
      {
        Sid       = "OnlyServices"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "false" } }
      },
    ]
  })
}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from grantlint.iam import pins
from grantlint.iam.actions import covers, covers_everything
from grantlint.iam.cases import exclude
from grantlint.iam.grantee import PEOPLE, WHOLE
from grantlint.iam.guards import Guard, allows, denials
from grantlint.iam.naming import called, told
from grantlint.iam.permission import is_foreign
from grantlint.iam.provisos import doubted
from grantlint.model import Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth, Value


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that restricts grants in vain, for one of its principals."""
    del inventory
    policy = key.policy.statements
    open_ = [one for one in map(_Open.of, range(len(policy)), policy) if one is not None]
    if not open_:
        return
    closing = denials(policy)
    for index, statement in enumerate(policy):
        pinned = _pinning(statement)
        if pinned is None or _creates(statement) is not Truth.YES:
            continue
        found = _defeat(statement, open_, closing, key)
        if found is not None:
            yield _hit(index, pinned, *found)


@dataclass(frozen=True, slots=True)
class _Open:
    """A statement that allows every grant to its principals."""

    index: int
    statement: Statement

    @classmethod
    def of(cls, index: int, statement: Statement) -> _Open | None:
        """The statement, unless something in it restricts grants, or may."""
        if _creates(statement) is not Truth.YES or covers_everything(statement):
            return None
        callers = all(pins.caller(one) is Truth.YES for one in statement.conditions)
        grants = any(pins.grant(one) is not Truth.NO for one in statement.conditions)
        return None if grants or not callers or statement.sensitive else cls(index, statement)


def _creates(statement: Statement) -> Truth:
    """Whether the statement allows grants to be created."""
    return allows(statement) & covers(statement, "CreateGrant")


def _pinning(statement: Statement) -> int | None:
    """The condition that restricts what grants may be."""
    found = (
        place
        for place, one in enumerate(statement.conditions)
        if pins.grant(one) is Truth.YES and not one.values.has_sensitive()
    )
    return None if statement.sensitive else next(found, None)


def _defeat(
    statement: Statement, open_: Sequence[_Open], closing: Sequence[Statement], key: Key
) -> tuple[_Open, Principal, Truth] | None:
    """What defeats the statement's condition, and for whom; what is certain first."""
    about = partial(covers, action="CreateGrant")
    found: list[tuple[_Open, Principal, Truth]] = []
    for one in open_:
        for principal in _in_common(statement, one.statement, key):
            guard = Guard(one.statement, closing, pins.grant, about, (principal,))
            truth = one.statement.exists & ~guard.denied()
            if truth is not Truth.NO:
                found.append((one, principal, truth))
    return max(found, key=lambda each: each[2].value, default=None)


def _in_common(statement: Statement, other: Statement, key: Key) -> list[Principal]:
    """The principals that both statements certainly name."""
    if statement is other or exclude(statement, other):
        return []
    if statement.not_principal or other.not_principal:
        return []
    named = [one.value for one in other.principals]
    return [
        one
        for one in statement.principals
        if _is_judged(one, key) and any(_same(one.value, value) for value in named)
    ]


def _is_judged(principal: Principal, key: Key) -> bool:
    """Whether it is someone for whom a key policy decides: not the own account as a whole."""
    kind = principal.kind.text
    if kind in WHOLE:
        return is_foreign(principal, key.account) is Truth.YES
    return kind in PEOPLE and principal.who.service_linked.equals(True) is Truth.NO


def _same(value: Value, other: Value) -> bool:
    """Whether two values are certainly the same principal."""
    if value.has_sensitive() or other.has_sensitive():
        return False
    if value.text is not None:
        return value.text == other.text
    cause, another = value.unknown, other.unknown
    if cause is None or another is None or cause.refers_to is None or cause.parts or another.parts:
        return False
    return cause.refers_to == another.refers_to and not cause.choices and not another.choices


def _hit(index: int, pinned: int, open_: _Open, principal: Principal, truth: Truth) -> Hit:
    sid = told(open_.statement.sid)
    which = f"the statement {sid}" if sid else "another statement"
    who = called(principal.value, principal.who, "a principal")
    doubts = []
    if open_.statement.exists is Truth.MAYBE:
        doubts.append((f"{which} is there", ""))
    elif truth is Truth.MAYBE:
        doubts.append(("no other statement denies it", ""))
    return Hit(
        at=("policy", "statements", index, "conditions", pinned, "values", 0),
        message=f"{which} lets {who} create any grant, so that this condition does nothing"
        + doubted(doubts),
        truth=truth,
        related=(Related(("policy", "statements", open_.index), "any grant is allowed here"),),
    )
