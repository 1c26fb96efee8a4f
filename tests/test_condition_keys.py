"""The table of condition keys, and what meets a condition."""

import re
from pathlib import Path

import pytest
from key_policies import statement, statements

from grantlint.iam.actions import ACTIONS
from grantlint.iam.condition_keys import (
    ARN,
    BOOL,
    CONDITION_KEYS,
    NOT_OF_A_KEY,
    NUMERIC,
    STRING,
    condition_key,
    lacking,
)
from grantlint.iam.operators import answer
from grantlint.value import Truth

YES, MAYBE, NO = Truth.YES, Truth.MAYBE, Truth.NO
FIXTURES = Path(__file__).parents[1] / "fixtures" / "documented"


# -- the table -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", CONDITION_KEYS.values(), ids=lambda key: key.name)
def test_a_row_has_a_source_and_actions_that_there_are(key):
    assert re.match(r"https://docs\.aws\.amazon\.com/\S+#\S+$", key.source)
    assert key.actions is None or key.actions <= ACTIONS
    assert key.actions is not None or key.name.startswith("aws:")


@pytest.mark.parametrize(
    ("written", "type", "several", "actions"),
    [
        ("kms:GrantIsForAWSResource", BOOL, False, {"CreateGrant", "ListGrants", "RevokeGrant"}),
        ("kms:GrantConstraintType", STRING, False, {"CreateGrant", "RetireGrant"}),
        ("kms:GrantConstraintSourceArn", ARN, False, {"CreateGrant"}),
        ("kms:GrantOperations", STRING, True, {"CreateGrant"}),
        ("kms:GranteePrincipal", STRING, False, {"CreateGrant"}),
        ("kms:RetiringPrincipal", STRING, False, {"CreateGrant"}),
        ("kms:GranteeServicePrincipal", STRING, False, {"CreateGrant"}),
        ("kms:RetiringServicePrincipal", STRING, False, {"CreateGrant"}),
        ("kms:ReEncryptOnSameKey", BOOL, False, {"ReEncryptFrom", "ReEncryptTo"}),
        ("kms:BypassPolicyLockoutSafetyCheck", BOOL, False, {"CreateKey", "PutKeyPolicy"}),
        (
            "kms:TrailingDaysWithoutKeyUsage",
            NUMERIC,
            False,
            {"DisableKey", "ScheduleKeyDeletion"},
        ),
    ],
)
def test_a_key_is_known_with_its_actions(written, type, several, actions):
    key = condition_key(written)
    assert (key.type, key.several, key.actions) == (type, several, actions)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("KMS:granteeprincipal", "kms:GranteePrincipal"),
        ("kms:EncryptionContext:Department", "kms:EncryptionContext:"),
        ("kms:EncryptionContext:aws:s3:arn", "kms:EncryptionContext:"),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys"),
        ("kms:RecipientAttestation:PCR0", "kms:RecipientAttestation:"),
        ("aws:ResourceTag/team", "aws:ResourceTag/"),
        ("kms:EncryptionContext", None),
        ("kms:MadeNextYear", None),
        ("accounts.google.com:aud", None),
    ],
)
def test_a_key_is_found_as_it_is_written(written, name):
    found = condition_key(written)
    assert (found.name if found is not None else None) == name


@pytest.mark.parametrize(
    ("written", "carried", "missing"),
    [
        (
            "kms:EncryptionContext:a",
            {"CreateGrant", "Decrypt", "ReEncryptTo", "RetireGrant"},
            {"DescribeKey", "Sign"},
        ),
        (
            "kms:RequestAlias",
            {"Decrypt", "DescribeKey", "GetPublicKey", "Sign"},
            {"CreateGrant", "UpdateAlias"},
        ),
        (
            "kms:ViaService",
            {"CreateGrant", "Decrypt", "PutKeyPolicy"},
            {"ListKeys", "GenerateRandom"},
        ),
        ("kms:CallerAccount", {"Decrypt", "CreateCustomKeyStore"}, {"ListAliases"}),
        ("kms:KeySpec", {"CreateKey", "Decrypt"}, {"RetireGrant"}),
        ("aws:PrincipalOrgID", {"Decrypt", "ListKeys"}, set()),
    ],
)
def test_which_requests_never_have_a_key(written, carried, missing):
    assert lacking(condition_key(written), frozenset(carried | missing)) == missing


def test_every_key_of_kms_in_the_documented_policies_is_known():
    text = "\n".join(path.read_text("utf-8") for path in FIXTURES.glob("*/main.tf"))
    written = set(re.findall(r'"(kms:[A-Z][A-Za-z]+(?::[^"]+)?)"', text))
    keys = {one for one in written if one.removeprefix("kms:").rstrip("*") not in ACTIONS}
    named = {one for one in keys if condition_key(one) is not None}
    assert len(named) > 15
    starts = {one.removeprefix("kms:") for one in keys - named}
    assert all(any(name.startswith(start) for name in ACTIONS) for start in starts)


def test_what_is_not_authorized_for_a_key_is_an_action():
    assert NOT_OF_A_KEY < ACTIONS


# -- what meets a condition ----------------------------------------------------------------


def asked(directory, condition, request):
    """Whether the one condition of a statement is met."""
    (shown,) = statements(directory, statement(condition))[0].conditions
    return answer(shown, request)


@pytest.mark.parametrize(
    ("operator", "value", "request_", "expected"),
    [
        ("StringEquals", '"a"', "a", YES),
        ("StringEquals", '"a"', "A", NO),
        ("StringEquals", '"a*"', "ab", NO),
        ("StringEquals", '"a$${*}"', "a*", YES),
        ("StringEquals", '["a", "b"]', "b", YES),
        ("StringEquals", "var.text", "a", MAYBE),
        ("StringEquals", '"x${var.text}"', "a", NO),
        ("StringEquals", '["a", var.text]', "a", YES),
        ("StringEquals", 'var.any ? "a" : "b"', "a", MAYBE),
        ("StringEquals", 'var.any ? "a" : "b"', "c", NO),
        ("StringEquals", "var.texts", "a", MAYBE),
        ("StringEquals", '"$${aws:username}"', "a", MAYBE),
        ("StringNotEquals", '["a", "b"]', "b", NO),
        ("StringNotEquals", '["a", "b"]', "c", YES),
        ("StringEqualsIgnoreCase", '"a"', "A", YES),
        ("StringLike", '"s3.*.amazonaws.com"', "s3.eu-west-1.amazonaws.com", YES),
        ("StringLike", '"s?"', "s3", YES),
        ("StringLike", '"s.*"', "s3", NO),
        ("StringLike", '"$${*}"', "s3", NO),
        ("StringLike", '"a*b*c"', "a-b-b-c", YES),
        ("StringNotLike", '"a*"', "ab", NO),
        ("ArnLike", '"arn:aws:s3:::a*"', "arn:aws:s3:::ab:c", YES),
        ("ArnEquals", '"arn:aws:iam::*:role/a"', "arn:aws:iam::111122223333:role/a", YES),
        ("ArnLike", '"arn:aws:*"', "arn:aws:iam::111122223333:role/a", NO),  # field by field
        ("ArnNotLike", '"arn:aws:s3:::a"', "arn:aws:s3:::b", YES),
        ("Bool", '"true"', "true", YES),
        ("Bool", "true", "true", YES),
        ("Bool", '"True"', "true", YES),
        ("Bool", '"false"', "true", NO),
        ("NumericLessThan", '"10"', "9", YES),
        ("NumericLessThan", "10", "10", NO),
        ("NumericGreaterThanEquals", '"10"', "10.0", YES),
        ("NumericEquals", '"ten"', "10", NO),
        ("DateLessThan", '"2030-01-01T00:00:00Z"', "2029-01-01T00:00:00Z", YES),
        ("DateGreaterThan", '"2030-01-01"', "1893456001", YES),
        ("DateLessThan", '"tomorrow"', "2029-01-01T00:00:00Z", NO),
        ("IpAddress", '"203.0.113.0/24"', "203.0.113.7", YES),
        ("IpAddress", '"2001:db8::/32"', "203.0.113.7", NO),
        ("NotIpAddress", '"203.0.113.0/24"', "203.0.113.7", NO),
        ("IpAddress", '"here"', "203.0.113.7", NO),
        ("Null", '"false"', "a", YES),
        ("Null", '"true"', "a", NO),
        ("Null", "var.text", "a", MAYBE),
        ("NewerOperator", '"a"', "a", MAYBE),
    ],
)
def test_what_meets_an_operator(operator, value, request_, expected, tmp_path):
    assert asked(tmp_path, f'{{ {operator} = {{ "kms:k" = {value} }} }}', [request_]) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", '"a"', NO),
        ("StringNotEquals", '"a"', YES),
        ("StringEqualsIfExists", '"a"', YES),
        ("BoolIfExists", '"true"', YES),
        ("NotIpAddress", '"203.0.113.0/24"', YES),
        ('"ForAllValues:StringEquals"', '"a"', YES),
        ('"ForAnyValue:StringEquals"', '"a"', NO),
        ('"ForAnyValue:StringNotEquals"', '"a"', NO),
        ("Null", '"true"', YES),
        ("Null", '"false"', NO),
        ("(var.text)", '"a"', MAYBE),
    ],
)
def test_what_a_missing_key_meets(operator, value, expected, tmp_path):
    assert asked(tmp_path, f'{{ {operator} = {{ "kms:k" = {value} }} }}', None) is expected


@pytest.mark.parametrize(
    ("set_", "operator", "expected"),
    [
        ("ForAllValues", "StringEquals", NO),
        ("ForAnyValue", "StringEquals", YES),
        ("ForAllValues", "StringNotEquals", NO),
        ("ForAnyValue", "StringNotEquals", YES),
    ],
)
def test_a_set_operator_joins_many_values(set_, operator, expected, tmp_path):
    condition = f'{{ "{set_}:{operator}" = {{ "kms:k" = ["a", "b"] }} }}'
    assert asked(tmp_path, condition, ["a", "c"]) is expected


def test_many_values_without_a_set_operator_are_not_answered(tmp_path):
    condition = '{ StringEquals = { "kms:k" = ["a", "b"] } }'
    assert asked(tmp_path, condition, ["a", "c"]) is MAYBE
    assert asked(tmp_path, condition, ["a", "b"]) is YES
