"""The options that say what is read and as what: standard input, formats, parameters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GRANT = """\
resource "aws_kms_grant" "g" {
  key_id            = "alias/a"
  grantee_principal = "arn:aws:iam::111122223333:role/a"
  operations        = ["GenerateDataKey"]
}
"""
TEMPLATE = """\
Parameters:
  Rotation: {Type: String}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: !Ref Rotation
"""


def grantlint(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grantlint", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_terraform_is_read_from_standard_input(tmp_path: Path) -> None:
    run = grantlint("check", "-q", "--stdin-format", "terraform", "-", cwd=tmp_path, stdin=GRANT)
    assert run.stdout.startswith("<stdin>:1:1: ")
    assert "unconstrained-grant" in run.stdout
    assert run.returncode == 1


def test_terraform_from_standard_input_has_the_modules_of_the_working_directory(
    tmp_path: Path,
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text(GRANT, encoding="utf-8")
    (tmp_path / "main.tf").write_text(GRANT.replace('"g"', '"not_asked_for"'), encoding="utf-8")
    text = 'module "m" {\n  source = "./m"\n}\n'
    run = grantlint("model", "--stdin-format", "terraform", "-", cwd=tmp_path, stdin=text)
    addresses = [grant["address"] for grant in json.loads(run.stdout)["grants"]]
    assert addresses == ["module.m.aws_kms_grant.g"]


def test_a_variable_for_standard_input_must_be_declared(tmp_path: Path) -> None:
    arguments = ("model", "--var", "x=1", "--stdin-format", "terraform", "-")
    assert grantlint(*arguments, cwd=tmp_path, stdin=GRANT).returncode == 2
    declared = f'{GRANT}variable "x" {{}}\n'
    assert grantlint(*arguments, cwd=tmp_path, stdin=declared).returncode == 0


FORMATS = "the formats are terraform, terraform-plan, terraform-state, cloudformation, cdk and aws"
SAY_IT = "--stdin-format FORMAT says it"
WRONG = {
    "no such format": (
        ("--input", "cloudformtion:x"),
        "--input cloudformtion:x: there is no format cloudformtion; did you mean cloudformation?",
    ),
    "nothing like a format": (
        ("--input", "yaml:x"),
        f"--input yaml:x: there is no format yaml; {FORMATS}",
    ),
    "no path": (
        ("--input", "cdk"),
        f"--input cdk: write it as FORMAT:PATH; {FORMATS}",
    ),
    "a directory from standard input": (
        ("--stdin-format", "cdk", "-"),
        "--stdin-format cdk: it is a directory, give its path",
    ),
    "a format without standard input": (
        ("--stdin-format", "aws", "."),
        "--stdin-format aws: give - as a path to read standard input",
    ),
    "standard input of no format": (
        ("-",),
        f"-: what standard input holds does not show what it is, {SAY_IT}; {FORMATS}",
    ),
    "a parameter without a value": (
        ("--parameter", "x"),
        "--parameter x: write it as NAME=VALUE",
    ),
}


@pytest.mark.parametrize("command", ["check", "model"])
@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_with_what_would_be_right(
    command: str, arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    run = grantlint(command, *arguments, cwd=tmp_path, stdin="hello")
    assert (run.returncode, run.stderr) == (2, f"grantlint: error: {said}\n")


def test_a_parameter_that_no_template_declares_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(GRANT, encoding="utf-8")
    run = grantlint("check", "--parameter", "Stage=prod", cwd=tmp_path)
    said = "--parameter Stage: no template declares it, see its Parameters"
    assert (run.returncode, run.stderr) == (2, f"grantlint: error: {said}\n")


def test_changed_files_need_not_be_all_that_declare_a_parameter(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(GRANT, encoding="utf-8")
    arguments = ("--changed", "--parameter", "Stage=prod", "main.tf")
    assert grantlint("check", *arguments, cwd=tmp_path).returncode == 1


def test_a_template_without_kms_is_read_and_not_parsed(tmp_path: Path) -> None:
    text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {{{{\n"
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    run = grantlint("check", "-v", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (
        0,
        "grantlint: 1 CloudFormation template with nothing of KMS\n",
    )


# -- with CloudFormation -------------------------------------------------------------------


@pytest.fixture
def cloudformation() -> None:
    pytest.importorskip("grantlint.parsers.cloudformation.estate")


@pytest.mark.usefixtures("cloudformation")
@pytest.mark.parametrize("format", [(), ("--stdin-format", "cloudformation")], ids=["", "said"])
def test_a_template_is_read_from_standard_input(format: tuple[str, ...], tmp_path: Path) -> None:
    arguments = ("model", "--parameter", "Rotation=true", *format, "-")
    run = grantlint(*arguments, cwd=tmp_path, stdin=TEMPLATE)
    key = json.loads(run.stdout)["keys"][0]
    assert (key["span"]["path"], key["enable_key_rotation"]) == ("<stdin>", True)


@pytest.mark.usefixtures("cloudformation")
def test_verbose_says_what_was_taken_for_what(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "main.tf").write_text(GRANT, encoding="utf-8")
    (tmp_path / "values.yaml").write_text("kms: 1\n", encoding="utf-8")
    run = grantlint("model", "-v", cwd=tmp_path)
    assert run.stderr == "grantlint: root module .\ngrantlint: a.yaml: CloudFormation template\n"


@pytest.mark.usefixtures("cloudformation")
def test_any_file_is_a_template_where_the_user_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEMPLATE, encoding="utf-8")
    run = grantlint("model", "--input", "cloudformation:a.txt", cwd=tmp_path)
    assert [key["span"]["path"] for key in json.loads(run.stdout)["keys"]] == ["a.txt"]


@pytest.mark.usefixtures("cloudformation")
def test_a_broken_template_gives_3(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEMPLATE + "  x: {{[\n", encoding="utf-8")
    run = grantlint("check", cwd=tmp_path)
    assert run.returncode == 3
    assert "a.yaml:" in run.stdout
