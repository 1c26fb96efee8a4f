"""Values of which it is known that they are one of several, and the absence of a value.

`AWS::NoValue` takes away the property or the element that it stands for. Where that depends on a
condition, what is around it has alternatives: a list with and without the element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from grantlint.source import Span
from grantlint.value import OBJECT, TUPLE, Type, Unknown, Value, unknown

MOST: Final = 16
NO_VALUE: Final = Value(Type("no value"), None)
"""What `!Ref AWS::NoValue` is; it never leaves a list or an object."""

_Option = tuple[Value, str]


def is_absent(value: Value) -> bool:
    """Whether it is AWS::NoValue."""
    return value.type is NO_VALUE.type


def may_be_absent(value: Value) -> bool:
    """Whether one of its alternatives is AWS::NoValue."""
    return value.unknown is not None and any(map(is_absent, value.unknown.choices))


def options(value: Value) -> Sequence[_Option]:
    """The alternatives of a value, each with what must be so for it; else itself."""
    cause = value.unknown
    if cause is None or not cause.choices:
        return [(value, "")]
    return [
        (_inherited(choice, value), cause.where(index))
        for index, choice in enumerate(cause.choices)
    ]


def _inherited(choice: Value, value: Value) -> Value:
    return replace(choice, trail=choice.trail + value.trail).marked(value.sensitive)


def one_of(reason: str, found: Sequence[_Option], span: Span | None) -> Value:
    """A value that is one of these; equal ones count once."""
    kept: list[Value] = []
    when: list[str] = []
    for value, where in found:
        for nested, inner in options(value):
            both = " and ".join(text for text in dict.fromkeys((where, inner)) if text)
            same = next((at for at, one in enumerate(kept) if _same(one, nested)), None)
            if same is None:
                kept.append(nested)
                when.append(both)
            else:
                when[same] = f"{when[same]} or {both}"
    if len(kept) == 1:
        return kept[0]
    if len(kept) > MOST or any(one.unknown is not None and one.failed for one in kept):
        return unknown(reason, span)
    return Value(_type(kept), Unknown(reason, choices=tuple(kept), when=tuple(when)), span)


def _type(kept: Sequence[Value]) -> Type:
    types = {one.type.kind: one.type for one in kept}
    return next(iter(types.values())) if len(types) == 1 else Type("dynamic")


def _same(one: Value, other: Value) -> bool:
    alike = one.type.kind == other.type.kind and one.sensitive is other.sensitive
    return alike and one.unknown is None and one.raw == other.raw


def each(
    values: Sequence[Value], make: Callable[[Sequence[Value]], Value], span: Span | None
) -> Value | None:
    """What `make` gives for every combination of the alternatives; None for one, or too many."""
    alternatives = [options(value) for value in values]
    count = 1
    for one in alternatives:
        count *= len(one)
        if count > MOST:
            return None
    if count == 1:
        return None
    reason = next(v.unknown.reason for v in values if v.unknown is not None and v.unknown.choices)
    found = [
        (make([value for value, _ in row]), _all(where for _, where in row))
        for row in product(*alternatives)
        if is_consistent(where for _, where in row)
    ]
    return one_of(reason, found, span)


def _all(wheres: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(text for text in wheres if text))


def is_consistent(wheres: Iterable[str]) -> bool:
    """Whether all of it can be so: no condition is met and not met, no name is two texts."""
    said = {part for where in wheres for part in where.split(" and ") if " or " not in where}
    if any(f"not {part}" in said for part in said):
        return False
    named = [part.partition(' is "') for part in said]
    texts = [name for name, is_, _ in named if is_]
    return len(texts) == len(set(texts))


# -- what is around AWS::NoValue -----------------------------------------------------------

_APART: Final = frozenset({"Condition", "NotPrincipal", "Principal"})
"""Elements of a statement whose alternatives make several of it."""


def list_of(members: Sequence[Value], span: Span | None) -> Value:
    """A list; one with alternatives where a text in it may be absent.

    An object that may be absent, such as a statement, is null in one of its own alternatives.
    """
    kept = [member for member in members if not is_absent(member)]
    open_ = [one for one in kept if may_be_absent(one) and not _is_of_objects(one)]
    if open_:
        found = each(kept, lambda row: list_of(row, span), span)
        if found is not None:
            return found
    return Value(TUPLE, tuple(map(_nulled, kept)), span)


def _is_of_objects(value: Value) -> bool:
    cause = value.unknown
    present = [one for one in cause.choices if not is_absent(one)] if cause is not None else []
    return all(isinstance(one.raw, Mapping) for one in present)


def _nulled(value: Value) -> Value:
    """A value with null among its alternatives in place of AWS::NoValue."""
    cause = value.unknown
    if cause is None or not may_be_absent(value):
        return value
    choices = tuple(
        Value(Type("dynamic"), None) if is_absent(one) else one for one in cause.choices
    )
    return replace(value, raw=replace(cause, choices=choices))


def object_of(members: Mapping[str, Value], span: Span | None) -> Value:
    """An object; one with alternatives where a property may be absent.

    So is a statement whose conditions or principals have alternatives: each is another statement.
    """
    kept = {name: value for name, value in members.items() if not is_absent(value)}
    statement = "Effect" in kept
    open_ = [
        name
        for name, value in kept.items()
        if may_be_absent(value) or (statement and name in _APART and _has_choices(value))
    ]
    if open_:
        rest = {name: value for name, value in kept.items() if name not in open_}

        def make(row: Sequence[Value]) -> Value:
            return object_of({**rest, **dict(zip(open_, row, strict=True))}, span)

        found = each([kept[name] for name in open_], make, span)
        if found is not None:
            return found
    return section_of(kept, span)


def section_of(members: Mapping[str, Value], span: Span | None) -> Value:
    """An object that is one whatever is absent, as the properties of a resource are.

    A member that may be absent has null among its alternatives.
    """
    kept = {name: value for name, value in members.items() if not is_absent(value)}
    ordered = sorted(kept, key=lambda name: name.encode("utf-8", "surrogatepass"))
    return Value(OBJECT, {name: _nulled(kept[name]) for name in ordered}, span)


def _has_choices(value: Value) -> bool:
    return value.unknown is not None and bool(value.unknown.choices)
