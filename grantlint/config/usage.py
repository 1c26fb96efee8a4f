"""The error for what a user cannot mean."""

from __future__ import annotations


class UsageError(Exception):
    """A mistake of the user; the text says how to mend it. Caught once, in `cli/`."""
