"""`grantlint rules`: what can be found."""

import json
from dataclasses import fields
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import options, users
from grantlint.cli.output import write, write_json
from grantlint.reports.snippet import printable

if TYPE_CHECKING:
    from grantlint.rule import Rule


EPILOG = """\
Examples:

\b
  grantlint rules
  grantlint rules --format json
  grantlint rules --policies policies/
"""


class Form(StrEnum):
    """How the list is written."""

    TEXT = "text"
    JSON = "json"


def command(
    format: Annotated[Form, typer.Option(help="Text or JSON.")] = Form.TEXT,
    policies: users.Policies = None,
    policies_timeout: users.Timeout = 60,
    opa_url: users.Url = None,
    opa_loaded: users.Loaded = False,
    opa_token_file: users.TokenFile = None,
    opa_ca_file: users.Authorities = None,
    opa_cert_file: users.Certificate = None,
    opa_key_file: users.Key = None,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """List all rules with their severity and title.

    As JSON with all that there is to say of them, `doc` being the Markdown that `explain` shows.
    """
    from grantlint.rules import all_rules

    own = users.policies(
        policies,
        policies_timeout,
        users.Server(opa_url, opa_loaded, opa_token_file, opa_ca_file, opa_cert_file, opa_key_file),
    )
    rules = all_rules(own)
    if format is Form.JSON:
        write_json(
            json.dumps([_whole(rule) for rule in rules], indent=2, ensure_ascii=False) + "\n"
        )
        return
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        marks = [mark for mark, so in (("preview", rule.preview), ("opt-in", rule.opt_in)) if so]
        marked = f" ({', '.join(marks)})" if marks else ""
        title = printable(rule.title)
        write(f"{rule.id:<{width}}  {rule.severity.label:<8}  {title}{marked}\n")


def _whole(rule: "Rule") -> dict[str, object]:
    """Every field of a rule, the documentation last because it is long."""
    shown = {
        field.name: getattr(rule, field.name)
        for field in fields(rule)
        if not field.name.startswith("_")
    }
    shown["severity"] = rule.severity.label
    shown["doc"] = shown.pop("doc")
    return shown
