"""Values of a condition that no request has, and why.

Only what AWS KMS itself puts into a request has a form: an account, an alias, a service, an
operation of a grant. A wildcard is a character like others to operators that compare texts as
they are.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from grantlint.iam.condition_keys import ARN, STRING, condition_key
from grantlint.iam.conditions import Condition
from grantlint.iam.grantee import NULL, constant
from grantlint.iam.naming import quoted
from grantlint.iam.operations import OPERATIONS, meant
from grantlint.iam.operators import matches, positive
from grantlint.value import Truth, Value, unknown

_EXACT: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase"})
_TEXTS: Final = _EXACT | {"StringLike"}
_WILD: Final = re.compile(r"(?<!\$\{)[*?]")
_VARIABLE: Final = re.compile(r"\$\{(?![*?$]\})")
_SENT_BY_AWS: Final = "kms:encryptioncontext:aws:"
_FREE: Final = ("kms:EncryptionContext:", "kms:EncryptionContextKeys")
"""Keys whose values are of the caller's choice, and can have an asterisk in them."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why no request has a value, as a clause; null where one can.

    `kind` is wildcard where the operator takes one as it is, else form. A wildcard in the caller's
    own encryption context is perhaps none: what callers send is not known.
    """

    kind: str
    why: Value


def unmatched(condition: Condition) -> tuple[Mismatch, ...]:
    """One for each of the values."""
    judge = _Judge(condition)
    return tuple(map(judge.mismatch, condition.values.elements()))


class _Judge:
    """What is known of a condition, for the values one by one."""

    def __init__(self, condition: Condition) -> None:
        written = condition.key.text or ""
        key = condition_key(written)
        self.name = key.name if key is not None and key.type in {STRING, ARN} else ""
        self.written = condition.operator.text or ""
        self.operator = positive(self.written)
        self.of_aws = written.lower().startswith(_SENT_BY_AWS)

    def mismatch(self, value: Value) -> Mismatch:
        """Why no request has it, null where one can, or what there is to choose from."""
        if not self.name or self.operator not in _TEXTS:
            return _MATCHED
        if _is_secret(value):
            return Mismatch("form", unknown("the value is sensitive").marked())
        cause = value.unknown
        if cause is not None and cause.choices:
            return _one_of(cause.reason, [self.mismatch(choice) for choice in cause.choices])
        shown = value.text
        if shown is None and cause is not None and cause.parts:
            shown = f"{cause.prefix}…{cause.suffix}"
        if shown is None or _VARIABLE.search(shown):
            return _MATCHED
        if self.operator in _EXACT and _WILD.search(shown):
            return Mismatch("wildcard", self._wildcard(shown))
        form = _FORMS.get(self.name)
        said = form(value, self.operator) if form and value.text is not None else None
        return _MATCHED if said is None else Mismatch("form", constant(said))

    def _wildcard(self, shown: str) -> Value:
        said = constant(f"{self.written} takes the wildcard in {quoted(shown)} as it is")
        free = self.name in _FREE and not self.of_aws and not shown.startswith("arn:")
        return unknown("what the callers send", choices=(said, NULL)) if free else said


_MATCHED: Final = Mismatch("form", NULL)


def _one_of(reason: str, found: list[Mismatch]) -> Mismatch:
    """What is wrong with one that is one of a few."""
    first = found[0]
    if all(one.why.raw == first.why.raw for one in found):
        return first
    wild = any(one.kind == "wildcard" for one in found)
    whys = tuple(one.why for one in found)
    return Mismatch("wildcard" if wild else "form", unknown(reason, choices=whys))


def _is_secret(value: Value) -> bool:
    """Whether some of it is sensitive, also of what its text is made of."""
    cause = value.unknown
    holes = [part for part in cause.parts if isinstance(part, Value)] if cause is not None else []
    return any(one.has_sensitive() for one in (value, *holes))


# -- what has a form -----------------------------------------------------------------------

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_START_OF_ALIASES: Final = "alias/"
_DOCUMENTED_SERVICES: Final = frozenset({"redshift.amazonaws.com"})
"""https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-kms.html has it without a Region."""


def _of_account(value: Value, operator: str) -> str | None:
    text = value.text or ""
    if operator not in _EXACT or _ACCOUNT.fullmatch(text):
        return None
    return f"{quoted(text)} is not the number of an account"


def _of_alias(value: Value, operator: str) -> str | None:
    """Names of aliases, not their ARNs."""
    text = value.text or ""
    start = text if operator in _EXACT else _WILD.split(text)[0]
    whole = start == text
    if start.startswith(_START_OF_ALIASES) or (not whole and _START_OF_ALIASES.startswith(start)):
        return None
    return f"{quoted(text)} is not the name of an alias, which begins with alias/"


def _of_operation(value: Value, operator: str) -> str | None:
    text = value.text or ""
    if any(matches(operator, value, one) is not Truth.NO for one in OPERATIONS):
        return None
    found = meant(text)
    right = f", but {' and '.join(found)} {'is' if len(found) == 1 else 'are'}" if found else ""
    return f"{quoted(text)} is no operation of a grant{right}"


def _of_service(value: Value, operator: str) -> str | None:
    """`s3.eu-west-1.amazonaws.com`, with that ending in every partition."""
    text = value.text or ""
    if text.endswith(".amazonaws.com.cn"):
        return f"{quoted(text)} ends in .cn, which services have in no partition here"
    labels = text.split(".")
    wild = operator not in _EXACT and _WILD.search(text)
    if wild or text in _DOCUMENTED_SERVICES or len(labels) > len(("s3", "amazonaws", "com")):
        return None
    return f"{quoted(text)} has no Region, as s3.eu-west-1.amazonaws.com has"


_FORMS: Final[Mapping[str, Callable[[Value, str], str | None]]] = MappingProxyType(
    {
        "kms:CallerAccount": _of_account,
        "aws:PrincipalAccount": _of_account,
        "aws:SourceAccount": _of_account,
        "aws:ResourceAccount": _of_account,
        "kms:RequestAlias": _of_alias,
        "kms:ResourceAliases": _of_alias,
        "kms:GrantOperations": _of_operation,
        "kms:ViaService": _of_service,
    }
)
