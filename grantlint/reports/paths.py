"""Paths as other programs know them: from the top of the git repository, with `/` between parts.

GitHub, GitLab and the like look a path up in the repository, whatever directory a run was started
in. What is not in it must not look as if it were: such a path stays as it was given.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from grantlint.reports import Look


def shown(path: str, look: Look) -> str:
    """The path from the top of the repository; as it was given if it does not lead there.

    Without a repository, from the working directory. What is no file (`<stdin>`) stays as it is.
    """
    found = inside(path, look)
    return path if found is None else found


def inside(path: str, look: Look) -> str | None:
    """The path from the top of the repository, or without one the working directory; else None.

    A path through a link leads to where git has the file, if that is inside.
    """
    return _inside(path, look.repository, str(Path.cwd()))


@lru_cache(maxsize=4096)
def _inside(path: str, repository: Path | None, directory: str) -> str | None:
    if path.startswith("<"):
        return None
    top = (Path(directory) if repository is None else repository).resolve()
    whole = Path(directory, path)
    for one in (whole.resolve(), whole):
        if ".." not in one.parts and one.is_relative_to(top):
            return one.relative_to(top).as_posix()
    return None
