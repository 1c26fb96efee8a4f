"""Expressions to values: `evaluate(node, scope)` never raises and never invents.

What Terraform would refuse comes out as a value with a failure, what cannot be known as an
unknown with its reason. The rules are hclsyntax's (Terraform 1.11):
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grantlint.parsers.bounds import DEEPEST, MOST_EVALUATIONS
from grantlint.parsers.terraform import convert, functions, operate, tree
from grantlint.parsers.terraform.condition import both_ways
from grantlint.parsers.terraform.for_expression import for_expression, iterate, reason_only
from grantlint.parsers.terraform.functions.template import unfit_template
from grantlint.parsers.terraform.joined_text import join_text, nfc
from grantlint.value import (
    DYNAMIC,
    STRING,
    Type,
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

if TYPE_CHECKING:
    from grantlint.parsers.terraform.scope import Scope
    from grantlint.source import Span


def evaluate(node: tree.Expression, scope: Scope) -> Value:
    """The value of an expression in a scope; `written` is where it, or what it selects, stands."""
    shared = scope.owner.configuration
    shared.evaluations += 1
    if isinstance(node, tree.Literal):
        return _literal(node)
    if shared.depth == 0:
        shared.bound = shared.evaluations + (MOST_EVALUATIONS - shared.evaluations) // 2
    if shared.evaluations > shared.bound:
        return unknown(f"more than {MOST_EVALUATIONS:,} evaluations are not followed", node.span)
    if shared.depth > DEEPEST:
        return unknown(f"references lead deeper than {DEEPEST} expressions", node.span)
    shared.depth += 1
    try:
        value = _EVALUATE[type(node)](node, scope)
    finally:
        shared.depth -= 1
    if value.failed is not None and value.written in (None, node.span):
        value = value.marked(_touches_secret(node, scope))
    return value if value.written is not None else value.at(node.span)


def _touches_secret(node: tree.Expression, scope: Scope) -> bool:
    """Whether a sensitive value takes part, so that the reason of a failure may quote it."""
    pending = [node]
    while pending:
        part = pending.pop()
        value = None
        if isinstance(part, tree.GetAttr):
            value = scope.reference(part)
        elif isinstance(part, tree.Variable):
            value = scope.bound(part.name)
        if value is None:
            pending.extend(tree.children(part))
        elif value.has_sensitive():
            return True
    return False


def _literal(node: tree.Literal) -> Value:
    literal = node.value
    if isinstance(literal, str):
        return string(nfc(literal), node.span)
    if isinstance(literal, bool):
        return boolean(literal, node.span)
    if literal is None:
        return null(written=node.span)
    return number(literal, node.span)


def _invalid(node: tree.Invalid, _: Scope) -> Value:
    if node.refused:
        return failure(node.reason, node.span, static=True)
    return unknown(node.reason, node.span)


def _parentheses(node: tree.Parentheses | tree.Interpolation, scope: Scope) -> Value:
    return evaluate(node.inner, scope)


# -- templates -----------------------------------------------------------------------------


def _template(node: tree.Template | tree.TemplateIf | tree.TemplateFor, scope: Scope) -> Value:
    pieces: list[Value] = []
    failed = _collect(node, scope, pieces)
    return failed if failed is not None else join_text(pieces, node.span)


def _collect(node: tree.Expression, scope: Scope, pieces: list[Value]) -> Value | None:
    """Append the texts of a template in order; the first failure ends it and is returned."""
    match node:
        case tree.Template(parts=parts):
            for part in parts:
                if (failed := _collect(part, scope, pieces)) is not None:
                    return failed
            return None
        case tree.TemplateIf():
            chosen = operate.conditional(
                evaluate(node.condition, scope),
                _template(node.then, scope),
                _template(node.otherwise, scope),
            )
            return _add_piece(chosen, node.span, pieces)
        case tree.TemplateFor():
            return _collect_for(node, scope, pieces)
        case _:
            return _add_piece(evaluate(node, scope), node.span, pieces)


def _collect_for(node: tree.TemplateFor, scope: Scope, pieces: list[Value]) -> Value | None:
    collection = evaluate(node.collection, scope)
    if collection.unknown is not None:
        hole = replace(collection, type=STRING, raw=reason_only(collection.unknown))
        return collection if collection.failed else _add_piece(hole, node.span, pieces)
    entries = iterate(collection)
    if isinstance(entries, str):
        return failure(entries, node.collection.span)
    if collection.sensitive:
        pieces.append(string("").marked())
    for key, member in entries:
        names = {node.value_name: member}
        if node.key_name:
            names[node.key_name] = key
        if (failed := _collect(node.body, scope.bind(names), pieces)) is not None:
            return failed
    return None


def _add_piece(value: Value, span: Span, pieces: list[Value]) -> Value | None:
    if value.failed:
        return value
    if value.is_null:
        text = "The expression result is null. Cannot include a null value in a string template."
        return failure(text, span)
    piece = convert.convert(value, STRING)
    if piece.failed:
        text = "Cannot include the given value in a string template: string required."
        return failure(text, span)
    pieces.append(piece)
    return None


# -- references ----------------------------------------------------------------------------


def _variable(node: tree.Variable, scope: Scope) -> Value:
    bound = scope.bound(node.name)
    return bound if bound is not None else scope.bare_name(node.name, node.span)


def _get_attr(node: tree.GetAttr, scope: Scope) -> Value:
    head = scope.reference(node)
    if head is not None:
        return head
    of = evaluate(node.of, scope)
    value = operate.get_attr(of, node.name)
    if value.failed is not None and of.failed is None and scope.is_object_reference(node.of):
        return scope.refuse_attribute(node, value)
    return value


def _index(node: tree.Index, scope: Scope) -> Value:
    if (refused := scope.refuse_instance_key(node)) is not None:
        return refused
    of = evaluate(node.of, scope)
    return operate.index(of, evaluate(node.key, scope))


def _element(node: tree.Element, scope: Scope) -> Value:
    bound = scope.bound("*")
    return failure("there is no splat here", node.span) if bound is None else bound


def _splat(node: tree.Splat, scope: Scope) -> Value:
    return _splat_of(node, evaluate(node.of, scope), scope)


def _splat_choices(node: tree.Splat, source: Value, cause: Unknown, scope: Scope) -> Value:
    """Of each thing that the source can be."""
    results = [_splat_of(node, choice, scope) for choice in cause.choices]
    working = [result for result in results if not result.failed]
    if results and not working:
        return results[0]
    may_fail = cause.may_fail or len(working) < len(results)
    choices = convert.alternatives(working)
    narrowed = Unknown(cause.reason, cause.refers_to, choices=choices, may_fail=may_fail)
    return replace(source, type=DYNAMIC, raw=narrowed)


def _splat_of(node: tree.Splat, source: Value, scope: Scope) -> Value:
    if source.failed:
        return source
    sequence = source.kind in {"list", "set", "tuple"}
    if source.is_null:
        if sequence:
            return failure("Splat expressions cannot be applied to null sequences.", node.span)
        return replace(tuple_((), node.span), sensitive=source.sensitive)
    if source.unknown is not None:
        return _splat_choices(node, source, source.unknown, scope)
    members = source.elements() if sequence else (source,)
    results = []
    for member in members:
        result = evaluate(node.each, scope.bind({"*": member}))
        if result.failed:
            return result
        results.append(result)
    if source.kind in {"list", "set"}:
        # of an empty list the type is found, and a wrong attribute refused, on an unknown element
        sample = results[0] if results else _on_unknown_element(node, source, scope)
        if sample.failed:
            return sample
        listed = Value(Type("list", convert.type_of(sample)), tuple(results), node.span)
        return replace(listed, sensitive=source.sensitive)
    return replace(tuple_(results, node.span), sensitive=source.sensitive)


def _on_unknown_element(node: tree.Splat, source: Value, scope: Scope) -> Value:
    element = unknown("the element of a splat", type=source.type.element or DYNAMIC)
    return evaluate(node.each, scope.bind({"*": element}))


# -- constructors --------------------------------------------------------------------------


def _tuple(node: tree.Tuple, scope: Scope) -> Value:
    members = []
    for item in node.items:
        member = evaluate(item, scope)
        if member.failed:
            return member
        members.append(member)
    return tuple_(members, node.span)


def _object(node: tree.Object, scope: Scope) -> Value:
    members: dict[str, Value] = {}
    unknown_key: Value | None = None
    sensitive = False
    for item in node.items:
        member = evaluate(item.value, scope)
        if isinstance(item.key, tree.Literal) and isinstance(item.key.value, str):
            if member.failed:
                return member
            members[item.key.value] = member
            continue
        key = evaluate(item.key, scope)
        if key.failed or member.failed:
            return key if key.failed else member
        name = _key_text(key, item.key.span)
        if name.failed:
            return name
        sensitive = sensitive or key.sensitive
        if isinstance(name.raw, str):
            members[name.raw] = member
        else:
            unknown_key = unknown_key or name
    if unknown_key is not None and unknown_key.unknown is not None:
        cause = replace(unknown_key.unknown, parts=(), choices=(), has=())
        return Value(DYNAMIC, cause, node.span, sensitive=sensitive)
    return replace(object_(members, node.span), sensitive=sensitive)


def _key_text(key: Value, span: Span) -> Value:
    if key.is_null:
        return failure("Can't use a null value as a key.", span)
    text = convert.convert(key, STRING)
    if text.failed:
        return failure(f"Can't use this value as a key: {text.failed.reason}.", span)
    return text


# -- operations ----------------------------------------------------------------------------


def _unary(node: tree.Unary, scope: Scope) -> Value:
    return operate.unary(node.operator, evaluate(node.operand, scope))


def _binary(node: tree.Binary, scope: Scope) -> Value:
    left = evaluate(node.left, scope)
    return operate.binary(node.operator, left, evaluate(node.right, scope))


def _conditional(node: tree.Conditional, scope: Scope) -> Value:
    then, otherwise = evaluate(node.then, scope), evaluate(node.otherwise, scope)
    chosen = operate.conditional(evaluate(node.condition, scope), then, otherwise)
    cause = chosen.unknown
    if cause is None or len(cause.choices) != 2 or _several(then) or _several(otherwise):
        return chosen
    return replace(chosen, raw=replace(cause, when=both_ways(node.condition)))


def _several(value: Value) -> bool:
    return value.unknown is not None and bool(value.unknown.choices)


def _call(node: tree.Call, scope: Scope) -> Value:
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        if last.failed:
            return last
        if last.unknown is not None:
            cause = replace(last.unknown, parts=(), choices=(), members={}, has=())
            return replace(last, type=DYNAMIC, raw=cause, encodes=None, written=node.span)
        if last.is_null or last.kind not in {"list", "set", "tuple"}:
            text = (
                "The expanding argument (indicated by ...) must be of a tuple, list, or set type."
            )
            return failure(text, node.arguments[-1].span)
        arguments.extend(last.elements())
    if node.name.startswith("provider::"):
        return scope.provider_function(node)
    if node.name.removeprefix("core::") == "templatestring" and node.arguments:
        unfit = unfit_template(node.arguments[0])
        if unfit is not None:
            return failure(unfit, node.span)
    return functions.call(node.name, arguments, scope)


_EVALUATE: Final[Mapping[type, Callable[..., Value]]] = {
    tree.Template: _template,
    tree.TemplateIf: _template,
    tree.TemplateFor: _template,
    tree.Interpolation: _parentheses,
    tree.Parentheses: _parentheses,
    tree.Variable: _variable,
    tree.GetAttr: _get_attr,
    tree.Index: _index,
    tree.Splat: _splat,
    tree.Element: _element,
    tree.Call: _call,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: _conditional,
    tree.Tuple: _tuple,
    tree.Object: _object,
    tree.For: for_expression,
    tree.Invalid: _invalid,
}
