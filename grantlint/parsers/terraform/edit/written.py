"""A statement of a policy as it is written: an object, JSON in a heredoc, or a block."""

from __future__ import annotations

from dataclasses import dataclass

from grantlint.iam.statements import Statement
from grantlint.parsers.terraform.edit.lines import Splice
from grantlint.parsers.terraform.edit.node import Collection
from grantlint.parsers.terraform.edit.place import Place, Trees
from grantlint.parsers.terraform.edit.proposal import (
    Proposal,
    is_literal,
    proposal,
    removed,
    replaced,
    says,
)
from grantlint.parsers.terraform.edit.render import Own
from grantlint.parsers.terraform.tree import Block
from grantlint.source import Span
from grantlint.value import Value


@dataclass(frozen=True, slots=True)
class Written:
    """`value` is the statement in its document, either `place` or `block` where it stands."""

    statement: Statement
    value: Value
    place: Place | None
    block: Block | None
    parents: tuple[Block, ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether it is JSON in a heredoc."""
        node = self.place.node if self.place is not None else None
        return isinstance(node, Collection) and node.json

    def proposal(self, splices: list[Splice] | None) -> Proposal | None:
        """Splices that change the statement, and with it whoever else has it."""
        span = self.statement.span
        if not splices or span is None:
            return None
        return Proposal(span.source, tuple(splices), (span,), self.value.trail)

    def element(
        self, value: Value, place: Place | None, op: str, new: object, own: Own
    ) -> Proposal | None:
        """A change of one text in it, which may be written elsewhere."""
        if place is None or not says(place, value) or op == "add":
            return None
        if op == "remove" and value.trail != self.value.trail:  # written elsewhere, used here
            return None
        if place.within is not None and place.within[0].keyed and op == "remove":
            return None
        splices = removed(place) if op == "remove" else replaced(place, new, own)
        touched: Span | None = self.statement.span if self.is_json else place.span
        return proposal(place, splices, touched, value.trail)

    def member(self, trees: Trees, key: str, element: Value, at: int) -> Place | None:
        """The place of a text of a list, or of the text that stands alone in its place."""
        if not self.is_json:
            return trees.place(element.written)
        assert self.place is not None
        return number(self.place.named(key), at)

    def field(self, trees: Trees, name: str, key: str, texts: Value) -> Place | None:
        """The place of a whole list: the argument `name`, or the element `key`."""
        if self.block is not None:
            argument = self.block.body.argument(name)
            return trees.place(argument.expression.span) if argument is not None else None
        assert self.place is not None
        found = self.place.named(key)
        if found is not None and not is_literal(found.node) and not self.is_json:
            return trees.place(texts.written) if not texts.trail else None
        return found


def number(place: Place | None, at: int) -> Place | None:
    """An element of the list at a place; of a text alone, which is the first, itself."""
    if place is None or not isinstance(place.node, Collection):
        return place if at == 0 else None
    if place.node.keyed or at >= len(place.node.members):
        return None
    return place.child(at)
