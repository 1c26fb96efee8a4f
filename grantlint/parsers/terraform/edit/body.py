"""Arguments and nested blocks of a block: taken out and put in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grantlint.parsers.terraform.edit.lines import (
    Splice,
    begins_line,
    end_of_line,
    first_of_line,
    indent,
    line_break,
    line_gone,
    next_line,
)
from grantlint.parsers.terraform.tree import Argument, Block
from grantlint.source import Span

STEP: Final = b"  "
"""How much deeper Terraform's style has what stands inside."""

_META: Final = {"count", "depends_on", "for_each", "lifecycle", "provider", "providers"}


def taken_out(data: bytes, part: Span) -> list[Splice]:
    """Without an argument or nested block."""
    if begins_line(data, part.start):
        return line_gone(data, part.start, part.end)
    start, end = part.start, part.end
    while data[start - 1 : start] in {b" ", b"\t"}:
        start -= 1
    while data[end : end + 1] in {b" ", b"\t"}:
        end += 1
    return [Splice(start, end)]


def with_argument(data: bytes, block: Block, name: str, value: bytes) -> list[Splice] | None:
    """With an argument behind the block's others."""
    line = name.encode() + b" = " + value
    opening, close = _braces(data, block)
    if opening is None:
        return None
    if first_of_line(data, close) <= opening:
        return _on_lines(data, block, opening, close, line)
    first_block = min((one.span.start for one in block.body.blocks), default=close)
    settable = [
        argument
        for argument in block.body.arguments.values()
        if argument.span.start < first_block and argument.name not in _META
    ]
    before = _last_line_of(data, settable) or _last_line_of(data, _arguments(block, first_block))
    if before is None:
        at = next_line(data, opening)
        inside = indent(data, block.span.start) + STEP
        return [Splice(at, at, inside + line + line_break(data, opening))]
    at = end_of_line(data, before.span.end)
    return [Splice(at, at, line_break(data, at) + indent(data, before.span.start) + line)]


def _arguments(block: Block, first_block: int) -> list[Argument]:
    found = block.body.arguments.values()
    return [one for one in found if one.span.start < first_block]


def _last_line_of(data: bytes, arguments: Sequence[Argument]) -> Argument | None:
    """The last argument that stands in one line, else the last of all."""
    short = [one for one in arguments if b"\n" not in data[one.span.start : one.span.end]]
    return max(short or arguments, key=lambda one: one.span.start, default=None)


def with_block(data: bytes, block: Block, lines: Sequence[bytes]) -> list[Splice] | None:
    """With a nested block, given as lines, at the block's end behind a blank line."""
    opening, close = _braces(data, block)
    if opening is None:
        return None
    around = indent(data, block.span.start)
    ending = line_break(data, block.span.start)
    text = b"".join((around + STEP + line if line else b"") + ending for line in lines)
    if first_of_line(data, close) <= opening:
        inside = data[opening + 1 : close].strip()
        kept = around + STEP + inside + ending + ending if inside else b""
        return [Splice(opening + 1, close, ending + kept + text + around)]
    at = first_of_line(data, close)
    if data[at:close].strip():
        return None
    above = data[first_of_line(data, at - 1) : at].strip()
    return [Splice(at, at, text if above in {b"", b"{"} else ending + text)]


def _on_lines(data: bytes, block: Block, opening: int, close: int, line: bytes) -> list[Splice]:
    """A block of one line, `{}` or `{ a = 1 }`, on several."""
    around, ending = indent(data, block.span.start), line_break(data, block.span.start)
    inside = data[opening + 1 : close].strip()
    kept = around + STEP + inside + ending if inside else b""
    return [Splice(opening + 1, close, ending + kept + around + STEP + line + ending + around)]


def _braces(data: bytes, block: Block) -> tuple[int | None, int]:
    opening = data.find(b"{", block.header.end, block.span.end)
    close = data.rfind(b"}", block.header.end, block.span.end)
    return (None if opening == -1 or close == -1 else opening), close
