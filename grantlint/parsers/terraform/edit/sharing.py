"""Which objects use what is written where: an edit changes all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Final

from grantlint.iam.statements import Statement
from grantlint.model import Grant, Holder, Inventory
from grantlint.rule import Object
from grantlint.source import Span
from grantlint.value import Value

Place = tuple[str, int, int]
User = tuple[int, str, int]
"""An object by its number, and the field and statement in it; -1 for none."""

_DERIVED: Final = {"account", "grantee", "retiring", "grantee_refused", "retiring_refused", "key"}


@dataclass(slots=True, eq=False)
class Users:
    """Who uses what is written where, among the objects of an inventory."""

    found: dict[Place, set[User]] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, inventory: Inventory) -> Users:
        """Of every object."""
        users = cls()
        objects: tuple[Object, ...] = (*inventory.keys, *inventory.grants, *inventory.identities)
        for number, one in enumerate(objects):
            users.numbers[id(one)] = number
            users._add(one.span, (number, "", -1))
            for name, at, span in _spans(one):
                users._add(span, (number, name, at))
        return users

    def _add(self, span: Span | None, user: User) -> None:
        if span is not None:
            self.found.setdefault((span.path, span.start, span.end), set()).add(user)

    def users(self, spans: tuple[Span, ...]) -> frozenset[User]:
        """Everything that uses one of these places."""
        keys = ((span.path, span.start, span.end) for span in spans)
        return frozenset(user for key in keys for user in self.found.get(key, ()))


def _spans(one: Object) -> Iterator[tuple[str, int, Span | None]]:
    for part in fields(one):
        value = getattr(one, part.name)
        if part.name not in _DERIVED and isinstance(value, Value):
            name = part.name.removesuffix("_written")
            yield from ((name, -1, span) for span in _written(value))
    if isinstance(one, Grant):
        for name in ("encryption_context_equals", "encryption_context_subset"):
            context: Value = getattr(one.constraints, name)
            yield from ((name, -1, span) for span in _written(context))
    if isinstance(one, Holder):
        for at, statement in enumerate(one.policy.statements):
            yield from (("policy", at, span) for span in _of_statement(statement))


def _of_statement(statement: Statement) -> Iterator[Span | None]:
    yield statement.span
    for value in (statement.sid, statement.effect, statement.actions, statement.resources):
        yield from _written(value)
    for principal in statement.principals:
        yield from _written(principal.value)
    for condition in statement.conditions:
        yield from _written(condition.values)


def _written(value: Value) -> Iterator[Span | None]:
    pending = [value]
    while pending:
        one = pending.pop()
        yield one.written
        pending += [*one.elements(), *(member for _, member in one.items())]
        pending += one.unknown.choices if one.unknown is not None else ()
