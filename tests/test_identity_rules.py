"""Rules about IAM policies: which are read, which resources are every key, what makes it fine."""

import pytest

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.parsers.settings import Options

ASKED = Terms(
    Selection(
        select=(
            "alias-resource",
            "create-grant-on-any-key",
            "decrypt-on-any-key",
            "open-managed-policy",
        )
    )
)
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
HEAD = 'variable "text" {}\nvariable "list" {}\nvariable "on" {}\n'


@pytest.fixture
def judge(tmp_path):
    def judge(text):
        (tmp_path / "main.tf").write_text(HEAD + text, "utf-8")
        report = check([str(tmp_path)], Options(), ASKED)
        assert not report.unreadable
        return [
            f"{found.rule} {found.severity.label}{'' if found.certain else '?'}"
            for found in report.findings
        ]

    return judge


def statement(action='"kms:CreateGrant"', resource='"*"', condition="", effect="Allow"):
    """A role's inline policy of one statement."""
    return f"""
resource "aws_iam_role_policy" "p" {{
  role = "r"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect = "{effect}"
      Action = {action}
      Resource = {resource}
      {condition}
    }}]
  }})
}}
"""


CREATE, DECRYPT = "create-grant-on-any-key high", "decrypt-on-any-key low"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ('"*"', [CREATE]),
        ('["*"]', [CREATE]),
        ('"arn:aws:kms:eu-west-1:111122223333:key/*"', [CREATE]),
        ('"arn:aws:kms:*:*:*"', [CREATE]),
        ('"arn:aws:*"', []),  # no resource of AWS KMS is written so
        ('"arn:aws:kms:${var.text}:111122223333:key/*"', [CREATE]),
        ('"arn:${var.text}:kms:${var.text}:${var.text}:key/*"', [CREATE]),
        ('["arn:aws:s3:::bucket/*", "*"]', [CREATE]),
        (f'"{KEY}"', []),
        (f'["{KEY}"]', []),
        ('"arn:aws:kms:eu-west-1:111122223333:key/1234*"', []),
        ("var.text", []),
        ("[var.text]", []),
        ("var.list", []),
        ('concat(["*"], var.list)', [CREATE]),
        (f'var.on ? "*" : "{KEY}"', [f"{CREATE}?"]),
        ("aws_kms_key.k.arn", []),
    ],
)
def test_which_resources_are_every_key(resource, expected, judge):
    assert judge(statement(resource=resource) + 'resource "aws_kms_key" "k" {}') == expected


def when(operator, key, value):
    return f'Condition = {{ "{operator}" = {{ "{key}" = {value} }} }}'


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (when("Bool", "kms:GrantIsForAWSResource", "true"), []),
        (when("Bool", "kms:GrantIsForAWSResource", '"true"'), []),
        (when("Bool", "kms:GrantIsForAWSResource", "false"), [CREATE]),
        (when("BoolIfExists", "kms:GrantIsForAWSResource", '"true"'), [CREATE]),
        (when("StringEquals", "kms:ViaService", '"ec2.eu-west-1.amazonaws.com"'), []),
        (when("ForAllValues:StringEquals", "kms:GrantOperations", '["Decrypt"]'), []),
        (when("ForAnyValue:StringEquals", "kms:ResourceAliases", '"alias/orders"'), []),
        (when("ForAllValues:StringEquals", "kms:ResourceAliases", '"alias/orders"'), [CREATE]),
        (when("StringEquals", "aws:ResourceTag/team", '"orders"'), []),
        (when("StringLike", "aws:ResourceTag/team", '"*"'), [CREATE]),
        (when("StringEquals", "aws:RequestedRegion", '"eu-west-1"'), [CREATE]),
        (when("Bool", "aws:MultiFactorAuthPresent", '"true"'), [CREATE]),
        ("Condition = var.text", [f"{CREATE}?"]),
    ],
)
def test_conditions_that_restrict_the_grant_or_the_keys(condition, expected, judge):
    assert judge(statement(condition=condition)) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ('"kms:CreateGrant"', [CREATE]),
        ('"KMS:creategrant"', [CREATE]),
        ('"kms:CreateGr*"', [CREATE]),
        ('"kms:Create*"', []),  # administrators'
        ('"kms:*"', [DECRYPT]),
        ('"kms:Decrypt"', [DECRYPT]),
        ('"kms:decrypt*"', [DECRYPT]),
        ('"kms:ReEncrypt*"', [DECRYPT]),
        ('"kms:ReEncryptTo"', []),
        ('"kms:Encrypt"', []),
        ('["s3:GetObject", "kms:Decrypt"]', [DECRYPT]),
        ('["kms:Decrypt", "kms:CreateGrant"]', [CREATE, DECRYPT]),
        ('"*"', []),
        ("var.text", []),
        ('["kms:Decrypt", var.text]', [DECRYPT]),
        ('[var.text, "kms:Decrypt"]', [DECRYPT]),
        ('var.on ? "kms:CreateGrant" : "kms:DescribeKey"', [CREATE]),  # and says where
    ],
)
def test_which_actions_are_reported(action, expected, judge):
    assert judge(statement(action)) == expected


def test_a_denial_is_no_permission(judge):
    assert judge(statement('["kms:CreateGrant", "kms:Decrypt"]', effect="Deny")) == []


def test_a_denial_of_all_but_services_guards(judge):
    deny = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["kms:CreateGrant"]
    resources = ["*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["false"]
    }
  }
}
resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.d.json
}
"""
    assert judge(deny) == []


@pytest.mark.parametrize(
    "block",
    [
        'resource "aws_iam_policy" "p" { policy = local.policy }',
        'resource "aws_iam_user_policy" "p" {\n user = "u"\n policy = local.policy\n}',
        'resource "aws_iam_group_policy" "p" {\n group = "g"\n policy = local.policy\n}',
        'resource "aws_iam_role" "p" {\n inline_policy {\n policy = local.policy\n }\n}',
        'resource "aws_ssoadmin_permission_set_inline_policy" "p" { inline_policy = local.policy }',
    ],
)
def test_every_resource_that_writes_a_policy_is_read(block, judge):
    policy = (
        'locals {\n policy = jsonencode({ Statement = { Effect = "Allow", '
        'Action = "kms:CreateGrant", Resource = "*" } })\n}\n'
    )
    assert judge(policy + block) == [CREATE]


def test_a_policy_that_is_written_as_text_is_read(judge):
    text = """
resource "aws_iam_policy" "p" {
  policy = <<-JSON
    {"Statement": [{"Effect": "Allow", "Action": ["kms:CreateGrant"], "Resource": ["*"]}]}
  JSON
}
"""
    assert judge(text) == [CREATE]


def test_a_sensitive_policy_is_judged_and_not_shown(tmp_path):
    text = """
variable "secret" {
  sensitive = true
  default   = "kms:Decrypt"
}
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = var.secret, Resource = "*" }] })
}
"""
    (tmp_path / "main.tf").write_text(text, "utf-8")
    report = check([str(tmp_path)], Options(), ASKED)
    assert all("Decrypt" not in found.message for found in report.findings)


USELESS = "alias-resource"
ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/a"


@pytest.mark.parametrize(
    ("action", "resource", "effect", "expected"),
    [
        ('"kms:Decrypt"', f'"{ALIAS}"', "Allow", [f"{USELESS} medium"]),
        ('"kms:GenerateDataKey*"', f'["{ALIAS}"]', "Allow", [f"{USELESS} medium"]),
        (
            '"kms:decrypt"',
            '"arn:aws:kms:*:${var.text}:alias/a"',
            "Allow",
            [f"{USELESS} medium"],
        ),
        ('"kms:Decrypt"', f'"{ALIAS}"', "Deny", [f"{USELESS} high"]),
        ('"kms:Decrypt"', f'"{ALIAS}"', "${var.text}", []),
        ('"kms:Decrypt"', f'"{ALIAS}"', '${var.on ? "Allow" : "x"}', [f"{USELESS} medium?"]),
        ('"kms:Decrypt"', f'["{ALIAS}", "{KEY}"]', "Allow", []),
        ('"kms:Decrypt"', "var.text", "Allow", []),
        ('"kms:Decrypt"', "[]", "Allow", []),
        ('"kms:CreateAlias"', f'"{ALIAS}"', "Allow", []),
        ('"kms:*"', f'"{ALIAS}"', "Allow", []),  # it allows the operations on aliases
        ('["kms:UpdateAlias", "kms:Encrypt"]', f'"{ALIAS}"', "Allow", [f"{USELESS} medium"]),
        ("var.text", f'"{ALIAS}"', "Allow", []),
    ],
)
def test_aliases_as_resources(action, resource, effect, expected, judge):
    assert judge(statement(action, resource, effect=effect)) == expected


MSK = "arn:aws:iam::aws:policy/AmazonMSKFullAccess"
OWN_MSK = "arn:aws:iam::111122223333:policy/AmazonMSKFullAccess"
ANY_MSK = "arn:${var.text}:iam::aws:policy/AmazonMSKFullAccess"


@pytest.mark.parametrize(
    ("type", "argument", "expected"),
    [
        ("aws_iam_user_policy_attachment", f'policy_arn = "{MSK}"', 1),
        ("aws_iam_group_policy_attachment", f'policy_arn = "{MSK}"', 1),
        ("aws_iam_policy_attachment", f'policy_arn = "{MSK}"', 1),
        ("aws_ssoadmin_managed_policy_attachment", f'managed_policy_arn = "{MSK}"', 1),
        ("aws_iam_role", f'managed_policy_arns = ["{MSK}", var.text]', 1),
        ("aws_iam_role_policy_attachment", f'policy_arn = "{MSK}${{var.text}}"', 0),
        ("aws_iam_role_policy_attachment", f'policy_arn = "{MSK}X"', 0),
        ("aws_iam_role_policy_attachment", f'policy_arn = "{OWN_MSK}"', 0),
        ("aws_iam_role_policy_attachment", f'policy_arn = "{ANY_MSK}"', 1),
        ("aws_iam_role_policy_attachment", f'policy_arn = var.on ? "{MSK}" : null', 1),
        ("aws_iam_role", f'managed_policy_arns = var.on ? ["{MSK}"] : []', 1),
        ("aws_iam_role", f'managed_policy_arns = [var.on ? "{MSK}" : "arn:aws:a"]', 1),
        ("aws_iam_role_policy_attachment", "policy_arn = var.text # AmazonMSKFullAccess", 0),
    ],
)
def test_attachments_of_an_open_policy_of_aws(type, argument, expected, judge):
    found = judge(f'resource "{type}" "a" {{\n {argument}\n}}')
    assert found == ["open-managed-policy medium"] * expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            statement('"kms:Decrypt"'),
            (
                "whoever has aws_iam_role_policy.p may call kms:Decrypt on every key whose policy "
                "delegates to IAM"
            ),
        ),
        (
            statement('var.on ? "kms:Decrypt" : "kms:Encrypt"'),
            (
                "whoever has aws_iam_role_policy.p may call kms:Decrypt on every key whose policy "
                "delegates to IAM, where var.on is true"
            ),
        ),
        (
            statement('"kms:Decrypt"', condition="Condition = var.text"),
            (
                "whoever has aws_iam_role_policy.p may call kms:Decrypt on every key whose policy "
                "delegates to IAM, if no condition prevents it (not known: var.text has no value)"
            ),
        ),
        (
            statement('"kms:Decrypt"', f'var.on ? "*" : "{KEY}"'),
            (
                "whoever has aws_iam_role_policy.p may call kms:Decrypt on every key whose policy "
                "delegates to IAM, if the resource is every key (not known: var.on has no value)"
            ),
        ),
        (
            statement('"kms:Decrypt"', f'"{ALIAS}"', effect='${var.on ? "Allow" : "x"}'),
            (
                "kms:Decrypt is not an operation on an alias but on its key: this statement allows "
                "nothing, if its effect is Allow (not known: var.on has no value)"
            ),
        ),
        (
            statement('"kms:Decrypt"', f'"{ALIAS}"'),
            (
                "kms:Decrypt is not an operation on an alias but on its key: this statement allows "
                "nothing"
            ),
        ),
    ],
)
def test_what_is_said_of_it(text, expected, tmp_path):
    (tmp_path / "main.tf").write_text(HEAD + text, "utf-8")
    assert [one.message for one in check([str(tmp_path)], Options(), ASKED).findings] == [expected]


@pytest.mark.parametrize("action", ['"kms:CreateGrant"', '"kms:Decrypt"'])
def test_the_resource_that_is_every_key_is_pointed_at(action, tmp_path):
    text = statement(action, f'[\n        "{KEY}",\n        "*",\n      ]')
    (tmp_path / "main.tf").write_text(HEAD + text, "utf-8")
    (found,) = check([str(tmp_path)], Options(), ASKED).findings
    assert found.span.text == '"*"'


def test_an_effect_that_is_perhaps_allow_is_perhaps_a_permission(judge):
    assert judge(statement(effect='${var.on ? "Allow" : "x"}')) == [f"{CREATE}?"]
