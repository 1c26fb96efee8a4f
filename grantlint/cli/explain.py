"""`grantlint explain`: the whole documentation of a rule."""

from typing import Annotated

import typer

from grantlint.cli import candidates, options, users
from grantlint.cli.output import write
from grantlint.config import rule_named

EPILOG = """\
Examples:

\b
  grantlint explain unconstrained-grant
  grantlint explain --policies policies/ wide-grant
"""


def command(
    rule: Annotated[
        str,
        typer.Argument(metavar="RULE", help="A rule's id.", autocompletion=candidates.rule),
    ],
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
    """Show the whole documentation of a rule, as Markdown."""
    from grantlint.reports.page import page
    from grantlint.reports.snippet import printable
    from grantlint.rules import all_rules

    own = users.policies(
        policies,
        policies_timeout,
        users.Server(opa_url, opa_loaded, opa_token_file, opa_ca_file, opa_cert_file, opa_key_file),
    )
    lines = page(rule_named(rule, all_rules(own))).rstrip("\n").split("\n")
    write("".join(f"{printable(line)}\n" for line in lines))
