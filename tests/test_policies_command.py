"""`grantlint policies`: a scaffold that holds, a runner that tells what breaks a law."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from textwrap import indent

import jsonschema
import pytest
from opa_program import on_path

from grantlint.cli.app import run
from grantlint.laws import Trial
from grantlint.model import rego_input
from grantlint.rego.input_schema import checked_schemas
from grantlint.rules import all_rules

GRANT = """\
resource "aws_kms_key" "k" {}

resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]@MARK@
}
"""
BAD = GRANT.replace("@MARK@", " # finding")
GOOD = GRANT.replace("@MARK@", "").replace("Decrypt", "DescribeKey")
CERTAIN = """deny contains {"at": ["operations"], "message": "it decrypts"} if {
	lib.has(input.operations, "Decrypt")
}"""


@pytest.fixture(scope="module", autouse=True)
def opa():
    with on_path() as found:
        yield found


@pytest.fixture
def program(capsys, tmp_path, monkeypatch):
    """Run a command line in an empty directory: its exit code, and what it writes."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        code = run([str(one) for one in arguments])
        return code, *capsys.readouterr()

    return call


def rule(body, *examples, name="it"):
    """Write a rule with these examples, each a kind and a configuration, into policies/."""
    doc = "\n".join(f"```hcl {kind}\n{text}```" for kind, text in examples)
    lines = ["METADATA", "title: Fault of a test", "schemas: [{input: schema.grant}]"]
    lines += ["custom: {severity: low}"]
    lines += ["description: |", indent(doc, "  ")] if doc else []
    head = indent("\n".join(lines), "# ", lambda _: True)
    Path("policies").mkdir(exist_ok=True)
    text = f"{head}\npackage grantlint.{name}\n\nimport data.grantlint.lib\n\n{body}\n"
    Path("policies", f"{name}.rego").write_text(text, "utf-8")


# -- new -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wide-grant", "wide_grant", "grant2"])
def test_a_new_rule_holds_as_it_stands(program, name):
    code, out, err = program("policies", "new", name)
    file = f"policies/{name.replace('-', '_')}.rego"
    assert (code, err) == (0, "")
    assert out == (
        f"{file}\n\n  grantlint policies test policies\n  grantlint check --policies policies .\n"
    )
    code, out, err = program("policies", "test")
    assert (code, err) == (0, "")
    assert out.startswith(f"{name.replace('_', '-')} (medium): Grant lets its grantee decrypt\n")
    assert "  ok    bad example 1: found on line 6\n  ok    good example 1: silent\n" in out
    assert out.endswith(" variants with something unknown: all laws hold\n")


def test_a_new_rule_lies_where_it_is_wanted(program):
    code, out, _ = program("policies", "new", "wide-grant", "--dir", "my rules/kms")
    assert code == 0
    assert out.startswith("my rules/kms/wide_grant.rego\n")
    assert "policies test 'my rules/kms'\n" in out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Wide-Grant", "Wide-Grant: an id has small letters, digits and single hyphens"),
        ("wide--grant", "wide--grant: an id has"),
        ("../grant", "../grant: an id has"),
        ("delegable-grant", "grantlint has a rule delegable-grant itself"),
        ("lib", "lib: it is the library's name"),
        ("there", "policies/there.rego: it is there already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(program, name, said):
    program("policies", "new", "there")
    code, out, err = program("policies", "new", name)
    assert (code, out) == (2, "")
    assert said in err
    assert [file.name for file in Path("policies").iterdir()] == ["there.rego"]


# -- test ----------------------------------------------------------------------------------


def told(program, *arguments):
    """The lines on examples that `policies test` writes, and its exit code."""
    code, out, err = program("policies", "test", *arguments)
    assert err == ""
    return code, [line.strip() for line in out.split("\n") if line.startswith("  ")]


def test_rules_of_a_directory_are_told_one_after_the_other(program):
    rule(CERTAIN, ("bad", BAD), ("good", GOOD), name="b")
    rule(CERTAIN, ("bad", BAD), ("good", GOOD), ("good", GOOD), name="a")
    code, out, _ = program("policies", "test")
    assert code == 0
    assert [line.partition(" (")[0] for line in out.split("\n") if "Fault" in line] == ["a", "b"]
    assert "\n2 rules, 5 examples, " in out


BREACHES = {
    "a marked line without a finding": (
        [("bad", BAD), ("bad", BAD.replace("Decrypt", "Encrypt")), ("good", GOOD)],
        'bad example 2: line 6 is marked, but nothing is found there: operations        = ["Enc',
    ),
    "a bad example without a mark": (
        [("bad", GRANT.replace("@MARK@", "")), ("good", GOOD)],
        "bad example 1: it is bad, but no line is marked: write # finding behind the line",
    ),
    "a finding on another line": (
        [("bad", GRANT.replace("@MARK@", "").replace('"g" {', '"g" { # finding')), ("good", GOOD)],
        "bad example 1: line 6 is not marked, but this is found there: it decrypts",
    ),
    "a finding in a good example": (
        [("bad", BAD), ("good", GRANT.replace("@MARK@", ""))],
        "good example 1: line 6 is part of a good example, but this is found there: it decrypts",
    ),
    "a mark in a good example": (
        [("bad", BAD), ("good", BAD)],
        "good example 1: it is good, but a line is marked with # finding",
    ),
    "no bad example": (
        [("good", GOOD)],
        "bad example: it has none, so nothing shows what the rule finds: ```hcl bad",
    ),
    "no good example": (
        [("bad", BAD)],
        "good example: it has none, so nothing shows what the rule leaves alone: ```hcl good",
    ),
    "an example without a grant": (
        [("bad", BAD), ("good", 'resource "aws_kms_key" "k" {}\n')],
        "good example 1: it declares no grant that the rule could judge",
    ),
    "an example that cannot be read": (
        [("bad", BAD), ("good", GOOD.replace("}", ""))],
        "good example 1: it cannot be read: line ",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_what_breaks_a_law_is_told(program, name):
    examples, said = BREACHES[name]
    rule(CERTAIN, *examples)
    code, lines = told(program)
    assert code == 1
    assert [line for line in lines if line.startswith(f"FAIL  {said}")], lines


def test_an_accusation_of_a_leaf_and_of_a_variable_is_told(program):
    """`lib.may_have` in deny is no negation, so that only the law sees it."""
    rule(CERTAIN.replace("lib.has", "lib.may_have"), ("bad", BAD), ("good", GOOD))
    code, lines = told(program)
    assert code == 1
    assert (
        "FAIL  good example 1: it accuses aws_kms_grant.g when grants[0].operations is unknown: "
        "deny says so, only warn may"
    ) in lines
    assert (
        "FAIL  good example 1: it accuses when this is an unknown variable instead: "
        'operations        = ["DescribeKey"]'
    ) in lines


def test_a_rule_that_fails_on_a_variant_is_named(program):
    body = CERTAIN + '\n\none := 1 if input.operations\n\none := 2 if lib.may_have([], "x")'
    body += '\n\none := 3 if input.operations["$unknown"]\n\ndeny contains 1 if one == 9'
    rule(body, ("bad", BAD), ("good", GOOD))
    code, _, err = program("policies", "test")
    assert code == 2
    assert "--policies policies: rule it: " in err
    assert "conflicting values" in err


def test_a_bundle_is_held_to_the_laws_too(program):
    rule(CERTAIN.replace("lib.has", "lib.may_have"), ("bad", BAD), ("good", GOOD))
    assert program("policies", "build", "-o", "it.tar.gz")[0] == 0
    assert told(program, "it.tar.gz") == told(program, "policies")


def test_our_own_rules_hold_where_they_are_run_as_a_users():
    """The runner and the tests use the same laws: a breach of one is seen by both."""
    rule = next(one for one in all_rules() if one.id == "delegable-grant")
    for example in rule.examples:
        trial = Trial(rule, example)
        assert not [*trial.misplaced(), *trial.accusing_leaves([rule]), *trial.accusing_variables()]


# -- build, schema -------------------------------------------------------------------------


def test_a_bundle_is_named_after_its_directory(program):
    rule(CERTAIN)
    code, out, err = program("policies", "build")
    assert (code, out) == (0, "")
    assert err.startswith("grantlint: policies.tar.gz: 1 rule, ")
    assert Path("policies.tar.gz").is_file()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("x.zip", "--output x.zip: a bundle's name ends in .tar.gz"),
        ("no/where.tar.gz", "--output no/where.tar.gz: it cannot be written: no such file"),
    ],
)
def test_a_bundle_that_cannot_be_written_is_told(program, output, said):
    rule(CERTAIN)
    code, _, err = program("policies", "build", "-o", output)
    assert code == 2
    assert said in err


def test_the_library_is_given_to_other_programs(program):
    code, out, _ = program("policies", "library")
    assert code == 0
    rule(CERTAIN)
    text = """package grantlint.it_test

test_decrypting if count(data.grantlint.it.deny) == 1 with input as {"operations": ["Decrypt"]}
"""
    Path("policies/it_test.rego").write_text(text)
    done = subprocess.run(
        ["opa", "test", "policies", out.strip()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "PASS: 1/1\n")
    assert program("rules", "--policies", "policies")[0] == 0


@pytest.mark.parametrize("kind", ["grant", "key"])
def test_the_schema_describes_what_a_rule_judges(program, kind):
    code, out, _ = program("policies", "schema", kind)
    assert code == 0
    schema = json.loads(out)
    for one in all_rules():
        for example in one.examples[:1]:
            inventory = Trial(one, example).inventory
            judged = inventory.grants if kind == "grant" else inventory.keys
            for found in judged:
                jsonschema.validate(rego_input(found), schema)


@pytest.mark.parametrize("kind", ["grant", "key"])
def test_what_opa_checks_fields_against_does_not_hold_itself(kind):
    """OPA 1.0 crashes on a schema that does."""
    definitions = checked_schemas()[kind]["$defs"]

    def follow(name, above):
        assert name not in above
        for inner in re.findall(r'"#/\$defs/(\w+)"', json.dumps(definitions[name])):
            follow(inner, {*above, name})

    follow(kind, set())


# -- the guide -----------------------------------------------------------------------------


def test_the_guide_shows_what_its_commands_write(program, tmp_path):
    guide = (Path(__file__).parents[1] / "docs/policies.md").read_text("utf-8")
    found = re.search(r"<!-- run by \S+ -->\n```sh\n(.+?)```.+?```text\n(.+?)```", guide, re.S)
    assert found is not None
    written = ""
    for line in found[1].strip().split("\n"):
        name, *arguments = line.split()
        code, out, err = program(*arguments)
        assert (name, code, err) == ("grantlint", 0, "")
        written += out
    count = re.compile(r"\d+ variants")  # it grows with the model
    assert count.sub("N variants", written) == count.sub("N variants", found[2])
    assert (tmp_path / "policies").is_dir()


def test_the_guide_lists_what_the_library_can_be_asked():
    root = Path(__file__).parents[1]
    guide = (root / "docs/policies.md").read_text("utf-8")
    library = "\n".join(file.read_text("utf-8") for file in (root / "policies/lib").glob("*.rego"))
    asked = re.findall(r"`([a-z_]+)\((?:leaf|list|object)", guide)
    assert len(asked) > 15
    for name in asked:
        assert re.search(rf"^{name}\(", library, re.M), name
