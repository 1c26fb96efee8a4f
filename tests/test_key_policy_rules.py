"""Rules about a key and its policy as a whole. A row a case."""

import pytest
from key_policies import (
    CERTAIN,
    HEAD,
    OWN,
    POSSIBLE,
    ROOT,
    SILENT,
    found,
    key,
    statement,
    verdict,
)

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.parsers.settings import Options

PROVIDER = 'provider "aws" {\n  allowed_account_ids = ["111122223333"]\n}\n\n'
ROLE = '{ AWS = "arn:aws:iam::111122223333:role/app" }'
OTHER = '{ AWS = "arn:aws:iam::444455556666:role/app" }'
OTHER_ROOT = '{ AWS = "arn:aws:iam::444455556666:root" }'
OWN_ROOT = '{ AWS = "arn:aws:iam::111122223333:root" }'
EVERYONE = '{ AWS = "*" }'
LOGS = '{ Service = "logs.eu-west-1.amazonaws.com" }'


def judge(directory, rule, *statements, before=PROVIDER, after="", text=None):
    """What a rule says of a key with these statements."""
    return verdict(found(directory, rule, before + key(*statements, text=text) + after))


def deny(action, principal=EVERYONE, condition=None):
    return statement(condition, principal, "Deny", action)


def allow(action, principal=ROLE, condition=None):
    return statement(condition, principal, "Allow", action)


def named(sid, shown):
    """A statement with a Sid."""
    return shown.replace("{Effect", f"{{Sid = {sid}, Effect")


def said(directory, rule, *statements):
    """The messages of a rule about a key with these statements."""
    return [one.message for one in found(directory, rule, PROVIDER + key(*statements))]


def where(condition, shown):
    """A statement that may not exist."""
    return f"{condition} ? {shown} : null"


# -- who may change the policy -------------------------------------------------------------

CHANGE = '"kms:PutKeyPolicy"'
USE = allow('"kms:Decrypt"')


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ROOT], SILENT),
        ([USE], CERTAIN),
        ([allow('"kms:*"')], SILENT),
        ([allow('"*"')], SILENT),
        ([allow('"kms:Put*"')], SILENT),
        ([allow(CHANGE)], SILENT),
        ([allow('"KMS:putkeypolicy"')], SILENT),
        ([allow('["kms:Describe*", "kms:List*"]')], CERTAIN),
        ([allow("var.texts")], SILENT),
        ([allow("var.text")], SILENT),
        ([allow('"kms:P${var.text}"')], SILENT),
        ([allow('"kms:D${var.text}"')], CERTAIN),
        ([allow(CHANGE, OWN_ROOT)], SILENT),
        ([allow(CHANGE, '{ AWS = "111122223333" }')], SILENT),
        ([allow(CHANGE, OTHER)], CERTAIN),  # not possible across accounts
        ([allow(CHANGE, OTHER_ROOT)], CERTAIN),
        ([allow(CHANGE, '{ AWS = "444455556666" }')], CERTAIN),
        ([allow(CHANGE, LOGS)], CERTAIN),
        ([allow(CHANGE, '{ Service = "*" }')], CERTAIN),
        ([allow(CHANGE, EVERYONE)], SILENT),
        ([allow(CHANGE, '"*"')], SILENT),
        ([allow(CHANGE, "{ AWS = var.text }")], SILENT),
        ([allow(CHANGE, "var.any")], SILENT),
        ([allow(CHANGE, '{ AWS = "arn:aws:iam::${var.text}:root" }')], SILENT),
        ([allow(CHANGE, '{ Federated = "arn:aws:iam::111122223333:saml-provider/okta" }')], SILENT),
        ([allow(CHANGE, ROLE, '{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }')], SILENT),
        ([allow(CHANGE, ROLE, '{ Bool = { "aws:PrincipalIsAWSService" = "true" } }')], CERTAIN),
        ([allow(CHANGE, ROLE, '{ Bool = { "aws:PrincipalIsAWSService" = "false" } }')], SILENT),
        ([allow(CHANGE, ROLE, '{ Bool = { "aws:ViaAWSService" = var.text } }')], SILENT),
        ([allow(CHANGE, ROLE, '{ BoolIfExists = { "aws:ViaAWSService" = "true" } }')], SILENT),
        (
            [allow('"kms:*"', EVERYONE, '{ StringEquals = { "kms:ViaService" = "s3.x.y.z" } }')],
            CERTAIN,
        ),
        ([where("var.any", ROOT), USE], POSSIBLE),
        ([ROOT.replace('Resource = "*"', 'Resource = "arn:aws:s3:::a"')], CERTAIN),
        ([ROOT.replace(', Resource = "*"', "")], CERTAIN),
        ([ROOT.replace('"Allow"', "var.text")], SILENT),
        ([ROOT.replace("Action =", "NotAction =").replace("kms:*", "kms:Decrypt")], SILENT),
        ([ROOT.replace("Action =", "NotAction =").replace("kms:*", "kms:Put*")], CERTAIN),
        ([ROOT.replace("Principal =", "NotPrincipal =")], SILENT),
        ([ROOT, deny(CHANGE)], CERTAIN),
        ([ROOT, deny('"kms:*"', OWN_ROOT)], CERTAIN),
        ([ROOT, deny(CHANGE, ROLE)], SILENT),
        (
            [ROOT, deny(CHANGE, EVERYONE, '{ StringNotEquals = { "aws:PrincipalArn" = "x" } }')],
            SILENT,
        ),
        ([ROOT, deny('"kms:Decrypt"')], SILENT),
        ([ROOT, deny("var.texts")], SILENT),
        ([ROOT, deny(CHANGE, "{ AWS = var.text }")], SILENT),
        ([ROOT, deny(CHANGE).replace("Principal =", "NotPrincipal =")], SILENT),
        ([ROOT, deny(CHANGE, ROLE).replace("Principal =", "NotPrincipal =")], SILENT),
        ([ROOT, deny(CHANGE, OTHER).replace("Principal =", "NotPrincipal =")], CERTAIN),
        ([allow('"kms:*"'), deny(CHANGE, OWN_ROOT)], CERTAIN),
        ([allow('"kms:*"'), deny(CHANGE, ROLE)], CERTAIN),
        ([allow('"kms:*"'), deny(CHANGE, '{ AWS = "arn:aws:iam::111122223333:role/b" }')], SILENT),
        ([allow('"kms:*"'), deny(CHANGE, OTHER_ROOT)], SILENT),
    ],
)
def test_a_policy_that_nobody_may_change_locks_everyone_out(statements, expected, tmp_path):
    assert judge(tmp_path, "key-policy-lockout", *statements) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("null", SILENT),
        ("var.text", SILENT),
        ("var.any ? null : jsonencode({ Statement = [] })", SILENT),
        ("jsonencode({ Statement = [] })", CERTAIN),
        ("jsonencode({ Statement = var.any })", SILENT),
        (f"jsonencode({{ Statement = concat([{USE}], var.any) }})", SILENT),
        (f"jsonencode({{ Statement = concat([{USE}], var.any ? [{ROOT}] : []) }})", POSSIBLE),
        (f"jsonencode({{ Statement = concat([{ROOT}], var.any ? [{USE}] : []) }})", SILENT),
        (f"jsonencode({{ Statement = var.any ? [{ROOT}] : [{USE}] }})", POSSIBLE),
        (f"jsonencode({{ Statement = var.any ? [{USE}] : [{USE}, {LOGS and USE}] }})", CERTAIN),
    ],
)
def test_what_is_not_known_of_a_policy_may_let_someone_in(policy, expected, tmp_path):
    assert judge(tmp_path, "key-policy-lockout", text=policy) == expected


def test_a_possible_lockout_says_what_it_depends_on(tmp_path):
    text = f"jsonencode({{ Statement = concat([{USE}], var.any ? [{ROOT}] : []) }})"
    (one,) = found(tmp_path, "key-policy-lockout", PROVIDER + key(text=text))
    assert ", unless var.any is true" in one.message


def test_without_an_account_nobody_is_known_to_be_of_another(tmp_path):
    assert judge(tmp_path, "key-policy-lockout", allow(CHANGE, OTHER), before="") == SILENT


@pytest.mark.parametrize(
    ("flag", "says"),
    [
        ("false", "apply fails: "),
        ("true", "it can never be changed again"),
        ("var.any", "AWS refuses it, or it can never be changed again"),
    ],
)
def test_a_lockout_says_whether_the_apply_fails(flag, says, tmp_path):
    text = PROVIDER + key(USE).replace(
        '"k" {', f'"k" {{\n  bypass_policy_lockout_safety_check = {flag}'
    )
    (one,) = found(tmp_path, "key-policy-lockout", text)
    assert says in one.message


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("false", SILENT),
        ("true", CERTAIN),
        ("var.any", SILENT),
        ("var.any ? true : false", POSSIBLE),
    ],
)
def test_a_bypassed_check_is_reported_whatever_the_policy(flag, expected, tmp_path):
    text = key(ROOT).replace('"k" {', f'"k" {{\n  bypass_policy_lockout_safety_check = {flag}')
    assert verdict(found(tmp_path, "bypassed-lockout-check", text)) == expected


def test_what_is_said_of_a_check_that_is_perhaps_bypassed(tmp_path):
    flag = "bypass_policy_lockout_safety_check = var.any ? true : false"
    text = key(ROOT).replace('"k" {', f'"k" {{\n  {flag}')
    (one,) = found(tmp_path, "bypassed-lockout-check", text)
    assert one.message.endswith(
        "locks everyone out, if the check is bypassed (not known: var.any has no value)"
    )


# -- rotation ------------------------------------------------------------------------------


def rotation(directory, text):
    """What the rule says, which is asked only where it is named."""
    (directory / "main.tf").write_text(HEAD + text, encoding="utf-8")
    report = check([str(directory)], Options(), Terms(Selection(extend=("disabled-key-rotation",))))
    return [one for one in report.judged(possible=True) if one.rule == "disabled-key-rotation"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", CERTAIN),
        ("enable_key_rotation = false", CERTAIN),
        ("enable_key_rotation = true", SILENT),
        ("enable_key_rotation = var.any", SILENT),
        ("enable_key_rotation = var.any ? true : false", POSSIBLE),
        ("is_enabled = false", SILENT),
        ('key_usage = "SIGN_VERIFY"', SILENT),
        ('custom_key_store_id = "cks-1234567890abcdef0"', SILENT),
        ("custom_key_store_id = var.text", SILENT),
    ],
)
def test_a_key_that_can_be_rotated_is(arguments, expected, tmp_path):
    text = f'resource "aws_kms_key" "k" {{\n  {arguments}\n}}\n'
    assert verdict(rotation(tmp_path, text)) == expected


def test_a_replica_has_the_rotation_of_its_primary(tmp_path):
    rotated = "multi_region = true\n  enable_key_rotation = true"
    text = replicated(None, None).replace("multi_region = true", rotated)
    assert rotation(tmp_path, text) == []


def test_what_is_said_of_a_key_that_is_perhaps_not_rotated(tmp_path):
    text = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = var.any ? true : false\n}\n'
    (one,) = rotation(tmp_path, text)
    assert one.span.text == "var.any ? true : false"
    assert one.message == (
        "the key material of aws_kms_key.k stays the same for as long as the key exists, "
        "if its rotation is not enabled (not known: var.any has no value)"
    )


# -- who may revoke and list grants --------------------------------------------------------

ADMIN = '["kms:Put*", "kms:Describe*"]'
SERVICES_ONLY = '{ Bool = { "kms:GrantIsForAWSResource" = "true" } }'


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ROOT], None),
        ([USE], None),  # a lockout, and reported as one
        ([allow(ADMIN)], "medium"),
        ([allow(ADMIN), allow('"kms:RevokeGrant"')], "low"),
        ([allow(ADMIN), allow('"kms:ListGrants"')], "medium"),
        ([allow(ADMIN), allow('["kms:List*", "kms:Revoke*"]')], None),
        ([allow(ADMIN), allow('["kms:List*", "kms:Revoke*"]', OTHER)], None),
        ([allow(ADMIN), allow('["kms:List*", "kms:Revoke*"]', LOGS)], "medium"),
        ([allow(ADMIN), allow('["kms:*Grant*"]', ROLE, SERVICES_ONLY)], "medium"),
        (
            [allow(ADMIN), allow('["kms:*Grant*"]', ROLE, '{ StringEquals = { "a:b" = "c" } }')],
            None,
        ),
        ([ROOT, deny('"kms:RevokeGrant"')], "medium"),
        ([ROOT, deny('"kms:ListGrants"')], "low"),
        ([ROOT, deny('"kms:RevokeGrant"', ROLE)], None),
    ],
)
def test_somebody_must_be_able_to_manage_grants(statements, expected, tmp_path):
    findings = found(tmp_path, "unmanaged-grants", PROVIDER + key(*statements))
    assert [one.severity.label for one in findings] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            f"[{allow(ADMIN)}]",
            (
                "the policy of aws_kms_key.k lets nobody revoke its grants: "
                "one that should not be there stays"
            ),
        ),
        (
            f"concat([{allow(ADMIN)}], var.any ? [{ROOT}] : [])",
            (
                "the policy of aws_kms_key.k lets nobody revoke its grants: "
                "one that should not be there stays, unless var.any is true"
            ),
        ),
    ],
)
def test_what_is_said_of_grants_that_nobody_manages(policy, expected, tmp_path):
    text = PROVIDER + key(text=f"jsonencode({{ Statement = {policy} }})")
    assert [one.message for one in found(tmp_path, "unmanaged-grants", text)] == [expected]


# -- everything for someone ----------------------------------------------------------------

OF_ACCOUNT = f'{{ StringEquals = {{ "kms:CallerAccount" = "{OWN}" }} }}'
NOT_ELSEWHERE = deny('"kms:*"', condition=OF_ACCOUNT.replace("StringEquals", "StringNotEquals"))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ROOT], None),
        ([allow('"kms:*"')], None),  # the only administrator, as in AWS's own examples
        ([ROOT, allow('"kms:*"')], "low"),
        ([ROOT, allow('"*"')], "low"),
        ([ROOT, allow('["kms:Decrypt", "kms:*"]')], "low"),
        ([ROOT, allow('"kms:Create*"')], None),
        ([ROOT, allow('["kms:Create*", "kms:Put*", "kms:Schedule*", "kms:Decrypt"]')], None),
        ([ROOT, allow('var.any ? "kms:*" : "kms:Decrypt"')], "low"),
        ([ROOT, allow("var.text")], None),
        ([ROOT, allow('"kms:*"', LOGS)], "low"),
        ([ROOT, allow('"kms:*"', "{ AWS = var.text }")], None),
        ([ROOT, allow('"kms:*"', OTHER)], "high"),
        ([ROOT, allow('"kms:*"', OTHER_ROOT)], "high"),
        ([ROOT, allow('"kms:*"', '{ AWS = "444455556666" }')], "high"),
        ([ROOT, allow('"kms:*"', OTHER_ROOT, SERVICES_ONLY)], "low"),
        ([ROOT, allow('"kms:*"', OTHER_ROOT), deny('"kms:CreateGrant"', OTHER_ROOT)], "low"),
        ([ROOT, allow('"kms:*"', EVERYONE)], None),  # public-key-policy
        (
            [
                ROOT,
                allow(
                    '"kms:*"', EVERYONE, f'{{ StringEquals = {{ "kms:CallerAccount" = "{OWN}" }} }}'
                ),
            ],
            "medium",
        ),
        (
            [
                ROOT,
                allow(
                    '"kms:*"',
                    EVERYONE,
                    '{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/a*" } }',
                ),
            ],
            "low",
        ),
        (
            [
                ROOT,
                allow(
                    '"kms:*"',
                    ROLE,
                    '{ StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }',
                ),
            ],
            None,
        ),
        ([ROOT, deny('"kms:*"', ROLE)], None),
        ([ROOT, allow('"kms:*"', ROLE, "var.any")], "low"),
        ([ROOT, allow('"kms:*"', EVERYONE, "var.any"), NOT_ELSEWHERE], "medium"),
    ],
)
def test_who_is_allowed_everything(statements, expected, tmp_path):
    findings = found(tmp_path, "unlimited-key-access", PROVIDER + key(*statements))
    assert [one.severity.label for one in findings] == ([expected] if expected else [])


EVERY = '"kms:*"'
EITHER = "arn:aws:iam::111122223333:role/a", "arn:aws:iam::444455556666:role/b"
FEW = "may use aws_kms_key.k, change its policy and delete it: few need all of that"
GRANTS = "may decrypt with aws_kms_key.k and create any grant on it"
ALL = "may call every action on aws_kms_key.k, whatever IAM policies say"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(EVERY)], f"role app {FEW}"),
        ([allow(EVERY, LOGS)], f"logs.eu-west-1.amazonaws.com {FEW}"),
        ([f"sensitive({allow(EVERY)})"], f"a principal {FEW}"),
        (
            [allow(EVERY, '{ AWS = sensitive("arn:aws:iam::444455556666:role/app") }')],
            f"a principal {GRANTS}",
        ),
        (
            [allow(EVERY, EVERYONE, f"sensitive({OF_ACCOUNT})")],
            f"everyone whom a condition admits {ALL}",
        ),
        ([allow('var.any ? "kms:*" : "kms:Decrypt"')], f"role app {FEW}, where var.any is true"),
        ([allow(EVERY, OTHER)], f"role app of account 444455556666 {GRANTS}"),
        ([allow(EVERY, OTHER_ROOT)], f"account 444455556666 {GRANTS}"),
        (
            [allow(EVERY, f'{{ AWS = ["{EITHER[0]}", "{EITHER[1]}"] }}')],
            f"role b of account 444455556666 and 1 more {GRANTS}",
        ),
        (
            [allow(EVERY, f'{{ AWS = var.any ? "{EITHER[0]}" : "{EITHER[1]}" }}')],
            f"role b of account 444455556666 {GRANTS}, where var.any is false",
        ),
        (
            [
                allow(
                    'var.any ? "kms:*" : "kms:Decrypt"',
                    f'{{ AWS = var.text == "a" ? "{EITHER[0]}" : "{EITHER[1]}" }}',
                )
            ],
            (f'role b of account 444455556666 {GRANTS}, where var.text != "a" and var.any is true'),
        ),
        (
            [allow(EVERY, OTHER), deny('"kms:CreateGrant"', OTHER)],
            (
                "role app of account 444455556666 may use aws_kms_key.k by a wildcard for every "
                "action: few need all of that"
            ),
        ),
        (
            [allow(EVERY, EVERYONE, OF_ACCOUNT)],
            f"everyone whom the condition on kms:CallerAccount admits {ALL}",
        ),
        (
            [
                allow(
                    EVERY,
                    EVERYONE,
                    f'{{ StringEquals = {{ "kms:CallerAccount" = "{OWN}", '
                    '"aws:PrincipalOrgID" = "o-a1b2c3d4e5", "aws:PrincipalTag/a" = "b" } }',
                )
            ],
            (
                "everyone whom the conditions on aws:PrincipalOrgID and kms:CallerAccount "
                f"admit {ALL}"
            ),
        ),
        (
            [allow(EVERY, EVERYONE), NOT_ELSEWHERE],
            f"everyone to whom no other statement denies it {ALL}",
        ),
    ],
)
def test_what_is_said_of_who_is_allowed_everything(statements, expected, tmp_path):
    assert said(tmp_path, "unlimited-key-access", ROOT, *statements) == [expected]


# -- two owners of a policy ----------------------------------------------------------------


def writer(name="p", policy=f"jsonencode({{ Statement = [{ROOT}] }})", more=""):
    return (
        f'resource "aws_kms_key_policy" "{name}" {{\n  key_id = aws_kms_key.k.key_id\n'
        f"  policy = {policy}\n{more}}}\n"
    )


PLAIN = 'resource "aws_kms_key" "k" {}\n'
ANOTHER = f"jsonencode({{ Statement = [{ROOT}, {USE}] }})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, None),
        (key(ROOT), None),
        (PLAIN + writer(), None),
        (key(ROOT) + writer(policy=ANOTHER), "medium"),
        (
            key(ROOT).replace('jsonencode({ Version = "2012-10-17",', "jsonencode({") + writer(),
            "low",
        ),
        (key(text="null") + writer(), None),
        (key(text='""') + writer(), None),
        (key(text="var.any") + writer(), "possible"),
        (key(ROOT) + writer(policy="var.text"), "medium"),
        (PLAIN + writer() + writer("q", ANOTHER), "medium"),
        (key(ROOT) + writer(policy=ANOTHER, more="  count = var.any ? 1 : 0\n"), "possible"),
        (
            key(text=f"var.any ? null : {ANOTHER}") + writer(more="  count = var.any ? 1 : 0\n"),
            None,
        ),
        (key(ROOT) + writer(policy=ANOTHER, more="  count = 0\n"), None),
    ],
)
def test_a_policy_has_one_owner(text, expected, tmp_path):
    findings = found(tmp_path, "contested-key-policy", text)
    shown = [one.severity.label if one.certain else "possible" for one in findings]
    assert shown == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PLAIN + writer() + writer("q"),
            (
                "aws_kms_key_policy.p and aws_kms_key_policy.q write the same policy of "
                "aws_kms_key.k: a change of one alone comes undone"
            ),
        ),
        (
            PLAIN + writer() + writer("q", ANOTHER),
            (
                "aws_kms_key_policy.p and aws_kms_key_policy.q write the policy of "
                "aws_kms_key.k: the last to be applied undoes the other"
            ),
        ),
        (
            PLAIN + writer() + writer("q", ANOTHER) + writer("r"),
            (
                "aws_kms_key_policy.p and aws_kms_key_policy.q and 1 more write the policy of "
                "aws_kms_key.k: the last to be applied undoes the other"
            ),
        ),
    ],
)
def test_what_is_said_of_owners(text, expected, tmp_path):
    assert [one.message for one in found(tmp_path, "contested-key-policy", text)] == [expected]


# -- replicas ------------------------------------------------------------------------------

BY_TAG = '{ StringEquals = { "aws:PrincipalTag/team" = "orders" } }'
ADMINISTERED = allow('["kms:List*", "kms:Put*", "kms:Revoke*"]')


def replicated(primary, replica):
    """A key and its replica with these statements each; None is no policy."""
    shown = [
        "" if one is None else f"  policy = jsonencode({{ Statement = [{', '.join(one)}] }})\n"
        for one in (primary, replica)
    ]
    return (
        f'resource "aws_kms_key" "k" {{\n  multi_region = true\n{shown[0]}}}\n'
        'resource "aws_kms_replica_key" "r" {\n  primary_key_arn = aws_kms_key.k.arn\n'
        f"{shown[1]}}}\n"
    )


@pytest.mark.parametrize(
    ("primary", "replica", "expected"),
    [
        (None, None, SILENT),
        (None, [ROOT], SILENT),
        (None, [ROOT, USE], SILENT),
        (None, [ROOT, allow('"kms:Decrypt"', OTHER)], CERTAIN),
        ([ROOT], None, SILENT),
        ([ROOT], [ROOT, USE], SILENT),
        ([ROOT], [ROOT, allow('"kms:Decrypt"', OTHER)], CERTAIN),
        ([ROOT], [ROOT, allow('"kms:Decrypt"', OTHER_ROOT)], CERTAIN),
        ([ROOT, allow('"kms:Decrypt"', OTHER_ROOT)], [ROOT, allow('"kms:Decrypt"', OTHER)], SILENT),
        ([ROOT, allow('"kms:Encrypt"', OTHER)], [ROOT, allow('"kms:Decrypt"', OTHER)], CERTAIN),
        ([ROOT, allow('"kms:*"', OTHER)], [ROOT, allow('"kms:Decrypt"', OTHER)], SILENT),
        ([ROOT, allow("var.texts", OTHER)], [ROOT, allow('"kms:Decrypt"', OTHER)], SILENT),
        (
            [ROOT, allow('"kms:Decrypt"', "{ AWS = var.text }")],
            [ROOT, allow('"kms:Decrypt"', OTHER)],
            SILENT,
        ),
        ([ROOT], [ROOT, allow('"kms:Decrypt"', "{ AWS = var.text }")], SILENT),
        ([ROOT], [ROOT, allow('"kms:DescribeKey"', OTHER)], SILENT),
        ([ROOT], [ROOT, allow('"kms:Sign"', OTHER)], SILENT),  # not with such a key
        ([ROOT], [ROOT, allow('"kms:Decrypt"', LOGS)], SILENT),
        ([ROOT], [ROOT, allow('"kms:Decrypt"', OTHER, SERVICES_ONLY)], SILENT),
        ([ADMINISTERED], None, CERTAIN),
        ([ADMINISTERED, USE], None, CERTAIN),
        ([ADMINISTERED], [ADMINISTERED], SILENT),
        ([ADMINISTERED], [ADMINISTERED, USE], CERTAIN),
        ([ROOT, deny('"kms:Decrypt"', ROLE)], [ROOT, USE], CERTAIN),
        (None, [ROOT, allow('"kms:Decrypt"', EVERYONE)], CERTAIN),
        ([ROOT], [ROOT, allow('"kms:Decrypt"', OTHER, BY_TAG)], SILENT),  # perhaps nobody meets it
        ([ROOT], [ROOT, where("var.any", allow('"kms:Decrypt"', OTHER))], SILENT),
        (
            [ROOT, where("var.any", allow('"kms:Decrypt"', OTHER))],
            [ROOT, allow('"kms:Decrypt"', OTHER)],
            SILENT,
        ),
        (  # to spare someone in a denial allows nothing
            [ROOT, deny('"kms:Decrypt"', OTHER, BY_TAG)],
            [ROOT, allow('"kms:Decrypt"', OTHER)],
            CERTAIN,
        ),
    ],
)
def test_a_replica_lets_nobody_in_whom_its_primary_keeps_out(primary, replica, expected, tmp_path):
    findings = found(tmp_path, "wider-replica-policy", PROVIDER + replicated(primary, replica))
    assert verdict(findings) == expected


# -- grants that are denied ----------------------------------------------------------------


def grant(grantee='"arn:aws:iam::111122223333:role/app"', operations='["Decrypt"]'):
    return (
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = "{}"\n}\n'
        'resource "aws_kms_grant" "g" {\n  key_id = aws_kms_key.k.key_id\n'
        f"  grantee_principal = {grantee}\n  operations = {operations}\n}}\n"
    )


DECRYPT = '"kms:Decrypt"'


@pytest.mark.parametrize(
    ("denial", "granted", "expected"),
    [
        (deny(DECRYPT), grant(), CERTAIN),
        (deny(DECRYPT, ROLE), grant(), CERTAIN),
        (deny('"kms:*"', OWN_ROOT), grant(), CERTAIN),
        (deny(DECRYPT, OTHER_ROOT), grant(), SILENT),
        (deny(DECRYPT, '{ AWS = "arn:aws:iam::111122223333:role/b" }'), grant(), SILENT),
        (deny(DECRYPT, "{ AWS = aws_iam_role.r.arn }"), grant("aws_iam_role.r.arn"), CERTAIN),
        (deny(DECRYPT, "{ AWS = aws_iam_role.r.arn }"), grant(), SILENT),
        (deny(DECRYPT, "{ AWS = var.text }"), grant(), SILENT),
        (deny(DECRYPT), grant("var.text"), CERTAIN),
        (deny(DECRYPT, ROLE), grant("var.text"), SILENT),
        (deny('"kms:Encrypt"'), grant(), SILENT),
        (deny("var.texts"), grant(), SILENT),
        (deny(DECRYPT), grant(operations='["DescribeKey"]'), SILENT),
        (deny(DECRYPT), grant(operations="var.texts"), SILENT),
        (deny(DECRYPT, EVERYONE, '{ StringEquals = { "a:b" = "c" } }'), grant(), SILENT),
        (deny(DECRYPT, ROLE).replace("Principal =", "NotPrincipal ="), grant(), SILENT),
        (deny(DECRYPT, OTHER).replace("Principal =", "NotPrincipal ="), grant(), CERTAIN),
        (allow(DECRYPT), grant(), SILENT),
        (f"concat([{deny(DECRYPT)}])[0]", grant(), CERTAIN),
    ],
)
def test_a_grant_cannot_allow_what_the_policy_denies(denial, granted, expected, tmp_path):
    findings = found(tmp_path, "denied-grant", PROVIDER + key(ROOT, denial) + granted)
    assert verdict(findings) == expected


def test_a_denial_that_may_not_exist_makes_a_possible_finding(tmp_path):
    text = f"jsonencode({{ Statement = concat([{ROOT}], var.any ? [{deny(DECRYPT)}] : []) }})"
    (one,) = found(tmp_path, "denied-grant", key(text=text) + grant())
    assert not one.certain
    assert one.message.endswith("where var.any is true")


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        (deny(DECRYPT), "a statement of aws_kms_key.k denies role app Decrypt"),
        (
            named('"NoUse"', deny(DECRYPT)),
            "statement NoUse of aws_kms_key.k denies role app Decrypt",
        ),
        (
            named('sensitive("NoUse")', deny(DECRYPT)),
            "a statement of aws_kms_key.k denies role app Decrypt",
        ),
    ],
)
def test_what_is_said_of_a_denial(denial, expected, tmp_path):
    (one,) = found(tmp_path, "denied-grant", PROVIDER + key(ROOT, denial) + grant())
    assert one.message == f"{expected}: a grant cannot allow what the key's policy denies"


# -- statements about nothing --------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ('"*"', SILENT),
        ('["*"]', SILENT),
        ('"arn:aws:kms:eu-west-1:111122223333:key/1234"', SILENT),
        ('"arn:aws:kms:*:111122223333:key/*"', SILENT),
        ('"arn:aws:kms:eu-west-1:111122223333:alias/orders"', CERTAIN),
        ('"arn:aws:s3:::orders"', CERTAIN),
        ('["arn:aws:s3:::orders", "*"]', SILENT),
        ('["arn:aws:s3:::orders", "arn:aws:s3:::orders/*"]', CERTAIN),
        ("aws_kms_key.other.arn", CERTAIN),
        ("aws_kms_alias.other.arn", SILENT),
        ("aws_sqs_queue.q.arn", CERTAIN),
        ("data.aws_kms_key.d.arn", SILENT),
        ("var.text", SILENT),
        ("var.texts", SILENT),
        ("[]", CERTAIN),
        ("[null]", SILENT),
        ('"arn:aws:${var.text}"', SILENT),
    ],
)
def test_a_statement_is_about_the_key(resource, expected, tmp_path):
    others = (
        'resource "aws_kms_key" "other" {}\n'
        'resource "aws_kms_alias" "other" {\n  target_key_id = aws_kms_key.other.id\n}\n'
        'resource "aws_sqs_queue" "q" {}\n'
        'data "aws_kms_key" "d" {\n  key_id = var.text\n}\n'
    )
    about = USE.replace('Resource = "*"', f"Resource = {resource}")
    assert judge(tmp_path, "misdirected-statement", ROOT, about, after=others) == expected


ELSEWHERE = USE.replace('Resource = "*"', 'Resource = "arn:aws:s3:::orders"')


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (
            ELSEWHERE,
            (
                "the statement names something else as its resource, so that it allows nothing "
                "on aws_kms_key.k"
            ),
        ),
        (
            named('"Use"', ELSEWHERE),
            (
                "statement Use names something else as its resource, so that it allows nothing "
                "on aws_kms_key.k"
            ),
        ),
        (
            named('sensitive("Use")', ELSEWHERE),
            (
                "the statement names something else as its resource, so that it allows nothing "
                "on aws_kms_key.k"
            ),
        ),
        (
            ELSEWHERE.replace("Allow", "Deny"),
            (
                "the statement names something else as its resource, so that it denies nothing "
                "on aws_kms_key.k"
            ),
        ),
        (
            USE.replace(', Resource = "*"', ""),
            "the statement has no resource, so that it allows nothing on aws_kms_key.k",
        ),
    ],
)
def test_what_is_said_of_a_statement_about_nothing(about, expected, tmp_path):
    assert said(tmp_path, "misdirected-statement", ROOT, about) == [expected]


# -- principals that AWS refuses -----------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (ROLE, SILENT),
        (OWN_ROOT, SILENT),
        (EVERYONE, SILENT),
        ('"*"', SILENT),
        (LOGS, SILENT),
        ('{ AWS = "111122223333" }', SILENT),
        ('{ AWS = "AROA1234567890EXAMPLE" }', SILENT),
        ('{ AWS = "arn:aws-us-gov:iam::111122223333:role/a/b" }', SILENT),
        ('{ AWS = "arn:aws:sts::111122223333:assumed-role/app/session" }', SILENT),
        ('{ AWS = "arn:aws:sts::111122223333:federated-user/eve" }', SILENT),
        ('{ AWS = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1" }', SILENT),
        ('{ AWS = "arn:aws:iam::111122223333:role/*" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::*:root" }', CERTAIN),
        ('{ AWS = "arn:aws:sts::111122223333:assumed-role/app/*" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::${var.text}:role/app-*" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::${var.text}:role/app-*-${var.text}" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::${var.text}:role/app-${var.text}" }', SILENT),
        ('{ AWS = "arn:${var.text}:iam::111122223333:root" }', SILENT),
        ('{ AWS = "arn:aws:iam::111122223333:group/users" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::111122223333:instance-profile/app" }', CERTAIN),
        ('{ AWS = "arn:aws::111122223333:root" }', CERTAIN),
        ('{ AWS = "arn:aws:iam::1111:root" }', CERTAIN),
        ('{ AWS = "s3.amazonaws.com" }', CERTAIN),
        ('{ AWS = "app" }', CERTAIN),
        ('{ AWS = ["arn:aws:iam::111122223333:role/app", "app"] }', CERTAIN),
        ('{ AWS = var.any ? "app" : "*" }', CERTAIN),
        ("{ AWS = var.text }", SILENT),
        ("{ AWS = var.texts }", SILENT),
        ("{ AWS = [] }", CERTAIN),
        ("{}", CERTAIN),
        ("var.any", SILENT),
    ],
)
def test_which_principals_aws_refuses(principal, expected, tmp_path):
    assert judge(tmp_path, "invalid-principal", ROOT, allow(DECRYPT, principal)) == expected


def test_a_sensitive_principal_is_not_shown(tmp_path):
    text = 'variable "who" {\n  default = "secret-*"\n  sensitive = true\n}\n'
    use = allow(DECRYPT, "{ AWS = var.who }")
    assert judge(tmp_path, "invalid-principal", ROOT, use, before=text) == SILENT


@pytest.mark.parametrize(
    ("sid", "expected"), [("null", "2"), ('"Use"', "Use"), ('sensitive("Use")', "2")]
)
def test_a_statement_without_a_principal_is_called_by_its_sid_or_number(sid, expected, tmp_path):
    (message,) = said(tmp_path, "invalid-principal", ROOT, named(sid, allow(DECRYPT, "{}")))
    assert message == (
        f"apply fails: statement {expected} of the policy of aws_kms_key.k has no principal"
    )


# -- size ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sid", "expected"),
    [
        ('"a"', SILENT),
        ('format("%032500d", 1)', SILENT),
        ('format("%032768d", 1)', CERTAIN),
        ('"${format("%032768d", 1)}${var.text}"', CERTAIN),
        ('var.any ? format("%032768d", 1) : format("%032769d", 1)', CERTAIN),
        ('var.any ? format("%032768d", 1) : "a"', SILENT),
        ("var.text", SILENT),
    ],
)
def test_a_policy_above_the_limit_is_refused(sid, expected, tmp_path):
    assert judge(tmp_path, "oversized-key-policy", ROOT, named(sid, USE)) == expected


# -- rows that other rules have ------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "condition", "rule", "severity"),
    [
        (EVERYONE, SERVICES_ONLY, "public-key-policy", "critical"),
        (
            EVERYONE,
            '{ StringLike = { "kms:ViaService" = "ec2.*.amazonaws.com" } }',
            "public-key-policy",
            "critical",
        ),
        (OTHER, None, "unrestricted-create-grant", "high"),
        (OTHER_ROOT, None, "unrestricted-create-grant", "low"),  # as AWS documents it
        (OTHER, SERVICES_ONLY, "unrestricted-create-grant", None),
    ],
)
def test_create_grant_for_everyone_or_elsewhere(principal, condition, rule, severity, tmp_path):
    text = PROVIDER + key(ROOT, allow('"kms:CreateGrant"', principal, condition))
    findings = found(tmp_path, rule, text)
    assert [one.severity.label for one in findings] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("action", "principal", "expected"),
    [
        ('"kms:Create*"', OTHER, CERTAIN),
        ('"kms:Create*"', OTHER_ROOT, CERTAIN),
        ('"kms:Create*"', ROLE, SILENT),
        ('"kms:Create*"', OWN_ROOT, SILENT),
        ('["kms:Put*", "kms:C*"]', OTHER, CERTAIN),
        ('"kms:*"', OTHER, SILENT),  # unlimited-key-access
        ('"kms:Create${var.text}"', OTHER, SILENT),
    ],
)
def test_nobody_elsewhere_creates_grants_as_an_administrator(action, principal, expected, tmp_path):
    rule = "unrestricted-create-grant"
    assert judge(tmp_path, rule, ROOT, allow(action, principal)) == expected
