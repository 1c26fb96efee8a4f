"""The git repository around a file, and what it has of another time; nothing else runs git."""

from __future__ import annotations

import os
from pathlib import Path


def top(directory: Path) -> Path | None:
    """The top directory of the repository that a directory is in, itself included, if any."""
    real = Path(os.path.realpath(directory))  # unlike `Path.resolve` it bears links in a circle
    return next((one for one in (real, *real.parents) if (one / ".git").exists()), None)
