"""The text of templates: escapes, `~` trimming, heredoc indentation, directives.

Takes the pieces of a template in order (text, interpolations, directives) and gives its tree. It
works on the same small tokens as hclsyntax does, one a line and one a `$` or `%`, because `~` and
`<<-` act on single tokens: https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser_template.go
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from grantlint.parsers.terraform.tree import (
    Expression,
    Interpolation,
    Invalid,
    Literal,
    Template,
    TemplateFor,
    TemplateIf,
)
from grantlint.source import Span

# what Go's unicode.IsSpace holds for a space; str.strip() would take U+001C to U+001F as well
_SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_QUOTED_TOKEN = re.compile(r"\$\$\{~?|%%\{~?|[$%]|(?:\\.|[^$%\\])+|\\", re.DOTALL)
_BARE_TOKEN = re.compile(r"(?:\$\$\{~?|%%\{~?|[$%]|[^$%\n]+)\n?|\n")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{0,4}|U[0-9A-Fa-f]{0,8}|.|$)|\$\$\{|%%\{", re.DOTALL)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DEEPEST = 200


@dataclass(slots=True)
class Text:
    """One literal token of a template."""

    text: str
    span: Span


@dataclass(slots=True)
class Hole:
    """An interpolation; `trims` says whether `${~` and `~}` eat the blanks before and after."""

    inner: Expression
    trims: tuple[bool, bool]
    span: Span


@dataclass(slots=True)
class Directive:
    """A `%{ … }`: `word` is if, else, endif, for or endfor."""

    word: str
    trims: tuple[bool, bool]
    span: Span
    subject: Expression | None = None
    names: tuple[str | None, str] = (None, "")


Piece = Text | Hole | Directive


class BadTextError(Exception):
    """Text that HCL refuses; the message is for the reader."""


def quoted_texts(raw: str, span: Span) -> list[Piece]:
    """The tokens of text between the quotes of a string, escapes decoded.

    Raises BadTextError for an invalid escape or a line break.
    """
    if "\n" in raw or "\r" in raw:
        raise BadTextError("a quoted string may not be split over several lines")
    if '"' in raw and '"' in _ESCAPE.sub("", raw):
        raise BadTextError("a quote inside a string must follow a backslash")
    if "$" not in raw and "%" not in raw:
        return [Text(decoded(raw), span)] if raw else []
    return [Text(decoded(token), span) for token in _QUOTED_TOKEN.findall(raw)]


def bare_texts(raw: str, span: Span) -> list[Piece]:
    """The tokens of text in a heredoc or a template file, where a backslash means itself."""
    if "\r" in raw and _LONE_RETURN.search(raw):
        raise BadTextError("a carriage return without a line feed")
    return [Text(plain(token), span) for token in _BARE_TOKEN.findall(raw)]


def plain(text: str) -> str:
    """Text with `$${` and `%%{` resolved."""
    return text.replace("$${", "${").replace("%%{", "%{")


def normal(text: str) -> str:
    """Text in Unicode's composed form (NFC), to which Terraform brings every string."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def decoded(token: str) -> str:
    """Text with its backslash escapes and `$${` resolved."""
    if "\\" not in token and "{" not in token:
        return token
    return _ESCAPE.sub(_unescape, token)


def _unescape(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] != "\\":
        return found[1:]
    letter = found[1:2]
    if letter in _SIMPLE and letter:
        return _SIMPLE[letter]
    if letter not in ("u", "U"):
        raise BadTextError(f"`{found}` is not a valid escape sequence")
    digits = 4 if letter == "u" else 8
    digits_found = found[2:]
    if len(digits_found) != digits:
        raise BadTextError(f"\\{letter} must be followed by {digits} hexadecimal digits")
    code = int(digits_found, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise BadTextError(f"`{found}` is not a character")
    return chr(code)


def assemble(pieces: list[Piece], span: Span, *, flush: bool = False) -> Expression:
    """The tree of a template; `flush` for `<<-`, whose common indentation goes."""
    _trim(pieces)
    if flush:
        _unindent(pieces)
    pieces = _melded(pieces)
    if not pieces:
        return Literal("", span)
    if len(pieces) == 1:
        only = pieces[0]
        if isinstance(only, Text):
            return Literal(normal(only.text), span)
        if isinstance(only, Hole):
            return Interpolation(only.inner, span)
    return _Nesting(span).build(pieces)


def _trim(pieces: list[Piece]) -> None:
    after: Piece | None = None
    for piece in pieces:
        if isinstance(piece, Text):
            if after is not None and not isinstance(after, Text) and after.trims[1]:
                piece.text = piece.text.lstrip(_SPACES)
        elif piece.trims[0] and isinstance(after, Text):
            after.text = after.text.rstrip(_SPACES)
        after = piece


def _unindent(pieces: list[Piece]) -> None:
    """Take the smallest indentation of all lines from each; a blank line has none to count."""
    least: int | None = None
    starts: list[Text] = []
    at_start = True
    for piece in pieces:
        if not isinstance(piece, Text):
            if at_start:
                least = 0
            at_start = False
            continue
        if at_start:
            indent = len(piece.text) - len(piece.text.lstrip(_SPACES))
            if indent < len(piece.text) or not piece.text.endswith("\n"):
                starts.append(piece)
                least = indent if least is None else min(least, indent)
        at_start = piece.text.endswith("\n")
    for piece in starts:
        piece.text = piece.text[least:]


def _melded(pieces: list[Piece]) -> list[Piece]:
    melded: list[Piece] = []
    for piece in pieces:
        last = melded[-1] if melded else None
        if isinstance(piece, Text) and isinstance(last, Text):
            span = Span(last.span.source, last.span.start, piece.span.end)
            melded[-1] = Text(last.text + piece.text, span)
        else:
            melded.append(piece)
    return melded


@dataclass(slots=True)
class _Open:
    """A directive that waits for its end, and its branches so far."""

    directive: Directive
    branches: list[list[Expression]]


class _Nesting:
    """Builds the tree of directives without recursion."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.top: list[Expression] = []
        self.open: list[_Open] = []

    def build(self, pieces: list[Piece]) -> Expression:
        """The whole template, or Invalid where directives do not match."""
        for piece in pieces:
            if isinstance(piece, Text):
                self._parts().append(Literal(normal(piece.text), piece.span))
            elif isinstance(piece, Hole):
                self._parts().append(piece.inner)
            elif piece.word in ("if", "for"):
                self.open.append(_Open(piece, [[]]))
                if len(self.open) > _DEEPEST:
                    return Invalid("nested deeper than 200", self.span, refused=False)
            elif (fault := self._close(piece)) is not None:
                return Invalid(fault, piece.span)
        if self.open:
            word = self.open[-1].directive.word
            return Invalid(f"the {word} directive has no end{word}", self.open[-1].directive.span)
        return Template(tuple(self.top), self.span)

    def _parts(self) -> list[Expression]:
        return self.open[-1].branches[-1] if self.open else self.top

    def _close(self, end: Directive) -> str | None:
        opened = self.open[-1] if self.open else None
        if opened is None:
            return f"an {end.word} directive without its start"
        if end.word == "else" and opened.directive.word == "if" and len(opened.branches) == 1:
            opened.branches.append([])
            return None
        if end.word != f"end{opened.directive.word}":
            return f"an {end.word} directive where end{opened.directive.word} is expected"
        self.open.pop()
        self._parts().append(_closed(opened, end))
        return None


def _closed(opened: _Open, end: Directive) -> Expression:
    start = opened.directive
    span = Span(start.span.source, start.span.start, end.span.end)
    subject = start.subject or Invalid("missing expression", start.span)
    bodies = [Template(tuple(parts), span) for parts in opened.branches]
    if start.word == "for":
        return TemplateFor(*start.names, subject, bodies[0], span)
    otherwise = bodies[1] if len(bodies) > 1 else Template((), span)
    return TemplateIf(subject, bodies[0], otherwise, span)
