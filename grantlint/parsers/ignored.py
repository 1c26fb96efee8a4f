"""What git ignores below a directory.

Of the sources that git has (https://git-scm.com/docs/gitignore) these are read: the .gitignore of
every directory and the repository's own info/exclude. The user's core.excludesFile is not: what is
judged would differ between two people. pathspec matches, and is loaded with the first pattern.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.git import top

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_PATTERNS: Final = ".gitignore"
_LARGEST: Final = 1_000_000
"""Bytes above which a file of patterns is not read."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The patterns of one file, which hold below the directory that has `start` characters."""

    patterns: GitIgnoreSpec
    start: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What is ignored in one directory: `layers` from the nearest outwards, the first decides.

    `inside` is the directory's path from where the patterns begin, with a slash behind it.
    """

    layers: tuple[Layer, ...] = ()
    inside: str = ""

    def ignores(self, name: str, *, directory: bool = False) -> bool:
        """Whether a file or directory here is ignored; whether this directory is, is not asked."""
        path = f"{self.inside}{name}/" if directory else self.inside + name
        for layer in self.layers:
            decided = layer.patterns.check_file(path[layer.start :]).include
            if decided is not None:
                return decided
        return False

    def entered(self, directory: str, names: Collection[str]) -> Rules:
        """The rules with those that the directory itself has; a repository begins anew."""
        rules = self
        if ".git" in names:
            rules = Rules(_layers(_exclude(directory), 0))
        if _PATTERNS in names:
            own = _layers(Path(directory, _PATTERNS), len(rules.inside))
            rules = Rules((*own, *rules.layers), rules.inside)
        return rules

    def below(self, name: str) -> Rules:
        """The rules for a directory in this one, as far as this one has them."""
        return Rules(self.layers, f"{self.inside}{name}/") if self.layers else self


def opening(start: str) -> Rules:
    """The rules that hold where a directory is asked for: those of the repository around it.

    Where the directory is ignored itself, nothing that lies around it says what of it is.
    """
    here = Path(os.path.realpath(start))
    around = top(here)
    if around is None or around == here:
        return Rules()
    rules, directory = Rules(), around
    for name in here.relative_to(around).parts:
        rules = rules.entered(str(directory), _present(directory))
        if rules.ignores(name, directory=True):
            return Rules()
        rules, directory = rules.below(name), directory / name
    return rules


def _present(directory: Path) -> list[str]:
    return [name for name in (".git", _PATTERNS) if (directory / name).exists()]


def _exclude(directory: str) -> Path:
    """Where a repository's info/exclude is; a worktree and a submodule say it in a file."""
    git = Path(directory, ".git")
    try:
        if git.is_file():
            git = git.parent / git.read_text("utf-8").partition("gitdir:")[2].strip()
            git = git / (git / "commondir").read_text("utf-8").strip()
    except (OSError, ValueError):
        pass
    return git / "info/exclude"


def _layers(file: Path, start: int) -> tuple[Layer, ...]:
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST)
    except (OSError, ValueError):
        return ()
    patterns = [line for line in _lines(data) if line.strip() and not line.startswith("#")]
    return (Layer(_spec(patterns), start),) if patterns else ()


def _lines(data: bytes) -> Iterator[str]:
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        yield os.fsdecode(line.removesuffix(b"\r"))


def _spec(patterns: list[str]) -> GitIgnoreSpec:
    """The patterns, without those that are none, which git passes over too."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # it costs a tenth of a start

    def read(lines: list[str]) -> GitIgnoreSpec:
        return GitIgnoreSpec.from_lines(lines)

    try:
        return read(patterns)
    except (ValueError, re.error):
        return read([line for line in patterns if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
