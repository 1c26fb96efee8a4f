"""The rules about conditions and actions of key policies. A row a case."""

import pytest
from key_policies import CERTAIN, POSSIBLE, SILENT, document, found, key, statement, verdict

ROLE = '{ AWS = "arn:aws:iam::111122223333:role/app" }'
OTHER = '{ AWS = "arn:aws:iam::111122223333:role/other" }'
GIFAR = '"kms:GrantIsForAWSResource"'


def judge(directory, rule, *statements):
    """What a rule says of a key with these statements."""
    return verdict(found(directory, rule, key(*statements)))


def severities(directory, rule, *statements):
    """How severe its findings are."""
    return [one.severity.label for one in found(directory, rule, key(*statements))]


def granting(condition, effect="Allow", action='"kms:CreateGrant"', principal=ROLE):
    """A statement about grants under a condition."""
    return statement(condition, principal, effect, action)


# -- kms:GrantIsForAWSResource -------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', SILENT),
        (f'{{ Bool = {{ {GIFAR} = "True" }} }}', SILENT),
        (f"{{ Bool = {{ {GIFAR} = true }} }}", SILENT),
        (f'{{ StringEquals = {{ {GIFAR} = "true" }} }}', SILENT),  # AWS compares the text
        (f'{{ Bool = {{ {GIFAR} = "false" }} }}', CERTAIN),
        (f"{{ Bool = {{ {GIFAR} = false }} }}", CERTAIN),
        ('{ bool = { "KMS:grantisforawsresource" = "FALSE" } }', CERTAIN),
        (f'{{ Bool = {{ {GIFAR} = ["true", "false"] }} }}', CERTAIN),
        (f'{{ BoolIfExists = {{ {GIFAR} = "true" }} }}', CERTAIN),
        (f'{{ Null = {{ {GIFAR} = "false" }} }}', CERTAIN),
        (f'{{ StringLike = {{ {GIFAR} = "*" }} }}', CERTAIN),
        (f'{{ StringNotEquals = {{ {GIFAR} = "false" }} }}', SILENT),
        (f"{{ Bool = {{ {GIFAR} = var.any }} }}", SILENT),
        (f'{{ Bool = {{ {GIFAR} = var.any ? "true" : "true" }} }}', SILENT),
        (f'{{ StringLike = {{ {GIFAR} = var.any ? "true" : null }} }}', SILENT),
        ('{ Bool = { (var.text) = "false" } }', SILENT),
        (f'{{ (var.text) = {{ {GIFAR} = "false" }} }}', SILENT),
        (
            f'{{ Bool = {{ {GIFAR} = false }}, ArnLike = {{ "kms:GranteePrincipal" = "1" }} }}',
            SILENT,
        ),
        (
            f'{{ Bool = {{ {GIFAR} = false }}, StringEquals = {{ "aws:PrincipalOrgID" = "o" }} }}',
            CERTAIN,
        ),
        (f'{{ Bool = {{ {GIFAR} = "false" }}, StringEquals = {{ (var.text) = "x" }} }}', POSSIBLE),
    ],
)
def test_what_keeps_grants_to_services(condition, expected, tmp_path):
    assert judge(tmp_path, "loose-aws-resource-condition", granting(condition)) == expected


@pytest.mark.parametrize(
    ("effect", "action", "expected"),
    [
        ("Allow", '"kms:*"', CERTAIN),
        ("Allow", '["kms:ListGrants", "kms:RevokeGrant"]', SILENT),
        ("Allow", "var.texts", POSSIBLE),
        ("Deny", '"kms:CreateGrant"', SILENT),
        ("${var.text}", '"kms:CreateGrant"', POSSIBLE),
    ],
)
def test_only_to_allow_grants_the_flag_is_turned_round(effect, action, expected, tmp_path):
    condition = f'{{ Bool = {{ {GIFAR} = "false" }} }}'
    rule = "loose-aws-resource-condition"
    assert judge(tmp_path, rule, granting(condition, effect, action)) == expected


# -- dead-action ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "action", "expected"),
    [
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '"kms:CreateGrant"', SILENT),
        (
            f'{{ Bool = {{ {GIFAR} = "true" }} }}',
            '["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]',
            SILENT,
        ),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '["kms:CreateGrant", "kms:Decrypt"]', CERTAIN),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '["kms:CreateGrant", "KMS:decrypt"]', CERTAIN),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '"kms:*"', SILENT),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '"kms:*Grant*"', SILENT),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '"kms:ReEncrypt*"', CERTAIN),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', '"kms:ReEncrypt"', SILENT),  # another rule's
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', "var.text", SILENT),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', 'var.any ? "kms:Decrypt" : "kms:*"', CERTAIN),
        (f'{{ BoolIfExists = {{ {GIFAR} = "true" }} }}', '"kms:Decrypt"', SILENT),
        (f'{{ Null = {{ {GIFAR} = "true" }} }}', '"kms:Decrypt"', SILENT),
        (f'{{ Null = {{ {GIFAR} = "false" }} }}', '"kms:Decrypt"', CERTAIN),
        (f'{{ (var.text) = {{ {GIFAR} = "true" }} }}', '"kms:Decrypt"', SILENT),
        ('{ StringEquals = { "kms:EncryptionContext:a" = "b" } }', '"kms:Sign"', CERTAIN),
        ('{ StringEquals = { "kms:EncryptionContext:a" = "b" } }', '"kms:DescribeKey"', SILENT),
        ('{ StringEquals = { "kms:EncryptionContext:a" = "b" } }', '"kms:CreateGrant"', SILENT),
        ('{ StringNotEquals = { "kms:EncryptionContext:a" = "b" } }', '"kms:Sign"', SILENT),
        ('{ StringEquals = { "kms:RequestAlias" = "alias/a" } }', '"kms:CreateGrant"', CERTAIN),
        ('{ StringEquals = { "kms:RequestAlias" = "alias/a" } }', '"kms:DescribeKey"', SILENT),
        ('{ StringEquals = { "kms:GranteePrincipal" = "x" } }', '"kms:RevokeGrant"', CERTAIN),
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '"kms:Sign"',
            SILENT,
        ),
        (
            '{ "ForAnyValue:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '"kms:Sign"',
            CERTAIN,
        ),
        ('{ StringEquals = { "kms:ViaService" = "s3.*" } }', '"kms:ListAliases"', SILENT),
        ('{ StringEquals = { "kms:NewKey" = "x" } }', '"kms:Decrypt"', SILENT),
        ('{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3" } }', '"kms:Decrypt"', SILENT),
        ("var.any", '"kms:Decrypt"', SILENT),
    ],
)
def test_which_actions_a_condition_rules_out(condition, action, expected, tmp_path):
    assert judge(tmp_path, "dead-action", granting(condition, action=action)) == expected


def test_an_action_that_only_describes_is_low(tmp_path):
    condition = f'{{ Bool = {{ {GIFAR} = "true" }} }}'
    actions = '["kms:CreateGrant", "kms:DescribeKey", "kms:Decrypt", "kms:D*sc*"]'
    found_ = found(tmp_path, "dead-action", key(granting(condition, action=actions)))
    assert {one.message.split()[0]: one.severity.label for one in found_} == {
        "kms:DescribeKey": "low",
        "kms:Decrypt": "medium",
        "kms:D*sc*": "low",  # kms:DisconnectCustomKeyStore is of no key
    }


def test_a_condition_that_denies_rules_nothing_out(tmp_path):
    condition = f'{{ Bool = {{ {GIFAR} = "false" }} }}'
    deny = granting(condition, "Deny", '["kms:CreateGrant", "kms:Decrypt"]')
    assert judge(tmp_path, "dead-action", deny) == SILENT


@pytest.mark.parametrize(
    ("condition", "effect", "certain"),
    [
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', "Allow", True),
        (f'{{ Bool = {{ {GIFAR} = "true" }} }}', "${var.text}", False),
        (f"{{ Null = {{ {GIFAR} = var.any }} }}", "Allow", False),
    ],
)
def test_what_is_not_known_leaves_a_dead_action_possible(condition, effect, certain, tmp_path):
    shown = granting(condition, effect, '"kms:Decrypt"')
    assert judge(tmp_path, "dead-action", shown) == (CERTAIN if certain else POSSIBLE)


def test_an_alternative_of_the_action_is_named(tmp_path):
    condition = f'{{ Bool = {{ {GIFAR} = "true" }} }}'
    action = 'var.text == "x" ? "kms:Decrypt" : "kms:CreateGrant"'
    (one,) = found(tmp_path, "dead-action", key(granting(condition, action=action)))
    assert one.message.endswith(', where var.text == "x"')


def test_it_tells_no_sensitive_condition_or_action(tmp_path):
    hidden = f'sensitive({{ Bool = {{ {GIFAR} = "true" }} }})'
    assert judge(tmp_path, "dead-action", granting(hidden, action='"kms:Decrypt"')) == SILENT
    action = 'sensitive("kms:Decrypt")'
    shown = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', action=action)
    assert judge(tmp_path, "dead-action", shown) == SILENT


# -- set operators -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "condition", "expected"),
    [
        ("Allow", '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Sign"] } }', []),
        (
            "Allow",
            '{ "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Sign"] } }',
            ["high"],
        ),
        (
            "Allow",
            '{ "ForAnyValue:StringNotEquals" = { "kms:GrantOperations" = ["Sign"] } }',
            ["high"],
        ),
        (
            "Allow",
            (
                '{ "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Sign"] }, '
                '"ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Sign", "Verify"] } }'
            ),
            [],
        ),
        ("Deny", '{ "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Sign"] } }', []),
        (
            "Deny",
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Sign"] } }',
            ["high"],
        ),
        ("Allow", '{ StringEquals = { "kms:GrantOperations" = ["Sign"] } }', ["medium"]),
        ("Deny", '{ StringEquals = { "kms:GrantOperations" = ["Sign"] } }', ["medium"]),
        ("Allow", '{ StringLike = { "aws:PrincipalOrgPaths" = "o-a/r-b/*" } }', ["medium"]),
        ("Allow", '{ StringEquals = { "kms:ResourceAliases" = "alias/a" } }', ["medium"]),
        ("Allow", '{ Null = { "kms:ResourceAliases" = "true" } }', []),
        (
            "Allow",
            '{ "ForAllValues:StringEquals" = { "kms:EncryptionContext:a" = "b" } }',
            ["high"],
        ),
        ("Allow", '{ "ForAnyValue:StringEquals" = { "kms:EncryptionContext:a" = "b" } }', []),
        ("Allow", '{ "ForAllValues:StringEquals" = { "aws:RequestTag/a" = "b" } }', ["high"]),
        ("Allow", '{ StringEquals = { "kms:NewKeys" = "b" } }', []),
        ("Allow", '{ (var.text) = { "kms:GrantOperations" = ["Sign"] } }', []),
    ],
)
def test_what_set_operators_do(effect, condition, expected, tmp_path):
    assert severities(tmp_path, "wrong-set-operator", granting(condition, effect)) == expected


def test_a_refused_set_operator_says_that_apply_fails(tmp_path):
    condition = '{ "ForAllValues:StringEquals" = { "kms:EncryptionContext:a" = "b" } }'
    (one,) = found(tmp_path, "wrong-set-operator", key(granting(condition)))
    assert one.message.startswith("apply fails: AWS KMS refuses ForAllValues on kms:EncryptionC")


def test_an_unknown_effect_makes_it_possible(tmp_path):
    condition = '{ "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Sign"] } }'
    shown = granting(condition, "${var.text}")
    assert judge(tmp_path, "wrong-set-operator", shown) == POSSIBLE


# -- what is met without the key -----------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "action", "expected"),
    [
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '"kms:CreateGrant"',
            [],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '["kms:CreateGrant", "kms:Decrypt"]',
            ["high"],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '["kms:CreateGrant", "kms:RevokeGrant"]',
            ["medium"],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '["kms:CreateGrant", "kms:DescribeKey", "kms:ListGrants", "kms:RetireGrant"]',
            [],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            '"kms:*"',
            ["high"],
        ),
        ('{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }', "var.texts", []),
        (
            '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }',
            'concat(["kms:Decrypt"], var.texts)',
            ["high"],
        ),
        (
            (
                '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" }, '
                'StringEquals = { "kms:ViaService" = "eks.eu-west-1.amazonaws.com" } }'
            ),
            '["kms:CreateGrant", "kms:Decrypt"]',
            [],
        ),
        (
            (
                '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" }, '
                'StringEquals = { (var.text) = "x" } }'
            ),
            '["kms:CreateGrant", "kms:Decrypt"]',
            [],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "a" } }',
            '"kms:Decrypt"',
            ["high"],
        ),
        (
            (
                '{ "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "a" }, '
                'Null = { "kms:EncryptionContextKeys" = "false" } }'
            ),
            '"kms:Decrypt"',
            [],
        ),
        (
            (
                '{ "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "a" }, '
                'StringEquals = { "kms:EncryptionContext:a" = "b" } }'
            ),
            '"kms:Decrypt"',
            [],
        ),
        (
            (
                '{ "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "a" }, '
                'StringEquals = { "kms:CallerAccount" = "111122223333" } }'
            ),
            '"kms:Decrypt"',
            ["high"],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "kms:ResourceAliases" = "alias/a" } }',
            '"kms:Decrypt"',
            ["high"],
        ),
        (
            (
                '{ "ForAllValues:StringLike" = { "kms:ResourceAliases" = "alias/a*" }, '
                '"ForAnyValue:StringLike" = { "kms:ResourceAliases" = "alias/a*" } }'
            ),
            '"kms:Decrypt"',
            [],
        ),
        (
            '{ "ForAllValues:StringLike" = { "aws:PrincipalOrgPaths" = "o-a/*" } }',
            '"kms:Decrypt"',
            ["high"],
        ),
        (
            '{ "ForAllValues:StringEquals" = { "aws:SourceArn" = "arn:aws:s3:::a" } }',
            '"kms:Decrypt"',
            ["high"],
        ),
        ('{ "ForAllValues:StringEquals" = { "kms:CallerAccount" = "1" } }', '"kms:Decrypt"', []),
        ('{ "ForAllValues:StringEquals" = { "aws:TagKeys" = "a" } }', '"kms:TagResource"', []),
        ('{ "ForAllValues:StringEquals" = { "kms:NewKeys" = "a" } }', '"kms:Decrypt"', []),
        ('{ "ForAllValues:StringEquals" = { (var.text) = "a" } }', '"kms:Decrypt"', []),
        ('{ StringEqualsIfExists = { "kms:EncryptionContext:a" = "b" } }', '"kms:Decrypt"', []),
    ],
)
def test_what_asks_nothing_without_its_key(condition, action, expected, tmp_path):
    found_ = severities(tmp_path, "vacuous-condition", granting(condition, action=action))
    assert found_ == expected


def test_the_actions_that_harm_most_are_named_first(tmp_path):
    condition = '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }'
    actions = '["kms:RevokeGrant", "kms:Encrypt", "kms:CreateGrant"]'
    (one,) = found(tmp_path, "vacuous-condition", key(granting(condition, action=actions)))
    assert one.message == (
        "ForAllValues is met by every request for kms:Encrypt and kms:RevokeGrant, "
        "as none has kms:GrantOperations: nothing limits it"
    )


# -- values that no request has ------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringEquals = { "kms:ViaService" = "s3.*.amazonaws.com" } }', ["medium"]),
        ('{ StringEqualsIgnoreCase = { "kms:ViaService" = "s3.?.amazonaws.com" } }', ["medium"]),
        ('{ StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }', []),
        ('{ StringEquals = { "kms:ViaService" = ["s3.*.amazonaws.com", "*"] } }', ["medium"] * 2),
        ('{ StringEquals = { "kms:ViaService" = "s3.${var.text}.*.com" } }', ["medium"]),
        ('{ StringEquals = { "kms:ViaService" = "s3.${var.text}.amazonaws.com" } }', []),
        ('{ StringEquals = { "kms:ViaService" = "ec2.amazonaws.com" } }', ["low"]),
        ('{ StringLike = { "kms:ViaService" = "ec2.amazonaws.com" } }', ["low"]),
        ('{ StringLike = { "kms:ViaService" = "ec2*" } }', []),
        ('{ StringEquals = { "kms:ViaService" = "redshift.amazonaws.com" } }', []),  # AWS has it
        ('{ StringEquals = { "kms:ViaService" = "ec2.cn-north-1.amazonaws.com.cn" } }', ["low"]),
        ('{ StringEquals = { "kms:ViaService" = "ec2.cn-north-1.amazonaws.com" } }', []),
        ('{ StringEquals = { "aws:PrincipalArn" = "arn:aws:iam::1:role/a-*" } }', ["medium"]),
        ('{ ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::1:role/a-*" } }', []),
        ('{ StringEquals = { "aws:userid" = "AROAEXAMPLE:*" } }', ["medium"]),
        ('{ StringEquals = { "aws:PrincipalArn" = "role/$${*}" } }', []),
        ('{ StringEquals = { "aws:PrincipalArn" = "role/$${aws:username}*" } }', []),
        ('{ StringNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::1:role/a-*" } }', ["high"]),
        (
            '{ StringEquals = { "kms:EncryptionContext:aws:s3:arn" = "arn:aws:s3:::a/*" } }',
            ["medium"],
        ),
        ('{ StringEquals = { "kms:EncryptionContext:aws:ebs:id" = "vol-*" } }', ["medium"]),
        ('{ StringEquals = { "kms:CallerAccount" = "111122223333" } }', []),
        ('{ StringEquals = { "kms:CallerAccount" = "arn:aws:iam::1:root" } }', ["medium"]),
        ('{ StringLike = { "kms:CallerAccount" = "1111*" } }', []),
        ('{ StringEquals = { "kms:RequestAlias" = "alias/a" } }', []),
        ('{ StringLike = { "kms:RequestAlias" = "*a" } }', []),
        ('{ StringEquals = { "kms:RequestAlias" = "arn:aws:kms:a:1:alias/a" } }', ["medium"]),
        ('{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Sign", "Verify"] } }', []),
        ('{ "ForAllValues:StringLike" = { "kms:GrantOperations" = "GenerateDataKey*" } }', []),
        ('{ "ForAllValues:StringLike" = { "kms:GrantOperations" = "kms:*" } }', ["medium"]),
        ('{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "ReEncrypt" } }', ["medium"]),
        ('{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "ListGrants" } }', ["medium"]),
        ('{ StringEquals = { "kms:NewKey" = "a*" } }', []),
        ('{ NumericEquals = { "kms:RotationPeriodInDays" = "*" } }', []),
        ('{ StringEquals = { "kms:ViaService" = sensitive("*") } }', []),
        ("var.any", []),
    ],
)
def test_which_values_no_request_has(condition, expected, tmp_path):
    assert severities(tmp_path, "unmatched-condition-value", granting(condition)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"a*"', POSSIBLE),  # the caller may send an asterisk
        ('"arn:aws:s3:::a/*"', CERTAIN),
        ('var.any ? "arn:aws:s3:::a/*" : "a"', POSSIBLE),
        ('var.any ? "arn:aws:s3:::a/*" : "arn:aws:s3:::a/*"', CERTAIN),
        ("var.text", SILENT),
    ],
)
def test_a_wildcard_in_a_context_of_ones_own_is_possible(value, expected, tmp_path):
    condition = f'{{ StringEquals = {{ "kms:EncryptionContext:app" = {value} }} }}'
    assert judge(tmp_path, "unmatched-condition-value", granting(condition)) == expected


@pytest.mark.parametrize(
    ("effect", "operator", "severity", "end"),
    [
        ("Allow", "StringEquals", "medium", "the statement allows nothing by it"),
        ("Allow", "StringNotEquals", "high", "the condition keeps nothing out"),
        ("Deny", "StringEquals", "high", "the statement does not deny it"),
        ("Deny", "StringNotEquals", "medium", "the condition spares nothing"),
    ],
)
def test_what_follows_of_a_value_that_no_request_has(effect, operator, severity, end, tmp_path):
    condition = f'{{ {operator} = {{ "aws:PrincipalArn" = "arn:aws:iam::1:role/*" }} }}'
    rule = "unmatched-condition-value"
    (one,) = found(tmp_path, rule, key(granting(condition, effect)))
    assert (one.severity.label, one.certain) == (severity, True)
    assert one.message == (
        f'{operator} takes the wildcard in "arn:aws:iam::1:role/*" as it is: '
        f"no request has it as aws:PrincipalArn, so {end}"
    )


# -- the grantee ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringLike = { "kms:GranteePrincipal" = "*" } }', ["high"]),
        ('{ StringLike = { "kms:GranteePrincipal" = "arn:aws:iam::*:role/a" } }', ["high"]),
        ('{ ArnLike = { "kms:GranteePrincipal" = "arn:aws:iam::*:role/a" } }', ["high"]),
        ('{ StringLike = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:*" } }', []),
        (
            '{ StringLike = { "kms:GranteePrincipal" = "arn:aws:iam::$${aws:userid}:*" } }',
            [],
        ),
        ('{ StringEquals = { "kms:GranteePrincipal" = "arn:aws:iam::*:role/a" } }', []),
        ('{ StringNotLike = { "kms:GranteePrincipal" = "arn:aws:iam::*:role/a" } }', []),
        ('{ StringLike = { "kms:GranteePrincipal" = var.text } }', []),
        (
            '{ StringLike = { "kms:GranteePrincipal" = ["arn:aws:iam::111122223333:*", "*"] } }',
            ["high"],
        ),
        (
            (
                '{ StringLike = { "kms:GranteePrincipal" = "*" }, '
                '"ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] } }'
            ),
            ["medium"],
        ),
        (
            f'{{ StringLike = {{ "kms:GranteePrincipal" = "*" }}, Bool = {{ {GIFAR} = "true" }} }}',
            [],
        ),
        ('{ StringLike = { "kms:RetiringPrincipal" = "*" } }', []),
    ],
)
def test_which_grantees_are_of_any_account(condition, expected, tmp_path):
    assert severities(tmp_path, "wide-grantee-condition", granting(condition)) == expected


def test_a_wide_grantee_that_is_denied_is_none(tmp_path):
    condition = '{ StringLike = { "kms:GranteePrincipal" = "*" } }'
    assert judge(tmp_path, "wide-grantee-condition", granting(condition, "Deny")) == SILENT


# -- kms:RetireGrant -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "action", "expected"),
    [
        ("Allow", '"kms:RetireGrant"', ["low"]),
        ("Allow", '"kms:retiregrant"', ["low"]),
        ("Allow", '["kms:ListGrants", "kms:RetireGrant"]', ["low"]),
        ("Allow", '["kms:CreateGrant", "kms:RetireGrant"]', []),
        ("Allow", '"kms:*"', []),
        ("Allow", '"kms:Retire*"', []),
        ("Allow", "var.text", []),
        ("Deny", '["kms:CreateGrant", "kms:RetireGrant"]', ["medium"]),
    ],
)
def test_a_key_policy_says_nothing_of_retiring(effect, action, expected, tmp_path):
    shown = statement(None, ROLE, effect, action)
    assert severities(tmp_path, "ineffective-retire-grant", shown) == expected


@pytest.mark.parametrize(
    ("action", "end"),
    [
        ('"kms:RetireGrant"', ""),
        (
            'var.any ? "kms:RetireGrant" : "kms:ListGrants"',
            ", if that one is taken (not known: var.any has no value)",
        ),
    ],
)
def test_what_is_said_of_denying_to_retire(action, end, tmp_path):
    (one,) = found(tmp_path, "ineffective-retire-grant", key(statement(None, ROLE, "Deny", action)))
    said = "kms:RetireGrant cannot be denied by a key policy: whoever the grant says may retire it"
    assert one.message == f"{said}{end}"


# -- actions that there are not ------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:ReEncrypt"', ["medium"]),
        ('"kms:Describe"', ["medium"]),
        ('"kms:ListGrant"', ["medium"]),
        ('"kms:Decript"', ["medium"]),
        ('"kms:Decrypts*"', ["medium"]),
        ('"Decrypt"', ["medium"]),
        ('["kms:ReEncrypt", "kms:ReEncrypt*"]', ["low"]),
        ('"kms:decrypt"', []),
        ('"kms:Re*"', []),
        ('"kms:GetKeyLastUsage"', []),
        ('"kms:SomethingOfNextYear"', []),
        ('"kms:"', []),
        ('"*"', []),
        ('"s3:GetObject"', []),
        ('"sns:Publish"', []),
        ("var.text", []),
        ('var.any ? "kms:ReEncrypt" : "kms:Decrypt"', ["medium"]),
    ],
)
def test_which_actions_there_are_not(action, expected, tmp_path):
    shown = statement(None, ROLE, action=action)
    assert severities(tmp_path, "unmatched-action", shown) == expected


@pytest.mark.parametrize(
    ("effect", "element", "expected"),
    [
        ("Deny", "Action", "high"),
        ("Deny", "NotAction", "medium"),
        ("Allow", "NotAction", "high"),
    ],
)
def test_what_is_not_denied_is_worse_than_what_is_not_allowed(effect, element, expected, tmp_path):
    shown = statement(None, ROLE, effect, '"kms:ReEncrypt"').replace("Action =", f"{element} =")
    assert severities(tmp_path, "unmatched-action", shown) == [expected]


def test_what_was_meant_is_said_and_proposed(tmp_path):
    actions = '["kms:ReEncrypt", "kms:ListGrant", "kms:GetKeyP"]'
    found_ = found(tmp_path, "unmatched-action", key(statement(None, ROLE, action=actions)))
    assert [(one.message, one.fix.change.value) for one in found_] == [
        (
            (
                '"kms:ReEncrypt" is no action of AWS KMS, but kms:ReEncryptFrom and '
                "kms:ReEncryptTo are, so that nothing is allowed by it"
            ),
            "kms:ReEncrypt*",
        ),
        (
            (
                '"kms:ListGrant" is no action of AWS KMS, but kms:ListGrants is, '
                "so that nothing is allowed by it"
            ),
            "kms:ListGrants",
        ),
        (
            (
                '"kms:GetKeyP" is no action of AWS KMS, but kms:GetKeyPolicy is, '
                "so that nothing is allowed by it"
            ),
            "kms:GetKeyPolicy",
        ),
    ]


@pytest.mark.parametrize(
    ("action", "end", "proposed"),
    [
        ('"kms:ListGrant"', "so that nothing is allowed by it", "kms:ListGrants"),
        (
            'var.any ? "kms:ListGrant" : "kms:Decrypt"',
            "so that nothing is allowed by it, where var.any is true",
            None,  # the text stands somewhere else
        ),
        (
            '["kms:ListGrant", var.any ? "kms:Encrypt" : "kms:Decrypt"]',
            "so that nothing is allowed by it",
            "kms:ListGrants",
        ),
    ],
)
def test_only_what_is_written_in_the_list_is_mended(action, end, proposed, tmp_path):
    (one,) = found(tmp_path, "unmatched-action", key(statement(None, ROLE, action=action)))
    assert one.message.endswith(f"kms:ListGrants is, {end}")
    assert (one.fix.change.value if one.fix else None) == proposed


# -- conditions that another statement defeats ---------------------------------------------

RESTRICTED = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}')
CREATE = '"kms:Create*"'
OPEN = statement(None, ROLE, action=CREATE)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (OPEN, CERTAIN),
        (statement(None, ROLE, action='["kms:CreateGrant", "kms:Decrypt"]'), CERTAIN),
        (statement(None, ROLE, action='"kms:*"'), SILENT),  # an administrator
        (statement(None, ROLE, action='"kms:CreateAlias"'), SILENT),
        (statement(None, OTHER, action=CREATE), SILENT),
        (statement(None, ROLE, action="var.texts"), SILENT),
        (statement(None, ROLE, "Deny", '"kms:Create*"'), SILENT),
        (
            statement(
                '{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3" } }',
                ROLE,
                action=CREATE,
            ),
            CERTAIN,
        ),
        (
            statement('{ StringEquals = { "aws:ResourceTag/a" = "b" } }', ROLE, action=CREATE),
            SILENT,
        ),
        (
            statement(
                '{ StringEquals = { "kms:ViaService" = "ec2.eu-west-1.amazonaws.com" } }',
                ROLE,
                action=CREATE,
            ),
            SILENT,
        ),
        (f"var.any ? {OPEN} : null", POSSIBLE),
        (
            statement(
                None,
                '{ AWS = ["arn:aws:iam::111122223333:role/app", var.text] }',
                action=CREATE,
            ),
            CERTAIN,
        ),
        (statement(None, "{ AWS = var.texts }", action=CREATE), SILENT),
    ],
)
def test_what_defeats_a_condition_on_grants(other, expected, tmp_path):
    assert judge(tmp_path, "defeated-grant-condition", other, RESTRICTED) == expected
    assert judge(tmp_path, "defeated-grant-condition", RESTRICTED, other) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('{ AWS = "arn:aws:iam::444455556666:root" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::111122223333:root" }', SILENT),  # it delegates to IAM
        ('{ AWS = "*" }', SILENT),
        ('{ Service = "ec2.amazonaws.com" }', SILENT),
        ("{ AWS = var.text }", SILENT),
    ],
)
def test_whose_condition_is_defeated(principal, expected, tmp_path):
    own = statement(None, '{ AWS = "arn:aws:iam::111122223333:root" }', action='"kms:*"')
    restricted = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', principal=principal)
    open_ = statement(None, principal, action=CREATE)
    assert judge(tmp_path, "defeated-grant-condition", own, restricted, open_) == expected


def test_denying_all_other_grants_keeps_the_condition_alive(tmp_path):
    deny = granting(f'{{ Bool = {{ {GIFAR} = "false" }} }}', "Deny", principal='"*"')
    assert judge(tmp_path, "defeated-grant-condition", RESTRICTED, OPEN, deny) == SILENT


def test_a_denial_under_a_condition_is_not_defeated_by_what_is_allowed(tmp_path):
    deny = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', "Deny")
    assert judge(tmp_path, "defeated-grant-condition", deny, OPEN) == SILENT


def named(sid):
    return OPEN.replace("{", f"{{ Sid = {sid},", 1)


LETS = " lets role app create any grant, so that this condition does nothing"
OTHERS = granting(f'{{ Bool = {{ {GIFAR} = "false" }} }}', "Deny", principal='"*"')


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([OPEN], f"another statement{LETS}"),
        ([named('"Open"')], f"the statement Open{LETS}"),
        ([named('sensitive("Open")')], f"another statement{LETS}"),
        ([f"var.any ? {OPEN} : null"], f"another statement{LETS}, if another statement is there"),
        (
            [OPEN, f"var.any ? {OTHERS} : null"],
            f"another statement{LETS}, if no other statement denies it",
        ),
    ],
)
def test_what_is_said_of_a_condition_that_is_defeated(others, message, tmp_path):
    (one,) = found(tmp_path, "defeated-grant-condition", key(RESTRICTED, *others))
    assert one.message == message


def test_a_role_of_the_estate_is_the_same_by_its_address(tmp_path):
    role = 'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = "{}"\n}\n'
    principal = "{ AWS = aws_iam_role.r.arn }"
    restricted = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', principal=principal)
    open_ = statement(None, principal, action=CREATE)
    found_ = found(tmp_path, "defeated-grant-condition", role + key(restricted, open_))
    assert verdict(found_) == CERTAIN


def test_a_finding_in_a_policy_document_stands_in_its_statement(tmp_path):
    condition = (
        'condition {\n      test     = "Bool"\n      variable = "kms:GrantIsForAWSResource"\n'
        '      values   = ["false"]\n    }'
    )
    principal = ("AWS", '"arn:aws:iam::111122223333:role/app"')
    text = document(condition, principal, '"kms:CreateGrant"')
    (one,) = found(tmp_path, "loose-aws-resource-condition", text)
    assert (
        '["false"]'
        in one.span.source.text.split("\n")[one.span.source.position(one.span.start)[0] - 1]
    )


# -- what all of these ask of a statement --------------------------------------------------

LOOSE = '{ "ForAllValues:StringEquals" = { "kms:ResourceAliases" = "alias/a" } }'
BESIDE = '{ "ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" } }'
REFUSED = '{ "ForAllValues:StringEquals" = { "kms:EncryptionContext:a" = "b" } }'
WIDE = '{ StringLike = { "kms:GranteePrincipal" = "*" } }'


@pytest.mark.parametrize(
    ("rule", "condition", "action"),
    [
        ("vacuous-condition", LOOSE, '"kms:Decrypt"'),
        ("vacuous-condition", BESIDE, '["kms:Encrypt", "kms:CreateGrant"]'),
        ("wrong-set-operator", REFUSED, '"kms:Decrypt"'),
        ("wide-grantee-condition", WIDE, '"kms:CreateGrant"'),
    ],
)
@pytest.mark.parametrize(
    ("effect", "expected"),
    [("Allow", CERTAIN), ("Deny", SILENT), ("${var.text}", POSSIBLE), ("x", SILENT)],
)
def test_only_what_is_allowed_is_allowed_too_widely(
    rule, condition, action, effect, expected, tmp_path
):
    shown = granting(condition, effect, action)
    assert judge(tmp_path, rule, shown) == expected


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ("wide-grantee-condition", WIDE),
        ("loose-aws-resource-condition", f"{{ Bool = {{ {GIFAR} = false }} }}"),
    ],
)
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:CreateGrant"', CERTAIN),
        ('"kms:ListGrants"', SILENT),
        ("var.texts", POSSIBLE),
        ('["kms:ListGrants", var.text]', POSSIBLE),
    ],
)
def test_conditions_on_grants_matter_where_grants_are_made(
    rule, condition, action, expected, tmp_path
):
    assert judge(tmp_path, rule, granting(condition, action=action)) == expected


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_all_actions_but_retiring_are_no_word_on_retiring(effect, tmp_path):
    shown = statement(None, ROLE, effect, '"kms:RetireGrant"').replace("Action =", "NotAction =")
    assert judge(tmp_path, "ineffective-retire-grant", shown) == SILENT


@pytest.mark.parametrize(
    ("rule", "conditions", "action", "expected"),
    [
        ("loose-aws-resource-condition", f'Null = {{ {GIFAR} = "true" }}', "Create", []),
        ("loose-aws-resource-condition", f'Bool = {{ {GIFAR} = "yes" }}', "Create", []),
        ("loose-aws-resource-condition", 'StringLike = { "aws:PrincipalArn" = "*" }', "Create", []),
        (
            "vacuous-condition",
            (
                '"ForAllValues:StringEquals" = { "kms:ResourceAliases" = "alias/a" }, '
                'StringEquals = { "kms:EncryptionContext:a" = "b" }'
            ),
            "Decrypt",
            ["high"],
        ),
        (
            "vacuous-condition",
            (
                '"ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign" }, '
                'StringEquals = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/a" }'
            ),
            "Both",
            [],
        ),
        (
            "vacuous-condition",
            (
                '"ForAllValues:StringEquals" = { "kms:GrantOperations" = "Sign", '
                '"kms:CallerAccount" = "111122223333" }'
            ),
            "Both",
            [],
        ),
        (
            "wide-grantee-condition",
            (
                'StringLike = { "kms:GranteePrincipal" = "*" }, '
                'Bool = { "aws:ViaAWSService" = "false" }'
            ),
            "Create",
            ["high"],
        ),
        (
            "wrong-set-operator",
            '"ForAnyValue:Null" = { "kms:GrantOperations" = "false" }',
            "Create",
            [],
        ),
        (
            "wrong-set-operator",
            '"ForAllValues:Null" = { "kms:EncryptionContext:a" = "false" }',
            "Decrypt",
            [],
        ),
        (
            "wrong-set-operator",
            (
                '"ForAnyValue:StringEquals" = { "kms:GrantOperations" = "Sign" }, '
                '"ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = "a" }'
            ),
            "Create",
            ["high"],
        ),
    ],
)
def test_what_stands_beside_a_condition_counts(rule, conditions, action, expected, tmp_path):
    actions = {
        "Create": '"kms:CreateGrant"',
        "Decrypt": '"kms:Decrypt"',
        "Both": '["kms:Encrypt", "kms:CreateGrant"]',
    }
    shown = granting(f"{{ {conditions} }}", action=actions[action])
    assert severities(tmp_path, rule, shown) == expected


def test_a_possible_finding_says_which_condition_may_limit_the_grants(tmp_path):
    condition = f'{{ Bool = {{ {GIFAR} = "false" }}, StringEquals = {{ (var.text) = "x" }} }}'
    (one,) = found(tmp_path, "loose-aws-resource-condition", key(granting(condition)))
    assert one.message == (
        "kms:GrantIsForAWSResource does not keep grants to services of AWS: false admits the "
        "grants that nobody but the caller asks for, if no other condition limits the grants "
        "(not known: var.text has no value)"
    )


def test_a_possible_finding_says_no_more_than_is_not_known(tmp_path):
    shown = granting(f'{{ Bool = {{ {GIFAR} = "false" }} }}', "${var.text}")
    (one,) = found(tmp_path, "loose-aws-resource-condition", key(shown))
    assert one.message == (
        "kms:GrantIsForAWSResource does not keep grants to services of AWS: false admits the "
        "grants that nobody but the caller asks for, if the statement allows it "
        "(not known: var.text has no value)"
    )


# -- what is said of actions ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "action", "end"),
    [
        ("Allow", '"kms:Decrypt"', "which the condition asks for"),
        (
            "${var.text}",
            '"kms:Decrypt"',
            (
                "which the condition asks for, if the statement allows it "
                "(not known: var.text has no value)"
            ),
        ),
    ],
)
def test_what_is_said_of_a_dead_action(effect, action, end, tmp_path):
    shown = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', effect, action)
    (one,) = found(tmp_path, "dead-action", key(shown))
    assert one.message == (
        "kms:Decrypt is never allowed by this statement: its requests do not have "
        f"kms:GrantIsForAWSResource, {end}"
    )


def test_an_alternative_that_is_no_action_is_named_and_not_changed(tmp_path):
    action = 'var.any ? "kms:ReEncrypt" : "kms:Decrypt"'
    (one,) = found(tmp_path, "unmatched-action", key(statement(None, ROLE, action=action)))
    assert one.message.endswith("so that nothing is allowed by it, where var.any is true")
    assert one.fix is None


def test_an_action_that_is_written_is_said_without_a_case(tmp_path):
    action = '["kms:ReEncrypt", var.any ? "kms:Encrypt" : "kms:Decrypt"]'
    found_ = found(tmp_path, "unmatched-action", key(statement(None, ROLE, action=action)))
    assert {one.message.rpartition(", ")[2] for one in found_} == {
        "so that nothing is allowed by it"
    }


@pytest.mark.parametrize(
    ("sid", "name"),
    [("Sid = var.text, ", "another statement"), ('Sid = "Open", ', "the statement Open")],
)
def test_which_statement_defeats_a_condition_is_said(sid, name, tmp_path):
    limited = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}')
    open_ = statement(None, ROLE, action='"kms:CreateGrant"')
    named = open_.replace("{Effect", f"{{{sid}Effect", 1)
    (one,) = found(tmp_path, "defeated-grant-condition", key(limited, named))
    assert one.message == (
        f"{name} lets role app create any grant, so that this condition does nothing"
    )


@pytest.mark.parametrize(
    ("effect", "value", "end"),
    [
        ("Allow", '"arn:aws:iam::1:role/*"', ", so the statement allows nothing by it"),
        (
            "${var.text}",
            '"arn:aws:iam::1:role/*"',
            (
                ", so the statement allows nothing by it, if that is its effect "
                "(not known: var.text has no value)"
            ),
        ),
    ],
)
def test_what_is_said_of_a_value_that_no_request_has(effect, value, end, tmp_path):
    shown = granting(f'{{ StringEquals = {{ "kms:GranteePrincipal" = {value} }} }}', effect)
    (one,) = found(tmp_path, "unmatched-condition-value", key(shown))
    assert one.message.endswith(f"no request has it as kms:GranteePrincipal{end}")


@pytest.mark.parametrize(
    ("action", "severity"), [('"kms:Decrypt"', "medium"), ('"kms:DescribeKey"', "low")]
)
def test_how_bad_a_dead_action_is(action, severity, tmp_path):
    shown = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', action=action)
    assert severities(tmp_path, "dead-action", shown) == [severity]


@pytest.mark.parametrize(
    ("effect", "operator", "expected"),
    [
        ("Allow", '"Bool"', CERTAIN),
        ("${var.text}", '"Bool"', POSSIBLE),
        ("Allow", '"Bool${var.text}"', SILENT),
    ],
)
def test_a_dead_action_is_as_sure_as_its_effect(effect, operator, expected, tmp_path):
    shown = granting(f'{{ ({operator}) = {{ {GIFAR} = "true" }} }}', effect, '"kms:Decrypt"')
    assert judge(tmp_path, "dead-action", shown) == expected


def test_a_service_without_a_region_that_is_denied_is_high(tmp_path):
    shown = granting('{ StringEquals = { "kms:ViaService" = "s3.amazonaws.com" } }', "Deny")
    assert severities(tmp_path, "unmatched-condition-value", shown) == ["high"]


def test_a_value_that_is_one_of_two_is_told_as_such(tmp_path):
    value = 'var.any ? "arn:aws:iam::1:role/*" : "arn:aws:iam::111122223333:role/a"'
    shown = granting(f'{{ StringEquals = {{ "kms:GranteePrincipal" = {value} }} }}')
    (one,) = found(tmp_path, "unmatched-condition-value", key(shown))
    assert "if that is the value" in one.message


def test_a_denied_grant_has_no_condition_to_defeat(tmp_path):
    denied = granting(f'{{ Bool = {{ {GIFAR} = "true" }} }}', "Deny")
    open_ = statement(None, ROLE, action='"kms:CreateGrant"')
    assert judge(tmp_path, "defeated-grant-condition", denied, open_) == SILENT
