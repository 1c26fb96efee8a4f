"""The JSON text of a heredoc as nodes, `${…}` in it passed over."""

from __future__ import annotations

import json
import re
from typing import Final

from grantlint.parsers.terraform.edit.node import Collection, Leaf, Member, Node

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_SCALAR: Final = re.compile(rb"[-+.\w]+")
_CLOSING: Final = {b"{": b"}", b"[": b"]"}


class _NotJsonError(Exception):
    """The text is not JSON that is understood here."""


def scan(data: bytes, start: int, end: int) -> Node | None:
    """The one JSON value between two offsets; None where there is not exactly one."""
    try:
        reader = _Reader(data, start, end)
        found = reader.value()
        reader.space()
    except (_NotJsonError, RecursionError):
        return None
    return found if reader.at == end else None


class _Reader:
    """Reads one value after the other from `at` on."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def space(self) -> None:
        found = _SPACE.match(self.data, self.at, self.end)
        self.at = found.end() if found else self.at

    def next(self) -> bytes:
        self.space()
        return self.data[self.at : min(self.at + 1, self.end)]

    def value(self) -> Node:
        first, start = self.next(), self.at
        if first in _CLOSING:
            return self.collection(first)
        if first == b'"':
            holes = self.text()
            return Leaf(start, self.at, not holes)
        if self.data.startswith(b"${", start):
            self.hole()
            return Leaf(start, self.at, literal=False)
        scalar = _SCALAR.match(self.data, start, self.end)
        if scalar is None:
            raise _NotJsonError
        self.at = scalar.end()
        return Leaf(start, self.at, literal=True)

    def collection(self, opening: bytes) -> Collection:
        start, members, keyed = self.at, list[Member](), opening == b"{"
        self.at += 1
        while self.next() != _CLOSING[opening]:
            if members:
                self.expect(b",")
            members.append(self.entry() if keyed else self.element())
        self.at += 1
        return Collection(start, self.at, tuple(members), keyed, json=True)

    def element(self) -> Member:
        value = self.value()
        return Member(value.start, value.start, None, value)

    def entry(self) -> Member:
        if self.next() != b'"':
            raise _NotJsonError
        start = self.at
        holes = self.text()
        written, end = self.data[start : self.at], self.at
        self.expect(b":")
        return Member(start, end, None if holes else _decoded(written), self.value())

    def expect(self, sign: bytes) -> None:
        if self.next() != sign:
            raise _NotJsonError
        self.at += 1

    def text(self) -> bool:
        """Pass a text, from its opening quote; whether it has holes."""
        holes = False
        self.at += 1
        while self.at < self.end:
            two = self.data[self.at : self.at + 2]
            if self.data[self.at : self.at + 3] in {b"$${", b"%%{"}:
                self.at += 3
            elif two == b"${":
                holes = True
                self.hole()
            elif two == b"%{":
                raise _NotJsonError
            elif two[:1] == b'"':
                self.at += 1
                return holes
            else:
                self.at += 2 if two[:1] == b"\\" else 1
        raise _NotJsonError

    def hole(self) -> None:
        """Pass `${…}`, with the texts and braces in it."""
        self.at += 2
        depth = 1
        while self.at < self.end:
            sign = self.data[self.at : self.at + 1]
            if sign == b'"':
                self.text()
                continue
            self.at += 1
            depth += (sign == b"{") - (sign == b"}")
            if not depth:
                return
        raise _NotJsonError


def _decoded(written: bytes) -> str | None:
    try:
        text = json.loads(written)
    except ValueError:
        return None
    return text if isinstance(text, str) else None
