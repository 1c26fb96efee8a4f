"""`grantlint policies`: what an author of rules needs."""

import json
import shlex
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import options, users
from grantlint.cli.output import complain, write
from grantlint.config import UsageError
from grantlint.reports.snippet import printable

if TYPE_CHECKING:
    from grantlint.laws import Outcome

_EXAMPLES = "Examples:\n\n\b\n"

commands = typer.Typer(
    no_args_is_help=True,
    help="Write, test and build rules of your own.",
    epilog=_EXAMPLES
    + "  grantlint policies new wide-grant\n"
    + "  grantlint policies test\n"
    + "  grantlint check --policies policies/ infra/\n",
)


class Kind(StrEnum):
    """What a rule can judge."""

    GRANT = "grant"
    KEY = "key"
    IDENTITY = "identity"
    HOLDER = "holder"


@commands.command("new", epilog=_EXAMPLES + "  grantlint policies new wide-grant --dir rules/\n")
def new_rule(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The rule's id, which names the fault.")
    ],
    directory: Annotated[
        str, typer.Option("--dir", metavar="DIR", help="The directory of your rules.")
    ] = "policies",
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Write a rule to begin with.

    It passes `grantlint policies test` as it stands; change its parts one after the other.
    """
    from grantlint.rego.metadata import is_name
    from grantlint.rego.scaffold import scaffold
    from grantlint.rules import refuse_id

    package = name.replace("-", "_")
    if not is_name(package):
        raise UsageError(f"{name}: an id has small letters, digits and single hyphens: wide-grant")
    refuse_id(package.replace("_", "-"), name)
    file = Path(directory, f"{package}.rego")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(scaffold(package))
    except FileExistsError:
        raise UsageError(f"{file}: it is there already") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{file}: it cannot be written: {reason}") from None
    quoted = printable(shlex.quote(directory))
    write(
        f"{printable(str(file))}\n\n"
        f"  grantlint policies test {quoted}\n"
        f"  grantlint check --policies {quoted} .\n"
    )


@commands.command("test", epilog=_EXAMPLES + "  grantlint policies test policies/\n")
def try_rules(
    policies: Annotated[
        str, typer.Argument(metavar="DIR|BUNDLE", help="Where your rules are.")
    ] = "policies",
    policies_timeout: users.Timeout = 60,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Try rules on the examples in their METADATA.

    A bad example is found on the lines marked `# finding` and nowhere else, a good one is silent,
    nothing that becomes unknown adds a certain finding, and two runs find the same. Exit codes:
    0 all of that holds, 1 something does not, 2 the rules have a fault or cannot be run.
    """
    from grantlint.laws import outcomes

    given = users.policies([policies], policies_timeout, users.Server())
    assert given is not None
    rules = examples = variants = broken = 0
    for rule, tried in groupby(outcomes(given), key=lambda outcome: outcome.rule):
        rules += 1
        write(f"{rule.id} ({rule.severity.label}): {printable(rule.title)}\n")
        for outcome in tried:
            _show(outcome)
            examples += bool(outcome.says)
            variants += outcome.variants
            broken += len(outcome.breaches)
    end = _plural(broken, "fault") if broken else "all laws hold"
    write(
        f"\n{_plural(rules, 'rule')}, {_plural(examples, 'example')}, "
        f"{_plural(variants, 'variant')} with something unknown: {end}\n"
    )
    raise typer.Exit(1 if broken else 0)


def _show(outcome: "Outcome") -> None:
    if not outcome.breaches:
        write(f"  ok    {outcome.about}: {outcome.says}\n")
    for breach in outcome.breaches:
        write(f"  FAIL  {outcome.about}: {printable(breach)}\n")


@commands.command(
    "build", epilog=_EXAMPLES + "  grantlint policies build policies/ -o rules.tar.gz\n"
)
def build_bundle(
    policies: Annotated[
        str, typer.Argument(metavar="DIR", help="Where your rules are.")
    ] = "policies",
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The bundle.",
            show_default="DIR's name and .tar.gz",
        ),
    ] = None,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Compile rules to a bundle that runs where there is no opa.

    For `grantlint check --policies FILE`. What engines answer differently is refused: regex, a
    clock, sprintf with other verbs than %s, %d, %v and %q, texts made of sets that are not sorted.
    """
    from grantlint.rego.bundle import SUFFIX
    from grantlint.rego.users import bundle
    from grantlint.rules import users_mistakes

    file = Path(output or f"{Path(policies).resolve().name}{SUFFIX}")
    if not file.name.endswith(SUFFIX):
        raise UsageError(f"--output {output}: a bundle's name ends in {SUFFIX}")
    with users_mistakes():
        made, stories = bundle(policies)
    try:
        file.write_bytes(made)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"--output {file}: it cannot be written: {reason}") from None
    complain(f"{file}: {_plural(len(stories), 'rule')}, {len(made) // 1024} KB")


@commands.command("schema", epilog=_EXAMPLES + "  grantlint policies schema key\n")
def show_schema(
    kind: Annotated[Kind, typer.Argument(help="Which object a rule judges.")] = Kind.GRANT,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show the JSON Schema of a rule's input.

    It is what `schema.grant`, `schema.key` and the like in METADATA name; a holder is what has a
    policy, a key or an IAM policy (identity).
    """
    from grantlint.rego.input_schema import input_schemas

    shown = input_schemas()[kind.value]
    write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")


@commands.command(
    "library", epilog=_EXAMPLES + '  opa test policies/ "$(grantlint policies library)"\n'
)
def show_library(
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show where the library lies that rules ask.

    For programs that are given it along with your rules: `opa test`, an editor, an OPA server.
    """
    from grantlint.rego.sources import library_directory

    write(f"{library_directory()}\n")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
