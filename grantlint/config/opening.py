"""Files as drafts of configurations: those that are found, those that are given, keys that are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grantlint.config.configuration import Configuration, Draft
from grantlint.config.document import LARGEST, Document, Unreadable, document
from grantlint.config.found import SHARED
from grantlint.config.reader import read, shown
from grantlint.config.usage import UsageError
from grantlint.git import top
from grantlint.source import Source


def found(path: Path) -> Draft | None:
    """What a file says that lies where it counts; None for a pyproject.toml without our table.

    A link out of the repository would show in messages what is there.
    """
    if path.is_symlink():
        around = top(path.parent) or path.parent
        if not Path(os.path.realpath(path)).is_relative_to(around):
            raise UsageError(f"{shown(path)}: it is a link that leads out of the repository")
    return _draft(path, path.parent)


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
