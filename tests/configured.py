"""Repositories with configurations, and the command line run in this process."""

from __future__ import annotations

import gc
import io
import subprocess
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from grantlint.cli.app import run

KEY = 'resource "aws_kms_key" "k" {}\n'
GRANT = """\
resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt", "CreateGrant"]

  retiring_principal = "arn:aws:iam::111122223333:role/admin"
}
"""
BAD = KEY + GRANT


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def grantlint(*arguments: object, cwd: str | Path = ".") -> Done:
    """A run of the command line."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        code = run(list(map(str, arguments)))
    gc.enable()  # which a run of its own does not need
    return Done(code, *(one.buffer.getvalue().decode() for one in (out, err)))


def git_repository(top: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A git repository that is worked in from here on; the function writes a file into it."""
    top.mkdir()
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    monkeypatch.chdir(top)

    def write(path: str, text: str = BAD) -> Path:
        file = top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write
