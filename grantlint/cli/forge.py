"""The server that hosts the repository, where a run is one of its jobs: GitHub, GitLab."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.cli.output import complain

if TYPE_CHECKING:
    from grantlint.finding import Report
    from grantlint.reports import Look

SUMMARY: Final = 1024 * 1024
"""Bytes that GitHub takes as the summary of a step: https://docs.github.com/en/actions/reference."""

_URL: Final = re.compile(r"https?://[\w.:\[\]-]+(?:/[\w.~%/-]*)?")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def blob() -> str:
    """The URL below which the server shows the files of the commit that is judged, "" if none."""
    env = os.environ
    server, repository = env.get("GITHUB_SERVER_URL", ""), env.get("GITHUB_REPOSITORY", "")
    url, commit = env.get("CI_PROJECT_URL", ""), env.get("CI_COMMIT_SHA", "")
    found = f"{url}/-/blob"
    if server and repository:
        found, commit = f"{server}/{repository}/blob", env.get("GITHUB_SHA", "")
    return f"{found}/{commit}" if _URL.fullmatch(found) and _COMMIT.fullmatch(commit) else ""


def summarize(report: Report, look: Look) -> None:
    """Put the report into the summary of GitHub's job, if the run is in one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from grantlint.reports.markdown import page

    file = Path(path)
    try:
        used = file.stat().st_size if file.exists() else 0
        text = page(report, look, SUMMARY - used)
        with file.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as opened:
            opened.write(text)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        complain(f"GITHUB_STEP_SUMMARY {path}: it cannot be written: {reason}")
