"""Defaults of `optional(type, default)`, filled in before a variable's value is converted.

https://github.com/hashicorp/hcl/blob/main/ext/typeexpr/defaults.go
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grantlint.parsers.terraform.convert.typed import alternatives
from grantlint.value import OBJECT, TUPLE, Type, Unknown, Value


def apply_defaults(value: Value, want: Type) -> Value:
    """The value with the defaults of `want` in the places of missing and null attributes.

    Collections become tuples and objects on the way, because their members may now differ in
    type; the conversion that follows makes them collections again. Null stays null: a default
    belongs to the attribute around it.
    """
    if not _has_defaults(want):
        return value
    if isinstance(value.raw, Unknown):
        choices = alternatives(apply_defaults(choice, want) for choice in value.raw.choices)
        return replace(value, raw=replace(value.raw, choices=choices))
    if isinstance(value.raw, tuple):
        members = tuple(
            apply_defaults(member, child) if (child := _child(want, at)) else member
            for at, member in enumerate(value.raw)
        )
        return replace(value, type=TUPLE if members else value.type, raw=members)
    if isinstance(value.raw, Mapping):
        return _apply_to_attributes(value, value.raw, want)
    return value


def _apply_to_attributes(value: Value, raw: Mapping[str, Value], want: Type) -> Value:
    members = {
        name: apply_defaults(member, child) if (child := _child(want, name)) else member
        for name, member in raw.items()
    }
    for name, default in want.optional.items():
        if default is None:
            continue
        child = _child(want, name)
        filled = apply_defaults(default, child) if child else default
        given = members.get(name)
        if given is None or given.raw is None:
            members[name] = filled
        elif isinstance(given.raw, Unknown):
            members[name] = _instead_of_null(given, given.raw, filled)
    ordered = {name: members[name] for name in sorted(members, key=str.encode)}
    return replace(value, type=OBJECT if ordered else value.type, raw=ordered)


def _instead_of_null(value: Value, raw: Unknown, default: Value) -> Value:
    """An unknown whose choices may be null, which the default then replaces."""
    if not any(choice.raw is None for choice in raw.choices):
        return value
    choices = (default if choice.raw is None else choice for choice in raw.choices)
    return replace(value, raw=replace(raw, choices=alternatives(choices)))


def _child(want: Type, key: str | int) -> Type | None:
    """The constraint of a member."""
    if want.elements is not None:
        fits = isinstance(key, int) and key < len(want.elements)
        return want.elements[key] if fits and isinstance(key, int) else None
    if want.attributes is not None:
        return want.attributes.get(key) if isinstance(key, str) else None
    return want.element


def _has_defaults(want: Type) -> bool:
    if any(default is not None for default in want.optional.values()):
        return True
    if want.element is not None:
        return _has_defaults(want.element)
    members = want.elements or tuple((want.attributes or {}).values())
    return any(_has_defaults(member) for member in members)
