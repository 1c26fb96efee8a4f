r"""Constraint asks for an encryption context nobody sends.

## Why it matters

AWS KMS compares the pairs of a constraint with those of the call, exactly. The encryption context
of a service is its own choice: nobody can make Secrets Manager send another pair, or RDS a key that
looks plausible. A grant whose constraint is never met allows nothing. It is made without an error,
every call of the grantee is denied, and the usual remedy is to take the constraint away, or to
allow the role everything in the key policy.

## What it finds

A key in a form that only services use, and that no service sends: an invented one, a tag that AWS
gives to resources, or a condition key of policies:

```hcl bad
resource "aws_kms_key" "data" {}

resource "aws_kms_grant" "restore" {
  key_id             = aws_kms_key.data.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/restore"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt", "GenerateDataKey"]

  constraints {
    encryption_context_subset = { "aws:rds:db-cluster-id" = "cluster-ABC" } # finding
  }
}
```

`encryption_context_equals` with only some of the pairs that a service sends together. Secrets
Manager always sends `SecretARN` and `SecretVersionId`:

```hcl bad
resource "aws_kms_key" "secrets" {}

resource "aws_kms_grant" "app" {
  key_id             = aws_kms_key.secrets.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { # finding
      SecretARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf"
    }
  }
}
```

A pair of your own beside one of a service that takes none from its customers:

```hcl bad
resource "aws_kms_key" "parameters" {}

resource "aws_kms_grant" "app" {
  key_id             = aws_kms_key.parameters.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_subset = {
      PARAMETER_ARN = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/url"
      Environment   = "prod" # finding
    }
  }
}
```

## How to fix it

Take the pairs from the service's documentation, or from the `encryptionContext` of its calls in
CloudTrail. Use `encryption_context_subset` where a part of them changes with each call:

```hcl good
resource "aws_kms_key" "secrets" {}

resource "aws_kms_grant" "app" {
  key_id             = aws_kms_key.secrets.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_subset = {
      SecretARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf"
    }
  }
}
```

## In CloudFormation

CloudFormation has no resource for grants; a custom resource makes them with `CreateGrant`. The same
holds there of the pairs in `EncryptionContextEquals` and `EncryptionContextSubset`.

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Data:
    Type: AWS::KMS::Key
  Restore:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Data
            GranteePrincipal: arn:aws:iam::111122223333:role/restore
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt, GenerateDataKey]
            Constraints:
              EncryptionContextSubset:
                aws:rds:db-cluster-id: cluster-ABC # finding
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Data, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Secrets:
    Type: AWS::KMS::Key
  App:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Secrets
            GranteePrincipal: arn:aws:iam::111122223333:role/app
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt]
            Constraints:
              EncryptionContextEquals: # finding
                SecretARN:
                  arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Secrets, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Parameters:
    Type: AWS::KMS::Key
  App:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Parameters
            GranteePrincipal: arn:aws:iam::111122223333:role/app
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt]
            Constraints:
              EncryptionContextSubset:
                PARAMETER_ARN: arn:aws:ssm:eu-west-1:111122223333:parameter/orders/url
                Environment: prod # finding
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Parameters, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml good
Transform: AWS::LanguageExtensions
Resources:
  Secrets:
    Type: AWS::KMS::Key
  App:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Secrets
            GranteePrincipal: arn:aws:iam::111122223333:role/app
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt]
            Constraints:
              EncryptionContextSubset:
                SecretARN: arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Secrets, GrantId: 'PHYSICAL:RESOURCEID:'}
```

## When it is fine

Pairs that your own code passes to AWS KMS can be called anything, and nothing is said of them.
Nor is anything said of services that this rule does not know, or where the context is not known.
S3 adds the pairs that a request for an object brings:

```hcl good
resource "aws_kms_key" "reports" {}

resource "aws_kms_grant" "reader" {
  key_id             = aws_kms_key.reports.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/reader"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = {
      "aws:s3:arn" = "arn:aws:s3:::reports"
      Department   = "Orders"
    }
  }
}
```

Code that decrypts by itself what a service has encrypted may send a context that the service does
not, if it was also encrypted so. That is rare enough to be worth an exception of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grantlint.iam.contexts import CONTEXTS, Context, instead, is_condition, is_unsent, tells
from grantlint.iam.naming import quoted
from grantlint.model import Grant, Inventory
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth, Value

_EQUALS: Final = "encryption_context_equals"
_SUBSET: Final = "encryption_context_subset"


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html",
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    ),
)
def check(grant: Grant, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each constraint that no call meets."""
    del inventory
    contexts = {
        _EQUALS: grant.constraints.encryption_context_equals,
        _SUBSET: grant.constraints.encryption_context_subset,
    }
    for kind, value in contexts.items():
        yield from _judged(kind, value)


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why no call meets a constraint; `key` is that of the pair which is to blame, if one is."""

    says: str
    key: str | None = None


def _judged(kind: str, value: Value) -> Iterator[Hit]:
    """The fault of a constraint; of alternatives the first that has one."""
    cause = value.unknown
    options = (value,) if cause is None else cause.choices
    if value.sensitive or any(option.has_sensitive() for option in options):
        return
    faults = [_fault(kind, [key for key, _ in option.items()]) for option in options]
    for index, fault in enumerate(faults):
        if fault is not None:
            always = None not in faults
            where = "" if always or cause is None else f", where {cause.where(index)}"
            pair = () if fault.key is None or cause is not None else (fault.key,)
            yield Hit(
                at=("constraints", kind, *pair),
                message=f"no call meets {kind}: {fault.says}{where}",
                truth=Truth.YES if always else Truth.MAYBE,
            )
            return


def _fault(kind: str, keys: Sequence[str]) -> _Fault | None:
    """Why no call has a context with these keys, or exactly these."""
    for key in keys:
        if is_unsent(key):
            return _Fault(_unsent(key), key)
    telling = [key for key in keys if tells(key)]
    known = [one for one in CONTEXTS if telling and all(map(one.sends, telling))]
    if not known or any(_met(kind, keys, one) for one in known):
        return None
    nearest = known[0]
    return _beside(keys, nearest) or _Fault(_incomplete(keys, nearest))


def _met(kind: str, keys: Sequence[str], context: Context) -> bool:
    """Whether calls of a service can meet the constraint."""
    if kind == _EQUALS and context.missing(keys):
        return False
    return context.extensible or all(map(context.sends, keys))


# -- what it says --------------------------------------------------------------------------


def _unsent(key: str) -> str:
    if is_condition(key):
        return f"{quoted(key)} is a condition key of policies, and in no encryption context"
    right = [f"{service} sends {quoted(sent)}" for service, sent in instead(key)]
    said = f"no service sends {quoted(key)} as encryption context"
    return said + (f", {' and '.join(right)}" if right else "")


def _beside(keys: Sequence[str], context: Context) -> _Fault | None:
    """That the service does not send the rest, which is the user's own."""
    own = [key for key in keys if not context.sends(key)]
    if not own or context.extensible:
        return None
    its = " and ".join(quoted(key) for key in keys if context.sends(key))
    rest = " and ".join(map(quoted, own))
    return _Fault(f"{context.service}, which sends {its}, does not send {rest}", own[0])


def _incomplete(keys: Sequence[str], context: Context) -> str:
    """That the service sends more than what is to be the whole context."""
    sent = " and ".join(map(quoted, context.missing(keys)))
    return f"{context.service} always sends {sent} too, {_SUBSET} leaves that open"
