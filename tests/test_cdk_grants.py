"""Every createGrant call in templates that the CDK really synthesised is found once, none else."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from blocks import SPAN, instance
from template_values import Template, plain

from grantlint.parsers import kms
from grantlint.parsers.cloudformation import custom
from grantlint.parsers.instance import Settled
from grantlint.parsers.kms import request
from grantlint.value import Truth

TRUTH = Path(__file__).parent.parent / "fixtures/truth/cdk"
EXPECTED = json.loads((TRUTH / "expected-grants.json").read_text())


def environments(app: str) -> dict[str, str]:
    """The environment of each template that has expected grants."""
    return {row["template"]: row["env"] for row in EXPECTED[app]}


def templates(app: str):
    known = environments(app)
    for path in sorted((TRUTH / app).rglob("*.template.json")):
        name = str(path.relative_to(TRUTH / app))
        yield name, Template.read(path, known.get(name, "aws://unknown-account/unknown-region"))


def made(app: str, attribute: bool = False):
    for name, template in templates(app):
        for logical_id, type_, properties in template.resources():
            given = (template.attribute,) if attribute else ()
            for one in custom.grants(type_, properties, *given):
                yield name, logical_id, one


def expected(app: str) -> Counter:
    """What is expected: a call that stands in Create and in Update is one grant."""
    rows = {
        (row["template"], row["lid"], json.dumps(row["parameters"], sort_keys=True))
        for row in EXPECTED[app]
        if row["isGrant"]
    }
    return Counter(rows)


def respelt(parameters):
    """Parameters whose names begin with a small letter by the right names."""
    return {key[:1].upper() + key[1:]: value for key, value in parameters.items()}


@pytest.mark.parametrize("app", [app for app in EXPECTED if (TRUTH / app).is_dir()])
def test_every_call_is_found_once(app):
    found = Counter(
        (name, logical_id, json.dumps(plain(one.parameters), sort_keys=True))
        for name, logical_id, one in made(app)
    )
    wanted = Counter(
        (name, logical_id, json.dumps(respelt(json.loads(parameters)), sort_keys=True))
        for name, logical_id, parameters in expected(app)
    )
    assert found == wanted


def test_truth_has_the_grants_that_it_is_said_to_have():
    assert sum(sum(expected(app).values()) for app in EXPECTED) == 36


@pytest.mark.parametrize("app", [app for app in EXPECTED if (TRUTH / app).is_dir()])
def test_grants_end_as_the_delete_call_says(app):
    ends = {"revokeGrant": "revoke", "retireGrant": "retire"}
    rows = [row for row in EXPECTED[app] if row["phase"] == "Delete"]
    wanted = {(row["template"], row["lid"]): ends[row["action"]] for row in rows}
    for name, logical_id, one in made(app):
        assert one.ends_by == wanted.get((name, logical_id), "never"), logical_id


def test_only_what_differs_after_an_update_is_a_second_grant_that_may_be():
    several = [
        (logical_id, one.name, one.standing, one.condition)
        for app in EXPECTED
        for _, logical_id, one in made(app)
        if one.name
    ]
    assert several == [
        ("Retire3CB23F69", "[Create]", Truth.YES, None),
        ("Retire3CB23F69", "[Update]", Truth.MAYBE, "the resource is updated"),
    ]


def test_region_and_role_of_a_call_elsewhere():
    broken = [one for _, name, one in made("03-acr-literal/cdk.out") if name == "Broken96465456"]
    assert [(one.region.text, one.role.text) for one in broken] == [
        ("eu-west-1", "arn:aws:iam::999988887777:role/Cross")
    ]


def test_names_that_the_sdk_does_not_know_are_told():
    template = Template.read(TRUTH / "03-acr-literal/cdk.out/Lit.template.json")
    told = {
        logical_id: [note.reason for note in custom.outcome(type_, properties).notes]
        for logical_id, type_, properties in template.resources()
    }
    assert {name: reasons for name, reasons in told.items() if reasons} == {
        "Broken96465456": [
            'CreateGrant does not know "keyId": its parameter is "KeyId"',
            'CreateGrant does not know "granteePrincipal": its parameter is "GranteePrincipal"',
        ]
    }


def test_a_list_that_a_resource_makes_text_of_is_seen_through_it():
    found = {
        logical_id: plain(one.parameters)["Operations"]
        for _, logical_id, one in made("04-acr-tokens/cdk.out", attribute=True)
    }
    assert found["Param165332EC"] == ["Decrypt", "Encrypt"]


def test_key_policies_that_a_call_writes():
    written = [
        (name, logical_id, one)
        for app in EXPECTED
        for name, template in templates(app)
        for logical_id, type_, properties in template.resources()
        for one in custom.outcome(type_, properties).policies
    ]
    assert [(name, logical_id) for name, logical_id, _ in written] == [
        ("Lit.template.json", "PutPolicy41B2A772")
    ]
    attributes = written[0][2].attributes
    assert attributes.get("key_id").text.endswith(":key/1234abcd-12ab-34cd-56ef-1234567890ab")
    assert json.loads(attributes.get("policy").text)["Statement"][0]["Principal"] == "*"
    assert attributes.get("bypass_policy_lockout_safety_check").raw is False


def test_a_grant_is_one_of_the_model():
    found = {name: one for _, name, one in made("03-acr-literal/cdk.out")}
    one = found["Constraints91689F69"]
    attributes = request.attributes(one.parameters, one.ends_by)
    content = Settled(SPAN, attributes)
    instance_ = instance("aws_kms_grant.Constraints91689F69", content)
    (grant,) = kms.inventory([(instance_, attributes)]).grants
    assert plain(grant.operations) == ["Decrypt", "Encrypt"]
    assert grant.retiring_principal.text == "arn:aws:iam::111122223333:role/Admin"
    assert plain(grant.constraints.encryption_context_subset) == {
        "Department": "Finance",
        "n": "1",
    }
    assert (grant.name.text, grant.ends_by, grant.key.account.text) == (
        "fin",
        "revoke",
        "111122223333",
    )
