"""Key policies as Terraform text, for tests of the rules that judge them."""

import json

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate

CERTAIN, POSSIBLE, SILENT = "certain", "possible", "silent"
OWN = "111122223333"
ROOT = (
    '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, '
    'Action = "kms:*", Resource = "*" }'
)
HEAD = """\
variable "text" {
  type = string
}

variable "texts" {
  type = list(string)
}

variable "any" {}

data "aws_caller_identity" "current" {}

"""


def statement(condition=None, principal='"*"', effect="Allow", action='"kms:Decrypt"'):
    """A statement as an HCL object."""
    lines = [
        f'Effect = "{effect}"',
        f"Principal = {principal}",
        f"Action = {action}",
        'Resource = "*"',
    ]
    return "{" + ", ".join(lines + ([f"Condition = {condition}"] if condition else [])) + "}"


def document(condition="", principal=("AWS", '"*"'), action='"kms:Decrypt"'):
    """A key whose policy is a data source with one statement; `condition` is its block's text."""
    type_, identifiers = principal
    return f"""
data "aws_iam_policy_document" "d" {{
  statement {{
    actions   = [{action}]
    resources = ["*"]
    principals {{
      type        = "{type_}"
      identifiers = [{identifiers}]
    }}
    {condition}
  }}
}}

resource "aws_kms_key" "k" {{
  policy = data.aws_iam_policy_document.d.json
}}
"""


def key(*statements, text=None):
    """A key with these statements (HCL objects, or data as JSON), or with `text` as its policy."""
    shown = ",\n".join(s if isinstance(s, str) else json.dumps(s) for s in statements)
    policy = text or f'jsonencode({{ Version = "2012-10-17", Statement = [{shown}] }})'
    return f'resource "aws_kms_key" "k" {{\n  policy = {policy}\n}}\n'


def found(directory, rule, text):
    """The findings of a rule in Terraform text, possible ones included."""
    (directory / "main.tf").write_text(HEAD + text, encoding="utf-8")
    report = check([str(directory)], Options())
    assert not report.unreadable
    return [one for one in report.judged(possible=True) if one.rule == rule]


def verdict(findings):
    """What they say together."""
    if not findings:
        return SILENT
    return CERTAIN if any(one.certain for one in findings) else POSSIBLE


def statements(directory, *shown):
    """The statements of a key, as the model has them."""
    (directory / "main.tf").write_text(HEAD + key(*shown), encoding="utf-8")
    return estate.read([str(directory)], Options()).inventory.keys[0].policy.statements
