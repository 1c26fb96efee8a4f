r"""Key policy lets someone create grants for anything.

## Why it matters

Whoever may call `kms:CreateGrant` may give every operation on the key to anyone, also to a
principal of another account, and without having that operation itself. AWS therefore compares it
with `kms:PutKeyPolicy`. Such a grant stands in no policy and in no configuration, does not expire,
and outlives the credentials it was made with: it is how an attacker with one role for a minute
keeps the key.

Nearly always the permission is needed for one thing: to let a service of AWS (EBS, RDS, Auto
Scaling …) make the grant that it works with. That is what a condition can say.

## What it finds

A statement of a key policy with `"Effect": "Allow"` that names `kms:CreateGrant` for a role, a
user, a session or a federated principal, or for everyone of an account or organization, and has
no condition that restricts what the grant may be:

```hcl bad
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
        Sid       = "Volumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:CreateGrant", # finding
        ]
        Resource = "*"
      },
    ]
  })
}
```

A condition restricts nothing if it is negated, if its value is `*`, or if it is met where its key
is missing (`BoolIfExists`); `kms:RetiringPrincipal` says who may end a grant, not what it may be.
`ForAnyValue` on `kms:GrantOperations` asks that *one* of the
operations be in the list, and lets any other in beside it:

```hcl bad
data "aws_iam_policy_document" "volumes" {
  statement {
    actions   = ["kms:CreateGrant"] # finding
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/app"]
    }

    condition {
      test     = "ForAnyValue:StringEquals"
      variable = "kms:GrantOperations"
      values   = ["Decrypt", "GenerateDataKeyWithoutPlaintext"]
    }
  }
}

resource "aws_kms_key" "volumes" {
  policy = data.aws_iam_policy_document.volumes.json
}
```

The severity is high, also and all the more for a role or user of another account. It is low where
the principal is another account as a whole: AWS documents that for Auto Scaling groups that use
a key of another account, whose role cannot be named beforehand. A condition is possible there too.

```hcl bad
resource "aws_kms_key" "images" {
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
        Sid       = "AutoScalingElsewhere"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:root" }
        Action    = "kms:CreateGrant" # finding
        Resource  = "*"
      },
    ]
  })
}
```

## How to fix it

Put `kms:CreateGrant` into a statement of its own and let only services of AWS use it, with
`kms:GrantIsForAWSResource`. No other operation has that key, so in a statement with others it
would take those away:

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
        Sid       = "Volumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"]
        Resource  = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}
```

The secrets encryption of EKS does not work with `kms:GrantIsForAWSResource`. There, and where an
application makes grants itself, say what a grant may allow and to whom, with
`ForAllValues` on `kms:GrantOperations` and with `kms:GranteePrincipal`:

```hcl good
data "aws_iam_policy_document" "cluster" {
  statement {
    sid       = "DelegateToIAM"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }

  statement {
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/cluster-creator"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "kms:GrantOperations"
      values   = ["Decrypt", "Encrypt", "DescribeKey"]
    }
  }
}

resource "aws_kms_key" "cluster" {
  policy = data.aws_iam_policy_document.cluster.json
}
```

`kms:ViaService`, `kms:GranteeServicePrincipal`, `kms:GrantConstraintType`,
`kms:GrantConstraintSourceArn` and `kms:EncryptionContext:…` restrict grants as well.

## In CloudFormation

The same condition in the `KeyPolicy` of `AWS::KMS::Key`:

```yaml bad
Resources:
  Volumes:
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
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action:
              - kms:Decrypt
              - kms:GenerateDataKeyWithoutPlaintext
              - kms:CreateGrant # finding
            Resource: '*'
```

```yaml good
Resources:
  Volumes:
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
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:Decrypt, kms:GenerateDataKeyWithoutPlaintext]
            Resource: '*'
          - Sid: GrantsForVolumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: kms:CreateGrant
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

## When it is fine

The root of the key's own account delegates to IAM policies, where the condition then belongs.
Service-linked roles can be used by their service alone. Neither is reported, nor is
`kms:Create*`, which administrators of the key's own account have: they may replace the whole
policy anyway. Nobody of another account may, so that there `kms:Create*` is reported too. `kms:*`
is what `unlimited-key-access` is about.

```hcl good
resource "aws_kms_key" "volumes" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = ["kms:CreateGrant", "kms:List*", "kms:PutKeyPolicy", "kms:RevokeGrant"]
        Resource  = "*"
      },
    ]
  })
}
```

Services of AWS as principals are what `confused-deputy` is about, and a statement that is open to
everyone is reported by `public-key-policy`. A statement that denies all other grants is taken into
account. A condition that depends on an unknown value gives a possible finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from grantlint.iam import pins
from grantlint.iam.actions import covers, covers_all, matches, names, variants
from grantlint.iam.callers import caller
from grantlint.iam.grantee import PEOPLE, WHOLE
from grantlint.iam.guards import EVERYONE, Guard, allows, denials
from grantlint.iam.permission import is_foreign
from grantlint.iam.principals import alternatives
from grantlint.iam.provisos import provisos, reason
from grantlint.model import Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Path, Severity, rule
from grantlint.value import Truth, Value


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-operations",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html",
    ),
    mappings=(
        "Control Tower CT.KMS.PV.1",
        "NIST 800-53 AC-6",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that lets someone create any grant."""
    del inventory
    closing = denials(key.policy.statements)
    for index, statement in enumerate(key.policy.statements):
        named, at, where = _create_grant(statement, names)
        wide = named is Truth.NO
        if wide:
            named, at, where = _create_grant(statement, _has_among_others)
        named &= allows(statement)
        creators = _creators(statement, key, closing) if named is not Truth.NO else []
        if wide:
            creators = [one for one in creators if _is_foreign(one.principal, key)]
        if not creators:
            continue
        allowed = [one.principal for one in creators]
        about = partial(covers, action="CreateGrant")
        guard = Guard(statement, closing, pins.grant, about, allowed)
        worst = max(creators, key=lambda one: (one.severity, one.truth.value))
        truth = named & worst.truth & ~guard.holds()
        if truth is not Truth.NO:
            others = len({one.at for one in creators}) - 1
            end = provisos(guard, where, worst.where, doubts=worst.doubts)
            yield Hit(
                at=("policy", "statements", index, *at),
                message=_message(worst, others, key) + end,
                truth=truth,
                severity=worst.severity,
                fix=_fix(statement, index, worst),
            )


_GRANTING: Final = ("kms:creategrant", "kms:listgrants", "kms:revokegrant")
"""The actions whose calls say kms:GrantIsForAWSResource: it would deny every other one."""


def _fix(statement: Statement, index: int, worst: _Creator) -> Mapping[str, object] | None:
    """The condition, where all that the statement allows can have it."""
    listed = [one.text or "" for one in statement.actions.elements()]
    if worst.severity is Severity.LOW or not {one.lower() for one in listed} <= set(_GRANTING):
        return None
    return {
        "at": ["policy", "statements", index, "conditions"],
        "op": "add",
        "value": {"operator": "Bool", "key": "kms:GrantIsForAWSResource", "values": ["true"]},
    }


def _create_grant(
    statement: Statement, means: Callable[[Value, str], Truth]
) -> tuple[Truth, Path, str]:
    """Whether a member of its actions means the action, the path to it, and where it does."""
    best: tuple[Truth, Path, str] = (Truth.NO, (), "")
    for variant, where in () if statement.not_action else variants(statement):
        listed = statement.actions.elements()
        for place, action in enumerate(variant.actions.elements()):
            truth = means(action, "CreateGrant")
            if truth.value > best[0].value:
                best = truth, ("actions", place) if listed else (), where
    return best


def _has_among_others(pattern: Value, action: str) -> Truth:
    """Whether a wildcard covers the action and others, but not all: `kms:Create*`."""
    everything = matches(pattern, "Decrypt") & matches(pattern, "PutKeyPolicy")
    known = pattern.text is not None and everything is Truth.NO
    return matches(pattern, action) if known else Truth.NO


# -- who -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Creator:
    """A principal that the statement is for; `at` is its place among them.

    `where` says in which case it is, `doubts` are what is not known of it (see `provisos`).
    """

    principal: Principal
    at: int
    who: str
    truth: Truth
    severity: Severity
    where: str

    @property
    def doubts(self) -> tuple[tuple[str, str], ...]:
        if self.truth is not Truth.MAYBE:
            return ()
        return ((f"{self.who} is not a role of a service", reason(self.principal.value)),)


def _creators(statement: Statement, key: Key, closing: Sequence[Statement]) -> list[_Creator]:
    if statement.not_principal:
        return []
    found: list[_Creator] = []
    for at, principal in enumerate(statement.principals):
        cause = principal.value.unknown
        for index, one in enumerate(alternatives(principal)):
            truth, severity = _judge(one, statement, key, closing)
            if truth is not Truth.NO:
                where = cause.where(index) if cause and cause.choices else ""
                who = caller(one, statement, key.account)
                found.append(_Creator(one, at, who, truth, severity, where))
    return found


def _judge(
    principal: Principal, statement: Statement, key: Key, closing: Sequence[Statement]
) -> tuple[Truth, Severity]:
    """Whether the principal is one to judge, and how bad it is."""
    who = principal.who
    if principal.type.text in {"AWS", "*"} and who.kind.text == "*":
        covered = partial(covers_all, other=statement)
        pinned = Guard(statement, closing, pins.caller, covered, EVERYONE)
        return Truth.of(pinned.holds() is Truth.YES), Severity.HIGH
    if who.kind.text in WHOLE:
        return Truth.of(_is_foreign(principal, key)), Severity.LOW
    if who.kind.text in PEOPLE:
        of_aws = who.service_linked.equals(True) | who.made_by_aws()
        return ~of_aws, Severity.HIGH
    return Truth.NO, Severity.HIGH


def _is_foreign(principal: Principal, key: Key) -> bool:
    return is_foreign(principal, key.account) is Truth.YES


# -- what it says --------------------------------------------------------------------------


def _message(worst: _Creator, others: int, key: Key) -> str:
    more = f" and {others} more" if others else ""
    may = f"{worst.who}{more} may create any grant on {key.address}"
    if worst.severity is Severity.LOW:
        return (
            f"{may}, as AWS documents it for Auto Scaling across accounts; "
            f"kms:GrantOperations and kms:GranteePrincipal would restrict it"
        )
    return f"{may}, and with it give every operation to anyone"
