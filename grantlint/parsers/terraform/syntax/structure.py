"""Blocks, bodies and arguments of a parsed region, and the faults of structure in them.

Headers come first; a body and an argument's expression are made when they are asked for. The
faults found here are those that tree-sitter lets pass and HCL does not: names given twice, two
items on one line, line breaks where none may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from tree_sitter import Node

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax.lowering import Lowering
from grantlint.parsers.terraform.syntax.nodes import DEEPEST, TOO_DEEP, line_break
from grantlint.parsers.terraform.syntax.template_text import BadTextError, decoded
from grantlint.parsers.terraform.tree import Argument, Block, Body, Expression
from grantlint.source import Problem, Span

_NAME = re.compile(rb"([A-Za-z_][\w-]*)[ \t]*=[ \t]*(?![\s#/])")
_NEVER_NESTED = re.compile(
    rb'(?=(\w+))(?:(?:resource|data)[ \t]+"[^"\n]*"[ \t]+"[^"\n]*"|locals'
    rb'|(?:module|variable|output|provider)[ \t]+"[^"\n]*")[ \t]*\{'
)
# not `check`, which holds data blocks, nor `terraform`, whose state store holds a provider block
_NESTS_NONE = re.compile(rb"(?:resource|data|module|locals|variable|output|provider)\b")
_HOLE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_ITEMS = frozenset((g.ATTRIBUTE, g.BLOCK))


class Nested(Problem):
    """A block inside another that should stand at the top: the file is cut anew at its blocks."""


def body(region: g.Region, node: Node | None, span: Span, depth: int = 0) -> Body:
    """The body whose items are the children of `node`, `depth` blocks deep."""
    arguments: dict[str, Argument] = {}
    blocks: list[Block] = []
    for item in node.children if node is not None else ():
        if item.kind_id == g.ATTRIBUTE:
            made = _argument(region, item)
            arguments.setdefault(made.name, made)
        elif item.kind_id == g.BLOCK:
            blocks.append(block(region, item, depth + 1))
    return Body(arguments, tuple(blocks), span)


def block(region: g.Region, node: Node, depth: int = 1) -> Block:
    """A block's header; its body is made when it is asked for."""
    labels: list[str] = []
    name, end = "", node.start_byte
    for child in node.children:
        kind = child.kind_id
        if kind == g.BLOCK_START:
            break
        if kind == g.COMMENT:
            continue
        text = region.data[child.start_byte : child.end_byte].decode()
        if end == node.start_byte:
            name = text
        else:
            labels.append(text if kind == g.IDENTIFIER else _label(text))
        end = child.end_byte
    start, stop = node.start_byte, node.end_byte
    span, header = _span(region, start, stop), _span(region, start, end)
    if depth > DEEPEST:
        empty = Body({}, (), span)
        return Block(name, tuple(labels), span, header, TOO_DEEP, lambda: empty)
    make = partial(_block_body, region, start, stop, depth)
    return Block(name, tuple(labels), span, header, _make=make)


def _label(text: str) -> str:
    try:
        return decoded(text[1:-1])
    except BadTextError:
        return text[1:-1]


def _block_body(region: g.Region, start: int, end: int, depth: int) -> Body:
    node = region.node(start, end, g.BLOCK)
    inner = next((child for child in node.children if child.kind_id == g.BODY), None)
    opening = next(child for child in node.children if child.kind_id == g.BLOCK_START)
    return body(region, inner, _span(region, opening.start_byte, end), depth)


def _argument(region: g.Region, node: Node) -> Argument:
    start, end = node.start_byte, node.end_byte
    match = _NAME.match(region.data, start)
    if match:
        name, name_end, value = match[1].decode(), match.end(1), match.end()
    else:
        children = [child for child in node.children if child.kind_id != g.COMMENT]
        name_end, value = children[0].end_byte, children[2].start_byte
        name = region.data[start:name_end].decode()
    make = partial(_expression, region, value, end)
    return Argument(name, _span(region, start, end), _span(region, start, name_end), make)


def _expression(region: g.Region, start: int, end: int) -> Expression:
    lowering = Lowering(region)
    quick = lowering.quick(start, end)
    if quick is not None:
        return quick
    return lowering.expression(region.node(start, end, g.EXPRESSION), 0, sensitive=True)


def _span(region: g.Region, start: int, end: int) -> Span:
    return Span(region.source, region.base + start, region.base + end)


# -- faults --------------------------------------------------------------------------------


def faults(region: g.Region, node: Node, *, top: bool = False) -> Iterator[Problem]:
    """What HCL refuses in the structure of a block, or of a file's body with `top`."""
    if top:
        yield from _item_faults(region, node)
        return
    may_nest = _NESTS_NONE.match(region.data, node.start_byte) is None
    pending = [node]
    while pending:
        current = pending.pop()
        yield from _header_faults(region, current)
        inner = next((child for child in current.children if child.kind_id == g.BODY), None)
        if inner is None:
            continue
        yield from _placement_faults(region, current, inner)
        yield from _item_faults(region, inner)
        for child in inner.children:
            if child.kind_id == g.BLOCK:
                pending.append(child)
                if not may_nest:
                    yield from _nesting_faults(region, child)


def _nesting_faults(region: g.Region, node: Node) -> Iterator[Problem]:
    """A block that stands nowhere but at the top of a file: a bracket before it is missing."""
    match = _NEVER_NESTED.match(region.data, node.start_byte)
    if match:
        message = f"a `{match[1].decode()}` block may not stand inside another block"
        yield Nested(message, _span(region, node.start_byte, match.end()))


def _header_faults(region: g.Region, node: Node) -> Iterator[Problem]:
    children = node.children
    start = node.start_byte
    opening = next(child for child in children if child.kind_id == g.BLOCK_START)
    header = region.data[start : opening.start_byte]
    if b"\n" in header and line_break(header):
        message = "a block's `{` must stand on the line of its header"
        yield Problem(message, _span(region, start, opening.end_byte))
    if b"::" in header and b'"' not in header:
        yield Problem("not a block's name", _span(region, start, opening.end_byte))
    if b"\\" in header or b"{" in header:
        for child in children:
            if child.kind_id == g.STRING_LIT:
                yield from _label_faults(region, child)


def _label_faults(region: g.Region, node: Node) -> Iterator[Problem]:
    text = region.data[node.start_byte + 1 : node.end_byte - 1].decode()
    span = _span(region, node.start_byte, node.end_byte)
    if _HOLE.search(text):
        yield Problem("a label may not hold `${` or `%{`", span)
    try:
        decoded(text)
    except BadTextError as fault:
        yield Problem(str(fault), span)


def _placement_faults(region: g.Region, node: Node, inner: Node) -> Iterator[Problem]:
    """A block on one line holds one argument; else each item ends with its line."""
    opening = next(child for child in node.children if child.kind_id == g.BLOCK_START)
    items = [child for child in inner.children if child.kind_id in _ITEMS]
    if not items:
        return
    data = region.data
    last = items[-1]
    tail = data[last.end_byte : node.end_byte - 1]
    if line_break(data[opening.end_byte : items[0].start_byte]):
        if not line_break(tail):
            message = "a line break is needed after the last item of a block"
            yield Problem(message, _span(region, last.start_byte, node.end_byte))
    elif len(items) > 1 or last.kind_id == g.BLOCK or line_break(tail):
        message = "a block written on one line may hold one argument only"
        yield Problem(message, _span(region, opening.start_byte, last.end_byte))


def _item_faults(region: g.Region, inner: Node) -> Iterator[Problem]:
    names: set[bytes] = set()
    data = region.data
    before = -1
    for item in inner.children:
        kind = item.kind_id
        if kind == g.COMMENT:
            continue
        start = item.start_byte
        if before >= 0 and not line_break(data[before:start]):
            message = "a line break is needed between two arguments or blocks"
            yield Problem(message, _span(region, start, item.end_byte))
        before = item.end_byte
        if kind != g.ATTRIBUTE:
            continue
        match = _NAME.match(data, start)
        name = match[1] if match else data[start : item.children[0].end_byte]
        if name in names:
            message = f"`{name.decode()}` is given twice"
            yield Problem(message, _span(region, start, start + len(name)))
        names.add(name)
        if not match:
            yield from _argument_faults(region, item)


def _argument_faults(region: g.Region, node: Node) -> Iterator[Problem]:
    start = node.start_byte
    parts = [child for child in node.children if child.kind_id != g.COMMENT]
    if b"::" in region.data[start : parts[0].end_byte]:
        yield Problem("not an argument's name", _span(region, start, parts[0].end_byte))
    if line_break(region.data[parts[0].end_byte : parts[2].start_byte]):
        message = "an argument's value must begin on its own line"
        yield Problem(message, _span(region, start, parts[2].start_byte))
