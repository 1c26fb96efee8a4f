"""The tree that speed is measured on: 1,000 files in 100 directories.

Each file holds one key with a jsonencode policy, one grant, one role and two buckets, about
1.4 MB in all; each directory is a root module of ten files.
"""

from __future__ import annotations

from pathlib import Path

DIRECTORIES, FILES = 100, 10

_FILE = """\
resource "aws_kms_key" "k{n}" {{
  description         = "Key of service {n}"
  enable_key_rotation = true
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Sid       = "EnableRoot"
        Effect    = "Allow"
        Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}
        Action    = "kms:*"
        Resource  = "*"
      }},
      {{
        Sid       = "Use"
        Effect    = "Allow"
        Principal = {{ AWS = aws_iam_role.r{n}.arn }}
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {{ StringEquals = {{ "kms:ViaService" = "s3.eu-west-1.amazonaws.com" }} }}
      }},
    ]
  }})
}}

resource "aws_iam_role" "r{n}" {{
  name = "service-{n}"

  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect = "Allow", Action = "sts:AssumeRole"
      Principal = {{ Service = "lambda.amazonaws.com" }}
    }}]
  }})
}}

resource "aws_kms_grant" "g{n}" {{
  name              = "service-{n}"
  key_id            = aws_kms_key.k{n}.key_id
  grantee_principal = aws_iam_role.r{n}.arn
  operations        = ["Decrypt", "GenerateDataKey"]

  constraints {{
    encryption_context_equals = {{ Service = "service-{n}" }}
  }}
}}

resource "aws_s3_bucket" "a{n}" {{
  bucket = "service-{n}-data"
  tags   = {{ Team = "data" }}
}}

resource "aws_s3_bucket" "b{n}" {{
  bucket = "service-{n}-logs"
}}
"""


def write(directory: Path) -> None:
    """Write the tree below a directory."""
    for d in range(DIRECTORIES):
        module = directory / f"d{d:03}"
        module.mkdir(parents=True)
        for f in range(FILES):
            (module / f"f{f}.tf").write_text(_FILE.format(n=d * FILES + f), encoding="utf-8")
