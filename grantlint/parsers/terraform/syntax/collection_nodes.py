"""Calls, tuples, objects and `for` of tree-sitter's nodes.

In an object line breaks separate items; the grammar does not see them, so they are looked for
between the nodes.
"""

from __future__ import annotations

from tree_sitter import Node

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax import template_text as tt
from grantlint.parsers.terraform.syntax.nodes import without_comments, without_trivia
from grantlint.parsers.terraform.syntax.template_nodes import TemplateNodes
from grantlint.parsers.terraform.tree import (
    Call,
    Expression,
    For,
    GetAttr,
    Index,
    Item,
    Literal,
    Object,
    Tuple,
    Variable,
)

AMBIGUOUS_KEY = (
    "If this expression is intended to be a reference, wrap it in parentheses. If it's instead "
    "intended as a literal name containing periods, wrap it in quotes to create a string literal."
)
LITERALS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}
_WORDS = frozenset(g.anonymous(word) for word in ("for", "in", "if"))


class CollectionNodes(TemplateNodes):
    """Makes calls, collections and `for` expressions."""

    __slots__ = ()

    def call(self, node: Node, depth: int, sensitive: bool) -> Expression:
        """A function call."""
        start, end = node.start_byte, node.end_byte
        children = without_comments(node)
        if sensitive and self.broken_over_lines(children[:2]):
            return self.refuse("a line break before `(`", start, end)
        name_node = children[0]
        name = self.data[name_node.start_byte : name_node.end_byte].decode()
        if "::" in name:
            name = "".join(name.split())
        if "::" in name and not _function_name(name):
            return self.refuse(f"`{name}` is not a function's name", start, end)
        arguments: list[Expression] = []
        expand = False
        if len(children) == 4:
            for part in children[2].children:
                kind = part.kind_id
                if kind == g.EXPRESSION:
                    arguments.append(self.expression(part, depth + 1, sensitive=False))
                elif kind == g.ELLIPSIS:
                    expand = True
        return Call(name, tuple(arguments), expand, self.place(start, end))

    def tuple_(self, node: Node, depth: int) -> Expression:
        """`[…]`."""
        items = [
            self.expression(child, depth + 1, sensitive=False)
            for child in node.children
            if child.kind_id == g.EXPRESSION
        ]
        return Tuple(tuple(items), self.place(node.start_byte, node.end_byte))

    def object_(self, node: Node, depth: int) -> Expression:
        """`{…}`; Invalid where items are not separated as HCL wants it."""
        start, end = node.start_byte, node.end_byte
        items: list[Item] = []
        multiline = self.data.find(b"\n", start, end) >= 0
        before = -1
        for child in node.children:
            if child.kind_id != g.OBJECT_ELEM:
                continue
            if before >= 0 and not self._separated(before, child.start_byte):
                reason = "a line break or a comma is needed between two items of an object"
                return self.refuse(reason, before, child.start_byte)
            before = child.end_byte
            key, middle, value = without_comments(child)
            if multiline and self.broken_over_lines([key, middle, value]):
                return self.refuse("a line break inside an item of an object", start, end)
            if not items and self.text(key) == "for":
                return self.refuse("not a complete `for` expression", start, end)
            items.append(
                Item(
                    self._key(key, depth + 1, multiline),
                    self.expression(value, depth + 1, multiline),
                )
            )
        if before >= 0 and not self._ended(before, end - 1):
            return self.refuse("a comma may not stand after a line break", before, end)
        return Object(tuple(items), self.place(start, end))

    def _ended(self, before: int, end: int) -> bool:
        gap = self.data[before:end]
        return b"," not in gap or self._separated(before, end)

    def _separated(self, end: int, start: int) -> bool:
        """Whether one comma or a line break stands between two items, the comma first."""
        gap = self.data[end:start]
        if b"#" in gap or b"/" in gap:
            gap = without_trivia(gap)
        gap = gap.lstrip(b" \t\r")
        return gap[:1] == b"," or (gap[:1] == b"\n" and b"," not in gap)

    def _key(self, node: Node, depth: int, sensitive: bool) -> Expression:
        start, end = node.start_byte, node.end_byte
        text = self.data[start:end]
        made = self.expression(node, depth, sensitive)
        if text[:1] == b"(" or not isinstance(made, (Variable, Literal, GetAttr, Index)):
            return made
        if isinstance(made, Variable) or text in LITERALS:
            return self._bare_key(text.decode(), start, end)
        return self.refuse(AMBIGUOUS_KEY, start, end) if _is_reference(made) else made

    def _bare_key(self, name: str, start: int, end: int) -> Expression:
        return Literal(tt.normal(name), self.place(start, end))

    def for_(self, node: Node, depth: int) -> Expression:
        """`[for …]` or `{for …}`."""
        start, end = node.start_byte, node.end_byte
        results: list[Expression] = []
        names: list[str] = []
        collection = condition = None
        grouping = False
        for child in node.children:
            kind = child.kind_id
            if kind == g.FOR_INTRO:
                names, collection = self._intro(child, depth)
            elif kind == g.EXPRESSION:
                results.append(self.expression(child, depth + 1, sensitive=False))
            elif kind == g.FOR_COND:
                condition = self._last_expression(child, depth)
            elif kind == g.ELLIPSIS:
                grouping = True
        if collection is None or not names or not results:
            return self.refuse("not a complete `for` expression", start, end)
        key = None if node.kind_id == g.FOR_TUPLE else results[0]
        key_name = names[0] if len(names) > 1 else None
        return For(
            key_name, names[-1], collection, key, results[-1], condition, grouping,
            self.place(start, end),
        )  # fmt: skip

    def _intro(self, node: Node, depth: int) -> tuple[list[str], Expression | None]:
        names: list[str] = []
        collection = None
        for child in node.children:
            if child.kind_id == g.IDENTIFIER:
                names.append(self.data[child.start_byte : child.end_byte].decode())
            elif child.kind_id == g.EXPRESSION:
                collection = self.expression(child, depth + 1, sensitive=False)
            elif child.kind_id in _WORDS and self.runs_on(child):
                return [], None
        if any("::" in name for name in names):
            return [], None
        return names, collection

    def _last_expression(self, node: Node, depth: int) -> Expression | None:
        for child in node.children:
            if child.kind_id == g.EXPRESSION:
                return self.expression(child, depth + 1, sensitive=False)
            if child.kind_id in _WORDS and self.runs_on(child):
                return self.refuse("not a keyword", child.start_byte, child.end_byte)
        return None


def _function_name(name: str) -> bool:
    return all(part and (part[0] == "_" or part[0].isalpha()) for part in name.split("::"))


def _is_reference(node: Expression) -> bool:
    """Whether it is a reference with constant steps only, what HCL calls a traversal."""
    while True:
        if isinstance(node, GetAttr) or (isinstance(node, Index) and isinstance(node.key, Literal)):
            node = node.of
        else:
            return isinstance(node, Variable)
