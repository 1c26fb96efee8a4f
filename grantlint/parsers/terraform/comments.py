"""The comments of a configuration or variable file, and what begins on each line."""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.parsers.outline import Outline
from grantlint.parsers.terraform import syntax
from grantlint.parsers.terraform.cdktf import is_json
from grantlint.parsers.terraform.syntax import skeleton
from grantlint.parsers.terraform.tree import Body, Call, Expression, Object, Tuple, children
from grantlint.source import Source


def outline(source: Source) -> Outline | None:
    """A native file by its lines; None for one in JSON, which has no comments."""
    if is_json(source):
        return None
    comments = skeleton.scan(source.data).comments
    return Outline.of(source, comments, _parts(syntax.parse(source).body))


def _parts(body: Body) -> Iterator[tuple[int, int]]:
    """Blocks and arguments, members of objects, elements of lists, arguments of functions."""
    bodies = [body]
    while bodies:
        one = bodies.pop()
        for block in one.blocks:
            yield block.span.start, block.span.end
            bodies.append(block.body)
        for argument in one.arguments.values():
            yield argument.span.start, argument.span.end
            yield from _within(argument.expression)


def _within(expression: Expression) -> Iterator[tuple[int, int]]:
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Object):
            yield from ((one.key.span.start, one.value.span.end) for one in node.items)
        elif isinstance(node, Tuple):
            yield from ((one.span.start, one.span.end) for one in node.items)
        elif isinstance(node, Call):
            yield from ((one.span.start, one.span.end) for one in node.arguments)
        pending.extend(children(node))
