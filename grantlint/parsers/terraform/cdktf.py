"""What cdktf and its successor cdktn write beside Terraform's language.

`cdktf synth` makes a directory (cdktf.out) with a `manifest.json` and, for each stack, a root
module of one file: `cdk.tf.json`, or `cdk.tf`, which may hold JSON all the same. A block says
in a comment (`//`) which construct it was made by. None of it has lines of the user's program.
https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/deployment-patterns
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from grantlint.model import Construct, Note
from grantlint.parsers.terraform import tree
from grantlint.source import Source, Span

CROSS_STACK: Final = "cross-stack-output-"
"""How the outputs begin that cdktf makes where one stack uses what another one has."""

_STACKS: Final = "stacks"
_PROGRAMS: Final = {"cdktf.json": "cdktf", "cdktn.json": "cdktn"}
_LARGEST: Final = 8_000_000
"""Bytes above which a manifest is not read."""


def is_json(source: Source) -> bool:
    """Whether a file has Terraform's JSON notation: by its name, or as a `cdk.tf` that is JSON."""
    if source.path.endswith(".json"):
        return True
    return source.path.rpartition("/")[2] == "cdk.tf" and source.data.lstrip()[:1] == b"{"


def construct(block: tree.Block) -> Construct | None:
    """The construct that a block was made by, if the block says so."""
    for comment in block.body.nested("//"):
        for metadata in comment.body.nested("metadata"):
            path = metadata.body.argument("path")
            written = path.expression if path is not None else None
            if isinstance(written, tree.Literal) and isinstance(written.value, str):
                return Construct(written.value)
    return None


def constructs(directory: Path) -> Mapping[tuple[str, ...], Construct]:
    """The constructs that the blocks of a `cdk.tf` were made by, by a block's type and labels.

    HCL has no comments that say so: there they stand in a file of their own.
    """
    if not (directory / "cdk.tf").is_file():
        return {}
    found: dict[tuple[str, ...], Construct] = {}
    written = _object(directory / "metadata.json")
    for type, depth in (("resource", 2), ("data", 2), ("module", 1)):
        level: list[tuple[tuple[str, ...], object]] = [((type,), written.get(type))]
        for _ in range(depth):
            level = [
                ((*names, str(name)), inner)
                for names, outer in level
                if isinstance(outer, dict)
                for name, inner in outer.items()
            ]
        for names, block in level:
            path = _at(block, "//", "metadata", "path")
            if isinstance(path, str):
                found[names] = Construct(path)
    return found


def _at(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def assembly(directory: Path) -> Path | None:
    """The output directory that the root module of a directory is a stack of, if it is one."""
    resolved = directory.resolve()
    if resolved.parent.name != _STACKS:
        return None
    return resolved.parent.parent if stack(resolved) is not None else None


def stack(directory: Path) -> str | None:
    """The name of the stack that a directory is, as the manifest above it says."""
    resolved = directory.resolve()
    manifest = _object(resolved.parent.parent / "manifest.json")
    stacks = manifest.get("stacks")
    if not isinstance(stacks, dict):
        return None
    for name, one in stacks.items():
        at = _at(one, "workingDirectory")
        if isinstance(at, str) and at.replace("\\", "/") == f"{_STACKS}/{resolved.name}":
            return str(name)
    return None


def unsynthesised(directory: Path) -> Note | None:
    """A note where there is a program for cdktf or cdktn in a directory, and no output of it."""
    for name, program in _PROGRAMS.items():
        path = directory / name
        if not path.is_file():
            continue
        output = _object(path).get("output")
        wanted = output if isinstance(output, str) and output else f"{program}.out"
        if not any((directory / one / "manifest.json").is_file() for one in _outputs(wanted)):
            reason = f"{name} has no output in {wanted}: run `{program} synth`"
            return Note(reason, 1, Span(Source(path.as_posix(), b""), 0, 0))
    return None


def _outputs(wanted: str) -> tuple[str, ...]:
    return (wanted, *(f"{program}.out" for program in _PROGRAMS.values()))


def _object(path: Path) -> dict[str, object]:
    """A small JSON file that holds an object; empty where there is none, or none that is one."""
    try:
        if path.stat().st_size > _LARGEST:
            return {}
        read: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
