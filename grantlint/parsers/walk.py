"""What lies below a directory, as its owner means it; each directory is listed once.

Left out are hidden directories and those of installed packages, and what git ignores. What is
left out is listed all the same where it is asked for itself, and where a program of the CDK or of
cdktf writes into it. A cloud assembly is listed as one, without what is in it. Links to directories
are not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.parsers.ignored import Rules, opening
from grantlint.parsers.synthesis import is_assembly, outputs
from grantlint.source import Problem, Source, Span

_SKIPPED: Final = {"node_modules", "__pycache__", "venv"}


def is_skipped(name: str) -> bool:
    """Whether a directory of this name is left out where it is not asked for itself."""
    return name.startswith(".") or name in _SKIPPED


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory and the names of the files in it, sorted; those that git ignores too."""

    path: str
    files: tuple[str, ...]
    rules: Rules
    is_assembly: bool

    def keeps(self, name: str) -> bool:
        """Whether git does not ignore a file here; asked of few, it costs more than listing."""
        return not self.rules.ignores(name)


@dataclass(slots=True, eq=False)
class Walk:
    """Everything below the directories asked for. `problems` are those that cannot be entered."""

    problems: dict[str, Problem] = field(default_factory=dict)
    _listed: dict[str, Sequence[Folder]] = field(default_factory=dict)

    def folders(self, start: Path) -> Sequence[Folder]:
        """The directories at or below `start`, each before those in it, these by name."""
        path = start.as_posix()  # what is shown has `/` on every system
        found = self._listed.get(path)
        if found is None:
            found = self._listed[path] = tuple(self._below(path))
        return found

    def _below(self, start: str) -> Iterator[Folder]:
        pending = [(start, opening(start))]
        seen: set[str] = set()
        while pending:
            path, rules = pending.pop()
            if (place := os.path.normpath(path)) in seen:
                continue
            seen.add(place)
            directories, files = self._entries(path)
            rules = rules.entered(path, (*directories, *files))
            folder = Folder(path, tuple(sorted(files)), rules, is_assembly(path, files))
            yield folder
            if not folder.is_assembly:
                pending.extend(reversed(list(_inner(folder, directories))))

    def _entries(self, path: str) -> tuple[list[str], set[str]]:
        directories: list[str] = []
        files: set[str] = set()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        directories.append(entry.name)
                    elif not (entry.is_symlink() and is_folder(entry)):
                        files.add(entry.name)
        except OSError as error:
            reason = (error.strerror or "cannot be entered").lower()
            self.problems[path] = fault(path, f"cannot be read: {reason}")
        return directories, files


def _inner(folder: Folder, directories: Sequence[str]) -> Iterator[tuple[str, Rules]]:
    """The directories to list after one, with their rules; what is written to has none."""
    written = dict.fromkeys(outputs(folder.path, folder.files))
    for name in sorted(directories):
        path = joined(folder.path, name)
        if (place := os.path.normpath(path)) in written:
            del written[place]
            yield path, Rules()
        elif not is_skipped(name) and not folder.rules.ignores(name, directory=True):
            yield path, folder.rules.below(name)
    for path in written:
        yield path, Rules()


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether what is listed is a directory, or a link that leads to one."""
    try:
        return entry.is_dir()
    except OSError:  # it leads in a circle
        return False


def joined(directory: str, name: str) -> str:
    """The path of what is in a directory, as it is shown."""
    return name if directory == "." else f"{directory.removesuffix('/')}/{name}"


def fault(path: str, message: str) -> Problem:
    """What is wrong with a path itself, not with its text."""
    return Problem(message, Span(Source(Path(path).as_posix(), b""), 0, 0))
