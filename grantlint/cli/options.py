"""The options that several commands have, and what they say together."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

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
        help="Directories or files, - for standard input.  [default: .]",
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
TrustedAccounts = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-account",
        metavar="ID",
        help="An account whose principals are no strangers; can be repeated.",
    ),
]
TrustedOrganizations = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-organization",
        metavar="ID",
        help="An organization (o-…) whose members are no strangers; can be repeated.",
    ),
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
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="FILE", help="Do not report what this file of baseline write accepts."
    ),
]
DiffAgainst = Annotated[
    str | None,
    typer.Option(
        "--diff-against",
        metavar="REF",
        help="Report only what is new since the branch left this branch or commit.",
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
    typer.Option(help="The lowest severity that makes the exit code 1.  [default: medium]"),
]
Certainty = Annotated[
    Sureness | None,
    typer.Option(
        help="With possible, findings that depend on unknown values count too.  [default: certain]",
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

    if account is not None:
        _require_account("--account", account)
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


def with_trust(
    given: Options, accounts: list[str] | None, organizations: list[str] | None
) -> Options:
    """The options with whom the user trusts."""
    for account in accounts or ():
        _require_account("--trusted-account", account)
    for organization in organizations or ():
        if not _ORGANIZATION.fullmatch(organization):
            raise UsageError(
                f"--trusted-organization {organization}: the id of an organization is o- and "
                "10 to 32 lower-case letters and digits"
            )
    return replace(
        given,
        trusted_accounts=frozenset(accounts or ()),
        trusted_organizations=frozenset(organizations or ()),
    )


def asked_by(given: Options) -> tuple[str, ...]:
    """The opt-in rules that are asked by saying whom to trust: then whoever else is a stranger."""
    trusting = given.trusted_accounts or given.trusted_organizations
    return ("untrusted-principal",) if trusting else ()


_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""


def _require_account(option: str, text: str) -> None:
    if not (len(text) == 12 and text.isascii() and text.isdecimal()):
        raise UsageError(f"{option} {text}: an account is 12 digits")


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
