"""What is written, as far as an edit needs it: brackets, members and leaves, with their offsets.

HCL expressions and the JSON in a heredoc come out alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from grantlint.parsers.terraform import tree


@dataclass(frozen=True, slots=True)
class Leaf:
    """Anything without members. `literal` is whether it is a text, number or bool as it stands."""

    start: int
    end: int
    literal: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a collection; `key_end` is `start` for the member of a list."""

    start: int
    key_end: int
    key: str | None
    value: Node

    @property
    def end(self) -> int:
        """The end of its value."""
        return self.value.end


@dataclass(frozen=True, slots=True)
class Collection:
    """A list or object from its opening bracket to behind its closing one.

    `json` is whether its text is JSON, where every member but the last has a comma.
    """

    start: int
    end: int
    members: tuple[Member, ...]
    keyed: bool
    json: bool

    @property
    def close(self) -> int:
        """Where its closing bracket stands."""
        return self.end - 1

    def find(self, name: str) -> int | None:
        """The index of the member with that key, in any case as AWS reads it."""
        exact = [at for at, one in enumerate(self.members) if one.key == name]
        same = [
            at for at, one in enumerate(self.members) if (one.key or "").lower() == name.lower()
        ]
        found = exact or same
        return found[0] if len(found) == 1 else None


Node = Leaf | Collection


def of_expression(expression: tree.Expression) -> Node:
    """The node of an HCL expression."""
    span = expression.span
    if isinstance(expression, tree.Tuple):
        listed = (of_expression(item) for item in expression.items)
        members = tuple(Member(one.start, one.start, None, one) for one in listed)
        return Collection(span.start, span.end, members, keyed=False, json=False)
    if isinstance(expression, tree.Object):
        entries = tuple(_entry(item) for item in expression.items)
        return Collection(span.start, span.end, entries, keyed=True, json=False)
    literal = isinstance(expression, tree.Literal) and expression.value is not None
    heredoc = span.source.data[span.start : span.start + 2] == b"<<"
    return Leaf(span.start, span.end, literal and not heredoc)


def _entry(item: tree.Item) -> Member:
    key = item.key
    name = key.value if isinstance(key, tree.Literal) and isinstance(key.value, str) else None
    return Member(key.span.start, key.span.end, name, of_expression(item.value))
