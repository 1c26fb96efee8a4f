"""Literals, operators, conditionals, selection and the to... conversions, and nothing else.

So much of an evaluator that recorded answers put operate, convert and number to the test alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from grantlint.parsers.terraform import convert, operate, syntax, tree
from grantlint.parsers.terraform.number import number_text
from grantlint.source import Source
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Unknown,
    Value,
    boolean,
    failure,
    null,
    number,
    object_,
    string,
    tuple_,
    unknown,
)

CONVERSIONS = {
    "tostring": STRING,
    "tonumber": NUMBER,
    "tobool": BOOL,
    "tolist": convert.list_of(DYNAMIC),
    "toset": convert.set_of(DYNAMIC),
    "tomap": convert.map_of(DYNAMIC),
}


def evaluate_text(text: str) -> Value:
    return evaluate(syntax.parse_expression(Source("expression", text.encode())))


def evaluate(node: tree.Expression) -> Value:
    match node:
        case tree.Literal():
            return literal(node)
        case tree.Parentheses(inner=inner):
            return evaluate(inner)
        case tree.Unary():
            return operate.unary(node.operator, evaluate(node.operand))
        case tree.Binary():
            return operate.binary(node.operator, evaluate(node.left), evaluate(node.right))
        case tree.Conditional():
            branches = evaluate(node.then), evaluate(node.otherwise)
            return operate.conditional(evaluate(node.condition), *branches)
        case tree.Index():
            return operate.index(evaluate(node.of), evaluate(node.key))
        case tree.GetAttr():
            return operate.get_attr(evaluate(node.of), node.name)
        case tree.Tuple():
            return gather(map(evaluate, node.items), tuple_)
        case tree.Object():
            names = [str(literal(item.key).raw) for item in node.items]
            values = (evaluate(item.value) for item in node.items)
            return gather(values, lambda found: object_(dict(zip(names, found, strict=True))))
        case tree.Call():
            return call(node)
        case tree.Variable(name="unknown"):
            return unknown("nobody knows")
    raise NotImplementedError(node)


def literal(node: tree.Literal) -> Value:
    if isinstance(node.value, str):
        return string(node.value)
    if isinstance(node.value, bool):
        return boolean(node.value)
    return null() if node.value is None else number(node.value)


def gather(values, make: Callable[[list[Value]], Value]) -> Value:
    found = list(values)
    return operate.first_failure(*found) or make(found)


def call(node: tree.Call) -> Value:
    argument = evaluate(node.arguments[0])
    if argument.failed:
        return argument
    if node.name == "sensitive":
        return argument.marked()
    converted = convert.convert(argument, CONVERSIONS[node.name])
    return failure("cannot convert") if converted.failed else converted


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
