"""What `make policies` refuses, with file and line, and that it always gives the same bytes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from opa_program import on_path
from rego_policies import LIBRARY, METADATA, faults, write
from rego_snippets import ALLOWED, BROKEN, OK, REASONS, REFUSED, headed

from grantlint.rego import COMPILED
from grantlint.rego.compile import compile_
from grantlint.rego.opa import OpaError

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"


@pytest.fixture(scope="module", autouse=True)
def opa():
    with on_path() as found:
        yield found


def with_library(body):
    return f"import data.grantlint.lib\n\n{body.strip()}" if "lib." in body else body.strip()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What is said of all snippets at once, by name."""
    bodies = {name: with_library(body) for name, body in {**REFUSED, **ALLOWED}.items()}
    found = {}
    for line in faults(tmp_path_factory.mktemp("snippets"), **bodies):
        file, row, text = line.split(":", 2)
        found.setdefault(file.removesuffix(".rego"), []).append((int(row), text.strip()))
    return found


def marked(body):
    """The line and the reason of a snippet's mark; a rule's head has eight lines."""
    lines = f"{METADATA}package x\n\n{with_library(body)}".split("\n")
    return [
        (number, REASONS[match[1]])
        for number, line in enumerate(lines, start=1)
        if (match := re.search(r"# (\w+)$", line)) and match[1] in REASONS
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_a_snippet_is_refused_on_its_line(name, told):
    ((row, reason),) = marked(REFUSED[name])
    assert [line for line, _ in told.get(name, [])] == [row]
    assert reason in told[name][0][1]


@pytest.mark.parametrize("name", ALLOWED)
def test_a_snippet_is_allowed(name, told):
    assert told.get(name, []) == []


# -- rules that are broken -----------------------------------------------------------------


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_refused_with_file_and_line(text, reason, tmp_path):
    said = faults(tmp_path, it=text)
    assert said
    assert re.match(reason, said[0]), said


def test_an_unbroken_rule_is_not_refused(tmp_path):
    assert faults(tmp_path, it=headed(), that=OK) == []


def test_all_faults_are_told_at_once(tmp_path):
    said = faults(tmp_path, a=REFUSED["not_of_a_field"], b=REFUSED["hexadecimal"], c=OK)
    assert [line.partition(" ")[0] for line in said] == ["a.rego:9:", "b.rego:9:"]


def test_data_beside_the_rules_is_refused(tmp_path):
    policies = write(tmp_path, it=OK)
    (policies / "data.yaml").write_text("a: 1")
    with pytest.raises(OpaError, match=r"data\.yaml: rules have no data files"):
        compile_(policies, tmp_path / "out")


@pytest.mark.parametrize("text", [None, "not a directory"])
def test_what_is_no_directory_of_rules_is_refused(text, tmp_path):
    policies = tmp_path / "policies"
    if text is not None:
        policies.write_text(text)
    with pytest.raises(OpaError, match=f"{policies}: no such directory"):
        compile_(policies, tmp_path / "out")


def test_another_version_of_opa_does_not_compile(tmp_path, monkeypatch):
    other = tmp_path / "bin" / "opa"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho Version: 1.0.0\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    with pytest.raises(OpaError, match=r"compiled with opa \d+\.\d+\.\d+, this is 1\.0\.0"):
        compile_(POLICIES, tmp_path / "out")


# -- the compiled files --------------------------------------------------------------------

CURRENT = "`make policies` compiles the policies of today"


def contents(directory):
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir())}


def test_the_compiled_files_are_what_the_policies_give(tmp_path):
    compile_(POLICIES, tmp_path)
    assert contents(tmp_path).keys() == contents(COMPILED).keys()
    for name, content in contents(COMPILED).items():
        assert (tmp_path / name).read_bytes() == content, CURRENT


def test_the_same_policies_give_the_same_bytes_wherever_they_lie(tmp_path):
    elsewhere = tmp_path / "far away: here" / "policies"
    copytree(POLICIES, elsewhere)
    command = [sys.executable, "-m", "grantlint.rego.compile", "policies", "../out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        command, cwd=elsewhere.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    compile_(POLICIES, tmp_path / "again")
    assert contents(tmp_path / "out") == contents(tmp_path / "again")


def test_no_rule_brings_an_engine_for_regular_expressions():
    """It is half a megabyte of machine code, which each first run would compile."""
    assert b"re2::" not in (COMPILED / "rules.wasm").read_bytes()


def test_the_files_name_the_opa_that_has_made_them():
    written = json.loads((COMPILED / "rules.json").read_text("utf-8"))
    names = {path.stem for path in POLICIES.glob("*.rego")}
    assert {one["name"] for one in written["rules"]} == names
    assert LIBRARY.is_dir()


def test_the_command_tells_faults_without_a_traceback(tmp_path):
    policies = write(tmp_path, it="deny contains 1 if not input.name")
    command = [sys.executable, "-m", "grantlint.rego.compile"]
    done = subprocess.run(
        [*command, policies, tmp_path / "out"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{policies}/it.rego:9: `not` accuses")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:6]) == (2, "usage:")
