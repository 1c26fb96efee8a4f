"""Paths to an inventory: which directories are root modules, and what is in them.

A root module is a directory of configuration that no other one calls, or one that shows that it
is applied as it stands (a backend or provider block, a lock file). Directories whose text has
nothing of KMS, and that call none that has, are never parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.model import Inventory, Note
from grantlint.parsers.terraform import console as console_
from grantlint.parsers.terraform import kms, provider, variables
from grantlint.parsers.terraform.configuration import Configuration, ModuleInstance
from grantlint.parsers.terraform.instance import Instance
from grantlint.parsers.terraform.module import SUFFIXES, Module, configuration_files, read_source
from grantlint.parsers.terraform.provider_block import Settings
from grantlint.parsers.terraform.scope import ConsoleScope
from grantlint.parsers.terraform.tree import Problem
from grantlint.source import Source, Span
from grantlint.value import Value

_SKIPPED: Final = {"node_modules", "__pycache__", "venv"}
_CALL: Final = re.compile(rb'"?source"?\s*[=:]\s*"(\.\.?(?:[/\\][^"\n]*)?)"')
_DEPLOYED: Final = re.compile(rb'(?m)^\s*(?:provider\s+"|(?:backend\s+"|cloud\s*\{))')


@dataclass(frozen=True, slots=True)
class Options:
    """What the user gives a run. `environment` holds the TF_VAR_ and TF_WORKSPACE variables."""

    variables: tuple[tuple[str, str], ...] = ()
    variable_files: tuple[str, ...] = ()
    workspace: str | None = None
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The part that every root module shares."""
        workspace = self.workspace or self.environment.get("TF_WORKSPACE")
        return Settings(self.account, self.region, self.partition, workspace)


@dataclass(frozen=True, slots=True)
class Estate:
    """What was found below the given paths.

    `unreadable` are faults of files that could not be read or parsed, `files` how many files
    were read, `undeclared` the names of `--var` that no root module declares, `verbose` lines
    that say which variable files and modules were used.
    """

    inventory: Inventory
    unreadable: tuple[Problem, ...]
    files: int
    undeclared: tuple[str, ...]
    verbose: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Reader:
    """Files, each read once."""

    sources: dict[Path, Source | Problem] = field(default_factory=dict)

    def read(self, path: Path, shown: str) -> Source | Problem:
        found = self.sources.get(path)
        if found is None:
            found = self.sources[path] = read_source(path, shown)
        return found


@dataclass(frozen=True, slots=True)
class _Directory:
    """A directory with configuration in it, looked at but not parsed."""

    path: Path
    shown: str
    kms: bool
    calls: tuple[Path, ...]
    deployed: bool


def read(paths: Sequence[str], options: Options) -> Estate:
    """Everything of KMS in the configurations at or around `paths`."""
    reader = _Reader()
    asked = [Path(path) for path in paths]
    problems = [_not_there(path) for path in asked if not path.exists()]
    seen = _survey([path for path in asked if path.exists()], reader)
    roots = _roots(seen, asked, reader)
    modules: dict[Path, Module] = {}
    found: list[tuple[Inventory, list[Problem]]] = []
    declared: set[str] = set()
    verbose: list[str] = []
    for directory, whole in roots:
        root = open_root(directory, modules, reader.read, options, verbose)
        declared.update(root.module.variables)
        inventory = _inventory(root, None if whole else asked)
        found.append((inventory, []))
    for module in modules.values():
        problems.extend(module.problems)
    problems.extend(_broken_elsewhere(seen, modules))
    return Estate(
        _together(inventory for inventory, _ in found),
        tuple(problems),
        len(reader.sources),
        tuple(name for name, _ in options.variables if name not in declared),
        tuple(verbose),
    )


def console(directory: str, options: Options) -> Callable[[str], str]:
    """A function that answers expressions in the scope of a root module (see console.py)."""
    reader = _Reader()
    path = Path(directory)
    shown = _shown(path)
    seen = _Directory(path, shown, kms=True, calls=(), deployed=True)
    scope = ConsoleScope(open_root(seen, {}, reader.read, options, []), {})
    return lambda line: console_.answer(line, scope)


def open_root(
    directory: _Directory,
    modules: dict[Path, Module],
    read: Callable[[Path, str], Source | Problem],
    options: Options,
    verbose: list[str],
) -> ModuleInstance:
    """The root module of a directory, with its variables assigned."""
    configuration = Configuration(
        directory.path, boundary(directory.path), directory.shown, options.settings, modules, read
    )
    root = configuration.root()
    assigned = variables.assign(
        root.module, root.scope, options.environment, options.variable_files, options.variables
    )
    configuration.assigned = assigned.values
    root.module.problems.extend(
        problem for problem in assigned.problems if problem not in root.module.problems
    )
    verbose.append(f"root module {directory.shown}")
    verbose.extend(f"  variables from {name}" for name in assigned.files)
    return root


def boundary(directory: Path) -> Path:
    """The project's root: the git repository around a directory, else the directory itself."""
    resolved = directory.resolve()
    for parent in (resolved, *resolved.parents):
        if (parent / ".git").exists():
            return parent
    return resolved


def _inventory(root: ModuleInstance, asked: Sequence[Path] | None) -> Inventory:
    resources: list[tuple[Instance, Value]] = []
    notes: list[Note] = []
    for instance in root.all_instances(kms.is_wanted):
        if asked is not None and not _below(instance.span.path, asked):
            continue
        if instance.content.broken:
            reason = f"{instance.address} cannot be judged: {instance.content.broken}"
            notes.append(Note(reason, 1, instance.header))
        else:
            resources.append((instance, provider.planned(instance)))
    notes.extend(Note(reason, 1, span) for reason, span in root.configuration.notes.items())
    return kms.inventory(resources, notes)


def _together(inventories: Iterable[Inventory]) -> Inventory:
    keys, grants, notes = [], [], []
    for inventory in inventories:
        keys.extend(inventory.keys)
        grants.extend(inventory.grants)
        notes.extend(inventory.notes)
    return Inventory(tuple(keys), tuple(grants), notes=tuple(notes))


# -- which directories ---------------------------------------------------------------------


def _not_there(path: Path) -> Problem:
    source = Source(path.as_posix(), b"")
    return Problem("there is no such file or directory", Span(source, 0, 0))


def _shown(path: Path) -> str:
    return path.as_posix()


def _survey(asked: Iterable[Path], reader: _Reader) -> dict[Path, _Directory]:
    """Every directory with configuration at or below the given paths, by its resolved path."""
    seen: dict[Path, _Directory] = {}
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


def _look(directory: Path, reader: _Reader) -> _Directory | None:
    shown = _shown(directory)
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
        for match in _CALL.finditer(source.data):
            calls.append((directory / os.fsdecode(match[1])).resolve())
    return _Directory(directory, shown, mentions, tuple(calls), deployed) if files else None


def _roots(
    seen: dict[Path, _Directory], asked: Sequence[Path], reader: _Reader
) -> list[tuple[_Directory, bool]]:
    """The root modules to evaluate; and whether all of each is asked for, or only a part."""
    relevant = _relevant(seen, reader)
    called = {call for directory in seen.values() for call in directory.calls}
    roots: list[tuple[_Directory, bool]] = []
    for key, directory in seen.items():
        if key not in relevant:
            continue
        if key not in called or directory.deployed:
            callers = [] if directory.deployed else _callers_outside(key, seen, reader)
            roots.extend((caller, False) for caller in callers)
            if not callers:
                roots.append((directory, True))
    if not roots:
        roots = [(seen[key], True) for key in relevant if key in seen]
    unique: dict[Path, tuple[_Directory, bool]] = {}
    for directory, whole in roots:
        unique.setdefault(directory.path.resolve(), (directory, whole))
    return sorted(unique.values(), key=lambda root: root[0].shown)


def _relevant(seen: dict[Path, _Directory], reader: _Reader) -> set[Path]:
    """Directories that have something of KMS in them or below their calls."""
    known = dict(seen)
    verdicts: dict[Path, bool] = {}

    def judge(key: Path, active: frozenset[Path]) -> bool:
        if key in verdicts:
            return verdicts[key]
        directory = known.get(key)
        if directory is None and key.is_dir():
            directory = known[key] = _look(key, reader) or _Directory(key, "", False, (), False)
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


def _callers_outside(
    key: Path, seen: dict[Path, _Directory], reader: _Reader
) -> list[_Directory]:
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


_AROUND: dict[Path, dict[Path, _Directory]] = {}


def _outside(top: Path, seen: dict[Path, _Directory], reader: _Reader) -> dict[Path, _Directory]:
    found = {}
    for directory in _walk(top):
        resolved = directory.resolve()
        if resolved not in seen:
            looked = _look(Path(os.path.relpath(directory)), reader)
            if looked is not None:
                found[resolved] = looked
    return found


def _below(shown: str, asked: Sequence[Path]) -> bool:
    path = Path(shown).resolve()
    return any(path == one or one in path.parents for one in (p.resolve() for p in asked))


def _broken_elsewhere(
    seen: dict[Path, _Directory], modules: dict[Path, Module]
) -> list[Problem]:
    return []
