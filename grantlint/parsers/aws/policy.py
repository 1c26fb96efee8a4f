"""The policy of a key as `get-key-policy` answers it: JSON text within JSON, every place kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grantlint.parsers.aws.document import value_of
from grantlint.parsers.json_text import BadJson, read
from grantlint.source import Source, Span
from grantlint.value import STRING, Unknown, Value, object_, tuple_

_PIECES: Final = re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+|\\.|[^\\]+")


def policy_of(answer: Value) -> Value:
    """The text of the policy, with the tree that it says; of one that is an object, the tree."""
    policy = answer.get("Policy")
    if policy is None:
        policy = answer  # a document without anything around it
    if policy.text is None:
        return Value(STRING, Unknown("the policy is an object"), policy.written, encodes=policy)
    inner = _inside(policy)
    try:
        tree = value_of(read(inner.text.data), inner.text)
    except BadJson:
        return policy  # whoever decodes it says what is wrong
    return Value(STRING, policy.raw, policy.written, encodes=inner.moved(tree))


@dataclass(frozen=True, slots=True)
class _Inside:
    """What a JSON string says, and at which byte of the file each of its bytes stands."""

    text: Source
    offsets: tuple[int, ...]
    around: Source

    def moved(self, value: Value) -> Value:
        """A value of the text, with its places in the file."""
        span, raw = value.written, value.raw
        if span is not None:
            span = Span(self.around, self.offsets[span.start], self.offsets[span.end])
        if isinstance(raw, tuple):
            return tuple_([self.moved(one) for one in raw], span)
        if isinstance(raw, Mapping):
            return object_({key: self.moved(one) for key, one in raw.items()}, span)
        return value.at(span)


def _inside(text: Value) -> _Inside:
    span = text.written
    assert span is not None  # every value of a file has its place
    quoted = span.source.data[span.start + 1 : span.end - 1]
    said, offsets = bytearray(), list[int]()
    for piece in _PIECES.finditer(quoted):
        plain, at = piece[0], span.start + 1 + piece.start()
        if plain.startswith(b"\\"):
            plain = _unescaped(plain)
            offsets += [at] * len(plain)
        else:
            offsets += range(at, at + len(plain))
        said += plain
    offsets.append(span.end - 1)
    return _Inside(Source(span.path, bytes(said)), tuple(offsets), span.source)


def _unescaped(escapes: bytes) -> bytes:
    text = str(json.loads(b'"' + escapes + b'"'))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
