"""What an unknown argument of a plan stands for, from the references of its configuration.

A plan has no expressions: of `"${aws_kms_key.a.arn}"` and `replace(aws_kms_key.a.arn, …)` it says
the same. So only arguments that identify something are followed, and only attributes that do:
nobody computes a key's ARN from another's. What the plan knows cannot be why a value is unknown;
of several references that it does not know each is a choice. Locals are not in a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from grantlint.parsers.instance import AFTER_APPLY, READ
from grantlint.parsers.terraform.plan.blocks import Blocks, Path, constant, references
from grantlint.parsers.terraform.plan.document import (
    Described,
    Document,
    Json,
    members,
    names,
    text,
)
from grantlint.parsers.terraform.plan.values import has_mark
from grantlint.value import STRING, Referent, Unknown, Value

_KEY_IDS: Final = frozenset({None, "arn", "id", "key_id", "target_key_arn", "target_key_id"})
_ARN: Final = frozenset({"arn"})
_NAME: Final = frozenset({"arn", "id", "name"})
IDENTIFYING: Final = {
    "grantee_principal": _ARN,
    "key_arn": _KEY_IDS,
    "key_id": _KEY_IDS,
    "kms_key_id": _KEY_IDS,
    "kms_master_key_id": _KEY_IDS,
    "policy_arn": _ARN,
    "primary_key_arn": _KEY_IDS,
    "replica_kms_key_id": _KEY_IDS,
    "retiring_principal": _ARN,
    "role": _NAME,
    "target_key_id": _KEY_IDS,
}
"""Arguments that identify something, and by which attributes of it."""

_MOST_CHOICES: Final = 16
_MOST_STEPS: Final = 200
_STEP: Final = re.compile(r'\.?([\w-]+)|\[(\d+|"(?:[^"\\]|\\.)*")\]')
_KNOWN: Final = frozenset({"count", "path", "terraform", "tofu"})


class _OpenError(Exception):
    """What an expression refers to cannot be told."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands: a module by address, and what repeats the block."""

    module: str
    repeated: Json = None

    @property
    def path(self) -> Path:
        return names(self.module)


@dataclass(slots=True, eq=False)
class References:
    """The references of one plan."""

    blocks: Blocks
    variables: Iterable[str]
    _instances: dict[tuple[str, str, str, str], list[Described]] = field(default_factory=dict)
    _modules: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _steps: int = 0

    @classmethod
    def of(cls, document: Document, blocks: Blocks) -> References:
        """Those of a plan."""
        found = cls(blocks, document.variables.keys())
        for one in document.resources:
            key = (one.module, one.mode, one.type, one.name)
            found._instances.setdefault(key, []).append(one)
        for address in dict.fromkeys(one.module for one in document.resources):
            found._add_module(address)
        return found

    def _add_module(self, address: str) -> None:
        at = 0
        for end in [*_ends(address)]:
            name = names(address[at:end])[-1]
            listed = self._modules.setdefault((address[: max(at - 1, 0)], name), [])
            if address[:end] not in listed:
                listed.append(address[:end])
            at = end + 1

    # -- what is asked ---------------------------------------------------------------------

    def unknown(self, one: Described, name: str, written: Json) -> Unknown:
        """The unknown in an argument of that name, whose expression is `written`."""
        reason = READ if one.mode == "data" else AFTER_APPLY
        wanted = IDENTIFYING.get(name)
        if wanted is None or written is None:
            return Unknown(reason)
        block = self.blocks.resource(one) or {}
        self._steps = 0
        try:
            found = list(self._of(written, _Place(one.module, block.get("for_each_expression"))))
        except _OpenError:
            return Unknown(reason)
        distinct = list(dict.fromkeys(found))
        if not all(_is_plain(referent, wanted) for referent in distinct):
            return Unknown(reason)
        if len(distinct) == 1:
            return Unknown(reason, distinct[0])
        if not distinct or len(distinct) > _MOST_CHOICES:
            return Unknown(reason)
        choices = tuple(Value(STRING, Unknown(reason, referent)) for referent in distinct)
        return Unknown(reason, choices=choices)

    def own(self, one: Described, name: str) -> Unknown:
        """An attribute that only AWS completes."""
        return Unknown(READ if one.mode == "data" else AFTER_APPLY, _referent(one, name))

    # -- following -------------------------------------------------------------------------

    def _of(self, written: Json, place: _Place) -> Iterable[Referent]:
        """What may be unknown in an expression; raises _OpenError."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _OpenError
        for reference in references(written):
            steps = [key or name for name, key in _STEP.findall(reference)]
            head = steps[0] if steps else ""
            if head in _KNOWN or steps == ["each", "key"]:
                continue
            if head == "each":
                yield from self._of(place.repeated, place)
            elif head == "var" and len(steps) > 1:
                yield from self._variable(steps[1], place)
            elif head == "module":
                yield from self._output(steps[1:], place)
            elif head in {"local", "self", "ephemeral", ""}:
                raise _OpenError
            else:
                yield from self._resource(steps, place)

    def _variable(self, name: str, place: _Place) -> Iterable[Referent]:
        """The caller's argument; a variable of the root is known to the plan."""
        path = place.path
        if not path:
            if name not in self.variables:
                raise _OpenError
            return
        call = self.blocks.calls.get(path, {})
        around = place.module[: max(_ends(place.module)[-2:-1], default=0)]
        argument = members(call.get("expressions")).get(name)
        yield from self._of(argument, _Place(around, call.get("for_each_expression")))

    def _output(self, steps: list[str], place: _Place) -> Iterable[Referent]:
        """`module.name[key].output`."""
        name, *rest = steps or [""]
        key = rest.pop(0) if rest and _is_key(rest[0]) else None
        path = (*place.path, name)
        written = self.blocks.output(path, rest[0]) if rest else None
        called = [
            address
            for address in self._modules.get((place.module, name), ())
            if key is None or address.endswith(f"[{key}]")
        ]
        count = constant(self.blocks.calls.get(path, {}).get("count_expression"))
        if written is None or not (called or count == 0):
            raise _OpenError  # all of a module's outputs, or of a module without resources
        for address in called:
            yield from self._of(written, _Place(address))

    def _resource(self, steps: list[str], place: _Place) -> Iterable[Referent]:
        """`type.name[key].attribute`, with `data` before it for a data source."""
        mode = "data" if steps[0] == "data" else "managed"
        type, name, *rest = [*steps[mode == "data" :], "", ""][: max(len(steps), 2)]
        key = rest.pop(0) if rest and _is_key(rest[0]) else None
        attribute = rest[0] if rest and rest[0] and not _is_key(rest[0]) else None
        found = self._instances.get((place.module, mode, type, name), ())
        if not found and not self._may_be_none((place.path, mode, type, name)):
            raise _OpenError
        for one in found:
            if key is not None and not one.address.endswith(f"[{key}]"):
                continue
            hidden = members(one.unknown)
            if has_mark(one.unknown if attribute is None else hidden.get(attribute)):
                yield _referent(one, attribute)

    def _may_be_none(self, key: tuple[Path, str, str, str]) -> bool:
        """Whether a block may have no instances at all."""
        block = self.blocks.resources.get(key, {})
        return "count_expression" in block or "for_each_expression" in block


def _is_key(step: str) -> bool:
    return step.isdigit() or step.startswith('"')


def _is_plain(referent: Referent, wanted: frozenset[str | None] | frozenset[str]) -> bool:
    return referent.attribute in wanted


def _referent(one: Described, attribute: str | None) -> Referent:
    hidden = one.sensitive is True or members(one.sensitive).get("name") is True
    name = None if hidden else text(one.values.get("name"))
    return Referent(one.type, one.address, name, attribute)


_CALL: Final = re.compile(r'module\.[^.\[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?')


def _ends(module: str) -> list[int]:
    """Where each call of a module's address ends."""
    return [match.end() for match in _CALL.finditer(module)]
