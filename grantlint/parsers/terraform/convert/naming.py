"""How Terraform's messages name types, and how they say that two do not fit."""

from __future__ import annotations

from grantlint.parsers.terraform.convert.typed import COLLECTIONS
from grantlint.parsers.terraform.convert.unify import (
    attributes_of,
    convertible,
    element_of,
    elements_of,
)
from grantlint.value import DYNAMIC, Type


def type_text(type: Type) -> str:
    """The friendly name in messages: `string`, `list of string`, `object`."""
    if type.kind in COLLECTIONS:
        return f"{type.kind} of {type_text(element_of(type))}"
    return type.kind


def constraint_text(type: Type) -> str:
    """The same for what is required: there an open type is `any type`."""
    if type.kind in COLLECTIONS:
        element = element_of(type)
        if element == DYNAMIC:
            return f"{type.kind} of any single type"
        return f"{type.kind} of {constraint_text(element)}"
    return "any type" if type.kind == "dynamic" else type.kind


def notation(type: Type) -> str:
    """What `type()` answers in `terraform console`, on one line."""
    if type.kind in COLLECTIONS:
        inner = notation(element_of(type))
        broken = element_of(type).kind in ("tuple", "object")
        return f"{type.kind}( {inner}, )" if broken else f"{type.kind}({inner})"
    if type.kind == "tuple":
        inner = " ".join(f"{notation(each)}," for each in elements_of(type))
        return f"tuple([ {inner} ])" if inner else "tuple([])"
    if type.kind == "object":
        attributes = sorted(attributes_of(type).items(), key=lambda item: item[0].encode())
        inner = " ".join(f"{name}: {notation(each)}," for name, each in attributes)
        return f"object({{ {inner} }})" if inner else "object({})"
    return type.kind


# -- conversion ----------------------------------------------------------------------------


def mismatch(have: Type, want: Type) -> str:
    """Why a value of type `have` does not become a `want`."""
    kinds = (have.kind, want.kind)
    if kinds == ("object", "object"):
        return _object_mismatch(have, want)
    if kinds in _SAME_TYPE_NEEDED and element_of(want) == DYNAMIC:
        return f"all {want.kind} elements must have the same type"
    if want.kind in COLLECTIONS and have.kind in ("tuple", "object"):
        return _member_mismatch(have, want)
    if want.kind in COLLECTIONS and have.kind in COLLECTIONS:
        if (have.kind == "map") != (want.kind == "map"):
            return f"{constraint_text(want)} required"
        inner = mismatch(element_of(have), element_of(want))
        return f"incorrect {want.kind} element type: {inner}"
    return f"{constraint_text(want)} required"


_SAME_TYPE_NEEDED = {("tuple", "list"), ("tuple", "set"), ("object", "map")}


def _object_mismatch(have: Type, want: Type) -> str:
    has = attributes_of(have)
    missing = [name for name in attributes_of(want) if name not in {*has, *want.optional}]
    if missing:
        return _missing_text(sorted(missing))
    for name, goal in sorted(attributes_of(want).items()):
        if name in has and has[name] != goal and not convertible(has[name], goal):
            return f'attribute "{name}": {mismatch(has[name], goal)}'
    return "incorrect object attributes"


def _missing_text(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return f"attribute {quoted[0]} is required"
    if len(quoted) == 2:
        return f"attributes {quoted[0]} and {quoted[1]} are required"
    return f"attributes {', '.join(quoted[:-1])}, and {quoted[-1]} are required"


def _member_mismatch(have: Type, want: Type) -> str:
    if (have.kind == "object") != (want.kind == "map"):
        return f"{constraint_text(want)} required"
    goal = element_of(want)
    if have.kind == "tuple":
        members = [(str(at), each) for at, each in enumerate(elements_of(have))]
    else:
        members = [(f'"{name}"', each) for name, each in sorted(attributes_of(have).items())]
    for place, each in members:
        if each != goal and not convertible(each, goal):
            return f"element {place}: {mismatch(each, goal)}"
    return f"all elements must be {constraint_text(goal)}"


# -- conditionals --------------------------------------------------------------------------


def branch_mismatch(then: Type, otherwise: Type) -> str:
    """How the two results of a conditional differ."""
    kinds = (then.kind, otherwise.kind)
    found = None
    if kinds == ("object", "object"):
        found = _branch_objects(then, otherwise)
    elif kinds == ("tuple", "tuple"):
        found = _branch_tuples(then, otherwise)
    elif then.kind == otherwise.kind and then.kind in COLLECTIONS:
        inner = (element_of(then), element_of(otherwise))
        if inner[0].kind == inner[1].kind and inner[0].kind in ("object", "tuple"):
            found = f"Mismatched {then.kind} element types: {branch_mismatch(*inner)}"
    if found is not None:
        return found
    names = (type_text(then), type_text(otherwise))
    if names[0] == names[1]:
        return (
            "At least one deeply-nested attribute or element is not compatible across both the "
            "'true' and the 'false' value"
        )
    return f"The 'true' value is {names[0]}, but the 'false' value is {names[1]}"


def _branch_objects(then: Type, otherwise: Type) -> str | None:
    first, second = attributes_of(then), attributes_of(otherwise)
    absent = "The '{}' value includes object attribute \"{}\", which is absent in the '{}' value"
    for name in sorted(first):
        if name not in second:
            return absent.format("true", name, "false")
        if first[name] != second[name]:
            inner = branch_mismatch(first[name], second[name])
            return f'Type mismatch for object attribute "{name}": {inner}'
    for name in sorted(second):
        if name not in first:
            return absent.format("false", name, "true")
    return None


def _branch_tuples(then: Type, otherwise: Type) -> str | None:
    first, second = elements_of(then), elements_of(otherwise)
    if len(first) != len(second):
        return (
            f"The 'true' tuple has length {len(first)}, but the 'false' tuple has length "
            f"{len(second)}"
        )
    for at, (left, right) in enumerate(zip(first, second, strict=True)):
        if left != right:
            inner = branch_mismatch(left, right)
            return f"Type mismatch for tuple element {at}: {inner}"
    return None
