"""Text with holes: known pieces with unknown values between them, and unknowns made of unknowns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from grantlint.parsers.bounds import too_long
from grantlint.value import STRING, Type, Unknown, Value


class UnknowableError(Exception):
    """A result that cannot be known here, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse_long(characters: int) -> None:
    """Give up before a text becomes longer than is followed."""
    if (reason := too_long(characters)) is not None:
        raise UnknowableError(reason)


Parts = tuple[str | Value, ...]


def like(value: Value, type: Type, parts: Parts = ()) -> Value:
    """An unknown of that type, for the reason of an unknown one."""
    assert value.unknown is not None
    return Value(type, Unknown(value.unknown.reason, value.unknown.refers_to, parts))


def parts_of(value: Value) -> Parts:
    """A text as its known pieces and holes: a known text is one piece."""
    if isinstance(value.raw, str):
        return (value.raw,)
    assert value.unknown is not None
    return value.unknown.parts or (value,)


def text_of(parts: Sequence[str | Value]) -> Value:
    """The text that pieces and holes make; known when there is no hole."""
    refuse_long(sum(len(part) for part in parts if isinstance(part, str)))
    merged: list[str | Value] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    hole = next((part for part in merged if isinstance(part, Value)), None)
    if hole is None:
        return Value(STRING, normalized("".join(part for part in merged if isinstance(part, str))))
    if len(merged) == 1 and hole.kind == "string":
        return hole
    return like(hole, STRING, tuple(merged))


def normalized(text: str) -> str:
    """The text in Unicode normalization form C, as every text of Terraform is."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
