"""From a value to the text that it is written as: the node, and what is around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from grantlint.parsers.terraform import syntax, tree
from grantlint.parsers.terraform.edit.json_text import scan
from grantlint.parsers.terraform.edit.lines import next_line
from grantlint.parsers.terraform.edit.node import Collection, Node, of_expression
from grantlint.source import Source, Span

Part = TypeVar("Part", tree.Block, tree.Argument, tree.Expression)

EDITABLE: Final = (".tf", ".tofu", ".tfvars")
"""The ends of the names of files in the native notation."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node, the collections around it from the outermost in, each with the member's index.

    `argument` is the one whose whole expression the outermost of these is, `blocks` the blocks
    around it all, the outermost first.
    """

    source: Source
    node: Node
    around: tuple[tuple[Collection, int], ...]
    argument: tree.Argument | None
    blocks: tuple[tree.Block, ...]

    @property
    def span(self) -> Span:
        """The node's text."""
        return Span(self.source, self.node.start, self.node.end)

    @property
    def within(self) -> tuple[Collection, int] | None:
        """The collection that it is a member of, and its index."""
        return self.around[-1] if self.around else None

    @property
    def up(self) -> Place | None:
        """The place of that collection."""
        if not self.around:
            return None
        node = self.around[-1][0]
        return Place(self.source, node, self.around[:-1], self.argument, self.blocks)

    def child(self, at: int) -> Place:
        """The place of a member."""
        assert isinstance(self.node, Collection)
        around = (*self.around, (self.node, at))
        value = self.node.members[at].value
        return Place(self.source, value, around, self.argument, self.blocks)

    def named(self, key: str) -> Place | None:
        """The place of the member with a key."""
        at = self.node.find(key) if isinstance(self.node, Collection) else None
        return None if at is None else self.child(at)


@dataclass(slots=True, eq=False)
class Trees:
    """The syntax trees of files, each made once."""

    files: dict[str, tree.File] = field(default_factory=dict)

    def file(self, source: Source) -> tree.File | None:
        """The tree of a file that can be edited; None for another, and for a broken one."""
        if not source.path.endswith(EDITABLE) or not source.data:
            return None
        found = self.files.get(source.path)
        if found is None or found.source.data != source.data:
            found = self.files[source.path] = syntax.parse(source)
        return None if found.problems else found

    def blocks(self, span: Span) -> tuple[tree.Block, ...]:
        """The blocks around a place, the outermost first; the last may be exactly there."""
        file = self.file(span.source)
        found: list[tree.Block] = []
        inside = file.body.blocks if file is not None else ()
        while (block := _around(inside, span)) is not None:
            found.append(block)
            inside = block.body.blocks
        return tuple(found)

    def block(self, span: Span) -> tree.Block | None:
        """The block that is exactly there."""
        found = self.blocks(span)
        return found[-1] if found and _same(found[-1].span, span) else None

    def place(self, span: Span | None) -> Place | None:
        """The place of an expression that is exactly there."""
        if span is None or (file := self.file(span.source)) is None:
            return None
        blocks = self.blocks(span)
        body = blocks[-1].body if blocks else file.body
        argument = _around(body.arguments.values(), span)
        if argument is None:
            return None
        return _descend(argument, span, blocks)

    def json(self, span: Span | None) -> Place | None:
        """The JSON value in the heredoc that holds the beginning of a place."""
        if span is None or self.file(span.source) is None:
            return None
        blocks = self.blocks(span)
        argument = _around(blocks[-1].body.arguments.values(), span) if blocks else None
        if argument is None:
            return None
        heredoc = _heredoc(argument.expression, span)
        if heredoc is None:
            return None
        data = span.source.data
        start = next_line(data, heredoc.start)
        end = data.rfind(b"\n", start, heredoc.end)
        node = scan(data, start, max(start, end))
        return None if node is None else Place(span.source, node, (), None, blocks)


def _around(parts: Iterable[Part], span: Span) -> Part | None:
    for one in parts:
        if one.span.start <= span.start and span.end <= one.span.end:
            return one
    return None


def _same(one: Span, other: Span) -> bool:
    return (one.path, one.start, one.end) == (other.path, other.start, other.end)


def _descend(argument: tree.Argument, span: Span, blocks: tuple[tree.Block, ...]) -> Place | None:
    """The place in an argument; what is around it begins anew inside a call or the like."""
    expression = argument.expression
    whole: tree.Argument | None = argument
    around: tuple[tuple[Collection, int], ...] = ()
    while not _same(expression.span, span):
        node = of_expression(expression)
        inner = None
        if isinstance(node, Collection):
            items = expression.items  # type: ignore[union-attr]
            for at, item in enumerate(items):
                value = item.value if isinstance(item, tree.Item) else item
                if value.span.start <= span.start and span.end <= value.span.end:
                    inner, around = value, (*around, (node, at))
        elif _keeps_members(expression):
            inner = _around(tree.children(expression), span)
            around, whole = (), None
        if inner is None:
            return None
        expression = inner
    return Place(span.source, of_expression(expression), around, whole, blocks)


_KEEPING: Final = {
    *("compact", "concat", "distinct", "flatten", "jsonencode", "merge", "sensitive"),
    *("setunion", "sort", "tolist", "tomap", "toset"),
}
"""Functions whose result has the members of their arguments, whichever these are."""


def _keeps_members(expression: tree.Expression) -> bool:
    """Whether a member more or less in a part of it is one more or less in the whole."""
    if isinstance(expression, tree.Call):
        return expression.name in _KEEPING
    return isinstance(expression, tree.Parentheses | tree.Conditional)


def _heredoc(expression: tree.Expression, span: Span) -> Span | None:
    """The heredoc in an expression that holds the beginning of a place."""
    data = span.source.data
    while True:
        here = expression.span
        if data[here.start : here.start + 2] == b"<<":
            return here
        inner = _around(tree.children(expression), Span(span.source, span.start, span.start + 1))
        if inner is None:
            return None
        expression = inner
