"""The error for what a user cannot mean, and what may be meant."""

from __future__ import annotations

from collections.abc import Iterable


class UsageError(Exception):
    """A mistake of the user; the text says how to mend it. Caught once, in `cli/`."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of these names that may be meant."""
    from difflib import get_close_matches  # noqa: PLC0415  # only who errs needs it

    written = name.strip().lower().replace("_", "-")
    near = get_close_matches(written, sorted(known), n=1, cutoff=cutoff)
    return near[0] if near else None
