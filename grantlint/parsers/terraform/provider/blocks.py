"""The nested blocks of KMS resources: a grant's constraints, a key's timeouts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from grantlint.parsers.instance import Content
from grantlint.parsers.terraform import convert
from grantlint.parsers.terraform.provider.attribute import inappropriate, without_nulls
from grantlint.value import STRING, Truth, Type, Value, null, object_, unknown

_MOST_OPTIONAL_BLOCKS: Final = 4
_CONTEXT: Final = ("encryption_context_equals", "encryption_context_subset")
_MAP: Final = Type("map", STRING)
_CONSTRAINT: Final = Type("object", attributes=dict.fromkeys(_CONTEXT, _MAP))


def constraints(content: Content) -> Value:
    """The set of constraints blocks. Of one that may not exist, the set's choices tell."""
    blocks = content.nested("constraints")
    broken = content.broken or next((block.broken for block in blocks if block.broken), None)
    if broken is not None:
        return unknown(broken, type=Type("set", _CONSTRAINT))
    made = [(_constraint(block), block.exists) for block in blocks]
    failed = next((one for one, _ in made if one.failed is not None), None)
    if failed is not None:
        return failed
    certain = [one for one, exists in made if exists is Truth.YES]
    possible = [one for one, exists in made if exists is not Truth.YES]
    place = blocks[0].span if blocks else None
    if not possible:
        return convert.make_set(certain, _CONSTRAINT, place)
    sets: tuple[Value, ...] = ()
    if len(possible) <= _MOST_OPTIONAL_BLOCKS:
        subsets: list[list[Value]] = [[]]
        for one in possible:
            subsets += [[*subset, one] for subset in subsets]
        sets = tuple(
            convert.make_set([*certain, *subset], _CONSTRAINT, place) for subset in subsets
        )
    reason = "whether a constraints block exists is not known"
    return unknown(reason, place, type=Type("set", _CONSTRAINT), choices=sets)


def _constraint(block: Content) -> Value:
    names = [*_CONTEXT, *(name for name in block.names() if name not in _CONTEXT)]
    members: dict[str, Value] = {}
    for name in names:
        written = block.argument(name)
        if written is None or name not in _CONTEXT:
            members[name] = written or null(_MAP)
            continue
        context = convert.convert(written, _MAP)
        if context.failed is not None:
            return (
                written if written.failed else inappropriate(name, written, context.failed.reason)
            )
        empty = context.raw is not None and not context.raw and context.unknown is None
        members[name] = replace(context, raw=None) if empty else without_nulls(context)
    return object_(members, block.span)


def timeouts(content: Content) -> Value:
    """The timeouts of a key; null without the block."""
    blocks = content.nested("timeouts")
    if not blocks:
        return null(Type("object", attributes={"create": STRING}))
    create = blocks[0].argument("create")
    value = null(STRING) if create is None else convert.convert(create, STRING)
    return object_({"create": value}, blocks[0].span)
