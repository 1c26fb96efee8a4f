"""The contents of one block, evaluated when they are asked for; `dynamic` blocks expanded.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantlint.parsers.instance import Content
from grantlint.parsers.terraform import convert, evaluate, tree
from grantlint.parsers.terraform.condition import quoted
from grantlint.parsers.terraform.expand import alternatives, branch
from grantlint.parsers.terraform.for_expression import iterate
from grantlint.source import Span
from grantlint.value import Truth, Unknown, Value, object_, unknown

if TYPE_CHECKING:
    from grantlint.parsers.terraform.scope import Scope


@dataclass(slots=True, eq=False)
class Evaluated(Content):
    """A block's body in a scope; each argument is evaluated once, when first asked for."""

    body: tree.Body
    scope: Scope
    place: Span
    existence: Truth = Truth.YES
    fault: str | None = None
    where: str | None = None
    _arguments: dict[str, Value] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        """The whole block."""
        return self.place

    @property
    def exists(self) -> Truth:
        """MAYBE for a block that a dynamic may not produce."""
        return self.existence

    @property
    def condition(self) -> str | None:
        """What must be so for it to exist."""
        return self.where

    @property
    def broken(self) -> str | None:
        """Why nothing may be concluded from what is absent."""
        return self.fault

    def names(self) -> Iterable[str]:
        """The arguments that are written."""
        return self.body.arguments.keys()

    def argument(self, name: str) -> Value | None:
        """The value of an argument, or None when it is not written."""
        known = self._arguments.get(name)
        if known is not None:
            return known
        written = self.body.argument(name)
        if written is None:
            return None
        value = evaluate.evaluate(written.expression, self.scope)
        self._arguments[name] = value
        return value

    def nested(self, type: str) -> tuple[Content, ...]:
        """The nested blocks of a type, those of `dynamic` blocks among them, in order."""
        found: list[Content] = []
        for block in self._written(type):
            if block.type == type:
                fault = block.broken or self.fault
                found.append(Evaluated(block.body, self.scope, block.span, Truth.YES, fault))
            else:
                found.extend(_dynamic(block, type, self.scope))
        return tuple(found)

    def _written(self, type: str) -> list[tree.Block]:
        """The static and dynamic blocks of a type in written order."""
        blocks = [*self.body.nested(type)]
        for dynamic in self.body.nested("dynamic"):
            if dynamic.labels:
                blocks.extend([dynamic] if dynamic.labels[0] == type else [])
            else:  # JSON: {"dynamic": {"constraints": {…}}}
                blocks.extend(
                    tree.Block("dynamic", (type,), b.span, b.header, b.broken, None, b.body)
                    for b in dynamic.body.nested(type)
                )
        blocks.sort(key=lambda block: block.span.start)
        return blocks


def _dynamic(block: tree.Block, type: str, scope: Scope) -> Iterable[Content]:
    """https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks."""
    body = block.body
    each = body.argument("for_each")
    named = body.argument("iterator")
    iterator = type
    if named is not None and isinstance(named.expression, tree.Variable):
        iterator = named.expression.name
    elif named is not None and isinstance(named.expression, tree.Literal):
        iterator = str(named.expression.value)
    value = (
        unknown("dynamic without for_each", block.span)
        if each is None
        else evaluate.evaluate(each.expression, scope)
    )
    where = _of_turns(each.expression, value, scope) if each is not None else None
    for key, member, exists in _turns(value):
        turn = object_({"key": key, "value": member})
        inside = scope.bind({iterator: turn})
        for content in body.nested("content"):
            yield Evaluated(content.body, inside, content.span, exists, block.broken, where)


def _of_turns(node: tree.Expression, value: Value, scope: Scope) -> str | None:
    """What must be so for the blocks of a dynamic to exist, where each of them may not."""
    if value.unknown is None:
        return None
    if not value.unknown.choices:
        return f"{quoted(node)} has members"
    decided = branch(node, scope, lambda branch: {0} if iterate(branch) else set())
    return decided or f"{quoted(node)} has this member"


def _turns(value: Value) -> Iterable[tuple[Value, Value, Truth]]:
    options = alternatives(value)
    turns: list[list[tuple[Value, Value]]] = []
    for option in options:
        entries = iterate(option)
        if isinstance(entries, str) or option.unknown is not None:
            turns = []
            break
        turns.append(entries)
    if not turns:
        cause = value.unknown or Unknown("the for_each of a dynamic block cannot be iterated")
        hidden = Value(convert.DYNAMIC, Unknown(cause.reason, cause.refers_to), value.written)
        yield hidden, hidden, Truth.MAYBE
        return
    exists = Truth.YES if len(turns) == 1 else Truth.MAYBE
    seen: list[Value] = []
    for entries in turns:
        for key, member in entries:
            if exists is Truth.YES or all(member != other for other in seen):
                seen.append(member)
                yield key, member.marked(value.sensitive), exists
