"""How expressions, variables, modules and repetition are evaluated, on small real directories."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate, evaluate, syntax
from grantlint.parsers.terraform.discovery import Directory, Reader
from grantlint.source import Source

Ask = Callable[..., dict[str, object]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Write files, then evaluate one expression in the scope of the directory."""

    def asked(expression: str, options: Options | None = None, **files: str) -> dict[str, object]:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return json.loads(estate.console(str(tmp_path), options or Options())(expression))

    return asked


def value(answer: dict[str, object]) -> object:
    assert "value" in answer, answer
    return answer["value"]


# -- variables ----------------------------------------------------------------------------------

TWO = 'variable "a" { default = "default" }'


def test_a_default_is_the_value(ask: Ask) -> None:
    assert value(ask("var.a", main_DOT_tf=TWO)) == "default"


def test_variable_files_win_over_the_environment_in_terraforms_order(ask: Ask) -> None:
    options = Options(environment={"TF_VAR_a": "environment"})
    assert value(ask("var.a", options, main_DOT_tf=TWO)) == "environment"
    files = {"terraform_DOT_tfvars": 'a = "tfvars"'}
    assert value(ask("var.a", options, **files)) == "tfvars"
    assert value(ask("var.a", options, x_DOT_auto_DOT_tfvars='a = "auto"')) == "auto"
    assert value(ask("var.a", options, y_DOT_auto_DOT_tfvars_DOT_json='{"a": "json"}')) == "json"
    assert value(ask("var.a", Options(variables=(("a", "cli"),)))) == "cli"


def test_the_later_of_two_automatic_files_wins(ask: Ask) -> None:
    files = {"b_DOT_auto_DOT_tfvars": 'a = "b"', "a_DOT_auto_DOT_tfvars": 'a = "a"'}
    assert value(ask("var.a", main_DOT_tf=TWO, **files)) == "b"


def test_a_variable_file_given_by_hand_wins_over_automatic_ones(ask: Ask, tmp_path: Path) -> None:
    given = tmp_path / "given.tfvars"
    given.write_text('a = "given"')
    files = {"terraform_DOT_tfvars": 'a = "tfvars"', "main_DOT_tf": TWO}
    assert value(ask("var.a", Options(variable_files=(str(given),)), **files)) == "given"


def test_a_typed_variable_from_text_is_read_as_an_expression(ask: Ask) -> None:
    text = 'variable "a" { type = list(string) }'
    options = Options(variables=(("a", '["x", 1]'),))
    assert value(ask("var.a", options, main_DOT_tf=text)) == ["x", "1"]


def test_an_untyped_variable_from_text_is_text(ask: Ask) -> None:
    options = Options(variables=(("a", "[1]"),))
    assert value(ask("var.a", options, main_DOT_tf='variable "a" {}')) == "[1]"


def test_a_root_variable_without_a_value_is_unknown_and_says_so(ask: Ask) -> None:
    answer = ask("var.a", main_DOT_tf='variable "a" { type = string }')
    assert answer == {"unknown": "var.a has no value"}


def test_null_takes_the_default_where_the_variable_is_not_nullable(ask: Ask) -> None:
    text = 'variable "a" {\n  default = "d"\n  nullable = false\n}'
    assert value(ask("var.a", main_DOT_tf=text, terraform_DOT_tfvars="a = null")) == "d"


def test_a_sensitive_variable_never_shows_its_value(ask: Ask) -> None:
    text = 'variable "a" {\n  default = "s3cr3t"\n  sensitive = true\n}'
    for expression in ("var.a", '"x${var.a}"', "[var.a]", "upper(var.a)", "{(var.a) = 1}"):
        assert ask(expression, main_DOT_tf=text) == {"sensitive": True}
    assert value(ask("length([var.a])")) == 1


def test_a_default_cannot_refer_to_anything(ask: Ask) -> None:
    text = 'variable "a" { default = local.b }\nlocals { b = 1 }'
    assert "error" in ask("var.a", main_DOT_tf=text)


# -- references ---------------------------------------------------------------------------------


def test_locals_refer_to_locals(ask: Ask) -> None:
    text = 'locals {\n  a = "${local.b}!"\n  b = upper("x")\n}'
    assert value(ask("local.a", main_DOT_tf=text)) == "X!"


def test_a_cycle_is_refused_not_followed(ask: Ask) -> None:
    text = "locals {\n  a = local.b\n  b = local.a\n}"
    assert "refers to itself" in str(ask("local.a", main_DOT_tf=text)["error"])


def test_a_chain_of_five_thousand_locals_does_not_overflow(ask: Ask) -> None:
    rows = [f"  a{i} = local.a{i + 1}" for i in range(5000)]
    answer = ask("local.a0", main_DOT_tf="locals {\n" + "\n".join(rows) + "\n  a5000 = 1\n}")
    assert "value" in answer or "deeper" in str(answer["unknown"])


def test_an_undeclared_name_is_refused_even_inside_try(ask: Ask) -> None:
    assert "error" in ask('try(local.nope, "x")', main_DOT_tf="")
    assert "error" in ask('try(var.nope, "x")', main_DOT_tf="")
    assert "error" in ask('try(aws_kms_key.nope.arn, "x")', main_DOT_tf="")
    assert "error" in ask("[for x in [] : local.nope]", main_DOT_tf="")


def test_an_attribute_that_the_type_does_not_have_is_refused(ask: Ask) -> None:
    text = 'resource "aws_kms_key" "k" {}'
    assert "error" in ask('try(aws_kms_key.k.no_such, "x")', main_DOT_tf=text)
    assert "error" in ask('try(aws_kms_key.k[0].arn, "x")', main_DOT_tf=text)


def test_an_attribute_only_aws_knows_remembers_its_resource(ask: Ask) -> None:
    text = 'resource "aws_iam_role" "etl" { name = "etl" }'
    assert "unknown" in ask("aws_iam_role.etl.arn", main_DOT_tf=text)
    assert value(ask("aws_iam_role.etl.name", main_DOT_tf=text)) == "etl"


def test_the_account_and_region_are_unknown_until_given(ask: Ask) -> None:
    text = 'data "aws_caller_identity" "me" {}\ndata "aws_region" "r" {}'
    account = "data.aws_caller_identity.me.account_id"
    assert "--account" in str(ask(account, main_DOT_tf=text)["unknown"])
    options = Options(account="111122223333", region="eu-west-1")
    assert value(ask(account, options)) == "111122223333"
    assert value(ask("data.aws_region.r.name", options)) == "eu-west-1"


def test_a_provider_alias_brings_its_own_region_and_account(ask: Ask) -> None:
    text = """
    provider "aws" { region = "eu-west-1" }
    provider "aws" {
      alias  = "other"
      region = "us-east-1"
      assume_role { role_arn = "arn:aws:iam::444455556666:role/x" }
    }
    data "aws_region" "here" {}
    data "aws_region" "there" { provider = aws.other }
    data "aws_caller_identity" "there" { provider = aws.other }
    """
    assert value(ask("data.aws_region.here.name", main_DOT_tf=text)) == "eu-west-1"
    assert value(ask("data.aws_region.there.name", main_DOT_tf=text)) == "us-east-1"
    assert value(ask("data.aws_caller_identity.there.account_id")) == "444455556666"


def test_the_workspace_is_unknown_until_given(ask: Ask) -> None:
    assert "unknown" in ask("terraform.workspace", main_DOT_tf="")
    assert value(ask("terraform.workspace", Options(workspace="prod"))) == "prod"


# -- modules ------------------------------------------------------------------------------------

CHILD = """
variable "name" {}
resource "aws_kms_key" "k" { description = var.name }
output "name" { value = upper(var.name) }
output "path" { value = path.module }
output "secret" {
  value     = "s3cr3t"
  sensitive = true
}
"""


def test_a_module_is_evaluated_for_each_call(ask: Ask) -> None:
    main = """
    module "a" {
      source = "./child"
      name   = "a"
    }
    module "m" {
      source   = "./child"
      for_each = toset(["x", "y"])
      name     = "m-${each.key}"
    }
    module "c" {
      source = "./child"
      count  = 2
      name   = "c${count.index}"
    }
    """
    files = {"main_DOT_tf": main, "child__main_DOT_tf": CHILD}
    assert value(ask("module.a.name", **files)) == "A"
    assert value(ask('module.m["y"].name')) == "M-Y"
    assert value(ask("module.c[*].name")) == ["C0", "C1"]
    assert value(ask("{ for k, m in module.m : k => m.path }")) == {"x": "child", "y": "child"}
    assert ask("module.a.secret") == {"sensitive": True}
    assert "error" in ask("module.a.nope")
    assert "error" in ask("module.c[2].name")


def test_a_missing_module_is_unknown_and_says_what_to_run(ask: Ask) -> None:
    main = 'module "a" { source = "terraform-aws-modules/kms/aws" }'
    answer = ask("module.a.key_arn", main_DOT_tf=main)
    assert "unknown" in answer


def test_modules_that_terraform_installed_are_followed(ask: Ask, tmp_path: Path) -> None:
    main = 'module "a" {\n  source = "git::https://example.com/x.git"\n  name = "n"\n}'
    manifest = {"Modules": [{"Key": "a", "Source": "x", "Dir": ".terraform/modules/a"}]}
    installed = tmp_path / ".terraform/modules"
    (installed / "a").mkdir(parents=True)
    (installed / "modules.json").write_text(json.dumps(manifest))
    (installed / "a/main.tf").write_text(CHILD)
    assert value(ask("module.a.name", main_DOT_tf=main)) == "N"
    assert value(ask("module.a.path")) == ".terraform/modules/a"


def test_a_module_that_calls_itself_ends(ask: Ask) -> None:
    main = 'module "a" { source = "./" }\noutput "o" { value = module.a.o }'
    assert "value" not in ask("module.a.o", main_DOT_tf=main)


# -- repetition ---------------------------------------------------------------------------------


def test_an_unknown_count_keeps_the_resource(ask: Ask) -> None:
    main = (
        'variable "on" {}\nresource "aws_iam_role" "r" {\n  count = var.on ? 1 : 0\n  name = "r"\n}'
    )
    assert "value" not in ask("length(aws_iam_role.r)", main_DOT_tf=main)
    assert "value" not in ask("aws_iam_role.r[0].arn")


def test_a_known_count_or_for_each_makes_instances(ask: Ask) -> None:
    main = """
    resource "aws_iam_role" "c" {
      count = 2
      name  = "c${count.index}"
    }
    resource "aws_iam_role" "f" {
      for_each = { b = "B", a = "A" }
      name     = "${each.key}-${each.value}"
    }
    """
    assert value(ask("aws_iam_role.c[*].name", main_DOT_tf=main)) == ["c0", "c1"]
    assert value(ask("[for r in aws_iam_role.f : r.name]")) == ["a-A", "b-B"]
    assert "error" in ask("aws_iam_role.c[2].name")


def test_each_outside_a_repetition_is_refused(ask: Ask) -> None:
    assert "error" in ask("each.key", main_DOT_tf="")


def test_a_file_function_does_not_leave_the_project(tmp_path: Path) -> None:
    (tmp_path / "project/.git").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("s3cr3t")
    answer = json.loads(
        estate.console(str(tmp_path / "project"), Options())('file("../secret.txt")')
    )
    assert "value" not in answer


@pytest.mark.parametrize(
    "expression",
    [
        "lookup({}, var.s)",
        "{ for k in [1, 2] : var.s => k }",
        'transpose({ (var.s) = "a" })',
        "tonumber(var.s)",
        "var.s + 1",
        "{ a = 1 }[var.s]",
        "tobool(var.s)",
        'format("%d", var.s)',
        "regex(var.s, 1)",
        "jsondecode(var.s)",
        'replace("x", "/(/", var.s)',
        "[for v in var.list : tonumber(v)]",
        "[for k in [1] : tonumber(var.s)]",
    ],
)
def test_an_error_never_quotes_a_sensitive_value(ask: Ask, expression: str) -> None:
    text = 'variable "s" {\n  default = "s3cr3t"\n  sensitive = true\n}\n'
    text += 'variable "list" {\n  default = ["s3cr3t"]\n  sensitive = true\n}\n'
    answer = ask(expression, main_DOT_tf=text)
    assert "error" in answer
    assert "s3cr3t" not in json.dumps(answer)


# -- what stays known behind an unknown condition -----------------------------------------------

MAYBE = (
    'variable "on" {}\nresource "aws_iam_role" "r" {\n  count = var.on ? 1 : 0\n  name = "r"\n}\n'
)


@pytest.mark.parametrize(
    ("expression", "partial"),
    [
        ("aws_iam_role.r[0].name", "r"),
        ("one(aws_iam_role.r[*].name)", None),
    ],
)
def test_behind_an_unknown_count_the_alternatives_stay(
    ask: Ask, tmp_path: Path, expression: str, partial: str | None
) -> None:
    assert "unknown" in ask(expression, main_DOT_tf=MAYBE)
    seen = Directory(tmp_path, tmp_path.as_posix())
    root = estate.open_root(seen, {}, Reader().read, Options(), [])
    node = syntax.parse_argument(Source("x", expression.encode()))
    value = evaluate.evaluate(node, root.scope)
    assert value.unknown
    assert partial in [choice.raw for choice in value.unknown.choices]


def test_try_is_not_sure_of_what_may_be_refused(ask: Ask) -> None:
    assert "unknown" in ask('try(aws_iam_role.r[0].name, "none")', main_DOT_tf=MAYBE)
    assert "unknown" in ask("can(aws_iam_role.r[0].name)", main_DOT_tf=MAYBE)
    assert "unknown" in ask('try({ a = 1 }[var.on] == 1 ? "x" : "x", "y")')


# -- whose account --------------------------------------------------------------------------------

ROLE = 'provider "aws" {\n  assume_role { role_arn = "%s" }\n}\n%s'
WHO = 'data "aws_caller_identity" "me" {}\n'


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:iam::444455556666:role/x", "444455556666"),
        ("arn:aws:iam::444455556666:role/${var.name}", "444455556666"),
        ("arn:${var.name}:iam::444455556666:role/x", "444455556666"),
        ("arn:aws:iam::${var.name}:role/x", None),
    ],
)
def test_the_account_is_that_of_the_role_that_the_provider_assumes(
    ask: Ask, arn: str, account: str | None
) -> None:
    text = ROLE % (arn, WHO + 'variable "name" {}\n')
    answer = ask(
        "data.aws_caller_identity.me.account_id", Options(account="111122223333"), main_DOT_tf=text
    )
    assert answer.get("value") == account


# -- places in text -------------------------------------------------------------------------------

HEREDOC = """
variable "acct" {}
locals {
  policy = <<-EOT
    {
      "Statement": [
        {"Sid": "a", "AWS": "arn:aws:iam::${var.acct}:root"},
        {
          "Sid": "é",
          "AWS": "*"
        }
      ]
    }
  EOT
}
"""


@pytest.mark.parametrize("options", [Options(), Options(variables=(("acct", "1"),))])
def test_what_is_written_in_a_heredoc_is_found_in_its_line(
    tmp_path: Path, options: Options
) -> None:
    (tmp_path / "main.tf").write_text(HEREDOC)
    root = estate.open_root(Directory(tmp_path, "."), {}, Reader().read, options, [])
    node = syntax.parse_argument(Source("x", b"jsondecode(local.policy).Statement"))
    first, second = evaluate.evaluate(node, root.scope).elements()
    assert second.written
    assert (second.written.line, second.written.end_line) == (8, 11)
    found = {name: member.written.text for name, member in second.items() if member.written}
    assert found == {"Sid": '"é"', "AWS": '"*"'}
    assert first.written
    assert first.written.line == 7


def test_a_local_given_twice_in_json_has_no_value(ask: Ask) -> None:
    assert "value" not in ask("local.a", main_DOT_tf_DOT_json='{"locals": {"a": 1, "a": 2}}')
