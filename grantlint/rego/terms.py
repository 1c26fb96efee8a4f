"""Values of Rego, in OPA's own notation: JSON with sets and with keys of any type.

OPA's WebAssembly writes the members of sets and objects in an order of its own. Here they get
the order that OPA itself gives them, so that every engine says the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from grantlint.model.json import Json


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written: 1.50 stays 1.50."""

    text: str


@dataclass(frozen=True, slots=True)
class Set:
    """The members of a set, in order."""

    members: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Object:
    """The keys and members of an object, in the order of the keys."""

    pairs: tuple[tuple[Term, Term], ...]


Term = None | bool | str | Number | tuple["Term", ...] | Set | Object

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|set\(\)|[\[\]{}:]|[^\s\[\]{}:,"]+')
_WORDS: Final[dict[str, Term]] = {"null": None, "true": True, "false": False, "set()": Set(())}


def read(text: str) -> Term:
    """The value of a text. Raises ValueError for one that is none."""
    frames: list[list[Term]] = [[]]
    colons = [0]
    for word in _TOKEN.findall(text):
        if word in "[{":
            frames.append([])
            colons.append(0)
        elif word == ":":
            colons[-1] += 1
        elif word in "]}":
            if len(frames) == 1:
                raise ValueError(f"{word} closes nothing")
            frames[-2].append(_composite(word, frames.pop(), colons.pop()))
        else:
            frames[-1].append(_scalar(word))
    if len(frames) != 1 or len(frames[0]) != 1:
        raise ValueError("not one value")
    return frames[0][0]


def _scalar(word: str) -> Term:
    if word[0] == '"':
        text: str = json.loads(word) if "\\" in word else word[1:-1]
        return text
    return _WORDS[word] if word in _WORDS else Number(word)


def _composite(closing: str, members: list[Term], colons: int) -> Term:
    if closing == "]":
        return tuple(members)
    if colons or not members:
        pairs = zip(members[::2], members[1::2], strict=True)
        return Object(tuple(sorted(pairs, key=lambda pair: _order(pair[0]))))
    return Set(tuple(sorted(members, key=_order) if len(members) > 1 else members))


def _order(term: Term) -> tuple[object, ...]:
    """What values are sorted by: OPA's order, in which types come one after the other."""
    if term is None:
        return (0,)
    if isinstance(term, bool):
        return (1, term)
    if isinstance(term, Number):
        number: int | float = json.loads(term.text)
        return (2, number)
    if isinstance(term, str):
        return (3, term)
    if isinstance(term, tuple):
        return (4, tuple(map(_order, term)))
    if isinstance(term, Object):
        return (5, tuple((_order(key), _order(member)) for key, member in term.pairs))
    return (6, tuple(map(_order, term.members)))


def to_json(term: Term) -> Json:
    """A value as OPA gives it out: sets are arrays, keys are texts."""
    if isinstance(term, Number):
        number: Json = json.loads(term.text)
        return number
    if isinstance(term, tuple):
        return [to_json(member) for member in term]
    if isinstance(term, Set):
        return [to_json(member) for member in term.members]
    if isinstance(term, Object):
        return {_key(key): to_json(member) for key, member in term.pairs}
    return term


def _key(term: Term) -> str:
    if isinstance(term, str):
        return term
    return json.dumps(to_json(term), ensure_ascii=False, separators=(",", ":"))
