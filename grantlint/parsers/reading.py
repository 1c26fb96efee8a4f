"""What the files of one format, or of all, come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grantlint.model import Inventory
from grantlint.parsers.kms.notes import Notes
from grantlint.source import Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in files.

    `unreadable` are faults of files that could not be read or parsed, `files` how many files
    were read, `undeclared` the names of `--var` and `--parameter` that nothing declares (in a
    reading of all formats with the option before them),
    `verbose` lines that say what was taken for what, and which variable files and modules were
    used.
    """

    inventory: Inventory
    unreadable: tuple[Problem, ...] = ()
    files: int = 0
    undeclared: tuple[str, ...] = ()
    verbose: tuple[str, ...] = ()


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
