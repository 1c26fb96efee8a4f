"""Keys: aws_kms_key, its imported and replica kinds, with policy, aliases and own account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.statements import Statement
from grantlint.model import Key, Policy
from grantlint.parsers.instance import Instance
from grantlint.parsers.kms.join import Keys
from grantlint.value import BOOL, STRING, Truth, Unknown, Value, boolean, null, string, unknown

NULL: Final = null(STRING)
_SYMMETRIC: Final = string("SYMMETRIC_DEFAULT")
_ENCRYPT: Final = string("ENCRYPT_DECRYPT")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a key is made for; replicas have it from their primary."""

    spec: Value
    usage: Value


def get(planned: Value, name: str) -> Value:
    """An attribute of a planned object: null when the type has none of that name."""
    found = planned.get(name)
    if found is not None:
        return found
    cause = planned.unknown
    return NULL if cause is None else replace(planned, type=STRING, raw=replace(cause, members={}))


def shapes(resources: Sequence[tuple[Instance, Value]], keys: Keys) -> Mapping[str, Shape]:
    """Spec and usage of every key, by address."""
    found = {
        instance.address: _shape(instance, planned)
        for instance, planned in resources
        if "replica" not in instance.type
    }
    for instance, planned in resources:
        if "replica" in instance.type:
            own = Shape(get(planned, "key_spec"), get(planned, "key_usage"))
            if own.spec.text is None or own.usage.text is None:
                primary = get(planned, "primary_key_arn")
                address = keys.target(primary, instance.provider).address
                own = found.get(address or "") or _unseen_primary(primary)
            found[instance.address] = own
    return found


def _shape(instance: Instance, planned: Value) -> Shape:
    if instance.type == "aws_kms_key":
        return Shape(get(planned, "customer_master_key_spec"), get(planned, "key_usage"))
    # An imported key is symmetric unless it says otherwise, which it can since version 6.
    return Shape(
        _written(instance, planned, "key_spec", _SYMMETRIC),
        _written(instance, planned, "key_usage", _ENCRYPT),
    )


def _unseen_primary(primary: Value) -> Shape:
    cause = primary.unknown
    reason = "the primary key is not in this configuration" if cause is None else cause.reason
    hidden = unknown(reason, primary.written, refers_to=cause.refers_to if cause else None)
    return Shape(hidden, hidden)


def _written(instance: Instance, planned: Value, name: str, default: Value) -> Value:
    """An attribute that AWS completes in a known way when it is not written."""
    argument = instance.content.argument(name)
    if argument is not None and not argument.is_null:
        return get(planned, name)
    broken = instance.content.broken
    if argument is None and broken is not None:
        return unknown(broken, instance.span, type=default.type)
    return default


def alias_name(planned: Value) -> Value:
    """The name of an aws_kms_alias; of one that AWS completes, how it begins."""
    name, prefix = get(planned, "name"), get(planned, "name_prefix")
    cause = name.unknown
    if cause is None or cause.parts or cause.choices or prefix.text is None:
        return name
    hole = Value(STRING, Unknown(cause.reason, cause.refers_to))
    begun = replace(name, raw=replace(cause, parts=(prefix.text, hole)), written=prefix.written)
    return begun.marked(prefix.sensitive)


def key(
    instance: Instance,
    planned: Value,
    shape: Shape,
    policy: Policy,
    aliases: Sequence[Value],
    grants: Sequence[str],
    account: Value,
    primary: Value,
) -> Key:
    """One key with everything that belongs to it."""
    replica = "replica" in instance.type
    plain = instance.type == "aws_kms_key"
    return Key(
        address=instance.address,
        source=instance.source,
        exists=instance.exists,
        spec=shape.spec,
        usage=shape.usage,
        account=account,
        enabled=get(planned, "is_enabled" if plain else "enabled"),
        enable_key_rotation=get(planned, "enable_key_rotation") if plain else null(BOOL),
        multi_region=_TRUE if replica else _written(instance, planned, "multi_region", _FALSE),
        origin=_origin(instance, planned),
        imported=_imported(instance, planned),
        primary=primary,
        aliases=tuple(sorted(aliases, key=lambda alias: alias.text or "")),
        grants=tuple(grants),
        policy=policy,
        span=instance.span,
        where=instance.condition,
        calls=instance.calls,
        construct=instance.construct,
    )


_TRUE: Final = boolean(True)
_FALSE: Final = boolean(False)
_ORIGINS: Final = {
    "aws_kms_external_key": string("EXTERNAL"),
    "aws_kms_replica_external_key": string("EXTERNAL"),
    "aws_kms_replica_key": string("AWS_KMS"),
}
"""What else there is has its store written; only a key without one can have replicas."""


def _origin(instance: Instance, planned: Value) -> Value:
    """Where the key's material comes from.

    https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html#key-origin
    """
    if instance.type in _ORIGINS:
        return _ORIGINS[instance.type]
    stated = planned.get("origin")  # CloudFormation has it instead of a store
    if stated is not None and not stated.is_null:
        return stated
    store, external = get(planned, "custom_key_store_id"), get(planned, "xks_key_id")
    if store.is_null:
        return string("AWS_KMS")
    if external.text:
        return string("EXTERNAL_KEY_STORE")
    if external.is_null and store.text:
        return string("AWS_CLOUDHSM")
    cause = store.unknown or external.unknown
    return unknown("its key store is not known" if cause is None else cause.reason, store.written)


def _imported(instance: Instance, planned: Value) -> Value:
    """Whether the configuration imports the key's material; null where AWS makes it."""
    if "external" not in instance.type:
        return null(BOOL)
    material = get(planned, "key_material_base64")
    if material.unknown is not None and not material.sensitive:
        return Value(BOOL, Unknown(material.unknown.reason), material.written)
    written_only = instance.content.argument("key_material_base64_wo") is not None
    return boolean(written_only or material.sensitive or bool(material.text), material.written)


def primary(instance: Instance, planned: Value, keys: Keys) -> Value:
    """The address of the key that a replica is one of; null for what is none, or is of another."""
    if "replica" not in instance.type:
        return NULL
    arn = get(planned, "primary_key_arn")
    target = keys.target(arn, instance.provider)
    if target.address is not None:
        return string(target.address).marked(arn.sensitive)
    cause = arn.unknown
    return NULL if target.outside or cause is None else unknown(cause.reason, arn.written)


# -- own account ---------------------------------------------------------------------------


def accounts(instance: Instance, planned: Value, policy: Policy) -> tuple[Value, ...]:
    """What says which account a key is in, the strongest first; the last may be unknown."""
    stated = instance.provider.account
    found = [stated] if stated.text is not None else []
    for name in ("arn", "primary_key_arn"):  # a replica is in its primary's account
        literal = account_of(get(planned, name))
        if literal is not None:
            found.append(literal)
    delegated = _delegated(policy.statements) if not policy.unseen else None
    if delegated is not None:
        found.append(delegated)
    return tuple(found) or (stated,)


def account_of(arn: Value) -> Value | None:
    """The account in the text of an ARN, also where only its beginning is known."""
    text = arn.text if arn.unknown is None else arn.unknown.prefix
    fields = (text or "").split(":")
    if len(fields) < 6 or fields[0] != "arn" or not _is_account(fields[4]):
        return None
    return replace(arn, type=STRING, raw=fields[4], encodes=None)


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdecimal()


def _delegated(statements: Sequence[Statement]) -> Value | None:
    """The one account to which, as a whole, the policy allows everything: the key's own."""
    found: dict[str, Value] = {}
    for statement in statements:
        if not _allows_everything(statement):
            continue
        for principal in statement.principals:
            kind, account = principal.kind.text, principal.account.text
            if kind is None or (kind in {"root", "account"} and account is None):
                return None
            if account is not None and kind in {"root", "account"}:
                value = principal.value
                found[account] = replace(value, type=STRING, raw=account, encodes=None)
    return next(iter(found.values())) if len(found) == 1 else None


def _allows_everything(statement: Statement) -> bool:
    if statement.effect.text != "Allow" or statement.exists is not Truth.YES:
        return False
    if statement.not_action or statement.not_principal or statement.conditions:
        return False
    actions = statement.actions.elements()
    return any(one.text is not None and one.text.lower() in {"kms:*", "*"} for one in actions)
