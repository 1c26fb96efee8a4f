"""Values on their way from one root module into another, by way of a state.

What they refer to gets an address that no object of the other root module has (`far_address`), or
its own again where it comes home. What the first root module would be refused is not known in the
other one: its state holds what was there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from grantlint.value import Failure, Raw, Referent, Step, Unknown, Value, far_address


@dataclass(frozen=True, slots=True)
class Passage:
    """The way between two root modules, by their directories."""

    origin: str
    into: str

    def carry(self, value: Value) -> Value:
        """The value as the other root module has it; members are carried when asked for."""
        return Value(
            value.type,
            self._raw(value.raw),
            value.written,
            tuple(map(self._step, value.trail)),
            value.sensitive,
            None if value.encodes is None else self.carry(value.encodes),
        )

    def _raw(self, raw: Raw) -> Raw:
        if isinstance(raw, Unknown):
            return self._unknown(raw)
        if isinstance(raw, tuple):
            return tuple(map(self.carry, raw))
        if type(raw) is dict:
            return {key: self.carry(member) for key, member in raw.items()}
        return _Carried(raw, self) if isinstance(raw, Mapping) else raw

    def _unknown(self, cause: Unknown) -> Unknown:
        return replace(
            cause,
            refers_to=None if cause.refers_to is None else self._referent(cause.refers_to),
            parts=tuple(one if isinstance(one, str) else self.carry(one) for one in cause.parts),
            choices=tuple(map(self.carry, cause.choices)),
            failure=Failure.NONE,
            members=_Carried(cause.members, self),
            has=tuple(map(self.carry, cause.has)),
        )

    def _referent(self, referent: Referent) -> Referent:
        if not referent.root:
            address = far_address(referent.address, self.origin)
            return replace(referent, address=address, root=self.origin)
        if referent.root != self.into:
            return referent
        suffix = far_address("", referent.root)
        return replace(referent, address=referent.address.removesuffix(suffix), root="")

    def _step(self, step: Step) -> Step:
        return replace(step, module=far_address(step.module or "the root module", self.origin))


class _Carried(Mapping[str, Value]):
    """The members of a value, each carried when it is asked for."""

    __slots__ = ("_members", "_passage")

    def __init__(self, members: Mapping[str, Value], passage: Passage) -> None:
        self._members = members
        self._passage = passage

    def __getitem__(self, name: str) -> Value:
        return self._passage.carry(self._members[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)
