"""Paths to an inventory: every grant and key of the root modules at or around them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import Final

from grantlint.model import Grant, Identity, Inventory, Key, Note
from grantlint.parsers import kms
from grantlint.parsers.instance import Instance
from grantlint.parsers.kms.across import across
from grantlint.parsers.reading import Marked, Reading, is_marked, together
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import console as console_
from grantlint.parsers.terraform import syntax, variables
from grantlint.parsers.terraform.changes import reach
from grantlint.parsers.terraform.configuration import Configuration, missing_module
from grantlint.parsers.terraform.discovery import Directory, Reader, Survey, below, boundary, roots
from grantlint.parsers.terraform.marked import CALLER, marked, of_changed
from grantlint.parsers.terraform.module import Module, add_file, configuration_files, shown_in
from grantlint.parsers.terraform.module_instance import ModuleInstance
from grantlint.parsers.terraform.remote_state import States
from grantlint.parsers.terraform.scope import ConsoleScope
from grantlint.parsers.terraform.wanted import is_evidence, is_wanted
from grantlint.parsers.walk import Walk
from grantlint.source import Problem, Source, Span
from grantlint.value import Value

_DEEPEST_STACK: Final = 40_000
"""Python frames for `evaluate.DEEPEST` evaluations inside one another, about 12 each."""


def read(
    paths: Sequence[str],
    options: Options,
    progress: Callable[[str], None] = lambda _: None,
    walk: Walk | None = None,
) -> Reading:
    """Everything of KMS in the configurations at or around `paths`.

    `progress` is told what is being done, for each directory and each resource. `walk` has what
    other formats have listed already.
    """
    reader = Reader()
    asked = [Path(path) for path in paths]
    survey = Survey(reader, progress, walk or Walk())
    reached = reach(paths, survey, options.variable_files) if options.changed else None
    if reached is None:
        for path in asked:
            survey.take(path)
    files = len(reader.sources)
    modules: dict[Path, Module] = {}
    states = _states(survey, options)
    found = [Inventory((), (), (*_unread(survey), *(reached.notes if reached else ())))]
    declared: set[str] = set()
    verbose: list[str] = []
    judged: list[ModuleInstance] = []
    opened = reached.roots(reader) if reached else roots(survey.directories, reader)
    for number, directory in enumerate(opened, start=1):
        doing = f"evaluating {directory.shown} ({number} of {len(opened)})"
        progress(doing)
        own, said = dict(modules), list[str]()
        root = open_root(directory, own, reader.read, options, said)
        root.configuration.states = states
        declared.update(root.module.variables)
        one = _inventory(root, [directory.path] if reached else asked, partial(progress, doing))
        if reached and not reached.covers(directory, root.configuration.consulted):
            continue
        found.append(one)
        judged.append(root)
        modules.update(own)
        verbose.extend((*said, *(f"  {line}" for line in root.configuration.used)))
    refused = [Note(why, 1, at) for module in modules.values() for why, at in module.refused]
    found.append(Inventory((), (), (*_not_installed(survey, opened), *refused)))
    problems = [problem for module in modules.values() for problem in module.problems]
    return Reading(
        across(together(found)),
        (*survey.problems, *problems),
        sum(len(module.sources) for module in modules.values()) if reached else files,
        _undeclared(options, declared, reader),
        tuple(verbose),
        marked=of_changed(modules, judged) if reached else marked(asked, survey, modules, judged),
    )


def read_text(source: Source, directory: Path, options: Options) -> Reading:
    """Everything of KMS in a text, as if it were all the configuration of a directory."""
    module = Module(directory, directory.as_posix())
    add_file(module, syntax.parse(source))
    seen = Directory(directory, module.path)
    reader = Reader()
    root = open_root(seen, {directory.resolve(): module}, reader.read, options, [])
    return Reading(
        _inventory(root, [directory], lambda: None),
        tuple(module.problems),
        1,
        tuple(name for name, _ in options.variables if name not in module.variables),
        marked=(Marked(source, who=CALLER),) if is_marked(source) else (),
    )


def console(directory: str, options: Options) -> Callable[[str], str]:
    """A function that answers expressions in the scope of a root module (see console.py)."""
    reader = Reader()
    path = Path(directory)
    seen = Directory(path, path.as_posix())
    root = open_root(seen, {}, reader.read, options, [])
    root.configuration.strict = True
    scope = ConsoleScope(root, {})
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
    settings = options.settings_in(directory.path)
    configuration = Configuration(
        directory.path, boundary(directory.path), directory.shown, settings, modules, read
    )
    module = configuration.module(directory.path, directory.shown)
    root = ModuleInstance(configuration, module, "", (), ".")
    assigned = variables.assign(
        root.module, root.scope, options.environment, options.variable_files, options.variables
    )
    configuration.assigned, configuration.given = assigned.values, assigned.sources
    root.module.problems.extend(
        problem for problem in assigned.problems if problem not in root.module.problems
    )
    verbose.append(f"root module {directory.shown}")
    verbose.extend(f"  variables from {name}" for name in assigned.files)
    return root


def _states(survey: Survey, options: Options) -> States:
    """The root modules of the run by where they keep their states; parsed when asked for."""
    reader, modules = survey.reader, dict[Path, Module]()

    def texts(directory: Path) -> Iterator[bytes]:
        seen = survey.directories[directory]
        for file in configuration_files(seen.path):
            source = reader.read(file, shown_in(seen.shown, file))
            if isinstance(source, Source):
                yield source.data

    def opened(directory: Path) -> ModuleInstance:
        return open_root(survey.directories[directory], modules, reader.read, options, [])

    return States(survey.directories, texts, opened)


def _inventory(
    root: ModuleInstance, asked: Sequence[Path], progress: Callable[[], None]
) -> Inventory:
    """What was asked for of one root: all of it, or what stands in the given paths.

    The root is judged whole all the same: a grant in one file can be for a key in another.
    """
    resources: list[tuple[Instance, Value]] = []
    notes: list[Note] = []
    for instance, planned in root.all_planned(is_wanted):
        progress()
        if instance.content.broken:
            reason = f"{instance.address} cannot be judged: {instance.content.broken}"
            notes.append(Note(reason, 1, instance.header))
        else:
            resources.append((instance, planned))
    for reason, asking in root.configuration.notes.items():
        notes.append(Note(reason, len(asking), asking[0]))
    evidence = root.all_planned(is_evidence(resources))
    found = kms.inventory(resources, notes, evidence, root.configuration.path)
    if below(root.module.directory, asked):
        return found
    return Inventory(
        tuple(key for key in found.keys if _stands_in(key, asked)),
        tuple(grant for grant in found.grants if _stands_in(grant, asked)),
        found.notes,
        tuple(identity for identity in found.identities if _stands_in(identity, asked)),
    )


def _stands_in(element: Grant | Key | Identity, asked: Sequence[Path]) -> bool:
    """Whether anything of an object stands in the given paths: its block, a call, a policy."""
    spans = [element.span, *element.calls]
    if not isinstance(element, Grant):
        policy = element.policy
        found = (policy.document.use, *(statement.span for statement in policy.statements))
        spans += [span for span in found if span is not None]
    return any(below(Path(path), asked) for path in {span.path for span in spans})


def _undeclared(options: Options, declared: AbstractSet[str], reader: Reader) -> tuple[str, ...]:
    """The names of `--var` that no root module declares.

    Changed files do not open all root modules: then a name that any text has may be declared.
    """
    names = [name for name, _ in options.variables if name not in declared]
    texts = [one.data for one in reader.sources.values() if isinstance(one, Source)]
    return tuple(
        name
        for name in names
        if not (options.changed and any(name.encode() in text for text in texts))
    )


def _unread(survey: Survey) -> tuple[Note, ...]:
    """One note for each kind of configuration that is known and not read."""
    notes: dict[str, Note] = {}
    for path in survey.foreign:
        kind = "terragrunt.hcl" if path.name == "terragrunt.hcl" else path.suffixes[0] + ".hcl"
        reason = f"{kind} files are not read"
        count = notes[reason].count if reason in notes else 0
        place = Span(Source(path.as_posix(), b""), 0, 0)
        notes[reason] = Note(reason, count + 1, notes[reason].span if count else place)
    return tuple(notes.values())


def _not_installed(survey: Survey, opened: Sequence[Directory]) -> tuple[Note, ...]:
    """The modules that are not here, of directories that have nothing of KMS themselves."""
    parsed = {directory.path for directory in opened}
    return tuple(
        Note(missing_module(source), 1, span)
        for directory in survey.directories.values()
        if directory.path not in parsed
        and not directory.kms
        and not (directory.path / ".terraform/modules/modules.json").is_file()
        for source, span in directory.remote
    )
