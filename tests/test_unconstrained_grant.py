"""Which grants should carry an encryption context, how bad it is without. A row a case."""

from dataclasses import replace

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.rules import unconstrained_grant
from grantlint.value import Truth, string

ROLE = '"arn:aws:iam::111122223333:role/app"'
KEY = 'resource "aws_kms_key" "k" {\n%s\n}\n'
GRANT = """\
variable "text" {{
  type = string
}}

variable "on" {{
  type = bool
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

resource "aws_iam_role" "prefixed" {{
  name_prefix        = "r"
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
        ('concat(var.list, ["Decrypt"])', "medium"),
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
        ("encryption_context_equals = var.map", None),
        ('encryption_context_equals = { (var.text) = "b" }', None),
        ('encryption_context_equals = var.on ? { a = "b" } : {}', "medium?"),
        ('encryption_context_equals = var.on ? { a = "b" } : null', "medium?"),
        ("", "medium"),
    ],
)
def test_constraints(constraint, expected, tmp_path):
    assert judge(tmp_path, rest=f"constraints {{\n{constraint}\n}}") == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("var.map", None), ("{}", "medium"), ('{ a = "b" }', None)],
)
def test_dynamic_constraints(condition, expected, tmp_path):
    rest = (
        f'dynamic "constraints" {{\nfor_each = length({condition}) > 0 ? [1] : []\n'
        f"content {{\nencryption_context_equals = {condition}\n}}\n}}"
    )
    assert judge(tmp_path, rest=rest) == expected


def test_a_block_that_may_not_be_there_is_possibly_missing(tmp_path):
    rest = (
        'dynamic "constraints" {\nfor_each = var.on ? [1] : []\n'
        'content {\nencryption_context_equals = { a = "b" }\n}\n}'
    )
    assert judge(tmp_path, rest=rest) == "medium?"


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (ROLE, "medium"),
        ("aws_iam_role.r.arn", "medium"),
        ("aws_iam_role.prefixed.arn", "medium"),
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
        # refused by the provider, which invalid-grantee tells
        ('"111122223333"', None),
        ('"AROAIOSFODNN7EXAMPLE1"', None),
        # one of a few
        (f'var.on ? {ROLE} : "arn:aws:iam::111122223333:user/app"', "medium"),
        (f"var.on ? {ROLE} : aws_iam_service_linked_role.slr.arn", "medium?"),
        (
            'var.on ? "dynamodb.eu-west-1.amazonaws.com" : aws_iam_service_linked_role.slr.arn',
            None,
        ),
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
        ("key_usage = var.text", "medium?"),
    ],
)
def test_keys(key, expected, tmp_path):
    assert judge(tmp_path, key) == expected


def test_a_key_outside_may_be_asymmetric(tmp_path):
    assert judge(tmp_path, key_id="var.text") == "medium?"


OUTSIDE = '"arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"'


@pytest.mark.parametrize(
    ("key_id", "key", "expected"),
    [
        (OUTSIDE, "", "medium"),
        ("var.text", "", "medium"),
        ("aws_kms_key.k.arn", "customer_master_key_spec = var.text", "medium?"),
        ("aws_kms_key.k.arn", 'customer_master_key_spec = "RSA_2048"', None),
    ],
)
def test_a_data_key_tells_the_kind_of_a_key_that_is_not_seen(key_id, key, expected, tmp_path):
    assert judge(tmp_path, key, key_id=key_id, operations='["GenerateDataKey"]') == expected


@pytest.mark.parametrize(
    ("grantee", "operations", "expected"),
    [
        ("var.text", "var.list", None),
        ("var.text", '["DescribeKey", var.text]', None),
        ("var.text", '["Decrypt", var.text]', "medium?"),
        ("var.text", 'var.on ? ["Decrypt"] : []', "medium?"),
        ("var.text", 'var.on ? ["DescribeKey"] : []', None),
        ("var.text", '["DescribeKey", var.on ? "Decrypt" : "RetireGrant"]', "medium?"),
        (ROLE, "var.list", "medium?"),
        (f"var.on ? var.text : {ROLE}", "var.list", "medium?"),
    ],
)
def test_a_grant_of_which_nothing_is_known_is_silent(grantee, operations, expected, tmp_path):
    assert judge(tmp_path, grantee=grantee, operations=operations) == expected


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        (
            {"grantee": "var.text"},
            (
                "the grantee is neither a service nor a service-linked role "
                "(not known: var.text has no value)"
            ),
        ),
        (
            {"key_id": "var.text"},
            "the key is one for symmetric encryption (not known: var.text has no value)",
        ),
        (
            {"operations": "var.list"},
            "one of its operations is cryptographic (not known: var.list has no value)",
        ),
        (
            {"rest": "constraints {\nencryption_context_equals = var.on ? { a = 1 } : {}\n}"},
            "no constraint is set (not known: var.on has no value)",
        ),
    ],
)
def test_a_possible_finding_says_what_it_depends_on(fields, end, tmp_path):
    assert judge(tmp_path, **fields) == "medium?"
    report = check([str(tmp_path)], Options(account="111122223333"))
    (found,) = [f for f in report.findings if f.rule == "unconstrained-grant"]
    assert found.message.endswith(f" with any encryption context, if {end}")


def test_nothing_of_a_sensitive_grantee_is_told(tmp_path):
    assert judge(tmp_path, grantee='sensitive("arn:aws:iam::444455556666:root")') == "medium"
    report = check([str(tmp_path)], Options(account="111122223333"))
    (found,) = [f for f in report.findings if f.rule == "unconstrained-grant"]
    assert found.message == "the grantee may call Decrypt with any encryption context"


# -- what shows that a service chooses the context -----------------------------------------

VOLUME = 'resource "aws_ebs_volume" "v" {\nkms_key_id = aws_kms_key.k.arn\n}\n'
TRUST = (
    'resource "aws_iam_role" "node" {\nname = "node"\n'
    "assume_role_policy = jsonencode({ Statement = "
    '[{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole"'
    " }] })\n}\n"
)


@pytest.mark.parametrize(
    ("evidence", "fields", "expected"),
    [
        (VOLUME, {}, "low"),
        (TRUST, {"grantee": "aws_iam_role.node.arn"}, "low"),
        (VOLUME, {"operations": '["Decrypt", "DescribeKey", "Encrypt"]'}, "low"),
        (VOLUME, {"operations": "[var.text]"}, "low?"),
        (VOLUME, {"grantee": '"arn:aws:iam::444455556666:role/app"'}, "high"),
        (VOLUME, {"grantee": '"arn:aws:iam::111122223333:root"'}, "high"),
        (VOLUME, {"operations": '["Decrypt", "CreateGrant"]'}, "high"),
        (VOLUME, {"grantee": "aws_iam_service_linked_role.slr.arn"}, None),
        (VOLUME, {"rest": 'constraints {\nencryption_context_equals = { a = "b" }\n}'}, None),
        (VOLUME.replace("aws_kms_key.k.arn", "null"), {}, "medium"),
        (TRUST, {}, "medium"),
    ],
)
def test_evidence_lowers_the_severity_of_an_applications_role(evidence, fields, expected, tmp_path):
    (tmp_path / "evidence.tf").write_text(evidence, encoding="utf-8")
    assert judge(tmp_path, **fields) == expected


def test_the_finding_names_the_evidence_and_shows_where_it_is(tmp_path):
    (tmp_path / "evidence.tf").write_text(TRUST + VOLUME, encoding="utf-8")
    assert judge(tmp_path, grantee="aws_iam_role.node.arn") == "low"
    report = check([str(tmp_path)], Options(account="111122223333"))
    (found,) = [f for f in report.findings if f.rule == "unconstrained-grant"]
    assert found.message.endswith(
        "with any encryption context, which EC2 may choose itself: "
        "aws_ebs_volume.v encrypts volumes with the key"
    )
    assert [(place.span.text, place.text) for place in found.related] == [
        ("aws_kms_key.k", "aws_ebs_volume.v encrypts volumes with the key"),
        ('"ec2.amazonaws.com"', "the trust policy of aws_iam_role.node names ec2.amazonaws.com"),
    ]


def test_a_source_arn_does_not_bind_a_role(tmp_path):
    judge(tmp_path)
    inventory = estate.read([str(tmp_path)], Options()).inventory
    (grant,) = inventory.grants
    arn = string("arn:aws:sqs:eu-west-1:111122223333:orders")
    bound = replace(grant, constraints=replace(grant.constraints, source_arn=arn))
    (hit,) = list(unconstrained_grant.check.hits(replace(inventory, grants=(bound,))))
    assert hit[1].truth is Truth.YES
