"""Selection: `of[key]` and `of.name`, as hcl.Index and hcl.GetAttr do it.

What is selected keeps its own place and trail. From an unknown with choices it is selected from
each of them; an unknown key makes every member a choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from grantlint.parsers.terraform.convert.conversion import convert
from grantlint.parsers.terraform.convert.naming import type_text
from grantlint.parsers.terraform.convert.typed import (
    alternatives,
    amount_of,
    first_failure,
    type_of,
)
from grantlint.parsers.terraform.convert.unify import attributes_of, element_of, elements_of
from grantlint.value import DYNAMIC, NUMBER, STRING, Type, Unknown, Value, failure


def index(of: Value, key: Value) -> Value:
    """`of[key]`; with an unknown key every member is a choice."""
    failed = first_failure(of, key)
    if failed is not None:
        return failed
    if of.raw is None:
        return failure("This value is null, so it does not have any indices.")
    if key.raw is None:
        return failure("Can't use a null value as an indexing key.")
    chosen = _over_choices(of, lambda choice: index(choice, key))
    if chosen is None:
        chosen = _over_choices(key, lambda choice: index(of, choice))
    if chosen is not None:
        return chosen
    type = type_of(of) if isinstance(of.raw, Unknown) else of.type
    if type == DYNAMIC:
        return _attribute(of, key.text or "")
    if type.kind == "set":
        return failure(
            "Elements of a set are identified only by their value and don't have any separate "
            "index or key to select with, so it's only possible to perform operations across all "
            "elements of the set."
        )
    if type.kind not in ("list", "tuple", "map", "object"):
        return failure("This value does not have any indices.")
    wanted = NUMBER if type.kind in ("list", "tuple") else STRING
    converted = convert(key, wanted)
    if converted.failed:
        return failure(f"{_NO_ELEMENT}: {converted.failed.reason}.")
    if converted.unknown is not None:
        return _any_member(of, type, converted.unknown)
    if wanted == NUMBER:
        return _element(of, type, converted)
    return _member(of, type, converted, numeric=key.type == NUMBER)


_NO_ELEMENT = "The given key does not identify an element in this collection value"


def _element(of: Value, type: Type, key: Value) -> Value:
    """An element of a list or tuple."""
    at = amount_of(key)
    members = of.elements()
    length = len(members) if isinstance(of.raw, tuple) else len(elements_of(type))
    if isinstance(at, int) and at >= 0:
        if isinstance(of.raw, Unknown) and type.kind == "list":
            return _part_of(of, of.raw, element_of(type))
        if at < length:
            if isinstance(of.raw, Unknown):
                return _part_of(of, of.raw, elements_of(type)[at])
            return members[at].marked(key.sensitive)
    if isinstance(at, Fraction):
        reason = "indexing a sequence requires a whole number, but the given index has a "
        return failure(f"{_NO_ELEMENT}: {reason}fractional part.")
    if at < 0:
        return failure(f"{_NO_ELEMENT}: a negative number is not a valid index for a sequence.")
    if at != length:  # Terraform explains only the index just behind the last
        return failure(f"{_NO_ELEMENT}.")
    if length == 0:
        return failure(f"{_NO_ELEMENT}: the collection has no elements.")
    reason = "the given index is greater than or equal to the length of the collection."
    return failure(f"{_NO_ELEMENT}: {reason}")


def _member(of: Value, type: Type, key: Value, *, numeric: bool) -> Value:
    """A member of a map or object."""
    found = _find(of, type, key.text or "")
    if found is not None:
        return found.marked(key.sensitive and type.kind == "map")
    advice = ""
    if type.kind == "object" and numeric:
        advice = " An object only supports looking up attributes by name, not by numeric index."
    return failure(f"{_NO_ELEMENT}.{advice}")


def _any_member(of: Value, type: Type, key: Unknown) -> Value:
    """What an unknown key selects."""
    members = of.elements() or tuple(member for _, member in of.items())
    types = [type_of(member) for member in members] or [DYNAMIC]
    part = types[0] if all(each == types[0] for each in types) else DYNAMIC
    if type.kind in ("list", "map"):
        part = element_of(type)
    made = Unknown(key.reason, key.refers_to, choices=alternatives(members), may_fail=True)
    return Value(part, made, trail=of.trail, sensitive=of.sensitive)


def get_attr(of: Value, name: str) -> Value:
    """`of.name`."""
    if of.failed:
        return of
    if (member := of.get(name)) is not None:
        return member
    if of.raw is None:
        refused = failure("This value is null, so it does not have any attributes.")
        declared = attributes_of(of.type) if of.kind == "object" else {}
        return replace(refused, type=declared.get(name, DYNAMIC))
    chosen = _over_choices(of, lambda choice: get_attr(choice, name))
    if chosen is not None:
        return chosen
    type = type_of(of)
    if type == DYNAMIC:
        return _attribute(of, name)
    if type.kind not in ("object", "map"):
        return failure(_no_attributes(type, name))
    found = _find(of, type, name)
    if found is not None:
        return found
    if type.kind == "map":
        return failure(f'This map does not have an element with the key "{name}".')
    return failure(f'This object does not have an attribute named "{name}".')


def _no_attributes(type: Type, name: str) -> str:
    if type.kind in ("string", "number", "bool"):
        return f"Can't access attributes on a primitive-typed value ({type_text(type)})."
    if type.kind == "list" and element_of(type).kind == "object":
        hint = "an attribute"
        if name in attributes_of(element_of(type)):
            hint = f'attribute "{name}"'
        return (
            f"Can't access attributes on a list of objects. Did you mean to access {hint} for a "
            "specific element of the list, or across all elements of the list?"
        )
    if type.kind == "set" and element_of(type).kind == "object":
        return (
            "Can't access attributes on a set of objects. Did you mean to access an attribute "
            "across all elements of the set?"
        )
    return "This value does not have any attributes."


def _find(of: Value, type: Type, name: str) -> Value | None:
    """A member of a map or object, known or not."""
    if not isinstance(of.raw, Unknown):
        return of.get(name)
    if type.kind == "map":
        return _part_of(of, of.raw, element_of(type))
    part = attributes_of(type).get(name)
    return None if part is None else _part_of(of, of.raw, part)


def _attribute(of: Value, name: str) -> Value:
    """An attribute of an unknown of unknown type; some may be known all the same."""
    if not isinstance(of.raw, Unknown):
        return failure(_no_attributes(type_of(of), name))
    known = of.raw.members.get(name)
    if known is None:
        return _part_of(of, of.raw, DYNAMIC)
    return replace(known, trail=known.trail + of.trail).marked(of.sensitive)


def _part_of(of: Value, raw: Unknown, type: Type) -> Value:
    """Something inside an unknown."""
    return replace(of, type=type, raw=Unknown(raw.reason, raw.refers_to), encodes=None)


def _over_choices(value: Value, select: Callable[[Value], Value]) -> Value | None:
    """The selection from each choice of an unknown; None when it has no choices."""
    raw = value.raw
    if not isinstance(raw, Unknown) or not raw.choices:
        return None
    parts = [select(choice) for choice in raw.choices]
    failed = [part for part in parts if part.failed]
    if len(failed) == len(parts):
        return failed[0]
    working = [part for part in parts if not part.failed]  # the others are never applied
    types = [type_of(part) for part in working]
    type = types[0] if all(each == types[0] for each in types) else DYNAMIC
    choices = alternatives(working)
    sensitive = value.sensitive or any(part.sensitive for part in parts)
    may_fail = raw.may_fail or bool(failed)
    made = Unknown(raw.reason, raw.refers_to, choices=choices, may_fail=may_fail)
    return Value(type, made, trail=value.trail, sensitive=sensitive)
