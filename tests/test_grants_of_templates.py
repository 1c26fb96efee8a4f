"""What rules say of grants that custom resources and state machines make."""

import json

import pytest
import yaml

from grantlint.laws import certain, read
from grantlint.rules import all_rules

RULES = {rule.id: rule for rule in all_rules()}
REQUEST = {
    "KeyId": {"Ref": "Key"},
    "GranteePrincipal": "arn:aws:iam::111122223333:role/etl",
    "Operations": ["Decrypt"],
}
GRANT_ID = {"physicalResourceId": {"responsePath": "GrantId"}}
KEEPS = "role etl keeps the use of the key, unseen"
NOBODY = "nobody is named to retire what role etl is granted"
SHOWN = "and CloudTrail and kms:ListGrants show it in plain text"
BY_ID = {"KeyId": {"Ref": "Key"}, "GrantId": "PHYSICAL:RESOURCEID:"}


def call(action="createGrant", parameters=REQUEST):
    found = {"service": "KMS", "action": action, "parameters": parameters}
    return {"Fn::ToJsonString": {**found, **(GRANT_ID if action == "createGrant" else {})}}


def template(type="Custom::AWS", parameters=None, **properties):
    """A template with a key and a resource that makes a grant."""
    resource = {"Type": type, "Properties": {"ServiceToken": "arn", **properties}}
    resources = {"Key": {"Type": "AWS::KMS::Key"}, "Grant": resource}
    return {"Parameters": parameters or {}, "Resources": resources}


def told(rule, document):
    """The rule's certain findings: severity, message, what stands in its line."""
    text = yaml.safe_dump(document, sort_keys=False, width=1000)
    lines = text.split("\n")
    found = certain(RULES[rule], read(text, "yaml"))
    return [(one.severity.label, one.message, lines[one.span.line - 1].strip()) for one in found]


# -- how it ends ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phases",
    [
        {"Create": call()},
        {"Create": call(), "Update": call()},
        {"Create": call(), "Delete": call("listGrants", {"KeyId": {"Ref": "Key"}})},
    ],
)
def test_a_grant_that_nothing_ends_survives_its_resource(phases):
    assert told("surviving-grant", template(**phases)) == [
        (
            "medium",
            f"nothing ends this grant when its resource is deleted: {KEEPS}",
            "Grant:",
        )
    ]


def test_one_that_an_update_makes_is_told_with_its_condition():
    ((_, message, _),) = told("surviving-grant", template(Update=call()))
    assert message.endswith(", where the resource is updated")


MACHINE = {
    "StartAt": "Grant",
    "States": {
        "Grant": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:kms:createGrant",
            "Parameters": {**REQUEST, "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"},
            "End": True,
        }
    },
}


@pytest.mark.parametrize(
    "document",
    [
        template(Create=call(), Delete=call("revokeGrant", BY_ID)),
        template(Create=call(), Delete=call("retireGrant", BY_ID)),
        template(Create=call(), Delete=call("revokeGrant", {**BY_ID, "GrantId": "another"})),
        template(Create=call(), Delete={"Fn::ImportValue": "Delete"}),
        template("Custom::Grant", **REQUEST),
        template("AWS::StepFunctions::StateMachine", DefinitionString=json.dumps(MACHINE)),
    ],
)
def test_a_grant_that_something_ends_or_may_end_does_not(document):
    assert read(yaml.safe_dump(document), "yaml").grants
    assert told("surviving-grant", document) == []


def test_a_grant_that_a_call_retires_and_nobody_may_retire_is_worse():
    document = template(Create=call(), Delete=call("retireGrant", BY_ID))
    assert told("orphan-grant", document) == [
        (
            "medium",
            f"{NOBODY}: the call that is to retire it fails unless IAM allows it",
            "Grant:",
        )
    ]


def test_one_that_a_call_revokes_is_advice():
    document = template(Create=call(), Delete=call("revokeGrant", BY_ID))
    assert [one[0] for one in told("orphan-grant", document)] == ["low"]


# -- what it shows -------------------------------------------------------------------------


def test_a_secret_pair_is_told_where_it_stands():
    context = {"EncryptionContextEquals": {"Tenant": {"Ref": "Token"}, "Stage": "Final"}}
    document = template(
        parameters={"Token": {"Type": "String", "NoEcho": True}},
        Create=call(parameters={**REQUEST, "Constraints": context}),
    )
    assert told("exposed-secret", document) == [
        (
            "low",
            f'the value of "Tenant" is sensitive, {SHOWN}',
            "Ref: Token",
        )
    ]


def test_a_service_may_be_the_one_to_retire_it():
    retired = {**REQUEST, "RetiringServicePrincipal": "backup.amazonaws.com"}
    assert told("orphan-grant", template(Create=call())) != []
    assert told("orphan-grant", template(Create=call(parameters=retired))) == []


def test_arguments_are_called_as_in_the_request():
    constraints = {"EncryptionContextEquals": {"aws:s3:arn": "arn:aws:s3:::orders/*"}}
    document = template(Create=call(parameters={**REQUEST, "Constraints": constraints}))
    ((_, message, _),) = told("invalid-constraint", document)
    assert message.startswith("no call meets EncryptionContextEquals: ")
