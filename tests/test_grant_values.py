"""Grants whose grantee, key or constraint can be seen to be wrong by itself. A row a case."""

import json

import pytest
from grants import FOREIGN, OWN, ROLE, constraint, grant, judge, verdict

from grantlint.model import to_json
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate

# -- user-grantee --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (f'"arn:aws:iam::{OWN}:user/app"', "low"),
        (f'"arn:aws-cn:iam::{OWN}:user/path/app"', "low"),
        ("aws_iam_user.u.arn", "low"),
        ('"arn:aws:iam::${var.text}:user/app"', "low"),
        (f'var.flag ? "arn:aws:iam::{OWN}:user/a" : "arn:aws:iam::{OWN}:user/b"', "low"),
        (f'var.flag ? "arn:aws:iam::{OWN}:user/a" : {ROLE}', "low?"),
        (ROLE, None),
        (f'"arn:aws:iam::{OWN}:root"', None),
        (f'"arn:aws:sts::{OWN}:federated-user/app"', None),
        ("aws_iam_role.r.arn", None),
        ("var.text", None),
        ("var.secret", None),
    ],
)
def test_a_user_has_keys_that_do_not_expire(grantee, expected, tmp_path):
    assert verdict(tmp_path, "user-grantee", grant(grantee=grantee)) == expected


@pytest.mark.parametrize(
    ("grantee", "says"),
    [
        (f'"arn:aws:iam::{OWN}:user/app"', "user app uses the key with access keys"),
        ("aws_iam_user.u.arn", "aws_iam_user.u uses the key with access keys"),
        (
            f'var.flag ? "arn:aws:iam::{OWN}:user/a" : {ROLE}',
            "a user uses the key with access keys",
        ),
    ],
)
def test_what_is_said_of_a_user(grantee, says, tmp_path):
    (found,) = judge(tmp_path, "user-grantee", grant(grantee=grantee))
    proviso = "" if found.certain else ", if that one is taken (not known: var.flag has no value)"
    assert found.message == (f"{says} that do not expire, a role has temporary ones{proviso}")


def test_a_user_may_retire_a_grant(tmp_path):
    rest = f'retiring_principal = "arn:aws:iam::{OWN}:user/app"'
    assert verdict(tmp_path, "user-grantee", grant(rest=rest)) is None


# -- service-grantee -----------------------------------------------------------------------

LINKED = f'"arn:aws:iam::{OWN}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"'


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        ('"s3.amazonaws.com"', "medium"),
        ('"rds.amazonaws.com"', "medium"),
        ('"ec2.amazonaws.com.cn"', "medium"),
        ('"elasticfilesystem.amazonaws.com"', "medium"),
        ('"lambda.amazonaws.com"', "medium"),
        ('"sns.us-east-1.amazonaws.com"', "medium"),
        ('"logs.eu-west-1.amazonaws.com"', "medium"),
        ('"logs.${var.text}.amazonaws.com"', "medium"),
        ('"delivery.logs.amazonaws.com"', "medium"),
        ('var.flag ? "s3.amazonaws.com" : "rds.amazonaws.com"', "medium"),
        (f'var.flag ? "s3.amazonaws.com" : {ROLE}', "medium?"),
        ('"dynamodb.us-west-2.amazonaws.com"', None),
        ('"${var.text}.us-west-2.amazonaws.com"', None),
        ('"logsmith.us-west-2.amazonaws.com"', None),
        ('"mq.amazonaws.com"', None),
        ('"us-west-2.supportauthz.amazonaws.com"', None),
        ('"service.example.com"', None),
        (f'"arn:aws:iam::{OWN}:role/s3.amazonaws.com"', None),
        (LINKED, None),
        ("var.text", None),
    ],
)
def test_services_without_a_documented_grant_use_none(grantee, expected, tmp_path):
    assert verdict(tmp_path, "service-grantee", grant(grantee=grantee)) == expected


@pytest.mark.parametrize(
    ("grantee", "who", "proviso"),
    [
        ('"s3.amazonaws.com"', "s3.amazonaws.com", ""),
        (
            f'var.flag ? "s3.amazonaws.com" : {ROLE}',
            "that service",
            ", if that one is taken (not known: var.flag has no value)",
        ),
        (
            f'var.flag ? "rds.amazonaws.com" : {LINKED}',  # the service is the same, its kind not
            "that service",
            ", if that one is taken (not known: var.flag has no value)",
        ),
        (
            'var.flag ? "dynamodb.us-west-2.amazonaws.com" : "s3.amazonaws.com"',
            "that service",
            ", if that one is taken (not known: var.flag has no value)",
        ),
    ],
)
def test_what_is_said_of_a_service(grantee, who, proviso, tmp_path):
    (found,) = judge(tmp_path, "service-grantee", grant(grantee=grantee))
    assert found.message == (
        f"AWS documents no grant to {who}: AWS KMS refuses it, or nobody uses it and the service "
        f"lacks what it needs{proviso}"
    )


# -- unusable-key --------------------------------------------------------------------------

ALIAS = """
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_kms_alias" "prefixed" {
  name_prefix   = "alias/p"
  target_key_id = aws_kms_key.k.key_id
}

data "aws_kms_alias" "d" {
  name = "alias/d"
}

data "aws_kms_key" "d" {
  key_id = "alias/d"
}

data "aws_kms_key" "theirs" {
  key_id = "arn:aws:kms:eu-west-1:444455556666:alias/shared"
}

provider "aws" {
  alias               = "theirs"
  allowed_account_ids = ["444455556666"]
}

resource "aws_kms_key" "theirs" {
  provider = aws.theirs
}
"""


@pytest.mark.parametrize(
    ("key_id", "expected"),
    [
        ('"alias/orders"', "high"),
        (f'"arn:aws:kms:eu-west-1:{OWN}:alias/orders"', "high"),
        ('"alias/${var.text}"', "high"),
        ('"arn:aws:kms:${var.text}:${var.text}:alias/orders"', "high"),
        ("aws_kms_alias.a.arn", "high"),
        ("aws_kms_alias.a.name", "high"),
        ("aws_kms_alias.a.id", "high"),
        ("aws_kms_alias.prefixed.name", "high"),
        ("data.aws_kms_alias.d.arn", "high"),
        ("data.aws_kms_alias.d.name", "high"),
        ('var.flag ? "alias/a" : aws_kms_key.k.arn', "high?"),
        ('var.flag ? "alias/a" : "alias/b"', "high"),
        # the key itself
        ("aws_kms_alias.a.target_key_arn", None),
        ("aws_kms_alias.a.target_key_id", None),
        ("data.aws_kms_alias.d.target_key_arn", None),
        ("data.aws_kms_key.d.arn", None),
        ("data.aws_kms_key.d.id", None),
        ("aws_kms_key.k.arn", None),
        ("aws_kms_key.k.id", None),
        (f'"arn:aws:kms:eu-west-1:{OWN}:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"', None),
        ('"1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"', None),
        ("var.text", None),
        ("var.secret", None),
        # of another account
        ("data.aws_kms_key.theirs.id", "high"),
        ("data.aws_kms_key.theirs.key_id", "high"),  # what the data source is asked for
        ("data.aws_kms_key.theirs.arn", None),
        ("aws_kms_key.theirs.key_id", "high"),
        ("aws_kms_key.theirs.arn", None),
    ],
)
def test_a_grant_needs_the_id_or_arn_of_a_key(key_id, expected, tmp_path):
    assert verdict(tmp_path, "unusable-key", ALIAS + grant(key_id=key_id)) == expected


def test_whose_key_it_is_decides_only_where_the_account_of_the_grant_is_known(tmp_path):
    text = ALIAS + grant(key_id="data.aws_kms_key.theirs.id")
    assert verdict(tmp_path, "unusable-key", text, account=None) is None


@pytest.mark.parametrize(
    ("key_id", "proviso"),
    [
        ('"alias/a"', ""),
        ('var.flag ? "alias/a" : "alias/b"', ""),
        (
            'var.flag ? "alias/a" : aws_kms_key.k.arn',
            ", if that one is taken (not known: var.flag has no value)",
        ),
    ],
)
def test_what_is_said_of_an_alias(key_id, proviso, tmp_path):
    (found,) = judge(tmp_path, "unusable-key", grant(key_id=key_id))
    assert found.message == (
        'apply fails: key_id "alias/a" is the name of an alias, not the id or ARN of a '
        f"key{proviso}"
    )


def test_a_bare_id_is_looked_up_in_the_account_of_the_grant(tmp_path):
    (found,) = judge(tmp_path, "unusable-key", ALIAS + grant(key_id="aws_kms_key.theirs.key_id"))
    assert found.message == (
        "apply fails: key_id aws_kms_key.theirs.key_id is a bare id, looked up in account "
        f"{OWN}, the key is in {FOREIGN}"
    )


KEY = """
resource "{type}" "{name}" {{
  {argument}
}}
"""


@pytest.mark.parametrize(
    ("type", "argument", "expected"),
    [
        ("aws_kms_key", "is_enabled = false", "medium"),
        ("aws_kms_key", "is_enabled = true", None),
        ("aws_kms_key", "is_enabled = var.flag", None),
        ("aws_kms_key", "is_enabled = var.flag ? true : false", "medium?"),
        ("aws_kms_replica_key", 'primary_key_arn = aws_kms_key.k.arn\nenabled = "false"', "medium"),
        ("aws_kms_external_key", "", "high?"),
        ("aws_kms_external_key", "key_material_base64 = null", "high?"),
        ("aws_kms_external_key", "key_material_base64 = var.text", None),
        ("aws_kms_external_key", "key_material_base64 = var.secret", None),
        ("aws_kms_external_key", "key_material_base64 = filebase64(var.text)", None),
        ("aws_kms_external_key", 'key_material_base64_wo = "x"', None),
        ("aws_kms_replica_external_key", "primary_key_arn = aws_kms_key.k.arn", "high?"),
    ],
)
def test_a_key_must_be_usable_to_be_granted(type, argument, expected, tmp_path):
    key = KEY.format(type=type, name="x", argument=argument)
    assert verdict(tmp_path, "unusable-key", key + grant(key_id=f"{type}.x.arn")) == expected


@pytest.mark.parametrize(
    ("is_enabled", "proviso"),
    [
        ("false", ""),
        ("var.flag ? true : false", ", if that is its state (not known: var.flag has no value)"),
    ],
)
def test_what_is_said_of_a_disabled_key(is_enabled, proviso, tmp_path):
    key = KEY.format(type="aws_kms_key", name="x", argument=f"is_enabled = {is_enabled}")
    (found,) = judge(tmp_path, "unusable-key", key + grant(key_id="aws_kms_key.x.arn"))
    assert found.message == (
        "aws_kms_key.x is disabled: AWS KMS makes no grant on it, and one that exists allows "
        f"nothing{proviso}"
    )


# -- exposed-secret ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("name = var.secret", "low"),
        ('name = "app-${var.secret}"', "low"),
        ('name = "AKIAIOSFODNN7EXAMPLE"', "low"),
        (constraint("equals", "{ Tenant = var.secret }"), "low"),
        (constraint("subset", '{ a = "b", Tenant = var.secret }'), "low"),
        (constraint("equals", '{ id = "AKIAIOSFODNN7EXAMPLE" }'), "low"),
        (constraint("subset", '{ id = "ghp_0123456789abcdef0123456789" }'), "low"),
        (constraint("equals", '{ db_password = "hunter2" }'), "low"),
        (constraint("equals", '{ "API-Key" = "hunter2" }'), "low"),
        ('name = var.flag ? "AKIAIOSFODNN7EXAMPLE" : "app"', "low?"),
        (constraint("equals", '{ id = var.flag ? "AKIAIOSFODNN7EXAMPLE" : "app" }'), "low?"),
        (constraint("equals", '{ password = var.flag ? "hunter2" : null }'), "low?"),
        (constraint("equals", '{ password = var.flag ? "hunter2" : "hunter3" }'), "low?"),
        ('name = "app"', None),
        ('name = "AKIA"', None),
        ("name = var.text", None),
        (constraint("equals", "{ Tenant = var.text }"), None),
        (constraint("equals", "var.map"), None),
        (constraint("equals", "{ Tenant = nonsensitive(var.secret) }"), None),
        (constraint("equals", "{ password = var.text }"), None),
        (constraint("equals", '{ password = "" }'), None),
        (constraint("equals", '{ password = "app-${var.text}" }'), None),
        (constraint("equals", '{ password = "arn:aws:ssm:eu-west-1:1:parameter/p" }'), None),
        (constraint("equals", '{ password = "arn:aws:sqs:eu-west-1:1:passwords" }'), None),
        (constraint("equals", '{ password = "prod/orders/password" }'), None),
        (constraint("equals", '{ secret = "orders", token = "orders" }'), None),
        (constraint("equals", '{ Department = "Orders" }'), None),
    ],
)
def test_names_and_constraints_are_no_place_for_secrets(rest, expected, tmp_path):
    assert verdict(tmp_path, "exposed-secret", grant(rest=rest)) == expected


@pytest.mark.parametrize(("others", "expected"), [(7, "low"), (8, None)])
def test_a_grant_of_more_than_8_pairs_is_never_made_and_shows_nothing(others, expected, tmp_path):
    pairs = ", ".join(f'k{index} = "v"' for index in range(others))
    rest = constraint("equals", f'{{ {pairs}, password = "hunter2" }}')
    assert verdict(tmp_path, "exposed-secret", grant(rest=rest)) == expected


def test_the_secret_is_not_shown_again(tmp_path):
    rest = constraint("equals", '{ Tenant = var.secret, password = "hunter2" }')
    found = judge(tmp_path, "exposed-secret", grant(rest=f"name = var.secret\n{rest}"))
    assert found
    assert not any("s3cret" in one.message or "hunter2" in one.message for one in found)


# -- invalid-constraint: keys without case -------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ('{ Stage = "a", stage = "b" }', "low"),
        ('{ Stage = "a", stage = var.text }', "low"),
        ('{ Stage = "a", Stages = "b" }', None),
        ("var.map", None),
    ],
)
def test_a_constraint_does_not_tell_keys_apart_by_case(pairs, expected, tmp_path):
    rest = constraint("subset", pairs)
    assert verdict(tmp_path, "invalid-constraint", grant(rest=rest)) == expected


@pytest.mark.parametrize("pair", ['arn = "arn:aws:s3:::a/*"', f'long = "{"x" * 400}"'])
def test_of_a_constraint_that_cannot_be_made_only_that_is_told(pair, tmp_path):
    pairs = ", ".join(f'k{index} = "v"' for index in range(8))
    found = judge(
        tmp_path, "invalid-constraint", grant(rest=constraint("equals", f"{{ {pairs}, {pair} }}"))
    )
    assert [one.message.partition(",")[0] for one in found] == [
        "apply fails: encryption_context_equals has 9 pairs"
    ]


@pytest.mark.parametrize(
    ("others", "says"),
    [
        (6, '"Stage" and "stage" differ by case only'),
        (7, "apply fails: encryption_context_subset has 9 pairs"),
    ],
)
def test_keys_are_compared_in_constraints_that_can_be_made(others, says, tmp_path):
    pairs = ", ".join(f'k{index} = "v"' for index in range(others))
    rest = constraint("subset", f'{{ {pairs}, Stage = "a", stage = "b" }}')
    (found,) = judge(tmp_path, "invalid-constraint", grant(rest=rest))
    assert found.message.startswith(says)


# -- unsent-context ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "pairs", "expected"),
    [
        ("subset", '{ "aws:rds:db-cluster-id" = "c" }', "medium"),
        ("equals", '{ "aws:rds:db-cluster-id" = var.text }', "medium"),
        ("equals", '{ "aws:autoscaling:groupName" = "g" }', "medium"),
        ("equals", '{ "aws:cloudfront:distribution-id" = "d" }', "medium"),
        ("equals", '{ "aws:cloudformation:stack-name" = "s" }', "medium"),
        ("equals", '{ "aws:SourceArn" = "a" }', "medium"),
        ("subset", '{ "aws:s3:bucket" = "b" }', "medium"),
        ("subset", '{ "aws:ebs:volume" = "v" }', "medium"),
        ("equals", '{ SecretARN = "a" }', "medium"),
        ("equals", '{ secretarn = "a" }', "medium"),
        ("equals", '{ "aws:dynamodb:tableName" = "t" }', "medium"),
        ("equals", '{ "aws:redshift:arn" = "a" }', "medium"),
        ("subset", '{ SecretARN = "a", Environment = "prod" }', "medium"),
        ("equals", '{ PARAMETER_ARN = "a", Environment = "prod" }', "medium"),
        ("equals", '{ "aws:ebs:id" = "vol-1", Project = "p" }', "medium"),
        ("equals", 'var.flag ? { SecretARN = "a" } : { Tenant = "t" }', "medium?"),
        ("equals", 'var.flag ? { SecretARN = "a" } : { SecretARN = "b" }', "medium"),
        # what services do send
        ("subset", '{ SecretARN = "a" }', None),
        ("equals", '{ SecretARN = "a", SecretVersionId = "b" }', None),
        ("equals", '{ PARAMETER_ARN = "a" }', None),
        ("subset", '{ "aws:dynamodb:tableName" = "t" }', None),
        ("equals", '{ "aws:dynamodb:tableName" = "t", "aws:dynamodb:subscriberId" = "1" }', None),
        ("equals", '{ "aws:s3:arn" = "a", Department = "Orders" }', None),
        ("equals", '{ "aws:s3:arn" = "a", "aws:cloudtrail:arn" = "b" }', None),
        ("equals", '{ "aws:ebs:id" = "vol-1" }', None),
        ("equals", '{ "aws:ebs:id" = "vol-1", "aws:rds:db-id" = "db-1" }', None),
        ("equals", '{ "aws:rds:db-id" = "db", "aws:pi:service" = "rds", service = "pi" }', None),
        ("equals", '{ "aws:rds:dbc-id" = "c" }', None),
        ("equals", '{ "aws:lambda:FunctionArn" = "f" }', None),
        ("subset", '{ "aws:redshift:arn" = "a", serviceName = "RedshiftDataAPI" }', None),
        # not known here, or the user's own
        ("equals", '{ "aws:chime:voice-profile-domain:arn" = "a" }', None),
        ("equals", '{ "aws:newservice:arn" = "a" }', None),
        ("equals", '{ Department = "Orders", serviceName = "orders" }', None),
        ("equals", '{ Project = "p", Component = "rds" }', None),
        ("equals", "{}", None),
        ("equals", "var.map", None),
        ("equals", "{ SecretARN = var.secret }", None),
        ("equals", 'var.flag ? { SecretARN = var.secret } : { SecretARN = "b" }', None),
        ("equals", '{ (var.text) = "a" }', None),
    ],
)
def test_a_constraint_must_be_one_that_calls_meet(kind, pairs, expected, tmp_path):
    rest = constraint(kind, pairs)
    assert verdict(tmp_path, "unsent-context", grant(rest=rest)) == expected


@pytest.mark.parametrize(
    ("kind", "pairs", "says"),
    [
        (
            "subset",
            '{ "aws:rds:db-cluster-id" = "c" }',
            (
                'no service sends "aws:rds:db-cluster-id" as encryption context, RDS sends '
                '"aws:rds:db-id" and Aurora sends "aws:rds:dbc-id"'
            ),
        ),
        (
            "equals",
            '{ "aws:SourceAccount" = "1" }',
            '"aws:SourceAccount" is a condition key of policies, and in no encryption context',
        ),
        (
            "equals",
            '{ SecretARN = "a" }',
            (
                'Secrets Manager always sends "SecretVersionId" too, '
                "encryption_context_subset leaves that open"
            ),
        ),
        (
            "equals",
            '{ SecretARN = "a", Stage = "prod" }',
            'Secrets Manager, which sends "SecretARN", does not send "Stage"',
        ),
    ],
)
def test_it_says_what_would_be_sent(kind, pairs, says, tmp_path):
    (found,) = judge(tmp_path, "unsent-context", grant(rest=constraint(kind, pairs)))
    assert found.message == f"no call meets encryption_context_{kind}: {says}"


@pytest.mark.parametrize(
    ("pairs", "where"),
    [
        ('var.flag ? { SecretARN = "a" } : { SecretARN = "b" }', ""),
        ('var.flag ? { SecretARN = "a" } : { Tenant = "t" }', ", where var.flag is true"),
        ('var.flag ? { Tenant = "t" } : { SecretARN = "a" }', ", where var.flag is false"),
    ],
)
def test_what_is_said_of_one_of_two_contexts(pairs, where, tmp_path):
    (found,) = judge(tmp_path, "unsent-context", grant(rest=constraint("equals", pairs)))
    assert found.message == (
        'no call meets encryption_context_equals: Secrets Manager always sends "SecretVersionId" '
        f"too, encryption_context_subset leaves that open{where}"
    )


# -- the facts in the model ----------------------------------------------------------------


def test_the_model_says_why_a_key_is_refused(tmp_path):
    (tmp_path / "main.tf").write_text(grant(key_id='"alias/a"'), encoding="utf-8")
    inventory = estate.read([str(tmp_path)], Options()).inventory
    (shown,) = json.loads(json.dumps(to_json(inventory)))["grants"]
    assert shown["key_refused"] == ('"alias/a" is the name of an alias, not the id or ARN of a key')
