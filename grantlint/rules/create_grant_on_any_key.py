r"""IAM policy lets someone create grants on every key.

## Why it matters

Whoever may call `kms:CreateGrant` on a key may give every operation on it to anyone, also to a
principal of another account. With `*` as the resource that holds for every key whose policy
delegates to IAM, as the default key policy does, those that are made tomorrow included. One
compromised build role then opens each of them for good: a grant stands in no policy, does not
expire, and outlives the role and its credentials. AWS denies just that in the policy that it
attaches to compromised credentials, `AWSCompromisedKeyQuarantineV3`: creating grants other than
through a service.

## What it finds

A statement of an IAM policy with `"Effect": "Allow"` that names `kms:CreateGrant` on `*` or on
`key/*`, and has no condition that restricts what the grant may be:

```hcl bad
data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["kms:CreateGrant", "kms:DescribeKey"]
    resources = ["*"] # finding
  }
}

resource "aws_iam_policy" "deploy" {
  name   = "deploy"
  policy = data.aws_iam_policy_document.deploy.json
}
```

```hcl bad
resource "aws_iam_role_policy" "deploy" {
  role = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kms:CreateGrant"]
      Resource = "arn:aws:kms:eu-west-1:111122223333:key/*" # finding
    }]
  })
}
```

## How to fix it

Nearly always the permission is there so that a service of AWS can make the grant that it works
with, for a volume, a database, a function. Say so:

```hcl good
data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_policy" "deploy" {
  name   = "deploy"
  policy = data.aws_iam_policy_document.deploy.json
}
```

Where that condition does not fit (EKS makes its grant without it), name the keys, or restrict the
grant with `kms:GrantOperations`, `kms:GranteePrincipal` or `kms:ViaService`.

## In CloudFormation

The same in the `PolicyDocument` of `AWS::IAM::Policy`, `AWS::IAM::ManagedPolicy`,
`AWS::IAM::RolePolicy` or the `Policies` of `AWS::IAM::Role`:

```yaml bad
Resources:
  Deploy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: deploy
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: [kms:DescribeKey, kms:CreateGrant]
            Resource: '*' # finding
```

```yaml good
Resources:
  Deploy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: deploy
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: kms:CreateGrant
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

## When it is fine

`kms:*` and `kms:Create*` on every key are not reported: those are administrators, who may replace
key policies as well. A policy that names its keys is not reported either; what the grant may be is
then a matter of that key (see `unrestricted-create-grant`):

```hcl good
resource "aws_iam_role_policy" "deploy" {
  role = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kms:CreateGrant", "kms:DescribeKey"]
      Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }]
  })
}
```

A condition on the tags or aliases of the keys (`aws:ResourceTag/…`, `kms:ResourceAliases`) names
them too. A condition that depends on an unknown value gives a possible finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from grantlint.iam import pins
from grantlint.iam.actions import covers, names, variants
from grantlint.iam.guards import Guard, denials
from grantlint.iam.provisos import provisos
from grantlint.iam.resources import every_key, ties
from grantlint.model import Identity, Inventory, Statement
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth


@rule(
    Severity.HIGH,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html",
    ),
    mappings=("NIST 800-53 AC-6",),
)
def check(identity: Identity, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that lets its holder create any grant on every key."""
    del inventory
    closing = denials(identity.policy.statements)
    for index, statement in enumerate(identity.policy.statements):
        named, where = _create_grant(statement)
        every, at = every_key(statement)
        tied = Truth.any(map(ties, statement.conditions))
        open_ = statement.effect.equals("Allow") & named & every & ~tied
        if open_ is Truth.NO:
            continue
        about = partial(covers, action="CreateGrant")
        guard = Guard(statement, closing, pins.grant, about, allowed=())
        truth = open_ & ~guard.holds()
        if truth is not Truth.NO:
            path = ("resources", at) if at is not None else ("resources",)
            yield Hit(
                at=("policy", "statements", index, *path),
                message=(
                    f"whoever has {identity.address} may create any grant on every key whose "
                    f"policy delegates to IAM{provisos(guard, where)}"
                ),
                truth=truth,
            )


def _create_grant(statement: Statement) -> tuple[Truth, str]:
    """Whether the statement names the action itself, and where it does."""
    best = (Truth.NO, "")
    for variant, where in () if statement.not_action else variants(statement):
        truth = Truth.any(names(action, "CreateGrant") for action in variant.actions.certain())
        if truth.value > best[0].value:
            best = truth, where
    return best
