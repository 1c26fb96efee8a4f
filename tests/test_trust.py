"""Whom the user trusts: what becomes of the findings about other accounts and organizations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import live_answers
import pytest
from assemblies import write

from grantlint.check import Terms, check
from grantlint.cli.app import run
from grantlint.config import Selection
from grantlint.finding import Report
from grantlint.iam.conditions import conditions
from grantlint.iam.trust import Trust
from grantlint.model import Key
from grantlint.parsers import estate
from grantlint.parsers.settings import Options, Settings
from grantlint.value import Value, object_, string, tuple_, unknown

OWN, PARTNER, OTHER = "111122223333", "444455556666", "777788889999"
MINE, THEIRS = "o-a1b2c3d4e5", "o-z9y8x7w6v5"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"
ROLE = f"arn:aws:iam::{PARTNER}:role/import"
ROOT = f"arn:aws:iam::{PARTNER}:root"
LINKED = (
    f"arn:aws:iam::{PARTNER}:role/aws-service-role/"
    "autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
)
Statement = dict[str, object]
EVERYTHING = Terms(Selection(extend=("untrusted-principal", "grants-beyond-services")))


def allow(principal: object, action: object, condition: object = None) -> Statement:
    found = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return found if condition is None else {**found, "Condition": condition}


def equals(key: str, *values: str) -> dict[str, object]:
    return {"StringEquals": {key: list(values)}}


DELEGATES = allow({"AWS": f"arn:aws:iam::{OWN}:root"}, "kms:*")


# -- the same estate in three formats -----------------------------------------------------------

GRANTS: dict[str, dict[str, object]] = {
    "role": {"grantee": ROLE, "operations": ["Decrypt", "GenerateDataKey"]},
    "root": {
        "grantee": ROOT,
        "operations": ["DescribeKey"],
        "retiring": f"arn:aws:iam::{OWN}:root",
    },
}


def document(*statements: Statement) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [DELEGATES, *statements]}


def _hcl(directory: Path, statements: tuple[Statement, ...]) -> None:
    text = f'provider "aws" {{\n  allowed_account_ids = ["{OWN}"]\n}}\n'
    policy = json.dumps(document(*statements)).replace("${aws:", "$${aws:")
    text += f'resource "aws_kms_key" "k" {{\n  policy = jsonencode({policy})\n}}\n'
    for name, grant in GRANTS.items():
        retiring = (
            f"  retiring_principal = {json.dumps(grant['retiring'])}\n"
            if "retiring" in grant
            else ""
        )
        text += (
            f'resource "aws_kms_grant" "{name}" {{\n  key_id = "{KEY}"\n'
            f"  grantee_principal = {json.dumps(grant['grantee'])}\n"
            f"  operations = {json.dumps(grant['operations'])}\n{retiring}}}\n"
        )
    write(directory / "main.tf", text)


def _template(directory: Path, statements: tuple[Statement, ...]) -> None:
    resources: dict[str, object] = {
        "K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(*statements)}}
    }
    for name, grant in GRANTS.items():
        parameters = {
            "KeyId": KEY,
            "GranteePrincipal": grant["grantee"],
            "Operations": grant["operations"],
        }
        if "retiring" in grant:
            parameters["RetiringPrincipal"] = grant["retiring"]
        call = {"service": "KMS", "action": "createGrant", "parameters": parameters}
        end = {"service": "KMS", "action": "revokeGrant", "parameters": {"KeyId": KEY}}
        resources[name] = {
            "Type": "Custom::AWS",
            "Properties": {
                "ServiceToken": {"Fn::ImportValue": "Handler"},
                "Create": json.dumps({**call, "physicalResourceId": {"responsePath": "GrantId"}}),
                "Delete": json.dumps(end),
            },
        }
    write(directory / "template.json", {"Resources": resources})


def _plan(directory: Path, statements: tuple[Statement, ...]) -> None:
    key = {"policy": json.dumps(document(*statements)), "enable_key_rotation": True}
    planned: dict[str, tuple[str, dict[str, object]]] = {"aws_kms_key.k": ("aws_kms_key", key)}
    for name, grant in GRANTS.items():
        after = {
            "key_id": KEY,
            "grantee_principal": grant["grantee"],
            "operations": grant["operations"],
            "retiring_principal": grant.get("retiring"),
            "constraints": [],
        }
        planned[f"aws_kms_grant.{name}"] = ("aws_kms_grant", after)
    changes = [
        {
            "address": address,
            "mode": "managed",
            "type": type,
            "name": address.partition(".")[2],
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {}},
        }
        for address, (type, after) in planned.items()
    ]
    whole = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {}},
        "resource_changes": changes,
        "configuration": {"root_module": {}},
    }
    write(directory / "plan.json", whole)


FORMATS = {"hcl": _hcl, "template": _template, "plan": _plan}
Writer = Callable[[Path, tuple[Statement, ...]], None]


def trusting(*accounts: str, organizations: tuple[str, ...] = ()) -> Options:
    return Options(
        account=OWN,
        trusted_accounts=frozenset(accounts),
        trusted_organizations=frozenset(organizations),
    )


def severities(report: Report, rule: str) -> list[str]:
    """The severities of a rule's certain findings, in order."""
    assert not report.unreadable
    return [
        f.severity.label for f in report.findings if f.rule == rule and f.severity and f.certain
    ]


ROWS = [
    # rule, what it says when nobody is trusted, when the partner is, when someone else is
    ("foreign-grantee", ["high"], [], ["high"]),
    ("account-grantee", ["high"], ["medium"], ["high"]),
    ("unconstrained-grant", ["high"], ["medium"], ["high"]),
    ("orphan-grant", ["medium"], ["low"], ["medium"]),
    ("unlimited-key-access", ["high"], ["medium"], ["high"]),
    ("unrestricted-create-grant", ["low"], ["low"], ["low"]),
    ("untrusted-principal", ["high"] * 3, [], ["high"] * 3),
    ("grants-beyond-services", ["medium"] * 3, ["medium"] * 3, ["medium"] * 3),
]
OF_THE_PARTNER = (
    allow({"AWS": ROOT}, "kms:*"),
    allow({"AWS": ROOT}, "kms:CreateGrant"),
    allow("*", "kms:Decrypt", equals("kms:CallerAccount", PARTNER)),
)


@pytest.mark.parametrize("write_in", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize(("rule", "alone", "trusted", "another"), ROWS, ids=[r[0] for r in ROWS])
def test_what_a_rule_says_of_an_account_that_is_trusted(
    tmp_path: Path,
    write_in: Writer,
    rule: str,
    alone: list[str],
    trusted: list[str],
    another: list[str],
) -> None:
    write_in(tmp_path, OF_THE_PARTNER)

    def said(options: Options) -> list[str]:
        return severities(check([str(tmp_path)], options, EVERYTHING), rule)

    assert said(trusting()) == alone
    assert said(trusting(PARTNER)) == trusted
    assert said(trusting(OTHER)) == another


@pytest.mark.parametrize("write_in", FORMATS.values(), ids=FORMATS)
def test_each_directory_trusts_its_own(tmp_path: Path, write_in: Writer) -> None:
    for name in ("payments", "logs"):
        write_in(tmp_path / name, ())

    def local(directory: Path) -> Settings:
        accounts = frozenset({PARTNER} if directory.name == "payments" else ())
        return Settings(account=OWN, trusted_accounts=accounts)

    report = check([str(tmp_path)], Options(local=local), EVERYTHING)
    found = {Path(f.path).parent.name for f in report.findings if f.rule == "foreign-grantee"}
    assert found == {"logs"}


def test_a_grant_that_is_there_is_judged_by_whom_its_directory_trusts(tmp_path: Path) -> None:
    for name in ("payments", "logs"):
        made = live_answers.grant(GranteePrincipal=ROLE, GrantId=name)
        write(tmp_path / name / "grants.json", live_answers.grants(made))

    def local(directory: Path) -> Settings:
        return Settings(trusted_accounts=frozenset({PARTNER} if directory.name == "logs" else ()))

    report = check([str(tmp_path)], Options(local=local))
    found = {Path(f.path).parent.name for f in report.findings if f.rule == "foreign-grantee"}
    assert found == {"payments"}


# -- who is a stranger in a key's policy --------------------------------------------------------

LOGS = {"Service": "logs.eu-west-1.amazonaws.com"}
OUTSIDERS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "kms:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": MINE}},
}
POLICIES: dict[str, tuple[tuple[Statement, ...], list[str]]] = {
    "a trusted account": ((allow({"AWS": f"arn:aws:iam::{OTHER}:root"}, "kms:Decrypt"),), []),
    "the bare number of a trusted account": ((allow({"AWS": OTHER}, "kms:Decrypt"),), []),
    "another account": ((allow({"AWS": ROOT}, "kms:Decrypt"),), ["high"]),
    "a role of another account": ((allow({"AWS": ROLE}, "kms:Encrypt"),), ["medium"]),
    "one that may only look": ((allow({"AWS": ROLE}, "kms:DescribeKey"),), ["low"]),
    "a service-linked role": ((allow({"AWS": LINKED}, "kms:Decrypt"),), []),
    "one that a condition ties to a trusted organization": (
        (allow({"AWS": ROOT}, "kms:Decrypt", equals("aws:PrincipalOrgID", MINE)),),
        [],
    ),
    "one that a statement for outsiders keeps out": (
        (allow({"AWS": ROOT}, "kms:Decrypt"), OUTSIDERS),
        [],
    ),
    "everyone of a trusted organization": (
        (allow("*", "kms:Decrypt", equals("aws:PrincipalOrgID", MINE)),),
        [],
    ),
    "everyone of another organization": (
        (allow("*", "kms:Decrypt", equals("aws:PrincipalOrgID", THEIRS)),),
        ["high"],
    ),
    "everyone of a part of another organization": (
        (
            allow(
                "*",
                "kms:Decrypt",
                {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [f"{THEIRS}/r-ab12/*"]}},
            ),
        ),
        ["high"],
    ),
    "everyone of both organizations": (
        (allow("*", "kms:Decrypt", equals("aws:PrincipalOrgID", MINE, THEIRS)),),
        ["high"],
    ),
    "everyone of a trusted account": (
        (allow("*", "kms:Decrypt", equals("kms:CallerAccount", OTHER)),),
        [],
    ),
    "everyone of the key's own account": (
        (allow("*", "kms:Decrypt", equals("aws:PrincipalAccount", OWN)),),
        [],
    ),
    "everyone of the account that owns the key": (
        (allow("*", "kms:Decrypt", equals("aws:PrincipalAccount", "${aws:ResourceAccount}")),),
        [],
    ),
    "everyone of a network": (
        (allow("*", "kms:Decrypt", equals("aws:SourceVpce", "vpce-1a2b3c4d")),),
        [],
    ),
    "a service for the own account": (
        (allow(LOGS, "kms:Decrypt", equals("aws:SourceAccount", OWN)),),
        [],
    ),
    "a service for another account": (
        (allow(LOGS, "kms:Decrypt", equals("aws:SourceAccount", PARTNER)),),
        ["high"],
    ),
    "a service for a resource of another account": (
        (
            allow(
                LOGS,
                "kms:Decrypt",
                {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{PARTNER}:*"
                    }
                },
            ),
        ),
        ["high"],
    ),
    "a service for another organization": (
        (allow(LOGS, "kms:Encrypt", equals("aws:SourceOrgID", THEIRS)),),
        ["medium"],
    ),
    "a service for anyone, which is confused-deputy's": ((allow(LOGS, "kms:Decrypt"),), []),
    "anyone at all, which is public-key-policy's": ((allow("*", "kms:Decrypt"),), []),
    "a Deny": (({**allow({"AWS": ROOT}, "kms:Decrypt"), "Effect": "Deny"},), []),
}


@pytest.mark.parametrize("write_in", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize(("statements", "expected"), POLICIES.values(), ids=POLICIES)
def test_who_is_a_stranger(
    tmp_path: Path, write_in: Writer, statements: tuple[Statement, ...], expected: list[str]
) -> None:
    write_in(tmp_path, statements)
    report = check([str(tmp_path)], trusting(OTHER, organizations=(MINE,)), EVERYTHING)
    assert severities(report, "untrusted-principal") == expected


def test_no_organization_is_a_stranger_as_long_as_none_is_trusted(tmp_path: Path) -> None:
    _hcl(tmp_path, POLICIES["everyone of another organization"][0])
    report = check([str(tmp_path)], trusting(OTHER), EVERYTHING)
    assert severities(report, "untrusted-principal") == []


def test_an_account_in_a_variable_is_no_stranger(tmp_path: Path) -> None:
    _hcl(tmp_path, (allow({"AWS": "${var.who}"}, "kms:Decrypt"),))
    write(tmp_path / "variables.tf", 'variable "who" {}\n')
    report = check([str(tmp_path)], trusting(OTHER), EVERYTHING)
    assert not [f for f in report.findings if f.rule == "untrusted-principal"]


def test_where_the_own_account_is_not_known_no_account_is_a_stranger(tmp_path: Path) -> None:
    statement = allow({"AWS": ROLE}, "kms:Decrypt")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    text = f'resource "aws_kms_key" "k" {{\n  policy = jsonencode({policy})\n}}\n'
    write(tmp_path / "main.tf", text)
    options = Options(trusted_accounts=frozenset({OTHER}))
    report = check([str(tmp_path)], options, EVERYTHING)
    assert not [f for f in report.findings if f.rule == "untrusted-principal"]


# -- the fact in the model ----------------------------------------------------------------------

TRUST = Trust(frozenset({PARTNER}), frozenset({MINE}), string(OWN))
VALUES: list[tuple[str, tuple[str, ...], bool | None]] = [
    ("kms:CallerAccount", (OWN,), True),
    ("aws:PrincipalAccount", (PARTNER, OWN), True),
    ("aws:PrincipalAccount", (PARTNER, OTHER), False),
    ("aws:PrincipalAccount", ("4444*",), None),
    ("aws:PrincipalAccount", (OWN, "*"), None),
    ("aws:PRINCIPALORGID", (MINE,), True),
    ("aws:PrincipalOrgID", (THEIRS,), False),
    ("aws:PrincipalOrgID", ("o-*",), None),
    ("aws:PrincipalOrgID", ("${aws:ResourceOrgID}",), True),
    ("aws:PrincipalOrgPaths", (f"{MINE}/r-ab12/ou-ab12-11111111/*",), True),
    ("aws:ResourceOrgID", ("${aws:PrincipalOrgID}",), True),
    ("aws:ResourceOrgID", (MINE,), None),
    ("aws:PrincipalArn", (f"arn:aws:iam::{OTHER}:role/*",), False),
    ("aws:PrincipalArn", ("arn:aws:iam::*:role/app",), None),
    ("aws:PrincipalArn", ("arn:aws:iam::${aws:ResourceAccount}:role/app",), True),
    ("aws:SourceArn", ("arn:aws:s3:::bucket",), None),
    ("aws:SourceArn", (f"arn:aws:logs:eu-west-1:{OTHER}:*",), False),
    ("kms:GranteePrincipal", (ROLE,), True),
    ("kms:EncryptionContext:aws:ecs:clusterAccount", (OTHER,), False),
    ("kms:EncryptionContext:Tenant", (OTHER,), None),
    ("aws:SourceVpc", ("vpc-1",), None),
]


def condition(key: str, values: Value) -> Value:
    found = next(conditions(object_({"StringLike": object_({key: values})})))
    return TRUST.condition(found).trusted


@pytest.mark.parametrize(("key", "values", "expected"), VALUES)
def test_whom_a_condition_names(key: str, values: tuple[str, ...], expected: bool | None) -> None:
    assert condition(key, tuple_(map(string, values))).raw is expected


def test_what_is_not_known_is_neither_trusted_nor_a_stranger() -> None:
    value = unknown("var.account has no value")
    hole = unknown("x", parts=("arn:aws:iam::", value, ":role/app"))
    for found in (value, hole):
        assert condition("aws:PrincipalArn", found).unknown is not None
    known = unknown("x", parts=(f"arn:aws:iam::{OTHER}:role/", value))
    assert condition("aws:PrincipalArn", known).raw is False


def test_a_value_that_is_sensitive_does_not_show_whom_it_names() -> None:
    assert condition("kms:CallerAccount", tuple_([string(OTHER).marked()])).sensitive


def test_the_facts_are_where_rules_look(tmp_path: Path) -> None:
    _hcl(tmp_path, OF_THE_PARTNER)
    found = estate.read([str(tmp_path)], trusting(PARTNER)).inventory
    (key,) = found.keys
    assert [one.grantee.trusted.raw for one in found.grants] == [True, True]
    assert [_trusted(key, at) for at in range(4)] == [True, True, True, None]
    assert key.policy.statements[3].conditions[0].trusted.raw is True


def _trusted(key: Key, at: int) -> object:
    return key.policy.statements[at].principals[0].trusted.raw


# -- the command line ---------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `grantlint check` says."""
    run(["check", *arguments])
    out, err = capsys.readouterr()
    return out + err


def test_whoever_says_whom_to_trust_hears_of_strangers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _hcl(tmp_path, (allow({"AWS": ROLE}, "kms:Decrypt"),))
    path = str(tmp_path)
    alone = said(capsys, path)
    assert ("untrusted-principal" in alone, "foreign-grantee" in alone) == (False, True)
    other = said(capsys, "--trusted-account", OTHER, path)
    assert ("untrusted-principal" in other, "foreign-grantee" in other) == (True, True)
    partner = said(capsys, "--trusted-account", PARTNER, path)
    assert ("untrusted-principal" in partner, "foreign-grantee" in partner) == (False, False)
    selected = said(capsys, "--trusted-account", OTHER, "--select", "foreign-grantee", path)
    assert "untrusted-principal" not in selected


@pytest.mark.parametrize(
    ("option", "text", "why"),
    [
        ("--trusted-account", "1234", "an account is 12 digits"),
        ("--trusted-account", "١٢٣٤٥٦٧٨٩٠١٢", "an account is 12 digits"),
        ("--trusted-organization", "o-short", "10 to 32 lower-case letters"),
        ("--trusted-organization", "o-A1B2C3D4E5", "10 to 32 lower-case letters"),
        ("--trusted-organization", "r-a1b2c3d4e5", "10 to 32 lower-case letters"),
    ],
)
def test_what_is_no_account_or_organization_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, text: str, why: str
) -> None:
    assert run(["check", option, text, "."]) == 2
    assert why in capsys.readouterr().err


def test_a_trusted_account_is_one_in_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _hcl(tmp_path, ())
    assert run(["model", "--trusted-account", PARTNER, str(tmp_path)]) == 0
    grants = json.loads(capsys.readouterr().out)["grants"]
    assert [one["grantee"]["trusted"] for one in grants] == [True, True]
