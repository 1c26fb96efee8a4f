"""Which key a text means, and what keys and grants are called.

A key is known by its ARN, or by its id where nothing tells more. Users know their keys by an alias.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from grantlint.parsers.aws.answers import UUID
from grantlint.value import Value

_ARN: Final = re.compile(
    r"arn:(?P<partition>[^:]+):kms:(?P<region>[^:]*):(?P<account>[0-9]*):(?P<what>key|alias)/(?P<name>.+)"
)
_ID_IN_PATH: Final = re.compile(rf"(?<![0-9a-z]){UUID}(?![0-9a-z])")
SHORT: Final = 12
"""Digits of a grant's id by which it is told from others."""


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of the ARN of a key or alias; `name` is the key's id or the alias's name."""

    partition: str
    region: str
    account: str
    name: str
    of_alias: bool


def arn(text: str) -> Arn | None:
    """The parts of a text that is such an ARN."""
    found = _ARN.fullmatch(text)
    if found is None:
        return None
    return Arn(
        found["partition"],
        found["region"],
        found["account"],
        found["name"] if found["what"] == "key" else f"alias/{found['name']}",
        found["what"] == "alias",
    )


def id_in(path: str) -> str | None:
    """The one id of a key that a file's path has in it."""
    found = set(_ID_IN_PATH.findall(path))
    return found.pop() if len(found) == 1 else None


@dataclass(slots=True, eq=False)
class Names:
    """Every name of a key that the answers of an estate have."""

    _arns: dict[str, set[str]] = field(default_factory=dict)  # by id
    _aliases: dict[str, set[str]] = field(default_factory=dict)  # by name and by ARN
    managed: set[str] = field(default_factory=set)
    """The keys that AWS manages for its services."""

    def add(self, name: str) -> None:
        """A key that is called so somewhere."""
        found = arn(name)
        if found is not None and not found.of_alias:
            self._arns.setdefault(found.name, set()).add(name)

    def add_alias(self, alias: Value) -> None:
        """An entry of list-aliases. One without a target is of no key yet."""
        name, own, target = (
            one.text if one is not None else None
            for one in map(alias.get, ("AliasName", "AliasArn", "TargetKeyId"))
        )
        if name is None or target is None:
            return
        place = arn(own or "")
        key = target
        if place is not None and arn(target) is None:
            key = f"arn:{place.partition}:kms:{place.region}:{place.account}:key/{target}"
            self.add(key)
        for called in filter(None, (name, own)):
            self._aliases.setdefault(called, set()).add(key)
        if name.startswith("alias/aws/"):
            self.managed.add(key)

    def call(self, key: str, alias: str) -> None:
        """An alias that the user wrote over the answers of a key."""
        self._aliases.setdefault(alias, set()).add(key)

    def key(self, name: str) -> str:
        """The ARN of the key that is called so, as far as it is known; else the text itself."""
        found = self._aliases.get(name, set())
        if len(found) == 1:
            name = next(iter(found))
        arns = self._arns.get(name, set())
        return next(iter(arns)) if len(arns) == 1 else name

    def aliases(self) -> dict[str, list[str]]:
        """The names of the aliases of each key that has any, sorted."""
        found: dict[str, set[str]] = {}
        for name, keys in self._aliases.items():
            for key in keys if name.startswith("alias/") else ():
                found.setdefault(self.key(key), set()).add(name)
        return {key: sorted(names) for key, names in found.items()}


# -- what they are called ------------------------------------------------------------------


def key_names(keys: Iterable[str], names: Names) -> dict[str, str]:
    """An address for each key: its first alias, its id, or its ARN; the first that is its own.

    Keys of many Regions have one id, and mostly one alias: the Region stands before it.
    """
    wanted, aliases = list(dict.fromkeys(keys)), names.aliases()
    options = {one: [*_short(one, aliases.get(one, ())), one] for one in wanted}
    count = Counter(option for one in wanted for option in dict.fromkeys(options[one]))
    return {one: next((name for name in options[one] if count[name] == 1), one) for one in wanted}


def _short(key: str, aliases: Sequence[str]) -> list[str]:
    found = arn(key)
    own = [*aliases[:1], *([found.name] if found is not None else [])]
    if found is None:
        return own
    return [name for one in own for name in (one, f"{found.region}/{one}")]


def grant_names(grants: Iterable[tuple[str, str, str]]) -> list[str]:
    """An address for each grant, of the address of its key, its name, "" if none, and its id."""
    listed = list(grants)
    options = [
        [*([f"{key}:{name}"] if name else []), f"{key}:{id[:SHORT]}", f"{key}:{id}"]
        for key, name, id in listed
    ]
    count = Counter(option for one in options for option in dict.fromkeys(one))
    return [next((name for name in one if count[name] == 1), one[-1]) for one in options]
