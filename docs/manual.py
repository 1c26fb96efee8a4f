"""The manual page, in the language of man(7), from what the commands say of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer.main

from grantlint import __version__
from grantlint.cli import app

if TYPE_CHECKING:
    from typer.core import TyperCommand

GENERATED = '.\\" Written by `make docs` from the commands: do not edit.\n'
STATUS = {
    "0": "Nothing was found that counts.",
    "1": "There is a finding at or above --fail-on.",
    "2": "Wrong usage, configuration or rules.",
    "3": "Input that could not be read, or none found.",
    "4": "An internal error; --debug shows its trace.",
    "130": "Interrupted.",
}
ENVIRONMENT = {
    "NO_COLOR": "If it is not empty: no colour.",
    "FORCE_COLOR": "If it is not empty: colour, also where the output is no terminal.",
    "TF_VAR_NAME": "A variable of the root modules, as for terraform.",
    "TF_WORKSPACE": "What terraform.workspace is.",
    "GRANTLINT_OPA_TOKEN": "The bearer token for the server of --opa-url.",
    "XDG_CACHE_HOME": "Below it the machine code of the rules is kept.",
}


def manual() -> str:
    """The page."""
    whole = app.program(())
    whole.registered_commands.clear()
    for name in app.COMMANDS:
        app.add(whole, name)
    program = typer.main.get_command(whole)
    lines = [
        f'.TH GRANTLINT 1 "" "grantlint {_text(__version__)}" "User Commands"',
        ".SH NAME",
        f"grantlint \\- {_text(_first(program.help))}",
        ".SH SYNOPSIS",
        ".B grantlint",
        "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]...",
        ".SH DESCRIPTION",
        *_prose(program.help),
        *_options(program),
        ".SH COMMANDS",
    ]
    for path, command in _commands(program, ()):
        lines += [f".SS {' '.join(path)}", *_usage(path, command), *_prose(command.help)]
        lines += [*_options(command), *_prose(command.epilog)]
    lines += [".SH EXIT STATUS", *_table(STATUS), ".SH ENVIRONMENT", *_table(ENVIRONMENT)]
    lines += [".SH EXAMPLES", *_prose((program.epilog or "").partition("\n\n")[2])]
    lines += [".SH SEE ALSO", ".BR git (1),", ".BR terraform (1)"]
    text = "\n".join(lines) + "\n"
    return GENERATED + re.sub(r"(?m)(^\.S[HS] .+\n)\.PP\n", r"\1", text)


def _commands(
    group: TyperCommand, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))


def _usage(path: tuple[str, ...], command: TyperCommand) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    names = (
        []
        if hasattr(command, "commands")
        else [one.make_metavar(_context(command)) for one in arguments]
    )
    rest = ["COMMAND", "[ARGUMENTS]..."] if hasattr(command, "commands") else names
    shown = " ".join(f"\\fI{_text(name)}\\fR" for name in ("[OPTIONS]", *rest))
    yield f".B grantlint {' '.join(path)}"
    yield shown


def _context(command: TyperCommand) -> object:
    return command.context_class(command, help_option_names=["-h", "--help"])


def _options(command: TyperCommand) -> Iterator[str]:
    context = _context(command)
    for one in command.get_params(context):
        record = one.get_help_record(context)
        if record is not None:
            names, said = record
            yield ".TP"
            yield f"\\fB{_text(' '.join(names.split()))}\\fR"
            yield _text(" ".join(said.split()))


def _table(rows: dict[str, str]) -> Iterator[str]:
    for name, said in rows.items():
        yield from (".TP", f".B {_text(name)}", _text(said))


def _prose(text: str | None) -> Iterator[str]:
    """Paragraphs; one that begins with a backspace, click's mark, stays as it is written."""
    for paragraph in re.split(r"\n\s*\n", (text or "").strip("\n")):
        if paragraph.startswith("\b"):
            yield from (".PP", ".nf")
            yield from (_text(line) for line in paragraph.split("\n")[1:])
            yield ".fi"
        elif paragraph.strip():
            yield from (".PP", _text(" ".join(paragraph.split())))


def _first(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split()).removesuffix(".")


def _text(text: str) -> str:
    """Text as roff shows it: backslashes and hyphens as they are, no line that is a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    escaped = (
        escaped.replace("'", "\\(aq")
        .replace("`", "\\(ga")
        .replace("~", "\\(ti")
        .replace("^", "\\(ha")
    )
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
