"""`grantlint model`: what Terraform would compute for every grant and key, as JSON."""

from typing import Annotated

import typer

from grantlint.cli import options
from grantlint.cli.output import complain, write


def command(
    paths: options.Paths = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Show the JSON Schema of the output instead.")
    ] = False,
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    workspace: options.Workspace = None,
    account: options.Account = None,
    region: options.Region = None,
    partition: options.Partition = None,
    verbose: options.Verbose = False,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show every grant and key as JSON.

    What is not known is there with its reason. Sensitive values are never shown. Exit codes: 0,
    2 wrong usage, 3 input that could not be read or none found.
    """
    import json

    from grantlint import model

    if schema:
        write(json.dumps(model.schema(), indent=2, ensure_ascii=False) + "\n")
        return
    from grantlint.check import NOTHING_READ, read

    given = options.terraform_options(var, var_file, workspace, account, region, partition)
    asked = tuple(paths or ["."])
    estate = read(asked, given)
    if verbose:
        for remark in estate.verbose:
            complain(remark)
    for problem in estate.unreadable:
        complain(f"{problem.span}: {problem.message}")
    if not estate.files:
        complain(NOTHING_READ.format(", ".join(asked)))
    write(json.dumps(model.to_json(estate.inventory), indent=2, ensure_ascii=False) + "\n")
    if estate.unreadable or not estate.files:
        raise typer.Exit(3)
