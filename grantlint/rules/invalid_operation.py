"""Operation of a grant is one that AWS KMS refuses.

## Why it matters

AWS KMS refuses the whole grant over one wrong operation, so whoever needs the key has no access to
it. Terraform and AWS only say so when the change is planned or applied, which may be in another
account and at another time than the review.

The operations of a grant look like the actions of a policy and are not the same: they have no
prefix and no wildcards, their case matters, and there are fewer of them.

## What it finds

An operation that no grant can allow. Where one is near, the finding names it:

```hcl bad
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"

  operations = [
    "Decrypt",
    "ReEncrypt",   # finding, there are ReEncryptFrom and ReEncryptTo
    "kms:Encrypt", # finding, without the prefix
    "ListGrants",  # finding, only policies can allow it
  ]

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```

And an operation that the key is not made for. A key for symmetric encryption signs nothing, and an
asymmetric key makes no data keys:

```hcl bad
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_grant" "release" {
  key_id             = aws_kms_key.signing.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/release"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Sign", "Decrypt"] # finding
}
```

And `CreateGrant` alone, as there would be nothing to pass on. Why a grant should rather not have
it at all, delegable-grant tells.

## How to fix it

Write the operation as the API has it, from those that fit the key. `CreateGrant`, `DescribeKey` and
`RetireGrant` fit every key; the others depend on its `key_usage`:

- symmetric encryption: `Encrypt`, `Decrypt`, `ReEncryptFrom`, `ReEncryptTo`, `GenerateDataKey`,
  `GenerateDataKeyWithoutPlaintext`, `GenerateDataKeyPair`, `GenerateDataKeyPairWithoutPlaintext`
- asymmetric, `ENCRYPT_DECRYPT`: `Encrypt`, `Decrypt`, `ReEncryptFrom`, `ReEncryptTo`,
  `GetPublicKey`
- `SIGN_VERIFY`: `Sign`, `Verify`, `GetPublicKey`
- `KEY_AGREEMENT`: `DeriveSharedSecret`, `GetPublicKey`
- `GENERATE_VERIFY_MAC`: `GenerateMac`, `VerifyMac`
- `ENCAPSULATE_DECAPSULATE`: `Encapsulate`, `Decapsulate`, `GetPublicKey`

```hcl good
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_grant" "release" {
  key_id             = aws_kms_key.signing.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/release"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = ["Sign", "Verify", "GetPublicKey", "DescribeKey"]
}
```

What is not among them (`ListGrants`, `RevokeGrant`, `ScheduleKeyDeletion`, …) is allowed in the key
policy or in an IAM policy. A grantee that is to end its own grant needs `RetireGrant`.

## In CloudFormation

CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
`AwsCustomResource` with the action `createGrant`: there the same names stand in
`Operations`, and AWS KMS refuses the same ones, when the stack is deployed.

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
            Operations:
              - Decrypt
              - ReEncrypt # finding, there are ReEncryptFrom and ReEncryptTo
              - kms:Encrypt # finding, without the prefix
              - ListGrants # finding, only policies can allow it
            Constraints: {EncryptionContextEquals: {Department: Orders}}
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
  Signing:
    Type: AWS::KMS::Key
    Properties:
      KeySpec: ECC_NIST_P256
      KeyUsage: SIGN_VERIFY
  Release:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Signing
            GranteePrincipal: arn:aws:iam::111122223333:role/release
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Sign, Decrypt] # finding
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Signing, GrantId: 'PHYSICAL:RESOURCEID:'}
```

```yaml good
Transform: AWS::LanguageExtensions
Resources:
  Signing:
    Type: AWS::KMS::Key
    Properties:
      KeySpec: ECC_NIST_P256
      KeyUsage: SIGN_VERIFY
  Release:
    Type: Custom::AWS
    Properties:
      ServiceToken: !ImportValue AwsCustomResource
      Create:
        Fn::ToJsonString:
          service: KMS
          action: createGrant
          parameters:
            KeyId: !Ref Signing
            GranteePrincipal: arn:aws:iam::111122223333:role/release
            RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
            Operations: [Sign, Verify, GetPublicKey, DescribeKey]
          physicalResourceId: {responsePath: GrantId}
      Delete:
        Fn::ToJsonString:
          service: KMS
          action: revokeGrant
          parameters: {KeyId: !Ref Signing, GrantId: 'PHYSICAL:RESOURCEID:'}
```

## When it is fine

Never: the grant cannot be made. An operation newer than this rule would be reported although AWS
has it; an operation, or a key, that is not known is not reported:

```hcl good
variable "operations" {
  type = set(string)
}

resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/etl"
  retiring_principal = "arn:aws:iam::111122223333:role/deploy"
  operations         = var.operations

  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grantlint.iam.actions import ACTIONS
from grantlint.iam.operations import OPERATIONS, meant, supported
from grantlint.model import Grant, Inventory, KeyReference
from grantlint.rule import Hit, Path, Severity, rule
from grantlint.value import Truth, Value


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html",
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown",
    ),
    written=True,
)
def check(grant: Grant, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each wrong operation, however often it is written."""
    del inventory
    yield from _alone(grant.operations_written)
    faults: dict[str, list[_Written]] = {}
    for one in _written(grant.operations_written):
        fault = _fault(one.value, grant.key)
        if fault is not None:
            faults.setdefault(fault, []).append(one)
    for fault, found in faults.items():
        first = found[0]
        where = _where(found, grant.operations_written)
        message = f"apply fails: {fault}{where}"
        alone = len(found) == 1 and not where and not first.value.has_sensitive()
        yield Hit(at=first.at, message=message, fix=_fix(first, grant) if alone else None)


def _fix(wrong: _Written, grant: Grant) -> Mapping[str, object] | None:
    """The operations that were meant, as far as they are not there; safe unless that is a guess.

    What no grant can allow, or none on this key, is only taken out.
    """
    text = wrong.value.text
    if text is None:
        return None
    right = _right(wrong.value, grant.key)
    there = grant.operations_written.certain()
    missing = [name for name in right if all(one.text != name for one in there)]
    named = text.strip().lower().removeprefix("kms:").removesuffix("*")
    safe = all(name.lower().startswith(named) for name in right)
    if missing:
        value = missing if len(missing) > 1 else missing[0]
        return {"at": list(wrong.at), "op": "set", "value": value, "safe": safe}
    if right or meant(text) or text.removeprefix("kms:") in ACTIONS:
        return {"at": list(wrong.at), "op": "remove", "safe": safe}
    return None


def _alone(listed: Value) -> Iterator[Hit]:
    """CreateGrant without another operation, which the error of AWS KMS tells, not its guide.

    "Grants must not contain only the CreateGrant operation":
    https://github.com/ansible/ansible/pull/31960
    """
    if listed.unknown is not None or listed.has_sensitive():
        return
    if {member.text for member in listed.elements()} == {"CreateGrant"}:
        message = "apply fails: CreateGrant is the only operation, a grant needs one to pass on"
        yield Hit(at=("operations_written", 0), message=message)


# -- the operations as written -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    """One operation; `where` says what must be so for it to be there, "" if nothing must."""

    at: Path
    value: Value
    where: str = ""


def _written(listed: Value) -> Iterator[_Written]:
    """Every operation that can come out, also where it is one of a few literal alternatives."""
    cause = listed.unknown
    if cause is None:
        for index, member in enumerate(listed.elements()):
            yield from _alternatives(member, ("operations_written", index), "")
        return
    for member in listed.certain():
        yield _Written(("operations",), member, "")
    for index, choice in enumerate(cause.choices):
        for member in choice.marked(listed.sensitive).elements():
            yield from _alternatives(member, ("operations",), cause.where(index))


def _alternatives(member: Value, at: Path, around: str) -> Iterator[_Written]:
    cause = member.unknown
    if cause is None or not cause.choices:
        yield _Written(at, member, around)
        return
    for index, choice in enumerate(cause.choices):
        where = " and ".join(part for part in (around, cause.where(index)) if part)
        yield _Written(at, choice.marked(member.sensitive), where)


def _where(found: list[_Written], listed: Value) -> str:
    """The condition under which one of these operations is there, unless one always is."""
    wheres = dict.fromkeys(one.where for one in found)
    cause = listed.unknown
    every = {cause.where(index) for index in range(len(cause.choices))} if cause else {""}
    return "" if wheres.keys() >= every else f", where {' or '.join(wheres)}"


# -- what is wrong with one ----------------------------------------------------------------


def _fault(operation: Value, key: KeyReference) -> str | None:
    """Why AWS KMS refuses it; None unless it does whatever the unknowns are."""
    cause = operation.unknown
    if operation.text is None and (cause is None or not cause.parts):
        return None
    possible = [name for name in sorted(OPERATIONS) if operation.equals(name) is not Truth.NO]
    if not possible:
        return _unheard(operation, key)
    if all(supported(name, key.spec, key.usage) is Truth.NO for name in possible):
        return f"{_key(key)} cannot be used for {_shown(operation)}{_made_for(key)}"
    return None


def _shown(operation: Value) -> str:
    """The operation in quotes, with its holes as dots; never one that is sensitive."""
    if operation.has_sensitive():
        return "one of its operations"
    cause = operation.unknown
    text = operation.text if cause is None else f"{cause.prefix}…{cause.suffix}"
    return f'"{text}"'


def _unheard(operation: Value, key: KeyReference) -> str:
    """That there is no such operation, and what there is instead."""
    said, text = f"{_shown(operation)} is no operation of a grant", operation.text
    if text is None or operation.has_sensitive():
        return said
    right = _right(operation, key)
    if right:
        return f"{said}, but {' and '.join(right)} {'is' if len(right) == 1 else 'are'}"
    unfit = meant(text)
    if unfit:
        return f"{said}, and {_key(key)} cannot be used for {' or '.join(unfit)}{_made_for(key)}"
    if "*" in text:
        return f"{said}, which has no wildcards"
    only_there = text.removeprefix("kms:") in ACTIONS
    return f"{said}, it can only be allowed by a policy" if only_there else said


def _right(operation: Value, key: KeyReference) -> tuple[str, ...]:
    """What was meant and fits the key."""
    found = meant(operation.text or "")
    return tuple(name for name in found if supported(name, key.spec, key.usage) is not Truth.NO)


def _key(key: KeyReference) -> str:
    return key.address.text if key.address.text and not key.address.sensitive else "the key"


def _made_for(key: KeyReference) -> str:
    """What is known of the key, as the reason."""
    spec, usage = ("" if one.sensitive else one.text for one in (key.spec, key.usage))
    words = [spec or "", f"for {usage}" if usage else ""]
    said = ", ".join(word for word in words if word)
    return f": it is {said}" if said else ""
