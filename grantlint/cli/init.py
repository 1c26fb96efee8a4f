"""`grantlint init`: what a repository needs to keep grantlint switched on."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import configured, options
from grantlint.cli.output import write
from grantlint.cli.progress import Progress
from grantlint.config import UsageError
from grantlint.reports.snippet import printable

if TYPE_CHECKING:
    from grantlint.config.setup import Step

EPILOG = """\
Examples:

\b
  grantlint init
  grantlint init --dry-run --gitlab infra/
  grantlint init --no-pre-commit --no-ci
"""


def command(
    directory: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where the configuration goes.")
    ] = ".",
    config: Annotated[
        bool, typer.Option("--config/--no-config", help="Write grantlint.toml.")
    ] = True,
    pre_commit: Annotated[
        bool,
        typer.Option("--pre-commit/--no-pre-commit", help="Write an entry for pre-commit."),
    ] = True,
    ci: Annotated[
        bool, typer.Option("--ci/--no-ci", help="Write a workflow for GitHub, or a GitLab job.")
    ] = True,
    gitlab: Annotated[
        bool, typer.Option("--gitlab", help="A job for GitLab and no workflow for GitHub.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")
    ] = False,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Write a configuration, a pre-commit hook and a job for CI.

    Nothing is asked and no file is overwritten: what is there is kept, and what to add to it is
    shown. The hook and the job go to the top of the git repository.
    """
    from grantlint.config import setup, starter
    from grantlint.git import top
    from grantlint.rules import all_rules

    if gitlab and not ci:
        raise UsageError("--gitlab and --no-ci: only one of them can be meant")
    place = Path(directory)
    if not place.is_dir():
        raise UsageError(f"{directory}: there is no such directory")
    repository = top(place)
    around = repository or place
    steps: list[Step] = []
    if config:
        steps.append(setup.configuration(place, starter.configuration(all_rules())))
    if repository is None and (pre_commit or ci):
        _say(f"no git repository is around {directory}: no hook and no job are written")
    elif repository is not None:
        steps += [setup.hook(repository)] if pre_commit else []
        steps += [setup.job(repository) if gitlab else setup.workflow(repository)] if ci else []
    for step in steps:
        if not dry_run:
            setup.write(step, around)
        _tell(step, dry_run=dry_run)
    if not dry_run:
        _next(directory, steps, hooked=pre_commit and repository is not None)


def _say(text: str) -> None:
    write(printable(text) + "\n")


def _tell(step: "Step", *, dry_run: bool) -> None:
    """What was done with a file; on demand its text, and what is to be done by hand."""
    if step.text is None:
        _say(step.says)
    else:
        _say(f"would write {step.says}" if dry_run else f"wrote {step.says}")
    shown = step.by_hand or (step.text if dry_run else None) or ""
    for line in shown.splitlines():
        _say(f"  {line}".rstrip())


def _next(directory: str, steps: "list[Step]", *, hooked: bool) -> None:
    """What there is now, and what comes next."""
    from grantlint.check import Terms, check
    from grantlint.config.setup import placeholders

    said = configured.configurations(None, None, isolated=False)
    given = options.terraform_options(None, None, None, None, None, None)
    with Progress(wanted=True) as progress:
        terms = Terms(fixes=False, configurations=said)
        report = check([directory], given, terms, progress)
    found = len(report.judged(possible=False))
    quoted = shlex.quote(directory)
    todo = []
    owner = ", ".join(placeholders(steps))
    if owner:
        todo.append(f"put in where you keep grantlint for OWNER in {owner}")
    if found:
        todo.append(f"grantlint check {quoted} # read them")
        todo.append(f"grantlint baseline write {quoted} # accept what is there for now")
    if hooked:
        todo.append("pre-commit install # judge what each commit changes")
    findings = f"{found or 'no'} finding{'' if found == 1 else 's'}"
    files = f"{report.files} file{'' if report.files == 1 else 's'}"
    write("\n")
    _say(f"{findings} in {files}{'; next:' if todo else ''}")
    for one in todo:
        _say(f"  {one}")
