"""What the stacks of a run share, and what those of one app do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantlint.parsers.cloudformation import cross_region
from grantlint.parsers.cloudformation.resource import Resource
from grantlint.parsers.cloudformation.syntax import Template, parse
from grantlint.parsers.json_text import Node
from grantlint.source import Problem, Source, Span
from grantlint.value import Value

if TYPE_CHECKING:
    from grantlint.parsers.cloudformation.scope import Scope
    from grantlint.parsers.cloudformation.stack import Stack

Reader = Callable[[str, Source], Source | Problem | None]
"""Reads a file that a template names; None for what is no local file."""


@dataclass(slots=True, eq=False)
class Run:
    """What the stacks of a run share: exported values, files, what cannot be seen.

    `exports` are stacks and nodes by the name of the export; None before they are collected.
    """

    read: Reader
    stacks: list[Stack] = field(default_factory=list)
    notes: dict[str, list[Span]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    templates: dict[str, Template] = field(default_factory=dict)
    exports: dict[str, list[tuple[Stack, Node, Scope]]] | None = None
    nested: int = 0

    def note(self, reason: str, span: Span) -> None:
        """Something that cannot be seen."""
        places = self.notes.setdefault(reason, [])
        if not any(one.path == span.path and one.start == span.start for one in places):
            places.append(span)

    def template(self, source: Source) -> Template | None:
        """A file's tree, read once; what is wrong in it is a problem of the run."""
        found = self.templates.get(source.path)
        if found is None:
            parsed = parse(source)
            self.files.add(source.path)
            if isinstance(parsed, Problem):
                self.problems.append(parsed)
                return None
            self.problems.extend(parsed.problems)
            found = self.templates[source.path] = parsed
        return found

    def exported(self, name: str) -> list[tuple[Stack, Node, Scope]]:
        """The outputs that are exported by that name."""
        if self.exports is None:
            self.exports = {}
            for stack in self.stacks:
                for text, node, scope in stack.exports():
                    self.exports.setdefault(text, []).append((stack, node, scope))
        return self.exports.get(name, [])


@dataclass(slots=True, eq=False)
class Group:
    """Stacks whose resources may refer to each other, all nested ones among them."""

    stacks: Sequence[Stack]
    addresses: dict[str, Resource] = field(default_factory=dict)
    _crossing: Mapping[str, Value] | None = None

    def __post_init__(self) -> None:
        """Every stack knows its group, and the group every resource by its address."""
        for stack in self.stacks:
            stack.group = self
            for resource in stack.resources().values():
                self.addresses.setdefault(stack.address(resource.logical), resource)

    def crossing(self) -> Mapping[str, Value]:
        """What the stacks hand to stacks in other regions, by the names of the parameters."""
        if self._crossing is None:
            self._crossing = {}  # what is handed on and back again is not known
            self._crossing = cross_region.exports(
                (one.logical, one.type, one.field("Properties"))
                for one in self.addresses.values()
                if one.type == cross_region.WRITER
            )
        return self._crossing
