r"""Key policy lets a service use the key for any account.

## Why it matters

A service of AWS that may use the key does so for whoever asks it, of whatever account, unless a
condition names the source. A stranger who knows the key's ARN makes a trail, a log group or a
topic of their own point at the key, and the service, which is allowed to, works on the key in
their name. It is called the confused deputy: the service has the permission, the stranger chooses
what it is used for. AWS strongly recommends a source condition in every key policy that has a
service as a principal.

## What it finds

A statement with `"Effect": "Allow"` for a service that allows `kms:CreateGrant` or a cryptographic
operation, and has no condition that fixes `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID`,
`aws:SourceOrgPaths`, or an encryption context with an account in it:

```hcl bad
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
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.eu-west-1.amazonaws.com" } # finding
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
      },
    ]
  })
}
```

`kms:ViaService` tells which service stands in between, not who is behind it, and the wildcard in
this encryption context admits the log groups of every account:

```hcl bad
data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.eu-west-1.amazonaws.com"] # finding
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:*:*:*"]
    }
  }
}

resource "aws_kms_key" "logs" {
  policy = data.aws_iam_policy_document.logs.json
}
```

The severity is high where the service may decrypt or create any grant, and medium where it may only
encrypt, sign or the like, or where a condition restricts its grants. It is low where AWS itself
documents the statement without a source, for a service that only delivers something: an alarm to a
topic, a notification to a queue, logs to a bucket. The `kms:Decrypt` in those is for the data key
that was just made.

```hcl bad
resource "aws_kms_key" "alarms" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" } # finding
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
    }]
  })
}
```

## How to fix it

Name the source whose requests the service may serve, in the same statement. `aws:SourceAccount`
is enough to keep strangers out, `aws:SourceArn` says more:

```hcl good
resource "aws_kms_key" "alarms" {
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
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceAccount" = "111122223333" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*" }
        }
      },
    ]
  })
}
```

CloudWatch Logs and CloudTrail say whose data it is in the encryption context:

```hcl good
variable "account_id" {
  type = string
}

data "aws_iam_policy_document" "logs" {
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
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:eu-west-1:${var.account_id}:log-group:*"]
    }
  }
}

resource "aws_kms_key" "logs" {
  policy = data.aws_iam_policy_document.logs.json
}
```

## In CloudFormation

The same condition in the `KeyPolicy` of `AWS::KMS::Key`, where `!Ref AWS::AccountId` is the key's
own account:

```yaml bad
Resources:
  Logs:
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
          - Sid: Logs
            Effect: Allow
            Principal: {Service: logs.eu-west-1.amazonaws.com} # finding
            Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey*]
            Resource: '*'
```

```yaml good
Resources:
  Alarms:
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
          - Sid: Alarms
            Effect: Allow
            Principal: {Service: cloudwatch.amazonaws.com}
            Action: [kms:Decrypt, kms:GenerateDataKey*]
            Resource: '*'
            Condition:
              StringEquals:
                aws:SourceAccount: '111122223333'
              ArnLike:
                aws:SourceArn: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*
```

## When it is fine

Some calls have no source that a condition could ask for, and AWS says so: what EventBridge sends
to an encrypted topic, and what CloudTrail Lake stores. Nor does Route 53 have one when it makes the
grant for its DNSSEC signing. These are not reported, and need a statement of their own, as a
condition on the source would deny them the key:

```hcl good
resource "aws_kms_key" "events" {
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
        Sid       = "Events"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
      },
    ]
  })
}
```

A fixed `kms:CallerAccount` counts too: it admits the calls of one account, or none. A statement
that denies all other sources is taken into account. A condition that depends on an unknown value
gives a possible finding; a source whose value alone is not known is taken to be a fixed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from grantlint.iam import pins
from grantlint.iam.actions import CRYPTOGRAPHIC, READING, covers, covers_all, matches, variants
from grantlint.iam.deliveries import documented, is_named, sourceless
from grantlint.iam.guards import Guard, allows, denials
from grantlint.iam.naming import called
from grantlint.iam.principals import alternatives
from grantlint.iam.provisos import provisos, reason
from grantlint.model import Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth, Value

_JUDGED: Final = tuple(sorted(CRYPTOGRAPHIC | {"CreateGrant"}))
_WORST: Final = READING | {"CreateGrant"}


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement, at the service for which it is worst."""
    del inventory
    closing = denials(key.policy.statements)
    for index, statement in enumerate(key.policy.statements):
        deputies = [one for one in _deputies(statement, closing) if one.truth is not Truth.NO]
        if not deputies:
            continue
        worst = max(deputies, key=lambda one: (one.severity, one.truth.value, -one.at))
        yield Hit(
            at=("policy", "statements", index, "principals", worst.at, "value"),
            message=_message(worst, len({one.at for one in deputies}) - 1, statement, key),
            truth=worst.truth,
            severity=worst.severity,
            fix=_fix(statement, index),
        )


def _fix(statement: Statement, index: int) -> Mapping[str, object] | None:
    """The own account as the source, where nobody in the statement would be denied by that.

    Whoever is no service calls without a source, and so do some services.
    """
    grants = covers(statement, "CreateGrant") is not Truth.NO
    for one in statement.principals:
        made = documented(one.value, ["CreateGrant"], restricted=Truth.YES) if grants else None
        if one.type.text != "Service" or sourceless(one.value) is not None:
            return None
        if made is not None and not made.conditional:  # its grants have no source
            return None
    return {
        "at": ["policy", "statements", index, "conditions"],
        "op": "add",
        "value": {
            "operator": "StringEquals",
            "key": "aws:SourceAccount",
            "values": [{"$own": "account"}],
        },
    }


@dataclass(frozen=True, slots=True)
class _Deputy:
    """A service that may use the key for anyone. `at` is its place among the principals.

    `guard` is of the alternative of the statement by which it may; `where` says in which case.
    """

    at: int
    service: Principal
    guard: Guard
    truth: Truth
    severity: Severity
    where: str


def _deputies(statement: Statement, closing: Sequence[Statement]) -> Iterator[_Deputy]:
    allowed = allows(statement)
    if allowed is Truth.NO or statement.not_principal:
        return
    for variant, where in variants(statement):
        actions = tuple(one for one in _JUDGED if covers(variant, one) is Truth.YES)
        for at, principal in enumerate(statement.principals if actions else ()):
            cause = principal.value.unknown
            for index, service in enumerate(alternatives(principal)):
                severity = _severity(service, statement, actions)
                if severity is None:
                    continue
                chosen = cause.where(index) if cause is not None and cause.choices else ""
                guard = _guard(service, variant, closing)
                yield _Deputy(
                    at=at,
                    service=service,
                    guard=guard,
                    truth=allowed & is_named(service.value) & ~guard.holds(),
                    severity=severity,
                    where=" and ".join(part for part in (where, chosen) if part),
                )


def _guard(service: Principal, statement: Statement, closing: Sequence[Statement]) -> Guard:
    covered = partial(covers_all, other=statement)
    return Guard(statement, closing, pins.source, covered, [service], services=True)


def _severity(
    service: Principal, statement: Statement, actions: tuple[str, ...]
) -> Severity | None:
    """How bad it is that this service may do this for anyone; None where it is as it must be.

    Of a service that is not known at all, nothing is said.
    """
    cause = service.value.unknown
    if service.type.text != "Service" or (cause is not None and not cause.parts):
        return None
    restricted = Truth.any(pins.grant(condition) for condition in statement.conditions)
    delivery = documented(service.value, actions, restricted=restricted)
    if delivery is not None:
        return Severity.LOW if delivery.conditional else None
    worst = READING if restricted is Truth.YES else _WORST
    return Severity.HIGH if worst & set(actions) else Severity.MEDIUM


# -- what it says --------------------------------------------------------------------------


def _message(worst: _Deputy, others: int, statement: Statement, key: Key) -> str:
    services = f" and {others} more {'service' if others == 1 else 'services'}" if others else ""
    who = _who(worst.service, statement)
    may = f"{who}{services} may {_use(worst, statement)} {key.address} for any AWS account"
    end = provisos(worst.guard, worst.where, doubts=_doubts(worst, who))
    if worst.severity is Severity.LOW:
        return (
            f"{may}, as AWS's documentation shows it; aws:SourceAccount would keep other "
            f"accounts out{_apart(worst, statement)}{end}"
        )
    open_ = "" if worst.guard.own() is Truth.MAYBE else ", as no condition fixes the source"
    return f"{may}{open_}{_documented_part(worst, statement)}{end}"


def _who(service: Principal, statement: Statement) -> str:
    return "a service" if statement.sensitive else called(service.value, service.who, "a service")


def _doubts(worst: _Deputy, who: str) -> tuple[tuple[str, str], ...]:
    if is_named(worst.service.value) is not Truth.MAYBE:
        return ()
    return ((f"{who} is none that AWS documents so", reason(worst.service.value)),)


def _apart(worst: _Deputy, statement: Statement) -> str:
    """Services beside it to which a condition on the source would deny the key."""
    actions = [one for one in _JUDGED if covers(worst.guard.statement, one) is Truth.YES]
    for one in () if statement.sensitive else statement.principals:
        found = documented(one.value, actions, restricted=Truth.NO)
        if found is not None and not found.conditional and not one.value.sensitive:
            who = called(one.value, one.who, "a service")
            return f", in a statement without {who}, whose calls may have no source"
    return ""


def _documented_part(worst: _Deputy, statement: Statement) -> str:
    """What to leave out for it to be what AWS documents, where that is without a source."""
    written, row = worst.guard.statement.actions, sourceless(worst.service.value)
    if row is None or statement.sensitive or statement.not_action or written.has_sensitive():
        return ""
    undocumented = set(_JUDGED) - row.actions
    used = [one for one in written.elements() if _reaches(one, _JUDGED)]
    beyond = [one.text for one in used if _reaches(one, undocumented)]
    kept = [one for one in _JUDGED if one in row.actions and any(_reaches(u, [one]) for u in used)]
    beside = [one.value for one in statement.principals if one.type.text == "Service"]
    others = all(documented(one, kept, restricted=Truth.NO) for one in beside)
    if not 0 < len(beyond) < len(used) or not others:
        return ""
    return f"; without {' and '.join(map(str, beyond))} it would be as AWS documents it"


def _use(worst: _Deputy, statement: Statement) -> str:
    """What the service may do, as the policy says it, the most telling first."""
    written = worst.guard.statement.actions
    if statement.sensitive or statement.not_action or written.has_sensitive():
        return "use"
    patterns = [one for one in written.elements() if one.text is not None]
    telling = [one.text for one in patterns if _reaches(one, _WORST)]
    telling += [one.text for one in patterns if one.text not in telling and _reaches(one, _JUDGED)]
    more = f" and {len(telling) - 3} more" if len(telling) > 3 else ""
    return f"call {', '.join(map(str, telling[:3]))}{more} on"


def _reaches(pattern: Value, actions: Iterable[str]) -> bool:
    return any(matches(pattern, action) is Truth.YES for action in actions)
