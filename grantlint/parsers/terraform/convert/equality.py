"""`==` as Terraform decides it, and what can be said of it when something is not known.

Values of different types are never equal, `1 == "1"` and `tolist([1]) == [1]` included; nulls are
equal whatever their types. Text with holes is unequal to what cannot begin or end like it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from grantlint.parsers.terraform.convert.typed import has_dynamic, type_of, uncertain
from grantlint.value import BOOL, Truth, Unknown, Value, boolean


def values_equal(left: Value, right: Value) -> Value:
    """The bool `left == right`; unknown when it depends on what is not known."""
    for operand in (left, right):
        if operand.failed:
            return operand
    verdict = equal(left, right)
    sensitive = left.has_sensitive() or right.has_sensitive()
    if verdict is Truth.MAYBE:
        return _undecided(left, right).marked(sensitive)
    return boolean(verdict is Truth.YES).marked(sensitive)


def _undecided(left: Value, right: Value) -> Value:
    leaf = next(left.unknowns(), None) or next(right.unknowns())
    raw = leaf.raw
    made = Unknown(raw.reason, raw.refers_to) if isinstance(raw, Unknown) else raw
    return Value(BOOL, made)


def equal(left: Value, right: Value) -> Truth:
    """Whether two values are equal, sensitive or not."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one.raw, Unknown) and one.raw.choices:
            answers = {equal(choice, other) for choice in one.raw.choices}
            certain = len(answers) == 1 and not one.raw.may_fail
            return answers.pop() if certain else Truth.MAYBE
    if isinstance(left.raw, Unknown):
        return _equal_unknown(left, left.raw, right)
    if isinstance(right.raw, Unknown):
        return _equal_unknown(right, right.raw, left)
    if left.raw is None or right.raw is None:
        return Truth.of(left.raw is right.raw)
    if left.kind != right.kind:
        return Truth.NO
    if left.raw == () == right.raw or left.raw == {} == right.raw:
        return Truth.of(type_of(left) == type_of(right))
    if not isinstance(left.raw, (tuple, Mapping)):
        return Truth.of(left.raw == right.raw)
    doubtful = uncertain(left) or uncertain(right)
    if not doubtful and type_of(left) != type_of(right):
        return Truth.NO
    members = _equal_members(left, right)
    return members & Truth.MAYBE if doubtful else members


def _equal_unknown(unknown: Value, raw: Unknown, other: Value) -> Truth:
    if isinstance(other.raw, Unknown):
        return Truth.MAYBE
    if raw.parts:
        fits = isinstance(other.raw, str) and _may_be(raw, other.raw)
        return Truth.MAYBE if fits else Truth.NO
    if other.raw is None:
        return Truth.MAYBE
    have, want = type_of(unknown), type_of(other)
    if have.kind == "dynamic" or have == want:
        return Truth.MAYBE
    certain = not has_dynamic(have) and not uncertain(other)
    return Truth.NO if certain or have.kind != want.kind else Truth.MAYBE


def _may_be(unknown: Unknown, text: str) -> bool:
    """Whether text with holes can be `text`; a hole may bring combining characters."""
    text = unicodedata.normalize("NFD", text)
    prefix = unicodedata.normalize("NFD", unknown.prefix)
    suffix = unicodedata.normalize("NFD", unknown.suffix)
    while prefix and unicodedata.combining(prefix[-1]):
        prefix = prefix[:-1]
    while suffix and unicodedata.combining(suffix[0]):
        suffix = suffix[1:]
    long_enough = len(text) >= len(prefix) + len(suffix)
    return long_enough and text.startswith(prefix) and text.endswith(suffix)


def _equal_members(left: Value, right: Value) -> Truth:
    if left.kind == "set" and not (left.wholly_known() and right.wholly_known()):
        return Truth.MAYBE
    if isinstance(left.raw, tuple) and isinstance(right.raw, tuple):
        if len(left.raw) != len(right.raw):
            return Truth.NO
        return Truth.all(equal(*pair) for pair in zip(left.raw, right.raw, strict=True))
    first, second = dict(left.items()), dict(right.items())
    if first.keys() != second.keys():
        return Truth.NO
    return Truth.all(equal(member, second[key]) for key, member in first.items())
