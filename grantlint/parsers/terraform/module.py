"""A directory of configuration files as one module: what it declares, by name, not evaluated.

Override files are merged as Terraform merges them
(https://developer.hashicorp.com/terraform/language/files/override), a `.tofu` file shadows the
`.tf` file of the same name (https://opentofu.org/docs/language/files/).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from errno import EBADF, ELOOP, ENOENT, ENOTDIR
from pathlib import Path
from typing import Final, TypeVar

from grantlint.model import Construct
from grantlint.parsers.terraform import cdktf, syntax
from grantlint.parsers.terraform.tree import Argument, Block, Body, File, Literal
from grantlint.parsers.walk import is_folder
from grantlint.source import Problem, Source, Span

SUFFIXES: Final = (".tf", ".tf.json", ".tofu", ".tofu.json")
K = TypeVar("K")

_GONE: Final = "there is no such file"
LARGEST: Final = 8_000_000
"""Bytes above which a file is not read."""


@dataclass(slots=True, eq=False)
class Module:
    """What the files of one directory declare. `path` is how the user would write the directory.

    `constructs` are those that cdktf made its blocks of, where the blocks do not say so. `backend`
    is the block that says where the state lies, a `cloud` block too. `incomplete` says
    why a name that is not found may be declared all the same (a file that does not parse).
    `refused` are declarations that Terraform would not take, and `deployed` whether anything shows
    that this directory is applied as it stands.
    """

    directory: Path
    path: str
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Argument] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Block] = field(default_factory=dict)
    calls: dict[str, Block] = field(default_factory=dict)
    providers: dict[str, Block] = field(default_factory=dict)
    required_providers: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    refused: list[tuple[str, Span]] = field(default_factory=list)
    constructs: Mapping[tuple[str, ...], Construct] = field(default_factory=dict)
    backend: Block | None = None
    incomplete: str | None = None
    deployed: bool = False
    sources: list[Source] = field(default_factory=list)


def configuration_files(directory: Path) -> list[Path]:
    """The configuration files of a directory, in Terraform's order, overrides last."""
    try:
        with os.scandir(directory) as entries:
            found = {entry.name: entry for entry in entries if entry.name.endswith(SUFFIXES)}
    except OSError:
        return []
    kept = [
        directory / name
        for name in sorted(found)
        if not name.startswith((".", "#"))
        and not name.endswith("~")
        and not is_folder(found[name])
        and not (".tofu" not in name and name.replace(".tf", ".tofu") in found)
    ]
    return [entry for entry in kept if not is_override(entry)] + [
        entry for entry in kept if is_override(entry)
    ]


def is_override(path: Path) -> bool:
    """Whether a file is merged over the others (`override.tf`, `x_override.tf.json`)."""
    return _OVERRIDE.search(path.name) is not None


_OVERRIDE: Final = re.compile(r"(?:^|_)override\.(?:tf|tofu)(?:\.json)?$")


def read_source(path: Path, shown: str) -> Source | Problem:
    """A file's text; a Problem, placed at its start, when it cannot be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            why = "is not a regular file"
        elif status.st_size > LARGEST:
            why = f"is larger than {LARGEST:,} bytes"
        else:
            with path.open("rb", buffering=0) as file:  # whole, so there is nothing to buffer
                return Source(shown, file.read())
    except OSError as error:
        why = f"cannot be read: {(error.strerror or 'cannot be read').lower()}"
        if error.errno in {ENOENT, ENOTDIR, EBADF, ELOOP}:
            why = _GONE
    except ValueError:  # no file can have the name
        why = _GONE
    return Problem(why, Span(Source(shown, b""), 0, 0))


def shown_in(directory: str, file: Path) -> str:
    """A file of a directory as the user would write it."""
    return file.name if directory == "." else f"{directory}/{file.name}"


def load(
    directory: Path,
    path: str,
    read: Callable[[Path, str], Source | Problem] = read_source,
) -> Module:
    """Read and merge the files of a directory. What is wrong with them is in `problems`."""
    module = Module(directory, path)
    module.deployed = (directory / ".terraform.lock.hcl").exists()
    module.constructs = cdktf.constructs(directory)
    for file_path in configuration_files(directory):
        shown = shown_in(path, file_path)
        source = read(file_path, shown)
        if isinstance(source, Problem):
            module.problems.append(source)
            module.incomplete = f"{shown} {source.message}"
            if is_override(file_path):
                _doubt(module, shown)
            continue
        file = syntax.parse(source)
        add_file(module, file, override=is_override(file_path))
        if is_override(file_path) and file.problems and not file.body.blocks:
            _doubt(module, shown)
    return module


def _doubt(module: Module, shown: str) -> None:
    """What an override file would change is not known when it cannot be read."""
    for block in module.resources.values():
        block.broken = block.broken or f"{shown} may change it and cannot be read"


def add_file(module: Module, file: File, *, override: bool = False) -> None:
    """Take in what one parsed file declares."""
    module.sources.append(file.source)
    module.problems.extend(file.problems)
    if file.problems:
        line = file.problems[0].span.line
        module.incomplete = f"{file.source.path}:{line} does not parse"
    for block in file.body.blocks:
        _add_block(module, block, override=override)


def _add_block(module: Module, block: Block, *, override: bool) -> None:
    labels = block.labels
    match block.type, len(labels):
        case "resource" | "data" | "ephemeral", 2:
            name = (block.type, labels[0], labels[1])
            _declare(module, module.resources, name, block, override=override)
        case "module", 1:
            _declare(module, module.calls, labels[0], block, override=override)
        case "variable", 1:
            _declare(module, module.variables, labels[0], block, override=override)
        case "output", 1:
            _declare(module, module.outputs, labels[0], block, override=override)
        case "locals", 0:
            _add_locals(module, block, override=override)
        case "provider", 1:
            _add_provider(module, labels[0], block, override=override)
        case "terraform", 0:
            _add_settings(module, block)
        case _:
            pass


def _declare(
    module: Module, declared: dict[K, Block], name: K, block: Block, *, override: bool
) -> None:
    if override:
        if name in declared:
            declared[name] = merge(declared[name], block)
        else:
            text = f"there is no {_heading(block)} block for this override to change"
            module.refused.append((text, block.header))
    elif name in declared:
        text = f"{_heading(block)} is declared twice, first at {declared[name].header}"
        module.refused.append((text, block.header))
    else:
        declared[name] = block


def _heading(block: Block) -> str:
    return " ".join([block.type, *(f'"{label}"' for label in block.labels)])


def _add_locals(module: Module, block: Block, *, override: bool) -> None:
    if block.broken:
        module.incomplete = block.broken
        return
    for name, argument in block.body.arguments.items():
        if name in module.locals and not override:
            first = module.locals[name].name_span
            text = f"local.{name} is declared twice, first at {first}"
            module.refused.append((text, argument.name_span))
        else:
            module.locals[name] = argument


def _add_provider(module: Module, name: str, block: Block, *, override: bool) -> None:
    module.deployed = True
    alias = block.body.argument("alias")
    key = name
    if alias is not None and isinstance(alias.expression, Literal):
        key = f"{name}.{alias.expression.value}"
    if key in module.providers and override:
        module.providers[key] = merge(module.providers[key], block)
    else:
        module.providers.setdefault(key, block)


def _add_settings(module: Module, block: Block) -> None:
    body = block.body
    backends = (*body.nested("backend"), *body.nested("cloud"))
    if backends:
        module.deployed = True
        module.backend = backends[-1]
    for required in body.nested("required_providers"):
        module.required_providers.update(required.body.arguments)


def merge(base: Block, override: Block) -> Block:
    """The block after an override: arguments by name, nested blocks a type at a time."""
    before, after = base.body, override.body
    arguments: Mapping[str, Argument] = {**before.arguments, **after.arguments}

    def nested(type: str) -> tuple[Block, ...]:
        if type == "dynamic":
            return tuple(
                block
                for block in before.nested("dynamic")
                if not block.labels or not _replaces(after, block.labels[0])
            ) + after.nested("dynamic")
        return after.nested(type) if _replaces(after, type) else before.nested(type)

    body = Body(arguments, (), before.span, nested)
    merged = replace_body(base, body)
    merged.broken = base.broken or override.broken
    return merged


def _replaces(body: Body, type: str) -> bool:
    if body.nested(type):
        return True
    return any(type in block.labels for block in body.nested("dynamic"))


def replace_body(block: Block, body: Body) -> Block:
    """The same block with another body."""
    return replace(block, _make=None, _body=body)
