"""Who is no stranger to a key: its own account, and whom the user trusts.

An account is trusted by its number alone: nothing in a configuration says which organization it is
in. Which one the key's own account is in is not known either, so that of an organization nothing
is said as long as none is trusted.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.conditions import Condition
from grantlint.iam.grantee import ACCOUNT, Grantee
from grantlint.iam.principals import Principal, same_text
from grantlint.iam.statements import Statement
from grantlint.value import BOOL, STRING, Truth, Value, boolean, null, string, unknown

_NONE: Final = null(BOOL)
_WILD: Final = re.compile(r"[*?]")
_OWNER: Final = re.compile(r"\$\{aws:Resource(?:Account|OrgID|OrgPaths)\}", re.I)
"""What IAM puts in of the key that is asked for: its own account and organization."""
_ITSELF: Final = "${itself}"  # the same without a colon
_CALLER: Final = re.compile(r"\$\{aws:(?:Principal|Source)(?:Account|OrgID|OrgPaths)\}", re.I)


@dataclass(frozen=True, slots=True)
class Trust:
    """The accounts and organizations that a user trusts, for a key of the account `own`."""

    accounts: frozenset[str]
    organizations: frozenset[str]
    own: Value

    def grantee(self, who: Grantee) -> Grantee:
        """Who it is, with whether its account is trusted."""
        others = tuple(map(self.grantee, who.alternatives))
        answer = _each(self._account(one.account) for one in who.each())
        return replace(who, trusted=_told([answer], who.account, self.own), alternatives=others)

    def statement(self, one: Statement) -> Statement:
        """A statement of the key's policy, its principals and conditions with what is trusted."""
        return replace(
            one,
            principals=tuple(map(self._principal, one.principals)),
            conditions=tuple(map(self.condition, one.conditions)),
        )

    def _principal(self, one: Principal) -> Principal:
        return replace(one, who=self.grantee(one.who))

    def condition(self, one: Condition) -> Condition:
        """A condition with whether whom its values name is trusted."""
        names = _named_by((one.key.text or "").lower())
        if names is None:
            return one
        found = [names(self, value) for value in one.values.elements()]
        if one.values.unknown is not None:
            found = [Truth.MAYBE]
        return replace(one, trusted=_told(found, one.values, self.own))

    # -- one value -------------------------------------------------------------------------

    def _account(self, account: Value) -> Truth | None:
        """Whether an account is trusted; None for what is none."""
        if account.is_null or (account.text is not None and _WILD.search(account.text)):
            return None
        if account.text == _ITSELF or _OWNER.fullmatch(account.text or ""):
            return Truth.YES
        if account.text is not None and not ACCOUNT.fullmatch(account.text):
            return None
        if account.text in self.accounts:
            return Truth.YES
        if account.unknown is not None and account.unknown.choices:
            return _each(map(self._account, account.unknown.choices))
        return same_text(account, self.own) if not self.own.is_null else Truth.MAYBE

    def _in_arn(self, arn: Value) -> Truth | None:
        """Whether an ARN is of a trusted account; None for one without an account."""
        if arn.unknown is not None and arn.unknown.choices:
            return _each(map(self._in_arn, arn.unknown.choices))
        field = _field(arn)
        return Truth.MAYBE if field is None else self._account(field)

    def _owner(self, value: Value) -> Truth | None:
        """The same of an ARN or a number in an encryption context."""
        text = value.text
        return self._account(value) if text is not None and ":" not in text else self._in_arn(value)

    def _organization(self, value: Value) -> Truth | None:
        """Whether an organization, or the one that a path begins with, is trusted."""
        if value.unknown is not None and value.unknown.choices:
            return _each(map(self._organization, value.unknown.choices))
        if value.text is None:
            return Truth.MAYBE
        id = value.text.partition("/")[0]
        if _OWNER.fullmatch(id) or id in self.organizations:
            return Truth.YES
        if _WILD.search(id) or "$" in id:
            return None
        return Truth.NO if self.organizations else Truth.MAYBE

    def _own(self, value: Value) -> Truth | None:
        """Whether the owner of the key is compared with the caller's account or organization."""
        met = value.text is not None and _CALLER.fullmatch(value.text)
        return Truth.YES if met else None


_Naming = Callable[[Trust, Value], "Truth | None"]
_NAMED_BY: Final[dict[str, _Naming]] = {
    "kms:calleraccount": Trust._account,
    "aws:principalaccount": Trust._account,
    "aws:sourceaccount": Trust._account,
    "aws:sourceowner": Trust._account,
    "aws:vpceaccount": Trust._account,
    "aws:principalarn": Trust._in_arn,
    "aws:sourcearn": Trust._in_arn,
    "kms:granteeprincipal": Trust._in_arn,
    "kms:retiringprincipal": Trust._in_arn,
    "kms:grantconstraintsourcearn": Trust._in_arn,
    "aws:principalorgid": Trust._organization,
    "aws:principalorgpaths": Trust._organization,
    "aws:sourceorgid": Trust._organization,
    "aws:sourceorgpaths": Trust._organization,
    "aws:vpceorgid": Trust._organization,
    "aws:vpceorgpaths": Trust._organization,
    "aws:resourceaccount": Trust._own,
    "aws:resourceorgid": Trust._own,
    "aws:resourceorgpaths": Trust._own,
}
"""How each condition key names an account or an organization."""
_CONTEXT: Final = "kms:encryptioncontext:aws:"
"""The encryption contexts that services of AWS make, with ARNs and accounts in them."""


def _named_by(key: str) -> _Naming | None:
    return Trust._owner if key.startswith(_CONTEXT) else _NAMED_BY.get(key)


_ACCOUNT_FIELD: Final = 4


def _field(arn: Value) -> Value | None:
    """The account in an ARN that may have holes, null where it has none; None if not known."""
    parts = (arn.text,) if arn.text is not None else arn.unknown.parts if arn.unknown else ()
    pieces: list[list[str | Value]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            pieces[-1].append(part)
            continue
        for number, text in enumerate(_OWNER.sub(_ITSELF, part).split(":")):
            pieces.extend([[]] if number else [])
            pieces[-1].extend([text] if text else [])
    if len(pieces) <= _ACCOUNT_FIELD + 1:
        return null(STRING) if arn.text is not None else None
    field = pieces[_ACCOUNT_FIELD]
    if not field:
        return null(STRING)
    only = field[0]
    if len(field) > 1:
        return None
    return string(only) if isinstance(only, str) else only


# -- several -------------------------------------------------------------------------------


def _each(found: Iterable[Truth | None]) -> Truth | None:
    """What one of several alternatives is: what all of them are, else not known."""
    answers = set(found)
    return answers.pop() if len(answers) == 1 else Truth.MAYBE


def _told(found: Iterable[Truth | None], about: Value, own: Value) -> Value:
    """A fact of the model: whether all that are named are trusted; null where nobody is."""
    answers = list(found)
    hidden = about.has_sensitive() or own.sensitive
    if Truth.NO in answers:
        return boolean(False).marked(hidden)
    if Truth.MAYBE in answers:
        return unknown(_why(about, own), type=BOOL).marked(hidden)
    named = answers and None not in answers
    return (boolean(True) if named else _NONE).marked(hidden)


def _why(about: Value, own: Value) -> str:
    for value in (about, *about.elements(), own):
        if value.unknown is not None:
            return value.unknown.reason
    return "no organization is said to be trusted (--trusted-organization)"
