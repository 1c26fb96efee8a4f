"""templatefile and templatestring: which variables a template needs, and rendering it.

https://github.com/hashicorp/terraform/blob/v1.11.4/internal/lang/funcs/string.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grantlint.parsers.holes import like
from grantlint.parsers.terraform import tree
from grantlint.parsers.terraform.convert import convert
from grantlint.parsers.terraform.functions.context import TEMPLATE_STRING, Context
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
)
from grantlint.parsers.terraform.functions.filesystem import read, text_of_file
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.parsers.terraform.functions.unknowns import without_marks
from grantlint.parsers.terraform.syntax import parse_template
from grantlint.source import Source
from grantlint.value import DYNAMIC, STRING, Value

_VARIABLES = Parameter("vars", marks=True, unknown=True)
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_ONLY = (
    "invalid template expression: templatestring is only for rendering templates retrieved "
    "dynamically from elsewhere"
)


@function(Parameter("path", STRING, marks=True, unknown=True), _VARIABLES, context=True)
def templatefile(context: Context, path: Value, variables: Value) -> Value:
    """A file's text with variables put in; with holes where they are unknown."""
    sensitive = path.sensitive or variables.has_sensitive()
    hidden = path if path.unknown is not None else variables
    if hidden.unknown is not None:
        return like(hidden, DYNAMIC).marked(sensitive)
    source = read(context, path)
    text_of_file(source, path)  # refuses what is not UTF-8
    return _rendered(context, source, path.text or "", variables).marked(sensitive)


@function(
    Parameter("template", marks=True, unknown=True, null=True),
    _VARIABLES,
    returns=STRING,
    context=True,
)
def templatestring(context: Context, template: Value, variables: Value) -> Value:
    """The same for a text; the caller asks `unfit_template` whether the argument may be used."""
    sensitive = template.sensitive or variables.has_sensitive()
    hidden = template if template.unknown is not None else variables
    if hidden.unknown is not None:
        return like(hidden, STRING).marked(sensitive)
    if template.text is None:
        raise FunctionError("invalid template value: a string is required", 0)
    source = Source(TEMPLATE_STRING, template.text.encode("utf-8", "surrogatepass"))
    result = _rendered(context, source, TEMPLATE_STRING, variables)
    converted = convert(result, STRING)
    if converted.failed and not result.failed:
        raise FunctionError(f"invalid template result: {converted.failed.reason}")
    return converted.marked(sensitive)


def _rendered(context: Context, source: Source, name: str, variables: Value) -> Value:
    if variables.kind not in {"map", "object"}:
        raise FunctionError("invalid vars value: must be a map", 1)
    given = dict(without_marks(variables).items())
    for key in given:
        if not _IDENTIFIER.fullmatch(key):
            raise FunctionError(
                f"invalid template variable name {quoted(key)}: must start with a letter, "
                "followed by zero or more letters, digits, and underscores",
                1,
            )
    template = parse_template(source)
    for node in _free(template, frozenset()):
        if node.name not in given:
            raise FunctionError(
                f"vars map does not contain key {quoted(node.name)}, referenced at "
                f"{_range(name, node)}",
                1,
            )
    result = context.render(source, given)
    if result.is_null:
        raise FunctionError(
            f"{_range(name, template)}: Template result is null; The result of the template is "
            "null, which is not a valid result for a templatestring call."
        )
    return result


def _range(name: str, node: tree.Expression) -> str:
    span = node.span
    return f"{name}:{span.line},{span.column}-{span.end_column}"


def _free(node: tree.Expression, bound: frozenset[str]) -> Iterator[tree.Variable]:
    """The variables of an expression that nothing in it binds."""
    if isinstance(node, tree.Variable):
        if node.name not in bound:
            yield node
        return
    if isinstance(node, tree.For | tree.TemplateFor):
        yield from _free(node.collection, bound)
        names = {node.value_name, *((node.key_name,) if node.key_name else ())}
        inner: list[tree.Expression | None] = (
            [node.body] if isinstance(node, tree.TemplateFor) else []
        )
        if isinstance(node, tree.For):
            inner = [node.key, node.value, node.condition]
        for each in inner:
            if each is not None:
                yield from _free(each, bound | names)
        return
    for child in tree.children(node):
        yield from _free(child, bound)


def unfit_template(argument: tree.Expression) -> str | None:
    """Why templatestring refuses an expression as its template; None when it does not."""
    if isinstance(argument, tree.Interpolation):
        return (
            f"{_ONLY}; to treat the inner expression as template syntax, write the reference "
            "expression directly without any template interpolation syntax"
        )
    if isinstance(argument, tree.Literal) and isinstance(argument.value, str):
        return (
            f"{_ONLY}, and so does not support providing a literal template; consider using a "
            "template string expression instead"
        )
    if isinstance(argument, tree.Template):
        return (
            f"{_ONLY}; to render an inline template, consider using a plain template string "
            "expression"
        )
    if _is_reference(argument):
        return None
    return (
        "invalid template expression: must be a direct reference to a single string from "
        "elsewhere, containing valid Terraform template syntax"
    )


def _is_reference(node: tree.Expression) -> bool:
    while isinstance(node, tree.GetAttr | tree.Index | tree.Splat):
        node = node.of
    return isinstance(node, tree.Variable)
