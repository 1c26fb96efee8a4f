"""Expressions of a user, evaluated in the scope of a root module, one JSON line for each.

Each is read as it would be behind `name =` in a file of that module.

`{"value": …}` stands only where nothing in it is unknown and Terraform would take the expression.
"""

from __future__ import annotations

import json
from fractions import Fraction

from grantlint.parsers.terraform import evaluate, functions, syntax
from grantlint.parsers.terraform.scope import Scope
from grantlint.source import Source
from grantlint.value import Unknown, Value


def answer(line: str, scope: Scope) -> str:
    """The JSON line that answers one line of input: an expression, or `{"expr": …}`."""
    value = evaluate.evaluate(syntax.parse_argument(Source("<stdin>", _expression(line))), scope)
    for leaf in value.unknowns():
        if leaf.failed is not None:
            return _dumps({"error": _HIDDEN if leaf.sensitive else leaf.failed.reason})
    if value.has_sensitive():
        return _dumps({"sensitive": True})
    first = next(value.unknowns(), None)
    if first is not None and first.unknown is not None:
        answered: dict[str, object] = {"unknown": first.unknown.reason}
        if value.unknown is None:
            answered["partial"] = _partial(value)
        return _dumps(answered)
    text = functions.call("jsonencode", [value], scope).text
    return (
        _dumps({"error": "it cannot be written as JSON"})
        if text is None
        else f'{{"value": {text}}}'
    )


_HIDDEN = "it is refused, for a reason that would show a sensitive value"


def _expression(line: str) -> bytes:
    if line.lstrip().startswith('{"expr"'):
        try:
            given = json.loads(line)
        except ValueError:
            given = None
        if isinstance(given, dict) and isinstance(given.get("expr"), str):
            line = given["expr"]
    return line.encode("utf-8", "surrogateescape")


def _partial(value: Value) -> object:
    """What is known of a value; `{"$unknown": reason}` in the place of a leaf that is not."""
    if isinstance(value.raw, Unknown):
        return {"$unknown": value.raw.reason}
    if isinstance(value.raw, tuple):
        return [_partial(member) for member in value.elements()]
    if value.kind in {"map", "object"} and not value.is_null:
        return {key: _partial(member) for key, member in value.items()}
    if isinstance(value.raw, Fraction):
        return float(value.raw)
    return value.raw if isinstance(value.raw, str | bool | int) else None


def _dumps(answered: dict[str, object]) -> str:
    return json.dumps(answered, ensure_ascii=False)
