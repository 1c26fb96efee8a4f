"""What type a value has, and how certain that is.

Terraform knows the type of everything at the end; we do not. An unknown of type DYNAMIC may turn
out to be anything, and what is unified with it (the members of a list, the branches of a
conditional) then has a type that is not certain either: `[1, var.x]` is a list of numbers or of
strings. `uncertain` finds such values and `loosen` takes back what is not certain about the
others: text stays text, a number or bool may become its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from grantlint.parsers.number import number_text
from grantlint.value import (
    DYNAMIC,
    STRING,
    Failure,
    Number,
    Type,
    Unknown,
    Value,
)

MOST_CHOICES = 16
PRIMITIVES = frozenset({"string", "number", "bool"})
COLLECTIONS = frozenset({"list", "set", "map"})


def list_of(element: Type) -> Type:
    """list(element)."""
    return Type("list", element)


def set_of(element: Type) -> Type:
    """set(element)."""
    return Type("set", element)


def map_of(element: Type) -> Type:
    """map(element)."""
    return Type("map", element)


def tuple_of(elements: Iterable[Type]) -> Type:
    """tuple([...])."""
    return Type("tuple", elements=tuple(elements))


def object_of(attributes: Mapping[str, Type]) -> Type:
    """object({...})."""
    return Type("object", attributes=dict(attributes))


def type_of(value: Value) -> Type:
    """The full type; a literal null and an unknown of unknown type are DYNAMIC."""
    kind = value.type.kind
    if kind == "tuple":
        if isinstance(value.raw, tuple):
            return tuple_of([type_of(member) for member in value.raw])
        return value.type if value.type.elements is not None else DYNAMIC
    if kind == "object":
        if isinstance(value.raw, Mapping):
            return object_of({name: type_of(member) for name, member in value.raw.items()})
        return value.type if value.type.attributes is not None else DYNAMIC
    return value.type


def required(type: Type) -> Type:
    """The type that values of a constraint have: no attribute is optional any more."""
    if type.element is not None:
        element = required(type.element)
        return type if element is type.element else Type(type.kind, element)
    if type.elements is not None:
        return tuple_of([required(element) for element in type.elements])
    if type.attributes is not None:
        return object_of({name: required(each) for name, each in type.attributes.items()})
    return type


def has_dynamic(type: Type) -> bool:
    """Whether the type leaves something open, at any depth."""
    if type.element is not None:
        return has_dynamic(type.element)
    if type.elements is not None:
        return any(has_dynamic(element) for element in type.elements)
    if type.attributes is not None:
        return any(has_dynamic(each) for each in type.attributes.values())
    return type.kind not in PRIMITIVES


def uncertain(value: Value) -> bool:
    """Whether a part of it may turn out to be of any type."""
    return any(has_dynamic(type_of(leaf)) for leaf in value.unknowns())


def loosen(value: Value) -> Value:
    """What stays certain when it is unified with something of a type that nobody knows."""
    raw = value.raw
    if isinstance(raw, Unknown):
        return _loosen_unknown(value, raw)
    if isinstance(raw, (bool, int)) or (raw is not None and value.kind == "number"):
        choices = (value, replace(value, type=STRING, raw=primitive_text(value)))
        reason = "its type depends on a value that is not known"
        return replace(value, type=DYNAMIC, raw=Unknown(reason, choices=choices))
    if isinstance(raw, tuple):
        return replace(value, type=_open(value.type), raw=tuple(loosen(each) for each in raw))
    if isinstance(raw, Mapping):
        members = {key: loosen(each) for key, each in raw.items()}
        return replace(value, type=_open(value.type), raw=members)
    return value


def _loosen_unknown(value: Value, raw: Unknown) -> Value:
    if value.type == STRING or value.failed:
        return value
    choices: list[Value] = []
    for choice in raw.choices:
        loose = loosen(choice)
        choices.extend(loose.raw.choices if isinstance(loose.raw, Unknown) else (loose,))
        if isinstance(loose.raw, Unknown) and not loose.raw.choices:
            choices.append(loose)
    members = {name: loosen(member) for name, member in raw.members.items()}
    return replace(
        value, type=DYNAMIC, raw=replace(raw, choices=alternatives(choices), members=members)
    )


def _open(type: Type) -> Type:
    """A collection's type once its members are loosened."""
    if type.element is None or _only_text(type.element):
        return type
    return Type(type.kind, DYNAMIC)


def _only_text(type: Type) -> bool:
    if type.element is not None:
        return _only_text(type.element)
    if type.elements is not None:
        return all(_only_text(element) for element in type.elements)
    if type.attributes is not None:
        return all(_only_text(each) for each in type.attributes.values())
    return type == STRING


def primitive_text(value: Value) -> str:
    """A known string, number or bool as tostring() gives it."""
    if isinstance(value.raw, bool):
        return "true" if value.raw else "false"
    if isinstance(value.raw, str):
        return value.raw
    return number_text(amount_of(value))


def amount_of(value: Value) -> Number:
    """The amount of a known number."""
    if isinstance(value.raw, int | Fraction):
        return value.raw
    raise TypeError(f"{value.kind} is not a known number")


def first_failure(*operands: Value) -> Value | None:
    """The operand that makes the whole fail: one that try() does not catch, else the first."""
    found: Value | None = None
    for operand in operands:
        if operand.failed is None:
            continue
        if operand.failed.failure is Failure.STATIC:
            return operand
        found = found or operand
    return found


# -- alternatives --------------------------------------------------------------------------


def alternatives(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values as choices: flat, each once, in order; none when there are more than 16."""
    flat: list[Value] = []
    for value in values:
        nested = value.raw.choices if isinstance(value.raw, Unknown) else ()
        for choice in nested or (value,):
            if not any(same(choice, known) for known in flat):
                flat.append(choice)
        if len(flat) > MOST_CHOICES:
            return ()
    return tuple(flat)


def same(left: Value, right: Value) -> bool:
    """Whether two values are the same wherever they were written; unknowns need one reason."""
    if type(left.raw) is not type(right.raw) or left.sensitive != right.sensitive:
        return False
    if isinstance(left.raw, tuple) and isinstance(right.raw, tuple):
        return (
            left.type == right.type
            and len(left.raw) == len(right.raw)
            and all(same(*pair) for pair in zip(left.raw, right.raw, strict=True))
        )
    if isinstance(left.raw, Mapping) and isinstance(right.raw, Mapping):
        return (
            left.type == right.type
            and left.raw.keys() == right.raw.keys()
            and all(same(member, right.raw[key]) for key, member in left.raw.items())
        )
    return left.type == right.type and left.raw == right.raw
