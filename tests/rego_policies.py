"""Small rules in Rego, written where a test wants them, and compiled by the real OPA."""

from __future__ import annotations

import tempfile
from pathlib import Path
from shutil import copytree

from grantlint.rego.compile import build, check
from grantlint.rego.opa import OpaError
from grantlint.rego.wasm import Wasm

LIBRARY = Path(__file__).parents[1] / "policies/lib"
METADATA = """\
# METADATA
# title: Fault of a test
# description: Tells nothing.
# schemas:
#   - input: schema.grant
# custom: {severity: low, since: 0.1.0}
"""


def write(directory: Path, **bodies: str) -> Path:
    """A directory of rules: each name's body below METADATA and package."""
    policies = directory / "policies"
    policies.mkdir(exist_ok=True)
    for name, body in bodies.items():
        text = body if "package " in body else f"{METADATA}package grantlint.{name}\n\n{body}\n"
        (policies / f"{name}.rego").write_text(text, encoding="utf-8")
    return policies


def wasm(policies: Path) -> bytes:
    """Rules as WebAssembly, without what `make policies` would say of them."""
    with tempfile.TemporaryDirectory() as scratch:
        return build(policies, [file.stem for file in policies.glob("*.rego")], Path(scratch))


def engine(policies: Path, *, seconds: float = 10) -> Wasm:
    return Wasm(wasm(policies), seconds=seconds)


def faults(directory: Path, **bodies: str) -> list[str]:
    """What `make policies` says of rules, without the directory's own path."""
    policies = write(directory, **bodies)
    copytree(LIBRARY, policies / "lib", dirs_exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check(policies, Path(scratch))
        except OpaError as error:
            return str(error).replace(f"{policies}/", "").split("\n")
    return []
