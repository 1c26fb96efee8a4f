"""Which file is the configuration of a directory: the nearest upward, up to the git root.

One file counts as a whole; nothing is merged. Each directory is looked into once. Without a
repository the search ends at the working directory, and where that is not around the directory,
in the directory itself: what lies further up may be anybody's.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.config.configuration import Configuration
from grantlint.config.document import LARGEST, Document, Unreadable, document
from grantlint.config.mistake import UsageError
from grantlint.config.reader import Draft, read, shown
from grantlint.git import top
from grantlint.source import Source

OWN: Final = ("grantlint.toml", ".grantlint.yaml", ".grantlint.yml")
SHARED: Final = "pyproject.toml"
_NAME: Final = b"grantlint"


@dataclass(slots=True, eq=False)
class Search:
    """Looks for configurations, and remembers where there are some."""

    _near: dict[Path, Draft | None] = field(default_factory=dict)

    def near(self, directory: Path) -> Draft | None:
        """The configuration that is nearest to a directory, from itself upward."""
        here = Path(os.path.realpath(directory))
        if here in self._near:
            return self._near[here]
        passed: list[Path] = []
        last = self._last(here)
        found: Draft | None = None
        for one in (here, *here.parents):
            if one in self._near:
                found = self._near[one]
                break
            passed.append(one)
            found = in_directory(one)
            if found is not None or one == last or _is(one / ".git"):
                break
        self._near.update(dict.fromkeys(passed, found))
        return found

    def _last(self, here: Path) -> Path | None:
        """Where a search that meets no repository ends."""
        if any(_is(one / ".git") for one in (here, *here.parents)):
            return None
        working = Path.cwd().resolve()
        return working if here.is_relative_to(working) else here


def _is(path: Path) -> bool:
    """Whether there is such a file, of whatever kind."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def in_directory(directory: Path) -> Draft | None:
    """The configuration in a directory itself. Raises UsageError where there are two."""
    named = [directory / name for name in OWN if _is(directory / name)]
    shared = directory / SHARED
    found: list[tuple[Path, Draft]] = []
    if _is(shared):
        made = _shared(shared)
        found = [(shared, made)] if made is not None else []
    if len(named) + len(found) > 1:
        paths = [shown(one) for one in (*named, *(path for path, _ in found))]
        raise UsageError(
            f"{' and '.join(paths)}: a directory has one configuration, keep one of them"
        )
    for path in named:
        _refuse_link(path, directory)
        return _draft(path, directory)
    return found[0][1] if found else None


def _refuse_link(path: Path, directory: Path) -> None:
    """A link out of the repository would show in messages what is there."""
    if path.is_symlink():
        around = top(directory) or directory
        if not Path(os.path.realpath(path)).is_relative_to(around):
            raise UsageError(f"{shown(path)}: it is a link that leads out of the repository")


def given(path: str) -> Draft:
    """A configuration that the user has named; what it names lies from its directory on.

    Of a file outside of the repository that is worked in, from the working directory on.
    """
    file = Path(path)
    working = Path.cwd().resolve()
    around = top(working) or working
    within = Path(os.path.realpath(file)).is_relative_to(around)
    directory = Path(os.path.realpath(file)).parent if within else working
    made = _draft(file, directory)
    if made is None:
        raise UsageError(f"--config {path}: it has no table [tool.grantlint]")
    return made


def inline(text: str) -> Draft:
    """A key and its value, as an option of the command line says them."""
    source = Source(f"--config {text}", text.encode())
    try:
        found = document(source)
    except Unreadable as error:
        raise UsageError(f"--config {text}: {error.mistake.message}") from None
    return read(found, Path.cwd().resolve())


def _shared(path: Path) -> Draft | None:
    """What a pyproject.toml says to us; nothing without our table."""
    if not _mentions(path):
        return None
    _refuse_link(path, path.parent)
    return _draft(path, path.parent)


def _mentions(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode) and _NAME in path.read_bytes()
    except (OSError, ValueError):
        return False


def _draft(path: Path, directory: Path) -> Draft | None:
    """What a file says; None for a pyproject.toml without our table."""
    source = Source(shown(path), _bytes(path))
    try:
        found: Document | None = document(source)
    except Unreadable as error:
        return Draft(Configuration(source.path, directory), (error.mistake,))
    if path.name == SHARED and found is not None:
        found = found.below("tool", "grantlint")
    return None if found is None else read(found, directory)


def _bytes(path: Path) -> bytes:
    """A file's bytes, if it is one; a little more than are taken, so that too many are seen."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{shown(path)}: it is no file")
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"{shown(path)}: it cannot be read: {reason}") from None
