"""What a report looks like: one module a format, each with a `render`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grantlint.finding import Finding, Report

FORMATS = (
    "text",
    "concise",
    "json",
    "jsonl",
    "sarif",
    "junit",
    "github",
    "gitlab",
    "markdown",
    "html",
)
IN_JSON = frozenset({"json", "jsonl", "sarif", "gitlab"})
WITHOUT_FIXES = frozenset({"text", "concise", "junit", "github", "gitlab"})
"""Formats that show no fixes, unless that is asked for."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the user wants it: in colour, with the possible findings too, with all there is to say.

    `quiet` leaves one line a finding; `fixes` shows what would mend them;
    `columns` is the width of the terminal, if it goes to one. `repository` is the top directory of
    the git repository: what other programs read has paths from there. `links` are for a terminal
    that has them, `hint` is for a person who may want to know what to do next. `blob` is the URL
    below which a server shows the files of the repository, "" where none does.
    """

    color: bool = False
    possible: bool = False
    verbose: bool = False
    quiet: bool = False
    fixes: bool = False
    columns: int | None = None
    repository: Path | None = None
    links: bool = False
    hint: bool = False
    blob: str = ""

    def counts(self, finding: Finding) -> bool:
        """Whether a finding is one for this user: a certain one, or on demand a possible one."""
        return finding.severity is None or finding.certain or self.possible


def renderer(format: str) -> Callable[[Report, Look], str]:
    """The `render` of one of FORMATS."""
    render: Callable[[Report, Look], str] = import_module(f"{__name__}.{format}").render
    return render
