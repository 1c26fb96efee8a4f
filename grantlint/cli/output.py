"""Where text goes: reports to standard output, everything else to standard error."""

from __future__ import annotations

import os
import sys
from enum import StrEnum


class Color(StrEnum):
    """When to write in colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def write(text: str) -> None:
    """Write to standard output. Once its reader is gone, say nothing more and go on."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Write a line to standard error, under the program's name."""
    try:
        sys.stderr.write(f"grantlint: {text}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def colored(choice: Color) -> bool:
    """Whether standard output gets colour.

    `--color` decides; else NO_COLOR (https://no-color.org), FORCE_COLOR, then whether it is a
    terminal that can.
    """
    if choice is not Color.AUTO:
        return choice is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
