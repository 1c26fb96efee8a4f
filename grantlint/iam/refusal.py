"""Why a grant cannot have a principal: neither AWS KMS nor the provider takes everything.

AWS KMS takes the ARNs of roles, users, sessions of both and whole accounts; the provider takes the
names of services too. A text with holes is refused where nothing that fills them can help. A
reference to something that has no principal is perhaps refused: a function may have made one of it.
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from grantlint.iam.grantee import NULL, SERVICE, constant, why
from grantlint.iam.holes import may_begin
from grantlint.iam.naming import quoted
from grantlint.value import Unknown, Value, unknown


def refusal(principal: Value, *, optional: bool = False) -> Value:
    """Why a grant cannot have this principal, as the end of a sentence that names its part.

    Null where it can, or where there is none; an `optional` one that is empty is none. With
    choices where it perhaps cannot.
    """
    possible: list[Value] = []
    for reason in _reasons(principal, optional):
        if reason not in possible:
            possible.append(reason)
    cause = principal.unknown
    if len(possible) == 1 or cause is None:
        return possible[0]
    return unknown(cause.reason, choices=tuple(possible))


def policy_refusal(principal: Value) -> Value:
    """Why a policy cannot have this principal of type AWS; null where it can or may.

    It can have what a grant can, but no service; and everyone, an account's number, a unique id and
    what CloudFront has in its place.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    cause, text = principal.unknown, principal.text
    if _is_secret(principal):
        return NULL
    if text is not None and SERVICE.fullmatch(text):
        return constant(f"{quoted(text)} is a service, which belongs under Service, not AWS")
    shown = text if text is not None else "".join(map(_shown, cause.parts if cause else ()))
    if _ONLY_IN_A_POLICY.match(shown):
        return NULL
    if cause is not None and re.search(r"[*?]", shown):
        return constant(f"{quoted(shown)} {_fault(shown)}")
    reason = refusal(principal)
    return reason if reason.text is not None else NULL


def _shown(part: str | Value) -> str:
    return part if isinstance(part, str) else "…"


_ONLY_IN_A_POLICY: Final = re.compile(
    r"(\*|[0-9]{12}|A[A-Z]{2}A[A-Z0-9]{12,})\Z|arn:[^:]*:iam::cloudfront:user/"
)


def _reasons(principal: Value, optional: bool) -> Iterator[Value]:
    """The reason, or those that there may be."""
    cause, text = principal.unknown, principal.text
    if _is_secret(principal):
        yield unknown("the principal is sensitive").marked()
    elif cause is not None and cause.choices:
        for choice in cause.choices:
            yield from _reasons(choice, optional)
    elif cause is not None:
        yield from _reasons_of_unknown(cause)
    elif text is None or _is_principal(text) or (optional and text == ""):
        yield NULL
    else:
        yield constant(f"{quoted(text)} {_fault(text)}")


def _reasons_of_unknown(cause: Unknown) -> Iterator[Value]:
    prefix, suffix, referent = cause.prefix, cause.suffix, cause.refers_to
    if _is_never_principal(prefix, suffix):
        shown = f"{prefix}…{suffix}"
        yield constant(f"{quoted(shown)} {_fault(shown)}")
    elif referent is None or prefix or suffix or ".data." in f".{referent.address}":
        yield why(cause)
    elif referent.type in _NO_PRINCIPALS:
        yield constant(f"{referent.address} is {_NO_PRINCIPALS[referent.type]}")
        yield NULL
    else:
        yield why(cause)


def _is_secret(principal: Value) -> bool:
    """Whether some of it is sensitive, also of what its text is made of."""
    cause, tree = principal.unknown, principal.encodes
    holes = [part for part in cause.parts if isinstance(part, Value)] if cause is not None else []
    made_of = [principal, *holes, *([tree] if tree is not None else [])]
    return any(value.has_sensitive() for value in made_of)


# -- what is taken -------------------------------------------------------------------------

_LONGEST: Final = 256
_TAKEN: Final = re.compile(r"[A-Za-z0-9_+=,.@:/-]*")
_PRINCIPAL: Final = re.compile(
    r"arn:aws(-[a-z]+)*:"
    r"(iam::[0-9]{12}:(root\Z|(role|user)/.)|sts::[0-9]{12}:(assumed-role|federated-user)/.)"
)
_FIELDS: Final = tuple(map(re.compile, ("arn", "aws(-[a-z]+)*", "iam|sts", "", "[0-9]{12}")))
"""The fields of the ARN of a principal, but for the last."""
_RESOURCES: Final = {
    "iam": ("root", "role/", "user/"),
    "sts": ("assumed-role/", "federated-user/"),
}
"""How its last field begins, by the service."""
_END_OF_ANOTHER: Final = re.compile(
    r":(group|instance-profile|mfa|oidc-provider|policy|saml-provider|server-certificate)/[^:]*"
)
_START_OF_A_SERVICE: Final = re.compile(r"[A-Za-z0-9.-]*")

_NO_PRINCIPALS: Final = {
    "aws_iam_group": "a group, not a principal",
    "aws_iam_instance_profile": "an instance profile, not the role in it",
    "aws_iam_openid_connect_provider": "an identity provider, not a principal",
    "aws_iam_policy": "a policy, not a principal",
    "aws_iam_saml_provider": "an identity provider, not a principal",
    "aws_organizations_organization": "an organization, not a principal",
    "aws_organizations_organizational_unit": "a part of an organization, not a principal",
}
"""Resources without any attribute that is a principal of a grant."""


def _is_principal(text: str) -> bool:
    if SERVICE.fullmatch(text):
        return True
    fits = len(text) <= _LONGEST and _TAKEN.fullmatch(text) is not None
    return fits and _PRINCIPAL.match(text) is not None


def _is_never_principal(prefix: str, suffix: str) -> bool:
    """Whether a text with a hole between these is refused, whatever is in it."""
    known = prefix + suffix
    if len(known) > _LONGEST or not _TAKEN.fullmatch(known):
        return True
    last = suffix[max(suffix.rfind(":"), 0) :]
    if _END_OF_ANOTHER.fullmatch(last):
        return True
    if not prefix.startswith("arn:"):
        return not _START_OF_A_SERVICE.fullmatch(prefix)
    fields = prefix.split(":", maxsplit=len(_FIELDS))
    whole = fields[:-1]  # to the last something can be added
    if not all(form.fullmatch(field) for form, field in zip(_FIELDS, whole, strict=False)):
        return True
    if len(whole) < len(_FIELDS):
        return False
    return not any(may_begin(fields[-1], start) for start in _RESOURCES[fields[2]])


# -- what is wrong, once something is ------------------------------------------------------

_FAULTS: Final = (
    (r"\A\Z", "is empty"),
    (r"[*?]", "has a wildcard, but must be one exact principal"),
    (r"\A(?s:.){257}", "is longer than the 256 characters that AWS KMS takes"),
    (r"[^A-Za-z0-9_+=,.@:/…-]", "has a character that AWS KMS does not take"),
    (r"\A[0-9]{12}\Z", "is the number of an account, not an ARN"),
    (r"\AA[A-Z]{2}A[A-Z0-9]{12,}(:|\Z)", "is a unique id of IAM, not an ARN"),
    (
        r"\A(o-[a-z0-9]{10,32}\Z|ou-[a-z0-9]+-[a-z0-9]+\Z|arn:[^:]*:organizations:)",
        "is an organization or a part of one, not a principal",
    ),
    (r"\A(?!arn:)", "is neither an ARN nor the name of a service"),
    (r"\Aarn:([^:]*:iam:.*|…):group/", "is a group, not a principal"),
    (
        r"\Aarn:[^:]*:(iam|sts):[^:]*:(?![0-9]{12}:)[^:…]*:(…|root\Z|(assumed-)?role/|(federated-)?user/)",
        "names no account of twelve digits",
    ),
    (r"\Aarn:[^:]*:(iam|sts):[^:]+:", "has a Region, which ARNs of IAM do not have"),
    (r"", "is not the ARN of a role, user, session or account"),
)
"""What is said of a text in which this is found, first come first; a hole is a … in it."""


def _fault(shown: str) -> str:
    return next(fault for form, fault in _FAULTS if re.search(form, shown))
