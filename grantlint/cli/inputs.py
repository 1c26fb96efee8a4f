"""The options that say what is read, and as what, beside the paths."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grantlint.cli import candidates
from grantlint.config import UsageError
from grantlint.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantlint.parsers.settings import Input

STDIN: Final = "-"
SHOWN: Final = "<stdin>"

Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="FORMAT:PATH",
        help="Read this file or directory as terraform, terraform-plan, terraform-state, "
        "cloudformation, cdk or aws; can be repeated.",
        autocompletion=candidates.inputs,
    ),
]
StdinFormat = Annotated[
    str | None,
    typer.Option(
        "--stdin-format",
        metavar="FORMAT",
        help="What standard input holds, where a path is -.",
        autocompletion=candidates.stdin_formats,
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="Give a parameter of the templates."),
]
ParameterFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter-file", metavar="FILE", help="Read parameters from a file in JSON or YAML."
    ),
]
Sources = Annotated[
    str | None,
    typer.Option(
        "--source", metavar="DIR", help="The configuration that the plans and states are of."
    ),
]


def given(
    paths: Sequence[str] | None, inputs: Sequence[str] | None, stdin_format: str | None
) -> tuple[tuple[str, ...], tuple[Input, ...]]:
    """The paths to look at, and what is of a format that is known; reads standard input.

    Without either, the path is the working directory.
    """
    named = [_input(text) for text in inputs or ()]
    asked = [path for path in paths or () if path != STDIN]
    if len(asked) < len(paths or ()):
        named.append(_standard_input(stdin_format))
    elif stdin_format is not None:
        raise UsageError(f"--stdin-format {stdin_format}: give - as a path to read standard input")
    return tuple(asked if asked or named else ["."]), tuple(named)


def _input(text: str) -> Input:
    from grantlint.parsers.settings import Input

    format, colon, path = text.partition(":")
    if not colon or not path:
        raise UsageError(f"--input {text}: write it as FORMAT:PATH; {_formats()}")
    return Input(_known("--input", text, format), path)


def _standard_input(format: str | None) -> Input:
    from grantlint.parsers import sniff
    from grantlint.parsers.settings import Input

    if format is not None and _known("--stdin-format", format, format) == sniff.ASSEMBLY:
        raise UsageError(f"--stdin-format {format}: it is a directory, give its path")
    data = sys.stdin.buffer.read()
    found = format or sniff.format_of(data, asked=True)
    if found is None:
        raise UsageError(
            "-: what standard input holds does not show what it is, --stdin-format FORMAT says it; "
            + _formats()
        )
    return Input(found, SHOWN, data)


def _known(option: str, text: str, format: str) -> str:
    from grantlint.parsers.sniff import FORMATS

    if format in FORMATS:
        return format
    near = nearest(format, FORMATS)
    hint = f"did you mean {near}?" if near else _formats()
    raise UsageError(f"{option} {text}: there is no format {format}; {hint}")


def _formats() -> str:
    from grantlint.parsers.sniff import FORMATS

    return f"the formats are {', '.join(FORMATS[:-1])} and {FORMATS[-1]}"
