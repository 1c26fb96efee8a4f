"""Hits made concrete: where in which file, how certain, and by what name they are known again."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from grantlint.extent import NOTHING, Extent, extent
from grantlint.fix import Fix
from grantlint.git import named
from grantlint.model import (
    Grant,
    Inventory,
    Note,
    Statement,
)
from grantlint.model.json import value_json
from grantlint.place import Place, Target, places, target
from grantlint.rule import Hit, Object, Rule, Severity
from grantlint.source import Span
from grantlint.value import Truth, assumed, far_address

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Identity:
    """What a finding is known by when it is looked for again, whatever lines it is on.

    `root` is the directory of the root module, stack or the like, `path` the file of the object,
    `at` the names on the way to the fault inside it, without numbers. Of what the CDK synthesised
    `path` is the assembly's directory and `address` the construct's path. `number` tells findings
    apart that have all else in common, in the order of the report.
    """

    rule: str
    root: str = ""
    path: str = ""
    address: str = ""
    at: tuple[str, ...] = ()
    sid: str = ""
    number: int = 1


class Acceptance(Enum):
    """By what a finding is accepted."""

    COMMENT = "comment"
    METADATA = "metadata"
    CONFIGURATION = "configuration"
    BASELINE = "baseline"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a finding is not reported: who has accepted it, where, for how long.

    `span` is where that is written. `who` is "caller" or "module" where a comment stands in the
    files of a root module, or in those of a module that it calls. UNCHANGED is what was there
    before; `reason` then says where. `bound` says that it names how much access it accepts.
    """

    kind: Acceptance
    reason: str = ""
    until: date | None = None
    span: Span | None = None
    who: str = ""
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is accepted, and by what."""

    finding: Finding
    by: Suppression


UNREADABLE = "unreadable-file"
"""The rule of a finding that says that a file could not be read: it has no severity."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place.

    `certain` is False when it depends on what is not known. `exists` MAYBE says that the object
    itself may not be there; the message then names the condition. `path` is the file's, also
    where there is no `span` (a directory that cannot be read). `construct` is the path of the CDK
    construct that the object was synthesised from, `source` what it is written in.
    """

    rule: str
    severity: Severity | None
    message: str
    path: str
    span: Span | None = None
    address: str | None = None
    related: tuple[Place, ...] = ()
    certain: bool = True
    exists: Truth = Truth.YES
    fix: Fix | None = None
    fingerprint: str = ""
    construct: str | None = None
    identity: Identity = Identity("")
    extent: Extent = NOTHING
    around: tuple[Span, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run, sorted.

    `rules` are all that were asked; `files`, `keys`, `grants` and `identities` (IAM policies)
    how many were read and judged.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    notes: tuple[Note, ...]
    rules: tuple[Rule, ...]
    files: int
    keys: int = 0
    grants: int = 0
    identities: int = 0
    remarks: tuple[str, ...] = ()

    def judged(self, *, possible: bool) -> tuple[Finding, ...]:
        """The findings of rules: the certain ones, and on demand the possible ones."""
        return tuple(f for f in self.findings if f.severity and (f.certain or possible))

    @property
    def unreadable(self) -> tuple[Finding, ...]:
        """The findings about files that could not be read."""
        return tuple(finding for finding in self.findings if finding.severity is None)


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings of each severity, the worst first, without the zeros."""
    found = {severity.label: 0 for severity in sorted(Severity, reverse=True)}
    for finding in findings:
        if finding.severity:
            found[finding.severity.label] += 1
    return {label: count for label, count in found.items() if count}


# -- from hits -----------------------------------------------------------------------------


def concrete(
    rule: Rule, judged: Object, hit: Hit, objects: Mapping[str, Sequence[Object]] | None = None
) -> Finding:
    """The finding of a hit, its fingerprint not yet numbered (see `numbered`).

    `objects` are those that the rule may name as related places, by address (see `by_address`).
    """
    found = target(judged, hit.at)
    shown = places(judged, hit.at, found)
    before = " and " if ", where " in hit.message else ", where "
    conditions = before + " and ".join(found.where) if found.where else ""
    defaults = _assumed(judged, found)
    left = "is left at its default" if len(defaults) == 1 else "are left at their defaults"
    kept = f", if {' and '.join(defaults)} {left}" if defaults else ""
    return Finding(
        rule=rule.id,
        severity=hit.severity or rule.severity,
        message=_worded(judged, hit.message) + conditions + kept,
        path=shown[0].span.path,
        span=shown[0].span,
        address=judged.address,
        related=(*shown[1:], *_named_by_rule(judged, hit, objects or {})),
        certain=hit.truth is Truth.YES and not defaults,
        exists=found.exists,
        fingerprint=_fingerprint(rule, judged, hit, found),
        construct=judged.construct.path if judged.construct is not None else None,
        identity=_identity(rule, judged, hit, found),
        extent=extent(judged, found),
        around=tuple(_around(judged, found)),
        source=judged.source,
    )


def _around(judged: Object, about: Target) -> Iterator[Span]:
    yield judged.span
    if about.statement is not None and about.statement.span is not None:
        yield about.statement.span
    yield from judged.calls


def _worded(judged: Object, message: str) -> str:
    """A message in the words of what the object is written in: a stack is deployed."""
    if judged.source in TEMPLATES and message.startswith(_REFUSED):
        message = f"deployment fails: {message.removeprefix(_REFUSED)}"
    return in_words_of(judged.source, message)


def in_words_of(source: str, text: str) -> str:
    """A text in which outside Terraform a grant's arguments have the names of CreateGrant."""
    if source.startswith("terraform"):
        return text
    return _ARGUMENTS.sub(lambda match: match[0].title().replace("_", ""), text)


TEMPLATES = frozenset({"cloudformation", "cdk"})
"""What an object is written in that CloudFormation deploys."""


_REFUSED = "apply fails: "
_ARGUMENTS = re.compile(
    r"\b(?:key_id|grantee_principal|retiring_principal|encryption_context_(?:equals|subset))\b"
)


def _assumed(judged: Object, about: Target) -> tuple[str, ...]:
    """The variables on whose defaults it rests though nothing shows that these are applied.

    What is found in a statement may rest on any part of it.
    """
    statement = about.statement
    if statement is not None:
        values = [statement.effect, *statement.actions.elements(), *statement.resources.elements()]
        values += [one.value for one in statement.principals]
        values += [value for one in statement.conditions for value in one.values.elements()]
    elif about.value is not None:
        values = [about.value]
    elif isinstance(judged, Grant):
        values = [judged.grantee_principal, judged.operations_written]
    else:
        values = [judged.policy.document]
    return tuple(dict.fromkeys(step.name for step in assumed(values)))


def numbered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings; of those with one fingerprint the second and later get one more."""
    seen: Counter[str | Identity] = Counter()
    for finding in findings:
        first, identity = finding.fingerprint, finding.identity
        seen.update((first, identity))
        again = f"{first}-{seen[first]}" if seen[first] > 1 else first
        numbered = replace(identity, number=seen[identity])
        yield replace(finding, fingerprint=again, identity=numbered)


def by_address(inventory: Inventory) -> dict[str, list[Object]]:
    """Every object; root modules that know nothing of each other share addresses."""
    found: dict[str, list[Object]] = {}
    objects: tuple[Object, ...] = (*inventory.keys, *inventory.grants, *inventory.identities)
    for one in objects:
        found.setdefault(one.address, []).append(one)
    for key in inventory.keys:
        found.setdefault(far_address(key.address, key.root), []).append(key)
    return found


def _named_by_rule(
    judged: Object, hit: Hit, objects: Mapping[str, Sequence[Object]]
) -> Iterator[Place]:
    """The places that the rule itself names, as far as there is what it names."""
    for related in hit.related:
        named: Object | None = judged
        if related.address not in {None, judged.address}:
            others = objects.get(related.address or "", ())
            near = (one for one in others if one.root == judged.root)
            far = (one for one in others if one.address != related.address)
            named = next(near, None) or next(far, None)
        if named is not None:
            found = target(named, related.at)
            construct = named.construct if named is not judged else None
            line = next(iter(construct.lines), None) if construct is not None else None
            yield Place(line or found.span, related.text, named.address)


# -- fingerprints --------------------------------------------------------------------------


def _fingerprint(rule: Rule, judged: Object, hit: Hit, about: Target) -> str:
    """What stays the same when lines move: rule, file, object, place in it, and the value there.

    The file is named from the top of its repository, wherever the run was started.

    Numbers in the path are left out, so that a statement before it changes nothing. Of what the CDK
    synthesised the construct counts, wherever the template is and whether lines are recorded.
    """
    statement, value = about.statement, about.value
    shown: object = None
    if statement is not None and value is about.within:
        shown = _content(statement)
    elif value is not None and hit.at:
        shown = value_json(value)
    by = _identity(rule, judged, hit, about)
    parts = [by.rule, named(by.path), by.address, by.at, by.sid, shown]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _identity(rule: Rule, judged: Object, hit: Hit, about: Target) -> Identity:
    statement = about.statement
    path, address = judged.span.path.removeprefix("./"), judged.address
    if judged.construct is not None:
        path, address = path.rpartition("/")[0], judged.construct.path
    at = tuple(part for part in hit.at if isinstance(part, str))
    sid = (statement.sid.text or "") if statement is not None else ""
    return Identity(rule.id, judged.root, path, address, at, sid)


def _content(statement: Statement) -> object:
    """What a statement says, without its policy."""
    named = [value_json(one.value) for one in statement.principals]
    conditions = [(value_json(one.key), value_json(one.values)) for one in statement.conditions]
    return [named, value_json(statement.actions), value_json(statement.resources), conditions]
