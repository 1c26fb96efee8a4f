"""What `grantlint init` does in a repository: it writes what is missing, changes nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grantlint.config.adoption import has_hook, with_hook
from grantlint.config.found import Search
from grantlint.config.reader import shown
from grantlint.config.starter import GITLAB, HOOK, PRE_COMMIT, WORKFLOW
from grantlint.config.usage import UsageError

CONFIGURATION: Final = "grantlint.toml"
_PRE_COMMIT: Final = ".pre-commit-config.yaml"
_WORKFLOW: Final = ".github/workflows/grantlint.yml"
_GITLAB: Final = ".gitlab-ci.yml"


@dataclass(frozen=True, slots=True)
class Step:
    """One file: its new `text`, None where it stays; what is said, what is to be added by hand."""

    path: Path
    says: str
    text: str | None = None
    by_hand: str = ""
    new: bool = True


def configuration(directory: Path, text: str) -> Step:
    """The configuration of a directory."""
    there = Search().near(directory)
    path = directory / CONFIGURATION
    if there is not None:
        return Step(path, f"kept {there.configuration.path}: it goes for {shown(directory)}")
    return Step(path, f"{shown(path)}: a configuration, every key explained", text)


def hook(top: Path) -> Step:
    """The entry for pre-commit."""
    path = top / _PRE_COMMIT
    if not os.path.lexists(path):
        return Step(path, f"{shown(path)}: the hook grantlint", PRE_COMMIT)
    text = _text(path, top)
    if text is not None and has_hook(text):
        return _kept(path, "it has the hook already")
    after = with_hook(text) if text is not None else None
    if after is None:
        return _kept(path, "add this to its repos", HOOK)
    return Step(path, f"{shown(path)}: the hook grantlint added", after, new=False)


def workflow(top: Path) -> Step:
    """The workflow for GitHub."""
    path = top / _WORKFLOW
    if os.path.lexists(path):
        return _kept(path, "it is there already")
    return Step(path, f"{shown(path)}: a workflow with code scanning", WORKFLOW)


def job(top: Path) -> Step:
    """The job for GitLab."""
    path = top / _GITLAB
    if not os.path.lexists(path):
        return Step(path, f"{shown(path)}: a job with code quality and test reports", GITLAB)
    text = _text(path, top)
    if text is not None and any(line.startswith("grantlint:") for line in text.split("\n")):
        return _kept(path, "it has the job already")
    return _kept(path, "add this to it", GITLAB)


def _kept(path: Path, why: str, by_hand: str = "") -> Step:
    return Step(path, f"kept {shown(path)}: {why}", by_hand=by_hand)


def _text(path: Path, top: Path) -> str | None:
    """What is in a file of the repository; None for a link out of it, or no text."""
    if not Path(os.path.realpath(path)).is_relative_to(top.resolve()):
        return None
    try:
        return path.read_bytes().decode("utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None


def write(step: Step, top: Path) -> None:
    """Make the file as the step says; a file that has come to be meanwhile is left alone."""
    if step.text is None:
        return
    if not Path(os.path.realpath(step.path.parent)).is_relative_to(top.resolve()):
        raise UsageError(f"{shown(step.path)}: its directory is a link out of the repository")
    try:
        step.path.parent.mkdir(parents=True, exist_ok=True)
        with step.path.open("x" if step.new else "w", encoding="utf-8", newline="") as file:
            file.write(step.text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{shown(step.path)}: it cannot be written: {reason}") from None


def placeholders(steps: list[Step]) -> Iterator[str]:
    """The files in which OWNER stands for where grantlint is kept."""
    for step in steps:
        if step.text is not None and "OWNER" in step.text:
            yield shown(step.path)
