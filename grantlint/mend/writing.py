"""Edits written to files, tried, and taken back where they do not come to what was meant."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from grantlint.fix import Edit, edited

if TYPE_CHECKING:
    from grantlint.source import Source

Outcome = TypeVar("Outcome")


def tried(
    edits: Sequence[Edit],
    again: Callable[[], Outcome],
    surprise: Callable[[Outcome], str | None],
) -> tuple[str, Outcome | None]:
    """Make the edits; why they were taken back, or what is found behind them.

    `again` reads and judges, `surprise` says what of that is not as it was meant. A file that is
    not as it was read is not touched.
    """
    sources = {edit.span.path: edit.span.source for edit in edits}
    written: list[Source] = []
    kept = False
    try:
        for source in sources.values():
            if Path(source.path).read_bytes() != source.data:
                return f"{source.path} has changed meanwhile", None
            write(Path(source.path), edited(source, edits))
            written.append(source)
        after = again()
        fault = surprise(after)
        kept = fault is None
        return fault or "", after if kept else None
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        return f"{error.filename or 'a file'}: {reason}", None
    finally:
        if not kept:
            for source in written:
                write(Path(source.path), source.data)


def write(path: Path, data: bytes) -> None:
    """Put a file's new text in its place at once, its mode kept."""
    mode = stat.S_IMODE(path.stat().st_mode)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
