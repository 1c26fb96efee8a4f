"""Actions of AWS KMS in a statement: which of them it is about, and whether it says so by name.

Actions are compared as IAM does: without regard to case, with `*` and `?` as wildcards. What is
not known of a list is a MAYBE.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from grantlint.iam.operations import ALWAYS, OPERATIONS
from grantlint.iam.statements import Statement
from grantlint.value import TUPLE, Truth, Unknown, Value, string

_OF_GRANTS: Final = frozenset(
    {"CreateGrant", "ListGrants", "ListRetirableGrants", "RetireGrant", "RevokeGrant"}
)
ACTIONS: Final = (
    OPERATIONS
    | _OF_GRANTS
    | frozenset(
        {
            "CancelKeyDeletion",
            "ConnectCustomKeyStore",
            "CreateAlias",
            "CreateCustomKeyStore",
            "CreateKey",
            "DeleteAlias",
            "DeleteCustomKeyStore",
            "DeleteImportedKeyMaterial",
            "DescribeCustomKeyStores",
            "DisableKey",
            "DisableKeyRotation",
            "DisconnectCustomKeyStore",
            "EnableKey",
            "EnableKeyRotation",
            "GenerateRandom",
            "GetKeyLastUsage",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "GetParametersForImport",
            "ImportKeyMaterial",
            "ListAliases",
            "ListKeyPolicies",
            "ListKeyRotations",
            "ListKeys",
            "ListResourceTags",
            "PutKeyPolicy",
            "ReplicateKey",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion",
            "SynchronizeMultiRegionKey",
            "TagResource",
            "UntagResource",
            "UpdateAlias",
            "UpdateCustomKeyStore",
            "UpdateKeyDescription",
            "UpdatePrimaryRegion",
        }
    )
)
"""Every action, without its prefix."""

CRYPTOGRAPHIC: Final = OPERATIONS - ALWAYS - {"GetPublicKey"}
"""Actions that use what is secret of a key."""

READING: Final = frozenset({"Decapsulate", "Decrypt", "DeriveSharedSecret", "ReEncryptFrom"})
"""Those of them that give what is encrypted, or a secret that two sides share."""

ACROSS_ACCOUNTS: Final = OPERATIONS | {"GetKeyRotationStatus", "ListGrants", "RevokeGrant"}
"""Actions that can be called on a key of another account; to allow others there does nothing.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

DESCRIBING: Final = frozenset(one for one in ACTIONS if one.startswith(("Describe", "Get", "List")))
"""Actions that only read what describes keys and grants."""

_CONTROL: Final = frozenset({"CreateGrant", "PutKeyPolicy"})


def worst_first(actions: Value) -> list[Value]:
    """The members of a list that are known, those first by which most is at stake."""
    known = [member for member in actions.elements() if member.text is not None]
    return sorted(known, key=_harm)


def _harm(pattern: Value) -> int:
    """0 for the control of a key, then what reads, what uses it otherwise, and the rest."""
    for rank, actions in enumerate((_CONTROL, READING, CRYPTOGRAPHIC)):
        if any(matches(pattern, action) is Truth.YES for action in actions):
            return rank
    return 3


def covers(statement: Statement, action: str) -> Truth:
    """Whether the statement is about an action of AWS KMS, whatever its effect."""
    listed = _lists(statement.actions, action)
    return ~listed if statement.not_action else listed


def covered(statement: Statement) -> Value:
    """Every action of AWS KMS that the statement is about, sorted; unknown where one may be."""
    members = statement.actions.elements()
    if statement.actions.unknown is None and all(one.text is not None for one in members):
        found = frozenset().union(*map(covering, members))
        return _named(ACTIONS - found if statement.not_action else found)
    answers = {action: covers(statement, action) for action in sorted(ACTIONS)}
    known = tuple(string(action) for action, answer in answers.items() if answer is Truth.YES)
    if Truth.MAYBE not in answers.values():
        return Value(TUPLE, known)
    causes = (one.unknown for one in (statement.actions, *statement.actions.elements()))
    reason = next((cause.reason for cause in causes if cause is not None), "")
    return Value(TUPLE, Unknown(reason, has=known))


def variants(statement: Statement) -> Iterator[tuple[Statement, str]]:
    """The statement for each alternative of its actions, and where that one holds.

    Of several members with alternatives one is taken at a time, the others stay unknown.
    """
    actions = statement.actions
    found = False
    for place, one in [(None, actions), *enumerate(actions.elements())]:
        cause = one.unknown
        for index, choice in enumerate(cause.choices if cause is not None else ()):
            found = True
            taken = choice if place is None else replace(actions, raw=_with(actions, place, choice))
            yield replace(statement, actions=taken), cause.where(index) if cause else ""
    if not found:
        yield statement, ""


def covers_all(statement: Statement, other: Statement) -> Truth:
    """Whether the statement is about everything that the other one is about. Never NO."""
    if statement.not_action or other.not_action:
        return Truth.MAYBE
    patterns = [one.text for one in statement.actions.elements() if one.text is not None]
    wanted = [one.text for one in other.actions.elements()]
    if _EVERYTHING & {pattern.lower() for pattern in patterns}:
        return Truth.YES
    found = [text is not None and any(_fits(one, text) for one in patterns) for text in wanted]
    return Truth.YES if found and all(found) else Truth.MAYBE


def covers_everything(statement: Statement) -> bool:
    """Whether the statement is certainly about every action, by `*` or `kms:*`."""
    if statement.not_action:
        return False
    return any((one.text or "").lower() in _EVERYTHING for one in statement.actions.elements())


_EVERYTHING: Final = frozenset({"*", "kms:*"})


def names(pattern: Value, action: str) -> Truth:
    """Whether a member of a list means this action of grants itself: `kms:CreateGr*`.

    `kms:Create*` and `kms:*` have it among others. What is not known at all does not mean it.
    """
    if pattern.text is not None:
        return Truth.of(_fits(pattern.text, f"kms:{action}") and _is_about_grants(pattern.text))
    start = _start(pattern.unknown.prefix) if pattern.unknown is not None else ""
    return Truth.of(_is_about_grants(f"{start}*")) & matches(pattern, action)


def covering(pattern: Value) -> frozenset[str]:
    """The actions of AWS KMS that a member of a list certainly covers."""
    return frozenset() if pattern.text is None else _covering(pattern.text)


@lru_cache(maxsize=1024)
def _covering(pattern: str) -> frozenset[str]:
    return frozenset(one for one in ACTIONS if _fits(pattern, f"kms:{one}"))


@lru_cache(maxsize=256)
def _named(actions: frozenset[str]) -> Value:
    """These actions as a list of the model."""
    return Value(TUPLE, tuple(map(string, sorted(actions))))


def meant(pattern: str) -> tuple[str, ...]:
    """The actions that a text which covers none was meant to be, with their prefix; none if unsure.

    A text that is like no action may be one that AWS has added since. One of another service is
    none of AWS KMS.
    """
    prefix, colon, name = pattern.rpartition(":")
    if (colon and prefix.lower() != "kms") or any(_fits(pattern, f"kms:{one}") for one in ACTIONS):
        return ()
    spelling = {one.lower(): f"kms:{one}" for one in sorted(ACTIONS)}
    written = name.lower().rstrip("*")
    if written in spelling:
        return (spelling[written],)
    if not colon or len(written) < _SHORTEST:
        return ()
    longer = tuple(action for lower, action in spelling.items() if lower.startswith(written))
    near = get_close_matches(written, spelling, n=1, cutoff=_LIKENESS)
    return longer or tuple(spelling[one] for one in near)


_SHORTEST: Final = 3
_LIKENESS: Final = 0.85


def matches(pattern: Value, action: str) -> Truth:
    """Whether a member of a list of actions covers an action of AWS KMS."""
    full = f"kms:{action}"
    if pattern.text is not None:
        return Truth.of(_fits(pattern.text, full))
    cause = pattern.unknown
    if cause is None:
        return Truth.NO
    if cause.choices:
        return Truth.agreed(matches(choice, action) for choice in cause.choices)
    end = re.split(r"[*?]", cause.suffix)[-1].lower()
    fits = full.lower().startswith(_start(cause.prefix)) and full.lower().endswith(end)
    return Truth.MAYBE if fits else Truth.NO


def _with(listed: Value, place: int, member: Value) -> tuple[Value, ...]:
    members = listed.elements()
    return (*members[:place], member, *members[place + 1 :])


def _lists(actions: Value, action: str) -> Truth:
    cause = actions.unknown
    if cause is None:
        return Truth.any(matches(one, action) for one in actions.elements())
    return Truth.agreed(_lists(choice, action) for choice in cause.choices)


def _start(prefix: str) -> str:
    """What a text with holes or wildcards certainly begins with."""
    return re.split(r"[*?]", prefix)[0].lower()


@lru_cache(maxsize=1024)
def _is_about_grants(pattern: str) -> bool:
    """Whether a pattern covers nothing but actions of grants."""
    return not any(_fits(pattern, f"kms:{action}") for action in ACTIONS - _OF_GRANTS)


@lru_cache(maxsize=1 << 16)
def _fits(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """What stands between two asterisks is taken where it is found first, and not tried again.

    So no pattern takes more than a moment, whatever its author has in mind.
    """
    first, *others = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    inner = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + inner + last, re.IGNORECASE | re.DOTALL)
