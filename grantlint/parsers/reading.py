"""What the files of one format, or of all, come to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from grantlint.model import Construct, Grant, Identity, Inventory, Key
from grantlint.parsers.kms.notes import Notes
from grantlint.source import Problem, Source
from grantlint.value import Truth


def is_marked(source: Source) -> bool:
    """Whether a file may say anything to us: it has our name in it."""
    return b"grantlint" in source.data.lower()


@dataclass(frozen=True, slots=True)
class Marked:
    """A file of the run that has our name in it: a template, else one of Terraform's.

    `whole` is whether all is judged that its comments may speak of, MAYBE where what is not known
    may decide. One that is not the user's `own` was installed, or nobody asked for it. `who` is
    caller or module (see `Ignore`); `constructs` are those of a template by logical id.
    """

    source: Source
    template: bool = False
    who: str = ""
    whole: Truth = Truth.NO
    own: bool = True
    constructs: Mapping[str, Construct] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in files.

    `unreadable` are faults of files that could not be read or parsed, `files` how many files
    were read, `undeclared` the names of `--var` and `--parameter` that nothing declares (in a
    reading of all formats with the option before them),
    `verbose` lines that say what was taken for what, and which variable files and modules were
    used. `replaces` are directories of root modules that a plan was read together with: what is
    in them is in the plan. `marked` are the files with our name in them.
    """

    inventory: Inventory
    unreadable: tuple[Problem, ...] = ()
    files: int = 0
    undeclared: tuple[str, ...] = ()
    verbose: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    marked: tuple[Marked, ...] = ()


def together(inventories: Iterable[Inventory]) -> Inventory:
    """All inventories as one; each reason of a note once."""
    parts = tuple(inventories)
    notes = Notes()
    for part in parts:
        for note in part.notes:
            notes.add(note.reason, note.span, note.count)
    return Inventory(
        tuple(key for part in parts for key in part.keys),
        tuple(grant for part in parts for grant in part.grants),
        notes.sorted(),
        tuple(identity for part in parts for identity in part.identities),
    )


def without(inventory: Inventory, roots: Collection[str]) -> Inventory:
    """An inventory without what is in the root modules of these directories."""
    left = {os.path.realpath(root) for root in roots}

    def stays(one: Key | Grant | Identity) -> bool:
        return os.path.realpath(one.root) not in left

    return Inventory(
        tuple(filter(stays, inventory.keys)),
        tuple(filter(stays, inventory.grants)),
        inventory.notes,
        tuple(filter(stays, inventory.identities)),
    )


def once(marked: Iterable[Marked]) -> tuple[Marked, ...]:
    """Each file once, the first way."""
    found: dict[str, Marked] = {}
    for one in marked:
        found.setdefault(os.path.realpath(one.source.path), one)
    return tuple(found.values())
