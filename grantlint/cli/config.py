"""`grantlint config`: what goes for a path, and what can stand in a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import configured, options
from grantlint.cli.output import write, write_json
from grantlint.cli.rules import Form
from grantlint.config import Selection, UsageError
from grantlint.reports.snippet import printable

if TYPE_CHECKING:
    from grantlint.config.effective import Effective, Value

_SHOW = """\
Examples:

\b
  grantlint config show infra/prod
  grantlint config show --profile strict --ignore duplicate-grant
  grantlint config show --format json infra/prod
"""
_SCHEMA = """\
Examples:

\b
  grantlint config schema > grantlint.schema.json
"""

commands = typer.Typer(
    no_args_is_help=True,
    help="Show what is configured, and what can be.",
    epilog="Examples:\n\n\b\n"
    "  grantlint config show infra/prod\n"
    "  grantlint config schema > grantlint.schema.json\n",
)


@commands.command("show", epilog=_SHOW)
def show(
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="A root module, template or other directory.")
    ] = ".",
    config: configured.Config = None,
    isolated: configured.Isolated = False,
    profile: configured.Profile = None,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    certainty: options.Certainty = None,
    account: options.Account = None,
    region: options.Region = None,
    partition: options.Partition = None,
    format: Annotated[Form, typer.Option(help="Text, which is TOML, or JSON.")] = Form.TEXT,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show what is in force for a path, and where each setting comes from.

    The text is TOML that can stand in a file as it is. What overrides say of single files is shown
    as it is written.
    """
    from grantlint.config.effective import effective
    from grantlint.config.judging import Judging
    from grantlint.rules import all_rules

    place = Path(path)
    if not place.exists():
        raise UsageError(f"{path}: there is no such file or directory")
    said = configured.configurations(config, profile, isolated=isolated)
    found = said.of(place if place.is_dir() else place.parent)
    rules = all_rules(configured.with_policies(None, found, 60))
    selection = Selection(
        options.ids("--select", select),
        options.ids("--extend-select", extend_select),
        options.ids("--ignore", ignore),
    )
    Judging(said, rules, selection)  # refuses ids that no rule has
    given: dict[str, Value | None] = {
        "profile": profile,
        "fail-on": fail_on,
        "certainty": certainty,
        "account": account,
        "region": region,
        "partition": partition,
    }
    asked = {key: str(value) for key, value in given.items() if value is not None}
    shown = effective(found, asked, selection, rules)
    if format is Form.JSON:
        write_json(json.dumps(_whole(path, shown), indent=2, ensure_ascii=False) + "\n")
    else:
        _write(path, shown)


def _write(path: str, shown: "Effective") -> None:
    from grantlint.config.effective import as_toml

    file = shown.configuration.path
    by = f"is judged by {file}" if file else "has no configuration"
    write(printable(f"# {path} {by}") + "\n")
    for line in as_toml(shown):
        write(printable(line) + "\n")


def _whole(path: str, shown: "Effective") -> dict[str, object]:
    from grantlint.config.effective import ignore_keys, override_keys

    one = shown.configuration
    return {
        "path": path,
        "configuration": one.path or None,
        "settings": {
            each.key: {"value": each.value, "from": each.origin} for each in shown.settings
        },
        "rules": [
            {
                "id": each.rule.id,
                "asked": each.asked,
                "from": each.origin,
                "severity": {"value": each.severity.label, "from": each.by},
            }
            for each in shown.rules
        ],
        "overrides": [override_keys(each) for each in one.overrides],
        "ignores": [ignore_keys(each) for each in one.ignores],
    }


@commands.command("schema", epilog=_SCHEMA)
def show_schema(
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="FILE", help="Say whether a file is as it should be."),
    ] = None,
    debug: options.Debug = False,  # noqa: ARG001  # read before the command line is understood
) -> None:
    """Show the JSON Schema of a configuration, for editors.

    With --check a file is read as by a run, and compared with the schema. Exit codes: 0 it can
    stand, 2 it cannot.
    """
    from grantlint.config import keys
    from grantlint.rules import own

    schema = keys.published([rule.id for rule in own()])
    if check is None:
        write_json(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        return
    from grantlint.config import verdict

    configured.configurations([check], None, isolated=False).of(".")
    verdict.refuse_unlike(Path(check), schema)
    write(printable(f"{check}: it is as it should be") + "\n")
