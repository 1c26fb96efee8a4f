"""What a report looks like: one module a format, each with a `render`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from grantlint.finding import Report

FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Look:
    """How the user wants it: in colour, with the possible findings too, with every place."""

    color: bool = False
    possible: bool = False
    verbose: bool = False


def renderer(format: str) -> Callable[[Report, Look], str]:
    """The `render` of one of FORMATS."""
    render: Callable[[Report, Look], str] = import_module(f"{__name__}.{format}").render
    return render
