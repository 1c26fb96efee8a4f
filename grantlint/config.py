"""What the user has set, and the error for what cannot be meant.

Takes nothing from files yet: everything comes from the command line.
"""

from __future__ import annotations

from dataclasses import dataclass

from grantlint.rule import Severity


class UsageError(Exception):
    """A mistake of the user; the text says how to mend it. Caught once, in `cli/`."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Which findings make a run fail.

    `fail_on` is the lowest severity that does, None for never. `possible` lets the findings count
    too that are only possible. `allow_empty` makes a run without any input a success.
    """

    fail_on: Severity | None = Severity.MEDIUM
    possible: bool = False
    allow_empty: bool = False
