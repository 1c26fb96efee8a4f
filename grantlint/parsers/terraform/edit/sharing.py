"""What else an edit would change: other objects, and whatever else refers to the same text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from grantlint.iam.statements import Statement
from grantlint.model import Grant, Inventory, Key
from grantlint.parsers.terraform.edit.proposal import Proposal
from grantlint.parsers.terraform.module import (
    configuration_files,
    is_override,
    read_source,
    shown_in,
)
from grantlint.rule import Object
from grantlint.source import Source, Span
from grantlint.value import Step, Value

Place = tuple[str, int, int]
User = tuple[int, str, int]
"""An object by its number, and the field and statement in it; -1 for none."""

_COUNTED: Final = {"local", "data", "variable", "default"}
"""Kinds of references that are followed, if the name is written once in its module."""
_PASSED: Final = {"argument", "each"}
"""Kinds that lead to one place only: an argument of a call, the member of a for_each."""
_REFERENCE: Final = re.compile(r"(?<![\w.-])[A-Za-z_][\w-]*(?:\[\])?(?:\.[\w-]+(?:\[\])?)+")
_INDEX: Final = re.compile(r"\[[^\[\]\n]*\]")
_DERIVED: Final = {"account", "grantee", "retiring", "grantee_refused", "retiring_refused", "key"}


@dataclass(slots=True, eq=False)
class Users:
    """Who uses what is written where, among the keys and grants of an inventory."""

    found: dict[Place, set[User]] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, inventory: Inventory) -> Users:
        """Of every key and grant."""
        users = cls()
        objects: tuple[Object, ...] = (*inventory.keys, *inventory.grants)
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
    if isinstance(one, Key):
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


# -- references ----------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Directories:
    """The configuration files of directories, each read once."""

    found: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    overridden: set[str] = field(default_factory=set)
    references: dict[str, Counter[str]] = field(default_factory=dict)

    def sources(self, path: str) -> tuple[Source, ...]:
        """All configuration files of the directory of a file."""
        shown = path.rpartition("/")[0] if "/" in path else "."
        known = self.found.get(shown)
        if known is None:
            files = configuration_files(Path(shown or "/"))
            if any(is_override(file) for file in files):
                self.overridden.add(shown)
            read = (read_source(file, shown_in(shown, file)) for file in files)
            known = tuple(one for one in read if isinstance(one, Source))
            self.found[shown] = known
        return known

    def exclusive(self, proposal: Proposal) -> bool:
        """Whether nothing else refers to the text, as far as the modules' own texts show."""
        path = proposal.source.path
        self.sources(path)
        if (path.rpartition("/")[0] if "/" in path else ".") in self.overridden:
            return False
        if not all(self._followed(step) for step in proposal.trail):
            return False
        if proposal.attribute is None:
            return True
        block, name = proposal.attribute
        return not self._references(path)[".".join((*block.labels, name))]

    def _followed(self, step: Step) -> bool:
        if step.kind in _PASSED:
            return step.name != "each.key"
        if step.kind == "assumed" and step.span is None:  # of another part of the text
            return True
        if step.kind not in _COUNTED or step.span is None:
            return False
        return self._references(step.span.path)[step.name] == 1

    def _references(self, path: str) -> Counter[str]:
        """How often each dotted name is written in the directory of a file.

        What has an index in it (`aws_kms_grant.g[0].name`) is counted without it.
        """
        directory = path.rpartition("/")[0]
        known = self.references.get(directory)
        if known is None:
            known = self.references[directory] = Counter()
            for source in self.sources(path):
                known.update(_dotted(source.text))
                indexed = (name for name in _dotted(_INDEX.sub("[]", source.text)) if "[]." in name)
                known.update(name.replace("[]", "") for name in indexed if name[-1] != "]")
        return known


def _dotted(text: str) -> Iterator[str]:
    """Every reference, and every beginning of one that has at least two names."""
    for found in _REFERENCE.finditer(text):
        names = found[0].split(".")
        for length in range(2, len(names) + 1):
            yield ".".join(names[:length])
