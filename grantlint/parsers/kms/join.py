"""Which key of the estate a value means: by reference, by literal id, or through an alias.

`aws_kms_key.a.arn` is an unknown that remembers what it refers to, also through modules, aliases
and data sources; that is what joins grants, policies and aliases to their keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from grantlint.parsers.instance import Instance, Provider
from grantlint.value import Referent, Unknown, Value

KEYS: Final = frozenset(
    {
        "aws_kms_key",
        "aws_kms_external_key",
        "aws_kms_replica_key",
        "aws_kms_replica_external_key",
    }
)
_POINTERS: Final = {  # what else refers to a key, and by which attribute
    ("managed", "aws_kms_alias"): "target_key_id",
    ("managed", "aws_kms_grant"): "key_id",
    ("managed", "aws_kms_key_policy"): "key_id",
    ("data", "aws_kms_alias"): "name",
    ("data", "aws_kms_key"): "key_id",
}
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Target:
    """The keys that a value can mean, by address; None among them is one outside the estate.

    `known` says that there are no others. `beyond` is the key of another root module that is
    certainly meant, which this one knows by its state only.
    """

    addresses: tuple[str | None, ...]
    known: bool
    beyond: Referent | None = None

    @property
    def address(self) -> str | None:
        """The one key of the estate that is certainly meant."""
        return self.addresses[0] if self.known and len(self.addresses) == 1 else None

    @property
    def outside(self) -> bool:
        """Whether it is certainly none of the estate."""
        return self.known and self.addresses == (None,)


_OUTSIDE: Final = Target((None,), known=True)
_ANY: Final = Target((), known=False)


@dataclass(slots=True, eq=False)
class Keys:
    """The keys of an estate and everything that points to one."""

    _addresses: set[str] = field(default_factory=set)
    _literals: dict[str, str] = field(default_factory=dict)
    _pointers: dict[str, tuple[Value, Provider]] = field(default_factory=dict)
    _aliases: dict[str, list[tuple[Value, Provider]]] = field(default_factory=dict)
    _unnamed_alias: bool = False

    @classmethod
    def of(cls, resources: Iterable[tuple[Instance, Value]]) -> Keys:
        """Everything among these resources that is a key or points to one."""
        keys = cls()
        for instance, planned in resources:
            if instance.mode == "managed" and instance.type in KEYS:
                keys._add_key(instance, planned)
                continue
            attribute = _POINTERS.get((instance.mode, instance.type))
            pointer = planned.get(attribute) if attribute is not None else None
            if pointer is None:
                continue
            keys._pointers[instance.address] = pointer, instance.provider
            if instance.mode == "managed" and instance.type == "aws_kms_alias":
                keys._add_alias(planned.get("name"), pointer, instance.provider)
        return keys

    def _add_key(self, instance: Instance, planned: Value) -> None:
        self._addresses.add(instance.address)
        for name in ("arn", "key_id", "id"):  # known where the estate is read from a plan
            value = planned.get(name)
            if value is not None and value.text is not None:
                self._literals[value.text] = instance.address

    def _add_alias(self, name: Value | None, target: Value, provider: Provider) -> None:
        if name is None or name.text is None:
            self._unnamed_alias = True
        else:
            self._aliases.setdefault(name.text, []).append((target, provider))

    def target(self, value: Value, provider: Provider, depth: int = 0) -> Target:
        """What a key id, key ARN or alias means, where `provider` is used."""
        if depth > _DEEPEST:
            return _ANY
        if value.text is not None:
            return self._literal(value.text, provider, depth)
        cause = value.unknown
        if cause is None:
            return _OUTSIDE
        if cause.choices:
            return _union([self.target(one, provider, depth + 1) for one in cause.choices])
        return self._referred(_key_in(cause), depth)

    def pointer(self, address: str) -> Value | None:
        """What an alias, grant or data source at that address says which key it is for."""
        found = self._pointers.get(address)
        return found[0] if found is not None else None

    def _literal(self, text: str, provider: Provider, depth: int) -> Target:
        if text in self._literals:
            return Target((self._literals[text],), known=True)
        if not text.startswith("alias/"):
            return _OUTSIDE
        found = [
            (self.target(target, owner, depth + 1), owner)
            for target, owner in self._aliases.get(text, ())
            if provider.may_be(owner)
        ]
        if len(found) == 1 and found[0][1] == provider:
            return found[0][0]
        if not found:
            return _ANY if self._unnamed_alias else _OUTSIDE
        possible = _union([target for target, _ in found])
        return Target(possible.addresses, known=False)

    def _referred(self, cause: Unknown, depth: int) -> Target:
        refers_to = cause.refers_to
        if refers_to is None:
            return _ANY
        if refers_to.address in self._addresses:
            return Target((refers_to.address,), known=True)
        pointer = self._pointers.get(refers_to.address)
        if pointer is not None:
            return self.target(*pointer, depth + 1)
        return Target((), known=False, beyond=refers_to) if refers_to.root else _ANY


def _key_in(cause: Unknown) -> Unknown:
    """Of a key ARN that is put together, the hole with the key's id."""
    if not cause.parts:
        return cause
    *_, before, last = ("", *cause.parts)
    inner = last.unknown if isinstance(last, Value) else None
    if inner is not None and isinstance(before, str) and before.endswith(":key/"):
        return inner
    return Unknown(cause.reason)


def _union(targets: list[Target]) -> Target:
    addresses = dict.fromkeys(one for target in targets for one in target.addresses)
    return Target(tuple(addresses), all(target.known for target in targets))
