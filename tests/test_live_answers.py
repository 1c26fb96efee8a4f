"""Files with what AWS KMS answers: which grants and keys are there, and what is reported of them.

Each directory below fixtures/aws is a scenario; beside it stands what is found. With
GRANTLINT_UPDATE=1 the expectations are rewritten: read the difference.
"""

import base64
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from live_answers import (
    ACCOUNT,
    ID,
    OTHER_ID,
    ROLE,
    TRUSTING,
    arn,
    findings,
    grant,
    grants,
    key,
    policy,
    read,
    text,
)

from grantlint import laws
from grantlint.model import schema, to_json
from grantlint.parsers import aws
from grantlint.parsers.json_text import read_all
from grantlint.parsers.settings import Options
from grantlint.rule import Hit, Severity
from grantlint.rules import all_rules
from grantlint.source import Source

FIXTURES = Path(__file__).parents[1] / "fixtures"
SCENARIOS = sorted(path.name for path in (FIXTURES / "aws").iterdir() if path.is_dir())
TRUTH = FIXTURES / "truth/aws-docs"


def sources(directory):
    files = sorted(directory.glob("*.json"))
    return [Source(str(path.relative_to(directory)), path.read_bytes()) for path in files]


def shown(reading):
    lines = [f"{one}" for one in reading.verbose]
    usual = {rule.id for rule in all_rules() if not rule.opt_in}
    found = [one for one in findings(reading) if one.rule in usual]
    found.sort(key=lambda one: (one.path, one.span.start, one.rule))
    for one in found:
        sure = "" if one.certain else " possible"
        lines.append(f"{one.span} {one.severity.label}{sure} {one.rule}: {one.message}")
    lines += [f"{one.span} unreadable: {one.message}" for one in reading.unreadable]
    lines += [f"note: {one.reason} ({one.count})" for one in reading.inventory.notes]
    return "\n".join([*lines, ""])


# -- scenarios -----------------------------------------------------------------------------


def test_there_are_scenarios():
    assert len(SCENARIOS) > 5


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_reported_as_expected(scenario):
    actual = shown(aws.read(sources(FIXTURES / "aws" / scenario), Options()))
    expected = FIXTURES / "aws" / f"{scenario}.txt"
    if os.environ.get("GRANTLINT_UPDATE"):
        expected.write_text(actual, encoding="utf-8")
    assert actual == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_read_fits_the_schema(scenario):
    jsonschema = pytest.importorskip("jsonschema")
    reading = aws.read(sources(FIXTURES / "aws" / scenario), Options())
    jsonschema.validate(to_json(reading.inventory), schema())


def test_a_finding_in_a_policy_stands_at_its_character_in_the_text():
    open_to_all = TRUSTING | {"Principal": {"AWS": "*"}, "Sid": 'ä€\U0001f600 "quoted"'}
    found = findings(read(key=(key(), policy(TRUSTING, open_to_all))))
    [public] = [one for one in found if one.rule == "public-key-policy"]
    assert public.span.text == '\\"*\\"'


# -- what AWS documents --------------------------------------------------------------------


def requests():
    """The CreateGrant requests that AWS's guides show, as the lists would show the grants."""
    lines = (TRUTH / "creategrant-requests.jsonl").read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        asked = json.loads(line)["requestParameters"]
        members = {f"{name[0].upper()}{name[1:]}": value for name, value in asked.items()}
        limits = {
            f"{name[0].upper()}{name[1:]}": value
            for name, value in asked.get("constraints", {}).items()
        }
        yield {"GrantId": f"{number:064x}", "Name": ""} | members | {"Constraints": limits}


def test_every_grant_that_aws_documents_is_found_once():
    documented = list(requests())
    reading = read(documented=grants(*documented))
    assert [one.grantee_principal.text for one in reading.inventory.grants] == [
        one["GranteePrincipal"] for one in documented
    ]
    assert not reading.unreadable


def test_grants_that_services_make_are_known_and_silent():
    reading = read(documented=grants(*requests()))
    assert all(one.made_by.text for one in reading.inventory.grants)
    assert findings(reading) == []


def test_the_lists_in_the_developer_guide_give_their_grants():
    files = sorted(TRUTH.glob("*list-grants.json"))
    reading = aws.read([Source(one.name, one.read_bytes()) for one in files], Options())
    assert [(one.grantee.kind.text, one.made_by.text) for one in reading.inventory.grants] == [
        ("session", "aws:ec2-infrastructure"),
        ("root", None),
    ]
    medium = {one.span.path for one in findings(reading) if one.severity >= Severity.MEDIUM}
    assert medium == {files[1].name}  # for all of another account, without a constraint


# -- who made it ---------------------------------------------------------------------------

INFRASTRUCTURE = f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-5d476fab"
SERVICE = "dynamodb.eu-west-1.amazonaws.com"
FOREIGN = "arn:aws:iam::999988887777:role/app"
WHOLE = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.mark.parametrize(
    ("members", "maker"),
    [
        ({}, None),
        ({"GranteePrincipal": SERVICE}, SERVICE),
        ({"GranteePrincipal": INFRASTRUCTURE}, "aws:ec2-infrastructure"),
        (
            {"GranteePrincipal": f"{ACCOUNT}:aws:ec2-infrastructure:i-81e2f56c"},
            "aws:ec2-infrastructure",
        ),
        ({"GranteePrincipal": "AWS Internal"}, "AWS Internal"),
        ({"GranteePrincipal": FOREIGN, "IssuingAccount": "AWS Internal"}, "AWS Internal"),
        (
            {"IssuingAccount": "medical-imaging.us-east-1.amazonaws.com"},
            "medical-imaging.us-east-1.amazonaws.com",
        ),
        ({"RetiringPrincipal": SERVICE}, SERVICE),
        ({"RetiringPrincipal": SERVICE, "GranteePrincipal": FOREIGN}, None),
        ({"RetiringPrincipal": SERVICE, "GranteePrincipal": WHOLE}, None),
        ({"RetiringPrincipal": SERVICE, "KeyId": ID}, None),
        # asked for by whoever made it, see GranteeServicePrincipal
        ({"GranteePrincipal": None, "GranteeServicePrincipal": SERVICE}, None),
        ({"RetiringPrincipal": None, "RetiringServicePrincipal": SERVICE}, None),
        ({"GranteePrincipal": f"arn:aws:sts::{ACCOUNT}:assumed-role/aws-app/session"}, None),
    ],
)
def test_who_made_a_grant_is_known_by_its_principals(members, maker):
    [made] = read(list=grants(grant(**members))).inventory.grants
    assert made.made_by.text == maker


def test_a_service_that_may_retire_it_hides_no_grant_to_another_account():
    reading = read(list=grants(grant(GranteePrincipal=FOREIGN, RetiringPrincipal=SERVICE)))
    assert "foreign-grantee" in {one.rule for one in findings(reading)}


def test_a_denial_of_what_a_service_needs_is_reported():
    denial = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    made = grant(GranteePrincipal=INFRASTRUCTURE)
    found = findings(read(all=(key(), policy(TRUSTING, denial), grants(made))))
    assert "denied-grant" in {one.rule for one in found}


def test_the_principal_that_is_a_service_by_request_is_the_grantee():
    service = "us-west-2.supportauthz.amazonaws.com"
    members = {"GranteeServicePrincipal": service, "RetiringServicePrincipal": service}
    made = grant(GranteePrincipal=None, RetiringPrincipal=None, **members)
    [one] = read(list=grants(made)).inventory.grants
    assert (one.grantee.kind.text, one.retiring.service.text) == ("service", service)


MANAGED_ALIAS = {
    "AliasName": "alias/aws/ebs",
    "AliasArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/ebs",
    "TargetKeyId": ID,
}


@pytest.mark.parametrize("managed", [key(KeyManager="AWS"), {"Aliases": [MANAGED_ALIAS]}])
def test_a_key_that_aws_manages_is_not_judged_nor_are_its_grants(managed):
    reading = read(
        all=(managed, policy(TRUSTING | {"Principal": "*"}), grants(grant(Constraints=None)))
    )
    assert reading.inventory.keys == ()
    assert findings(reading) == []


# -- rules that are about what is written --------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"Operations": ["Decrypt", "AnOperationOfTomorrow"]},
        {"RetiringPrincipal": "arn:aws:some::thing"},
        {"GranteePrincipal": "s3.amazonaws.com"},
        {"GranteePrincipal": None, "GranteeServicePrincipal": "new.service.amazonaws.com"},
    ],
)
def test_what_aws_has_taken_is_not_said_to_be_refused(members):
    assert findings(read(list=grants(grant(**members)))) == []


def test_a_users_rule_sees_the_grants_of_services_too():
    inventory = read(list=grants(grant(GranteePrincipal=SERVICE))).inventory
    found = Hit(at=(), message="there is a grant")
    [ours] = [one for one in all_rules() if one.id == "foreign-grantee"]
    ours = replace(ours, _check=lambda *_: iter([found]))
    assert not list(ours.hits(inventory))
    assert len(list(replace(ours, given_by="--policies rules").hits(inventory))) == 1
    assert len(list(replace(ours, of_services=True).hits(inventory))) == 1
    assert not list(replace(ours, given_by="--policies rules", written=True).hits(inventory))


def test_two_grants_of_one_name_are_two():
    again = grant(GrantId="cd" * 32)
    [found] = findings(read(list=grants(grant(), again)))
    assert found.rule == "duplicate-grant"
    assert "makes one grant of both" not in found.message


def test_a_key_whose_only_administrators_are_deleted_is_lost():
    gone = TRUSTING | {"Principal": {"AWS": ["AROA1234567890EXAMPLE"]}}
    found = findings(read(all=(key(), policy(gone))))
    [lost] = [one for one in found if one.rule == "key-policy-lockout"]
    assert lost.certain
    assert "apply fails" not in lost.message


def test_grants_that_a_grantee_makes_are_hidden_only_by_a_configuration():
    """delegable-grant says where they are."""
    live = read(list=grants(grant(Operations=["Decrypt", "CreateGrant"])))
    [found] = [one for one in findings(live) if one.rule == "delegable-grant"]
    assert found.message.endswith("look like any other of the key and stay when this one ends")
    [rule] = [one for one in all_rules() if one.id == "delegable-grant"]
    written = laws.read(rule.examples[0].text)
    assert {hit.message.partition(" in grants that ")[2] for _, hit in rule.hits(written)} == {
        "this configuration neither shows nor ends"
    }


def managed_by(*principals):
    """A key whose trusted account may change it but not revoke its grants, which these may."""
    able = ["kms:PutKeyPolicy", "kms:ListGrants"]
    revoke = TRUSTING | {"Principal": {"AWS": list(principals)}, "Action": "kms:RevokeGrant"}
    found = findings(read(all=(key(), policy(TRUSTING | {"Action": able}, revoke))))
    return {one.rule for one in found} & {"unmanaged-grants"}


def test_grants_that_only_the_deleted_may_revoke_stay():
    assert managed_by("AROA1234567890EXAMPLE")
    assert not managed_by("AROA1234567890EXAMPLE", ROLE)


# -- the shapes that people make -----------------------------------------------------------

ALONE = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}
ONE, OTHER = key(), key(OTHER_ID)
OPEN, SHUT = policy(TRUSTING | {"Principal": "*"}), policy(TRUSTING)
MADE = grants(grant(GrantId="01" * 32))
THERE = grants(grant(GrantId="02" * 32, KeyId=arn(OTHER_ID)))


@pytest.mark.parametrize(
    "documents",
    [
        (ONE, OPEN, MADE, OTHER, SHUT, THERE),
        (MADE, OPEN, ONE, THERE, SHUT, OTHER),
        (OPEN, ONE, MADE, SHUT, OTHER, THERE),
        ([ONE, OPEN, MADE, OTHER, SHUT, THERE],),
        ({"Aliases": []}, ONE, OPEN, MADE, {"Tags": []}, OTHER, SHUT, grants()),
        (grants(), OPEN, ONE, THERE, SHUT, OTHER),
        ({ID: ONE | OPEN | MADE, OTHER_ID: OTHER | SHUT | THERE},),
        ({arn(): ONE | OPEN, arn(OTHER_ID): OTHER | SHUT},),
        ([ONE | OPEN, OTHER | SHUT],),
        ({"orders": ONE | OPEN, "billing": OTHER | SHUT},),
        ({"keys": [{"key": ONE, "policy": OPEN}, {"key": OTHER, "policy": SHUT}]},),
        ({"orders": {"key": ONE, "policy": OPEN}, "billing": {"key": OTHER, "policy": SHUT}},),
        ([ONE["KeyMetadata"], OPEN, OTHER["KeyMetadata"], SHUT],),
        (ONE, json.loads(OPEN["Policy"]), OTHER, json.loads(SHUT["Policy"])),
        ({ID: [ONE, OPEN], OTHER_ID: [OTHER, SHUT]},),
    ],
)  # fmt: skip
@pytest.mark.parametrize("indent", [None, 4])
def test_a_policy_finds_its_key(documents, indent):
    reading = read(all=text(*documents, indent=indent))
    assert not reading.unreadable
    kinds = {
        one.address: {who.kind.text for who in one.policy.statements[0].principals}
        for one in reading.inventory.keys
    }
    assert kinds == {ID: {"*"}, OTHER_ID: {"root"}}


@pytest.mark.parametrize(
    "documents",
    [
        (ONE, OPEN, SHUT, THERE),  # a call failed: whose is the second policy?
        (OPEN, THERE, SHUT),  # and here the first or the last one
        (OPEN, ONE, OTHER),
    ],
)
def test_a_policy_whose_key_is_not_certain_is_of_none_that_is_known(documents):
    keys = read(all=documents).inventory.keys
    assert all(one.policy.unseen for one in keys if one.address in {ID, OTHER_ID})
    assert any(one.policy.statements for one in keys)


@pytest.mark.parametrize(
    "files",
    [
        {"key": ONE, "policy": OPEN, "list": MADE},
        {"key": (ONE, OTHER), f"{ID}-policy": OPEN},
        {f"keys/{ID}/policy": OPEN, "key": (ONE, OTHER)},
    ],
)
def test_a_policy_finds_its_key_in_another_file(files):
    keys = {one.address: one for one in read(**files).inventory.keys}
    assert keys[ID].policy.statements


def test_a_policy_alone_is_judged():
    found = findings(read(policy=OPEN))
    assert "public-key-policy" in {one.rule for one in found}


def test_grants_join_the_key_in_another_file():
    reading = read(list=MADE, key=ONE)
    assert [one.key.address.text for one in reading.inventory.grants] == [ID]
    assert reading.inventory.keys[0].grants == (reading.inventory.grants[0].address,)


def test_a_grant_in_two_lists_is_one():
    assert len(read(list=MADE, retirable=MADE).inventory.grants) == 1


def test_a_grant_alone_and_an_array_of_grants_are_found():
    reading = read(one=grant(), some=[grant(GrantId="01" * 32), grant(GrantId="02" * 32)])
    assert len(reading.inventory.grants) == 3


def test_the_keys_of_grants_are_outside_the_estate():
    reading = read(list=MADE)
    assert reading.inventory.keys == ()
    assert reading.inventory.grants[0].key.account.text == ACCOUNT


ALIAS = {
    "AliasName": "alias/orders",
    "AliasArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/orders",
    "TargetKeyId": ID,
}


def test_a_key_is_called_by_its_alias_and_a_grant_by_its_name():
    unnamed = grant(Name="", GrantId="cd" * 32, GranteePrincipal=f"{ROLE}-2")
    reading = read(all=({"Aliases": [ALIAS]}, ONE, grants(grant(), unnamed)))
    assert [one.address for one in reading.inventory.keys] == ["alias/orders"]
    addresses = [one.address for one in reading.inventory.grants]
    assert addresses == ["alias/orders:app", "alias/orders:cdcdcdcdcdcd"]
    assert [one.text for one in reading.inventory.keys[0].aliases] == ["alias/orders"]


def test_addresses_are_never_shared():
    listed = [grant(GrantId=f"{number:064x}") for number in range(3)]
    addresses = [one.address for one in read(list=grants(*listed)).inventory.grants]
    assert len(set(addresses)) == 3


# -- keys ----------------------------------------------------------------------------------


def the_key(*documents, **members):
    [found] = read(all=(key(**members), *documents)).inventory.keys
    return found


@pytest.mark.parametrize(
    ("members", "origin", "imported"),
    [
        ({}, "AWS_KMS", None),
        ({"Origin": "EXTERNAL"}, "EXTERNAL", True),
        ({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1"}, "AWS_CLOUDHSM", None),
        (
            {"Origin": "EXTERNAL_KEY_STORE", "XksKeyConfiguration": {"Id": "x"}},
            "EXTERNAL_KEY_STORE",
            None,
        ),
    ],
)  # fmt: skip
def test_where_the_material_of_a_key_is_from(members, origin, imported):
    found = the_key(**members)
    assert (found.origin.text, found.imported.raw) == (origin, imported)


def test_a_key_that_waits_for_material_is_disabled():
    found = the_key(Origin="EXTERNAL", KeyState="PendingImport", Enabled=False)
    assert found.enabled.raw is False
    assert found.imported.unknown is not None


def test_what_describe_key_says_of_a_key():
    found = the_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Enabled=False)
    assert (found.spec.text, found.usage.text) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert (found.enabled.raw, found.account.text) == (False, ACCOUNT)
    assert (found.source, found.enable_key_rotation.raw) == ("aws", False)


@pytest.mark.parametrize(("said", "expected"), [(True, True), (False, False), (None, None)])
def test_the_rotation_is_what_aws_says(said, expected):
    documents = [] if said is None else [{"KeyRotationEnabled": said, "KeyId": ID}]
    rotation = the_key(*documents).enable_key_rotation
    assert rotation.raw is expected if said is not None else rotation.unknown is not None


def test_a_policy_that_is_not_in_the_files_is_not_the_default_one():
    found = the_key()
    assert found.policy.default.raw is not True
    assert found.policy.unseen


def test_a_replica_knows_its_primary_and_its_kind():
    id = f"mrk-{'0' * 32}"
    regions = {
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": arn(id, "us-east-1"), "Region": "us-east-1"},
    }
    replica = key(id, MultiRegion=True, MultiRegionConfiguration=regions)
    primary = key(id, Arn=arn(id, "us-east-1"), MultiRegion=True)
    [one] = read(replica=replica).inventory.keys
    assert (one.multi_region.raw, one.spec.text, one.primary.raw) == (
        True,
        "SYMMETRIC_DEFAULT",
        None,
    )
    found = {one.address: one for one in read(both=(primary, replica)).inventory.keys}
    assert found[f"eu-west-1/{id}"].primary.text == f"us-east-1/{id}"


# -- recognition ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        text(MADE),
        text(grants()),
        text(ONE),
        text(ONE["KeyMetadata"]),
        text(OPEN),
        text({"Policy": OPEN["Policy"]}),
        text({"KeyRotationEnabled": True}),
        text({"Aliases": [ALIAS]}),
        text([grant()]),
        text({ID: ONE}),
        text(MADE)[:300],
        "\ufeff".encode() + text(MADE),
        text(MADE).decode().encode("utf-16"),
        base64.b64encode(text(MADE)),
        b"Grants:\n- Constraints: {}\n  GrantId: 'ab'\n",
        b"GRANTS\t2024\tab\tarn:aws:kms:eu-west-1:111122223333:key/x\n",
        b"----------\n|  ListGrants  |\n",
        b"\nAn error occurred (AccessDeniedException) when calling the ListGrants operation: no",
    ],
)
def test_answers_are_recognised(head):
    assert aws.sniff(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{",
        b"[1, 2]",
        b"not json",
        b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"GrantId": "x"}}',
        b'{"Resources": {"K": {"Type": "AWS::KMS::Key"}}, "GrantId": "x"}',
        b'{"format_version": "1.2", "planned_values": {"GrantId": "x"}}',
        b'{"version": 4, "terraform_version": "1.9.0", "resources": []}',
        b'{"Records": [{"eventSource": "kms.amazonaws.com", "GrantId": "x"}]}',
        b'{"Owner": {"ID": "x"}, "Grants": [{"Grantee": {}, "Permission": "READ"}]}',
        b'{"Grants": [{"GrantArn": "arn:aws:license-manager::1:grant:g-1"}]}',
        rb'{"Policy": "{\"Statement\":[{\"Action\":\"s3:GetObject\"}]}"}',
        b'{"Policy": {"PolicyName": "p", "Arn": "arn:aws:iam::1:policy/p"}}',
        b'{"Version": "2012-10-17", "Statement": []}',
        b"An error occurred (NoSuchBucket) when calling the GetBucketAcl operation: no",
        b"Resources:\n  Key:\n    Type: AWS::KMS::Key\n",
        base64.b64encode(b'{"a": 1}'),
    ],
)
def test_other_files_are_not_taken_for_answers(head):
    assert not aws.sniff(head)


# -- bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (text(MADE)[:200], 5, "the JSON ends before it is complete"),
        (text(MADE)[:180], 5, "the JSON ends before it is complete"),
        (b'{"Grants": [}', 1, "no JSON: "),
        (text(ONE) + b"\noops", 14, "no JSON: "),
        (b"Grants:\n- GrantId: x\n", 1, "this is yaml, use `--output json`"),
        (b"GRANTS\tx\n", 1, "this is text, use `--output json`"),
        (b"-----\n|  ListGrants  |\n", 1, "this is a table, use `--output json`"),
        (base64.b64encode(text(MADE)), 1, "this is base64, decode it first: `base64 -d`"),
        (b"\xff\x00{}", 1, "the file is not UTF-8"),
        (b"", 1, ""),
        (
            b"\nAn error occurred (AccessDeniedException) when calling the ListGrants operation: x",
            2,
            "ListGrants failed with AccessDeniedException: there is no answer here",
        ),
        (
            b'\n{"__type": "NotFoundException", "message": "no"}',
            2,
            "a call failed with NotFoundException: there is no answer here",
        ),
        (
            b'{"Error": {"Code": "AccessDenied", "Message": "no"}}',
            1,
            "a call failed with AccessDenied: there is no answer here",
        ),
    ],
)
def test_what_is_no_answer_is_told_with_its_line(data, line, says):
    problems = read(bad=data).unreadable
    assert [one.span.line for one in problems] == [line] * bool(says)
    assert all(one.message.startswith(says) for one in problems)


def test_what_stands_before_the_fault_is_read():
    reading = read(cut=text(MADE) + b'{"Grants": [')
    assert len(reading.inventory.grants) == 1
    assert len(reading.unreadable) == 1


def test_what_powershell_writes_is_read_with_its_places():
    data = text(grants(grant(Constraints=None))).decode().encode("utf-16")
    [found] = findings(read(list=data))
    assert (found.span.line, found.rule) == (5, "unconstrained-grant")


@pytest.mark.parametrize("mark", [{"Truncated": True}, {"NextMarker": "x"}, {"NextToken": "x"}])
def test_a_list_that_goes_on_is_noted(mark):
    notes = read(list=MADE | mark).inventory.notes
    assert any("more grants than this list shows" in one.reason for one in notes)


def test_a_whole_list_is_not():
    assert read(list=MADE | {"Truncated": False, "NextMarker": None}).inventory.notes == ()


def test_policies_that_differ_are_noted():
    notes = read(all=(key(), OPEN), again=(key(), SHUT)).inventory.notes
    assert any("twice" in one.reason for one in notes)


@pytest.mark.parametrize("depth", [90, 200, 100_000])
@pytest.mark.parametrize("ends", ["[]", '{"a":}'])
def test_deep_nesting_is_no_crash(depth, ends):
    opening, closing = ends[:-1], ends[-1]
    read(deep=(opening * depth + "1" + closing * depth).encode())


ODD = [None, True, 1.5, "", [], {}, [{}], ["*"], {"Statement": []}]


def changed(value, path, odd):
    """The value with something odd at a path."""
    if not path:
        return odd
    first, *rest = path
    if isinstance(value, dict):
        return {key: changed(one, rest, odd) if key == first else one for key, one in value.items()}
    return [changed(one, rest, odd) if index == first else one for index, one in enumerate(value)]


def paths(value):
    yield ()
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for name, one in members:
        yield from ((name, *rest) for rest in paths(one))


def test_nothing_odd_is_a_crash():
    whole = [ONE, OPEN, MADE, {"Aliases": [ALIAS]}, {"KeyRotationEnabled": True, "KeyId": ID}]
    for path in paths(whole):
        for odd in ODD:
            reading = read(odd=text(*changed(whole, path, odd)) if path else text(odd))
            to_json(reading.inventory)


def test_a_file_cut_anywhere_is_no_crash():
    data = (FIXTURES / "aws/loop/everything.json").read_bytes()
    for end in random.Random(1).sample(range(len(data)), 120):
        assert read(cut=data[:end]).unreadable or not data[:end].strip() or data[end:].lstrip()


# -- JSON one behind the other -------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "count", "at"),
    [
        (b"", 0, None),
        (b" \n", 0, None),
        (b"{}", 1, None),
        (b"{}\n{}\n", 2, None),
        (b"{}{}[] 1", 4, None),
        (b"{} x", 1, 3),
        (b"{},{}", 1, 2),
        (b"{", 0, 1),
    ],
)
def test_values_one_behind_the_other(data, count, at):
    found, error = read_all(data)
    assert (len(found), error.at if error else None) == (count, at)
