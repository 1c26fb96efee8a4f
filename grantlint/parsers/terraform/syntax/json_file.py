"""Terraform's JSON notation as the same tree.

https://developer.hashicorp.com/terraform/language/syntax/json. A string is a template, a key `//`
in a body is a comment, and what is a block and what an argument only the reader knows: so a body
answers both questions (see `tree.Body`). In variable files (`.tfvars.json`) strings are literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from grantlint.parsers.json_text import BadJson, Member, Node, Number, read
from grantlint.parsers.terraform import syntax
from grantlint.parsers.terraform.syntax.nodes import DEEPEST, TOO_DEEP, TOO_LARGE, number
from grantlint.parsers.terraform.syntax.template_text import normal
from grantlint.parsers.terraform.tree import (
    Argument,
    Block,
    Body,
    Expression,
    File,
    Invalid,
    Item,
    Literal,
    Object,
    Tuple,
)
from grantlint.source import Problem, Source, Span

_TOP_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "action": 2, "module": 1, "variable": 1,
    "output": 1, "provider": 1, "check": 1, "locals": 0, "terraform": 0, "moved": 0,
    "import": 0, "removed": 0,
}  # fmt: skip
_NESTED_LABELS = {"dynamic": 1, "provisioner": 1, "backend": 1, "provider_meta": 1, "data": 2}
_COMMENT = "//"


def parse(source: Source) -> File:
    """The tree of a JSON file that is valid UTF-8."""
    try:
        root = read(source.data)
    except BadJson as fault:
        problem = Problem(fault.message, Span(source, fault.at, fault.at))
        return File(source, Body({}), (problem,))
    reader = _Reader(source, literal=source.path.endswith(".tfvars.json"))
    return reader.file(root)


class _Reader:
    """Makes bodies and expressions of JSON nodes of one source."""

    def __init__(self, source: Source, *, literal: bool) -> None:
        self.source = source
        self.literal = literal
        self.problems: list[Problem] = []

    def place(self, start: int, end: int) -> Span:
        """The place of these bytes."""
        return Span(self.source, start, end)

    def file(self, root: Node) -> File:
        """The whole file."""
        whole = self.place(0, len(self.source.data))
        members = list(self._members(root))
        if self.literal:
            body = Body(self._arguments(members, unique=True), (), whole)
        else:
            blocks: list[Block] = []
            for member in members:
                if member.key in _TOP_LABELS:
                    blocks += self._blocks(member, member.key, _TOP_LABELS[member.key])
            body = Body(self._arguments(members), tuple(blocks), whole)
        return File(self.source, body, tuple(self.problems))

    # -- bodies ----------------------------------------------------------------------------

    def _members(self, node: Node) -> Iterator[Member]:
        """The members of a body or label level: an object, or an array of objects."""
        elements = node.elements
        for part in [node] if elements is None else elements:
            if part.is_object:
                yield from part.members
            elif part.value is not None or elements is not None:
                self._complain("an object is needed here", part)

    def _complain(self, message: str, node: Node) -> None:
        self.problems.append(Problem(message, self.place(node.start, node.end)))

    def _arguments(self, members: Iterable[Member], *, unique: bool = False) -> dict[str, Argument]:
        arguments: dict[str, Argument] = {}
        for member in members:
            if member.key == _COMMENT:
                continue
            if member.key in arguments:
                if unique:
                    span = self.place(member.start, member.end)
                    self.problems.append(Problem(f"`{member.key}` is given twice", span))
                continue
            arguments[member.key] = Argument(
                member.key,
                self.place(member.start, member.value.end),
                self.place(member.start, member.end),
                partial(self.expression, member.value),
            )
        return arguments

    def _blocks(self, member: Member, type: str, labels: int) -> list[Block]:
        """The blocks that a member stands for, one label level after another."""
        level: list[tuple[tuple[str, ...], Member]] = [((), member)]
        for _ in range(labels):
            level = [
                ((*names, inner.key), inner)
                for names, outer in level
                for inner in self._members(outer.value)
            ]
        blocks: list[Block] = []
        for names, owner in level:
            elements = owner.value.elements
            for content in [owner.value] if elements is None else elements:
                if content.value is None and elements is None:
                    continue
                blocks.append(self._block(type, names, owner, content))
        return blocks

    def _block(self, type: str, labels: tuple[str, ...], owner: Member, content: Node) -> Block:
        header = self.place(owner.start, owner.end)
        first = owner.start if content is owner.value else content.start
        whole = self.place(first, content.end)
        broken = None
        if not content.is_object and content.elements is None:
            broken = "an object is needed here"
            self._complain(broken, content)
        unique = type == "locals"
        before = len(self.problems)
        arguments = self._arguments(content.members, unique=True) if unique else None
        if len(self.problems) > before:
            broken = self.problems[-1].message
        make = partial(self._body, content, arguments)
        return Block(type, labels, whole, header, broken, make)

    def _body(self, content: Node, arguments: dict[str, Argument] | None) -> Body:
        members = list(self._members(content))
        return Body(
            self._arguments(members) if arguments is None else arguments,
            (),
            self.place(content.start, content.end),
            partial(self._nested, members),
        )

    def _nested(self, members: list[Member], type: str) -> tuple[Block, ...]:
        return tuple(
            block
            for member in members
            if member.key == type
            for block in self._blocks(member, type, _NESTED_LABELS.get(type, 0))
        )

    # -- expressions -----------------------------------------------------------------------

    def expression(self, node: Node, depth: int = 0) -> Expression:
        """What a value is when it is read as an expression."""
        span = self.place(node.start, node.end)
        if depth > DEEPEST:
            return Invalid(TOO_DEEP, span, refused=False)
        if node.is_object:
            items = [
                Item(
                    self._text(member.key, self.place(member.start, member.end)),
                    self.expression(member.value, depth + 1),
                )
                for member in node.members
            ]
            return Object(tuple(items), span)
        elements = node.elements
        if elements is not None:
            return Tuple(tuple(self.expression(each, depth + 1) for each in elements), span)
        value = node.value
        if isinstance(value, str):
            return self._text(value, span)
        if isinstance(value, Number):
            amount = number(value.text)
            if amount is None:
                return Invalid(TOO_LARGE, span, refused=False)
            return Literal(amount, span)
        return Literal(value if isinstance(value, bool) else None, span)

    def _text(self, text: str, span: Span) -> Expression:
        if self.literal or ("${" not in text and "%{" not in text):
            return Literal(normal(text), span)
        return syntax.parse_template_text(text, span)
