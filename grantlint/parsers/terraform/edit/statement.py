"""Changes of a key policy's statements: in an object, in the JSON of a heredoc, in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.statements import Statement
from grantlint.model import Holder
from grantlint.parsers.terraform.edit import conditions, render
from grantlint.parsers.terraform.edit.body import with_argument, with_block
from grantlint.parsers.terraform.edit.lines import Splice
from grantlint.parsers.terraform.edit.member import addition
from grantlint.parsers.terraform.edit.node import Collection
from grantlint.parsers.terraform.edit.place import Place, Trees
from grantlint.parsers.terraform.edit.proposal import (
    Proposal,
    added,
    removed,
    replaced,
    says,
    text,
    without_block,
)
from grantlint.parsers.terraform.edit.render import Own
from grantlint.parsers.terraform.edit.written import Written
from grantlint.rule import Path
from grantlint.value import Truth, Value

_FIELDS: Final = {"actions": "Action", "resources": "Resource"}
_TEXTS: Final = {"sid": "Sid", "effect": "Effect"}


def change(
    trees: Trees, holder: Holder, at: Path, op: str, value: object, own: Own
) -> Proposal | None:
    """A change below `("policy", "statements", …)`; `at` is what follows."""
    if not at:
        return _new(trees, holder, value, own) if op == "add" else None
    statement = _statement(holder, at[0])
    written = _find(trees, holder, statement) if statement is not None else None
    if written is None:
        return None
    if len(at) == 1:
        return _whole(written) if op == "remove" else None
    field, rest = at[1], at[2:]
    if field == "conditions":
        return conditions.change(trees, written, rest, op, value, own)
    if field in _TEXTS and op == "set" and not rest:
        return _text(trees, written, str(field), value, own)
    if field == "principals":
        return _principal(trees, written, rest, op, value, own)
    if field in _FIELDS:
        return _listed(trees, written, str(field), rest, op, value, own)
    return None


def _statement(holder: Holder, at: str | int) -> Statement | None:
    found = holder.policy.statements
    return found[at] if isinstance(at, int) and at < len(found) else None


# -- where it is written -------------------------------------------------------------------


def _find(trees: Trees, holder: Holder, statement: Statement) -> Written | None:
    """A statement as it is written; None where that is not one place."""
    document = holder.policy.document
    same = [one for one in _mappings(document) if one.written == statement.span]
    if statement.sensitive or statement.span is None or not same:
        return None
    value = same[0]
    block = trees.block(statement.span)
    if block is not None:
        if block.type != "statement" or len(same) != 1:
            return None
        return Written(statement, value, None, block, trees.blocks(statement.span)[:-1])
    place = trees.place(statement.span)
    if place is None:
        place = _in_json(trees, document, statement, same)
    if place is None or not isinstance(place.node, Collection) or not place.node.keyed:
        return None
    return Written(statement, value, place, None)


def _mappings(value: Value) -> Iterator[Value]:
    """Every statement of a document, in whichever alternative."""
    cause = value.unknown
    if cause is not None:
        for choice in cause.choices:
            yield from _mappings(replace(choice, trail=choice.trail + value.trail))
    elif isinstance(value.raw, tuple):
        for member in value.elements():
            yield from _mappings(member)
    elif isinstance(value.raw, Mapping):
        listed = value.get("Statement")
        yield from (value,) if listed is None else _mappings(listed)


def _in_json(
    trees: Trees, document: Value, statement: Statement, same: list[Value]
) -> Place | None:
    """The statement in a heredoc, by its number in the list."""
    listed = document.get("Statement")
    root = trees.json(document.written)
    place = root.named("Statement") if root is not None else None
    if listed is None or place is None or not isinstance(place.node, Collection):
        return None
    if place.node.keyed:
        return place
    elements = listed.elements()
    numbers = [at for at, one in enumerate(elements) if one.written == statement.span]
    if len(elements) != len(place.node.members) or len(numbers) != 1 or len(same) != 1:
        return None
    return place.child(numbers[0])


# -- a whole statement ---------------------------------------------------------------------


def _whole(written: Written) -> Proposal | None:
    if written.block is not None:
        around = written.parents[-1]
        others = [one for one in around.body.nested("statement") if one is not written.block]
        gone = without_block(written.block) if others else None
        return written.proposal(gone)
    assert written.place is not None
    return written.proposal(removed(written.place))


def _new(trees: Trees, holder: Holder, value: object, own: Own) -> Proposal | None:
    """One more statement, behind the last one that is written in the same document."""
    if not isinstance(value, Mapping) or not holder.policy.statements:
        return None
    last = _find(trees, holder, holder.policy.statements[-1])
    if last is None or last.statement.exists is not Truth.YES:
        return None
    if last.block is not None:
        around = last.parents[-1]
        lines = [line.encode() for line in _block_lines(value, own)]
        return last.proposal(with_block(around.span.source.data, around, lines))
    assert last.place is not None
    within = last.place.within
    if within is None or within[0].keyed:
        return None
    made = text(last.place, value, own)
    return last.proposal(addition(last.place.source.data, within[0], made))


def _block_lines(value: Mapping[object, object], own: Own) -> Iterator[str]:
    """A statement in AWS's words as a block of aws_iam_policy_document."""
    yield "statement {"
    names = {"Sid": "sid", "Effect": "effect", "Action": "actions", "Resource": "resources"}
    given = {names[str(key)]: one for key, one in value.items() if key in names}
    if value.keys() - names.keys() - {"Principal", "Condition"}:
        raise render.NotRenderedError
    for name, one in given.items():
        listed = [one] if name.endswith("s") and isinstance(one, str) else one
        yield f"  {name.ljust(max(map(len, given)))} = {render.hcl(listed, own)}"
    principal = value.get("Principal", {})
    types = {"*": "*"} if principal == "*" else principal
    condition = value.get("Condition", {})
    if not isinstance(types, Mapping) or not isinstance(condition, Mapping):
        raise render.NotRenderedError
    for type, identifiers in types.items():
        listed = [identifiers] if isinstance(identifiers, str) else identifiers
        yield from ("", "  principals {", f"    type        = {render.hcl(type, own)}")
        yield from (f"    identifiers = {render.hcl(listed, own)}", "  }")
    for operator, keys in condition.items():
        for key, values in keys.items():
            lines = conditions.block_lines(str(operator), str(key), values, own)
            yield from ("", *(f"  {line}" for line in lines))
    yield "}"


# -- its elements --------------------------------------------------------------------------


def _text(trees: Trees, written: Written, field: str, value: object, own: Own) -> Proposal | None:
    """Sid and Effect."""
    if written.block is not None:
        argument = written.block.body.argument(field)
        if argument is None:
            made = render.hcl(value, own).encode()
            data = written.block.span.source.data
            return written.proposal(with_argument(data, written.block, field, made))
        place = trees.place(argument.expression.span)
    else:
        assert written.place is not None
        place = written.place.named(_TEXTS[field])
    return written.proposal(replaced(place, value, own) if place is not None else None)


def _listed(
    trees: Trees, written: Written, field: str, rest: Path, op: str, value: object, own: Own
) -> Proposal | None:
    """Actions and resources."""
    statement = written.statement
    negated = statement.not_action if field == "actions" else statement.not_resource
    name = f"not_{field}" if negated else field
    key = f"Not{_FIELDS[field]}" if negated else _FIELDS[field]
    texts: Value = getattr(statement, field)
    if not rest:
        place = written.field(trees, name, key, texts)
        return written.proposal(_list_change(place, op, value, own))
    at = rest[0]
    if len(rest) != 1 or not isinstance(at, int) or at >= len(texts.elements()):
        return None
    element = texts.elements()[at]
    return written.element(element, written.member(trees, key, element, at), op, value, own)


def _list_change(place: Place | None, op: str, value: object, own: Own) -> list[Splice] | None:
    if place is None or op == "remove":
        return None
    if op == "set":
        return replaced(place, value, own)
    return added(place, list(value) if isinstance(value, list | tuple) else [value], own)


# -- principals ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Named:
    """A principal: its type, its value, and its number among those of its type."""

    type: str
    value: Value
    number: int


def _principal(
    trees: Trees, written: Written, rest: Path, op: str, value: object, own: Own
) -> Proposal | None:
    if not rest or not isinstance(rest[0], int) or rest[1:] not in {(), ("value",)}:
        return None
    named = _named(written.statement, rest[0])
    if named is None or (op == "set" and not isinstance(value, str | Mapping)):
        return None
    key = "NotPrincipal" if written.statement.not_principal else "Principal"
    place = _principal_place(trees, written, key, named)
    if place is None or not says(place, named.value) or op == "add":
        return None
    if op == "set":
        return written.element(named.value, place, op, value, own)
    if place.within is not None and not place.within[0].keyed:
        splices = removed(place)
        if splices is not None:
            return written.element(named.value, place, op, value, own)
    alone = named.value.trail == written.value.trail
    return written.proposal(_without_type(written, place) if alone else None)


def _named(statement: Statement, at: int) -> _Named | None:
    if at >= len(statement.principals):
        return None
    one = statement.principals[at]
    type = one.type.text
    before = statement.principals[:at]
    if type is None:
        return None
    return _Named(type, one.value, sum(other.type.text == type for other in before))


def _principal_place(trees: Trees, written: Written, key: str, named: _Named) -> Place | None:
    if not written.is_json:
        return trees.place(named.value.written)
    assert written.place is not None
    whole = written.place.named(key)
    if whole is None or not isinstance(whole.node, Collection):
        return whole
    found = whole.named(named.type)
    if found is None or not isinstance(found.node, Collection):
        return found
    return found.child(named.number) if named.number < len(found.node.members) else None


def _without_type(written: Written, place: Place) -> list[Splice] | None:
    """Without the only principal of its type, where there are principals of others."""
    if written.block is not None:
        blocks = [one for one in written.block.body.blocks if one.type.endswith("principals")]
        own = [one for one in blocks if one.span.start <= place.span.start < one.span.end]
        return without_block(own[0]) if len(blocks) > 1 and len(own) == 1 else None
    if place.within is not None and not place.within[0].keyed:
        above = place.up
        if above is None:
            return None
        place = above
    around = place.within
    if around is None or not around[0].keyed or around[0].find("Effect") is not None:
        return None
    return removed(place)
