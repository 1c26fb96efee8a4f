"""Files that a template names: templates of nested stacks, includes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from grantlint.source import Problem, Source, Span

LARGEST: Final = 8_000_000
"""Bytes above which a file is not read."""


def read_file(name: str, beside: Source) -> Source | Problem | None:
    """A file that a template names by a relative path; None for a URL."""
    if "://" in name or not name or name.startswith("{"):
        return None
    path = Path(beside.path).parent / name.removeprefix("file:")
    shown = Path(os.path.normpath(path)).as_posix()
    try:
        if path.stat().st_size > LARGEST:
            return _problem(f"{shown} is larger than {LARGEST:,} bytes", shown)
        return Source(shown, path.read_bytes())
    except (OSError, ValueError):
        return _problem(f"there is no file {shown}", shown)


def _problem(message: str, path: str) -> Problem:
    return Problem(message, Span(Source(path, b""), 0, 0))
