"""What an operation comes to: text to splice, and whatever else that would change."""

from __future__ import annotations

import json
from dataclasses import dataclass

from grantlint.parsers.terraform.edit import render
from grantlint.parsers.terraform.edit.body import taken_out
from grantlint.parsers.terraform.edit.lines import Splice, begins_line, indent, line_break
from grantlint.parsers.terraform.edit.member import addition, removal
from grantlint.parsers.terraform.edit.node import Collection, Leaf, Node
from grantlint.parsers.terraform.edit.place import Place
from grantlint.parsers.terraform.edit.render import Own
from grantlint.parsers.terraform.tree import Block
from grantlint.source import Source, Span
from grantlint.value import Step, Value


@dataclass(frozen=True, slots=True)
class Proposal:
    """Splices of one file.

    `touched` are the places whose every user they change, `trail` the references by which this
    user came there. `attribute` is the resource and the argument in it, where others could read
    it from.
    """

    source: Source
    splices: tuple[Splice, ...]
    touched: tuple[Span, ...]
    trail: tuple[Step, ...] = ()
    attribute: tuple[Block, str] | None = None


def proposal(
    place: Place,
    splices: list[Splice] | None,
    touched: Span | None = None,
    trail: tuple[Step, ...] = (),
) -> Proposal | None:
    """The splices at a place as a proposal."""
    if not splices:
        return None
    own = place.blocks[0] if place.blocks and place.blocks[0].type == "resource" else None
    attribute = (own, place.argument.name) if own and place.argument else None
    return Proposal(place.source, tuple(splices), (touched or place.span,), trail, attribute)


def is_literal(node: Node) -> bool:
    """Whether all of it is written as it is."""
    if isinstance(node, Collection):
        return all(is_literal(member.value) for member in node.members)
    return node.literal


def says(place: Place, value: Value) -> bool:
    """Whether the literal at a place is that text, as it stands."""
    written = place.source.data[place.node.start : place.node.end].decode()
    if not isinstance(place.node, Leaf) or not place.node.literal or value.text is None:
        return False
    if not written.startswith('"'):
        return written == value.text
    try:
        return bool(json.loads(written.replace("$${", "${").replace("%%{", "%{")) == value.text)
    except ValueError:
        return False


def text(place: Place, value: object, own: Own) -> bytes:
    """A value as it is written at a place, or among its members."""
    written = render.json_text(value, own) if _is_json(place) else render.hcl(value, own)
    return written.encode()


def entry(place: Place, key: str, value: object, own: Own) -> bytes:
    """A member of the object at a place."""
    if _is_json(place):
        return render.json_entry(key, value, own).encode()
    assert isinstance(place.node, Collection)
    first = place.node.members[0] if place.node.members else None
    data = place.source.data
    quoted = first is not None and data[first.start : first.start + 1] == b'"'
    return render.hcl_entry(key, value, own, quoted).encode()


def _is_json(place: Place) -> bool:
    node = place.node
    if isinstance(node, Collection):
        return node.json
    return bool(place.around) and place.around[-1][0].json


# -- what is done at a place ---------------------------------------------------------------


def removed(place: Place) -> list[Splice] | None:
    """Without the member that stands there; None if it is the only one, or none."""
    if place.within is None:
        return None
    collection, at = place.within
    return removal(place.source.data, collection, [at])


def replaced(place: Place, value: object, own: Own) -> list[Splice] | None:
    """With another value there, which was a literal; several take the place of one in a list."""
    if not is_literal(place.node):
        return None
    node, data = place.node, place.source.data
    within = place.within
    if isinstance(value, list) and within and not within[0].keyed and not _is_list(node):
        texts = [text(place, one, own) for one in value]
        alone = begins_line(data, node.start) and node.start > within[0].members[0].start
        alone = alone or (begins_line(data, node.start) and len(within[0].members) == 1)
        ending = line_break(data, node.start) + indent(data, node.start)
        joined = (b"," + ending if alone else b", ").join(texts)
        return [Splice(node.start, node.end, joined)] if texts else None
    return [Splice(node.start, node.end, text(place, value, own))]


def added(place: Place, values: list[object], own: Own) -> list[Splice] | None:
    """With more elements in the list there; a text alone becomes a list."""
    node, data = place.node, place.source.data
    texts = [text(place, one, own) for one in values]
    if not texts:
        return None
    if isinstance(node, Collection):
        return None if node.keyed else addition(data, node, b", ".join(texts))
    if not node.literal:
        return None
    return [
        Splice(node.start, node.start, b"["),
        Splice(node.end, node.end, b", " + b", ".join(texts) + b"]"),
    ]


def _is_list(node: Node) -> bool:
    return isinstance(node, Collection) and not node.keyed


def without_block(block: Block) -> list[Splice]:
    """Without a nested block."""
    return taken_out(block.span.source.data, block.span)
