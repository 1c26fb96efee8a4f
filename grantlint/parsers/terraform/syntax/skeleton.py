"""The brackets, strings, heredocs and comments of native syntax, read straight from the bytes.

It knows where code is and where text is, and whether all that opens is closed, and nothing else.
It is what a file is cut by where tree-sitter cannot say: a broken one, or one that is too big to
be parsed in one piece. https://github.com/hashicorp/hcl/blob/main/hclsyntax/scan_tokens.rl
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

_CODE = re.compile(
    rb'(?P<string>"(?:[^"\\$%\r\n]|\\[^\r\n]|[$%](?![{$%]))*")'
    rb"|(?P<comment>\#[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))"
    rb"|<<(?P<flush>-?)(?P<heredoc>[^\W\d][\w-]*)\r?\n"
    rb"|(?P<sign>[\"(){}\[\]\n])",
)
_QUOTED = re.compile(rb'(?:[^"\\$%\r\n]|\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))*')
_HOLE = re.compile(rb"\$\$\{|%%\{|[$%]\{")
_ODD_BLANK = re.compile(
    rb"\r(?!\n)|[\f\v\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8f\xa8\xa9\xaf]"
    rb"|\xe2\x81[\x9f\xa0]|\xe3\x80\x80|\xef\xbb\xbf"
)
_PAIRS = {b"}": b"{", b")": b"(", b"]": b"["}
_OPENERS = frozenset(_PAIRS.values())


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not close, and at which byte."""

    message: str
    at: int
    heredoc: bool = False


@dataclass(slots=True)
class _Open:
    """Something that waits for its end: a bracket, a hole `${`, a quote, or a heredoc's word."""

    sign: bytes
    at: int


@dataclass(slots=True)
class Scan:
    """What was found from one byte on.

    `end` is behind the first whole block, or behind everything. `code` are the stretches that
    are neither text nor comments, each with the bracket it stands in (empty: none); `texts` those
    that are, `comments` the comments alone.
    """

    end: int
    fault: Fault | None = None
    code: list[tuple[int, int, bytes]] = field(default_factory=list)
    texts: list[tuple[int, int]] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)

    def in_text(self, at: int) -> bool:
        """Whether a byte lies in a string, heredoc or comment that was found."""
        before = bisect_right(self.texts, (at, len(self.texts) + at)) - 1
        return before >= 0 and self.texts[before][0] <= at < self.texts[before][1]


def scan(data: bytes) -> Scan:
    """Read everything."""
    return _Scanner(data, 0, None).run()


def scan_block(data: bytes, start: int, header: re.Pattern[bytes]) -> Scan:
    """Read the one block that begins at `start`; a line like `header` must not stand in it."""
    return _Scanner(data, start, header).run()


def odd_blank(data: bytes) -> int | None:
    """The first byte in code that tree-sitter takes for a blank and HCL does not accept."""
    if data.isascii() and b"\r" not in data and b"\f" not in data and b"\v" not in data:
        return None
    if _ODD_BLANK.search(data) is None:
        return None
    for start, end, _ in scan(data).code:
        match = _ODD_BLANK.search(data, start, end)
        # the line feed of a CRLF is a stretch of its own
        if match is not None and data[match.start() : match.start() + 2] != b"\r\n":
            return match.start()
    return None


class _Scanner:
    def __init__(self, data: bytes, start: int, header: re.Pattern[bytes] | None) -> None:
        self.data = data
        self.at = start
        self.start = start
        self.header = header
        self.stack: list[_Open] = []
        self.result = Scan(len(data))
        self.done = False

    def run(self) -> Scan:
        while not self.done:
            sign = self.stack[-1].sign if self.stack else b""
            if sign == b'"':
                self._quoted()
            elif sign.startswith(b"<<"):
                self._heredoc(sign[2:])
            else:
                self._code(sign)
        return self.result

    def _fail(self, message: str, at: int) -> None:
        self.result.fault = Fault(message, at)
        self.result.end = self.at
        self.done = True

    def _code(self, inside: bytes) -> None:
        match = _CODE.search(self.data, self.at)
        stop = match.start() if match else len(self.data)
        if stop > self.at:
            self.result.code.append((self.at, stop, inside))
        if match is None:
            self.at = stop
            self.done = True
            if self.stack:
                opened = self.stack[-1]
                self._fail(f"`{opened.sign.decode()}` is never closed", opened.at)
            return
        self.at = match.end()
        group = match.lastgroup
        if group in ("string", "comment"):
            self.result.texts.append(match.span())
            if group == "comment":
                self.result.comments.append(match.span())
        elif group == "heredoc":
            self.stack.append(_Open(b"<<" + match["heredoc"], stop))
        else:
            self._sign(match["sign"], stop, inside)

    def _sign(self, sign: bytes, at: int, inside: bytes) -> None:
        if sign == b"\n":
            self.result.code.append((at, at + 1, inside))
            if self.header is None:
                return
            if not self.stack:
                self._fail("a block's `{` must stand on the line of its header", self.start)
            elif self.header.match(self.data, self.at):
                message = f"`{inside.decode()}` is not closed before the next block begins"
                self._fail(message, self.stack[-1].at)
        elif sign == b'"' or sign in _OPENERS:
            self.stack.append(_Open(sign, at))
        elif not self.stack:
            self._fail(f"`{sign.decode()}` closes nothing", at)
        elif inside == _PAIRS[sign] or (sign == b"}" and inside in (b"${", b"%{")):
            self.stack.pop()
            if self.header and not self.stack and sign == b"}":
                self.result.end = self.at
                self.done = True
        else:
            opened = self.stack[-1]
            self._fail(
                f"`{opened.sign.decode()}` is not closed before `{sign.decode()}`", opened.at
            )

    def _quoted(self) -> None:
        match = _QUOTED.match(self.data, self.at)
        stop = match.end() if match else self.at
        self.result.texts.append((self.at - 1, stop))
        following = self.data[stop : stop + 2]
        if following[:1] == b'"':
            self.at = stop + 1
            self.stack.pop()
        elif following in (b"${", b"%{"):
            self.at = stop + 2
            self.stack.append(_Open(following, stop))
        else:
            self._fail("the string is not closed on its line", self.stack[-1].at)

    def _heredoc(self, word: bytes) -> None:
        """One line of a heredoc, or what is left of it behind a hole."""
        data, start = self.data, self.at
        stop = data.find(b"\n", start)
        if stop < 0:
            message = f"the heredoc `{word.decode()}` is never closed"
            self.result.fault = Fault(message, self.stack[-1].at, heredoc=True)
            self.result.end = len(data)
            self.done = True
            return
        if data[start - 1] == 10 and data[start:stop].strip() == word:
            self.at = stop
            self.stack.pop()
            return
        at = start
        while (hole := _HOLE.search(data, at, stop)) is not None and len(hole[0]) == 3:
            at = hole.end()
        self.at = stop + 1 if hole is None else hole.end()
        self.result.texts.append((start, self.at))
        if hole is not None:
            self.stack.append(_Open(hole[0], hole.start()))
