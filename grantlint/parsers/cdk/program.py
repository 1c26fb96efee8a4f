"""Where the assembly of a cdk.json is: what the CDK's own program writes it to.

https://docs.aws.amazon.com/cdk/v2/guide/cli.html: `output` in cdk.json, else `cdk.out`. What a
program is told by CDK_OUTDIR is another matter: that is how the CDK's program tells it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from grantlint.model import Note
from grantlint.parsers.cdk.checkout import PROGRAM
from grantlint.parsers.cdk.document import Document, document, fields, is_file, read, text
from grantlint.parsers.cdk.manifest import MANIFEST
from grantlint.source import Source, Span

OUTPUT: Final = "cdk.out"


def output(directory: Path) -> str | None:
    """The name of the assembly's directory that a cdk.json in `directory` says, if there is one."""
    source = _program(directory)
    if source is None:
        return None
    found = document(source)
    content = found.content if isinstance(found, Document) else None
    return text(fields(content).get("output")) or OUTPUT


def unsynthesised(directory: Path) -> Note | None:
    """A note where a cdk.json stands and what it synthesises does not."""
    source, name = _program(directory), output(directory)
    if source is None or name is None:
        return None
    if is_file(directory / name / MANIFEST):
        return None
    reason = f"a CDK program is judged by its assembly, and {name} is not here: run `cdk synth`"
    return Note(reason, 1, Span(source, 0, 0))


def _program(directory: Path) -> Source | None:
    path = directory / PROGRAM
    source = read(path, path.as_posix())
    return source if isinstance(source, Source) else None
