"""Which of the names that there are somebody has meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The one of these names that may be meant; the first in their order of several."""
    from difflib import get_close_matches  # noqa: PLC0415  # only who errs needs it

    written = name.strip().lower().replace("_", "-")
    near = get_close_matches(written, list(known), n=1, cutoff=cutoff)
    return near[0] if near else None
