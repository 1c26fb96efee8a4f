"""What all makers of expressions share: a region's bytes, places in them, and line breaks."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from itertools import pairwise

from tree_sitter import Node

from grantlint.parsers.number import parse_number
from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.tree import Expression, Invalid
from grantlint.source import Span
from grantlint.value import Number

DEEPEST = 200
TOO_DEEP = "nested deeper than 200"
TOO_LARGE = "a number too large to be handled here"
_TRIVIA = re.compile(rb"/\*.*?(?:\*/|\Z)|(?:#|//)[^\n]*", re.DOTALL)
_NAME_GOES_ON = re.compile(rb"[\w\x80-\xff-]")


def line_break(gap: bytes) -> bool:
    """Whether bytes between two tokens (blanks and comments) hold a line break that counts."""
    return b"\n" in gap and (b"/*" not in gap or b"\n" in _TRIVIA.sub(b"", gap))


def without_trivia(gap: bytes) -> bytes:
    """Bytes between two tokens without the comments."""
    return _TRIVIA.sub(b"", gap)


def number(text: str) -> Number | None:
    """A number literal's value; None for one too large or too exact to be handled here."""
    if text.isdigit() and len(text) < 150:
        return int(text)
    return parse_number(text)


def without_comments(node: Node) -> list[Node]:
    """A node's children that are no comments."""
    children = node.children
    for child in children:
        if child.kind_id == g.COMMENT:
            return [child for child in children if child.kind_id != g.COMMENT]
    return children


class Nodes(ABC):
    """Reads nodes of a region.

    With `span` every node gets that place: the text of a JSON string has no places of its own.
    """

    __slots__ = ("base", "data", "source", "span")

    def __init__(self, region: g.Region, span: Span | None = None) -> None:
        self.data = region.data
        self.base = region.base
        self.source = region.source
        self.span = span

    @abstractmethod
    def expression(self, node: Node, depth: int, sensitive: bool) -> Expression:
        """The tree of an `expression` node; `sensitive` where a line break ends it."""

    def place(self, start: int, end: int) -> Span:
        """The place of these bytes of the region."""
        return self.span or Span(self.source, self.base + start, self.base + end)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.data[node.start_byte : node.end_byte].decode()

    def refuse(self, reason: str, start: int, end: int) -> Invalid:
        """What HCL does not accept."""
        return Invalid(reason, self.place(start, end))

    def runs_on(self, keyword: Node) -> bool:
        """Whether a keyword is but the beginning of a name, as `in` of `inside`."""
        return _NAME_GOES_ON.match(self.data, keyword.end_byte) is not None

    def broken_over_lines(self, parts: list[Node]) -> bool:
        """Whether a line break stands between two of these parts, parentheses aside."""
        if self.data.find(b"\n", parts[0].end_byte, parts[-1].start_byte) < 0:
            return False
        return any(
            line_break(self.data[before.end_byte : after.start_byte])
            for before, after in pairwise(parts)
            if before.kind_id != g.OPEN_PARENTHESIS and after.kind_id != g.CLOSE_PARENTHESIS
        )
