"""Spellings that HCL accepts and tree-sitter-hcl does not, written otherwise in as many bytes.

Only tree-sitter sees the result; everything is read from the original bytes, which stand in the
same places. Nothing is touched inside of strings, heredocs and comments.
"""

from __future__ import annotations

import re

from grantlint.parsers.terraform.syntax import skeleton

_EXPONENT = re.compile(
    rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*|(?<![\w.])([0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+)(?!\w|\.[0-9])"
)
_NAME_BEFORE = re.compile(rb"(?<!\bif)(?<!\bin)(?<=[\w\x80-\xff-])\Z")
_SPACED_STAR = re.compile(rb"\.\s+\*")
_ODD_ESCAPE = re.compile(rb"(?:(?<!\$)\$(?:\$\$)+|(?<!%)%(?:%%)+)\{")
_LIKELY_EXPONENT = re.compile(rb"(?<=[\s=(\[,:+*/<>?])-?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]")
_UNCLOSED = b"/ /"  # an error, whatever stood there
_EXPONENT_MARK = re.compile(rb"[0-9.][eE][+-]?[0-9]")
_MASKED = re.compile(
    rb'("[^"\\$%\r\n]*")|"[^\n]*|#[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)'
    rb"|<<-?([^\W\d][\w-]*)\r?\n(?:[^\n]*\n)*?(?:[ \t]*\2[ \t]*\r?\n|[^\n]*\Z)"
)
_SPACED_NAMESPACE = re.compile(rb"([\w-])[ \t]*::[ \t]*(?=[A-Za-z_])")


def misread(data: bytes) -> bool:
    """Whether the text may hold what tree-sitter takes for something else, without an error."""
    if b"$$$" in data or b"%%%" in data:
        return True
    return _EXPONENT_MARK.search(data) is not None and _LIKELY_EXPONENT.search(data) is not None


def masked(data: bytes) -> bytes:
    """The same text with blanks in its plain strings, which tree-sitter skips: a third faster.

    A string with an interpolation is left alone with the rest of its line. Where one goes over
    several lines this may blank what is code; then the result has an error, and is not used.
    """
    return _MASKED.sub(_blanked, data)


def _blanked(match: re.Match[bytes]) -> bytes:
    if match.lastindex == 1:
        return b'"' + b" " * (match.end() - match.start() - 2) + b'"'
    return _UNCLOSED if unclosed(match[0]) else match[0]


def unclosed(text: bytes) -> bool:
    """Whether it is a comment without an end: tree-sitter would try each `/*` in it anew."""
    return text.startswith(b"/*") and (len(text) < 4 or not text.endswith(b"*/"))


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
    if found.texts and unclosed(data[slice(*found.texts[-1])]):
        return bytes(text[: found.texts[-1][0]]) + _UNCLOSED
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
