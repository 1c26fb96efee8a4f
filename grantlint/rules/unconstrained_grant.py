r"""Grant works with any encryption context.

## Why it matters

A grant without constraints lets its grantee use the key on everything that is encrypted under it,
not only on what the grant was made for. A grant is not visible in the key policy and does not
expire; if the grantee's credentials leak, the whole key is open to whoever has them.

The encryption context says what a ciphertext belongs to: the table, the volume, the tenant. A
constraint on it makes AWS KMS refuse every call for anything else.

## What it finds

A grant on a symmetric encryption key that allows a cryptographic operation (`Decrypt`, `Encrypt`,
`ReEncryptFrom`, `ReEncryptTo`, `GenerateDataKey…`) and has neither
`encryption_context_equals` nor `encryption_context_subset`. An empty map is no constraint: AWS
takes it as not specified.

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

resource "aws_kms_grant" "etl" { # finding
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = aws_iam_role.etl.arn
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt", "GenerateDataKey"]
}
```

```hcl bad
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" { # finding
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt"]

  constraints {
    encryption_context_equals = {}
  }
}
```

The severity is medium for a role or user of the key's own account. It is high where the grantee is
in another account that is not trusted or is an account as a whole, or where the grant has
`CreateGrant`, so that the grantee may pass on what it has.

Where it is not high, it is low if the configuration shows that a service of AWS makes the calls for
the grantee, with an encryption context that the service chooses and that nobody knows beforehand:
the id of a volume (`aws:ebs:id`), the ARN of an object (`aws:s3:arn`). The finding then names what
shows it:

- an EBS volume, snapshot, instance or launch template, or a bucket's encryption, that uses the key
- the grantee's trust policy, when it is for EC2 (`ec2.amazonaws.com`), EKS (`eks.amazonaws.com`,
  `pods.eks.amazonaws.com`) or S3 (`s3.amazonaws.com`, which replicates with such a role), or for
  the service account of EKS's driver for EBS volumes
- AWS's policy for that driver, `AmazonEBSCSIDriverPolicy`, attached to the grantee

```hcl bad
resource "aws_kms_key" "data" {}

resource "aws_ebs_volume" "data" {
  availability_zone = "eu-west-1a"
  size              = 100
  encrypted         = true
  kms_key_id        = aws_kms_key.data.arn
}

resource "aws_kms_grant" "backup" { # finding
  key_id             = aws_kms_key.data.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/backup"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt", "GenerateDataKeyWithoutPlaintext"]
}
```

## How to fix it

Write a `constraints` block with the encryption context that the grantee sends with its calls. For
data of your own it is what your code passes to AWS KMS as `EncryptionContext`; what each service of
AWS passes is in its documentation (`aws:dynamodb:tableName`, `SecretARN`, `PARAMETER_ARN`, …):

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Decrypt", "GenerateDataKey"]

  constraints {
    encryption_context_equals = {
      Department = "Orders"
    }
  }
}
```

`encryption_context_equals` is the whole context; prefer it to `encryption_context_subset`, which
allows further pairs. The match is exact, without wildcards, and its values are case-sensitive.
The context is written to CloudTrail in plain text: keep secrets out of it.

Where a service chooses the context, use a key for that use alone: then all that the grant opens
is what it was made for. For a bucket with a bucket key S3 sends the ARN of the bucket instead of
each object's, and that can be the constraint.

A source ARN (`SourceArn`) is no constraint in this sense. It is looked at only when a service of
AWS makes the call, and says nothing of the calls that a role makes itself.

## In CloudFormation

CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
`AwsCustomResource` with the action `createGrant`. Write `Constraints` with
`EncryptionContextEquals` into its parameters.

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
  Etl: # finding
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
            Operations: [Decrypt, GenerateDataKey]
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Orders:
    Type: AWS::KMS::Key
  Etl: # finding
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
            Constraints: {EncryptionContextEquals: {}}
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml bad
Transform: AWS::LanguageExtensions
Resources:
  Data:
    Type: AWS::KMS::Key
  Volume:
    Type: AWS::EC2::Volume
    Properties:
      AvailabilityZone: eu-west-1a
      Size: 100
      Encrypted: true
      KmsKeyId: !GetAtt Data.Arn
  Backup: # finding
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Data
            GranteePrincipal: arn:aws:iam::111122223333:role/backup
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Decrypt, GenerateDataKeyWithoutPlaintext]
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Data, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml good
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
            Operations: [Decrypt, GenerateDataKey]
            Constraints:
              EncryptionContextEquals:
                Department: Orders
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
```

## When it is fine

Not reported are grants to service-linked roles and to services of AWS, which supply a context of
their own, as AWS documents them:

```hcl good
resource "aws_kms_key" "volumes" {}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
}

resource "aws_kms_grant" "autoscaling" {
  key_id            = aws_kms_key.volumes.key_id
  grantee_principal = aws_iam_service_linked_role.autoscaling.arn

  operations = [
    "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant",
  ]
}
```

Nor grants on asymmetric and HMAC keys, whose calls have no encryption context; nor grants that
only describe the key, retire grants or make new ones:

```hcl good
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_grant" "release" {
  key_id             = aws_kms_key.signing.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/release"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Sign", "GetPublicKey"]
}
```

Constraints whose context is not known, as in a module that is given it, count as constraints. What
depends on another unknown value is a possible finding: the grantee, or the key, which may be an
asymmetric one. Where neither the operations nor the grantee are known, nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grantlint.iam.grantee import PEOPLE, Grantee
from grantlint.iam.provisos import Premise, premised
from grantlint.model import Grant, Inventory
from grantlint.rule import Hit, Related, Severity, rule
from grantlint.value import Truth, Value

_SYMMETRIC_ONLY: Final = (
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
)
_CRYPTOGRAPHIC: Final = ("Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", *_SYMMETRIC_ONLY)
_JUDGED: Final = (*PEOPLE, "root")
"""Kinds of grantees. What else there is, is a service, or a text that the provider refuses."""


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html",
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown",
    ),
    mappings=("NIST 800-53 AC-6",),
)
def check(grant: Grant, inventory: Inventory) -> Iterator[Hit]:
    """At most one hit, on the grant as a whole."""
    del inventory
    if not _shows_something(grant):
        return
    severity, because = _severity(grant)
    called = f"{grant.who} may call {_operations(grant.operations)} with any encryption context"
    premises = _premises(grant)
    yield Hit(
        at=(),
        message=called + because + premised(premises),
        truth=Truth.all(one.truth for one in premises),
        severity=severity,
        related=_evidence(grant) if severity is Severity.LOW else (),
    )


def _shows_something(grant: Grant) -> bool:
    """Whether it is known what the grant is for, or who has it; else nothing points at a fault."""
    kinds = [one.kind.text for one in grant.grantee.each()]
    return any(kind in _JUDGED for kind in kinds) or any(
        name in _CRYPTOGRAPHIC for name in _known(grant.operations)
    )


def _known(operations: Value) -> Iterator[str]:
    """The operations that are known, also where they are in one of a few alternatives."""
    if operations.text is not None:
        yield operations.text
        return
    cause = operations.unknown
    for one in cause.choices if cause is not None else operations.elements():
        yield from _known(one)


def _premises(grant: Grant) -> tuple[Premise, ...]:
    operations, key, who = grant.operations, grant.key, grant.grantee
    constraints = grant.constraints
    return (
        Premise(
            Truth.any(operations.contains(name) for name in _CRYPTOGRAPHIC),
            "one of its operations is cryptographic",
            (operations, *operations.elements()),
        ),
        Premise(
            ~_constrained(grant),
            "no constraint is set",
            (constraints.encryption_context_equals, constraints.encryption_context_subset),
        ),
        Premise(
            _symmetric(grant),
            "the key is one for symmetric encryption",
            (key.spec, key.usage),
        ),
        Premise(
            _is_judged(grant),
            "the grantee is neither a service nor a service-linked role",
            (who.kind, who.service_linked, who.name),
        ),
    )


def _symmetric(grant: Grant) -> Truth:
    """Whether the key is one for symmetric encryption: the only ones with an encryption context.

    Of a key that is not seen, an operation that only such keys have tells it: on another key there
    would be no such grant. Of one that is seen it tells nothing: what decides is its spec.
    """
    key = grant.key
    known = key.spec.equals("SYMMETRIC_DEFAULT") & key.usage.equals("ENCRYPT_DECRYPT")
    if known is not Truth.MAYBE or key.address.text is not None:
        return known
    told = Truth.any(grant.operations.contains(name) for name in _SYMMETRIC_ONLY)
    return told | known


def _is_judged(grant: Grant) -> Truth:
    return Truth.agreed(_is_application(one) for one in grant.grantee.each())


def _is_application(who: Grantee) -> Truth:
    kind = Truth.any(who.kind.equals(kind) for kind in _JUDGED)
    return kind & ~who.service_linked.equals(True) & ~who.made_by_aws()


def _constrained(grant: Grant) -> Truth:
    """Whether it asks for an encryption context. A source ARN binds only calls of services."""
    constraints = grant.constraints
    return Truth.any(
        _is_set(value)
        for value in (
            constraints.encryption_context_equals,
            constraints.encryption_context_subset,
        )
    )


def _is_set(value: Value) -> Truth:
    """Whether a constraint constrains: null and the empty map do not.

    Of one that is written and not known nothing shows that it does not.
    """
    if value.unknown is not None:
        return Truth.agreed([_is_set(choice) for choice in value.unknown.choices] or [Truth.YES])
    return Truth.of(not value.is_null and not (value.kind in {"map", "object"} and not value.raw))


def _severity(grant: Grant) -> tuple[Severity, str]:
    """How bad it is for this grantee; and how the message ends, which says why."""
    own, account, kind = (
        "" if value.sensitive else value.text
        for value in (grant.key.account, grant.grantee.account, grant.grantee.kind)
    )
    stranger = grant.grantee.trusted.equals(False) is Truth.YES
    if account and own and account != own and stranger:
        return Severity.HIGH, f"; the grantee is in another account, {account}"
    if kind == "root":
        return Severity.HIGH, "; the grantee is a whole account"
    if grant.operations.contains("CreateGrant") is Truth.YES:
        return Severity.HIGH, "; with CreateGrant it may pass that on to others"
    if grant.integrations:
        first = grant.integrations[0]
        service = first.service.partition(".")[0].upper()
        return Severity.LOW, f", which {service} may choose itself: {first.evidence}"
    return Severity.MEDIUM, ""


def _evidence(grant: Grant) -> tuple[Related, ...]:
    """Where to see what lowers the severity, one place for each service and kind of resource."""
    shown: dict[tuple[str, str], Related] = {}
    for index, one in enumerate(grant.integrations):
        type_ = one.address.rpartition(".")[0]
        shown.setdefault((one.service, type_), Related(("integrations", index), one.evidence))
    return tuple(shown.values())[:3]


# -- what it says --------------------------------------------------------------------------


def _operations(operations: Value) -> str:
    """The cryptographic operations, the most telling first."""
    if operations.has_sensitive():
        return "its operations"
    named = [name for name in _CRYPTOGRAPHIC if operations.contains(name) is Truth.YES]
    if not named:
        return "its operations"
    more = len(named) - 3
    return ", ".join(named[:3]) + (f" and {more} more" if more > 0 else "")
