"""What the provider makes of a block, attribute by attribute."""

from __future__ import annotations

import json

import pytest
from blocks import Block, Plain, block, encoded, hole, instance, perhaps, value

from grantlint.parsers.instance import Provider
from grantlint.parsers.terraform.operate import get_attr
from grantlint.parsers.terraform.provider import planned
from grantlint.value import STRING, Referent, Value, failure, null, number, string, unknown

OPERATIONS = ["Encrypt", "Decrypt", "Encrypt"]
GRANTEE = "arn:aws:iam::123456789012:role/app"


def member(of: Value, name: str) -> Value:
    found = of.get(name)
    assert found is not None
    return found


def grant(*children: tuple[str, Block], **arguments: Plain) -> Value:
    needed = {"key_id": "k", "grantee_principal": GRANTEE, "operations": OPERATIONS}
    return planned(instance("aws_kms_grant.g", block(*children, **{**needed, **arguments})))


def key(**arguments: Plain) -> Value:
    return planned(instance("aws_kms_key.k", block(**arguments)))


def texts(of: Value) -> list[str | None]:
    return [one.text for one in of.elements()]


# -- grants ------------------------------------------------------------------------------------


def test_operations_are_sorted_and_distinct() -> None:
    assert texts(member(grant(), "operations")) == ["Decrypt", "Encrypt"]


def test_operations_keep_their_places() -> None:
    first = string("Encrypt").at(block().span)
    found = member(grant(operations=[first, "Decrypt"]), "operations")
    assert found.elements()[1].written == block().span


@pytest.mark.parametrize(("name", "raw"), [("retire_on_delete", False), ("name", None)])
def test_defaults_of_a_grant(name: str, raw: bool | None) -> None:
    assert member(grant(), name).raw is raw


@pytest.mark.parametrize("name", ["id", "grant_id", "grant_token"])
def test_what_aws_gives_a_grant_is_not_known(name: str) -> None:
    found = member(grant(), name)
    assert found.type == STRING
    assert found.unknown is not None
    assert found.unknown.refers_to is not None
    assert found.unknown.refers_to.address == "aws_kms_grant.g"


def test_empty_operations_become_null() -> None:
    assert member(grant(operations=[]), "operations").is_null


@pytest.mark.parametrize("operations", ["Decrypt", ["Decrypt", None], {"a": 1}])
def test_operations_that_terraform_refuses(operations: Plain) -> None:
    assert member(grant(operations=operations), "operations").failed


def test_mismatch_is_told_in_terraforms_words() -> None:
    failed = member(grant(operations="Decrypt"), "operations").failed
    assert failed is not None
    assert failed.reason == (
        'Inappropriate value for attribute "operations": set of string required.'
    )


@pytest.mark.parametrize("principal", ["*", "123456789012", "", "not-an-arn"])
def test_a_principal_that_the_provider_refuses_stays(principal: str) -> None:
    assert member(grant(grantee_principal=principal), "grantee_principal").text == principal


def test_missing_required_argument_is_refused() -> None:
    found = planned(instance("aws_kms_grant.g", block(key_id="k")))
    assert member(found, "operations").failed
    assert member(found, "key_id").text == "k"


def test_failed_argument_fails_only_its_attribute() -> None:
    found = grant(key_id=failure("no such thing"))
    assert member(found, "key_id").failed
    assert texts(member(found, "operations")) == ["Decrypt", "Encrypt"]


def test_absent_from_a_broken_block_is_not_known() -> None:
    content = Block({"key_id": string("k")}, fault="main.tf:3 does not parse")
    found = planned(instance("aws_kms_grant.g", content))
    name = member(found, "name")
    assert name.unknown is not None
    assert name.unknown.reason == "main.tf:3 does not parse"
    assert member(found, "constraints").unknown is not None


# -- constraints -------------------------------------------------------------------------------


def constraints(**arguments: Plain) -> tuple[str, Block]:
    return "constraints", block(**arguments)


def plain(of: Value) -> object:
    if of.unknown is not None:
        return "?"
    if isinstance(of.raw, tuple):
        return [plain(one) for one in of.elements()]
    if of.items():
        return {name: plain(one) for name, one in of.items()}
    return of.raw


def test_no_constraints_are_an_empty_set() -> None:
    assert plain(member(grant(), "constraints")) == []


def test_constraints_are_distinct_and_in_order() -> None:
    subset = constraints(encryption_context_subset={"a": "1"})
    equals = constraints(encryption_context_equals={"b": 1})
    found = member(grant(subset, equals, equals), "constraints")
    assert plain(found) == [
        {"encryption_context_equals": {"b": "1"}, "encryption_context_subset": None},
        {"encryption_context_equals": None, "encryption_context_subset": {"a": "1"}},
    ]


@pytest.mark.parametrize("empty", [constraints(), constraints(encryption_context_equals={})])
def test_empty_context_is_none(empty: tuple[str, Block]) -> None:
    nothing = {"encryption_context_equals": None, "encryption_context_subset": None}
    assert plain(member(grant(empty), "constraints")) == [nothing]


def test_context_with_an_unknown_value_keeps_the_others() -> None:
    context = constraints(encryption_context_equals={"role": hole(), "static": "s"})
    found = member(grant(context), "constraints").elements()[0]
    assert plain(member(found, "encryption_context_equals")) == {"role": "?", "static": "s"}


def test_constraints_that_may_not_exist_are_alternatives() -> None:
    kind, made = constraints(encryption_context_equals={"a": "1"})
    found = member(grant((kind, perhaps(made))), "constraints")
    assert found.unknown is not None
    without, with_ = found.unknown.choices
    assert plain(without) == []
    assert plain(with_) == [
        {"encryption_context_equals": {"a": "1"}, "encryption_context_subset": None}
    ]


# -- keys --------------------------------------------------------------------------------------

DEFAULTS = {
    "bypass_policy_lockout_safety_check": False,
    "customer_master_key_spec": "SYMMETRIC_DEFAULT",
    "deletion_window_in_days": None,
    "enable_key_rotation": False,
    "is_enabled": True,
    "key_usage": "ENCRYPT_DECRYPT",
    "tags": None,
    "timeouts": None,
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_of_a_key(name: str) -> None:
    assert member(key(), name).raw == DEFAULTS[name]
    assert member(key(**{name: None}), name).raw == DEFAULTS[name]


@pytest.mark.parametrize("name", ["arn", "description", "policy", "multi_region", "tags_all"])
def test_computed_attributes_of_a_key_are_not_known(name: str) -> None:
    assert member(key(), name).unknown is not None


def test_attributes_are_converted() -> None:
    found = key(deletion_window_in_days="7", enable_key_rotation="true", description=5)
    assert member(found, "deletion_window_in_days").raw == 7
    assert member(found, "enable_key_rotation").raw is True
    assert member(found, "description").text == "5"


def test_alternatives_of_an_argument_that_may_be_null_include_the_default() -> None:
    choice = unknown("var.prod has no value", choices=(null(), number(7)))
    made = member(key(key_usage=unknown("?", choices=(null(), string("SIGN_VERIFY")))), "key_usage")
    assert made.unknown is not None
    assert [one.text for one in made.unknown.choices] == ["ENCRYPT_DECRYPT", "SIGN_VERIFY"]
    window = member(key(deletion_window_in_days=choice), "deletion_window_in_days")
    assert window.unknown is not None
    assert [one.raw for one in window.unknown.choices] == [None, 7]


def test_region_is_the_providers() -> None:
    given = Provider(hole(), string("eu-west-1"), hole())
    assert member(planned(instance("aws_kms_key.k", block(), given)), "region").text == "eu-west-1"
    own = planned(instance("aws_kms_key.k", block(region="us-east-1"), given))
    assert member(own, "region").text == "us-east-1"


# -- policies ----------------------------------------------------------------------------------


def test_policy_is_compact_with_sorted_keys() -> None:
    made = member(key(policy=encoded({"Version": "v", "Id": "<i>", "Statement": []})), "policy")
    assert made.text == '{"Id":"\\u003ci\\u003e","Statement":[],"Version":"v"}'
    assert made.encodes is not None


def test_policy_with_an_unknown_leaf_keeps_its_tree() -> None:
    statement = {"Principal": {"AWS": hole()}, "Action": "kms:*"}
    made = member(key(policy=encoded({"Statement": [statement]})), "policy")
    assert made.unknown is not None
    assert made.encodes is not None
    assert member(member(made.encodes, "Statement").elements()[0], "Action").text == "kms:*"


def test_empty_document_is_no_policy() -> None:
    assert member(key(policy=encoded({})), "policy").unknown is not None


def test_empty_policy_stays_empty() -> None:
    assert member(key(policy=""), "policy").text == ""


def test_text_that_is_no_json_is_refused() -> None:
    assert member(key(policy="{oops"), "policy").failed


def test_alternatives_of_a_policy_are_rewritten_too() -> None:
    choices = (encoded({"b": 1, "a": 2}), null())
    made = member(key(policy=unknown("var.prod has no value", choices=choices)), "policy")
    assert made.unknown is not None
    assert [one.raw for one in made.unknown.choices] == ['{"a":2,"b":1}', None]


@pytest.mark.parametrize(
    ("plain_number", "text"),
    [(5, "5"), (0.5, "0.5"), (2**70, "1.1805916207174113e+21"), (1e20, "100000000000000000000")],
)
def test_numbers_in_a_policy_go_through_a_float(plain_number: float, text: str) -> None:
    tree = value({"n": plain_number})
    made = member(key(policy=Value(STRING, "{}", encodes=tree)), "policy")
    assert made.text == f'{{"n":{text}}}'


# -- data sources ------------------------------------------------------------------------------


def data(type_: str, provider: Provider | None = None, **arguments: Plain) -> Value:
    return planned(instance(f"data.{type_}.this", block(**arguments), provider))


KNOWN = Provider(string("123456789012"), string("cn-north-1"), string("aws-cn"))


def test_identity_partition_and_region_are_the_providers() -> None:
    assert member(data("aws_caller_identity", KNOWN), "account_id").text == "123456789012"
    assert member(data("aws_partition", KNOWN), "partition").text == "aws-cn"
    assert member(data("aws_partition", KNOWN), "dns_suffix").text == "amazonaws.com.cn"
    assert member(data("aws_partition", KNOWN), "reverse_dns_prefix").text == "cn.com.amazonaws"
    assert member(data("aws_region", KNOWN), "name").text == "cn-north-1"
    assert member(data("aws_region", KNOWN, region="us-east-1"), "id").text == "us-east-1"


def test_unknown_account_refers_to_the_data_source() -> None:
    found = member(data("aws_caller_identity"), "account_id")
    assert found.unknown is not None
    assert found.unknown.refers_to is not None
    assert found.unknown.refers_to.address == "data.aws_caller_identity.this"


def test_policy_document_has_text_and_tree() -> None:
    found = data("aws_iam_policy_document", policy_id="x")
    text = member(found, "json").text
    assert text is not None
    assert json.loads(text) == {"Version": "2012-10-17", "Id": "x"}
    assert member(found, "minified_json").text == '{"Version":"2012-10-17","Id":"x"}'


def test_read_key_is_not_known_but_for_its_argument() -> None:
    found = data("aws_kms_key", key_id="alias/a")
    assert member(found, "key_id").text == "alias/a"
    arn = member(found, "arn").unknown
    assert arn is not None
    assert arn.reason == "read from AWS"


# -- roles -------------------------------------------------------------------------------------


def test_a_role_is_known_by_name_and_not_by_arn() -> None:
    trust = encoded({"Version": "v", "Statement": []})
    made = planned(instance("aws_iam_role.etl", block(name="etl", assume_role_policy=trust)))
    assert member(made, "name").text == "etl"
    assert member(made, "path").text == "/"
    assert member(made, "assume_role_policy").text == '{"Statement":[],"Version":"v"}'
    arn = member(made, "arn").unknown
    assert arn is not None
    assert arn.refers_to == Referent("aws_iam_role", "aws_iam_role.etl", "etl")


# -- types without a schema --------------------------------------------------------------------


def user(**arguments: Plain) -> Value:
    return planned(instance("aws_iam_user.etl", block(name="etl", **arguments)))


def test_open_object_knows_what_is_written() -> None:
    assert get_attr(user(), "name").text == "etl"


def test_open_object_never_says_that_an_attribute_does_not_exist() -> None:
    arn, other = get_attr(user(), "arn"), get_attr(user(), "whatever")
    assert arn.type == STRING
    assert other.failed is None
    for found in (arn, other):
        assert found.unknown is not None
        assert found.unknown.refers_to is not None
        assert found.unknown.refers_to.name == "etl"


def test_json_of_an_open_object_is_not_known_as_text() -> None:
    found = get_attr(user(policy=encoded({"Version": "v"})), "policy")
    assert found.text is None
    assert found.encodes is not None
    assert member(found.encodes, "Version").text == "v"


def test_null_of_an_open_object_may_be_filled_in() -> None:
    assert get_attr(user(path=None), "path").unknown is not None


def test_terraform_data_shows_its_input() -> None:
    found = planned(instance("terraform_data.t", block(input={"a": 1})))
    assert member(member(found, "input"), "a").raw == 1
    assert member(found, "output").unknown is not None
    assert member(found, "triggers_replace").is_null
