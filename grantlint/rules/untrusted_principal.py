r"""Key policy lets in an account that nobody trusts.

## Why it matters

AWS KMS lets a key's policy admit any account and any organization there is, and that of a stranger
looks like that of a colleague: twelve digits. The account of an example that was copied, of a
vendor who has gone, or of whoever took over a role for an hour stays in a policy unseen. Whoever
administers it decides who reads what the key protects.

A gate can tell only if it is told whom you trust. So this rule is asked only where it is named, by
the profile `strict`, or where accounts or organizations are said to be trusted.

## What it finds

A statement with `"Effect": "Allow"` for a role, a user or the whole of an account that is neither
the key's own nor trusted; for everyone of such an account or organization, by `*` and a condition;
or for a service that acts for such an account:

```hcl bad
provider "aws" {
  allowed_account_ids = ["111122223333"]
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
      {
        Sid       = "Partner"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:root" } # finding
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
      {
        Sid       = "Everyone"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Encrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:CallerAccount" = "444455556666" } } # finding
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.eu-west-1.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = "444455556666" } } # finding
      },
    ]
  })
}
```

The severity is high where the statement allows to decrypt or to create grants, low where it allows
nothing but to look at the key, and medium in between.

Nothing in a configuration says which organization an account is in. So an organization is reported
only where some organization is trusted and this one is not, and a trusted organization makes none
of its accounts trusted, unless a condition ties the caller to it.

## How to fix it

Take out who has no business with the key. If the account is one of yours, or of a partner who may
use this key, say so: with `trusted-accounts` or `trusted-organizations` in the configuration, or
with `--trusted-account` or `--trusted-organization`.

```hcl good
provider "aws" {
  allowed_account_ids = ["111122223333"]
}

resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DelegateToIAM"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
```

## In CloudFormation

The same in the `KeyPolicy` of `AWS::KMS::Key`. The key's own account is known from `--account`, the
configuration, or the root of the one account that the policy lets do everything:

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
          - Sid: Partner
            Effect: Allow
            Principal: {AWS: arn:aws:iam::444455556666:root} # finding
            Action: [kms:Decrypt, kms:DescribeKey]
            Resource: '*'
          - Sid: Everyone
            Effect: Allow
            Principal: {AWS: '*'}
            Action: [kms:Encrypt]
            Resource: '*'
            Condition:
              StringEquals:
                kms:CallerAccount: '444455556666' # finding
          - Sid: Logs
            Effect: Allow
            Principal: {Service: logs.eu-west-1.amazonaws.com}
            Action: [kms:Decrypt, kms:Encrypt, kms:GenerateDataKey*]
            Resource: '*'
            Condition:
              StringEquals:
                aws:SourceAccount: '444455556666' # finding
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
```

## When it is fine

A service-linked role of another account can be used by its service alone and is not reported. Of
what is not known, an account in a variable, or any account where the key's own is not known,
nothing is reported. Grants to strangers are reported by `foreign-grantee`, what is open to everyone
by `public-key-policy`, and a service that acts for anyone by `confused-deputy`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from grantlint.iam import pins
from grantlint.iam.actions import CRYPTOGRAPHIC, DESCRIBING, READING, covered, covers, covers_all
from grantlint.iam.callers import caller
from grantlint.iam.grantee import PEOPLE, WHOLE
from grantlint.iam.guards import EVERYONE, Guard, Pins, allows, denials
from grantlint.iam.naming import told
from grantlint.iam.principals import alternatives
from grantlint.iam.provisos import doubted, reason
from grantlint.model import Condition, Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Path, Severity, rule
from grantlint.value import Truth

_WORST: Final = READING | {"CreateGrant"}


@rule(
    Severity.HIGH,
    since="0.1.0",
    opt_in=True,
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    ),
    mappings=("NIST 800-53 AC-3",),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that lets in a stranger, at the first one."""
    del inventory
    closing = denials(key.policy.statements)
    for index, statement in enumerate(key.policy.statements):
        allowed = allows(statement)
        strangers = [] if allowed is Truth.NO else list(_strangers(statement, key, closing))
        if not strangers:
            continue
        first = max(strangers, key=lambda one: one.truth.value)
        truth, more = allowed & first.truth, len({one.at for one in strangers}) - 1
        others = f" and {more} more" if more else ""
        yield Hit(
            at=("policy", "statements", index, *first.at),
            message=f"{first.who}{others} may {_use(statement)} {key.address}{first.sake}: "
            f"{first.whose} is not trusted{_doubted(statement, allowed, first.truth)}{first.where}",
            truth=truth,
            severity=_severity(statement),
        )


@dataclass(frozen=True, slots=True)
class _Stranger:
    """Someone whom a statement lets in; `whose` is the account or organization that is not trusted.

    `sake` says of a service that it acts for others, `where` which alternative it is.
    """

    at: Path
    who: str
    whose: str
    truth: Truth
    where: str = ""
    sake: str = ""


def _strangers(statement: Statement, key: Key, closing: Sequence[Statement]) -> Iterator[_Stranger]:
    for at, principal in enumerate(() if statement.not_principal else statement.principals):
        place = ("principals", at, "value")
        cause = principal.value.unknown
        for index, one in enumerate(alternatives(principal)):
            where = f", where {cause.where(index)}" if cause and cause.choices else ""
            who = caller(one, statement, key.account)
            if one.type.text == "Service":
                yield from _behind(who, one, statement, closing, pins.trusted_source)
            elif one.kind.text == "*" and one.type.text in {"AWS", "*"}:
                yield from _behind(who, EVERYONE[0], statement, closing, pins.trusted_caller)
            elif one.kind.text in {*PEOPLE, *WHOLE} and one.trusted.equals(False) is Truth.YES:
                truth = _open(one, statement, closing, pins.trusted_caller)
                truth &= ~(one.who.service_linked.equals(True) | one.who.made_by_aws())
                if truth is not Truth.NO:
                    whose = told(one.account) or "its account"
                    yield _Stranger(place, who, whose, truth, where)


def _behind(
    who: str,
    principal: Principal,
    statement: Statement,
    closing: Sequence[Statement],
    trusted: Pins,
) -> Iterator[_Stranger]:
    """Everyone whom a condition names, or those for whom a service acts."""
    asks = pins.source if trusted is pins.trusted_source else pins.caller
    for at, condition in enumerate(statement.conditions):
        named = asks(condition) is Truth.YES and condition.trusted.equals(False) is Truth.YES
        truth = _open(principal, statement, closing, trusted) if named else Truth.NO
        if truth is not Truth.NO:
            alone = len(condition.values.elements()) == 1
            place: Path = ("conditions", at, "values", *((0,) if alone else ()))
            sake = " for others" if asks is pins.source else ""
            yield _Stranger(place, who, _whose(condition), truth, sake=sake)
            return


def _open(
    principal: Principal, statement: Statement, closing: Sequence[Statement], trusted: Pins
) -> Truth:
    """Whether nothing ties a statement to whom the user trusts."""
    covered = partial(covers_all, other=statement)
    services = trusted is pins.trusted_source
    return ~Guard(statement, closing, trusted, covered, [principal], services).holds()


def _severity(statement: Statement) -> Severity:
    if any(covers(statement, action) is Truth.YES for action in _WORST):
        return Severity.HIGH
    about = covered(statement)
    known = {one.text for one in about.elements()}
    return Severity.LOW if known and known <= DESCRIBING else Severity.MEDIUM


# -- what it says --------------------------------------------------------------------------


def _use(statement: Statement) -> str:
    """What the statement allows, in a word."""
    if any(covers(statement, action) is Truth.YES for action in READING):
        return "decrypt with"
    if covers(statement, "CreateGrant") is Truth.YES:
        return "create grants on"
    used = any(covers(statement, action) is Truth.YES for action in CRYPTOGRAPHIC)
    return "use" if used else "call actions on"


def _whose(condition: Condition) -> str:
    """What a condition names, in the user's own words."""
    names = [one for one in map(told, condition.values.elements()) if one]
    if not names or condition.values.has_sensitive():
        return "whom the condition names"
    return names[0] if len(names) == 1 else f"one of {', '.join(names)}"


def _doubted(statement: Statement, allowed: Truth, open_: Truth) -> str:
    """What must be so for the finding to hold; where the effect is not known, nothing else is."""
    if allowed is Truth.MAYBE:
        return doubted([("the statement allows it", reason(statement.effect))])
    tied = ("nothing else ties it to whom you trust", "")
    return doubted([tied]) if open_ is Truth.MAYBE else ""
