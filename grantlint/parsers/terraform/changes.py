"""Which root modules changed files reach.

A change of configuration, or of the variables of a root, reaches its directory and every
directory that calls that one. A file of another kind (a policy, a template) reaches the root
modules whose evaluation reads it. Which those are is known only afterwards: the roots whose text
may read it are evaluated, and those that did not are left out.

All of this errs on one side. A root too many costs time; a root too few would let a fault pass in
silence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grantlint.model import Note
from grantlint.parsers.terraform.discovery import (
    Directory,
    Reader,
    Survey,
    boundary,
    callers_of,
    is_directory,
    real,
    roots,
)
from grantlint.parsers.terraform.module import SUFFIXES
from grantlint.parsers.walk import is_skipped
from grantlint.source import Source, Span

_INSTALLED: Final = ".terraform"
_OF_ITS_DIRECTORY: Final = (*SUFFIXES, ".tfvars", ".tfvars.json", ".terraform.lock.hcl", _INSTALLED)
_READING: Final = re.compile(rb"\b(?:file\w*|templatefile)\s*\(")
_READING_LITERALLY: Final = re.compile(
    rb'\b(?P<function>file(?!set)\w*|templatefile)\s*\(\s*"(?:\$\{path\.(?P<start>\w+)\}/)?'
    rb'(?P<path>[^"$%\\\n]*)"\s*[,)]'
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What changed files reach, directories with all their callers.

    `paths` are the files, absolute. `surely` are directories that the change reaches, `perhaps`
    those that it reaches if their evaluation reads one of `paths`. `around` are all directories
    of the project; `notes` say what could not be followed.
    """

    paths: frozenset[Path]
    around: Mapping[Path, Directory]
    surely: Mapping[Path, Directory]
    perhaps: Mapping[Path, Directory]
    notes: tuple[Note, ...]

    def roots(self, reader: Reader) -> list[Directory]:
        """The root modules to evaluate."""
        return roots({**self.surely, **self.perhaps}, reader, self.around)

    def covers(self, root: Directory, consulted: Iterable[Path]) -> bool:
        """Whether the change reaches a root whose evaluation asked for the files `consulted`."""
        if root.path.resolve() in self.surely:
            return True
        asked = set(consulted)
        places = {place for path in asked for place in (_placed(path), real(path))}
        return any(_leads_to(path, self.paths) for path in asked) or any(
            _is_at_or_below(path, places) for path in self.paths
        )


def reach(given: Sequence[str], survey: Survey, variable_files: Sequence[str]) -> Reach:
    """What is reached by changes of the given files, and of everything in given directories.

    A path is taken from the working directory and, as git writes it, from the repository's root.
    A file that is not there any more counts where it was; one of the variable files, which all
    roots are given, reaches them all. The survey is left with what is surely reached; what of the
    project cannot be entered is no fault of the change, but is noted.
    """
    places = {text: meant(text) for text in given}
    paths = frozenset(path for there in places.values() for path in there)
    around = _around(paths, survey)
    homes = {home for path in paths if (home := _home(path)) is not None}
    if any(_leads_to(Path(file), paths) for file in variable_files):
        homes.update(around)
    homes.update(key for key in around if _is_at_or_below(key, paths) or _links_to(key, paths))
    surely = _among(callers_of(homes | paths, around), around)
    others = {path for path in paths if _home(path) is None}
    readers = (key for key, one in around.items() if _may_read(one, others, survey.reader))
    perhaps = _among(callers_of(readers if others else (), around), around)
    closed = (Note(one.message, 1, one.span) for one in survey.problems)
    survey.directories = surely
    survey.foreign = [one for one in survey.foreign if _is_at_or_below(_placed(one), paths)]
    survey.problems = []
    return Reach(paths, around, surely, perhaps, (*_lost(places, around), *closed))


def _among(keys: Iterable[Path], directories: Mapping[Path, Directory]) -> dict[Path, Directory]:
    return {key: directories[key] for key in keys if key in directories}


def _around(paths: AbstractSet[Path], survey: Survey) -> Mapping[Path, Directory]:
    for top in _tops(paths):
        start = Path(os.path.relpath(top))
        for directory in survey.walk(start):
            outwards = ".." in start.parts  # then what is below may lie at the working directory
            survey.look(Path(os.path.relpath(directory)) if outwards else directory)
    for parent in {path.parent for path in paths}:
        if is_directory(parent):
            survey.look(Path(os.path.relpath(parent)))
    return survey.directories


def _lost(
    given: Mapping[str, AbstractSet[Path]], around: Mapping[Path, Directory]
) -> Iterator[Note]:
    """Notes of files that are not there, as their directories, which nothing calls."""
    called = {call for directory in around.values() for call in directory.calls}
    for text, places in given.items():
        homes = {home for path in places if (home := _home(path)) is not None}
        gone = not any(os.path.lexists(path) for path in places)
        if gone and homes and homes.isdisjoint(around) and homes.isdisjoint(called):
            reason = "there is no such file, and no module calls the directory it was in"
            yield Note(reason, 1, Span(Source(text, b""), 0, 0))


# -- paths ---------------------------------------------------------------------------------


def meant(text: str) -> set[Path]:
    """Where a given path leads: to what is there, and to all that may have been when nothing is."""
    here = Path.cwd()
    top = boundary(here)
    if is_directory(here / text):
        return {_placed(here / text), real(here / text)}
    places = {_shortened(_placed(base / text), top) for base in (here, top)}
    return {path for path in places if os.path.lexists(path)} or places


def _placed(path: Path) -> Path:
    """An absolute path through real directories; a link at its end stays one."""
    absolute = path.absolute()
    return real(absolute.parent) / absolute.name


def _shortened(path: Path, top: Path) -> Path:
    """Of a path in what `terraform init` has left for a root module, the part up to that."""
    inside = path.relative_to(top).parts if path.is_relative_to(top) else path.parts
    if _INSTALLED not in inside:
        return path
    return Path(*path.parts[: len(path.parts) - len(inside) + inside.index(_INSTALLED) + 1])


def _is_at_or_below(path: Path, tops: AbstractSet[Path]) -> bool:
    return not tops.isdisjoint((path, *path.parents))


def _leads_to(path: Path, tops: AbstractSet[Path]) -> bool:
    return _is_at_or_below(_placed(path), tops) or _is_at_or_below(real(path), tops)


def _home(path: Path) -> Path | None:
    """The directory that a file is configuration of; None for a file of another kind."""
    return path.parent if path.name.endswith(_OF_ITS_DIRECTORY) else None


def _tops(paths: Iterable[Path]) -> set[Path]:
    """Where callers are looked for: whole repositories, and hidden directories with the paths.

    For paths below the working directory's repository it is that one, also where they are in a
    submodule; where there is no repository it is the working directory.
    """
    here = boundary(Path.cwd())
    found: set[Path] = set()
    for path in paths:
        top = here if path.is_relative_to(here) else boundary(_nearest(path))
        if top == here or (top / ".git").exists() or is_directory(path):
            found.add(top)
        found.update(
            parent
            for parent in (path, *path.parents)
            if is_skipped(parent.name)
            and parent.name != _INSTALLED
            and top in parent.parents
            and is_directory(parent)
        )
    return found


def _nearest(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if is_directory(parent))


def _links_to(directory: Path, paths: AbstractSet[Path]) -> bool:
    """Whether a file of a directory's configuration is a link to one of the files."""
    with os.scandir(directory) as entries:
        links = [e.path for e in entries if e.is_symlink() and e.name.endswith(_OF_ITS_DIRECTORY)]
    return any(_leads_to(Path(link), paths) for link in links)


# -- files of other kinds ------------------------------------------------------------------


def _may_read(directory: Directory, changed: AbstractSet[Path], reader: Reader) -> bool:
    """Whether the text of a directory may read one of the files.

    It does not where its file functions all have literal paths that lead elsewhere, and what they
    render as templates has none.
    """
    if (directory.path / ".terraform/modules").is_dir():
        return True
    inside = any(is_directory(path) for path in changed)
    for path in reader.files(directory.path):
        source = reader.read(path, path.as_posix())
        if not isinstance(source, Source) or not _READING.search(source.data):
            continue
        literal = list(_READING_LITERALLY.finditer(source.data))
        if inside or len(literal) < len(_READING.findall(source.data)):
            return True
        if any(_may_lead(call, directory.path, changed, reader) for call in literal):
            return True
    return False


def _may_lead(
    call: re.Match[bytes], directory: Path, changed: AbstractSet[Path], reader: Reader
) -> bool:
    """Whether a file function with a literal path may read one of the files.

    Without `path.module` the path begins in a root module, which may be any.
    """
    path = directory / os.fsdecode(call["path"])
    renders = call["function"] == b"templatefile"
    if call["start"] != b"module":
        return renders or path.is_symlink() or any(path.name == one.name for one in changed)
    if not changed.isdisjoint((_placed(path), real(path))):
        return True
    template = reader.read(path, path.as_posix()) if renders else None
    return renders and not (isinstance(template, Source) and not _READING.search(template.data))
