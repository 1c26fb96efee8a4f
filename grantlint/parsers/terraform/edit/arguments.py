"""Changes of the arguments of a grant or key, and of a grant's constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grantlint.model import Grant
from grantlint.parsers.terraform.edit import render
from grantlint.parsers.terraform.edit.body import taken_out, with_argument, with_block
from grantlint.parsers.terraform.edit.lines import Splice
from grantlint.parsers.terraform.edit.member import addition, removal
from grantlint.parsers.terraform.edit.node import Collection
from grantlint.parsers.terraform.edit.place import Place, Trees
from grantlint.parsers.terraform.edit.proposal import (
    Proposal,
    added,
    entry,
    is_literal,
    proposal,
    removed,
    replaced,
    says,
    without_block,
)
from grantlint.parsers.terraform.edit.render import Own
from grantlint.parsers.terraform.tree import Argument, Block
from grantlint.rule import Object, Path
from grantlint.value import Step, Value

_LISTS: Final = {"operations", "operations_written", "grant_creation_tokens"}
_GRANT: Final = {
    "key_id",
    "name",
    "operations",
    "operations_written",
    "retire_on_delete",
    "grant_creation_tokens",
    "grantee_principal",
    "retiring_principal",
}
_KEY: Final = {
    "enabled": ("is_enabled", "enabled"),
    "spec": ("customer_master_key_spec", "key_spec"),
    "usage": ("key_usage", "key_usage"),
    "enable_key_rotation": ("enable_key_rotation", "enable_key_rotation"),
    "multi_region": ("multi_region", "multi_region"),
}
"""Names in the model to those of aws_kms_key, and of its other kinds."""


def change(
    trees: Trees, judged: Object, at: Path, op: str, value: object, own: Own
) -> Proposal | None:
    """A change of anything but a policy."""
    head = at[0] if at else None
    block = trees.block(judged.span)
    if not isinstance(head, str) or block is None:
        return None
    if head == "constraints" and isinstance(judged, Grant):
        return _constraints(trees, judged, block, at[1:], op, value, own)
    name = _argument_name(judged, block, head)
    written = getattr(judged, head, None)
    if name is None or not isinstance(written, Value):
        return None
    if len(at) == 2 and head in _LISTS and isinstance(at[1], int):
        return _element(trees, judged, head, at[1], op, value, own)
    if len(at) == 1:
        return _argument(trees, block, name, written, op, value, own)
    return None


def _argument_name(judged: Object, block: Block, field: str) -> str | None:
    if isinstance(judged, Grant):
        return field.removesuffix("_written") if field in _GRANT else None
    names = _KEY.get(field)
    return None if names is None else names[block.labels[0] != "aws_kms_key"]


# -- arguments -----------------------------------------------------------------------------


def _argument(
    trees: Trees, block: Block, name: str, written: Value, op: str, value: object, own: Own
) -> Proposal | None:
    """An argument of the resource's own block, or where it is written if that is elsewhere."""
    data = block.span.source.data
    argument = block.body.argument(name)
    here = Place(block.span.source, _no_node(block), (), argument, (block,))
    if op == "remove":
        gone = taken_out(data, argument.span) if argument is not None else None
        return proposal(here, gone, block.span)
    if argument is None:
        text = render.hcl(value, own).encode()
        return proposal(here, with_argument(data, block, name, text), block.span)
    if op == "set" and render.is_reference(value):
        span = argument.expression.span
        return proposal(here, [Splice(span.start, span.end, render.hcl(value, own).encode())])
    place = trees.place(argument.expression.span)
    trail: tuple[Step, ...] = ()
    if place is None or not is_literal(place.node):
        place, trail = trees.place(written.written), written.trail
    if place is None:
        return None
    splices = replaced(place, value, own) if op == "set" else added(place, _list(value), own)
    return proposal(place, splices, trail=trail)


def _no_node(block: Block) -> Collection:
    return Collection(block.span.start, block.span.end, (), keyed=True, json=False)


def _element(
    trees: Trees, judged: Object, field: str, at: int, op: str, value: object, own: Own
) -> Proposal | None:
    """An element of a list; of the set `operations` it is every one that is written so."""
    listed = getattr(judged, field).elements()
    if at >= len(listed):
        return None
    found = [listed[at]]
    if field == "operations" and isinstance(judged, Grant):
        written = judged.operations_written.elements()
        found = [one for one in written if one.text is not None and one.text == listed[at].text]
    places = [trees.place(one.written) for one in found]
    first = places[0] if places else None
    if first is None or not says(first, found[0]):
        return None
    around = getattr(judged, field).trail
    if op == "remove" and any(one.trail != around for one in found):  # used here, written elsewhere
        return None
    if len(places) == 1:
        splices = removed(first) if op == "remove" else _replaced(first, op, value, own)
        return proposal(first, splices, trail=found[0].trail)
    within = [place.within for place in places if place is not None and place.within is not None]
    lists = {(one[0].start, one[0].end) for one in within}
    if op != "remove" or len(within) != len(places) or len(lists) != 1:
        return None
    gone = removal(first.source.data, within[0][0], [one[1] for one in within])
    return proposal(first, gone, trail=found[0].trail)


def _replaced(place: Place, op: str, value: object, own: Own) -> list[Splice] | None:
    return replaced(place, value, own) if op == "set" else None


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


# -- constraints ---------------------------------------------------------------------------


def _constraints(
    trees: Trees, grant: Grant, block: Block, at: Path, op: str, value: object, own: Own
) -> Proposal | None:
    source = block.span.source
    here = Place(source, _no_node(block), (), None, (block,))
    blocks = block.body.nested("constraints")
    if any("constraints" in one.labels for one in block.body.nested("dynamic")):
        return None
    if not at and op == "remove":
        gone = [splice for one in blocks for splice in without_block(one)]
        return proposal(here, gone, block.span)
    if not at and op == "add" and isinstance(value, Mapping) and len(value) == 1:
        at, value = (next(iter(value)),), next(iter(value.values()))
    if not at:
        return None
    kind = str(at[0])
    having = [one for one in blocks if one.body.argument(kind) is not None]
    if len(having) > 1:
        return None
    if len(at) == 2:
        return _context_entry(trees, grant, kind, str(at[1]), op, value, own)
    if not having:
        return proposal(here, _with_kind(block, blocks, kind, op, value, own), block.span)
    argument = having[0].body.argument(kind)
    assert argument is not None
    if op == "remove":
        return proposal(here, _without_kind(having[0], argument), block.span)
    return _context(trees, argument, op, value, own)


def _without_kind(block: Block, argument: Argument) -> list[Splice]:
    if len(block.body.arguments) == 1:
        return without_block(block)
    return taken_out(block.span.source.data, argument.span)


def _with_kind(
    block: Block, blocks: tuple[Block, ...], kind: str, op: str, value: object, own: Own
) -> list[Splice] | None:
    """A constraint that was not written: in the block that is there, or a new one."""
    if op == "remove" or not isinstance(value, Mapping):
        return None
    data = block.span.source.data
    if len(blocks) == 1:
        return with_argument(data, blocks[0], kind, render.hcl(value, own).encode())
    if blocks:
        return None
    line = render.hcl_entry(kind, value, own).encode()
    return with_block(data, block, [b"constraints {", b"  " + line, b"}"])


def _context(trees: Trees, argument: Argument, op: str, value: object, own: Own) -> Proposal | None:
    """A whole encryption context, or more keys of it."""
    place = trees.place(argument.expression.span)
    if place is None or not isinstance(value, Mapping):
        return None
    if op == "set":
        return proposal(place, replaced(place, value, own))
    if not isinstance(place.node, Collection) or not place.node.keyed:
        return None
    texts = [entry(place, str(key), one, own) for key, one in value.items()]
    return proposal(place, addition(place.source.data, place.node, b", ".join(texts)))


def _context_entry(
    trees: Trees, grant: Grant, kind: str, key: str, op: str, value: object, own: Own
) -> Proposal | None:
    context = getattr(grant.constraints, kind, None)
    member = context.get(key) if isinstance(context, Value) else None
    place = trees.place(member.written) if member is not None else None
    if member is None or place is None:
        return None
    splices = removed(place) if op == "remove" else _replaced(place, op, value, own)
    return proposal(place, splices, trail=member.trail)
