"""Acceptances in the Metadata of a template's resources, for what has no comments.

    Metadata: {grantlint: {ignore: [{rules: [delegable-grant], reason: "…", until: 2027-03-31}]}}

One entry may stand without the list. It speaks of its whole resource, statements and all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from grantlint.extent import Extent
from grantlint.finding import Acceptance
from grantlint.model import Construct
from grantlint.parsers.cloudformation.syntax import Template
from grantlint.parsers.json_text import Member, Node
from grantlint.source import Span
from grantlint.spelling import nearest
from grantlint.suppress.grammar import accepted, day
from grantlint.suppress.ignore import Fault, Ignore

KEY: Final = "grantlint"
_KEYS: Final = ("rules", "reason", "until", "accepts")


def ignores(template: Template, constructs: Mapping[str, Construct]) -> Iterator[Ignore | Fault]:
    """The acceptances in a template, and what is wrong with others.

    Of a construct whose lines are known they stand where the program makes it.
    """
    for logical, resource in _resources(template.root):
        metadata = resource.value.member("Metadata")
        ours = metadata.member(KEY) if metadata is not None else None
        if ours is None:
            continue
        lines = constructs[logical].lines if logical in constructs else ()
        covers = Span(template.source, resource.start, resource.value.end)
        yield from _Reader(template, covers, lines[0] if lines else None).entries(ours)


def _resources(root: Node) -> Iterator[tuple[str, Member]]:
    """The resources by logical id, those in loops too."""
    section = root.member("Resources")
    pending = list(section.members) if section is not None else []
    while pending:
        one = pending.pop(0)
        looped = one.value.elements if one.key.startswith("Fn::ForEach") else None
        if looped is not None:
            pending[:0] = [member for node in looped for member in node.members]
        else:
            yield one.key, one


@dataclass(slots=True)
class _Reader:
    """Reads what one resource says; `line` is that of the program, where it is known."""

    template: Template
    covers: Span
    line: Span | None
    faults: list[Fault] = field(default_factory=list)

    def entries(self, ours: Node) -> Iterator[Ignore | Fault]:
        """Everything under the key."""
        self._keys(ours, ("ignore",))
        entries = ours.member("ignore")
        if entries is None:
            if not self.faults:
                self._wrong("nothing is accepted: write {ignore: [{rules: […], reason: …}]}", ours)
            yield from self.faults
            return
        listed = entries.elements
        for entry in [entries] if listed is None else listed:
            before = len(self.faults)
            found = self._entry(entry)
            if len(self.faults) == before and found is not None:
                yield found
        yield from self.faults

    def _entry(self, entry: Node) -> Ignore | None:
        if not entry.is_object:
            self._wrong("an entry is a map: {rules: […], reason: …}", entry)
            return None
        self._keys(entry, _KEYS)
        rules = list(self._rules(entry))
        return Ignore(
            Acceptance.METADATA,
            tuple(id for id, _ in rules),
            self._reason(entry),
            self._until(entry),
            self._accepts(entry),
            self.line or self._span(entry),
            self.covers,
            named=tuple(span for _, span in rules),
        )

    def _rules(self, entry: Node) -> Iterator[tuple[str, Span]]:
        node = entry.member("rules")
        listed = node.elements if node is not None else None
        if node is None or listed == []:
            self._wrong("no rule is named: add rules: […]", node or entry)
            return
        for one in [node] if listed is None else listed:
            if isinstance(one.value, str):
                yield one.value.strip(), self._place(one)
            else:
                self._wrong("the id of a rule is a text", one)

    def _text(self, entry: Node, name: str) -> str | None:
        node = entry.member(name)
        if node is None:
            return None
        if not isinstance(node.value, str):
            self._wrong(f"{name} is a text", node)
            return None
        return node.value.strip()

    def _reason(self, entry: Node) -> str:
        found = self._text(entry, "reason")
        if entry.member("reason") is None:
            self._wrong("why is not said: add a reason", entry)
        elif found == "":
            self._wrong("the reason is empty: say why", entry.member("reason") or entry)
        return found or ""

    def _until(self, entry: Node) -> date | None:
        found = self._text(entry, "until")
        made = None if found is None else day(found)
        if isinstance(made, str):
            self._wrong(made, entry.member("until") or entry)
            return None
        return made

    def _accepts(self, entry: Node) -> Extent | None:
        found = self._text(entry, "accepts")
        made = None if found is None else accepted(found)
        if isinstance(made, str):
            self._wrong(made, entry.member("accepts") or entry)
            return None
        return made

    def _keys(self, node: Node, known: tuple[str, ...]) -> None:
        for one in node.members:
            if one.key not in known:
                near = nearest(one.key, known)
                hint = f"did you mean {near}?" if near else f"there is {', '.join(known)}"
                self.faults.append(
                    Fault(f"there is no {one.key}: {hint}", self._at(one.start, one.end))
                )

    def _wrong(self, message: str, node: Node) -> None:
        self.faults.append(Fault(message, self._place(node)))

    def _place(self, node: Node) -> Span:
        return self.line or self._span(node)

    def _span(self, node: Node) -> Span:
        return Span(self.template.source, node.start, node.end)

    def _at(self, start: int, end: int) -> Span:
        return self.line or Span(self.template.source, start, end)
