"""What `untrusted-principal` says of whom a key's policy lets in, in whole messages."""

import json

import pytest

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.parsers.settings import Options

OWN, TRUSTED, OTHER = "111122223333", "444455556666", "777788889999"
ADMIN = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def role(name="x", account=OTHER):
    return {"AWS": f"arn:aws:iam::{account}:role/{name}"}


def only(**keys):
    return {"StringEquals": {name.replace("_", ":"): value for name, value in keys.items()}}


ANYONE = {"AWS": "*"}
ROLE = f"role x of account {OTHER}"
CALLERS = "everyone whom the condition on kms:CallerAccount admits"
SAID = [
    ({"Principal": role()}, "high", f"{ROLE} may decrypt with K: {OTHER} is not trusted"),
    (
        {"Principal": role(), "Action": "kms:CreateGrant"},
        "high",
        f"{ROLE} may create grants on K: {OTHER} is not trusted",
    ),
    (
        {"Principal": role(), "Action": "kms:Encrypt"},
        "medium",
        f"{ROLE} may use K: {OTHER} is not trusted",
    ),
    (
        {"Principal": role(), "Action": "kms:DescribeKey"},
        "low",
        f"{ROLE} may call actions on K: {OTHER} is not trusted",
    ),
    (
        {"Principal": {"AWS": [role("x")["AWS"], role("y")["AWS"], role("z", TRUSTED)["AWS"]]}},
        "high",
        f"{ROLE} and 1 more may decrypt with K: {OTHER} is not trusted",
    ),
    (
        {"Principal": ANYONE, "Condition": only(kms_CallerAccount=OTHER)},
        "high",
        f"{CALLERS} may decrypt with K: {OTHER} is not trusted",
    ),
    (
        {"Principal": ANYONE, "Condition": only(kms_CallerAccount=[OTHER, "000000000000"])},
        "high",
        f"{CALLERS} may decrypt with K: one of {OTHER}, 000000000000 is not trusted",
    ),
    (
        {"Principal": {"Service": "sns.amazonaws.com"}, "Condition": only(aws_SourceAccount=OTHER)},
        "high",
        f"sns.amazonaws.com may decrypt with K for others: {OTHER} is not trusted",
    ),
]
SILENT = [
    {"Principal": role(account=TRUSTED)},
    {"Principal": role(account=OWN)},
    {"Principal": role(), "Effect": "Deny"},
    {"Principal": ANYONE, "Condition": only(kms_CallerAccount=TRUSTED)},
    {"Principal": {"Service": "sns.amazonaws.com"}, "Condition": only(aws_SourceAccount=TRUSTED)},
]


@pytest.fixture
def findings(tmp_path):
    def judged(statement, text="Allow"):
        whole = {"Effect": text, "Action": "kms:Decrypt", "Resource": "*", **statement}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [ADMIN, whole]})
        (tmp_path / "main.tf").write_text(
            'variable "effect" {}\n'
            f'resource "aws_kms_key" "k" {{\n  policy = jsonencode({policy})\n}}\n'.replace(
                '"EFFECT"', "var.effect"
            ),
            "utf-8",
        )
        asked = Terms(Selection(select=("untrusted-principal",)))
        trust = Options(account=OWN, trusted_accounts=frozenset({TRUSTED}))
        return check([str(tmp_path)], trust, asked).findings

    return judged


@pytest.mark.parametrize(("statement", "severity", "message"), SAID)
def test_who_is_a_stranger_is_said_with_whose_account_it_is(findings, statement, severity, message):
    (found,) = findings(statement)
    assert found.message.replace("aws_kms_key.k", "K") == message
    assert (found.severity.label, found.certain) == (severity, True)


@pytest.mark.parametrize("statement", SILENT)
def test_who_is_trusted_is_no_stranger(findings, statement):
    assert findings(statement) == ()


def test_a_statement_that_may_be_a_deny_is_possible(findings):
    (found,) = findings({"Principal": role()}, "EFFECT")
    doubt = ", if the statement allows it (not known: var.effect has no value)"
    assert found.message.removeprefix(ROLE) == (
        f" may decrypt with aws_kms_key.k: {OTHER} is not trusted{doubt}"
    )
    assert not found.certain
