"""What a custom resource or a state machine makes of AWS KMS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from grantlint.model import Note
from grantlint.value import OBJECT, Truth, Unknown, Value, object_

Attribute = Callable[[str, str], Value | None]
"""An attribute of a resource by address and name, where what it will be stands in the template."""

AWS_CUSTOM_RESOURCE: Final = "AwsCustomResource"
CUSTOM_RESOURCE: Final = "custom resource"
STATE_MACHINE: Final = "state machine"


@dataclass(frozen=True, slots=True)
class Made:
    """One grant that a resource makes.

    `name` goes behind the resource's address, and is empty where it makes one only. `parameters`
    are those of CreateGrant, by their names there. `ends_by` is what ends the grant when the
    resource is deleted: revoke, retire, never or unknown. `region` and `role` are where else than
    in the stack's region and account the grant is made. `kind` is what makes it, in words.
    `standing` is MAYBE where it is not made when the stack is, and `condition` says when it is.
    """

    name: str
    parameters: Value
    ends_by: str
    kind: str
    region: Value | None = None
    role: Value | None = None
    standing: Truth = Truth.YES
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenPolicy:
    """One key policy that a resource writes with PutKeyPolicy; the fields are those of `Made`."""

    name: str
    key_id: Value
    policy: Value
    unchecked: Value
    kind: str
    region: Value | None = None
    role: Value | None = None
    standing: Truth = Truth.YES
    condition: str | None = None

    @property
    def attributes(self) -> Value:
        """The planned attributes of an aws_kms_key_policy that says the same."""
        members = {
            "bypass_policy_lockout_safety_check": self.unchecked,
            "key_id": self.key_id,
            "policy": self.policy,
        }
        return object_(members, self.policy.written)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a resource makes of AWS KMS, and what of it cannot be seen."""

    grants: tuple[Made, ...] = ()
    policies: tuple[WrittenPolicy, ...] = ()
    notes: tuple[Note, ...] = ()


# -- alternatives --------------------------------------------------------------------------

_DEEPEST_CHOICES: Final = 2


def alternatives(value: Value, depth: int = 0) -> Iterator[tuple[str | None, Value]]:
    """The values that it can have, each with what must be so for it, in words."""
    cause = value.unknown
    if cause is None or not cause.choices or depth == _DEEPEST_CHOICES:
        yield None, value
        return
    for index, choice in enumerate(cause.choices):
        for inner, one in alternatives(choice.marked(value.sensitive), depth + 1):
            yield joined(cause.where(index), inner), one


def joined(*conditions: str | None) -> str | None:
    """Conditions that must all be so."""
    return " and ".join(one for one in conditions if one) or None


def member(tree: Value, name: str) -> Value | None:
    """A member of an object by its name, else by its name in other cases; None for a null."""
    found = tree.get(name)
    if found is None:
        wanted = name.lower()
        found = next((one for key, one in tree.items() if key.lower() == wanted), None)
    return None if found is None or found.is_null else found


def empty(like: Value) -> Value:
    """An object without members, in the place of another value."""
    return Value(OBJECT, {}, like.written)


# -- sameness ------------------------------------------------------------------------------


def same(one: Value, other: Value) -> bool:
    """Whether two values are written alike, wherever they stand.

    What is not known is the same when it is not known for the same reason, of the same thing.
    """
    pending = [(one, other)]
    while pending:
        left, right = pending.pop()
        ours, theirs = left.raw, right.raw
        if isinstance(ours, tuple) and isinstance(theirs, tuple):
            if len(ours) != len(theirs):
                return False
            pending += zip(ours, theirs, strict=True)
        elif isinstance(ours, Unknown) and isinstance(theirs, Unknown):
            if not _same_cause(ours, theirs):
                return False
            pending += zip(_held(ours), _held(theirs), strict=True)
        elif left.items() and right.items():
            pairs = dict(left.items()), dict(right.items())
            if pairs[0].keys() != pairs[1].keys():
                return False
            pending += ((pairs[0][key], pairs[1][key]) for key in pairs[0])
        elif type(ours) is not type(theirs) or ours != theirs:
            return False
    return True


def _same_cause(one: Unknown, other: Unknown) -> bool:
    if one.reason != other.reason or _shape(one) != _shape(other):
        return False
    ours, theirs = one.refers_to, other.refers_to
    if ours is None or theirs is None:
        return ours is theirs
    return (ours.address, ours.attribute) == (theirs.address, theirs.attribute)


def _shape(cause: Unknown) -> Iterable[object]:
    return [*(part if isinstance(part, str) else None for part in cause.parts), len(cause.choices)]


def _held(cause: Unknown) -> list[Value]:
    """The values inside; a hole of a text that is itself needs no second look."""
    holes = [part for part in cause.parts if isinstance(part, Value)]
    return [*holes, *cause.choices]
