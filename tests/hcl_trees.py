"""Our syntax tree as nested arrays, the same that `oracle/main.go` prints of HashiCorp's."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from grantlint.parsers.terraform import tree as t
from grantlint.parsers.terraform.syntax.collection_nodes import AMBIGUOUS_KEY

Nested = list["Nested"] | str | int | bool | None


def body(node: t.Body) -> Nested:
    """Arguments and blocks of a body, everything in it made."""
    arguments: Nested = [
        [argument.name, argument.span.line, expression(argument.expression)]
        for argument in node.arguments.values()
    ]
    blocks: Nested = [
        [block.type, list(block.labels), block.span.line, body(block.body)] for block in node.blocks
    ]
    return [arguments, blocks]


def expression(node: t.Expression) -> Nested:
    """One expression, fully grouped."""
    match node:
        case t.Literal():
            return _literal(node)
        case t.Template():
            return _template(node)
        case t.Interpolation(inner=inner):
            return ["wrap", expression(inner)]
        case t.TemplateIf(condition=condition, then=then, otherwise=otherwise):
            branches = [_template(then), _template(otherwise)]
            return ["conditional", expression(condition), *branches]
        case t.TemplateFor():
            names: list[Nested] = [node.key_name or "", node.value_name]
            parts = [expression(node.collection), None, _template(node.body), None, False]
            return ["join", ["for", *names, *parts]]
        case t.Variable(name=name):
            return ["variable", name]
        case t.GetAttr(of=of, name=name):
            return ["attribute", expression(of), name]
        case t.Index(of=of, key=key):
            return ["index", expression(of), expression(key)]
        case t.Splat(of=of, each=each):
            return ["splat", expression(of), expression(each)]
        case t.Element():
            return ["element"]
        case _:
            return _compound(node)


def _compound(node: t.Expression) -> Nested:
    match node:
        case t.Call(name=name, arguments=arguments, expand=expand):
            return ["call", name, expand, [expression(argument) for argument in arguments]]
        case t.Unary(operator=operator, operand=operand):
            return ["unary", operator, expression(operand)]
        case t.Binary(operator=operator, left=left, right=right):
            return ["binary", operator, expression(left), expression(right)]
        case t.Conditional(condition=condition, then=then, otherwise=otherwise):
            parts = [expression(condition), expression(then), expression(otherwise)]
            return ["conditional", *parts]
        case t.Parentheses(inner=inner):
            return ["parentheses", expression(inner)]
        case t.Tuple(items=items):
            return ["tuple", [expression(item) for item in items]]
        case t.Object(items=items):
            return ["object", [[expression(item.key), expression(item.value)] for item in items]]
        case t.For():
            parts = [
                expression(part) if part else None
                for part in (node.collection, node.key, node.value, node.condition)
            ]
            return ["for", node.key_name or "", node.value_name, *parts, node.grouping]
        case t.Invalid(reason=reason):
            return ["ambiguous"] if reason == AMBIGUOUS_KEY else ["invalid", reason]
    raise TypeError(node)


def _literal(node: t.Literal) -> Nested:
    match node.value:
        case None:
            return ["null"]
        case bool(truth):
            return ["bool", truth]
        case str(text):
            return ["text", text]
        case number:
            return ["number", str(Fraction(number))]


def _template(node: t.Template) -> Nested:
    if not node.parts:
        return ["text", ""]
    only = node.parts[0]
    if len(node.parts) == 1 and isinstance(only, t.Literal) and isinstance(only.value, str):
        return _literal(only)
    return ["template", [expression(part) for part in node.parts]]


def invalid(node: t.Expression) -> t.Invalid | None:
    """The first part of an expression that HCL refuses (a bare reference as a key is not one)."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, t.Invalid) and current.reason != AMBIGUOUS_KEY:
            return current
        pending.extend(t.children(current))
    return None


def expressions(node: t.Body) -> Iterator[t.Expression]:
    """Every argument's expression in a body and the blocks in it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield from (argument.expression for argument in current.arguments.values())
        pending.extend(block.body for block in current.blocks)
