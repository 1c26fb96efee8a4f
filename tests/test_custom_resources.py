"""What makes grants in CloudFormation, in every spelling, and what only looks like it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from template_values import VALUES, Template, plain

from grantlint.parsers.cloudformation import custom
from grantlint.value import STRING, Truth, Unknown, Value, null

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/app"
REQUEST = {"KeyId": KEY, "GranteePrincipal": ROLE, "Operations": ["Decrypt"]}
GRANT_ID = {"responsePath": "GrantId"}


def value(document) -> Value:
    return Template({}).value(document)


def call(action="createGrant", service="KMS", parameters=REQUEST, **more):
    physical = {"physicalResourceId": GRANT_ID}
    return {"service": service, "action": action, "parameters": parameters, **physical, **more}


def acr(**phases):
    texts = {name: json.dumps(one) for name, one in phases.items()}
    return value({"ServiceToken": "arn:…", **texts, "InstallLatestAwsSdk": "true"})


def grants(type, properties, **more):
    return custom.grants(type, properties, **more)


def parameters(made):
    return [plain(one.parameters) for one in made]


def told(type, properties):
    return [note.reason for note in custom.outcome(type, properties).notes]


# -- AwsCustomResource ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "service",
    ["KMS", "kms", "Kms", "@aws-sdk/client-kms", "client-kms", "AWS.KMS", "KMSClient"],
)
@pytest.mark.parametrize(
    "action",
    ["createGrant", "CreateGrant", "creategrant", "CreateGrantCommand", "create_grant"],
)
def test_every_spelling_of_service_and_action(service, action):
    made = grants("Custom::AWS", acr(Create=call(action, service)))
    assert parameters(made) == [REQUEST]
    assert [(one.name, one.kind, one.standing) for one in made] == [
        ("", "AwsCustomResource", Truth.YES)
    ]


@pytest.mark.parametrize(
    ("service", "action"),
    [
        ("KMS", "revokeGrant"),
        ("KMS", "listGrants"),
        ("LicenseManager", "createGrant"),
        ("kmsx", "createGrant"),
        ("STS", "getCallerIdentity"),
    ],
)
def test_other_calls_make_no_grant(service, action):
    properties = acr(Create=call(action, service), Update=call(action, service))
    assert grants("Custom::AWS", properties) == ()
    assert told("Custom::AWS", properties) == []


@pytest.mark.parametrize(
    ("delete", "ends_by"),
    [
        ({}, "never"),
        ({"Delete": call("revokeGrant", parameters={"GrantId": "PHYSICAL:RESOURCEID:"})}, "revoke"),
        ({"Delete": call("retireGrant", parameters={"GrantId": "PHYSICAL:RESOURCEID:"})}, "retire"),
        ({"Delete": call("RevokeGrantCommand", "kms", {"GrantId": "other"})}, "unknown"),
        ({"Delete": call("describeKey", parameters={"KeyId": KEY})}, "never"),
        ({"Delete": call("getCallerIdentity", "STS", {})}, "never"),
        ({"Delete": "{"}, "never"),
    ],
)
def test_how_a_grant_ends(delete, ends_by):
    made = grants("Custom::AWS", acr(Create=call(), **delete))
    assert [one.ends_by for one in made] == [ends_by]


def test_a_delete_that_cannot_be_read_may_end_it():
    properties = value({"Create": json.dumps(call()), "Delete": {"Fn::ImportValue": "x"}})
    assert [one.ends_by for one in grants("Custom::AWS", properties)] == ["unknown"]


def test_a_grant_whose_id_is_not_kept_is_not_certainly_revoked():
    create = call(physicalResourceId={"id": "x"})
    delete = call("revokeGrant", parameters={"GrantId": "PHYSICAL:RESOURCEID:"})
    made = grants("Custom::AWS", acr(Create=create, Delete=delete))
    assert [one.ends_by for one in made] == ["unknown"]


def test_objects_of_version_1_with_their_bools():
    written = {**REQUEST, "DryRun": "FALSE:BOOLEAN"}
    properties = value({"Create": call(parameters=written), "Update": call(parameters=written)})
    assert parameters(grants("Custom::AWS", properties)) == [{**REQUEST, "DryRun": False}]


@pytest.mark.parametrize("dry", [True, "true", "TRUE:BOOLEAN"])
def test_a_dry_run_makes_no_grant(dry):
    properties = value({"Create": call(parameters={**REQUEST, "DryRun": dry})})
    assert grants("Custom::AWS", properties) == ()


def test_a_call_under_a_condition_makes_a_grant_that_may_be():
    choices = (value(json.dumps(call())), null())
    either = Value(STRING, Unknown("IsProd", choices=choices, when=("IsProd", "not IsProd")))
    made = grants("Custom::AWS", value({"Create": either}))
    assert [(one.standing, one.condition) for one in made] == [(Truth.MAYBE, "IsProd")]


def test_an_action_that_is_not_known_may_be_the_one():
    hidden = {"Ref": "Action"}
    made = grants("Custom::X", value({"Create": {**call(), "action": hidden}}))
    assert [(one.standing, one.condition) for one in made] == [
        (Truth.MAYBE, "it calls CreateGrant of AWS KMS")
    ]


def test_text_that_is_no_json_but_names_the_call_is_a_grant_of_which_nothing_is_known():
    text = '{"service":"KMS","action":"createGrant","parameters":{"KeyId":'
    made = grants("Custom::X", value({"Create": text, "Update": text}))
    assert [(one.standing, one.ends_by) for one in made] == [(Truth.MAYBE, "unknown")]
    assert made[0].parameters.unknown is not None
    assert told("Custom::X", value({"Create": text})) == [
        "what Custom::X calls is not known: it is no JSON: EOF"
    ]


def test_a_call_that_cannot_be_seen_is_told():
    properties = value({"Create": {"Fn::ImportValue": "x"}})
    assert grants("Custom::AWS", properties) == ()
    assert told("Custom::AWS", properties) == [
        'what Custom::AWS calls is not known: ⟦{"Fn::ImportValue":"x"}⟧'
    ]


def test_sensitive_text_stays_sensitive():
    create = value(json.dumps(call())).marked()
    made = grants("Custom::AWS", value({"Create": create}))
    assert all(one.sensitive for _, one in made[0].parameters.items())


def test_a_policy_that_an_update_changes_is_one_of_two():
    first = call("putKeyPolicy", parameters={"KeyId": KEY, "Policy": "{}"})
    second = call("putKeyPolicy", parameters={"KeyId": KEY, "Policy": "[]"})
    (written,) = custom.outcome("Custom::AWS", acr(Create=first, Update=second)).policies
    assert [one.text for one in written.policy.unknown.choices] == ["{}", "[]"]
    assert written.standing is Truth.YES


# -- custom resources with code of their own -----------------------------------------------

SNAKE = {"key_id": KEY, "grantee_principal": ROLE, "operations": ["Decrypt"]}
CAMEL = {"keyId": KEY, "granteePrincipal": ROLE, "operations": "Decrypt"}
KEBAB = {"key-id": KEY, "grantee-principal": ROLE, "operations": "Decrypt"}


@pytest.mark.parametrize("written", [REQUEST, SNAKE, CAMEL, KEBAB])
@pytest.mark.parametrize("type", ["Custom::KMSGrant", "AWS::CloudFormation::CustomResource"])
@pytest.mark.parametrize("within", [None, "GrantProperties", "Parameters"])
def test_properties_like_creategrants(written, type, within):
    properties = value({"ServiceToken": "arn:…", **({within: written} if within else written)})
    (made,) = grants(type, properties)
    assert (made.name, made.kind, made.ends_by) == ("", "custom resource", "unknown")
    assert made.standing is Truth.YES
    known = {name: one for name, one in plain(made.parameters).items() if name in REQUEST}
    assert known == REQUEST


def test_what_the_properties_do_not_say_the_code_may():
    (made,) = grants("Custom::KMSGrant", value(REQUEST))
    assert made.parameters.get("Constraints").unknown.reason == (
        "the code of Custom::KMSGrant may set it"
    )


@pytest.mark.parametrize(
    ("written", "operations"),
    [
        ("Decrypt,Encrypt", ["Decrypt", "Encrypt"]),
        (" Decrypt  Encrypt ", ["Decrypt", "Encrypt"]),
        ("Decrypt, Encrypt", ["Decrypt", "Encrypt"]),
        (["Decrypt", "Sign"], ["Decrypt", "Sign"]),
    ],
)
def test_operations_as_text(written, operations):
    (made,) = grants("Custom::Grant", value({**REQUEST, "Operations": written}))
    assert plain(made.parameters)["Operations"] == operations


def test_operations_with_a_hole_have_what_does_not_touch_it():
    joined = {"Fn::Join": ["", ["Decrypt,Enc", {"Ref": "Rest"}, ",Sign"]]}
    (made,) = grants("Custom::Grant", value({**REQUEST, "Operations": joined}))
    operations = made.parameters.get("Operations")
    assert [one.text for one in operations.certain()] == ["Decrypt", "Sign"]
    assert operations.unknown is not None


def test_lists_of_grants_with_what_is_said_around_them():
    entries = [{"GranteePrincipal": ROLE, "Operations": [name]} for name in ("Decrypt", "Sign")]
    made = grants("Custom::Grants", value({"KeyId": KEY, "Grants": entries}))
    assert [one.name for one in made] == ["[0]", "[1]"]
    assert [plain(one.parameters)["KeyId"] for one in made] == [KEY, KEY]
    assert [plain(one.parameters)["Operations"] for one in made] == [["Decrypt"], ["Sign"]]


def test_parameters_in_json_text():
    made = grants("Custom::KMS", value({"Grants": json.dumps([REQUEST])}))
    assert [plain(one.parameters)["KeyId"] for one in made] == [KEY]


@pytest.mark.parametrize(
    ("type", "properties"),
    [
        ("Custom::S3BucketNotifications", {"BucketName": "b", "Operations": ["Decrypt"]}),
        ("Custom::SsmDocument", {"KeyId": KEY, "Operations": ["Run"]}),
        ("Custom::LakeFormationGrant", {"Grantee": ROLE, "Permissions": ["SELECT"], "Key": "k"}),
        ("Custom::BucketAcl", {"Grants": [{"Grantee": "x", "Permission": "READ"}]}),
        ("Custom::Key", {"KeyId": KEY, "Name": "x"}),
        ("AWS::S3::Bucket", REQUEST),
        ("AWS::LicenseManager::Grant", {"GranteePrincipal": ROLE, "Operations": ["Decrypt"]}),
    ],
)
def test_resources_about_other_things(type, properties):
    assert grants(type, value(properties)) == ()
    assert told(type, value(properties)) == []


@pytest.mark.parametrize("type", ["Custom::KMSGrant", "Custom::MyKmsGrants", "Custom::GrantOnKms"])
def test_a_type_about_grants_whose_code_makes_them_is_told(type):
    properties = value({"ServiceToken": "arn:…"})
    assert grants(type, properties) == ()
    assert told(type, properties) == [
        f"the code of {type} decides which grants it makes: they are not seen"
    ]


def test_a_type_that_cloudformation_does_not_have():
    (made,) = grants("AWS::KMS::Grant", value(REQUEST))
    assert plain(made.parameters)["KeyId"] == KEY
    assert told("AWS::KMS::Grant", value(REQUEST)) == [
        "CloudFormation has no AWS::KMS::Grant of its own: a custom resource can make grants"
    ]


# -- state machines ------------------------------------------------------------------------

MACHINE = "AWS::StepFunctions::StateMachine"


def machine(**states):
    return {"StartAt": next(iter(states)), "States": states}


def task(action="createGrant", **more):
    resource = f"arn:aws:states:::aws-sdk:kms:{action}"
    return {"Type": "Task", "Resource": resource, **more}


def test_a_state_that_makes_a_grant_whenever_it_is_reached():
    text = json.dumps(machine(Let=task(Parameters=REQUEST, End=True)))
    (made,) = grants(MACHINE, value({"DefinitionString": text}))
    assert plain(made.parameters) == REQUEST
    assert (made.name, made.kind, made.ends_by) == ("", "state machine", "unknown")
    assert made.standing is Truth.MAYBE
    assert made.condition == "the state machine reaches Let"


def test_the_partition_may_be_a_hole():
    text = json.dumps(machine(Let=task(Parameters=REQUEST)))
    before, after = text.split("arn:aws:states")
    joined = {"Fn::Join": ["", [f"{before}arn:", {"Ref": "P"}, f":states{after}"]]}
    assert parameters(grants(MACHINE, value({"DefinitionString": joined}))) == [REQUEST]


def test_states_at_any_depth_and_what_ends_their_grants():
    inner = machine(Let=task(Parameters=REQUEST), Again=task(Parameters=REQUEST))
    outer = machine(
        Each={"Type": "Map", "ItemProcessor": machine(P={"Type": "Parallel", "Branches": [inner]})},
        Drop=task("revokeGrant", Parameters={"KeyId": KEY, "GrantId.$": "$.id"}),
    )
    made = grants(MACHINE, value({"Definition": outer}))
    assert [(one.name, one.ends_by) for one in made] == [("[Again]", "revoke"), ("[Let]", "revoke")]


@pytest.mark.parametrize(
    "given",
    [
        {"Parameters": {"KeyId.$": "$.key", "GranteePrincipal": ROLE, "Operations": ["Decrypt"]}},
        {"Arguments": {**REQUEST, "KeyId": "{% $states.input.key %}"}},
    ],
)
def test_what_is_decided_at_run_time_is_not_known(given):
    (made,) = grants(MACHINE, value({"Definition": machine(Let=task(**given))}))
    cause = made.parameters.get("KeyId").unknown
    assert cause.reason == "it is decided when the state machine runs"
    assert made.parameters.get("GranteePrincipal").text == ROLE


def test_a_state_that_passes_on_its_input():
    (made,) = grants(MACHINE, value({"Definition": machine(Let=task())}))
    assert made.parameters.unknown is not None


def test_substitutions_of_a_definition():
    text = json.dumps(machine(Let=task(Parameters={**REQUEST, "GranteePrincipal": "${Who}"})))
    properties = {"DefinitionString": text, "DefinitionSubstitutions": {"Who": ROLE}}
    assert parameters(grants(MACHINE, value(properties))) == [REQUEST]
    properties = {"DefinitionString": text, "DefinitionSubstitutions": {"Who": {"Ref": "R"}}}
    assert parameters(grants(MACHINE, value(properties))) == [
        {**REQUEST, "GranteePrincipal": '⟦{"Ref":"R"}⟧'}
    ]


def test_a_substitution_in_text_that_was_made_of_an_object():
    written = machine(Let=task(Parameters={**REQUEST, "GranteePrincipal": "${Who}"}))
    text = Value(STRING, Unknown("made of an object"), encodes=value(written))
    properties = {"DefinitionString": text, "DefinitionSubstitutions": {"Who": ROLE}}
    assert parameters(grants(MACHINE, value(properties))) == [REQUEST]


def test_a_substitution_that_is_no_text():
    text = json.dumps(machine(Let=task(Parameters={**REQUEST, "GranteePrincipal": "${Who}"})))
    properties = {"DefinitionString": text, "DefinitionSubstitutions": {"Who": None}}
    (made,) = grants(MACHINE, value(properties))
    assert made.parameters.get("GranteePrincipal").unknown is not None


def test_a_call_in_another_region():
    given = {
        "service": "kms",
        "action": "createGrant",
        "parameters": REQUEST,
        "region": "eu-west-1",
    }
    state = {"Type": "Task", "Resource": "arn:aws:lambda:…", "Parameters": given}
    (made,) = grants(MACHINE, value({"Definition": machine(Let=state)}))
    assert plain(made.parameters) == REQUEST
    assert made.region.text == "eu-west-1"


@pytest.mark.parametrize(
    "resource",
    ["arn:aws:states:::aws-sdk:licensemanager:createGrant", "arn:aws:lambda:x:1:function:kms"],
)
def test_states_that_call_something_else(resource):
    state = {"Type": "Task", "Resource": resource, "Parameters": REQUEST}
    assert grants(MACHINE, value({"Definition": machine(Let=state)})) == ()


# -- code ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (b"boto3.client('kms').create_grant(KeyId=k)", True),
        (b"kms.createGrant({})", True),
        (b"import {KMSClient} from 'x'; c.send(new CreateGrantCommand(p))", True),
        (b"c.send(new kms_1.CreateGrantCommand(p))", True),
        (b"aws kms create-grant --key-id k", True),
        (b"boto3.client('license-manager').create_grant()", False),
        (b"kms.create_key()", False),
        (b"exports.CreateGrantCommand = CreateGrantCommand // kms", False),
        (b"\xff\xfe\x00", False),
    ],
)
def test_code_that_calls_creategrant(code, answer):
    assert custom.mentions_create_grant(code) is answer


def test_inline_code_is_told_of():
    properties = {"Code": {"ZipFile": "boto3.client('kms').create_grant()"}}
    assert told("AWS::Lambda::Function", value(properties)) == [
        "inline code calls CreateGrant: the grants that it makes are not seen"
    ]
    assert grants("AWS::Lambda::Function", value(properties)) == ()
    assert told("AWS::Lambda::Function", value({"Code": {"ZipFile": "pass"}})) == []


# -- anything ------------------------------------------------------------------------------


@given(
    some.sampled_from(["Custom::AWS", "Custom::KMSGrant", MACHINE, "AWS::Lambda::Function", "x"]),
    VALUES,
)
@settings(max_examples=400, deadline=None)
def test_no_properties_are_too_strange(type, properties):
    found = custom.outcome(type, properties, lambda *_: properties)
    for made in found.grants:
        assert made.standing is not Truth.NO
        assert made.ends_by in {"revoke", "retire", "never", "unknown"}
        assert (made.condition is None) == (made.standing is Truth.YES)
    assert all(note.reason for note in found.notes)
    for written in found.policies:
        assert written.attributes.get("policy") is not None
