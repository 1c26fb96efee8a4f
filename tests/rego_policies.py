"""Small rules in Rego, written where a test wants them, and compiled by the real OPA."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

from grantlint.rego import bundle
from grantlint.rego.client import Access, Client
from grantlint.rego.opa import OpaError
from grantlint.rego.process import Process
from grantlint.rego.review import OURS, review
from grantlint.rego.server import Server
from grantlint.rego.sources import sources
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
    names = [file.stem for file in policies.glob("*.rego")]
    return bundle.wasm(bundle.build(sources(policies), names))


def engine(policies: Path, *, seconds: float = 10) -> Wasm:
    return Wasm(wasm(policies), seconds=seconds)


def process(policies: Path, *, seconds: float = 60) -> Process:
    return Process(sources(policies), seconds=seconds)


def on_server(url: str, policies: Path, *, token: str | None = None, seconds: float = 60) -> Server:
    return Server(Client(Access(url, token=token, seconds=seconds)), sources(policies))


def faults(directory: Path, **bodies: str) -> list[str]:
    """What `make policies` says of rules, without the directory's own path."""
    policies = write(directory, **bodies)
    copytree(LIBRARY, policies / "lib", dirs_exist_ok=True)
    try:
        review(sources(policies), OURS)
    except OpaError as error:
        return str(error).replace(f"{policies}/", "").split("\n")
    return []
