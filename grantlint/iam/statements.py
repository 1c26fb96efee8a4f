"""Policy documents: from the object a policy's JSON decodes to, to its statements.

Every shape that AWS accepts comes out alike: a statement alone or in a list, `"*"` or
`{"AWS": ["*"]}`, one action or many, an operator with `ForAllValues:` before and `IfExists` behind
it. What is unknown stays unknown in its place, and a statement that may be there (an unknown with
choices) exists MAYBE.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.conditions import Condition, conditions
from grantlint.iam.elements import texts
from grantlint.iam.principals import Principal, principal, unknown_principal
from grantlint.source import Span
from grantlint.value import (
    STRING,
    TUPLE,
    Truth,
    Unknown,
    Value,
    null,
    unknown,
)


@dataclass(frozen=True, slots=True)
class Case:
    """In which of several alternatives a statement stands: those, of all, in words."""

    taken: frozenset[str]
    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `actions` and `resources` are tuples of texts, or unknown as a whole.

    `not_principal`, `not_action` and `not_resource` say that the list names the exceptions.
    `exists` is MAYBE for one of several alternatives, `where` then says what must be so for it to
    be there, as words that read on from "where", and `case` the same where that decides it alone.
    `sensitive` is set when the statement as a whole is, its structure included.
    """

    sid: Value
    effect: Value
    exists: Truth
    not_principal: bool
    principals: tuple[Principal, ...]
    not_action: bool
    actions: Value
    not_resource: bool
    resources: Value
    conditions: tuple[Condition, ...]
    span: Span | None
    where: str | None = None
    sensitive: bool = False
    case: Case | None = None


def statements(document: Value, span: Span | None = None) -> tuple[Statement, ...]:
    """The statements of a policy document; `span` stands in where one has no place of its own."""
    return tuple(
        _statement(one, span) for one in _members(document) if isinstance(one.value.raw, Mapping)
    )


def unseen(document: Value) -> tuple[Value, ...]:
    """The unknowns that stand for statements that are not seen."""
    return tuple(one.value for one in _members(document) if one.value.unknown is not None)


# -- finding the statements ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Member:
    """A statement before it is read; the fields are those of `Statement`."""

    value: Value
    exists: Truth = Truth.YES
    where: str | None = None
    case: Case | None = None


_World = list[_Member]
"""The statements that one alternative of a document has."""


def _members(document: Value) -> _World:
    """Every statement, or the unknown in its place."""
    return _merged(_worlds(document, _of_document))


def _worlds(value: Value, read: Callable[[Value], list[_World]]) -> list[tuple[_World, str | None]]:
    """What each alternative of a value reads as, and where it is the one."""
    cause = value.unknown
    if cause is None or not cause.choices:
        return [(world, None) for world in read(value)]
    return [
        (world, f"{cause.where(index)} and {where}" if where else cause.where(index))
        for index, choice in enumerate(cause.choices)
        for world, where in _worlds(_inherited(choice, value), read)
    ]


def _of_document(document: Value) -> list[_World]:
    if document.unknown is not None:
        return [[_Member(document)]]
    listed = None if document.is_null else _field(document, "Statement")
    return [[]] if listed is None else [_merged(_worlds(listed, _of_list))]


def _of_list(listed: Value) -> list[_World]:
    if not isinstance(listed.raw, tuple):
        return [[] if listed.is_null else [_Member(listed)]]
    return [[member for one in listed.elements() for member in _merged(_worlds(one, _alone))]]


def _alone(statement: Value) -> list[_World]:
    return [[] if statement.is_null else [_Member(statement)]]


def _merged(worlds: list[tuple[_World, str | None]]) -> _World:
    """The statements of all alternatives, each once: one that all of them have is certain."""
    if len(worlds) == 1:
        return worlds[0][0]
    found: dict[object, list[tuple[_Member, str]]] = {}
    for world, alternative in worlds:
        for key, one in {_content(one.value): one for one in world}.items():
            found.setdefault(key, []).append((one, alternative or ""))
    among = frozenset(alternative or "" for _, alternative in worlds)
    return [
        _in_some(several, among if len(among) == len(worlds) else None, len(worlds))
        for several in found.values()
    ]


def _in_some(
    several: list[tuple[_Member, str]], among: frozenset[str] | None, count: int
) -> _Member:
    """A statement that some of the alternatives have, each in its own way."""
    value = several[0][0].value
    certain = [where for one, where in several if one.exists is Truth.YES]
    if len(certain) == count:
        return _Member(value)
    wheres = [" and ".join(part for part in (where, one.where) if part) for one, where in several]
    decided = among is not None and len(certain) == len(several)
    case = Case(frozenset(certain), among) if among is not None and decided else None
    return _Member(value, Truth.MAYBE, " or ".join(dict.fromkeys(wheres)), case)


def _content(value: Value) -> object:
    """What tells two statements apart, wherever they are written; an unknown is only itself."""
    raw = value.raw
    if isinstance(raw, tuple):
        return tuple(_content(member) for member in raw)
    if isinstance(raw, Mapping):
        return tuple((key, _content(member)) for key, member in raw.items())
    return id(raw) if isinstance(raw, Unknown) else (type(raw), raw)


def _inherited(choice: Value, value: Value) -> Value:
    return replace(choice, trail=choice.trail + value.trail).marked(value.sensitive)


_ELEMENTS: Final = frozenset(
    {
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_SPELLING: Final = {name.lower(): name for name in _ELEMENTS}


def _fields(value: Value) -> dict[str, Value]:
    """The elements of a statement. Their names are AWS's; another case is taken as a slip."""
    found = dict(value.items())
    if found.keys() <= _ELEMENTS:
        return found
    for key, member in tuple(found.items()):
        found.setdefault(_SPELLING.get(key.lower(), key), member)
    return found


def _field(value: Value, name: str) -> Value | None:
    found = value.get(name)
    return found if found is not None else _fields(value).get(name)


# -- one statement -------------------------------------------------------------------------

_NULL: Final = null(STRING)
_NOTHING: Final = Value(TUPLE, ())


def _statement(member: _Member, span: Span | None) -> Statement:
    value = member.value
    fields = _fields(value)
    not_principal, principals = _either(fields, "Principal")
    not_action, actions = _either(fields, "Action")
    not_resource, resources = _either(fields, "Resource")
    condition = fields.get("Condition")
    return Statement(
        sid=fields.get("Sid", _NULL),
        effect=fields.get("Effect", _NULL),
        exists=member.exists,
        not_principal=not_principal,
        principals=_principals(principals) if principals is not None else (),
        not_action=not_action,
        actions=texts(actions) if actions is not None else _NOTHING,
        not_resource=not_resource,
        resources=texts(resources) if resources is not None else _NOTHING,
        conditions=tuple(conditions(condition)) if condition is not None else (),
        span=value.written or value.use or span,
        where=member.where,
        sensitive=value.sensitive,
        case=member.case,
    )


def _either(fields: Mapping[str, Value], name: str) -> tuple[bool, Value | None]:
    """An element or its Not… form."""
    plain, negated = fields.get(name), fields.get(f"Not{name}")
    if (plain is None or plain.is_null) and negated is not None and not negated.is_null:
        return True, negated
    return False, plain if plain is not None and not plain.is_null else None


# -- principals ----------------------------------------------------------------------------


def _principals(value: Value) -> tuple[Principal, ...]:
    raw = value.raw
    if isinstance(raw, Mapping):
        found = (one for type, named in value.items() for one in _of_type(type, named))
        return tuple(one.marked() for one in found) if value.sensitive else tuple(found)
    if isinstance(raw, str):  # only "*" may stand alone: AWS refuses another, whoever it means
        return (principal("*" if raw == "*" else "AWS", value),)
    if isinstance(raw, tuple):
        return tuple(one for member in value.elements() for one in _principals(member))
    if isinstance(raw, Unknown) and raw.choices:
        options = [_principals(choice.marked(value.sensitive)) for choice in raw.choices]
        return _in_common(value, options)
    return (unknown_principal(value),)


def _of_type(type: str, value: Value) -> Iterator[Principal]:
    named = texts(value)
    cause = named.unknown
    if cause is None:
        for member in named.elements():
            yield principal(type, member)
    elif cause.choices:
        options = [
            tuple(_of_type(type, choice.marked(value.sensitive))) for choice in cause.choices
        ]
        yield from _in_common(value, options)
    else:
        yield principal(type, named)


def _in_common(value: Value, options: list[tuple[Principal, ...]]) -> tuple[Principal, ...]:
    """Principals of several alternatives: those in all of them, and one for the rest."""
    named = [{(one.type.text, one.value.text): one for one in option} for option in options]
    shared = {key for key in named[0] if None not in key and all(key in one for one in named)}
    rest = [one for option in named for key, one in option.items() if key not in shared]
    certain = tuple(one for key, one in named[0].items() if key in shared)
    if not rest:
        return certain
    cause = value.unknown
    reason = cause.reason if cause is not None else "one of several alternatives"
    choices = tuple({one.value.text: one.value for one in rest}.values())
    if any(choice.text is None for choice in choices):
        choices = ()
    one_of = unknown(reason, value.written, type=STRING, choices=choices)
    one_of = replace(one_of, trail=value.trail).marked(any(one.value.sensitive for one in rest))
    types = {one.type.text for one in rest}
    only = next(iter(types)) if len(types) == 1 else None
    return (*certain, unknown_principal(one_of) if only is None else principal(only, one_of))
