"""Who may create grants for anything, and what keeps them from it. A row a case."""

import pytest
from key_policies import (
    CERTAIN,
    POSSIBLE,
    ROOT,
    SILENT,
    document,
    found,
    key,
    statement,
    verdict,
)

RULE = "unrestricted-create-grant"
ROLE = '{ AWS = "arn:aws:iam::111122223333:role/app" }'
GRANT = '"kms:CreateGrant"'


def judge(directory, *statements, text=None):
    """What the rule says of a key with these statements."""
    return verdict(found(directory, RULE, key(*statements, text=text)))


def allow(condition=None, principal=ROLE, action=GRANT, effect="Allow"):
    return statement(condition, principal, effect, action)


# -- the action ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:CreateGrant"', CERTAIN),
        ('"KMS:creategrant"', CERTAIN),
        ('["kms:Decrypt", "kms:CreateGrant"]', CERTAIN),
        ('"kms:CreateGr*"', CERTAIN),
        ('"kms:Create?rant"', CERTAIN),
        ('"kms:*Grant"', CERTAIN),
        ('"kms:*Grant*"', CERTAIN),
        ('"kms:Create*"', SILENT),
        ('"kms:C*"', SILENT),
        ('"kms:*"', SILENT),
        ('"*"', SILENT),
        ('["kms:Create*", "kms:CreateGrant"]', CERTAIN),
        ('"kms:ListGrants"', SILENT),
        ('"kms:RetireGrant"', SILENT),
        ('"kms:Decrypt"', SILENT),
        ('"s3:CreateGrant"', SILENT),
        ('var.any ? "kms:CreateGrant" : "kms:Decrypt"', CERTAIN),
        ('var.any ? ["kms:CreateGrant"] : ["kms:Decrypt"]', CERTAIN),
        ('var.any ? ["kms:Encrypt"] : ["kms:Decrypt"]', SILENT),
        ('"kms:CreateGr${var.text}"', POSSIBLE),
        ('"kms:Create${var.text}"', SILENT),
        ('"kms:${var.text}"', SILENT),
        ("var.text", SILENT),
        ("var.texts", SILENT),
        ('[var.text, "kms:CreateGrant"]', CERTAIN),
    ],
)
def test_what_names_the_action(action, expected, tmp_path):
    assert judge(tmp_path, allow(action=action)) == expected


def test_everything_but_some_actions_does_not_name_it(tmp_path):
    text = (
        '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, '
        'NotAction = "kms:Decrypt", Resource = "*" }'
    )
    assert judge(tmp_path, text) == SILENT


@pytest.mark.parametrize(
    ("effect", "expected"), [("Allow", CERTAIN), ("Deny", SILENT), ("${var.text}", POSSIBLE)]
)
def test_only_what_allows_is_a_fault(effect, expected, tmp_path):
    assert judge(tmp_path, allow(effect=effect)) == expected


# -- who -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (ROLE, CERTAIN),
        ('{ AWS = "arn:aws:iam::111122223333:user/eve" }', CERTAIN),
        ('{ AWS = "arn:aws:sts::111122223333:assumed-role/app/eve" }', CERTAIN),
        ('{ AWS = "arn:aws:sts::111122223333:federated-user/eve" }', CERTAIN),
        ('{ Federated = "arn:aws:iam::111122223333:saml-provider/okta" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::${var.text}:role/app" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::111122223333:role/${var.text}" }', POSSIBLE),  # may be AWS's own
        ("{ AWS = aws_iam_role.app.arn }", CERTAIN),
        ("{ AWS = aws_iam_role.prefixed.arn }", CERTAIN),
        ("{ AWS = data.aws_iam_role.app.arn }", CERTAIN),
        ("{ AWS = aws_iam_service_linked_role.scaling.arn }", SILENT),
        (
            (
                '{ AWS = "arn:aws:iam::111122223333:role/aws-service-role/'
                'autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" }'
            ),
            SILENT,
        ),
        ('{ AWS = "arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-1" }', SILENT),
        ('{ AWS = "arn:aws:iam::111122223333:root" }', SILENT),
        ('{ AWS = "111122223333" }', SILENT),
        ('{ AWS = "arn:aws:iam::444455556666:root" }', CERTAIN),
        ('{ AWS = "444455556666" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::${var.text}:root" }', SILENT),
        ('{ Service = "ec2.amazonaws.com" }', SILENT),
        ('"*"', SILENT),  # public-key-policy reports it
        ('{ AWS = var.any ? "arn:aws:iam::111122223333:role/app" : "111122223333" }', CERTAIN),
        ("{ AWS = var.text }", SILENT),
        ("{ AWS = var.texts }", SILENT),
        ('{ AWS = "arn:aws:iam::${var.text}:${var.text}" }', SILENT),
        ("var.any", SILENT),
    ],
)
def test_who_is_judged(principal, expected, tmp_path):
    roles = """
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "prefixed" {
  name_prefix        = "app"
  assume_role_policy = "{}"
}

data "aws_iam_role" "app" {
  name = "app"
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
}
"""
    text = roles + key(ROOT, allow(principal=principal))
    assert verdict(found(tmp_path, RULE, text)) == expected


@pytest.mark.parametrize(
    ("principal", "severity"),
    [
        (ROLE, "high"),
        ('{ AWS = "arn:aws:iam::444455556666:role/app" }', "high"),
        ('{ AWS = "arn:aws:iam::444455556666:root" }', "low"),
        (
            '{ AWS = ["arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:role/a"] }',
            "high",
        ),
    ],
)
def test_another_account_as_a_whole_is_advice(principal, severity, tmp_path):
    (one,) = found(tmp_path, RULE, key(ROOT, allow(principal=principal)))
    assert one.severity.label == severity


def test_whether_an_account_is_another_one_is_not_guessed(tmp_path):
    account = '{ AWS = "arn:aws:iam::444455556666:root" }'
    assert judge(tmp_path, allow(principal=account)) == SILENT


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }', CERTAIN),
        ('{ StringEquals = { "kms:CallerAccount" = "111122223333" } }', CERTAIN),
        (
            (
                '{ StringEquals = { "kms:CallerAccount" = "111122223333", '
                '"kms:ViaService" = "rds.eu-west-1.amazonaws.com" } }'
            ),
            SILENT,
        ),
        ('{ StringEquals = { "aws:SourceAccount" = "111122223333" } }', SILENT),  # services only
        ('{ StringLike = { "aws:PrincipalOrgID" = "*" } }', SILENT),  # public-key-policy's
        ('{ StringLike = { "aws:PrincipalOrgID" = var.text } }', SILENT),
    ],
)
def test_everyone_is_judged_where_the_caller_is_pinned(condition, expected, tmp_path):
    assert judge(tmp_path, allow(condition, principal='{ AWS = "*" }')) == expected


def test_it_is_never_reported_together_with_a_policy_open_to_everyone(tmp_path):
    text = key(allow('{ StringLike = { "kms:CallerAccount" = var.text } }', principal='"*"'))
    assert verdict(found(tmp_path, "public-key-policy", text)) == POSSIBLE
    assert verdict(found(tmp_path, RULE, text)) == SILENT


# -- what restricts a grant ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ Bool = { "kms:GrantIsForAWSResource" = "true" } }', SILENT),
        ('{ Bool = { "kms:GrantIsForAWSResource" = true } }', SILENT),
        ('{ bool = { "KMS:grantisforawsresource" = "True" } }', SILENT),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "false" } }', CERTAIN),
        ('{ BoolIfExists = { "kms:GrantIsForAWSResource" = "true" } }', CERTAIN),
        ('{ Bool = { "kms:GrantIsForAWSResource" = ["true", "false"] } }', CERTAIN),
        ('{ Bool = { "kms:GrantIsForAWSResource" = var.text } }', SILENT),
        ('{ StringEquals = { "kms:ViaService" = "ec2.eu-west-1.amazonaws.com" } }', SILENT),
        ('{ StringLike = { "kms:ViaService" = "ec2.*.amazonaws.com" } }', SILENT),
        ('{ StringLike = { "kms:ViaService" = "*" } }', CERTAIN),
        ('{ StringLike = { "kms:ViaService" = ["ec2.*.amazonaws.com", "*"] } }', CERTAIN),
        ('{ StringNotEquals = { "kms:ViaService" = "ec2.eu-west-1.amazonaws.com" } }', CERTAIN),
        ('{ StringEqualsIfExists = { "kms:ViaService" = "ec2.amazonaws.com" } }', CERTAIN),
        ('{ Null = { "kms:ViaService" = "false" } }', SILENT),
        ('{ Null = { "kms:ViaService" = "true" } }', CERTAIN),
        ('{ Null = { "kms:GranteePrincipal" = "false" } }', CERTAIN),
        ('{ Bool = { "aws:ViaAWSService" = "true" } }', SILENT),
        ('{ "ForAnyValue:StringEquals" = { "aws:CalledVia" = "dynamodb.amazonaws.com" } }', SILENT),
        (
            '{ StringEquals = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/a" } }',
            SILENT,
        ),
        ('{ ArnLike = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/*" } }', SILENT),
        ('{ ArnLike = { "kms:GranteePrincipal" = "arn:aws:iam::*:role/app" } }', CERTAIN),
        ('{ StringLike = { "kms:GranteePrincipal" = "*" } }', CERTAIN),
        (
            (
                '{ StringLike = { "kms:GranteePrincipal" = '
                '"arn:aws:iam::$${aws:PrincipalAccount}:role/*" } }'
            ),
            SILENT,
        ),
        ('{ StringEquals = { "kms:GranteeServicePrincipal" = "rds.amazonaws.com" } }', SILENT),
        ('{ StringEquals = { "kms:RetiringPrincipal" = "arn:aws:iam::1:role/a" } }', CERTAIN),
        ('{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] } }', SILENT),
        ('{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = var.texts } }', SILENT),
        ('{ "ForAllValues:StringLike" = { "kms:GrantOperations" = ["*"] } }', CERTAIN),
        ('{ "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] } }', CERTAIN),
        ('{ StringEquals = { "kms:GrantOperations" = "Decrypt" } }', POSSIBLE),
        (
            '{ StringEquals = { "kms:GrantConstraintType" = "EncryptionContextSubset" } }',
            SILENT,
        ),
        ('{ ArnLike = { "kms:GrantConstraintSourceArn" = "arn:aws:rds:*:1:db:*" } }', SILENT),
        ('{ StringEquals = { "kms:EncryptionContext:app" = "x" } }', SILENT),
        ('{ StringLike = { "kms:EncryptionContext:app" = "*" } }', CERTAIN),
        ('{ "ForAnyValue:StringEquals" = { "kms:EncryptionContextKeys" = "app" } }', SILENT),
        ('{ "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "app" } }', CERTAIN),
        ('{ Null = { "kms:EncryptionContextKeys" = "false" } }', SILENT),
        ('{ StringEquals = { "kms:CallerAccount" = "111122223333" } }', CERTAIN),
        ('{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }', CERTAIN),
        ('{ StringEquals = { "aws:PrincipalTag/team" = "x" } }', CERTAIN),
        ("null", CERTAIN),
        ("{}", CERTAIN),
        ("var.any", POSSIBLE),
        ('{ StringEquals = { (var.text) = "x" } }', POSSIBLE),
        ("{ Bool = var.any }", POSSIBLE),
        ('{ (var.text) = { "kms:ViaService" = "ec2.eu-west-1.amazonaws.com" } }', POSSIBLE),
        ('{ (var.text) = { "kms:CallerAccount" = "111122223333" } }', POSSIBLE),
    ],
)
def test_what_restricts_a_grant(condition, expected, tmp_path):
    assert judge(tmp_path, allow(condition)) == expected


@pytest.mark.parametrize(
    ("condition", "action", "expected"),
    [
        ('{ Bool = { "kms:GrantIsForAWSResource" = "false" } }', GRANT, SILENT),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "false" } }', '"kms:*Grant"', SILENT),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "false" } }', '"kms:Decrypt"', CERTAIN),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "true" } }', GRANT, CERTAIN),
        ('{ Null = { "kms:ViaService" = "true" } }', GRANT, SILENT),
        (
            '{ StringNotEquals = { "kms:GranteePrincipal" = "arn:aws:iam::1:role/a" } }',
            GRANT,
            SILENT,
        ),
        (
            '{ "ForAnyValue:StringNotEquals" = { "kms:GrantOperations" = "Decrypt" } }',
            GRANT,
            SILENT,
        ),
        (
            '{ "ForAllValues:StringNotEquals" = { "kms:GrantOperations" = "Decrypt" } }',
            GRANT,
            CERTAIN,
        ),
        (
            (
                '{ Bool = { "kms:GrantIsForAWSResource" = "false" }, '
                'StringNotLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/ops" } }'
            ),
            GRANT,
            POSSIBLE,
        ),
        ("null", GRANT, SILENT),
    ],
)
def test_another_statement_may_deny_all_other_grants(condition, action, expected, tmp_path):
    deny = statement(condition, '{ AWS = "*" }', "Deny", action)
    assert judge(tmp_path, allow(), deny) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (ROLE, SILENT),
        ('{ AWS = "arn:aws:iam::111122223333:root" }', SILENT),
        ('{ AWS = "arn:aws:iam::111122223333:role/other" }', CERTAIN),
        ("{ AWS = var.text }", POSSIBLE),
    ],
)
def test_a_denial_counts_for_whom_it_names(principal, expected, tmp_path):
    only = '{ Bool = { "kms:GrantIsForAWSResource" = "false" } }'
    deny = statement(only, principal, "Deny", GRANT)
    assert judge(tmp_path, allow(), deny) == expected


def test_a_denial_that_may_not_be_there_leaves_it_possible(tmp_path):
    deny = statement(None, '{ AWS = "*" }', "Deny", GRANT)
    assert judge(tmp_path, allow(), f"var.any ? {deny} : null") == POSSIBLE


# -- where and what ------------------------------------------------------------------------


def test_it_stands_at_the_action(tmp_path):
    actions = '[\n"kms:Decrypt",\n"kms:CreateGrant",\n]'
    (one,) = found(tmp_path, RULE, key(allow(action=actions)))
    assert one.span.text == '"kms:CreateGrant"'


def test_it_stands_at_the_action_of_a_data_source(tmp_path):
    role = ("AWS", '"arn:aws:iam::111122223333:role/app"')
    text = document(principal=role, action='"kms:Decrypt", "kms:CreateGrant"')
    (one,) = found(tmp_path, RULE, text)
    assert one.span.text == '"kms:CreateGrant"'
    assert one.certain


def test_a_data_source_can_restrict_it(tmp_path):
    condition = """condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = [true]
    }"""
    role = ("AWS", '"arn:aws:iam::111122223333:role/app"')
    text = document(condition, role, GRANT)
    assert verdict(found(tmp_path, RULE, text)) == SILENT


def test_a_dynamic_condition_that_is_not_known_leaves_it_possible(tmp_path):
    condition = """dynamic "condition" {
      for_each = var.texts
      content {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = [true]
      }
    }"""
    role = ("AWS", '"arn:aws:iam::111122223333:role/app"')
    text = document(condition, role, GRANT)
    assert verdict(found(tmp_path, RULE, text)) == POSSIBLE


@pytest.mark.parametrize(
    ("principal", "message"),
    [
        (
            ROLE,
            (
                "role app may create any grant on aws_kms_key.k, "
                "and with it give every operation to anyone"
            ),
        ),
        (
            '{ AWS = "arn:aws:iam::444455556666:role/app" }',
            (
                "role app of account 444455556666 may create any grant on aws_kms_key.k, "
                "and with it give every operation to anyone"
            ),
        ),
        (
            '{ AWS = ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b", "arn:aws:iam::1:user/c"] }',
            (
                "role a and 2 more may create any grant on aws_kms_key.k, "
                "and with it give every operation to anyone"
            ),
        ),
        (
            '{ AWS = "arn:aws:iam::444455556666:root" }',
            (
                "account 444455556666 may create any grant on aws_kms_key.k, "
                "as AWS documents it for Auto Scaling across accounts; "
                "kms:GrantOperations and kms:GranteePrincipal would restrict it"
            ),
        ),
        (
            (
                '{ AWS = ["arn:aws:iam::1:role/a", var.text == "x" ? "arn:aws:iam::1:role/b" '
                ': "arn:aws:iam::1:role/c"] }'
            ),
            (
                "role a and 1 more may create any grant on aws_kms_key.k, "
                "and with it give every operation to anyone"
            ),
        ),
        (
            "{ AWS = data.aws_iam_role.r.arn }",
            (
                "data.aws_iam_role.r may create any grant on aws_kms_key.k, "
                "and with it give every operation to anyone, if data.aws_iam_role.r is not a role "
                "of a service (not known: data.aws_iam_role.r, read from AWS)"
            ),
        ),
        (
            '{ AWS = var.text == "x" ? "arn:aws:iam::111122223333:role/a" : "111122223333" }',
            (
                "role a may create any grant on aws_kms_key.k, "
                'and with it give every operation to anyone, where var.text == "x"'
            ),
        ),
    ],
)
def test_what_it_says(principal, message, tmp_path):
    role = 'data "aws_iam_role" "r" {\n  name = var.text\n}\n'
    (one,) = found(tmp_path, RULE, role + key(ROOT, allow(principal=principal)))
    assert one.message == message


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        (
            '{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }',
            "everyone whom the condition on aws:PrincipalOrgID admits",
        ),
        (
            (
                '{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5", '
                '"kms:CallerAccount" = "111122223333", "aws:RequestedRegion" = "eu-west-1" } }'
            ),
            "everyone whom the conditions on aws:PrincipalOrgID and kms:CallerAccount admit",
        ),
        (
            'sensitive({ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } })',
            "everyone whom a condition admits",
        ),
    ],
)
def test_it_says_which_conditions_admit_everyone(condition, who, tmp_path):
    (one,) = found(tmp_path, RULE, key(ROOT, allow(condition, principal='"*"')))
    assert one.message.startswith(f"{who} may create any grant on aws_kms_key.k")


def test_everyone_whom_another_statement_spares_is_told(tmp_path):
    others = '{ StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }'
    deny = statement(others, effect="Deny", action='"kms:*"')
    (one,) = found(tmp_path, RULE, key(ROOT, allow(principal='"*"'), deny))
    assert one.message.startswith("everyone to whom no other statement denies it may create any")


def test_it_does_not_tell_who_a_sensitive_principal_is(tmp_path):
    hidden = '{ AWS = sensitive("arn:aws:iam::111122223333:role/hidden") }'
    (one,) = found(tmp_path, RULE, key(ROOT, allow(principal=hidden)))
    assert one.message.startswith("a principal may create any grant")


def test_a_statement_is_reported_once(tmp_path):
    actions = '["kms:CreateGrant", "kms:CreateGr*"]'
    principal = '{ AWS = ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"] }'
    assert len(found(tmp_path, RULE, key(allow(principal=principal, action=actions)))) == 1


def test_a_denial_or_an_unknown_effect_accuses_nobody(tmp_path):
    assert judge(tmp_path, allow(effect="Deny")) == SILENT
    assert judge(tmp_path, allow(effect="${var.text}")) == POSSIBLE
    elsewhere = '{ StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }'
    assert judge(tmp_path, allow(elsewhere)) == CERTAIN
    assert judge(tmp_path, allow(elsewhere, effect="${var.text}")) == POSSIBLE


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:Create*"', CERTAIN),
        ('"kms:*t"', CERTAIN),  # also kms:Decrypt, not kms:PutKeyPolicy
        ('"kms:*t*e*"', CERTAIN),  # also kms:PutKeyPolicy, not kms:Decrypt
        ('"kms:*"', SILENT),
        ('"kms:*t*"', SILENT),  # both: it is as good as kms:*
    ],
)
def test_what_names_the_action_among_others_for_another_account(action, expected, tmp_path):
    stranger = '{ AWS = "arn:aws:iam::444455556666:role/app" }'
    assert judge(tmp_path, ROOT, allow(principal=stranger, action=action)) == expected


@pytest.mark.parametrize(
    ("principal", "action", "proposed"),
    [
        (ROLE, GRANT, True),
        (ROLE, '["KMS:creategrant", "kms:ListGrants", "kms:RevokeGrant"]', True),
        (ROLE, '["kms:CreateGrant", "kms:Decrypt"]', False),  # whose calls would be denied
        (ROLE, '"kms:CreateGr*"', False),
        ('{ AWS = "arn:aws:iam::444455556666:root" }', GRANT, False),  # AWS documents it
    ],
)
def test_a_condition_is_proposed_where_all_actions_can_have_it(
    principal, action, proposed, tmp_path
):
    (one,) = found(tmp_path, RULE, key(ROOT, allow(principal=principal, action=action)))
    assert (one.fix is not None) == proposed
