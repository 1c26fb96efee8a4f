"""What is wrong with acceptances, as findings of the rules about them.

`invalid-suppression`: what was meant is not in force. `expired-suppression`: its day is past.
`outgrown-suppression`: more is allowed than it accepted. `unused-suppression`: nothing is found
any more that it could accept. Nothing accepts these: who does not want them does not select them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from grantlint.finding import UNREADABLE, Finding, Identity
from grantlint.git import named
from grantlint.place import Place
from grantlint.rule import Rule
from grantlint.source import Span
from grantlint.spelling import nearest
from grantlint.suppress.ignore import Fault, Ignore
from grantlint.suppress.outcome import Outcome
from grantlint.value import Truth

INVALID: Final = "invalid-suppression"
EXPIRED: Final = "expired-suppression"
OUTGROWN: Final = "outgrown-suppression"
UNUSED: Final = "unused-suppression"
ABOUT: Final = frozenset({INVALID, EXPIRED, OUTGROWN, UNUSED})
_MOST: Final = 3
"""Findings that are named beside an acceptance that lapsed."""


def about(
    outcomes: Sequence[Outcome],
    faults: Sequence[Fault],
    rules: Sequence[Rule],
    known: Mapping[str, bool],
    mandatory: frozenset[str],
    today: date,
) -> Iterator[Finding]:
    """The findings about acceptances, of the rules that were asked."""
    asked = {rule.id: rule for rule in rules}
    if INVALID in asked:
        for fault in faults:
            yield _finding(asked[INVALID], fault.message, fault.span)
        for one in outcomes:
            yield from _unfit(asked[INVALID], one.ignore, known, mandatory | one.barred)
    for one in outcomes:
        ignore = one.ignore
        if ignore.span is None or not ignore.own:
            continue
        idle = [
            id for id in ignore.rules if id in asked and id not in mandatory and id not in one.used
        ]
        unused = ignore.whole is not Truth.NO and bool(idle)
        if unused and UNUSED in asked:
            yield from _unused(asked[UNUSED], ignore, idle)
        if unused and not one.used:
            continue
        if EXPIRED in asked and ignore.until is not None and today > ignore.until:
            yield _expired(asked[EXPIRED], one, ignore.until, ignore.span)
        elif OUTGROWN in asked and one.outgrown:
            more = dict.fromkeys(text for _, wider in one.outgrown for text in wider)
            message = f"more is allowed than was accepted: {', '.join(more)}"
            places = _places([finding for finding, _ in one.outgrown])
            yield _finding(asked[OUTGROWN], message, ignore.span, related=places)


def _expired(rule: Rule, one: Outcome, until: date, span: Span) -> Finding:
    count = len(one.returned)
    again = f"the {count} findings that it accepted count again"
    if count < 2:
        again = "the finding that it accepted counts again" if count else "it accepts nothing"
    return _finding(rule, f"its last day was {until}: {again}", span, related=_places(one.returned))


def _places(findings: Sequence[Finding]) -> tuple[Place, ...]:
    spans = [(one, one.span) for one in findings if one.span is not None]
    return tuple(
        Place(span, f"{one.rule} is found here", one.address) for one, span in spans[:_MOST]
    )


def _unused(rule: Rule, ignore: Ignore, idle: Sequence[str]) -> Iterator[Finding]:
    """One finding for all of it, or one for each id that is of no use."""
    certain = ignore.whole is Truth.YES
    assert ignore.span is not None
    if len(idle) == len(ignore.rules) or len(ignore.named) != len(ignore.rules):
        ids = " or ".join(idle)
        message = f"there is no finding of {ids} that this could accept: take it out"
        yield _finding(rule, message, ignore.span, certain=certain)
        return
    for id, span in zip(ignore.rules, ignore.named, strict=True):
        if id in idle:
            message = f"there is no finding of {id} that this could accept: take it out"
            yield _finding(rule, message, span, certain=certain)


# -- what cannot be accepted ---------------------------------------------------------------


def _unfit(
    rule: Rule, ignore: Ignore, known: Mapping[str, bool], mandatory: frozenset[str]
) -> Iterator[Finding]:
    """Ids that no rule has, and those whose findings cannot be accepted."""
    if not ignore.own:
        return
    named = ignore.named or (ignore.span,) * len(ignore.rules)
    for id, span in zip(ignore.rules, named, strict=False):
        if span is None:
            continue
        if id in mandatory:
            message = f"{id} is mandatory here: its findings cannot be accepted"
            yield _finding(rule, message, span)
        elif id == UNREADABLE:
            message = "that a file cannot be read is always reported"
            yield _finding(rule, message, span)
        elif id in ABOUT:
            message = f"{id} is about suppressions itself: --ignore {id} leaves it out"
            yield _finding(rule, message, span)
        elif known and id not in known:
            yield _unknown(rule, id, span, known)


def _unknown(rule: Rule, id: str, span: Span, known: Mapping[str, bool]) -> Finding:
    """An id that no rule has; where no rules of users are asked it may be one of theirs."""
    near = nearest(id, sorted(known))
    if near is not None:
        return _finding(rule, f"there is no rule {id}: did you mean {near}?", span)
    message = f"there is no rule {id}: `grantlint rules` lists them"
    given = not all(known.values())
    if not given:
        message += ", --policies gives others"
    return _finding(rule, message, span, certain=given)


def _finding(
    rule: Rule, message: str, span: Span, *, certain: bool = True, related: tuple[Place, ...] = ()
) -> Finding:
    path = span.path.removeprefix("./")
    text = json.dumps([rule.id, named(path), " ".join(span.text.split())], ensure_ascii=True)
    return Finding(
        rule.id,
        rule.severity,
        message,
        span.path,
        span,
        related=related,
        certain=certain,
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:32],
        identity=Identity(rule.id, "", path, "", (" ".join(span.text.split()),)),
    )
