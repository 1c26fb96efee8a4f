"""`--output`: which reports go where, and how they look there."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.cli import candidates
from grantlint.cli.forge import blob, summarize
from grantlint.cli.output import Color, colored, columns, linked, write, write_json
from grantlint.config import UsageError
from grantlint.git import top
from grantlint.reports import FORMATS, IN_JSON, WITHOUT_FIXES, Look, renderer
from grantlint.spelling import nearest

if TYPE_CHECKING:
    from grantlint.finding import Report

Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "--format",
        metavar="FORMAT[=FILE]",
        help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}, to standard output or to a file; "
        "can be repeated.",
        autocompletion=candidates.formats,
    ),
]
Output = tuple[str, str | None]
"""A format, and the file that it goes to; None is standard output."""


def outputs(wanted: Sequence[str]) -> list[Output]:
    """The outputs that are asked for."""
    outputs: list[Output] = []
    for text in wanted:
        format, equals, file = text.partition("=")
        if format not in FORMATS:
            raise UsageError(f"--output {text}: {_no_format(format)}")
        if equals and not file:
            raise UsageError(f"--output {text}: the file's name is missing")
        if file and any(other and Path(file) == Path(other) for _, other in outputs):
            raise UsageError(f"--output {text}: this file is given twice")
        if file and not Path(file).parent.is_dir():
            raise UsageError(f"--output {text}: there is no directory {Path(file).parent}")
        outputs.append((format, file or None))
    if sum(file is None for _, file in outputs) > 1:
        raise UsageError("--output: only one format can go to standard output, give a FILE")
    return outputs


def show_fixes(outputs: Sequence[Output]) -> bool:
    """Whether one of them shows fixes without being told to."""
    return any(format not in WITHOUT_FIXES for format, _ in outputs)


def look(color: Color, paths: Sequence[str], *, hint: bool) -> Look:
    """How a report looks on standard output; `hint` is whether it may say what to do next."""
    return Look(
        colored(color),
        columns=columns(),
        repository=_repository(paths),
        links=linked(color),
        hint=hint and columns() is not None,
        blob=blob(),
    )


def write_all(report: "Report", outputs: Sequence[Output], look: Look) -> None:
    """Write all outputs."""
    for format, file in outputs:
        _write(report, format, file, look)
        if format == "github":
            summarize(report, look)


def _no_format(format: str) -> str:
    """What is wrong with a format that there is not, and which one may be meant."""
    near = nearest(format, FORMATS)
    hint = f"did you mean {near}? " if near else ""
    return f"there is no such format; {hint}the formats are {', '.join(FORMATS)}"


def _repository(paths: Sequence[str]) -> Path | None:
    """The repository that the run was started in, else the one that all paths are in."""
    tops = {top(Path(path)) for path in paths}
    return top(Path.cwd()) or (tops.pop() if len(tops) == 1 else None)


def _write(report: "Report", format: str, file: str | None, look: Look) -> None:
    render = renderer(format)
    if file is None:
        (write_json if format in IN_JSON else write)(render(report, look))
        return
    text = render(report, replace(look, color=False, columns=None, links=False, hint=False))
    try:
        Path(file).write_text(text, "utf-8", "backslashreplace")
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"--output {format}={file}: cannot be written: {reason}") from error
