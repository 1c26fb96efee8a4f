"""`grantlint model`: what is known of every grant and key, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from grantlint.cli import configured, inputs, options
from grantlint.cli.output import complain, write, write_json

EPILOG = """\
Examples:

\b
  grantlint model infra/prod
  grantlint model --var-file prod.tfvars infra/prod > model.json
  grantlint model --schema
"""


def command(
    paths: options.Paths = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Show the JSON Schema of the output instead.")
    ] = False,
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    workspace: options.Workspace = None,
    account: options.Account = None,
    trusted_account: options.TrustedAccounts = None,
    trusted_organization: options.TrustedOrganizations = None,
    region: options.Region = None,
    partition: options.Partition = None,
    parameter: inputs.Parameters = None,
    parameter_file: inputs.ParameterFiles = None,
    source: inputs.Sources = None,
    input: inputs.Inputs = None,
    stdin_format: inputs.StdinFormat = None,
    config: configured.Config = None,
    isolated: configured.Isolated = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show every grant and key as JSON.

    What is not known is there with its reason. Sensitive values are never shown. Exit codes: 0,
    2 wrong usage, 3 input that could not be read or none found.
    """
    from grantlint import model

    if schema:
        write(json.dumps(model.schema(), indent=2, ensure_ascii=False) + "\n")
        return
    from grantlint.check import NOTHING_READ, read, with_settings

    given = options.terraform_options(var, var_file, workspace, account, region, partition)
    given = options.with_trust(given, trusted_account, trusted_organization)
    given = options.with_templates(given, parameter, parameter_file, source)
    asked, named = inputs.given(paths, input, stdin_format)
    said = configured.configurations(config, None, isolated=isolated)
    given = replace(with_settings(given, said), inputs=named)
    estate = read(asked, given)
    if verbose:
        for remark in estate.verbose:
            complain(remark)
    for problem in estate.unreadable:
        complain(f"{problem.span}: {problem.message}")
    if not estate.files:
        complain(NOTHING_READ.format(", ".join((*asked, *(one.path for one in named)))))
    write_json(_lines(model.to_json(estate.inventory)))
    if estate.unreadable or not estate.files:
        raise typer.Exit(3)


def _lines(shown: Mapping[str, object]) -> str:
    """The model as JSON with a line for each grant, key and note.

    It is what `grep` and `diff` can use, and with `indent` the standard library takes ten times
    as long.
    """
    encode = json.JSONEncoder(ensure_ascii=False).encode
    fields = []
    for name, value in shown.items():
        if isinstance(value, list) and value:
            rows = ",\n".join(encode(row) for row in value)
            fields.append(f"{encode(name)}: [\n{rows}\n]")
        else:
            fields.append(f"{encode(name)}: {encode(value)}")
    return "{" + ",\n".join(fields) + "}\n"
