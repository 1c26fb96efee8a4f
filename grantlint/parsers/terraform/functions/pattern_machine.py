"""Running a regular expression: Go's leftmost-first match, in time linear in the text.

The tree becomes a program of small steps, tried in order of preference; a step that was tried at
a place is never tried there again. https://swtch.com/~rsc/regexp/regexp2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.terraform.functions.pattern_classes import Test
from grantlint.parsers.terraform.functions.pattern_syntax import (
    Assertion,
    Character,
    Choice,
    Group,
    Node,
    Pattern,
    Repeat,
    Sequence,
)

MOST_STEPS = 20_000
MOST_WORK = 3_000_000

Spans = tuple[int, ...]
"""Start and end of the match and of each group in turn; -1 for a group that took no part."""


@dataclass(slots=True)
class _Step:
    """`test` takes a character, `place` looks at one, `save` notes it; `other` is tried last."""

    then: int = -1
    other: int = -1
    test: Test | None = None
    place: str = ""
    save: int = -1


@dataclass(slots=True)
class Machine:
    """A pattern ready to run."""

    pattern: Pattern
    steps: list[_Step] = field(default_factory=list)
    start: int = 0

    def __post_init__(self) -> None:
        end = self._add(_Step())
        self.start = self._compile(self.pattern.node, end)

    # -- making the program ----------------------------------------------------------------

    def _add(self, step: _Step) -> int:
        if len(self.steps) >= MOST_STEPS:
            raise UnknowableError("the pattern is too large")
        self.steps.append(step)
        return len(self.steps) - 1

    def _compile(self, node: Node, then: int) -> int:
        """The number of the step that begins `node` and goes on at `then`."""
        match node:
            case Character(test):
                return self._add(_Step(then, test=test))
            case Assertion(kind):
                return self._add(_Step(then, place=kind))
            case Sequence(nodes):
                for each in reversed(nodes):
                    then = self._compile(each, then)
                return then
            case Choice(nodes):
                first = self._compile(nodes[-1], then)
                for each in reversed(nodes[:-1]):
                    first = self._add(_Step(self._compile(each, then), first))
                return first
            case Group(inner, number):
                closing = self._add(_Step(then, save=2 * number + 1))
                return self._add(_Step(self._compile(inner, closing), save=2 * number))
            case Repeat():
                return self._repeat(node, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            then = self._loop(node, then, node.least == 0)
            copies = node.least - 1
        else:
            end = then
            for _ in range(node.most - node.least):
                then = self._split(self._compile(node.node, then), end, node.greedy)
            copies = node.least
        for _ in range(copies):
            then = self._compile(node.node, then)
        return then

    def _loop(self, node: Repeat, then: int, may_skip: bool) -> int:
        """One or more times; or none, tried in the order that Go tries them."""
        turn = self._add(_Step())
        body = self._compile(node.node, turn)
        self.steps[turn].then, self.steps[turn].other = (
            (body, then) if node.greedy else (then, body)
        )
        if not may_skip:
            return body
        if _may_be_empty(node.node):
            return self._split(body, then, node.greedy)
        return turn

    def _split(self, preferred: int, other: int, greedy: bool) -> int:
        return self._add(_Step(preferred, other) if greedy else _Step(other, preferred))

    # -- running it ------------------------------------------------------------------------

    def search(self, text: str, start: int = 0) -> Spans | None:
        """The first match at or behind `start`."""
        if self.pattern.folds and not text.isascii():
            raise UnknowableError("letters beyond ASCII are compared without case")
        if len(self.steps) * (len(text) + 1) > MOST_WORK:
            raise UnknowableError("the pattern or the text is too long to be matched here")
        tried: set[tuple[int, int]] = set()
        for at in range(start, len(text) + 1):
            found = self._match(text, at, tried)
            if found is not None:
                return found
        return None

    def all(self, text: str) -> Iterator[Spans]:
        """All matches that do not overlap; none that is empty right behind another."""
        at, before = 0, -1
        while at <= len(text):
            found = self.search(text, at)
            if found is None:
                return
            if found[1] > found[0] or found[0] != before:
                yield found
            at = found[1] if found[1] > at else at + 1
            before = found[1]

    def _match(self, text: str, start: int, tried: set[tuple[int, int]]) -> Spans | None:
        size = 2 * len(self.pattern.names) + 2
        pending: list[tuple[int, int, Spans]] = [(self.start, start, (-1,) * size)]
        while pending:
            number, at, spans = pending.pop()
            if (number, at) in tried:
                continue
            tried.add((number, at))
            step = self.steps[number]
            if number == 0:
                return (start, at, *spans[2:])
            if step.test is not None:
                if at < len(text) and step.test(text[at]):
                    pending.append((step.then, at + 1, spans))
            elif step.place:
                if _PLACES[step.place](text, at):
                    pending.append((step.then, at, spans))
            elif step.save >= 0:
                saved = (*spans[: step.save], at, *spans[step.save + 1 :])
                pending.append((step.then, at, saved))
            else:
                pending += [(step.other, at, spans), (step.then, at, spans)]
        return None


def _may_be_empty(node: Node) -> bool:
    match node:
        case Character():
            return False
        case Assertion():
            return True
        case Sequence(nodes):
            return all(_may_be_empty(each) for each in nodes)
        case Choice(nodes):
            return any(_may_be_empty(each) for each in nodes)
        case Group(inner, _):
            return _may_be_empty(inner)
        case Repeat():
            return node.least == 0 or _may_be_empty(node.node)


def _is_word(text: str, at: int) -> bool:
    letter = text[at] if 0 <= at < len(text) else ""
    return letter.isascii() and (letter.isalnum() or letter == "_")


def _boundary(text: str, at: int) -> bool:
    return _is_word(text, at - 1) != _is_word(text, at)


_PLACES: dict[str, Callable[[str, int], bool]] = {
    "start": lambda _, at: at == 0,
    "end": lambda text, at: at == len(text),
    "line_start": lambda text, at: at == 0 or text[at - 1] == "\n",
    "line_end": lambda text, at: at == len(text) or text[at] == "\n",
    "b": _boundary,
    "B": lambda text, at: not _boundary(text, at),
}
