"""`grantlint baseline`: findings that are accepted as they are, in a file."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.baseline import NAME
from grantlint.cli import options
from grantlint.cli.asked import Asked, judging
from grantlint.cli.headings import Headed
from grantlint.cli.output import complain, write
from grantlint.cli.progress import Progress
from grantlint.config import UsageError
from grantlint.reports.snippet import printable

if TYPE_CHECKING:
    from grantlint.baseline import Baseline, Compared, Entry
    from grantlint.finding import Finding, Report


def _examples(*lines: str) -> str:
    return "Examples:\n\n\b\n" + "\n".join(f"  grantlint baseline {line}" for line in lines)


commands = typer.Typer(
    no_args_is_help=True,
    help="Accept what is found now, and see what is found besides.",
    epilog=_examples("write .", "check .", "prune ."),
)

_File = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help=f"The file with what is accepted.  [default: that of the configuration, else {NAME}]",
    ),
]


def _with_options(act: Callable[[Asked, str], None]) -> Callable[..., None]:
    """A command with the options of all that judge, and with the baseline."""

    def command(
        asked: Asked,
        baseline: _File = None,
        debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
    ) -> None:
        act(asked, baseline or asked.run.baseline or NAME)

    command.__doc__ = act.__doc__
    return judging(command, without=("changed", "fail_on"))


def _judged(asked: Asked) -> "Report":
    from grantlint.check import NOTHING_READ, check

    with Progress(wanted=True) as progress:
        report = check(asked.paths, asked.options, asked.terms, progress)
    for finding in report.unreadable:
        complain(printable(f"{finding.span or finding.path}: {finding.message}"))
    if not (report.files or asked.gate.allow_empty):
        complain(NOTHING_READ.format(", ".join(asked.paths)))
    return report


def _blind(report: "Report", asked: Asked) -> bool:
    return bool(report.unreadable) or not (report.files or asked.gate.allow_empty)


@commands.command(
    "write", cls=Headed, epilog=_examples("write .", "write --baseline old.json infra/")
)
@_with_options
def write_baseline(asked: Asked, file: str) -> None:
    """Write what is found now to the baseline: it is accepted from now on.

    What lies outside PATHS or cannot be read stays as it is in a baseline that is there. Exit
    codes: 0 written, 3 written but for what could not be read.
    """
    report = _judged(asked)
    old = _read(file, missing=True)
    from grantlint.baseline import written

    counted = report.judged(possible=asked.gate.possible)
    new = written(old, counted, _scope(asked, report, old))
    _write(new)
    complain(f"{printable(file)}: {_said(counted)} accepted{_beside(new, len(counted))}")
    raise typer.Exit(3 if _blind(report, asked) else 0)


@commands.command("check", cls=Headed, epilog=_examples("check .", "check --certainty possible ."))
@_with_options
def check_baseline(asked: Asked, file: str) -> None:
    """Compare what is found now with the baseline.

    Listed are findings that it does not accept, and entries that nothing is found for. Exit
    codes: 0 it fits, 1 it does not, 2 it cannot be used, 3 input could not be read or none found.
    """
    old = _read(file)
    report = _judged(asked)
    found, stale = _compared(asked, report, old)
    for finding, _, why in found.missing:
        if finding.certain or asked.gate.possible:
            more = f" ({', '.join(why)})" if why else ""
            severity = finding.severity.label if finding.severity else ""
            head = f"{finding.span or finding.path}: {severity} {finding.rule}: {finding.message}"
            write(printable(f"not accepted: {head}{more}") + "\n")
    for entry in stale:
        by = entry.known.identity
        write(printable(f"stale: {entry.span}: {by.rule} in {by.address}, {by.path}") + "\n")
    missing = [one for one, _, _ in found.missing if one.certain or asked.gate.possible]
    accepted = len(found.accepted)
    complain(f"{accepted} accepted, {len(missing)} not accepted, {len(stale)} stale")
    if _blind(report, asked):
        raise typer.Exit(3)
    raise typer.Exit(1 if missing or stale else 0)


@commands.command("prune", cls=Headed, epilog=_examples("prune ."))
@_with_options
def prune_baseline(asked: Asked, file: str) -> None:
    """Take out of the baseline what is not found any more.

    Entries that accept more than there is accept less from now on; none is added. Exit codes:
    0 done, 2 it cannot be used, 3 input could not be read or none found: then nothing changes.
    """
    from grantlint.baseline import pruned

    old = _read(file)
    report = _judged(asked)
    if _blind(report, asked):
        complain(f"{printable(file)}: nothing is pruned, as not everything could be read")
        raise typer.Exit(3)
    found, stale = _compared(asked, report, old)
    new = pruned(old, found, _scope(asked, report, old))
    _write(new)
    left = f"{_count(len(new.entries), 'entry', 'entries')} left"
    gone = _count(len(stale), "entry", "entries")
    complain(f"{printable(file)}: {gone} removed, {left}")


@commands.command("schema", epilog=_examples("schema > baseline.schema.json"))
def show_schema(
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show the JSON Schema of a baseline."""
    from grantlint.baseline.file import schema

    write(schema())


# -- between the baseline and a run --------------------------------------------------------


def _read(file: str, *, missing: bool = False) -> "Baseline":
    from grantlint.baseline import Baseline
    from grantlint.baseline.file import read

    return Baseline(file) if missing and not Path(file).exists() else read(file)


def _write(baseline: "Baseline") -> None:
    """Put the file in its place at once; one that would not change is left alone."""
    from grantlint.baseline.file import text

    path, data = Path(os.path.realpath(baseline.path)), text(baseline).encode("ascii")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists() and path.read_bytes() == data:
            return
        beside.write_bytes(data)
        beside.replace(path)
    except (OSError, ValueError) as error:
        beside.unlink(missing_ok=True)
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"{baseline.path}: it cannot be written: {reason}") from None


def _compared(
    asked: Asked, report: "Report", baseline: "Baseline"
) -> "tuple[Compared, list[Entry]]":
    """What fits, and of the entries that are judged those that do not."""
    from grantlint.baseline import compared

    found = compared([*report.findings], baseline)
    judged = _scope(asked, report, baseline)
    return found, [entry for entry in found.stale if judged(entry)]


def _scope(asked: Asked, report: "Report", baseline: "Baseline") -> "Callable[[Entry], bool]":
    """Whether a run has judged an entry: it is in PATHS, and nothing of its root was unreadable."""
    from grantlint.known import relative
    from grantlint.rules import all_rules

    home = baseline.home
    tops = [relative(path, home) for path in asked.read]
    blind = {relative(one.path, home) for one in report.unreadable}
    blind |= {path.rpartition("/")[0] or "." for path in blind}
    asked_for = {rule.id for rule in report.rules}
    left_out = {rule.id for rule in all_rules(asked.terms.policies)} - asked_for

    def judged(entry: "Entry") -> bool:
        by, root = entry.known.identity, entry.known.root
        below = any(_at_or_below(one, top) for top in tops for one in (by.path, root))
        return below and by.rule not in left_out and blind.isdisjoint((by.path, root))

    return judged


def _at_or_below(path: str, top: str) -> bool:
    from grantlint.known import inside

    return inside(path) if top == "." else path == top or path.startswith(f"{top}/")


def _said(findings: "Iterable[Finding]") -> str:
    from grantlint.finding import counts

    listed = list(findings)
    total = _count(len(listed), "finding", "findings")
    parts = ", ".join(f"{count} {label}" for label, count in counts(listed).items())
    return f"{total} ({parts})" if parts else total


def _beside(new: "Baseline", written: int) -> str:
    kept = len(new.entries) - written
    return f", {_count(kept, 'entry', 'entries')} kept that this run has not judged" if kept else ""


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
