"""Places of a hit: what its path leads to, and where that is to be seen.

The primary place of a finding is one that its reader can change: in the root module's own files.
For what stands in a policy that is the place in the policy; for any other argument the place
where the value enters the key or grant. Inside a called module it is the argument of the root's
call that feeds the value, and what else there is to see becomes a related place.

Of what the CDK synthesised it is the line of the user's program, where that is known: nobody can
change the template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grantlint.model import Construct, Grant, Holder, Integration, Namesake, Statement
from grantlint.rule import Object, Path
from grantlint.source import Span
from grantlint.value import Step, Truth, Value


@dataclass(frozen=True, slots=True)
class Place:
    """A related place, and what is there."""

    span: Span
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
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


def target(judged: Object, at: Path) -> Target:
    """What a path inside an object leads to."""
    current: object = judged
    found = Target(_first_line(judged.span), judged.exists, _reasons(judged.where))
    for part in at:
        if part == "policy" and isinstance(current, Holder):
            document = current.policy.document
            found = replace(found, value=document, within=document)
        current = member(current, part)
        if isinstance(current, Value):
            found = replace(found, value=current, span=current.written or found.span)
        elif isinstance(current, Integration | Namesake):
            found = replace(found, span=current.span)
        elif isinstance(current, Statement):
            found = replace(
                found,
                span=current.span or found.span,
                exists=found.exists & current.exists,
                where=found.where + _reasons(current.where),
                statement=current,
            )
    return found


def member(of: object, part: str | int) -> object:
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


def places(judged: Object, at: Path, target: Target) -> list[Place]:
    """The primary place, then the others, each once, with what is to be seen there."""
    return _in_program(judged, at, _in_text(judged, target))


def _in_text(judged: Object, target: Target) -> list[Place]:
    """The places in what the object is written in."""
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
