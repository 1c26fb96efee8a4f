"""Which file is the configuration of a directory: the nearest upward, up to the git root.

One file counts as a whole; nothing is merged. Each directory is looked into once. Without a
repository the search ends at the working directory, and where that is not around the directory,
in the directory itself: what lies further up may be anybody's.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.config.usage import UsageError

if TYPE_CHECKING:
    from grantlint.config.configuration import Draft

OWN: Final = ("grantlint.toml", ".grantlint.yaml", ".grantlint.yml")
SHARED: Final = "pyproject.toml"
_TABLE: Final = rb"tool[^\n]*grantlint|^[ \t]*[\"']?grantlint[\"']?[ \t]*[.=]"
"""What a pyproject.toml has that may have our table."""


class Search:
    """Looks for configurations, and remembers where there are some. Paths are resolved ones."""

    def __init__(self) -> None:
        self._near: dict[str, Draft | None] = {}
        self._tops: dict[str, str | None] = {}

    def near(self, directory: Path) -> Draft | None:
        """The configuration that is nearest to a directory, from itself upward."""
        here = os.path.realpath(directory)
        last = self._last(here)
        passed: list[str] = []
        found: Draft | None = None
        for one in _upward(here):
            if one in self._near:
                found = self._near[one]
                break
            passed.append(one)
            found = in_directory(one)
            if found is not None or one == last:
                break
        self._near.update(dict.fromkeys(passed, found))
        return found

    def _last(self, here: str) -> str:
        """Where a search ends."""
        top = self._top(here)
        if top is not None:
            return top
        working = os.path.realpath(".")
        return working if Path(here).is_relative_to(working) else here

    def _top(self, here: str) -> str | None:
        """The root of the repository around a directory."""
        passed: list[str] = []
        top: str | None = None
        for one in _upward(here):
            if one in self._tops:
                top = self._tops[one]
                break
            passed.append(one)
            if os.path.lexists(f"{one}/.git"):
                top = one
                break
        self._tops.update(dict.fromkeys(passed, top))
        return top


def _upward(path: str) -> list[str]:
    """A path and all that it is in."""
    return [path, *map(str, Path(path).parents)]


def in_directory(directory: str) -> Draft | None:
    """The configuration in a directory itself. Raises UsageError where there are two."""
    named = [name for name in OWN if os.path.lexists(f"{directory}/{name}")]
    shared = _mentions(f"{directory}/{SHARED}")
    if not named and not shared:
        return None
    from grantlint.config import opening  # noqa: PLC0415  # what reads is loaded for a file
    from grantlint.config.reader import shown  # noqa: PLC0415

    found = opening.found(Path(directory, SHARED)) if shared else None
    if len(named) + (found is not None) > 1:
        all_named = [*named, *([SHARED] if found is not None else [])]
        paths = " and ".join(shown(Path(directory, name)) for name in all_named)
        raise UsageError(f"{paths}: a directory has one configuration, keep one of them")
    return opening.found(Path(directory, named[0])) if named else found


def _mentions(path: str) -> bool:
    """Whether a pyproject.toml may say something to us."""
    if not os.path.lexists(path):
        return False
    try:
        return Path(path).is_file() and _has_table(Path(path).read_bytes())
    except (OSError, ValueError):
        return False


def _has_table(data: bytes) -> bool:
    return re.search(_TABLE, data, re.M) is not None
