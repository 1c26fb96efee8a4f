"""Resources of a plan or state as instances, by what it says of them alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from grantlint.parsers.instance import Instance, Settled
from grantlint.parsers.terraform.plan.blocks import Block, Blocks, constant, expression
from grantlint.parsers.terraform.plan.document import (
    PLAN,
    Described,
    Document,
    Json,
    Places,
    members,
)
from grantlint.parsers.terraform.plan.providers import Providers
from grantlint.parsers.terraform.plan.references import References
from grantlint.parsers.terraform.plan.values import has_mark, value
from grantlint.parsers.terraform.provider.schema import Attribute, Use, schema
from grantlint.value import DYNAMIC, STRING, Truth, Unknown, Value, null, object_, unknown

Resource = tuple[Instance, Value]

UNSEEN: Final = "a policy is known after apply: the configuration beside the plan would show it"
WRITE_ONLY: Final = "_wo"
_POLICIES: Final = frozenset({"assume_role_policy", "inline_policy", "policy"})


@dataclass(slots=True, eq=False)
class Instances:
    """The instances of one plan or state."""

    document: Document
    blocks: Blocks
    references: References
    providers: Providers
    places: Places

    def of(self, one: Described) -> Resource:
        """An instance with what is planned for it."""
        span = self.places.of(one.address)
        block = self.blocks.resource(one)
        planned = dict(self._attributes(one, block))
        written = {name: found for name, found in planned.items() if self._is_written(one, name)}
        instance = Instance(
            one.address,
            one.mode,
            one.type,
            one.name,
            one.module,
            Truth.YES,
            None,
            Settled(span, object_(written | dict(_unshown(block, planned)))),
            span,
            self.providers.provider(one),
            source=self.document.kind,
        )
        return instance, object_(planned, span)

    def _attributes(self, one: Described, block: Block | None) -> Iterator[tuple[str, Value]]:
        known = schema(one.mode, one.type) or {}
        marks, hidden = one.sensitive, members(one.unknown)
        names = [*one.values, *(name for name in hidden if name not in one.values)]
        for name in names:
            mark = hidden.get(name)
            if name not in one.values and not has_mark(mark):
                continue
            attribute = known.get(name)
            why = partial(self._why, one, name, expression(block, name), attribute)
            sensitive = marks is True or members(marks).get(name)
            written = one.values.get(name)
            found = value(written, mark, sensitive, why, attribute.type if attribute else DYNAMIC)
            found = _settled(found, attribute)
            if constant(expression(block, name)) is not None:
                found = found.at(self.places.of(one.address))  # what stands there is a literal
            yield name, _decoded(found) if name in _POLICIES and found.text else found

    def _why(
        self, one: Described, name: str, written: Json, attribute: Attribute | None
    ) -> Unknown:
        """What is unknown in an attribute."""
        if written is None and (attribute is None or attribute.use is not Use.OPTIONAL):
            return self.references.own(one, name)
        if name in _POLICIES:
            return Unknown(UNSEEN)
        return self.references.unknown(one, name, written)

    def _is_written(self, one: Described, name: str) -> bool:
        """Whether an attribute is, or may be, an argument.

        What is unknown and not written is AWS's to say. What is known counts also where only AWS
        has said it. Blocks are not in a schema: those that `dynamic` makes are in no configuration.
        """
        if not has_mark(members(one.unknown).get(name)) or self.document.kind != PLAN:
            return True
        attribute = (schema(one.mode, one.type) or {}).get(name)
        return attribute is None or expression(self.blocks.resource(one), name) is not None


def _decoded(policy: Value) -> Value:
    """The text of a policy with what it encodes: it has no places, so this is the quick way."""
    try:
        tree = json.loads(policy.text or "")
    except (ValueError, RecursionError):
        return policy
    if not isinstance(tree, dict):
        return policy
    encodes = value(tree, None, None, lambda: Unknown("it is nested too deep"))
    return replace(policy, encodes=encodes.marked(policy.sensitive))


def _settled(found: Value, attribute: Attribute | None) -> Value:
    """States have an empty text for a null, in older providers; an empty set is null in a plan."""
    if attribute is not None and attribute.use is Use.REQUIRED and found.is_null:
        return Value(attribute.type, () if attribute.type.kind == "set" else None).marked(
            found.sensitive
        )
    is_text = attribute is not None and attribute.type is STRING and attribute.default is None
    if is_text and found.text == "":
        return Value(STRING, None, sensitive=found.sensitive)
    return found


def _unshown(block: Block | None, planned: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Arguments that are written and in no plan: those that are never kept."""
    for name in members((block or {}).get("expressions")):
        is_left_out = name.endswith(WRITE_ONLY) and planned.get(name, null()).is_null
        if is_left_out and expression(block, name) is not None:
            yield name, unknown("a write-only argument is in no plan").marked()
