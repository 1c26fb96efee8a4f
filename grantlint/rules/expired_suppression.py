r"""Finding was accepted until a day that is past.

## Why it matters

Whoever gave a day wanted to be reminded. The finding counts again, at its own place; this says
which comment has to be renewed or to go.

## What it finds

An `until` that is past, in UTC; on the day itself it still holds. `--today 2027-03-31` makes a run
reproducible:

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
      # grantlint: ignore[deleted-principal] until=2020-03-31 reason="the audit" # finding
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "AROA1234567890EXAMPLE" }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}
```

## How to fix it

Mend what was accepted and take the comment out, or give it another day and say why:

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

The same, in a comment or in a resource's Metadata:

```yaml
Orders:
  Type: AWS::KMS::Key
  Metadata:
    grantlint:
      ignore:
        - rules: [deleted-principal]
          until: 2027-03-31
          reason: left for the audit
```

## When it is fine

Never: without a day there is no end.
"""

from __future__ import annotations

from grantlint.rule import Severity, about_suppressions

check = about_suppressions(__name__, Severity.LOW, since="0.1.0")
