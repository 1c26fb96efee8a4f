"""csvdecode. https://pkg.go.dev/encoding/csv."""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.value import OBJECT, STRING, Type, Value, object_, string


@function(Parameter("str", STRING))
def csvdecode(text: Value) -> Value:
    """A list of objects, one for each row behind the first, which has the names."""
    rows = _rows(text.text or "")
    header = next(rows, None)
    if header is None:
        raise FunctionError("missing header line")
    names = header[1]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise FunctionError(f"duplicate column name {quoted(name)}")
    element = Type(OBJECT.kind, attributes=dict.fromkeys(sorted(names), STRING))
    found = []
    for line, row in rows:
        if len(row) != len(names):
            raise _wrong(line, "wrong number of fields")
        found.append(object_(dict(zip(names, map(string, row), strict=True))))
    return Value(Type("list", element), tuple(found))


def _wrong(line: int, text: str) -> FunctionError:
    return FunctionError(f"CSV parse error on line {line}: {text}")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and fields; empty lines are skipped."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        if lines[at] == "":
            at += 1
            continue
        start = at + 1
        row, at = _row(lines, at)
        yield start, row


def _row(lines: list[str], at: int) -> tuple[list[str], int]:
    fields: list[str] = []
    rest = lines[at]
    while True:
        if not rest.startswith('"'):
            field, comma, rest = rest.partition(",")
            if '"' in field:
                raise _wrong(at + 1, 'bare " in non-quoted-field')
        else:
            field, comma, rest, at = _quoted(lines, at, rest[1:])
        fields.append(field)
        if not comma:
            return fields, at + 1


def _quoted(lines: list[str], at: int, rest: str) -> tuple[str, str, str, int]:
    """The field, the comma behind it, the rest of the line, and the line's index."""
    field = ""
    while True:
        piece, quote, behind = rest.partition('"')
        field += piece
        if not quote:
            at += 1
            if at >= len(lines) or (at == len(lines) - 1 and lines[at] == ""):
                raise _wrong(at, 'extraneous or missing " in quoted-field')
            field, rest = f"{field}\n", lines[at]
        elif behind.startswith('"'):
            field, rest = f'{field}"', behind[1:]
        elif behind == "" or behind[0] == ",":
            return field, behind[:1], behind[1:], at
        else:
            raise _wrong(at + 1, 'extraneous or missing " in quoted-field')
