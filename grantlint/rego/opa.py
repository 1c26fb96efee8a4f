"""The `opa` program: where it is, what it can do, and the one place that runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

PINNED: Final = "1.22.2"
"""The version that compiles `policies/`: another one may write other bytes."""

_OUTSIDE: Final = ("http.", "net.lookup", "opa.runtime", "rand.", "time.now", "uuid.rfc4122")
"""What builtins that see more than the input begin with; OPA also marks them `nondeterministic`."""

_TRACE: Final = "\ngoroutine "
"""What stands in the trace of a Go program that has crashed."""


class OpaError(Exception):
    """OPA is missing, refuses a policy, or takes too long: in OPA's own words where it has any."""


class OpaTimeoutError(OpaError):
    """OPA gave no answer in time."""


def binary() -> Path:
    """The program on PATH, or where `go install` puts it. Raises OpaError when it is in neither."""
    installed = os.pathsep.join(
        part
        for part in (
            os.environ.get("PATH", ""),
            os.environ.get("GOBIN", ""),
            str(Path(os.environ.get("GOPATH") or Path.home() / "go") / "bin"),
        )
        if part
    )
    found = shutil.which("opa", path=installed)
    if found is None:
        raise OpaError(
            "the opa program is not on PATH: "
            f"go install github.com/open-policy-agent/opa@v{PINNED}, brew install opa, "
            "or https://www.openpolicyagent.org/docs/latest/#1-download-opa"
        )
    return Path(found)


def is_installed() -> bool:
    """Whether there is a program."""
    try:
        binary()
    except OpaError:
        return False
    return True


def run(
    arguments: Sequence[str | Path],
    *,
    text: str = "",
    directory: Path | None = None,
    seconds: float = 60,
) -> str:
    """What `opa` prints for these arguments and this standard input. Raises OpaError."""
    done = outcome(arguments, text=text, directory=directory, seconds=seconds)
    if done.returncode != 0:
        raise OpaError(reason(done))
    return done.stdout


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """Why it ended as it did, in its own words; of a crash the first line."""
    text = (done.stderr or done.stdout).strip()
    if _TRACE in text:
        first = text.partition("\n")[0]
        return f"opa has crashed, another version may not: {first}"
    return text or f"opa ended with {done.returncode}"


def outcome(
    arguments: Sequence[str | Path],
    *,
    text: str = "",
    directory: Path | None = None,
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """How `opa` ends; it is killed when the seconds are over, which is an OpaTimeoutError."""
    command = [binary(), *arguments]
    try:
        return subprocess.run(  # noqa: S603  # no shell, and a program of the user's own PATH
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            cwd=directory,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OpaTimeoutError(f"opa {arguments[0]} gave no answer within {seconds:g} s") from None
    except OSError as error:
        raise OpaError(f"opa cannot be run: {error.strerror}") from error


def version() -> str:
    """The version of the program."""
    first = run(["version"]).partition("\n")[0]
    return first.removeprefix("Version:").strip()


def one_line(text: str) -> str:
    """What OPA says in several lines, in one."""
    first, *rest = [line.strip() for line in text.strip().split("\n")]
    return f"{first} {', '.join(rest)}".rstrip()


def capabilities() -> Mapping[str, Any]:
    """What the program can do, without what sees more than the input."""
    able = _able(binary())
    narrowed = [
        one
        for one in able["builtins"]
        if not one.get("nondeterministic") and not one["name"].startswith(_OUTSIDE)
    ]
    return {**able, "builtins": narrowed, "allow_net": []}


def builtins() -> frozenset[str]:
    """The names of everything that the program can call."""
    return frozenset(one["name"] for one in _able(binary())["builtins"])


@cache
def _able(_program: Path) -> Mapping[str, Any]:
    text = run(["capabilities", "--current"])
    try:
        able: dict[str, Any] = json.loads(text)
        {one["name"] for one in able["builtins"]}
    except (ValueError, KeyError, TypeError):
        raise OpaError("opa does not say what it is capable of: is it OPA?") from None
    return able
