"""The steps behind a term: attributes, indexes and splats.

What follows `.*` or `[*]` comes attached to the splat; here the whole chain is taken as one flat
list of steps and grouped as hclsyntax does.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax.collection_nodes import CollectionNodes
from grantlint.parsers.terraform.syntax.nodes import number, without_comments
from grantlint.parsers.terraform.tree import Element, Expression, GetAttr, Index, Literal, Splat

GLUED = re.compile(rb"[.]?[0-9]|[A-Za-z_]")
_PLAIN = frozenset((g.GET_ATTR, g.INDEX))
_CHAINED = "two legacy indexes may not be chained; use the proper index syntax instead"


class StepNodes(CollectionNodes):
    """Makes what follows a term."""

    __slots__ = ()

    def steps(self, nodes: list[Node]) -> list[Node]:
        """The steps one by one; a splat's own marker stands before those attached to it."""
        steps: list[Node] = []
        for node in nodes:
            if node.kind_id == g.SPLAT:
                inner = without_comments(node)[0]
                marker, *attached = without_comments(inner)
                steps.append(marker)
                steps.extend(attached)
            else:
                steps.append(node)
        return steps

    def walk(
        self, made: Expression, start: int, steps: list[Node], depth: int, sensitive: bool
    ) -> Expression:
        """Apply steps in order; a splat takes those behind it that HCL gives it."""
        at = 0
        while at < len(steps):
            step = steps[at]
            kind = step.kind_id
            at += 1
            if kind in _PLAIN:
                made = self._step(made, start, step, depth, sensitive)
                continue
            full = self.data[step.start_byte] == 91
            stop = len(steps) if full else _attributes_end(steps, at)
            inner_start = step.start_byte
            each: Expression = Element(self.place(inner_start, step.end_byte))
            if not full and stop < len(steps) and self._is_attribute_splat(steps[stop]):
                return self.refuse("a `.*` inside another `.*`", start, steps[stop].end_byte)
            each = self.walk(each, inner_start, steps[at:stop], depth + 1, sensitive)
            end = steps[stop - 1].end_byte
            made = Splat(made, each, self.place(start, end))
            at = stop
        return made

    def _is_attribute_splat(self, step: Node) -> bool:
        return self.data[step.start_byte] == 46 and step.kind_id not in _PLAIN

    def _step(
        self, of: Expression, start: int, step: Node, depth: int, sensitive: bool
    ) -> Expression:
        span = self.place(start, step.end_byte)
        parts = without_comments(step)
        if step.kind_id == g.GET_ATTR:
            name = self.data[parts[1].start_byte : parts[1].end_byte].decode()
            if "::" in name or (sensitive and self.broken_over_lines(parts)):
                return self.refuse("not an attribute name", start, step.end_byte)
            return GetAttr(of, name, span)
        inner = parts[0]
        if inner.kind_id == g.LEGACY_INDEX:
            digits = self.data[inner.start_byte + 1 : inner.end_byte].strip()
            amount = number(digits.decode()) if digits.isdigit() else None
            if amount is None or GLUED.match(self.data, inner.end_byte):
                return self.refuse(_CHAINED, start, step.end_byte)
            key: Expression = Literal(amount, self.place(inner.start_byte + 1, inner.end_byte))
            return Index(of, key, span)
        key_node = without_comments(inner)[1]
        return Index(of, self.expression(key_node, depth + 1, sensitive=False), span)


def _attributes_end(steps: list[Node], at: int) -> int:
    """How far the steps go that belong to a `.*`: names and legacy indexes."""
    while at < len(steps):
        step = steps[at]
        if step.kind_id == g.INDEX:
            if without_comments(step)[0].kind_id != g.LEGACY_INDEX:
                break
        elif step.kind_id != g.GET_ATTR:
            break
        at += 1
    return at
