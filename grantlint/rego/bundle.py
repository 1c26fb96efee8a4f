"""A bundle: rules that OPA has compiled to WebAssembly, in one file beside their stories.

It is what `opa build -t wasm` writes, with the entry points that are asked for, and a file more.
https://www.openpolicyagent.org/docs/management-bundles
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from grantlint.rego import opa
from grantlint.rego.engine import MAIN
from grantlint.rego.opa import OpaError
from grantlint.rego.pack import Story, story_of
from grantlint.rego.sources import Sources

SUFFIX: Final = ".tar.gz"
WASM: Final = "/policy.wasm"

_STORIES: Final = "/grantlint.json"
_FILES: Final = "policies"
_VERSION: Final = 1
_LARGEST: Final = 64 << 20
"""Bytes of a member: the largest that is read. Ours have half a megabyte."""


def build(given: Sources, names: Sequence[str]) -> bytes:
    """The bundle, with one entry for all rules and one for each of these.

    OPA writes the paths of the files into it: so they are always the same.
    """
    entries = ["grantlint_main/verdict", *(f"grantlint/{name}" for name in names)]
    arguments = ["build", "--target", "wasm", "--output", "bundle.tar.gz"]
    for entry in entries:
        arguments += ["--entrypoint", entry]
    with given.written(_FILES) as scratch:
        (scratch / "main.rego").write_text(MAIN, "utf-8")
        try:
            opa.run([*arguments, _FILES, "main.rego"], directory=scratch)
        except OpaError as error:
            raise OpaError(given.told(str(error), _FILES)) from None
        return (scratch / "bundle.tar.gz").read_bytes()


def told(bundle: bytes, stories: Sequence[Story]) -> bytes:
    """A bundle that tells the stories of its rules. The same gives the same bytes."""
    document = {"version": _VERSION, "rules": [asdict(story) for story in stories]}
    members = {**_members(bundle), _STORIES: json.dumps(document, ensure_ascii=False).encode()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in sorted(members.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def wasm(bundle: bytes) -> bytes:
    """The WebAssembly of a bundle."""
    return _members(bundle)[WASM]


def read(path: Path) -> tuple[tuple[Story, ...], bytes]:
    """The stories and the WebAssembly of a bundle that `told` has made. Raises OpaError."""
    try:
        members = _members(path.read_bytes())
        document: Any = json.loads(members[_STORIES])
        code = members[WASM]
    except KeyError:
        raise OpaError(f"{path}: it was not made by `grantlint policies build`") from None
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise OpaError(f"{path}: it cannot be read as a bundle: {error}") from None
    if document.get("version") != _VERSION:
        raise OpaError(f"{path}: it was made by another version of grantlint: build it again")
    try:
        return tuple(story_of(one) for one in document["rules"]), code
    except (KeyError, TypeError):
        raise OpaError(f"{path}: what it says of its rules cannot be understood") from None


def _members(bundle: bytes) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as archive:
        for entry in archive:
            if entry.size > _LARGEST:
                raise ValueError(f"{entry.name} is too large")
            member = archive.extractfile(entry) if entry.isfile() else None
            if member is not None:
                found[entry.name] = member.read()
    return found
