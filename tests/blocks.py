"""Blocks made by hand, for tests of what is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grantlint.parsers.instance import Content, Instance, Provider
from grantlint.source import Source, Span
from grantlint.value import (
    STRING,
    Truth,
    Value,
    boolean,
    null,
    number,
    object_,
    string,
    tuple_,
    unknown,
)

SOURCE = Source("main.tf", b"block {\n}\n")
SPAN = Span(SOURCE, 0, 9)

Plain = str | bool | int | float | None | Value | Sequence["Plain"] | Mapping[str, "Plain"]


def value(plain: Plain) -> Value:
    """A Value of plain Python data; Values inside stay as they are."""
    if isinstance(plain, Value):
        return plain
    if plain is None:
        return null()
    if isinstance(plain, str):
        return string(plain)
    if isinstance(plain, bool):
        return boolean(plain)
    if isinstance(plain, int | float):
        return number(Fraction(plain))
    if isinstance(plain, Mapping):
        return object_({key: value(member) for key, member in plain.items()})
    return tuple_(value(member) for member in plain)


def hole(reason: str = "var.x has no value") -> Value:
    """A text that is not known."""
    return unknown(reason, type=STRING)


def encoded(plain: Plain) -> Value:
    """The JSON text of plain data, as jsonencode would leave it."""
    tree = value(plain)
    if not tree.wholly_known():
        return Value(STRING, unknown("it has an unknown part").raw, encodes=tree)
    return Value(STRING, json.dumps(plain, separators=(",", ":")), encodes=tree)


@dataclass
class Block(Content):
    """A block whose arguments are already evaluated."""

    arguments: dict[str, Value] = field(default_factory=dict)
    blocks: dict[str, tuple[Content, ...]] = field(default_factory=dict)
    existence: Truth = Truth.YES
    fault: str | None = None

    @property
    def span(self) -> Span:
        return SPAN

    @property
    def exists(self) -> Truth:
        return self.existence

    @property
    def broken(self) -> str | None:
        return self.fault

    def names(self) -> Iterable[str]:
        return self.arguments

    def argument(self, name: str) -> Value | None:
        return self.arguments.get(name)

    def nested(self, type: str) -> tuple[Content, ...]:
        return self.blocks.get(type, ())


def block(*children: tuple[str, Content], **arguments: Plain) -> Block:
    """A block of these arguments and (type, block) children."""
    nested: dict[str, tuple[Content, ...]] = {}
    for type_, child in children:
        nested[type_] = (*nested.get(type_, ()), child)
    return Block({name: value(plain) for name, plain in arguments.items()}, nested)


def perhaps(made: Block) -> Block:
    """The same block, of which it is not known whether it exists."""
    return Block(made.arguments, made.blocks, Truth.MAYBE, made.fault)


def instance(address: str, content: Content, provider: Provider | None = None) -> Instance:
    """An instance of the type and name that its address says."""
    mode = "data" if address.startswith("data.") else "managed"
    type_, name = address.removeprefix("data.").split(".")[:2]
    nowhere = unknown("not given", type=STRING)
    given = provider or Provider(nowhere, nowhere, nowhere)
    return Instance(address, mode, type_, name, "", Truth.YES, None, content, SPAN, given)
