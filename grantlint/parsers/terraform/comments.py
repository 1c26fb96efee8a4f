"""The comments of a configuration or variable file, and what begins on each line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from grantlint.parsers.outline import Outline
from grantlint.parsers.terraform import syntax
from grantlint.parsers.terraform.cdktf import is_json
from grantlint.parsers.terraform.syntax import skeleton
from grantlint.parsers.terraform.tree import Body, Call, Expression, Object, Tuple, children
from grantlint.source import Source, Span


def outline(source: Source, *, whole: bool = False) -> Outline | None:
    """A native file by its lines; None for one in JSON, which has no comments.

    Unless `whole`, only with what begins where a comment of ours points: the rest is not parsed.
    """
    if is_json(source):
        return None
    found = Outline(source, skeleton.scan(source.data).comments)
    wanted = None if whole else [found.start(line) for line in found.lines()]
    found.take(_parts(syntax.parse(source).body, wanted))
    return found


def _parts(body: Body, wanted: Sequence[int] | None) -> Iterator[tuple[int, int]]:
    """Blocks and arguments, members of objects, elements of lists, arguments of functions.

    `wanted` are the starts of lines that are asked about, in order; None for all.
    """

    def asked(span: Span) -> bool:
        if wanted is None:
            return True
        at = bisect_left(wanted, span.source.data.rfind(b"\n", 0, span.start) + 1)
        return at < len(wanted) and wanted[at] < span.end

    bodies = [body]
    while bodies:
        one = bodies.pop()
        for block in filter(lambda block: asked(block.span), one.blocks):
            yield block.span.start, block.span.end
            bodies.append(block.body)
        for argument in filter(lambda argument: asked(argument.span), one.arguments.values()):
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
