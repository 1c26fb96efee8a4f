"""Which grants should carry an encryption context, how bad it is without. A row a case."""

import pytest

from grantlint.check import check
from grantlint.parsers.terraform.estate import Options

ROLE = '"arn:aws:iam::111122223333:role/app"'
KEY = 'resource "aws_kms_key" "k" {\n%s\n}\n'
GRANT = """\
variable "text" {{
  type = string
}}

variable "map" {{
  type = map(string)
}}

variable "list" {{
  type = list(string)
}}

resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = "{{}}"
}}

resource "aws_iam_service_linked_role" "slr" {{
  aws_service_name = "autoscaling.amazonaws.com"
}}

resource "aws_kms_grant" "g" {{
  key_id            = {key_id}
  grantee_principal = {grantee}
  operations        = {operations}
{rest}
}}
"""


def judge(directory, key="", **fields):
    """The severity of the finding, with "?" where it is only possible; None without one."""
    given = {"key_id": "aws_kms_key.k.key_id", "grantee": ROLE, "operations": '["Decrypt"]'}
    given |= {"rest": "", **fields}
    text = KEY % key + GRANT.format(**given)
    (directory / "main.tf").write_text(text, encoding="utf-8")
    report = check([str(directory)], Options(account="111122223333"))
    assert not report.unreadable
    found = [f for f in report.judged(possible=True) if f.rule == "unconstrained-grant"]
    assert len(found) <= 1
    return found[0].severity.label + ("" if found[0].certain else "?") if found else None


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ('["Decrypt"]', "medium"),
        ('["Encrypt"]', "medium"),
        ('["ReEncryptTo"]', "medium"),
        ('["GenerateDataKeyPairWithoutPlaintext", "DescribeKey"]', "medium"),
        ('["DescribeKey"]', None),
        ('["RetireGrant"]', None),
        ('["CreateGrant"]', None),
        ('["CreateGrant", "Decrypt"]', "high"),
        ("[var.text]", "medium?"),
        ('[var.text, "Decrypt"]', "medium"),
        ("var.list", "medium?"),
        ('concat(var.list, ["Decrypt"])', "medium?"),
    ],
)
def test_operations(operations, expected, tmp_path):
    assert judge(tmp_path, operations=operations) == expected


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ('encryption_context_equals = { a = "b" }', None),
        ('encryption_context_subset = { a = "b" }', None),
        ("encryption_context_equals = { a = var.text }", None),
        ("encryption_context_equals = {}", "medium"),
        ("encryption_context_equals = null", "medium"),
        ("encryption_context_equals = var.map", "medium?"),
        ('encryption_context_equals = { (var.text) = "b" }', "medium?"),
        ("", "medium"),
    ],
)
def test_constraints(constraint, expected, tmp_path):
    assert judge(tmp_path, rest=f"constraints {{\n{constraint}\n}}") == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("var.map", "medium?"), ("{}", "medium"), ('{ a = "b" }', None)],
)
def test_dynamic_constraints(condition, expected, tmp_path):
    rest = (
        f'dynamic "constraints" {{\nfor_each = length({condition}) > 0 ? [1] : []\n'
        f"content {{\nencryption_context_equals = {condition}\n}}\n}}"
    )
    assert judge(tmp_path, rest=rest) == expected


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (ROLE, "medium"),
        ("aws_iam_role.r.arn", "medium"),
        ('"arn:aws:iam::111122223333:user/app"', "medium"),
        ('"arn:aws:iam::444455556666:role/app"', "high"),
        ('"arn:aws:iam::111122223333:root"', "high"),
        ('"arn:aws:iam::444455556666:root"', "high"),
        ('"arn:aws:iam::${var.text}:role/app"', "medium"),
        ('"arn:aws:iam::${var.text}:root"', "high"),
        ("var.text", "medium?"),
        ("aws_iam_service_linked_role.slr.arn", None),
        (
            (
                '"arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/'
                'AWSServiceRoleForAutoScaling"'
            ),
            None,
        ),
        (
            (
                '"arn:aws:iam::${var.text}:role/aws-service-role/autoscaling.amazonaws.com/'
                'AWSServiceRoleForAutoScaling_${var.text}"'
            ),
            None,
        ),
        ('"dynamodb.eu-west-1.amazonaws.com"', None),
        ('"arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-5d476fab"', None),
        ('"*"', None),
    ],
)
def test_grantees(grantee, expected, tmp_path):
    assert judge(tmp_path, grantee=grantee) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", "medium"),
        ('customer_master_key_spec = "SYMMETRIC_DEFAULT"', "medium"),
        ('customer_master_key_spec = "RSA_2048"\nkey_usage = "ENCRYPT_DECRYPT"', None),
        ('customer_master_key_spec = "HMAC_256"\nkey_usage = "GENERATE_VERIFY_MAC"', None),
        ("customer_master_key_spec = var.text", "medium?"),
    ],
)
def test_keys(key, expected, tmp_path):
    assert judge(tmp_path, key) == expected


def test_a_key_outside_may_be_asymmetric(tmp_path):
    assert judge(tmp_path, key_id="var.text") == "medium?"


def test_an_operation_that_only_symmetric_keys_have_tells_the_key(tmp_path):
    assert judge(tmp_path, key_id="var.text", operations='["GenerateDataKey"]') == "medium"
