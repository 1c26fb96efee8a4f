"""grants-beyond-services: what keeps grants to services, and what only looks so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from assemblies import write

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.parsers.settings import Options

OWN = "111122223333"
ROOT = f"arn:aws:iam::{OWN}:root"
ROLE = f"arn:aws:iam::{OWN}:role/broker"
LINKED = (
    f"arn:aws:iam::{OWN}:role/aws-service-role/"
    "autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
)
Statement = dict[str, object]


def allow(principal: object, action: object, **condition: object) -> Statement:
    found = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return {**found, "Condition": condition} if condition else found


def deny(
    action: object = "kms:CreateGrant", principal: object = "*", **condition: object
) -> Statement:
    return {**allow(principal, action, **condition), "Effect": "Deny"}


DELEGATES = allow({"AWS": ROOT}, "kms:*")
DIRECT = {"kms:GrantIsForAWSResource": "false"}
CONTROL = deny(BoolIfExists={**DIRECT, "aws:PrincipalIsAWSService": "false"})
POLICIES: dict[str, tuple[list[Statement], list[str]]] = {
    "the default statement": ([DELEGATES], ["certain"]),
    "with the statement of the control": ([DELEGATES, CONTROL], []),
    "with the control and its exemptions": (
        [
            DELEGATES,
            deny(BoolIfExists=DIRECT, ArnNotLike={"aws:PrincipalArn": [ROLE]}),
        ],
        [],
    ),
    "with an exemption for everyone": (
        [DELEGATES, deny(Bool=DIRECT, ArnNotLike={"aws:PrincipalArn": "*"})],
        ["possible"],
    ),
    "with AWS's own statement for credentials in quarantine": (
        [DELEGATES, deny(Null={"kms:ViaService": "true"})],
        [],
    ),
    "with a Deny of all grants": ([DELEGATES, deny()], []),
    "with a Deny of everything": ([DELEGATES, deny("kms:*", Bool=DIRECT)], []),
    "with a Deny of another action": ([DELEGATES, deny("kms:Decrypt", Bool=DIRECT)], ["certain"]),
    "with a Deny for one role": (
        [DELEGATES, deny(principal={"AWS": ROLE}, Bool=DIRECT)],
        ["certain"],
    ),
    "with a Deny of the grants of services": (
        [DELEGATES, deny(Bool={"kms:GrantIsForAWSResource": "true"})],
        ["certain"],
    ),
    "with a Deny that asks for more": (
        [DELEGATES, deny(Bool=DIRECT, StringEquals={"aws:RequestedRegion": "eu-west-1"})],
        ["possible"],
    ),
    "the console's statement for users of a key": (
        [allow({"AWS": ROLE}, "kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "true"})],
        [],
    ),
    "a role that calls through a service": (
        [
            allow(
                {"AWS": ROLE},
                "kms:*",
                StringEquals={"kms:ViaService": "ec2.eu-west-1.amazonaws.com"},
            )
        ],
        [],
    ),
    "a role, whatever the grants are": (
        [
            allow(
                {"AWS": ROLE},
                "kms:CreateGrant",
                **{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}},
            )
        ],
        ["certain"],
    ),
    "the console's statement for administrators": (
        [allow({"AWS": ROLE}, "kms:Create*")],
        ["certain"],
    ),
    "a role that may create no grants": ([allow({"AWS": ROLE}, ["kms:Decrypt", "kms:List*"])], []),
    "a service": ([allow({"Service": "dnssec-route53.amazonaws.com"}, "kms:CreateGrant")], []),
    "a service-linked role": ([allow({"AWS": LINKED}, "kms:CreateGrant")], []),
    "everyone of an account": (
        [allow("*", "kms:CreateGrant", StringEquals={"kms:CallerAccount": OWN})],
        ["certain"],
    ),
    "a condition that any request meets": (
        [
            allow(
                {"AWS": ROLE}, "kms:CreateGrant", BoolIfExists={"kms:GrantIsForAWSResource": "true"}
            )
        ],
        ["certain"],
    ),
    "a principal in a variable": ([allow({"AWS": "${var.unknown}"}, "kms:*")], []),
    "actions in a variable": ([allow({"AWS": ROLE}, "${var.unknown}")], []),
    "an effect in a variable, which may allow as well as deny": (
        [DELEGATES, {**CONTROL, "Effect": "${var.unknown}"}],
        ["possible", "possible"],
    ),
}


def found(directory: Path, text: str) -> list[str]:
    write(directory / "main.tf", text + '\nvariable "unknown" {}\n')
    terms = Terms(Selection(select=("grants-beyond-services",)))
    report = check([str(directory)], Options(), terms)
    assert not report.unreadable
    return ["certain" if one.certain else "possible" for one in report.findings]


@pytest.mark.parametrize(("statements", "expected"), POLICIES.values(), ids=POLICIES)
def test_what_keeps_grants_to_services(
    tmp_path: Path, statements: list[Statement], expected: list[str]
) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    text = f'resource "aws_kms_key" "k" {{\n  policy = jsonencode({policy})\n}}'
    assert found(tmp_path, text) == expected


def test_a_statement_that_is_not_seen_may_deny_it(tmp_path: Path) -> None:
    policy = f'{{Version = "2012-10-17", Statement = [{json.dumps(DELEGATES)}, var.unknown]}}'
    text = f'resource "aws_kms_key" "k" {{\n  policy = jsonencode({policy})\n}}'
    assert found(tmp_path, text) == ["possible"]


def test_a_policy_that_is_not_known_is_not_the_default(tmp_path: Path) -> None:
    assert found(tmp_path, 'resource "aws_kms_key" "k" {\n  policy = var.unknown\n}') == []
