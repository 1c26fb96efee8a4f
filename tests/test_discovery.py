"""Which directories are judged, in whose light, and what is said of the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grantlint.check import check
from grantlint.finding import UNREADABLE, Report
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate as terraform

ROOT = Path(__file__).parents[1]
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
CONSTRAINED = """\
resource "aws_kms_grant" "one" {
  constraints {
    encryption_context_equals = { Department = "Orders" }
  }
}
"""
MODULE = GRANT.format("shared", "var.who") + 'variable "who" {}\n'
BROKEN = 'resource "aws_s3_bucket" "b" {\n  bucket = "x\n}\n'
LIVE = "live/prod/main.tf"


def call(source: str, name: str = "m", who: str = "caller") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n  who    = {ROLE.format(who)}\n}}\n'


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write files and go where they are; `git` makes it the root of a repository."""

    def write(files: dict[str, str], *, git: bool = False, into: str = ".") -> None:
        if git:
            (tmp_path / ".git").mkdir()
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path / into)

    return write


def judge(*paths: str, **options: object) -> Report:
    """By one rule, which accuses every grant here."""
    report = check(paths or ["."], Options(**options))
    kept = {"unconstrained-grant", UNREADABLE}
    return replace(report, findings=tuple(one for one in report.findings if one.rule in kept))


def accused(report: Report) -> list[tuple[str | None, str]]:
    """The address and file of each certain finding."""
    return [(f.address, f.path) for f in report.judged(possible=False)]


def unreadable(report: Report) -> list[str]:
    return [finding.path for finding in report.unreadable]


def reasons(report: Report) -> list[tuple[str, int]]:
    return [(note.reason, note.count) for note in report.notes]


def test_a_path_that_cannot_be_is_not_there(lay):
    lay({"main.tf": ONE})
    assert unreadable(judge("x" * 300)) == ["x" * 300]


# -- root modules --------------------------------------------------------------------------


def test_every_directory_with_configuration_is_a_root(lay):
    lay({"a/main.tf": ONE, "b/c/main.tf": TWO})
    assert accused(judge()) == [
        ("aws_kms_grant.one", "a/main.tf"),
        ("aws_kms_grant.two", "b/c/main.tf"),
    ]


def test_a_module_that_is_called_is_not_judged_alone(lay):
    lay({"main.tf": call("./m"), "m/main.tf": MODULE})
    report = judge()
    assert accused(report) == [("module.m.aws_kms_grant.shared", "main.tf")]
    assert len(report.judged(possible=True)) == 1


def test_a_module_that_is_called_twice_is_judged_twice(lay):
    lay({"main.tf": call("./m", "a") + call("./m", "b"), "m/main.tf": MODULE})
    assert [address for address, _ in accused(judge())] == [
        "module.a.aws_kms_grant.shared",
        "module.b.aws_kms_grant.shared",
    ]


@pytest.mark.parametrize(
    "sign",
    [
        {"m/.terraform.lock.hcl": ""},
        {"m/terraform.tfvars": 'who = "nobody"\n'},
        {"m/versions.tf": 'terraform {\n  backend "s3" {}\n}\n'},
        {"m/versions.tf": "terraform {\n  cloud {}\n}\n"},
    ],
    ids=["lock file", "variables", "backend", "cloud"],
)
def test_a_module_that_is_called_and_applied_too_is_judged_as_both(lay, sign):
    lay({"main.tf": call("./m"), "m/main.tf": MODULE + ONE, **sign})
    assert ("aws_kms_grant.one", "m/main.tf") in accused(judge())
    assert ("module.m.aws_kms_grant.shared", "main.tf") in accused(judge())


def test_a_provider_block_does_not_make_a_called_module_a_root(lay):
    lay({"main.tf": call("./m"), "m/main.tf": MODULE + 'provider "aws" {}\n'})
    assert accused(judge()) == [("module.m.aws_kms_grant.shared", "main.tf")]


def test_a_path_given_in_several_ways_is_judged_once(lay):
    lay({"a/main.tf": ONE})
    assert len(accused(judge("a", "a/main.tf", "./a", ".", str(Path.cwd())))) == 1


def test_a_module_in_a_module_is_reached(lay):
    handed = call("../n").replace(ROLE.format("caller"), "var.who") + 'variable "who" {}\n'
    lay({"main.tf": call("./m"), "m/main.tf": handed, "n/main.tf": MODULE})
    assert accused(judge()) == [("module.m.module.m.aws_kms_grant.shared", "main.tf")]


def test_modules_that_call_each_other_are_judged_beside_a_root(lay):
    circle = {"a/main.tf": call("../b") + ONE, "b/main.tf": call("../a") + TWO}
    lay({**circle, "root/main.tf": GRANT.format("root", ROLE.format("root"))})
    assert set(accused(judge())) >= {
        ("aws_kms_grant.one", "a/main.tf"),
        ("aws_kms_grant.two", "b/main.tf"),
        ("aws_kms_grant.root", "root/main.tf"),
    }


# -- callers outside the given paths -------------------------------------------------------

REPOSITORY = {LIVE: call("../../modules/x") + ONE, "modules/x/main.tf": MODULE}
BY_CALLER = [("module.m.aws_kms_grant.shared", LIVE)]


@pytest.mark.parametrize("path", ["modules/x", "modules", "modules/x/main.tf", "./modules/x/"])
def test_a_module_is_judged_as_its_caller_in_the_repository_calls_it(lay, path):
    lay(REPOSITORY, git=True)
    report = judge(path)
    assert accused(report) == BY_CALLER
    assert "role caller may call" in report.findings[0].message


def test_its_caller_is_found_from_inside_the_module_too(lay):
    lay(REPOSITORY, git=True, into="modules/x")
    assert accused(judge()) == [("module.m.aws_kms_grant.shared", "../../live/prod/main.tf")]


def test_the_caller_of_a_caller_is_found(lay):
    handed = call("../x").replace(ROLE.format("caller"), "var.who") + 'variable "who" {}\n'
    files = {LIVE: call("../../modules/y"), "modules/y/main.tf": handed}
    lay({**files, "modules/x/main.tf": MODULE}, git=True)
    assert accused(judge("modules/x")) == [("module.m.module.m.aws_kms_grant.shared", LIVE)]


def test_every_caller_counts(lay):
    lay({**REPOSITORY, "live/test/main.tf": call("../../modules/x", who="tester")}, git=True)
    messages = [finding.message.split(" may")[0] for finding in judge("modules/x").findings]
    assert messages == ["role caller", "role tester"]


def test_no_caller_is_looked_for_outside_a_repository(lay):
    lay(REPOSITORY)
    report = judge("modules/x")
    assert accused(report) == []
    assert reasons(report) == [("var.who has no value", 1)]


def test_the_whole_is_judged_when_all_of_it_is_asked_for(lay):
    lay(REPOSITORY, git=True)
    assert accused(judge()) == [*BY_CALLER, ("aws_kms_grant.one", LIVE)]
    assert accused(judge("live/prod")) == accused(judge())


def test_of_a_file_only_what_stands_in_it_is_reported(lay):
    lay({"a.tf": ONE, "b.tf": TWO})
    assert accused(judge("a.tf")) == [("aws_kms_grant.one", "a.tf")]


def test_a_grant_is_judged_with_the_key_of_another_file(lay):
    key = 'resource "aws_kms_key" "one" {}\n'
    grant = ONE.replace('"alias/one"', "aws_kms_key.one.key_id")
    grant = grant.replace("GenerateDataKey", "Decrypt")  # which does not tell what key it is
    lay({"a.tf": grant, "b.tf": key})
    assert accused(judge("a.tf")) == accused(judge(".")) != []


def test_a_file_is_judged_in_the_light_of_its_directory(lay):
    lay(
        {"a.tf": GRANT.format("one", "local.who"), "b.tf": f"locals {{\n  who = {ROLE}\n}}\n" + TWO}
    )
    report = judge("a.tf")
    assert accused(report) == [("aws_kms_grant.one", "a.tf")]


# -- which files of a directory count ------------------------------------------------------


@pytest.mark.parametrize("name", ["override.tf", "a_override.tf", "a_override.tofu"])
def test_an_override_file_changes_what_is_judged(lay, name):
    lay({"main.tf": ONE})
    assert len(accused(judge())) == 1
    lay({name: CONSTRAINED})
    assert accused(judge()) == []


def test_an_override_file_may_be_json(lay):
    constraints = {"encryption_context_equals": {"Department": "Orders"}}
    change = {"resource": {"aws_kms_grant": {"one": {"constraints": constraints}}}}
    lay({"main.tf": ONE, "override.tf.json": json.dumps(change)})
    assert accused(judge()) == []


@pytest.mark.parametrize("name", ["overrides.tf", "override_a.tf", "my-override.tf"])
def test_a_file_with_a_name_like_that_overrides_nothing(lay, name):
    lay({"main.tf": ONE, name: TWO})
    assert len(accused(judge())) == 2


def test_an_override_of_nothing_is_a_note(lay):
    lay({"main.tf": ONE, "override.tf": TWO})
    report = judge()
    assert accused(report) == [("aws_kms_grant.one", "main.tf")]
    assert [note.span.path for note in report.notes if note.span] == ["override.tf"]
    assert '"two"' in report.notes[0].reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("override.tf", CONSTRAINED.replace("  }\n", "", 1), id="syntax"),
        pytest.param(
            "override.tf",
            CONSTRAINED.replace("Orders", "\udcff"),
            id="encoding",
        ),
        pytest.param(
            "override.tf.json",
            '{"resource": {"aws_kms_grant": {"one": {"constraints": {',
            id="JSON",
        ),
    ],
)
def test_what_a_broken_override_may_change_is_not_accused(lay, tmp_path, name, text):
    lay({"main.tf": ONE})
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    report = judge()
    assert unreadable(report) == [name]
    assert accused(report) == []


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_tofu_file_shadows_the_tf_file_of_its_name(lay, suffix):
    def text(block: str) -> str:
        resource = {"key_id": "k", "grantee_principal": "r", "operations": ["GenerateDataKey"]}
        as_json = {"resource": {"aws_kms_grant": {block: {**resource}}}}
        return json.dumps(as_json) if suffix else GRANT.format(block, '"r"')

    lay({f"main.tf{suffix}": text("old") + "{", f"main.tofu{suffix}": text("new")})
    inventory = terraform.read(["."], Options()).inventory
    assert [grant.address for grant in inventory.grants] == ["aws_kms_grant.new"]


@pytest.mark.parametrize("name", ["main.tf~", ".main.tf", "#main.tf#", "main.tf.bak", "main.tfx"])
def test_what_editors_leave_behind_is_not_read(lay, name):
    lay({"a.tf": ONE, name: BROKEN + "# kms\n"})
    report = judge()
    assert (report.files, len(report.findings)) == (1, 1)


@pytest.mark.parametrize(
    "directory", [".terraform/modules/x", ".hidden", "node_modules/x", "venv", ".git/x"]
)
def test_directories_that_hold_no_work_of_the_user_are_not_walked(lay, directory):
    lay({"main.tf": ONE, f"{directory}/main.tf": TWO + BROKEN})
    assert accused(judge()) == [("aws_kms_grant.one", "main.tf")]
    assert unreadable(judge()) == []


def test_a_directory_that_is_asked_for_by_name_is_walked(lay):
    lay({".hidden/main.tf": ONE})
    assert accused(judge(".hidden")) == [("aws_kms_grant.one", ".hidden/main.tf")]


def test_a_name_declared_twice_is_told(lay):
    lay({"a.tf": ONE, "b.tf": ONE + TWO})
    report = judge()
    assert accused(report) == [("aws_kms_grant.one", "a.tf"), ("aws_kms_grant.two", "b.tf")]
    assert reasons(report) == [
        ('resource "aws_kms_grant" "one" is declared twice, first at a.tf:1:1', 1)
    ]


def test_a_local_declared_twice_is_told(lay):
    lay({"a.tf": ONE, "b.tf": "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n"})
    report = judge()
    assert reasons(report) == [("local.a is declared twice, first at b.tf:2:3", 1)]


# -- what is not parsed --------------------------------------------------------------------


def test_a_broken_file_in_a_directory_without_kms_does_not_matter(lay):
    lay({"a/main.tf": ONE, "b/main.tf": BROKEN})
    assert unreadable(judge()) == []


def test_a_broken_file_in_a_directory_with_kms_matters(lay):
    lay({"a/main.tf": ONE, "b/main.tf": BROKEN, "b/other.tf": "# KMS\n"})
    assert unreadable(judge()) == ["b/main.tf"]


def test_a_directory_without_kms_that_calls_one_with_kms_is_judged(lay):
    lay({"live/main.tf": call("../m") + BROKEN, "m/main.tf": MODULE})
    report = judge()
    assert unreadable(report) == ["live/main.tf"]
    assert accused(report) == [("module.m.aws_kms_grant.shared", "live/main.tf")]


def test_a_missing_module_is_told_where_nothing_else_is_of_kms(lay):
    lay({"main.tf": call("terraform-aws-modules/kms/aws")})
    ((reason, count),) = reasons(judge())
    assert (count, reason.endswith("run `terraform init -backend=false`")) == (1, True)


def test_a_missing_module_that_several_call_is_one_note(lay):
    lay({f"{name}/main.tf": call("terraform-aws-modules/kms/aws") + ONE for name in "abc"})
    assert [count for _, count in reasons(judge())] == [3]


def test_a_module_that_was_installed_is_read(lay):
    entry = {"Key": "m", "Source": "org/x/aws", "Dir": ".terraform/modules/m"}
    manifest = json.dumps({"Modules": [{"Key": "", "Source": "", "Dir": "."}, entry]})
    lay(
        {
            "main.tf": call("org/x/aws"),
            ".terraform/modules/modules.json": manifest,
            ".terraform/modules/m/main.tf": MODULE,
        }
    )
    report = judge()
    assert (accused(report), reasons(report)) == (
        [("module.m.aws_kms_grant.shared", "main.tf")],
        [],
    )


@pytest.mark.parametrize("text", ["", "[", "[]", '{"Modules": 1}', '{"Modules": [{}]}'])
def test_a_manifest_that_cannot_be_read_is_as_none(lay, text):
    lay({"main.tf": call("org/x/aws") + ONE, ".terraform/modules/modules.json": text})
    report = judge()
    assert accused(report) == [("aws_kms_grant.one", "main.tf")]
    assert ["terraform init" in reason for reason, _ in reasons(report)] == [True]


def test_terragrunt_gives_one_note_however_many_there_are(lay):
    lay({"main.tf": ONE, **{f"{name}/terragrunt.hcl": "inputs = {" for name in "abc"}})
    report = judge()
    assert reasons(report) == [("terragrunt.hcl files are not read", 3)]
    assert unreadable(report) == []


@pytest.mark.parametrize("name", ["x.tfcomponent.hcl", "x.tfdeploy.hcl"])
def test_stacks_give_a_note(lay, name):
    lay({"main.tf": ONE, name: ""})
    assert reasons(judge()) == [(f"{name.removeprefix('x')} files are not read", 1)]


# -- -v ------------------------------------------------------------------------------------


def test_verbose_names_roots_variable_files_and_modules(lay):
    lay(
        {
            "live/main.tf": call("../m") + 'variable "a" {}\n',
            "m/main.tf": MODULE,
            "live/terraform.tfvars": "a = 1\n",
            "live/b.auto.tfvars": "a = 2\n",
            "live/a.auto.tfvars.json": '{"a": 3}',
            "live/other.tfvars": "a = 4\n",
            "given.tfvars": "a = 5\n",
        }
    )
    done = subprocess.run(
        [sys.executable, "-m", "grantlint", "check", "-v", "--var-file", "given.tfvars"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines() == [
        "grantlint: root module live",
        "grantlint:   variables from live/terraform.tfvars",
        "grantlint:   variables from live/a.auto.tfvars.json",
        "grantlint:   variables from live/b.auto.tfvars",
        "grantlint:   variables from given.tfvars",
        "grantlint:   module m from ../m",
    ]
