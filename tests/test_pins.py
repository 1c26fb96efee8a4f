"""What conditions pin: the three questions beside each other, then a denial's."""

import pytest
from key_policies import statement, statements

from grantlint.iam import pins
from grantlint.value import Truth

YES, MAYBE, NO = Truth.YES, Truth.MAYBE, Truth.NO


def asked(directory, condition, *, spares=False):
    """What a statement's one condition pins: caller, source, grant."""
    (shown,) = statements(directory, statement(condition))[0].conditions
    return tuple(ask(shown, spares=spares) for ask in (pins.caller, pins.source, pins.grant))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringEquals = { "kms:CallerAccount" = "111122223333" } }', (YES, YES, NO)),
        ('{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3" } }', (YES, YES, NO)),
        ('{ StringEquals = { "aws:SourceAccount" = "111122223333" } }', (YES, YES, YES)),
        ('{ StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }', (NO, NO, YES)),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "true" } }', (NO, NO, YES)),
        ('{ Bool = { "aws:PrincipalIsAWSService" = "true" } }', (YES, NO, YES)),
        ('{ StringEquals = { "kms:EncryptionContext:app" = "x" } }', (NO, NO, YES)),
        ('{ StringEquals = { "kms:EncryptionContext:app" = "arn:aws:a:b:1:c" } }', (NO, YES, YES)),
        ('{ IpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }', (YES, YES, NO)),
        ('{ DateLessThan = { "aws:CurrentTime" = "2030-01-01T00:00:00Z" } }', (NO, NO, NO)),
        ('{ StringLike = { "aws:SourceAccount" = var.text } }', (MAYBE, YES, YES)),
        ('{ StringLike = { "aws:SourceAccount" = var.any ? "1*" : "2*" } }', (NO, NO, YES)),
        ('{ StringLike = { "aws:SourceAccount" = var.any ? "1" : "2" } }', (YES, YES, YES)),
        ('{ StringLike = { "aws:SourceAccount" = var.any ? "1" : var.text } }', (MAYBE, YES, YES)),
        ('{ StringEquals = { (var.text) = "x" } }', (MAYBE, MAYBE, MAYBE)),
        ('{ (var.text) = { "aws:CurrentTime" = "x" } }', (MAYBE, MAYBE, MAYBE)),
    ],
)
def test_each_question_has_its_own_keys(condition, expected, tmp_path):
    assert asked(tmp_path, condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringNotEquals = { "aws:SourceAccount" = "111122223333" } }', (YES, YES, YES)),
        ('{ StringEquals = { "aws:SourceAccount" = "111122223333" } }', (NO, NO, NO)),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "false" } }', (NO, NO, YES)),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "true" } }', (NO, NO, NO)),
        ('{ BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }', (YES, NO, YES)),
        ('{ NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } }', (YES, YES, NO)),
        ('{ Null = { "kms:ViaService" = "true" } }', (NO, NO, YES)),
        ('{ Null = { "kms:ViaService" = "false" } }', (NO, NO, NO)),
        ('{ Null = { "kms:ViaService" = var.text } }', (NO, NO, MAYBE)),
    ],
)
def test_a_denial_spares_what_it_does_not_meet(condition, expected, tmp_path):
    assert asked(tmp_path, condition, spares=True) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/*-admin", YES),
        ("${data.aws_caller_identity.current.arn}*", YES),
        ("arn:aws:iam::*:role/${data.aws_caller_identity.current.user_id}", NO),
        ("arn:aws:iam::*${data.aws_caller_identity.current.account_id}:role/app", NO),
        ("arn:aws:iam::${var.text}:role/${data.aws_caller_identity.current.user_id}", MAYBE),
    ],
)
def test_an_identifier_of_aws_inside_a_text_hides_no_wildcard_beside_it(value, expected, tmp_path):
    condition = f'{{ StringLike = {{ "aws:PrincipalArn" = "{value}" }} }}'
    assert asked(tmp_path, condition)[0] is expected
