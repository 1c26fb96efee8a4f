"""`grantlint explain`: the whole documentation of a rule."""

from typing import Annotated

import typer

from grantlint.cli import options
from grantlint.cli.output import write
from grantlint.config import rule_named


def command(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule's id.")],
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show the whole documentation of a rule, as Markdown."""
    from grantlint.reports.page import page
    from grantlint.reports.snippet import printable
    from grantlint.rules import all_rules

    lines = page(rule_named(rule, all_rules())).rstrip("\n").split("\n")
    write("".join(f"{printable(line)}\n" for line in lines))
