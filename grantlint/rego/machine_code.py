"""Machine code of a WebAssembly module, kept between runs: making it takes 0.3 s, loading it none.

It is kept beside the package where that is writable, as Python keeps its bytecode, else in a
directory of the user's own. To load machine code is to run it: a directory is used only where
nobody but the user, or root, can put a file.
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
_BESIDE: Final = Path(__file__).with_name("__pycache__")
_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def module(engine: Engine, wasm: bytes) -> Module:
    """The module of these bytes, from the cache or compiled now and put there."""
    digest = hashlib.sha256(wasm).hexdigest()[:32]
    name = f"{digest}-{sys.platform}-{platform.machine()}.cwasm"
    for directory in _directories():
        if (found := _load(engine, directory / name)) is not None:
            return found
    made = Module(engine, wasm)
    code = bytes(made.serialize())
    for directory in _directories(make=True):
        if _store(directory / name, hashlib.sha256(code).digest() + code):
            break
    return made


def _directories(*, make: bool = False) -> Iterator[Path]:
    """Where code may be kept, the best place first; the user's own is made if it is missing."""
    if not sys.dont_write_bytecode and _is_safe(_BESIDE):
        yield _BESIDE
    try:
        own = _caches() / "grantlint"
        if make:
            own.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, no permission
        return
    if _is_safe(own):
        yield own


def _caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    given = os.environ.get("XDG_CACHE_HOME", "")
    if given.startswith("/"):
        return Path(given)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _is_safe(directory: Path) -> bool:
    """Whether it is a directory where only the user or root can put a file."""
    try:
        seen = directory.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return stat.S_ISDIR(seen.st_mode)  # a profile is the user's alone there
    trusted = seen.st_uid in {0, os.getuid()}
    return stat.S_ISDIR(seen.st_mode) and trusted and not seen.st_mode & _OTHERS


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
    """Whether the content could be put there; readers see all of it or nothing."""
    try:
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            partial = Path(file.name)
            try:
                file.write(content)
                file.close()
                partial.chmod(0o644)
                partial.replace(place)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
    except OSError:
        return False
    return True
