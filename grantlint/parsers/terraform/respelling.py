"""Spellings that HCL accepts and tree-sitter-hcl does not, written otherwise in as many bytes.

Only tree-sitter sees the result; everything is read from the original bytes, which stand in the
same places. Nothing is touched inside of strings, heredocs and comments.
"""

from __future__ import annotations

import re

from grantlint.parsers.terraform import skeleton

_EXPONENT = re.compile(
    rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*|(?<![\w.])([0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+)(?!\w|\.[0-9])"
)
_NAME_BEFORE = re.compile(rb"(?<!\bif)(?<!\bin)(?<=[\w\x80-\xff-])\Z")
_SPACED_STAR = re.compile(rb"\.\s+\*")
_ODD_ESCAPE = re.compile(rb"(?:(?<!\$)\$(?:\$\$)+|(?<!%)%(?:%%)+)\{")
_LIKELY_EXPONENT = re.compile(rb"(?<=[\s=(\[,:+*/<>?])-?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]")
_SPACED_NAMESPACE = re.compile(rb"([\w-])[ \t]*::[ \t]*(?=[A-Za-z_])")


def misread(data: bytes) -> bool:
    """Whether the text may hold what tree-sitter takes for something else, without an error."""
    return _ODD_ESCAPE.search(data) is not None or _LIKELY_EXPONENT.search(data) is not None


def respelled(data: bytes) -> bytes:
    """The same text as tree-sitter reads it better."""
    found = skeleton.scan(data)
    text = bytearray(data)
    for start, end, _ in found.code:
        _respell(text, data, start, end)
    for start, end in _glued_keys(data, found):
        text[start:end] = b",".ljust(end - start)
    for start, end in _splats(data, found):
        text[start:end] = b"[*]".ljust(end - start)
    for match in _ODD_ESCAPE.finditer(data):
        text[match.start()] = 120
    return bytes(text)


def _respell(text: bytearray, data: bytes, start: int, end: int) -> None:
    for match in _EXPONENT.finditer(data, start, end):
        if match[1] is None:
            continue
        text[match.start() : match.end()] = b"1" * len(match[0])
    for match in _SPACED_STAR.finditer(data, start, end):
        text[match.start() : match.end()] = b".*".ljust(len(match[0]))
    for match in _SPACED_NAMESPACE.finditer(data, start, end):
        room = len(match[0]) - 1
        text[match.start() + 1 : match.end()] = b"::" + b"x" * (room - 2)


def _splats(data: bytes, found: skeleton.Scan) -> list[tuple[int, int]]:
    """The places of `[ * ]`."""
    return [
        (start - 1, end + 1)
        for start, end, inside in found.code
        if inside == b"[" and data[start:end].strip() == b"*" and data[end : end + 1] == b"]"
    ]


def _glued_keys(data: bytes, found: skeleton.Scan) -> list[tuple[int, int]]:
    """Before each key in parentheses that would be read as a call: a blank, or a comment."""
    ends = {end: start for start, end in found.texts}
    places: list[tuple[int, int]] = []
    for _, end, inside in found.code:
        if inside == b"{" and data[end : end + 1] == b"(":
            place = _before_key(data, end, ends)
            if place is not None:
                places.append(place)
    return places


def _before_key(data: bytes, key: int, ends: dict[int, int]) -> tuple[int, int] | None:
    """What can become a comma; None where no name stands before the line break."""
    at, place, breaks = key, (key - 1, key), False
    while at > 0:
        if data[at - 1] in b" \t\r\n":
            at -= 1
            breaks = breaks or data[at] == 10
        elif at in ends and data[ends[at]] in b"#/":
            place = (ends[at], at)
            at = ends[at]
        else:
            break
    return place if breaks and _NAME_BEFORE.search(data, max(0, at - 256), at) else None
