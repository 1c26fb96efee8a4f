"""Machine code of a WebAssembly module, kept between runs: making it takes 0.3 s, loading it none.

It is kept beside the package where that is writable, as Python keeps its bytecode, else in a
directory of the user's own. To load machine code is to run it, so that directory is used only when
it belongs to the user and nobody else can write to it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wasmtime import Engine, Module, WasmtimeError

_DIGEST: Final = hashlib.sha256().digest_size


def module(engine: Engine, wasm: bytes) -> Module:
    """The module of these bytes, from the cache or compiled now and put there."""
    name = f"{hashlib.sha256(wasm).hexdigest()[:32]}-{sys.platform}-{platform.machine()}.cwasm"
    places = [directory / name for directory in _directories()]
    for place in places:
        if (found := _load(engine, place)) is not None:
            return found
    made = Module(engine, wasm)
    code = bytes(made.serialize())
    for place in places:
        if _store(place, hashlib.sha256(code).digest() + code):
            break
    return made


def _directories() -> Iterator[Path]:
    if not sys.dont_write_bytecode:
        beside = Path(__file__).parent / "__pycache__"
        if beside.is_dir() and os.access(beside, os.W_OK):
            yield beside
    own = _own_directory()
    if own is not None:
        yield own


def _own_directory() -> Path | None:
    """`grantlint` in the user's cache directory; None unless it is the user's alone."""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
        return Path(home) / "grantlint" / "cache" if home else None
    given = os.environ.get("XDG_CACHE_HOME", "")
    home_cache = "Library/Caches" if sys.platform == "darwin" else ".cache"
    try:
        directory = (
            Path(given) if given.startswith("/") else Path.home() / home_cache
        ) / "grantlint"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = directory.lstat()
    except (OSError, RuntimeError):  # no home, no permission
        return None
    alone = stat.S_ISDIR(seen.st_mode) and not stat.S_IMODE(seen.st_mode) & 0o077
    return directory if alone and seen.st_uid == os.getuid() else None


def _load(engine: Engine, place: Path) -> Module | None:
    """The module kept at a place; None where there is none, or it was made for another machine."""
    try:
        kept = place.read_bytes()
    except OSError:
        return None
    digest, code = kept[:_DIGEST], kept[_DIGEST:]
    if hashlib.sha256(code).digest() != digest:
        return None
    try:
        return Module.deserialize(engine, code)
    except WasmtimeError:  # another version of wasmtime, another processor
        return None


def _store(place: Path, content: bytes) -> bool:
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(place)
    except OSError:
        return False
    return True
