"""Odd terminals: no command shows a trace, whatever its streams and its environment are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = "fixtures/terraform/example"
COMMANDS = {
    f"check {EXAMPLE}": 1,
    f"check --format json {EXAMPLE}": 1,
    f"check --show-fixes --color always {EXAMPLE}": 1,
    f"model {EXAMPLE}": 0,
    f"console {EXAMPLE}": 0,
    "rules": 0,
    "rules --format json": 0,
    "explain public-key-policy": 0,
    "policies schema": 0,
    "policies --help": 0,
    "completion bash": 0,
    "check --help": 0,
    "check --bogus": 2,
    "--help": 0,
    "--version": 0,
}
STREAMS = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", "</dev/null"]
ENVIRONMENTS = [
    {"COLUMNS": "1", "LINES": "1"},
    {"COLUMNS": "0"},
    {"COLUMNS": "-5"},
    {"COLUMNS": "wide"},
    {"TERM": ""},
    {"TERM": "dumb"},
    {"TERM": "no-such-terminal", "FORCE_COLOR": "1"},
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LANG": "no_WHERE.bogus", "LC_ALL": "no_WHERE.bogus"},
    {"PYTHONIOENCODING": "ascii"},
    {"TERMINAL_WIDTH": "0"},
    {"HOME": "/nowhere", "XDG_CACHE_HOME": "/dev/null/x"},
]


def run(command, streams="", **environment):
    """The exit code, and all that was written anywhere."""
    usual = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "TERM", "LANG", "LC_ALL"}}
    done = subprocess.run(
        ["bash", "-c", f'"$0" -m grantlint {command} {streams}', sys.executable],
        cwd=ROOT,
        env=usual | {"PYTHONPATH": str(ROOT)} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def is_clean(written):
    return not re.search(r"Traceback|Exception ignored|internal error:|\w+Error:", written)


@pytest.mark.parametrize("streams", STREAMS)
@pytest.mark.parametrize("command", COMMANDS)
def test_streams_that_are_closed_or_full(command, streams):
    code, written = run(command, streams)
    assert is_clean(written), written
    silent = command.startswith("console") or COMMANDS[command] == 2  # nothing on standard output
    assert code == (2 if streams == ">/dev/full" and not silent else COMMANDS[command])


@pytest.mark.parametrize("command", [f"check {EXAMPLE}", "rules", "check --help"])
def test_a_report_that_cannot_be_written_is_told(command):
    assert (
        "standard output cannot be written: no space left on device"
        in run(command, ">/dev/full")[1]
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
@pytest.mark.parametrize("command", [f"check {EXAMPLE}", "explain public-key-policy", "--help"])
def test_environments(command, environment):
    code, written = run(command, **environment)
    assert is_clean(written), written
    assert code == COMMANDS[command]
