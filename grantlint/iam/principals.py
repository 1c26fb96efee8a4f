"""Principals: from an ARN, a service's name or a reference to a role, to who that is.

A text with holes (`arn:aws:iam::${account}:role/app`) tells as much as its literal pieces make
certain. One assumption stands behind that, without which AWS refuses the text: a hole between
two colons does not hold a colon, as no account, partition, or name in an ARN of IAM has one.

Service-linked roles are known by the path that only AWS can create roles under. The role of a
session and of a data source do not show a path; they are known by the name AWS gives.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from grantlint.value import STRING, Referent, Unknown, Value, boolean, null, string, unknown

KINDS: Final = (
    "*",  # everyone
    "root",  # an account as a whole, by the ARN of its root user
    "account",  # the same, by its bare number
    "role",
    "user",
    "group",
    "session",  # an assumed role
    "federated",  # an identity provider, or a user that came through one
    "service",
    "canonical_user",
    "unique_id",  # what IAM shows of a deleted role or user: AROA…, AIDA…
    "other",
)
"""Every `kind` there is; unknown where the text does not tell."""


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who a principal is.

    `kind` is one of KINDS; `account` twelve digits; `name` that of the role, user or group,
    without its path, of a session's role, or of an identity provider; `service` a service
    principal's name, or the service that a service-linked role belongs to. What does not apply
    is null.
    """

    kind: Value
    account: Value
    name: Value
    service: Value
    service_linked: Value

    def marked(self) -> Grantee:
        """The same, all of it sensitive."""
        return Grantee(
            self.kind.marked(),
            self.account.marked(),
            self.name.marked(),
            self.service.marked(),
            self.service_linked.marked(),
        )


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

    def marked(self) -> Principal:
        """The same, all of it sensitive."""
        return Principal(self.type.marked(), self.value.marked(), self.who.marked())


def grantee(value: Value) -> Grantee:
    """Who a principal is, from its text, its text with holes, or what it refers to."""
    found = _grantee(value)
    return found.marked() if value.sensitive else found


def principal(type: str, value: Value) -> Principal:
    """A principal of one of the types that a policy's `Principal` element has as keys."""
    return Principal(_constant(type), value, _typed(type, value))


def unknown_principal(value: Value) -> Principal:
    """Any number of principals, none of them known; `value` says why."""
    return Principal(_like(value), value, _nobody_known(value))


# -- the cases -----------------------------------------------------------------------------

_constant = lru_cache(maxsize=4096)(string)
_NULL: Final = null(STRING)
_YES: Final = boolean(True)
_NO: Final = boolean(False)

_HOLE: Final = 0xF0000  # private characters: hole number i of a text is chr(_HOLE + i)
_H: Final = "\U000f0000-\U000ffffd"
_ARN: Final = re.compile(r"arn:[^:]+:(iam|sts):[^:]*:([^:]*):(.+)", re.DOTALL)
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_UNIQUE_ID: Final = re.compile(r"A[A-Z]{2}A[A-Z0-9]{12,}(:.*)?", re.DOTALL)
_SERVICE: Final = re.compile(rf"[A-Za-z0-9{_H}-]+(\.[A-Za-z0-9{_H}-]+){{2,}}")
_HOLES: Final = re.compile(f"[{_H}]")
_SLASHED: Final = {
    "role": "role",
    "user": "user",
    "group": "group",
    "assumed-role": "session",
    "federated-user": "federated",
    "saml-provider": "federated",
    "oidc-provider": "federated",
}
_LINKED_PATH: Final = "aws-service-role/"
_LINKED_NAME: Final = "AWSServiceRole"

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
        return _of_text(raw)
    if not isinstance(raw, Unknown):
        return _other()
    if raw.choices:
        return _one_of(raw, [grantee(choice) for choice in raw.choices])
    if raw.parts:
        return _of_parts(raw)
    if raw.refers_to is not None and raw.refers_to.type in _REFERENTS:
        return _of_referent(raw, raw.refers_to)
    return _nobody_known(value)


@lru_cache(maxsize=4096)
def _of_text(text: str) -> Grantee:
    arn = _ARN.fullmatch(text)
    if arn is not None:
        return _of_resource(arn[1], _account(arn[2]), arn[3])
    if text == "*":
        return _plain("*")
    if _ACCOUNT.fullmatch(text):
        return _plain("account", account=_constant(text))
    if _UNIQUE_ID.fullmatch(text):
        return _plain("unique_id")
    if _SERVICE.fullmatch(text):
        return _plain("service", service=_constant(text))
    return _other(_account(text.partition(":")[0]))


def _of_resource(service: str, account: Value, resource: str) -> Grantee:
    """The last field of an ARN without holes, as `role/path/name` or `root`."""
    if resource == "root":
        return _plain("root", account=account)
    head, slash, rest = resource.partition("/")
    kind = _SLASHED.get(head) if slash else None
    if kind is None:
        return _other(account)
    linked, owner, name = _NO, _NULL, rest
    if head == "role":
        name = rest.rpartition("/")[2]
        if rest.startswith(_LINKED_PATH):
            linked = _YES
            owner = _constant(rest.removeprefix(_LINKED_PATH).partition("/")[0])
    elif head in {"user", "group"}:
        name = rest.rpartition("/")[2]
    elif head == "assumed-role":
        name = rest.partition("/")[0]
        if service == "sts" and name.startswith(_LINKED_NAME):
            linked, owner = _YES, unknown(f"the name {name} does not tell the service")
    return Grantee(_constant(kind), account, _constant(name), owner, linked)


def _of_referent(cause: Unknown, refers_to: Referent) -> Grantee:
    """An attribute that only AWS knows, of a role or user of the estate or of a data source."""
    hidden = _why(cause)
    name = hidden if refers_to.name is None else _constant(refers_to.name)
    linked, owner = _NO, _NULL
    if refers_to.type == "aws_iam_service_linked_role":
        linked, owner = _YES, hidden
    elif refers_to.type == "aws_autoscaling_group":
        linked, owner, name = _YES, _constant("autoscaling.amazonaws.com"), hidden
    elif refers_to.type == "aws_iam_roles":
        linked = owner = name = hidden
    elif refers_to.type == "aws_iam_role" and ".data." in f".{refers_to.address}":
        if refers_to.name is None:
            linked = owner = hidden
        elif refers_to.name.startswith(_LINKED_NAME):
            linked, owner = _YES, hidden
    return Grantee(_constant(_REFERENTS[refers_to.type]), hidden, name, owner, linked)


# -- text with holes -----------------------------------------------------------------------


def _of_parts(cause: Unknown) -> Grantee:
    holes = [part for part in cause.parts if isinstance(part, Value)]
    index = iter(range(len(holes)))
    text = "".join(
        _HOLES.sub("\ufffd", part) if isinstance(part, str) else chr(_HOLE + next(index))
        for part in cause.parts
    )
    pieces = _Pieces(cause, tuple(holes))
    arn = _ARN.fullmatch(text)
    if arn is not None:
        return pieces.resource(pieces.account(arn[2]), arn[3])
    if ":" in text and (_HOLES.match(text) or text.startswith("arn:")):
        before, _, resource = text.rpartition(":")
        account = before.rpartition(":")[2]
        known = _constant(account) if _ACCOUNT.fullmatch(account) else _why(cause)
        return pieces.resource(known, resource)
    if _SERVICE.fullmatch(text) and (_known_start(text) or text.endswith(".amazonaws.com")):
        service = pieces.leaf(text)
        return Grantee(_constant("service"), _NULL, _NULL, service, _NO)
    return _nobody_known(Value(STRING, cause))


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of a text with holes, as Values."""

    cause: Unknown
    holes: tuple[Value, ...]

    def leaf(self, text: str) -> Value:
        """A piece: known, one hole, or again a text with holes."""
        found = list(_HOLES.finditer(text))
        if not found:
            return _constant(text)
        if len(text) == 1:
            return self.holes[ord(text) - _HOLE]
        parts: list[str | Value] = []
        end = 0
        for match in found:
            parts += [text[end : match.start()], self.holes[ord(match[0]) - _HOLE]]
            end = match.end()
        parts.append(text[end:])
        kept = tuple(part for part in parts if part != "")
        return unknown(self.cause.reason, type=STRING, parts=kept)

    def account(self, text: str) -> Value:
        """The account field of an ARN."""
        return self.leaf(text) if _HOLES.search(text) else _account(text)

    def resource(self, account: Value, resource: str) -> Grantee:
        """The last field of an ARN, as far as its literal beginning decides."""
        hidden = _why(self.cause)
        hole = _HOLES.search(resource)
        if hole is None:
            found = _of_resource("sts", account, resource)
            # What follows the last colon may be the tail of a name: an unknown text, not a fault.
            return found if found.kind.raw != "other" else self._unknown_kind(account)
        start = resource[: hole.start()]
        fits = [
            head for head in _SLASHED if start and f"{head}/".startswith(start[: len(head) + 1])
        ]
        if len(fits) != 1 or "root".startswith(start):
            return self._unknown_kind(account)
        head = fits[0]
        kind = _constant(_SLASHED[head])
        rest = start[len(head) + 1 :]
        if head == "role":
            linked, owner = self._linked(rest)
            return Grantee(kind, account, self._name(resource), owner, linked)
        if head == "assumed-role":
            name = rest.partition("/")
            if name[1]:
                return _of_resource("sts", account, start)
            linked = hidden if _may_begin(name[0], _LINKED_NAME) else _NO
            return Grantee(kind, account, hidden, hidden if linked is hidden else _NULL, linked)
        return Grantee(kind, account, self._name(resource), _NULL, _NO)

    def _linked(self, path: str) -> tuple[Value, Value]:
        """Whether a role is service-linked and whose, from the literal beginning of its path."""
        hidden = _why(self.cause)
        if path.startswith(_LINKED_PATH):
            service, slash, _ = path.removeprefix(_LINKED_PATH).partition("/")
            return _YES, _constant(service) if slash else hidden
        return (hidden, hidden) if _LINKED_PATH.startswith(path) else (_NO, _NULL)

    def _name(self, resource: str) -> Value:
        """The name at the end of a path. A hole may hold a slash: only what follows is certain."""
        last = resource.rpartition("/")[2]
        holes = list(_HOLES.finditer(last))
        return self.leaf(last[holes[-1].start() :] if holes else last)

    def _unknown_kind(self, account: Value) -> Grantee:
        hidden = _why(self.cause)
        return Grantee(hidden, account, hidden, hidden, hidden)


def _known_start(text: str) -> bool:
    return not _HOLES.match(text)


def _may_begin(start: str, prefix: str) -> bool:
    return start.startswith(prefix) or prefix.startswith(start)


# -- small ones ----------------------------------------------------------------------------


def _typed(type: str, value: Value) -> Grantee:
    if value.text == "*" and type in {"AWS", "Service", "*"}:
        found = _plain("*")
    elif type == "AWS":
        return grantee(value)
    elif type == "Service":
        found = _plain("service", service=value)
    elif type == "Federated":
        inner = _grantee(value)
        found = Grantee(_constant("federated"), inner.account, inner.name, _NULL, _NO)
    elif type == "CanonicalUser":
        found = _plain("canonical_user")
    else:
        found = _nobody_known(value) if value.unknown is not None else _other()
    return found.marked() if value.sensitive else found


def _one_of(cause: Unknown, found: list[Grantee]) -> Grantee:
    """What several alternatives have in common, field by field."""
    return Grantee(
        _agreed(cause, [one.kind for one in found]),
        _agreed(cause, [one.account for one in found]),
        _agreed(cause, [one.name for one in found]),
        _agreed(cause, [one.service for one in found]),
        _agreed(cause, [one.service_linked for one in found]),
    )


def _agreed(cause: Unknown, values: list[Value]) -> Value:
    sensitive = any(value.sensitive for value in values)
    if any(value.unknown is not None for value in values):
        return _why(cause).marked(sensitive)
    distinct = list({(type(value.raw), value.raw): value for value in values}.values())
    if len(distinct) == 1:
        return distinct[0].marked(sensitive)
    return unknown(cause.reason, choices=tuple(distinct)).marked(sensitive)


def _plain(kind: str, account: Value = _NULL, service: Value = _NULL) -> Grantee:
    return Grantee(_constant(kind), account, _NULL, service, _NO)


def _other(account: Value = _NULL) -> Grantee:
    return Grantee(_constant("other"), account, _NULL, _NULL, _NO)


def _account(text: str) -> Value:
    return _constant(text) if _ACCOUNT.fullmatch(text) else _NULL


def _like(value: Value) -> Value:
    """An unknown for the same reason, without what was known of that value."""
    cause = value.unknown
    reason = cause.reason if cause is not None else 'a principal is "*" or an object'
    return unknown(reason, value.written, type=STRING).marked(value.sensitive)


def _why(cause: Unknown) -> Value:
    return unknown(cause.reason, refers_to=cause.refers_to)


def _nobody_known(value: Value) -> Grantee:
    hidden = _like(value) if value.unknown is None else _why(value.unknown)
    return Grantee(hidden, hidden, hidden, hidden, hidden)
