"""Which directories below the given paths are root modules.

A root module is a directory of configuration that no other one calls, or one that shows that it
is applied as it stands (a backend or provider block, a lock file). Directories whose text has
nothing of KMS, and that call none that has, are left out: they are never parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.parsers.terraform.module import SUFFIXES, configuration_files, read_source
from grantlint.parsers.terraform.tree import Problem
from grantlint.source import Source, Span

_SKIPPED: Final = {"node_modules", "__pycache__", "venv"}
_CALL: Final = re.compile(rb'"?source"?\s*[=:]\s*"(\.\.?(?:[/\\][^"\n]*)?)"')
_DEPLOYED: Final = re.compile(rb'(?m)^\s*(?:provider\s+"|(?:backend\s+"|cloud\s*\{))')


@dataclass(slots=True, eq=False)
class Reader:
    """Files, each read once."""

    sources: dict[Path, Source | Problem] = field(default_factory=dict)

    def read(self, path: Path, shown: str) -> Source | Problem:
        """The text of a file, or why it cannot be read."""
        found = self.sources.get(path)
        if found is None:
            found = self.sources[path] = read_source(path, shown)
        return found


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory with configuration in it, looked at but not parsed."""

    path: Path
    shown: str
    kms: bool
    calls: tuple[Path, ...]
    deployed: bool


def boundary(directory: Path) -> Path:
    """The project's root: the git repository around a directory, else the directory itself."""
    resolved = directory.resolve()
    for parent in (resolved, *resolved.parents):
        if (parent / ".git").exists():
            return parent
    return resolved


def not_there(path: Path) -> Problem:
    """The fault of a path that does not exist."""
    source = Source(path.as_posix(), b"")
    return Problem("there is no such file or directory", Span(source, 0, 0))


def survey(asked: Iterable[Path], reader: Reader) -> dict[Path, Directory]:
    """Every directory with configuration at or below the given paths, by its resolved path."""
    seen: dict[Path, Directory] = {}
    for path in asked:
        starts = [path] if path.is_dir() else [path.parent]
        for start in starts:
            for directory in _walk(start) if path.is_dir() else starts:
                key = directory.resolve()
                if key not in seen:
                    looked = _look(directory, reader)
                    if looked is not None:
                        seen[key] = looked
    return seen


def _walk(start: Path) -> Iterable[Path]:
    for here, names, files in os.walk(start):
        names[:] = sorted(n for n in names if not n.startswith(".") and n not in _SKIPPED)
        if any(name.endswith(SUFFIXES) for name in files):
            yield Path(here)


def _look(directory: Path, reader: Reader) -> Directory | None:
    shown = directory.as_posix()
    mentions, deployed = False, (directory / ".terraform.lock.hcl").exists()
    calls: list[Path] = []
    files = configuration_files(directory)
    for path in files:
        source = reader.read(path, path.name if shown == "." else f"{shown}/{path.name}")
        if isinstance(source, Problem):
            mentions = True  # what cannot be read must be told
            continue
        mentions = mentions or b"kms" in source.data.lower()
        deployed = deployed or _DEPLOYED.search(source.data) is not None
        written = (os.fsdecode(match[1]) for match in _CALL.finditer(source.data))
        calls.extend((directory / path).resolve() for path in written)
    return Directory(directory, shown, mentions, tuple(calls), deployed) if files else None


def roots(seen: dict[Path, Directory], reader: Reader) -> list[Directory]:
    """The root modules to evaluate for the directories seen.

    For a directory that only others outside the given paths call, those others' roots.
    """
    relevant = _relevant(seen, reader)
    called = {call for directory in seen.values() for call in directory.calls}
    found: dict[Path, Directory] = {}
    for key in relevant:
        directory = seen[key]
        if directory.deployed:
            found[key] = directory
        elif key not in called:
            callers = _callers_outside(key, seen, reader) or [directory]
            found.update((caller.path.resolve(), caller) for caller in callers)
    if not found:  # directories that call each other in a circle
        found = {key: seen[key] for key in relevant}
    return sorted(found.values(), key=lambda directory: directory.shown)


def _relevant(seen: dict[Path, Directory], reader: Reader) -> set[Path]:
    """Directories that have something of KMS in them or below their calls."""
    known = dict(seen)
    verdicts: dict[Path, bool] = {}

    def judge(key: Path, active: frozenset[Path]) -> bool:
        if key in verdicts:
            return verdicts[key]
        directory = known.get(key)
        if directory is None and key.is_dir():
            directory = known[key] = _look(key, reader) or Directory(key, "", False, (), False)
        if directory is None or key in active:
            return False
        inside = active | {key}
        verdict = directory.kms or any(judge(call, inside) for call in directory.calls)
        verdict = verdict or _installed_kms(directory.path)
        verdicts[key] = verdict
        return verdict

    return {key for key in seen if judge(key, frozenset())}


def _installed_kms(directory: Path) -> bool:
    """Whether a module that terraform installed for this root has something of KMS."""
    modules = directory / ".terraform/modules"
    if not modules.is_dir():
        return False
    for here, _, files in os.walk(modules):
        for name in files:
            if name.endswith(SUFFIXES):
                source = read_source(Path(here, name), name)
                if isinstance(source, Source) and b"kms" in source.data.lower():
                    return True
    return False


def _callers_outside(key: Path, seen: dict[Path, Directory], reader: Reader) -> list[Directory]:
    """The root modules outside the given paths that call a directory, up to the git root."""
    top = boundary(key)
    if not (top / ".git").exists():
        return []
    around = _outside(top, seen, reader)
    callers = {key}
    grown = True
    while grown:
        more = {at for at, d in around.items() if at not in callers and callers & set(d.calls)}
        grown = bool(more)
        callers |= more
    called = {call for directory in around.values() for call in directory.calls}
    found = [d for at, d in around.items() if at in callers - {key}]
    return [d for d in found if d.path.resolve() not in called or d.deployed]


def _outside(top: Path, seen: dict[Path, Directory], reader: Reader) -> dict[Path, Directory]:
    found = {}
    for directory in _walk(top):
        resolved = directory.resolve()
        if resolved not in seen:
            looked = _look(Path(os.path.relpath(directory)), reader)
            if looked is not None:
                found[resolved] = looked
    return found


def below(path: Path, asked: Sequence[Path]) -> bool:
    """Whether a path is one of those asked for, or lies in one."""
    resolved = path.resolve()
    return any(
        resolved == one or one in resolved.parents for one in (given.resolve() for given in asked)
    )
