"""YAML: the part of it that a configuration needs, composed from the parser's events, with places.

Tags, anchors and several documents are refused: nothing here can make much of little. Scalars are
those of YAML 1.2's core schema; a day is text. https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn

import yaml

from grantlint.config.document import DEEPEST, MOST, Document, Path, Place, Unreadable, offsets
from grantlint.source import Source, Span

_BOOLS: Final = {"true": True, "True": True, "TRUE": True} | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,4000}|0o[0-7]{1,4000}|0x[0-9a-fA-F]{1,4000}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(source: Source, text: str) -> Document:
    """The data of a file, with places. Raises Unreadable."""
    byte = offsets(text)
    composer = _Composer(source, byte)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = byte(mark.index) if mark is not None else 0
        said = " ".join(str(error.problem or error.context or "it cannot be read").split())
        raise Unreadable(f"this is no YAML: {said}", Span(source, at, at)) from None
    except yaml.reader.ReaderError as error:
        at = byte(error.position if isinstance(error.position, int) else 0)
        raise Unreadable(f"this is no YAML: {error.reason}", Span(source, at, at)) from None
    root = composer.root
    if root is None:
        return Document(source, {}, {})
    if not isinstance(root, dict):
        raise Unreadable("write keys: `select: [unconstrained-grant]`", Span(source, 0, 0))
    return Document(source, root, composer.places)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not closed yet; `key` is the mapping's that has no value."""

    held: dict[str, object] | list[object]
    path: Path
    start: int
    key: tuple[str, Span] | None = None


@dataclass(slots=True)
class _Composer:
    source: Source
    byte: Callable[[int], int]
    root: object = None
    places: dict[Path, Place] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        start, end = event.start_mark, event.end_mark
        span = Span(
            self.source, self.byte(start.index if start else 0), self.byte(end.index if end else 0)
        )
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse("one document is enough", span)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse("no aliases are read here: write the value again", span)
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, span)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            closed = self.stack.pop()
            whole = Span(self.source, closed.start, max(closed.start, span.start))
            self._placed(closed.path, whole)

    def _refuse(self, message: str, span: Span) -> NoReturn:
        raise Unreadable(message, span)

    def _node(self, event: yaml.NodeEvent, span: Span) -> None:
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            self._refuse("no anchors and tags are read here", span)
        if isinstance(event, yaml.ScalarEvent):
            key = self._key_wanted()
            if key is not None:
                self._key(key, event.value, span)
                return
            path = self._path()
            self._put(_scalar(event))
            self._placed(path, span)
            return
        opened: dict[str, object] | list[object]
        opened = {} if isinstance(event, yaml.MappingStartEvent) else []
        if len(self.stack) >= DEEPEST:
            self._refuse(f"nested deeper than {DEEPEST}", span)
        if self._key_wanted() is not None:
            self._refuse("a key is a text", span)
        path = self._path()
        self._put(opened)
        self.stack.append(_Open(opened, path, span.start))

    def _key_wanted(self) -> _Open | None:
        """The mapping whose next node is a key."""
        top = self.stack[-1] if self.stack else None
        wanted = top is not None and isinstance(top.held, dict) and top.key is None
        return top if wanted else None

    def _key(self, top: _Open, name: str, span: Span) -> None:
        if name in top.held:
            self._refuse(f'the key "{name}" is given twice', span)
        top.key = name, span

    def _path(self) -> Path:
        """The path of the node that comes next."""
        if not self.stack:
            return ()
        top = self.stack[-1]
        return (*top.path, top.key[0] if top.key is not None else len(top.held))

    def _put(self, value: object) -> None:
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        if isinstance(top.held, list):
            top.held.append(value)
        elif top.key is not None:
            name, span = top.key
            top.held[name] = value
            self.places[*top.path, name] = Place(span, span)
            top.key = None

    def _placed(self, path: Path, span: Span) -> None:
        if len(self.places) > MOST:
            self._refuse(f"more than {MOST:,} values", span)
        before = self.places.get(path)
        self.places[path] = Place(before.key if before is not None else span, span)


def _scalar(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _BOOLS:
        return _BOOLS[text]
    if text in _NULLS:
        return None
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text) or _NO_NUMBER.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".nan", "nan")) if "." in text else 0.0
    return text
