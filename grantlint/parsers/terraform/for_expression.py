"""`[for …]` and `{for …}`, and how collections are iterated.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantlint.parsers.terraform import convert, evaluate, tree
from grantlint.value import (
    DYNAMIC,
    STRING,
    Failure,
    Unknown,
    Value,
    boolean,
    failure,
    number,
    object_,
    string,
    tuple_,
    unknown,
)

if TYPE_CHECKING:
    from grantlint.parsers.terraform.scope import Scope
    from grantlint.source import Span


def reason_only(cause: Unknown) -> Unknown:
    """The same unknown without what narrows it."""
    return Unknown(cause.reason, cause.refers_to, failure=cause.failure)


def iterate(collection: Value) -> list[tuple[Value, Value]] | str:
    """Key and member of every element, in Terraform's order; a text says why it cannot be."""
    if collection.is_null:
        return "A null value cannot be used as the collection in a 'for' expression."
    if collection.kind in {"map", "object"}:
        return [(string(key), member) for key, member in collection.items()]
    if collection.kind == "set":
        return [(member, member) for member in collection.elements()]
    if collection.kind in {"list", "tuple"}:
        return [(number(at), member) for at, member in enumerate(collection.elements())]
    named = convert.type_text(convert.type_of(collection))
    return (
        f"Cannot iterate over a {named} value. "
        "Only collection types (lists, maps, sets, tuples, objects) can be iterated."
    )


def for_expression(node: tree.For, scope: Scope) -> Value:
    """The tuple or object that a for makes; unknown where it is not known what is in it."""
    collection = evaluate.evaluate(node.collection, scope)
    if collection.failed:
        return collection
    if (cause := collection.unknown) is not None:
        static = _static_fault(node, scope)
        opaque = replace(collection, type=DYNAMIC, raw=reason_only(cause), encodes=None)
        return opaque if static is None else static
    entries = iterate(collection)
    if isinstance(entries, str):
        return failure(entries, node.collection.span)
    if not entries and (static := _static_fault(node, scope)) is not None:
        return static
    # hclsyntax tries the condition once on an unknown element, also where there is no element
    tried = _included(node, scope.bind(_hidden_names(node)))
    if tried.failed:
        return tried
    if node.key is not None:
        result = _for_object(node, node.key, entries, scope)
    else:
        result = _for_tuple(node, entries, scope)
    sensitive = collection.sensitive or result.sensitive
    return replace(result, sensitive=sensitive) if sensitive else result


def _static_fault(node: tree.For, scope: Scope) -> Value | None:
    """What is wrong in a for's body without evaluating it (a name that is not declared)."""
    inside = scope.bind(_hidden_names(node))
    for part in (node.key, node.value, node.condition):
        if part is not None:
            value = evaluate.evaluate(part, inside)
            if value.failed and value.failed.failure is Failure.STATIC:
                return value
    return None


def _hidden_names(node: tree.For) -> dict[str, Value]:
    hidden = unknown("the element of a for expression")
    return _bound_names(node, hidden, hidden)


def _bound_names(node: tree.For, key: Value, member: Value) -> dict[str, Value]:
    names = {node.value_name: member}
    if node.key_name:
        names[node.key_name] = key
    return names


def _included(node: tree.For, scope: Scope) -> Value:
    """Whether the condition lets the element in: a known bool, an unknown or a failure."""
    if node.condition is None:
        return boolean(True)
    condition = evaluate.evaluate(node.condition, scope)
    if condition.failed:
        return condition
    if condition.is_null:
        return failure("The value of the 'if' clause must not be null.", node.condition.span)
    converted = convert.convert(condition, convert.BOOL)
    if converted.failed:
        reason = converted.failed.reason
        return failure(f"The 'if' clause value is invalid: {reason}.", node.condition.span)
    return converted


def _for_tuple(node: tree.For, entries: list[tuple[Value, Value]], scope: Scope) -> Value:
    members: list[Value] = []
    sensitive = False
    uncertain: Value | None = None
    for key, member in entries:
        inside = scope.bind(_bound_names(node, key, member))
        scope.owner.configuration.evaluations += 1
        included = _included(node, inside)
        if included.failed:
            return included
        sensitive = sensitive or included.sensitive
        if included.unknown is not None:
            uncertain = uncertain or included
        if included.raw is not False:
            result = evaluate.evaluate(node.value, inside)
            if result.failed:
                return result
            members.append(result)
    if uncertain is not None and uncertain.unknown is not None:
        return Value(DYNAMIC, reason_only(uncertain.unknown), node.span, sensitive=sensitive)
    return replace(tuple_(members, node.span), sensitive=sensitive)


def _for_object(
    node: tree.For, key_node: tree.Expression, entries: list[tuple[Value, Value]], scope: Scope
) -> Value:
    groups: dict[str, list[Value]] = {}
    sensitive = False
    uncertain: Value | None = None
    for entry_key, member in entries:
        inside = scope.bind(_bound_names(node, entry_key, member))
        included = _included(node, inside)
        if included.failed:
            return included
        sensitive = sensitive or included.sensitive
        if included.raw is False:
            continue
        key = evaluate.evaluate(key_node, inside)
        name = key if key.failed else _for_key(key, key_node.span)
        value = evaluate.evaluate(node.value, inside)
        if name.failed or value.failed:
            return name if name.failed else value
        sensitive = sensitive or name.sensitive
        if included.unknown is not None or not isinstance(name.raw, str):
            uncertain = uncertain or (included if included.unknown is not None else name)
            continue
        if name.raw in groups and not node.grouping:
            return failure(
                f"Two different items produced the key \"{name.raw}\" in this 'for' expression. "
                "If duplicates are expected, use the ellipsis (...) after the value expression "
                "to enable grouping by key.",
                key_node.span,
            ).marked(name.sensitive)
        groups.setdefault(name.raw, []).append(value)
    if uncertain is not None and uncertain.unknown is not None:
        return Value(DYNAMIC, reason_only(uncertain.unknown), node.span, sensitive=sensitive)
    members = {
        name: tuple_(values, node.span) if node.grouping else values[0]
        for name, values in groups.items()
    }
    return replace(object_(members, node.span), sensitive=sensitive)


def _for_key(key: Value, span: Span) -> Value:
    if key.is_null:
        return failure("Key expression in 'for' expression must not produce a null value.", span)
    text = convert.convert(key, STRING)
    if text.failed:
        return failure(f"The key expression produced an invalid result: {text.failed.reason}.")
    return text
