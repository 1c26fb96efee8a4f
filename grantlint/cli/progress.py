"""One line on standard error that says what a long run is doing, and is gone when it ends."""

from __future__ import annotations

import os
import sys
from time import monotonic
from types import TracebackType
from typing import Final, Self

from grantlint.reports.snippet import cut, printable, width

AFTER: Final = 1.0
EVERY: Final = 0.1


class Progress:
    """Shown only where somebody watches: on a terminal, after a second, not in CI.

    A run tells it what it does at each directory and resource, so that it needs no thread; in
    between, the line stays as it is.
    """

    def __init__(self, wanted: bool) -> None:
        watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = wanted and watched and not os.environ.get("CI")
        self._next = monotonic() + AFTER
        self._width = 0

    def __call__(self, doing: str) -> None:
        """Show what is being done, over what was shown before."""
        if not self._shown or monotonic() < self._next:
            return
        self._next = monotonic() + EVERY
        text = cut(f"{printable(doing)} …", _columns() - 1)
        self._write(text + " " * (self._width - width(text)))
        self._width = width(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the line."""
        if self._width:
            self._write(" " * self._width + "\r")
        self._shown = False

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write("\r" + text)
            sys.stderr.flush()
        except OSError:  # the terminal is gone
            self._shown = False


def _columns() -> int:
    try:
        return max(os.get_terminal_size(sys.stderr.fileno()).columns, 20)
    except OSError:
        return 80
