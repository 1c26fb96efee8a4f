"""What a report looks like: one module a format, each with a `render`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grantlint.finding import Report

FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Look:
    """How the user wants it: in colour, with the possible findings too, with all there is to say.

    `quiet` leaves one line a finding; `fixes` shows what would mend them;
    `columns` is the width of the terminal, if it goes to one. `repository` is the top directory of
    the git repository: what other programs read has paths from there.
    """

    color: bool = False
    possible: bool = False
    verbose: bool = False
    quiet: bool = False
    fixes: bool = False
    columns: int | None = None
    repository: Path | None = None


def renderer(format: str) -> Callable[[Report, Look], str]:
    """The `render` of one of FORMATS."""
    render: Callable[[Report, Look], str] = import_module(f"{__name__}.{format}").render
    return render
