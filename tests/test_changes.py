"""Which root modules changed files reach: every one whose findings they may change, all of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grantlint.check import check, read
from grantlint.config import UsageError
from grantlint.finding import Report
from grantlint.parsers.settings import Options

GRANT = """\
resource "aws_kms_grant" "{0}" {{
  key_id            = "alias/{0}"
  grantee_principal = {1}
  operations        = ["GenerateDataKey"]
}}
"""
ROLE = '"arn:aws:iam::111122223333:role/{}"'
ONE = GRANT.format("one", ROLE.format("one"))
TWO = GRANT.format("two", ROLE.format("two"))
MODULE = GRANT.format("shared", "var.who") + 'variable "who" {}\n'
DEFAULT = 'variable "who" {{\n  default = {}\n}}\n'
PUBLIC = """\
{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}
"""
KEY = 'resource "aws_kms_key" "{}" {{\n  policy = {}\n}}\n'
DEPLOYED = 'provider "aws" {}\n'


def call(source: str, name: str = "m") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n  who    = {ROLE.format(name)}\n}}\n'


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write files into a repository and go to its root, or to a directory in it."""

    def write(files: dict[str, str], *, git: bool = True, into: str = ".") -> None:
        if git:
            (tmp_path / ".git").mkdir(exist_ok=True)
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path / into)

    return write


def judge(*paths: str, **options: object) -> Report:
    """By two rules, of which one accuses every grant here."""
    report = check(paths or ["."], Options(changed=True, **options))
    kept = {"unconstrained-grant", "public-key-policy"}
    return replace(report, findings=tuple(one for one in report.findings if one.rule in kept))


def accused(report: Report) -> list[str | None]:
    return [finding.address for finding in report.judged(possible=False)]


def reasons(report: Report) -> list[str]:
    return [note.reason for note in report.notes]


# -- configuration and variables -----------------------------------------------------------

TREE = {
    "live/a/main.tf": call("../../modules/mid", "x"),
    "live/b/main.tf": ONE,
    "modules/mid/main.tf": call("../low").replace(ROLE.format("m"), "var.who")
    + 'variable "who" {}\n',
    "modules/low/main.tf": MODULE,
    "modules/low/extra.tf": "",
}
IN_A = ["module.x.module.m.aws_kms_grant.shared"]
IN_B = ["aws_kms_grant.one"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("live/b/main.tf", IN_B),
        ("live/a/main.tf", IN_A),
        ("modules/mid/main.tf", IN_A),
        ("modules/low/extra.tf", IN_A),
        ("modules/low", IN_A),
        ("live", IN_A + IN_B),
        (".", IN_A + IN_B),
        ("./live/../live/b/main.tf", IN_B),
    ],
)
def test_a_change_reaches_the_roots_that_call_its_directory_and_no_others(lay, changed, expected):
    lay(TREE)
    assert accused(judge(changed)) == expected


def test_several_changes_reach_what_each_reaches(lay):
    lay(TREE)
    assert accused(judge("live/b/main.tf", "modules/low/main.tf")) == IN_A + IN_B


def test_a_reached_root_is_reported_whole(lay):
    lay(
        {
            "main.tf": GRANT.format("one", "var.who"),
            "variables.tf": DEFAULT.format(ROLE.format("app")),
            **TWO_MORE,
        }
    )
    assert accused(judge("variables.tf")) == ["aws_kms_grant.one", "aws_kms_grant.two"]


TWO_MORE = {"two.tf": TWO, "provider.tf": DEPLOYED}


@pytest.mark.parametrize(
    "name",
    [
        "terraform.tfvars",
        "terraform.tfvars.json",
        "prod.auto.tfvars",
        "gone.tfvars",
        ".terraform.lock.hcl",
        "override.tf",
        "other.tf.json",
        "other.tofu",
        ".terraform/modules/modules.json",
        ".terraform/modules/m/main.tf",
    ],
)
def test_what_terraform_takes_from_a_root_by_itself_reaches_that_root(lay, name):
    lay({"a/main.tf": ONE, "b/main.tf": TWO, f"a/{name}": "{}" if name.endswith("json") else ""})
    assert accused(judge(f"a/{name}")) == ["aws_kms_grant.one"]


def test_a_changed_value_in_a_variable_file_is_found(lay):
    lay(
        {
            "main.tf": GRANT.format("one", "var.who") + 'variable "who" {}\n',
            "prod.auto.tfvars": f"who = {ROLE.format('app')}\n",
        }
    )
    assert accused(judge("prod.auto.tfvars")) == ["aws_kms_grant.one"]


@pytest.mark.parametrize("changed", ["envs/prod.tfvars", "envs", "shared.tfvars"])
def test_a_variable_file_that_is_given_reaches_every_root(lay, tmp_path, changed):
    lay({**TREE, "envs/prod.tfvars": "", "shared.tfvars": ""})
    (tmp_path / "envs/linked.tfvars").symlink_to("../shared.tfvars")
    given = ("envs/prod.tfvars", "envs/linked.tfvars")
    assert accused(judge(changed, variable_files=given)) == IN_A + IN_B
    assert accused(judge(changed)) == []


def test_a_module_that_nobody_calls_is_judged_as_a_root(lay):
    lay({"modules/x/main.tf": ONE, "modules/y/main.tf": TWO})
    assert accused(judge("modules/x/main.tf")) == ["aws_kms_grant.one"]


def test_modules_that_call_each_other_are_judged(lay):
    circle = {"a/main.tf": call("../b") + ONE, "b/main.tf": call("../a")}
    lay({**circle, "c/main.tf": TWO})
    assert "aws_kms_grant.one" in accused(judge("b/main.tf"))
    assert "aws_kms_grant.two" not in accused(judge("b/main.tf"))


def test_a_caller_in_a_hidden_directory_on_the_way_is_found(lay):
    lay({".infra/live/main.tf": call("../modules/x"), ".infra/modules/x/main.tf": MODULE})
    assert accused(judge(".infra/modules/x/main.tf")) == ["module.m.aws_kms_grant.shared"]


def test_a_caller_that_cannot_be_evaluated_without_kms_of_its_own_is_reached(lay):
    """The change may be in a module without KMS whose output a grant takes."""
    output = f'output "arn" {{\n  value = {ROLE.format("app")}\n}}\n'
    named = 'module "names" {\n  source = "../names"\n}\n'
    lay({"live/main.tf": named + GRANT.format("one", "module.names.arn"), "names/main.tf": output})
    assert accused(judge("names/main.tf")) == ["aws_kms_grant.one"]


def test_a_link_is_changed_by_what_it_leads_to(lay, tmp_path):
    lay({"shared/versions.tf": "", "shared/common.tfvars": "", "a/main.tf": ONE, "b/main.tf": TWO})
    (tmp_path / "a/versions.tf").symlink_to("../shared/versions.tf")
    (tmp_path / "b/terraform.tfvars").symlink_to("../shared/common.tfvars")
    assert accused(judge("shared/versions.tf")) == ["aws_kms_grant.one"]
    assert accused(judge("shared/common.tfvars")) == ["aws_kms_grant.two"]
    assert accused(judge("a/versions.tf")) == ["aws_kms_grant.one"]


def test_links_in_a_circle_are_borne(lay, tmp_path):
    reading = KEY.format("k", 'file("${path.module}/loop.json")') + call("./loop")
    lay({"a/main.tf": ONE + reading})
    for name in ("loop", "loop.json", "loop.tf"):
        (tmp_path / "a" / name).symlink_to(name)
    for changed in ("a/main.tf", "a/loop.tf", "a/loop", "a/loop.json"):
        assert accused(judge(changed)) == ["aws_kms_grant.one"]


def test_a_module_behind_a_link_is_reached(lay, tmp_path):
    lay({"live/main.tf": call("./modules/x"), "modules/x/main.tf": MODULE})
    (tmp_path / "live/modules").symlink_to("../modules")
    assert accused(judge("modules/x/main.tf")) == ["module.m.aws_kms_grant.shared"]
    assert accused(judge("live/modules")) == ["module.m.aws_kms_grant.shared"]


def test_a_submodule_that_is_gone_reaches_its_callers(lay):
    lay({"live/main.tf": call("../sub") + ONE})
    assert accused(judge("sub")) == ["aws_kms_grant.one"]


# -- files that are gone -------------------------------------------------------------------


def test_a_file_that_is_gone_counts_where_it_was(lay):
    lay(TREE)
    assert accused(judge("live/b/gone.tf")) == IN_B
    assert accused(judge("modules/low/gone.tf")) == IN_A
    assert reasons(judge("live/b/gone.tf")) == []


def test_a_module_that_is_gone_reaches_its_callers(lay):
    lay({"live/main.tf": call("../modules/x") + ONE})
    report = judge("modules/x/main.tf")
    assert accused(report) == ["aws_kms_grant.one"]
    assert not any("no such file" in reason for reason in reasons(report))


def test_a_file_that_is_gone_with_its_directory_is_told(lay):
    lay(TREE)
    report = judge("live/old/main.tf", "live/b/main.tf", "web/gone.json")
    told = [note for note in report.notes if "no such file" in note.reason]
    assert [note.span.path for note in told if note.span] == ["live/old/main.tf"]


@pytest.mark.parametrize(
    "path", ["", "x" * 300 + ".tf", "x" * 300, "/nowhere/at/all.tf", "\udcff.tf"]
)
def test_no_path_is_too_odd(lay, path):
    lay(TREE)
    assert accused(judge("live/b/main.tf", path))[-1:] == IN_B


def test_a_policy_that_is_gone_reaches_who_reads_it(lay):
    lay({"a/main.tf": ONE + KEY.format("k", 'file("${path.module}/p.json")'), "b/main.tf": TWO})
    assert accused(judge("a/p.json")) == ["aws_kms_grant.one"]


# -- from where paths are taken ------------------------------------------------------------


@pytest.mark.parametrize("path", ["../../modules/low/main.tf", "modules/low/main.tf"])
def test_paths_are_taken_from_here_and_as_git_writes_them(lay, path):
    lay(TREE, into="live/b")
    assert accused(judge(path)) == IN_A


def test_a_path_that_means_two_files_means_both(lay):
    lay({"main.tf": ONE, "live/main.tf": TWO}, into="live")
    assert accused(judge("main.tf")) == ["aws_kms_grant.one", "aws_kms_grant.two"]


def test_a_directory_may_be_given_from_inside_it(lay):
    lay(TREE, into="live/b")
    assert accused(judge("..")) == IN_A + IN_B


def test_no_paths_mean_all_that_is_here(lay):
    lay(TREE, into="live/b")
    assert accused(judge()) == IN_B


def test_an_absolute_path_is_one(lay, tmp_path):
    lay(TREE, into="live/b")
    assert accused(judge(str(tmp_path / "modules/low/main.tf"))) == IN_A


def test_without_a_repository_callers_are_looked_for_below_the_working_directory(lay):
    lay(TREE, git=False)
    assert accused(judge("modules/low/main.tf")) == IN_A


def test_a_file_outside_the_working_directory_and_any_repository_is_judged(lay):
    lay({"here/x.txt": "", "there/main.tf": ONE}, git=False, into="here")
    assert accused(judge("../there/main.tf")) == ["aws_kms_grant.one"]


def test_callers_of_a_submodule_are_found_in_the_repository_around_it(lay):
    lay({"live/main.tf": call("../sub/x"), "sub/x/main.tf": MODULE, "sub/.git": "gitdir: …"})
    expected = ["module.m.aws_kms_grant.shared"]
    assert accused(judge("sub")) == accused(judge("sub/x/main.tf")) == expected


# -- files of other kinds ------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy",
    [
        'file("${path.module}/policies/p.json")',
        'file("policies/p.json")',
        'file("${path.module}/policies/${local.name}.json")',
        'file(format("%s/policies/%s.json", path.module, local.name))',
        "jsonencode(jsondecode(file(local.path)))",
        'templatefile("${path.module}/policies/p.json", {})',
        'templatefile("${path.root}/policies/p.json", {})',
        'file("${path.module}/link.json")',
        'file("link.json")',
        'templatefile("${path.module}/outer.tftpl", {})',
        'file("${path.module}/${one(fileset(path.module, "policies/*.json"))}")',
    ],
)
def test_a_policy_file_reaches_the_root_that_reads_it_and_no_other(lay, tmp_path, policy):
    local = 'locals {\n  name = "p"\n  path = "${path.module}/policies/p.json"\n}\n'
    other = TWO + KEY.format("o", 'file("${path.module}/${local.name}.json")') + local
    lay(
        {
            "a/main.tf": KEY.format("k", policy) + local + DEPLOYED,
            "a/policies/p.json": PUBLIC,
            "a/outer.tftpl": '${file("policies/p.json")}',
            "b/main.tf": other,
            "b/p.json": "{}",
        }
    )
    (tmp_path / "a/link.json").symlink_to("policies/p.json")
    report = judge("a/policies/p.json")
    assert accused(report) == ["aws_kms_key.k"]
    assert (report.files, accused(judge("b/p.json"))) == (1, ["aws_kms_grant.two"])


def test_a_policy_that_a_called_module_reads_reaches_the_caller(lay):
    reading = KEY.format("k", "file(var.path)") + 'variable "path" {}\n'
    call = 'module "m" {\n  source = "../../m"\n  path = "../../policies/${"p"}.json"\n}\n'
    lay({"live/a/main.tf": call, "m/main.tf": reading, "policies/p.json": PUBLIC})
    assert accused(judge("policies/p.json")) == ["module.m.aws_kms_key.k"]


def test_a_policy_that_an_installed_module_reads_reaches_its_root(lay):
    entry = {"Key": "m", "Source": "org/x/aws", "Dir": ".terraform/modules/m"}
    reading = KEY.format("k", "file(var.path)") + 'variable "path" {}\n'
    called = 'module "m" {\n  source = "org/x/aws"\n  path = "../policies/p.json"\n}\n'
    lay(
        {
            "a/main.tf": called,
            "a/.terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
            "a/.terraform/modules/m/main.tf": reading,
            "policies/p.json": PUBLIC,
        }
    )
    assert accused(judge("policies/p.json")) == ["module.m.aws_kms_key.k"]


def test_a_directory_of_policies_reaches_who_reads_one_of_them(lay):
    lay({"a/main.tf": KEY.format("k", 'file("../policies/p.json")'), "policies/p.json": PUBLIC})
    assert accused(judge("policies")) == ["aws_kms_key.k"]


def test_a_template_that_is_taken_from_the_root_is_not_mistaken_for_the_modules(lay):
    lay(
        {
            "a/main.tf": 'module "m" {\n  source = "../m"\n}\n',
            "a/t.tftpl": '${file("p.json")}',
            "a/p.json": PUBLIC,
            "m/main.tf": KEY.format("k", 'templatefile("t.tftpl", {})'),
            "m/t.tftpl": "{}",
        }
    )
    assert accused(judge("a/p.json")) == ["module.m.aws_kms_key.k"]


def test_a_file_that_is_gone_reaches_who_looked_for_files_like_it(lay):
    each = '{\n  for_each = fileset(path.module, "p/*.json")\n'
    lay({"main.tf": ONE.replace("{\n", each, 1), "p/x.json": ""})
    assert accused(judge("p/gone.json")) == ['aws_kms_grant.one["p/x.json"]']


def test_a_new_file_reaches_who_looks_for_files_like_it(lay):
    each = '  for_each = fileset(path.module, "p/*.json")\n'
    key = (
        'resource "aws_kms_key" "k" {\n'
        + each
        + '  policy = file("${path.module}/${each.key}")\n}\n'
    )
    lay({"main.tf": key, "p/new.json": PUBLIC})
    assert accused(judge("p/new.json")) == ['aws_kms_key.k["p/new.json"]']


@pytest.mark.parametrize("path", ["package.json", "web/package.json", "README.md", "nowhere.json"])
def test_a_file_that_nothing_reads_reaches_nothing(lay, path):
    reading = KEY.format("k", 'file("${path.module}/${local.x}.json")') + ONE
    lay({"infra/main.tf": reading, "package.json": "{}", "web/package.json": "{}", "README.md": ""})
    report = judge(path)
    assert (report.findings, report.files, report.notes) == ((), 0, ())


def test_a_file_that_only_other_resources_read_reaches_nothing(lay):
    bucket = 'resource "aws_s3_object" "o" {\n  content = file("${path.module}/o.json")\n}\n'
    lay({"main.tf": ONE + bucket, "o.json": "{}"})
    assert accused(judge("o.json")) == []


def test_what_only_a_root_that_is_not_reached_has_is_not_told(lay):
    """A root that is evaluated to learn whether it reads the file, and does not."""
    remote = 'module "r" {\n  source = "org/r/aws"\n}\n'
    broken = 'resource "x" "y" {\n'
    text = ONE + KEY.format("k", "file(var.x)") + 'variable "x" {}\n' + remote
    lay({"a/main.tf": text, "a/broken.tf": broken, "b/main.tf": remote, "x.json": "{}"})
    report = judge("x.json")
    assert (report.findings, report.notes, report.files) == ((), (), 0)
    assert len(read(["a/main.tf"], Options(changed=True)).unreadable) == 1


# -- what is told --------------------------------------------------------------------------


def test_the_files_of_the_judged_roots_are_counted(lay):
    lay(TREE)
    assert judge("modules/low/main.tf").files == 4
    assert judge("live/b/main.tf").files == 1


def test_a_broken_file_matters_where_it_is_reached(lay):
    lay({"a/main.tf": ONE, "a/x.tf": "resource {", "b/main.tf": TWO})
    unreadable = [
        check([path], Options(changed=True)).unreadable for path in ("a/x.tf", "b/main.tf")
    ]
    assert [len(found) for found in unreadable] == [1, 0]


def test_terragrunt_is_told_where_it_changed(lay):
    lay({"a/main.tf": ONE, "a/terragrunt.hcl": "", "b/terragrunt.hcl": ""})
    assert reasons(judge("a/main.tf")) == []
    assert reasons(judge("a/terragrunt.hcl")) == ["terragrunt.hcl files are not read"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may enter every directory")
def test_a_directory_that_cannot_be_entered_is_a_note(lay, tmp_path):
    lay({"a/main.tf": ONE, "data/x": ""})
    (tmp_path / "data").chmod(0)
    report = judge("a/main.tf")
    (tmp_path / "data").chmod(0o700)
    assert [note.span.path for note in report.notes if note.span] == ["data"]
    assert accused(report) == ["aws_kms_grant.one"]
    assert reasons(report) == ["cannot be read: permission denied"]


def test_a_variable_that_another_root_declares_may_be_given(lay):
    lay({"a/main.tf": ONE, "b/main.tf": TWO + 'variable "team" {}\n'})
    assert accused(judge("a/main.tf", variables=(("team", "x"),))) == ["aws_kms_grant.one"]
    with pytest.raises(UsageError, match="tame"):
        judge("a/main.tf", variables=(("tame", "x"),))


def test_a_json_manifest_of_modules_is_followed_to_what_it_says(lay):
    entry = {"Key": "m", "Source": "org/x/aws", "Dir": ".terraform/modules/m"}
    lay(
        {
            "a/main.tf": call("org/x/aws"),
            "a/.terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
            "a/.terraform/modules/m/main.tf": ONE + 'variable "who" {}\n',
        }
    )
    assert accused(judge("a/.terraform/modules/m/main.tf")) == ["module.m.aws_kms_grant.one"]
