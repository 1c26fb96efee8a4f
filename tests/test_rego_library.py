"""The questions of policies/lib: each form against the same values as Python answers them.

What is unknown is replaced by what it can turn out to be: a certain answer must be right for all of
that.
"""

import itertools
import json
import re
from pathlib import Path

import pytest
from leaf_table import (
    ACTIONS,
    CONDITIONS,
    KEYS,
    LEAVES,
    LISTS,
    NULL,
    PREFIXES,
    PRINCIPALS,
    UNKNOWN,
    VALUES,
    one_of,
    settled,
)
from opa_program import on_path

from grantlint.iam.principals import grantee
from grantlint.model.json import value_json
from grantlint.rego import opa
from grantlint.value import Truth, Value, boolean

POLICIES = Path(__file__).parents[1] / "policies"

ASKED = {
    "is": ("leaves", "values"),
    "is_not": ("leaves", "values"),
    "may_be": ("leaves", "values"),
    "shows": ("leaves", "values"),
    "has": ("lists", "values"),
    "has_not": ("lists", "values"),
    "may_have": ("lists", "values"),
    "may_lack": ("lists", "values"),
    "shows_member": ("lists", "values"),
    "starts_with": ("leaves", "prefixes"),
    "starts_not_with": ("leaves", "prefixes"),
    "may_start_with": ("leaves", "prefixes"),
    "same": ("leaves", "leaves"),
    "differs": ("leaves", "leaves"),
    "may_differ": ("leaves", "leaves"),
    "shows_difference": ("leaves", "leaves"),
    "is_action": ("leaves", "actions"),
    "is_not_action": ("leaves", "actions"),
    "may_be_action": ("leaves", "actions"),
    "shows_action": ("leaves", "actions"),
    "known": ("leaves",),
    "present": ("objects", "names"),
    "absent": ("objects", "names"),
    "may_be_absent": ("objects", "names"),
    "is_application": ("grantees",),
    "may_be_application": ("grantees",),
    "shows_application": ("grantees",),
    "is_whole_account": ("grantees",),
    "is_not_whole_account": ("grantees",),
    "may_not_be_whole_account": ("grantees",),
    "shows_whole_account": ("grantees",),
    "is_stranger": ("trust",),
    "is_no_stranger": ("trust",),
    "may_be_stranger": ("trust",),
    "is_symmetric": ("keys",),
    "is_not_symmetric": ("keys",),
    "may_be_symmetric": ("keys",),
    "is_negated": ("conditions",),
    "is_not_negated": ("conditions",),
    "may_be_negated": ("conditions",),
    "is_for_all": ("conditions",),
    "is_not_for_all": ("conditions",),
    "may_be_for_all": ("conditions",),
}
"""Each question, and the tables that its arguments are from."""

TRUST = {
    "the own account": boolean(True),
    "a stranger": boolean(False),
    "one of both": one_of(boolean(True), boolean(False)),
    "one of two strangers": one_of(boolean(False), boolean(False)),
    "unknown": UNKNOWN,
    "sensitive": boolean(True).marked(),
}


def question(name, tables):
    """A Rego rule: the rows, by name, for which the answer is yes."""
    places = [f"some i{n}, row{n} in input.{table}" for n, table in enumerate(tables)]
    keys = ", ".join(f"i{n}" for n, _ in enumerate(tables))
    arguments = ", ".join(f"row{n}.it" for n, _ in enumerate(tables))
    return f"{name} contains [{keys}] if {{ {'; '.join(places)}; lib.{name}({arguments}) }}"


def rows(table):
    """A table as Rego sees it: each cell in an object, which has no key for what is null."""
    return {
        name: {} if isinstance(cell, Value) and cell.is_null else {"it": shown(cell)}
        for name, cell in table.items()
    }


def shown(cell):
    return value_json(cell) if isinstance(cell, Value) else cell


def principal(value):
    """A grantee as it is in a rule's input."""
    found = grantee(value)
    return {**facts(found), "alternatives": [facts(one) for one in found.alternatives]}


def facts(found):
    fields = ("kind", "account", "name", "service", "service_linked", "trusted")
    values = {name: getattr(found, name) for name in fields}
    return {name: value_json(value) for name, value in values.items() if not value.is_null}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """For each question the arguments, by the names of their rows, that OPA answers with yes."""
    text = ["package asked", "import data.grantlint.lib"]
    text += [question(name, tables) for name, tables in ASKED.items()]
    text.append(
        'told contains [i] if { some i, row in input.leaves; lib.text(row.it, "?") == row.it }'
    )
    text.append("first contains [i, lib.first_text(row.it)] if some i, row in input.leaves")
    file = tmp_path_factory.mktemp("asked") / "asked.rego"
    file.write_text("\n".join(text), encoding="utf-8")
    asked = {
        "leaves": rows({**LEAVES, "absent": NULL}),
        "lists": rows({**LISTS, "absent": NULL}),
        "values": {str(n): {"it": value} for n, value in enumerate(VALUES)},
        "actions": {str(n): {"it": action} for n, action in enumerate(ACTIONS)},
        "conditions": {name: {"it": one} for name, one in CONDITIONS.items()},
        "prefixes": {str(n): {"it": value} for n, value in enumerate(PREFIXES)},
        "objects": {name: {"it": {"leaf": row["it"]}} for name, row in rows(LEAVES).items()},
        "names": {name: {"it": name} for name in ("leaf", "other")},
        "grantees": {name: {"it": principal(value)} for name, value in PRINCIPALS.items()},
        "keys": {name: {"it": key} for name, key in KEYS.items()},
        "trust": {name: {"it": {"trusted": value_json(one)}} for name, one in TRUST.items()}
        | {"nobody": {"it": {}}},
    }
    arguments = ["eval", "--data", POLICIES / "lib", "--data", file, "--stdin-input"]
    with on_path():
        found = opa.run([*arguments, "--format", "json", "data.asked"], text=json.dumps(asked))
    answered = json.loads(found)["result"][0]["expressions"][0]["value"]
    return {
        name: {tuple(row) if len(row) > 1 else row[0] for row in answered[name]}
        for name in (*ASKED, "told", "first")
    }


# -- what is known, and what is not --------------------------------------------------------


def hidden(value):
    return value.sensitive or value.unknown is not None


def not_wholly_known(value):
    return value.has_sensitive() or not value.wholly_known()


def is_action(value, action):
    """Whether a value is an action, in any case."""
    return Truth.of(value.text is not None and value.text.lower() == action.lower())


QUESTIONS = [
    ("is_action", "is_not_action", "may_be_action", LEAVES, ACTIONS, is_action),
    ("is", "is_not", "may_be", LEAVES, VALUES, Value.equals),
    ("has", "has_not", "may_have", LISTS, VALUES, Value.contains),
    ("starts_with", "starts_not_with", "may_start_with", LEAVES, PREFIXES, Value.starts_with),
]
by_question = pytest.mark.parametrize(
    ("yes", "no", "maybe", "table", "arguments", "asks"), QUESTIONS, ids=[q[0] for q in QUESTIONS]
)


@by_question
def test_of_a_known_leaf_both_languages_say_the_same(
    answers, yes, no, maybe, table, arguments, asks
):
    compared = 0
    for (name, leaf), (n, argument) in itertools.product(table.items(), enumerate(arguments)):
        if hidden(leaf) or any(map(hidden, leaf.elements())):
            continue
        row, truth = (name, str(n)), asks(leaf, argument)
        assert (row in answers[yes]) is (truth is Truth.YES), (name, argument)
        assert (row in answers[no]) is (truth is Truth.NO), (name, argument)
        assert (row in answers[maybe]) is (truth is Truth.YES), (name, argument)
        compared += 1
    assert compared >= 30


@by_question
def test_a_certain_answer_is_right_whatever_the_leaf_turns_out_to_be(
    answers, yes, no, maybe, table, arguments, asks
):
    del maybe
    for (name, leaf), (n, argument) in itertools.product(table.items(), enumerate(arguments)):
        truths = {asks(one, argument) for one in settled(leaf)}
        row = (name, str(n))
        assert row not in answers[yes] or truths == {Truth.YES}, (name, argument)
        assert row not in answers[no] or truths == {Truth.NO}, (name, argument)


@by_question
def test_an_answer_is_certain_where_all_that_a_leaf_can_turn_out_to_be_agrees(
    answers, yes, no, maybe, table, arguments, asks
):
    """Of alternatives that are unknown themselves, nothing is made out."""
    del maybe
    for (name, leaf), (n, argument) in itertools.product(table.items(), enumerate(arguments)):
        cause = leaf.unknown
        choices = cause.choices if cause is not None else ()
        if value_json(leaf) == {"$sensitive": True} or any(map(not_wholly_known, choices)):
            continue
        truths = {asks(one, argument) for one in settled(leaf)}
        row = (name, str(n))
        assert row in answers[yes] or truths != {Truth.YES}, (name, argument)
        assert row in answers[no] or truths != {Truth.NO}, (name, argument)


@by_question
def test_certainly_and_certainly_not_exclude_each_other_and_may_be_is_all_but_the_latter(
    answers, yes, no, maybe, table, arguments, asks
):
    del asks
    everything = set(itertools.product(table, map(str, range(len(arguments)))))
    assert not answers[yes] & answers[no]
    assert answers[maybe] == everything - answers[no]
    assert answers[yes] < answers[maybe]


@by_question
def test_each_form_is_answered_with_yes_for_something_unknown(
    answers, yes, no, maybe, table, arguments, asks
):
    del arguments, asks
    for form in (yes, no, maybe):
        assert any(hidden(table[name]) for name, _ in answers[form]), form


@pytest.mark.parametrize("name", [name for name, tables in ASKED.items() if len(tables) == 2])
def test_a_leaf_that_is_not_there_gets_no_answer(answers, name):
    assert not [row for row in answers[name] if "absent" in row]


@by_question
def test_nothing_sensitive_is_answered(answers, yes, no, maybe, table, arguments, asks):
    del maybe, arguments, asks
    secret = {name for name, leaf in table.items() if leaf.sensitive}
    assert secret
    assert not {name for name, _ in answers[yes] | answers[no]} & secret


# -- what is left open ---------------------------------------------------------------------


def test_a_list_may_lack_what_it_does_not_certainly_have(answers):
    everything = set(itertools.product(LISTS, map(str, range(len(VALUES)))))
    assert answers["may_lack"] == everything - answers["has"]


def test_a_leaf_shows_what_it_is_or_what_one_of_its_alternatives_is(answers):
    for (name, leaf), (n, value) in itertools.product(LEAVES.items(), enumerate(VALUES)):
        cause = leaf.unknown
        alternatives = [leaf] if cause is None else cause.choices
        known = [one for one in alternatives if not hidden(one) and not leaf.sensitive]
        expected = any(one.equals(value) is Truth.YES for one in known)
        assert ((name, str(n)) in answers["shows"]) is expected, (name, value)


def test_a_list_shows_a_member_that_it_or_one_of_its_alternatives_has(answers):
    shown = {name for name, n in answers["shows_member"] if VALUES[int(n)] == "Decrypt"}
    assert shown == {
        "list",
        "begun list",
        "list with an unknown and what is asked",
        "list with choices",
        "choices of lists that have it",
        "choices of lists",
        "a list or null",
    }


def test_a_leaf_shows_an_action_that_one_of_its_alternatives_is(answers):
    for (name, leaf), (n, action) in itertools.product(LEAVES.items(), enumerate(ACTIONS)):
        cause = leaf.unknown
        alternatives = [leaf] if cause is None else cause.choices
        known = [one for one in alternatives if not hidden(one) and not leaf.sensitive]
        expected = any(is_action(one, action) is Truth.YES for one in known)
        assert ((name, str(n)) in answers["shows_action"]) is expected, (name, action)


def test_what_is_shown_may_be(answers):
    assert answers["shows_action"] < answers["may_be_action"]
    assert answers["shows"] < answers["may_be"]
    assert answers["shows_member"] < answers["may_have"]


# -- two leaves ----------------------------------------------------------------------------


def equal(one, other):
    """Whether two settled values are the same; None where one is null, which is no value."""
    if one.is_null or other.is_null:
        return None
    return type(one.raw) is type(other.raw) and one.raw == other.raw


def test_a_certain_answer_on_two_leaves_is_right_whatever_they_turn_out_to_be(answers):
    for first, second in itertools.product(LEAVES, LEAVES):
        pairs = itertools.product(settled(LEAVES[first]), settled(LEAVES[second]))
        truths = {equal(*pair) for pair in pairs}
        row = (first, second)
        assert row not in answers["same"] or truths == {True}, row
        assert row not in answers["differs"] or truths == {False}, row
        assert row not in answers["shows_difference"] or False in truths, row


def test_same_and_differs_exclude_each_other_and_what_may_differ_is_not_the_same(answers):
    everything = set(itertools.product(LEAVES, LEAVES))
    assert not answers["same"] & answers["differs"]
    assert answers["may_differ"] == everything - answers["same"]
    assert answers["differs"] < answers["shows_difference"] < answers["may_differ"]


@pytest.mark.parametrize("name", ["differs", "shows_difference"])
def test_a_difference_does_not_depend_on_the_order(answers, name):
    assert answers[name] == {(second, first) for first, second in answers[name]}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("text", "another text", True),
        ("text", "text", False),
        ("text", "choices of other texts", True),
        ("choices", "choices of other texts", True),
        ("choices", "text", False),
        ("prefix", "another text", True),
        ("prefix", "choices of other texts", True),
        ("prefix", "text", False),
        ("another text", "a choice is null", False),
        ("text", "unknown", False),
        ("text", "sensitive", False),
    ],
)
def test_leaves_differ_where_none_of_their_alternatives_are_the_same(
    answers, first, second, expected
):
    assert ((first, second) in answers["differs"]) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("choices", "text", True),
        ("choices", "choices", True),
        ("a choice is unknown", "another text", True),
        ("a choice is unknown", "text", False),
        ("a choice is null", "text", False),
        ("a choice is null", "another text", True),
        ("unknown", "text", False),
        ("unknown", "unknown", False),
        ("sensitive", "text", False),
        ("a choice is sensitive", "another text", False),
        ("prefix", "text", False),
    ],
)
def test_a_difference_is_shown_by_known_alternatives_alone(answers, first, second, expected):
    assert ((first, second) in answers["shows_difference"]) is expected


# -- whether something is there ------------------------------------------------------------


def test_a_leaf_is_known_unless_it_is_hidden(answers):
    assert answers["known"] == {name for name, leaf in LEAVES.items() if not hidden(leaf)}


def test_an_argument_is_present_absent_or_unknown(answers):
    for name, leaf in LEAVES.items():
        assert ((name, "leaf") in answers["present"]) is not hidden(leaf), name
        assert ((name, "leaf") in answers["may_be_absent"]) is hidden(leaf), name
        assert (name, "leaf") not in answers["absent"]


def test_an_argument_that_is_not_written_is_absent(answers):
    for name in LEAVES:
        row = (name, "other")
        assert row not in answers["present"]
        assert row in answers["absent"] & answers["may_be_absent"]


def test_a_text_is_shown_and_anything_else_is_replaced(answers):
    told = {name for name, leaf in LEAVES.items() if leaf.text is not None and not leaf.sensitive}
    assert answers["told"] == told


def test_the_first_text_is_the_leaf_or_the_first_of_its_alternatives_that_is_one(answers):
    shown = [("choices", "Decrypt"), ("a choice is sensitive", "Encrypt")]
    assert answers["first"] >= {("text", "Decrypt"), ("empty text", ""), *shown}
    hidden = {"unknown", "sensitive", "prefix", "number", "choices of flags", "absent"}
    assert not {name for name, _ in answers["first"]} & hidden


# -- grantees and keys ---------------------------------------------------------------------

APPLICATIONS = [
    "role",
    "user",
    "root",
    "root of an unknown account",
    "role of an unknown account",
    "role of an unknown name",
    "session",
    "role or root",
    "one of two roots",
]
NONE_OF_THEM = [
    "account",
    "deleted role",
    "role for a service or service",
    "session of EC2",
    "session of a role for services",
    "role for a service",
    "service",
    "group",
    "everyone",
    "no principal",
    "null",
]


def test_an_application_is_neither_a_service_nor_of_one(answers):
    assert answers["is_application"] == set(APPLICATIONS)
    assert answers["may_be_application"] == set(PRINCIPALS) - set(NONE_OF_THEM)


def test_nothing_is_shown_of_a_grantee_of_an_unknown_kind(answers):
    unseen = answers["may_be_application"] - answers["shows_application"]
    assert unseen == {"something in an account", "unknown", "sensitive"}
    assert answers["is_application"] < answers["shows_application"] < answers["may_be_application"]


def test_a_whole_account_is_known_by_its_root(answers):
    accounts = {"root", "root of an unknown account", "one of two roots"}
    unsure = {"something in an account", "unknown", "sensitive", "role or root", "root or null"}
    assert answers["is_whole_account"] == accounts
    assert answers["is_not_whole_account"] == set(PRINCIPALS) - accounts - unsure
    assert answers["may_not_be_whole_account"] == set(PRINCIPALS) - accounts
    assert answers["shows_whole_account"] == accounts | {"role or root", "root or null"}


def test_a_key_is_symmetric_by_spec_and_usage(answers):
    assert answers["is_symmetric"] == {"symmetric encrypting"}
    assert answers["is_not_symmetric"] == {
        name for name in KEYS if name.startswith("RSA") or name.endswith("signing")
    }
    assert answers["may_be_symmetric"] == set(KEYS) - answers["is_not_symmetric"]


def test_whom_nobody_trusts_is_a_stranger(answers):
    assert answers["is_stranger"] == {"a stranger", "one of two strangers"}
    assert answers["is_no_stranger"] == {"the own account"}
    unsure = {"unknown", "sensitive", "one of both"}
    assert answers["may_be_stranger"] == answers["is_stranger"] | unsure


# -- the library itself --------------------------------------------------------------------


def public_functions():
    """The functions of the library that a rule may call, with the comment before each."""
    for file in sorted((POLICIES / "lib").glob("*.rego")):
        text = file.read_text("utf-8")
        for match in re.finditer(r"^((?:#.*\n)*)([a-z]\w*)\(", text, re.M):
            yield match[2], match[1]


def test_every_function_of_the_library_says_what_it_answers():
    described = {name for name, comment in public_functions() if "# description: " in comment}
    assert described == {name for name, _ in public_functions()}


# -- conditions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "operators", "sets"),
    [
        ("is_negated", {"differs"}, None),
        ("is_not_negated", {"equals", "null"}, None),
        ("may_be_negated", {"differs", "unknown", "sensitive"}, None),
        ("is_for_all", {"equals", "differs"}, {"all"}),
        (
            "may_be_for_all",
            {"equals", "differs", "unknown", "sensitive"},
            {"all", "unknown", "sensitive"},
        ),
    ],
)
def test_what_is_asked_of_a_condition(answers, question, operators, sets):
    expected = {
        name
        for name in CONDITIONS
        for operator, set_ in [name.split()]
        if operator in operators and (sets is None or set_ in sets)
    }
    assert answers[question] == expected


def test_a_condition_certainly_is_not_what_it_may_not_be(answers):
    assert answers["is_not_for_all"] == CONDITIONS.keys() - answers["may_be_for_all"]
