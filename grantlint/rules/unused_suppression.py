r"""Comment accepts a finding that is not there any more.

## Why it matters

A comment that outlives what it was written for accepts the next fault of its kind at its place,
unseen.

## What it finds

Comments and Metadata of which the rules were asked and find nothing where they stand, certain or
possible:

```hcl bad
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # grantlint: ignore[deleted-principal] reason="left for the audit" # finding
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
  })
}
```

It says nothing where another run may need the comment: where the rule was not asked, with
`--changed`, in a module that others may call from where nobody looked. Where a value is not
known, it is a possible finding.

## How to fix it

Take the comment out, or the id of the rule that is of no use:

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
    ]
  })
}
```

## In CloudFormation

The same, in a comment or in a resource's Metadata, where the whole entry goes:

```yaml
Orders:
  Type: AWS::KMS::Key
  Metadata:
    grantlint:
      ignore:
        - rules: [deleted-principal]
          reason: left for the audit
```

## When it is fine

Where runs with other variables find what this one does not: give these runs to one `check`, or
leave the rule out with `--ignore unused-suppression`.
"""

from __future__ import annotations

from grantlint.rule import Severity, about_suppressions

check = about_suppressions(__name__, Severity.LOW, since="0.1.0")
