"""The git repository around a file, and what it has of another time; nothing else runs git."""

from __future__ import annotations

from pathlib import Path


def top(directory: Path) -> Path | None:
    """The top directory of the repository that a directory is in, itself included, if any."""
    resolved = directory.resolve()
    return next((one for one in (resolved, *resolved.parents) if (one / ".git").exists()), None)
