"""The manual page: it says what the commands say, and programs that show it do not complain."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grantlint.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/man/grantlint.1"


def run(*command):
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT / "docs",
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_is_what_the_commands_say():
    done = run(sys.executable, "-c", "import manual; print(manual.manual(), end='')")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == PAGE.read_text("utf-8"), "run `make docs`"


@pytest.mark.parametrize(
    "command",
    [
        ["groff", "-man", "-Tutf8", "-ww", "-z"],
        ["mandoc", "-T", "lint", "-W", "warning"],
        ["man", "--warnings", "-E", "UTF-8", "-l"],
    ],
    ids=lambda command: command[0],
)
def test_it_is_well_made(command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    done = run(*command, PAGE)
    assert done.stderr == ""
    if command[0] == "mandoc":
        shown = [line for line in done.stdout.splitlines() if "missing date" not in line]
        assert shown == []


def test_it_shows_every_option_of_every_command():
    if shutil.which("groff") is None:
        pytest.skip("groff is not here")
    shown = run("groff", "-man", "-Tascii", "-P-cbou", PAGE).stdout
    for name in COMMANDS:
        help_ = run(sys.executable, "-m", "grantlint", name, "--help").stdout
        options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_, re.M)
        assert options
        part = shown.partition(f"   {name}\n")[2]
        assert part, name
        for option in options:
            assert option in part
    assert "EXIT STATUS" in shown
