"""Grants: aws_kms_grant, with the key it is for and who may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.elements import text
from grantlint.iam.grantee import Grantee
from grantlint.iam.key_id import BARE, key_refusal
from grantlint.iam.principals import grantee
from grantlint.iam.refusal import refusal
from grantlint.model import LIVE, Constraints, Grant, Key, KeyReference
from grantlint.parsers.instance import Instance
from grantlint.parsers.kms import key as kms_key
from grantlint.parsers.kms.integrations import Evidence
from grantlint.parsers.kms.join import Keys, Target
from grantlint.parsers.kms.key import NULL, get
from grantlint.value import STRING, TUPLE, Type, Unknown, Value, null, string, unknown


def grant(
    instance: Instance,
    planned: Value,
    target: Target,
    keys: Mapping[str, Key],
    joined: Keys,
    evidence: Evidence,
) -> Grant:
    """One grant; `target` is the key of `keys` that its key_id means, as `joined` tells."""
    key_id, principal = get(planned, "key_id"), get(planned, "grantee_principal")
    retiring = get(planned, "retiring_principal")
    retire_on_delete = get(planned, "retire_on_delete")
    written = _operations_written(instance, planned)
    taken = instance.source == LIVE  # AWS KMS has made it: whatever it shows, it did not refuse
    elsewhere = None if taken else _elsewhere(instance, key_id, target, keys, joined)
    return Grant(
        address=instance.address,
        source=instance.source,
        exists=instance.exists,
        key=_reference(key_id, target, keys, instance.source),
        key_id=key_id,
        key_refused=NULL if taken else key_refusal(key_id, elsewhere),
        name=get(planned, "name"),
        operations=_operations(get(planned, "operations"), written),
        operations_written=written,
        retire_on_delete=retire_on_delete,
        grant_creation_tokens=get(planned, "grant_creation_tokens"),
        grantee_principal=principal,
        grantee=_grantee(principal, evidence),
        grantee_refused=NULL if taken else refusal(principal),
        retiring_principal=retiring,
        retiring=None if retiring.is_null and not retiring.sensitive else grantee(retiring),
        retiring_refused=NULL if taken else refusal(retiring, optional=True),
        constraints=_constraints(get(planned, "constraints")),
        ends_by=get(planned, "ends_by").text or _ends_by(retire_on_delete),
        made_by=get(planned, "made_by"),
        span=instance.span,
        where=instance.condition,
        calls=instance.calls,
        construct=instance.construct,
        integrations=evidence.integrations(key_id, target, principal),
        namesakes=evidence.namesakes(instance, planned),
    )


def _grantee(principal: Value, evidence: Evidence) -> Grantee:
    """Who it is; what its ARN does not tell is written where the role or user is made."""
    found = grantee(principal)
    account = evidence.account(principal)
    if account is not None and account.text is not None and found.account.unknown is not None:
        found = replace(found, account=account.marked(principal.sensitive))
    service = evidence.linked_service(principal)
    if service is None or service.text is None or found.service.unknown is None:
        return found
    return replace(found, service=string(service.text).marked(service.sensitive))


# -- its key -------------------------------------------------------------------------------


def _reference(key_id: Value, target: Target, keys: Mapping[str, Key], source: str) -> KeyReference:
    sensitive = key_id.sensitive
    if target.address is not None:
        key = keys[target.address]
        found = KeyReference(
            string(key.address), key.spec, key.usage, key.account, key.enabled, key.imported
        )
    else:
        found = _uncertain(key_id, target, keys, source)
    if not sensitive:
        return found
    return KeyReference(
        found.address.marked(),
        found.spec.marked(),
        found.usage.marked(),
        found.account.marked(),
        found.enabled.marked(),
        found.imported.marked(),
    )


def _elsewhere(
    instance: Instance, key_id: Value, target: Target, keys: Mapping[str, Key], joined: Keys
) -> tuple[str, str] | None:
    """The accounts of the key and of the grant's provider, where only an ARN would find the key."""
    referent = key_id.unknown.refers_to if key_id.unknown is not None else None
    if referent is None or referent.attribute not in BARE:
        return None
    if target.address is not None:
        account: Value | None = keys[target.address].account
    else:
        pointer = joined.pointer(referent.address)
        account = kms_key.account_of(pointer) if pointer is not None else None
    own = instance.provider.account
    if account is None or account.sensitive or own.sensitive or not account.text or not own.text:
        return None
    return (account.text, own.text) if account.text != own.text else None


def _uncertain(key_id: Value, target: Target, keys: Mapping[str, Key], source: str) -> KeyReference:
    cause = key_id.unknown
    account = kms_key.account_of(key_id)
    if target.outside or cause is None:
        reason = "the key is not in this configuration"
        if source == LIVE:
            reason = "the key is not in the files: `aws kms describe-key`"
        hidden = unknown(reason, key_id.written, type=STRING)
        return KeyReference(NULL, hidden, hidden, account or hidden, hidden, hidden)
    about = cause.refers_to
    if target.beyond is not None or (about is not None and about.root):
        about = target.beyond
    hidden = Value(STRING, Unknown(cause.reason, about), key_id.written)
    if not target.known or None in target.addresses:
        return KeyReference(hidden, hidden, hidden, account or hidden, hidden, hidden)
    possible = [keys[address] for address in target.addresses if address is not None]
    return KeyReference(
        _one_of(hidden, [string(key.address) for key in possible]),
        _one_of(hidden, [key.spec for key in possible]),
        _one_of(hidden, [key.usage for key in possible]),
        _one_of(hidden, [key.account for key in possible]),
        _one_of(hidden, [key.enabled for key in possible]),
        _one_of(hidden, [key.imported for key in possible]),
    )


def _one_of(hidden: Value, options: Sequence[Value]) -> Value:
    """What all options have in common, else an unknown like `hidden` with these choices."""
    distinct: list[Value] = []
    for option in options:
        if not any(option.type == one.type and option.raw == one.raw for one in distinct):
            distinct.append(option)
    if len(distinct) == 1:
        return distinct[0]
    cause = hidden.unknown
    if cause is None or any(option.unknown is not None for option in distinct):
        return hidden
    return replace(hidden, raw=replace(cause, choices=tuple(distinct)))


# -- its operations ------------------------------------------------------------------------


def _operations_written(instance: Instance, planned: Value) -> Value:
    """The list as written; what cannot be converted is a failure in the plan."""
    settled = get(planned, "operations")
    written = planned.get("operations_written") or instance.content.argument("operations")
    if written is None or settled.failed is not None or not isinstance(written.raw, tuple):
        return settled if written is None or settled.failed is not None else written
    listed = tuple(text(member) for member in written.raw)
    return replace(written, type=TUPLE, raw=listed, encodes=None)


def _operations(settled: Value, written: Value) -> Value:
    """The set as the plan shows it; of one with an unknown member those that are known too."""
    if written.failed is not None or not isinstance(written.raw, tuple):
        return settled
    if settled.is_null:
        return replace(settled, raw=())
    cause = settled.unknown
    if cause is None or cause.choices:
        return settled
    known: dict[str, Value] = {}
    for member in written.raw:
        if member.text is not None:
            known.setdefault(member.text, member)
    ordered = [known[name] for name in sorted(known, key=lambda name: name.encode())]
    hidden = [member for member in written.raw if member.unknown is not None]
    return replace(written, type=Type("set", STRING), raw=(*ordered, *hidden))


def _ends_by(retire_on_delete: Value) -> str:
    if retire_on_delete.sensitive or retire_on_delete.unknown is not None:
        return "unknown"
    return "retire" if retire_on_delete.raw is True else "revoke"


# -- its constraints -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """One constraints block."""

    equals: Value
    subset: Value
    source: Value


_NO_MAP: Final = null(Type("map", STRING))


def _constraints(blocks: Value) -> Constraints:
    cause = blocks.unknown
    if cause is None:
        return _first_of_each([_block(block) for block in blocks.elements()])
    hidden = Value(_NO_MAP.type, Unknown(cause.reason, cause.refers_to), blocks.written)
    hidden = hidden.marked(blocks.sensitive)
    if not cause.choices:
        return Constraints(hidden, hidden, NULL, 0)
    options = [_constraints(choice.marked(blocks.sensitive)) for choice in cause.choices]
    return Constraints(
        _one_of(hidden, [one.encryption_context_equals for one in options]),
        _one_of(hidden, [one.encryption_context_subset for one in options]),
        NULL,
        min(one.blocks for one in options),
    )


def _block(block: Value) -> _Block:
    equals = get(block, "encryption_context_equals")
    subset = get(block, "encryption_context_subset")
    return _Block(equals, subset, get(block, "source_arn"))


def _first_of_each(blocks: Sequence[_Block]) -> Constraints:
    return Constraints(
        _first([one.equals for one in blocks]),
        _first([one.subset for one in blocks]),
        next((one.source for one in blocks if not one.source.is_null), NULL),
        sum(any(map(_constrains, (one.equals, one.subset, one.source))) for one in blocks),
    )


def _first(contexts: Sequence[Value]) -> Value:
    written = [context for context in contexts if not context.is_null]
    if written:
        return min(written, key=_start)
    return _NO_MAP.marked(any(context.sensitive for context in contexts))


def _start(value: Value) -> int:
    return value.written.start if value.written is not None else 0


def _constrains(context: Value) -> bool:
    return not context.is_null and context.unknown is None
