"""Who a principal is, what a statement says, what a grant can allow."""

from __future__ import annotations

import pytest
from blocks import SPAN, Plain, value

from grantlint.iam.grantee import Grantee
from grantlint.iam.operations import OPERATIONS, supported
from grantlint.iam.principals import grantee, principal
from grantlint.iam.statements import Statement, statements, unseen
from grantlint.value import (
    STRING,
    Referent,
    Truth,
    Value,
    null,
    string,
    tuple_,
    unknown,
)

SCALING = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
Shown = tuple[object, object, object, object, object]


def shown(who: Grantee) -> Shown:
    """Kind, account, name, service and service_linked; `...` for what is not known."""
    fields = (who.kind, who.account, who.name, who.service, who.service_linked)
    found = tuple(... if field.unknown is not None else field.raw for field in fields)
    return found[0], found[1], found[2], found[3], found[4]


def hole(refers_to: Referent | None = None) -> Value:
    return unknown("var.account has no value", type=STRING, refers_to=refers_to)


def holed(*parts: str | Value) -> Value:
    return unknown("var.account has no value", type=STRING, parts=parts)


def either(*values: Plain) -> Value:
    return unknown("var.on has no value", choices=tuple(value(one) for one in values))


def refers(type: str, address: str, name: str | None = None) -> Value:
    return unknown("known after apply", type=STRING, refers_to=Referent(type, address, name))


# -- principals: known text ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("*", ("*", None, None, None, False)),
        ("111122223333", ("account", "111122223333", None, None, False)),
        ("arn:aws:iam::111122223333:root", ("root", "111122223333", None, None, False)),
        ("arn:aws-cn:iam::111122223333:role/a/b/c", ("role", "111122223333", "c", None, False)),
        ("arn:aws:iam::111122223333:user/ops/eve", ("user", "111122223333", "eve", None, False)),
        ("arn:aws:iam::111122223333:group/all", ("group", "111122223333", "all", None, False)),
        (
            "arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-5d476fab",
            ("session", "111122223333", "aws:ec2-infrastructure", None, False),
        ),
        (
            "arn:aws:sts::111122223333:federated-user/eve",
            ("federated", "111122223333", "eve", None, False),
        ),
        (
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            ("federated", "111122223333", "token.actions.githubusercontent.com", None, False),
        ),
        ("dynamodb.us-west-2.amazonaws.com", ("service", None, None, ..., False)),
        ("AROAEXAMPLEROLEID1234", ("unique_id", None, None, None, False)),
        ("not-an-arn", ("other", None, None, None, False)),
        ("123456789012:aws:ec2-infrastructure:i-1", ("other", "123456789012", None, None, False)),
        ("arn:aws:s3:::bucket", ("other", None, None, None, False)),
        ("", ("other", None, None, None, False)),
    ],
)
def test_kind_account_and_name_are_read_from_the_text(text: str, who: Shown) -> None:
    expected = who if who[3] is not ... else (*who[:3], text, who[4])
    assert shown(grantee(string(text))) == expected


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso-b"])
@pytest.mark.parametrize("suffix", ["", "_team"])
def test_service_linked_roles_of_every_partition(partition: str, suffix: str) -> None:
    arn = f"arn:{partition}:iam::111122223333:role/{SCALING}{suffix}"
    name = f"AWSServiceRoleForAutoScaling{suffix}"
    service = "autoscaling.amazonaws.com"
    assert shown(grantee(string(arn))) == ("role", "111122223333", name, service, True)


@pytest.mark.parametrize(
    "role",
    ["service-role/AWSServiceRoleForX", "x/aws-service-role/y/z", "x/AWSServiceRoleForX", "AWSX"],
)
def test_a_role_outside_the_path_of_aws_is_not_service_linked(role: str) -> None:
    found = grantee(string(f"arn:aws:iam::111122223333:role/{role}"))
    assert found.service_linked.raw is False


def test_a_role_that_aws_documents_without_its_path_is_service_linked() -> None:
    found = grantee(string("arn:aws:iam::111122223333:role/AWSServiceRoleForEC2Fleet"))
    assert found.service_linked.raw is True


# -- principals: references ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "who"),
    [
        (refers("aws_iam_role", "aws_iam_role.etl", "etl"), ("role", ..., "etl", None, False)),
        (refers("aws_iam_role", "aws_iam_role.etl"), ("role", ..., ..., None, False)),
        (refers("aws_iam_user", "aws_iam_user.eve", "eve"), ("user", ..., "eve", None, False)),
        (
            refers("aws_iam_service_linked_role", "module.a.aws_iam_service_linked_role.x"),
            ("role", ..., ..., ..., True),
        ),
        (
            refers("aws_autoscaling_group", "aws_autoscaling_group.x", "group"),
            ("role", ..., ..., "autoscaling.amazonaws.com", True),
        ),
        (
            refers("aws_iam_role", "data.aws_iam_role.x", "AWSServiceRoleForAutoScaling"),
            ("role", ..., "AWSServiceRoleForAutoScaling", ..., True),
        ),
        (refers("aws_iam_role", "module.a.data.aws_iam_role.x"), ("role", ..., ..., ..., ...)),
        (
            refers("aws_iam_role", "module.a.data.aws_iam_role.x", "app"),
            ("role", ..., "app", None, False),
        ),
        (refers("aws_iam_group", "aws_iam_group.x", "ops"), ("group", ..., "ops", None, False)),
        (refers("aws_iam_group", "data.aws_iam_group.x", "ops"), (..., ..., ..., ..., ...)),
        (refers("aws_s3_bucket", "aws_s3_bucket.x"), (..., ..., ..., ..., ...)),
        (hole(), (..., ..., ..., ..., ...)),
    ],
)
def test_references_tell_what_they_refer_to(reference: Value, who: Shown) -> None:
    assert shown(grantee(reference)) == who


# -- principals: text with holes -----------------------------------------------------------

ACCOUNT = refers("aws_caller_identity", "data.aws_caller_identity.me")


HOLED: list[tuple[tuple[str | Value, ...], Shown]] = [
    (("arn:aws:iam::", ACCOUNT, ":root"), ("root", ..., None, None, False)),
    (("arn:", ACCOUNT, ":iam::", ACCOUNT, ":root"), ("root", ..., None, None, False)),
    (("arn:aws:iam::", ACCOUNT, ":role/a/app"), ("role", ..., "app", None, False)),
    (
        ("arn:aws:iam::", ACCOUNT, f":role/{SCALING}"),
        (
            "role",
            ...,
            "AWSServiceRoleForAutoScaling",
            "autoscaling.amazonaws.com",
            True,
        ),
    ),
    (
        ("arn:aws:iam::111122223333:role/aws-service-role/", hole()),
        ("role", "111122223333", ..., ..., True),
    ),
    (
        ("arn:aws:iam::111122223333:role/aws-service-role/pcs.amazonaws.com/", hole()),
        ("role", "111122223333", ..., "pcs.amazonaws.com", True),
    ),
    (("arn:aws:iam::111122223333:role/", hole()), ("role", "111122223333", ..., ..., ...)),
    (("arn:aws:iam::111122223333:role", hole()), ("role", "111122223333", ..., ..., ...)),
    (
        ("arn:aws:iam::111122223333:role/aws-", hole()),
        ("role", "111122223333", ..., ..., ...),
    ),
    (
        ("arn:aws:iam::111122223333:role/app-", hole()),
        ("role", "111122223333", ..., None, False),
    ),
    (
        ("arn:aws:iam::111122223333:role/", hole(), "/app"),
        ("role", "111122223333", "app", ..., ...),
    ),
    (("arn:aws:iam::111122223333:", hole()), (..., "111122223333", ..., ..., ...)),
    (("arn:aws:iam::111122223333:r", hole()), (..., "111122223333", ..., ..., ...)),
    (("arn:aws:iam::", hole()), (..., ..., ..., ..., ...)),
    (("arn:aws:iam::111122223333", hole()), (..., ..., ..., ..., ...)),
    ((hole(), ":root"), ("root", ..., None, None, False)),
    ((hole(), ":111122223333:root"), ("root", "111122223333", None, None, False)),
    ((hole(), "root"), (..., ..., ..., ..., ...)),
    ((hole(), hole()), (..., ..., ..., ..., ...)),
    (
        ("arn:aws:sts::111122223333:assumed-role/app/", hole()),
        ("session", "111122223333", "app", None, False),
    ),
    (
        ("arn:aws:sts::111122223333:assumed-role/", hole()),
        ("session", "111122223333", ..., ..., ...),
    ),
    (("logs.", hole(), ".amazonaws.com"), ("service", None, None, ..., False)),
    (("logs.", hole(), "."), (..., ..., ..., ..., ...)),
]


@pytest.mark.parametrize(("parts", "who"), HOLED)
def test_holes_hide_only_what_they_can_change(parts: tuple[str | Value, ...], who: Shown) -> None:
    assert shown(grantee(holed(*parts))) == who


FILLINGS = (
    "",
    "aws",
    "111122223333",
    "app",
    "/",
    "a/b",
    "/path/",
    "-service-role/x.amazonaws.com/AWSServiceRoleForX",
    SCALING,
    f"/{SCALING}",
    "AWSServiceRoleForX",
    "AWSServiceRoleForX/session",
    "role/app",
    "oot",
    "root",
    ":root",
    "eu-west-1",
    "arn:aws:iam::111122223333",
)


@pytest.mark.parametrize("parts", [parts for parts, _ in HOLED])
@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("other", ["111122223333", "aws", "x"])
def test_whatever_fills_a_hole_nothing_known_was_wrong(
    parts: tuple[str | Value, ...], filling: str, other: str
) -> None:
    """Where the filled text is a principal at all, and the hole of an account holds no colon."""
    before = grantee(holed(*parts))
    fillings = iter((filling, other))
    text = "".join(part if isinstance(part, str) else next(fillings) for part in parts)
    after = grantee(string(text))
    if after.kind.text == "other" or (":" in filling and parts[0] in ("arn:", "arn:aws:iam::")):
        return
    for known, real in zip(shown(before), shown(after), strict=True):
        assert known is ... or real is ... or known == real, text


def test_the_account_of_a_text_with_holes_is_what_stands_in_its_place() -> None:
    found = grantee(holed("arn:aws:iam::", ACCOUNT, ":root")).account
    assert found is ACCOUNT


def test_a_name_keeps_what_certainly_ends_it() -> None:
    found = grantee(holed("arn:aws:iam::111122223333:role/app-", hole(), "-reader")).name.unknown
    assert found is not None
    assert (found.prefix, found.suffix) == ("", "-reader")


# -- principals: alternatives --------------------------------------------------------------


def test_alternatives_have_in_common_what_all_of_them_say() -> None:
    arns = [f"arn:aws:iam::11112222333{n}:role/{SCALING}" for n in (3, 4)]
    found = grantee(either(*arns))
    assert (found.kind.text, found.service_linked.raw) == ("role", True)
    assert found.account.unknown is not None
    assert [one.text for one in found.account.unknown.choices] == ["111122223333", "111122223334"]


def test_an_alternative_that_is_not_known_hides_all() -> None:
    found = grantee(either("*", hole()))
    assert shown(found) == (..., ..., ..., ..., ...)
    assert [one.kind.text for one in found.alternatives] == ["*", None]


def test_each_alternative_keeps_what_belongs_together() -> None:
    found = grantee(either("arn:aws:iam::111122223333:role/app", "logs.amazonaws.com"))
    assert [shown(one) for one in found.each()] == [
        ("role", "111122223333", "app", None, False),
        ("service", None, None, "logs.amazonaws.com", False),
    ]


def test_a_principal_without_alternatives_is_the_only_one() -> None:
    found = grantee(string("logs.amazonaws.com"))
    assert found.alternatives == ()
    assert found.each() == (found,)


def test_alternatives_of_an_alternative_are_among_the_others() -> None:
    inner = either("arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b")
    outer = unknown("var.two has no value", choices=(inner, string("*")))
    assert [one.name.text for one in grantee(outer).alternatives] == ["a", "b", None]


def test_the_alternatives_of_a_sensitive_principal_are_sensitive() -> None:
    found = grantee(either("arn:aws:iam::111122223333:role/app", "*").marked())
    assert [one.kind.sensitive for one in found.alternatives] == [True, True]


def test_what_is_told_of_a_sensitive_principal_is_sensitive() -> None:
    found = grantee(string("arn:aws:iam::111122223333:role/app").marked())
    assert all(
        field.sensitive
        for field in (found.kind, found.account, found.name, found.service, found.service_linked)
    )
    assert not grantee(string("arn:aws:iam::111122223333:role/app")).kind.sensitive


@pytest.mark.parametrize(
    ("type", "text", "kind"),
    [
        ("AWS", "*", "*"),
        ("Service", "logs.amazonaws.com", "service"),
        ("Service", "*", "*"),
        ("Federated", "cognito-identity.amazonaws.com", "federated"),
        ("CanonicalUser", "79a59df900b949e55d96a1e698fb", "canonical_user"),
        ("*", "*", "*"),
        ("Bogus", "x", "other"),
    ],
)
def test_the_type_of_a_principal_decides_its_kind(type: str, text: str, kind: str) -> None:
    assert principal(type, string(text)).kind.text == kind


# -- statements ----------------------------------------------------------------------------


def only(document: Plain) -> Statement:
    (statement,) = statements(value(document))
    return statement


def of(**elements: Plain) -> Statement:
    return only({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]})


def principals(statement: Statement) -> list[tuple[str | None, str | None]]:
    return [(one.type.text, one.value.text) for one in statement.principals]


def texts(of: Value) -> list[str | None]:
    return [one.text for one in of.elements()]


def test_a_lone_statement_is_a_list_of_one() -> None:
    assert only({"Statement": {"Sid": "a", "Effect": "Deny"}}).effect.text == "Deny"


@pytest.mark.parametrize("document", [{}, {"Statement": None}, {"Statement": []}, 5, "text", None])
def test_a_document_without_statements_has_none(document: Plain) -> None:
    assert statements(value(document)) == ()
    assert unseen(value(document)) == ()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("*", [("*", "*")]),
        (["*"], [("*", "*")]),
        ({"AWS": "*"}, [("AWS", "*")]),
        ({"AWS": ["*"]}, [("AWS", "*")]),
        ({"*": "*"}, [("*", "*")]),
        ({"AWS": ["1", "2"], "Service": "s"}, [("AWS", "1"), ("AWS", "2"), ("Service", "s")]),
        ({"AWS": 123456789012}, [("AWS", "123456789012")]),
        ({"AWS": []}, []),
        ({}, []),
        (None, []),
        ("var", [("AWS", "var")]),
    ],
)
def test_every_shape_of_principal_comes_out_alike(
    written: Plain, found: list[tuple[str, str]]
) -> None:
    assert principals(of(Principal=written)) == found


def test_exceptions_are_told_from_what_is_meant() -> None:
    statement = of(NotPrincipal={"AWS": "a"}, NotAction="kms:*", NotResource="*")
    assert (statement.not_principal, statement.not_action, statement.not_resource) == (True,) * 3
    assert principals(statement) == [("AWS", "a")]
    assert texts(statement.actions) == ["kms:*"]


@pytest.mark.parametrize("written", ["kms:Decrypt", ["kms:Decrypt"]])
def test_one_action_is_a_list_of_one(written: Plain) -> None:
    assert texts(of(Action=written).actions) == ["kms:Decrypt"]


@pytest.mark.parametrize("name", ["principal", "PRINCIPAL", "Principal"])
def test_the_case_of_an_elements_name_is_forgiven(name: str) -> None:
    assert principals(of(**{name: "*"})) == [("*", "*")]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("StringEquals", ("StringEquals", None, False)),
        ("stringequals", ("StringEquals", None, False)),
        ("StringLikeIfExists", ("StringLike", None, True)),
        ("ForAllValues:StringEquals", ("StringEquals", "ForAllValues", False)),
        ("foranyvalue:stringlikeifexists", ("StringLike", "ForAnyValue", True)),
        ("ArnLike", ("ArnLike", None, False)),
        ("Null", ("Null", None, False)),
        ("Bogus", ("Bogus", None, False)),
    ],
)
def test_operators_are_taken_apart(written: str, found: tuple[str, str | None, bool]) -> None:
    (condition,) = of(Condition={written: {"kms:ViaService": "x"}}).conditions
    assert (condition.operator.text, condition.set.raw, condition.if_exists.raw) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (True, ["true"]),
        ("True", ["True"]),
        (5, ["5"]),
        (0.5, ["0.5"]),
        (["a", False], ["a", "false"]),
        ([], []),
    ],
)
def test_condition_values_are_lists_of_text(written: Plain, found: list[str]) -> None:
    (condition,) = of(Condition={"Bool": {"kms:GrantIsForAWSResource": written}}).conditions
    assert texts(condition.values) == found


def test_each_key_is_a_condition() -> None:
    written = {"StringEquals": {"a": "1", "b": "2"}, "Null": {"c": "true"}}
    found = [(one.operator.text, one.key.text) for one in of(Condition=written).conditions]
    assert found == [("Null", "c"), ("StringEquals", "a"), ("StringEquals", "b")]


# -- statements that are not wholly known --------------------------------------------------


def test_an_unknown_principal_is_one_of_unknown_kind() -> None:
    (found,) = of(Principal={"AWS": hole()}).principals
    assert (found.type.text, found.kind.unknown is not None) == ("AWS", True)
    assert found.value.equals("*") is Truth.MAYBE


def test_unknown_principals_as_a_whole_have_no_type() -> None:
    (found,) = of(Principal=hole()).principals
    assert found.type.unknown is not None


def test_alternatives_of_a_principal_list_keep_what_is_in_all() -> None:
    (first, second) = of(Principal={"AWS": either(["*", "1"], ["*", "2"])}).principals
    assert first.value.text == "*"
    assert second.value.unknown is not None
    assert [one.text for one in second.value.unknown.choices] == ["1", "2"]


def test_alternatives_of_a_whole_principal_keep_their_type() -> None:
    (found,) = of(Principal=either({"AWS": "1"}, {"AWS": "2"})).principals
    assert found.type.text == "AWS"
    assert found.value.equals("3") is Truth.NO


def test_alternatives_that_agree_are_certain() -> None:
    (found,) = of(Principal={"AWS": either("1", ["1"])}).principals
    assert found.value.text == "1"


def test_alternatives_of_several_types_have_none() -> None:
    (found,) = of(Principal=either({"AWS": "1"}, {"Service": "2"})).principals
    assert found.type.unknown is not None


def test_an_alternative_principal_that_is_not_known_can_be_any() -> None:
    (found,) = of(Principal=either({"AWS": "1"}, {"AWS": hole()})).principals
    assert found.value.equals("3") is Truth.MAYBE


def test_an_unknown_action_in_a_list_hides_no_other() -> None:
    actions = of(Action=["kms:Decrypt", hole()]).actions
    assert actions.contains("kms:Decrypt") is Truth.YES
    assert actions.contains("kms:Encrypt") is Truth.MAYBE


def test_unknown_actions_are_unknown_as_a_whole() -> None:
    assert of(Action=unknown("var.actions has no value")).actions.unknown is not None


def test_alternatives_of_actions_are_lists() -> None:
    actions = of(Action=either("kms:*", ["kms:*", "s3:*"])).actions
    assert actions.contains("kms:*") is Truth.YES
    assert actions.contains("s3:*") is Truth.MAYBE


def test_an_unknown_condition_is_not_no_condition() -> None:
    (found,) = of(Condition=hole()).conditions
    assert found.operator.unknown is not None
    assert found.key.unknown is not None


def test_an_unknown_map_of_an_operator_keeps_the_operator() -> None:
    (found,) = of(Condition={"StringEquals": hole()}).conditions
    assert (found.operator.text, found.key.unknown is not None) == ("StringEquals", True)


def test_a_statement_that_may_be_there_exists_maybe() -> None:
    listed = tuple_([value({"Sid": "a"}), either({"Sid": "b"}, None)])
    found = statements(value({"Statement": listed}))
    assert [(one.sid.text, one.exists) for one in found] == [
        ("a", Truth.YES),
        ("b", Truth.MAYBE),
    ]
    assert found[1].where == "that alternative is taken (var.on has no value)"


def test_alternatives_of_a_document_exist_maybe() -> None:
    found = statements(either({"Statement": [{"Sid": "a"}]}, {"Statement": [{"Sid": "b"}]}))
    assert [(one.sid.text, one.exists) for one in found] == [
        ("a", Truth.MAYBE),
        ("b", Truth.MAYBE),
    ]


@pytest.mark.parametrize(
    "document",
    [
        hole(),
        value({"Statement": hole()}),
        value({"Statement": [hole(), {"Sid": "a"}]}),
        either({"Statement": []}, hole()),
    ],
)
def test_statements_that_cannot_be_seen_are_told(document: Value) -> None:
    assert len(unseen(document)) == 1


def test_a_statement_stands_where_it_is_written() -> None:
    written = value({"Sid": "a"}).at(SPAN)
    assert only({"Statement": [written]}).span == SPAN
    assert statements(value({"Statement": {}}), SPAN)[0].span == SPAN


def test_a_sensitive_leaf_leaves_the_rest_of_its_statement_alone() -> None:
    statement = of(Sid="a", Principal={"AWS": string("x").marked()})
    assert not statement.sensitive
    assert not statement.sid.sensitive
    (found,) = statement.principals
    assert found.value.sensitive
    assert found.kind.sensitive


def test_a_sensitive_map_hides_its_keys() -> None:
    (found,) = of(Condition=value({"StringEquals": {"a": "1"}}).marked()).conditions
    assert found.operator.sensitive
    assert found.key.sensitive


# -- operations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "spec", "usage", "answer"),
    [
        ("Decrypt", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", Truth.YES),
        ("Sign", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", Truth.NO),
        ("GetPublicKey", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", Truth.NO),
        ("Sign", "RSA_2048", "SIGN_VERIFY", Truth.YES),
        ("Decrypt", "RSA_2048", "SIGN_VERIFY", Truth.NO),
        ("Decrypt", "RSA_2048", "ENCRYPT_DECRYPT", Truth.YES),
        ("GenerateDataKey", "RSA_2048", "ENCRYPT_DECRYPT", Truth.NO),
        ("Decrypt", "RSA_2048", None, Truth.MAYBE),
        ("GetPublicKey", "RSA_2048", None, Truth.YES),
        ("GetPublicKey", "HMAC_256", "GENERATE_VERIFY_MAC", Truth.NO),
        ("GenerateMac", "HMAC_256", None, Truth.YES),
        ("DeriveSharedSecret", "ECC_NIST_P256", "KEY_AGREEMENT", Truth.YES),
        ("Decapsulate", "ML_KEM_768", None, Truth.YES),
        ("DescribeKey", None, None, Truth.YES),
        ("Decrypt", None, "ENCRYPT_DECRYPT", Truth.YES),
        ("GenerateDataKey", None, "ENCRYPT_DECRYPT", Truth.MAYBE),
        ("Sign", None, "ENCRYPT_DECRYPT", Truth.NO),
        ("Decrypt", None, None, Truth.MAYBE),
        ("ListGrants", None, None, Truth.NO),
        ("Decrypt", "NEWER_THAN_THIS", "ENCRYPT_DECRYPT", Truth.MAYBE),
        ("Decrypt", None, "NEWER_THAN_THIS", Truth.MAYBE),
    ],
)
def test_operations_by_spec_and_usage(
    operation: str, spec: str | None, usage: str | None, answer: Truth
) -> None:
    known = [string(one) if one is not None else hole() for one in (spec, usage)]
    assert supported(operation, known[0], known[1]) is answer


def test_alternatives_of_a_spec_that_agree_are_certain() -> None:
    specs = either("RSA_2048", "ECC_NIST_P256")
    assert supported("GenerateDataKey", specs, string("SIGN_VERIFY")) is Truth.NO
    assert supported("Sign", specs, string("SIGN_VERIFY")) is Truth.YES
    assert supported("Sign", specs, null()) is Truth.MAYBE


def test_there_are_the_nineteen_operations_of_the_api() -> None:
    assert len(OPERATIONS) == 19
