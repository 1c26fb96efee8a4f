"""Set algebra. https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/set.go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from grantlint.parsers.holes import UnknowableError, like
from grantlint.parsers.terraform.convert import (
    convert,
    loosen,
    make_set,
    tuple_of,
    type_of,
    uncertain,
    unify,
    values_equal,
)
from grantlint.parsers.terraform.functions.declaration import FunctionError, Parameter, function
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.value import DYNAMIC, Type, Value, tuple_

SET = Type("set", DYNAMIC)
MOST_PRODUCTS = 20_000
_OTHERS = Parameter("other_sets", SET, unknown=True)
Members = Sequence[Value]


@function(Parameter("first_set", SET, unknown=True), rest=_OTHERS)
def setunion(*sets: Value) -> Value:
    return _combined(sets, lambda left, right: (*left, *right), unknowns=True)


@function(Parameter("first_set", SET, unknown=True), rest=_OTHERS)
def setintersection(*sets: Value) -> Value:
    return _combined(sets, lambda left, right: [one for one in left if _in(one, right)])


@function(Parameter("a", SET, unknown=True), Parameter("b", SET, unknown=True))
def setsubtract(left: Value, right: Value) -> Value:
    return _combined((left, right), lambda a, b: [one for one in a if not _in(one, b)])


def _in(value: Value, members: Members) -> bool:
    return any(values_equal(value, member).raw is True for member in members)


def _combined(
    sets: Sequence[Value], combine: Callable[[Members, Members], Members], unknowns: bool = False
) -> Value:
    hidden = next((each for each in sets if each.unknown is not None), None)
    if hidden is None and not unknowns:
        hidden = first_unknown(sets)
    doubtful = any(uncertain(each) for each in sets)
    common = _element_type(sets, doubtful)
    if hidden is not None:
        return like(hidden, Type("set", common))
    converted = [each if doubtful else convert(each, Type("set", common)) for each in sets]
    members: Members = converted[0].elements()
    for at, each in enumerate(converted):
        if each.failed:
            raise FunctionError(each.failed.reason, at)
        if at:
            members = combine(members, each.elements())
    if doubtful:
        members = [loosen(member) for member in members]
    return make_set(members, common)


def _element_type(sets: Sequence[Value], doubtful: bool) -> Type:
    if doubtful:
        return DYNAMIC
    types = [
        each.type.element or DYNAMIC
        for each in sets
        if each.elements() or each.unknown or each.type.element != DYNAMIC
    ]
    if not types:
        return DYNAMIC
    common = unify(types)
    if common is None:
        raise FunctionError("given sets must all have compatible element types")
    return common


# -- product -------------------------------------------------------------------------------


@function(rest=Parameter("sets", unknown=True, marks=True))
def setproduct(*sets: Value) -> Value:
    if len(sets) < 2:
        raise FunctionError("at least two arguments are required")
    sensitive = any(each.sensitive for each in sets)
    types = [_member_type(each, at) for at, each in enumerate(sets)]
    hidden = next((each for each in sets if each.unknown is not None), None)
    hidden = hidden or first_unknown([each for each in sets if each.kind == "set"])
    kind = "list" if all(each.kind in {"list", "tuple"} for each in sets) else "set"
    if hidden is not None:
        return like(hidden, DYNAMIC).marked(sensitive)
    columns = [_column(each, type) for each, type in zip(sets, types, strict=True)]
    if prod(len(column) for column in columns) > MOST_PRODUCTS:
        raise UnknowableError(f"the product has more than {MOST_PRODUCTS} members")
    row = tuple_of(types)
    rows = [tuple_(members) for members in product(*columns)]
    if kind == "list":
        return Value(Type("list", row), tuple(rows)).marked(sensitive)
    return make_set(rows, row).marked(sensitive)


def _column(list: Value, type: Type) -> Members:
    members = replace(list, sensitive=False).elements()
    if any(uncertain(member) for member in members):
        return [loosen(member) for member in members]
    return [convert(member, type) for member in members]


def _member_type(list: Value, at: int) -> Type:
    if list.kind in {"list", "set"}:
        return list.type.element or DYNAMIC
    if list.kind == "dynamic":
        return DYNAMIC
    if list.kind != "tuple":
        raise FunctionError("a set or a list is required", at)
    members = list.elements()
    if not members or any(uncertain(member) for member in members):
        return DYNAMIC
    common = unify([type_of(member) for member in members])
    if common is None:
        raise FunctionError("all elements must be of the same type", at)
    return common
