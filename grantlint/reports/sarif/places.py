"""Places in SARIF: which file, as the repository knows it, and where in it.

A file of the repository (without one, of the working directory) is relative to `%SRCROOT%`. Any
other is an absolute `file:` URI, which GitHub takes and shows without its source: relative, it
would name another file. Standard input is no file at all, and keeps its name.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from grantlint.reports import Look
from grantlint.reports.paths import inside
from grantlint.source import Span

ROOT = "%SRCROOT%"
START = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
"""Where what has no place in its file is shown: GitHub shows no line below 1, and none without."""


def roots(look: Look) -> dict[str, object]:
    """What the relative URIs are relative to: `originalUriBaseIds` of the run."""
    uri = (look.repository or Path.cwd()).resolve().as_uri()
    what = "the top of the repository" if look.repository else "the working directory"
    return {ROOT: {"uri": uri.rstrip("/") + "/", "description": {"text": what}}}


def artifact(path: str, look: Look) -> dict[str, object]:
    """An `artifactLocation`."""
    found = inside(path, look)
    if found is not None:
        return {"uri": _quoted(found), "uriBaseId": ROOT}
    if path.startswith("<"):
        return {"uri": _quoted(path)}
    return {"uri": Path(path).resolve().as_uri()}


def physical(path: str, span: Span | None, look: Look) -> dict[str, object]:
    """A `physicalLocation`; without a span the beginning of the file."""
    where = region(span) if span is not None else START
    return {"artifactLocation": artifact(path, look), "region": where}


def region(span: Span) -> dict[str, int]:
    """A `region` in lines and columns of code points, the end exclusive."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _quoted(path: str) -> str:
    return quote(path, safe="/", errors="surrogateescape")
