"""Who a principal is, from a text: an ARN, an account's number, a service's name.

Service-linked roles are known by the path that only AWS can create roles under. The role of a
session does not show its path; it is known by the name AWS gives.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from grantlint.value import STRING, Truth, Unknown, Value, boolean, null, string, unknown

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
PEOPLE: Final = ("role", "user", "session", "federated")
"""Kinds that stand for someone who calls AWS KMS, other than a service."""
WHOLE: Final = ("root", "account")
"""Kinds that stand for an account as a whole."""


constant = lru_cache(maxsize=4096)(string)
NULL: Final = null(STRING)
YES: Final = boolean(True)
NO: Final = boolean(False)


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who a principal is.

    `kind` is one of KINDS; `account` twelve digits; `name` that of the role, user or group,
    without its path, of a session's role, or of an identity provider; `service` a service
    principal's name, or the service that a service-linked role belongs to. What does not apply
    is null. Of a principal that is one of a few, `alternatives` are these: the fields above
    are what they have in common, and do not tell which account goes with which kind.
    `trusted` is whether its account is the key's own or one that the user trusts (see `trust`).
    """

    kind: Value
    account: Value
    name: Value
    service: Value
    service_linked: Value
    alternatives: tuple[Grantee, ...] = ()
    trusted: Value = NO

    def marked(self) -> Grantee:
        """The same, all of it sensitive."""
        return Grantee(
            self.kind.marked(),
            self.account.marked(),
            self.name.marked(),
            self.service.marked(),
            self.service_linked.marked(),
            tuple(one.marked() for one in self.alternatives),
            self.trusted.marked(),
        )

    def made_by_aws(self) -> Truth:
        """Whether it is a session that a service makes for itself, as EC2 does for its volumes.

        They are called `aws:…`, which no role can be.
        """
        return self.name.starts_with("aws:") & self.kind.equals("session")

    def each(self) -> tuple[Grantee, ...]:
        """The alternatives, or the one that there is."""
        return self.alternatives or (self,)


ARN: Final = re.compile(r"arn:[^:]+:(iam|sts):[^:]*:([^:]*):(.+)", re.DOTALL)
ACCOUNT: Final = re.compile(r"[0-9]{12}")
_UNIQUE_ID: Final = re.compile(r"A[A-Z]{2}A[A-Z0-9]{12,}(:.*)?", re.DOTALL)
SERVICE: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){2,}")
SLASHED: Final = {
    "role": "role",
    "user": "user",
    "group": "group",
    "assumed-role": "session",
    "federated-user": "federated",
    "saml-provider": "federated",
    "oidc-provider": "federated",
}
LINKED_PATH: Final = "aws-service-role/"
LINKED_NAME: Final = "AWSServiceRole"
RESERVED_NAME: Final = "AWSServiceRoleFor"
"""What AWS's own commands call service-linked roles when they leave out the path.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-prerequisites.html
"""


@lru_cache(maxsize=4096)
def of_text(text: str) -> Grantee:
    """Who a known text names."""
    arn = ARN.fullmatch(text)
    if arn is not None:
        return of_resource(arn[1], account_of(arn[2]), arn[3])
    if text == "*":
        return plain("*")
    if ACCOUNT.fullmatch(text):
        return plain("account", account=constant(text))
    if _UNIQUE_ID.fullmatch(text):
        return plain("unique_id")
    if SERVICE.fullmatch(text):
        return plain("service", service=constant(text))
    return other(account_of(text.partition(":")[0]))


def of_resource(service: str, account: Value, resource: str) -> Grantee:
    """The last field of an ARN without holes, as `role/path/name` or `root`."""
    if resource == "root":
        return plain("root", account=account)
    head, slash, rest = resource.partition("/")
    kind = SLASHED.get(head) if slash else None
    if kind is None:
        return other(account)
    linked, owner, name = NO, NULL, rest
    if head == "role":
        name = rest.rpartition("/")[2]
        if rest.startswith(LINKED_PATH):
            linked = YES
            owner = constant(rest.removeprefix(LINKED_PATH).partition("/")[0])
        elif name == rest and name.startswith(RESERVED_NAME):
            linked, owner = YES, unknown(f"the name {name} does not tell the service")
    elif head in {"user", "group"}:
        name = rest.rpartition("/")[2]
    elif head == "assumed-role":
        name = rest.partition("/")[0]
        if service == "sts" and name.startswith(LINKED_NAME):
            linked, owner = YES, unknown(f"the name {name} does not tell the service")
    return Grantee(constant(kind), account, constant(name), owner, linked)


# -- small ones ----------------------------------------------------------------------------


def plain(kind: str, account: Value = NULL, service: Value = NULL) -> Grantee:
    """Someone with a kind and nothing else but this."""
    return Grantee(constant(kind), account, NULL, service, NO)


def other(account: Value = NULL) -> Grantee:
    """Someone of no kind that is known here."""
    return Grantee(constant("other"), account, NULL, NULL, NO)


def account_of(text: str) -> Value:
    """The text if it is an account, else null."""
    return constant(text) if ACCOUNT.fullmatch(text) else NULL


def why(cause: Unknown) -> Value:
    """A derived fact that is not known, for the same reason."""
    return unknown(cause.reason, refers_to=cause.refers_to)


def nobody_known(value: Value) -> Grantee:
    """Someone of whom nothing is known; `value` says why."""
    cause = value.unknown or Unknown('a principal is "*" or an object')
    hidden = why(cause)
    return Grantee(hidden, hidden, hidden, hidden, hidden)
