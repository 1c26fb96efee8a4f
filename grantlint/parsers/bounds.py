"""How much a configuration may come to before it is no longer followed.

What is written in a few lines can stand for more than any machine holds (a list of itself twice,
forty times over; a module that calls the next one twice). Beyond these bounds a value is unknown
and says so; real estates stay far below them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grantlint.value import Unknown, Value

DEEPEST: Final = 2000
"""Evaluations inside one another, over all references; a file's own nesting ends at 200."""
MOST_EVALUATIONS: Final = 1_500_000
"""Expressions evaluated for one root module, each time they are; about 20 s of CPU.

One value takes at most half of those that are left, so that it cannot hide the others.
"""
MOST_MEMBERS: Final = 1_000_000
"""Members of one value at all depths."""
LONGEST_TEXT: Final = 5_000_000
"""Characters of one text."""
MOST_HOLES: Final = 10_000
"""Unknown pieces of one text."""
MOST_INSTANCES: Final = 10_000
"""Instances of one block, and of all module calls of one root module."""
DEEPEST_MODULES: Final = 200
"""Module calls inside one another."""


def too_long(characters: int) -> str | None:
    """The reason that a text is not known, where it would be longer than is followed."""
    if characters <= LONGEST_TEXT:
        return None
    return f"a text of more than {LONGEST_TEXT:,} characters is not followed"


class Weights:
    """How many members values have, counting shared ones each time, without walking them again."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, int]] = {}

    def of(self, value: Value) -> int:
        """The members of a value at all depths; more than MOST_MEMBERS is not counted out."""
        raw = value.raw
        if isinstance(raw, Unknown):
            holes = [part for part in raw.parts if isinstance(part, Value)]
            held = [*raw.choices, *raw.has, *holes]
        elif isinstance(raw, tuple):
            held = list(raw)
        elif type(raw) is dict:
            held = list(raw.values())
        elif isinstance(raw, Mapping):  # a resource, planned when asked for
            return 1
        else:
            held = []
        if value.encodes is not None:
            held.append(value.encodes)
        if not held:
            return 1
        known = self._known.get(id(raw))
        if known is not None and known[0] is raw:
            return known[1]
        weight = 1
        for member in held:
            weight += self.of(member)
            if weight > MOST_MEMBERS:
                break
        self._known[id(raw)] = (raw, weight)  # holding on to it keeps its id its own
        return weight
