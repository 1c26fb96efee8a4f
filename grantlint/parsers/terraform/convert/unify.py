"""Which types convert into which, and the one type that several can become.

Follows go-cty's `convert` package, its order of preference and its surprises included: objects
with different attributes become a map, tuples of different length a list, and a tuple beside a
null has no common type. Types only; `convert.py` does it to values.
https://github.com/zclconf/go-cty/blob/main/docs/convert.md
"""

from __future__ import annotations

from collections.abc import Sequence

from grantlint.parsers.terraform.convert.typed import (
    COLLECTIONS,
    PRIMITIVES,
    list_of,
    map_of,
    object_of,
    tuple_of,
)
from grantlint.value import DYNAMIC, STRING, Type


def unify(types: Sequence[Type]) -> Type | None:
    """The type that all of these can be converted to; None when there is none or no type."""
    distinct = _distinct(types)
    if len(distinct) <= 1:
        return distinct[0] if distinct else None
    kinds = {type.kind for type in distinct}
    certain = kinds - {"dynamic"}
    if len(certain) == 1 and certain.isdisjoint(PRIMITIVES):
        return DYNAMIC if "dynamic" in kinds else _unify_kind(certain.pop(), distinct)
    if certain == {"map", "object"}:
        found = _unify_mixed("object", distinct)
        if found is not None and found.kind == "map":
            return found
    elif certain == {"list", "tuple"}:
        found = _unify_mixed("tuple", distinct)
        if found is not None and found.kind == "list":
            return found
    elif {"object", "tuple"} <= certain:
        return None
    return _first_that_fits(distinct)


def _distinct(types: Sequence[Type]) -> list[Type]:
    result: list[Type] = []
    for type in types:
        if type not in result:
            result.append(type)
    return result


def _unify_kind(kind: str, types: Sequence[Type]) -> Type | None:
    """Several lists, several sets, several maps, several tuples or several objects."""
    if kind == "object":
        return _unify_objects(types)
    if kind == "tuple":
        return _unify_tuples(types)
    element = unify([element_of(type) for type in types])
    return None if element is None else Type(kind, element)


def _unify_objects(types: Sequence[Type]) -> Type | None:
    names = attributes_of(types[0]).keys()
    if any(attributes_of(type).keys() != names for type in types):
        return _as_collection("object", types)
    found: dict[str, Type] = {}
    for name in names:
        each = unify([attributes_of(type)[name] for type in types])
        if each is None:
            return None
        found[name] = each
    result = object_of(found)
    return result if all_convert(types, result) else _as_collection("object", types)


def _unify_tuples(types: Sequence[Type]) -> Type | None:
    if len({len(elements_of(type)) for type in types}) > 1:
        return _as_collection("tuple", types)
    found: list[Type] = []
    for column in zip(*(elements_of(type) for type in types), strict=True):
        each = unify(column)
        if each is None:
            return None
        found.append(each)
    result = tuple_of(found)
    return result if all_convert(types, result) else _as_collection("tuple", types)


def _as_collection(kind: str, types: Sequence[Type]) -> Type | None:
    """Objects as one map, tuples as one list."""
    members = [member for type in types for member in members_of(type)]
    element = unify(members)
    if element is None:
        return None
    result = map_of(element) if kind == "object" else list_of(element)
    return result if all_convert(types, result) else None


def _unify_mixed(structural: str, types: Sequence[Type]) -> Type | None:
    """Objects beside maps, tuples beside lists: first those among themselves, then all."""
    found = _as_collection(structural, [type for type in types if type.kind == structural])
    if found is None:
        return None
    return unify([found if type.kind == structural else type for type in types])


def _first_that_fits(types: Sequence[Type]) -> Type | None:
    for at in _by_preference(types):
        if all_convert(types, types[at]):
            return types[at]
    return None


def all_convert(types: Sequence[Type], want: Type) -> bool:
    """Whether each is, or converts to, `want`."""
    return all(type == want or convertible(type, want) for type in types)


# -- conversion ----------------------------------------------------------------------------


def convertible(have: Type, want: Type) -> bool:
    """Whether some value of type `have` can become a `want` (cty's "unsafe" conversions)."""
    if "dynamic" in (have.kind, want.kind):
        return True
    if have.kind in PRIMITIVES or want.kind in PRIMITIVES:
        return _primitive_convertible(have, want)
    if want.kind == "tuple":
        return have.kind == "tuple" and _tuple_convertible(have, want)
    if want.kind == "object":
        return _object_convertible(have, want)
    if have.kind in COLLECTIONS:
        if ("map" in (have.kind, want.kind)) and have.kind != want.kind:
            return False
        return convertible(element_of(have), element_of(want))
    if (have.kind == "object") != (want.kind == "map"):
        return False
    return _members_convertible(members_of(have), element_of(want), want.kind)


def may_convert(have: Type, want: Type) -> bool:
    """The same by the outermost kinds alone, for when the rest is not certain."""
    if have.kind in PRIMITIVES or want.kind in PRIMITIVES or want.kind == "tuple":
        return convertible(have, want)
    structural = have.kind in ("map", "object") and want.kind in ("map", "object")
    return structural or (have.kind in _SEQUENCES and want.kind in _SEQUENCES)


_SEQUENCES = ("list", "set", "tuple")


def _primitive_convertible(have: Type, want: Type) -> bool:
    if have.kind not in PRIMITIVES or want.kind not in PRIMITIVES:
        return False
    return have == want or STRING in (have, want)


def _tuple_convertible(have: Type, want: Type) -> bool:
    pairs = (elements_of(have), elements_of(want))
    return len(pairs[0]) == len(pairs[1]) and all(
        each == goal or convertible(each, goal) for each, goal in zip(*pairs, strict=True)
    )


def _object_convertible(have: Type, want: Type) -> bool:
    if have.kind not in ("map", "object"):
        return False
    for name, goal in attributes_of(want).items():
        if have.kind == "map":
            each: Type | None = element_of(have)
        else:
            each = attributes_of(have).get(name)
        fits = each is not None and (each == goal or convertible(each, goal))
        may_miss = name in want.optional and (each is None or have.kind == "map")
        if not fits and not may_miss:
            return False
    return True


def _members_convertible(members: Sequence[Type], element: Type, kind: str) -> bool:
    """A tuple to a list or set, an object to a map; their common element when it is open."""
    if not members:
        return True
    if element == DYNAMIC:
        found = unify(members)
        if found is None:
            return False
        if found == DYNAMIC and kind != "map" and any(each != DYNAMIC for each in members):
            return False
        element = found
    return all(each == element or convertible(each, element) for each in members)


# -- preference ----------------------------------------------------------------------------


def _by_preference(types: Sequence[Type]) -> list[int]:
    """Indexes of the types, the most general first (a topological order, as cty makes it)."""
    count = len(types)
    below: list[list[int]] = [[] for _ in types]
    waiting = [0] * count
    for left in range(count):
        for right in range(left + 1, count):
            order = _compare(types[left], types[right])
            if order:
                above, under = (left, right) if order < 0 else (right, left)
                below[above].append(under)
                waiting[under] += 1
    result = [at for at in range(count) if waiting[at] == 0]
    for at in result:  # grows while it is walked
        for under in below[at]:
            waiting[under] -= 1
            if waiting[under] == 0:
                result.append(under)
    return result


def _compare(left: Type, right: Type) -> int:
    """-1 when `left` is the more general, 1 when `right` is, 0 when neither."""
    kinds = (left.kind, right.kind)
    if "dynamic" in kinds:
        return (left.kind == "dynamic") - (right.kind == "dynamic")
    if left.kind in PRIMITIVES and right.kind in PRIMITIVES:
        return (right == STRING) - (left == STRING)
    if left.kind == right.kind and left.kind in COLLECTIONS:
        return _compare(element_of(left), element_of(right))
    if kinds in _MORE_GENERAL:
        return -1
    if kinds[::-1] in _MORE_GENERAL:
        return 1
    if kinds == ("object", "object"):
        if attributes_of(left).keys() != attributes_of(right).keys():
            return 0
        return _compare_members(
            list(attributes_of(left).values()),
            [attributes_of(right)[name] for name in attributes_of(left)],
        )
    if kinds == ("tuple", "tuple") and len(elements_of(left)) == len(elements_of(right)):
        return _compare_members(elements_of(left), elements_of(right))
    return 0


_MORE_GENERAL = {("list", "set"), ("tuple", "set"), ("list", "tuple"), ("map", "object")}


def _compare_members(left: Sequence[Type], right: Sequence[Type]) -> int:
    orders = {_compare(*pair) for pair in zip(left, right, strict=True)}
    if {-1, 1} <= orders:
        return 0
    return -1 if -1 in orders else int(1 in orders)


# -- parts of a type -----------------------------------------------------------------------


def element_of(type: Type) -> Type:
    """Element type of a collection; DYNAMIC when not said."""
    return type.element or DYNAMIC


def elements_of(type: Type) -> tuple[Type, ...]:
    """Element types of a tuple."""
    return type.elements or ()


def attributes_of(type: Type) -> dict[str, Type]:
    """Attribute types of an object."""
    return dict(type.attributes or {})


def members_of(type: Type) -> tuple[Type, ...]:
    """Types of a tuple's elements or an object's attributes."""
    return elements_of(type) if type.kind == "tuple" else tuple(attributes_of(type).values())
