"""JSON with places: a small iterative reader, because every key and value must know where it is.

What is accepted is RFC 8259, as HashiCorp's reader does. Keys given twice are all kept, in order:
in Terraform's JSON notation a block type may be repeated.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(
    rb'[ \t\r\n]*(?:("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")'
    rb"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rb"|(true|false|null)|([\[\]{},:]))"
)
_BLANKS = re.compile(rb"[ \t\r\n]*")
_WORDS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """One `"key": value` of an object, with the key's place."""

    key: str
    start: int
    end: int
    value: Node


@dataclass(slots=True)
class Node:
    """A value and its place in bytes; an array has Nodes, an object Members."""

    value: str | bool | Number | list[Node | Member] | None
    start: int
    end: int
    is_object: bool = False

    @property
    def members(self) -> list[Member]:
        """The members of an object; of anything else none."""
        if not self.is_object or not isinstance(self.value, list):
            return []
        return [member for member in self.value if isinstance(member, Member)]

    def member(self, key: str) -> Node | None:
        """The value of an object's first member of that key; None where there is none."""
        return next((one.value for one in self.members if one.key == key), None)

    @property
    def elements(self) -> list[Node] | None:
        """The elements of an array; None for anything else."""
        if self.is_object or not isinstance(self.value, list):
            return None
        return [element for element in self.value if isinstance(element, Node)]


class BadJson(Exception):  # noqa: N818 - it names what was found
    """Text that is no JSON: what is wrong, and at which byte."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(slots=True)
class _Open:
    """An array or object that is not closed yet, and the key that waits for its value."""

    node: Node
    key: tuple[str, int, int] | None = None


def read(data: bytes) -> Node:
    """The one value that `data` (valid UTF-8) holds; raises BadJson."""
    reader = _Reader(data)
    node = reader.value()
    rest = reader.rest()
    if rest is not None:
        raise BadJson("unexpected text behind the end of the JSON value", rest)
    return node


def read_all(data: bytes) -> tuple[list[Node], BadJson | None]:
    """The values that stand one behind the other in `data` (valid UTF-8), as in JSON lines.

    With what ended them, if it is not the end of the data.
    """
    reader, found = _Reader(data), list[Node]()
    while reader.rest() is not None:
        try:
            found.append(reader.value())
        except BadJson as error:
            return found, error
    return found, None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        self.start = 0

    def rest(self) -> int | None:
        """Where something stands behind what was read; None where nothing does."""
        blanks = _BLANKS.match(self.data, self.at)
        end = blanks.end() if blanks else self.at
        return end if end != len(self.data) else None

    def value(self) -> Node:
        """The next value; raises BadJson."""
        stack: list[_Open] = []
        while True:
            token = self._token("a value")
            node = self._scalar(token)
            if node is None:
                node = self._opened(token, stack)
                if node is None:
                    continue
            node = self._place(node, stack)
            if node is not None:
                return node

    def _token(self, wanted: str) -> re.Match[bytes]:
        match = _TOKEN.match(self.data, self.at)
        if match is None:
            blanks = _BLANKS.match(self.data, self.at)
            at = blanks.end() if blanks else self.at
            found = "the end of the file" if at >= len(self.data) else "something else"
            raise BadJson(f"{wanted} was expected, {found} was found", at)
        group = match.lastindex or 0
        self.start = match.start(group)
        self.at = match.end()
        return match

    def _scalar(self, token: re.Match[bytes]) -> Node | None:
        group = token.lastindex or 0
        text = token[group]
        if group == 1:
            return Node(_string(text), self.start, self.at)
        if group == 2:
            return Node(Number(text.decode()), self.start, self.at)
        if group == 3:
            return Node(_WORDS[text], self.start, self.at)
        return None

    def _opened(self, token: re.Match[bytes], stack: list[_Open]) -> Node | None:
        """Go into an array or object; an empty one is returned whole."""
        sign = token[4]
        if sign not in (b"[", b"{"):
            raise BadJson(f"a value was expected, `{sign.decode()}` was found", self.start)
        node = Node([], self.start, self.start, is_object=sign == b"{")
        closing = b"}" if node.is_object else b"]"
        peeked = _TOKEN.match(self.data, self.at)
        if peeked is not None and peeked[4] == closing:
            self.at = node.end = peeked.end()
            return node
        stack.append(_Open(node))
        if node.is_object:
            stack[-1].key = self._key()
        return None

    def _key(self) -> tuple[str, int, int]:
        token = self._token("a key")
        if token.lastindex != 1:
            raise BadJson("a key in double quotes was expected", self.start)
        key = (_string(token[1]), self.start, self.at)
        if self._token("`:`")[4] != b":":
            raise BadJson("`:` was expected behind the key", self.start)
        return key

    def _place(self, node: Node, stack: list[_Open]) -> Node | None:
        """Put a whole value where it belongs; the value itself when it is the outermost."""
        while stack:
            top = stack[-1]
            members = top.node.value
            assert isinstance(members, list)
            if top.key is not None:
                members.append(Member(*top.key, node))
            else:
                members.append(node)
            sign = self._token("`,` or the end of the array or object")[4]
            if sign == b",":
                if top.node.is_object:
                    top.key = self._key()
                return None
            if sign != (b"}" if top.node.is_object else b"]"):
                raise BadJson("`,` or the end of the array or object was expected", self.start)
            top.node.end = self.at
            node = top.node
            stack.pop()
        return node


def _string(quoted: bytes) -> str:
    if b"\\" not in quoted:
        return quoted[1:-1].decode()
    text = json.loads(quoted)
    # half a surrogate pair is U+FFFD in Go
    return str(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
