"""The git repository around a file, and what it has of another time; nothing else runs git."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path


def top(directory: Path) -> Path | None:
    """The top directory of the repository that a directory is in, itself included, if any."""
    real = Path(os.path.realpath(directory))  # unlike `Path.resolve` it bears links in a circle
    return next((one for one in (real, *real.parents) if (one / ".git").exists()), None)


def named(path: str) -> str:
    """A path from the top of its repository; as it was given where it is in none."""
    if path.startswith("<"):  # standard input
        return path
    real = os.path.realpath(path)
    found = _top(os.path.dirname(real))  # noqa: PTH120  # it is a text in a cache
    return path if found is None else os.path.relpath(real, found).replace(os.sep, "/")


@lru_cache(maxsize=1024)
def _top(directory: str) -> Path | None:
    return top(Path(directory))
