"""Files by patterns as in .gitignore, from a directory on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def fits(file: str, home: str, lines: tuple[str, ...]) -> bool:
    """Whether a file is below a directory and fits patterns of it; both paths are real ones."""
    path = Path(file)
    return path.is_relative_to(home) and _patterns(lines).match_file(
        path.relative_to(home).as_posix()
    )


@cache
def _patterns(lines: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # only where there is a pattern

    return GitIgnoreSpec.from_lines(lines)
