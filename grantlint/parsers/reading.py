"""What the files of one format, or of all, come to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from grantlint.model import Grant, Identity, Inventory, Key
from grantlint.parsers.kms.notes import Notes
from grantlint.source import Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in files.

    `unreadable` are faults of files that could not be read or parsed, `files` how many files
    were read, `undeclared` the names of `--var` and `--parameter` that nothing declares (in a
    reading of all formats with the option before them),
    `verbose` lines that say what was taken for what, and which variable files and modules were
    used. `replaces` are directories of root modules that a plan was read together with: what is
    in them is in the plan.
    """

    inventory: Inventory
    unreadable: tuple[Problem, ...] = ()
    files: int = 0
    undeclared: tuple[str, ...] = ()
    verbose: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


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
