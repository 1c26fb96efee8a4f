r"""More is allowed than was accepted.

## Why it matters

Somebody has looked at a grant or a statement and found it acceptable as it was. When it then gets
another operation, another principal, or loses a condition, nobody has looked at that. So the
acceptance holds no longer: the finding counts again, at its own place, and this says what is new.

## What it finds

Comments and Metadata with `accepts`, as `grantlint check --add-ignore REASON` writes it, on
something that allows more now. Here another operation:

```hcl bad
resource "aws_kms_key" "orders" {}

resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = "{}"
}

# grantlint: ignore[delegable-grant] accepts="CreateGrant ?" reason="hands out its own" # finding
resource "aws_kms_grant" "reports" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = aws_iam_role.reports.arn
  retiring_principal = aws_iam_role.reports.arn
  operations         = ["Decrypt", "CreateGrant"]
  constraints {
    encryption_context_equals = { Table = "orders" }
  }
}
```

Fewer operations, a narrower condition and the like change nothing; what is not known never counts
as more.

## How to fix it

Take back what was added, or look at it and accept it as it is: delete the comment and let
`--add-ignore` write it anew.

```hcl good
resource "aws_kms_key" "orders" {}

resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = "{}"
}

resource "aws_kms_grant" "reports" {
  key_id             = aws_kms_key.orders.key_id
  grantee_principal  = aws_iam_role.reports.arn
  retiring_principal = aws_iam_role.reports.arn
  operations         = ["Decrypt"]
  constraints {
    encryption_context_equals = { Table = "orders" }
  }
}
```

## In CloudFormation

The same; in Metadata it is the key `accepts`:

```yaml
Orders:
  Type: AWS::KMS::Key
  Metadata:
    grantlint:
      ignore:
        - rules: [unrestricted-create-grant]
          accepts: "kms:CreateGrant ?"
          reason: hands out its own
```

## When it is fine

Never. Without `accepts` a comment accepts whatever its rules find where it stands.
"""

from __future__ import annotations

from grantlint.rule import Severity, about_suppressions

check = about_suppressions(__name__, Severity.LOW, since="0.1.0")
