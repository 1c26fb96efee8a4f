"""JSON with holes, read as Go's decoder reads it.

The text comes in pieces with unknown Values between them. A hole inside a string makes text with
holes; where a value stands it is an unknown; where a comma or a key could stand it is a run of
unknown members: an array gets one unknown element for it, an object becomes unknown as a whole.
Errors are worded as Go words them: https://pkg.go.dev/encoding/json#Decoder.Token
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from grantlint.parsers.holes import UnknowableError, like, normalized, text_of
from grantlint.parsers.number import parse_number
from grantlint.source import Span
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Unknown,
    Value,
    null,
    object_,
    tuple_,
)


class JsonError(Exception):
    """What is no JSON, in Go's words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


HOLE = "\ufffc"
DEEPEST = 200
_BLANK = " \t\r\n"
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: Mapping[str, tuple[str, bool | None]] = {
    "t": ("true", True),
    "f": ("false", False),
    "n": ("null", None),
}


class State(Enum):
    """What may come next; the text is what Go says when something else comes."""

    VALUE = " looking for beginning of value"
    ARRAY_START = " looking for beginning of value "
    ARRAY_COMMA = " after array element"
    ARRAY_HOLE = ""
    OBJECT_START = " "
    OBJECT_KEY = " looking for beginning of object key string"
    OBJECT_COLON = " after object key"
    OBJECT_COMMA = " after object key:value pair"
    OBJECT_HOLE = "  "
    END = "   "

    __hash__ = object.__hash__  # states are asked for some ten times a token


_VALUE_ALLOWED = {State.VALUE, State.ARRAY_START, State.ARRAY_HOLE}
_KEY_ALLOWED = {State.OBJECT_START, State.OBJECT_KEY, State.OBJECT_HOLE}
_CLOSES = {
    "]": {State.ARRAY_START, State.ARRAY_COMMA, State.ARRAY_HOLE},
    "}": {State.OBJECT_START, State.OBJECT_COMMA, State.OBJECT_HOLE},
}
_AFTER_COMMA = {
    State.ARRAY_COMMA: State.VALUE,
    State.ARRAY_HOLE: State.ARRAY_HOLE,
    State.OBJECT_COMMA: State.OBJECT_KEY,
    State.OBJECT_HOLE: State.OBJECT_HOLE,
}


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet; `hidden` is a hole that makes an object unknown."""

    start: int
    is_array: bool
    elements: list[Value] = field(default_factory=list)
    members: dict[str, Value] = field(default_factory=dict)
    key: str = ""
    hidden: Value | None = None


def alike(value: Value, other: Value) -> bool:
    """Whether two values are of the same kind."""
    return value.kind == other.kind


class JsonReader:
    """Reads one document; `place` gives the span of a stretch of the text.

    Of a key given twice the second counts, if `alike` says that it has the type of the first.
    """

    def __init__(
        self,
        parts: Sequence[str | Value],
        place: Callable[[int, int], Span | None],
        inside: Callable[[Value], Value],
        alike: Callable[[Value, Value], bool] = alike,
    ) -> None:
        self.text, self.holes = "", dict[int, Value]()
        for part in parts:
            if isinstance(part, Value):
                self.holes[len(self.text)] = part
            self.text += part if isinstance(part, str) else HOLE
        self.place, self.inside, self.alike = place, inside, alike
        self.at = 0
        self.state = State.VALUE
        self.open: list[_Open] = []
        self.result: Value | None = None

    def read(self) -> Value:
        """The document's value. An error raises JsonError when there is no hole."""
        try:
            while self.result is None:
                self._step()
            if self._peek() not in {"", "]", "}"}:
                raise JsonError("extraneous data after JSON object")
        except JsonError as error:
            if self.holes:
                reason = "it is no JSON around its unknown parts"
                raise UnknowableError(reason) from error
            raise
        return self.result

    # -- tokens ----------------------------------------------------------------------------

    def _peek(self) -> str:
        """The next character that is not blank, "" at the end."""
        character = self.text[self.at : self.at + 1]
        while character and character in _BLANK:
            self.at += 1
            character = self.text[self.at : self.at + 1]
        return character

    def _step(self) -> None:
        character = self._peek()
        if character == "":
            raise JsonError("EOF")
        if character == HOLE and self.at in self.holes:
            self._hole(self.holes[self.at])
        elif character in "[{" and self.state in _VALUE_ALLOWED:
            self._enter(character == "[")
        elif character in "]}" and self.state in _CLOSES[character]:
            self.at += 1
            self._leave()
        elif character == ":" and self.state is State.OBJECT_COLON:
            self.at += 1
            self.state = State.VALUE
        elif character == "," and self.state in _AFTER_COMMA:
            self.at += 1
            self.state = _AFTER_COMMA[self.state]
        elif character == '"' and self.state in _KEY_ALLOWED:
            self._key()
        elif self.state in _VALUE_ALLOWED and character not in "[]{}:,":
            self._scalar(character)
        else:
            raise self._unexpected(self.at, self.state.value.rstrip())

    def _unexpected(self, at: int, context: str) -> JsonError:
        if at >= len(self.text):
            return JsonError("unexpected EOF")
        byte = self.text[at].encode("utf-8", "surrogatepass")[:1].decode("latin-1")
        shown = {"'": "\\'", '"': '"'}.get(byte) or json.dumps(byte, ensure_ascii=False)[1:-1]
        return JsonError(f"invalid character '{shown}'{context}")

    def _hole(self, hole: Value) -> None:
        start, self.at = self.at, self.at + 1
        if self.state in _VALUE_ALLOWED:
            self._complete(self.inside(hole), start)
            if self.open and self.open[-1].is_array:
                self.state = State.ARRAY_HOLE
        elif self.open and self.open[-1].is_array:
            self.open[-1].elements.append(like(hole, DYNAMIC))
            self.state = State.ARRAY_HOLE
        elif self.open:
            self.open[-1].hidden = hole
            self.state = State.OBJECT_HOLE
        else:
            raise JsonError("extraneous data after JSON object")

    # -- containers ------------------------------------------------------------------------

    def _enter(self, is_array: bool) -> None:
        if len(self.open) >= DEEPEST:
            raise UnknowableError(f"JSON nested deeper than {DEEPEST}")
        self.open.append(_Open(self.at, is_array))
        self.at += 1
        self.state = State.ARRAY_START if is_array else State.OBJECT_START

    def _leave(self) -> None:
        closed = self.open.pop()
        if closed.hidden is not None:
            value = like(closed.hidden, DYNAMIC)
        else:
            value = tuple_(closed.elements) if closed.is_array else object_(closed.members)
        self._complete(value, closed.start)

    def _complete(self, value: Value, start: int) -> None:
        if value.written is None:
            value = value.at(self.place(start, self.at))
        if not self.open:
            self.result, self.state = value, State.END
            return
        around = self.open[-1]
        if around.is_array:
            around.elements.append(value)
            self.state = State.ARRAY_COMMA
            return
        earlier = around.members.get(around.key)
        if earlier is not None and not self.alike(earlier, value):
            raise UnknowableError(f'the key "{around.key}" is given twice, with different types')
        around.members[around.key] = value
        self.state = State.OBJECT_COMMA

    def _key(self) -> None:
        key = self._string()
        if key.text is not None:
            self.open[-1].key = normalized(key.text)
        else:
            self.open[-1].hidden = self.open[-1].hidden or key
        self.state = State.OBJECT_COLON

    # -- scalars ---------------------------------------------------------------------------

    def _scalar(self, character: str) -> None:
        start = self.at
        if character == '"':
            value = self._string()
        elif character in _WORDS:
            value = self._word(*_WORDS[character])
        elif character == "-" or character.isdecimal():
            value = self._number()
        else:
            raise self._unexpected(self.at, State.VALUE.value)
        self._complete(value, start)

    def _word(self, word: str, meaning: bool | None) -> Value:
        for offset, letter in enumerate(word):
            if self.text[self.at + offset : self.at + offset + 1] != letter:
                context = f" in literal {word} (expecting '{letter}')"
                raise self._unexpected(self.at + offset, context)
        self.at += len(word)
        return null() if meaning is None else Value(BOOL, meaning)

    def _number(self) -> Value:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self._unexpected(self.at + 1, " in numeric literal")
        rest = self.text[match.end() : match.end() + 1]
        if rest == "." and "." not in match[0] and "e" not in match[0].lower():
            raise self._unexpected(match.end() + 1, " after decimal point in numeric literal")
        if rest in {"e", "E"} and "e" not in match[0].lower():
            signed = self.text[match.end() + 1 : match.end() + 2] in {"+", "-"}
            context = " in exponent of numeric literal"
            raise self._unexpected(match.end() + 1 + signed, context)
        amount = parse_number(match[0])
        if amount is None:
            raise UnknowableError(f"the number {match[0][:40]} is not computed")
        self.at = match.end()
        return Value(NUMBER, amount)

    def _string(self) -> Value:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self._broken_string()
        if HOLE not in match[1]:
            self.at = match.end()
            return Value(STRING, normalized(_unescaped(match[1])))
        pieces: list[str | Value] = []
        start = match.start(1)
        for at in [at for at in self.holes if match.start(1) <= at < match.end(1)]:
            pieces += [_unescaped(self.text[start:at]), _plain(self.holes[at])]
            start = at + 1
        pieces.append(_unescaped(self.text[start : match.end(1)]))
        self.at = match.end()
        return text_of(pieces)

    def _broken_string(self) -> JsonError:
        at = self.at + 1
        while at < len(self.text):
            if self.text[at] < " ":
                return self._unexpected(at, " in string literal")
            if self.text[at] != "\\":
                at += 1
                continue
            if self.text[at + 1 : at + 2] == "u":
                digits = re.compile("[0-9A-Fa-f]{0,4}").match(self.text, at + 2)
                end = digits.end() if digits else at + 2
                if end < at + 6:
                    return self._unexpected(end, " in \\u hexadecimal character escape")
                at = end
            elif self.text[at + 1 : at + 2] in tuple('"\\/bfnrt'):
                at += 2
            else:
                return self._unexpected(at + 1, " in string escape code")
        return JsonError("unexpected EOF")


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    decoded: str = json.loads(f'"{text}"')
    return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _plain(hole: Value) -> Value:
    """A hole in a string, without alternatives that would mean something else in JSON."""
    raw = hole.raw
    if not isinstance(raw, Unknown):
        return hole
    texts = [choice.text for choice in raw.choices]
    plain = all(text is not None and not re.search(r'["\\\x00-\x1f]', text) for text in texts)
    kept = raw if plain else replace(raw, choices=())
    return replace(hole, type=STRING, raw=kept, encodes=None)
