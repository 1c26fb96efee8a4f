"""Rules run by the real opa program: what they may see, how they end, how errors read."""

from __future__ import annotations

import time

import pytest
from opa_program import on_path
from rego_policies import process, write

from grantlint.rego.engine import CHUNK, RuleError
from grantlint.rego.opa import OpaError, capabilities

QUIET = 'deny contains {"at": [], "message": input.who} if input.who'
CONFLICT = """
one := 1 if input.who == "conflict"

one := 2 if input.who == "conflict"

deny contains {"at": [], "message": "never"} if one
"""
ENDLESS = """
deny contains 1 if {
    input.who == "endless"
    some a in numbers.range(1, 10000)
    some b in numbers.range(1, 10000)
    some c in numbers.range(1, 10000)
    a + b + c == 1
}
"""


@pytest.fixture(autouse=True)
def opa():
    with on_path() as found:
        yield found


def told(who):
    return {"deny": {"quiet": [{"at": [], "message": who}]}, "warn": {}}


# -- verdicts ------------------------------------------------------------------------------


def test_more_objects_than_a_chunk_are_judged_in_their_order(tmp_path):
    names = [f"{number}" for number in range(2 * CHUNK + 1)]
    found = process(write(tmp_path, quiet=QUIET)).evaluate([{"who": name} for name in names])
    assert found == [told(name) for name in names]


def test_no_objects_have_no_verdicts(tmp_path):
    assert process(write(tmp_path, quiet=QUIET)).evaluate([]) == []


@pytest.mark.parametrize("name", ["a b", "a:b", "a#b", "a%20b", "é", "-d"])
def test_the_rules_may_lie_anywhere(name, tmp_path):
    directory = tmp_path / name
    directory.mkdir()
    assert process(write(directory, quiet=QUIET)).evaluate([{"who": "a"}]) == [told("a")]


def test_one_rule_is_nothing_to_another_run(tmp_path):
    policies = write(tmp_path, quiet=QUIET)
    rules = process(policies)
    (policies / "quiet.rego").unlink()
    assert rules.evaluate([{"who": "a"}]) == [told("a")]


# -- rules that come to no end -------------------------------------------------------------


def test_a_rule_that_contradicts_itself_is_named_with_its_places(tmp_path):
    policies = write(tmp_path, quiet=QUIET, conflict=CONFLICT)
    with pytest.raises(RuleError) as error:
        process(policies).evaluate([{"who": "a"}, {"who": "conflict"}])
    file = policies / "conflict.rego"
    values = f"1 at {file}:10, 2 at {file}:12"
    expected = f"rule data.grantlint.conflict.one produced conflicting values: {values}"
    assert str(error.value) == f"rule conflict: {expected}"


def test_an_endless_rule_is_killed_and_named(tmp_path):
    policies = write(tmp_path, quiet=QUIET, endless=ENDLESS)
    began = time.monotonic()
    with pytest.raises(RuleError, match=r"^rule endless: .*no answer within 2 s"):
        process(policies, seconds=2).evaluate([{"who": "endless"}])
    assert time.monotonic() - began < 15


# -- what a rule may see -------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        'http.send({"method": "get", "url": "http://localhost"})',
        'net.lookup_ip_addr("localhost")',
        "opa.runtime()",
        'rand.intn("x", 3)',
        "time.now_ns()",
        'uuid.rfc4122("x")',
    ],
)
def test_a_rule_sees_nothing_but_its_input(asked, tmp_path):
    policies = write(tmp_path, curious=f"deny contains {asked} if true")
    name = asked.partition("(")[0]
    with pytest.raises(OpaError, match=rf"{policies}/curious\.rego:9: undefined function {name}"):
        process(policies).evaluate([{}])


def test_a_schema_is_not_fetched(tmp_path):
    schema = '{"$ref": "http://localhost/schema"}'
    policies = write(tmp_path, remote=f"deny contains 1 if json.match_schema(input, {schema})")
    with pytest.raises(OpaError, match=r"undefined function json\.match_schema"):
        process(policies).evaluate([{}])


def test_everything_else_can_be_called(tmp_path):
    body = """
deny contains {"at": [], "message": text} if {
    patched := json.patch(input, [{"op": "add", "path": "/a", "value": 1}])
    time.parse_rfc3339_ns("2026-01-01T00:00:00Z") > 0
    text := sprintf("%x %5.2f", [patched.a, 1.5])
}"""
    found = process(write(tmp_path, able=body)).evaluate([{}])
    assert found[0]["deny"]["able"] == [{"at": [], "message": "1  1.50"}]


def test_what_opa_calls_not_deterministic_is_taken_away():
    able = capabilities()
    assert able["allow_net"] == []
    assert len(able["builtins"]) > 150
    assert not [one["name"] for one in able["builtins"] if one.get("nondeterministic")]


# -- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("deny contains {", r"it\.rego:10: unexpected eof token"),
        ("deny contains 1 if inputs.who", r"it\.rego:9: var inputs is unsafe"),
        ("deny contains 1 if lib.nothing(input)", r"it\.rego:9: undefined function lib\.nothing"),
    ],
)
def test_a_broken_rule_is_told_with_file_and_line(body, text, tmp_path):
    policies = write(tmp_path, it=body)
    with pytest.raises(OpaError, match=rf"{policies}/{text}"):
        process(policies).evaluate([{}])


def test_without_the_program_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    for name in ("PATH", "GOBIN", "GOPATH", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(OpaError, match=r"^the opa program is not on PATH: go install github"):
        process(write(tmp_path, quiet=QUIET)).evaluate([{}])


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("exit 3", "opa ended with 3"),
        ("kill -9 $$", "opa ended with -9"),
        ("echo no >&2; exit 1", "^no$"),
        ("printf 'fatal: x\\ny\\ngoroutine 1\\n' >&2; exit 2", "has crashed.*: fatal: x$"),
        ("echo nonsense", r"is it OPA\?"),
        ("echo '[]'", r"is it OPA\?"),
        ("[ $1 = capabilities ] && echo '{\"builtins\": []}' || echo no", "gave no answer"),
    ],
)
def test_a_program_that_is_not_opa_is_no_traceback(script, text, tmp_path, monkeypatch):
    program = tmp_path / "bin/opa"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    with pytest.raises(OpaError, match=text):
        process(write(tmp_path, quiet=QUIET)).evaluate([{}])


@pytest.mark.parametrize("name", ["data.json", "lib/data.yaml", "x.yml"])
def test_data_beside_the_rules_is_refused_instead_of_ignored(name, tmp_path):
    policies = write(tmp_path, quiet=QUIET)
    (policies / "lib").mkdir()
    (policies / name).write_text("{}")
    with pytest.raises(OpaError, match=rf"{name}: rules have no data files"):
        process(policies)


def test_a_directory_without_rules_is_refused(tmp_path):
    with pytest.raises(OpaError, match=r"there is no \.rego file"):
        process(write(tmp_path))
    with pytest.raises(OpaError, match="no such directory"):
        process(tmp_path / "none")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    policies = write(tmp_path, quiet=QUIET)
    (policies / "binary.rego").write_bytes(b"\xff\xfe")
    with pytest.raises(OpaError, match=r"binary\.rego: it cannot be read"):
        process(policies)
