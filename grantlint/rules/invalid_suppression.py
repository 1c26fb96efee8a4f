r"""Comment was meant to accept a finding, and accepts none.

## Why it matters

Whoever writes `# grantlint: ignore[…]` wants a finding to be gone, for a reason that they know.
Where a comma, a quote or the id of the rule is wrong it is not gone, and nobody sees why. What
begins as ours is taken as meant, and what is wrong with it is shown at its column.

## What it finds

Wrong punctuation, ids that no rule has, days that do not exist, a reason that is missing or
empty, options that there are not:

```hcl bad
resource "aws_kms_key" "orders" {
  description = "orders"
}

# grantlint: ignore[deletd-principal] reason="left for the audit" # finding
resource "aws_kms_key_policy" "orders" {
  key_id = aws_kms_key.orders.id
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
      # grantlint:ignore deleted-principal # finding
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "AROA1234567890EXAMPLE" } # grantlint: noqa # finding
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}
```

And the name of a rule that is mandatory in this run: its findings cannot be accepted. An id that no
rule has is only a possible finding where it is like none of ours and no rules of yours are asked:
it may be one of those that `--policies` gives.

## How to fix it

Write what the message says: the ids of rules between brackets, and the reason between quotes.

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
      # grantlint: ignore[deleted-principal] reason="left for the audit"
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

## In CloudFormation

The same in comments of YAML. What stands in a resource's Metadata is held to the same:

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

Never. A comment that only speaks of grantlint is none of ours: it does not begin with
`grantlint:`, `grantlint.` or the like and a word as `ignore` behind it.
"""

from __future__ import annotations

from grantlint.rule import Severity, about_suppressions

check = about_suppressions(__name__, Severity.MEDIUM, since="0.1.0")
