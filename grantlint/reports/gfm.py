"""Markdown as GitHub and GitLab render it, in which nothing of a file means anything.

Whatever comes from a file and is more than words stands in a code span, where there is no HTML,
no link, no image, no mention and no reference; words are letters and what punctuates a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from grantlint.reports.pieces import pieces
from grantlint.reports.snippet import cut, printable

LONGEST = 1000  # columns of one text: a name of megabytes helps nobody


def said(text: str) -> str:
    """A sentence with the names in it as code."""
    return "".join(
        code(piece) if kind == "name" else piece
        for kind, piece in pieces(cut(printable(text), LONGEST))
    )


def code(text: str) -> str:
    """A code span: its fence is longer than any run of backticks in it."""
    shown = cut(printable(text), LONGEST)
    fence = "`" * (_longest_run(shown) + 1)
    blank = " " if shown[:1] in {"`", " "} or shown[-1:] in {"`", " "} else ""
    return f"{fence}{blank}{shown}{blank}{fence}" if shown else ""


def block(lines: Iterable[str], language: str = "") -> list[str]:
    """A fenced block of lines that are printable already."""
    inside = list(lines)
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in inside))
    return [f"{fence}{language}", *inside, fence]


def link(shown: str, url: str) -> str:
    """A link whose text is Markdown without links."""
    return f"[{shown}](<{url}>)"


def address(path: str) -> str:
    """A path as a part of a URL."""
    return quote(path, "/")


def details(summary: str, lines: Iterable[str]) -> list[str]:
    """Lines that are folded below a summary, which is HTML."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
