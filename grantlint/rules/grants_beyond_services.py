r"""Key policy leaves grants to others than services of AWS.

## Why it matters

Services of AWS make grants for what they encrypt, ask for no more than they need, and retire them.
A grant that somebody makes directly can give any operation to anyone, does not expire, and stands
in no policy. Where no application makes grants of its own, nobody needs to be able to: then a
direct `kms:CreateGrant` is a mistake or an attack. AWS denies just that in the policy that it
attaches to compromised credentials, and Control Tower for whole organizational units.

Most keys have the statement of AWS's default policy, which leaves grants to IAM. So this rule is
asked only where it is named, or by the profile `strict`.

## What it finds

A statement with `"Effect": "Allow"` that covers `kms:CreateGrant`, for an account, a role, a user
or everyone, whose conditions do not keep it to calls of services (`kms:GrantIsForAWSResource`,
`kms:ViaService`, or what only the calls of services have), unless another statement denies
the rest:

```hcl bad
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DelegateToIAM"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" } # finding
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
```

AWS's default policy has that statement, so that a key without a policy is reported too:

```hcl bad
resource "aws_kms_key" "orders" { # finding
  description = "orders"
}
```

`unrestricted-create-grant`, which is asked of every key, is content with any condition that
restricts grants, and leaves the root of the key's own account alone.

## How to fix it

Deny it once for all. A statement that denies is stronger than all that allow, those of IAM policies
and grants included:

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
        Sid       = "GrantsForServicesOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = {
          BoolIfExists = {
            "kms:GrantIsForAWSResource" = "false"
            "aws:PrincipalIsAWSService" = "false"
          }
        }
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
            Principal: {AWS: arn:aws:iam::111122223333:root} # finding
            Action: kms:*
            Resource: '*'
```

```yaml bad
Resources:
  Orders: # finding
    Type: AWS::KMS::Key
    Properties:
      Description: orders
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
          - Sid: GrantsForServicesOnly
            Effect: Deny
            Principal: {AWS: '*'}
            Action: kms:CreateGrant
            Resource: '*'
            Condition:
              BoolIfExists:
                kms:GrantIsForAWSResource: 'false'
                aws:PrincipalIsAWSService: 'false'
```

## When it is fine

An application that makes grants of its own has to make them directly, and so has whoever applies an
`aws_kms_grant`. Name it in the statement that denies, as the parameter `ExemptedPrincipalArns` of
Control Tower's control does:

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
        Sid       = "GrantsForServicesOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = {
          Bool       = { "kms:GrantIsForAWSResource" = "false" }
          ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/broker" }
        }
      },
    ]
  })
}
```

Control Tower's CT.KMS.PV.1 asks for the same in another way. It is a service control policy, which
denies such requests to the principals of the accounts that it is enabled for, whatever the policies
of keys say: where it is, they need no such statement, and nothing here shows that it is. It binds
neither service-linked roles nor principals of other accounts that a key's policy lets in; a
statement of the key's policy binds both. This rule does not report what is allowed to a
service-linked role alone, and reads the policies of keys: neither IAM policies, nor the grants that
the configuration makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from grantlint.iam import pins
from grantlint.iam.actions import covers, variants
from grantlint.iam.callers import caller
from grantlint.iam.conditions import Condition
from grantlint.iam.grantee import PEOPLE, WHOLE
from grantlint.iam.guards import EVERYONE, Guard, allows, denials
from grantlint.iam.principals import alternatives
from grantlint.iam.provisos import provisos, reason
from grantlint.model import Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Path, Severity, rule
from grantlint.value import Truth, Value


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    opt_in=True,
    references=(
        "https://docs.aws.amazon.com/controltower/latest/controlreference/ct-kms-pv-1.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html",
    ),
    mappings=("Control Tower CT.KMS.PV.1",),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that lets somebody make grants directly, or for the default."""
    del inventory
    if key.policy.default.raw is True:
        default = f"AWS's default policy leaves it to IAM policies who {_DIRECTLY}"
        yield Hit(at=(), message=default.format(key.address))
        return
    closing = [_without_exemptions(one) for one in denials(key.policy.statements)]
    for index, statement in enumerate(key.policy.statements):
        truth, where = _create_grant(statement)
        makers = _makers(statement, key) if truth is not Truth.NO else []
        if not makers:
            continue
        about = partial(covers, action="CreateGrant")
        guard = Guard(statement, closing, pins.by_service, about, [one.principal for one in makers])
        worst = max(makers, key=lambda one: one.truth.value)
        unseen = Truth.MAYBE if key.policy.unseen else Truth.YES
        truth &= worst.truth & ~guard.holds() & unseen
        if truth is not Truth.NO:
            doubts = (*worst.doubts, *_unseen(key.policy.unseen))
            yield Hit(
                at=("policy", "statements", index, *worst.at),
                message=_message(worst, len({one.at for one in makers}) - 1, key)
                + provisos(guard, where, worst.where, doubts=doubts),
                truth=truth,
            )


_DIRECTLY = "may create grants on {} that no service of AWS asks for"


def _create_grant(statement: Statement) -> tuple[Truth, str]:
    """Whether the statement allows grants to be created, and where it does."""
    for variant, where in variants(statement):
        if covers(variant, "CreateGrant") is Truth.YES:
            return allows(statement), where
    return Truth.NO, ""


def _without_exemptions(deny: Statement) -> Statement:
    """A statement that denies as it is for those whom it does not name as exempt."""
    return replace(deny, conditions=tuple(one for one in deny.conditions if not _exempts(one)))


def _exempts(condition: Condition) -> bool:
    named = (condition.key.text or "").lower() == "aws:principalarn"
    return named and pins.caller(condition, spares=True) is Truth.YES


# -- who -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Maker:
    """A principal that is no service; `at` is where it stands in the statement."""

    principal: Principal
    at: Path
    who: str
    truth: Truth
    where: str

    @property
    def doubts(self) -> tuple[tuple[str, str], ...]:
        if self.truth is not Truth.MAYBE:
            return ()
        return ((f"{self.who} is not a role of a service", reason(self.principal.value)),)


def _makers(statement: Statement, key: Key) -> list[_Maker]:
    if statement.not_principal:
        return [_Maker(EVERYONE[0], (), "everyone but those in NotPrincipal", Truth.YES, "")]
    found: list[_Maker] = []
    for at, principal in enumerate(statement.principals):
        cause = principal.value.unknown
        for index, one in enumerate(alternatives(principal)):
            truth = _is_no_service(one)
            if truth is not Truth.NO:
                where = cause.where(index) if cause and cause.choices else ""
                who = caller(one, statement, key.account)
                found.append(_Maker(one, ("principals", at, "value"), who, truth, where))
    return found


def _is_no_service(principal: Principal) -> Truth:
    """Whether it is someone who makes grants directly; of whom nothing is known, NO."""
    kind, who = principal.kind.text, principal.who
    if kind in WHOLE or (kind == "*" and principal.type.text in {"AWS", "*"}):
        return Truth.YES
    return ~(who.service_linked.equals(True) | who.made_by_aws()) if kind in PEOPLE else Truth.NO


# -- what it says --------------------------------------------------------------------------


def _message(worst: _Maker, others: int, key: Key) -> str:
    more = f" and {others} more" if others else ""
    return f"{worst.who}{more} {_DIRECTLY.format(key.address)}"


def _unseen(unseen: Sequence[Value]) -> tuple[tuple[str, str], ...]:
    if not unseen:
        return ()
    return (("no statement that is not seen denies it", reason(unseen[0])),)
