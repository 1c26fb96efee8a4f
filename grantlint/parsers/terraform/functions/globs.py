"""Files that match a pattern with `*`, `?`, `[a-z]`, `{a,b}` and `**`.

https://github.com/bmatcuk/doublestar/tree/v1.1.5, which Terraform's fileset uses. Matches are
regular files below the root; links are followed as long as they stay there.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from grantlint.parsers.holes import UnknowableError

MOST_FILES = 50_000


class MalformedError(Exception):
    """A pattern that is none."""


def glob(pattern: str, root: Path) -> list[str]:
    """The paths of the regular files that an absolute pattern matches."""
    parts = pattern.lstrip("/").split("/")
    walk = _Walk(root)
    return sorted(dict.fromkeys(walk.matches("/", parts)))


def _regex(piece: str) -> re.Pattern[str] | None:
    """A piece as a regular expression; None when it has nothing special."""
    if not re.search(r"[*?\[{\\]", piece):
        return None
    text, depth, at = "", 0, 0
    while at < len(piece):
        letter = piece[at]
        if letter == "*":
            text += "[^/]*"
        elif letter == "?":
            text += "[^/]"
        elif letter == "[":
            end, translated = _class(piece, at)
            text += translated
            at = end
        elif letter == "\\" and at + 1 < len(piece):
            at += 1
            text += re.escape(piece[at])
        elif letter == "{":
            depth += 1
            text += "(?:"
        elif letter == "}" and depth:
            depth -= 1
            text += ")"
        elif letter == "," and depth:
            text += "|"
        else:
            text += re.escape(letter)
        at += 1
    if depth:
        raise MalformedError
    return re.compile(text, re.DOTALL)


def _class(piece: str, start: int) -> tuple[int, str]:
    """The end of a class, and its translation."""
    match = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]", re.DOTALL).match(piece, start)
    if match is None:
        raise MalformedError
    inner = re.sub(r"\\(.)|([\[&~|^])", lambda m: "\\" + (m[1] or m[2]), match[2])
    return match.end() - 1, f"[{'^' if match[1] else ''}{inner}]"


def _below(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/{name}"


class _Walk:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen = 0

    def matches(self, base: str, parts: list[str]) -> Iterator[str]:
        """Files below `base` that the rest of the pattern matches."""
        part, rest = parts[0], parts[1:]
        if part == "**":
            yield from self._any_depth(base, rest, frozenset())
            return
        pattern = _regex(part)
        if pattern is None:
            yield from self._one(_below(base, part), rest)
            return
        for name in self._names(base):
            if pattern.fullmatch(name):
                yield from self._one(_below(base, name), rest)

    def _one(self, path: str, rest: list[str]) -> Iterator[str]:
        mode = self._mode(path)
        if rest:
            if stat.S_ISDIR(mode):
                yield from self.matches(path, rest)
        elif stat.S_ISREG(mode):
            yield path

    def _any_depth(self, base: str, rest: list[str], above: frozenset[str]) -> Iterator[str]:
        """`**`: this directory and all below it; a link to a directory above is not followed."""
        if rest:
            yield from self.matches(base, rest)
        real = os.path.realpath(base)
        if real in above:
            return
        for name in self._names(base):
            path = _below(base, name)
            mode = self._mode(path)
            if stat.S_ISDIR(mode):
                yield from self._any_depth(path, rest, above | {real})
            elif stat.S_ISREG(mode) and not rest:
                yield path

    def _names(self, directory: str) -> list[str]:
        if not self._inside(directory):
            return []
        try:
            names = sorted(entry.name for entry in Path(directory).iterdir())
        except OSError:
            return []
        self.seen += len(names)
        if self.seen > MOST_FILES:
            raise UnknowableError(f"fileset() looks at more than {MOST_FILES} files")
        return names

    def _mode(self, path: str) -> int:
        """The kind of file, links followed; 0 when there is none inside the project."""
        if not self._inside(path) and not self.root.is_relative_to(path):
            return 0
        try:
            return Path(path).stat().st_mode
        except OSError:
            return 0

    def _inside(self, path: str) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self.root)
