"""Which actions of AWS KMS a statement is about."""

import fnmatch
import random

import pytest
from key_policies import statement, statements

from grantlint.iam.actions import (
    ACTIONS,
    CRYPTOGRAPHIC,
    READING,
    covers,
    covers_all,
    matches,
    variants,
)
from grantlint.iam.operations import OPERATIONS
from grantlint.value import Truth, string

YES, MAYBE, NO = Truth.YES, Truth.MAYBE, Truth.NO


def one(directory, action, element="Action"):
    """A statement about these actions."""
    text = statement(action=action).replace(" Action =", f" {element} =")
    return statements(directory, text)[0]


@pytest.mark.parametrize(
    ("action", "wanted", "expected"),
    [
        ('"kms:Decrypt"', "Decrypt", YES),
        ('"KMS:DECRYPT"', "Decrypt", YES),
        ('"kms:Decrypt"', "Encrypt", NO),
        ('"kms:Decr?pt"', "Decrypt", YES),
        ('"kms:De*"', "Decrypt", YES),
        ('"kms:De.rypt"', "Decrypt", NO),  # only * and ? are wildcards
        ('"kms:*"', "Decrypt", YES),
        ('"*"', "Decrypt", YES),
        ('"*:Decrypt"', "Decrypt", YES),
        ('"s3:*"', "Decrypt", NO),
        ('"kms:Decrypt "', "Decrypt", NO),
        ('["kms:Encrypt", "kms:Decrypt"]', "Decrypt", YES),
        ("[]", "Decrypt", NO),
        ("var.text", "Decrypt", MAYBE),
        ("var.texts", "Decrypt", MAYBE),
        ('[var.text, "kms:Decrypt"]', "Decrypt", YES),
        ('"kms:${var.text}"', "Decrypt", MAYBE),
        ('"kms:Enc${var.text}"', "Decrypt", NO),
        ('"kms:D*${var.text}"', "Decrypt", MAYBE),
        ('"kms:${var.text}Grant"', "Decrypt", NO),
        ('"s3:${var.text}"', "Decrypt", NO),
        ('var.any ? "kms:Decrypt" : "kms:*"', "Decrypt", YES),
        ('var.any ? "kms:Decrypt" : "kms:Encrypt"', "Decrypt", MAYBE),
        ('var.any ? ["kms:Decrypt"] : ["kms:Encrypt"]', "Decrypt", MAYBE),
        ('var.any ? ["kms:Sign"] : ["kms:Encrypt"]', "Decrypt", NO),
    ],
)
def test_a_statement_covers_an_action(action, wanted, expected, tmp_path):
    assert covers(one(tmp_path, action), wanted) is expected
    assert covers(one(tmp_path, action, "NotAction"), wanted) is ~expected


@pytest.mark.parametrize(
    ("denied", "allowed", "expected"),
    [
        ('"kms:*"', '"kms:Decrypt"', YES),
        ('"*"', "var.texts", YES),
        ('"kms:Dec*"', '["kms:Decrypt", "kms:Decr*"]', YES),
        ('["kms:Decrypt", "kms:Encrypt"]', '"kms:decrypt"', YES),
        ('"kms:Decrypt"', '"kms:De*"', MAYBE),
        ('"kms:Decrypt"', '["kms:Decrypt", "kms:Encrypt"]', MAYBE),
        ('"kms:Decrypt"', "var.text", MAYBE),
        ("var.texts", '"kms:Decrypt"', MAYBE),
    ],
)
def test_a_statement_covers_all_of_another(denied, allowed, expected, tmp_path):
    assert covers_all(one(tmp_path, denied), one(tmp_path, allowed)) is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:Decrypt"', [(["kms:Decrypt"], "")]),
        ("var.texts", [([], "")]),
        (
            'var.text == "x" ? ["kms:Sign"] : ["kms:Verify"]',
            [
                (["kms:Sign"], 'var.text == "x"'),
                (["kms:Verify"], 'var.text != "x"'),
            ],
        ),
        (
            '["kms:Encrypt", var.text == "x" ? "kms:Sign" : "kms:Verify"]',
            [
                (["kms:Encrypt", "kms:Sign"], 'var.text == "x"'),
                (["kms:Encrypt", "kms:Verify"], 'var.text != "x"'),
            ],
        ),
    ],
)
def test_alternatives_of_actions_are_taken_one_by_one(action, expected, tmp_path):
    found = [
        ([action.text for action in variant.actions.elements()], where)
        for variant, where in variants(one(tmp_path, action))
    ]
    assert found == expected


def test_every_operation_of_a_grant_is_an_action():
    assert OPERATIONS <= ACTIONS


def test_what_describes_a_key_is_not_cryptographic():
    assert READING < CRYPTOGRAPHIC
    assert not CRYPTOGRAPHIC & {"DescribeKey", "GetPublicKey", "CreateGrant", "RetireGrant"}


@pytest.mark.parametrize("length", [5, 40, 400])
@pytest.mark.parametrize("piece", ["*?", "*a", "*e?", "a*", "?*?"])
def test_a_pattern_is_answered_at_once_however_many_wildcards_it_has(piece, length):
    pattern = string(f"kms:{piece * length}z")
    assert matches(pattern, "GenerateDataKeyPairWithoutPlaintext") is Truth.NO


@pytest.mark.parametrize("seed", range(200))
def test_a_pattern_means_what_a_shell_means_by_it(seed):
    some = random.Random(seed)
    pattern = "kms:" + "".join(some.choices("*?ade", k=some.randrange(8)))
    action = "".join(some.choices("ade", k=some.randrange(6)))
    expected = fnmatch.fnmatchcase(f"kms:{action}", pattern)
    assert matches(string(pattern), action) is Truth.of(expected)
