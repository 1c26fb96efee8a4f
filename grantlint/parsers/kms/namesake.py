"""Roles and users of the configuration that a grant names by a text instead of a reference.

Terraform sees no dependency in `"arn:aws:iam::${local.account}:role/etl"`. Whether the role of that
name is the one depends on the account, which the text or the provider may leave open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from grantlint.iam.principals import grantee
from grantlint.model import Namesake
from grantlint.parsers.instance import Instance
from grantlint.value import Truth, Unknown, Value

KINDS: Final = {"aws_iam_role": "role", "aws_iam_user": "user"}
ARGUMENTS: Final = ("grantee_principal", "retiring_principal")
_NO_VALUE: Final = " has no value"


def names(principal: Value) -> Iterator[Value]:
    """The name in each alternative of a text; service-linked roles are made once and for all."""
    cause = principal.unknown
    if principal.sensitive or (cause is not None and not cause.parts and not cause.choices):
        return
    for who in grantee(principal).each():
        if who.kind.text in KINDS.values() and who.service_linked.equals(True) is not Truth.YES:
            yield who.name


def namesakes(grant: Instance, planned: Value, people: Sequence[Instance]) -> Iterator[Namesake]:
    """Those of `people` whom a principal of a grant names; none that is replaced with it."""
    if b"replace_triggered_by" in grant.span.source.data[grant.span.start : grant.span.end]:
        return
    for argument in ARGUMENTS:
        principal = planned.get(argument)
        if principal is None or not _is_seen(grant, principal):
            continue
        for name in names(principal):
            for person in people:
                if _refers(principal, person):
                    continue
                same = _same(grant, principal, name, person)
                if same is not Truth.NO:
                    yield Namesake(argument, person.address, same, person.header)


def _is_seen(grant: Instance, principal: Value) -> bool:
    """Whether it is known how a text is written: plans and states have the texts of references."""
    return principal.written is not None or grant.source not in _EVALUATED


_EVALUATED: Final = frozenset({"terraform-plan", "terraform-state"})


def _refers(principal: Value, person: Instance) -> bool:
    """Whether a text came through a reference to that very role or user."""
    for step in principal.trail:
        if step.kind == "resource":
            address = f"{step.module}.{step.name}" if step.module else step.name
            if person.address == address or person.address.startswith(f"{address}["):
                return True
    return False


def _same(grant: Instance, principal: Value, name: Value, person: Instance) -> Truth:
    """Whether the text means that role or user: the kind, the name and the account are its own."""
    who = grantee(principal)
    named = person.content.argument("name")
    if named is None or named.sensitive or who.kind.text != KINDS[person.type]:
        return Truth.NO
    if not _alike(name, named):
        return Truth.NO
    return _account(grant, who.account, person) & person.exists & _only(principal)


def _alike(name: Value, other: Value) -> bool:
    """Whether two names are the same text, or that of the same variable that has no value."""
    if name.text is not None or other.text is not None:
        return name.text == other.text and bool(name.text)
    return _form(name) is not None and _form(name) == _form(other)


def _form(name: Value) -> tuple[str, ...] | None:
    """What a text with holes is made of, if all its holes are variables without a value."""
    cause = name.unknown
    pieces: tuple[str | Value, ...] = () if cause is None else cause.parts or (name,)
    form = [piece if isinstance(piece, str) else _variable(piece.unknown) for piece in pieces]
    return tuple(map(str, form)) if form and None not in form else None


def _variable(cause: Unknown | None) -> str | None:
    found = cause is not None and not cause.choices and cause.reason.endswith(_NO_VALUE)
    return cause.reason if cause is not None and found else None


def _account(grant: Instance, named: Value, person: Instance) -> Truth:
    own = person.provider.account
    if named.text is not None:
        return Truth.of(named.text == own.text) if own.text is not None else Truth.MAYBE
    if named.is_null:
        return Truth.NO
    referent = named.unknown.refers_to if named.unknown is not None else None
    here = referent is not None and referent.type == "aws_caller_identity"
    return Truth.YES if here and grant.provider == person.provider else Truth.MAYBE


def _only(principal: Value) -> Truth:
    cause = principal.unknown
    return Truth.MAYBE if cause is not None and cause.choices else Truth.YES
