"""What a word of the command line can become, for the shell that completes it.

Nothing that judges is imported: a rule's id is its file's name, which the laws of the rules keep.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


def rule_ids() -> list[str]:
    """The ids of our own rules."""
    rego = (_PACKAGE / "policies", _PACKAGE.parent / "policies")  # in the package, in a checkout
    files = [
        *(_PACKAGE / "rules").glob("[!_]*.py"),
        *(file for directory in rego for file in directory.glob("*.rego")),
    ]
    return sorted({file.stem.replace("_", "-") for file in files})


def rules(incomplete: str) -> list[str]:
    """The ids of rules for an option that takes several between commas."""
    before, comma, last = incomplete.rpartition(",")
    given = set(before.split(","))
    return [f"{before}{comma}{id}" for id in _beginning(last, rule_ids()) if id not in given]


def rule(incomplete: str) -> list[str]:
    """The ids of rules for an argument that is one."""
    return _beginning(incomplete, rule_ids())


def formats(incomplete: str) -> list[str]:
    """The formats of a report; behind `=` comes a file, which the shell knows."""
    from grantlint.reports import FORMATS

    return _beginning(incomplete, FORMATS)


def inputs(incomplete: str) -> list[str]:
    """The formats of what is read, as they stand before a path."""
    return [f"{format}:" for format in stdin_formats(incomplete)]


def stdin_formats(incomplete: str) -> list[str]:
    """The formats of what is read."""
    from grantlint.parsers.sniff import FORMATS

    return _beginning(incomplete, FORMATS)


def _beginning(start: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(start)]
