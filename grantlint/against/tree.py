"""The tree of a commit, written to a directory of its own, and what a run is given there.

The files are written as git stores them. A link is made only where it leads to a place in the
tree. What git does not have and a run needs is lent by the work tree: modules that are installed,
and files of configuration that git ignores. So both runs see the same, but for what git knows of.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.git.repository import Entry, Repository
from grantlint.parsers.sniff import SUFFIXES as OF_DOCUMENTS
from grantlint.parsers.terraform.module import SUFFIXES

if TYPE_CHECKING:
    from grantlint.parsers.settings import Input, Options

_INSTALLED: Final = ".terraform"
_LENT: Final = (*SUFFIXES, ".tfvars", ".tfvars.json", ".terraform.lock.hcl")
_PATTERNS: Final = tuple(f"*{suffix}" for suffix in (*SUFFIXES, *OF_DOCUMENTS))


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree of a commit. `top` is where it is, `work` the work tree's top, `name` what for.

    `renames` are files with another name now, new → old. `start` is the working directory.
    """

    top: Path
    work: Path
    name: str
    renames: Mapping[str, str]
    start: Path

    @property
    def here(self) -> Path:
        """The directory that stands for the working directory."""
        inside = self._inside(".")
        return self.top if inside is None else self.top / inside

    def there(self, path: str) -> str | None:
        """What a path of the work tree is called there; None where it is not there.

        A path outside the repository stays what it is.
        """
        inside = self._inside(path)
        if inside is None:
            return str(self._absolute(path))
        found = self.top / inside
        if not os.path.lexists(found):
            return None
        return str(found) if Path(path).is_absolute() else os.path.relpath(found, self.here)

    def paths(self, given: Sequence[str]) -> list[str]:
        """Where that is that paths of the work tree had in them: there, or by an old name."""
        found: dict[str, None] = {}
        for path in given:
            inside = self._inside(path)
            same = self.there(path)
            if inside is None:
                continue
            if same is not None:
                found[same] = None
            for new, old in self.renames.items():
                if inside in {".", new} or new.startswith(f"{inside}/"):
                    self._add_old(found, old, inside)
        return list(found)

    def _add_old(self, found: dict[str, None], old: str, inside: str) -> None:
        place = (posixpath.dirname(old) or ".") if old.endswith(SUFFIXES) else old
        within = place == inside or place.startswith(f"{inside}/") or inside == "."
        if not within and os.path.lexists(self.top / place):
            found[os.path.relpath(self.top / place, self.here)] = None

    def has(self, path: str) -> bool:
        """Whether a path of the work tree is one of the repository's."""
        return self._inside(path) is not None

    def changed(self, path: str) -> str:
        """A path of the work tree there, whether there is anything or not."""
        inside = self._inside(path) if Path(path).is_absolute() else None
        return path if inside is None else str(self.top / inside)

    def options(self, given: Options) -> Options:
        """The options of a run there: files of the repository are those that it had."""
        return replace(
            given,
            variable_files=tuple(self._had(given.variable_files)),
            parameter_files=tuple(self._had(given.parameter_files)),
            sources=self.there(given.sources) if given.sources is not None else None,
            inputs=tuple(self._inputs(given.inputs)),
        )

    def _had(self, paths: Iterable[str]) -> Iterator[str]:
        for path in paths:
            there = self.there(path)
            if there is not None:
                yield there

    def _inputs(self, inputs: Iterable[Input]) -> Iterator[Input]:
        for one in inputs:
            there = self.there(one.path) if one.data is None else None
            if there is not None and self._inside(one.path) is not None:
                yield replace(one, path=there)

    def _inside(self, path: str) -> str | None:
        """A path from the top of the work tree; None for one outside."""
        place = self._absolute(path)
        for found in (
            Path(os.path.realpath(place.parent), place.name),
            Path(os.path.realpath(place)),
        ):
            if found.is_relative_to(self.work):
                return found.relative_to(self.work).as_posix()
        return None

    def _absolute(self, path: str) -> Path:
        return Path(os.path.normpath(self.start / path))


@contextmanager
def written(repository: Repository, ref: str) -> Iterator[Tree]:
    """The tree from which HEAD and `ref` have gone different ways; it is gone in the end."""
    commit = repository.base(ref)
    renames = repository.renames(commit, _PATTERNS)
    with tempfile.TemporaryDirectory(prefix="grantlint-", ignore_cleanup_errors=True) as made:
        top = Path(os.path.realpath(made))
        tree = Tree(top, repository.top, f"{ref} ({commit[:7]})", renames, Path.cwd())
        entries = list(_everything(repository, commit, ""))
        _write(entries, top)
        _mark(repository, top)
        _lend(repository, tree, [entry.path for _, entry in entries if not entry.is_link])
        tree.here.mkdir(parents=True, exist_ok=True)
        yield tree


# -- files ---------------------------------------------------------------------------------


def _everything(
    repository: Repository, commit: str, below: str
) -> Iterator[tuple[Repository, Entry]]:
    """The entries of a tree and of its submodules, as far as these are checked out."""
    for entry in repository.entries(commit):
        placed = replace(entry, path=below + entry.path)
        if not _is_plain(entry.path):
            continue
        if not entry.is_submodule:
            yield repository, placed
            continue
        inner = Repository(repository.top / entry.path)
        if (inner.top / ".git").exists() and inner.has(entry.id):
            yield from _everything(inner, entry.id, f"{placed.path}/")


def _is_plain(path: str) -> bool:
    """Whether a path stays in its tree and out of what is git's; trees can be forged."""
    if Path(path).is_absolute() or Path(path).drive or (os.sep != "/" and os.sep in path):
        return False
    parts = path.split("/")
    return not any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts)


def _write(entries: Sequence[tuple[Repository, Entry]], top: Path) -> None:
    """Files first, then links, so that no file is written through a link."""
    links: list[tuple[str, str]] = []
    made: set[str] = set()
    owners = {repository.top: repository for repository, _ in entries}
    for owner in owners.values():
        own = [entry for repository, entry in entries if repository.top == owner.top]
        for entry, parts in owner.texts(own):
            if entry.is_link:
                links.append((entry.path, os.fsdecode(b"".join(parts))))
                continue
            parent = posixpath.dirname(entry.path)
            if parent not in made:
                _make(top / parent)
                made.add(parent)
            _write_file(top / entry.path, parts)
    for path, leads in links:
        place = (top / path).parent
        _make(place)
        if _stays(path, leads) and os.path.realpath(place) == str(place):
            with suppress(OSError):
                (top / path).symlink_to(leads)


def _make(directory: Path) -> None:
    with suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)


def _write_file(path: Path, parts: Iterator[bytes]) -> None:
    """A new file; where there cannot be one (names that differ in case) its text is passed over."""
    try:
        with path.open("xb") as file:
            file.writelines(parts)
    except OSError:
        for _ in parts:
            pass


def _stays(path: str, leads: str) -> bool:
    """Whether a link stays in the tree, whatever other links are on its way.

    Steps up are safe only before all others, from the real directory that the link is in.
    """
    if Path(leads).is_absolute() or Path(leads).drive or "\0" in leads:
        return False
    parts = [part for part in leads.replace(os.sep, "/").split("/") if part not in {"", "."}]
    up = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    return up <= path.count("/") and ".." not in parts[up:]


def _mark(repository: Repository, top: Path) -> None:
    """Make it the top of a repository to whoever looks for one, with what is excluded here."""
    (top / ".git/info").mkdir(parents=True)
    with suppress(OSError, ValueError):
        shutil.copyfile(repository.exclude(), top / ".git/info/exclude")


# -- what is lent --------------------------------------------------------------------------


def _lend(repository: Repository, tree: Tree, files: Iterable[str]) -> None:
    """Put what only the work tree has beside the configuration that it goes with."""
    moved = {posixpath.dirname(old): posixpath.dirname(new) for new, old in tree.renames.items()}
    wanted: dict[str, Path] = {}
    directories = {posixpath.dirname(path) for path in files if path.endswith(SUFFIXES)}
    for directory in sorted(directories):
        place = tree.top / directory
        source = tree.work / directory
        if not source.is_dir() and directory in moved:
            source = tree.work / moved[directory]
        for name in _names(source):
            if name.endswith(_LENT) and not os.path.lexists(place / name):
                wanted[(source / name).relative_to(tree.work).as_posix()] = place / name
            elif name == _INSTALLED and not os.path.lexists(place / name):
                _link(source / name, place / name)
    for path in repository.ignored(list(wanted)):
        _link(tree.work / path, wanted[path])


def _names(directory: Path) -> list[str]:
    try:
        return sorted(one.name for one in directory.iterdir())
    except OSError:
        return []


def _link(source: Path, place: Path) -> None:
    """A link, or where links cannot be made, a copy."""
    try:
        place.symlink_to(source)
    except OSError:
        with suppress(OSError, shutil.Error):
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns(".git", "providers"))
            else:
                shutil.copyfile(source, place)
