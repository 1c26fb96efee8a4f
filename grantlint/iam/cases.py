"""Statements of which a policy has one or another, as an unknown condition decides.

What each of them may lack, all of them together can have: a policy whose administrator is one role
or another always has one. Conditions are told apart by the words for them (see `Case`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from grantlint.iam.statements import Statement
from grantlint.value import Truth

_MOST: Final = 16
"""Conditions of one policy; more are not gone through."""


def in_each_case(policy: Sequence[Statement]) -> Iterator[list[list[Statement]]]:
    """For what decides on statements: the policy as it is in each of the alternatives."""
    decided = dict.fromkeys(one.case.among for one in policy if one.case is not None)
    for among in islice(decided, _MOST):
        yield [_where(word, among, policy) for word in sorted(among)]


def _where(word: str, among: frozenset[str], policy: Sequence[Statement]) -> list[Statement]:
    there = []
    for one in policy:
        if one.case is None or one.case.among != among:
            there.append(one)
        elif word in one.case.taken:
            there.append(replace(one, exists=Truth.YES))
    return there


def exclude(one: Statement, other: Statement) -> bool:
    """Whether no alternative of the policy has both statements."""
    if one.case is None or other.case is None or one.case.among != other.case.among:
        return False
    return not one.case.taken & other.case.taken
