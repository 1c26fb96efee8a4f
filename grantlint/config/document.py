"""A configuration file as data, with the place of every key and value; TOML or YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from grantlint.config.mistake import Mistake
from grantlint.source import Source, Span

LARGEST: Final = 1_000_000
"""Bytes of a file."""
DEEPEST: Final = 32
MOST: Final = 50_000
"""Values in a file."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key and its value stand; of an element of a list the key is the value itself."""

    key: Span
    value: Span


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file: texts, numbers, dates, lists and tables, as TOML has them."""

    source: Source
    data: Mapping[str, object]
    places: Mapping[Path, Place] = field(default_factory=dict)

    def key(self, path: Path) -> Span:
        """Where a key stands, else what it is in."""
        return self._place(path).key

    def value(self, path: Path) -> Span:
        """Where a value stands, else what it is in."""
        return self._place(path).value

    def _place(self, path: Path) -> Place:
        while path and path not in self.places:
            path = path[:-1]
        start = Span(self.source, 0, 0)
        return self.places.get(path, Place(start, start))

    def below(self, *path: str) -> Document | None:
        """The table at a path as a document of its own; None where there is none."""
        data: object = self.data
        for name in path:
            data = data.get(name) if isinstance(data, dict) else None
        if data is None:
            return None
        size = len(path)
        places = {at[size:]: one for at, one in self.places.items() if at[:size] == path}
        return Document(self.source, data if isinstance(data, dict) else {"": data}, places)


class Unreadable(Exception):  # noqa: N818  # it names what was found
    """A file that is no TOML, no YAML, or too much of it."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.mistake = Mistake(message, span)


def document(source: Source) -> Document:
    """The data of a file. Raises Unreadable."""
    whole = Span(source, 0, 0)
    if len(source.data) > LARGEST:
        raise Unreadable(f"the file has more than {LARGEST:,} bytes", whole)
    try:
        text = source.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "the file is no UTF-8 text", Span(source, error.start, error.start)
        ) from None
    if source.path.endswith((".yaml", ".yml")):
        from grantlint.config import yaml_text  # noqa: PLC0415  # PyYAML is loaded for YAML alone

        return yaml_text.read(source, text)
    from grantlint.config import toml_text  # noqa: PLC0415  # tomllib is loaded where there is a file

    return toml_text.read(source, text)


def offsets(text: str) -> Callable[[int], int]:
    """From a character's index to the byte's."""
    if text.isascii():
        return lambda index: index
    starts = list(accumulate((len(one.encode()) for one in text), initial=0))
    return lambda index: starts[min(index, len(text))]
