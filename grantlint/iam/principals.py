"""Principals: from a policy's or a grant's value to who that is.

A reference to a role, user or identity provider that only AWS knows the ARN of tells its kind. The
role of a data source does not show its path: it is service-linked if it has a name that AWS gives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.grantee import (
    LINKED_NAME,
    NO,
    NULL,
    YES,
    Grantee,
    constant,
    nobody_known,
    of_text,
    other,
    plain,
    why,
)
from grantlint.iam.holes import of_parts
from grantlint.value import STRING, Referent, Truth, Unknown, Value, unknown


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal of a statement; `type` is AWS, Service, Federated, CanonicalUser or `*`.

    Where `type` or a whole list is unknown, one such principal stands for any number of them.
    """

    type: Value
    value: Value
    who: Grantee

    @property
    def kind(self) -> Value:
        """What it is, see KINDS."""
        return self.who.kind

    @property
    def account(self) -> Value:
        """The account it belongs to."""
        return self.who.account

    @property
    def trusted(self) -> Value:
        """Whether its account is no stranger's, see `Grantee`."""
        return self.who.trusted

    def marked(self) -> Principal:
        """The same, all of it sensitive."""
        return Principal(self.type.marked(), self.value.marked(), self.who.marked())


def grantee(value: Value) -> Grantee:
    """Who a principal is, from its text, its text with holes, or what it refers to."""
    found = _grantee(value)
    return found.marked() if value.sensitive else found


def principal(type: str, value: Value) -> Principal:
    """A principal of one of the types that a policy's `Principal` element has as keys."""
    return Principal(constant(type), value, _typed(type, value))


def unknown_principal(value: Value) -> Principal:
    """Any number of principals, none of them known; `value` says why."""
    return Principal(_like(value), value, nobody_known(value))


def alternatives(one: Principal) -> tuple[Principal, ...]:
    """The principal for each of the values that it can have, in their order; else itself."""
    cause = one.value.unknown
    if cause is None or not cause.choices or one.type.text is None:
        return (one,)
    sensitive, type = one.value.sensitive, one.type.text
    found = tuple(principal(type, choice.marked(sensitive)) for choice in cause.choices)
    known = one.who.alternatives
    if len(known) != len(found):  # one of them is itself one of several
        return tuple(_trusted(each, one.trusted) for each in found)
    return tuple(_trusted(each, it.trusted) for each, it in zip(found, known, strict=True))


def _trusted(one: Principal, trusted: Value) -> Principal:
    return replace(one, who=replace(one.who, trusted=trusted))


def same(one: Principal, other: Principal) -> Truth:
    """Whether two principals are the same one, as far as their texts or references tell."""
    if one.type.text != other.type.text and None not in {one.type.text, other.type.text}:
        return Truth.NO
    kinds = {one.kind.text, other.kind.text}
    return Truth.NO if len(kinds - {None}) > 1 else same_text(one.value, other.value)


def same_text(one: Value, other: Value) -> Truth:
    """Whether two texts are equal; of what only AWS knows, whether they refer to the same."""
    if one.text is not None:
        return other.equals(one.text)
    cause, another = one.unknown, other.unknown
    if other.text is not None or cause is None or another is None:
        return one.equals(other.text) if other.text is not None else Truth.MAYBE
    if cause.parts and len(cause.parts) == len(another.parts):
        pairs = zip(cause.parts, another.parts, strict=True)
        return Truth.MAYBE if any(not _alike(*pair) for pair in pairs) else Truth.YES
    return Truth.YES if _refer(cause, another) else Truth.MAYBE


def _alike(one: str | Value, other: str | Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return same_text(one, other) is Truth.YES


def _refer(one: Unknown, other: Unknown) -> bool:
    """Whether both stand for the same of the estate, and for nothing made of it."""
    if one.parts or other.parts or one.refers_to is None or other.refers_to is None:
        return False
    return one.refers_to.address == other.refers_to.address


# -- the cases -----------------------------------------------------------------------------

_REFERENTS: Final = {
    "aws_iam_role": "role",
    "aws_iam_roles": "role",
    "aws_iam_service_linked_role": "role",
    "aws_autoscaling_group": "role",  # its service_linked_role_arn
    "aws_iam_user": "user",
    "aws_iam_group": "group",
    "aws_iam_openid_connect_provider": "federated",
    "aws_iam_saml_provider": "federated",
}


def _grantee(value: Value) -> Grantee:
    raw = value.raw
    if isinstance(raw, str):
        return of_text(raw)
    if not isinstance(raw, Unknown):
        return other()
    if raw.choices:
        return _one_of(raw, [grantee(choice) for choice in raw.choices])
    if raw.parts:
        return of_parts(raw)
    if raw.refers_to is not None and _tells(raw.refers_to):
        return _of_referent(raw, raw.refers_to)
    return nobody_known(value)


def _tells(refers_to: Referent) -> bool:
    """Whether its type tells who it is; a group that is read from AWS has users in it."""
    of_type = refers_to.type in _REFERENTS
    return of_type and not (refers_to.type == "aws_iam_group" and _is_read(refers_to))


def _is_read(refers_to: Referent) -> bool:
    """Whether it is a data source."""
    return ".data." in f".{refers_to.address}"


def _of_referent(cause: Unknown, refers_to: Referent) -> Grantee:
    """An attribute that only AWS knows, of a role or user of the estate or of a data source."""
    hidden = why(cause)
    name = hidden if refers_to.name is None else constant(refers_to.name)
    linked, owner = NO, NULL
    if refers_to.type == "aws_iam_service_linked_role":
        linked, owner = YES, hidden
    elif refers_to.type == "aws_autoscaling_group":
        linked, owner, name = YES, constant("autoscaling.amazonaws.com"), hidden
    elif refers_to.type == "aws_iam_roles":
        linked = owner = name = hidden
    elif refers_to.type == "aws_iam_role" and _is_read(refers_to):
        if refers_to.name is None:
            linked = owner = hidden
        elif refers_to.name.startswith(LINKED_NAME):
            linked, owner = YES, hidden
    return Grantee(constant(_REFERENTS[refers_to.type]), hidden, name, owner, linked)


def _typed(type: str, value: Value) -> Grantee:
    if value.text == "*" and type in {"AWS", "Service", "*"}:
        found = plain("*")
    elif type == "AWS":
        return grantee(value)
    elif type == "Service":
        found = plain("service", service=value)
    elif type == "Federated":
        inner = _grantee(value)
        found = Grantee(constant("federated"), inner.account, inner.name, NULL, NO)
    elif type == "CanonicalUser":
        found = plain("canonical_user")
    else:
        found = nobody_known(value) if value.unknown is not None else other()
    return found.marked() if value.sensitive else found


# -- alternatives --------------------------------------------------------------------------


def _one_of(cause: Unknown, found: list[Grantee]) -> Grantee:
    """What several alternatives have in common, field by field."""
    return Grantee(
        _agreed(cause, [one.kind for one in found]),
        _agreed(cause, [one.account for one in found]),
        _agreed(cause, [one.name for one in found]),
        _agreed(cause, [one.service for one in found]),
        _agreed(cause, [one.service_linked for one in found]),
        tuple(each for one in found for each in one.each()),
    )


def _agreed(cause: Unknown, values: list[Value]) -> Value:
    sensitive = any(value.sensitive for value in values)
    if any(value.unknown is not None for value in values):
        return why(cause).marked(sensitive)
    distinct = list({(type(value.raw), value.raw): value for value in values}.values())
    if len(distinct) == 1:
        return distinct[0].marked(sensitive)
    return unknown(cause.reason, choices=tuple(distinct)).marked(sensitive)


def _like(value: Value) -> Value:
    """An unknown for the same reason, without what was known of that value."""
    cause = value.unknown
    reason = cause.reason if cause is not None else 'a principal is "*" or an object'
    return unknown(reason, value.written, type=STRING).marked(value.sensitive)
