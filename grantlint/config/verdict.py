"""What the published schema says of a file, by jsonschema: a second opinion on our own reader.

A run does not ask it: importing jsonschema takes longer than judging a changed file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from grantlint.config.document import document
from grantlint.config.found import SHARED
from grantlint.config.mistake import Mistake, refuse
from grantlint.source import Source


def refuse_unlike(path: Path, schema: Mapping[str, object]) -> None:
    """Raise UsageError for what in a file is not as the schema has it."""
    from jsonschema import Draft7Validator  # noqa: PLC0415  # it costs a third of a start

    found = document(Source(path.as_posix(), path.read_bytes()))
    ours = found.below("tool", "grantlint") if path.name == SHARED else found
    if ours is not None:
        refuse(
            Mistake(error.message, ours.value(tuple(error.absolute_path)))
            for error in Draft7Validator(dict(schema)).iter_errors(plain(ours.data))
        )


def plain(value: object) -> object:
    """Data as JSON has it: days are texts."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
