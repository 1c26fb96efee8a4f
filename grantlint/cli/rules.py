"""`grantlint rules`: what can be found."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from grantlint.cli import options
from grantlint.cli.output import write


class Form(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


def command(
    format: Annotated[Form, typer.Option(help="Text or JSON.")] = Form.TEXT,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """List all rules with their severity and title."""
    from grantlint.rules import all_rules

    rules = all_rules()
    if format is Form.JSON:
        listed = [
            {
                "id": rule.id,
                "title": rule.title,
                "severity": rule.severity.label,
                "since": rule.since,
                "preview": rule.preview,
                "references": list(rule.references),
            }
            for rule in rules
        ]
        write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        return
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        write(f"{rule.id:<{width}}  {rule.severity.label:<8}  {rule.title}\n")
