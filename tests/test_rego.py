"""Rules in WebAssembly answer as OPA does, and one that comes to no end is stopped and named."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from opa_program import on_path
from rego_expressions import EXPRESSIONS, FORMATS, INPUT, VALUES
from rego_policies import engine, process, write

import grantlint.rego
from grantlint.cli.app import run
from grantlint.rego.builtins import ALLOWED, BuiltinError, sprintf
from grantlint.rego.compile import compile_
from grantlint.rego.engine import RuleError
from grantlint.rego.terms import read, to_json

QUIET = 'deny contains {"at": [], "message": input.who} if input.who'
ENDLESS = """
deny contains {"at": [], "message": "never"} if {
    input.who == "endless"
    some a in numbers.range(1, 10000)
    some b in numbers.range(1, 10000)
    some c in numbers.range(1, 10000)
    a + b + c == 1
}
"""
DOUBLED = "\n".join(f'    t{n + 1} := concat("", [t{n}, t{n}])' for n in range(30))
GREEDY = f"""
deny contains {{"at": [], "message": "never"}} if {{
    t0 := input.who
    t0 == "greedy"
{DOUBLED}
    t30 == "never"
}}
"""
CONFLICT = """
one := 1 if input.who == "conflict"

one := 2 if input.who == "conflict"

deny contains {"at": [], "message": "never"} if one
"""


@pytest.fixture(scope="module", autouse=True)
def opa():
    with on_path() as found:
        yield found


# -- rules that come to no end -------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    directory = tmp_path_factory.mktemp("mixed")
    return write(directory, quiet=QUIET, endless=ENDLESS, greedy=GREEDY, conflict=CONFLICT)


def told(who):
    return {"deny": {"quiet": [{"at": [], "message": who}]}, "warn": {}}


def test_an_endless_rule_is_interrupted_and_named(mixed):
    rules = engine(mixed, seconds=0.5)
    began = time.monotonic()
    with pytest.raises(RuleError, match=r"^rule endless: no answer within 0\.5 s$"):
        rules.evaluate([{"who": "a"}, {"who": "endless"}])
    assert time.monotonic() - began < 10


def test_a_greedy_rule_is_stopped_before_it_has_all_memory(mixed):
    with pytest.raises(RuleError, match=r"^rule greedy: opa_malloc: failed$"):
        engine(mixed, seconds=60).evaluate([{"who": "greedy"}])


def test_a_rule_that_contradicts_itself_is_named_with_its_place(mixed):
    with pytest.raises(RuleError, match=r"^rule conflict: policies/conflict\.rego:1\d:1: var"):
        engine(mixed).evaluate([{"who": "conflict"}])


def test_an_engine_judges_on_after_a_rule_has_failed(mixed):
    rules = engine(mixed, seconds=0.5)
    for who in ("conflict", "endless"):
        with pytest.raises(RuleError):
            rules.evaluate([{"who": who}])
        assert rules.evaluate([{"who": "a"}]) == [told("a")]


def test_two_engines_share_nothing(mixed):
    first, second = engine(mixed), engine(mixed)
    with pytest.raises(RuleError):
        first.evaluate([{"who": "conflict"}])
    assert second.evaluate([{"who": "b"}]) == [told("b")]
    assert first.evaluate([{"who": "a"}, {"who": ""}]) == [told("a"), told("")]
    assert second.evaluate([{"who": "b"}]) == [told("b")]


def test_five_thousand_evaluations_take_the_memory_of_some(mixed):
    rules = engine(mixed)

    def judge(count):
        inputs = [{"who": "é" * (number % 97), "name": "x" * 1000} for number in range(count)]
        assert rules.evaluate(inputs) == [told(input["who"]) for input in inputs]
        return rules._instance._memory.data_len(rules._instance._store)

    assert judge(200) == judge(5000)


def test_the_user_is_told_which_rule_failed(tmp_path, monkeypatch, capsys):
    fault = 'one := 1\n\none := 2 if input.kind\n\ndeny contains {"at": [], "message": "m"} if one'
    compile_(write(tmp_path, contradiction=fault), tmp_path / "compiled")
    monkeypatch.setattr(grantlint.rego, "COMPILED", tmp_path / "compiled")
    grantlint.rego.own_rules.cache_clear()
    example = Path(__file__).parents[1] / "fixtures/terraform/example"
    try:
        code = run(["check", str(example)])
    finally:
        grantlint.rego.own_rules.cache_clear()
    said = capsys.readouterr().err
    assert code == 4
    assert "internal error: RuleError: rule contradiction: policies/contradiction.rego:" in said
    assert "this is a bug in grantlint" in said
    assert "Traceback" not in said


# -- inputs --------------------------------------------------------------------------------


def nested(depth):
    leaf = "leaf"
    for level in range(depth):
        leaf = [leaf] if level % 2 else {"a": leaf}
    return leaf


ODD = {
    "NUL": "a\0b",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x85",
    "other planes": "😀 \U0010ffff \u2028 \ufeff \uffff",
    "a file name that is not UTF-8": "caf\udce9",
    "halves of a pair": "\ud83d\ude00 \ude00\ud83d",
    "quotes": "\"\\' {} [] set() : ,",
    "a million characters": "é😀" * 500_000,
    "the notation of a set": ["set()", "}", "{"],
    "large numbers": [2**53 + 1, 10**30, -(10**30), 1.5e300, 5e-324, 0.1, -0.0],
    "a deep tree": nested(300),
    "a wide tree": {f"key {number}": [number] for number in range(20_000)},
    "empty": ["", [], {}, None, False, 0],
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_an_odd_input_is_judged_as_opa_judges_it(value, tmp_path):
    policies = write(
        tmp_path,
        echo='deny contains {"at": [], "message": "m", "value": input.name} if true\n\n'
        'warn contains {"at": [], "message": sprintf("%v", [input.name])} if count(input.who) < 50',
    )
    inputs = [{"name": value, "who": "a" * (100 if len(repr(value)) > 10_000 else 1)}]
    assert engine(policies).evaluate(inputs) == process(policies).evaluate(inputs)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("caf\udce9", "caf\ufffd"), ("\ud83d\ude00", "😀"), ("\ude00\ud83d", "\ufffd\ufffd")],
)
def test_half_a_character_becomes_the_replacement_character(written, shown, tmp_path):
    policies = write(tmp_path, quiet=QUIET)
    for rules in (engine(policies), process(policies)):
        assert rules.evaluate([{"who": written}]) == [told(shown)]


def test_an_input_that_is_too_deep_is_told_without_a_traceback(mixed):
    with pytest.raises(RuleError, match="an object is nested too deeply"):
        engine(mixed).evaluate([{"who": "a", "name": nested(100_000)}])


# -- builtins ------------------------------------------------------------------------------


def test_the_table_has_every_builtin_that_a_rule_may_call():
    assert EXPRESSIONS.keys() == ALLOWED


def test_a_builtin_answers_as_opa_answers(tmp_path):
    asked = [expression for some in EXPRESSIONS.values() for expression in some]
    rules = [
        f'deny contains {{"at": [{number}], "is": found}} if found := {expression}'
        for number, expression in enumerate(asked)
    ]
    policies = write(tmp_path, ask="\n\n".join(rules))
    ours, theirs = (
        {asked[one["at"][0]]: one["is"] for one in verdict["deny"]["ask"]}
        for verdict in (
            engine(policies).evaluate([INPUT])[0],
            process(policies).evaluate([INPUT])[0],
        )
    )
    assert ours == theirs
    assert len(theirs) > len(asked) * 3 / 4


def test_webassembly_has_all_builtins_but_sprintf(tmp_path):
    asked = [expression for some in EXPRESSIONS.values() for expression in some]
    body = "\n".join(f"warn contains x if x := {expression}" for expression in asked)
    assert engine(write(tmp_path, ask=body)).builtins == {"sprintf"}


def test_sprintf_writes_as_opa_writes(tmp_path):
    asked = [(format, values) for format in FORMATS for values in VALUES]
    rules = [
        f'deny contains {{"at": [{number}], "is": text}} if '
        f"text := sprintf({json.dumps(format)}, {values})"
        for number, (format, values) in enumerate(asked)
    ]
    policies = write(tmp_path, ask="\n".join(rules))
    theirs = {
        asked[one["at"][0]]: one["is"]
        for one in process(policies).evaluate([INPUT])[0]["deny"]["ask"]
    }
    assert theirs.keys() == set(asked)
    refused = []
    for (format, values), text in theirs.items():
        try:
            assert sprintf(format, read(values)) == text, (format, values)
        except BuiltinError:
            refused.append((format, values))
    assert all("%q" in format for format, _ in refused)
    assert len(refused) < len(asked) / 20


def test_sprintf_gets_from_webassembly_what_it_gets_from_opa(tmp_path):
    values = [text for text in VALUES if text != "[]"]
    rules = [
        f'deny contains {{"at": [{number}], "is": sprintf("%v", [{text}])}} if input.who'
        for number, text in enumerate(values)
    ]
    rules.append('deny contains {"at": [], "is": sprintf("%v %s", [input, count(input)])} if true')
    policies = write(tmp_path, ask="\n".join(rules))
    assert engine(policies).evaluate([INPUT]) == process(policies).evaluate([INPUT])


@pytest.mark.parametrize("format", ["%5d", "%-5s", "%.2f", "%x", "%+v", "%#v", "%[1]d", "%t", "%"])
def test_sprintf_refuses_what_it_would_write_otherwise(format):
    with pytest.raises(BuiltinError, match="in every engine"):
        sprintf(format, read("[1, 2]"))


def test_what_sprintf_refuses_ends_the_evaluation_with_the_rule_named(tmp_path):
    policies = write(tmp_path, hex='deny contains {"message": sprintf("%x", [input.who])} if true')
    with pytest.raises(RuleError, match=r"^rule hex: sprintf knows no %x in every engine$"):
        engine(policies).evaluate([INPUT])


def test_only_characters_that_one_does_not_know_yet_are_quoted_otherwise(tmp_path):
    text = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    policies = write(tmp_path, quote='deny contains sprintf("%v", [[input.name]]) if true')
    theirs = process(policies).evaluate([{"name": text}])[0]["deny"]["quote"][0]
    characters = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|.", re.DOTALL)
    pairs = zip(
        text,
        characters.findall(sprintf("%v", ((text,),))[2:-2]),
        characters.findall(theirs[2:-2]),
        strict=True,
    )
    different = [one for one, ours, theirs in pairs if ours != theirs]
    assert len(different) < 12_000
    assert min(different) > "\u02ff"


# -- values --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "[", "]", "[]]", "1 2", "{1:2:3}", '{"a":}'])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(ValueError, match=r"closes nothing|not one value|zip"):
        read(text)


def test_a_value_is_read_with_its_sets_in_opas_order():
    text = '{[], {}, "b", set(), 2, true, null, {"k": {2, 10, 1}}, "a", [1], 1.5, {1}, false}'
    assert to_json(read(text)) == [
        *[None, False, True, 1.5, 2, "a", "b", [], [1], {}, {"k": [1, 2, 10]}, [], [1]]
    ]
