"""Files that cannot be parsed in one piece: broken ones, and those that are too big.

Such a file is cut at the headers of its top-level blocks, which begin a line at its first column.
A block whose brackets and strings close, and which parses, is as good as in a whole file. All
others are `broken`: their header is known, nothing else; what is absent from them is not known to
be absent. What stands between two blocks and is no comment breaks the block before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax import skeleton, structure
from grantlint.parsers.terraform.syntax.nodes import without_trivia
from grantlint.parsers.terraform.syntax.respelling import masked, misread, respelled, unclosed
from grantlint.parsers.terraform.tree import Argument, Block, Body, File
from grantlint.source import Problem, Source, Span

_TYPES = (
    "resource|data|ephemeral|action|module|locals|variable|output|provider|terraform|moved|"
    "import|removed|check|language"
)
_HEADER = re.compile(
    rf'^(?:(?:{_TYPES})(?=[ \t"{{])(?![ \t]*=)'
    r'|[^\W\d][\w-]*(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*\{).*'.encode(),
    re.MULTILINE,
)
# what never stands inside another block, so that a bracket must be missing before it
_NEVER_NESTED = re.compile(
    rb'^(?:(?:resource|data)[ \t]+"?[\w-]+"?[ \t]+"?[\w-]+"?[ \t]*'
    rb'|(?:module|variable|output|provider)[ \t]+"?[\w-]+"?[ \t]*|locals[ \t]*)\{',
    re.MULTILINE,
)
_MOST_UNCLOSED_HEREDOCS = 50
_SCANNED_AT_LEAST = 1_000_000  # bytes; together with four times the file's length at most
_LARGEST_BLOCK = 2_000_000  # bytes; its tree may take three hundred times as many
_TOO_MUCH = skeleton.Scan(0, skeleton.Fault("too much is wrong in this file", 0))
_LABEL = re.compile(rb'"?([\w./-]+)"?')


@dataclass(slots=True)
class _Piece:
    """The bytes of one block, or what is left of it, and the fault that was found first."""

    start: int
    end: int
    fault: skeleton.Fault | None = None


def parse(source: Source, data: bytes) -> File:
    """The blocks and top-level arguments of a file that is read piece by piece."""
    return _Recovery(source, data).file()


def whole_tree(source: Source, data: bytes, base: int = 0) -> g.Region | None:
    """A region that parses without an error, respelled if that helps; None if there is none."""
    if not misread(data):
        region = g.Region(source, data, base, masked(data))
        if not region.root().has_error:
            return region
    region = g.Region(source, data, base, respelled(data))
    return None if region.root().has_error else region


class _Recovery:
    def __init__(self, source: Source, data: bytes) -> None:
        self.source = source
        self.data = data
        self.blocks: list[Block] = []
        self.arguments: dict[str, Argument] = {}
        self.problems: list[Problem] = []

    def file(self) -> File:
        """Everything that can be read."""
        at = 0
        for piece in self._pieces():
            self._between(at, piece.start)
            self._block(piece)
            at = piece.end
        self._between(at, len(self.data))
        whole = Span(self.source, 0, len(self.data))
        body = Body(self.arguments, tuple(self.blocks), whole)
        return File(self.source, body, tuple(self.problems))

    def _pieces(self) -> Iterator[_Piece]:
        unclosed = 0
        room = 4 * len(self.data) + _SCANNED_AT_LEAST
        match = self._header(0, None)
        while match is not None:
            start = match.start()
            found = _TOO_MUCH
            if room > 0:
                found = skeleton.scan_block(self.data, start, _NEVER_NESTED)
                room -= found.end - start
            if found.fault is None:
                yield _Piece(start, found.end)
                match = self._header(found.end, None)
                continue
            if found.fault.heredoc and unclosed < _MOST_UNCLOSED_HEREDOCS:
                unclosed += 1
                match = self._header(match.end(), None)
            else:
                match = self._header(match.end(), found)
            end = len(self.data) if match is None else match.start()
            fault = found.fault if room > 0 else replace(found.fault, at=start)
            yield _Piece(start, end, fault)

    def _header(self, start: int, found: skeleton.Scan | None) -> re.Match[bytes] | None:
        """The next line that begins a block and is not known to be text."""
        match = _HEADER.search(self.data, start)
        while match is not None and found is not None and found.in_text(match.start()):
            match = _HEADER.search(self.data, match.end())
        return match

    # -- pieces ----------------------------------------------------------------------------

    def _block(self, piece: _Piece) -> None:
        if piece.fault is not None:
            self._broken(piece, piece.fault.message, piece.fault.at)
            return
        if piece.end - piece.start > _LARGEST_BLOCK:
            self._broken(piece, "a block of more than 2 MB is not read", piece.start)
            return
        region = whole_tree(self.source, self.data[piece.start : piece.end], piece.start)
        node = None if region is None else _only_block(region)
        if region is None or node is None:
            message, at = self._described(piece.start, piece.end)
            self._broken(piece, message, at)
            return
        block = structure.block(region, node)
        faults = list(structure.faults(region, node))
        self.problems += faults
        if faults:
            block.broken = faults[0].message
        self.blocks.append(block)

    def _broken(self, piece: _Piece, message: str, at: int) -> None:
        stop = self.data.find(b"\n", piece.start, piece.end)
        header = self.data[piece.start : piece.end if stop < 0 else stop]
        words = [word.decode() for word in _LABEL.findall(header.split(b"{")[0])]
        end = piece.start + len(self.data[piece.start : piece.end].rstrip())
        span = Span(self.source, piece.start, end)
        place = Span(self.source, piece.start, piece.start + len(header.rstrip()))
        empty = Body({}, (), span)
        block = Block(words[0], tuple(words[1:]), span, place, message, lambda: empty)
        self.blocks.append(block)
        self.problems.append(Problem(message, Span(self.source, at, at + 1)))

    def _described(self, start: int, end: int) -> tuple[str, int]:
        from grantlint.parsers.terraform.syntax.diagnosis import described  # noqa: PLC0415 - for faults

        message, at = described(self.data[start:end])
        return message, start + at

    def _between(self, start: int, end: int) -> None:
        """What stands between two blocks: nothing, arguments, or a fault of the block before."""
        text = self.data[start:end]
        comment = _open_comment(text)
        if comment is not None:
            self._spoil("the comment is never closed", start + comment)
            return
        if not without_trivia(text).strip():
            sound = bool(self.blocks) and self.blocks[-1].broken is None
            if sound and b"\n" not in text and end < len(self.data):
                self._spoil("a line break is needed between two blocks", start)
            return
        region = whole_tree(self.source, text, start)
        if region is not None and (not self.blocks or b"\n" in text):
            root = region.root()
            node = next((child for child in root.children if child.kind_id == g.BODY), None)
            faults = [] if node is None else list(structure.faults(region, node, top=True))
            if node is not None and not faults:
                found = structure.body(region, node, Span(self.source, start, end))
                self.arguments.update(found.arguments)
                self.blocks += found.blocks
                return
        if region is None and not self.blocks:  # arguments alone, as in a variable file
            self._spoil(*self._described(start, end))
            return
        first = len(text) - len(text.lstrip())
        self._spoil("a block or an argument was expected", start + first)

    def _spoil(self, message: str, at: int) -> None:
        self.problems.append(Problem(message, Span(self.source, at, at + 1)))
        if self.blocks and self.blocks[-1].broken is None:
            self.blocks[-1].broken = message


def _open_comment(text: bytes) -> int | None:
    """Where a comment begins that does not end."""
    if b"/*" not in text:
        return None
    texts = skeleton.scan(text).texts
    return texts[-1][0] if texts and unclosed(text[slice(*texts[-1])]) else None


def _only_block(region: g.Region) -> Node | None:
    items = [child for child in region.root().children if child.kind_id != g.COMMENT]
    inner = items[0].children if len(items) == 1 else []
    return inner[0] if len(inner) == 1 and inner[0].kind_id == g.BLOCK else None
