"""Grants that allow too much, name nobody, or have constraints that AWS refuses. A row a case."""

import json

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options

ROLE = '"arn:aws:iam::111122223333:role/app"'
SLR = (
    '"arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/'
    'AWSServiceRoleForAutoScaling"'
)
KEY = 'resource "aws_kms_key" "k" {\n%s\n}\n'
RSA = 'customer_master_key_spec = "RSA_2048"'
HMAC = 'customer_master_key_spec = "HMAC_256"\nkey_usage = "GENERATE_VERIFY_MAC"'
EQUALS = 'encryption_context_equals = { a = "b" }'
SUBSET = 'encryption_context_subset = { a = "b" }'
FULL = '["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"]'
GENERATING = '["GenerateDataKey", "Decrypt", "ReEncryptFrom", "ReEncryptTo"]'
OUTSIDE = '"arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"'
GRANT = """\
variable "text" {{
  type = string
}}

variable "flag" {{
  type = bool
}}

variable "map" {{
  type = map(string)
}}

variable "list" {{
  type = list(string)
}}

variable "secret" {{
  type      = string
  default   = "*"
  sensitive = true
}}

resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = "{{}}"
}}

resource "aws_iam_group" "g" {{
  name = "g"
}}

data "aws_iam_group" "g" {{
  group_name = "g"
}}

resource "aws_iam_instance_profile" "p" {{
  role = aws_iam_role.r.name
}}

data "aws_iam_instance_profile" "p" {{
  name = "p"
}}

resource "aws_kms_grant" "g" {{
  key_id            = {key_id}
  grantee_principal = {grantee}
  operations        = {operations}
{rest}
}}

terraform {{
  backend "local" {{}}
}}
"""


def judge(directory, rule, key="", users="", **fields):
    """The findings of a rule; `users` are resources beside key and grant."""
    given = {"key_id": "aws_kms_key.k.key_id", "grantee": ROLE, "operations": '["Decrypt"]'}
    given |= {"rest": "", **fields}
    text = KEY % key + users + GRANT.format(**given)
    (directory / "main.tf").write_text(text, encoding="utf-8")
    report = check([str(directory)], Options(account="111122223333"))
    assert not report.unreadable
    return [f for f in report.judged(possible=True) if f.rule == rule]


def severity(directory, rule, key="", **fields):
    """Of the one finding, with "?" where it is only possible; None without one."""
    found = judge(directory, rule, key, **fields)
    assert len(found) <= 1
    return found[0].severity.label + ("" if found[0].certain else "?") if found else None


def block(*arguments):
    """A block of constraints."""
    return "\n".join(["constraints {", *arguments, "}"])


# -- overbroad-grant -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        (FULL, "medium"),
        (GENERATING, "medium"),
        ('["GenerateDataKeyPair", "Decrypt", "ReEncryptFrom", "ReEncryptTo"]', "medium"),
        (f'concat({FULL}, ["GenerateDataKey", "DescribeKey", "RetireGrant"])', "medium"),
        (f"concat({FULL}, [var.text])", "medium"),
        # what one use needs, as people write it
        ('["Encrypt", "Decrypt", "GenerateDataKey"]', None),
        ('["Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]', None),
        ('["Encrypt", "Decrypt", "DescribeKey"]', None),
        ('["Decrypt", "DescribeKey"]', None),
        ('["ReEncryptFrom", "ReEncryptTo", "DescribeKey"]', None),
        ('["Encrypt", "Decrypt", "ReEncryptTo", "GenerateDataKey"]', None),
        ('["Encrypt", "Decrypt", "ReEncryptFrom", "GenerateDataKey", "CreateGrant"]', None),
        ('["Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"]', None),
        ('["Decrypt", "ReEncryptFrom", "ReEncryptTo"]', None),
        ('["GenerateDataKeyWithoutPlaintext", "Decrypt", "ReEncryptFrom", "ReEncryptTo"]', None),
        # not known
        ("var.list", None),
        (f"concat({FULL}, var.list)", "medium"),
        ('concat(var.list, ["Encrypt", "Decrypt"])', None),
        ('["Encrypt", "Decrypt", "ReEncryptFrom", var.text]', None),
        ('["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncrypt${var.text}"]', None),
        # a literal alternative
        (f'var.flag ? {FULL} : ["Decrypt"]', "medium?"),
        (f'var.flag ? {FULL} : concat({FULL}, ["GenerateDataKey"])', "medium"),
        ('var.flag ? ["Encrypt", "Decrypt"] : ["ReEncryptFrom", "ReEncryptTo"]', None),
        (
            '["Encrypt", "Decrypt", "ReEncryptFrom", var.flag ? "ReEncryptTo" : "DescribeKey"]',
            "medium?",
        ),
    ],
)
def test_a_set_of_every_use_is_too_broad(operations, expected, tmp_path):
    assert severity(tmp_path, "overbroad-grant", operations=operations) == expected


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        ("aws_iam_role.r.arn", "medium"),
        ('"arn:aws:iam::444455556666:root"', "medium"),
        ('"arn:aws-us-gov:iam::${var.text}:role/app"', "medium"),
        ("var.text", "medium?"),
        (f"var.flag ? {ROLE} : {SLR}", "medium?"),
        (SLR, None),
        (SLR.replace("arn:aws:", "arn:aws-cn:"), None),
        ('"dynamodb.eu-west-1.amazonaws.com"', None),
        ('"arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-5d476fab"', None),
    ],
)
def test_services_need_every_use(grantee, expected, tmp_path):
    assert severity(tmp_path, "overbroad-grant", grantee=grantee, operations=FULL) == expected


@pytest.mark.parametrize(
    ("key", "operations", "expected"),
    [
        (RSA, FULL, None),
        ("customer_master_key_spec = var.text", FULL, "medium?"),
        (
            "customer_master_key_spec = var.text",
            GENERATING,
            "medium?",
        ),
        (
            RSA,
            GENERATING,
            None,
        ),
    ],
)
def test_only_symmetric_keys_have_every_use(key, operations, expected, tmp_path):
    assert severity(tmp_path, "overbroad-grant", key, operations=operations) == expected


@pytest.mark.parametrize(
    ("key_id", "operations", "expected"),
    [
        ("var.text", FULL, "medium?"),
        ("var.text", GENERATING, "medium"),
        (OUTSIDE, FULL, "medium?"),
        (OUTSIDE, GENERATING, "medium"),
    ],
)
def test_data_keys_are_of_symmetric_keys(key_id, operations, expected, tmp_path):
    found = severity(tmp_path, "overbroad-grant", key_id=key_id, operations=operations)
    assert found == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (block(EQUALS), "low"),
        (block("encryption_context_subset = var.map"), "low"),
        (block("encryption_context_subset = {}"), "medium"),
    ],
)
def test_constraints_bound_what_is_too_broad(rest, expected, tmp_path):
    assert severity(tmp_path, "overbroad-grant", operations=FULL, rest=rest) == expected


def test_a_set_that_is_possibly_too_broad_says_on_what_it_depends(tmp_path):
    given = {"operations": f'var.flag ? {FULL} : ["Decrypt"]', "key_id": "var.text"}
    (found,) = judge(tmp_path, "overbroad-grant", **given)
    assert found.message.endswith(
        ", if all of these are among its operations and the key is one for symmetric encryption "
        "(not known: var.flag has no value; var.text has no value)"
    )


@pytest.mark.parametrize(
    ("key", "rest", "end"),
    [
        (
            "",
            block(EQUALS, "encryption_context_subset = var.flag ? { c = 1 } : {}"),
            "both are (not known: var.flag has no value)",
        ),
        (
            "",
            block("encryption_context_equals = var.flag ? { c = 1 } : {}", SUBSET),
            "both are (not known: var.flag has no value)",
        ),
        (
            RSA,
            block("encryption_context_equals = var.flag ? { c = 1 } : {}"),
            "the constraint is set (not known: var.flag has no value)",
        ),
        (
            'customer_master_key_spec = var.flag ? "RSA_2048" : "SYMMETRIC_DEFAULT"',
            block(EQUALS),
            "that is its kind (not known: var.flag has no value)",
        ),
        ("", block('encryption_context_equals = { a = "*" }'), "your code does not send it"),
    ],
)
def test_a_constraint_that_is_possibly_refused_says_on_what_it_depends(key, rest, end, tmp_path):
    (found,) = judge(tmp_path, "invalid-constraint", key, rest=rest)
    assert found.message.endswith(f", if {end}")


def test_it_says_who_may_do_all_that(tmp_path):
    (found,) = judge(tmp_path, "overbroad-grant", operations=FULL)
    assert found.message == (
        "role app may encrypt, decrypt and re-encrypt from and to this key, "
        "more than one use of it needs"
    )


USER = """
resource "aws_ebs_volume" "data" {
  availability_zone = "eu-west-1a"
  size              = 8
  kms_key_id        = %s
}

resource "aws_s3_object" "page" {
  bucket     = "b"
  key        = "k"
  kms_key_id = %s
}

resource "aws_iam_role" "t" {
  name               = "t"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "%s" } }]
  })
}
"""
ARN = "aws_kms_key.k.arn"


@pytest.mark.parametrize(
    ("shown", "grantee", "evidence"),
    [
        ((ARN, "null", "lambda"), ROLE, "aws_ebs_volume.data encrypts volumes with the key"),
        (("null", ARN, "lambda"), ROLE, None),
        (("null", "null", "lambda"), "aws_iam_role.t.arn", None),
        (
            ("null", "null", "ec2"),
            "aws_iam_role.t.arn",
            "the trust policy of aws_iam_role.t names ec2.amazonaws.com",
        ),
        (
            ("null", "null", "eks"),
            "aws_iam_role.t.arn",
            "the trust policy of aws_iam_role.t names eks.amazonaws.com",
        ),
    ],
)
def test_volumes_need_most_of_it(shown, grantee, evidence, tmp_path):
    volume, page, trusted = shown
    users = USER % (volume, page, f"{trusted}.amazonaws.com")
    (found,) = judge(tmp_path, "overbroad-grant", users=users, grantee=grantee, operations=FULL)
    assert found.severity.label == ("low" if evidence else "medium")
    _, _, named = found.message.partition(", unless it is for volumes: ")
    assert named == (evidence or "")


# -- invalid-grantee -----------------------------------------------------------------------

WILDCARD = "has a wildcard, but must be one exact principal"
NEITHER = "is neither an ARN nor the name of a service"
NOT_ONE = "is not the ARN of a role, user, session or account"
ACCOUNT = "names no account of twelve digits"
REFUSED = [
    ("", "is empty"),
    ("*", WILDCARD),
    ("arn:aws:iam::111122223333:role/app-*", WILDCARD),
    ("arn:aws:iam::111122223333:role/app-?", WILDCARD),
    ("arn:aws:iam::*:root", WILDCARD),
    ("arn:aws:iam::111122223333:group/ops", "is a group, not a principal"),
    ("arn:aws-cn:iam::111122223333:group/a/ops", "is a group, not a principal"),
    (
        "arn:aws:organizations::111122223333:organization/o-abcdefghij",
        "is an organization or a part of one, not a principal",
    ),
    ("o-abcdefghij", "is an organization or a part of one, not a principal"),
    ("ou-abcd-abcdefgh", "is an organization or a part of one, not a principal"),
    ("111122223333", "is the number of an account, not an ARN"),
    ("AROAABCDEFGHIJKLMNOPQ", "is a unique id of IAM, not an ARN"),
    ("AIDAABCDEFGHIJKLMNOPQ", "is a unique id of IAM, not an ARN"),
    ("app", NEITHER),
    ("role/app", NEITHER),
    ("111122223333:role/app", NEITHER),
    ("s3.amazonaws", NEITHER),
    ("arn:aws:iam::111122223333:instance-profile/app", NOT_ONE),
    ("arn:aws:iam::111122223333:policy/app", NOT_ONE),
    ("arn:aws:iam::aws:policy/AdministratorAccess", NOT_ONE),
    ("arn:aws:iam::111122223333:oidc-provider/token.example.com", NOT_ONE),
    ("arn:aws:lambda:eu-west-1:111122223333:function:app", NOT_ONE),
    ("arn:aws:s3:::bucket", NOT_ONE),
    ("arn:aws:iam::111122223333:app", NOT_ONE),
    ("arn:aws:iam::111122223333:role/", NOT_ONE),
    ("arn:aws:iam::111122223333:rooty", NOT_ONE),
    ("arn:aws:sts::111122223333:role/app", NOT_ONE),
    ("arn:amazon:iam::111122223333:role/app", NOT_ONE),
    ("arn:aws:iam:eu-west-1:111122223333:role/app", "has a Region, which ARNs of IAM do not have"),
    ("arn:aws:iam:::role/app", ACCOUNT),
    ("arn:aws:iam::1111222233:root", ACCOUNT),
    ("arn:aws:iam::1111-2222-3333:user/app", ACCOUNT),
    ("arn:aws:iam::111122223333:role/app ", "has a character that AWS KMS does not take"),
    ("arn:aws:iam::111122223333:role/käse", "has a character that AWS KMS does not take"),
    (
        f"arn:aws:iam::111122223333:role/{'a' * 256}",
        "is longer than the 256 characters that AWS KMS takes",
    ),
]
TAKEN = [
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/a/path/app",
    "arn:aws:iam::111122223333:role/app+=,.@-_",
    "arn:aws:iam::111122223333:user/app",
    "arn:aws:iam::111122223333:root",
    "arn:aws-cn:iam::111122223333:root",
    "arn:aws-us-gov:iam::111122223333:role/app",
    "arn:aws-iso-b:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/session",
    "arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-5d476fab",
    "arn:aws:sts::111122223333:federated-user/app",
    "ec2.amazonaws.com",
    "dynamodb.eu-west-1.amazonaws.com",
    "states.cn-north-1.amazonaws.com.cn",
    f"arn:aws:iam::111122223333:role/{'a' * 225}",
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_a_principal_that_kms_or_the_provider_refuses(text, why, tmp_path):
    (found,) = judge(tmp_path, "invalid-grantee", grantee=json.dumps(text, ensure_ascii=False))
    assert found.message == f'apply fails: the grantee "{text}" {why}'
    assert (found.severity.label, found.certain) == ("high", True)


@pytest.mark.parametrize("text", TAKEN)
def test_a_principal_that_kms_and_the_provider_take(text, tmp_path):
    assert severity(tmp_path, "invalid-grantee", grantee=json.dumps(text)) is None


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_who_may_retire_is_held_to_the_same(text, why, tmp_path):
    rest = f"retiring_principal = {json.dumps(text, ensure_ascii=False)}"
    found = judge(tmp_path, "invalid-grantee", rest=rest)
    if text == "":  # the provider takes it for none
        assert not found
    else:
        assert [one.message for one in found] == [
            f'apply fails: the retiring principal "{text}" {why}'
        ]


@pytest.mark.parametrize("text", TAKEN)
def test_whoever_can_be_grantee_may_retire(text, tmp_path):
    rest = f"retiring_principal = {json.dumps(text)}"
    assert severity(tmp_path, "invalid-grantee", rest=rest) is None


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        ("var.text", None),
        ("var.secret", None),
        ('"arn:aws:iam::111122223333:role/${var.secret}"', None),
        ("aws_iam_role.r.arn", None),
        ("aws_iam_role.r.unique_id", None),
        ("aws_iam_role.r.name", "high"),
        # texts with holes: certain only where no text could fill them
        ('"${var.text}"', None),
        ('"arn:aws:iam::${var.text}:role/app"', None),
        ('"arn:${var.text}:iam::111122223333:role/app"', None),
        ('"arn:aws:iam::111122223333:${var.text}"', None),
        ('"arn:aws:iam::111122223333:ro${var.text}"', None),
        ('"arn:aws:iam::11112222${var.text}:root"', None),
        ('"arn:aws:sts::${var.text}:assumed-role/aws:ec2-infrastructure/i-5d476fab"', None),
        ('"${var.text}:role/app"', None),
        ('"${var.text}.amazonaws.com"', None),
        ('"logs.${var.text}.amazonaws.com"', None),
        ('"app-${var.text}"', None),
        ('"arn:aws:iam::${var.text}:role/app-*"', "high"),
        ('"arn:aws:iam::111122223333:role/*-${var.text}"', "high"),
        ('"${aws_iam_role.r.arn}/*"', "high"),
        ('"arn:aws:iam::1234:${var.text}"', "high"),
        ('"arn:aws:iam::1234:role/${var.text}"', "high"),
        ('"arn:aws:iam::111122223333:group/${var.text}"', "high"),
        ('"arn:aws:iam::${var.text}:group/ops"', "high"),
        ('"arn:aws:iam::${var.text}:instance-profile/app"', "high"),
        ('"arn:aws:iam::111122223333:instance-profile/${var.text}"', "high"),
        ('"arn:aws:iam:${var.text}:111122223333:role/app"', None),
        ('"arn:aws:iam:eu-west-1:${var.text}:role/app"', "high"),
        ('"arn:aws:lambda:${var.text}:111122223333:function:app"', "high"),
        ('"role/${var.text}"', "high"),
        # alternatives
        (f'var.flag ? "*" : {ROLE}', "high?"),
        ('var.flag ? "*" : "app"', "high"),
        ("var.flag ? var.text : aws_iam_role.r.arn", None),
        ('var.flag ? var.text : "*"', "high?"),
        # attributes of what is no principal; a function could have made one of it
        ("aws_iam_group.g.arn", "high?"),
        ("aws_iam_instance_profile.p.arn", "high?"),
        ('replace(aws_iam_instance_profile.p.arn, "instance-profile", "role")', "high?"),
        ("data.aws_iam_instance_profile.p.role_arn", None),
        ("data.aws_iam_group.g.users[0].arn", None),
        ('"arn:aws:iam::111122223333:role/${aws_iam_group.g.unique_id}"', None),
    ],
)
def test_a_principal_that_is_not_wholly_known(grantee, expected, tmp_path):
    assert severity(tmp_path, "invalid-grantee", grantee=grantee) == expected


@pytest.mark.parametrize(
    ("retiring", "expected"),
    [(f'var.flag ? "*" : {ROLE}', "high?"), ('var.flag ? "*" : "app"', "high")],
)
def test_who_retires_it_is_not_wholly_known(retiring, expected, tmp_path):
    rest = f"retiring_principal = {retiring}"
    assert severity(tmp_path, "invalid-grantee", rest=rest) == expected


def test_a_hole_is_shown_as_one(tmp_path):
    (found,) = judge(tmp_path, "invalid-grantee", grantee='"arn:aws:iam::${var.text}:role/app-*"')
    assert found.message == f'apply fails: the grantee "arn:aws:iam::…:role/app-*" {WILDCARD}'


def test_what_is_no_principal_is_named(tmp_path):
    (found,) = judge(tmp_path, "invalid-grantee", grantee="aws_iam_group.g.arn")
    assert found.message == "apply fails: the grantee aws_iam_group.g is a group, not a principal"


def test_what_is_shown_once_is_no_other_place(tmp_path):
    (found,) = judge(tmp_path, "invalid-grantee", grantee="aws_iam_group.g.arn")
    assert found.span.text == "aws_iam_group.g"
    assert found.related == ()


def test_each_principal_has_its_own_finding_in_its_place(tmp_path):
    found = judge(tmp_path, "invalid-grantee", grantee='"*"', rest='retiring_principal = "app"')
    assert [one.span.text for one in found] == ['"*"', '"app"']


# -- invalid-constraint --------------------------------------------------------------------

BOTH = (
    "apply fails: encryption_context_equals and encryption_context_subset are both set, "
    "a grant takes one"
)


def dynamic(argument):
    """A block of constraints that may not be there."""
    return f'dynamic "constraints" {{\nfor_each = var.list\ncontent {{\n{argument}\n}}\n}}'


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", None),
        (block(EQUALS), None),
        (block(SUBSET), None),
        (block(EQUALS, SUBSET), "high"),
        (f"{block(EQUALS)}\n{block(SUBSET)}", "high"),
        (f"{block(SUBSET)}\n{block(EQUALS)}", "high"),
        (f"{block(SUBSET)}\n{block('encryption_context_subset = { c = 1 }')}", "high"),
        (f"{block(EQUALS)}\n{block(EQUALS)}", None),  # the provider has a set of blocks
        (f"{block(EQUALS)}\nconstraints {{}}", None),
        (block(EQUALS, "encryption_context_subset = {}"), None),
        (block(EQUALS, "encryption_context_subset = null"), None),
        (block(EQUALS, "encryption_context_subset = { a = var.text }"), "high"),
        (block(EQUALS, "encryption_context_subset = { a = var.secret }"), None),  # hides both
        (block(EQUALS, "encryption_context_subset = var.map"), None),
        (block("encryption_context_equals = {}", SUBSET), None),
        (block("encryption_context_equals = var.map", SUBSET), None),
        (block("encryption_context_equals = var.flag ? { c = 1 } : {}", SUBSET), "high?"),
        (block(EQUALS, "encryption_context_subset = { (var.text) = 1 }"), None),
        (block(EQUALS, "encryption_context_subset = var.flag ? { c = 1 } : {}"), "high?"),
        (block(EQUALS, "encryption_context_subset = var.flag ? { c = 1 } : { d = 1 }"), "high"),
        (
            block(
                "encryption_context_equals = var.flag ? { c = 1 } : null",
                "encryption_context_subset = var.flag ? null : { c = 1 }",
            ),
            None,
        ),
        (f"{block(EQUALS)}\n{dynamic(SUBSET)}", "high?"),
        (dynamic(SUBSET), None),
    ],
)
def test_a_grant_has_one_constraint(rest, expected, tmp_path):
    assert severity(tmp_path, "invalid-constraint", rest=rest) == expected


def test_the_first_kind_is_the_place_and_the_other_is_shown(tmp_path):
    (found,) = judge(tmp_path, "invalid-constraint", rest=block(EQUALS, SUBSET))
    assert (found.message, found.span.text) == (BOTH, '{ a = "b" }')
    assert [place.text for place in found.related] == ["the other constraint"]


@pytest.mark.parametrize(
    "constraint", [EQUALS, SUBSET, "encryption_context_equals = { a = var.text }"]
)
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", None),
        (RSA, "high"),
        (HMAC, "high"),
        ('key_usage = "SIGN_VERIFY"\ncustomer_master_key_spec = var.text', "high"),
        ("customer_master_key_spec = var.text", None),
        ('customer_master_key_spec = var.flag ? "RSA_2048" : "SYMMETRIC_DEFAULT"', "high?"),
        ('customer_master_key_spec = var.flag ? "RSA_2048" : "RSA_4096"', "high"),
    ],
)
def test_only_symmetric_keys_have_an_encryption_context(constraint, key, expected, tmp_path):
    rest = block(constraint)
    assert severity(tmp_path, "invalid-constraint", key, rest=rest) == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", None),
        (block("encryption_context_equals = {}"), None),
        (block("encryption_context_equals = var.map"), None),
        (block("encryption_context_equals = var.flag ? { c = 1 } : {}"), "high?"),
        (dynamic(EQUALS), "high?"),
    ],
)
def test_a_constraint_that_may_not_be_there_on_an_asymmetric_key(rest, expected, tmp_path):
    assert severity(tmp_path, "invalid-constraint", RSA, rest=rest) == expected


@pytest.mark.parametrize("argument", ["{}", "null", "var.map", "var.flag ? { c = 1 } : {}"])
def test_key_and_constraint_that_are_both_not_known_are_silent(argument, tmp_path):
    key = 'customer_master_key_spec = var.flag ? "RSA_2048" : "SYMMETRIC_DEFAULT"'
    rest = block(f"encryption_context_equals = {argument}")
    assert severity(tmp_path, "invalid-constraint", key, rest=rest) is None


def test_a_key_outside_may_be_symmetric(tmp_path):
    found = judge(tmp_path, "invalid-constraint", key_id="var.text", rest=block(EQUALS))
    assert not found


def test_it_names_the_key(tmp_path):
    (found,) = judge(tmp_path, "invalid-constraint", RSA, rest=block(SUBSET))
    assert found.message == (
        "apply fails: aws_kms_key.k is no key for symmetric encryption, "
        "the only ones with an encryption context"
    )


def pairs(number):
    """A constraint of so many pairs."""
    return f"encryption_context_subset = {{ {', '.join(f'k{i} = 1' for i in range(number))} }}"


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (pairs(8), None),
        (pairs(9), "apply fails: encryption_context_subset has 9 pairs, a grant takes at most 8"),
        (f'encryption_context_equals = {{ a = "{"ä" * 384}" }}', None),
        (
            f'encryption_context_equals = {{ a = "{"ä" * 385}" }}',
            'apply fails: the value of "a" has more than the 384 characters that a grant takes',
        ),
    ],
)
def test_a_constraint_has_limits(constraint, expected, tmp_path):
    found = judge(tmp_path, "invalid-constraint", rest=block(constraint))
    assert [one.message for one in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ('encryption_context_equals = { "aws:s3:arn" = "arn:aws:s3:::b/*" }', "medium"),
        ('encryption_context_subset = { "aws:rds:db-id" = "db-*" }', "medium"),
        ('encryption_context_subset = { SecretARN = "arn:aws:secretsmanager:*" }', "medium"),
        ('encryption_context_subset = { a = "b", "aws:ebs:id" = "*" }', "medium"),
        ('encryption_context_equals = { "aws:s3:arn" = "arn:aws:s3:::${var.text}/*" }', "medium"),
        ('encryption_context_equals = { "aws:s3:arn" = "${var.text}-*" }', "medium"),
        ('encryption_context_equals = { Path = "arn:${var.text}:*" }', "medium"),
        # of one's own, which may really have an asterisk
        ('encryption_context_equals = { Pattern = "*.csv" }', "medium?"),
        ('encryption_context_equals = { Pattern = "*${var.text}" }', "medium?"),
        ('encryption_context_equals = { "aws:s3:arn" = "arn:aws:s3:::b/?" }', None),
        ('encryption_context_equals = { "aws:s3:arn" = var.text }', None),
        ('encryption_context_equals = { "aws:s3:arn" = var.secret }', None),
        ("encryption_context_equals = var.map", None),
    ],
)
def test_a_constraint_has_no_wildcards(constraint, expected, tmp_path):
    assert severity(tmp_path, "invalid-constraint", rest=block(constraint)) == expected


def test_it_says_which_pair_no_call_has(tmp_path):
    rest = block('encryption_context_subset = { a = "b", "aws:s3:arn" = "arn:aws:s3:::b/*" }')
    (found,) = judge(tmp_path, "invalid-constraint", rest=rest)
    assert found.message == (
        "no call meets encryption_context_subset: a constraint has no wildcards, "
        'the asterisk in "aws:s3:arn" is compared as it is'
    )
