"""From tree-sitter's nodes to the syntax tree, mended where the grammar differs from HashiCorp's.

Theory of operation. A node's *kind* and *bounds* are trusted, its text never: text is read from
the bytes, most often without looking at the children at all, because a reference or a plain string
is cheaper to take from its bytes. What the grammar allows and HCL does not is found here:

* Line breaks end an expression except in brackets. `sensitive` says that they do where we are; it
  is off as soon as a stretch of text holds none.
* `a ? b : c ? d : e` comes grouped to the left and is grouped to the right here.
* What follows a splat, what separates the items of an object, and all text: see `step_nodes.py`,
  `collection_nodes.py` and `template_nodes.py`.

Depth is counted in nodes of our tree, and what lies deeper than 200 is Invalid, so that nothing
that walks the tree can overflow. Making it takes five calls a level, for which Python's usual
limit of 1,000 is too small; it guards no memory here, because calls between Python functions do
not use the C stack.
"""

from __future__ import annotations

import re
import sys

from tree_sitter import Node

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax import template_text as tt
from grantlint.parsers.terraform.syntax.collection_nodes import LITERALS
from grantlint.parsers.terraform.syntax.nodes import DEEPEST, number, without_comments
from grantlint.parsers.terraform.syntax.step_nodes import GLUED, StepNodes
from grantlint.parsers.terraform.tree import (
    Binary,
    Conditional,
    Expression,
    GetAttr,
    Invalid,
    Literal,
    Parentheses,
    Unary,
    Variable,
)
from grantlint.source import Span

_CALLS = 10_000
_PLAIN_STRING = re.compile(rb'"[^"\\$%\r\n]*"')
_REFERENCE = re.compile(rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){0,20}")
_DIGITS = re.compile(rb"[0-9]+")
_NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_OPERATORS = frozenset(
    g.anonymous(sign)
    for sign in ("||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%")
)


class Lowering(StepNodes):
    """Makes expressions of a region's nodes."""

    __slots__ = ()

    def __init__(self, region: g.Region, span: Span | None = None) -> None:
        super().__init__(region, span)
        if sys.getrecursionlimit() < _CALLS:
            sys.setrecursionlimit(_CALLS)

    def expression(self, node: Node, depth: int, sensitive: bool) -> Expression:
        """The tree of an `expression` node."""
        start, end = node.start_byte, node.end_byte
        quick = self.quick(start, end)
        if quick is not None:
            return quick
        if depth > DEEPEST:
            return Invalid("nested deeper than 200", self.place(start, end), refused=False)
        if sensitive and self.data.find(b"\n", start, end) < 0:
            sensitive = False
        children = without_comments(node)
        if children[0].kind_id == g.CONDITIONAL:
            return self._conditional(children[0], depth, sensitive)
        return self._term(children, depth, sensitive)

    def quick(self, start: int, end: int) -> Expression | None:
        """Plain strings, references and whole numbers straight from their bytes."""
        data = self.data
        first = data[start]
        if first == 34:
            if _PLAIN_STRING.fullmatch(data, start, end):
                text = data[start + 1 : end - 1].decode()
                return Literal(tt.normal(text), self.place(start, end))
        elif first < 58:
            if first >= 48 and end - start < 19 and _DIGITS.fullmatch(data, start, end):
                return Literal(int(data[start:end]), self.place(start, end))
        elif _REFERENCE.fullmatch(data, start, end):
            return self._reference(start, end)
        return None

    def _reference(self, start: int, end: int) -> Expression:
        text = self.data[start:end]
        root, *steps = text.decode().split(".")
        stop = start + len(root)
        span = self.place(start, stop)
        word = self.data[start:stop]
        made: Expression = (
            Literal(LITERALS[word], span) if word in LITERALS else Variable(root, span)
        )
        for step in steps:
            stop += 1 + len(step)
            made = GetAttr(made, step, self.place(start, stop))
        return made

    def _conditional(self, node: Node, depth: int, sensitive: bool) -> Expression:
        """A conditional; the grammar nests a chain in its first operand, HCL in its last."""
        start, end = node.start_byte, node.end_byte
        operands: list[Node] = []
        while True:
            parts = without_comments(node)
            if sensitive and self.broken_over_lines(parts):
                return self.refuse("a line break inside a conditional", start, end)
            operands[:0] = [parts[2], parts[4]]
            head = without_comments(parts[0])
            if head[0].kind_id != g.CONDITIONAL:
                operands.insert(0, parts[0])
                break
            node = head[0]
        return self._chain(operands, end, depth, sensitive)

    def _chain(self, operands: list[Node], end: int, depth: int, sensitive: bool) -> Expression:
        """`a ? b : c ? d : e` from its operands in order."""
        arms = (len(operands) - 1) // 2
        last = operands[-1]
        made: Expression
        if depth + arms > DEEPEST:
            arms = DEEPEST - depth
            cut = self.place(operands[2 * arms].start_byte, end)
            made = Invalid("nested deeper than 200", cut, refused=False)
        else:
            made = self.expression(last, depth + arms, sensitive)
        for at in range(arms - 1, -1, -1):
            condition, then = operands[2 * at], operands[2 * at + 1]
            below = depth + at + 1
            made = Conditional(
                self.expression(condition, below, sensitive),
                self.expression(then, below, sensitive),
                made,
                self.place(condition.start_byte, end),
            )
        return made

    def _term(self, children: list[Node], depth: int, sensitive: bool) -> Expression:
        """A primary and the steps behind it, given as flat children."""
        first = children[0]
        used = 1
        if first.kind_id == g.OPEN_PARENTHESIS:
            used = 3
        if len(children) == used:
            return self._primary(children, depth, sensitive)
        steps = self.steps(children[used:])
        if sensitive and self.broken_over_lines([children[used - 1], *steps]):
            start, end = first.start_byte, children[-1].end_byte
            return self.refuse("a line break inside a reference", start, end)
        start = first.start_byte
        if depth + len(steps) > DEEPEST:
            span = self.place(start, children[-1].end_byte)
            return Invalid("nested deeper than 200", span, refused=False)
        made = self._primary(children[:used], depth + len(steps), sensitive)
        return self.walk(made, start, steps, depth, sensitive)

    def _primary(self, children: list[Node], depth: int, sensitive: bool) -> Expression:
        first = children[0]
        start, end = first.start_byte, first.end_byte
        kind = first.kind_id
        if kind == g.OPEN_PARENTHESIS:
            inner = self.expression(children[1], depth + 1, sensitive=False)
            return Parentheses(inner, self.place(start, children[2].end_byte))
        if kind == g.OPERATION:
            return self._operation(first, depth, sensitive)
        if kind == g.CALL:
            return self.call(first, depth, sensitive)
        if kind == g.COLLECTION_VALUE:
            only = without_comments(first)[0]
            if only.kind_id == g.TUPLE:
                return self.tuple_(only, depth)
            return self.object_(only, depth)
        if kind == g.FOR_EXPR:
            return self.for_(without_comments(first)[0], depth)
        if kind == g.TEMPLATE_EXPR:
            return self.template(without_comments(first)[0], depth)
        return self.quick(start, end) or self._leaf(first, depth)

    def _leaf(self, node: Node, depth: int) -> Expression:
        start, end = node.start_byte, node.end_byte
        text = self.data[start:end]
        if node.kind_id == g.VARIABLE:
            name = text.decode()
            if "::" in name:
                return self.refuse("a function name must be followed by `(`", start, end)
            return Variable(name, self.place(start, end))
        if text[:1] == b'"':
            return self.template(without_comments(node)[0], depth)
        if not _NUMBER.fullmatch(text) or GLUED.match(self.data, end):
            return self.refuse("not a number", start, end)
        amount = number(text.decode())
        if amount is None:
            reason = "a number too large to be handled here"
            return Invalid(reason, self.place(start, end), refused=False)
        return Literal(amount, self.place(start, end))

    def _operation(self, node: Node, depth: int, sensitive: bool) -> Expression:
        inner = without_comments(node)[0]
        start, end = inner.start_byte, inner.end_byte
        if depth > DEEPEST:
            return Invalid("nested deeper than 200", self.place(start, end), refused=False)
        parts = without_comments(inner)
        if sensitive and self.broken_over_lines(parts):
            return self.refuse("a line break inside an operation", start, end)
        span = self.place(start, end)
        if inner.kind_id == g.UNARY:
            operator = chr(self.data[start])
            return Unary(operator, self._term(parts[1:], depth + 1, sensitive), span)
        at = next(i for i in range(1, len(parts)) if parts[i].kind_id in _OPERATORS)
        operator = self.data[parts[at].start_byte : parts[at].end_byte].decode()
        left = self._term(parts[:at], depth + 1, sensitive)
        right = self._term(parts[at + 1 :], depth + 1, sensitive)
        return Binary(operator, left, right, span)
