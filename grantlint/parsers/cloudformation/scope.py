"""What names mean at a place of a template: references, loops, and conditions that are assumed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from grantlint.parsers.cloudformation import intrinsics
from grantlint.parsers.cloudformation.choices import (
    NO_VALUE,
    is_absent,
    is_consistent,
    one_of,
    options,
)
from grantlint.parsers.cloudformation.evaluate import evaluate
from grantlint.parsers.json_text import Node
from grantlint.source import Source, Span
from grantlint.value import Step, Truth, Value, failure, unknown

if TYPE_CHECKING:
    from grantlint.parsers.cloudformation.stack import Stack

_LOOP_NAME: Final = re.compile(r"[$&]\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Scope:
    """A place in a template of a stack.

    `bindings` are the names of loops, `met` the conditions of which it is assumed whether they
    are, `fixed` what parameters are by that. `source` is the file that nodes stand in.
    """

    stack: Stack
    source: Source
    bindings: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    met: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    fixed: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    depth: int = 0

    def place(self, node: Node) -> Span:
        """Where a node stands."""
        return Span(self.source, node.start, node.end)

    def deeper(self) -> Scope:
        """The same, one level further in."""
        # spelt out: dataclasses.replace takes five times as long
        return Scope(self.stack, self.source, self.bindings, self.met, self.fixed, self.depth + 1)

    def bind(self, name: str, value: Value) -> Scope:
        """One turn of a loop."""
        return replace(self, bindings={**self.bindings, name: value}, depth=self.depth + 1)

    def named(self, key: str) -> str | None:
        """A key with the names of loops written out."""
        if not self.bindings or "{" not in key:
            return key

        def meaning(match: re.Match[str]) -> str:
            bound = self.bindings.get(match[1])
            return match[0] if bound is None or bound.text is None else bound.text

        return _LOOP_NAME.sub(meaning, key)

    # -- references ------------------------------------------------------------------------

    def ref(self, name: str, span: Span) -> Value:
        """What `Ref` of a name gives."""
        bound = self.bindings.get(name)
        if bound is not None:
            return bound.through(Step(name, span, "each"))
        if name == "AWS::NoValue":
            return NO_VALUE
        if name.startswith("AWS::"):
            return self.stack.pseudo(name, span)
        parameter = self.stack.parameters.get(name)
        if parameter is not None:
            value = self.fixed.get(name, parameter.value)
            return value.through(Step(name, span, parameter.kind))
        found = self.stack.reference(self._logical(name), span)
        if found is None:
            return failure(f"{name} is no parameter and no resource of the template", span)
        return found

    def attribute(self, logical: str, name: str, span: Span) -> Value:
        """What `Fn::GetAtt` gives."""
        found = self.stack.attribute(self._logical(logical), name, span)
        if found is None:
            return failure(f"{logical} is no resource of the template", span)
        return found

    def _logical(self, name: str) -> str:
        return self.named(name) or name

    def mapped(self, keys: Sequence[Value], otherwise: Value | None, span: Span) -> Value:
        """What a mapping holds; unknown keys leave all that they can be."""
        section = self.stack.mappings.get(keys[0].text or "")
        if section is None:
            hidden = keys[0].unknown
            if otherwise is not None and hidden is None:
                return otherwise
            reason = f"there is no mapping {keys[0].text}" if hidden is None else hidden.reason
            return failure(reason, span) if hidden is None else unknown(reason, span)
        every = (
            (value, " and ".join(text for text in (first, second) if text))
            for inner, first in self._under(section, keys[1])
            for value, second in self._inside(inner, keys[2], otherwise)
            if is_consistent((first, second))
        )
        found = list(islice(every, _MOST_ENTRIES))
        hidden = next((key.unknown for key in keys if key.unknown is not None), None)
        if not found:
            if otherwise is not None:
                return otherwise
            name = ".".join(key.text or "?" for key in keys)
            return (
                failure(f"the mapping has no {name}", span)
                if not hidden
                else unknown(hidden.reason, span)
            )
        value = one_of(hidden.reason if hidden else "", found, span)
        return value.through(Step(keys[0].text or "", span, "local"))

    def _under(self, section: Node, key: Value) -> Iterator[tuple[Node | None, str]]:
        if key.text is not None:
            yield section.member(key.text), ""
            return
        for member in section.members:
            yield member.value, f'{_said(key)} is "{member.key}"'

    def _inside(
        self, node: Node | None, key: Value, otherwise: Value | None
    ) -> Iterator[tuple[Value, str]]:
        members = node.members if node is not None else []
        if key.text is not None:
            found = node.member(key.text) if node is not None else None
            if found is not None:
                yield evaluate(found, self), ""
            elif otherwise is not None:
                yield otherwise, ""
            return
        for member in members:
            yield evaluate(member.value, self), f'{_said(key)} is "{member.key}"'

    # -- conditions ------------------------------------------------------------------------

    def condition(self, name: str) -> Truth:
        """Whether a condition is met."""
        given = self.met.get(name)
        if given is not None:
            return Truth.of(given)
        return self.stack.decided(name, self)

    def truth(self, node: Node) -> Truth:
        """Whether what a condition says is so."""
        members = node.members
        if len(members) != 1:
            return Truth.MAYBE
        name, argument = members[0].key, members[0].value
        if name == "Condition" and isinstance(argument.value, str):
            return self.condition(self._logical(argument.value))
        inner = self.deeper()
        if self.depth > _DEEPEST:
            return Truth.MAYBE
        parts = argument.elements or []
        if name == "Fn::Not" and len(parts) == 1:
            return ~inner.truth(parts[0])
        if name == "Fn::And":
            return Truth.all(inner.truth(part) for part in parts)
        if name == "Fn::Or":
            return Truth.any(inner.truth(part) for part in parts)
        if name == "Fn::Equals" and len(parts) == 2:
            return equal(evaluate(parts[0], inner), evaluate(parts[1], inner))
        return Truth.MAYBE

    def assume(self, name: str, *, met: bool) -> Scope:
        """The same place where a condition is met, or is not, with all that follows from it."""
        said = dict(self.met)
        fixed = dict(self.fixed)
        pending: list[tuple[Node, bool]] = []
        names = [(name, met)]
        while names or pending:
            if names:
                one, truth = names.pop()
                if one not in said:
                    said[one] = truth
                    node = self.stack.conditions.get(one)
                    if node is not None:
                        pending.append((node, truth))
                continue
            node, truth = pending.pop()
            if len(node.members) != 1:
                continue
            operator, argument = node.members[0].key, node.members[0].value
            parts = argument.elements or []
            if operator == "Condition" and isinstance(argument.value, str):
                names.append((argument.value, truth))
            elif operator == "Fn::Not":
                pending += [(part, not truth) for part in parts]
            elif (operator, truth) in {("Fn::And", True), ("Fn::Or", False)}:
                pending += [(part, truth) for part in parts]
            elif operator == "Fn::Equals" and len(parts) == 2:
                fixed.update(self._fixed(parts, truth))
        return replace(self, met=said, fixed=fixed)

    def _fixed(self, parts: Sequence[Node], truth: bool) -> Iterator[tuple[str, Value]]:
        """What a parameter is where it equals a text, or does not."""
        for one, other in (parts, [*reversed(parts)]):
            named = one.members[0] if len(one.members) == 1 else None
            if named is None or named.key != "Ref" or not isinstance(named.value.value, str):
                continue
            parameter = self.stack.parameters.get(named.value.value)
            if parameter is None or parameter.value.unknown is None:
                continue
            value, against = parameter.value, evaluate(other, self)
            if truth and against.text is not None and not value.sensitive:
                yield named.value.value, against
            elif not truth and value.unknown is not None and value.unknown.choices:
                left = [
                    (choice, where)
                    for choice, where in options(value)
                    if equal(choice, against) is not Truth.YES
                ]
                if left:
                    yield named.value.value, one_of(value.unknown.reason, left, value.written)


_DEEPEST: Final = 200
_MOST_ENTRIES: Final = 500
"""Entries of a mapping that are looked at for keys that are not known."""


def equal(one: Value, other: Value) -> Truth:
    """Whether two values are equal for Fn::Equals, which compares texts."""
    if is_absent(one) or is_absent(other):
        return Truth.MAYBE
    a, b = intrinsics.text(one), intrinsics.text(other)
    if a.text is not None:
        return b.equals(a.text)
    if b.text is not None:
        return a.equals(b.text)
    if a.unknown is None and b.unknown is None and a.wholly_known() and b.wholly_known():
        return Truth.of(intrinsics.plain(a) == intrinsics.plain(b))
    return Truth.MAYBE


def _said(key: Value) -> str:
    step = next((step.name for step in reversed(key.trail)), None)
    return step or "the key"
