"""Where text goes: reports to standard output, everything else to standard error.

Names and texts of files are in both. Whatever a terminal would obey in them is replaced in what
people read (`printable`) and escaped in JSON (`write_json`).
"""

from __future__ import annotations

import os
import re
import sys
from enum import StrEnum
from typing import Final

from grantlint.reports.snippet import printable

_OBEYED: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_ASCII: Final = re.compile("[^\n -~]")


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
        drop_output()
    except OSError as error:
        from grantlint.config import UsageError  # the help needs none of what this imports

        drop_output()
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"standard output cannot be written: {reason}") from error


def drop_output() -> None:
    """Let what is still in the buffer go nowhere: it would fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_json(text: str) -> None:
    """Write JSON to standard output, any character escaped that it cannot take as it is."""
    whole = sys.stdout.encoding.lower().replace("-", "") in {"utf8", "utf8sig"}
    write((_OBEYED if whole else _NOT_ASCII).sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    """A character as JSON escapes it: those beyond 16 bits as a surrogate pair."""
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def complain(text: str) -> None:
    """Write to standard error, under the program's name; each line without terminal codes."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    try:
        sys.stderr.write(f"grantlint: {shown}\n")
        sys.stderr.flush()
    except OSError:  # its reader is gone, or there is no room: nobody can be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def colored(choice: Color) -> bool:
    """Whether standard output gets colour.

    `--color` decides; else NO_COLOR (https://no-color.org), FORCE_COLOR
    (https://force-color.org), each if it is not empty, then whether it is a terminal that can.
    Of the two variables the one that asks for less wins, as in Python itself.
    """
    if choice is not Color.AUTO:
        return choice is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def linked(choice: Color) -> bool:
    """Whether standard output is a terminal that has links (OSC 8).

    Only its name tells, so that an unknown one gets none; FORCE_HYPERLINK decides instead (0 means
    none), as for cargo and others (https://docs.rs/supports-hyperlinks). `--color never` asks for
    text without codes; NO_COLOR speaks of colours alone. No log of a CI server shows them.
    """
    env = os.environ
    if choice is Color.NEVER or env.get("CI") or env.get("TERM") == "dumb":
        return False
    if not sys.stdout.isatty():
        return False
    forced = env.get("FORCE_HYPERLINK", "").strip()
    if forced:
        return forced != "0"
    version = env.get("VTE_VERSION", "")
    if version.isdecimal() and int(version) > _FIRST_VTE:
        return True
    return (
        any(env.get(name) for name in _TERMINALS)
        or env.get("TERM_PROGRAM") in _PROGRAMS
        or env.get("TERM") in _TERMS
    )


_FIRST_VTE: Final = 5000  # 0.50.0 itself crashes
_TERMINALS: Final = ("DOMTERM", "KONSOLE_VERSION", "WT_SESSION")
# Not VS Code's: by itself it makes links of file:line:column, which lead to the line.
_PROGRAMS: Final = frozenset({"Hyper", "WezTerm", "ghostty", "iTerm.app", "terminology"})
_TERMS: Final = frozenset({"alacritty", "alacritty-direct", "foot", "xterm-ghostty", "xterm-kitty"})


def columns() -> int | None:
    """How wide the terminal is that standard output goes to; None if it goes to none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except OSError:
        return None
