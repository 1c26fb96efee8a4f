"""What programs of the CDK and of cdktf leave behind, and where.

`cdk synth` writes a cloud assembly, by default into cdk.out, `cdktf synth` (`cdktn synth`)
configuration in JSON into cdktf.out (cdktn.out). The file that names the program can name another
directory in `output`. Usually git ignores them, and yet they are what is deployed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

MANIFEST: Final = "manifest.json"
ASSEMBLY: Final = (MANIFEST, "cdk.out")
"""Names of files by which a cloud assembly is told."""
_OUTPUTS: Final = {
    "cdk.json": ("cdk.out",),
    "cdktf.json": ("cdktf.out",),
    "cdktn.json": ("cdktn.out", "cdktf.out"),
}
PROGRAMS: Final = frozenset(_OUTPUTS)
"""Names of files that say how a program is run."""
_LARGEST: Final = 8_000_000
"""Bytes above which such a file is not read."""


def outputs(directory: str, names: Collection[str]) -> Iterator[str]:
    """The directories that a program in `directory`, with files of these names, has written."""
    for program, usual in _OUTPUTS.items():
        if program in names:
            named = _named(Path(directory, program))
            for output in (named, *usual) if named else usual:
                path = os.path.normpath(Path(directory, output))
                if is_regular(Path(path, MANIFEST)):
                    yield path


def is_regular(path: Path) -> bool:
    """Whether there is a file; unlike `Path.is_file` this bears names that cannot be."""
    return os.access(path, os.F_OK) and path.is_file()


def _named(program: Path) -> str | None:
    try:
        output = json.loads(_read(program)).get("output")
    except (ValueError, AttributeError, RecursionError):
        return None
    return output if isinstance(output, str) and "\0" not in output else None


def is_assembly(directory: str, names: Collection[str]) -> bool:
    """Whether a directory, with files of these names, is a cloud assembly of the CDK."""
    if MANIFEST not in names:
        return False
    manifest = _read(Path(directory, MANIFEST))
    if b'"artifacts"' not in manifest:
        return False
    return "cdk.out" in names or b'"aws:cloudformation:stack"' in manifest or b'"cdk:' in manifest


def _read(path: Path) -> bytes:
    if not is_regular(path):
        return b""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except (OSError, ValueError):
        return b""
