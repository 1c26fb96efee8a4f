"""Changes of a statement's conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grantlint.iam.conditions import Condition
from grantlint.parsers.terraform.edit import render
from grantlint.parsers.terraform.edit.body import with_block
from grantlint.parsers.terraform.edit.lines import Splice
from grantlint.parsers.terraform.edit.member import addition, removal
from grantlint.parsers.terraform.edit.node import Collection, Leaf
from grantlint.parsers.terraform.edit.place import Place, Trees
from grantlint.parsers.terraform.edit.proposal import (
    Proposal,
    added,
    entry,
    is_literal,
    replaced,
    text,
    without_block,
)
from grantlint.parsers.terraform.edit.render import Own
from grantlint.parsers.terraform.edit.written import Written, number
from grantlint.parsers.terraform.tree import Block, Literal
from grantlint.rule import Path


def change(
    trees: Trees, written: Written, at: Path, op: str, value: object, own: Own
) -> Proposal | None:
    """A change below a statement's `"conditions"`; `at` is what follows."""
    if not at:
        return written.proposal(_new(written, value, own)) if op == "add" else None
    index = at[0]
    if not isinstance(index, int) or index >= len(written.statement.conditions):
        return None
    condition = written.statement.conditions[index]
    if len(at) == 1:
        return written.proposal(_gone(written, condition)) if op == "remove" else None
    if at[1] == "values":
        return _values(trees, written, condition, at[2:], op, value, own)
    if op != "set" or len(at) != 2 or not isinstance(value, str):
        return None
    return written.proposal(_renamed(trees, written, condition, str(at[1]), value, own))


# -- new ones ------------------------------------------------------------------------------


def _new(written: Written, value: object, own: Own) -> list[Splice] | None:
    """One more condition, `{"operator", "key", "values"}`."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(one, Mapping) or one.keys() != {"operator", "key", "values"}:
        return None
    operator, key, values = str(one["operator"]), str(one["key"]), one["values"]
    if written.block is not None:
        lines = [line.encode() for line in block_lines(operator, key, values, own)]
        return with_block(written.block.span.source.data, written.block, lines)
    assert written.place is not None
    alone = values[0] if isinstance(values, list) and len(values) == 1 else values
    around = written.place
    path: tuple[str, ...] = ("Condition", operator, key)
    while path and (inner := around.named(path[0])) is not None:
        around, path = inner, path[1:]
    if not path or not isinstance(around.node, Collection) or not around.node.keyed:
        return None
    nested: object = alone
    for name in reversed(path[1:]):
        nested = {name: nested}
    return addition(around.source.data, around.node, entry(around, path[0], nested, own))


def block_lines(operator: str, key: str, values: object, own: Own) -> Iterator[str]:
    """A condition as a block of aws_iam_policy_document."""
    listed = values if isinstance(values, list) else [values]
    yield "condition {"
    yield f"  test     = {render.hcl(operator, own)}"
    yield f"  variable = {render.hcl(key, own)}"
    yield f"  values   = {render.hcl(listed, own)}"
    yield "}"


# -- those that are there ------------------------------------------------------------------


def _operator(condition: Condition) -> str | None:
    """The operator with its set and suffix, as a policy has it."""
    name, set_ = condition.operator.text, condition.set
    if name is None or condition.key.text is None or condition.if_exists.unknown is not None:
        return None
    suffix = "IfExists" if condition.if_exists.raw is True else ""
    return f"{set_.text}:{name}{suffix}" if set_.text else f"{name}{suffix}"


def _object_place(written: Written, condition: Condition) -> Place | None:
    """The place of its values in an object."""
    operator = _operator(condition)
    place = written.place.named("Condition") if written.place is not None else None
    place = place.named(operator) if place is not None and operator is not None else None
    return place.named(condition.key.text or "") if place is not None else None


def _block(written: Written, condition: Condition) -> Block | None:
    """The one block that it is written as."""
    operator = _operator(condition)
    if written.block is None or operator is None:
        return None
    found = [
        block
        for block in written.block.body.nested("condition")
        if (_literal(block, "test") or "").lower() == operator.lower()
        and _literal(block, "variable") == condition.key.text
    ]
    return found[0] if len(found) == 1 else None


def _literal(block: Block, name: str) -> str | None:
    argument = block.body.argument(name)
    expression = argument.expression if argument is not None else None
    value = expression.value if isinstance(expression, Literal) else None
    return value if isinstance(value, str) else None


def _gone(written: Written, condition: Condition) -> list[Splice] | None:
    """Without it, and without what would then be empty around it."""
    if written.block is not None:
        block = _block(written, condition)
        return without_block(block) if block is not None else None
    place = _object_place(written, condition)
    if place is None or written.place is None:
        return None
    for collection, at in reversed(place.around):
        if len(collection.members) > 1:
            return removal(place.source.data, collection, [at])
        if collection == written.place.node:
            return None
    return None


def _values(
    trees: Trees, written: Written, condition: Condition, at: Path, op: str, value: object, own: Own
) -> Proposal | None:
    """All values of a condition, or one of them."""
    block = _block(written, condition)
    argument = block.body.argument("values") if block is not None else None
    place = (
        trees.place(argument.expression.span)
        if argument is not None
        else _object_place(written, condition)
    )
    if place is None or (at and len(at) != 1):
        return None
    if not at:
        if op == "remove":
            return None
        listed = list(value) if isinstance(value, list | tuple) else [value]
        alone = op == "set" and block is None and len(listed) == 1
        splices = added(place, listed, own) if op == "add" else None
        if op == "set":
            splices = replaced(place, listed[0] if alone else listed, own)
        return written.proposal(splices)
    members = condition.values.elements()
    if not isinstance(at[0], int) or at[0] >= len(members):
        return None
    member = members[at[0]]
    inner = number(place, at[0]) if written.is_json else trees.place(member.written)
    return written.element(member, inner, op, value, own)


def _renamed(
    trees: Trees, written: Written, condition: Condition, part: str, value: str, own: Own
) -> list[Splice] | None:
    """With another operator or key."""
    if part not in {"operator", "key"}:
        return None
    if written.block is not None:
        block = _block(written, condition)
        name = "test" if part == "operator" else "variable"
        argument = block.body.argument(name) if block is not None else None
        place = trees.place(argument.expression.span) if argument is not None else None
        if place is None or not is_literal(place.node):
            return None
        return replaced(place, value, own)
    place = _object_place(written, condition)
    above = place.up if place is not None else None
    if place is None or above is None or place.within is None:
        return None
    if part == "operator":
        if not isinstance(above.node, Collection) or len(above.node.members) != 1:
            return None
        place = above
    assert place.within is not None
    collection, at = place.within
    member = collection.members[at]
    key = Place(
        place.source,
        Leaf(member.start, member.key_end, literal=True),
        ((collection, at),),
        None,
        (),
    )
    new = text(key, value, own)
    data = place.source.data
    if data[member.start : member.start + 1] != b'"' and part == "operator":
        new = new.strip(b'"') if new.strip(b'"').isalnum() else new
    return [Splice(member.start, member.key_end, new)]
