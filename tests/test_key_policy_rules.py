"""Rules about a key and its policy as a whole. A row a case."""

import pytest
from key_policies import CERTAIN, OWN, POSSIBLE, ROOT, SILENT, found, key, statement, verdict

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


# -- everything for someone ----------------------------------------------------------------


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
    ],
)
def test_who_is_allowed_everything(statements, expected, tmp_path):
    findings = found(tmp_path, "unlimited-key-access", PROVIDER + key(*statements))
    assert [one.severity.label for one in findings] == ([expected] if expected else [])


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


# -- replicas ------------------------------------------------------------------------------

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
    one = USE.replace("{Effect", f"{{Sid = {sid}, Effect")
    assert judge(tmp_path, "oversized-key-policy", ROOT, one) == expected


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
