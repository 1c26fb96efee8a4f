r"""Key policy lets nobody revoke or list its grants.

## Why it matters

Grants do not expire, and they stand in no policy. Whoever finds that a key is misused has to list
its grants and revoke those that should not be there, and for that someone must have
`kms:ListGrants` and `kms:RevokeGrant`, from the key's policy or from IAM policies to which it
leaves the decision. An attacker who could make one grant otherwise keeps the key: no change of
the policy takes a grant away. Without `kms:ListGrants` nobody, IAM Access Analyzer included, sees
that it is there.

## What it finds

A key policy of one's own that lets nobody call `kms:RevokeGrant` directly, of medium severity, or
nobody `kms:ListGrants`, of low severity. Services of AWS do not count, and neither does a
statement with `kms:GrantIsForAWSResource` or `kms:ViaService`: it is for what services do in
someone's name.

```hcl bad
resource "aws_kms_key" "volumes" {
  policy = jsonencode({ # finding
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
        Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Schedule*"]
        Resource  = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}
```

## How to fix it

Let those who administer the key manage its grants, as the console does with `kms:List*` and
`kms:Revoke*`:

```hcl good
resource "aws_kms_key" "volumes" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
        Action = [
          "kms:Describe*",
          "kms:Get*",
          "kms:List*",
          "kms:Put*",
          "kms:Revoke*",
          "kms:Schedule*",
        ]
        Resource = "*"
      },
      {
        Sid       = "GrantsForVolumes"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}
```

## In CloudFormation

The same in the `KeyPolicy` of `AWS::KMS::Key`:

```yaml bad
Resources:
  Volumes:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: # finding
        Version: '2012-10-17'
        Statement:
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/key-admin}
            Action: [kms:Describe*, kms:Get*, kms:List*, kms:Put*, kms:Schedule*]
            Resource: '*'
          - Sid: GrantsForVolumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

```yaml good
Resources:
  Volumes:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: Administer
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/key-admin}
            Action:
              - kms:Describe*
              - kms:Get*
              - kms:List*
              - kms:Put*
              - kms:Revoke*
              - kms:Schedule*
            Resource: '*'
          - Sid: GrantsForVolumes
            Effect: Allow
            Principal: {AWS: arn:aws:iam::111122223333:role/app}
            Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
            Resource: '*'
            Condition:
              Bool:
                kms:GrantIsForAWSResource: 'true'
```

## When it is fine

The account as a whole is somebody, as its IAM policies then say who manages grants; so is a
principal of another account, and AWS's default policy lets the account do everything. A policy
that nobody can change at all is what `key-policy-lockout` is about. Where a statement, a
principal or a condition is not known and may let someone in, nothing is reported.

```hcl good
resource "aws_kms_key" "volumes" {
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
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.permission import remaining, someone_may, where_anyone
from grantlint.model import LIVE, Inventory, Key
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Truth

_WHAT = {
    "RevokeGrant": "revoke its grants: one that should not be there stays",
    "ListGrants": "list its grants: one that should not be there is not seen",
}


@rule(
    Severity.MEDIUM,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for a key whose grants nobody manages, for the worse of the two."""
    del inventory
    policy = key.policy
    if policy.default.equals(False) is not Truth.YES or policy.unseen:
        return
    statements = remaining(policy.statements) if key.source == LIVE else policy.statements
    if someone_may("PutKeyPolicy", statements, key.account) is Truth.NO:
        return
    for action, what in _WHAT.items():
        somebody = someone_may(action, statements, key.account)
        where = where_anyone(action, statements, key.account)
        if somebody is Truth.NO or where:
            yield Hit(
                at=("policy", "document"),
                message=f"the policy of {key.address} lets nobody {what}"
                + (f", unless {where}" if where else ""),
                truth=~somebody,
                severity=Severity.MEDIUM if action == "RevokeGrant" else Severity.LOW,
            )
            return
