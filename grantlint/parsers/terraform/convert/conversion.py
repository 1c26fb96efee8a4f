"""Values converted from type to type, as go-cty's `convert` package does it.

A value goes in, a value of the wanted type comes out, or a failure with Terraform's message.
Members keep their places. Where an unknown of unknown type takes part in finding a common type,
what depends on it is loosened (see `typed.py`); where one member is text it does not depend on
it, because everything that has a common type with text becomes text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grantlint.parsers.number import is_number_text, parse_number
from grantlint.parsers.terraform.convert.defaults import apply_defaults
from grantlint.parsers.terraform.convert.naming import mismatch
from grantlint.parsers.terraform.convert.sets import make_set
from grantlint.parsers.terraform.convert.typed import (
    COLLECTIONS,
    PRIMITIVES,
    alternatives,
    list_of,
    loosen,
    map_of,
    object_of,
    primitive_text,
    required,
    tuple_of,
    type_of,
    uncertain,
)
from grantlint.parsers.terraform.convert.unify import (
    attributes_of,
    convertible,
    element_of,
    elements_of,
    may_convert,
    unify,
)
from grantlint.value import (
    BOOL,
    DYNAMIC,
    OBJECT,
    STRING,
    TUPLE,
    Type,
    Unknown,
    Value,
    failure,
    null,
)


def convert(value: Value, want: Type) -> Value:
    """The value as `want`, which may be a constraint: then defaults are filled in first.

    A value that does not fit becomes a failure; a failed one is given back as it is.
    """
    if value.failed:
        return value
    return _convert(apply_defaults(value, want), want)


def _convert(value: Value, want: Type) -> Value:
    have = type_of(value)
    if want == DYNAMIC or value.failed or have == required(want):
        return value
    if not convertible(have, want) and not (uncertain(value) and may_convert(have, want)):
        return failure(mismatch(have, want), value.written)
    if isinstance(value.raw, Unknown):
        return _unknown_as(value, value.raw, want)
    if value.raw is None:
        return replace(value, type=filled_in(have, required(want)))
    if want.kind in PRIMITIVES:
        return _primitive_as(value, want)
    if want.kind in ("list", "set"):
        return _sequence_as(value, want)
    if want.kind == "map":
        return _map_as(value, want)
    if want.kind == "tuple":
        return _tuple_as(value, want)
    return _object_as(value, want)


# -- unknown and null ----------------------------------------------------------------------


def _unknown_as(value: Value, raw: Unknown, want: Type) -> Value:
    if raw.members and want.kind == "object":
        return convert(_opened(value, raw, want), want)
    target = filled_in(type_of(value), required(want))
    choices = tuple(_convert(choice, want) for choice in raw.choices)
    failed = [choice for choice in choices if choice.failed]
    if choices and len(failed) == len(choices):
        return failed[0].at(value.written)
    choices = alternatives(choice for choice in choices if not choice.failed)
    raw = replace(raw, may_fail=raw.may_fail or bool(failed))
    if len(choices) == 1 < len(raw.choices) and not raw.may_fail and choices[0].wholly_known():
        known = choices[0]  # a number or its text, converted to either, is one value
        return replace(value, type=known.type, raw=known.raw).marked(known.sensitive)
    parts = raw.parts if target in (STRING, DYNAMIC) else ()
    of_texts = target == DYNAMIC or target.element in (STRING, DYNAMIC)
    has = raw.has if of_texts else ()
    return replace(value, type=target, raw=replace(raw, choices=choices, parts=parts, has=has))


def _opened(value: Value, raw: Unknown, want: Type) -> Value:
    """An object of which some attributes are known, with an unknown for each other one."""
    rest = Value(DYNAMIC, Unknown(raw.reason, raw.refers_to))
    members = {name: raw.members.get(name, rest) for name in attributes_of(want)}
    return replace(value, type=OBJECT, raw=members)


def filled_in(have: Type, want: Type) -> Type:
    """`want` with what it leaves open taken from `have` (cty's dynamicReplace)."""
    if have == DYNAMIC or want.kind in PRIMITIVES:
        return want
    if want == DYNAMIC:
        return have
    if want.kind == "tuple":
        pairs = zip(elements_of(have), elements_of(want), strict=False)
        return tuple_of([filled_in(*pair) for pair in pairs])
    if want.kind == "object":
        return object_of(
            {
                name: filled_in(_attribute_of(have, name), each)
                for name, each in attributes_of(want).items()
            }
        )
    if have.kind in ("tuple", "object"):
        members = elements_of(have) or tuple(attributes_of(have).values())
        return Type(want.kind, filled_in(unify(members) or DYNAMIC, element_of(want)))
    return Type(want.kind, filled_in(element_of(have), element_of(want)))


def _attribute_of(type: Type, name: str) -> Type:
    if type.kind == "map":
        return element_of(type)
    return attributes_of(type).get(name, DYNAMIC)


# -- primitives ----------------------------------------------------------------------------


def _primitive_as(value: Value, want: Type) -> Value:
    if want == STRING:
        return replace(value, type=STRING, raw=primitive_text(value))
    text = value.raw
    if not isinstance(text, str):
        return failure(mismatch(value.type, want), value.written)
    plain = replace(value, type=want, encodes=None)
    if want == BOOL:
        return _bool_from(plain, text)
    amount = parse_number(text)
    if amount is not None:
        return replace(plain, raw=amount)
    if is_number_text(text):
        return replace(plain, raw=Unknown(f"{text[:40]} is a number that is not computed here"))
    return failure("a number is required", value.written)


def _bool_from(value: Value, text: str) -> Value:
    if text in ("true", "1"):
        return replace(value, raw=True)
    if text in ("false", "0"):
        return replace(value, raw=False)
    if text.lower() in ("true", "false"):
        advice = f'; to convert from string, use lowercase "{text.lower()}"'
        return failure(f"a bool is required{advice}", value.written)
    return failure("a bool is required", value.written)


# -- lists and sets ------------------------------------------------------------------------


def _sequence_as(value: Value, want: Type) -> Value:
    """A tuple, list or set as a list or set."""
    if not isinstance(value.raw, tuple):
        return failure(mismatch(type_of(value), want), value.written)
    if value.kind == "set" and want.kind == "list" and not value.wholly_known():
        return _unknown_list(value, want)
    element = element_of(want)
    if not value.raw:
        if element == DYNAMIC and value.type.element is not None:
            element = value.type.element
        return replace(value, type=Type(want.kind, required(element)), raw=())
    members, element = _one_type(value, value.raw, want)
    failed = next((member for member in members if member.failed), None)
    if failed is not None:
        return failed
    if want.kind == "list":
        return replace(value, type=list_of(element), raw=tuple(members))
    made = make_set(members, element)
    return replace(value, type=made.type, raw=made.raw).marked(made.sensitive)


def _unknown_list(value: Value, want: Type) -> Value:
    """A set with unknown members as a list: their order is not known, nor their number."""
    element = filled_in(element_of(value.type), required(element_of(want)))
    cause = next(leaf.raw for leaf in value.unknowns() if isinstance(leaf.raw, Unknown))
    made = Unknown(cause.reason, cause.refers_to)
    return replace(value, type=list_of(element), raw=made)


def _one_type(value: Value, members: Sequence[Value], want: Type) -> tuple[list[Value], Type]:
    """Members of `value` as members of a `want`, and their type; one failure when it fails.

    What `want` leaves open they have to agree on: before their conversion where it leaves
    everything open, and once more behind it.
    """
    element = element_of(want)
    structural = value.kind in ("tuple", "object")
    if element == DYNAMIC and structural:
        if any(uncertain(member) for member in members):
            return _uncertain_type(members)
        found = unify([type_of(member) for member in members])
        if found is None:
            return [failure(mismatch(type_of(value), want), value.written)], DYNAMIC
        element = found
    converted = [_convert(member, element) for member in members]
    types = _distinct_certain(converted)
    if len(types) > 1 and any(uncertain(member) for member in converted):
        return _uncertain_type(converted)
    nested = element.kind in COLLECTIONS or element.kind == "object"
    agree_again = structural if want.kind == "list" else want.kind == "map" and nested
    if agree_again and len(types) > 1:
        found = unify([type_of(member) for member in converted])
        if found is None:
            reason = "cannot find a common base type for all elements"
            return [failure(reason, value.written)], DYNAMIC
        converted = [_convert(member, found) for member in converted]
        types = _distinct_certain(converted)
    if len(types) > 1:
        what = "attribute" if structural and want.kind == "map" else "element"
        reason = f"{what} types must all match for conversion to {want.kind}"
        return [failure(reason, value.written)], DYNAMIC
    return converted, types[0] if types else DYNAMIC


def _distinct_certain(members: Sequence[Value]) -> list[Type]:
    """The types of members that are no bare nulls, each once."""
    result: list[Type] = []
    for member in members:
        each = type_of(member)
        if each != DYNAMIC and each not in result:
            result.append(each)
    return result


def _uncertain_type(members: Sequence[Value]) -> tuple[list[Value], Type]:
    """The members of a collection when the type of one may turn out to be any."""
    if any(type_of(member) == STRING for member in members):
        return [_convert(member, STRING) for member in members], STRING
    return [loosen(member) for member in members], DYNAMIC


# -- maps, objects, tuples -----------------------------------------------------------------


def _map_as(value: Value, want: Type) -> Value:
    if not isinstance(value.raw, Mapping):
        return failure(mismatch(type_of(value), want), value.written)
    element = element_of(want)
    if not value.raw:
        if element == DYNAMIC and value.type.element is not None:
            element = value.type.element
        return replace(value, type=map_of(required(element)), raw={})
    members, element = _one_type(value, tuple(value.raw.values()), want)
    failed = next((member for member in members if member.failed), None)
    if failed is not None:
        return failed
    return replace(
        value, type=map_of(element), raw=dict(zip(value.raw.keys(), members, strict=True))
    )


def _tuple_as(value: Value, want: Type) -> Value:
    goals = elements_of(want)
    if not isinstance(value.raw, tuple) or value.kind != "tuple" or len(value.raw) != len(goals):
        return failure(mismatch(type_of(value), want), value.written)
    members = [_convert(*pair) for pair in zip(value.raw, goals, strict=True)]
    failed = next((member for member in members if member.failed), None)
    return failed or replace(value, type=TUPLE, raw=tuple(members))


def _object_as(value: Value, want: Type) -> Value:
    if not isinstance(value.raw, Mapping):
        return failure(mismatch(type_of(value), want), value.written)
    members: dict[str, Value] = {}
    for name, goal in sorted(attributes_of(want).items(), key=lambda item: item[0].encode()):
        if name in value.raw:
            members[name] = _convert(value.raw[name], goal)
            if members[name].failed:
                return members[name]
        elif name in want.optional:
            members[name] = null(required(goal))
        elif value.kind == "map":
            reason = f'map has no element for required attribute "{name}"'
            return failure(reason, value.written)
        else:
            return failure(mismatch(type_of(value), want), value.written)
    return replace(value, type=OBJECT, raw=members)
