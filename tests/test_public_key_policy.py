"""Which key policies are open to everyone, and which only look so. A row a case."""

import json

import pytest

from grantlint.check import check
from grantlint.parsers.terraform.estate import Options

HEAD = """\
variable "text" {
  type = string
}

variable "texts" {
  type = list(string)
}

variable "any" {}

"""
CERTAIN, POSSIBLE, SILENT = "certain", "possible", "silent"


def judge(directory, *statements, text=None):
    """What the rule says of a key with these statements (HCL objects, or data as JSON)."""
    shown = ",\n".join(s if isinstance(s, str) else json.dumps(s) for s in statements)
    policy = text or f'jsonencode({{ Version = "2012-10-17", Statement = [{shown}] }})'
    body = f'{HEAD}resource "aws_kms_key" "k" {{\n  policy = {policy}\n}}\n'
    (directory / "main.tf").write_text(body, encoding="utf-8")
    report = check([str(directory)], Options())
    assert not report.unreadable
    found = [f for f in report.judged(possible=True) if f.rule == "public-key-policy"]
    if not found:
        return SILENT
    return CERTAIN if any(f.certain for f in found) else POSSIBLE


def statement(condition=None, principal='"*"', effect="Allow", action='"kms:Decrypt"'):
    """A statement as an HCL object."""
    lines = [
        f'Effect = "{effect}"',
        f"Principal = {principal}",
        f"Action = {action}",
        'Resource = "*"',
    ]
    return "{" + ", ".join(lines + ([f"Condition = {condition}"] if condition else [])) + "}"


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('"*"', CERTAIN),
        ('{ AWS = "*" }', CERTAIN),
        ('{ AWS = ["*"] }', CERTAIN),
        ('{ AWS = ["arn:aws:iam::111122223333:root", "*"] }', CERTAIN),
        ('{ AWS = concat(var.texts, ["*"]) }', POSSIBLE),  # the list may fail to be one
        ('{ AWS = "arn:aws:iam::111122223333:root" }', SILENT),
        ('{ AWS = "111122223333" }', SILENT),
        ('{ AWS = "arn:aws:iam::${var.text}:root" }', SILENT),
        ('{ AWS = "arn:aws:iam::*:root" }', SILENT),  # AWS refuses it: another rule's
        ('{ Service = "logs.eu-west-1.amazonaws.com" }', SILENT),
        ('{ AWS = "${var.text}" }', POSSIBLE),
        ("{ AWS = var.text }", POSSIBLE),
        ("{ AWS = var.texts }", POSSIBLE),
        ("var.any", POSSIBLE),
        ('{ AWS = var.any ? "*" : "arn:aws:iam::111122223333:root" }', CERTAIN),
    ],
)
def test_who_is_everyone(principal, expected, tmp_path):
    assert judge(tmp_path, statement(principal=principal)) == expected


def test_everyone_but_some_is_everyone(tmp_path):
    text = '{ Effect = "Allow", NotPrincipal = { AWS = "arn:aws:iam::111122223333:root" }, '
    assert judge(tmp_path, text + 'Action = "kms:Decrypt", Resource = "*" }') == CERTAIN


def test_denying_everyone_is_no_fault(tmp_path):
    assert judge(tmp_path, statement(effect="Deny")) == SILENT


def test_an_unknown_effect_is_possible(tmp_path):
    assert judge(tmp_path, statement(effect="${var.text}")) == POSSIBLE


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringEquals = { "kms:CallerAccount" = "111122223333" } }', SILENT),
        ('{ stringequals = { "KMS:calleraccount" = "111122223333" } }', SILENT),
        ('{ StringEquals = { "kms:CallerAccount" = ["111122223333", "444455556666"] } }', SILENT),
        ('{ StringEquals = { "kms:CallerAccount" = var.text } }', SILENT),
        ('{ StringEquals = { "kms:CallerAccount" = var.texts } }', SILENT),
        ('{ StringEquals = { "kms:CallerAccount" = "$${aws:PrincipalAccount}" } }', CERTAIN),
        ('{ StringEqualsIfExists = { "kms:CallerAccount" = "111122223333" } }', SILENT),
        ('{ StringNotEquals = { "kms:CallerAccount" = "111122223333" } }', CERTAIN),
        ('{ StringLike = { "kms:CallerAccount" = "111122223333" } }', SILENT),
        ('{ StringLike = { "kms:CallerAccount" = "*" } }', CERTAIN),
        ('{ StringLike = { "kms:CallerAccount" = ["111122223333", "*"] } }', CERTAIN),
        ('{ StringLike = { "kms:CallerAccount" = var.text } }', POSSIBLE),
        ('{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }', SILENT),
        ('{ StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }', CERTAIN),
        ('{ StringLike = { "aws:PrincipalOrgID" = "o-*" } }', CERTAIN),
        (
            '{ "ForAnyValue:StringLike" = { "aws:PrincipalOrgPaths" = ["o-a1b2c3d4e5/r-ab/*"] } }',
            SILENT,
        ),
        (
            '{ "ForAllValues:StringLike" = { "aws:PrincipalOrgPaths" = ["o-a1b2c3d4e5/*"] } }',
            CERTAIN,
        ),
        ('{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/*" } }', SILENT),
        ('{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/admin" } }', CERTAIN),
        (
            '{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::${var.text}:role/*" } }',
            POSSIBLE,
        ),
        ('{ ArnEquals = { "aws:SourceArn" = "arn:aws:s3:::my-bucket" } }', SILENT),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:s3:::*" } }', CERTAIN),
        ('{ StringEquals = { "aws:SourceAccount" = "111122223333" } }', SILENT),
        ('{ StringEqualsIfExists = { "aws:SourceAccount" = "111122223333" } }', CERTAIN),
        ('{ StringEquals = { "aws:SourceVpce" = "vpce-1a2b3c4d" } }', SILENT),
        ('{ IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }', SILENT),
        ('{ IpAddress = { "aws:SourceIp" = "0.0.0.0/0" } }', CERTAIN),
        ('{ NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }', CERTAIN),
        ('{ Bool = { "aws:PrincipalIsAWSService" = "true" } }', SILENT),
        ('{ Bool = { "aws:PrincipalIsAWSService" = true } }', SILENT),
        ('{ Bool = { "aws:PrincipalIsAWSService" = "false" } }', CERTAIN),
        ('{ Null = { "aws:SourceArn" = "false" } }', CERTAIN),
        ('{ StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }', CERTAIN),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "true" } }', CERTAIN),
        ('{ StringEquals = { "kms:EncryptionContext:app" = "x" } }', CERTAIN),
        ('{ StringEquals = { "aws:PrincipalTag/team" = "x" } }', CERTAIN),
        ('{ StringEquals = { (var.text) = "x" } }', POSSIBLE),
        ("var.any", POSSIBLE),
        (
            (
                '{ StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com", '
                '"kms:CallerAccount" = "111122223333" } }'
            ),
            SILENT,
        ),
    ],
)
def test_what_ties_the_caller_to_someone(condition, expected, tmp_path):
    assert judge(tmp_path, statement(condition)) == expected


DENY_OTHERS = '{ StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }'


@pytest.mark.parametrize(
    ("condition", "action", "expected"),
    [
        (DENY_OTHERS, '"kms:*"', SILENT),
        (DENY_OTHERS, '"kms:Decrypt"', SILENT),
        (DENY_OTHERS, '"kms:Encrypt"', POSSIBLE),
        (DENY_OTHERS, "var.texts", POSSIBLE),
        (
            (
                '{ StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }, '
                'BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }'
            ),
            '"kms:*"',
            SILENT,
        ),
        (
            (
                '{ StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }, '
                'StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }'
            ),
            '"kms:*"',
            POSSIBLE,
        ),
        ('{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }', '"kms:*"', CERTAIN),
        ('{ StringNotLike = { "aws:PrincipalOrgID" = "*" } }', '"kms:*"', CERTAIN),
    ],
)
def test_another_statement_may_deny_it_to_all_others(condition, action, expected, tmp_path):
    deny = statement(condition, effect="Deny", action=action)
    assert judge(tmp_path, statement(), deny) == expected


def test_a_statement_that_may_not_be_there_is_a_certain_fault_where_it_is(tmp_path):
    assert judge(tmp_path, f"var.any ? {statement()} : null") == CERTAIN
    report = check([str(tmp_path)], Options())
    assert report.findings[0].exists.name == "MAYBE"
    assert report.findings[0].message.endswith(", where var.any is true")


def test_no_policy_is_no_fault(tmp_path):
    assert judge(tmp_path, text="null") == SILENT


def test_a_policy_that_is_not_known_is_no_finding(tmp_path):
    assert judge(tmp_path, text="var.text") == SILENT


def test_a_heredoc_with_an_unknown_inside_is_still_a_policy(tmp_path):
    text = (
        "<<EOT\n"
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},\n'
        '  "Action": "kms:Decrypt", "Resource": "${var.text}"}]}\n'
        "EOT\n"
    )
    assert judge(tmp_path, text=text) == CERTAIN
