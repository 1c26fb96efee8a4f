"""The table of commands, and what becomes of whatever a command raises.

Exit codes: 4 internal error, 2 usage or configuration, 3 input that could not be read or none,
1 a finding that counts, 0 none of these, 130 interrupted. They are never renumbered.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from errno import ENOSPC
from importlib import import_module
from typing import Annotated, Final

import typer

from grantlint import __version__
from grantlint.cli.output import complain, drop_output, write

COMMANDS: Final = {
    "check": "Judge the grants and keys of an estate.",
    "model": "Show every grant and key as JSON.",
    "console": "Evaluate expressions from standard input.",
    "rules": "List all rules with their severity and title.",
    "explain": "Show the whole documentation of a rule, as Markdown.",
    "config": "Show what is configured, and what can be.",
    "init": "Write a configuration, a pre-commit hook and a job for CI.",
    "policies": "Write, test and build rules of your own.",
    "baseline": "Accept what is found now, and see what is found besides.",
    "completion": "Show a script by which a shell completes commands and options.",
}
"""What each command does, as the first line of its own help; here so that no module is imported."""

_EXAMPLES: Final = """\
Examples:

\b
  grantlint check infra/
  grantlint explain unconstrained-grant
  grantlint check --help
"""

COMPLETING: Final = "_GRANTLINT_COMPLETE"
"""The variable by which a shell asks what a command line can become (see completion.py)."""


def program(arguments: Sequence[str]) -> typer.Typer:
    """The command line; of the commands only that of these arguments is more than a name."""
    app = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog=_EXAMPLES)(grantlint)
    asked = next((one for one in arguments if not one.startswith("-")), "")
    for name, help in COMMANDS.items():
        if name == asked:
            add(app, name)
        else:
            app.command(name, help=help)(_unasked(name))
    return app


def add(app: typer.Typer, name: str) -> None:
    """Give the command line one of its commands, whole."""
    module = import_module(f"grantlint.cli.{name}")
    if hasattr(module, "commands"):
        app.add_typer(module.commands, name=name)
    else:
        from grantlint.cli.headings import Headed

        epilog = getattr(module, "EPILOG", None)
        app.command(name, cls=Headed, epilog=epilog)(module.command)


def _unasked(name: str) -> Callable[[], None]:
    """A command as it stands in the list of them: the arguments do not name it."""

    def command() -> None:
        raise AssertionError(f"{name} was run and not asked for")

    return command


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
        _asked(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001  # the one place that turns a bug into exit code 4
        return _failed(error, debug="--debug" in arguments)
    return 0


def _asked(arguments: Sequence[str]) -> None:
    """Run a command line, or answer the shell that wants one completed."""
    shell = os.environ.get(COMPLETING)
    if shell:
        from grantlint.cli import completion

        completion.answer(program(arguments), arguments, shell)
        return
    program(arguments)(list(arguments), prog_name="grantlint")


def _failed(error: Exception, *, debug: bool) -> int:
    from grantlint.config import UsageError  # the help needs none of what this imports

    if isinstance(error, UsageError):
        complain(f"error: {error}")
        return 2
    if isinstance(error, OSError) and error.errno == ENOSPC and not error.filename:  # of the help
        drop_output()
        complain("error: standard output cannot be written: no space left on device")
        return 2
    return _internal(error, debug=debug)


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
