r"""Grant allows what the key's policy denies.

## Why it matters

Key policy, IAM policies and grants are evaluated together, and an explicit `Deny` in any of them
wins. A grant can allow, but never take a denial away. So a grant for what the key's policy denies
to its grantee does nothing: the application that waits for it fails with *AccessDeniedException*,
and whoever looks at the grant believes that the access is there. Or the denial is the mistake:
then it stops more than it was meant to.

## What it finds

A grant whose grantee a statement with `"Effect": "Deny"` in the key's policy covers, for one of its
operations, without any condition. The finding stands at the operations; the statement is a
related place.

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
        Sid       = "NoDecryptionForReports"
        Effect    = "Deny"
        Principal = { AWS = "arn:aws:iam::111122223333:role/reports" }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}

resource "aws_kms_grant" "reports" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/reports"
  retiring_principal = "arn:aws:iam::111122223333:role/reports"
  operations         = ["Decrypt", "DescribeKey"] # finding

  constraints {
    encryption_context_equals = { Department = "Reports" }
  }
}
```

## How to fix it

Decide which of the two is meant. Leave out the grant, or the operation that is denied; or spare the
grantee in the statement, with a condition on `aws:PrincipalArn`:

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
        Sid       = "DecryptionForReportsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = {
          ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/reports" }
        }
      },
    ]
  })
}

resource "aws_kms_grant" "reports" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/reports"
  retiring_principal = "arn:aws:iam::111122223333:role/reports"
  operations         = ["Decrypt", "DescribeKey"]

  constraints {
    encryption_context_equals = { Department = "Reports" }
  }
}
```

## In CloudFormation

CloudFormation has no resource for grants: custom resources make them with CreateGrant. The denial
stands in `KeyPolicy` of `AWS::KMS::Key`, and is mended there in the same way:

```yaml bad
Transform: AWS::LanguageExtensions
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
          - Sid: NoDecryptionForReports
            Effect: Deny
            Principal: {AWS: arn:aws:iam::111122223333:role/reports}
            Action: kms:Decrypt
            Resource: '*'
  Reports:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Orders
            GranteePrincipal: arn:aws:iam::111122223333:role/reports
            RetiringPrincipal: arn:aws:iam::111122223333:role/reports
            Operations: [Decrypt, DescribeKey] # finding
            Constraints: {EncryptionContextEquals: {Department: Reports}}
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
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: DelegateToIAM
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
          - Sid: DecryptionForReportsOnly
            Effect: Deny
            Principal: {AWS: '*'}
            Action: kms:Decrypt
            Resource: '*'
            Condition:
              ArnNotEquals: {aws:PrincipalArn: arn:aws:iam::111122223333:role/reports}
  Reports:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Orders
            GranteePrincipal: arn:aws:iam::111122223333:role/reports
            RetiringPrincipal: arn:aws:iam::111122223333:role/reports
            Operations: [Decrypt, DescribeKey]
            Constraints: {EncryptionContextEquals: {Department: Reports}}
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
```

## When it is fine

A denial under a condition is not reported, as it may spare the grantee, nor is one for another
principal, or in a key outside the configuration. Where the statement may not exist, the finding
is a possible one.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.naming import told
from grantlint.iam.permission import denies
from grantlint.iam.principals import principal
from grantlint.model import Grant, Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    ),
    of_services=True,
)
def check(grant: Grant, inventory: Inventory) -> Iterator[Hit]:
    """One hit for the first statement that denies its grantee an operation."""
    key = inventory.key_at(grant.key.address, grant)
    if key is None:
        return
    kind = "Service" if grant.grantee.kind.text == "service" else "AWS"
    grantee = principal(kind, grant.grantee_principal)
    for index, statement in enumerate(key.policy.statements):
        denied, truth = _denied(statement, grant, grantee)
        if denied:
            unless = f", where {statement.where}" if statement.where else ""
            yield Hit(
                at=("operations",),
                message=f"{_statement(statement, key)} denies {grant.who} {' and '.join(denied)}: "
                f"a grant cannot allow what the key's policy denies{unless}",
                truth=truth,
                related=(Related(("policy", "statements", index), "the denial", key.address),),
            )
            return


def _denied(statement: Statement, grant: Grant, grantee: Principal) -> tuple[list[str], Truth]:
    """The operations that a statement without conditions denies, and how certainly."""
    if statement.conditions:
        return [], Truth.NO
    found = {
        operation.text: denies(statement, operation.text, grantee)
        for operation in grant.operations.elements()
        if operation.text is not None and not operation.sensitive
    }
    best = max(found.values(), key=lambda one: one.value, default=Truth.NO)
    pointed = best is Truth.YES or (best is Truth.MAYBE and statement.exists is Truth.MAYBE)
    return [one for one, truth in found.items() if truth is best and pointed], best


def _statement(statement: Statement, key: Key) -> str:
    sid = told(statement.sid)
    named = f"statement {sid}" if sid else "a statement"
    return f"{named} of {key.address}"
