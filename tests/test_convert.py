"""Types and conversions: what Terraform's console answered, and what unknowns do to them."""

from __future__ import annotations

import random

import pytest
from recorded_answers import agrees, evaluate, evaluate_text, has_holes, recorded, shown

from grantlint.parsers.terraform import convert, syntax, tree
from grantlint.source import Source, Span
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
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

HERE = Span(Source("main.tf", b"a b"), 0, 1)
ANY_LIST, ANY_SET, ANY_MAP = (Type(kind, DYNAMIC) for kind in ("list", "set", "map"))


def constraint(text: str) -> Type | str:
    return convert.parse_constraint(
        syntax.parse_expression(Source("v.tf", text.encode())), evaluate
    )


def typed(text: str) -> Type:
    parsed = constraint(text)
    assert isinstance(parsed, Type)
    return parsed


def choices(value: Value) -> list[object]:
    assert isinstance(value.raw, Unknown)
    return [choice.raw for choice in value.raw.choices]


def texts(value: Value) -> list[str | None]:
    return [member.text for member in value.elements()]


@pytest.mark.parametrize("row", recorded("conversions"), ids=lambda row: row["expr"][:60])
def test_a_conversion_is_terraforms(row) -> None:
    assert agrees(shown(evaluate_text(row["expr"])), row)


@pytest.mark.parametrize(
    "row", recorded("constraints"), ids=lambda row: f"{row['default']} as {row['constraint']}"[:70]
)
def test_a_variables_default_becomes_terraforms_value(row) -> None:
    parsed = constraint(row["constraint"])
    if isinstance(parsed, str):
        assert parsed.split() == row["error"].split()
        return
    value = convert.convert(evaluate_text(row["default"]), parsed)
    if "error" in row:
        assert value.failed
        assert "".join(value.failed.reason.split()) in "".join(row["error"].split())
    else:
        assert agrees(shown(value), row)


# -- constraints ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text", 'The keyword "text" is not a valid type specification.'),
        ("list()", "The list type constructor requires one argument specifying the element type."),
        ("set", "The set type constructor requires one argument specifying the element type."),
        ("string(1)", 'Primitive type keyword "string" does not expect arguments.'),
        ("any(1)", 'Type constraint keyword "any" does not expect arguments.'),
        ("5", "A type specification is either a primitive type keyword (bool, number, string)"),
        ("optional(string)", 'Keyword "optional" is valid only as a modifier for object type'),
        ("tuple(string)", "Tuple type constructor requires a list of element types."),
        ("object(string)", "Object type constructor requires a map whose keys are attribute"),
        ("object({a = optional()})", "Optional attribute modifier requires the attribute type"),
        ("object({a = string, a = string})", "Object constructor map keys must be unique."),
        ("object({a = optional(number, [])})", "This default value is not compatible with the"),
        ("vector(string)", 'Keyword "vector" is not a valid type constructor.'),
    ],
)
def test_a_wrong_constraint_is_refused_in_terraforms_words(text: str, says: str) -> None:
    refused = constraint(text)
    assert isinstance(refused, str)
    assert refused.startswith(says)


def test_old_forms_of_constraints_are_read() -> None:
    assert constraint("list") == constraint('"list"') == convert.list_of(DYNAMIC)
    assert constraint("map") == constraint('"map"') == convert.map_of(DYNAMIC)
    assert constraint('"string"') == STRING


def test_in_json_every_constraint_is_quoted() -> None:
    node = tree.Literal("list(string)", Span(Source("v.tf.json", b""), 0, 0))
    assert convert.parse_constraint(node, evaluate) == convert.list_of(STRING)


# -- unknowns ------------------------------------------------------------------------------


def test_an_unknown_takes_the_type_and_keeps_what_is_known_of_it() -> None:
    parts = ("arn:", unknown("y"))
    value = convert.convert(unknown("x", parts=parts), STRING)
    assert value.type == STRING
    assert value.unknown == Unknown("x", parts=parts)


def test_an_unknown_of_a_type_that_does_not_fit_is_refused() -> None:
    assert convert.convert(unknown("x", type=convert.list_of(STRING)), STRING).failed


def test_choices_are_converted_one_by_one() -> None:
    value = unknown("x", choices=(number(1), number(2)))
    assert choices(convert.convert(value, STRING)) == ["1", "2"]


def test_choices_that_become_one_value_are_that_value() -> None:
    assert convert.convert(unknown("x", choices=(number(1), string("1"))), NUMBER).raw == 1


def test_a_choice_that_does_not_fit_is_refused_and_the_others_stay() -> None:
    value = convert.convert(unknown("x", choices=(string("1"), string("a"))), NUMBER)
    assert choices(value) == [1]
    assert value.unknown
    assert value.unknown.may_fail
    assert convert.convert(unknown("x", choices=(string("b"), string("a"))), NUMBER).failed


def test_a_number_beside_an_unknown_is_a_number_or_its_text() -> None:
    listed = convert.convert(tuple_([number(1), unknown("x")]), ANY_LIST)
    assert choices(listed.elements()[0]) == [1, "1"]
    assert listed.elements()[1].unknown


def test_text_beside_an_unknown_stays_and_makes_all_text() -> None:
    made = convert.convert(tuple_([string("b"), unknown("x"), number(1)]), ANY_SET)
    assert made.type == convert.set_of(STRING)
    assert [member.raw for member in made.elements()[:2]] == ["1", "b"]
    assert made.elements()[2].type == STRING


def test_structure_beside_an_unknown_stays() -> None:
    statement = object_({"Effect": string("Allow"), "Count": number(1)})
    listed = convert.convert(tuple_([statement, unknown("x")]), ANY_LIST)
    kept = dict(listed.elements()[0].items())
    assert kept["Effect"].text == "Allow"
    assert choices(kept["Count"]) == [1, "1"]


def test_a_set_with_an_unknown_has_no_list() -> None:
    made = convert.convert(tuple_([string("a"), unknown("x")]), ANY_SET)
    assert convert.convert(made, ANY_LIST).unknown == Unknown("x")


def test_an_unknown_object_that_may_be_null_may_be_the_default() -> None:
    wanted = typed('object({a = optional(string, "d")})')
    given = object_({"a": unknown("x", choices=(string("a"), null()))})
    assert choices(convert.convert(given, wanted).get("a")) == ["a", "d"]


def test_what_is_known_of_an_unknown_object_survives_its_type() -> None:
    wanted = typed("object({name = string, arn = string, size = optional(number, 3)})")
    bucket = Value(DYNAMIC, Unknown("known after apply", members={"name": number(5)}))
    members = dict(convert.convert(bucket, wanted).items())
    assert members["name"].text == "5"
    assert members["arn"].type == STRING
    assert members["arn"].unknown == Unknown("known after apply")
    assert members["size"].unknown


def test_an_unknown_list_of_unknown_things_is_no_object() -> None:
    given = unknown("x", type=ANY_LIST)
    assert convert.convert(given, ANY_MAP).failed
    assert convert.convert(given, ANY_SET).type == ANY_SET


# -- places and marks ----------------------------------------------------------------------


def test_members_keep_their_places() -> None:
    step = Step("local.x", HERE, "local")
    given = tuple_([number(1, HERE).through(step), string("a")], HERE).through(step)
    listed = convert.convert(given, convert.list_of(STRING))
    assert listed.trail == (step,)
    assert listed.written is HERE
    assert listed.raw[0].written is HERE
    assert listed.raw[0].trail == (step,)


def test_conversion_keeps_sensitivity_where_it_was() -> None:
    listed = convert.convert(tuple_([number(1).marked(), number(2)]), convert.list_of(STRING))
    assert [member.sensitive for member in listed.elements()] == [True, False]
    assert not listed.sensitive
    assert convert.convert(number(1).marked(), STRING).sensitive


def test_one_sensitive_member_makes_the_whole_set_sensitive() -> None:
    assert convert.convert(tuple_([string("a").marked(), string("b")]), ANY_SET).sensitive


def test_a_failure_is_given_back_as_it_is() -> None:
    failed = failure("no such thing", HERE)
    assert convert.convert(failed, STRING) is failed


def test_a_value_that_has_the_type_is_given_back_as_it_is() -> None:
    given = object_({"a": string("x")})
    assert convert.convert(given, Type("object", attributes={"a": STRING})) is given
    assert convert.convert(given, DYNAMIC) is given


def test_an_encoded_text_stays_encoded_text() -> None:
    encoded = Value(STRING, "{}", encodes=object_({}))
    assert convert.convert(encoded, STRING).encodes is not None
    assert convert.convert(Value(STRING, "1", encodes=number(1)), NUMBER).encodes is None


# -- sets ----------------------------------------------------------------------------------


def test_a_set_is_sorted_by_bytes_and_without_duplicates() -> None:
    made = convert.make_set(map(string, ["é", "a", "Z", "aa", "a", "1", ""]), STRING)
    assert texts(made) == ["", "1", "Z", "a", "aa", "é"]


def test_of_equal_members_the_first_written_is_kept() -> None:
    made = convert.make_set([string("a", HERE), string("a")], STRING)
    assert made.elements()[0].written is HERE


def test_unknown_members_stand_behind_the_known_and_none_is_dropped() -> None:
    made = convert.make_set([unknown("x"), null(STRING), string("a"), unknown("x")], STRING)
    assert [type(member.raw) for member in made.elements()] == [str, Unknown, Unknown, type(None)]


def test_false_stands_before_true_and_numbers_by_size() -> None:
    flags = convert.make_set(map(boolean, [True, False]), BOOL)
    assert [flag.raw for flag in flags.elements()] == [False, True]
    amounts = convert.make_set(map(number, [10, 9]), NUMBER)
    assert [amount.raw for amount in amounts.elements()] == [9, 10]


# -- the laws ------------------------------------------------------------------------------

KNOWN = [
    *['"x"', '"1"', '"a"', "1", "2", "true", "null", "[]", '["a"]', "{}", "{a = 1}", "[1, 2]"],
    *['tolist(["b", "a"])', 'toset(["b", "a"])', 'tomap({a = "q"})', "[null]", "tostring(null)"],
]
OPEN = [
    'tolist(["a", unknown])',
    "tolist([1, unknown, true])",
    "tolist([[1, unknown], [2, 3]])",
    "toset([1, unknown, 2])",
    'toset([{a = 1, b = unknown}, {a = "x", b = 1}])',
    'tomap({a = 1, b = unknown, c = "x"})',
    "tomap({a = {b = unknown}, c = {b = 1}})",
    "(true ? 1 : unknown)",
    '(false ? unknown : "a")',
    "(true ? {a = 1, b = unknown} : {a = 2, b = 3})",
    "(unknown ? 1 : 2)",
    '(unknown ? "a" : unknown)',
    "(unknown ? [1] : [1, unknown])",
    "(unknown + 1)",
    "(unknown == 1)",
    '([1, "a", unknown] == [1, "a", 3])',
    '{a = "x", b = "y"}[unknown]',
    "(true ? tostring(unknown) : 5)",
    "((unknown ? 1 : 2) + (unknown ? 10 : 20))",
    '((unknown ? "a" : "b") == "c")',
    "tolist([unknown])[0]",
    "(!unknown || true)",
]


@pytest.mark.parametrize("text", OPEN)
def test_what_is_known_with_an_unknown_stays_so_with_its_value(text: str) -> None:
    vague = evaluate_text(text)
    assert not vague.failed
    draw = random.Random(text)
    for _ in range(40):
        exact = evaluate_text(filled(text, draw))
        assert exact.failed or allows(vague, exact)


def filled(text: str, draw: random.Random) -> str:
    head, *rest = text.split("unknown")
    return head + "".join(draw.choice(KNOWN) + part for part in rest)


def allows(vague: Value, exact: Value) -> bool:
    """Whether a value with unknowns may turn out to be `exact`."""
    if isinstance(vague.raw, Unknown):
        may_be = vague.raw.choices
        return not may_be or any(allows(choice, exact) for choice in may_be)
    if vague.kind == "set" and not vague.wholly_known():
        return all(any(allows(one, each) for one in vague.elements()) for each in exact.elements())
    if isinstance(vague.raw, tuple):
        pairs = zip(vague.elements(), exact.elements(), strict=False)
        return all(allows(*pair) for pair in pairs)
    if isinstance(vague.raw, dict):
        return all(allows(member, exact.get(key)) for key, member in vague.items())
    return type(vague.raw) is type(exact.raw) and vague.raw == exact.raw


def test_a_loosened_value_allows_itself_and_shows_no_number() -> None:
    given = evaluate_text('{a = 1, b = [true, "x", null], c = {d = "y"}}')
    loose = convert.loosen(given)
    assert allows(loose, given)
    shows = shown(loose)["value"]
    assert shows == {"a": ..., "b": [..., "x", None], "c": {"d": "y"}}
    assert has_holes(shows)
