"""One resource of a template, evaluated as far as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grantlint.parsers.cloudformation.evaluate import evaluate, section
from grantlint.parsers.cloudformation.scope import Scope
from grantlint.parsers.json_text import Node
from grantlint.source import Span
from grantlint.value import Step, Truth, Value, null, object_


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a template. `header` is the place of its logical id."""

    logical: str
    type: str
    node: Node
    scope: Scope
    span: Span
    header: Span
    exists: Truth = Truth.YES
    condition: str | None = None
    rests_on: tuple[Step, ...] = ()

    def field(self, name: str) -> Value:
        """Properties, Metadata and the like; without them an empty object, or null."""
        node = self.node.member(name)
        if node is None:
            return object_({}) if name == "Properties" else null()
        value = section(node, self.scope)
        return replace(value, trail=value.trail + self.rests_on) if self.rests_on else value

    def has(self, *names: str) -> bool:
        """Whether any of these properties may be written."""
        properties = self.node.member("Properties")
        if properties is None:
            return False
        keys = {member.key for member in properties.members}
        return not keys.isdisjoint(names) or any(key.startswith("Fn::") for key in keys)

    def property(self, name: str) -> Value:
        """One property alone."""
        section = self.node.member("Properties")
        node = section.member(name) if section is not None else None
        return null() if node is None else evaluate(node, self.scope)
