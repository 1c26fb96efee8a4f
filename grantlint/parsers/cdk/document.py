"""The JSON files of an assembly, and where in them something stands.

They can be large (a manifest holds the metadata of all its stacks) and nearly nothing in them needs
a place: so they are read by the standard library, and a second time by `json_text` for the place of
what is wrong.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from grantlint.parsers import json_text
from grantlint.source import Problem, Source, Span

Json = str | bool | int | float | None | list["Json"] | dict[str, "Json"]

LARGEST: Final = 100_000_000
"""Bytes of one file: a manifest of thousands of stacks with all stack traces has less."""
DEEPEST: Final = 2000
"""Arrays and objects inside one another, with the calls that lead here; templates have dozens."""
_LARGEST_PLACED: Final = 5_000_000
"""Bytes of a file in which places are looked for; in a larger one the place is its beginning."""


class Document:
    """One JSON file and what it holds."""

    def __init__(self, source: Source, content: Json) -> None:
        self.source = source
        self.content = content

    def place(self, *route: str) -> Span:
        """Where the value stands that these keys lead to, or the last one that is there."""
        node, found = self._placed, Span(self.source, 0, 0)
        for key in route:
            members = node.members if node is not None else []
            member = next((one for one in reversed(members) if one.key == key), None)
            if member is None:
                break
            node = member.value
            found = Span(self.source, node.start, node.end)
        return found

    @cached_property
    def _placed(self) -> json_text.Node | None:
        """The whole file with places, if it is not too large for that."""
        if len(self.source.data) > _LARGEST_PLACED:
            return None
        try:
            return json_text.read(self.source.data)
        except json_text.BadJson:
            return None


def read(path: Path, shown: str) -> Source | Problem:
    """A file's bytes; a Problem at its start when they cannot be had."""
    start = Span(Source(shown, b""), 0, 0)
    try:
        if not os.path.lexists(path):
            return Problem("there is no such file", start)
        if not path.is_file():
            return Problem("is not a regular file", start)
        if path.stat().st_size > LARGEST:
            return Problem(f"is larger than {LARGEST:,} bytes", start)
        return Source(shown, path.read_bytes())
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name cannot be").lower()
        return Problem(f"cannot be read: {reason}", start)


def document(source: Source) -> Document | Problem:
    """What a file holds; a Problem at the place where it is no JSON."""
    before = sys.getrecursionlimit()
    try:
        # the reader takes a frame of the machine's stack for each level, however deep others go
        sys.setrecursionlimit(DEEPEST)
        content: Json = json.loads(source.data.decode("utf-8-sig"))
    except RecursionError:
        return Problem("is nested too deep", Span(source, 0, 0))
    except UnicodeDecodeError as error:
        return Problem("is not UTF-8", Span(source, error.start, error.start))
    except ValueError:
        return _not_json(source)
    finally:
        sys.setrecursionlimit(before)
    return Document(source, content)


def _not_json(source: Source) -> Problem:
    try:
        json_text.read(source.data)
    except json_text.BadJson as fault:
        return Problem(f"is no JSON: {fault.message}", Span(source, fault.at, fault.at))
    return Problem("is no JSON", Span(source, 0, 0))


def fields(value: Json) -> Mapping[str, Json]:
    """The members of an object; of anything else none."""
    return value if isinstance(value, dict) else {}


def text(value: Json) -> str | None:
    """A text; None for anything else."""
    return value if isinstance(value, str) else None


def texts(value: Json) -> Sequence[str]:
    """The texts in a list; of anything else none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def is_file(path: Path) -> bool:
    """Whether there is a regular file; unlike `Path.is_file` this bears names that cannot be."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_directory(path: Path) -> bool:
    """Whether there is a directory, of any name."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def within(path: Path, root: Path) -> bool:
    """Whether a path leads, over all symbolic links, to something inside a real directory."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(root)
    except (OSError, ValueError):
        return False
