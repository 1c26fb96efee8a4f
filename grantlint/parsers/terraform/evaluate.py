"""Expressions to values: `evaluate(node, scope)` never raises and never invents.

What Terraform would refuse comes out as a value with a failure, what cannot be known as an
unknown with its reason. The rules are hclsyntax's (Terraform 1.11):
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

from grantlint.parsers.terraform import convert, functions, operate, tree
from grantlint.parsers.terraform.functions.template import unfit_template
from grantlint.value import (
    DYNAMIC,
    STRING,
    Failure,
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

MOST_CHOICES: Final = 16
DEEPEST: Final = 2000
"""Evaluations inside one another, over all references; a file's own nesting ends at 200."""


def evaluate(node: tree.Expression, scope: Scope) -> Value:
    """The value of an expression in a scope; `written` is where it, or what it selects, stands."""
    if scope.configuration.depth > DEEPEST:
        return unknown(f"references lead deeper than {DEEPEST} expressions", node.span)
    scope.configuration.depth += 1
    try:
        value = _EVALUATE[type(node)](node, scope)
    finally:
        scope.configuration.depth -= 1
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


def _literal(node: tree.Literal, _: Scope) -> Value:
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
        hole = replace(collection, type=STRING, raw=_reason_only(collection.unknown))
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


def join_text(pieces: Sequence[Value], span: Span | None) -> Value:
    """One text of several; with a hole where a piece is unknown."""
    sensitive = any(piece.sensitive for piece in pieces)
    parts: list[str | Value] = []
    for piece in pieces:
        for part in _text_parts(piece):
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    hole = next((part.unknown for part in parts if isinstance(part, Value)), None)
    if hole is None:
        text = nfc("".join(part for part in parts if isinstance(part, str)))
        trail = pieces[0].trail if len(pieces) == 1 else ()
        return Value(STRING, text, span, trail, sensitive)
    whole = Unknown(hole.reason, hole.refers_to, tuple(parts), _text_choices(pieces))
    return Value(STRING, whole, span, (), sensitive)


def nfc(text: str) -> str:
    """Text as Terraform keeps it: in Unicode's composed form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _text_parts(piece: Value) -> Sequence[str | Value]:
    if isinstance(piece.raw, str):
        return (piece.raw,)
    if piece.unknown is not None and piece.unknown.parts:
        return piece.unknown.parts
    return (piece,)


def _text_choices(pieces: Sequence[Value]) -> tuple[Value, ...]:
    """Every text the whole can be, when each piece is known or has known choices."""
    alternatives: list[list[str]] = []
    total = 1
    for piece in pieces:
        options = piece.unknown.choices if piece.unknown is not None else (piece,)
        texts = [option.text for option in options if option.text is not None]
        total *= len(texts)
        if len(texts) != len(options) or not 0 < total <= MOST_CHOICES:
            return ()
        alternatives.append(texts)
    found = dict.fromkeys("".join(texts) for texts in product(*alternatives))
    return tuple(string(text) for text in found)


def _reason_only(cause: Unknown) -> Unknown:
    return Unknown(cause.reason, cause.refers_to, failure=cause.failure)


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
    source = evaluate(node.of, scope)
    if source.failed:
        return source
    sequence = source.kind in {"list", "set", "tuple"}
    if source.is_null:
        if sequence:
            return failure("Splat expressions cannot be applied to null sequences.", node.span)
        return replace(tuple_((), node.span), sensitive=source.sensitive)
    if source.unknown is not None:
        return replace(source, type=DYNAMIC, raw=_reason_only(source.unknown))
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
        cause = replace(unknown_key.unknown, parts=(), choices=())
        return Value(DYNAMIC, cause, node.span, sensitive=sensitive)
    return replace(object_(members, node.span), sensitive=sensitive)


def _key_text(key: Value, span: Span) -> Value:
    if key.is_null:
        return failure("Can't use a null value as a key.", span)
    text = convert.convert(key, STRING)
    if text.failed:
        return failure(f"Can't use this value as a key: {text.failed.reason}.", span)
    return text


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


def _for(node: tree.For, scope: Scope) -> Value:
    collection = evaluate(node.collection, scope)
    if collection.failed:
        return collection
    if (cause := collection.unknown) is not None:
        static = _static_fault(node, scope)
        opaque = replace(collection, type=DYNAMIC, raw=_reason_only(cause), encodes=None)
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
            value = evaluate(part, inside)
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
    condition = evaluate(node.condition, scope)
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
        included = _included(node, inside)
        if included.failed:
            return included
        sensitive = sensitive or included.sensitive
        if included.unknown is not None:
            uncertain = uncertain or included
        if included.raw is not False:
            result = evaluate(node.value, inside)
            if result.failed:
                return result
            members.append(result)
    if uncertain is not None and uncertain.unknown is not None:
        return Value(DYNAMIC, _reason_only(uncertain.unknown), node.span, sensitive=sensitive)
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
        key = evaluate(key_node, inside)
        name = key if key.failed else _for_key(key, key_node.span)
        value = evaluate(node.value, inside)
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
        return Value(DYNAMIC, _reason_only(uncertain.unknown), node.span, sensitive=sensitive)
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


# -- operations ----------------------------------------------------------------------------


def _unary(node: tree.Unary, scope: Scope) -> Value:
    return operate.unary(node.operator, evaluate(node.operand, scope))


def _binary(node: tree.Binary, scope: Scope) -> Value:
    left = evaluate(node.left, scope)
    return operate.binary(node.operator, left, evaluate(node.right, scope))


def _conditional(node: tree.Conditional, scope: Scope) -> Value:
    return operate.conditional(
        evaluate(node.condition, scope),
        evaluate(node.then, scope),
        evaluate(node.otherwise, scope),
    )


def _call(node: tree.Call, scope: Scope) -> Value:
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        if last.failed:
            return last
        if last.unknown is not None:
            cause = replace(last.unknown, parts=(), choices=(), members={})
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
    tree.Literal: _literal,
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
    tree.For: _for,
    tree.Invalid: _invalid,
}
