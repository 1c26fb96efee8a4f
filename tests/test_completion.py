"""Completion in real shells: each reads its script, and is asked what a command line can become."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grantlint.cli.completion import SCRIPTS, Shell

ROOT = Path(__file__).parents[1]

QUESTIONS = [
    ("grantlint mod", {"model"}),
    ("grantlint policies bu", {"build"}),
    ("grantlint check --show", {"--show-fixes"}),
    ("grantlint check --fail-on h", {"high"}),
    ("grantlint check --select unconstr", {"unconstrained-grant"}),
    ("grantlint check --ignore duplicate-grant,unconstr", {"duplicate-grant,unconstrained-grant"}),
    ("grantlint explain public-k", {"public-key-policy"}),
    ("grantlint check --output te", {"text"}),
    ("grantlint check --input terraform-p", {"terraform-plan:"}),
    ("grantlint completion ba", {"bash"}),
    ("grantlint check mai", {"main.tf"}),
    ("grantlint check --var-file mai", {"main.tf"}),
]


@pytest.fixture
def home(tmp_path):
    """A directory with a file in it, the scripts, and the program by its name."""
    (tmp_path / "main.tf").write_text("", encoding="utf-8")
    program = tmp_path / "bin/grantlint"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m grantlint "$@"\n')
    program.chmod(0o755)
    for shell, script in SCRIPTS.items():
        (tmp_path / f"script.{shell}").write_text(script, encoding="utf-8")
    return tmp_path


def environment(home):
    return {
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "TERM": "dumb",
    }


def asked(home, shell, *command, **options):
    if shutil.which(shell) is None:
        if "GRANTLINT_REQUIRE_TOOLS" in os.environ and shell == "bash":
            pytest.fail("bash is not here")
        pytest.skip(f"{shell} is not here")
    done = subprocess.run(
        [shell, *command],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )
    assert done.stderr == ""
    return done.stdout


def test_the_command_prints_the_script(home):
    for shell in Shell:
        done = asked(home, "bash", "-c", f"grantlint completion {shell}")
        assert done == SCRIPTS[shell]


@pytest.mark.parametrize(("line", "expected"), QUESTIONS)
def test_bash(home, line, expected):
    """As readline calls the function: with the words parted at `=` and `:` too."""
    words = [word for word in re.split(r"([ =:])", line) if word.strip()]
    lines = [
        "source script.bash",
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}",
        "_grantlint grantlint",
        'if [ ${#COMPREPLY[@]} = 0 ]; then compgen -f -- "${COMP_WORDS[COMP_CWORD]}"; fi',
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = asked(home, "bash", "--norc", "-c", "\n".join(lines))
    assert {answer for answer in done.split("\n") if answer} == expected


@pytest.mark.parametrize("line", ["grantlint check --output=te", "grantlint check --output te"])
def test_bash_at_a_prompt(home, line):
    """What is typed and completed with Tab in a terminal is what bash then has."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not here")
    leader, follower = pty.openpty()
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with subprocess.Popen(
        shell, cwd=home, env=environment(home), stdin=follower, stdout=follower, stderr=follower
    ) as process:
        os.close(follower)
        os.write(leader, b"source script.bash; echo rea''dy\n")
        read_until(leader, b"ready")
        os.write(leader, b"\x15" + line.encode() + b"\t")
        read_until(leader, line.encode() + b"xt")
        os.write(leader, b"\x15exit\n")
        process.wait(timeout=30)
    os.close(leader)


def read_until(leader, wanted):
    found = b""
    while wanted not in found:
        assert select.select([leader], [], [], 30)[0], found
        found += os.read(leader, 65536)


@pytest.mark.parametrize(("line", "expected"), QUESTIONS)
def test_fish(home, line, expected):
    done = asked(home, "fish", "--no-config", "-c", f"source script.fish; complete -C '{line}'")
    assert {answer.partition("\t")[0] for answer in done.split("\n") if answer} == expected


def test_fish_keeps_the_option_before_an_equals_sign(home):
    line = "grantlint check --output=te"
    done = asked(home, "fish", "--no-config", "-c", f"source script.fish; complete -C '{line}'")
    assert done.strip() == "--output=text"


ZSH = """\
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D'
zpty -w z 'source script.zsh; zle-line-init() print -n @; zle -N zle-line-init; print rea""dy'
zpty -r z found '*ready*@*'
zpty -w -n z $'{line}\\t\\x05#end\\n'
zpty -r z found '*end*'
print -r -- "$found"
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    QUESTIONS,
)
def test_zsh(home, line, expected):
    """In a terminal of zsh's own; the one answer is put into the line."""
    done = asked(home, "zsh", "-f", "-c", ZSH.replace("{line}", line))
    whole = f"{line.rpartition(' ')[0]} {next(iter(expected))}"
    assert whole in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x08.|\r", "", done), repr(done)


@pytest.mark.parametrize(
    ("arguments", "asked_by", "expected"),
    [
        (["check", "--fail-on"], "powershell+", {"low", "medium", "high", "critical", "never"}),
        (["check", "--fail-on", "cri"], "powershell", {"critical"}),
        (["check", "--fail-on=cri"], "powershell", {"--fail-on=critical"}),
        (["mod"], "powershell", {"model"}),
        (["nothing"], "powershell", set()),
        (["check", "--no-such-option", "x", "--fail-on", "cri"], "powershell", {"critical"}),
    ],
)
def test_what_powershell_is_answered(home, arguments, asked_by, expected):
    """PowerShell itself is not here; it drops empty arguments, hence the plus sign."""
    done = subprocess.run(
        [sys.executable, "-m", "grantlint", *arguments],
        env={**environment(home), "_GRANTLINT_COMPLETE": asked_by},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == expected


def test_completion_loads_nothing_that_judges(home):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "grantlint", "check", "--select", "unc"],
        env={**environment(home), "_GRANTLINT_COMPLETE": "bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = set(re.findall(r"^import time:[^|]*\|[^|]*\| +(\S+)$", done.stderr, re.M))
    assert done.stdout == "unconstrained-grant\t\n"
    assert not found & {
        *("grantlint.check", "grantlint.parsers", "grantlint.rules", "grantlint.rego"),
        *("rich", "tree_sitter", "wasmtime", "yaml"),
    }
