"""Text made of pieces, some of which are not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import product

from grantlint.parsers.bounds import MOST_HOLES, too_long
from grantlint.parsers.terraform.convert.typed import MOST_CHOICES
from grantlint.source import Span
from grantlint.value import STRING, Unknown, Value, assumed, string, unknown


def join_text(pieces: Sequence[Value], span: Span | None) -> Value:
    """One text of several; with a hole where a piece is unknown."""
    sensitive = any(piece.sensitive for piece in pieces)
    length = sum(len(piece.raw) for piece in pieces if isinstance(piece.raw, str))
    if (reason := too_long(length)) is not None:
        return unknown(reason, span, type=STRING).marked(sensitive)
    parts: list[str | Value] = []
    for piece in pieces:
        for part in _text_parts(piece):
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    hole = next((part.unknown for part in parts if isinstance(part, Value)), None)
    if hole is None:
        text = nfc("".join(part for part in parts if isinstance(part, str)))
        trail = pieces[0].trail if len(pieces) == 1 else assumed(pieces)
        return Value(STRING, text, span, trail, sensitive)
    known = sum(len(part) for part in parts if isinstance(part, str))
    if len(parts) > MOST_HOLES or too_long(known):
        return Value(STRING, Unknown(hole.reason, hole.refers_to), span, (), sensitive)
    whole = Unknown(hole.reason, hole.refers_to, tuple(parts), _text_choices(pieces, span))
    return Value(STRING, whole, span, assumed(pieces), sensitive)


def nfc(text: str) -> str:
    """Text as Terraform keeps it: in Unicode's composed form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _text_parts(piece: Value) -> Sequence[str | Value]:
    if isinstance(piece.raw, str):
        return (piece.raw,)
    if piece.unknown is not None and piece.unknown.parts:
        return piece.unknown.parts
    return (piece,)


def _text_choices(pieces: Sequence[Value], span: Span | None) -> tuple[Value, ...]:
    """Every text the whole can be, when each piece is known or has known choices."""
    alternatives: list[list[str]] = []
    total = 1
    for piece in pieces:
        options = piece.unknown.choices if piece.unknown is not None else (piece,)
        texts = [option.text for option in options if option.text is not None]
        total *= len(texts)
        if len(texts) != len(options) or not 0 < total <= MOST_CHOICES:
            return ()
        alternatives.append(texts)
    found = dict.fromkeys("".join(texts) for texts in product(*alternatives))
    return tuple(string(text, span) for text in found)
