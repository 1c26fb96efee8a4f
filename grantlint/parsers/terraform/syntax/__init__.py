"""From a `Source` to the syntax tree; nothing in a file can make these functions raise.

Native files (`.tf`, `.tofu`, `.tfvars`) are read by tree-sitter and mended where its grammar
differs from HashiCorp's (see `lowering.py`, `structure.py`, `respelling.py`, `recovery.py`); JSON
ones by `json_syntax.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from grantlint.parsers.terraform.cdktf import is_json
from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax import recovery, skeleton, structure
from grantlint.parsers.terraform.syntax.collection_nodes import AMBIGUOUS_KEY
from grantlint.parsers.terraform.syntax.lowering import Lowering
from grantlint.parsers.terraform.tree import Body, Expression, File, Invalid, children
from grantlint.source import Problem, Source, Span

_LARGE = 1 << 18  # bytes of a file that is parsed in one piece
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_ODD = "a character that HCL does not use"
_BOM = b"\xef\xbb\xbf"
_NOT_UTF8 = "not valid UTF-8"
_LOCKED = "it is encrypted by git-crypt: unlock the repository, or leave the file out"
_GIT_CRYPT = b"\0GITCRYPT\0"


def parse(source: Source) -> File:
    """The tree of a file, JSON or not by its name (see `cdktf.is_json`)."""
    fault = _encoding_fault(source)
    if fault is not None:
        return File(source, Body({}), (fault,))
    if is_json(source):
        from grantlint.parsers.terraform.syntax import json_file as json_syntax  # noqa: PLC0415 - it needs this module

        return json_syntax.parse(source)
    return _native(source)


def refusals(file: File) -> Iterator[Problem]:
    """What HCL refuses inside the expressions of a file; it makes every one of them.

    `File.problems` has the faults of structure only: the others appear, as Invalid, where an
    expression is asked for. A bare reference as a key is none: `providers = { aws.a = aws.b }`.
    """
    bodies = [file.body]
    while bodies:
        body = bodies.pop()
        bodies.extend(block.body for block in body.blocks)
        pending = [argument.expression for argument in body.arguments.values()]
        while pending:
            node = pending.pop()
            if isinstance(node, Invalid) and node.refused and node.reason != AMBIGUOUS_KEY:
                yield Problem(node.reason, node.span)
            pending.extend(children(node))


def parse_expression(source: Source) -> Expression:
    """A whole source as one expression, line breaks allowed anywhere, as `terraform console`."""
    fault = _encoding_fault(source)
    if fault is not None:
        return Invalid(fault.message, fault.span)
    whole = Span(source, 0, len(source.data))
    found = _only_expression(source, b"_ = (" + source.data + b"\n)\n", -5)
    if found is None:
        return Invalid("not an expression", whole)
    region, node = found
    children = [child for child in node.children if child.kind_id != g.COMMENT]
    if len(children) != 3 or children[0].kind_id != g.OPEN_PARENTHESIS:
        return Invalid("not an expression", whole)
    return Lowering(region).expression(children[1], 0, sensitive=False)


def parse_argument(source: Source) -> Expression:
    """A whole source as what stands behind `name =`: a line break ends it outside brackets."""
    fault = _encoding_fault(source)
    if fault is not None:
        return Invalid(fault.message, fault.span)
    found = _only_expression(source, b"_ = " + source.data + b"\n", -4)
    if found is None:
        return Invalid("not an expression", Span(source, 0, len(source.data)))
    region, node = found
    return Lowering(region).expression(node, 0, sensitive=True)


def parse_template(source: Source) -> Expression:
    """A whole source as a template, as `templatefile` reads it."""
    fault = _encoding_fault(source)
    if fault is not None:
        return Invalid(fault.message, fault.span)
    return _template(source, source.data, None)


def parse_template_text(text: str, span: Span) -> Expression:
    """The text of a JSON string as a template; every node gets `span`."""
    return _template(span.source, text.encode("utf-8", "surrogatepass"), span)


def _template(source: Source, text: bytes, span: Span | None) -> Expression:
    """Read as a heredoc, whose text follows the same rules.

    A carriage return on its own ends HashiCorp's scanner: what follows it is plain text.
    """
    for match in _LONE_RETURN.finditer(text):
        made = _cut_template(source, text, match.start(), span)
        if made is not None:
            return made
    whole = _cut_template(source, text, len(text), span)
    return whole or Invalid("not a template", span or Span(source, 0, len(text)))


def _cut_template(source: Source, text: bytes, cut: int, span: Span | None) -> Expression | None:
    """The text up to `cut` as a template, and the rest as plain text."""
    word = b"EOT"
    while word in text:
        word += b"x"
    opening = b"_ = <<" + word + b"\n"
    data = opening + text[:cut] + b"\n" + word + b"\n"
    found = _only_expression(source, data, -len(opening))
    if found is None:
        return None
    region, node = found
    if node.children[0].kind_id != g.TEMPLATE_EXPR:
        return None
    heredoc = node.children[0].children[0]
    start = len(opening)
    return Lowering(region, span).bare_template(heredoc, start, start + cut, text[cut:])


def _only_expression(source: Source, data: bytes, base: int) -> tuple[g.Region, Node] | None:
    """The expression of text that is exactly one argument."""
    region = recovery.whole_tree(source, data, base)
    if region is None:
        return None
    items = [child for child in region.root().children if child.kind_id != g.COMMENT]
    inner = items[0].children if len(items) == 1 else []
    if len(inner) != 1 or inner[0].kind_id != g.ATTRIBUTE:
        return None
    for child in inner[0].children:
        if child.kind_id == g.EXPRESSION:
            return region, child
    return None


def _encoding_fault(source: Source) -> Problem | None:
    if source.data.startswith(_GIT_CRYPT):
        return Problem(_LOCKED, Span(source, 0, 0))
    try:
        source.data.decode()
    except UnicodeDecodeError as fault:
        return Problem(_NOT_UTF8, Span(source, fault.start, fault.end))
    return None


def _native(source: Source) -> File:
    data = source.data
    text = b"   " + data[3:] if data.startswith(_BOM) else data
    if len(data) > _LARGE:
        return recovery.parse(source, text)
    region = recovery.whole_tree(source, text)
    if region is None:
        return recovery.parse(source, text)
    whole = Span(source, 0, len(data))
    items = [child for child in region.root().children if child.kind_id != g.COMMENT]
    if not items:
        return File(source, Body({}, (), whole))
    node = items[0]
    if node.kind_id != g.BODY:
        return File(source, Body({}), (Problem("a block or an argument was expected", whole),))
    problems = list(structure.faults(region, node, top=True))
    odd = skeleton.odd_blank(text)
    if odd is not None:
        problems.append(Problem(_ODD, Span(source, odd, odd + 1)))
    body = structure.body(region, node, whole)
    nodes = (child for child in node.children if child.kind_id == g.BLOCK)
    for block, item in zip(body.blocks, nodes, strict=True):
        faults = list(structure.faults(region, item))
        if any(isinstance(fault, structure.Nested) for fault in faults):
            return recovery.parse(source, text)
        if odd is not None and item.start_byte <= odd < item.end_byte:
            block.broken = _ODD
        if faults:
            problems += faults
            block.broken = faults[0].message
    return File(source, body, tuple(problems))
