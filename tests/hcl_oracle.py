"""HashiCorp's own parser, run for real: `oracle/main.go`, built once into a cache directory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "oracle"

Question = dict[str, str]
Answer = dict[str, object]


def program() -> Path:
    """The built oracle; skips the test where it cannot be had, unless tools are required."""
    content = b"".join(path.read_bytes() for path in sorted(SOURCES.iterdir()))
    name = f"grantlint-oracle-{hashlib.sha256(content).hexdigest()[:16]}"
    built = Path(tempfile.gettempdir()) / name
    if not built.exists():
        _build(built)
    return built


def _build(target: Path) -> None:
    go = shutil.which("go")
    if go is None:
        _unavailable("Go is not installed")
        return
    partial = target.with_suffix(f".{os.getpid()}")
    command = [go, "build", "-o", str(partial), "."]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
    if done.returncode:
        _unavailable(f"the oracle cannot be built: {done.stderr.strip()[-300:]}")
    partial.replace(target)


def _unavailable(reason: str) -> None:
    if os.environ.get("GRANTLINT_REQUIRE_TOOLS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def ask(questions: Iterable[Question]) -> list[Answer]:
    """What the oracle says to each question, `{"kind", "text"}`."""
    lines = "\n".join(json.dumps(question) for question in questions)
    done = subprocess.run([program()], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
