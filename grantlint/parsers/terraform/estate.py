"""Paths to an inventory: every grant and key of the root modules at or around them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.model import Inventory, Note
from grantlint.parsers.terraform import console as console_
from grantlint.parsers.terraform import kms, variables
from grantlint.parsers.terraform.configuration import Configuration, ModuleInstance
from grantlint.parsers.terraform.discovery import (
    Directory,
    Reader,
    below,
    boundary,
    not_there,
    roots,
    survey,
)
from grantlint.parsers.terraform.instance import Instance
from grantlint.parsers.terraform.kms_note import Notes
from grantlint.parsers.terraform.module import Module
from grantlint.parsers.terraform.provider_block import Settings
from grantlint.parsers.terraform.scope import ConsoleScope
from grantlint.parsers.terraform.tree import Problem
from grantlint.source import Source
from grantlint.value import Value

_DEEPEST_STACK: Final = 40_000
"""Python frames for `evaluate.DEEPEST` evaluations inside one another, about 12 each."""


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


def read(paths: Sequence[str], options: Options) -> Estate:
    """Everything of KMS in the configurations at or around `paths`."""
    reader = Reader()
    asked = [Path(path) for path in paths]
    problems = [not_there(path) for path in asked if not path.exists()]
    seen = survey([path for path in asked if path.exists()], reader)
    modules: dict[Path, Module] = {}
    found: list[Inventory] = []
    declared: set[str] = set()
    verbose: list[str] = []
    for directory in roots(seen, reader):
        root = open_root(directory, modules, reader.read, options, verbose)
        declared.update(root.module.variables)
        found.append(_inventory(root, asked))
    for module in modules.values():
        problems.extend(module.problems)
    return Estate(
        _together(found),
        tuple(problems),
        len(reader.sources),
        tuple(name for name, _ in options.variables if name not in declared),
        tuple(verbose),
    )


def console(directory: str, options: Options) -> Callable[[str], str]:
    """A function that answers expressions in the scope of a root module (see console.py)."""
    reader = Reader()
    path = Path(directory)
    seen = Directory(path, path.as_posix(), kms=True, calls=(), deployed=True)
    scope = ConsoleScope(open_root(seen, {}, reader.read, options, []), {})
    return lambda line: console_.answer(line, scope)


def open_root(
    directory: Directory,
    modules: dict[Path, Module],
    read: Callable[[Path, str], Source | Problem],
    options: Options,
    verbose: list[str],
) -> ModuleInstance:
    """The root module of a directory, with its variables assigned."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEEPEST_STACK))
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


def _inventory(root: ModuleInstance, asked: Sequence[Path]) -> Inventory:
    """What was asked for of one root: all of it, or what stands in the given paths."""
    whole = below(root.module.directory, asked)
    resources: list[tuple[Instance, Value]] = []
    notes: list[Note] = []
    for instance, planned in root.all_planned(kms.is_wanted):
        places = (instance.span, *instance.calls)
        if not whole and not any(below(Path(span.path), asked) for span in places):
            continue
        if instance.content.broken:
            reason = f"{instance.address} cannot be judged: {instance.content.broken}"
            notes.append(Note(reason, 1, instance.header))
        else:
            resources.append((instance, planned))
    for reason, places in root.configuration.notes.items():
        notes.append(Note(reason, len(places), places[0]))
    return kms.inventory(resources, notes)


def _together(inventories: Iterable[Inventory]) -> Inventory:
    parts = tuple(inventories)
    notes = Notes()
    for part in parts:
        for note in part.notes:
            notes.add(note.reason, note.span, note.count)
    return Inventory(
        tuple(key for part in parts for key in part.keys),
        tuple(grant for part in parts for grant in part.grants),
        notes.sorted(),
    )
