"""What two inventories say alike, whatever format they were read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grantlint.model.inventory import Inventory
from grantlint.model.json import to_json

_OF_THE_TEXT: Final = frozenset({"span", "source", "who"})
_ADDRESSES: Final = frozenset({"address", "grants", "primary"})
"""Fields that hold the address of an object."""


def comparable(inventory: Inventory) -> dict[str, list[object]]:
    """An inventory without what differs from format to format: places, addresses, reasons.

    An address becomes the kind and number of the object that it is.
    """
    whole = to_json(inventory)
    names: dict[str, str] = {}
    kinds = ("keys", "grants", "identities")
    objects = {kind: whole[kind] for kind in kinds}
    for kind, members in objects.items():
        assert isinstance(members, list)
        for number, one in enumerate(members):
            assert isinstance(one, dict)
            names[str(one["address"])] = f"{kind}[{number}]"
    return {
        kind: [_comparable(one, names) for one in members]
        for kind, members in objects.items()
        if isinstance(members, list)
    }


def _comparable(tree: object, names: Mapping[str, str], field: str = "") -> object:
    if isinstance(tree, list):
        return [_comparable(one, names, field) for one in tree]
    if isinstance(tree, str):
        return names.get(tree, tree) if field in _ADDRESSES else tree
    if not isinstance(tree, dict):
        return tree
    cause = tree.get("$unknown")
    if isinstance(cause, dict):
        refers_to = cause["refers_to"]
        referent = None
        if isinstance(refers_to, dict):
            referent = (refers_to["type"], names.get(str(refers_to["address"])))
        told = {name: cause[name] for name in ("prefix", "suffix", "choices", "has")}
        return {"$unknown": {**told, "refers_to": referent}}
    if "evidence" in tree:  # of what is no object of the inventory
        evidence = str(tree["evidence"]).replace(str(tree["address"]), "it")
        return {"service": tree["service"], "evidence": evidence}
    kept = {key: value for key, value in tree.items() if key not in _OF_THE_TEXT}
    return {key: _comparable(value, names, key) for key, value in kept.items()}


def first_difference(one: object, other: object, path: str = "") -> str:
    """Where two comparable trees first differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                return first_difference(one.get(key), other.get(key), f"{path}.{key}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            if pair[0] != pair[1]:
                return first_difference(*pair, f"{path}[{index}]")
    return f"{path.removeprefix('.')} is {one} here and {other} in HCL"
