"""Which key policies are open to everyone, and which only look so. A row a case."""

import pytest
from key_policies import CERTAIN, POSSIBLE, SILENT, document, found, key, statement, verdict

from grantlint.check import check
from grantlint.parsers.settings import Options


def judge(directory, *statements, text=None):
    """What the rule says of a key with these statements, or with `text` as its policy."""
    return verdict(found(directory, "public-key-policy", key(*statements, text=text)))


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('"*"', CERTAIN),
        ('{ AWS = "*" }', CERTAIN),
        ('{ AWS = ["*"] }', CERTAIN),
        ('{ AWS = ["arn:aws:iam::111122223333:root", "*"] }', CERTAIN),
        ('{ AWS = concat(var.texts, ["*"]) }', CERTAIN),
        ('{ AWS = "arn:aws:iam::111122223333:root" }', SILENT),
        ('{ AWS = "111122223333" }', SILENT),
        ('{ AWS = "arn:aws:iam::${var.text}:root" }', SILENT),
        ('{ AWS = "arn:aws:iam::*:root" }', SILENT),  # AWS refuses it: another rule's
        ('{ Service = "logs.eu-west-1.amazonaws.com" }', SILENT),
        ('{ AWS = "${var.text}" }', SILENT),
        ("{ AWS = var.text }", SILENT),
        ("{ AWS = var.texts }", SILENT),
        ("var.any", SILENT),
        ('"arn:aws:iam::111122223333:role/a"', SILENT),  # AWS refuses it: it needs a type
        ('{ AWS = var.any ? "*" : "arn:aws:iam::111122223333:root" }', CERTAIN),
        ('{ AWS = var.any ? ["*"] : ["arn:aws:iam::111122223333:root"] }', CERTAIN),
        ('{ AWS = var.any ? "*" : var.text }', CERTAIN),
        ('{ AWS = var.any ? var.text : "arn:aws:iam::111122223333:root" }', SILENT),
        ('{ AWS = ["*", var.text] }', CERTAIN),
        ('{ AWS = "*${var.text}" }', POSSIBLE),  # no more than the wildcard, if it is empty
        ("{ AWS = data.aws_caller_identity.current.arn }", SILENT),
        ('{ Service = "*${var.text}" }', SILENT),
        ('{ Service = "*" }', SILENT),  # every service: another rule's
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
        ('{ StringLike = { "kms:CallerAccount" = var.any ? "111122223333" : "4*" } }', CERTAIN),
        ('{ StringLike = { "kms:CallerAccount" = var.any ? "111122223333" : "4" } }', SILENT),
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
        ('{ StringEquals = { "aws:ResourceOrgID" = "$${aws:PrincipalOrgID}" } }', SILENT),
        ('{ StringEquals = { "aws:ResourceAccount" = "111122223333" } }', CERTAIN),
        ('{ ArnLike = { "aws:PrincipalArn" = data.aws_caller_identity.current.arn } }', SILENT),
        ('{ StringLike = { "kms:CallerAccount" = var.texts } }', POSSIBLE),
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


def test_the_alternative_that_is_everyone_is_named(tmp_path):
    chosen = 'var.text == "open" ? "*" : "arn:aws:iam::111122223333:root"'
    (one,) = found(tmp_path, "public-key-policy", key(statement(principal=f"{{ AWS = {chosen} }}")))
    assert one.message.endswith(', where var.text == "open"')


@pytest.mark.parametrize(
    ("shown", "end"),
    [
        (
            statement('{ StringLike = { "aws:PrincipalOrgPaths" = "${var.text}/*" } }'),
            (
                ", if the condition on aws:PrincipalOrgPaths does not prevent it "
                "(not known: var.text has no value)"
            ),
        ),
        (
            statement(
                '{ StringLike = { "aws:PrincipalArn" = var.texts, "aws:PrincipalOrgID" = var.text,'
                ' "kms:ViaService" = var.text } }'
            ),
            (
                ", if the conditions on aws:PrincipalArn and aws:PrincipalOrgID do not prevent it "
                "(not known: var.texts has no value; var.text has no value)"
            ),
        ),
        (statement("var.any"), ", if no condition prevents it (not known: var.any has no value)"),
        (
            statement(principal='{ AWS = "*${var.text}" }'),
            ", if the principal is * (not known: var.text has no value)",
        ),
        (
            statement('{ StringLike = { "kms:CallerAccount" = var.text == "x" ? "*" : "1" } }'),
            ', where var.text == "x"',
        ),
        (
            statement(
                '{ StringLike = { "kms:CallerAccount" = [var.text == "x" ? "1" : "*"] } }',
                principal='{ AWS = var.text == "y" ? "*" : "1" }',
            ),
            ', where var.text == "y" and var.text != "x"',
        ),
    ],
)
def test_it_says_what_it_depends_on(shown, end, tmp_path):
    (one,) = found(tmp_path, "public-key-policy", key(shown))
    assert one.message == f"anyone in any AWS account may call kms:Decrypt on aws_kms_key.k{end}"


def test_a_denial_that_may_help_is_said(tmp_path):
    deny = statement(DENY_OTHERS, effect="Deny", action="var.texts")
    (one,) = found(tmp_path, "public-key-policy", key(statement(), deny))
    assert one.message.endswith(" on aws_kms_key.k, if no other statement denies it")


def test_the_actions_that_harm_most_are_named(tmp_path):
    action = '["kms:ListGrants", "kms:Encrypt", "kms:Decrypt", "kms:CreateGrant"]'
    (one,) = found(tmp_path, "public-key-policy", key(statement(action=action)))
    assert "may call kms:CreateGrant, kms:Decrypt, kms:Encrypt and 1 more on" in one.message


def test_it_tells_no_sensitive_key_of_a_condition(tmp_path):
    hidden = 'sensitive({ StringLike = { "aws:PrincipalArn" = var.text } })'
    (one,) = found(tmp_path, "public-key-policy", key(statement(hidden)))
    assert "aws:PrincipalArn" not in one.message


def test_a_wildcard_beside_an_unknown_condition_is_possible(tmp_path):
    either = 'var.any ? { StringEquals = { "kms:CallerAccount" = "111122223333" } } : {}'
    assert judge(tmp_path, statement(either)) == POSSIBLE


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
        (
            '{ "ForAnyValue:StringNotLike" = { "aws:PrincipalOrgPaths" = "o-a1b2c3d4e5/*" } }',
            '"kms:*"',
            CERTAIN,  # callers without a path are not denied
        ),
        (
            '{ StringNotEquals = { "aws:PrincipalOrgID" = "$${aws:ResourceOrgID}" } }',
            '"kms:*"',
            SILENT,
        ),
        ("null", '"kms:*"', SILENT),  # denied to everyone
        ("null", '"kms:Dec*"', SILENT),
    ],
)
def test_another_statement_may_deny_it_to_all_others(condition, action, expected, tmp_path):
    deny = statement(condition, effect="Deny", action=action)
    assert judge(tmp_path, statement(), deny) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ('"*"', CERTAIN),
        ('"arn:aws:kms:eu-west-1:111122223333:key/1234"', CERTAIN),
        ('"arn:aws:*:eu-west-1:111122223333:key/1234"', CERTAIN),
        ('["arn:aws:sqs:eu-west-1:111122223333:queue", "*"]', CERTAIN),
        ('"arn:aws:sqs:eu-west-1:111122223333:queue"', SILENT),
        ('"arn:aws:sqs:eu-west-1:${var.text}:queue"', SILENT),
        ("aws_sqs_queue.q.arn", SILENT),
        ("var.text", CERTAIN),
        ("var.texts", CERTAIN),
    ],
)
def test_a_statement_about_something_else_does_nothing_in_a_key_policy(
    resource, expected, tmp_path
):
    shown = statement().replace('Resource = "*"', f"Resource = {resource}")
    text = 'resource "aws_sqs_queue" "q" {}\n' + key(shown)
    assert verdict(found(tmp_path, "public-key-policy", text)) == expected


def test_denying_all_but_named_principals_closes_it(tmp_path):
    deny = (
        '{ Effect = "Deny", NotPrincipal = { AWS = "arn:aws:iam::111122223333:root" }, '
        'Action = "kms:*", Resource = "*" }'
    )
    assert judge(tmp_path, statement(), deny) == SILENT


def test_denying_one_role_does_not_close_it(tmp_path):
    deny = statement(
        effect="Deny",
        principal='{ AWS = "arn:aws:iam::111122223333:role/app" }',
        action='"kms:*"',
    )
    assert judge(tmp_path, statement(), deny) == CERTAIN


def test_a_statement_that_may_not_be_there_is_a_certain_fault_where_it_is(tmp_path):
    assert judge(tmp_path, f"var.any ? {statement()} : null") == CERTAIN
    report = check([str(tmp_path)], Options())
    (one,) = [one for one in report.findings if one.rule == "public-key-policy"]
    assert one.exists.name == "MAYBE"
    assert one.message.endswith(", where var.any is true")


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


def test_a_dynamic_condition_that_is_not_known_leaves_it_possible(tmp_path):
    condition = """dynamic "condition" {
      for_each = var.texts
      content {
        test     = "StringEquals"
        variable = "kms:CallerAccount"
        values   = ["111122223333"]
      }
    }"""
    assert verdict(found(tmp_path, "public-key-policy", document(condition))) == POSSIBLE
