"""Recorded answers of Terraform's console, and our own answer in the same form."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from grantlint.parsers.number import number_text
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import convert, estate, syntax, tree
from grantlint.parsers.terraform.discovery import Directory, Reader
from grantlint.parsers.terraform.evaluate import evaluate as evaluate_in
from grantlint.parsers.terraform.scope import ConsoleScope
from grantlint.source import Source
from grantlint.value import Unknown, Value, unknown


@cache
def nowhere() -> ConsoleScope:
    """The scope of a module that declares nothing, in which `unknown` is a name."""
    with TemporaryDirectory() as empty:
        path = Path(empty)
        root = estate.open_root(Directory(path, "."), {}, Reader().read, Options(), [])
        return ConsoleScope(root, {"unknown": unknown("nobody knows")})


def evaluate_text(text: str) -> Value:
    return evaluate(syntax.parse_expression(Source("expression", text.encode())))


def evaluate(node: tree.Expression) -> Value:
    return evaluate_in(node, nowhere())


# -- what Terraform shows of a value -------------------------------------------------------


def shown(value: Value) -> dict[str, object]:
    """The row that stands for a value in a file of recorded answers."""
    if value.failed:
        return {"error": value.failed.reason}
    row: dict[str, object] = {"type": convert.notation(convert.type_of(value))}
    if value.has_sensitive():
        row["sensitive"] = True
    return row | {"value": plain(value)}


def plain(value: Value) -> object:
    """Members as in JSON, numbers as their text behind a #."""
    if isinstance(value.raw, Unknown):
        return ...
    if value.raw is None or isinstance(value.raw, (str, bool)):
        return value.raw
    if isinstance(value.raw, tuple):
        return [plain(member) for member in value.raw]
    if isinstance(value.raw, (dict,)):
        return {key: plain(member) for key, member in value.raw.items()}
    return f"#{number_text(value.raw)}"


def recorded(name: str) -> list[dict[str, object]]:
    """Rows of fixtures/expressions: what Terraform 1.11.4 answered."""
    path = Path(__file__).parent.parent / "fixtures/expressions" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def answered(row: dict[str, str]) -> dict[str, object]:
    """The answer in a row, in the form that `shown` gives."""
    if "error" in row:
        return {"error": row["error"]}
    if row.get("sensitive"):
        return {"type": row["type"], "sensitive": True}
    value = json.loads(row["json"], parse_int="#{}".format, parse_float="#{}".format)
    return {"type": row["type"], "value": value}


def agrees(mine: dict[str, object], row: dict[str, str]) -> bool:
    """Whether an answer is Terraform's, or says truthfully that it is not known."""
    theirs = answered(row)
    if "error" in theirs or "error" in mine:
        same_text = letters(mine.get("error")) == letters(theirs.get("error"))
        both = "error" in theirs and "error" in mine
        return both and (same_text or row["error_summary"] == "Invalid function argument")
    if "value" in theirs and mine["value"] is not ... and not has_holes(mine["value"]):
        return mine == theirs
    return has_holes(mine.get("value")) or mine.keys() >= theirs.keys()


def letters(text: object) -> str:
    """A message without its line breaks."""
    return "".join(str(text).split()).removesuffix(".")


def has_holes(value: object) -> bool:
    if isinstance(value, list):
        return any(map(has_holes, value))
    if isinstance(value, dict):
        return any(map(has_holes, value.values()))
    return value is ...
