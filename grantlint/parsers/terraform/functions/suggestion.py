"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def suggestion(given: str, known: Iterable[str]) -> str | None:
    """The nearest known name at most two edits away, the first in the alphabet of several.

    Terraform takes any of them, which one differs from run to run.
    """
    near = [(distance(given, name), name) for name in known if abs(len(name) - len(given)) <= 2]
    edits, name = min(near, default=(3, ""))
    return name if edits <= 2 else None


def distance(left: str, right: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]
