"""Where a finding points: to a place that its reader can change, in the root module's files."""

import pytest

from grantlint.check import Terms, check, read
from grantlint.config import Selection
from grantlint.finding import by_address, concrete
from grantlint.parsers.settings import Options
from grantlint.rule import Hit, Related
from grantlint.rules import all_rules

ASKED = Terms(Selection(select=("public-key-policy", "unconstrained-grant")))
KEY = """\
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = %s }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
"""
DOCUMENT = """\
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [%s]
    }
  }
}
"""


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Primary place, then the related ones, as (file, the text there)."""
    monkeypatch.chdir(tmp_path)

    def find(files, **options):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        report = check(["."], Options(**options), ASKED)
        assert not report.unreadable
        (found,) = report.judged(possible=True)
        spans = [found.span, *(place.span for place in found.related)]
        return [(span.path, span.text) for span in spans]

    return find


def test_a_literal_is_its_own_place(places):
    assert places({"main.tf": KEY % '"*"'}) == [("main.tf", '"*"')]


def test_a_variable_is_named_where_the_policy_uses_it(places):
    files = {"main.tf": KEY % "var.who", "variables.tf": 'variable "who" {\n  default = "*"\n}\n'}
    assert places(files) == [("main.tf", "var.who"), ("variables.tf", '"*"')]


def test_a_local_is_named_where_the_policy_uses_it(places):
    files = {"main.tf": KEY % "local.who", "locals.tf": 'locals {\n  who = "*"\n}\n'}
    assert places(files) == [("main.tf", "local.who"), ("locals.tf", '"*"')]


def test_in_a_policy_document_the_statement_is_the_place(places):
    key = 'resource "aws_kms_key" "k" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    found = places({"main.tf": key, "policy.tf": DOCUMENT % '"*"'})
    assert found[0] == ("policy.tf", '"*"')
    assert found[1][0] == "main.tf"
    assert found[1][1].startswith("data.aws_iam_policy_document.d")


def test_in_a_policy_of_a_local_the_statement_is_the_place(places):
    text = (KEY % '"*"').replace("policy = ", "policy = local.policy # ").partition("#")[0]
    policy = (KEY % '"*"').partition("policy = ")[2].rpartition("}")[0]
    found = places(
        {"main.tf": text + "\n}\n", "locals.tf": f"locals {{\n  policy = {policy}\n}}\n"}
    )
    assert found[0] == ("locals.tf", '"*"')
    assert ("main.tf", "local.policy") in found


def test_in_a_called_module_the_argument_is_the_place(places):
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  admins = "*"\n}\n',
        "m/main.tf": KEY % "var.admins" + 'variable "admins" {}\n',
    }
    assert places(files) == [("main.tf", '"*"'), ("m/main.tf", "var.admins")]


def test_through_two_modules_the_argument_of_the_root_is_the_place(places):
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n  who    = local.all\n}\n'
        'locals {\n  all = "*"\n}\n',
        "a/main.tf": 'variable "who" {}\nmodule "b" {\n  source = "../b"\n  admins = var.who\n}\n',
        "b/main.tf": KEY % "var.admins" + 'variable "admins" {}\n',
    }
    found = places(files)
    assert found[0] == ("main.tf", "local.all")
    assert ("b/main.tf", "var.admins") in found
    assert ("main.tf", '"*"') in found


def test_what_a_module_does_by_itself_is_shown_at_its_call(places):
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": KEY % '"*"',
    }
    assert places(files) == [("main.tf", 'module "m"'), ("m/main.tf", '"*"')]


def test_a_grant_in_a_module_is_shown_at_its_call(places):
    grant = (
        'variable "key_id" {}\nresource "aws_kms_grant" "g" {\n  key_id = var.key_id\n'
        '  grantee_principal = "arn:aws:iam::111122223333:role/app"\n'
        '  operations = ["GenerateDataKey"]\n}\n'
    )
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  key_id = "x"\n}\n',
        "m/main.tf": grant,
    }
    assert places(files) == [
        ("main.tf", 'module "m"'),
        ("m/main.tf", 'resource "aws_kms_grant" "g"'),
    ]


# -- places that a rule names ---------------------------------------------------------------

GRANT = """\
resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""
OPEN = ("policy", "statements", 0, "principals", 0, "value")


@pytest.fixture
def named(tmp_path, monkeypatch):
    """What a hit in the grant shows of the related places that it names."""
    monkeypatch.chdir(tmp_path)

    def show(files, *related, grant=0):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        inventory = read(["."], Options()).inventory
        judged = inventory.grants[grant]
        found = concrete(
            all_rules()[0], judged, Hit((), "m", related=related), by_address(inventory)
        )
        return [(place.address, str(place.span), place.span.text) for place in found.related]

    return show


def test_a_rule_may_name_a_place_in_another_object(named):
    files = {"main.tf": GRANT, "key.tf": KEY % '"*"'}
    related = Related(OPEN, "the key is open", "aws_kms_key.k")
    assert named(files, related) == [("aws_kms_key.k", "key.tf:5:27", '"*"')]


def test_a_place_without_an_address_is_in_the_object_itself(named):
    ((address, _, text),) = named({"main.tf": GRANT}, Related(("operations", 0), "this one"))
    assert (address, text) == ("aws_kms_grant.g", '"Decrypt"')


def test_of_an_object_that_is_not_there_nothing_is_shown(named):
    assert named({"main.tf": GRANT}, Related((), "gone", "aws_kms_key.gone")) == []


@pytest.mark.parametrize("at", [("nowhere",), ("operations", 9), ("operations", -9), (3, "x")])
def test_a_path_that_leads_nowhere_ends_at_the_object(named, at):
    ((_, place, _),) = named({"main.tf": "\n" + GRANT}, Related(at, "here"))
    assert place.startswith("main.tf:")


def test_an_address_is_that_of_the_same_root_module(named):
    files = {f"{root}/main.tf": KEY % '"*"' + GRANT for root in "ab"}
    related = Related(OPEN, "the key is open", "aws_kms_key.k")
    for number, root in enumerate("ab"):
        ((_, place, _),) = named(files, related, grant=number)
        assert place == f"{root}/main.tf:5:27"


def test_an_address_of_another_root_module_is_not_taken(named):
    files = {"a/main.tf": GRANT, "b/main.tf": KEY % '"*"'}
    assert named(files, Related(OPEN, "the key is open", "aws_kms_key.k")) == []


def test_an_object_in_a_module_of_the_same_root_is_found(named):
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n' + GRANT,
        "m/main.tf": KEY % '"*"',
    }
    related = Related(OPEN, "the key is open", "module.m.aws_kms_key.k")
    ((address, place, _),) = named(files, related)
    assert (address, place) == ("module.m.aws_kms_key.k", "m/main.tf:5:27")


# -- fingerprints --------------------------------------------------------------------------


def fingerprints(directory, text):
    (directory / "main.tf").write_text(text, encoding="utf-8")
    return [finding.fingerprint for finding in check(["."], Options()).findings]


def test_a_fingerprint_survives_moving_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = KEY % '"*"'
    assert fingerprints(tmp_path, text) == fingerprints(tmp_path, "\n\n# more\n" + text)


def test_a_fingerprint_survives_another_statement_before_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = KEY % '"*"'
    other = 'Statement = [{ Effect = "Deny", Principal = "*", Action = "kms:x", Resource = "*" }, {'
    assert fingerprints(tmp_path, text) == fingerprints(
        tmp_path, text.replace("Statement = [{", other)
    )


def test_the_fingerprint_of_a_statement_is_about_that_statement(tmp_path, monkeypatch):
    """It points at a statement as a whole: misdirected-statement."""
    monkeypatch.chdir(tmp_path)

    def made(resource, other):
        statements = (
            f'{{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}, '
            f'Action = "{other}", Resource = "*" }}, {{ Effect = "Allow", '
            f'Principal = {{ AWS = "arn:aws:iam::111122223333:role/a" }}, '
            f'Action = "kms:Decrypt", Resource = "{resource}" }}'
        )
        policy = f"jsonencode({{ Statement = [{statements}] }})"
        text = f'resource "aws_kms_key" "k" {{\n policy = {policy}\n}}'
        (tmp_path / "main.tf").write_text(text, "utf-8")
        asked = Terms(Selection(select=("misdirected-statement",)))
        (found,) = check(["."], Options(), asked).findings
        return found.fingerprint

    queue, topic = "arn:aws:sqs:eu-west-1:111122223333:q", "arn:aws:sns:eu-west-1:111122223333:t"
    assert made(queue, "kms:*") == made(queue, "kms:Put*")
    assert made(queue, "kms:*") != made(topic, "kms:*")


def test_two_faults_have_two_fingerprints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = KEY % '"*"' + (KEY % '"*"').replace('"k"', '"other"')
    assert len(set(fingerprints(tmp_path, text))) == 2


def test_the_same_fault_twice_has_two_fingerprints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = KEY % '"*"'
    body = text.partition("[")[2].rpartition("]")[0]
    twice = text.replace(body, f"{body}, {body}")
    assert len(set(fingerprints(tmp_path, twice))) == 2


# -- templates with directives -------------------------------------------------------------

TEMPLATE = """\
{
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
      "Action": "kms:*"
    }
%{ if CONDITION }
    ,{
      "Sid": "left out or not",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:role/a"},
      "Action": "kms:Decrypt"
    }
%{ endif }
%{ for who in NAMES ~}
    ,{
      "Effect": "Allow",
      "Principal": "${who}",
      "Action": "kms:Decrypt"
    }
%{ endfor ~}
  ]
}
"""
RENDERED = """\
resource "aws_kms_key" "k" {
  policy = templatefile("${path.module}/policy.tpl", { on = var.on })
}
variable "on" {}
"""


@pytest.mark.parametrize("condition", ["true", "false", "on"])
@pytest.mark.parametrize("names", ['["*"]', '["arn:aws:iam::111122223333:role/b", "*"]'])
def test_lines_that_directives_leave_out_or_repeat_are_found(places, condition, names):
    template = TEMPLATE.replace("CONDITION", condition).replace("NAMES", names)
    found = places({"main.tf": RENDERED, "policy.tpl": template})
    assert found[0][0] == "policy.tpl"
    assert "${who}" in found[0][1]


# -- one of many that are given together ---------------------------------------------------

MANY = """\
module "m" {
  source = "./m"
  grants = {
    a = { who = "arn:aws:iam::111122223333:role/a", may = ["Decrypt", "Encrypt"] }
    b = { who = "arn:aws:iam::111122223333:role/b", may = ["DescribeKey"] }
  }
}
"""
EACH = """\
variable "grants" {}

resource "aws_kms_key" "k" {}

resource "aws_kms_grant" "g" {
  for_each           = var.grants
  key_id             = aws_kms_key.k.key_id
  grantee_principal  = each.value.who
  operations         = each.value.may
}
"""


def test_a_grant_of_a_map_that_a_module_is_given_stands_in_the_map(places):
    found = places({"main.tf": MANY, "m/main.tf": EACH})
    assert found == [
        ("main.tf", '"arn:aws:iam::111122223333:role/a"'),
        ("m/main.tf", 'resource "aws_kms_grant" "g"'),
    ]


def test_a_grant_whose_arguments_are_given_one_by_one_stands_at_the_call(places):
    call = """\
module "m" {
  source = "./m"
  who    = "arn:aws:iam::111122223333:role/a"
}
"""
    module = EACH.replace('variable "grants" {}', 'variable "who" {}')
    module = module.replace("  for_each           = var.grants\n", "")
    module = module.replace("each.value.who", "var.who").replace("each.value.may", '["Decrypt"]')
    found = places({"main.tf": call, "m/main.tf": module})
    assert found[0] == ("main.tf", 'module "m"')


# -- what rests on a default ---------------------------------------------------------------


@pytest.mark.parametrize(
    "principal",
    [
        "var.who",
        '"${var.who}"',
        '"${var.who}${""}"',
        'format("%s", var.who)',
        'join("", [var.who])',
    ],
)
@pytest.mark.parametrize(("applied", "certain"), [("", False), ('provider "aws" {}\n', True)])
def test_a_default_is_certain_only_where_something_shows_that_it_is_applied(
    principal, applied, certain, tmp_path
):
    variable = 'variable "who" {\n  default = "*"\n}\n'
    (tmp_path / "main.tf").write_text(applied + variable + KEY % principal, encoding="utf-8")
    (found,) = check([str(tmp_path)], Options(), ASKED).findings
    assert found.certain is certain
    assert found.message.endswith(", if var.who is left at its default") is not certain
