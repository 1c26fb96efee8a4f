"""Functions on text. Characters are grapheme clusters where Terraform counts those.

https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/string.go
"""

from __future__ import annotations

from fractions import Fraction

from grantlint.parsers.bounds import LONGEST_TEXT
from grantlint.parsers.holes import UnknowableError, like, parts_of, text_of
from grantlint.parsers.terraform.functions.characters import clusters
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.parsers.terraform.functions.whole import whole_number
from grantlint.value import BOOL, NUMBER, STRING, Type, Value, boolean

LIST_OF_STRING = Type("list", STRING)
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_STR = Parameter("str", STRING)


# -- letters -------------------------------------------------------------------------------


@plain(_STR, returns=STRING)
def upper(text: str) -> str:
    """Go maps one letter to one letter: "ß" stays."""
    return text.upper() if text.isascii() else "".join(map(_upper_letter, text))


@plain(_STR, returns=STRING)
def lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_lower_letter, text))


@plain(_STR, returns=STRING)
def title(text: str) -> str:
    """The first letter of each word as a capital."""
    result = []
    before = " "
    for letter in text:
        result.append(_title_letter(letter) if _separates(before) else letter)
        before = letter
    return "".join(result)


def _upper_letter(letter: str) -> str:
    changed = letter.upper()
    return changed if len(changed) == 1 else _title_letter(letter)


def _lower_letter(letter: str) -> str:
    return "i" if letter == "\u0130" else letter.lower()


def _title_letter(letter: str) -> str:
    changed = letter.title()
    return changed if len(changed) == 1 else letter


def _separates(letter: str) -> bool:
    if letter.isascii():
        return not (letter.isalnum() or letter == "_")
    return letter in _SPACE


# -- edges ---------------------------------------------------------------------------------


@function(Parameter("str", STRING, unknown=True), returns=STRING)
def trimspace(text: Value) -> Value:
    return _trimmed(text, _SPACE, _SPACE)


@function(Parameter("str", STRING, unknown=True), returns=STRING)
def chomp(text: Value) -> Value:
    return _trimmed(text, "", "\r\n")


@function(Parameter("str", STRING, unknown=True), Parameter("cutset", STRING), returns=STRING)
def trim(text: Value, cutset: Value) -> Value:
    return _trimmed(text, cutset.text or "", cutset.text or "")


def _trimmed(text: Value, left: str, right: str) -> Value:
    """Without characters at the edges; text with holes when both edges stay known."""
    parts = list(parts_of(text))
    first, last = parts[0], parts[-1]
    if len(parts) == 1 and isinstance(first, str):
        start = first.lstrip(left) if left else first
        return text_of([start.rstrip(right) if right else start])
    if not isinstance(first, str) or not isinstance(last, str):
        return like(text, STRING)
    parts[0] = first.lstrip(left) if left else first
    parts[-1] = last.rstrip(right) if right else last
    if not (parts[0] and parts[-1]):
        return like(text, STRING)
    return text_of(parts)


@function(Parameter("str", STRING, unknown=True), Parameter("prefix", STRING), returns=STRING)
def trimprefix(text: Value, prefix: Value) -> Value:
    unwanted = prefix.text or ""
    parts = list(parts_of(text))
    known = parts[0] if isinstance(parts[0], str) else ""
    if text.unknown is not None and len(known) < len(unwanted) and unwanted.startswith(known):
        return like(text, STRING)
    return text_of([known.removeprefix(unwanted), *parts[1:]] if known else parts)


@function(Parameter("str", STRING, unknown=True), Parameter("suffix", STRING), returns=STRING)
def trimsuffix(text: Value, suffix: Value) -> Value:
    unwanted = suffix.text or ""
    parts = list(parts_of(text))
    known = parts[-1] if isinstance(parts[-1], str) else ""
    if text.unknown is not None and len(known) < len(unwanted) and unwanted.endswith(known):
        return like(text, STRING)
    return text_of([*parts[:-1], known.removesuffix(unwanted)] if known else parts)


@function(Parameter("str", STRING, unknown=True), Parameter("prefix", STRING), returns=BOOL)
def startswith(text: Value, prefix: Value) -> Value:
    wanted = prefix.text or ""
    known = text.text if text.unknown is None else text.unknown.prefix
    assert known is not None
    if known.startswith(wanted):
        return boolean(True)
    if text.unknown is not None and wanted.startswith(known):
        return like(text, BOOL)
    return boolean(False)


@function(Parameter("str", STRING, unknown=True), Parameter("suffix", STRING), returns=BOOL)
def endswith(text: Value, suffix: Value) -> Value:
    wanted = suffix.text or ""
    known = text.text if text.unknown is None else text.unknown.suffix
    assert known is not None
    if known.endswith(wanted):
        return boolean(True)
    if text.unknown is not None and wanted.endswith(known):
        return like(text, BOOL)
    return boolean(False)


@function(Parameter("str", STRING, unknown=True), Parameter("substr", STRING), returns=BOOL)
def strcontains(text: Value, part: Value) -> Value:
    wanted = part.text or ""
    if any(isinstance(piece, str) and wanted in piece for piece in parts_of(text)) or not wanted:
        return boolean(True)
    return boolean(False) if text.unknown is None else like(text, BOOL)


# -- pieces --------------------------------------------------------------------------------


@plain(Parameter("separator", STRING), _STR, returns=LIST_OF_STRING)
def split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


@function(
    Parameter("separator", STRING),
    rest=Parameter("lists", LIST_OF_STRING, unknown=True),
    returns=STRING,
)
def join(separator: Value, *lists: Value) -> Value:
    if not lists:
        raise FunctionError("at least one list is required")
    if (hidden := next((each for each in lists if each.unknown is not None), None)) is not None:
        return like(hidden, STRING)
    pieces: list[str | Value] = []
    for at, members in enumerate(lists):
        for index, member in enumerate(members.elements()):
            if member.is_null and first_unknown(lists) is None:
                where = f" of list {at + 1}" if len(lists) > 1 else ""
                text = f"element {index}{where} is null; cannot concatenate null values"
                raise FunctionError(text, at + 1)
            if member.is_null:
                raise UnknowableError("a null is joined")
            pieces += [separator.text or "", *parts_of(member)]
    return text_of(pieces[1:])


@plain(_STR, returns=STRING)
def strrev(text: str) -> str:
    return "".join(reversed(clusters(text)))


@plain(_STR, Parameter("offset", NUMBER), Parameter("length", NUMBER), returns=STRING)
def substr(text: str, offset: int | Fraction, length: int | Fraction) -> str:
    start, count = whole_number(offset), whole_number(length)
    if start >= 0 and count == 0:
        return ""
    characters = clusters(text)
    if start < 0:
        start = max(start + len(characters), 0)
    rest = characters[start:]
    # a length of zero behind a negative offset takes the whole rest, as in Terraform
    return "".join(rest[:count] if count > 0 else rest)


@plain(Parameter("spaces", NUMBER), _STR, returns=STRING)
def indent(spaces: int | Fraction, text: str) -> str:
    count = whole_number(spaces)
    if count < 0:
        raise FunctionError("panic in function implementation: strings: negative Repeat count")
    if count * text.count("\n") > LONGEST_TEXT:
        raise UnknowableError("the indented text is larger than 5 MB")
    return text.replace("\n", "\n" + " " * count)
