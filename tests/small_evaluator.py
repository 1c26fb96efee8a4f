"""Literals, operators, conditionals, selection and the to... conversions, and nothing else.

So much of an evaluator that recorded answers put operate, convert and number to the test alone.
"""

from __future__ import annotations

from collections.abc import Callable

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
            names = [item.key.value for item in node.items if isinstance(item.key, tree.Literal)]
            values = (evaluate(item.value) for item in node.items)
            return gather(values, lambda found: object_(dict(zip(map(str, names), found))))
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
