"""What of every format there is at or below the given paths.

Each directory is listed once, each file that could be of a format is opened once, and none is
parsed. What the user says of a file goes before what it looks like.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from errno import ELOOP, ENOENT
from pathlib import Path
from typing import Final

from grantlint.git import top
from grantlint.model import Note
from grantlint.parsers import sniff
from grantlint.parsers.settings import Input, Options
from grantlint.parsers.synthesis import ASSEMBLY, PROGRAMS, is_assembly
from grantlint.parsers.terraform.changes import meant
from grantlint.parsers.terraform.discovery import FOREIGN
from grantlint.parsers.terraform.module import SUFFIXES
from grantlint.parsers.walk import Folder, Walk, fault, joined
from grantlint.source import Problem, Source, Span

_OF_TERRAFORM: Final = (*SUFFIXES, *FOREIGN)
_GONE: Final = "there is no such file or directory"
_BESIDE: Final = (
    "a plan or state beside its configuration is not read, because that is: give its path to judge "
    "it too"
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file and what it is taken for; of a large plan `source` is the first part only."""

    format: str
    source: Source


@dataclass(slots=True, eq=False)
class Found:
    """What there is, in the order in which it was found.

    `documents` are templates, plans, states and answers of AWS, `assemblies` the directories of
    cloud assemblies, `texts` configuration of Terraform that stands alone. `terraform` are the
    paths that its own discovery looks at, empty where there is nothing for it. `programs` are
    directories with a program of the CDK or of cdktf.
    """

    documents: list[Document] = field(default_factory=list)
    assemblies: list[Path] = field(default_factory=list)
    texts: list[Source] = field(default_factory=list)
    terraform: list[str] = field(default_factory=list)
    programs: list[Path] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def discover(paths: Sequence[str], options: Options, walk: Walk) -> Found:
    """Look at the inputs that the user names a format of, then at the paths."""
    search = _Search(walk, plans=options.sources is not None)
    for one in options.inputs:
        search.take_as(one)
    if options.changed:
        for path in paths:
            for place in sorted(meant(path)):
                search.take_changed(Path(os.path.relpath(place)))
        search.found.terraform.extend(paths)
        return search.found
    for path in paths:
        search.take(Path(path))
    if not search.configured:
        search.found.terraform.clear()
    search.found.problems.extend(walk.problems.values())
    return search.found


@dataclass(slots=True, eq=False)
class _Search:
    """What has been found so far. `configured` says whether any of it is Terraform's.

    With `plans`, plans and states count where the configuration lies beside them, too.
    """

    walk: Walk
    plans: bool
    found: Found = field(default_factory=Found)
    configured: bool = False
    _taken: set[str] = field(default_factory=set)

    # -- what the user says ----------------------------------------------------------------

    def take_as(self, one: Input) -> None:
        """A file, a directory or a text, as what the user says that it is."""
        path = Path(one.path)
        if one.data is not None:
            self._add(one.format, Source(one.path, one.data))
        elif not os.access(path, os.F_OK):
            self.found.problems.append(fault(one.path, _GONE))
        elif one.format == sniff.ASSEMBLY:
            self._add_assembly(path if path.is_dir() else path.parent)
        elif one.format == sniff.TERRAFORM and (path.is_dir() or path.name.endswith(SUFFIXES)):
            self.configured = True
            self.found.terraform.append(one.path)
        else:
            for file in self._below(path) if path.is_dir() else [path.as_posix()]:
                self._take_as(one.format, file)

    def _below(self, directory: Path) -> Iterator[str]:
        for folder in self.walk.folders(directory):
            for name in _candidates(folder):
                if folder.keeps(name):
                    yield joined(folder.path, name)

    def _take_as(self, format: str, path: str) -> None:
        if self._is_new(path):
            try:
                with Path(path).open("rb") as file:
                    self._add(format, Source(path, file.read(sniff.LARGEST)))
            except OSError as error:
                self.found.problems.append(fault(path, _closed(error)))

    def _add(self, format: str, source: Source) -> None:
        if format == sniff.TERRAFORM:
            self.found.texts.append(source)
        else:
            self.found.documents.append(Document(format, source))

    def _add_assembly(self, directory: Path) -> None:
        if self._is_new(directory.as_posix()):
            self.found.assemblies.append(directory)

    def _is_new(self, path: str) -> bool:
        place = os.path.realpath(path)
        new = place not in self._taken
        self._taken.add(place)
        return new

    # -- what it looks like ----------------------------------------------------------------

    def take(self, path: Path) -> None:
        """A path that the user has given."""
        if not os.access(path, os.F_OK):
            self.found.problems.append(fault(str(path), _GONE))
        elif path.is_dir():
            self.found.terraform.append(str(path))
            self._take_below(path)
        elif not self._take_named(path):
            self.found.terraform.append(str(path))
            self.configured = True

    def take_changed(self, path: Path) -> None:
        """A file that changed, or what is in a directory; Terraform follows the rest itself."""
        if not os.access(path, os.F_OK):
            return
        assembly = _assembly_around(path)
        if assembly is not None:
            self._add_assembly(assembly)
        elif path.is_dir():
            self._take_below(path)
        else:
            self._take_named(path)

    def _take_named(self, path: Path) -> bool:
        """A file that was asked for; False where it is of no format that is known here."""
        if path.name.endswith(_OF_TERRAFORM) or not path.is_file():
            return False
        shown = path.as_posix()
        try:
            data = sniff.text_of(shown)
        except OSError as error:
            self.found.problems.append(fault(shown, _closed(error)))
            return True
        format = sniff.format_of(data, asked=True)
        if format is not None and self._is_new(shown):
            self._add(format, Source(shown, data))
        return format is not None

    def _take_below(self, directory: Path) -> None:
        for folder in self.walk.folders(directory):
            if folder.is_assembly:
                self._add_assembly(Path(folder.path))
                continue
            if not PROGRAMS.isdisjoint(folder.files):
                self.found.programs.append(Path(folder.path))
            configured = any(name.endswith(_OF_TERRAFORM) for name in folder.files)
            self.configured = self.configured or configured
            for name in _candidates(folder):
                self._take_found(folder, name, configured=configured)

    def _take_found(self, folder: Folder, name: str, *, configured: bool) -> None:
        """A file that nobody has asked for itself."""
        shown = joined(folder.path, name)
        try:
            found = sniff.sniffed(shown)
        except OSError as error:
            if error.errno not in {ENOENT, ELOOP} and folder.keeps(name):  # a link to nothing
                self._note(_closed(error), shown)
            return
        if found is None or not folder.keeps(name) or not self._is_new(shown):
            return
        format, data = found
        if format in {sniff.PLAN, sniff.STATE} and configured and not self.plans:
            self._note(_BESIDE, shown)
        else:
            self._add(format, Source(shown, data))

    def _note(self, reason: str, path: str) -> None:
        self.found.notes.append(Note(reason, 1, Span(Source(path, b""), 0, 0)))


def _candidates(folder: Folder) -> Iterator[str]:
    return (
        name
        for name in folder.files
        if name.endswith(sniff.SUFFIXES) and not name.endswith(SUFFIXES)
    )


def _assembly_around(path: Path) -> Path | None:
    """The cloud assembly that a path is in or is, up to the root of the repository."""
    around = top(path)
    for directory in (path, *path.parents):
        if is_assembly(str(directory), _names(directory)):
            return directory
        if around is not None and Path(os.path.realpath(directory)) == around:
            return None
    return None


def _names(directory: Path) -> frozenset[str]:
    """Of the files in a directory, those that tell an assembly."""
    return frozenset(name for name in ASSEMBLY if os.access(directory / name, os.F_OK))


def _closed(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or 'it cannot be opened').lower()}"
