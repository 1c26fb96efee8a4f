"""The options about accepted findings, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli.output import complain
from grantlint.config import UsageError

if TYPE_CHECKING:
    from grantlint.check import Terms
    from grantlint.cli.progress import Progress
    from grantlint.finding import Report
    from grantlint.mend.ignores import Wanted
    from grantlint.parsers.settings import Options
    from grantlint.suppress.accepting import Accepting

NoIgnores = Annotated[
    bool,
    typer.Option(
        "--no-ignores", help="Accept nothing, whatever comments, Metadata and configuration say."
    ),
]
Mandatory = Annotated[
    list[str] | None,
    typer.Option(
        "--mandatory",
        metavar="RULE[,RULE]",
        help="Findings of these rules cannot be accepted; can be repeated.",
    ),
]
Today = Annotated[
    str | None,
    typer.Option(
        "--today", metavar="YYYY-MM-DD", help="The day by which `until` is judged, not this one."
    ),
]
AddIgnore = Annotated[
    str | None,
    typer.Option(
        "--add-ignore",
        metavar="REASON",
        help="Accept what is found: write a comment for each, in files in PATHS.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="YYYY-MM-DD", help="With --add-ignore, the last day it holds."),
]


def accepting(no_ignores: bool, mandatory: Sequence[str], today: str | None) -> Accepting:
    """By what acceptances are judged."""
    from grantlint.suppress.accepting import Accepting

    day = _day("--today", today) if today is not None else None
    return Accepting(mandatory=frozenset(mandatory), ignores=not no_ignores, today=day)


def wanted(
    reason: str | None,
    until: str | None,
    given: Accepting,
    clashes: Sequence[str],
    *,
    possible: bool,
) -> Wanted | None:
    """What is to be accepted; None where that is nothing. `clashes` are options that go against."""
    if reason is None:
        if until is not None:
            raise UsageError(f"--until {until}: it goes with --add-ignore REASON")
        return None
    for option in clashes:
        raise UsageError(f"--add-ignore and {option}: only one of them can be meant")
    if not reason.strip():
        raise UsageError("--add-ignore: the reason is empty, say why the findings are accepted")
    if not reason.isprintable():
        raise UsageError("--add-ignore: the reason stands on one line, without control characters")
    from grantlint.mend.ignores import Wanted

    last = _day("--until", until) if until is not None else None
    if last is not None and last < given.day():
        raise UsageError(f"--until {until}: that day is past")
    return Wanted(reason.strip(), last, possible)


def add(
    paths: Sequence[str], given: Options, terms: Terms, progress: Progress, wanted: Wanted
) -> Report:
    """Write the comments, say what came of it, and report what is left."""
    from grantlint.mend.ignores import add_ignores

    added = add_ignores(paths, given, terms, progress, wanted)
    for finding, why in added.refused:
        complain(f"{finding.span or finding.path}: {finding.rule} is not accepted: {why}")
    if added.entries:
        head = "for a grantlint.toml in the top directory of the repository:\n\n"
        complain(head + "\n".join(added.entries))
    if added.findings:
        findings = "finding" if added.findings == 1 else "findings"
        files = "file" if added.files == 1 else "files"
        complain(f"accepted {added.findings} {findings} in {added.files} {files}")
    return added.report


def _day(option: str, text: str) -> date:
    from grantlint.suppress.grammar import day

    found = day(text)
    if isinstance(found, str):
        raise UsageError(f"{option} {text}: {found}")
    return found
