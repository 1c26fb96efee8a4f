"""Grants beside others, and beside the roles that they name. A row a case."""

import pytest
from grants import FOREIGN, HEAD, OWN, ROLE, constraint, grant, judge, verdict

from grantlint.check import check
from grantlint.parsers.settings import Options

# -- duplicate-grant -----------------------------------------------------------------------

EQUALS = constraint("equals", '{ a = "b" }')
PLAIN = grant("a", rest=EQUALS)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (grant("b", rest=EQUALS), "medium"),
        (grant("b", rest=EQUALS, key_id="aws_kms_key.k.arn"), "medium"),
        (grant("b", rest=EQUALS, operations='["Decrypt", "Decrypt"]'), "medium"),
        (grant("b", rest=EQUALS + f"\nretiring_principal = {ROLE}"), "medium"),
        (grant("b", rest=EQUALS + '\nname = "b"'), "medium"),
        (grant("b", rest=constraint("equals", '{ a = var.given == "given" ? "b" : 1 }')), "medium"),
        (grant("b", rest=EQUALS + "\ncount = var.flag ? 1 : 0"), "medium"),
        # something differs
        (grant("b", rest=EQUALS, key_id="aws_kms_key.other.arn"), None),
        (grant("b", rest=EQUALS, operations='["Decrypt", "Encrypt"]'), None),
        (grant("b", rest=EQUALS, grantee="aws_iam_role.r.arn"), None),
        (grant("b", rest=constraint("subset", '{ a = "b" }')), None),
        (grant("b", rest=constraint("equals", '{ a = "c" }')), None),
        (grant("b"), None),
        (grant("b", rest=EQUALS + "\ncount = 0"), None),
        # something is not known
        (grant("b", rest=EQUALS, key_id="var.text"), None),
        (grant("b", rest=EQUALS, operations="[var.text]"), None),
        (grant("b", rest=EQUALS, key_id="sensitive(aws_kms_key.k.arn)"), None),
        (grant("b", rest=EQUALS, grantee="var.text"), None),
        (grant("b", rest=constraint("equals", "{ a = var.text }")), None),
        (grant("b", rest=constraint("equals", "{ a = var.secret }")), None),
    ],
)
def test_a_grant_that_gives_what_another_one_gives_is_one_too_many(other, expected, tmp_path):
    assert verdict(tmp_path, "duplicate-grant", PLAIN + other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("count = var.flag ? 1 : 0", "", "medium?"),
        ("count = var.flag ? 1 : 0", "count = var.flag ? 1 : 0", "medium"),
        ("count = var.flag ? 1 : 0", "count = var.flag ? 0 : 1", None),
        ("count = var.flag ? 1 : 0", 'count = var.text == "a" ? 1 : 0', None),
        ("count = 0", "", None),
    ],
)
def test_whether_both_exist_decides(one, other, expected, tmp_path):
    text = grant("a", rest=one) + grant("b", rest=other)
    assert verdict(tmp_path, "duplicate-grant", text) == expected


@pytest.mark.parametrize(
    ("same", "expected"),
    [
        ("key_id", ["aws_kms_key.k.key_id", "aws_kms_key.k.arn"]),
        ("key_id", ['"1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"'] * 2),
        ("key_id", ["data.aws_kms_key.d.arn", "data.aws_kms_key.d.id"]),
        ("key_id", ["aws_kms_key.k.arn", "aws_kms_alias.a.target_key_arn"]),
        ("grantee", ["aws_iam_role.r.arn"] * 2),
        ("grantee", ['"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/x"'] * 2),
    ],
)
def test_what_refers_to_one_object_is_the_same(same, expected, tmp_path):
    data = """
data "aws_caller_identity" "me" {}

data "aws_kms_key" "d" {
  key_id = "alias/d"
}

resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.k.key_id
}
"""
    one, other = (grant(name, **{same: value}) for name, value in zip("ab", expected, strict=True))
    assert verdict(tmp_path, "duplicate-grant", data + one + other, account=None) == "medium"


@pytest.mark.parametrize(
    "grantees",
    [
        ("var.roles[0]", "var.roles[1]"),
        ("aws_iam_role.each[var.text].arn", "aws_iam_role.each[var.given].arn"),
        ("aws_iam_role.open[0].arn", "aws_iam_role.open[1].arn"),
        ('aws_iam_role.each["a"].arn', 'aws_iam_role.each["b"].arn'),
        (
            "data.terraform_remote_state.s.outputs.one",
            "data.terraform_remote_state.s.outputs.other",
        ),
        ("module.m.one", "module.m.other"),
        ("tolist(data.aws_iam_roles.all.arns)[0]", "tolist(data.aws_iam_roles.all.arns)[1]"),
    ],
)
def test_what_is_of_one_object_is_not_always_the_same(grantees, tmp_path):
    around = """
variable "roles" {
  type = list(string)
}

resource "aws_iam_role" "each" {
  for_each           = toset(["a", "b", "given"])
  assume_role_policy = "{}"
}

resource "aws_iam_role" "open" {
  count              = length(var.roles)
  assume_role_policy = "{}"
}

data "terraform_remote_state" "s" {
  backend = "local"
}

data "aws_iam_roles" "all" {}

module "m" {
  source = "example/m/aws"
}
"""
    one, other = (grant(name, grantee=value) for name, value in zip("ab", grantees, strict=True))
    assert verdict(tmp_path, "duplicate-grant", around + one + other) is None


def test_the_same_name_makes_one_grant_of_two(tmp_path):
    text = grant("a", rest='name = "n"') + grant("b", rest='name = "n"')
    (found,) = judge(tmp_path, "duplicate-grant", text)
    assert found.address == "aws_kms_grant.b"
    assert found.message.startswith('aws_kms_grant.a has the same name "n" and the same parameters')
    assert [place.address for place in found.related] == ["aws_kms_grant.a"]


@pytest.mark.parametrize(
    "rest",
    [('name = "n"', 'name = "m"'), ('name = "n"', f'name = "n"\nretiring_principal = {ROLE}')],
)
def test_another_name_or_parameter_makes_another_grant(rest, tmp_path):
    one, other = (grant(name, rest=text) for name, text in zip("ab", rest, strict=True))
    (found,) = judge(tmp_path, "duplicate-grant", one + other)
    assert found.message.startswith("aws_kms_grant.a gives role app the same operations")


@pytest.mark.parametrize(
    ("one", "other", "proviso"),
    [
        ("", "", ""),
        ("count = var.flag ? 1 : 0", "", ", if that one exists: where var.flag is true"),
        ("for_each = var.map", "", ", if that one exists: where var.map has members"),
    ],
)
def test_what_is_said_of_one_that_may_not_exist(one, other, proviso, tmp_path):
    (found,) = judge(tmp_path, "duplicate-grant", grant("a", rest=one) + grant("b", rest=other))
    assert found.message.endswith(f"whoever ends one of them leaves the access{proviso}")


def test_each_grant_too_many_is_reported_once(tmp_path):
    found = judge(tmp_path, "duplicate-grant", grant("a", rest="count = 3"))
    assert [one.address for one in found] == ["aws_kms_grant.a[1]", "aws_kms_grant.a[2]"]
    assert {place.address for one in found for place in one.related} == {"aws_kms_grant.a[0]"}


def test_copies_of_a_configuration_are_not_compared(tmp_path):
    for stage in ("test", "prod"):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "main.tf").write_text(HEAD + PLAIN, encoding="utf-8")
    found = check([str(tmp_path)], Options()).judged(possible=True)
    assert not [one for one in found if one.rule == "duplicate-grant"]


def test_a_module_that_is_called_twice_for_one_key_repeats_its_grant(tmp_path):
    module = 'variable "key" {}\n' + grant("a", key_id="var.key")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(module, encoding="utf-8")
    call = 'module "%s" {\n  source = "./m"\n  key    = %s\n}\n'
    same, other = "aws_kms_key.k.arn", "aws_kms_key.other.arn"
    text = call % ("one", same) + call % ("two", same) + call % ("three", other)
    (found,) = judge(tmp_path, "duplicate-grant", text)
    assert (found.address, found.path.rpartition("/")[2]) == (
        "module.two.aws_kms_grant.a",
        "main.tf",
    )


# -- literal-grantee -----------------------------------------------------------------------

PEOPLE = """
data "aws_caller_identity" "me" {}

provider "aws" {
  alias               = "theirs"
  allowed_account_ids = ["444455556666"]
}

resource "aws_iam_role" "prefixed" {
  name_prefix        = "app"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "named" {
  name               = var.text
  assume_role_policy = "{}"
}

resource "aws_iam_role" "in_path" {
  name               = "in-path"
  path               = "/apps/"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "theirs" {
  provider           = aws.theirs
  name               = "theirs"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "maybe" {
  count              = var.flag ? 1 : 0
  name               = "maybe"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "each" {
  for_each           = toset(["one"])
  name               = "each-${each.key}"
  assume_role_policy = "{}"
}

data "aws_iam_role" "read" {
  name = "read"
}
"""


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (f'"arn:aws:iam::{OWN}:role/r"', "low"),
        (f'"arn:aws:iam::{OWN}:role/${{aws_iam_role.r.name}}"', "low"),
        ('"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/r"', "low"),
        (f'"arn:aws:iam::{OWN}:user/u"', "low"),
        (f'"arn:aws:iam::{OWN}:role/apps/in-path"', "low"),
        (f'"arn:aws:iam::{OWN}:role/each-one"', "low"),
        (f'"arn:aws:iam::{OWN}:role/${{var.text}}"', "low"),
        (f'"arn:aws:iam::{FOREIGN}:role/theirs"', "low"),
        ('"arn:aws:iam::${var.given}:role/r"', None),
        ('"arn:aws:iam::${var.text}:role/r"', "low?"),
        (f'"arn:aws:iam::{OWN}:role/maybe"', "low?"),
        (f'var.flag ? "arn:aws:iam::{OWN}:role/r" : {ROLE}', "low?"),
        # another one, or a reference
        ("aws_iam_role.r.arn", None),
        ("data.aws_iam_role.read.arn", None),
        (f'"arn:aws:iam::{OWN}:role/read"', None),
        (f'"arn:aws:iam::{FOREIGN}:role/r"', None),
        (f'"arn:aws:iam::{OWN}:role/theirs"', None),
        (f'"arn:aws:iam::{OWN}:user/r"', None),
        (f'"arn:aws:iam::{OWN}:role/rr"', None),
        (f'"arn:aws:iam::{OWN}:role/app"', None),
        (f'"arn:aws:iam::{OWN}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"', None),
        ("var.text", None),
    ],
)
def test_a_role_is_referred_to(grantee, expected, tmp_path):
    assert verdict(tmp_path, "literal-grantee", PEOPLE + grant(grantee=grantee)) == expected


def test_the_account_decides_whose_role_it_is(tmp_path):
    text = PEOPLE + grant(grantee=f'"arn:aws:iam::{OWN}:role/r"')
    (found,) = judge(tmp_path, "literal-grantee", text, account=None)
    assert not found.certain
    assert found.message.endswith(", if that is the role of this account")


def test_who_retires_is_referred_to(tmp_path):
    rest = f'retiring_principal = "arn:aws:iam::{OWN}:role/r"'
    (found,) = judge(tmp_path, "literal-grantee", grant(rest=rest))
    assert found.span.text == f'"arn:aws:iam::{OWN}:role/r"'
    assert [place.text for place in found.related] == ["what it names"]
    assert found.related[0].span.text == 'resource "aws_iam_role" "r"'


def test_a_grant_that_is_replaced_with_the_role_may_name_it(tmp_path):
    rest = "lifecycle {\n  replace_triggered_by = [aws_iam_role.r]\n}"
    text = grant(grantee=f'"arn:aws:iam::{OWN}:role/r"', rest=rest)
    assert verdict(tmp_path, "literal-grantee", text) is None


def test_a_sensitive_principal_is_not_compared(tmp_path):
    text = grant(grantee=f'sensitive("arn:aws:iam::{OWN}:role/r")')
    assert verdict(tmp_path, "literal-grantee", text) is None
