"""Functions on maps and objects.

https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/collection.go
"""

from __future__ import annotations

from dataclasses import replace

from grantlint.parsers.holes import like
from grantlint.parsers.terraform.convert import convert, type_text
from grantlint.parsers.terraform.convert.typed import alternatives, type_of
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    by_bytes,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.value import (
    DYNAMIC,
    STRING,
    Type,
    Unknown,
    Value,
    object_,
    string,
    tuple_,
)

LIST_OF_STRING = Type("list", STRING)
MAP_OF_LISTS = Type("map", LIST_OF_STRING)


@function(Parameter("inputMap", unknown=True, marks=True))
def keys(map: Value) -> Value:
    if map.kind not in {"map", "object", "dynamic"}:
        raise FunctionError("must have map or object type", 0)
    return _keys(map).marked(map.sensitive)


def _keys(map: Value) -> Value:
    if map.unknown is not None:
        if map.type.attributes is None:
            return like(map, LIST_OF_STRING if map.kind == "map" else DYNAMIC)
        return tuple_(string(name) for name in sorted(map.type.attributes, key=by_bytes))
    names = tuple(string(key) for key, _ in map.items())
    return tuple_(names) if map.kind == "object" else Value(LIST_OF_STRING, names)


@function(Parameter("mapping", marks=True))
def values(map: Value) -> Value:
    if map.kind not in {"map", "object"}:
        raise FunctionError("values() requires a map as the first argument")
    bare = replace(map, sensitive=False)
    members = tuple(member for _, member in bare.items())
    if map.kind == "object":
        return tuple_(members).marked(map.sensitive)
    return Value(Type("list", map.type.element), members).marked(map.sensitive)


@function(
    Parameter("inputMap", unknown=True, marks=True),
    Parameter("key", STRING, unknown=True, marks=True),
    rest=Parameter("default", null=True, unknown=True, marks=True),
)
def lookup(map: Value, key: Value, *default: Value) -> Value:
    if len(default) > 1:
        count = 2 + len(default)
        raise FunctionError(f"lookup() takes two or three arguments, got {count}")
    if map.kind not in {"map", "object", "dynamic"}:
        raise FunctionError("lookup() requires a map as the first argument", 0)
    fallback = default[0] if default else None
    if map.kind == "map" and fallback is not None:
        fallback = convert(fallback, map.type.element or DYNAMIC)
        if fallback.failed:
            raise FunctionError("the default value must have the same type as the map elements", 2)
    result = _looked_up(map, key, fallback)
    return result.marked(map.sensitive or key.sensitive)


def _looked_up(map: Value, key: Value, fallback: Value | None) -> Value:
    kind = map.type.element or DYNAMIC
    if map.unknown is not None:
        return like(map, kind)
    if key.unknown is not None:
        return _any_member(map, key, fallback)
    found = replace(map, sensitive=False).get(key.text or "")
    if found is not None:
        return found
    if fallback is not None:
        return fallback
    name = quoted(key.text or "")
    if map.kind == "object":
        raise FunctionError(f"the given object has no attribute {name}", 0)
    shown = "(sensitive value)" if key.sensitive else name
    raise FunctionError(f"lookup failed to find key {shown}")


def _any_member(map: Value, key: Value, fallback: Value | None) -> Value:
    """An unknown key: one of the members, or the default."""
    assert key.unknown is not None
    possible = [member for _, member in map.items()]
    if fallback is not None:
        possible.append(fallback)
    opaque = any(each.unknown and not each.unknown.choices for each in possible)
    choices = () if opaque else alternatives(possible)
    raw = Unknown(key.unknown.reason, key.unknown.refers_to, choices=choices)
    marked = any(each.sensitive for each in possible)
    return Value(map.type.element or DYNAMIC, raw).marked(marked)


@function(rest=Parameter("maps", null=True, unknown=True, marks=True))
def merge(*maps: Value) -> Value:
    for map in maps:
        if map.kind == "dynamic":  # an unknown of any type, or a bare null
            if map.unknown is not None:
                return like(map, DYNAMIC).marked(any(each.sensitive for each in maps))
        elif map.kind not in {"map", "object"}:
            named = type_text(type_of(map))
            raise FunctionError(f'arguments must be maps or objects, got "{named}"')
    sensitive = any(map.sensitive for map in maps)
    if all(map.is_null and map.kind == "dynamic" for map in maps) and maps:
        return object_({}).marked(sensitive)
    hidden = next((map for map in maps if map.unknown is not None), None)
    if hidden is not None:
        return like(hidden, DYNAMIC).marked(sensitive)
    members: dict[str, Value] = {}
    for map in maps:
        members.update(replace(map, sensitive=False).items())
    return _merged(maps, members).marked(sensitive)


def _merged(maps: tuple[Value, ...], members: dict[str, Value]) -> Value:
    """One map type when all arguments have it, else an object of all keys."""
    types = [type_of(map) for map in maps]
    result = object_(members)
    if maps and types[0].kind == "map" and all(type == types[0] for type in types):
        return Value(types[0], result.raw)
    return result


@function(
    Parameter("keys", LIST_OF_STRING, marks=True, unknown=True),
    Parameter("values", marks=True, unknown=True),
)
def zipmap(keys: Value, values: Value) -> Value:
    if values.kind not in {"list", "tuple", "dynamic"}:
        raise FunctionError("values argument must be a list or tuple value")
    sensitive = keys.has_sensitive() or values.sensitive
    element = values.type.element or DYNAMIC
    kind = Type("map", element) if values.kind == "list" else DYNAMIC
    hidden = values if values.unknown is not None else first_unknown([keys])
    if hidden is not None:
        return like(hidden, kind).marked(sensitive)
    names, members = keys.elements(), replace(values, sensitive=False).elements()
    if len(names) != len(members):
        text = f"number of keys ({len(names)}) does not match number of values ({len(members)})"
        raise FunctionError(text)
    found: dict[str, Value] = {}
    for at, (name, member) in enumerate(zip(names, members, strict=True)):
        if name.text is None:
            raise FunctionError(f"keys list has null value at index {at}")
        found[name.text] = member
    result = object_(found)
    return (Value(kind, result.raw) if values.kind == "list" else result).marked(sensitive)


@plain(Parameter("values", MAP_OF_LISTS), returns=MAP_OF_LISTS)
def transpose(map: dict[str, list[str | None] | None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, members in map.items():
        if members is None:
            raise FunctionError("input must not contain null list")
        for member in members:
            if member is None:
                raise FunctionError("input list must not contain null string")
            found.setdefault(member, []).append(key)
    return {member: sorted(names, key=by_bytes) for member, names in found.items()}
