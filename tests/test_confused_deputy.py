"""Which services may use a key for anyone, and what keeps strangers out. A row a case."""

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

RULE = "confused-deputy"
LOGS = '{ Service = "logs.eu-west-1.amazonaws.com" }'
USE = '["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]'
PUBLISH = '["kms:Decrypt", "kms:GenerateDataKey*"]'


def judge(directory, *statements, text=None):
    """What the rule says of a key with these statements."""
    return verdict(found(directory, RULE, key(*statements, text=text)))


def allow(condition=None, principal=LOGS, action=USE, effect="Allow"):
    return statement(condition, principal, effect, action)


def severity(directory, service, action, condition=None):
    """How bad it is for a service, or silent."""
    shown = allow(condition, f'{{ Service = "{service}" }}', action)
    return next((one.severity.label for one in found(directory, RULE, key(shown))), SILENT)


# -- who -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (LOGS, CERTAIN),
        ('{ Service = ["logs.eu-west-1.amazonaws.com"] }', CERTAIN),
        ('{ Service = "logs.${var.text}.amazonaws.com" }', CERTAIN),
        ('{ Service = "*" }', CERTAIN),
        (
            '{ AWS = "arn:aws:iam::111122223333:root", Service = "cloudfront.amazonaws.com" }',
            CERTAIN,
        ),
        ('{ AWS = "arn:aws:iam::111122223333:role/app" }', SILENT),
        ('{ AWS = "*" }', SILENT),
        ('"*"', SILENT),
        ('{ Service = var.any ? "ec2.amazonaws.com" : "events.amazonaws.com" }', CERTAIN),
        ('{ Service = "${var.text}.amazonaws.com" }', POSSIBLE),  # AWS may document it so
        ('{ Service = "logs-${var.text}.amazonaws.com" }', POSSIBLE),
        ("{ Service = var.text }", SILENT),
        ("{ Service = var.texts }", SILENT),
        ("var.any", SILENT),
    ],
)
def test_who_is_a_deputy(principal, expected, tmp_path):
    assert judge(tmp_path, allow(principal=principal)) == expected


def test_everyone_but_some_services_is_another_rules(tmp_path):
    text = (
        '{ Effect = "Allow", NotPrincipal = { Service = "ec2.amazonaws.com" }, '
        'Action = "kms:Decrypt", Resource = "*" }'
    )
    assert judge(tmp_path, text) == SILENT


@pytest.mark.parametrize(
    ("effect", "expected"), [("Allow", CERTAIN), ("Deny", SILENT), ("${var.text}", POSSIBLE)]
)
def test_only_what_allows_is_a_fault(effect, expected, tmp_path):
    assert judge(tmp_path, allow(effect=effect)) == expected


# -- the actions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:Decrypt"', "high"),
        ('"kms:decrypt*"', "high"),
        ('"kms:ReEncrypt*"', "high"),
        ('"kms:CreateGrant"', "high"),
        ('"kms:*"', "high"),
        ('"*"', "high"),
        ('"kms:GenerateDataKey"', "medium"),
        ('["kms:Encrypt", "kms:GenerateDataKey*"]', "medium"),
        ('"kms:Sign"', "medium"),
        ('"kms:GenerateMac"', "medium"),
        ('"kms:DescribeKey"', SILENT),
        ('["kms:Describe*", "kms:Get*", "kms:List*"]', SILENT),
        ('"kms:ReEncrypt"', SILENT),  # there is no such action
        ('"s3:*"', SILENT),
        ("var.text", SILENT),
        ("var.texts", SILENT),
        ('[var.text, "kms:Encrypt"]', "medium"),
        ('var.any ? "kms:Encrypt" : "kms:DescribeKey"', "medium"),
        ('var.any ? ["kms:DescribeKey"] : ["kms:Decrypt"]', "high"),
    ],
)
def test_how_bad_an_action_is(action, expected, tmp_path):
    assert severity(tmp_path, "ec2.amazonaws.com", action) == expected


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [('"kms:ScheduleKeyDeletion"', CERTAIN), ('"kms:*"', SILENT), ("var.texts", SILENT)],
)
def test_everything_but_some_actions(exceptions, expected, tmp_path):
    text = f'{{ Effect = "Allow", Principal = {LOGS}, NotAction = {exceptions}, Resource = "*" }}'
    assert judge(tmp_path, text) == expected


# -- what AWS documents --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("cloudwatch.amazonaws.com", PUBLISH, "low"),
        ("sns.amazonaws.com", PUBLISH, "low"),
        ("sns.eu-west-1.amazonaws.com", PUBLISH, "low"),
        ("s3.amazonaws.com", PUBLISH, "low"),
        ("s3.amazonaws.com", USE, "high"),
        ("s3.amazonaws.com", '"kms:GenerateDataKey"', "low"),
        ("events.rds.amazonaws.com", PUBLISH, "low"),
        ("eu-west-1.devops-guru.amazonaws.com", PUBLISH, "low"),
        ("delivery.logs.amazonaws.com", USE, "low"),
        ("delivery.logs.amazonaws.com", '"kms:*"', "high"),
        ("cloudtrail.amazonaws.com", PUBLISH, "low"),
        ("cloudtrail.amazonaws.com", '["kms:Decrypt", "kms:GenerateDataKey"]', SILENT),
        ("config.amazonaws.com", '["kms:Decrypt", "kms:GenerateDataKey"]', "low"),
        ("costalerts.amazonaws.com", PUBLISH, "low"),
        ("codestar-notifications.amazonaws.com", PUBLISH, "low"),
        ("events.amazonaws.com", PUBLISH, SILENT),
        ("events.amazonaws.com.cn", PUBLISH, SILENT),
        ("events.${var.text}.amazonaws.com", PUBLISH, SILENT),
        ("events.amazonaws.com", USE, "high"),
        ("EVENTS.amazonaws.com", PUBLISH, SILENT),
        ("dnssec-route53.amazonaws.com", '["kms:DescribeKey", "kms:Sign"]', "low"),
        ("dnssec-route53.amazonaws.com", '"kms:CreateGrant"', "high"),
        ("logs.eu-west-1.amazonaws.com", PUBLISH, "high"),
        ("logs.eu-west-1.amazonaws.com", '"kms:Decrypt*"', "low"),
        ("cloudfront.amazonaws.com", PUBLISH, "high"),
        ("sqs.amazonaws.com", PUBLISH, "high"),
    ],
)
def test_what_aws_documents_without_a_source_is_advice_at_most(service, action, expected, tmp_path):
    assert severity(tmp_path, service, action) == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [("dnssec-route53.amazonaws.com", SILENT), ("rds.amazonaws.com", "medium")],
)
def test_a_grant_of_route_53_for_itself_cannot_have_a_source(service, expected, tmp_path):
    own = '{ Bool = { "kms:GrantIsForAWSResource" = "true" } }'
    assert severity(tmp_path, service, '"kms:CreateGrant"', own) == expected


# -- what pins the source ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ StringEquals = { "aws:SourceAccount" = "111122223333" } }', SILENT),
        ('{ stringequals = { "AWS:sourceaccount" = "111122223333" } }', SILENT),
        ('{ StringEquals = { "aws:SourceAccount" = var.text } }', SILENT),
        ('{ StringEquals = { "aws:SourceAccount" = var.texts } }', SILENT),
        ('{ StringLike = { "aws:SourceAccount" = var.text } }', SILENT),
        ('{ StringEquals = { "aws:SourceAccount" = "$${aws:ResourceAccount}" } }', SILENT),
        ('{ StringEquals = { "aws:SourceAccount" = "$${aws:PrincipalAccount}" } }', CERTAIN),
        ('{ StringLike = { "aws:SourceAccount" = "*" } }', CERTAIN),
        ('{ StringEqualsIfExists = { "aws:SourceAccount" = "111122223333" } }', CERTAIN),
        ('{ StringNotEquals = { "aws:SourceAccount" = "111122223333" } }', CERTAIN),
        ('{ Null = { "aws:SourceAccount" = "false" } }', CERTAIN),
        ('{ StringEquals = { "aws:SourceOrgID" = "o-a1b2c3d4e5" } }', SILENT),
        (
            '{ "ForAnyValue:StringLike" = { "aws:SourceOrgPaths" = "o-a1b2c3d4e5/*" } }',
            SILENT,
        ),
        ('{ "ForAllValues:StringLike" = { "aws:SourceOrgPaths" = "o-a1b2c3d4e5/*" } }', CERTAIN),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:logs:*:111122223333:*" } }', SILENT),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:logs:*:*:log-group:app" } }', CERTAIN),
        ('{ ArnEquals = { "aws:SourceArn" = "arn:aws:s3:::bucket" } }', SILENT),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:s3:::*" } }', CERTAIN),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:s3:::bucket/*" } }', SILENT),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:route53:::hostedzone/Z1" } }', SILENT),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:route53:::hostedzone/*" } }', CERTAIN),
        (
            (
                '{ ArnLike = { "aws:SourceArn" = "arn:aws:logs:eu-west-1:'
                '${data.aws_caller_identity.current.account_id}:*" } }'
            ),
            SILENT,
        ),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:logs:${var.text}:${var.text}:*" } }', SILENT),
        ('{ ArnLike = { "aws:SourceArn" = "arn:aws:logs:${var.text}:*:*" } }', CERTAIN),
        (
            (
                '{ ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:'
                '${data.aws_caller_identity.current.id}:*:*" } }'
            ),
            CERTAIN,
        ),
        ('{ ArnLike = { "aws:SourceArn" = var.texts } }', SILENT),
        (
            (
                '{ ArnLike = { "kms:EncryptionContext:aws:logs:arn" = '
                '"arn:aws:logs:eu-west-1:111122223333:*" } }'
            ),
            SILENT,
        ),
        (
            (
                '{ ArnEquals = { "KMS:encryptioncontext:aws:logs:arn" = '
                '"arn:aws:logs:eu-west-1:111122223333:log-group:app" } }'
            ),
            SILENT,
        ),
        (
            '{ ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:*:*:*" } }',
            CERTAIN,
        ),
        (
            (
                '{ StringEquals = { "kms:EncryptionContext:aws:ecs:clusterAccount" = '
                '"111122223333" } }'
            ),
            SILENT,
        ),
        (
            '{ StringEquals = { "kms:EncryptionContext:aws:ecs:clusterName" = "prod" } }',
            CERTAIN,
        ),
        ('{ StringEquals = { "kms:EncryptionContext:aws:sqs:arn" = var.text } }', SILENT),
        ('{ Null = { "kms:EncryptionContext:aws:sqs:arn" = "false" } }', CERTAIN),
        ('{ StringEquals = { "kms:CallerAccount" = "111122223333" } }', SILENT),
        ('{ StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }', SILENT),
        ('{ StringEquals = { "kms:ViaService" = "sns.eu-west-1.amazonaws.com" } }', CERTAIN),
        ('{ Bool = { "aws:PrincipalIsAWSService" = "true" } }', CERTAIN),
        ('{ StringEquals = { "aws:PrincipalServiceName" = "logs.amazonaws.com" } }', CERTAIN),
        ('{ Bool = { "kms:GrantIsForAWSResource" = "true" } }', CERTAIN),
        ("null", CERTAIN),
        ("var.any", POSSIBLE),
        ("{ StringEquals = var.any }", POSSIBLE),
        ('{ StringEquals = { (var.text) = "111122223333" } }', POSSIBLE),
        ('{ (var.text) = { "aws:SourceAccount" = "111122223333" } }', POSSIBLE),
        ('{ (var.text) = { "kms:ViaService" = "111122223333" } }', POSSIBLE),
        ('var.any ? { StringEquals = { "aws:SourceAccount" = "111122223333" } } : {}', POSSIBLE),
    ],
)
def test_what_pins_the_source(condition, expected, tmp_path):
    assert judge(tmp_path, allow(condition)) == expected


@pytest.mark.parametrize(
    ("condition", "principal", "expected"),
    [
        ('{ StringNotEquals = { "aws:SourceAccount" = "111122223333" } }', '"*"', SILENT),
        ('{ StringNotEqualsIfExists = { "aws:SourceOrgID" = "o-a1b2c3d4e5" } }', '"*"', SILENT),
        ('{ StringNotEquals = { "aws:SourceAccount" = "111122223333" } }', LOGS, SILENT),
        (
            '{ StringNotEquals = { "aws:SourceAccount" = "111122223333" } }',
            '{ Service = "s3.amazonaws.com" }',
            CERTAIN,
        ),
        (
            (
                '{ StringNotEquals = { "aws:SourceAccount" = "111122223333" }, '
                'Bool = { "aws:PrincipalIsAWSService" = "true" } }'
            ),
            '"*"',
            SILENT,
        ),
        (
            (
                '{ StringNotEquals = { "aws:SourceOrgID" = "o-a1b2c3d4e5" }, '
                'BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }'
            ),
            '"*"',
            CERTAIN,  # services are not denied
        ),
        (
            (
                '{ StringNotEquals = { "aws:SourceOrgID" = "o-a1b2c3d4e5" }, '
                'Null = { "aws:SourceOrgID" = "false" } }'
            ),
            '"*"',
            POSSIBLE,
        ),
        ('{ StringEquals = { "aws:SourceAccount" = "111122223333" } }', '"*"', CERTAIN),
    ],
)
def test_another_statement_may_deny_all_other_sources(condition, principal, expected, tmp_path):
    deny = statement(condition, principal, "Deny", '"kms:*"')
    assert judge(tmp_path, allow(), deny) == expected


# -- where and what ------------------------------------------------------------------------


def test_it_stands_at_the_service(tmp_path):
    (one,) = found(tmp_path, RULE, key(ROOT, allow()))
    assert one.span.text == '"logs.eu-west-1.amazonaws.com"'


def test_it_stands_at_the_worst_service_and_counts_the_others(tmp_path):
    services = '[\n"cloudwatch.amazonaws.com",\n"sqs.amazonaws.com",\n"events.amazonaws.com"\n]'
    shown = allow(principal=f"{{ Service = {services} }}", action=PUBLISH)
    (one,) = found(tmp_path, RULE, key(shown))
    assert one.span.text == '"sqs.amazonaws.com"'
    assert one.severity.label == "high"
    assert one.message.startswith("sqs.amazonaws.com and 1 more service may call")


def test_a_data_source_is_judged_alike(tmp_path):
    service = ("Service", '"logs.eu-west-1.amazonaws.com"')
    (one,) = found(tmp_path, RULE, document(principal=service, action='"kms:Decrypt"'))
    assert one.span.text == '"logs.eu-west-1.amazonaws.com"'
    condition = """condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }"""
    text = document(condition, service, '"kms:Decrypt"')
    assert verdict(found(tmp_path, RULE, text)) == SILENT


def test_a_dynamic_condition_that_is_not_known_leaves_it_possible(tmp_path):
    condition = """dynamic "condition" {
      for_each = var.texts
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = ["111122223333"]
      }
    }"""
    service = ("Service", '"logs.eu-west-1.amazonaws.com"')
    text = document(condition, service, '"kms:Decrypt"')
    assert verdict(found(tmp_path, RULE, text)) == POSSIBLE


@pytest.mark.parametrize(
    ("principal", "action", "message"),
    [
        (
            LOGS,
            USE,
            (
                "logs.eu-west-1.amazonaws.com may call kms:Decrypt, kms:Encrypt, "
                "kms:GenerateDataKey* on aws_kms_key.k for any AWS account, "
                "as no condition fixes the source"
            ),
        ),
        (
            '{ Service = "logs.${var.text}.amazonaws.com" }',
            '["kms:List*", "kms:*"]',
            (
                "logs.….amazonaws.com may call kms:* on aws_kms_key.k for any AWS account, "
                "as no condition fixes the source"
            ),
        ),
        (
            '{ Service = "cloudwatch.amazonaws.com" }',
            PUBLISH,
            (
                "cloudwatch.amazonaws.com may call kms:Decrypt, kms:GenerateDataKey* "
                "on aws_kms_key.k for any AWS account, as AWS's documentation shows it; "
                "aws:SourceAccount would keep other accounts out"
            ),
        ),
        (
            LOGS,
            'var.text == "x" ? "kms:Encrypt" : "kms:DescribeKey"',
            (
                "logs.eu-west-1.amazonaws.com may call kms:Encrypt on aws_kms_key.k "
                'for any AWS account, as no condition fixes the source, where var.text == "x"'
            ),
        ),
        (
            '{ Service = "logs.${data.aws_caller_identity.current.id}.amazonaws.com" }',
            '"kms:*"',
            (
                "logs.….amazonaws.com may call kms:* on aws_kms_key.k for any AWS account, "
                "as no condition fixes the source"
            ),
        ),
        (
            '{ Service = ["events.amazonaws.com", "cloudwatch.amazonaws.com"] }',
            PUBLISH,
            (
                "cloudwatch.amazonaws.com may call kms:Decrypt, kms:GenerateDataKey* "
                "on aws_kms_key.k for any AWS account, as AWS's documentation shows it; "
                "aws:SourceAccount would keep other accounts out, in a statement without "
                "events.amazonaws.com, whose calls may have no source"
            ),
        ),
        (
            '{ Service = ["events.amazonaws.com", "cloudwatch.amazonaws.com"] }',
            USE,
            (
                "events.amazonaws.com and 1 more service may call kms:Decrypt, kms:Encrypt, "
                "kms:GenerateDataKey* on aws_kms_key.k for any AWS account, as no condition fixes "
                "the source; without kms:Encrypt it would be as AWS documents it"
            ),
        ),
        (
            '{ Service = ["events.amazonaws.com", "config.amazonaws.com"] }',
            '["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]',
            (
                "events.amazonaws.com and 1 more service may call kms:Decrypt, kms:Encrypt, "
                "kms:GenerateDataKey on aws_kms_key.k for any AWS account, as no condition fixes "
                "the source; without kms:Encrypt it would be as AWS documents it"
            ),
        ),
        (
            '{ Service = ["events.amazonaws.com", "lambda.amazonaws.com"] }',
            '["kms:Encrypt", "kms:GenerateDataKey"]',
            (
                "events.amazonaws.com and 1 more service may call kms:Encrypt, "
                "kms:GenerateDataKey on aws_kms_key.k for any AWS account, "
                "as no condition fixes the source"
            ),
        ),
        (
            '{ Service = "${var.text}.amazonaws.com" }',
            '"kms:Decrypt"',
            (
                "….amazonaws.com may call kms:Decrypt on aws_kms_key.k for any AWS account, "
                "as no condition fixes the source, if ….amazonaws.com is none that AWS documents "
                "so (not known: var.text has no value)"
            ),
        ),
    ],
)
def test_what_it_says(principal, action, message, tmp_path):
    (one,) = found(tmp_path, RULE, key(allow(principal=principal, action=action)))
    assert one.message == message


def test_a_condition_that_is_not_known_is_not_said_to_be_missing(tmp_path):
    (one,) = found(tmp_path, RULE, key(allow("var.any")))
    end = "for any AWS account, if no condition prevents it (not known: var.any has no value)"
    assert one.message.endswith(end)


def test_it_tells_nothing_that_is_sensitive(tmp_path):
    service = '{ Service = sensitive("logs.eu-west-1.amazonaws.com") }'
    action = 'sensitive("kms:Decrypt")'
    (one,) = found(tmp_path, RULE, key(allow(principal=service, action=action)))
    assert one.message.startswith("a service may use aws_kms_key.k")


def test_a_denial_or_an_unknown_effect_accuses_nobody(tmp_path):
    assert judge(tmp_path, allow(effect="Deny")) == SILENT
    assert judge(tmp_path, allow(effect="${var.text}")) == POSSIBLE


def test_an_effect_that_is_not_known_accuses_nobody_under_a_condition_without_a_source(tmp_path):
    elsewhere = '{ StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }'
    assert judge(tmp_path, ROOT, allow(elsewhere)) == CERTAIN
    assert judge(tmp_path, ROOT, allow(elsewhere, effect="${var.text}")) == POSSIBLE


# -- what it proposes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "action", "proposed"),
    [
        (LOGS, USE, True),
        ('{ Service = "ec2.amazonaws.com" }', '"kms:CreateGrant"', True),
        ('{ Service = "dnssec-route53.amazonaws.com" }', '"kms:Sign"', True),
        ('{ Service = "dnssec-route53.amazonaws.com" }', '["kms:CreateGrant", "kms:Sign"]', False),
        ('{ Service = "events.amazonaws.com" }', '"kms:Encrypt"', False),  # it has no source
        ('{ Service = ["ec2.amazonaws.com", "events.amazonaws.com"] }', USE, False),
        (
            '{ Service = "ec2.amazonaws.com", AWS = "arn:aws:iam::111122223333:role/app" }',
            USE,
            False,
        ),
    ],
)
def test_a_source_is_proposed_where_it_denies_the_key_to_nobody(
    principal, action, proposed, tmp_path
):
    (one,) = found(tmp_path, RULE, key(ROOT, allow(principal=principal, action=action)))
    assert (one.fix is not None) == proposed
