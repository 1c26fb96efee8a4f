r"""Key policy allows someone every action on the key.

## Why it matters

`kms:*` lets one principal do three things that are better kept apart: read what is encrypted,
decide who else may, and destroy the key. AWS's own default statements separate them:
administrators change the policy and cannot decrypt, users decrypt and cannot change the policy.
With all of it in one role, whoever takes over that role for a minute can decrypt, leave a grant
behind, and schedule the deletion of the key, by which everything encrypted with it is lost.

## What it finds

A statement with `"Effect": "Allow"` and a wildcard that covers all actions, `kms:*` or `*`, for

* another account, or a role or user of one: it can decrypt and make any grant, and IAM policies of
  the key's account do not bind it. The severity is high, and medium for an account that is trusted.
* everyone of an account or organization, by `*` and a condition: the key's own account no longer
  decides who of it may. The severity is medium.
* a service, or a role or user of the key's account beside those who administer it. The severity is
  low.

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
        Sid       = "App"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" } # finding
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
  })
}
```

```hcl bad
provider "aws" {
  allowed_account_ids = ["111122223333"]
}

resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Accounts"
      Effect = "Allow"
      Principal = {
        AWS = [
          "arn:aws:iam::111122223333:root",
          "arn:aws:iam::444455556666:root", # finding
        ]
      }
      Action   = "kms:*"
      Resource = "*"
    }]
  })
}
```

## How to fix it

Give those who use the key what they use, and those who administer it what AWS's console gives them.
Nobody of another account can administer the key anyway: AWS KMS does not let them, whatever the
policy allows.

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
        Sid    = "Use"
        Effect = "Allow"
        Principal = {
          AWS = ["arn:aws:iam::111122223333:role/app", "arn:aws:iam::444455556666:root"]
        }
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]
        Resource = "*"
      },
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
        Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
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
          - Sid: DelegateToIAM
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
          - Sid: App
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app} # finding
            Action: kms:*
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
            Principal:
              AWS: [arn:aws:iam::111122223333:role/app, arn:aws:iam::444455556666:root]
            Action: [kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*]
            Resource: '*'
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/key-admin}
            Action: [kms:Describe*, kms:Get*, kms:List*, kms:Put*, kms:Revoke*]
            Resource: '*'
```

## When it is fine

A role that alone administers the key needs `kms:PutKeyPolicy`, and AWS's examples give it
`kms:*`: that is not reported as long as nobody else may change the policy. The root of the key's
own account never is a finding: it allows nothing by itself, but lets IAM policies decide, and is
what AWS puts into each default policy. The administrators' statement of the console, with
`kms:Create*`, `kms:Put*` and so on, is not reported either, nor is access by way of a service
alone (`kms:ViaService`). A role for emergencies may need everything: allow this rule for it.

What is open to everyone is reported by `public-key-policy`, and a service that serves any account
by `confused-deputy`. Where the account of a principal or of the key is not known, the lower
severity is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from grantlint.iam import pins
from grantlint.iam.actions import covers, covers_all, matches, variants
from grantlint.iam.callers import caller
from grantlint.iam.grantee import PEOPLE, WHOLE
from grantlint.iam.guards import EVERYONE, Guard, allows, denials
from grantlint.iam.permission import is_foreign, permissions
from grantlint.iam.principals import alternatives
from grantlint.model import Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth

_EVERYTHING: Final = ("CreateGrant", "Decrypt", "PutKeyPolicy", "ScheduleKeyDeletion")
_ONE: Final = (*PEOPLE, "service")


@rule(
    Severity.LOW,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html",
        "https://docs.aws.amazon.com/prescriptive-guidance/latest/aws-kms-best-practices/access.html",
    ),
    mappings=("NIST 800-53 AC-5", "NIST 800-53 AC-6"),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that allows someone everything."""
    del inventory
    closing = denials(key.policy.statements)
    for index, statement in enumerate(key.policy.statements):
        truth, where = _everything(statement)
        truth &= allows(statement)
        found = _holders(statement, key, closing) if truth is not Truth.NO else []
        if not found or _goes_through_a_service(statement):
            continue
        worst = max(found, key=lambda one: one.severity)
        cases = [one for one in dict.fromkeys((worst.where, where)) if one]
        yield Hit(
            at=("policy", "statements", index, "principals", worst.at, "value"),
            message=_message(worst, len({one.at for one in found}) - 1, statement, key)
            + (f", where {' and '.join(cases)}" if cases else ""),
            truth=truth,
            severity=worst.severity,
        )


def _everything(statement: Statement) -> tuple[Truth, str]:
    """Whether one wildcard of the statement covers all actions, and where it does."""
    for variant, where in () if statement.not_action else variants(statement):
        for pattern in variant.actions.elements():
            if all(matches(pattern, action) is Truth.YES for action in _EVERYTHING):
                return Truth.YES, where
    return Truth.NO, ""


def _goes_through_a_service(statement: Statement) -> bool:
    return any((one.key.text or "").lower() == "kms:viaservice" for one in statement.conditions)


# -- who -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Holder:
    """A principal that may do everything; `at` is its place, `where` says in which case it is."""

    principal: Principal
    at: int
    severity: Severity
    where: str


def _holders(statement: Statement, key: Key, closing: Sequence[Statement]) -> list[_Holder]:
    found: list[_Holder] = []
    for at, principal in enumerate(() if statement.not_principal else statement.principals):
        cause = principal.value.unknown
        for index, one in enumerate(alternatives(principal)):
            severity = _severity(one, statement, key, closing)
            if severity is not None:
                where = cause.where(index) if cause and cause.choices else ""
                found.append(_Holder(one, at, severity, where))
    return found


def _severity(
    principal: Principal, statement: Statement, key: Key, closing: Sequence[Statement]
) -> Severity | None:
    """How bad it is that the principal may do everything; None where it is not to be judged."""
    kind = principal.kind.text
    if kind == "*" and principal.type.text in {"AWS", "*"}:
        tied = Guard(
            statement, closing, pins.caller, partial(covers_all, other=statement), EVERYONE
        )
        if tied.holds() is not Truth.YES:
            return None
        return Severity.LOW if _names_one(statement) else Severity.MEDIUM
    if kind not in {*_ONE, *WHOLE}:
        return None
    if is_foreign(principal, key.account) is Truth.YES:
        about = partial(covers, action="CreateGrant")
        grants = Guard(statement, closing, pins.grant, about, [principal])
        if grants.holds() is not Truth.NO:
            return Severity.LOW
        return Severity.MEDIUM if principal.trusted.equals(True) is Truth.YES else Severity.HIGH
    administers = kind in PEOPLE and not _is_administered_otherwise(statement, key)
    return Severity.LOW if kind in _ONE and not administers else None


def _is_administered_otherwise(statement: Statement, key: Key) -> bool:
    """Whether the account, or someone in another statement, certainly may change the policy."""
    return any(
        one.truth is Truth.YES
        and (one.statement is not statement or one.principal.kind.text in WHOLE)
        and one.principal.kind.text in {*PEOPLE, *WHOLE}
        and is_foreign(one.principal, key.account) is not Truth.YES
        for one in permissions(key.policy.statements, "PutKeyPolicy")
    )


def _names_one(statement: Statement) -> bool:
    """Whether a condition names principals, or no account at all."""
    keys = {(one.key.text or "").lower() for one in statement.conditions}
    return bool(keys & {"aws:principalarn", "aws:userid"})


# -- what it says --------------------------------------------------------------------------


def _message(worst: _Holder, others: int, statement: Statement, key: Key) -> str:
    more = f" and {others} more" if others else ""
    who = f"{caller(worst.principal, statement, key.account)}{more}"
    if worst.severity > Severity.LOW and worst.principal.kind.text != "*":
        return f"{who} may decrypt with {key.address} and create any grant on it"
    if worst.principal.kind.text == "*":
        return f"{who} may call every action on {key.address}, whatever IAM policies say"
    if is_foreign(worst.principal, key.account) is Truth.YES:
        return f"{who} may use {key.address} by a wildcard for every action: few need all of that"
    return f"{who} may use {key.address}, change its policy and delete it: few need all of that"
