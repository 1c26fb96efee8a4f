"""The options that several commands have, and what they say together."""

from __future__ import annotations

import os
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import candidates
from grantlint.cli.output import Color
from grantlint.config import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantlint.parsers.settings import Options

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATHS]...",
        help="Directories or files, - for standard input.",
        show_default=".",
    ),
]
Variables = Annotated[
    list[str] | None,
    typer.Option("--var", metavar="NAME=VALUE", help="Give a variable of the root modules."),
]
VariableFiles = Annotated[
    list[str] | None,
    typer.Option("--var-file", metavar="FILE", help="Read variables from a .tfvars file."),
]
Workspace = Annotated[str | None, typer.Option(metavar="NAME", help="What terraform.workspace is.")]
Account = Annotated[
    str | None, typer.Option(metavar="ID", help="The account it is applied in: 12 digits.")
]
Region = Annotated[str | None, typer.Option(metavar="NAME", help="The region it is applied in.")]
Partition = Annotated[
    str | None, typer.Option(metavar="NAME", help="The partition: aws, aws-cn, aws-us-gov, …")
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Say what is read as what and with what, shorten no list."
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an internal error.")]


class Level(StrEnum):
    """From which severity on a finding makes the run fail."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    NEVER = "never"


class Sureness(StrEnum):
    """Which findings are shown and count."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="RULE[,RULE]",
        help="Ask only these rules; can be repeated.",
        autocompletion=candidates.rules,
    ),
]
ExtendSelect = Annotated[
    list[str] | None,
    typer.Option(
        "--extend-select",
        metavar="RULE[,RULE]",
        help="Ask these opt-in rules besides; can be repeated.",
        autocompletion=candidates.rules,
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="RULE[,RULE]",
        help="Do not ask these rules, even if selected; can be repeated.",
        autocompletion=candidates.rules,
    ),
]
FailOn = Annotated[
    Level | None,
    typer.Option(help="The lowest severity that makes the exit code 1.", show_default="medium"),
]
Certainty = Annotated[
    Sureness | None,
    typer.Option(
        help="With possible, findings that depend on unknown values count too.",
        show_default="certain",
    ),
]
ColorChoice = Annotated[Color, typer.Option(help="Write in colour.")]


def terraform_options(
    variables: list[str] | None,
    variable_files: list[str] | None,
    workspace: str | None,
    account: str | None,
    region: str | None,
    partition: str | None,
) -> Options:
    """What the user has set about the estate."""
    from grantlint.parsers.settings import Options

    if account is not None and not (len(account) == 12 and account.isdecimal()):
        raise UsageError(f"--account {account}: an account is 12 digits")
    return Options(
        variables=tuple(_variable("--var", text) for text in variables or ()),
        variable_files=tuple(variable_files or ()),
        workspace=workspace,
        account=account,
        region=region,
        partition=partition,
        environment={
            name: value
            for name, value in os.environ.items()
            if name.startswith("TF_VAR_") or name == "TF_WORKSPACE"
        },
    )


def with_templates(
    given: Options,
    parameters: list[str] | None,
    parameter_files: list[str] | None,
    sources: str | None,
) -> Options:
    """The options with what goes for other formats than Terraform's configuration."""
    return replace(
        given,
        parameters=tuple(_variable("--parameter", text) for text in parameters or ()),
        parameter_files=tuple(parameter_files or ()),
        sources=sources,
    )


def _variable(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{option} {text}: write it as NAME=VALUE")
    return name.strip(), value


def ids(option: str, texts: Sequence[str] | None) -> tuple[str, ...]:
    """The ids of a repeatable option, each text one or several between commas."""
    found = tuple(id.strip() for text in texts or () for id in text.split(","))
    if "" in found:
        raise UsageError(f"{option}: the id of a rule is missing")
    return found
