"""One grant with what stands around it, and what a rule says of it."""

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.parsers.settings import Options

OWN, FOREIGN = "111122223333", "444455556666"
ROLE = f'"arn:aws:iam::{OWN}:role/app"'
HEAD = """\
terraform {
  backend "local" {}
}

variable "text" {
  type = string
}

variable "flag" {
  type = bool
}

variable "map" {
  type = map(string)
}

variable "secret" {
  type      = string
  default   = "s3cret-value"
  sensitive = true
}

variable "given" {
  type    = string
  default = "given"
}

resource "aws_kms_key" "k" {}

resource "aws_kms_key" "other" {}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}

resource "aws_iam_user" "u" {
  name = "u"
}
"""
GRANT = """
resource "aws_kms_grant" "{name}" {{
  key_id            = {key_id}
  grantee_principal = {grantee}
  operations        = {operations}
{rest}
}}
"""


def grant(name="g", **fields):
    """A block, in which the fields that are not given are as usual."""
    given = {"key_id": "aws_kms_key.k.key_id", "grantee": ROLE, "operations": '["Decrypt"]'}
    return GRANT.format(**given | {"rest": "", "name": name} | fields)


def judge(directory, rule, text, account=OWN):
    """The findings of a rule in a configuration, the possible ones too."""
    (directory / "main.tf").write_text(HEAD + text, encoding="utf-8")
    options = Options(account=account)
    report = check([str(directory)], options, Terms(Selection(extend=(rule,))))
    assert not report.unreadable
    return [found for found in report.judged(possible=True) if found.rule == rule]


def verdict(directory, rule, text, account=OWN):
    """The severity of the one finding, with "?" where it is only possible; None without one."""
    found = judge(directory, rule, text, account)
    assert len(found) <= 1
    return found[0].severity.label + ("" if found[0].certain else "?") if found else None


def constraint(kind, pairs):
    """A block of constraints with one of them."""
    return f"constraints {{\n  encryption_context_{kind} = {pairs}\n}}"
