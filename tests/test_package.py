"""The wheel, as a user gets it: built, installed into a fresh environment, run there."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from opa_program import on_path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "fixtures" / "terraform" / "example"


def run(*command, **options):
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    done = run(*command, "-q", "-w", directory, ROOT)
    assert done.returncode == 0, done.stderr
    return next(directory.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    environment = tmp_path_factory.mktemp("fresh") / "venv"
    assert run(sys.executable, "-m", "venv", environment).returncode == 0
    done = run(environment / "bin" / "pip", "install", "-q", wheel)
    if done.returncode and "GRANTLINT_REQUIRE_TOOLS" not in os.environ:
        pytest.skip(f"the dependencies cannot be installed here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return environment / "bin" / "grantlint"


def test_the_wheel_holds_policies_schemas_and_licence(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "grantlint/policies/README.md" in names
    assert "grantlint/policies/delegable_grant.rego" in names
    assert "grantlint/policies/lib/leaves.rego" in names
    assert "grantlint/rego/compiled/rules.wasm" in names
    assert "grantlint/reports/findings.schema.json" in names
    assert "grantlint/model/model.schema.json" in names
    parts = {"page.html.jinja", "page.css", "page.js"}
    assert {f"grantlint/reports/html/{part}" for part in parts} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_neither_tests_nor_fixtures(wheel):
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    ours = {top for top in tops if not top.endswith((".dist-info", ".data"))}
    assert ours == {"grantlint"}


def test_the_wheel_holds_the_manual_page_where_man_looks(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    (page,) = [name for name in names if ".data/" in name]
    assert page.endswith(".data/data/share/man/man1/grantlint.1")


def test_the_installed_program_judges_the_example(installed, tmp_path):
    done = run(installed, "check", "--format", "json", EXAMPLE, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    rules = {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
    assert {"delegable-grant", "public-key-policy"} <= rules  # one in Rego, one in Python


def test_the_installed_program_tries_a_users_rule(installed, tmp_path):
    with on_path():
        assert run(installed, "policies", "new", "some-fault", cwd=tmp_path).returncode == 0
        done = run(installed, "policies", "test", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    library = run(installed, "policies", "library", cwd=tmp_path).stdout.strip()
    assert library.endswith("site-packages/grantlint/policies/lib")


def test_the_installed_program_runs_as_a_module_too(installed, tmp_path):
    done = run(installed.with_name("python"), "-m", "grantlint", "--version", cwd=tmp_path)
    assert re.fullmatch(r"grantlint \d+\.\d+\.\d+\n", done.stdout)


def test_the_readme_says_the_commands_that_ci_runs():
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in ("main", "test"):
        assert re.search(rf"<!-- {name} -->\n```sh\n.+\n```", readme), name
