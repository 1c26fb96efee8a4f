"""Type constraints: the `type` of a variable block as a `Type`.

`any` is DYNAMIC, `optional()` stands in `Type.optional` with its default. The quoted types of
Terraform 0.11 (`"string"`, `"list"`, `"map"`) are still read, although Terraform 1 refuses them.
https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from grantlint.parsers.terraform import tree
from grantlint.parsers.terraform.cdktf import is_json
from grantlint.parsers.terraform.convert.conversion import convert
from grantlint.parsers.terraform.convert.typed import list_of, map_of, set_of, tuple_of
from grantlint.source import Source
from grantlint.value import BOOL, DYNAMIC, NUMBER, STRING, Type, Value

Evaluate = Callable[[tree.Expression], Value]

_KEYWORDS = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_SHORTHANDS = {"list": list_of(DYNAMIC), "map": map_of(DYNAMIC)}
_COLLECTIONS = {"list": list_of, "set": set_of, "map": map_of}
_NO_TYPE = (
    "A type specification is either a primitive type keyword (bool, number, string) or a complex "
    "type constructor call, like list(string)."
)
_NEEDS_ELEMENT = "The {} type constructor requires one argument specifying the element type."
_NEEDS_MAP = (
    "The object type constructor requires one argument specifying the attribute types and values "
    "as a map."
)
_NEEDS_LIST = (
    "The tuple type constructor requires one argument specifying the element types as a list."
)
_NEEDS = {"object": _NEEDS_MAP, "tuple": _NEEDS_LIST} | {
    name: _NEEDS_ELEMENT.format(name) for name in _COLLECTIONS
}


def parse_constraint(expression: tree.Expression, evaluate_default: Evaluate) -> Type | str:
    """The constraint that `type = expression` says, or Terraform's message why it says none."""
    if isinstance(expression, tree.Literal) and isinstance(expression.value, str):
        return _quoted(expression, expression.value, evaluate_default)
    shorthand = _SHORTHANDS.get(_keyword(expression))
    return shorthand or _parse(expression, evaluate_default)


def _quoted(node: tree.Literal, text: str, evaluate_default: Evaluate) -> Type | str:
    """A type in quotes: any in JSON, where there is no other way, else those of 0.11."""
    if is_json(node.span.source):
        from grantlint.parsers.terraform import syntax  # noqa: PLC0415 -- only JSON needs it

        parsed = syntax.parse_expression(Source(node.span.path, text.encode()))
        if not isinstance(parsed, tree.Literal):
            return parse_constraint(parsed, evaluate_default)
    if text == "string":
        return STRING
    if text in _SHORTHANDS:
        return _SHORTHANDS[text]
    return (
        "To provide a full type expression, remove the surrounding quotes and give the type "
        "expression directly."
    )


def _keyword(expression: tree.Expression) -> str:
    return expression.name if isinstance(expression, tree.Variable) else ""


def _parse(expression: tree.Expression, evaluate_default: Evaluate) -> Type | str:
    keyword = _keyword(expression)
    if keyword in _KEYWORDS:
        return _KEYWORDS[keyword]
    if keyword:
        return _NEEDS.get(keyword, f'The keyword "{keyword}" is not a valid type specification.')
    if not isinstance(expression, tree.Call):
        return _NO_TYPE
    if expression.name in _KEYWORDS:
        what = "Type constraint" if expression.name == "any" else "Primitive type"
        return f'{what} keyword "{expression.name}" does not expect arguments.'
    if expression.name == "optional":
        return 'Keyword "optional" is valid only as a modifier for object type attributes.'
    if expression.name not in _NEEDS:
        return f'Keyword "{expression.name}" is not a valid type constructor.'
    if len(expression.arguments) != 1:
        return _NEEDS[expression.name]
    argument = expression.arguments[0]
    if expression.name == "object":
        return _parse_object(argument, evaluate_default)
    if expression.name == "tuple":
        return _parse_tuple(argument, evaluate_default)
    element = _parse(argument, evaluate_default)
    return element if isinstance(element, str) else _COLLECTIONS[expression.name](element)


def _parse_tuple(argument: tree.Expression, evaluate_default: Evaluate) -> Type | str:
    if not isinstance(argument, tree.Tuple):
        return "Tuple type constructor requires a list of element types."
    elements: list[Type] = []
    for item in argument.items:
        element = _parse(item, evaluate_default)
        if isinstance(element, str):
            return element
        elements.append(element)
    return tuple_of(elements)


def _parse_object(argument: tree.Expression, evaluate_default: Evaluate) -> Type | str:
    if not isinstance(argument, tree.Object):
        return (
            "Object type constructor requires a map whose keys are attribute names and whose "
            "values are the corresponding attribute types."
        )
    attributes: dict[str, Type] = {}
    optional: dict[str, Value | None] = {}
    for item in argument.items:
        name = _attribute_name(item.key)
        if name is None:
            return "Object constructor map keys must be attribute names."
        if name in attributes:
            return "Object constructor map keys must be unique."
        declared = item.value
        default: tree.Expression | None = None
        if isinstance(declared, tree.Call) and declared.name == "optional":
            if not 1 <= len(declared.arguments) <= 2:
                return _optional_arguments(len(declared.arguments))
            default = declared.arguments[1] if len(declared.arguments) == 2 else None
            optional[name], declared = None, declared.arguments[0]
        found = _parse(declared, evaluate_default)
        if isinstance(found, str):
            return found
        attributes[name] = found
        if default is not None:
            value = convert(evaluate_default(default), found)
            if value.failed:
                return f"{_BAD_DEFAULT}: {value.failed.reason}."
            optional[name] = value
    return Type("object", attributes=attributes, optional=MappingProxyType(optional))


_BAD_DEFAULT = "This default value is not compatible with the attribute's type constraint"


def _optional_arguments(count: int) -> str:
    if count == 0:
        return "Optional attribute modifier requires the attribute type as its argument."
    return (
        "Optional attribute modifier expects at most two arguments: the attribute type, and a "
        "default value."
    )


def _attribute_name(key: tree.Expression) -> str | None:
    if isinstance(key, tree.Variable):
        return key.name
    if isinstance(key, tree.Literal) and isinstance(key.value, str):
        return key.value
    return None
