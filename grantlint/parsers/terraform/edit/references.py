"""Whether a text is used once, as far as the modules' own texts show.

Two ways are looked at. Backwards, the references by which the value came to its key or grant.
Forwards, from the block that the text is in: a local or policy document must be referred to once,
and so must be what that reference is a part of, up to a resource or a call. The second sees what a
value has lost on its way, as a document that is merged into another one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.parsers.terraform.edit.place import Trees
from grantlint.parsers.terraform.edit.proposal import Proposal
from grantlint.parsers.terraform.module import (
    configuration_files,
    is_override,
    read_source,
    shown_in,
)
from grantlint.parsers.terraform.tree import Block
from grantlint.source import Source, Span
from grantlint.value import Step

_LONGEST: Final = 20
"""References in a row that are followed."""
_COUNTED: Final = {"local", "data", "variable", "default"}
"""Kinds of references that are followed, if the name is written once in its module."""
_VARIABLES: Final = {"variable", "default"}
_PASSED: Final = {"argument", "each"}
"""Kinds that lead to one place only: an argument of a call, the member of a for_each."""
_REFERENCE: Final = re.compile(r"(?<![\w.-])[A-Za-z_][\w-]*(?:\[\])?(?:\.[\w-]+(?:\[\])?)+")
_INDEX: Final = re.compile(r"\[[^\[\]\n]*\]")


@dataclass(slots=True, eq=False)
class Directories:
    """The configuration files of directories, each read once."""

    trees: Trees
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
        if not self._leads_to_one(proposal.touched[0], proposal.trail):
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

    def _leads_to_one(self, span: Span, trail: Sequence[Step]) -> bool:
        """Whether the only way on from the block of a text leads to one resource or call."""
        kinds = {step.kind for step in trail}
        for _ in range(_LONGEST):
            blocks = self.trees.blocks(span)
            if not blocks:
                return span.path.endswith(".tfvars") and bool(kinds & _VARIABLES)
            block = blocks[0]
            if block.type in {"resource", "module", "variable"}:
                passed = {"module": {"argument"}, "variable": _VARIABLES}
                return block.type == "resource" or bool(kinds & passed[block.type])
            name = _name_of(block, span)
            if name is None or self._references(span.path)[name] != 1:
                return False
            found = self._place(span.path, name)
            if found is None:
                return False
            span = found
        return False

    def _place(self, path: str, name: str) -> Span | None:
        """Where a name is written first."""
        pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])".encode())
        for source in self.sources(path):
            found = pattern.search(source.data)
            if found is not None:
                return Span(source, found.start(), found.end())
        return None

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


def _name_of(block: Block, span: Span) -> str | None:
    """What others call the data source or local that a place is in."""
    if block.type == "data":
        return ".".join(("data", *block.labels))
    arguments = block.body.arguments.values() if block.type == "locals" else ()
    found = (one for one in arguments if one.span.start <= span.start < one.span.end)
    argument = next(found, None)
    return None if argument is None else f"local.{argument.name}"


def _dotted(text: str) -> Iterator[str]:
    """Every reference, and every beginning of one that has at least two names."""
    for found in _REFERENCE.finditer(text):
        names = found[0].split(".")
        for length in range(2, len(names) + 1):
            yield ".".join(names[:length])
