r"""Grant names a role of the configuration by a text.

## Why it matters

AWS KMS does not keep the ARN of a principal but the unique id that the role has when the grant is
made. When the role is made anew under the same name, the grant stays with the one that is gone:
the new role has no access, and the grant shows an id (`AROA…`) as its grantee. Terraform does not
see it, as the text of the ARN is the same. With a reference it does: it plans to make the grant
anew, too.

Nor does Terraform know from a text in which order to make both. If the grant is made before the
role, AWS KMS refuses it.

## What it finds

A grantee or a retiring principal that is written as a text, also one with expressions in it, for a
role or a user that the same configuration makes. It is of low severity:

```hcl bad
resource "aws_kms_key" "orders" {}

resource "aws_iam_role" "etl" {
  name = "etl"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

data "aws_caller_identity" "this" {}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:role/etl" # finding
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```

It is a possible finding where the account of the text, or that of the provider which makes the
role, is not known: another account may have a role of that name.

## How to fix it

Refer to the role:

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_iam_role" "etl" {
  name = "etl"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = aws_iam_role.etl.arn
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```

## In CloudFormation

CloudFormation has no resource for grants, a custom resource makes them with `CreateGrant`. Write
`!GetAtt Role.Arn` as `GranteePrincipal` there. A role that is replaced then changes the properties
of the custom resource, whose update has to make the grant anew.

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Orders:
    Type: AWS::KMS::Key
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: etl
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
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
            GranteePrincipal: !Sub arn:aws:iam::${AWS::AccountId}:role/etl # finding
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
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: etl
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
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
            GranteePrincipal: !GetAtt Role.Arn
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

## When it is fine

Where the role is of another configuration, the text is all there is. A grant that is replaced
together with the role (`replace_triggered_by`) is not reported, and neither are service-linked
roles, which nobody makes anew:

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_iam_role" "etl" {
  name = "etl"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }

  lifecycle {
    replace_triggered_by = [aws_iam_role.etl]
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.model import Grant, Inventory
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth


@rule(
    Severity.LOW,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
        "https://github.com/hashicorp/terraform-provider-aws/issues/25163",
        "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle",
    ),
    written=True,
)
def check(grant: Grant, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each principal that is such a text."""
    del inventory
    told: set[str] = set()
    for index, one in enumerate(grant.namesakes):
        if one.argument in told:
            continue
        told.add(one.argument)
        doubt = "" if one.same is Truth.YES else ", if that is the role of this account"
        yield Hit(
            at=(one.argument,),
            message=(
                f"the text does not refer to {one.address}, which it names: when that is made "
                f"anew, the grant stays with the one that is gone{doubt}"
            ),
            truth=one.same,
            related=(Related(("namesakes", index), "what it names"),),
        )
