"""The syntax of Go's regular expressions (RE2), read into a small tree.

https://pkg.go.dev/regexp/syntax. Errors are worded as Go words them; what is valid and not
covered (scripts such as p{Greek}, (?U), case folding beyond ASCII) cannot be known.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.terraform.functions.declaration import FunctionError
from grantlint.parsers.terraform.functions.pattern_classes import PERL, POSIX, Test, ranges_test

MOST_REPEATS = 1000
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Character:
    """One character that passes the test."""

    test: Test


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place: ^ $ (text), ( ) (line: `line_start`, `line_end`), b B."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first that matches."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`least` to `most` times (None: any number), as often as possible when greedy."""

    node: Node
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A capturing group."""

    node: Node
    number: int


Node = Character | Assertion | Sequence | Choice | Repeat | Group


@dataclass(slots=True)
class Flags:
    """What (?ims) says at a place."""

    fold: bool = False
    lines: bool = False
    all: bool = False

    def copy(self) -> Flags:
        """The same for a group inside."""
        return Flags(self.fold, self.lines, self.all)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A tree, the names of its groups ("" for none), and whether case is folded in it."""

    node: Node
    names: tuple[str, ...]
    folds: bool


_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_REPEAT = re.compile(r"[*+?]|\{(\d+)(,(\d*))?\}", re.ASCII)
_FLAG_GROUP = re.compile(r"\(\?([A-Za-z-]*)([:)])")
_NAME_GROUP = re.compile(r"\(\?P?<([^>]*)>")
_CODE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))")
_CLASS_NAME = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|(.))", re.DOTALL)
_POSIX_NAME = re.compile(r"\[:(\^?)(\w*):\]", re.ASCII)
_CATEGORIES = frozenset("CLMNPSZ")


def parse(text: str) -> Pattern:
    """The tree of a pattern; a FunctionError says what is wrong with it."""
    parser = _Parser(text)
    node = parser.alternatives(Flags(), 0)
    if parser.at < len(text):
        raise refusal("unexpected )", text)
    return Pattern(node, tuple(parser.names), parser.folds)


def refusal(code: str, expression: str) -> FunctionError:
    """Go's error about a piece of a pattern."""
    return FunctionError(f"{code}\0{expression}")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: list[str] = []
        self.folds = False

    def _ahead(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    # -- structure -------------------------------------------------------------------------

    def alternatives(self, flags: Flags, depth: int) -> Node:
        """Everything up to the end or a closing parenthesis."""
        if depth > DEEPEST:
            raise UnknowableError(f"a pattern nested deeper than {DEEPEST}")
        choices = [self._sequence(flags, depth)]
        while self._ahead() == "|":
            self.at += 1
            choices.append(self._sequence(flags, depth))
        return choices[0] if len(choices) == 1 else Choice(tuple(choices))

    def _sequence(self, flags: Flags, depth: int) -> Node:
        nodes: list[Node] = []
        repeated = -1  # where the repetition began that ended just now
        while self.at < len(self.text) and self._ahead() not in {"|", ")"}:
            start = self.at
            match = _REPEAT.match(self.text, self.at)
            if match is not None:
                if not nodes:
                    raise refusal("missing argument to repetition operator", match[0])
                nodes[-1] = self._repeat(nodes[-1], match, repeated)
                repeated = start if repeated < 0 else repeated
                continue
            repeated = -1
            node = self._one(flags, depth)
            if node is not None:
                nodes.append(node)
        return nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))

    def _repeat(self, node: Node, match: re.Match[str], repeated: int) -> Node:
        self.at = match.end()
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(match[0], (-1, None))
        if least < 0:
            least = int(match[1][:6])
            most = least if match[2] is None else int(match[3][:6]) if match[3] else None
            if max(least, most or 0) > MOST_REPEATS or (most is not None and least > most):
                raise refusal("invalid repeat count", match[0])
        greedy = self._ahead() != "?"
        self.at += not greedy
        if repeated >= 0:
            wrong = self.text[repeated : self.at]
            raise refusal("invalid nested repetition operator", wrong)
        return Repeat(node, least, most, greedy)

    def _one(self, flags: Flags, depth: int) -> Node | None:
        letter = self._ahead()
        if letter == "(":
            return self._group(flags, depth)
        if letter == "[":
            return Character(self._class(flags))
        if letter == "\\":
            return self._escape(flags)
        self.at += 1
        if letter == ".":
            return Character((lambda _: True) if flags.all else (lambda each: each != "\n"))
        if letter == "^":
            return Assertion("line_start" if flags.lines else "start")
        if letter == "$":
            return Assertion("line_end" if flags.lines else "end")
        return self._literal(letter, flags)

    def _literal(self, letter: str, flags: Flags) -> Character:
        return Character(self._folded(lambda each: each == letter, flags))

    def _folded(self, test: Test, flags: Flags) -> Test:
        if not flags.fold:
            return test
        self.folds = True
        return lambda each: test(each.lower()) or test(each.upper())

    def _group(self, flags: Flags, depth: int) -> Node | None:
        if self._ahead(2) != "(?":
            self.at += 1
            return self._captured("", flags, depth)
        named = _NAME_GROUP.match(self.text, self.at)
        if self._ahead(4) == "(?P<" or self._ahead(3) == "(?<":
            if named is None or not re.fullmatch(r"\w+", named[1], re.ASCII):
                wrong = self.text[self.at :] if named is None else named[0]
                raise refusal("invalid named capture", wrong)
            self.at = named.end()
            return self._captured(named[1], flags, depth)
        return self._flag_group(flags, depth)

    def _captured(self, name: str, flags: Flags, depth: int) -> Node:
        self.names.append(name)
        number = len(self.names)
        node = self.alternatives(flags.copy(), depth + 1)
        self._close()
        return Group(node, number)

    def _close(self) -> None:
        if self._ahead() != ")":
            raise refusal("missing closing )", self.text)
        self.at += 1

    def _flag_group(self, flags: Flags, depth: int) -> Node | None:
        match = _FLAG_GROUP.match(self.text, self.at)
        if match is None:
            known = re.match(r"\(\?[imsU-]*.?", self.text[self.at :], re.DOTALL)
            wrong = known[0] if known else ""
            code = "missing argument to repetition operator" if wrong == "(?" else ""
            raise refusal(code or "invalid or unsupported Perl syntax", wrong)
        changed = flags.copy() if match[2] == ":" else flags
        self._set(changed, match)
        self.at = match.end()
        if match[2] == ")":
            return None
        node = self.alternatives(changed, depth + 1)
        self._close()
        return node

    def _set(self, flags: Flags, match: re.Match[str]) -> None:
        on, minus, off = match[1].partition("-")
        unknown = (set(on) | set(off)) - set("imsU")
        if unknown or (minus and not off) or (match[2] == ")" and not match[1]):
            at = next((at for at, each in enumerate(match[1]) if each in unknown), len(match[1]))
            raise refusal("invalid or unsupported Perl syntax", match[0][: at + 3])
        if "U" in match[1]:
            raise UnknowableError("patterns with the flag U are not evaluated")
        for letters, value in ((on, True), (off, False)):
            flags.fold = value if "i" in letters else flags.fold
            flags.lines = value if "m" in letters else flags.lines
            flags.all = value if "s" in letters else flags.all

    # -- escapes ---------------------------------------------------------------------------

    def _escape(self, flags: Flags) -> Node:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in {"A", "z", "b", "B"} and letter:
            self.at += 2
            return Assertion({"A": "start", "z": "end"}.get(letter, letter))
        if letter == "Q":
            end = self.text.find("\\E", self.at)
            literal = self.text[self.at + 2 : end if end >= 0 else len(self.text)]
            self.at = end + 2 if end >= 0 else len(self.text)
            return Sequence(tuple(self._literal(each, flags) for each in literal))
        test = self._class_escape()
        if test is not None:
            return Character(self._folded(test, flags))
        return self._literal(self._escaped(), flags)

    def _class_escape(self) -> Test | None:
        """A class such as `d` or `pL` behind a backslash."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter and letter.lower() in PERL:
            self.at += 2
            return ranges_test(PERL[letter.lower()], letter.isupper())
        if letter not in {"p", "P"} or not letter:
            return None
        match = _CLASS_NAME.match(self.text, self.at)
        if match is None:
            raise refusal("invalid character class range", self.text[self.at :])
        self.at = match.end()
        name = match[2] if match[2] is not None else match[3]
        if name[:1] not in _CATEGORIES or len(name) > 2 or name[1:].isupper():
            if name == "Any":
                return lambda _: letter == "p"
            raise UnknowableError(f"the character class {match[0]} is not evaluated")
        negated = (letter == "P") != bool(match[1])
        return lambda each: unicodedata.category(each).startswith(name) != negated

    def _escaped(self) -> str:
        """The character that an escape stands for."""
        start = self.at
        letter = self.text[start + 1 : start + 2]
        self.at += 2
        if not letter:
            raise refusal("trailing backslash at end of expression", "")
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        match = _CODE.match(self.text, start)
        if match is not None:
            self.at = match.end()
            number = int(match[3], 8) if match[3] else int(match[1] or match[2], 16)
            if number <= 0x10FFFF:
                return chr(number)
        if letter.isascii() and not letter.isalnum():
            return letter
        raise refusal("invalid escape sequence", self.text[start : self.at])

    # -- classes ---------------------------------------------------------------------------

    def _class(self, flags: Flags) -> Test:
        start = self.at
        self.at += 1
        negated = self._ahead() == "^"
        self.at += negated
        tests: list[Test] = []
        ranges: list[tuple[str, str]] = []
        first = True
        while first or self._ahead() != "]":
            first = False
            if self.at >= len(self.text):
                raise refusal("missing closing ]", self.text[start:])
            test = self._posix() or (self._class_escape() if self._ahead() == "\\" else None)
            if test is not None:
                tests.append(test)
            else:
                ranges.append(self._range(start))
        self.at += 1
        tests.append(ranges_test(ranges))
        whole = self._folded(lambda each: any(test(each) for test in tests), flags)
        return (lambda each: not whole(each)) if negated else whole

    def _posix(self) -> Test | None:
        match = _POSIX_NAME.match(self.text, self.at)
        if match is None:
            return None
        if match[2] not in POSIX:
            raise refusal("invalid character class range", match[0])
        self.at = match.end()
        return ranges_test(POSIX[match[2]], bool(match[1]))

    def _range(self, start: int) -> tuple[str, str]:
        begin = self.at
        low = self._class_character(start)
        if self._ahead() != "-" or self._ahead(2) in {"-", "-]"}:
            return low, low
        self.at += 1
        high = self._class_character(start)
        if high < low:
            raise refusal("invalid character class range", self.text[begin : self.at])
        return low, high

    def _class_character(self, start: int) -> str:
        if self.at >= len(self.text):
            raise refusal("missing closing ]", self.text[start:])
        if self._ahead() == "\\":
            return self._escaped()
        self.at += 1
        return self.text[self.at - 1]
