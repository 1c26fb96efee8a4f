"""`grantlint check`: judge the grants and keys of an estate."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import options, suppressions
from grantlint.cli.asked import Asked, judging
from grantlint.cli.output import Color, complain, write
from grantlint.cli.outputs import Outputs, look, outputs, show_fixes, write_all
from grantlint.cli.progress import Progress
from grantlint.config import UsageError

if TYPE_CHECKING:
    from grantlint.baseline import Baseline
    from grantlint.check import Terms
    from grantlint.finding import Report
    from grantlint.mend.ignores import Wanted

EPILOG = """\
Examples:

\b
  grantlint check infra/
  grantlint check --var-file prod.tfvars --account 111122223333 infra/prod
  grantlint check --select unconstrained-grant --certainty possible .
  grantlint check --fail-on high --output text --output sarif=grantlint.sarif .
  grantlint check --diff-against origin/main --output markdown=comment.md .
  grantlint check --baseline .grantlint-baseline.json .
  grantlint check --add-ignore "agreed with the owners" --until 2027-03-31 infra/prod
  grantlint check --show-fixes infra/prod
"""


def _show_schema(wanted: bool) -> None:
    if wanted:
        from grantlint.reports import json

        write(json.schema())
        raise typer.Exit


def _check(
    asked: Asked,
    output: Outputs = None,
    show: Annotated[
        bool, typer.Option("--show-fixes", help="Show what would mend a finding, as a diff.")
    ] = False,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Mend what can be mended safely, in files in PATHS, and report the rest."
        ),
    ] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option(
            "--unsafe-fixes", help="With --fix, make suggested changes too: they narrow access."
        ),
    ] = False,
    add_ignore: suppressions.AddIgnore = None,
    until: suppressions.Until = None,
    baseline: options.Baseline = None,
    diff_against: options.DiffAgainst = None,
    schema: Annotated[  # noqa: ARG001  # its callback has done it
        bool,
        typer.Option(
            "--schema",
            help="Show the JSON Schema of the json format instead.",
            callback=_show_schema,
            is_eager=True,
        ),
    ] = False,
    color: options.ColorChoice = Color.AUTO,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="One line a finding in text, and nothing else.")
    ] = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Judge the grants and keys of an estate.

    What lies below PATHS is found and told by its looks: Terraform, CloudFormation, CDK output,
    plans and states, live grants. It is evaluated as its own program would, without a network and
    without credentials. Exit codes: 0 nothing found, 1 findings, 2 wrong usage, 3 input that
    could not be read or none found, 4 internal error.
    """
    from grantlint.check import NOTHING_READ, exit_code

    if quiet and verbose:
        raise UsageError("--quiet and --verbose: only one of them can be meant")
    if quiet and show:
        raise UsageError("--quiet and --show-fixes: only one of them can be meant")
    if unsafe_fixes and not fix:
        raise UsageError("--unsafe-fixes: it goes with --fix; --show-fixes shows them all")
    wanted = outputs(output or ["text"])
    accept = _accepted(asked, add_ignore, until, fix=fix, against=diff_against)
    file = baseline or asked.run.baseline
    fixes = fix or show or show_fixes(wanted)
    terms = replace(asked.terms, fixes=fixes, baseline=_baselined(file))
    with Progress(wanted=not quiet) as progress:
        if fix:
            report = _mended(asked, terms, progress, unsafe=unsafe_fixes)
        elif accept is not None:
            report = suppressions.add(asked.paths, asked.options, terms, progress, accept)
        else:
            report = _judged(asked, terms, progress, diff_against)
    if verbose:
        for remark in report.remarks:
            complain(remark)
    for line in asked.configurations.unheard(asked.run):
        complain(line)
    code = exit_code(report, asked.gate)
    if not (report.files or report.findings or asked.elsewhere) and (code or not quiet):
        complain(NOTHING_READ.format(", ".join(asked.read)))
    seen = replace(
        look(color, asked.paths, hint=file is None),
        possible=asked.gate.possible,
        verbose=verbose,
        quiet=quiet,
        fixes=show,
    )
    write_all(report, wanted, seen)
    raise typer.Exit(code)


command = judging(_check)


def _judged(asked: Asked, terms: "Terms", progress: Progress, against: str | None) -> "Report":
    from grantlint.check import check

    if against is None:
        return check(asked.paths, asked.options, terms, progress)
    from grantlint.against import check_against

    return check_against(against, asked.paths, asked.options, terms, progress)


def _mended(asked: Asked, terms: "Terms", progress: Progress, *, unsafe: bool) -> "Report":
    """Fix what can be fixed, say what was, and report what is left."""
    from grantlint.mend import mend

    mended = mend(asked.paths, asked.options, terms, progress, unsafe=unsafe)
    for finding, why in mended.refused:
        complain(f"{finding.span or finding.path}: {finding.rule} is not fixed: {why}")
    count, files = len(mended.applied), mended.files
    if count:
        findings = "finding" if count == 1 else "findings"
        complain(f"fixed {count} {findings} in {files} {'file' if files == 1 else 'files'}")
    return mended.report


def _accepted(
    asked: Asked, reason: str | None, until: str | None, *, fix: bool, against: str | None
) -> "Wanted | None":
    """What `--add-ignore` is to accept; it goes with nothing that judges but a part."""
    if fix and against is not None:
        raise UsageError("--fix and --diff-against: only one of them can be meant")
    clashing = {
        "--fix": fix,
        "--changed": asked.options.changed,
        "--no-ignores": not asked.terms.accepting.ignores,
        "--diff-against": against is not None,
    }
    clashes = [option for option, given in clashing.items() if given]
    possible = asked.gate.possible
    return suppressions.wanted(reason, until, asked.terms.accepting, clashes, possible=possible)


def _baselined(file: str | None) -> "Baseline | None":
    if file is None:
        return None
    from grantlint.baseline.file import read

    return read(file)
