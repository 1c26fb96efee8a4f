r"""Key policy lets anyone in any AWS account use the key.

## Why it matters

A statement whose principal is `*` admits every AWS account there is, and no account's IAM policy
can take that back. Whoever learns the key's ARN, which stands in error messages, in CloudTrail
and in the metadata of what is encrypted, may do what the statement allows: read the data,
encrypt with the key at the owner's expense, or, with `kms:CreateGrant` or `kms:PutKeyPolicy`,
keep that access for good.

## What it finds

A statement with `"Effect": "Allow"` for everyone: `"Principal": "*"`, `{"AWS": "*"}`,
`{"AWS": ["*"]}`, or `NotPrincipal`, which admits everyone but those it names. And no condition
that ties the caller to a fixed account, organization, principal or network.

`kms:ViaService`, `kms:GrantIsForAWSResource` and `kms:EncryptionContext:…` are no such
conditions: everyone can call by way of a service of AWS, with the encryption context they like.
Nor is a condition whose value is a wildcard, that is negated, or that is true when its key is
missing (`…IfExists`, `ForAllValues:…`).

```hcl bad
resource "aws_kms_key" "exports" {
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
        Sid       = "Read"
        Effect    = "Allow"
        Principal = "*" # finding
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}
```

A service in between does not help, since anyone can use it:

```hcl bad
data "aws_iam_policy_document" "exports" {
  statement {
    sid       = "ThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"] # finding
    }

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.*.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "exports" {
  policy = data.aws_iam_policy_document.exports.json
}
```

## How to fix it

Name the accounts or roles that need the key. `arn:aws:iam::111122223333:root` admits an account,
which then decides by IAM policies of its own:

```hcl good
resource "aws_kms_key" "exports" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
```

Where the callers are not known one by one, fix what they have in common:

```hcl good
resource "aws_kms_key" "exports" {
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
        Sid       = "Organization"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
      },
    ]
  })
}
```

## In CloudFormation

The same in the `KeyPolicy` of `AWS::KMS::Key`; `AWS::AccountId` is the key's own account:

```yaml bad
Resources:
  Exports:
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
          - Sid: Read
            Effect: Allow
            Principal: '*' # finding
            Action: [kms:Decrypt, kms:DescribeKey]
            Resource: '*'
```

```yaml good
Resources:
  Exports:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:root}
            Action: kms:*
            Resource: '*'
```

## When it is fine

AWS writes `*` itself, in the policies of the keys that services manage, together with a fixed
`kms:CallerAccount`. That is everyone of one account, by way of one service, and is not reported:

```hcl good
variable "account_id" {
  type = string
}

resource "aws_kms_key" "exports" {
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
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = var.account_id
            "kms:ViaService"    = "s3.eu-west-1.amazonaws.com"
          }
        }
      },
    ]
  })
}
```

A statement that denies everyone outside the organization closes the key as well, and is taken
into account. Where the principal is not known at all, nothing is reported; where it is `*` and a
condition beside it is not known, the finding is a possible one, and its message says which
condition that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from grantlint.iam import pins
from grantlint.iam.actions import covers_all, worst_first
from grantlint.iam.guards import EVERYONE, Guard, allows, denials
from grantlint.iam.provisos import provisos, reason
from grantlint.model import Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Path, Severity, rule
from grantlint.value import Truth


@rule(
    Severity.CRITICAL,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-5",
    ),
    mappings=(
        "Security Hub KMS.5",
        "AWS Config kms-key-policy-no-public-access",
        "NIST 800-53 AC-3",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that is open to everyone."""
    del inventory
    closing = denials(key.policy.statements)
    for index, statement in enumerate(key.policy.statements):
        open_, at, named = _everyone(statement)
        covers = partial(covers_all, other=statement)
        guard = Guard(statement, closing, pins.caller, covers, EVERYONE)
        if open_ is not Truth.NO:
            open_ &= allows(statement) & ~guard.holds()
        if open_ is not Truth.NO:
            yield Hit(
                at=("policy", "statements", index, *at),
                message=_message(statement, key) + _provisos(guard, named),
                truth=open_,
            )


def _everyone(statement: Statement) -> tuple[Truth, Path, Principal | None]:
    """Whether a statement names everyone, the path to it, and the principal by which it does."""
    if statement.not_principal:
        return Truth.YES, (), None
    answers = [_is_everyone(principal) for principal in statement.principals]
    for truth in (Truth.YES, Truth.MAYBE):
        if truth in answers:
            index = answers.index(truth)
            return truth, ("principals", index, "value"), statement.principals[index]
    return Truth.NO, (), None


def _is_everyone(principal: Principal) -> Truth:
    """YES also where one of a few literal alternatives is everyone: each of them can be applied.

    What is not known at all does not point to everyone.
    """
    of_aws = principal.type.equals("AWS") | principal.type.equals("*")
    cause = principal.value.unknown
    if cause is None:
        return of_aws & principal.kind.equals("*")
    if any(choice.text == "*" for choice in cause.choices):
        return of_aws
    return of_aws & principal.value.equals("*") if "*" in cause.parts else Truth.NO


# -- what it says --------------------------------------------------------------------------


def _provisos(guard: Guard, named: Principal | None) -> str:
    if named is None:
        return provisos(guard)
    if _is_everyone(named) is Truth.MAYBE:
        return provisos(guard, doubts=(("the principal is *", reason(named.value)),))
    cause = named.value.unknown
    texts = [choice.text for choice in cause.choices] if cause is not None else []
    return provisos(guard, cause.where(texts.index("*")) if cause and "*" in texts else "")


def _message(statement: Statement, key: Key) -> str:
    who = "everyone but those in NotPrincipal" if statement.not_principal else "anyone"
    who += " in any AWS account"
    if statement.not_action or statement.sensitive or statement.actions.has_sensitive():
        return f"{who} may use {key.address}"
    named = [action.text for action in worst_first(statement.actions)]
    if not named:
        return f"{who} may use {key.address}"
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"{who} may call {', '.join(map(str, named[:3]))}{more} on {key.address}"
