"""Nodes of a template to values: literals, intrinsic functions, what names mean.

Total: what CloudFormation would refuse is an unknown with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from grantlint.parsers.cloudformation import intrinsics
from grantlint.parsers.cloudformation.choices import (
    each,
    is_absent,
    list_of,
    object_of,
    one_of,
    section_of,
)
from grantlint.parsers.cloudformation.syntax import is_trap
from grantlint.parsers.json_text import Member, Node, Number
from grantlint.parsers.number import parse_number
from grantlint.source import Span
from grantlint.value import STRING, Truth, Value, boolean, failure, null, number, string, unknown

if TYPE_CHECKING:
    from grantlint.parsers.cloudformation.scope import Scope

DEEPEST: Final = 200
_LOOP: Final = "Fn::ForEach::"
_DYNAMIC: Final = re.compile(r"\{\{resolve:([a-z-]+):[^}]*\}\}")
_PLACEHOLDER: Final = re.compile(r"\$\{(!?)([^{}]*)\}")


def evaluate(node: Node, scope: Scope) -> Value:
    """What a node says, in a scope."""
    if scope.depth > DEEPEST:
        return unknown(f"nested deeper than {DEEPEST}", scope.place(node))
    repeated = scope.stack.template.repeated.get(id(node))
    if repeated is not None:
        return unknown(f"the key {repeated} is given twice", scope.place(node))
    if node.is_object:
        return _object(node, scope.deeper())
    elements = node.elements
    if elements is not None:
        inner = scope.deeper()
        members = [evaluate(element, inner) for element in elements]
        return list_of(members, scope.place(node))
    return _scalar(node, scope)


def _scalar(node: Node, scope: Scope) -> Value:
    value, span = node.value, scope.place(node)
    if isinstance(value, str):
        if "{{resolve:" in value:
            return _with_references(value, span)
        return string(value, span)
    if isinstance(value, bool):
        return boolean(value, span)
    if isinstance(value, Number):
        if is_trap(value):
            return unknown(
                f"{value.text} is not quoted, so that YAML may read another number", span
            )
        amount = parse_number(value.text)
        return (
            unknown("the number is not computed", span) if amount is None else number(amount, span)
        )
    return null(written=span)


def _with_references(text: str, span: Span) -> Value:
    """A text with dynamic references, which are resolved when the stack is deployed."""
    pieces: list[Value] = []
    start = 0
    for match in _DYNAMIC.finditer(text):
        pieces.append(string(text[start : match.start()], span))
        reason = f"a dynamic reference to {match[1]} is resolved at deployment"
        pieces.append(unknown(reason, span, type=STRING).marked(match[1] != "ssm"))
        start = match.end()
    pieces.append(string(text[start:], span))
    return intrinsics.joined([piece for piece in pieces if piece.text != ""], span)


# -- objects -------------------------------------------------------------------------------


def section(node: Node, scope: Scope) -> Value:
    """What a section of a resource says, such as its properties."""
    if node.is_object and scope.depth <= DEEPEST and id(node) not in scope.stack.template.repeated:
        return _object(node, scope.deeper(), section_of)
    return evaluate(node, scope)


def _object(
    node: Node,
    scope: Scope,
    build: Callable[[Mapping[str, Value], Span | None], Value] = object_of,
) -> Value:
    members = node.members
    if len(members) == 1:
        name = members[0].key
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith(_LOOP)):
            return _call(name, members[0].value, scope, scope.place(node))
    found: dict[str, Value] = {}
    for key, member, inner in entries(members, scope):
        if key is None:
            return unknown(f"what {member.key} makes is not known", scope.place(node))
        found[key] = _headed(evaluate(member.value, inner), member, inner)
    return build(found, scope.place(node))


def _headed(value: Value, member: Member, scope: Scope) -> Value:
    """The value of a member; what begins below its key, as blocks of YAML do, stands at the key."""
    node, span = member.value, value.written
    block = node.is_object or node.elements is not None
    if not block or span is None or span.source is not scope.source or span.start != node.start:
        return value
    if b"\n" not in scope.source.data[member.end : node.start]:
        return value
    return replace(value, written=Span(scope.source, member.start, span.end))


def entries(members: Sequence[Member], scope: Scope) -> Iterator[tuple[str | None, Member, Scope]]:
    """Keys and members of an object, loops written out; the key is None for what is not known.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
    """
    for member in members:
        if member.key.startswith(_LOOP):
            yield from _turns(member, scope)
        elif member.key == "Fn::Transform":
            yield from _included(member, scope)
        else:
            yield scope.named(member.key), member, scope


def _turns(member: Member, scope: Scope) -> Iterator[tuple[str | None, Member, Scope]]:
    elements = member.value.elements or []
    if len(elements) != 3 or not isinstance(elements[0].value, str):
        yield None, member, scope
        return
    name, body = elements[0].value, elements[2]
    collection = evaluate(elements[1], scope)
    if not isinstance(collection.raw, tuple) or scope.depth > DEEPEST:
        yield None, member, scope
        return
    for element in collection.elements():
        turn = intrinsics.text(element)
        if turn.text is None or not scope.stack.may_go_on():
            yield None, member, scope
        else:
            yield from entries(body.members, scope.bind(name, turn))


def _included(member: Member, scope: Scope) -> Iterator[tuple[str | None, Member, Scope]]:
    """What AWS::Include brings in, from a file beside the template."""
    found = scope.stack.included(member.value, scope)
    if found is None:
        yield None, member, scope
    else:
        inner, root = found
        yield from entries(root.members, inner)


# -- functions -----------------------------------------------------------------------------


def _call(name: str, argument: Node, scope: Scope, span: Span) -> Value:
    if name == "Ref":
        return _ref(argument, scope, span)
    if name == "Fn::GetAtt":
        return _get_attribute(argument, scope, span)
    if name == "Fn::If":
        return _if(argument, scope, span)
    if name == "Fn::Sub":
        return _sub(argument, scope, span)
    if name == "Fn::FindInMap":
        return _find_in_map(argument, scope, span)
    if name == "Fn::ImportValue":
        return scope.stack.imported(intrinsics.text(evaluate(argument, scope)), span)
    if name == "Fn::Transform":
        return _transform(argument, scope, span)
    if name in {"Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"}:
        truth = scope.truth(Node([Member(name, 0, 0, argument)], 0, 0, is_object=True))
        return (
            unknown(f"{name} is not decided", span)
            if truth is Truth.MAYBE
            else boolean(truth is Truth.YES, span)
        )
    function = intrinsics.FUNCTIONS.get(name)
    if function is None:
        return unknown(f"{name} is not evaluated", span)
    given = evaluate(argument, scope)
    if name not in intrinsics.LISTS:
        return function([given], span)
    if not isinstance(given.raw, tuple):
        options = each([given], lambda row: function(row[0].elements(), span), span)
        return function([given], span) if options is None else options
    return function(given.elements(), span)


def _ref(argument: Node, scope: Scope, span: Span) -> Value:
    if not isinstance(argument.value, str):
        named = evaluate(argument, scope)
        if named.text is None:
            return unknown("what Ref names is not known", span)
        return scope.ref(named.text, span)
    return scope.ref(argument.value, span)


def _get_attribute(argument: Node, scope: Scope, span: Span) -> Value:
    elements = argument.elements
    if elements is None:
        whole = intrinsics.text(evaluate(argument, scope))
        logical, _, attribute = (whole.text or "").partition(".")
    else:
        parts = [intrinsics.text(evaluate(element, scope)).text for element in elements]
        logical, attribute = (parts[0] or "", ".".join(part or "" for part in parts[1:]))
    if not logical or not attribute:
        return failure("Fn::GetAtt takes a logical id and the name of an attribute", span)
    return scope.attribute(logical, attribute, span)


def _if(argument: Node, scope: Scope, span: Span) -> Value:
    elements = argument.elements or []
    if len(elements) != 3 or not isinstance(elements[0].value, str):
        return failure("Fn::If takes the name of a condition and two values", span)
    name = scope.named(elements[0].value) or elements[0].value
    truth = scope.condition(name)
    if truth is not Truth.MAYBE:
        chosen = evaluate(elements[1 if truth is Truth.YES else 2], scope)
        steps = () if is_absent(chosen) else scope.stack.rests_on(name)
        return replace(chosen, trail=chosen.trail + steps) if steps else chosen
    found = [
        (evaluate(elements[1], scope.assume(name, met=True)), name),
        (evaluate(elements[2], scope.assume(name, met=False)), f"not {name}"),
    ]
    return one_of(f"whether the condition {name} is met is not known", found, span)


def _sub(argument: Node, scope: Scope, span: Span) -> Value:
    """Fn::Sub: a text, or a text and what some of its names mean."""
    elements = argument.elements
    template = argument if elements is None else (elements[0] if elements else argument)
    own = {}
    if elements is not None and len(elements) > 1:
        own = {member.key: member.value for member in elements[1].members}
    if not isinstance(template.value, str):
        return failure("Fn::Sub takes a text, or a text and a map", span)
    place = scope.place(template)
    pieces: list[Value] = []
    start = 0
    for match in _PLACEHOLDER.finditer(template.value):
        pieces.append(string(template.value[start : match.start()], place))
        if match[1]:
            pieces.append(string("${" + match[2] + "}", place))
        else:
            pieces.append(_named(match[2].strip(), own, scope, place))
        start = match.end()
    pieces.append(string(template.value[start:], place))
    texts = (_resolved(piece) for piece in pieces if piece.text != "")
    kept = [piece for piece in texts if not is_absent(piece)]
    if len(kept) == 1 and kept[0].unknown is None:
        return kept[0].at(place) if not kept[0].trail else kept[0]
    return intrinsics.joined(kept, place) if kept else string("", place)


def _resolved(piece: Value) -> Value:
    if piece.text is not None and "{{resolve:" in piece.text and piece.written is not None:
        return _with_references(piece.text, piece.written)
    return piece


def _named(name: str, own: dict[str, Node], scope: Scope, span: Span) -> Value:
    if name in own:
        return intrinsics.text(evaluate(own[name], scope))
    if "." in name:
        logical, _, attribute = name.partition(".")
        return scope.attribute(logical, attribute, span)
    return scope.ref(name, span)


def _find_in_map(argument: Node, scope: Scope, span: Span) -> Value:
    elements = argument.elements or []
    if len(elements) not in {3, 4}:
        return failure("Fn::FindInMap takes a map's name and two keys", span)
    otherwise = None
    if len(elements) == 4:
        node = elements[3].member("DefaultValue")
        otherwise = evaluate(node, scope) if node is not None else None
    keys = [intrinsics.text(evaluate(element, scope)) for element in elements[:3]]

    def find(row: Sequence[Value]) -> Value:
        return scope.mapped(row, otherwise, span)

    options = each(keys, find, span)
    return find(keys) if options is None else options


def _transform(argument: Node, scope: Scope, span: Span) -> Value:
    found = scope.stack.included(argument, scope)
    if found is None:
        return unknown("what a macro makes is not known", span)
    inner, root = found
    return evaluate(root, inner)
