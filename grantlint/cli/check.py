"""`grantlint check`: judge the grants and keys of an estate."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import options
from grantlint.cli.output import Color, colored, complain, write
from grantlint.config import Gate, UsageError
from grantlint.reports import FORMATS, Look, renderer
from grantlint.rule import Severity

if TYPE_CHECKING:
    from grantlint.finding import Report


class FailOn(StrEnum):
    """From which severity on a finding makes the run fail."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    NEVER = "never"


class Certainty(StrEnum):
    """Which findings are shown and count."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


def command(
    paths: options.Paths = None,
    changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="PATHS are files that changed: judge every root module that they reach, whole.",
        ),
    ] = False,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "--format",
            metavar="FORMAT[=FILE]",
            help="text or json, to standard output or to a file; can be repeated.",
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="The lowest severity that makes the exit code 1.")
    ] = FailOn.MEDIUM,
    certainty: Annotated[
        Certainty,
        typer.Option(help="With possible, findings that depend on unknown values count too."),
    ] = Certainty.CERTAIN,
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    workspace: options.Workspace = None,
    account: options.Account = None,
    region: options.Region = None,
    partition: options.Partition = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Exit with 0 where there is nothing to read.")
    ] = False,
    color: options.ColorChoice = Color.AUTO,
    verbose: options.Verbose = False,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Judge the grants and keys of an estate.

    Root modules below PATHS are found and evaluated as Terraform would, without a network and
    without credentials. Exit codes: 0 nothing found, 1 findings, 2 wrong usage, 3 input that
    could not be read or none found, 4 internal error.
    """
    from grantlint.check import NOTHING_READ, check, exit_code

    outputs = _outputs(output or ["text"])
    possible = certainty is Certainty.POSSIBLE
    elsewhere = changed and bool(paths)  # what changed may have nothing to do with Terraform
    gate = Gate(
        fail_on=None if fail_on is FailOn.NEVER else Severity[fail_on.name],
        possible=possible,
        allow_empty=allow_empty or elsewhere,
    )
    given = options.terraform_options(var, var_file, workspace, account, region, partition)
    given = replace(given, changed=changed)
    asked = tuple(paths or ["."])
    report = check(asked, given)
    if verbose:
        for remark in report.remarks:
            complain(remark)
    if not (report.files or report.findings or elsewhere):
        complain(NOTHING_READ.format(", ".join(asked)))
    for format, file in outputs:
        _write(report, format, file, Look(colored(color), possible, verbose))
    raise typer.Exit(exit_code(report, gate))


def _outputs(wanted: list[str]) -> list[tuple[str, str | None]]:
    outputs: list[tuple[str, str | None]] = []
    for text in wanted:
        format, equals, file = text.partition("=")
        if format not in FORMATS:
            raise UsageError(f"--output {text}: the formats are {' and '.join(FORMATS)}")
        if equals and not file:
            raise UsageError(f"--output {text}: the file's name is missing")
        outputs.append((format, file or None))
    if sum(file is None for _, file in outputs) > 1:
        raise UsageError("--output: only one format can go to standard output, give a FILE")
    return outputs


def _write(report: "Report", format: str, file: str | None, look: Look) -> None:
    render = renderer(format)
    if file is None:
        write(render(report, look))
        return
    try:
        Path(file).write_text(render(report, Look(False, look.possible, look.verbose)), "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"--output {format}={file}: cannot be written: {reason}") from error
