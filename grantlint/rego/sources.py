"""The `.rego` files of a directory, for engines that are given the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from grantlint.rego.opa import OpaError

ROOT: Final = "grantlint"
"""What the packages of all rules begin with."""

_DATA: Final = frozenset({".json", ".yaml", ".yml"})
_PACKAGE: Final = re.compile(r"^package[ \t]+grantlint\.([A-Za-z_]\w*)[ \t]*(?:#.*)?$", re.M)
_MOVED: Final = re.compile(
    r"""
    (?P<kept> \#[^\n]* | `[^`]*` | "(?:[^"\\\n]|\\.)*" )
  | (?<![\w.]) (?P<import> import [ \t]+ data\.grantlint ) (?= [ \t]*(?:\#|$) )
  | (?<![\w.]) (?P<before> package[ \t]+ | data\. | data\[" ) (?P<name> grantlint(?:_main)? ) \b
    """,
    re.X | re.M,
)


@dataclass(frozen=True, slots=True)
class Module:
    """One file: its path below the directory, and what stands in it."""

    path: str
    text: str


def modules(policies: Path) -> tuple[Module, ...]:
    """The files of a directory and those below it. Raises OpaError where OPA would read others."""
    if not policies.is_dir():
        raise OpaError(f"{policies}: no such directory")
    for file in sorted(policies.rglob("*")):
        if file.suffix in _DATA:
            raise OpaError(f"{file}: rules have no data files: write the data in a .rego file")
    found = []
    for file in sorted(policies.rglob("*.rego")):
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OpaError(f"{file}: it cannot be read: {error}") from error
        found.append(Module(file.relative_to(policies).as_posix(), text))
    if not found:
        raise OpaError(f"{policies}: there is no .rego file")
    return tuple(found)


def rule_names(files: Sequence[Module]) -> tuple[str, ...]:
    """The packages directly below `grantlint`, without it."""
    return tuple(sorted({match[1] for file in files for match in _PACKAGE.finditer(file.text)}))


def write(files: Sequence[Module], directory: Path) -> None:
    """Put the files into a directory, as they lay in theirs."""
    for file in files:
        path = directory / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, "utf-8")


def moved(file: Module, place: str) -> Module:
    """The same rules with `data.{place}` for `data.grantlint`, wherever it is written as such.

    What stands in a comment or a text is left as it is. A reference that is put together at run
    time (`data[x]`) is not seen: whoever uses this looks for those.
    """

    def written(match: re.Match[str]) -> str:
        if match["kept"] is not None:
            return match[0]
        if match["import"] is not None:
            return f"import data.{place} as grantlint"
        return f"{match['before']}{match['name'].replace('grantlint', place, 1)}"

    return replace(file, text=_MOVED.sub(written, file.text))
