"""Functions that choose one of several values, and those that look at one.

What is chosen keeps the place where it was written.
"""

from __future__ import annotations

from dataclasses import replace

from grantlint.parsers.holes import like
from grantlint.parsers.terraform.convert import convert, type_text, values_equal
from grantlint.parsers.terraform.convert.typed import alternatives, loosen, type_of, uncertain
from grantlint.parsers.terraform.convert.unify import unify
from grantlint.parsers.terraform.functions.characters import clusters
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
)
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.parsers.terraform.functions.whole import whole
from grantlint.value import (
    BOOL,
    DYNAMIC,
    NUMBER,
    Failure,
    Unknown,
    Value,
    boolean,
    null,
    number,
)

_ANY = Parameter("vals", DYNAMIC, null=True, unknown=True)


# -- what failed ---------------------------------------------------------------------------


@function(rest=Parameter("expressions", null=True, unknown=True, marks=True), catches=True)
def try_(*expressions: Value) -> Value:
    """The first argument that did not fail.

    What is unknown to us may be an error in reality, so nothing behind an unknown is certain; a
    partly known argument stays as one of the alternatives.
    https://github.com/hashicorp/hcl/blob/v2.23.0/ext/tryfunc/tryfunc.go
    """
    if not expressions:
        raise FunctionError("at least one argument is required")
    for expression in expressions:
        if expression.failed and expression.failed.failure is Failure.STATIC:
            return expression
    working = [expression for expression in expressions if not expression.failed]
    if not working:
        reasons = [each.failed.reason for each in expressions if each.failed]
        raise FunctionError(
            "no expression succeeded: "
            + " ".join(f"- {reason}" for reason in reasons)
            + " At least one expression must produce a successful result"
        )
    hidden = first_unknown(working[:1])
    if hidden is None:
        return working[0]
    possible: list[Value] = []
    for expression in working:
        possible.append(expression)
        if expression.wholly_known():
            break
    return _one_of(possible, hidden)


def _one_of(possible: list[Value], hidden: Value) -> Value:
    """Unknown which of these; no alternatives when one of them can be anything."""
    opaque = any(
        each.unknown is not None and not (each.unknown.parts or each.unknown.choices)
        for each in possible
    )
    unknown = like(hidden, DYNAMIC)
    assert unknown.unknown is not None
    known_end = possible[-1].wholly_known()
    choices = () if opaque or not known_end else alternatives(possible)
    sensitive = any(each.sensitive for each in possible)
    return replace(unknown, raw=replace(unknown.unknown, choices=choices)).marked(sensitive)


@function(Parameter("expression", null=True, unknown=True, marks=True), returns=BOOL, catches=True)
def can(expression: Value) -> Value:
    if expression.failed:
        static = expression.failed.failure is Failure.STATIC
        return expression if static else boolean(False)
    hidden = first_unknown([expression])
    return boolean(True) if hidden is None else like(hidden, BOOL)


# -- what is null or empty -----------------------------------------------------------------


@function(rest=_ANY)
def coalesce(*values: Value) -> Value:
    common = unify([type_of(value) for value in values])
    if common is None:
        if any(uncertain(value) for value in values):
            return like(_hidden(values), DYNAMIC)
        raise FunctionError("all arguments must have the same type")
    doubtful = any(uncertain(value) for value in values)
    for value in values:
        converted = loosen(value) if doubtful else convert(value, common)
        if converted.failed:
            raise FunctionError("no non-null, non-empty-string arguments")
        if converted.unknown is not None and not (value.unknown is None and doubtful):
            if converted.unknown.parts and converted.unknown.prefix + converted.unknown.suffix:
                return converted
            return like(converted, converted.type)
        if value.is_null or converted.raw == "":
            continue
        return converted
    raise FunctionError("no non-null, non-empty-string arguments")


def _hidden(values: tuple[Value, ...]) -> Value:
    hidden = first_unknown(values)
    assert hidden is not None
    return hidden


@function(rest=_ANY)
def coalescelist(*values: Value) -> Value:
    if not values:
        raise FunctionError("at least one argument is required")
    for value in values:
        if value.unknown is not None:
            break
        if value.kind not in {"list", "tuple"}:
            raise FunctionError("coalescelist arguments must be lists or tuples")
    for value in values:
        if value.unknown is not None:
            return like(value, DYNAMIC)
        if value.elements():
            return value
    raise FunctionError("no non-null arguments")


@function(Parameter("list"))
def one(list: Value) -> Value:
    text = "must be a list, set, or tuple value with either zero or one elements"
    if list.kind not in {"list", "set", "tuple"}:
        raise FunctionError(text, 0)
    members = list.elements()
    if list.kind == "set" and (hidden := first_unknown(members)) and len(members) > 1:
        return like(hidden, list.type.element or DYNAMIC)
    if len(members) > 1:
        raise FunctionError(text, 0)
    return members[0] if members else null(list.type.element or DYNAMIC)


# -- counting and finding ------------------------------------------------------------------


@function(Parameter("value", unknown=True, marks=True), returns=NUMBER)
def length(value: Value) -> Value:
    if value.kind not in {"string", "tuple", "object", "list", "map", "set", "dynamic"}:
        text = "argument must be a string, a collection type, or a structural type"
        raise FunctionError(text)
    return _length(value).marked(value.sensitive)


def _length(value: Value) -> Value:
    if value.unknown is not None:
        known = value.type.elements if value.kind == "tuple" else value.type.attributes
        return like(value, NUMBER) if known is None else number(len(known))
    if isinstance(value.raw, str):
        return number(len(clusters(value.raw)))
    if value.kind == "set" and len(value.elements()) > 1:
        hidden = first_unknown(value.elements())
        if hidden is not None:
            return like(hidden, NUMBER)
    return number(len(value.elements()) + len(value.items()))


@function(Parameter("list", unknown=True, marks=True), Parameter("index", NUMBER, unknown=True))
def element(list: Value, index: Value) -> Value:
    if list.kind not in {"list", "tuple", "dynamic"}:
        raise FunctionError(f"cannot read elements from {type_text(type_of(list))}")
    kind = list.type.element or DYNAMIC
    if list.unknown is not None:
        return like(list, kind).marked(list.sensitive)
    members = list.elements()
    if index.unknown is not None:
        return _any_of(members, index)
    at = whole(index, before="invalid index: ")
    if not members:
        raise FunctionError("cannot use element function with an empty list")
    chosen = members[at % len(members)]
    if list.kind == "tuple" and at < 0 and at % len(members):
        reason = "Terraform 1.11 stops at a negative index of a tuple, later versions do not"
        return Value(kind, Unknown(reason, choices=(chosen,))).marked(chosen.sensitive)
    return chosen


def _any_of(members: tuple[Value, ...], index: Value) -> Value:
    assert index.unknown is not None
    opaque = any(each.unknown and not each.unknown.choices for each in members)
    choices = () if opaque else alternatives(members)
    raw = Unknown(index.unknown.reason, index.unknown.refers_to, choices=choices)
    return Value(DYNAMIC, raw).marked(any(each.sensitive for each in members))


@function(Parameter("list"), Parameter("value"), returns=NUMBER)
def index(list: Value, value: Value) -> Value:
    if list.kind not in {"list", "tuple"}:
        raise FunctionError("argument must be a list or tuple")
    if not list.elements():
        raise FunctionError("cannot search an empty list")
    for at, member in enumerate(list.elements()):
        equal = values_equal(member, value)
        if equal.unknown is not None:
            return equal if equal.failed else like(equal, NUMBER)
        if equal.raw is True:
            return number(at)
    raise FunctionError("item not found")
