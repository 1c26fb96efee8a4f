"""The users' own rules: from directories, from bundles, on an OPA server.

A directory is read by the `opa` program, which also runs it; with a server neither needs one.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grantlint.rego import bundle as bundles
from grantlint.rego import opa
from grantlint.rego.bundle import SUFFIX
from grantlint.rego.opa import OpaError
from grantlint.rego.pack import Pack, Story
from grantlint.rego.review import BUNDLE, LOADED, USERS, read, review
from grantlint.rego.sources import Sources, with_library

if TYPE_CHECKING:
    from grantlint.rego.client import Access
    from grantlint.rego.wasm import Wasm


@dataclass(frozen=True, slots=True)
class Policies:
    """What the user has named.

    `paths` are directories and bundles. A `server` judges by the directories, or, if it is
    `loaded`, by what it has. `seconds` is the time limit for one answer of an engine.
    """

    paths: tuple[str, ...] = ()
    server: Access | None = None
    loaded: bool = False
    seconds: float = 60


def packs(policies: Policies) -> Iterator[Pack]:
    """The rules of each source. Raises OpaError where one has a fault or cannot be read."""
    for path in policies.paths:
        yield from _packs_at(path, policies)
    if policies.loaded and policies.server is not None:
        yield _loaded(policies.server)


def _packs_at(path: str, policies: Policies) -> Iterator[Pack]:
    place = Path(path)
    if place.is_dir():
        bundles = sorted(str(file) for file in place.glob(f"*{SUFFIX}"))
        for one in bundles:
            yield _bundle(one, policies.seconds)
        if not bundles or any(place.rglob("*.rego")):
            yield _directory(path, policies)
    elif not place.exists():
        raise OpaError(f"--policies {path}: there is no such directory or file")
    elif path.endswith(SUFFIX):
        yield _bundle(path, policies.seconds)
    else:
        raise OpaError(f"--policies {path}: give a directory of .rego files or a bundle *{SUFFIX}")


def _directory(path: str, policies: Policies) -> Pack:
    sources = with_library(path)
    given_by = f"--policies {shlex.quote(path)}"
    if policies.server is None:
        from grantlint.rego.process import Process  # noqa: PLC0415  # see _loaded

        start = partial(Process, sources, seconds=policies.seconds)
        return Pack(review(sources, USERS), start, given_by)
    return _served(sources, policies.server, given_by)


def _served(sources: Sources, access: Access, given_by: str) -> Pack:
    """Rules that a server judges by. Faults have their lines where an opa program can tell them."""
    from grantlint.rego.client import Client  # noqa: PLC0415  # see _loaded
    from grantlint.rego.loaded import server_review  # noqa: PLC0415
    from grantlint.rego.server import Server  # noqa: PLC0415

    client = Client(access)
    server = Server(client, sources)
    server.evaluate([])  # what the server refuses, it tells with file and line
    try:
        stories = server_review(client, sources, USERS)
    except OpaError:
        if opa.is_installed():
            with sources.written() as scratch:
                read(sources, USERS, scratch)
        raise
    return Pack(stories, lambda: server, f"{given_by} --opa-url {client.url}")


def _loaded(access: Access) -> Pack:
    from grantlint.rego.client import Client  # noqa: PLC0415  # who has no server needs none of it
    from grantlint.rego.loaded import Loaded, loaded, server_review  # noqa: PLC0415

    client = Client(access)
    sources = loaded(client)
    given_by = f"--opa-url {client.url} --opa-loaded"
    return Pack(server_review(client, sources, LOADED), partial(Loaded, client, sources), given_by)


def _bundle(path: str, seconds: float) -> Pack:
    stories, code = bundles.read(Path(path))
    return Pack(stories, partial(_engine, path, code, seconds), f"--policies {shlex.quote(path)}")


def _engine(path: str, code: bytes, seconds: float) -> Wasm:
    from grantlint.rego.wasm import Wasm  # noqa: PLC0415  # wasmtime takes 50 ms to import

    try:
        return Wasm(code, seconds=seconds)
    except OpaError as error:
        raise OpaError(f"{path}: {error}") from None


def bundle(path: str) -> tuple[bytes, tuple[Story, ...]]:
    """The bundle of a directory, and the stories of its rules. Raises OpaError for their faults."""
    sources = with_library(path)
    stories = review(sources, BUNDLE)
    made = bundles.build(sources, [story.name for story in stories])
    return bundles.told(made, stories), stories
