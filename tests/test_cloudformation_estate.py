"""Templates of a run together: what is judged of them, nested stacks, exports, and hostile ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.cloudformation.estate import read
from grantlint.parsers.reading import Reading
from grantlint.parsers.settings import Options, given
from grantlint.source import Source

KEY = "  Key: {Type: AWS::KMS::Key}\n"
GRANT = """\
  Grant:
    Type: Custom::KMSGrant
    Properties:
      ServiceToken: arn:aws:lambda:us-east-1:111122223333:function:grants
      KeyId: %s
      GranteePrincipal: arn:aws:iam::111122223333:role/app
      Operations: [Decrypt]
"""
NESTED = "  {}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}}}}}\n"


def reading(directory: Path, options: Options | None = None, **files: str) -> Reading:
    """What the templates `name.yaml` of a directory come to."""
    options = options or Options(account="111122223333", region="us-east-1")
    deployments = []
    for name, text in files.items():
        path = directory / f"{name}.yaml"
        path.write_text(text, "utf-8")
        source = Source(path.as_posix(), text.encode())
        deployments.append(Deployment(source, given(options.settings_in(Path()))))
    return read(deployments, options)


def notes(found: Reading) -> list[str]:
    return [note.reason for note in found.inventory.notes]


def test_a_grant_is_for_a_key_of_its_template(tmp_path):
    found = reading(tmp_path, a="Resources:\n" + KEY + GRANT % "!GetAtt Key.Arn").inventory
    (grant,) = found.grants
    assert (grant.source, grant.address, grant.key.address.text) == (
        "cloudformation",
        "Grant",
        "Key",
    )
    assert found.keys[0].grants == ("Grant",)


def test_a_nested_stack_gives_and_takes(tmp_path):
    (tmp_path / "child.yaml").write_text(
        "Parameters: {Who: {Type: String}}\n"
        "Resources: {Key: {Type: AWS::KMS::Key, Properties: {Description: !Ref Who}}}\n"
        "Outputs: {Arn: {Value: !GetAtt Key.Arn}}\n"
    )
    text = (
        "Resources:\n"
        "  Child:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: child.yaml, Parameters: {Who: me}}\n"
        + GRANT
        % "!GetAtt Child.Outputs.Arn"
    )
    found = reading(tmp_path, a=text).inventory
    assert [key.address for key in found.keys] == ["Child.Key"]
    assert found.grants[0].key.address.text == "Child.Key"


def test_a_nested_template_is_judged_once(tmp_path):
    parent = "Resources:\n" + NESTED.format("Child", "./b.yaml")
    found = reading(tmp_path, a=parent, b="Resources:\n" + KEY).inventory
    assert [key.address for key in found.keys] == ["Child.Key"]


def test_what_one_template_exports_another_imports(tmp_path):
    one = "Resources:\n" + KEY + "Outputs: {A: {Value: !GetAtt Key.Arn, Export: {Name: key}}}\n"
    two = "Resources:\n" + GRANT % "!ImportValue key"
    found = reading(tmp_path, a=one, b=two).inventory
    assert found.grants[0].key.address.text == "Key"


def test_what_a_nested_stack_exports_another_template_imports(tmp_path):
    (tmp_path / "child.yaml").write_text(
        "Resources: {Key: {Type: AWS::KMS::Key}}\n"
        "Outputs: {A: {Value: !GetAtt Key.Arn, Export: {Name: key}}}\n"
    )
    asks = "  It: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !ImportValue url}}\n"
    parent = "Resources:\n" + NESTED.format("Child", "child.yaml") + asks
    parent += "Outputs: {A: {Value: a, Export: {Name: parent}}}\n"
    found = reading(tmp_path, a=parent, b="Resources:\n" + GRANT % "!ImportValue key").inventory
    assert found.grants[0].key.address.text == "Child.Key"


def test_logical_ids_that_two_templates_share_are_told_apart(tmp_path):
    one = "Resources:\n" + KEY + "Outputs: {A: {Value: !GetAtt Key.Arn, Export: {Name: key}}}\n"
    two = "Resources:\n" + KEY + GRANT % "!ImportValue key"
    found = reading(tmp_path, a=one, b=two).inventory
    assert [key.address for key in found.keys] == ["a.Key", "b.Key"]
    assert found.grants[0].key.address.text == "a.Key"


def test_stacks_nested_in_templates_that_share_ids_are_told_apart(tmp_path):
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text(
            f"Resources: {{Key: {{Type: AWS::KMS::Key, Properties: {{Description: {name}}}}}}}\n"
            "Outputs: {Arn: {Value: !GetAtt Key.Arn}}\n"
        )
    grant = GRANT % "!GetAtt Child.Outputs.Arn"
    exported = "Outputs: {A: {Value: a, Export: {Name: %s}}}\n"
    one = "Resources:\n" + NESTED.format("Child", "x.yaml") + grant + exported % "one"
    two = "Resources:\n" + NESTED.format("Child", "y.yaml") + grant + exported % "two"
    found = reading(tmp_path, a=one, b=two).inventory
    assert sorted(key.address for key in found.keys) == ["a.Child.Key", "b.Child.Key"]
    assert {(one.address, one.key.address.text) for one in found.grants} == {
        ("a.Grant", "a.Child.Key"),
        ("b.Grant", "b.Child.Key"),
    }


def test_templates_that_share_nothing_may_have_the_same_ids(tmp_path):
    found = reading(tmp_path, a="Resources:\n" + KEY, b="Resources:\n" + KEY).inventory
    assert [key.address for key in found.keys] == ["Key", "Key"]
    assert len({key.root for key in found.keys}) == 2


def test_a_condition_that_is_not_met_leaves_a_resource_out(tmp_path):
    text = (
        "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}\n"
        "Resources:\n  Key: {Type: AWS::KMS::Key, Condition: Prod}\n"
    )
    assert reading(tmp_path, a=text).inventory.keys[0].where == "Prod"
    dev = Options(parameters=(("Env", "dev"),))
    assert reading(tmp_path, dev, a=text).inventory.keys == ()


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "Env", "ParameterValue": "prod"}]',
        '{"Parameters": {"Env": "prod"}, "Tags": {"a": "b"}}',
        '["Env=prod"]',
        "Parameters:\n  Env: prod\n",
    ],
)
def test_parameters_are_read_from_files(tmp_path, text):
    path = tmp_path / "parameters.json"
    path.write_text(text)
    template = (
        "Parameters: {Env: {Type: String}}\n"
        "Resources: {Key: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub 'alias/${Env}'}},"
        " K: {Type: AWS::KMS::Key, Properties: {Description: !Ref Env}}}\n"
    )
    found = reading(tmp_path, Options(parameter_files=(str(path),)), a=template)
    assert found.undeclared == ()
    assert not any("Env" in note for note in notes(found))


def test_a_parameter_that_no_template_declares_is_told(tmp_path):
    found = reading(tmp_path, Options(parameters=(("Envy", "prod"),)), a="Resources:\n" + KEY)
    assert found.undeclared == ("Envy",)


def test_a_parameter_file_that_is_none_is_unreadable(tmp_path):
    path = tmp_path / "p.json"
    path.write_text('["Env"]')
    found = reading(tmp_path, Options(parameter_files=(str(path),)), a="Resources:\n" + KEY)
    (problem,) = found.unreadable
    assert "ParameterKey" in problem.message
    assert problem.span.line == 1


# -- hostile ones --------------------------------------------------------------------------


def test_a_stack_nested_in_itself(tmp_path):
    text = "Resources:\n" + NESTED.format("A", "a.yaml")
    found = reading(tmp_path, a=text + KEY)
    assert "the stack is nested in itself" in notes(found)


def test_stacks_nested_without_end(tmp_path):
    for level in range(15):
        nested = "".join(NESTED.format(f"S{n}", f"t{level + 1}.yaml") for n in range(10))
        (tmp_path / f"t{level}.yaml").write_text("Resources:\n" + nested)
    (tmp_path / "t15.yaml").write_text("Resources:\n" + KEY)
    text = (tmp_path / "t0.yaml").read_text()
    assert any("nested stacks" in note for note in notes(reading(tmp_path, a=text)))


def test_exports_that_import_each_other(tmp_path):
    one = (
        "Resources:\n"
        + GRANT % "!ImportValue b"
        + ("Outputs: {A: {Value: !ImportValue b, Export: {Name: a}}}\n")
    )
    two = "Resources:\n" + KEY + "Outputs: {B: {Value: !ImportValue a, Export: {Name: b}}}\n"
    found = reading(tmp_path, a=one, b=two).inventory
    assert found.grants[0].key.address.unknown is not None


def test_conditions_that_multiply(tmp_path):
    conditions = "".join(f"  C{n}: !Equals [!Ref P{n}, a]\n" for n in range(60))
    parameters = "".join(f"  P{n}: {{Type: String}}\n" for n in range(60))
    actions = ", ".join(f"!If [C{n}, 'kms:A{n}', !Ref AWS::NoValue]" for n in range(60))
    text = (
        f"Parameters:\n{parameters}Conditions:\n{conditions}Resources:\n"
        "  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n"
        f"        Statement: {{Effect: Allow, Principal: '*', Action: [{actions}]}}\n"
    )
    (key,) = reading(tmp_path, a=text).inventory.keys
    assert len(key.policy.statements) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Resources: []",
        "Resources: {A: b}",
        "Resources: {A: {Type: [x]}}",
        "Resources: {A: {Type: AWS::KMS::Key, Properties: text}}",
        "Resources: {A: {Type: AWS::KMS::Key, Properties: {KeyPolicy: [1]}}}",
        "Resources: {A: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: {a: b}}}}}",
        "Resources: {A: {Type: AWS::KMS::Key, Properties: !Ref AWS::NoValue}}",
        "Resources: {A: {Type: AWS::KMS::Key, Condition: {a: b}}}",
        "Resources: {A: {Type: Custom::X, Properties: {Create: '{', Delete: 1}}}",
        "Parameters: text\nConditions: []\nMappings: 1\nOutputs: x\nResources: {}",
        "Parameters: {A: text}\nResources: {K: {Type: AWS::KMS::Key}}",
        "- a\n- b",
        "text",
        "",
    ],
)
def test_a_template_that_is_odd_is_borne(tmp_path, text):
    assert reading(tmp_path, a=text).unreadable == ()
