"""What intrinsic functions and parameters make, known, with holes, or one of several.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import textwrap

import pytest
from stacks import known, properties, stack_of

from grantlint.value import Truth

HEAD = """\
Transform: AWS::LanguageExtensions
Parameters:
  Text: {Type: String}
  Env: {Type: String, AllowedValues: [dev, prod]}
  Default: {Type: String, Default: left}
  Number: {Type: Number, Default: 7}
  Names: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Empty: {Type: CommaDelimitedList, Default: ''}
  Secret: {Type: String, NoEcho: true, Default: hush}
  Read: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
Mappings:
  Accounts: {dev: {id: '111111111111'}, prod: {id: '222222222222', ops: [x, y]}}
Conditions:
  Met: !Equals [a, a]
  Unmet: !Equals [a, b]
  Prod: !Equals [!Ref Env, prod]
  NotProd: !Not [!Condition Prod]
  Open: !Equals [!Ref Text, open]
  Both: !And [!Condition Prod, !Condition Open]
  Either: !Or [!Condition Prod, !Condition Open]
  Certain: !Or [!Condition Met, !Condition Open]
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: app, Path: /team/}}
  Made: {Type: AWS::IAM::Role, Properties: {}}
  Key: {Type: AWS::KMS::Key, Properties: {}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: !Ref Key}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  Policy: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: read}}
  It: {Type: AWS::SNS::Topic, Properties: {It: %s}}
"""


def it(written, parameters=None, **where):
    """The value of a property."""
    found = properties(stack_of(HEAD % written, parameters, **where), "It").get("It")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!Ref Default", "left"),
        ("!Ref Number", 7),
        ("!Sub 'n${Number}'", "n7"),
        ("!Ref Names", ["a", "b", "c"]),
        ("!Ref Empty", []),
        ("!Select [1, !Ref Names]", "b"),
        ("!Select ['2', !Ref Names]", "c"),
        ("!Join ['-', !Ref Names]", "a-b-c"),
        ("!Join ['', [a, !Ref Number, true]]", "a7true"),
        ("!Join ['-', []]", ""),
        ("!Split ['-', 'a--b']", ["a", "", "b"]),
        ("!Select [4, !Split [':', 'arn:aws:iam::111122223333:root']]", "111122223333"),
        ("!Sub ['${A}/${B}', {A: x, B: !Ref Default}]", "x/left"),
        ("!Sub '${!Literal} ${Default}'", "${Literal} left"),
        ("'${Default}'", "${Default}"),
        ("!FindInMap [Accounts, dev, id]", "111111111111"),
        ("!FindInMap [Accounts, prod, ops]", ["x", "y"]),
        ("!FindInMap [Accounts, dev, none, {DefaultValue: z}]", "z"),
        ("!FindInMap [Nothing, dev, none, {DefaultValue: z}]", "z"),
        ("!If [Met, a, b]", "a"),
        ("!If [Unmet, a, b]", "b"),
        ("!If [Certain, a, b]", "a"),
        ("[a, !If [Unmet, b, !Ref AWS::NoValue]]", ["a"]),
        ("{A: !Ref AWS::NoValue, B: b}", {"B": "b"}),
        ("!Base64 abc", "YWJj"),
        ("{'Fn::Length': !Ref Names}", 3),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{'Fn::ToJsonString': {A: [1, !Ref Default]}}", '{"A":[1,"left"]}'),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!GetAtt Role.Arn", "arn:aws:iam::123456789012:role/team/app"),
        ("!GetAtt [Role, Arn]", "arn:aws:iam::123456789012:role/team/app"),
        ("!Sub '${Role.Arn}'", "arn:aws:iam::123456789012:role/team/app"),
        ("!Ref Role", "app"),
        ("!Ref Bucket", "data"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::data"),
        ("!Ref Topic", "arn:aws:sns:us-east-1:123456789012:news"),
        ("!Ref Policy", "arn:aws:iam::123456789012:policy/read"),
        ("!Ref Alias", "alias/a"),
        ("yes", True),
        ("'yes'", "yes"),
        ("2012-10-17", "2012-10-17"),
        ("12", 12),
        ("!If [Prod, same, same]", "same"),
    ],
)
def test_a_known_value(written, expected):
    assert known(it(written)) == expected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("!Ref Text", "the parameter Text has no value"),
        ("!Ref Read", "the parameter Read is read from Systems Manager at deployment"),
        ("!Ref AWS::StackId", "AWS::StackId is known at deployment"),
        ("!GetAtt Made.Arn", "known after apply"),
        ("!Ref Key", "known after apply"),
        ("!GetAZs us-east-1", "the availability zones are known at deployment"),
        ("!ImportValue other", "other is exported by no template read"),
        ("!Select [0, !Split ['-', !Ref Text]]", "the parameter Text has no value"),
        ("!Select [9, !Ref Names]", "Fn::Select: there is no element 9 in 3"),
        ("!Ref Nothing", "Nothing is no parameter and no resource of the template"),
        ("!GetAtt Nothing.Arn", "Nothing is no resource of the template"),
        ("!FindInMap [Accounts, dev, none]", "the mapping has no Accounts.dev.none"),
        ("!Frobnicate [a]", "Fn::Frobnicate is not evaluated"),
        ("!Join [a]", "Fn::Join takes a delimiter and a list"),
        ("!If [Prod]", "Fn::If takes the name of a condition and two values"),
        ("012345670123", "012345670123 is not quoted, so that YAML may read another number"),
        (
            "'{{resolve:ssm:/key/admin}}'",
            "a dynamic reference to ssm is resolved at deployment",
        ),
    ],
)
def test_an_unknown_value_says_why(written, reason):
    value = it(written)
    assert value.unknown is not None
    assert value.unknown.reason == reason


@pytest.mark.parametrize(
    ("written", "choices", "when"),
    [
        ("!Ref Env", ["dev", "prod"], ['Env is "dev"', 'Env is "prod"']),
        ("!Sub 'a-${Env}'", ["a-dev", "a-prod"], ['Env is "dev"', 'Env is "prod"']),
        ("!If [Prod, a, b]", ["a", "b"], ["Prod", "not Prod"]),
        ("!Sub '${Env}-${Env}'", ["dev-dev", "prod-prod"], ['Env is "dev"', 'Env is "prod"']),
        (
            "!Join ['-', [!If [Prod, a, b], !If [Prod, c, d]]]",
            ["a-c", "b-d"],
            ["Prod", "not Prod"],
        ),
        (
            "!FindInMap [Accounts, !Ref Env, id]",
            ["111111111111", "222222222222"],
            ['Env is "dev"', 'Env is "prod"'],
        ),
        ("[a, !If [Open, b, !Ref AWS::NoValue]]", [["a", "b"], ["a"]], ["Open", "not Open"]),
        ("!If [Prod, !Ref Env, other]", ["prod", "other"], ["Prod", "not Prod"]),
        ("!If [NotProd, !Ref Env, other]", ["dev", "other"], ["NotProd", "not NotProd"]),
        ("!If [Prod, !If [Prod, a, b], c]", ["a", "c"], ["Prod", "not Prod"]),
        ("!If [Both, !If [Open, a, b], c]", ["a", "c"], ["Both", "not Both"]),
        ("!If [Either, a, !If [Prod, b, c]]", ["a", "c"], ["Either", "not Either"]),
        (
            "{Effect: Allow, Condition: !If [Open, {Bool: {a: 'true'}}, !Ref AWS::NoValue]}",
            [{"Condition": {"Bool": {"a": "true"}}, "Effect": "Allow"}, {"Effect": "Allow"}],
            ["Open", "not Open"],
        ),
        (
            "{Effect: Allow, Principal: !If [Open, '*', {AWS: a}]}",
            [{"Effect": "Allow", "Principal": "*"}, {"Effect": "Allow", "Principal": {"AWS": "a"}}],
            ["Open", "not Open"],
        ),
    ],
)
def test_one_of_several(written, choices, when):
    value = it(written)
    assert value.unknown is not None
    assert [known(choice) for choice in value.unknown.choices] == choices
    assert [value.unknown.where(at) for at in range(len(choices))] == when


def test_properties_are_one_object_beside_one_that_may_be_absent():
    found = properties(stack_of(HEAD % "a, Other: !If [Open, b, !Ref 'AWS::NoValue']"), "It")
    assert known(found.get("It")) == "a"
    cause = found.get("Other").unknown
    assert [known(choice) for choice in cause.choices] == ["b", None]


def test_text_around_what_is_not_known():
    value = it("!Sub 'arn:aws:iam::${AWS::AccountId}:role/${Default}'", account=None)
    assert value.unknown is not None
    assert (value.unknown.prefix, value.unknown.suffix) == ("arn:aws:iam::", ":role/left")


def test_a_statement_that_may_be_there_is_null_where_it_is_not():
    value = it("[{Sid: A}, !If [Open, {Sid: B}, !Ref AWS::NoValue]]")
    first, second = value.elements()
    assert known(first) == {"Sid": "A"}
    assert second.unknown is not None
    assert [known(one) for one in second.unknown.choices] == [{"Sid": "B"}, None]


def test_a_key_is_referred_to_by_its_logical_id():
    cause = it("!GetAtt Key.Arn").unknown
    assert cause is not None
    assert cause.refers_to is not None
    assert (cause.refers_to.type, cause.refers_to.address) == ("aws_kms_key", "Key")
    assert cause.refers_to.attribute == "arn"


def test_what_is_not_echoed_is_sensitive():
    assert it("!Ref Secret").sensitive
    assert it("!Sub 'a${Secret}'").sensitive


def test_a_default_may_not_be_what_is_deployed():
    assert [step.kind for step in it("!Ref Default").trail] == ["assumed"]
    assert [step.kind for step in it("!Ref Default", {"Default": "x"}).trail] == ["variable"]


def test_given_parameters_decide_conditions():
    assert known(it("!If [Both, a, b]", {"Env": "prod", "Text": "open"})) == "a"
    assert known(it("!If [Both, a, b]", {"Env": "dev"})) == "b"


def test_json_and_yaml_are_the_same():
    written = {
        "Resources": {
            "A": {"Type": "AWS::SNS::Topic", "Properties": {"It": {"Fn::Sub": "${AWS::Region}-a"}}}
        }
    }
    assert known(properties(stack_of(json.dumps(written)), "A")) == {"It": "us-east-1-a"}


def test_a_resource_under_a_condition_that_is_not_decided():
    text = textwrap.dedent("""\
        Parameters: {Env: {Type: String}}
        Conditions: {Prod: !Equals [!Ref Env, prod]}
        Resources:
          A: {Type: AWS::SNS::Topic, Condition: Prod, Properties: {It: !If [Prod, !Ref Env, b]}}
        """)
    resource = stack_of(text).resources()["A"]
    assert (resource.exists, resource.condition) == (Truth.MAYBE, "Prod")
    assert known(resource.field("Properties")) == {"It": "prod"}


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Conditions: {A: !Condition B, B: !Condition A}", "the condition A depends on itself"),
        ("Conditions: {A: !Not [!Condition A]}", "the condition A depends on itself"),
        ("Conditions: {}", "the condition A is not defined"),
    ],
)
def test_a_condition_that_cannot_be_decided_is_noted(text, note):
    stack = stack_of(
        f"{text}\nResources: {{X: {{Type: 'AWS::SNS::Topic', Properties: {{It: !If [A, 1, 2]}}}}}}"
    )
    assert it_of(stack).unknown is not None
    assert note in stack.run.notes


def it_of(stack):
    found = properties(stack, "X").get("It")
    assert found is not None
    return found


def test_loops_are_written_out():
    text = textwrap.dedent("""\
        Transform: AWS::LanguageExtensions
        Resources:
          Fn::ForEach::Outer:
            - Env
            - [dev, prod]
            - Fn::ForEach::Inner:
                - Role
                - [a, b]
                - Topic${Env}${Role}:
                    Type: AWS::SNS::Topic
                    Properties: {It: !Sub '${Env}/${Role}', Other: !Ref Topicdeva}
        """)
    stack = stack_of(text)
    assert list(stack.resources()) == ["Topicdeva", "Topicdevb", "Topicproda", "Topicprodb"]
    assert known(properties(stack, "Topicprodb").get("It")) == "prod/b"


def test_a_loop_over_what_is_not_known_is_noted():
    text = textwrap.dedent("""\
        Parameters: {Names: {Type: CommaDelimitedList}}
        Resources:
          Fn::ForEach::All: [N, !Ref Names, {'T${N}': {Type: AWS::SNS::Topic}}]
          B: {Type: AWS::SNS::Topic}
        """)
    stack = stack_of(text)
    assert list(stack.resources()) == ["B"]
    assert list(stack.run.notes) == ["which resources Fn::ForEach::All makes is not known"]
