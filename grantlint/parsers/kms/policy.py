"""The policy of a key: written in the key itself, by aws_kms_key_policy, or AWS's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.elements import text as as_text
from grantlint.iam.statements import Statement, statements, unseen
from grantlint.model import Owner, Policy
from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.instance import Instance
from grantlint.parsers.json_decode import decode
from grantlint.parsers.json_reader import JsonError
from grantlint.source import Span
from grantlint.value import BOOL, DYNAMIC, Truth, Unknown, Value, boolean, failure, null, unknown

_NONE: Final = null()
_NO: Final = boolean(False)


@dataclass(frozen=True, slots=True)
class Writer:
    """A resource that writes a key's policy; `document` is null when it leaves it to AWS.

    `under` is the module and the condition that decide whether it exists, of one that may not.
    `unchecked` is whether AWS is told not to look for a lockout.
    """

    address: str
    exists: Truth
    document: Value
    span: Span
    unchecked: Value
    under: tuple[str, str | None] | None = None


def writer(instance: Instance, planned: Value) -> Writer | None:
    """The key or aws_kms_key_policy as one that writes a policy; None if it writes none."""
    found = document(instance, planned, "policy")
    if found is None:
        return None
    return Writer(
        instance.address,
        instance.exists,
        found,
        instance.span,
        unchecked(planned),
        under(instance),
    )


def unchecked(planned: Value) -> Value:
    """Whether a key or aws_kms_key_policy tells AWS not to look for a lockout."""
    found = planned.get("bypass_policy_lockout_safety_check")
    return _NO if found is None or found.is_null else found


def document(instance: Instance, planned: Value, name: str) -> Value | None:
    """The document in the argument of that name; None where nothing is written."""
    written = instance.content.argument(name)
    if written is not None:
        return _document(written, planned.get(name))
    broken = instance.content.broken
    return None if broken is None else unknown(broken, instance.span)


def under(instance: Instance) -> tuple[str, str | None] | None:
    """What decides whether an instance exists; None where it certainly does."""
    return None if instance.exists is Truth.YES else (instance.module, instance.condition)


def _document(written: Value, planned: Value | None) -> Value:
    if planned is None or planned.unknown is None or planned.encodes is not None:
        return decoded(planned or written)
    return planned if planned.failed is not None else decoded(written)


def decoded(text: Value) -> Value:
    """The tree that the policy's text encodes; null for a text that counts as none."""
    cause = text.unknown
    if isinstance(text.raw, tuple | Mapping):
        return failure("a policy is text: encode it as JSON", text.written)
    if cause is None and not text.is_null:
        text = as_text(text)
    if text.encodes is not None:
        tree = replace(text.encodes, trail=text.encodes.trail + text.trail)
        if text.sensitive and not tree.has_sensitive():
            tree = tree.marked()
    elif text.is_null or text.text == "":
        return replace(_NONE, sensitive=text.sensitive)
    elif cause is not None and cause.choices:
        choices = tuple(decoded(choice) for choice in cause.choices)
        return replace(text, raw=replace(cause, choices=choices, parts=()))
    elif cause is not None and not cause.parts:
        return text
    else:
        tree = _tree(text).marked(text.sensitive)
    return replace(_NONE, sensitive=text.sensitive) if tree.raw == {} else tree


def _tree(text: Value) -> Value:
    """Text with holes that is no JSON as it stands may become JSON with them: it is not known."""
    try:
        return decode(text)
    except JsonError as error:
        cause = text.unknown
        if cause is not None:
            return replace(text, raw=Unknown(cause.reason, cause.refers_to))
        return replace(failure(f"the policy is no JSON: {error.text}"), trail=text.trail)
    except UnknowableError as error:
        return replace(unknown(error.reason), trail=text.trail)


def policy(
    key: Instance,
    own: Writer | None,
    others: Sequence[Writer],
    stray: Writer | None,
    unchecked: Value = _NO,
) -> Policy:
    """The policy in force, of those that the key and aws_kms_key_policy resources write.

    `stray` is an aws_kms_key_policy that may be for any key. A writer that exists under the very
    condition of its key exists where the key does. `unchecked` is what the key itself says of it.
    """
    beside = under(key)
    others = [
        replace(one, exists=Truth.YES) if beside and one.under == beside else one for one in others
    ]
    writers = [*((own,) if own is not None else ()), *others]
    owners = [Owner(one.address, one.exists, one.document) for one in others]
    if own is not None:
        owners.insert(0, Owner(own.address, _default(own.document).equals(False), own.document))
    written = _in_force(own, others)
    if stray is not None and not writers:
        reason = f"{stray.address} may write its policy"
        written = unknown(reason, stray.span)
    span = writers[-1].span if writers else None
    return Policy(
        default=_default(written),
        document=written,
        statements=_statements(written, span),
        unseen=unseen(written),
        owners=tuple(owners),
        bypass_policy_lockout_safety_check=_any_unchecked(
            [unchecked, *(one.unchecked for one in writers)]
        ),
    )


def _any_unchecked(said: Sequence[Value]) -> Value:
    """The one that says yes, else one that may, else no."""
    for wanted in (Truth.YES, Truth.MAYBE):
        for one in said:
            if one.equals(True) is wanted:
                return one
    return said[0]


def _in_force(own: Writer | None, others: Sequence[Writer]) -> Value:
    """What the last writer wrote: aws_kms_key_policy comes after the key it refers to."""
    certain = [one for one in others if one.exists is Truth.YES]
    possible = [one for one in others if one.exists is not Truth.YES]
    base = [one.document for one in certain] or [_NONE if own is None else own.document]
    if len(base) == 1 and not possible:
        return base[0]
    choices = (*base, *(one.document for one in possible))
    when: tuple[str, ...]
    if possible:
        name, place = possible[0].address, possible[0].span
        reason = f"whether {name} exists is not known"
        when = (f"{name} does not exist", f"{name} exists")
    else:
        reason = f"{certain[0].address} and {certain[1].address} write the same key's policy"
        place = certain[0].span
        when = tuple(f"{one.address} is applied last" for one in certain)
    return Value(DYNAMIC, Unknown(reason, choices=choices, when=when), place)


def _statements(document: Value, span: Span | None) -> tuple[Statement, ...]:
    return () if document.is_null else statements(document, span)


def _default(document: Value) -> Value:
    """Whether AWS puts its own policy: an unknown one may turn out to be null."""
    cause = document.unknown
    if cause is None:
        return boolean(document.is_null).marked(document.sensitive)
    if cause.choices and all(_default(choice).raw is False for choice in cause.choices):
        return boolean(False)
    return Value(BOOL, Unknown(cause.reason, cause.refers_to), document.written)
