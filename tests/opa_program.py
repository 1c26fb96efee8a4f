"""The real `opa`, at the version that compiles `policies/`: on PATH, or built once by Go."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

from grantlint.rego import opa

MODULE = f"github.com/open-policy-agent/opa@v{opa.PINNED}"
READY_WITHIN = 30


def program() -> Path:
    """The program; skips the test where it cannot be had, unless tools are required."""
    found = _found()
    if isinstance(found, Path):
        return found
    if os.environ.get("GRANTLINT_REQUIRE_TOOLS") == "1":
        pytest.fail(found)
    pytest.skip(found)


@cache
def _found() -> Path | str:
    """The program, or why it cannot be had: it is not tried again for every test."""
    with suppress(opa.OpaError):
        if opa.version() == opa.PINNED:
            return opa.binary()
    built = Path(tempfile.gettempdir()) / f"grantlint-opa-{opa.PINNED}" / "opa"
    is_ours = built.exists() and built.stat().st_uid == os.getuid()
    return built if is_ours else _built(built)


@contextmanager
def on_path() -> Iterator[Path]:
    """Let everything that looks for `opa` find this one."""
    found = program()
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{found.parent}{os.pathsep}{before}"
    try:
        yield found
    finally:
        os.environ["PATH"] = before


@contextmanager
def server(*options: str | Path, trusted: ssl.SSLContext | None = None) -> Iterator[str]:
    """The URL of a server of our own on loopback, which ends with the context.

    `trusted` is what its certificate is checked by, if the options give it one.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"{'http' if trusted is None else 'https'}://127.0.0.1:{port}"
    address = ["--addr", f"127.0.0.1:{port}", "--log-level", "error"]
    command = [str(program()), "run", "--server", *address, *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait(running, url, trusted)
            yield url
        finally:
            running.kill()


def _wait(running: subprocess.Popen[bytes], url: str, trusted: ssl.SSLContext | None) -> None:
    over = time.monotonic() + READY_WITHIN
    while time.monotonic() < over:
        assert running.poll() is None, "the OPA server has ended"
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1, context=trusted):  # noqa: S310
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the OPA server is not ready")


def _built(target: Path) -> Path | str:
    go = shutil.which("go")
    if go is None:
        return "opa is not installed, nor Go to build it"
    target.parent.mkdir(mode=0o700, exist_ok=True)
    if target.parent.stat().st_uid != os.getuid():
        return f"{target.parent} is somebody else's"
    with (target.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes of tests want it: one builds
        return target if target.exists() else _compiled(go, target)


def _compiled(go: str, target: Path) -> Path | str:
    with tempfile.TemporaryDirectory(dir=target.parent) as partial:
        done = subprocess.run(
            [go, "install", MODULE],
            env={**os.environ, "GOBIN": partial},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return f"opa cannot be built: {done.stderr.strip()[-300:]}"
        (Path(partial) / "opa").replace(target)
    return target
