"""Grants and keys of different root modules, joined where one reads the state of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grantlint.model import Grant, Inventory, Key, KeyReference
from grantlint.parsers.passage import Passage
from grantlint.value import Value, far_address, string


def across(inventory: Inventory) -> Inventory:
    """The inventory of a whole run; its grants know the keys of other root modules."""
    keys = {far_address(key.address, key.root): key for key in inventory.keys}
    granted: dict[str, list[str]] = {}
    grants = []
    for grant in inventory.grants:
        far = _far(grant, keys)
        grants.append(grant if far is None else replace(grant, key=_reference(grant, far)))
        if far is not None and not grant.key_id.sensitive:
            name = far_address(far.address, far.root)
            granted.setdefault(name, []).append(far_address(grant.address, grant.root))
    if not granted:
        return inventory if grants == list(inventory.grants) else _with(inventory, grants)
    joined = (
        replace(key, grants=(*key.grants, *granted.get(far_address(key.address, key.root), ())))
        for key in inventory.keys
    )
    return _with(replace(inventory, keys=tuple(joined)), grants)


def _with(inventory: Inventory, grants: list[Grant]) -> Inventory:
    return replace(inventory, grants=tuple(grants))


def _far(grant: Grant, keys: Mapping[str, Key]) -> Key | None:
    """The key of another root module that a grant is certainly for."""
    cause = grant.key.address.unknown
    referent = cause.refers_to if cause is not None and not cause.choices else None
    return keys.get(referent.address) if referent is not None and referent.root else None


def _reference(grant: Grant, key: Key) -> KeyReference:
    """What the grant says of its key, with the places and references of the key's module."""
    passage = Passage(key.root, grant.root)

    def carried(value: Value) -> Value:
        return passage.carry(value).marked(grant.key_id.sensitive)

    return KeyReference(
        string(far_address(key.address, key.root)).marked(grant.key_id.sensitive),
        carried(key.spec),
        carried(key.usage),
        carried(key.account),
        carried(key.enabled),
        carried(key.imported),
    )
