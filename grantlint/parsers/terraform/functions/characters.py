"""Text as grapheme clusters (what a reader takes for one character).

Exact where Unicode's rules are simple, else unknown: joined emoji, conjoining Hangul and Indic
vowel signs need tables that Python does not have. https://unicode.org/reports/tr29/
"""

from __future__ import annotations

import unicodedata

from grantlint.parsers.holes import UnknowableError

_JOINER = "\u200d"
_HARD_CATEGORIES = {"Mc", "Cf", "Cs", "Cn"}


def clusters(text: str) -> list[str]:
    """The characters of a text."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    found: list[str] = []
    for letter in text:
        if found and _belongs(letter, found[-1]):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _belongs(letter: str, before: str) -> bool:
    """Whether `letter` is one character with what stands before it."""
    if letter == "\n":
        return before == "\r"
    if letter.isascii():
        return False
    if _is_hard(letter):
        raise UnknowableError("it depends on how Unicode joins the characters of a text")
    last = unicodedata.category(before[-1])
    if unicodedata.category(letter) in {"Mn", "Me"} or "\U0001f3fb" <= letter <= "\U0001f3ff":
        return last != "Cc"
    flags = "\U0001f1e6" <= letter <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff"
    return flags and len(before) == 1


def _is_hard(letter: str) -> bool:
    if letter == _JOINER or unicodedata.category(letter) in _HARD_CATEGORIES:
        return True
    return (
        "\u1100" <= letter <= "\u11ff"
        or "\ua960" <= letter <= "\ua97c"
        or ("\ud7b0" <= letter <= "\ud7fb")
    )
