"""Keys as `describe-key` shows them, in the words of the provider."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from grantlint.parsers.aws.belonging import Facts
from grantlint.parsers.aws.naming import Arn, arn
from grantlint.parsers.aws.policy import policy_of
from grantlint.parsers.instance import Instance, Provider, Settled
from grantlint.parsers.settings import Local, given
from grantlint.source import Span
from grantlint.value import (
    BOOL,
    STRING,
    Truth,
    Type,
    Value,
    boolean,
    null,
    object_,
    string,
    unknown,
)

Resource = tuple[Instance, Value]

_UNSEEN: Final = "{} is not in the files: `aws kms {}`"


def resource(type: str, address: str, planned: Value, place: Span, provider: Provider) -> Resource:
    """Something that exists in AWS, as an instance of a resource type of the provider."""
    instance = Instance(
        address=address,
        mode="managed",
        type=type,
        name=address,
        module="",
        exists=Truth.YES,
        condition=None,
        content=Settled(place, planned),
        header=place,
        provider=provider,
        source="aws",
    )
    return instance, planned


def provider_of(key: str, settings: Local, place: Span | None) -> Provider:
    """Account and Region as the ARN of a key tells them, else as the user does."""
    found = arn(key)
    if found is None or not found.account:
        here = Path(place.path).parent if place is not None else Path()
        return given(settings(here))
    return Provider(
        string(found.account, place), string(found.region, place), string(found.partition, place)
    )


def key_resource(key: str, address: str, known: Facts, settings: Local, *, alone: bool) -> Resource:
    """A key; `alone` is whether no other one has its id, as keys of many Regions do."""
    described = known.key
    shown = described or known.policy or known.rotation
    assert shown is not None  # a key is here because something is known of it
    place = _place(shown)
    attributes = {
        **_identity(key, alone=alone),
        "policy": policy_of(known.policy) if known.policy is not None else _unseen("policy"),
        "enable_key_rotation": _rotation(known),
    }
    kind = "aws_kms_key"
    if described is None:
        hidden = "customer_master_key_spec key_usage is_enabled multi_region custom_key_store_id"
        attributes |= {name: _unseen("key") for name in hidden.split()}
    else:
        kind = _type(described)
        attributes |= _described(described, kind)
    planned = object_(attributes, place)
    return resource(kind, address, planned, place, provider_of(key, settings, place))


def _place(shown: Value) -> Span:
    """What stands for the whole: one value, as the object may be as long as the file."""
    for name in ("Arn", "KeyId", "Policy"):
        value = shown.get(name)
        if value is not None and value.written is not None:
            return value.written
    assert shown.written is not None  # every value of a file has its place
    return shown.written


def _unseen(what: str) -> Value:
    said = {
        "policy": ("its policy", "get-key-policy"),
        "key": ("the kind of the key", "describe-key"),
        "rotation": ("whether it is rotated", "get-key-rotation-status"),
    }
    type: Type = BOOL if what == "rotation" else STRING
    return unknown(_UNSEEN.format(*said[what]), type=type)


def _identity(key: str, *, alone: bool) -> dict[str, Value]:
    found: Arn | None = arn(key)
    if found is None:
        return {"key_id": string(key)}
    own = {"arn": string(key)}
    return own | {"key_id": string(found.name)} if alone else own


# -- what describe-key says ----------------------------------------------------------------


def _type(key: Value) -> str:
    imported = _text(key, "Origin") == "EXTERNAL"
    region = key.get("MultiRegionConfiguration")
    if region is not None and _text(region, "MultiRegionKeyType") == "REPLICA":
        return "aws_kms_replica_external_key" if imported else "aws_kms_replica_key"
    return "aws_kms_external_key" if imported else "aws_kms_key"


def _described(key: Value, kind: str) -> Mapping[str, Value]:
    """What it is and how it is used.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    """
    spec = key.get("KeySpec") or key.get("CustomerMasterKeySpec") or _unseen("key")
    enabled = key.get("Enabled")
    if enabled is None:
        state = _text(key, "KeyState")
        enabled = _unseen("key") if state is None else boolean(state == "Enabled")
    usage = key.get("KeyUsage") or _unseen("key")
    attributes = {
        "customer_master_key_spec": spec,
        "key_spec": spec,
        "key_usage": usage,
        "is_enabled": enabled,
        "enabled": enabled,
        "multi_region": key.get("MultiRegion") or boolean(False),
        **_store(key),
    }
    if "external" in kind:
        attributes["key_material_base64"] = _material(key)
    if "replica" in kind:
        attributes["primary_key_arn"] = _primary(key)
    return attributes


def _store(key: Value) -> dict[str, Value]:
    """Where the material is, as the provider tells it: by the key store."""
    origin = _text(key, "Origin")
    if origin in {"AWS_KMS", "EXTERNAL"}:
        return {}
    if origin not in {"AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}:
        return {"custom_key_store_id": _unseen("key")}
    stores = {"custom_key_store_id": key.get("CustomKeyStoreId") or string(origin)}
    if origin == "EXTERNAL_KEY_STORE":
        outside = key.get("XksKeyConfiguration")
        inner = outside.get("Id") if outside is not None else None
        stores["xks_key_id"] = inner or string(origin)
    return stores


def _material(key: Value) -> Value:
    """Imported material is there and never shown, but where AWS waits for it."""
    if _text(key, "KeyState") == "PendingImport":
        return unknown("the key waits for its material", type=STRING)
    return unknown("imported key material is never shown", type=STRING).marked()


def _primary(key: Value) -> Value:
    region = key.get("MultiRegionConfiguration")
    primary = region.get("PrimaryKey") if region is not None else None
    named = primary.get("Arn") if primary is not None else None
    return named or null(STRING)


def _rotation(known: Facts) -> Value:
    """Whether it is rotated; AWS does so only with symmetric keys whose material it has made.

    https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    """
    said = known.rotation.get("KeyRotationEnabled") if known.rotation is not None else None
    if said is not None:
        return said
    if known.key is not None:
        spec, origin = _text(known.key, "KeySpec"), _text(known.key, "Origin")
        if (spec and spec != "SYMMETRIC_DEFAULT") or (origin and origin != "AWS_KMS"):
            return boolean(False)
    return _unseen("rotation")


def _text(value: Value, name: str) -> str | None:
    member = value.get(name)
    return member.text if member is not None else None
