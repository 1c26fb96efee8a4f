r"""Grant repeats another one of the same key.

## Why it matters

Two grants of the same operations to the same grantee give nothing more than one. But to take the
access away both have to be ended, and whoever revokes one of them, in a hurry, believes that it
is done.

With the same `name` it is worse: AWS KMS answers the second request with the id of the first
grant, so that there is one grant which two resources hold as theirs. When one of them is removed
or replaced, the grant of the other is gone, and with it the access that somebody still needs.

## What it finds

Two grants of one configuration that agree in key, grantee, operations and constraints, both in
force or under the same condition. The second one is reported, the first one named:

```hcl bad
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt", "DescribeKey"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}

resource "aws_kms_grant" "reader" { # finding
  key_id             = aws_kms_key.orders.arn
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["DescribeKey", "Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```

Instances of one resource that differ in nothing are found too, as `count` makes them:

```hcl bad
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" { # finding
  count = 2

  name               = "etl"
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```

Where it depends on a condition whether the first one exists, it is a possible finding.

## How to fix it

Remove one of them. If they are for two purposes, let the constraints say so:

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" {
  for_each = toset(["Orders", "Invoices"])

  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = each.key }
  }
}
```

A grant that exists twice in the state under one id is best removed from it by a `removed` block
with `destroy = false`, so that the other one keeps it.

## In CloudFormation

CloudFormation has no resource for grants. A custom resource that calls `CreateGrant` without a
`Name` makes one more grant each time it is retried; with a `Name` it gets the same one again,
which no other resource should end.

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Orders:
    Type: AWS::KMS::Key
  Etl:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Orders
            GranteePrincipal: arn:aws:iam::111122223333:role/etl
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt, DescribeKey]
            Constraints: {EncryptionContextEquals: {Department: Orders}}
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
  Reader: # finding
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !GetAtt Orders.Arn
            GranteePrincipal: arn:aws:iam::111122223333:role/etl
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [DescribeKey, Decrypt]
            Constraints: {EncryptionContextEquals: {Department: Orders}}
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !GetAtt Orders.Arn, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Orders:
    Type: AWS::KMS::Key
  Fn::ForEach::Grants:
    - Number
    - ['1', '2']
    - Etl${Number}: # finding
        Type: Custom::AWS
        Properties:
          ServiceToken: !ImportValue AwsCustomResource
          Create:
            Fn::ToJsonString:
              service: KMS
              action: createGrant
              parameters:
                Name: etl
                KeyId: !Ref Orders
                GranteePrincipal: arn:aws:iam::111122223333:role/etl
                RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
                Operations: [Decrypt]
                Constraints: {EncryptionContextEquals: {Department: Orders}}
              physicalResourceId: {responsePath: GrantId}
          Delete:
            Fn::ToJsonString:
              service: KMS
              action: revokeGrant
              parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml good
Transform: AWS::LanguageExtensions
Resources:
  Orders:
    Type: AWS::KMS::Key
  Fn::ForEach::Grants:
    - Department
    - [Invoices, Orders]
    - Etl${Department}:
        Type: Custom::AWS
        Properties:
          ServiceToken: !ImportValue AwsCustomResource
          Create:
            Fn::ToJsonString:
              service: KMS
              action: createGrant
              parameters:
                KeyId: !Ref Orders
                GranteePrincipal: arn:aws:iam::111122223333:role/etl
                RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
                Operations: [Decrypt]
                Constraints: {EncryptionContextEquals: {Department: !Ref Department}}
              physicalResourceId: {responsePath: GrantId}
          Delete:
            Fn::ToJsonString:
              service: KMS
              action: revokeGrant
              parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml good
Transform: AWS::LanguageExtensions
Resources:
  Orders:
    Type: AWS::KMS::Key
  Invoices:
    Type: AWS::KMS::Key
  EtlOrders:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            Name: etl
            KeyId: !Ref Orders
            GranteePrincipal: arn:aws:iam::111122223333:role/etl
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt]
            Constraints: {EncryptionContextEquals: {Department: Orders}}
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
  EtlInvoices:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            Name: etl
            KeyId: !Ref Invoices
            GranteePrincipal: arn:aws:iam::111122223333:role/etl
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt]
            Constraints: {EncryptionContextEquals: {Department: Orders}}
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Invoices, GrantId: 'PHYSICAL:RESOURCEID:'}
```

## When it is fine

Grants of different configurations are never compared, and neither are those of which something is
not known. One name for grants on several keys, or for grants that differ, is no repetition:

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_kms_key" "invoices" {}

resource "aws_kms_grant" "orders" {
  name               = "etl"
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}

resource "aws_kms_grant" "invoices" {
  name               = "etl"
  key_id             = aws_kms_key.invoices.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from grantlint.iam.naming import quoted
from grantlint.iam.sameness import likeness
from grantlint.model import LIVE, Grant, Inventory
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth, Value


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html",
        "https://github.com/hashicorp/terraform-provider-aws/issues/15386",
    ),
)
def check(grant: Grant, inventory: Inventory) -> Iterator[Hit]:
    """At most one hit, for the first grant before it that it repeats."""
    gives = _gives(grant)
    if gives is None:
        return
    earlier = [one for one in inventory.grouped(_gives)[gives] if _order(one) < _order(grant)]
    repeated = [(one, _together(one, grant)) for one in earlier]
    found = max(repeated, key=lambda pair: pair[1].value, default=None)
    if found is None or found[1] is Truth.NO:
        return
    first, together = found
    yield Hit(
        at=(),
        message=_message(grant, first) + _proviso(first, together),
        truth=together,
        related=(Related((), "the grant that it repeats", first.address),),
    )


# -- what makes grants the same ------------------------------------------------------------


def _gives(grant: Grant) -> Hashable | None:
    """What a grant gives to whom, in which state; None where that is not known."""
    constraints = grant.constraints
    parts = (
        _key(grant),
        likeness(grant.grantee_principal),
        likeness(grant.operations),
        likeness(constraints.encryption_context_equals),
        likeness(constraints.encryption_context_subset),
        likeness(constraints.source_arn),
    )
    return None if None in parts else (grant.root, *parts)


def _key(grant: Grant) -> Hashable | None:
    """Which key a grant is for, by its address or by its text; None where that is not known."""
    address = grant.key.address
    if address.text is not None and not address.sensitive:
        return address.text
    return likeness(grant.key_id)


def _together(one: Grant, other: Grant) -> Truth:
    """Whether both are there: MAYBE where only the other certainly is, or the one decides."""
    if one.exists is Truth.YES:
        return Truth.YES
    if one.where is not None and one.where == other.where:
        return Truth.YES
    return Truth.MAYBE if other.exists is Truth.YES else Truth.NO


def _order(grant: Grant) -> tuple[str, int, int, str]:
    return grant.span.path, grant.span.start, len(grant.address), grant.address


# -- what it says --------------------------------------------------------------------------


def _message(grant: Grant, first: Grant) -> str:
    name = None if grant.source == LIVE else _common_name(grant, first)
    if name:
        return (
            f"{first.address} has the same name {quoted(name)} and the same "
            "parameters, so AWS KMS makes one grant of both: removing one ends it for the other"
        )
    return (
        f"{first.address} gives {grant.who} the same operations on the same key: "
        "whoever ends one of them leaves the access"
    )


def _common_name(grant: Grant, first: Grant) -> str | None:
    """The name by which AWS KMS takes the second request as a repetition of the first."""
    rest: list[tuple[Value, Value]] = [
        (grant.name, first.name),
        (grant.retiring_principal, first.retiring_principal),
    ]
    alike = all(likeness(a) is not None and likeness(a) == likeness(b) for a, b in rest)
    return grant.name.text if alike else None


def _proviso(first: Grant, together: Truth) -> str:
    if together is Truth.YES:
        return ""
    return f", if that one exists: where {first.where}" if first.where else ", if that one exists"
