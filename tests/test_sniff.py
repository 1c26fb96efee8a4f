"""What a file is taken for, by its text."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grantlint.parsers.sniff import ANSWER, PLAN, STATE, TEMPLATE, format_of, sniffed, text_of

TRUTH = Path(__file__).parents[1] / "fixtures/truth"
KEY = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n"
IN_JSON = {"Key": {"Type": "AWS::KMS::Key"}}
LONG = 300_000

TEMPLATES = {
    "the least": KEY,
    "a format version": f'AWSTemplateFormatVersion: "2010-09-09"\n{KEY}',
    "SAM": "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Api}\n",
    "only custom resources": "Resources:\n  Grant:\n    Type: Custom::KMSGrant\n",
    "quoted names": '"Resources":\n  "Key":\n    "Type": "AWS::KMS::Key"\n',
    "a document's start": f"# kms\n---\n{KEY}",
    "Windows line ends": KEY.replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + KEY,
    "JSON": json.dumps({"Resources": IN_JSON}),
    "JSON in many lines": json.dumps({"Description": "x", "Resources": IN_JSON}, indent=4),
    "JSON that begins with parameters": json.dumps({"Parameters": {}, "Resources": IN_JSON}),
    "only a format version and resources": "AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n",
}
LATE = {
    "comments": "# licence\n" * (LONG // 10) + KEY,
    "parameters": "Parameters:\n" + "  P: {Type: String}\n" * (LONG // 20) + KEY,
    "a description": "Description: |\n" + "  text\n" * (LONG // 7) + KEY,
    "metadata in JSON": json.dumps({"Metadata": "x" * LONG, "Resources": IN_JSON}),
}
OTHERS = {
    "nothing": "",
    "Kubernetes": "apiVersion: kms.services.k8s.aws/v1\nkind: Key\nspec:\n  x: AWS::KMS::Key\n",
    "a workflow": "on: push\njobs:\n  a:\n    steps:\n      - run: grep AWS::KMS::Key t.yaml\n",
    "docker-compose": "services:\n  web:\n    environment: {KIND: 'AWS::KMS::Key'}\n",
    "Serverless": "service: x\nresources:\n  Resources:\n    Key:\n      Type: AWS::KMS::Key\n",
    "OpenAPI": "openapi: 3.0.0\ncomponents:\n  schemas:\n    Resources: {type: object}\n",
    "a text about templates": "text: |\n  Resources:\n    Key:\n      Type: AWS::KMS::Key\n",
    "values of a chart": "Resources:\n  limits:\n    cpu: 1\n",
    "package.json": '{"name": "x", "description": "AWS::KMS::Key", "dependencies": {}}',
    "tsconfig.json": '{"compilerOptions": {"strict": true}}',
    "a resource's schema": '{"typeName": "AWS::KMS::Key", "description": "Resources"}',
    "a specification": '{"ResourceTypes": {"AWS::KMS::Key": {}}, "Resources": {}}',
    "parameters": '[{"ParameterKey": "Type", "ParameterValue": "AWS::KMS::Key"}]',
    "parameters of a pipeline": '{"Parameters": {"Type": "AWS::KMS::Key"}, "Tags": {}}',
    "a policy": '{"Statement": [{"Action": "kms:*", "Resource": "*"}]}',
    "a list": '["kms", "AWS::KMS::Key"]',
    "broken JSON": '{"Resources',
}


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES)
def test_this_is_a_template(text: str) -> None:
    assert format_of(text.encode(), asked=False) == TEMPLATE


@pytest.mark.parametrize("text", LATE.values(), ids=LATE)
def test_a_template_is_told_whatever_comes_first(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text(text, encoding="utf-8")
    found = sniffed(str(file))
    assert found == (TEMPLATE, text.encode())


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_this_is_of_no_format(text: str) -> None:
    assert format_of(text.encode(), asked=False) is None


@pytest.mark.parametrize(
    "text",
    ['{"type": "FeatureCollection", "kms": [' + "0," * LONG, "apiVersion: v1\n" + "# x\n" * LONG],
    ids=["JSON", "YAML"],
)
def test_of_a_long_file_of_no_format_only_the_first_part_is_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text(text, encoding="utf-8")
    assert len(text_of(str(file))) < LONG


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    assert sniffed(str(tmp_path / "x.yaml")) is None


def recorded(pattern: str) -> list[Path]:
    return sorted(TRUTH.glob(pattern))


def test_every_recorded_template_is_one() -> None:
    files = [
        *recorded("cloudformation/*/*.yaml"),
        *recorded("cloudformation/*/template.json"),
        *recorded("cdk/**/*.template.json"),
    ]
    if not files:
        pytest.skip("no templates are recorded")
    assert [file for file in files if format_of(file.read_bytes(), asked=False) != TEMPLATE] == []


def test_every_recorded_plan_is_one() -> None:
    pytest.importorskip("grantlint.parsers.terraform.plan")
    files = recorded("terraform/*/plan.json")
    assert len(files) > 10
    assert {format_of(file.read_bytes(), asked=False) for file in files} == {PLAN}


def test_a_state_is_told_from_a_plan() -> None:
    pytest.importorskip("grantlint.parsers.terraform.plan")
    state = '{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}'
    assert format_of(state.encode(), asked=False) == STATE


@pytest.mark.parametrize(
    "text",
    [
        '{"Grants": [{"KeyId": "arn:aws:kms:eu-west-1:111122223333:key/1", "GrantId": "a"}]}',
        '{"KeyMetadata": {"KeyId": "1", "Arn": "arn:aws:kms:eu-west-1:111122223333:key/1"}}',
        '{"Policy": "{\\"Statement\\": [{\\"Action\\": \\"kms:*\\"}]}", "PolicyName": "default"}',
    ],
    ids=["list-grants", "describe-key", "get-key-policy"],
)
def test_an_answer_of_aws_is_one(text: str) -> None:
    pytest.importorskip("grantlint.parsers.aws")
    assert format_of(text.encode(), asked=False) == ANSWER
