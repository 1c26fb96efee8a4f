"""Which directories below the given paths are root modules.

A root module is a directory of configuration that no other one calls, or one that shows that it
is applied as it stands (a backend or cloud block, a lock file, variable files). Directories whose
text has nothing of KMS, and that call none that has, are left out: they are never parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.git import top
from grantlint.parsers.relevance import is_of_kms
from grantlint.parsers.terraform.module import SUFFIXES, configuration_files, read_source, shown_in
from grantlint.parsers.terraform.variables import automatic_files
from grantlint.parsers.walk import Walk, fault
from grantlint.source import Problem, Source, Span

_CALL: Final = re.compile(rb'"?source"?\s*[=:]\s*"(\.\.?(?:[/\\][^"\n]*)?)"')
_REMOTE_CALL: Final = re.compile(
    rb'(?m)^[ \t]*(?P<heading>module[ \t]+"[^"\n]*")[ \t]*\{(?:[^}"\n]*\n)*?'
    rb'[ \t]*source[ \t]*=[ \t]*"(?P<source>[^."\n][^"\n]*)"'
)
FOREIGN: Final = ("terragrunt.hcl", ".tfcomponent.hcl", ".tfdeploy.hcl", ".tfstack.hcl")
"""What the names of files end with that are known and not read."""
_KNOWN: Final = (*SUFFIXES, *FOREIGN)
_APPLIED: Final = re.compile(rb'(?m)^\s*(?:backend\s+"|cloud\s*\{)|"backend"\s*:\s*[\[{]')


@dataclass(slots=True, eq=False)
class Reader:
    """Files, each read once."""

    sources: dict[Path, Source | Problem] = field(default_factory=dict)
    _files: dict[Path, list[Path]] = field(default_factory=dict)
    _homes: dict[Path, Path] = field(default_factory=dict)
    _places: dict[str, Path] = field(default_factory=dict)

    def files(self, directory: Path) -> list[Path]:
        """The configuration files of a directory."""
        found = self._files.get(directory)
        if found is None:
            found = self._files[directory] = configuration_files(directory)
        return found

    def home(self, directory: Path) -> Path:
        """Where a directory really is."""
        found = self._homes.get(directory)
        if found is None:
            found = self._homes[directory] = directory.resolve()
        return found

    def place(self, directory: Path, written: str) -> Path:
        """Where a path leads that is written in a directory's configuration."""
        steps = written.split("/")
        while steps and steps[0] in {"", ".", ".."}:
            steps.pop(0)
        if ".." in steps:
            return real(directory / written)
        # What comes first leads upwards from a real directory, and that can be told by the text.
        path = os.path.normpath(f"{self.home(directory)}/{written}")
        found = self._places.get(path)
        if found is None:
            found = self._places[path] = real(Path(path))
        return found

    def read(self, path: Path, shown: str) -> Source | Problem:
        """The text of a file, or why it cannot be read."""
        found = self.sources.get(path)
        if found is None:
            found = self.sources[path] = read_source(path, shown)
        return found


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory with configuration in it, looked at but not parsed.

    `calls` are the directories it calls as modules, `remote` its other modules' sources and
    the places of those calls.
    """

    path: Path
    shown: str
    kms: bool = True
    calls: tuple[Path, ...] = ()
    deployed: bool = True
    remote: tuple[tuple[str, Span], ...] = ()


def boundary(directory: Path) -> Path:
    """The project's root: the git repository around a directory, else the directory itself."""
    return top(directory) or directory.resolve()


def real(path: Path) -> Path:
    """Where a path leads; unlike `Path.resolve` this bears links that lead in a circle."""
    return Path(os.path.realpath(path))


def is_directory(path: Path) -> bool:
    """Whether there is a directory; unlike `Path.is_dir` this bears names that cannot be."""
    return os.access(path, os.F_OK) and path.is_dir()


@dataclass(slots=True, eq=False)
class Survey:
    """What there is at or below the given paths.

    `directories` are those with configuration, by resolved path; `foreign` are files of kinds
    that are known and not read, `problems` paths that cannot be entered. `progress` is told which
    directory is looked at. `listing` is shared with other formats.
    """

    reader: Reader
    progress: Callable[[str], None] = lambda _: None
    listing: Walk = field(default_factory=Walk)
    directories: dict[Path, Directory] = field(default_factory=dict)
    foreign: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, path: Path) -> None:
        """Look at a directory and all below it, or at the directory of a file."""
        if not os.access(path, os.F_OK):
            self.problems.append(fault(str(path), "there is no such file or directory"))
        elif path.is_dir():
            for directory in self.walk(path):
                self.look(directory)
        else:
            self.look(path.parent)

    def look(self, directory: Path) -> None:
        """Look at one directory."""
        key = self.reader.home(directory)
        if key not in self.directories:
            self.progress(f"reading {directory.as_posix()}")
            looked = look(directory, self.reader)
            if looked is not None:
                self.directories[key] = looked

    def walk(self, start: Path) -> Iterable[Path]:
        """The directories with configuration at or below `start`, links not followed."""
        for folder in self.listing.folders(start):
            kept = [n for n in folder.files if n.endswith(_KNOWN) and folder.keeps(n)]
            self.foreign.extend(Path(folder.path, n) for n in kept if n.endswith(FOREIGN))
            if any(name.endswith(SUFFIXES) for name in kept):
                yield Path(folder.path)
        for path, problem in self.listing.problems.items():
            if start == (there := Path(path)) or start in there.parents:
                self.problems.append(problem)


def look(directory: Path, reader: Reader) -> Directory | None:
    """A directory by its text alone; None when there is no configuration in it."""
    shown = directory.as_posix()
    mentions, deployed = False, _has_traces(directory)
    calls: list[Path] = []
    remote: list[tuple[str, Span]] = []
    files = reader.files(directory)
    for path in files:
        source = reader.read(path, shown_in(shown, path))
        if isinstance(source, Problem):
            mentions = True  # what cannot be read must be told
            continue
        data = source.data
        mentions = mentions or is_of_kms(data)
        deployed = deployed or _is_applied(data)
        if b"source" not in data or not (b"module" in data or b'".' in data):
            continue  # most files: looking for a text costs a tenth of looking for a pattern
        written = (os.fsdecode(match[1]) for match in _CALL.finditer(data))
        calls.extend(reader.place(directory, path) for path in written)
        for match in _REMOTE_CALL.finditer(data):
            span = Span(source, match.start("heading"), match.end("heading"))
            remote.append((os.fsdecode(match["source"]), span))
    found = Directory(directory, shown, mentions, tuple(calls), deployed, tuple(remote))
    return found if files else None


def _is_applied(data: bytes) -> bool:
    """Whether a file says where the state lies."""
    return (b"backend" in data or b"cloud" in data) and _APPLIED.search(data) is not None


def _has_traces(directory: Path) -> bool:
    """Whether a run of terraform, or one that is meant, has left something in a directory."""
    if (directory / ".terraform.lock.hcl").exists():
        return True
    return bool(automatic_files(directory))


def roots(
    seen: Mapping[Path, Directory], reader: Reader, around: Mapping[Path, Directory] | None = None
) -> list[Directory]:
    """The root modules to evaluate for the directories seen.

    For a directory that only others outside the given paths call, those others' roots: they are
    looked for up to the git root, unless `around` has all directories that are there.
    """
    relevant = _relevant(seen, reader, around or {})
    called = {call for directory in seen.values() for call in directory.calls}
    found: dict[Path, Directory] = {}
    served: set[Path] = set()
    outside: dict[Path, dict[Path, Directory]] = {}
    for key in relevant:
        directory = seen[key]
        if directory.deployed:
            found[key] = directory
        elif key not in called:
            callers = _callers_outside(key, seen, outside) if around is None else []
            found.update((caller.path.resolve(), caller) for caller in callers or [directory])
        else:
            continue
        served.add(key)
    for key in relevant - _called_by(served, seen):  # they call each other in a circle
        found[key] = seen[key]
    return sorted(found.values(), key=lambda directory: directory.shown)


def _relevant(
    seen: Mapping[Path, Directory], reader: Reader, around: Mapping[Path, Directory]
) -> set[Path]:
    """Directories that have something of KMS in them or below their calls."""
    relevant: set[Path] = set()
    known = {**around, **seen}
    below = set(seen)
    pending = list(seen)
    while pending:
        key = pending.pop()
        directory = known[key]
        if directory.kms or _installed_kms(directory.path):
            relevant.add(key)
        for call in directory.calls:
            if call not in known and call.is_dir():
                known[call] = look(call, reader) or Directory(call, "", kms=False)
            if call not in known:
                relevant.add(call)  # a module that is not there could have anything in it
            elif call not in below:
                below.add(call)
                pending.append(call)
    return callers_of(relevant, {key: known[key] for key in below}) & set(seen)


def callers_of(called: Iterable[Path], directories: Mapping[Path, Directory]) -> set[Path]:
    """The directories given, and those that call one of them, themselves or through others."""
    callers: dict[Path, list[Path]] = {}
    for key, directory in directories.items():
        for call in directory.calls:
            callers.setdefault(call, []).append(key)
    return _closure(called, callers)


def _called_by(callers: Iterable[Path], directories: Mapping[Path, Directory]) -> set[Path]:
    """The directories given, and those that they call, themselves or through others."""
    return _closure(callers, {key: one.calls for key, one in directories.items()})


def _closure(start: Iterable[Path], next: Mapping[Path, Sequence[Path]]) -> set[Path]:
    found: set[Path] = set()
    pending = list(start)
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending.extend(next.get(key, ()))
    return found


def _installed_kms(directory: Path) -> bool:
    """Whether a module that terraform installed for this root has something of KMS."""
    modules = directory / ".terraform/modules"
    if not modules.is_dir():
        return False
    for here, _, files in os.walk(modules):
        for name in files:
            if name.endswith(SUFFIXES):
                source = read_source(Path(here, name), name)
                if isinstance(source, Source) and is_of_kms(source.data):
                    return True
    return False


def _callers_outside(
    key: Path, seen: Mapping[Path, Directory], outside: dict[Path, dict[Path, Directory]]
) -> list[Directory]:
    """The root modules outside the given paths that call a directory, up to the git root.

    `outside` keeps the other directories of each repository, so that they are read once.
    """
    project = boundary(key)
    if not (project / ".git").exists():
        return []
    if project not in outside:
        outside[project] = _outside(project, seen)
    around = outside[project]
    callers = callers_of([key], around)
    called = {call for directory in around.values() for call in directory.calls}
    found = [d for at, d in around.items() if at in callers - {key}]
    return [d for d in found if d.path.resolve() not in called or d.deployed]


def _outside(project: Path, seen: Mapping[Path, Directory]) -> dict[Path, Directory]:
    found: dict[Path, Directory] = {}
    around = Survey(Reader())
    for directory in around.walk(project):
        resolved = directory.resolve()
        if resolved not in seen:
            looked = look(Path(os.path.relpath(directory)), around.reader)
            if looked is not None:
                found[resolved] = looked
    return found


def below(path: Path, asked: Sequence[Path]) -> bool:
    """Whether a path is one of those asked for, or lies in one."""
    resolved = path.resolve()
    return any(
        resolved == one or one in resolved.parents for one in (given.resolve() for given in asked)
    )
