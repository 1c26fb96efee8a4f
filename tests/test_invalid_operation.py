"""Which operations of a grant AWS KMS refuses, and what is said of them. A row a case."""

import pytest

from grantlint.check import check
from grantlint.fix import Applicability, Change
from grantlint.iam.operations import OPERATIONS, meant
from grantlint.parsers.settings import Options

TEXT = """\
variable "on" {{
  type = bool
}}

variable "text" {{
  type = string
}}

variable "list" {{
  type = list(string)
}}

resource "aws_kms_key" "k" {{
{key}
}}

resource "aws_kms_grant" "g" {{
  key_id            = {key_id}
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = {operations}
}}
"""
RSA = 'customer_master_key_spec = "RSA_2048"\n'
SIGNING = 'customer_master_key_spec = "ECC_NIST_P256"\nkey_usage = "SIGN_VERIFY"'
HMAC = 'customer_master_key_spec = "HMAC_256"\nkey_usage = "GENERATE_VERIFY_MAC"'


def findings(directory, operations, key="", key_id="aws_kms_key.k.key_id"):
    text = TEXT.format(operations=operations, key=key, key_id=key_id)
    (directory / "main.tf").write_text(text, encoding="utf-8")
    report = check([str(directory)], Options())
    assert not report.unreadable
    return [f for f in report.judged(possible=True) if f.rule == "invalid-operation"]


def said(directory, operations, **given):
    """The messages without their beginning; all are certain and high."""
    found = findings(directory, operations, **given)
    assert all(f.certain and f.severity.label == "high" for f in found)
    assert all(f.message.startswith("apply fails: ") for f in found)
    return [f.message.removeprefix("apply fails: ") for f in found]


NONE = "is no operation of a grant"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("decrypt", f'"decrypt" {NONE}, but Decrypt is'),
        ("kms:Decrypt", f'"kms:Decrypt" {NONE}, but Decrypt is'),
        ("Decypt", f'"Decypt" {NONE}, but Decrypt is'),
        ("ReEncrypt", f'"ReEncrypt" {NONE}, but ReEncryptFrom and ReEncryptTo are'),
        ("kms:ReEncrypt*", f'"kms:ReEncrypt*" {NONE}, but ReEncryptFrom and ReEncryptTo are'),
        ("Describe*", f'"Describe*" {NONE}, but DescribeKey is'),
        ("*", f'"*" {NONE}, which has no wildcards'),
        ("kms:*", f'"kms:*" {NONE}, which has no wildcards'),
        ("GenerateDataKey*", f'"GenerateDataKey*" {NONE}, which has no wildcards'),
        ("ListGrants", f'"ListGrants" {NONE}, it can only be allowed by a policy'),
        ("RevokeGrant", f'"RevokeGrant" {NONE}, it can only be allowed by a policy'),
        (
            "kms:ScheduleKeyDeletion",
            f'"kms:ScheduleKeyDeletion" {NONE}, it can only be allowed by a policy',
        ),
        ("s3:GetObject", f'"s3:GetObject" {NONE}'),
        ("", f'"" {NONE}'),
        ("Decrypt ", f'"Decrypt " {NONE}, but Decrypt is'),
        ("kms:${var.text}", f'"kms:…" {NONE}'),
        (
            "sign",
            (
                f'"sign" {NONE}, and aws_kms_key.k cannot be used for Sign: '
                "it is SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT"
            ),
        ),
        ("kms:*Mac", f'"kms:*Mac" {NONE}, which has no wildcards'),
    ],
)
def test_an_operation_that_there_is_not(operation, expected, tmp_path):
    assert said(tmp_path, f'["Decrypt", "{operation}"]') == [expected]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_that_there_is_fits_some_key(operation, tmp_path):
    assert said(tmp_path, f'["{operation}", "DescribeKey"]', key_id="var.text") == []


@pytest.mark.parametrize(
    ("key", "operation", "reason"),
    [
        ("", "Sign", "SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT"),
        ("", "GetPublicKey", "SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT"),
        ("", "GenerateDataKeyPair", None),
        (RSA, "Decrypt", None),
        (RSA, "GetPublicKey", None),
        (RSA, "GenerateDataKey", "RSA_2048, for ENCRYPT_DECRYPT"),
        (SIGNING, "Sign", None),
        (SIGNING, "DescribeKey", None),
        (SIGNING, "CreateGrant", None),
        (SIGNING, "Encrypt", "ECC_NIST_P256, for SIGN_VERIFY"),
        (HMAC, "GenerateMac", None),
        (HMAC, "GetPublicKey", "HMAC_256, for GENERATE_VERIFY_MAC"),
        ("customer_master_key_spec = var.text", "Sign", "for ENCRYPT_DECRYPT"),
        ("customer_master_key_spec = var.text", "GetPublicKey", None),
        ("customer_master_key_spec = var.text", "GenerateDataKey", None),
        ("key_usage = var.text", "Sign", "SYMMETRIC_DEFAULT"),
        (RSA + "key_usage = var.text", "Sign", None),
        (RSA + "key_usage = var.text", "GenerateMac", "RSA_2048"),
        (RSA + 'key_usage = var.on ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT"', "Sign", None),
        (RSA + 'key_usage = var.on ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT"', "VerifyMac", "RSA_2048"),
        ('customer_master_key_spec = "NEWER_THAN_US"', "Sign", None),
    ],
)
def test_an_operation_that_the_key_is_not_made_for(key, operation, reason, tmp_path):
    expected = [f'aws_kms_key.k cannot be used for "{operation}": it is {reason}']
    operations = f'["{operation}", "DescribeKey"]'
    assert said(tmp_path, operations, key=key) == (expected if reason else [])


@pytest.mark.parametrize(
    ("operations", "refused"),
    [
        ('["CreateGrant"]', True),
        ('["CreateGrant", "CreateGrant"]', True),
        ('["CreateGrant", "DescribeKey"]', False),
        ('["CreateGrant", var.text]', False),
        ('concat(["CreateGrant"], var.list)', False),
        ('[sensitive("CreateGrant")]', False),
        ("[]", False),
    ],
)
def test_a_grant_cannot_only_pass_on(operations, refused, tmp_path):
    told = "CreateGrant is the only operation, a grant needs one to pass on"
    assert said(tmp_path, operations) == ([told] if refused else [])


def test_an_alternative_of_the_spec_that_fits_is_no_fault(tmp_path):
    key = 'customer_master_key_spec = var.on ? "SYMMETRIC_DEFAULT" : "RSA_2048"'
    assert said(tmp_path, '["GenerateDataKey"]', key=key) == []
    assert said(tmp_path, '["GetPublicKey"]', key=key) == []
    assert said(tmp_path, '["Sign"]', key=key) == [
        'aws_kms_key.k cannot be used for "Sign": it is for ENCRYPT_DECRYPT'
    ]


def test_a_key_that_is_not_known_fits(tmp_path):
    assert said(tmp_path, '["Sign", "Decrypt", "GenerateMac"]', key_id="var.text") == []


@pytest.mark.parametrize(
    "operations",
    [
        "var.list",
        "[var.text]",
        '["Decrypt", var.text]',
        '["Re${var.text}"]',
        'concat(var.list, ["Decrypt"])',
        "[null]",
        "[]",
        '"Decrypt"',
    ],
)
def test_what_is_not_known_or_refused_before_is_no_fault(operations, tmp_path):
    assert said(tmp_path, operations) == []


def test_each_wrong_operation_is_one_finding_where_it_first_stands(tmp_path):
    found = findings(tmp_path, '["ReEncrypt", "Decrypt", "Sign", "ReEncrypt"]')
    assert [(f.span.text, f.span.column) for f in found] == [('"ReEncrypt"', 24), ('"Sign"', 48)]


def test_a_wrong_operation_beside_an_unknown_one_is_certain(tmp_path):
    assert said(tmp_path, '[var.text, "Sign"]') == [
        'aws_kms_key.k cannot be used for "Sign": it is SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT'
    ]


WRONG = 'aws_kms_key.k cannot be used for "Sign": it is SYMMETRIC_DEFAULT, for ENCRYPT_DECRYPT'


@pytest.mark.parametrize(
    ("operations", "where"),
    [
        ('[var.on ? "Sign" : "Decrypt"]', ", where var.on is true"),
        ('[var.on ? "Decrypt" : "Sign"]', ", where var.on is false"),
        ('var.on ? ["Sign"] : ["Decrypt"]', ", where var.on is true"),
        ('var.on ? ["Sign"] : ["Decrypt", "Sign"]', ""),
        ('concat(["Decrypt"], var.on ? ["Sign"] : [])', ", where var.on is true"),
        ('["Sign", var.on ? "Sign" : "Decrypt"]', ""),
    ],
)
def test_a_literal_alternative_that_is_wrong_is_certain_where_it_is_taken(
    operations, where, tmp_path
):
    assert said(tmp_path, operations) == [WRONG + where]


def test_a_grant_that_may_not_exist_is_wrong_where_it_does(tmp_path):
    operations = '[var.text == "a" ? "Sign" : "Decrypt"]\n  count = var.on ? 1 : 0'
    assert said(tmp_path, operations) == [f'{WRONG}, where var.text == "a" and var.on is true']


def test_a_sensitive_operation_is_not_shown(tmp_path):
    found = said(tmp_path, '[sensitive("ReEncrypt")]')
    assert found == [f"one of its operations {NONE}"]


FIXES = {
    '["Decrypt", "kms:Encrypt"]': ("set", "Encrypt", True),
    '["Decrypt", "ReEncrypt"]': ("set", ["ReEncryptFrom", "ReEncryptTo"], True),
    '["ReEncryptTo", "kms:ReEncrypt*"]': ("set", "ReEncryptFrom", True),
    '["Encrypt", "kms:Encrypt"]': ("remove", None, True),
    '["Encrypt", "PutKeyPolicy"]': ("remove", None, True),
    '["Encrypt", "Sign"]': ("remove", None, True),
    '["Encrypt", "Decript"]': ("set", "Decrypt", False),
}


@pytest.mark.parametrize("operations", FIXES)
def test_what_was_meant_is_a_fix_and_a_guess_is_not_safe(operations, tmp_path):
    op, value, safe = FIXES[operations]
    (found,) = findings(tmp_path, operations)
    assert found.fix is not None
    assert found.fix.change == Change(("operations_written", 1), op, value)
    assert (found.fix.applicability is Applicability.SAFE) is safe


@pytest.mark.parametrize("operations", ['["Encrypt", "*"]', '["Encrypt", "kms:*"]', '["Read"]'])
def test_what_may_mean_anything_has_no_fix(operations, tmp_path):
    assert [one.fix for one in findings(tmp_path, operations)] == [None]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_in_another_case_or_with_a_prefix_means_itself(operation):
    assert meant(operation.upper()) == (operation,)
    assert meant(f"kms:{operation}") == (operation,)
