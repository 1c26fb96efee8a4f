"""Who should not be a grantee, and which grants nobody may retire. A row a case."""

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options

OWN, FOREIGN = "111122223333", "444455556666"
HEAD = """\
variable "text" {
  type = string
}

variable "flag" {
  type = bool
}

variable "list" {
  type = list(string)
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "arn:aws:iam::444455556666:root"
}

variable "nobody" {
  type    = string
  default = null
}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}

resource "aws_iam_user" "u" {
  name = "u"
}

resource "aws_iam_service_linked_role" "slr" {
  aws_service_name = "autoscaling.amazonaws.com"
}

resource "aws_autoscaling_group" "g" {
  max_size = 1
  min_size = 1
}

data "aws_iam_role" "slr" {
  name = "AWSServiceRoleForAutoScaling"
}

data "aws_iam_role" "app" {
  name = "app"
}

data "aws_iam_role" "some" {
  name = var.text
}

data "aws_caller_identity" "me" {}

data "aws_partition" "here" {}

resource "aws_kms_key" "k" {}

resource "aws_kms_key" "other" {}
"""
GRANT = """\
resource "aws_kms_grant" "g" {{
  key_id            = {key_id}
  grantee_principal = {grantee}
  operations        = {operations}
{rest}
}}
"""


def arn(resource, account=OWN, partition="aws", service="iam"):
    """An ARN of IAM as an HCL text."""
    return f'"arn:{partition}:{service}::{account}:{resource}"'


def linked(account=OWN, partition="aws", suffix=""):
    """The ARN of a service-linked role as an HCL text."""
    path = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    return arn(path + suffix, account, partition)


def found(directory, rule, account=OWN, head="", **fields):
    """The findings of a rule on one grant."""
    given = {"key_id": "aws_kms_key.k.key_id", "grantee": arn("role/app"), "rest": ""}
    given |= {"operations": '["Decrypt"]', **fields}
    text = HEAD + head + GRANT.format(**given)
    (directory / "main.tf").write_text(text, encoding="utf-8")
    report = check([str(directory)], Options(account=account))
    assert not report.unreadable
    return [f for f in report.judged(possible=True) if f.rule == rule]


def judge(directory, rule, **fields):
    """The severity of the finding, with "?" where it is only possible; None without one."""
    findings = found(directory, rule, **fields)
    assert len(findings) <= 1
    return findings[0].severity.label + "?" * (not findings[0].certain) if findings else None


# -- who is a whole account, who is of another one -----------------------------------------

LINKED = {
    "by its ARN": linked(),
    "in China": linked(partition="aws-cn"),
    "in GovCloud": linked(partition="aws-us-gov"),
    "with a suffix": linked(suffix="_blue"),
    "with an unknown suffix": linked(suffix="_${var.text}"),
    "in an unknown account": linked("${var.text}"),
    "in an unknown partition": linked(partition="${data.aws_partition.here.partition}"),
    "of another account": linked(FOREIGN),
    "of another account in China": linked(FOREIGN, "aws-cn"),
    "its resource": "aws_iam_service_linked_role.slr.arn",
    "its resource's id": "aws_iam_service_linked_role.slr.id",
    "of a group": "aws_autoscaling_group.g.service_linked_role_arn",
    "its data source": "data.aws_iam_role.slr.arn",
    "one of two": f"var.flag ? {linked()} : {linked(FOREIGN)}",
    "its resource or its data source": (
        "var.flag ? aws_iam_service_linked_role.slr.arn : data.aws_iam_role.slr.arn"
    ),
    "in a session": arn("assumed-role/AWSServiceRoleForAutoScaling/a", FOREIGN, service="sts"),
}
SERVICES = {
    "a service": '"dynamodb.eu-west-1.amazonaws.com"',
    "a service in China": '"dynamodb.cn-north-1.amazonaws.com.cn"',
    "a service of some region": '"logs.${var.text}.amazonaws.com"',
    "EC2's own session": arn("assumed-role/aws:ec2-infrastructure/i-1", FOREIGN, service="sts"),
}
REFUSED = {
    "everyone": '"*"',
    "a group": arn("group/all", FOREIGN),
    "no principal": '"nobody"',
    "an instance profile": arn("instance-profile/app", FOREIGN),
}


@pytest.mark.parametrize("rule", ["orphan-grant", "account-grantee", "foreign-grantee"])
@pytest.mark.parametrize("who", [*LINKED, *SERVICES, *REFUSED])
def test_service_linked_roles_services_and_refused_texts_are_silent(rule, who, tmp_path):
    grantee = {**LINKED, **SERVICES, **REFUSED}[who]
    operations = '["Decrypt", "CreateGrant"]'
    assert judge(tmp_path, rule, grantee=grantee, operations=operations) is None


GRANTEES = [
    # grantee, account-grantee, foreign-grantee
    (arn("root"), "medium", None),
    (arn("root", FOREIGN), "high", None),
    (arn("root", FOREIGN, "aws-cn"), "high", None),
    (arn("root", FOREIGN, "aws-us-gov"), "high", None),
    (arn("root", FOREIGN, "${data.aws_partition.here.partition}"), "high", None),
    (arn("root", "${var.text}"), "medium", None),
    (arn("root", "4444${var.text}"), "high", None),
    (arn("root", "${data.aws_caller_identity.me.account_id}"), "medium", None),
    ('format("arn:aws:iam::%s:root", var.text)', "medium", None),
    (f'"{FOREIGN}"', None, None),  # the provider refuses the bare number of an account
    (FOREIGN, None, None),
    (arn("role/app"), None, None),
    (arn("role/root"), None, None),
    (arn("role/app", FOREIGN), None, "high"),
    (arn("role/team/app", FOREIGN), None, "high"),
    (arn("role/app", FOREIGN, "aws-cn"), None, "high"),
    (arn("role/app", FOREIGN, "aws-us-gov"), None, "high"),
    (arn("user/app", FOREIGN), None, "high"),
    (arn("federated-user/app", FOREIGN, service="sts"), None, "high"),
    (arn("assumed-role/app/me", FOREIGN, service="sts"), None, "high"),
    (arn("assumed-role/app/me", service="sts"), None, None),
    (arn("role/${var.text}", FOREIGN), None, "high?"),  # it may be a service-linked role
    (arn("role/app-${var.text}", FOREIGN), None, "high"),
    (arn("assumed-role/${var.text}", FOREIGN, service="sts"), None, "high?"),
    (arn("${var.text}", FOREIGN), None, "high?"),
    (arn("${var.text}"), None, None),
    (arn("role/app", "${var.text}"), None, None),
    (arn("role/app", "4444${var.text}"), None, "high"),
    (arn("role/app", "1111${var.text}"), None, None),
    (f"var.flag ? {arn('role/app')} : {arn('role/app', FOREIGN)}", None, "high?"),
    (f"var.flag ? {arn('role/a', FOREIGN)} : {arn('role/b', FOREIGN)}", None, "high"),
    (f"var.flag ? {arn('role/a', '777788889999')} : {arn('role/b', FOREIGN)}", None, "high"),
    (f"var.flag ? {arn('role/a')} : {arn('user/b')}", None, None),
    (f"var.flag ? {arn('role/a')} : {arn('root')}", "medium?", None),
    (f"var.flag ? {arn('root')} : {arn('root', FOREIGN)}", "medium", None),
    (f"var.flag ? {arn('root', '777788889999')} : {arn('root', FOREIGN)}", "high", None),
    (f"var.flag ? var.text : {arn('root')}", "medium?", None),
    (f"var.flag ? var.text : {arn('role/app', FOREIGN)}", None, "high?"),
    (f"var.flag ? {SERVICES['a service']} : {arn('role/app')}", None, None),
    # what is of another account is not what is an application
    (f"var.flag ? {arn('role/app')} : {linked(FOREIGN)}", None, None),
    (f"var.flag ? {SERVICES['a service']} : {linked(FOREIGN)}", None, None),
    (f"var.flag ? {arn('role/app')} : {arn('root', FOREIGN)}", "medium?", None),
    ("aws_iam_role.r.arn", None, None),
    ("aws_iam_user.u.arn", None, None),
    ("data.aws_iam_role.app.arn", None, None),
    ("var.text", None, None),
    ("var.secret", None, None),
    (f"sensitive({arn('role/app', FOREIGN)})", None, None),
    ('"AROAIOSFODNN7EXAMPLE1"', None, None),
]


@pytest.mark.parametrize(("grantee", "whole", "foreign"), GRANTEES)
def test_grantees(grantee, whole, foreign, tmp_path):
    assert judge(tmp_path, "account-grantee", grantee=grantee) == whole
    assert judge(tmp_path, "foreign-grantee", grantee=grantee) == foreign


KEY = '"arn:{}:kms:eu-west-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab"'


@pytest.mark.parametrize(
    ("account", "key_id", "whole", "foreign"),
    [
        (OWN, KEY.format("aws", OWN), "high", "high"),
        (FOREIGN, KEY.format("aws", FOREIGN), "medium", None),
        (FOREIGN, KEY.format("aws", OWN), "high", "high"),  # the key's, not that of the run
        (OWN, KEY.format("aws", FOREIGN), "medium", None),
        (None, KEY.format("aws", OWN), "high", "high"),
        (None, KEY.format("aws-cn", OWN), "high", "high"),
        (None, KEY.format("aws", "${var.text}"), "medium", None),
        (None, "aws_kms_key.k.key_id", "medium", None),
        (None, "var.text", "medium", None),
        (OWN, "var.flag ? aws_kms_key.k.key_id : aws_kms_key.other.key_id", "high", "high"),
        (None, f"sensitive({KEY.format('aws', OWN)})", "medium", None),
    ],
)
def test_the_account_of_the_key_must_be_known(account, key_id, whole, foreign, tmp_path):
    given = {"account": account, "key_id": key_id}
    root, role = arn("root", FOREIGN), arn("role/app", FOREIGN)
    assert judge(tmp_path, "account-grantee", grantee=root, **given) == whole
    assert judge(tmp_path, "foreign-grantee", grantee=root, **given) is None
    assert judge(tmp_path, "foreign-grantee", grantee=role, **given) == foreign


def test_the_provider_tells_the_account_of_the_key(tmp_path):
    head = f'provider "aws" {{\n  allowed_account_ids = ["{OWN}"]\n}}\n'
    given = {"account": None, "head": head, "grantee": arn("role/app", FOREIGN)}
    assert judge(tmp_path, "foreign-grantee", **given) == "high"


PROVIDERS = f"""
provider "aws" {{
  allowed_account_ids = ["{OWN}"]
}}

provider "aws" {{
  alias = "two"
  {{}}
}}

resource "aws_iam_role" "two" {{
  provider = aws.two
  name     = "two"
}}

resource "aws_iam_user" "two" {{
  provider = aws.two
  name     = "two"
}}

data "aws_iam_role" "two" {{
  provider = aws.two
  name     = "two"
}}
"""
ASSUMED = f'assume_role {{\nrole_arn = "arn:aws:iam::{FOREIGN}:role/deploy"\n}}'


@pytest.mark.parametrize(
    ("grantee", "second", "expected"),
    [
        ("aws_iam_role.two.arn", f'allowed_account_ids = ["{FOREIGN}"]', "high"),
        ("aws_iam_user.two.arn", f'allowed_account_ids = ["{FOREIGN}"]', "high"),
        ("data.aws_iam_role.two.arn", f'allowed_account_ids = ["{FOREIGN}"]', "high"),
        ("aws_iam_role.two.arn", ASSUMED, "high"),
        ("aws_iam_role.two.arn", f'allowed_account_ids = ["{OWN}"]', None),
        ("aws_iam_role.two.arn", f'allowed_account_ids = ["{OWN}", "{FOREIGN}"]', None),
        ("aws_iam_role.two.arn", 'profile = "two"', None),
        ("aws_iam_role.r.arn", f'allowed_account_ids = ["{FOREIGN}"]', None),
    ],
)
def test_the_provider_tells_the_account_of_a_role(grantee, second, expected, tmp_path):
    head = PROVIDERS.replace("{}", second)
    for account in (None, FOREIGN):  # that of the run says nothing of another provider
        given = {"account": account, "head": head, "grantee": grantee}
        assert judge(tmp_path, "foreign-grantee", **given) == expected


def test_a_key_of_one_of_two_accounts_is_possibly_foreign(tmp_path):
    head = (
        f'provider "aws" {{\n  allowed_account_ids = ["{OWN}"]\n}}\n'
        f'provider "aws" {{\n  alias = "two"\n  allowed_account_ids = ["{FOREIGN}"]\n}}\n'
        'resource "aws_kms_key" "two" {\n  provider = aws.two\n}\n'
    )
    key_id = "var.flag ? aws_kms_key.k.arn : aws_kms_key.two.arn"
    given = {"account": None, "head": head, "key_id": key_id}
    role = arn("role/app", FOREIGN)
    assert judge(tmp_path, "foreign-grantee", grantee=role, **given) == "high?"
    third = arn("role/app", "777788889999")
    (certain,) = found(tmp_path, "foreign-grantee", grantee=third, **given)
    assert certain.certain
    assert certain.message.startswith("role app is in another account than the key: ")


def test_an_account_of_which_a_part_is_known_is_not_shown(tmp_path):
    (certain,) = found(tmp_path, "foreign-grantee", grantee=arn("role/app", "4444${var.text}"))
    assert certain.message.startswith("role app is in another account than the key: ")


# -- who retires it ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retiring", "expected"),
    [
        (None, "low"),
        ("null", "low"),
        ('""', "low"),  # the provider takes it as not written
        (arn("role/deploy"), None),
        (arn("root"), None),
        (arn("role/deploy", FOREIGN), None),
        ("aws_iam_role.r.arn", None),
        ('"dynamodb.eu-west-1.amazonaws.com"', None),
        (arn("role/${var.text}"), None),
        ("var.text", None),
        ("var.secret", None),
        ("sensitive(null)", None),
        (f"var.flag ? {arn('role/a')} : {arn('role/b')}", None),
        (f"var.flag ? {arn('role/a')} : null", "low?"),
        (f'var.flag ? "" : {arn("role/a")}', "low?"),
        ('var.flag ? null : ""', "low?"),
        ("var.flag ? aws_iam_role.r.arn : null", "low?"),
        ("var.flag ? var.text : null", "low?"),
    ],
)
def test_retiring_principals(retiring, expected, tmp_path):
    rest = "" if retiring is None else f"retiring_principal = {retiring}"
    assert judge(tmp_path, "orphan-grant", rest=rest) == expected


def test_a_default_of_nobody_counts_where_the_root_is_applied(tmp_path):
    given = {"rest": "retiring_principal = var.nobody"}
    applied = 'terraform {\n  backend "s3" {}\n}\n'
    assert judge(tmp_path, "orphan-grant", head=applied, **given) == "low"


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ('["Decrypt"]', "low"),
        ("[]", "low"),
        ('["Decrypt", "RetireGrant"]', None),
        ('["Decrypt", "CreateGrant"]', "medium"),
        ('["CreateGrant", "RetireGrant"]', None),
        ('["Decrypt", var.text]', "low?"),
        ('["CreateGrant", var.text]', "medium?"),
        ('["RetireGrant", var.text]', None),
        ("var.list", "low?"),
        ('concat(["RetireGrant"], var.flag ? ["Decrypt"] : [])', None),
        ('var.flag ? ["Decrypt"] : ["Encrypt"]', "low"),
        ('var.flag ? ["Decrypt"] : ["Decrypt", "RetireGrant"]', "low?"),
        ('var.flag ? ["Decrypt"] : ["Decrypt", "CreateGrant"]', "low"),
        ('["Decrypt", sensitive("RetireGrant")]', "low?"),
    ],
)
def test_who_may_retire_by_the_operations(operations, expected, tmp_path):
    assert judge(tmp_path, "orphan-grant", operations=operations) == expected


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (arn("role/app"), "low"),
        (arn("user/app"), "low"),
        (arn("root"), "low"),
        (arn("assumed-role/app/me", service="sts"), "low"),
        ('"AROAIOSFODNN7EXAMPLE1"', None),  # the provider refuses it
        (f'"{OWN}"', None),
        ("aws_iam_role.r.arn", "low"),
        ("aws_iam_user.u.arn", "low"),
        ("data.aws_iam_role.app.arn", "low"),
        ("data.aws_iam_role.some.arn", "low?"),
        (arn("role/app", "${var.text}"), "low"),
        (arn("role/app", FOREIGN), "medium"),
        (arn("root", FOREIGN), "medium"),
        (arn("role/app", FOREIGN, "aws-us-gov"), "medium"),
        (f"var.flag ? {arn('role/app')} : {arn('role/app', FOREIGN)}", "low"),
        (f"var.flag ? {arn('role/app')} : {linked()}", "low?"),
        (f"var.flag ? {arn('role/app')} : {SERVICES['a service']}", "low?"),
        (f"var.flag ? {arn('role/app')} : {arn('user/app')}", "low"),
        (f"var.flag ? {SERVICES['a service']} : {linked()}", None),
        (f"var.flag ? var.text : {arn('role/app')}", "low?"),
        (arn("${var.text}"), None),
        ("var.text", None),
        ("var.secret", None),
    ],
)
def test_whose_grant_somebody_should_retire(grantee, expected, tmp_path):
    assert judge(tmp_path, "orphan-grant", grantee=grantee) == expected


@pytest.mark.parametrize(
    ("retire_on_delete", "expected"),
    [
        ("true", "medium"),
        ('"true"', "medium"),
        ("false", "low"),
        ("null", "low"),
        ("var.flag", "low"),
        ("var.flag ? true : false", "low"),
        ("sensitive(true)", "low"),
    ],
)
def test_retiring_on_delete_without_anyone_to_retire_is_worse(retire_on_delete, expected, tmp_path):
    rest = f"retire_on_delete = {retire_on_delete}"
    assert judge(tmp_path, "orphan-grant", rest=rest) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"operations": '["Decrypt", "RetireGrant"]'},
        {"rest": f"retire_on_delete = true\nretiring_principal = {arn('role/deploy')}"},
        {"grantee": linked()},
    ],
)
def test_retiring_on_delete_is_fine_where_somebody_may_or_a_service_has_it(fields, tmp_path):
    given = {"rest": "retire_on_delete = true", **fields}
    assert judge(tmp_path, "orphan-grant", **given) is None


# -- who may pass it on --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operations", "grantee", "expected"),
    [
        ('["Decrypt", "CreateGrant"]', arn("role/app"), "high"),
        ('["CreateGrant", var.text]', arn("root", FOREIGN), "high"),
        ('["Decrypt"]', arn("role/app"), None),
        ('["CreateGrant"]', "var.text", "high?"),
        ('["CreateGrant"]', f"var.flag ? {arn('role/app')} : {linked()}", "high?"),
        ('["CreateGrant"]', f"var.flag ? {arn('role/app')} : {arn('user/app')}", "high"),
        ('["CreateGrant"]', f"var.flag ? {SERVICES['a service']} : {linked()}", None),
        ('["CreateGrant"]', f'"{OWN}"', None),
        ('var.flag ? ["Decrypt"] : ["CreateGrant"]', arn("role/app"), "high?"),
        ('["Decrypt", var.flag ? "CreateGrant" : "Encrypt"]', arn("role/app"), "high?"),
        ('["Decrypt", var.text]', arn("role/app"), None),
        ("var.list", arn("role/app"), None),
        ("var.list", "var.text", None),
    ],
)
def test_a_grant_is_passed_on_only_where_something_names_the_operation(
    operations, grantee, expected, tmp_path
):
    given = {"operations": operations, "grantee": grantee}
    assert judge(tmp_path, "delegable-grant", **given) == expected


# -- where it stands, and what it says -----------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "fields", "place"),
    [
        ("orphan-grant", {}, 'resource "aws_kms_grant" "g"'),
        ("orphan-grant", {"rest": "retire_on_delete = true"}, "true"),
        ("account-grantee", {"grantee": arn("root")}, arn("root")),
        ("foreign-grantee", {"grantee": arn("role/a", FOREIGN)}, arn("role/a", FOREIGN)),
    ],
)
def test_a_finding_stands_on_what_is_to_be_changed(rule, fields, place, tmp_path):
    (finding,) = found(tmp_path, rule, **fields)
    assert finding.span.text == place


@pytest.mark.parametrize(
    ("rule", "grantee", "message"),
    [
        (
            "account-grantee",
            arn("root"),
            (
                "all of account 111122223333 may use the key: "
                "nothing here says which of its principals do"
            ),
        ),
        (
            "account-grantee",
            arn("root", "${var.text}"),
            "all of an account may use the key: nothing here says which of its principals do",
        ),
        (
            "account-grantee",
            arn("root", FOREIGN),
            (
                "all of account 444455556666, which is not the key's account, may use the key: "
                "nothing here says which of its principals do"
            ),
        ),
        (
            "foreign-grantee",
            arn("role/app", FOREIGN),
            (
                "role app is in account 444455556666, the key in 111122223333: "
                "whoever administers that account decides who may use the key"
            ),
        ),
        (
            "orphan-grant",
            "aws_iam_role.r.arn",
            (
                "nobody is named to retire what aws_iam_role.r is granted: "
                "it lasts until an administrator ends it"
            ),
        ),
    ],
)
def test_messages_name_who_and_say_what_follows(rule, grantee, message, tmp_path):
    (finding,) = found(tmp_path, rule, grantee=grantee)
    assert finding.message == message


NEITHER = "the grantee is neither a service nor a service-linked role"
TEXT, FLAG = "(not known: var.text has no value)", "(not known: var.flag has no value)"


@pytest.mark.parametrize(
    ("rule", "fields", "end"),
    [
        ("delegable-grant", {"grantee": "var.text"}, f"{NEITHER} {TEXT}"),
        (
            "delegable-grant",
            {"operations": 'var.flag ? ["CreateGrant"] : ["Decrypt"]'},
            f"CreateGrant is among its operations {FLAG}",
        ),
        (
            "delegable-grant",
            {"operations": '["CreateGrant", var.text]', "grantee": "var.flag ? null : var.text"},
            f"{NEITHER} {FLAG}",
        ),
        (
            "account-grantee",
            {"grantee": f"var.flag ? {arn('root')} : {arn('role/app')}"},
            f"that one is taken {FLAG}",
        ),
        (
            "foreign-grantee",
            {"grantee": f"var.flag ? {arn('role/app', FOREIGN)} : {arn('role/app')}"},
            f"that one is taken {FLAG}",
        ),
        ("foreign-grantee", {"grantee": arn("role/${var.text}", FOREIGN)}, f"{NEITHER} {TEXT}"),
        (
            "orphan-grant",
            {"rest": f"retiring_principal = var.flag ? null : {arn('role/app')}"},
            f"retiring_principal is not set {FLAG}",
        ),
        (
            "orphan-grant",
            {"operations": '["CreateGrant", var.text]', "grantee": "data.aws_iam_role.some.arn"},
            (
                f"RetireGrant is not among its operations and {NEITHER} (not known: "
                "data.aws_iam_role.some, read from AWS; var.text has no value)"
            ),
        ),
        (
            "orphan-grant",
            {"operations": '["CreateGrant", sensitive("Decrypt")]'},
            "RetireGrant is not among its operations (not known: it is sensitive)",
        ),
    ],
)
def test_a_possible_finding_says_what_it_depends_on(rule, fields, end, tmp_path):
    given = {"operations": '["CreateGrant"]', **fields}
    (finding,) = found(tmp_path, rule, **given)
    assert not finding.certain
    assert finding.message.endswith(f", if {end}")


@pytest.mark.parametrize("rule", ["delegable-grant", "account-grantee", "orphan-grant"])
def test_a_certain_finding_depends_on_nothing(rule, tmp_path):
    given = {"operations": '["CreateGrant", var.text]', "grantee": arn("root")}
    (finding,) = found(tmp_path, rule, **given | {"operations": '["CreateGrant"]'})
    assert finding.certain
    assert ", if " not in finding.message


def test_a_grant_that_may_not_exist_is_judged_and_one_that_does_not_is_not(tmp_path):
    given = {"grantee": arn("root", FOREIGN)}
    assert judge(tmp_path, "account-grantee", rest="count = var.flag ? 1 : 0", **given) == "high"
    assert judge(tmp_path, "account-grantee", rest="count = 0", **given) is None
