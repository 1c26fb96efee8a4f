"""The files of a program as they lie here, found by the paths of the machine that ran it.

Traces name files of another machine (`/builds/acme/infra/lib/grant.ts`). Their root there is the
part that is left when the longest end of a path is taken that is a file below the directory of
the cdk.json; one root is chosen for all files of an assembly, so that no file is taken for another
one that ends alike. What lies outside that directory is looked for in the git repository around it
in the same way. Nothing outside is ever opened, over symbolic links neither.
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grantlint.git import top
from grantlint.parsers.cdk import source_map
from grantlint.parsers.cdk.document import is_file, read, within
from grantlint.parsers.cdk.source_map import SourceMap
from grantlint.parsers.cdk.trace import Frame
from grantlint.source import Source, Span

PROGRAM: Final = "cdk.json"
LARGEST: Final = 10_000_000
"""Bytes of a file of the program."""
_MOST_VOTES: Final = 300
"""Files that are looked at to find the root."""
_JAVASCRIPT: Final = (".js", ".mjs", ".cjs", ".jsx")
_PACKAGE_ROOTS: Final = ("", "src/main/java", "src/main/kotlin", "src/main/scala", "src")
"""Where the files of a Java package lie: Maven's and Gradle's directories."""


@dataclass(frozen=True, slots=True, eq=False)
class _Directory:
    """A directory here, without symbolic links; `root` is its path on the other machine."""

    path: Path
    root: str | None

    def file(self, name: str) -> Path | None:
        """A regular file inside, of no great size."""
        path = self.path / name
        try:
            if within(path, self.path) and path.is_file() and path.stat().st_size <= LARGEST:
                return path
        except (OSError, ValueError):
            pass
        return None

    def mapped(self, file: str) -> Path | None:
        """The file that is called so on the other machine."""
        if self.root is None or not file.startswith(f"{self.root}/"):
            return None
        return self.file(file[len(self.root) + 1 :])


class Checkout:
    """The files around an assembly.

    `directory` is the assembly's, as the user gave it; `files` are those that its traces name.
    """

    def __init__(self, directory: Path, files: Iterable[str]) -> None:
        found, repository = _surroundings(directory)
        base = Path(os.path.realpath(found)) if found is not None else None
        self._as_given = found or directory
        if not directory.is_absolute():
            self._as_given = Path(os.path.relpath(self._as_given))
        self.files = sorted(set(files))[:_MOST_VOTES]
        named = [file for file in self.files if file.startswith("/")]
        self.base = _Directory(base, _root(named, base)) if base else None
        self.repository: _Directory | None = None
        if base is not None and repository is not None and repository != base:
            above = _above(self.base.root if self.base else None, base, repository)
            if self.base is None or self.base.root is None:
                above = _root(named, repository)
            self.repository = _Directory(repository, above)
        self._spans: dict[Frame, Span | None] = {}
        self._sources: dict[Path, Source | None] = {}
        self._maps: dict[Path, tuple[Path, SourceMap] | None] = {}

    @property
    def here(self) -> bool:
        """Whether any of the files is."""
        return any(self.find(file) is not None for file in self.files)

    def span(self, frame: Frame) -> Span | None:
        """The line that a frame names, or the one that it was made from; None if it is not here."""
        if frame not in self._spans:
            self._spans[frame] = self._place(frame)
        return self._spans[frame]

    def _place(self, frame: Frame) -> Span | None:
        path = self.find(frame.file)
        if path is None:
            return None
        if path.suffix in _JAVASCRIPT:
            original = self._original(path, frame)
            if original is not None:
                return original
        return self._line(path, frame)

    def find(self, file: str) -> Path | None:
        """The file here that is called so on the other machine."""
        places = [one for one in (self.base, self.repository) if one is not None]
        if file.startswith("/"):
            return next(filter(None, (one.mapped(file) for one in places)), None)
        names = [posixpath.join(root, file) for root in _PACKAGE_ROOTS]
        return next(filter(None, (one.file(name) for one in places for name in names)), None)

    # -- places ----------------------------------------------------------------------------

    def _line(self, path: Path, frame: Frame) -> Span | None:
        """A line from the frame's column on, without the blanks around it; None for no text."""
        source = self._source(path)
        line = source.line(frame.line) if source is not None else ""
        if source is None or not line.strip():
            return None
        units = line.encode("utf-16-le")[: 2 * max(frame.column - 1, 0)]
        start = len(units.decode("utf-16-le", "ignore"))
        if not line[start:].strip():
            start = 0
        start += len(line[start:]) - len(line[start:].lstrip())
        begin = _offset(source.data, frame.line)
        return Span(
            source,
            begin + len(line[:start].encode()),
            begin + len(line.rstrip().encode()),
        )

    def _source(self, path: Path) -> Source | None:
        if path not in self._sources:
            found = read(path, self._shown(path))
            is_text = isinstance(found, Source) and _is_utf8(found.data)
            self._sources[path] = found if isinstance(found, Source) and is_text else None
        return self._sources[path]

    def _shown(self, path: Path) -> str:
        """A path as the user would write it, who may have come over a symbolic link."""
        from_base = os.path.relpath(path, os.path.realpath(self._as_given))
        return Path(os.path.normpath(self._as_given / from_base)).as_posix()

    # -- source maps -----------------------------------------------------------------------

    def _original(self, path: Path, frame: Frame) -> Span | None:
        """The line in the source that a generated line was made from, if both are here."""
        if path not in self._maps:
            self._maps[path] = self._map(path)
        found = self._maps[path]
        if found is None:
            return None
        beside, map = found
        original = map.original(frame.line, frame.column)
        if original is None:
            return None
        source = self._mapped_source(beside, original.path)
        place = Frame("", original.line, original.column)
        return self._line(source, place) if source is not None else None

    def _map(self, path: Path) -> tuple[Path, SourceMap] | None:
        """A file's map and the directory that its sources are relative to."""
        source = self._source(path)
        if source is None:
            return None
        url = source_map.url(source.data) or f"{path.name}.map"
        data = source_map.inline(url)
        beside = path
        if data is None:
            named = [path.parent / name for name in (url, f"{path.name}.map")]
            inside = next(filter(None, map(self._inside, named)), None)
            loaded = read(inside, "") if inside is not None else None
            if inside is None or not isinstance(loaded, Source):
                return None
            beside, data = inside, loaded.data
        read_map = source_map.read(data)
        return (beside.parent, read_map) if read_map is not None else None

    def _mapped_source(self, directory: Path, name: str) -> Path | None:
        """A source that a map in a directory names."""
        if name.startswith("webpack://"):
            below = name.removeprefix("webpack://").partition("/")[2].removeprefix("./")
            return self.base.file(below) if self.base is not None else None
        name = name.removeprefix("file://")
        return self.find(name) if name.startswith("/") else self._inside(directory / name)

    def _inside(self, path: Path) -> Path | None:
        """A path here, if it is a file of the program."""
        plain = Path(os.path.normpath(path))
        for place in (self.base, self.repository):
            if place is not None and plain.is_relative_to(place.path):
                found = place.file(str(plain.relative_to(place.path)))
                if found is not None:
                    return found
        return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _offset(data: bytes, line: int) -> int:
    """The byte at which a line begins that is there."""
    at = 0
    for _ in range(line - 1):
        at = data.index(b"\n", at) + 1
    return at


# -- the roots -----------------------------------------------------------------------------


def program_directory(directory: Path) -> Path | None:
    """The directory above an assembly that has the cdk.json; None when the repository has none."""
    inner, repository = _absolute(directory), top(directory)
    for parent in inner.parents:
        if is_file(parent / PROGRAM):
            return parent
        if repository is not None and os.path.realpath(parent) == str(repository):
            break
    return None


def _absolute(path: Path) -> Path:
    """The path from the file system's root, symbolic links kept."""
    return Path(os.path.normpath(Path.cwd() / path))


def _surroundings(directory: Path) -> tuple[Path | None, Path | None]:
    """The program's directory and the repository around it.

    Without a cdk.json the program's directory is the one that the assembly lies in.
    """
    repository = top(directory)
    found = program_directory(directory) or _absolute(directory).parent
    base = Path(os.path.realpath(found))
    if base == Path(base.anchor) and not is_file(base / PROGRAM):
        return None, None
    if repository is not None and not base.is_relative_to(repository):
        return found, None
    return found, repository


def _root(files: Iterable[str], directory: Path) -> str | None:
    """What a directory is called on the other machine: what most of these files agree on."""
    place = _Directory(directory, None)
    votes: Counter[str] = Counter()
    for file in files:
        if file.startswith(f"{directory}/") and place.file(file[len(str(directory)) + 1 :]):
            return str(directory)
        votes.update(_candidates(file, place))
    return min(votes, key=lambda root: (-votes[root], len(root), root), default=None)


def _candidates(file: str, place: _Directory) -> Iterator[str]:
    """The roots under which a file would be one of these, the longest end of its path first."""
    at = 0
    while at != -1:
        if place.file(file[at + 1 :]):
            yield file[:at]
        at = file.find("/", at + 1)


def _above(root: str | None, base: Path, repository: Path) -> str | None:
    """The repository's path on the other machine, if the way from it to the program is the same."""
    way = f"/{base.relative_to(repository).as_posix()}"
    return root.removesuffix(way) if root is not None and root.endswith(way) else None
