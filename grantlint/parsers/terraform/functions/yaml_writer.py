"""yamlencode: text in double quotes, text of several lines as a block.

https://github.com/zclconf/go-cty-yaml/blob/v1.1.0/encode.go and its emitter, a port of libyaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grantlint.parsers.holes import UnknowableError, like
from grantlint.parsers.number import number_text
from grantlint.parsers.terraform.functions.declaration import Parameter, function
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.value import DYNAMIC, STRING, Unknown, Value, string

WIDTH = 80
LONGEST_KEY = 128
DEEPEST = 100
_ESCAPES = {
    "\0": "0",
    "\x07": "a",
    "\x08": "b",
    "\t": "t",
    "\n": "n",
    "\x0b": "v",
    "\x0c": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\u2028": "L",
    "\u2029": "P",
}
_BREAKS = frozenset("\r\n\x85\u2028\u2029")


@function(Parameter("value", null=True, unknown=True), returns=STRING)
def yamlencode(value: Value) -> Value:
    """The document, with a line end."""
    if (hidden := first_unknown([value])) is not None:
        return like(hidden, STRING if value.kind != "dynamic" else DYNAMIC)
    writer = _Writer()
    contains = isinstance(value.raw, Mapping | tuple)
    writer.value(value, -2 if contains else 0, 0)
    text = "".join(writer.pieces)
    if not contains and not isinstance(value.raw, str):
        text = f"{text}\n..."  # a plain scalar alone needs an end
    return string(text if text.endswith("\n") else f"{text}\n")


class _Writer:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.column = 0

    def put(self, text: str) -> None:
        """Write; the column counts characters since the last line end."""
        self.pieces.append(text)
        _, newline, last = text.rpartition("\n")
        self.column = len(last) if newline else self.column + len(text)

    def line(self, indent: int) -> None:
        """Begin a line, unless one was just begun."""
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self.put("\n")
        self.put(" " * indent)

    def value(self, value: Value, indent: int, depth: int) -> None:
        """A value behind what was written so far; its members stand deeper than `indent`."""
        if depth > DEEPEST:
            raise UnknowableError(f"a value nested deeper than {DEEPEST}")
        raw = value.raw
        if isinstance(raw, Mapping):
            self.mapping(raw, indent, depth)
        elif isinstance(raw, tuple):
            self.sequence(raw, indent, depth)
        else:
            self.separate()
            assert not isinstance(raw, Unknown)
            self.scalar(raw, indent)

    def separate(self) -> None:
        """A blank behind a colon or dash."""
        if self.pieces and self.pieces[-1] in {":", "-"}:
            self.put(" ")

    def mapping(self, members: Mapping[str, Value], indent: int, depth: int) -> None:
        """Keys one below the other."""
        if not members:
            self.separate()
            self.put("{}")
            return
        inner = indent + 2
        compact = bool(self.pieces) and self.pieces[-1] == "-"
        for at, (key, member) in enumerate(members.items()):
            if at == 0 and compact:
                self.put(" ")
            else:
                self.line(inner)
            if len(key.encode()) > LONGEST_KEY or _BREAKS & set(key):
                raise UnknowableError("a key of several lines or more than 128 bytes")
            self.quoted(key, None)
            self.put(":")
            below = inner - 2 if isinstance(member.raw, tuple) else inner
            self.value(member, below, depth + 1)

    def sequence(self, members: tuple[Value, ...], indent: int, depth: int) -> None:
        """Dashes one below the other; not deeper than the key that they belong to."""
        if not members:
            self.separate()
            self.put("[]")
            return
        inner = indent + 2
        compact = bool(self.pieces) and self.pieces[-1] == "-"
        for at, member in enumerate(members):
            if at == 0 and compact:
                self.put(" ")
            else:
                self.line(inner)
            self.put("-")
            self.value(member, inner, depth + 1)

    def scalar(self, raw: str | bool | int | Fraction | None, indent: int) -> None:
        """Text in quotes or as a block, all else plain."""
        if raw is None:
            self.put("null")
        elif isinstance(raw, bool):
            self.put("true" if raw else "false")
        elif isinstance(raw, str):
            self.text(raw, indent)
        else:
            self.put(number_text(raw))

    def text(self, text: str, indent: int) -> None:
        """A block when there are line ends and nothing forbids it."""
        if text.startswith("\ufeff"):
            raise UnknowableError("text that begins with a byte order mark")
        if "\n" not in text or not _block_allowed(text):
            self.quoted(text, indent)
            return
        if _BREAKS & set(text) != {"\n"}:
            raise UnknowableError("text with unusual line ends")
        start = "2" if text[0] in " \n" else ""
        body = text.rstrip("\n")
        ends = len(text) - len(body)
        chomping = "-" if ends == 0 else "+" if ends > 1 or not body else ""
        self.put(f"|{start}{chomping}\n")
        lines = text.split("\n")
        last = lines.pop()
        for line in lines:
            self.put(f"{' ' * (indent + 2)}{line}\n" if line else "\n")
        if last:
            self.put(" " * (indent + 2) + last)

    def quoted(self, text: str, indent: int | None) -> None:
        """Text in double quotes, folded at blanks beyond column 80 (not when it is a key)."""
        self.put('"')
        spaces = False
        for at, letter in enumerate(text):
            if letter in _ESCAPES or not _printable(letter):
                self.put(f"\\{_ESCAPES.get(letter) or _code(letter)}")
            elif (
                letter == " "
                and indent is not None
                and not spaces
                and self.column > WIDTH
                and 0 < at < len(text) - 1
            ):
                self.put("\n" + " " * (indent + 2))
                if text[at + 1] == " ":
                    self.put("\\")
            else:
                self.put(letter)
            spaces = letter == " "
        self.put('"')


def _block_allowed(text: str) -> bool:
    if text.endswith(" ") or " \n" in text:
        return False
    return all(_printable(letter) for letter in text)


def _printable(letter: str) -> bool:
    return (
        letter == "\n"
        or " " <= letter <= "~"
        or ("\xa0" <= letter <= "\ufffd" and letter != "\ufeff")
    )


def _code(letter: str) -> str:
    code = ord(letter)
    if code <= 0xFF:
        return f"x{code:02X}"
    return f"u{code:04X}" if code <= 0xFFFF else f"U{code:08X}"
