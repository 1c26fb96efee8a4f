"""The text of a template as a tree with places, from JSON or YAML; short forms become long ones.

`!GetAtt a.b` comes out as `{"Fn::GetAtt": "a.b"}`, anchors and merge keys are resolved. Scalars are
typed as CloudFormation types them, so `2012-10-17` is text; a number that YAML reads as another
than is written (`012`) is a `Number` with the text as written: see `is_trap`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import yaml

from grantlint.parsers.json_text import BadJson, Member, Node, Number, read
from grantlint.source import Problem, Source, Span

DEEPEST: Final = 200
MOST_NODES: Final = 300_000
"""Nodes of a template with every alias written out."""

_SHORT: Final = frozenset({"Ref", "Condition"})
_BOOLS: Final = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_TRAP: Final = re.compile(r"[-+]?0[0-9_]+|[-+]?0[xb][0-9a-fA-F_]+|[-+]?[0-9]+(?::[0-5]?[0-9])+")
"""Numbers of YAML 1.1 that are not what they look like: octal, hexadecimal, base 60."""
_PROPERTIES: Final = re.compile(rb"(?:[&!]\S*[ \t\r\n]+)*[&!][^\s,\[\]{}]*[ \t\r\n]*")
"""Tag and anchor before a node."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Template:
    """A file's tree and what is wrong in it.

    `repeated` are the keys that are given twice, by the id of each of their nodes; `dates` where
    scalars stand that YAML takes for dates.
    """

    source: Source
    root: Node
    problems: tuple[Problem, ...] = ()
    repeated: Mapping[int, str] = field(default_factory=dict)
    dates: tuple[Span, ...] = ()


def is_trap(number: Number) -> bool:
    """Whether YAML may take a scalar without quotes for another number than is written."""
    return _TRAP.fullmatch(number.text) is not None


def scalar_text(node: Node) -> str | None:
    """A text, bool or number as CloudFormation passes it on; None for anything else."""
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, Number):
        return node.value.text
    return node.value if isinstance(node.value, str) else None


class _BadYaml(Exception):  # noqa: N818 - it names what was found
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def parse(source: Source) -> Template | Problem:
    """The tree of a file, or why it has none."""
    try:
        source.data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem("the file is no UTF-8 text", Span(source, error.start, error.start))
    if source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        try:
            root = read(source.data)
        except BadJson as fault:
            flow = None if source.path.endswith(".json") else _yaml(source)
            if isinstance(flow, Template):  # flow style begins as JSON does
                return flow
            return Problem(fault.message, Span(source, fault.at, fault.at))
        return _checked(source, root)
    return _yaml(source)


def _checked(source: Source, root: Node) -> Template:
    """A JSON tree, looked through for keys that are given twice."""
    problems: list[Problem] = []
    repeated: dict[int, str] = {}
    pending = [root]
    while pending:
        node = pending.pop()
        if not isinstance(node.value, list):
            continue
        seen: dict[str, Member] = {}
        for one in node.value:
            if isinstance(one, Member):
                if one.key in seen:
                    problems.append(_twice(source, one, seen[one.key]))
                    repeated[id(one.value)] = repeated[id(seen[one.key].value)] = one.key
                seen[one.key] = one
                pending.append(one.value)
            else:
                pending.append(one)
    return Template(source, root, tuple(problems), repeated=repeated)


def _twice(source: Source, member: Member, first: Member) -> Problem:
    line = source.position(first.start)[0]
    message = f"the key {member.key} is given twice, first in line {line}: write it once"
    return Problem(message, Span(source, member.start, member.end))


# -- YAML ----------------------------------------------------------------------------------


def _yaml(source: Source) -> Template | Problem:
    text = source.data.decode("utf-8")
    try:
        return _Composer(source, text).template()
    except _BadYaml as fault:
        return Problem(fault.message, Span(source, fault.at, fault.at))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = _offsets(text)(mark.index) if mark is not None else 0
        said = " ".join(str(error.problem or error.context or "it cannot be read").split())
        return Problem(f"this is no YAML: {said}", Span(source, at, at))
    except yaml.reader.ReaderError as error:
        at = _offsets(text)(error.position if isinstance(error.position, int) else 0)
        return Problem(f"this is no YAML: {error.reason}", Span(source, at, at))


def _offsets(text: str) -> Callable[[int], int]:
    """From a character's index to the byte's."""
    if text.isascii():
        return lambda index: index
    starts = list(accumulate((len(one.encode()) for one in text), initial=0))
    return lambda index: starts[min(index, len(text))]


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not closed yet."""

    node: Node
    start: int
    tag: str | None
    anchor: str | None
    key: Node | None = None
    seen: dict[str, Member] = field(default_factory=dict)
    merged: list[Node] = field(default_factory=list)
    weight: int = 1


class _Composer:
    """Nodes of the events of one document, without recursion."""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.offset = _offsets(text)
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.problems: list[Problem] = []
        self.repeated: dict[int, str] = {}
        self.dates: list[Span] = []
        self.root: Node | None = None

    def template(self) -> Template:
        """The first document of the file."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for event in yaml.parse(self.text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                break
            self._take(event)
        root = self.root or Node(None, 0, 0)
        return Template(self.source, root, tuple(self.problems), self.repeated, tuple(self.dates))

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event), event.anchor, 1)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._enter(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._leave(self._place(event)[1])
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _place(self, event: yaml.Event) -> tuple[int, int]:
        start, end = event.start_mark, event.end_mark
        return self.offset(start.index if start else 0), self.offset(end.index if end else 0)

    def _enter(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        start, _ = self._place(event)
        if len(self.stack) >= DEEPEST:
            raise _BadYaml(f"nested deeper than {DEEPEST}", start)
        begin = self._behind_tag(start, event.tag)
        node = Node([], begin, begin, is_object=isinstance(event, yaml.MappingStartEvent))
        self.stack.append(_Open(node, start, event.tag, event.anchor))

    def _leave(self, end: int) -> None:
        closed = self.stack.pop()
        node = closed.node
        node.end = max(node.start, _trimmed(self.source.data, node.start, end))
        for merged in closed.merged:
            self._merge(node, merged, closed.seen)
        self._put(_long(closed.tag, closed.start, node), closed.anchor, closed.weight)

    def _alias(self, event: yaml.AliasEvent) -> None:
        found = self.anchors.get(event.anchor or "")
        if found is None:
            at = self._place(event)[0]
            raise _BadYaml(f"the alias *{event.anchor} has no anchor before it", at)
        self._put(found[0], None, found[1])

    def _put(self, node: Node, anchor: str | None, weight: int) -> None:
        """A whole node goes where it belongs."""
        if anchor is not None:
            self.anchors[anchor] = node, weight
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.weight += weight
        if top.weight > MOST_NODES:
            raise _BadYaml(f"aliases make more than {MOST_NODES:,} values of this", node.start)
        held = top.node.value
        assert isinstance(held, list)
        if not top.node.is_object:
            held.append(node)
        elif top.key is None:
            top.key = node
        else:
            key, top.key = top.key, None
            self._member(top, key, node)

    def _member(self, top: _Open, key: Node, value: Node) -> None:
        held = top.node.value
        assert isinstance(held, list)
        name = self._key(key)
        if name == "<<":
            top.merged.append(value)
            return
        member = Member(name, key.start, key.end, value)
        first = top.seen.get(name)
        if first is not None:
            self.problems.append(_twice(self.source, member, first))
            self.repeated[id(value)] = self.repeated[id(first.value)] = name
        top.seen[name] = member
        held.append(member)

    def _key(self, key: Node) -> str:
        """A key as text, as it is written."""
        value = key.value
        if isinstance(value, str):
            return value
        if isinstance(value, Number):
            return value.text
        return self.source.slice(key.start, key.end).strip()

    def _merge(self, node: Node, merged: Node, seen: dict[str, Member]) -> None:
        """What `<<` brings in, behind what is written itself."""
        held = node.value
        assert isinstance(held, list)
        elements = merged.elements
        for one in [merged] if elements is None else elements:
            for member in one.members:
                if member.key not in seen:
                    seen[member.key] = member
                    held.append(member)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        start, end = self._place(event)
        text: str = event.value
        begin = self._behind_tag(start, event.tag)
        if not event.implicit[0] or event.tag is not None:
            return _long(event.tag, start, Node(text, begin, end))
        if text in _BOOLS:
            return Node(_BOOLS[text], start, end)
        if text in _NULLS:
            return Node(None, start, end)
        if _NUMBER.fullmatch(text) or _TRAP.fullmatch(text):
            return Node(Number(text), start, end)
        if _DATE.fullmatch(text):
            self.dates.append(Span(self.source, start, end))
        return Node(text, start, end)

    def _behind_tag(self, start: int, tag: str | None) -> int:
        """Where what is tagged begins."""
        match = _PROPERTIES.match(self.source.data, start) if tag is not None else None
        return match.end() if match is not None else start


def _long(tag: str | None, start: int, node: Node) -> Node:
    """A short form as the long one."""
    if tag is None or len(tag) < 2 or tag[0] != "!":
        return node
    name = tag[1:] if tag[1:] in _SHORT else f"Fn::{tag[1:]}"
    member = Member(name, start, start + len(tag.encode()), node)
    return Node([member], start, node.end, is_object=True)


def _trimmed(data: bytes, start: int, end: int) -> int:
    """The end of a block without the blank lines and comments behind it."""
    text = data[start:end]
    lines = text.split(b"\n")
    while lines and (not lines[-1].strip() or lines[-1].strip().startswith(b"#")):
        lines.pop()
    return start + len(b"\n".join(lines).rstrip())
