"""How much access a finding is about: what is allowed, and what limits it.

Whoever accepts a finding accepts this much of it and no more. A grant that gets another
operation, a statement that loses a condition, allow more than before, and what was accepted no
longer covers them. An extent can be written down beside what was accepted (`str`), and read again
(`parse`).

What is not known never counts as more. Of a principal that the configuration itself makes its
address counts, whatever else is known of it, so that variables and options change nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from grantlint.iam.actions import covering
from grantlint.iam.conditions import Condition
from grantlint.iam.operators import is_negated
from grantlint.iam.statements import Statement
from grantlint.model import Grant
from grantlint.model.json import value_json
from grantlint.place import Target
from grantlint.rule import Object
from grantlint.value import Value, string

_OPEN: Final = "?"
_DIGITS: Final = 6
_WORD: Final = re.compile(
    r"(?P<sign>[+-])(?P<token>[0-9a-f]{6})|(?P<open>\?)|(?P<action>[\w:*][\w:*?-]*)"
)
_ACTION: Final = re.compile(r"[\w:*][\w:*?-]*")
"""Actions that can be written down as they are; of others only the digest is."""
_OF_OTHERS: Final = re.compile(r"(?!kms:)[\w-]+:", re.IGNORECASE)
"""Actions of which the service is written and another one."""
_LASTING: Final = re.compile(
    r"(?:^|\.)aws_(?:iam_role|iam_user|kms_key|kms_replica_key|kms_external_key|kms_alias)\."
)
"""Resources whose identifiers say nothing more than which resource it is."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a finding's grant or statement allows.

    `actions` are operations of a grant or actions of a statement, as written. `allows` are other
    things of which more is more access (principals, resources, the key), `limits` those of which
    less is (constraints, conditions): a short digest → what it is in words, "" where only the
    digest was kept. `open` says that something was not known.
    """

    actions: frozenset[str] = frozenset()
    allows: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    limits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    open: bool = False

    def __str__(self) -> str:
        """The extent as text, without anything that a comment or a quoted text cannot hold."""
        words = [*sorted(self.actions), *(f"+{token}" for token in sorted(self.allows))]
        words += [f"-{token}" for token in sorted(self.limits)]
        return " ".join([*words, *([_OPEN] if self.open else [])])

    def beyond(self, accepted: Extent) -> tuple[str, ...]:
        """In words, what this allows and `accepted` does not; nothing where it is no wider."""
        actions = sorted(one for one in self.actions if not _covered(one, accepted.actions))
        more = [f"{action} is new" for action in actions]
        if not accepted.open:
            new = self.allows.keys() - accepted.allows.keys()
            more += [f"{said} is new" for said in sorted(self.allows[token] for token in new)]
        lost = sum(token not in self.limits for token in accepted.limits)
        if lost and not self.open:
            more.append("a condition is gone" if lost == 1 else f"{lost} conditions are gone")
        return tuple(more)


NOTHING: Final = Extent()
"""The extent of what allows nothing by itself, a key that is not rotated: it never gets wider."""


def parse(text: str) -> Extent | None:
    """The extent that was written as `text`; None for what is no such text."""
    matches = [_WORD.fullmatch(word) for word in text.split()]
    found = [match for match in matches if match is not None]
    if len(found) < len(matches):
        return None
    return Extent(
        frozenset(match["action"] for match in found if match["action"]),
        {match["token"]: "" for match in found if match["sign"] == "+"},
        {match["token"]: "" for match in found if match["sign"] == "-"},
        any(match["open"] for match in found),
    )


def extent(judged: Object, about: Target) -> Extent:
    """The extent of what a hit's path leads to: of its statement, else of the grant."""
    if about.statement is not None:
        return _of_statement(about.statement)
    return _of_grant(judged) if isinstance(judged, Grant) else NOTHING


def _covered(action: str, accepted: frozenset[str]) -> bool:
    """Whether an accepted action or operation is the same or wider."""
    if action in accepted:
        return True
    meant = covering(string(action))
    return any(meant and meant <= covering(string(one)) for one in accepted)


# -- grants --------------------------------------------------------------------------------


def _of_grant(grant: Grant) -> Extent:
    found = _Facts()
    found.act(grant.operations)
    found.allow("the key", grant.key_id)
    found.allow("the grantee", grant.grantee_principal)
    constraints = grant.constraints
    if not constraints.encryption_context_equals.is_null:
        found.limit("encryption_context_equals", constraints.encryption_context_equals)
    for one in (constraints.encryption_context_equals, constraints.encryption_context_subset):
        found.open |= one.unknown is not None
        for key, value in one.items():
            found.limit(f"context {key}", value)
    if not constraints.source_arn.is_null:
        found.limit("source_arn", constraints.source_arn)
    return found.extent()


# -- statements ----------------------------------------------------------------------------


def _of_statement(statement: Statement) -> Extent:
    """Of a Deny, what it denies limits; what it spares is allowed."""
    found = _Facts(denies=statement.effect.text == "Deny")
    if statement.not_action or found.denies:
        for action in statement.actions.elements():
            found.add("the action", action, limits=statement.not_action)
    else:
        found.act(statement.actions)
    for one in statement.principals:
        found.add("the principal", one.value, limits=statement.not_principal)
    for resource in statement.resources.elements():
        found.add("the resource", resource, limits=statement.not_resource)
    found.open |= any(one.unknown is not None for one in (statement.actions, statement.resources))
    for condition in statement.conditions:
        _add_condition(found, condition)
    return found.extent()


def _add_condition(found: _Facts, condition: Condition) -> None:
    """A condition limits; each value that meets it allows, each that must not be met limits."""
    operator, key = condition.operator.text, condition.key.text
    if operator is None or key is None or condition.key.has_sensitive():
        found.open = True
        return
    words = [condition.set.text, operator, key, "IfExists" if condition.if_exists.raw else None]
    name = " ".join(word for word in words if word)
    found.limit("the condition", string(name))
    found.open |= condition.values.unknown is not None
    for value in condition.values.elements():
        found.add(f"{name}:", value, limits=is_negated(operator))


class _Facts:
    """The facts of an extent while they are collected; of a Deny they count the other way."""

    def __init__(self, *, denies: bool = False) -> None:
        self.denies = denies
        self.open = False
        self._actions: set[str] = set()
        self._allows: dict[str, str] = {}
        self._limits: dict[str, str] = {}

    def extent(self) -> Extent:
        return Extent(frozenset(self._actions), self._allows, self._limits, self.open)

    def act(self, actions: Value) -> None:
        """Actions or operations that are allowed, without those of other services."""
        self.open |= actions.unknown is not None
        for one in actions.certain():
            if one.text is None or one.has_sensitive():
                self.open = True
            elif _ACTION.fullmatch(one.text) is None:
                self.allow("the action", one)
            elif not _OF_OTHERS.match(one.text):
                self._actions.add(one.text)

    def allow(self, what: str, value: Value) -> None:
        self.add(what, value, limits=False)

    def limit(self, what: str, value: Value) -> None:
        self.add(what, value, limits=True)

    def add(self, what: str, value: Value, *, limits: bool) -> None:
        """A value that limits, or allows; one that is not known leaves the extent open."""
        fact = _fact(value)
        if fact is None:
            self.open = True
            return
        into = self._limits if limits is not self.denies else self._allows
        digest = hashlib.sha256(json.dumps([what, fact]).encode()).hexdigest()[:_DIGITS]
        into[digest] = f"{what} {fact}"


def _fact(value: Value) -> str | None:
    """What tells a value from others, as it is said; None where it is not known."""
    made = _made_here(value)
    if made is not None:
        return made
    if not value.wholly_known() or value.has_sensitive():
        return None
    shown = value_json(value)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def _made_here(value: Value) -> str | None:
    """The resource of the configuration that a value is an identifier of."""
    steps = [step for step in value.trail if step.kind == "resource"]
    for step in steps:
        if _LASTING.search(step.name):
            inside = step.module and not step.name.startswith(step.module)
            return f"{step.module}.{step.name}" if inside else step.name
    cause = value.unknown
    return cause.refers_to.address if cause is not None and cause.refers_to is not None else None
