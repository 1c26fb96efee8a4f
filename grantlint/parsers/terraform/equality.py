"""`==` as Terraform decides it, and what can be said of it when something is not known.

Values of different types are never equal, `1 == "1"` and `tolist([1]) == [1]` included; nulls are
equal whatever their types. Text with holes is unequal to what cannot begin or end like it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from grantlint.parsers.terraform.typed import has_dynamic, type_of, uncertain
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
    for operand in (left, right):
        for leaf in operand.unknowns():
            assert leaf.unknown is not None
            return Value(BOOL, Unknown(leaf.unknown.reason, leaf.unknown.refers_to))
    return Value(BOOL, Unknown("it compares what is not known"))


def equal(left: Value, right: Value) -> Truth:
    """Whether two values are equal, sensitive or not."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one.raw, Unknown) and one.raw.choices:
            answers = {equal(choice, other) for choice in one.raw.choices}
            return answers.pop() if len(answers) == 1 else Truth.MAYBE
    if isinstance(left.raw, Unknown):
        return _equal_unknown(left, right)
    if isinstance(right.raw, Unknown):
        return _equal_unknown(right, left)
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


def _equal_unknown(unknown: Value, other: Value) -> Truth:
    assert isinstance(unknown.raw, Unknown)
    if isinstance(other.raw, Unknown):
        return Truth.MAYBE
    if other.raw is None:
        return Truth.NO if unknown.raw.parts else Truth.MAYBE
    if unknown.raw.parts:
        if not isinstance(other.raw, str):
            return Truth.NO
        return Truth.MAYBE if _may_be(unknown.raw, other.raw) else Truth.NO
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
    if left.kind == "set":
        return _equal_sets(left, right)
    if isinstance(left.raw, tuple) and isinstance(right.raw, tuple):
        if len(left.raw) != len(right.raw):
            return Truth.NO
        return Truth.all(equal(*pair) for pair in zip(left.raw, right.raw, strict=True))
    assert isinstance(left.raw, Mapping)
    assert isinstance(right.raw, Mapping)
    if left.raw.keys() != right.raw.keys():
        return Truth.NO
    return Truth.all(equal(member, right.raw[key]) for key, member in left.raw.items())


def _equal_sets(left: Value, right: Value) -> Truth:
    assert isinstance(left.raw, tuple)
    assert isinstance(right.raw, tuple)
    if not left.wholly_known() or not right.wholly_known():
        return Truth.MAYBE
    if len(left.raw) != len(right.raw):
        return Truth.NO
    return Truth.all(equal(*pair) for pair in zip(left.raw, right.raw, strict=True))
