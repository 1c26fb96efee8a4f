"""The columns of `terraform fmt`: the `=` of lines that follow one another, and their comments.

What hclwrite does, on the lines of one top-level block; a block that was not aligned stays so.
https://github.com/hashicorp/hcl/blob/main/hclwrite/format.go
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grantlint.parsers.terraform.edit.lines import Splice

_TOKEN: Final = re.compile(
    rb"(?P<heredoc><<-?(?P<word>[\w-]+)[ \t]*\r?\n)|(?P<comment>(?:#|//)[^\r\n]*|/\*.*?\*/)"
    rb"|(?P<open>[{\[(])|(?P<close>[}\])])|(?P<other>==|=>|<=|>=|!=)|(?P<equal>=)"
    rb"|(?P<quote>\")|(?P<end>\r?\n)",
    re.S,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """Where the cells of a line begin; None for a cell that it does not have.

    A heredoc belongs to the line that it begins in. `end` is behind the line's last character.
    """

    start: int
    assign: int | None
    comment: int | None
    end: int


def realigned(data: bytes, start: int, end: int) -> list[Splice]:
    """The blanks to change so that the lines between two offsets are aligned."""
    lines = list(_lines(data, start, end))
    spaces = _assign_gaps(data, lines)
    return [*spaces, *_comment_gaps(data, lines, {gap.end: len(gap.text) for gap in spaces})]


def _assign_gaps(data: bytes, lines: Sequence[_Line]) -> list[Splice]:
    found: list[Splice] = []
    for chain in _chains([(line, line.assign) for line in lines]):
        widths = [_columns(data, line.start, _before(data, at)) for line, at in chain]
        for (_, at), width in zip(chain, widths, strict=True):
            gap = Splice(_before(data, at), at, b" " * (max(widths) - width + 1))
            if data[gap.start : gap.end] != gap.text:
                found.append(gap)
    return found


def _comment_gaps(data: bytes, lines: Sequence[_Line], shifted: dict[int, int]) -> list[Splice]:
    """`shifted` are the new widths of the gaps before `=`, by the offset of the sign."""
    found: list[Splice] = []
    for chain in _chains([(line, line.comment) for line in lines]):
        widths = []
        for line, at in chain:
            width = _columns(data, line.start, _before(data, at))
            if line.assign is not None and line.assign in shifted:
                width += shifted[line.assign] - (line.assign - _before(data, line.assign))
            widths.append(width)
        for (_, at), width in zip(chain, widths, strict=True):
            gap = Splice(_before(data, at), at, b" " * (max(widths) - width + 1))
            if data[gap.start : gap.end] != gap.text:
                found.append(gap)
    return found


def _chains(cells: Iterable[tuple[_Line, int | None]]) -> Iterator[list[tuple[_Line, int]]]:
    chain: list[tuple[_Line, int]] = []
    for line, at in cells:
        if at is not None:
            chain.append((line, at))
        elif chain:
            yield chain
            chain = []
    if chain:
        yield chain


def _columns(data: bytes, start: int, end: int) -> int:
    return len(data[start:end].decode("utf-8", "replace"))


def _before(data: bytes, at: int) -> int:
    while data[at - 1 : at] in {b" ", b"\t"}:
        at -= 1
    return at


# -- lines ---------------------------------------------------------------------------------


def _lines(data: bytes, start: int, end: int) -> Iterator[_Line]:
    at = begin = start
    assign = comment = None
    net = 0
    while at < end:
        token = _TOKEN.search(data, at, end)
        if token is None:
            break
        at = token.end()
        if token["heredoc"]:
            at = _behind_heredoc(data, token["word"], at, end)
        elif token["quote"]:
            at = _behind_text(data, at, end)
        elif token["open"] or token["close"]:
            net += (1 if token["open"] else -1) if assign is not None else 0
        elif token["comment"]:
            alone = not data[begin : token.start()].strip()
            comment = None if alone else token.start()
        elif token["equal"] and assign is None:
            assign, net = token.start(), 0
        elif token["end"]:
            yield _line(data, begin, assign if net == 0 else None, comment, token.start())
            begin, assign, comment, net = at, None, None, 0
    yield _line(data, begin, assign if net == 0 else None, comment, end)


def _line(data: bytes, start: int, assign: int | None, comment: int | None, end: int) -> _Line:
    behind = comment is not None and not _ends_with(data, comment, end)
    return _Line(start, assign, None if behind else comment, end)


def _ends_with(data: bytes, comment: int, end: int) -> bool:
    """Whether the comment is the last of its line."""
    token = _TOKEN.match(data, comment, end)
    return token is not None and not data[token.end() : end].strip()


def _behind_heredoc(data: bytes, word: bytes, at: int, end: int) -> int:
    closing = re.compile(rb"^[ \t]*" + re.escape(word) + rb"[ \t]*(?=\r?$)", re.M)
    found = closing.search(data, at, end)
    return end if found is None else found.end()


def _behind_text(data: bytes, at: int, end: int) -> int:
    """Behind a quoted text, given the offset behind its opening quote."""
    while at < end:
        if data[at : at + 3] in {b"$${", b"%%{"}:
            at += 3
        elif data[at : at + 2] in {b"${", b"%{"}:
            at = _behind_hole(data, at + 2, end)
        elif data[at : at + 1] == b'"':
            return at + 1
        else:
            at += 2 if data[at : at + 1] == b"\\" else 1
    return end


def _behind_hole(data: bytes, at: int, end: int) -> int:
    depth = 1
    while at < end and depth:
        sign = data[at : at + 1]
        at += 1
        if sign == b'"':
            at = _behind_text(data, at, end)
        else:
            depth += (sign == b"{") - (sign == b"}")
    return at
