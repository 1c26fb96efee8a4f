"""`grantlint explain`: the whole documentation of a rule."""

from typing import Annotated

import typer

from grantlint.cli import options
from grantlint.cli.output import write
from grantlint.config import UsageError


def command(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule's id.")],
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show the whole documentation of a rule, as Markdown."""
    from grantlint.reports.page import page
    from grantlint.rules import all_rules

    rules = {known.id: known for known in all_rules()}
    if rule not in rules:
        from difflib import get_close_matches

        near = get_close_matches(rule, rules, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else "`grantlint rules` lists them"
        raise UsageError(f"there is no rule {rule}; {hint}")
    write(page(rules[rule]))
