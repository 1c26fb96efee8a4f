"""What a start costs, as a list of imports: `--version` and `--help` load nothing that judges."""

import inspect
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from grantlint.cli.app import COMMANDS
from grantlint.cli.candidates import rule_ids
from grantlint.cli.headings import HEADINGS
from grantlint.rules import own

ROOT = Path(__file__).parents[1]
HEAVY = {
    *("grantlint.check", "grantlint.finding", "grantlint.iam", "grantlint.model"),
    *("grantlint.parsers", "grantlint.rego", "grantlint.rule", "grantlint.rules"),
    *(
        "hcl2",
        "jsonschema",
        "opa_client",
        "pathspec",
        "pygments",
        "requests",
        "rich",
        "tree_sitter",
    ),
    *("urllib3", "wasmtime", "yaml"),
}
COMMANDS_OF_OURS = {f"grantlint.cli.{name}" for name in COMMANDS}


def imported(*arguments, **environment):
    """The modules that a run of the program imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "grantlint", *arguments],
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(re.findall(r"^import time:[^|]*\|[^|]*\| +(\S+)$", done.stderr, re.M))


def test_the_version_needs_nothing():
    ours = {name for name in imported("--version") if name.startswith("grantlint")}
    assert ours == {"grantlint"}
    assert not {"typer", "click"} & imported("--version")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_the_help_loads_no_command_and_nothing_that_judges(arguments):
    found = imported(*arguments)
    assert "typer" in found
    assert not (HEAVY | COMMANDS_OF_OURS) & found


def test_a_check_would_load_what_the_help_must_not():
    """That the list above is of real names."""
    found = imported("check", "--fail-on", "never", "fixtures/terraform/example")
    assert (
        not HEAVY
        - found
        - {
            *("hcl2", "jsonschema", "opa_client", "pathspec", "pygments", "requests", "rich"),
            *("urllib3", "yaml"),  # what a check of Terraform's configuration loads neither
        }
    )
    for name in HEAVY:
        import_module(name)


def test_the_list_of_commands_says_what_each_says_of_itself():
    for name, said in COMMANDS.items():
        module = import_module(f"grantlint.cli.{name}")
        if hasattr(module, "commands"):
            assert module.commands.info.help.partition("\n")[0] == said
        else:
            assert module.command.__doc__.partition("\n")[0] == said


def test_every_command_of_the_package_is_in_the_list():
    modules = (path.stem for path in (ROOT / "grantlint" / "cli").glob("*.py"))
    commands = {
        name
        for name in modules
        if re.search(
            r"^(?:def command\(|commands? = )",
            (ROOT / f"grantlint/cli/{name}.py").read_text(),
            re.M,
        )
    }
    assert commands == set(COMMANDS)


def test_a_rules_id_is_its_files_name():
    assert rule_ids() == sorted(rule.id for rule in own())


def test_every_option_of_a_long_help_is_below_a_heading():
    shown = help_of("check")
    headings = [*HEADINGS, "Options"]
    places = [shown.index(f"\n{heading}:\n") for heading in headings]
    assert places == sorted(places)
    others = shown[places[-1] : shown.index("\n  Examples:")].split()
    assert [word for word in others if word.startswith("--")] == ["--debug", "--help"]


def test_a_heading_names_parameters_that_there_are():
    from grantlint.cli.check import command

    known = set(inspect.signature(command).parameters)
    assert {name for names in HEADINGS.values() for name in names} <= known


# -- examples ------------------------------------------------------------------------------


def help_of(*command):
    done = subprocess.run(
        [sys.executable, "-m", "grantlint", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def commands():
    for name in COMMANDS:
        module = import_module(f"grantlint.cli.{name}")
        yield (name,)
        if hasattr(module, "commands"):
            yield from ((name, one.name) for one in module.commands.registered_commands)


@pytest.fixture
def estate(tmp_path):
    """What the examples are about: a repository, rules of one's own, a program by its name."""
    for name, text in {
        "infra/prod/main.tf": 'variable "role" {}\nlocals {\n  name = "x"\n}\n'
        'resource "aws_kms_key" "k" {}\n',
        "prod.tfvars": 'role = "x"\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    program = tmp_path / "bin/grantlint"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m grantlint "$@"\n')
    program.chmod(0o755)
    (tmp_path / "grantlint.toml").write_text('fail-on = "high"\n', encoding="utf-8")
    (tmp_path / ".grantlint-baseline.json").write_text('{"version": 1, "findings": []}\n')
    for words in (
        "init -q -b main",
        "add infra prod.tfvars",
        "-c user.name=n -c user.email=n@example.com commit -q -m all",
        "update-ref refs/remotes/origin/main HEAD",
    ):
        subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("command", [(), *commands()], ids=" ".join)
def test_every_help_has_examples_and_they_can_be_run(command, estate):
    shown = help_of(*command).partition("\n  Examples:\n\n")[2]
    examples = [line.strip() for line in shown.split("\n") if line.strip()]
    assert examples, "no examples"
    assert any(" ".join(("grantlint", *command)) in example for example in examples)
    environment = {
        "PATH": f"{estate / 'bin'}:{Path(shutil.which('bash')).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HOME": str(estate),
        "PROFILE": str(estate / "profile.ps1"),
    }
    for place in (".zfunc", ".config/fish/completions"):
        (estate / place).mkdir(parents=True)
    if "policies" in " ".join(examples):
        make = ["bash", "-c", "grantlint policies new wide-grant"]
        subprocess.run(make, cwd=estate, env=environment, check=True, capture_output=True)
    for example in examples:
        if re.search(r"\bopa\b|policies (new|test|build)|--policies", example):
            continue  # tests/test_policies_command.py runs these, with opa
        done = subprocess.run(
            ["bash", "-c", example],
            cwd=estate,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, (example, done.stderr)
        assert "error" not in done.stderr, example
