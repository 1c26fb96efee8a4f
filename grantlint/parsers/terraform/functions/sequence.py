"""Functions on lists and tuples. Members keep the place where they were written.

https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/collection.go and sequence.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from grantlint.parsers.holes import like
from grantlint.parsers.terraform.convert import (
    alternatives,
    convert,
    loosen,
    type_of,
    type_text,
    uncertain,
    unify,
    values_equal,
)
from grantlint.parsers.terraform.convert.typed import MOST_CHOICES
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    by_bytes,
    function,
)
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.parsers.terraform.functions.whole import whole
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Type,
    Unknown,
    Value,
    boolean,
    tuple_,
)

LIST = Type("list", DYNAMIC)
LIST_OF_STRING = Type("list", STRING)
SEQUENCES = frozenset({"list", "set", "tuple"})
Values = list[Value]
Options = list[Sequence[Value]]


# -- putting together ----------------------------------------------------------------------


@function(rest=Parameter("seqs", unknown=True, marks=True))
def concat(*lists: Value) -> Value:
    if not lists:
        raise FunctionError("at least one argument is required")
    if (hidden := next((each for each in lists if each.unknown is not None), None)) is not None:
        return _with_known(like(hidden, DYNAMIC), lists)
    for at, each in enumerate(lists):
        if each.kind not in {"list", "tuple"}:
            named = type_text(type_of(each))
            raise FunctionError(f"all arguments must be lists or tuples; got {named}", at)
    sensitive = any(each.sensitive for each in lists)
    if (result := _one_list(lists)) is not None:
        return result.marked(sensitive)
    return tuple_(_members(lists)).marked(sensitive)


def _with_known(joined: Value, lists: Sequence[Value]) -> Value:
    """A list that is not known, with the texts that are known of the lists it is made of."""
    assert joined.unknown is not None
    known = tuple(one for each in lists for one in each.certain() if one.text is not None)
    sensitive = any(each.sensitive for each in lists)
    return replace(joined, raw=replace(joined.unknown, has=known)).marked(sensitive)


def _one_list(lists: Sequence[Value]) -> Value | None:
    """Lists alone stay a list, when there is a type for all their members."""
    if any(each.kind != "list" for each in lists):
        return None
    if any(uncertain(each) for each in lists):
        return Value(LIST, tuple(loosen(member) for member in _members(lists)))
    common = unify([each.type for each in lists])
    if common is None:
        return None
    converted = [convert(replace(each, sensitive=False), common) for each in lists]
    failed = next((at for at, each in enumerate(converted) if each.failed), None)
    if failed is not None:
        refused = converted[failed].failed
        raise FunctionError(refused.reason if refused else "", failed)
    return Value(common, tuple(_members(converted)))


def _members(lists: Sequence[Value]) -> list[Value]:
    return [member for each in lists for member in replace(each, sensitive=False).elements()]


@function(Parameter("list", marks=True))
def flatten(list: Value) -> Value:
    if list.kind not in SEQUENCES:
        raise FunctionError("can only flatten lists, sets and tuples")
    worlds = _worlds(list)
    results = [_flat(world) for world in worlds]
    if len(results) == 1:
        return results[0]
    hidden = first_unknown([list])
    opaque = any(result.unknown for result in results)
    if hidden is None or hidden.unknown is None or opaque:
        return results[0]
    cause = hidden.unknown
    choices = alternatives(results)
    whole_ = Unknown(cause.reason, cause.refers_to, choices=choices)
    return Value(DYNAMIC, whole_).marked(any(each.sensitive for each in results))


def _worlds(list: Value) -> Sequence[Value]:
    """The list once for each combination of its members' finite alternatives."""
    options: Options = []
    for member in list.elements():
        if member.unknown is not None and member.unknown.choices:
            options.append(member.unknown.choices)
        elif member.kind in SEQUENCES and isinstance(member.raw, tuple):
            options.append(_worlds(member))
        else:
            options.append((member,))
    if not 1 < prod(len(each) for each in options) <= MOST_CHOICES:
        return (list,)
    bare = replace(list, type=Type("tuple"), trail=())
    return [replace(bare, raw=combination) for combination in product(*options)]


def _flat(list: Value) -> Value:
    found: Values = []
    pending = [iter((replace(list, sensitive=False),))]
    sensitive = list.sensitive
    first = True
    while pending:
        member = next(pending[-1], None)
        if member is None:
            pending.pop()
            continue
        if not first and (member.is_null or member.kind not in SEQUENCES | {"dynamic"}):
            found.append(member)
            continue
        first = False
        if member.unknown is not None:
            return like(member, DYNAMIC).marked(sensitive)
        if member.kind == "set" and (hidden := first_unknown([member])) is not None:
            return like(hidden, DYNAMIC).marked(sensitive)
        sensitive = sensitive or member.sensitive
        pending.append(iter(replace(member, sensitive=False).elements()))
    return tuple_(found).marked(sensitive)


# -- leaving out ---------------------------------------------------------------------------


@function(Parameter("list", LIST_OF_STRING), returns=LIST_OF_STRING)
def compact(list: Value) -> Value:
    if (hidden := first_unknown([list])) is not None:
        return like(hidden, LIST_OF_STRING)
    return Value(LIST_OF_STRING, tuple(each for each in list.elements() if each.text))


@function(Parameter("list", LIST))
def distinct(list: Value) -> Value:
    if (hidden := first_unknown([list])) is not None:
        return like(hidden, list.type)
    kept: Values = []
    for member in list.elements():
        if not any(values_equal(member, earlier).raw is True for earlier in kept):
            kept.append(member)
    return Value(list.type, tuple(kept))


@function(
    Parameter("list", marks=True), Parameter("start_index", NUMBER), Parameter("end_index", NUMBER)
)
def slice_(list: Value, start: Value, end: Value) -> Value:
    if list.kind == "set":
        raise FunctionError(
            "cannot slice a set, because its elements do not have indices; explicitly convert to "
            "a list if the ordering of the result is not important",
            0,
        )
    if list.kind not in {"list", "tuple"}:
        raise FunctionError("must be a list or tuple value", 0)
    first = _slice_index(start, 1, "start", len(list.elements()))
    last = _slice_index(end, 2, "end", len(list.elements()))
    if first > last:
        raise FunctionError("start index must not be greater than end index", 1)
    members = replace(list, sensitive=False).elements()[first:last]
    return Value(list.type, members, sensitive=list.sensitive)


def _slice_index(value: Value, parameter: int, name: str, length: int) -> int:
    at = whole(value, parameter, f"invalid {name} index: ")
    if at < 0:
        raise FunctionError(f"{name} index must not be less than zero", parameter)
    if at > length:
        text = f"{name} index must not be greater than the length of the list"
        raise FunctionError(text, parameter)
    return at


@function(
    Parameter("values", LIST, unknown=True),
    Parameter("keys", LIST, unknown=True),
    Parameter("searchset", LIST, unknown=True),
)
def matchkeys(values: Value, keys: Value, searched: Value) -> Value:
    common = unify([keys.type, searched.type])
    if common is None:
        raise FunctionError("keys and searchset must be of the same type")
    hidden = first_unknown([values, keys, searched])
    if hidden is not None:
        return like(hidden, values.type)
    if len(values.elements()) != len(keys.elements()):
        raise FunctionError("length of keys and values should be equal")
    wanted = convert(searched, common).elements()
    pairs = zip(values.elements(), convert(keys, common).elements(), strict=True)
    kept = [value for value, key in pairs if _is_any_of(key, wanted)]
    return Value(values.type, tuple(kept))


def _is_any_of(value: Value, others: Sequence[Value]) -> bool:
    return any(values_equal(value, other).raw is True for other in others)


# -- order ---------------------------------------------------------------------------------


@function(Parameter("list", marks=True))
def reverse(list: Value) -> Value:
    if list.kind not in SEQUENCES:
        named = type_text(type_of(list))
        raise FunctionError(f"can only reverse list or tuple values, not {named}", 0)
    if list.kind == "set" and (hidden := first_unknown([list])) is not None:
        return like(hidden, Type("list", list.type.element)).marked(list.sensitive)
    members = replace(list, sensitive=False).elements()[::-1]
    kind = list.type if list.kind != "set" else Type("list", list.type.element)
    return Value(kind, members, sensitive=list.sensitive)


@function(Parameter("list", LIST_OF_STRING, unknown=True), returns=LIST_OF_STRING)
def sort(list: Value) -> Value:
    if (hidden := first_unknown([list])) is not None:
        return like(hidden, LIST_OF_STRING)
    for at, member in enumerate(list.elements()):
        if member.is_null:
            text = f"given list element {at} is null; a null string cannot be sorted"
            raise FunctionError(text)
    ordered = sorted(list.elements(), key=lambda member: by_bytes(member.text or ""))
    return Value(LIST_OF_STRING, tuple(ordered))


@function(Parameter("list", LIST, marks=True), Parameter("size", NUMBER, marks=True))
def chunklist(list: Value, size: Value) -> Value:
    count = whole(size, before="invalid size: ")
    if count < 0:
        raise FunctionError("the size argument must be positive")
    chunks = tuple(_chunks(list, count))
    return Value(Type("list", list.type), chunks).marked(list.sensitive or size.sensitive)


def _chunks(list: Value, count: int) -> Iterator[Value]:
    members = replace(list, sensitive=False).elements()
    step = count or len(members) or 1
    for at in range(0, len(members), step):
        yield Value(list.type, members[at : at + step])


# -- finding -------------------------------------------------------------------------------


@function(Parameter("list"), Parameter("value", unknown=True), returns=BOOL)
def contains(list: Value, value: Value) -> Value:
    if list.kind not in SEQUENCES:
        raise FunctionError("argument must be list, tuple, or set")
    doubt: Value | None = None
    for member in list.elements():
        equal = values_equal(value, member)
        if equal.failed:
            return equal
        if equal.unknown is not None:
            doubt = doubt or equal
        elif equal.raw is True:
            return boolean(True)
    return boolean(False) if doubt is None else like(doubt, BOOL)
