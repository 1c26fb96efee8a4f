"""The table of commands, and what becomes of whatever a command raises.

Exit codes: 4 internal error, 2 usage or configuration, 3 input that could not be read or none,
1 a finding that counts, 0 none of these, 130 interrupted. They are never renumbered.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from grantlint import __version__
from grantlint.cli.output import complain, write
from grantlint.config import UsageError

COMMANDS = ("check", "model", "console", "rules", "explain", "policies", "baseline")


def program(arguments: Sequence[str]) -> typer.Typer:
    """The command line; of the commands only that of these arguments, if it is one, else all."""
    app = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(grantlint)
    asked = arguments[0] if arguments else ""
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module = import_module(f"grantlint.cli.{name}")
        if hasattr(module, "commands"):
            app.add_typer(module.commands, name=name)
            continue
        app.command(name, epilog=getattr(module, "EPILOG", None))(module.command)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        write(f"grantlint {__version__}\n")
        raise typer.Exit


def grantlint(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Find what is wrong with AWS KMS grants and key policies, before it is applied.

    Exit codes: 0 nothing found, 1 findings, 2 wrong usage, 3 input that could not be read,
    4 internal error.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing it raises gets past."""
    gc.disable()  # a run is short, makes hardly a cycle, and a collection walks all of its values
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        program(arguments)(list(arguments), prog_name="grantlint")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except UsageError as error:
        complain(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001  # the one place that turns a bug into exit code 4
        return _internal(error, debug="--debug" in arguments)
    return 0


def _internal(error: Exception, *, debug: bool) -> int:
    import traceback  # it costs a tenth of a start

    if debug:
        complain("".join(traceback.format_exception(error)).rstrip())
        return 4
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition('grantlint/')[2]}:{frame.lineno}"
    text = str(error).partition("\n")[0]
    complain(
        f"internal error: {type(error).__name__}{f': {text}' if text else ''} ({place}); "
        "this is a bug in grantlint, --debug shows its trace"
    )
    return 4
