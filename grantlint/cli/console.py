"""`grantlint console`: expressions from standard input, evaluated in a root module's scope."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from grantlint.cli import configured, options
from grantlint.cli.output import write_json
from grantlint.config import UsageError

EPILOG = """\
Examples:

\b
  echo 'local.name' | grantlint console infra/prod
  echo 'var.role' | grantlint console --var role=etl infra/prod
"""


def command(
    directory: Annotated[
        str, typer.Argument(metavar="[DIR]", help="The root module's directory.")
    ] = ".",
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    workspace: options.Workspace = None,
    account: options.Account = None,
    region: options.Region = None,
    partition: options.Partition = None,
    config: configured.Config = None,
    isolated: configured.Isolated = False,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Evaluate expressions from standard input.

    One expression a line, one JSON object a line as its answer. An expression over several
    lines is written as {"expr": "…"}. It is read as it would be behind `name =` in a file. The
    answer is {"value": …} where all of it is known, {"unknown": "why", "partial": …},
    {"sensitive": true} or {"error": "…"}.
    """
    from grantlint.check import with_settings
    from grantlint.parsers.terraform.estate import console

    if not Path(directory).is_dir():
        raise UsageError(f"{directory}: there is no such directory")
    given = options.terraform_options(var, var_file, workspace, account, region, partition)
    said = configured.configurations(config, None, isolated=isolated)
    answer = console(directory, with_settings(given, said))
    for line in sys.stdin:
        if line.strip():
            write_json(answer(line.rstrip("\r\n")) + "\n")
