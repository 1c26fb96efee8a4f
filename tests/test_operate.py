"""Operators, conditionals and selection: what Terraform's console answered, and unknowns."""

from __future__ import annotations

import pytest
from recorded_answers import agrees, evaluate_text, recorded, shown

from grantlint.parsers.terraform import convert, operate
from grantlint.source import Source, Span
from grantlint.value import (
    BOOL,
    NUMBER,
    STRING,
    Failure,
    Referent,
    Step,
    Type,
    Unknown,
    Value,
    boolean,
    failure,
    null,
    number,
    object_,
    string,
    tuple_,
    unknown,
)

ROLE = Referent("aws_iam_role", "aws_iam_role.app")
HERE = Span(Source("main.tf", b"a b"), 0, 1)
ROWS = [row for name in ("operators", "conditionals", "selection") for row in recorded(name)]


def choices(value: Value) -> list[object]:
    assert isinstance(value.raw, Unknown)
    return [choice.raw for choice in value.raw.choices]


def either(*values: Value) -> Value:
    return operate.conditional(unknown("nobody knows"), *values)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["expr"][:60])
def test_an_answer_is_terraforms(row) -> None:
    assert agrees(shown(evaluate_text(row["expr"])), row)


def test_nearly_every_answer_is_known() -> None:
    unknowns = [row for row in ROWS if not evaluate_text(row["expr"]).wholly_known()]
    refused = [row for row in ROWS if "error" in row]
    assert len(unknowns) - len(refused) < len(ROWS) / 50


# -- failures ------------------------------------------------------------------------------


def test_the_failed_operand_is_the_result() -> None:
    failed = failure("no such thing")
    assert operate.binary("+", number(1), failed) is failed
    assert operate.unary("!", failed) is failed
    assert operate.index(failed, number(0)) is failed
    assert operate.index(tuple_([]), failed) is failed
    assert operate.get_attr(failed, "a") is failed


def test_a_static_failure_comes_before_an_error() -> None:
    static = failure("undeclared", static=True)
    assert operate.binary("==", failure("an error"), static) is static


def test_an_error_in_the_branch_not_taken_is_forgotten() -> None:
    assert operate.conditional(boolean(True), string("a"), failure("no such key")).text == "a"


def test_a_static_failure_in_the_branch_not_taken_is_kept() -> None:
    static = failure("undeclared", static=True)
    assert operate.conditional(boolean(True), string("a"), static) is static


def test_a_number_beside_a_failed_branch_may_be_its_text() -> None:
    taken = operate.conditional(boolean(True), number(1), failure("no such key"))
    assert choices(taken) == [1, "1"]
    assert convert.convert(taken, NUMBER).raw == 1
    assert convert.convert(taken, STRING).raw == "1"


# -- unknown operands ----------------------------------------------------------------------


def test_an_operation_on_an_unknown_keeps_its_reason_and_what_it_refers_to() -> None:
    arn = unknown("known after apply", refers_to=ROLE)
    total = operate.binary("+", number(1), arn)
    assert total.type == NUMBER
    assert total.unknown == Unknown("known after apply", ROLE)


@pytest.mark.parametrize("operator", ["&&", "||"])
@pytest.mark.parametrize("known", [True, False])
def test_logic_with_an_unknown_side_is_not_decided_by_the_other(operator, known) -> None:
    assert operate.binary(operator, boolean(known), unknown("x")).unknown
    assert operate.binary(operator, unknown("x"), boolean(known)).unknown


def test_an_unknown_of_unknown_type_may_equal_anything() -> None:
    for other in (null(), string("a"), tuple_([]), object_({"a": unknown("y")})):
        assert operate.binary("==", unknown("x"), other).unknown


def test_an_unknown_number_is_no_text() -> None:
    assert operate.binary("==", unknown("x", type=NUMBER), string("1")).raw is False
    assert operate.binary("!=", unknown("x", type=NUMBER), string("1")).raw is True


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        ("arn:aws:iam::1:role/a", None),
        ("arn:aws:iam::1:user/a", False),
        ("arn:aws:s3:::b", False),
        ("arn", False),
        ("arn:aws:iam::1:role/", None),
    ],
)
def test_text_with_holes_is_unequal_to_what_cannot_be_it(other: str, answer: bool | None) -> None:
    role = unknown("x", type=STRING, parts=("arn:aws:iam::", unknown("id"), ":role/", unknown("r")))
    if answer is None or other.startswith("arn:aws:iam"):
        assert operate.binary("==", role, string(other)).unknown
    else:
        assert operate.binary("==", role, string(other)).raw is answer


def test_text_with_holes_is_not_null() -> None:
    text = unknown("x", type=STRING, parts=("a", unknown("y")))
    assert operate.binary("==", text, null()).raw is False


def test_a_hole_may_bring_an_accent_to_the_letter_before_it() -> None:
    text = unknown("x", type=STRING, parts=("e", unknown("y")))
    assert operate.binary("==", text, string("é")).unknown


def test_members_that_differ_decide_where_others_are_unknown() -> None:
    left = object_({"a": number(1), "b": unknown("x")})
    right = object_({"a": number(2), "b": number(3)})
    assert operate.binary("==", left, right).raw is False
    assert operate.binary("==", left, object_({"a": number(1), "b": number(3)})).unknown


# -- choices -------------------------------------------------------------------------------


def test_an_unknown_condition_makes_the_branches_choices() -> None:
    value = either(string("a"), string("b"))
    assert value.type == STRING
    assert choices(value) == ["a", "b"]


def test_branches_of_one_value_are_one_choice() -> None:
    assert choices(either(number(1), string("1"))) == ["1"]


def test_choices_of_choices_are_flat() -> None:
    assert choices(either(either(string("a"), string("b")), string("c"))) == ["a", "b", "c"]


def test_there_are_at_most_16_choices() -> None:
    value = string("0")
    for at in range(1, 16):
        value = either(string(str(at)), value)
    assert len(choices(value)) == 16
    assert choices(either(string("one more"), value)) == []


def test_an_operation_is_done_on_every_choice() -> None:
    assert choices(operate.binary("+", either(number(1), number(2)), number(10))) == [11, 12]


def test_what_holds_for_every_choice_is_known() -> None:
    environment = either(string("dev"), string("test"))
    assert operate.binary("==", environment, string("prod")).raw is False


def test_an_unknown_condition_over_two_nulls_is_null() -> None:
    assert either(null(STRING), null()).is_null


def test_a_branch_that_fails_leaves_the_other_as_the_only_choice() -> None:
    value = either(string("a"), failure("no such key"))
    assert choices(value) == ["a"]
    assert value.unknown
    assert value.unknown.may_fail


def test_selection_goes_through_choices() -> None:
    value = either(object_({"a": string("x")}), object_({"a": string("y")}))
    assert choices(operate.get_attr(value, "a")) == ["x", "y"]
    assert choices(operate.index(value, string("a"))) == ["x", "y"]


def test_an_attribute_that_no_choice_has_is_refused() -> None:
    value = either(object_({"a": string("x")}), object_({"a": string("y")}))
    assert operate.get_attr(value, "b").failed


def test_an_unknown_key_chooses_among_the_members() -> None:
    members = convert.convert(object_({"a": string("x"), "b": string("y")}), convert.map_of(STRING))
    value = operate.index(members, unknown("x"))
    assert value.type == STRING
    assert choices(value) == ["x", "y"]


# -- selection from unknowns ---------------------------------------------------------------


def test_a_part_of_an_unknown_has_the_type_that_is_known() -> None:
    kind = Type("object", attributes={"a": convert.list_of(NUMBER)})
    part = operate.get_attr(unknown("x", type=kind, refers_to=ROLE), "a")
    assert part.type == convert.list_of(NUMBER)
    assert operate.index(part, number(5)).type == NUMBER
    assert part.unknown == Unknown("x", ROLE)


def test_an_attribute_that_an_unknowns_type_lacks_is_refused() -> None:
    kind = Type("object", attributes={"a": NUMBER})
    assert operate.get_attr(unknown("x", type=kind), "b").failed


def test_a_known_attribute_of_an_unknown_object_is_found() -> None:
    value = Value(Type("dynamic"), Unknown("known after apply", members={"name": string("app")}))
    assert operate.get_attr(value, "name").text == "app"
    assert operate.get_attr(value, "arn").unknown


# -- places and marks ----------------------------------------------------------------------


def test_what_is_selected_keeps_its_place_and_adds_the_containers_trail() -> None:
    step = Step("local.roles", HERE, "local")
    roles = object_({"app": string("x", HERE)}).through(step)
    chosen = operate.get_attr(roles, "app")
    assert chosen.written is HERE
    assert chosen.trail == (step,)
    assert operate.index(roles, string("app")) == chosen


def test_the_branch_taken_keeps_its_place() -> None:
    assert operate.conditional(boolean(False), null(), string("x", HERE)).written is HERE


def test_a_sensitive_branch_makes_the_whole_sensitive_even_when_not_taken() -> None:
    assert operate.conditional(boolean(True), string("a"), string("b").marked()).sensitive


def test_a_comparison_of_something_sensitive_inside_is_sensitive() -> None:
    assert operate.binary("==", tuple_([string("a").marked()]), tuple_([])).sensitive


# -- numbers that are not computed ---------------------------------------------------------


def test_division_by_zero_gives_an_unknown() -> None:
    infinity = operate.binary("/", number(1), number(0))
    assert infinity.type == NUMBER
    assert infinity.unknown == Unknown("division by zero gives infinity")


def test_zero_by_zero_is_refused() -> None:
    assert operate.binary("/", number(0), number(0)).failed


def test_numbers_do_not_grow_without_end() -> None:
    value = number(10**100)
    for _ in range(40):
        value = operate.binary("*", value, value)
    assert value.unknown == Unknown("the number is too large or too small")


def test_a_condition_of_the_wrong_type_is_refused() -> None:
    refused = operate.conditional(number(1), string("a"), string("b"))
    assert refused.failed
    assert refused.failed.failure is Failure.ERROR
    assert operate.unary("!", unknown("x")).type == BOOL
