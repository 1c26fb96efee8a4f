"""What has another name now than it had: files, directories, and addresses by `moved` blocks.

An address is moved by the blocks of the root module and of each module on the way to it, which
speak of addresses inside that module
(https://developer.hashicorp.com/terraform/language/modules/develop/refactoring). A resource that
gets a `count`, or loses it, keeps its state without a block: it and its instance 0 are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.known import Known, relative

if TYPE_CHECKING:
    from grantlint.extent import Extent
    from grantlint.model import Inventory
    from grantlint.rule import Object

_MOST: Final = 100
"""Addresses that one may have had: blocks may lead in a circle."""
_KEY: Final = r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]'
_STEP: Final = re.compile(rf"(?P<name>module\.[\w-]+|(?:data\.)?[\w-]+\.[\w-]+)(?P<key>{_KEY})?")
_ADDRESS: Final = re.compile(
    rf"(?:module\.[\w-]+(?:{_KEY})?\.)*(?:data\.)?aws_\w+\.[\w-]+(?:{_KEY})?"
)
_FIRST: Final = {"": "[0]", "[0]": ""}

Steps = tuple[tuple[str, str], ...]
"""An address: modules, then the resource, each with its key in brackets, "" without one."""


def steps(address: str) -> Steps:
    """The steps of an address of Terraform's; none of what is no such address."""
    found: list[tuple[str, str]] = []
    at = 0
    while (match := _STEP.match(address, at)) is not None:
        found.append((match["name"], match["key"] or ""))
        at = match.end()
        if at == len(address):
            return tuple(found)
        if address[at] != ".":
            break
        at += 1
    return ()


def _text(address: Steps) -> str:
    return ".".join(name + key for name, key in address)


@dataclass(frozen=True, slots=True)
class Move:
    """What a block says, inside its module."""

    old: Steps
    new: Steps

    def undone(self, address: Steps) -> Steps | None:
        """What an address was before; None for one that the block does not speak of.

        Without a key on both sides all instances move and keep theirs.
        """
        count = len(self.new)
        if len(address) < count or address[: count - 1] != self.new[:-1]:
            return None
        (name, key), (new_name, new_key) = address[count - 1], self.new[-1]
        old_name, old_key = self.old[-1]
        if name != new_name:
            return None
        if new_key or old_key:
            if key != new_key:
                return None
            key = old_key
        return (*self.old[:-1], (old_name, key), *address[count:])


@dataclass(slots=True, eq=False)
class Moves:
    """What findings of now were known by. `files` are renamed ones, new → old, from `top`.

    `directories` are those of modules: the root's, then the names of the calls that lead there.
    """

    top: Path
    files: Mapping[str, str] = field(default_factory=dict)
    directories: dict[tuple[str, ...], str] = field(default_factory=dict)
    _roots: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[str, tuple[Move, ...]] = field(default_factory=dict)
    _addresses: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for new, old in self.files.items():
            into = self._roots.setdefault(_directory(new), [])
            if _directory(old) not in into:
                into.append(_directory(old))

    def look(self, inventory: Inventory) -> None:
        """Learn where the modules are from what was found in them."""
        found: tuple[Object, ...] = (*inventory.keys, *inventory.grants, *inventory.identities)
        for one in found:
            names = [name for name, _ in steps(one.address) if name.startswith("module.")]
            if not one.source.startswith("terraform") or len(names) != len(one.calls):
                continue
            root = relative(one.root, self.top)
            for depth, span in enumerate((*one.calls, one.span)):
                place = (root, *names[:depth])
                self.directories.setdefault(place, _directory(span.path))

    def roots(self, one: Known) -> list[str]:
        """The directories or templates that a finding of now may have been counted in."""
        old = [self.files[one.root]] if one.root in self.files else []
        return [one.root, *old, *self._roots.get(one.root, ())]

    def addresses(self, one: Known, address: str | None = None) -> list[str]:
        """The addresses that a finding of now, or another object of its root, may have had."""
        asked = one.identity.address if address is None else address
        found = self._addresses.get((one.root, asked))
        if found is None:
            seen = {start: None for start in [steps(asked)] if start}
            pending = list(seen)
            while pending and len(seen) < _MOST:
                for old in self._before(one.root, pending.pop()):
                    if old not in seen:
                        seen[old] = None
                        pending.append(old)
            found = list(dict.fromkeys([asked, *map(_text, seen)]))
            self._addresses[one.root, asked] = found
        return found

    def extent(self, one: Known, then: Extent) -> Extent:
        """The extent of a finding of now, said with the names that one of then has."""
        return replace(
            one.extent,
            allows=self._named(one, one.extent.allows, then.allows),
            limits=self._named(one, one.extent.limits, then.limits),
        )

    def _named(
        self, one: Known, now: Mapping[str, str], then: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Facts by the tokens that they have with one of their old names."""
        tokens = {words: token for token, words in then.items() if token not in now}
        found: dict[str, str] = {}
        for token, words in now.items():
            match = None if token in then else _ADDRESS.search(words)
            old = self.addresses(one, match[0]) if match is not None and tokens else []
            before, after = (words[: match.start()], words[match.end() :]) if match else ("", "")
            named = (tokens.get(before + address + after) for address in old)
            found[next((one for one in named if one is not None), token)] = words
        return found

    def _before(self, root: str, address: Steps) -> Iterator[Steps]:
        names = [name for name, _ in address]
        for depth in range(len(address)):
            for move in self._moves((root, *names[:depth])):
                old = move.undone(address[depth:])
                if old is not None:
                    yield (*address[:depth], *old)
        *modules, (name, key) = address
        if not name.startswith("module.") and key in _FIRST:
            yield (*modules, (name, _FIRST[key]))

    def _moves(self, place: tuple[str, ...]) -> Sequence[Move]:
        """The blocks of a module."""
        directory = self.directories.get(place)
        if directory is None:
            return ()
        if directory not in self._found:
            self._found[directory] = tuple(_moves_in(Path(directory)))
        return self._found[directory]


def _moves_in(directory: Path) -> Iterator[Move]:
    from grantlint.parsers.terraform import syntax  # noqa: PLC0415  # few have moved blocks
    from grantlint.parsers.terraform.module import configuration_files, read_source  # noqa: PLC0415
    from grantlint.source import Source  # noqa: PLC0415

    for path in configuration_files(directory):
        source = read_source(path, path.as_posix())
        if not isinstance(source, Source) or b"moved" not in source.data:
            continue
        for block in syntax.parse(source).body.blocks:
            if block.type == "moved":
                ends = (block.body.argument("from"), block.body.argument("to"))
                texts = [one.expression.span.text for one in ends if one is not None]
                old, new = (steps(text.strip().strip('"')) for text in [*texts, "", ""][:2])
                if old and new:
                    yield Move(old, new)


def _directory(path: str) -> str:
    return path.rpartition("/")[0] or "."
