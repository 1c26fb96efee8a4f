"""What a text says as JSON: known, with holes, or made by encoding a value.

A hole inside a string of the JSON makes text with holes of it (or is that string, when it fills
it), a hole where a value stands is an unknown. A hole is taken to be a piece of one string or one
value, as it is in every sensible policy: text that closes the quotes around it is not foreseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grantlint.parsers.holes import UnknowableError, like, parts_of
from grantlint.parsers.json_reader import HOLE, JsonError, JsonReader, alike
from grantlint.parsers.places import places
from grantlint.value import DYNAMIC, OBJECT, STRING, TUPLE, Unknown, Value

Alike = Callable[[Value, Value], bool]


def decode(text: Value, same: Alike = alike) -> Value:
    """The value that a text encodes, the very one it was made of where it was encoded.

    `same` as for `JsonReader`. Raises JsonError and UnknowableError.
    """
    if text.encodes is not None:
        decoded = _round_trip(text.encodes)
        return replace(decoded, trail=decoded.trail + text.trail)
    raw = text.raw
    if isinstance(raw, Unknown) and not raw.parts:
        return replace(like(text, DYNAMIC), written=text.written, trail=text.trail)
    parts = parts_of(text)
    shown = "".join(part if isinstance(part, str) else HOLE for part in parts)
    decoded = JsonReader(parts, places(text, shown), lambda hole: _of_hole(hole, same), same).read()
    return replace(decoded, trail=decoded.trail + text.trail)


def _of_hole(hole: Value, same: Alike) -> Value:
    """A hole that stands where a value of the JSON stands."""
    if hole.encodes is not None:
        return _round_trip(hole.encodes)
    opaque = replace(like(hole, DYNAMIC), written=hole.written, trail=hole.trail)
    raw = hole.raw
    if not isinstance(raw, Unknown) or not raw.choices or not isinstance(opaque.raw, Unknown):
        return opaque
    try:
        choices = [decode(choice, same) for choice in raw.choices]
    except (JsonError, UnknowableError):
        return opaque
    if any(choice.unknown is not None for choice in choices):
        return opaque
    return replace(opaque, raw=replace(opaque.raw, choices=tuple(choices)))


def _round_trip(value: Value) -> Value:
    """What decoding gives for a value that was encoded: no collections, nulls without a type."""
    raw = value.raw
    if isinstance(raw, Unknown):
        kind = STRING if raw.parts else DYNAMIC
        choices = tuple(_round_trip(choice) for choice in raw.choices)
        return replace(value, type=kind, raw=replace(raw, choices=choices))
    if isinstance(raw, Mapping):
        members = {key: _round_trip(member) for key, member in raw.items()}
        return replace(value, type=OBJECT, raw=members, encodes=None)
    if isinstance(raw, tuple):
        elements = tuple(_round_trip(member) for member in raw)
        return replace(value, type=TUPLE, raw=elements, encodes=None)
    return replace(value, type=DYNAMIC) if raw is None else value
