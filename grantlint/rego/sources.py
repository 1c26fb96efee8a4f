"""The `.rego` files of a directory, and those of the library that every rule can ask.

A rule is a file whose package stands directly below `grantlint`; any other file is one that rules
share. Files that end in `_test.rego` belong to `opa test`, those that begin with a dot to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from grantlint.rego.opa import OpaError

ROOT: Final = "grantlint"
"""What the packages of all rules begin with."""
LIBRARY: Final = "lib"
"""The package below it that is the library."""

_PACKAGE_DIRECTORY: Final = Path(__file__).parents[1]
FILES: Final = "policies-of-this-run"
"""The directory in which OPA gets the files: in its texts, nothing else is called so."""
_SHIPPED: Final = "library-of-grantlint"
"""Where the library lies in it."""
_DATA: Final = frozenset({".json", ".yaml", ".yml"})
_PACKAGE: Final = re.compile(r"^package[ \t]+([A-Za-z_][\w.]*)[ \t]*(?:#.*)?$", re.M)
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

    @property
    def package(self) -> str | None:
        """What it says its package is, where that is written on one line."""
        found = _PACKAGE.search(self.text)
        return found[1] if found else None

    @property
    def rule(self) -> str | None:
        """The name of the rule that it is, None if it is one that rules share."""
        root, _, name = (self.package or "").partition(".")
        is_rule = root == ROOT and name not in {"", LIBRARY} and "." not in name
        return name if is_rule else None

    @property
    def is_library(self) -> bool:
        """Whether it is part of the library."""
        return f"{self.package}.".startswith(f"{ROOT}.{LIBRARY}.")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a directory, as it was named, and the library that is given along with them."""

    directory: str
    files: tuple[Module, ...]
    library: tuple[Module, ...] = ()

    @property
    def modules(self) -> tuple[Module, ...]:
        """All files that an engine is given, below one directory."""
        return (*self.files, *self.library)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules."""
        return tuple(sorted({file.rule for file in self.files if file.rule is not None}))

    def place(self, file: Module) -> str:
        """The path of a file as its author knows it."""
        return f"{self.directory}/{file.path}"

    def told(self, text: str, root: str | Path = FILES) -> str:
        """A text of OPA's with the paths that their authors know, for those below `root`."""
        text = text.replace(f"{root}/{_SHIPPED}/", f"{library_directory()}/")
        return text.replace(f"{root}/", f"{self.directory}/")

    @contextmanager
    def written(self, root: str = FILES) -> Iterator[Path]:
        """A directory of our own that holds all files, in its directory `root`."""
        with TemporaryDirectory(prefix="grantlint-") as scratch:
            for file in self.modules:
                path = Path(scratch) / root / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(file.text, "utf-8")
            yield Path(scratch)


def sources(policies: str | Path) -> Sources:
    """The files of a directory that brings what it needs, as ours does."""
    return Sources(str(policies), _modules(Path(policies)))


def with_library(policies: str | Path) -> Sources:
    """The files of a directory of a user's, with the library. Raises OpaError."""
    files = _modules(Path(policies))
    for file in files:
        if file.is_library:
            raise OpaError(
                f"{policies}/{file.path}: package {file.package} is grantlint's own, and is given "
                "along: remove this file, or name its package otherwise"
            )
    return Sources(str(policies), files, library())


def library() -> tuple[Module, ...]:
    """The files of the library."""
    shipped = _modules(library_directory())
    return tuple(Module(f"{_SHIPPED}/{file.path}", file.text) for file in shipped)


def library_directory() -> Path:
    """Where the library lies: in the package, or beside it in a checkout."""
    for parent in (_PACKAGE_DIRECTORY, _PACKAGE_DIRECTORY.parent):
        directory = parent / "policies" / LIBRARY
        if directory.is_dir():
            return directory
    raise OpaError("grantlint is installed without its library: install it again")


def _modules(policies: Path) -> tuple[Module, ...]:
    """The files of a directory and those below it. Raises OpaError where OPA would read others."""
    if not policies.is_dir():
        raise OpaError(f"{policies}: no such directory")
    below = [
        file
        for file in sorted(policies.rglob("*"))
        if not any(part.startswith(".") for part in file.relative_to(policies).parts)
    ]
    for file in below:
        if file.suffix in _DATA:
            raise OpaError(f"{file}: rules have no data files: write the data in a .rego file")
    found = []
    for file in below:
        if file.suffix != ".rego" or file.stem.endswith("_test"):
            continue
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OpaError(f"{file}: it cannot be read: {error}") from error
        found.append(Module(file.relative_to(policies).as_posix(), text))
    if not found:
        raise OpaError(f"{policies}: there is no .rego file")
    return tuple(found)


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
