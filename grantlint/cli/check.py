"""`grantlint check`: judge the grants and keys of an estate."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import candidates, configured, inputs, options, users
from grantlint.cli.output import Color, colored, columns, complain, write, write_json
from grantlint.cli.progress import Progress
from grantlint.config import Selection, UsageError
from grantlint.config.configurations import gate
from grantlint.git import top
from grantlint.reports import FORMATS, Look, renderer

if TYPE_CHECKING:
    from grantlint.check import Terms
    from grantlint.finding import Report
    from grantlint.parsers.settings import Options

EPILOG = """\
Examples:

\b
  grantlint check infra/
  grantlint check --var-file prod.tfvars --account 111122223333 infra/prod
  grantlint check --select unconstrained-grant --certainty possible .
  grantlint check --fail-on high --output text --output json=findings.json .
  grantlint check --show-fixes infra/prod
"""


def command(
    paths: options.Paths = None,
    changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="PATHS are files that changed: judge all that they reach, whole.",
        ),
    ] = False,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    certainty: options.Certainty = None,
    config: configured.Config = None,
    isolated: configured.Isolated = False,
    profile: configured.Profile = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "--format",
            metavar="FORMAT[=FILE]",
            help="text or json, to standard output or to a file; can be repeated.",
            autocompletion=candidates.formats,
        ),
    ] = None,
    show_fixes: Annotated[
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
    schema: Annotated[
        bool, typer.Option("--schema", help="Show the JSON Schema of the json format instead.")
    ] = False,
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    workspace: options.Workspace = None,
    account: options.Account = None,
    region: options.Region = None,
    partition: options.Partition = None,
    parameter: inputs.Parameters = None,
    parameter_file: inputs.ParameterFiles = None,
    source: inputs.Sources = None,
    input: inputs.Inputs = None,
    stdin_format: inputs.StdinFormat = None,
    policies: users.Policies = None,
    policies_timeout: users.Timeout = 60,
    opa_url: users.Url = None,
    opa_loaded: users.Loaded = False,
    opa_token_file: users.TokenFile = None,
    opa_ca_file: users.Authorities = None,
    opa_cert_file: users.Certificate = None,
    opa_key_file: users.Key = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Exit with 0 where there is nothing to read.")
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
    if schema:
        from grantlint.reports import json

        write(json.schema())
        return
    from grantlint.check import NOTHING_READ, Terms, check, exit_code

    if quiet and verbose:
        raise UsageError("--quiet and --verbose: only one of them can be meant")
    if quiet and show_fixes:
        raise UsageError("--quiet and --show-fixes: only one of them can be meant")
    if unsafe_fixes and not fix:
        raise UsageError("--unsafe-fixes: it goes with --fix; --show-fixes shows them all")
    outputs = _outputs(output or ["text"])
    selection = Selection(
        options.ids("--select", select),
        options.ids("--extend-select", extend_select),
        options.ids("--ignore", ignore),
    )
    elsewhere = changed and bool(paths)  # what changed may have nothing to do with Terraform
    own = users.policies(
        policies,
        policies_timeout,
        users.Server(opa_url, opa_loaded, opa_token_file, opa_ca_file, opa_cert_file, opa_key_file),
    )
    given = options.terraform_options(var, var_file, workspace, account, region, partition)
    given = options.with_templates(given, parameter, parameter_file, source)
    asked, named = inputs.given(paths, input, stdin_format)
    others = own is not None
    said = configured.configurations(config, profile, isolated=isolated, others=others)
    run = said.of_run(asked, changed=changed)
    own = configured.with_policies(own, run, policies_timeout)
    counting = gate(run, fail_on, certainty, allow_empty=allow_empty or elsewhere)
    given = replace(configured.with_settings(given, said), changed=changed, inputs=named)
    fixes = fix or show_fixes or any(format != "text" for format, _ in outputs)
    terms = Terms(selection, own, fixes, configurations=said)
    with Progress(wanted=not quiet) as progress:
        if fix:
            report = _mended(asked, given, terms, progress, unsafe=unsafe_fixes)
        else:
            report = check(asked, given, terms, progress)
    if verbose:
        for remark in report.remarks:
            complain(remark)
    for line in said.unheard(run):
        complain(line)
    code = exit_code(report, counting)
    if not (report.files or report.findings or elsewhere) and (code or not quiet):
        complain(NOTHING_READ.format(", ".join((*asked, *(one.path for one in named)))))
    repository = top(Path.cwd())
    for format, file in outputs:
        look = Look(
            colored(color),
            counting.possible,
            verbose,
            quiet,
            show_fixes,
            columns(),
            repository=repository,
        )
        _write(report, format, file, look)
    raise typer.Exit(code)


def _mended(
    paths: Sequence[str],
    given: "Options",
    terms: "Terms",
    progress: Progress,
    *,
    unsafe: bool,
) -> "Report":
    """Fix what can be fixed, say what was, and report what is left."""
    from grantlint.mend import mend

    mended = mend(paths, given, terms, progress, unsafe=unsafe)
    for finding, why in mended.refused:
        complain(f"{finding.span or finding.path}: {finding.rule} is not fixed: {why}")
    count, files = len(mended.applied), mended.files
    if count:
        findings = "finding" if count == 1 else "findings"
        complain(f"fixed {count} {findings} in {files} {'file' if files == 1 else 'files'}")
    return mended.report


def _outputs(wanted: list[str]) -> list[tuple[str, str | None]]:
    outputs: list[tuple[str, str | None]] = []
    for text in wanted:
        format, equals, file = text.partition("=")
        if format not in FORMATS:
            raise UsageError(f"--output {text}: the formats are {' and '.join(FORMATS)}")
        if equals and not file:
            raise UsageError(f"--output {text}: the file's name is missing")
        if file and any(file == other for _, other in outputs):
            raise UsageError(f"--output {text}: this file is given twice")
        outputs.append((format, file or None))
    if sum(file is None for _, file in outputs) > 1:
        raise UsageError("--output: only one format can go to standard output, give a FILE")
    return outputs


def _write(report: "Report", format: str, file: str | None, look: Look) -> None:
    render = renderer(format)
    if file is None:
        (write_json if format == "json" else write)(render(report, look))
        return
    text = render(report, replace(look, color=False, columns=None))
    try:
        Path(file).write_text(text, "utf-8", "backslashreplace")
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"--output {format}={file}: cannot be written: {reason}") from error
