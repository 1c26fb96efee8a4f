"""Hits made concrete: where in which file, how certain, and by what name they are known again.

The primary place of a finding is one that its reader can change: in the root module's own files.
For what stands in a policy that is the place in the policy; for any other argument the place
where the value enters the key or grant. Inside a called module it is the argument of the root's
call that feeds the value, and what else there is to see becomes a related place.

Of what the CDK synthesised it is the line of the user's program, where that is known: nobody can
change the template.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grantlint.fix import Fix
from grantlint.model import (
    Construct,
    Grant,
    Holder,
    Integration,
    Inventory,
    Namesake,
    Note,
    Statement,
)
from grantlint.model.json import value_json
from grantlint.rule import Hit, Object, Path, Rule, Severity
from grantlint.source import Span
from grantlint.value import Step, Truth, Value, assumed, far_address

UNREADABLE = "unreadable-file"
"""The rule of a finding that says that a file could not be read: it has no severity."""


@dataclass(frozen=True, slots=True)
class Place:
    """A related place, and what is there."""

    span: Span
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place.

    `certain` is False when it depends on what is not known. `exists` MAYBE says that the object
    itself may not be there; the message then names the condition. `path` is the file's, also
    where there is no `span` (a directory that cannot be read).
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


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run, sorted.

    `rules` are all that were asked; `files`, `keys`, `grants` and `identities` (IAM policies)
    how many were read and judged.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
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
    target = _target(judged, hit.at)
    places = _in_program(judged, hit.at, _places(judged, target))
    before = " and " if ", where " in hit.message else ", where "
    conditions = before + " and ".join(target.where) if target.where else ""
    defaults = _assumed(judged, target)
    left = "is left at its default" if len(defaults) == 1 else "are left at their defaults"
    kept = f", if {' and '.join(defaults)} {left}" if defaults else ""
    return Finding(
        rule=rule.id,
        severity=hit.severity or rule.severity,
        message=_worded(judged, hit.message) + conditions + kept,
        path=places[0].span.path,
        span=places[0].span,
        address=judged.address,
        related=(*places[1:], *_named_by_rule(judged, hit, objects or {})),
        certain=hit.truth is Truth.YES and not defaults,
        exists=target.exists,
        fingerprint=_fingerprint(rule, judged, hit, target),
    )


def _worded(judged: Object, message: str) -> str:
    """A message in the words of what the object is written in: a stack is deployed."""
    if judged.source in {"cloudformation", "cdk"} and message.startswith(_REFUSED):
        return f"deployment fails: {message.removeprefix(_REFUSED)}"
    return message


_REFUSED = "apply fails: "


def _assumed(judged: Object, target: _Target) -> tuple[str, ...]:
    """The variables on whose defaults it rests though nothing shows that these are applied."""
    if target.value is not None:
        values = [target.value]
    elif isinstance(judged, Grant):
        values = [judged.grantee_principal, judged.operations_written]
    else:
        values = [judged.policy.document]
    return tuple(dict.fromkeys(step.name for step in assumed(values)))


def numbered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings; of those with one fingerprint the second and later get one more."""
    seen: Counter[str] = Counter()
    for finding in findings:
        first = finding.fingerprint
        seen[first] += 1
        again = f"{first}-{seen[first]}" if seen[first] > 1 else first
        yield replace(finding, fingerprint=again)


@dataclass(frozen=True, slots=True)
class _Target:
    """What a path leads to.

    `value` is the last value on the way, `span` the last place, `within` the document that the
    value is a part of; `statement` is the last one on the way; `exists` and `where` say whether all
    of it is there.
    """

    span: Span
    exists: Truth
    where: tuple[str, ...]
    value: Value | None = None
    within: Value | None = None
    statement: Statement | None = None


def _target(judged: Object, at: Path) -> _Target:
    current: object = judged
    target = _Target(_first_line(judged.span), judged.exists, _reasons(judged.where))
    for part in at:
        if part == "policy" and isinstance(current, Holder):
            document = current.policy.document
            target = replace(target, value=document, within=document)
        current = _member(current, part)
        if isinstance(current, Value):
            target = replace(target, value=current, span=current.written or target.span)
        elif isinstance(current, Integration | Namesake):
            target = replace(target, span=current.span)
        elif isinstance(current, Statement):
            target = replace(
                target,
                span=current.span or target.span,
                exists=target.exists & current.exists,
                where=target.where + _reasons(current.where),
                statement=current,
            )
    return target


def _member(of: object, part: str | int) -> object:
    """A field, an element or a key; what is not there is None."""
    if isinstance(of, Value):
        if isinstance(part, str):
            return of.get(part)
        of = of.elements()
    if isinstance(of, tuple) and isinstance(part, int):
        return of[part] if 0 <= part < len(of) else None
    return getattr(of, str(part), None)


def _reasons(where: str | None) -> tuple[str, ...]:
    return (where,) if where else ()


def _first_line(span: Span) -> Span:
    """A block's heading: its first line without the brace that opens it."""
    heading = span.text.partition("\n")[0].rstrip().removesuffix("{").rstrip()
    return Span(span.source, span.start, span.start + len(heading.encode()))


# -- places --------------------------------------------------------------------------------


def _places(judged: Object, target: _Target) -> list[Place]:
    """The primary place, then the others, each once, with what is to be seen there."""
    value = target.value
    trail = value.trail if value is not None else ()
    around = target.within.trail if target.within is not None else ()
    own = trail[: len(trail) - len(around)] if trail[-len(around) :] == around else trail
    entered = _last_span(own) if target.within is not None else _last_span(trail)
    spans = [entered or target.span, _last_span(trail)]
    spans += [step.span for step in reversed(trail) if step.kind == "argument" and not step.module]
    candidates = [span for span in (*spans, *judged.calls[:1]) if span is not None]
    root = _root_directory(judged, trail)
    primary = next((span for span in candidates if _directory(span) == root), candidates[0])
    places = [Place(_member_of_argument(judged, value) or primary, "", judged.address)]
    for span in (_last_span(trail), entered):
        _add(places, span, f"where {judged.address} takes it")
    _add(places, target.span, _origin(trail) if value is not None else "it stands here")
    return places


def _in_program(judged: Object, at: Path, places: list[Place]) -> list[Place]:
    """The same places behind those of the program that made the object, where it is known.

    What one line of it has set is found there; of several nobody can tell which it was.
    """
    construct = judged.construct
    if construct is None:
        return places
    assigned = _assigned(construct, at)
    made = [(line, "called here") for line in construct.lines[1:]]
    made[:0] = [(line, "the construct is made here") for line in construct.lines[:1]]
    lines = [(line, "it is set here") for line in assigned]
    lines = [*lines, *made] if len(lines) == 1 else [*made[:1], *lines, *made[1:]]
    if not lines:
        return places
    found = [Place(lines[0][0], "", judged.address)]
    found.append(Place(places[0].span, "in the synthesised template"))
    for line, text in lines[1:]:
        _add(found, line, text)
    for place in places[1:]:
        _add(found, place.span, place.text)
    return found


def _assigned(construct: Construct, at: Path) -> tuple[Span, ...]:
    """The lines that set the property of CloudFormation's in which a path ends."""
    first = str(at[0]) if at else ""
    names = _POLICIES if first == "policy" else (first.title().replace("_", ""),)
    return next((construct.assigned[name] for name in names if name in construct.assigned), ())


_POLICIES = ("KeyPolicy", "PolicyDocument")
"""What AWS::KMS::Key and the policies of IAM call it."""


def _member_of_argument(judged: Object, value: Value | None) -> Span | None:
    """Where the root's call of a module writes it, if that is but a part of an argument.

    One grant of a map of grants; as a whole it stands where its grantee is written.
    """
    about = judged.grantee_principal if value is None and isinstance(judged, Grant) else value
    span = about.written if about is not None else None
    if about is None or span is None:
        return None
    given = (step.span for step in about.trail if step.kind == "argument" and not step.module)
    around = (one for one in given if one is not None and one.path == span.path)
    parts = (one for one in around if one.start <= span.start and span.end <= one.end)
    return next((span for one in parts if (one.start, one.end) != (span.start, span.end)), None)


def _last_span(trail: Sequence[Step]) -> Span | None:
    return next((step.span for step in reversed(trail) if step.span), None)


def _root_directory(judged: Object, trail: Sequence[Step]) -> str | None:
    """The directory of the root module's files, if anything shows it."""
    if not judged.address.startswith("module."):
        return _directory(judged.span)
    arguments = [step.span for step in trail if step.kind == "argument" and not step.module]
    shown = (span for span in (*judged.calls[:1], *arguments) if span is not None)
    return next(map(_directory, shown), None)


def _directory(span: Span) -> str:
    return span.path.rpartition("/")[0]


def _add(places: list[Place], span: Span | None, text: str) -> None:
    """One more place, unless it is shown already."""
    if span is None:
        return
    if not any(_within(span, place.span) or _within(place.span, span) for place in places):
        places.append(Place(span, text))


def _within(span: Span, other: Span) -> bool:
    return span.path == other.path and other.start <= span.start and span.end <= other.end


def _origin(trail: Sequence[Step]) -> str:
    """What stands at the place where a value was written, from the first reference to it."""
    first = next((step for step in trail if step.span), None)
    if first is None:
        return "written here"
    if first.kind == "default":
        return f"the default of {first.name}"
    return f"what {first.name} is"


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
            target = _target(named, related.at)
            construct = named.construct if named is not judged else None
            line = next(iter(construct.lines), None) if construct is not None else None
            yield Place(line or target.span, related.text, named.address)


# -- fingerprints --------------------------------------------------------------------------


def _fingerprint(rule: Rule, judged: Object, hit: Hit, target: _Target) -> str:
    """What stays the same when lines move: rule, file, object, place in it, and the value there.

    Numbers in the path are left out, so that a statement before it changes nothing. Of what the CDK
    synthesised the construct counts, wherever the template is and whether lines are recorded.
    """
    path = [part for part in hit.at if isinstance(part, str)]
    statement, value = target.statement, target.value
    shown: object = None
    if statement is not None and value is target.within:
        shown = _content(statement)
    elif value is not None and hit.at:
        shown = value_json(value)
    sid = (statement.sid.text or "") if statement is not None else ""
    file, address = judged.span.path.removeprefix("./"), judged.address
    if judged.construct is not None:
        file, address = file.rpartition("/")[0], judged.construct.path
    parts = [rule.id, file, address, path, sid, shown]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _content(statement: Statement) -> object:
    """What a statement says, without its policy."""
    named = [value_json(one.value) for one in statement.principals]
    conditions = [(value_json(one.key), value_json(one.values)) for one in statement.conditions]
    return [named, value_json(statement.actions), value_json(statement.resources), conditions]
