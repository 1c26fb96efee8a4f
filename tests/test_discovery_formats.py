"""What a mixed repository is taken for, file by file, and what is made of that."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.discovery import Found, discover
from grantlint.parsers.settings import Input, Options, given
from grantlint.parsers.templates import wanted_of
from grantlint.parsers.walk import Walk
from grantlint.source import Source

KEY = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n"
BUCKET = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"
STACK = "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n"
MANIFEST = '{"version": "55.0.0", "artifacts": {"S": {"type": "aws:cloudformation:stack"}}}'
GRANT = """\
resource "aws_kms_grant" "g" {
  key_id            = "alias/a"
  grantee_principal = "arn:aws:iam::111122223333:role/a"
  operations        = ["GenerateDataKey"]
}
"""
PLAN = json.dumps({"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}})
GRANTS = '{"Grants": [{"KeyId": "arn:aws:kms:eu-west-1:111122223333:key/1", "GrantId": "a"}]}'
MONOREPO = {
    ".github/workflows/ci.yaml": "on: push\n",
    "package.json": '{"name": "x"}',
    "infra/app.yaml": KEY,
    "infra/app.json": json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}),
    "infra/sam.template": f"Transform: AWS::Serverless-2016-10-31\n{KEY}",
    "infra/storage.yml": BUCKET,
    "charts/values.yaml": "kms: true\n",
    "live/main.tf": GRANT,
    "live/policy.json": '{"Statement": [{"Action": "kms:*"}]}',
    "cdk/cdk.json": "{}",
    "cdk/cdk.out/manifest.json": MANIFEST,
    "cdk/cdk.out/S.template.json": json.dumps({"Resources": {"K": {"Type": "AWS::KMS::Key"}}}),
    "broken/cdk.json": "{}",
    "docs/template.md": KEY,
}

Lay = Callable[..., None]


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lay:
    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)

    return write


def found(*paths: str, **options: object) -> Found:
    return discover(paths, Options(**options), Walk())


def documents(one: Found) -> list[tuple[str, str]]:
    return [(document.source.path, document.format) for document in one.documents]


def names(one: Found) -> list[str]:
    return [document.source.path for document in one.documents]


def test_a_mixed_repository_is_told_apart(lay: Lay) -> None:
    lay(MONOREPO)
    one = found(".")
    assert documents(one) == [
        ("infra/app.json", "cloudformation"),
        ("infra/app.yaml", "cloudformation"),
        ("infra/sam.template", "cloudformation"),
        ("infra/storage.yml", "cloudformation"),
    ]
    assert one.assemblies == [Path("cdk/cdk.out")]
    assert one.programs == [Path("broken"), Path("cdk")]
    assert one.terraform == ["."]
    assert (one.notes, one.problems, one.texts) == ([], [], [])


def test_terraform_is_not_asked_where_there_is_nothing_of_it(lay: Lay) -> None:
    lay({"a.yaml": KEY})
    assert found(".").terraform == []


def test_plans_and_answers_of_aws_are_found(lay: Lay) -> None:
    pytest.importorskip("grantlint.parsers.terraform.plan")
    pytest.importorskip("grantlint.parsers.aws")
    lay({"a/plan.json": PLAN, "b/grants.json": GRANTS})
    assert documents(found(".")) == [("a/plan.json", "terraform-plan"), ("b/grants.json", "aws")]


def test_a_plan_beside_its_configuration_is_read_only_where_it_is_asked_for(lay: Lay) -> None:
    pytest.importorskip("grantlint.parsers.terraform.plan")
    lay({"main.tf": GRANT, "plan.json": PLAN})
    assert names(found(".")) == []
    assert "beside its configuration" in found(".").notes[0].reason
    assert names(found("plan.json")) == names(found(".", sources=".")) == ["plan.json"]


def test_a_template_in_a_directory_of_configuration_is_one(lay: Lay) -> None:
    lay({"main.tf": GRANT, "stack.yaml": KEY})
    one = found(".")
    assert (names(one), one.terraform) == (["stack.yaml"], ["."])


def test_a_file_that_is_asked_for_is_told_too(lay: Lay) -> None:
    lay({"main.tf": GRANT, "stack.txt": KEY, "policy.json": "{}"})
    one = found("stack.txt", "main.tf", "policy.json")
    assert (names(one), one.terraform) == (["stack.txt"], ["main.tf", "policy.json"])


def test_each_file_is_taken_once(lay: Lay) -> None:
    lay({"a/x.yaml": KEY})
    Path("a/link.yaml").symlink_to("x.yaml")
    assert names(found(".", "a", "a/x.yaml")) == ["a/link.yaml"]


def test_a_link_to_nothing_and_a_circle_of_links_are_passed_over(lay: Lay) -> None:
    lay({"x.yaml": KEY})
    Path("gone.yaml").symlink_to("nothing")
    Path("circle.json").symlink_to("circle.json")
    one = found(".")
    assert (names(one), one.notes, one.problems) == (["x.yaml"], [], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read_is_a_note_and_a_fault_where_it_is_asked_for(lay: Lay) -> None:
    lay({"x.yaml": KEY})
    Path("x.yaml").chmod(0)
    assert [note.reason for note in found(".").notes] == ["cannot be read: permission denied"]
    assert [one.span.path for one in found("x.yaml").problems] == ["x.yaml"]


def test_a_path_that_is_not_there_is_a_fault(lay: Lay) -> None:
    lay({})
    assert [one.span.path for one in found("gone").problems] == ["gone"]


# -- what the user says --------------------------------------------------------------------


def test_what_the_user_says_goes_before_what_a_file_looks_like(lay: Lay) -> None:
    lay({"x.yaml": KEY, "y.txt": "text"})
    inputs = (Input("aws", "x.yaml"), Input("cloudformation", "y.txt"))
    assert documents(found(".", inputs=inputs)) == [("x.yaml", "aws"), ("y.txt", "cloudformation")]


def test_all_of_a_directory_is_what_the_user_says(lay: Lay) -> None:
    lay({"t/a.yaml": "a: 1\n", "t/b/c.json": "{}", "t/main.tf": GRANT, "t/d.md": "x"})
    one = found(inputs=(Input("cloudformation", "t"),))
    assert names(one) == ["t/a.yaml", "t/b/c.json"]
    assert one.terraform == []


def test_a_directory_of_any_name_can_be_an_assembly(lay: Lay) -> None:
    lay({"x/manifest.json": "{}"})
    assert found(inputs=(Input("cdk", "x"),)).assemblies == [Path("x")]


def test_an_input_that_is_not_there_is_a_fault(lay: Lay) -> None:
    lay({})
    one = found(inputs=(Input("terraform", "gone"),))
    assert [problem.span.path for problem in one.problems] == ["gone"]


# -- what has changed ----------------------------------------------------------------------


def test_a_changed_template_is_judged_itself(lay: Lay) -> None:
    lay({**MONOREPO, ".git/x": ""})
    one = found("infra/app.yaml", "live/policy.json", "gone.yaml", changed=True)
    assert (names(one), one.assemblies, one.problems) == (["infra/app.yaml"], [], [])


def test_a_changed_file_of_an_assembly_reaches_all_of_it(lay: Lay) -> None:
    lay({**MONOREPO, ".git/x": ""})
    one = found("cdk/cdk.out/S.template.json", changed=True)
    assert (names(one), one.assemblies) == ([], [Path("cdk/cdk.out")])


def test_a_changed_file_is_named_as_git_does(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    lay({**MONOREPO, ".git/x": ""})
    monkeypatch.chdir("charts")
    assert names(found("infra/app.yaml", changed=True)) == ["../infra/app.yaml"]


# -- which templates are parsed ------------------------------------------------------------


def deployment(path: str, text: str) -> Deployment:
    return Deployment(Source(path, text.encode()), given(Options().settings_in(Path())))


def wanted(texts: dict[str, str]) -> list[str]:
    made = [deployment(path, text) for path, text in texts.items()]
    return [one.source.path for one in wanted_of(made)]


EXPORT = f"{BUCKET}Outputs:\n  Name: {{Value: x, Export: {{Name: n}}}}\n"
IMPORT = f"{KEY}    Properties: {{Description: !ImportValue n}}\n"


@pytest.mark.parametrize(
    ("texts", "parsed"),
    [
        ({"a": BUCKET, "b": STACK, "c": EXPORT}, []),
        ({"a": BUCKET, "b": KEY}, ["b"]),
        ({"a": STACK, "b": KEY}, ["a", "b"]),
        ({"a": EXPORT, "b": KEY}, ["b"]),
        ({"a": EXPORT, "b": IMPORT}, ["a", "b"]),
    ],
    ids=["nothing of KMS", "one", "its parent", "no import", "an import"],
)
def test_templates_without_kms_are_parsed_only_for_others(
    texts: dict[str, str], parsed: list[str]
) -> None:
    assert wanted(texts) == parsed


def test_a_stack_is_parsed_for_what_is_nested_in_it() -> None:
    parent = replace(deployment("a", BUCKET), nested={"Child": deployment("b", KEY)})
    assert [one.source.path for one in wanted_of([parent])] == ["a"]
