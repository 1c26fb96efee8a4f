"""What the calls of AWS KMS answered, found in whatever JSON people make of it.

An answer is known by its members (`Grants`, `KeyMetadata`, `Policy`, …), not by where it stands:
alone, in an array, one behind the other, below the name of its key, or merged with others of one
key into one object. Some answers do not say which key they are of; what stands together does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from grantlint.value import Value


class Kind(Enum):
    """What was asked."""

    GRANT = "a grant"
    GRANTS = "list-grants"
    KEY = "describe-key"
    POLICY = "get-key-policy"
    ROTATION = "get-key-rotation-status"
    ALIAS = "list-aliases"
    ERROR = "an error"


@dataclass(frozen=True, slots=True)
class Answer:
    """One grant, one alias, or an answer about a key: the object that holds it."""

    kind: Kind
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that belong together; `named` is the key's id, ARN or alias that stands over them."""

    answers: tuple[Answer, ...]
    named: str | None = None

    def of(self, *kinds: Kind) -> tuple[Value, ...]:
        """The answers of these kinds."""
        return tuple(one.value for one in self.answers if one.kind in kinds)

    @property
    def asked(self) -> frozenset[Kind]:
        """What was asked about a key; grants alone tell nothing more than their list."""
        kinds = {one.kind for one in self.answers} & _ASKED
        return frozenset(kinds - {Kind.GRANT} if Kind.GRANTS in kinds else kinds)


UUID: Final = r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
NAME: Final = re.compile(rf"{UUID}|alias/\S+|arn:[^:]+:kms:[^:]*:[^:]*:(?:key|alias)/\S+")
"""What a key is called: its id, its ARN, an alias or the ARN of one."""

_DEEPEST: Final = 12
"""How deep below other objects answers are looked for."""


def groups(documents: Sequence[Value]) -> tuple[Group, ...]:
    """All answers in the values of one file."""
    return tuple(_runs([one for document in documents for one in _within(document, 0)]))


def _within(value: Value, depth: int) -> Iterator[Group]:
    if depth > _DEEPEST:
        return
    if isinstance(value.raw, tuple):
        inner = [one for member in value.elements() for one in _within(member, depth + 1)]
        yield from _runs(inner)
    elif isinstance(value.raw, Mapping):
        yield from _of_object(value, depth)


def _of_object(value: Value, depth: int) -> Iterator[Group]:
    """The answers of an object, with those of the objects in it if they can be of one key.

    They cannot where the same was asked twice. Arrays in it are of any keys.
    """
    own, inner, apart = Group(tuple(_own(value))), list[Group](), list[Group]()
    for name, member in value.items():
        if _is_answered(name, member):
            continue
        found = list(_within(member, depth + 1))
        if NAME.fullmatch(name):
            apart.append(Group(tuple(answer for one in found for answer in one.answers), name))
        elif isinstance(member.raw, Mapping):
            inner += found
        else:
            apart += found
    together = [own, *inner]
    kinds = [kind for one in together for kind in one.asked]
    if len(kinds) == len(set(kinds)) and all(one.named is None for one in inner):
        together = [Group(tuple(answer for one in together for answer in one.answers))]
    yield from (one for one in (*together, *apart) if one.answers)


def _is_answered(name: str, member: Value) -> bool:
    """Whether a member is one of those that make an object an answer."""
    if name == "Policy":
        return _is_policy(member)
    if name == "KeyMetadata":
        return member.get("KeyMetadata") is None
    return name in {"Grants", "Aliases", "Tags", "Keys"} and isinstance(member.raw, tuple)


def _own(value: Value) -> Iterator[Answer]:
    """The answers that an object is, or holds as its members."""
    grants, metadata, policy = map(value.get, ("Grants", "KeyMetadata", "Policy"))
    for one in (value, *_objects(grants), *_objects(value.get("Aliases"))):
        if one.get("GrantId") is not None and _has(one, _OF_GRANTS):
            yield Answer(Kind.GRANT, one)
        elif one.get("AliasName") is not None:
            yield Answer(Kind.ALIAS, one)
    if grants is not None and isinstance(grants.raw, tuple) and _is_list(value, grants):
        yield Answer(Kind.GRANTS, value)
    if metadata is not None and metadata.get("KeyId") is not None:
        yield Answer(Kind.KEY, metadata)
    elif value.get("KeyId") is not None and _has(value, _OF_KEYS):
        yield Answer(Kind.KEY, value)
    if (policy is not None and _is_policy(policy)) or _is_document(value):
        yield Answer(Kind.POLICY, value)
    if value.get("KeyRotationEnabled") is not None:
        yield Answer(Kind.ROTATION, value)
    if grants is None and _is_error(value):
        yield Answer(Kind.ERROR, value)


_OF_GRANTS: Final = ("GranteePrincipal", "GranteeServicePrincipal", "Operations", "IssuingAccount")
_OF_KEYS: Final = ("KeyManager", "KeyState", "KeyUsage")


def _has(value: Value, names: Iterable[str]) -> bool:
    return any(value.get(name) is not None for name in names)


def _is_list(value: Value, grants: Value) -> bool:
    """Whether it is a list of grants of AWS KMS: S3 and License Manager have grants, too."""
    members = grants.elements()
    return all(one.get("GrantId") is not None for one in members) and value.get("Owner") is None


def _objects(listed: Value | None) -> list[Value]:
    members = () if listed is None else listed.elements()
    return [one for one in members if isinstance(one.raw, Mapping)]


def _is_policy(policy: Value) -> bool:
    return policy.text is not None or policy.get("Statement") is not None


def _is_document(value: Value) -> bool:
    """A policy as it is, of `--query Policy --output text`."""
    return value.get("Statement") is not None and value.get("Version") is not None


def goes_on(grants: Value) -> bool:
    """Whether AWS has more grants than it lists here."""
    marks = [grants.get(name) for name in ("NextMarker", "NextToken")]
    truncated = grants.get("Truncated")
    return any(one is not None and one.text for one in marks) or (
        truncated is not None and truncated.raw is True
    )


def _is_error(value: Value) -> bool:
    inner = value.get("Error")
    return value.get("__type") is not None or (
        inner is not None and inner.get("Code") is not None and inner.get("Message") is not None
    )


# -- what a loop writes --------------------------------------------------------------------


def _runs(found: Iterable[Group]) -> list[Group]:
    """The answers of each run of a loop over keys as one group.

    A loop asks the same in the same order for each key: each run begins with what the first one
    began with, and is as long. Where it is not, a call has failed, nobody knows of which key, and
    all answers stay alone.
    """
    loop, rest = list[Group](), list[Group]()
    for one in found:
        (loop if one.named is None and one.asked else rest).append(one)
    runs: list[list[Group]] = []
    for one in loop:
        if one.asked == loop[0].asked:
            runs.append([])
        runs[-1].append(one)
    orders = {tuple(one.asked for one in run) for run in runs}
    if len(orders) == 1:
        loop = [Group(tuple(answer for one in run for answer in one.answers)) for run in runs]
    return [*loop, *rest]


_ASKED: Final = frozenset({Kind.GRANT, Kind.GRANTS, Kind.KEY, Kind.POLICY, Kind.ROTATION})
