"""Evaluated values, whatever language they were written in, and the theory of what is not known.

A `Value` is a tree: containers hold `Value`s, and each leaf knows its own type, place, trail and
sensitivity. What cannot be computed is an `Unknown` in the place of the leaf, so that a policy
with one unknown principal stays a policy with one unknown principal.

The laws that everything above this module relies on:

* **Sound.** A known value is what Terraform or CloudFormation would compute. Unknown is always
  allowed, wrong never.
* **Monotone.** Learning the value of an unknown may turn unknown into known; it never changes
  what was already known.
* **Refinements only shrink.** `Unknown.parts` (text with holes) and `Unknown.choices` (finite
  alternatives) narrow what the value can be; ignoring them is always sound.
* **Failure is contagious.** What the tool itself would refuse is an `Unknown` with a `failure`;
  everything computed from it fails too, until `try` or `can` catches it.

A child is stored relative to its container: what a container has gone through (`trail`) and
whether it is sensitive is passed on when the child is taken out by `elements()`, `items()` or
`get()`. So reaching into `Value.raw` directly loses both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from types import MappingProxyType

from grantlint.source import Span


class Truth(Enum):
    """A three-valued answer. It has no truth value of its own, so that MAYBE is never a yes."""

    NO = 0
    MAYBE = 1
    YES = 2

    def __bool__(self) -> bool:
        raise TypeError("a Truth is not a bool: compare it with Truth.YES, MAYBE or NO")

    # `_value_`, because `value` is a property: rules ask these some hundred times an object.

    def __and__(self, other: Truth) -> Truth:
        return self if self._value_ <= other._value_ else other

    def __or__(self, other: Truth) -> Truth:
        return self if self._value_ >= other._value_ else other

    def __invert__(self) -> Truth:
        if self is Truth.MAYBE:
            return self
        return Truth.NO if self is Truth.YES else Truth.YES

    @classmethod
    def of(cls, answer: bool) -> Truth:
        """YES or NO."""
        return cls.YES if answer else cls.NO

    @classmethod
    def any(cls, answers: Iterable[Truth]) -> Truth:
        """YES if one is YES, NO if all are NO."""
        result = cls.NO
        for answer in answers:
            if answer is cls.YES:
                return answer
            if answer is cls.MAYBE:
                result = answer
        return result

    @classmethod
    def agreed(cls, answers: Iterable[Truth]) -> Truth:
        """The answer that all alternatives give, else MAYBE."""
        found = set(answers)
        return found.pop() if len(found) == 1 else cls.MAYBE

    @classmethod
    def all(cls, answers: Iterable[Truth]) -> Truth:
        """YES if all are YES, NO if one is NO."""
        result = cls.YES
        for answer in answers:
            if answer is cls.NO:
                return answer
            if answer is cls.MAYBE:
                result = answer
        return result


@dataclass(frozen=True, slots=True)
class Type:
    """A Terraform type, or a type constraint.

    `kind` is dynamic, string, number, bool, list, set, map, tuple or object. `element` is the
    element type of a list, set or map; `elements` those of a tuple; `attributes` those of an
    object. A *known* tuple or object carries the bare TUPLE or OBJECT, its members have the rest
    (see `convert.type_of`). `optional` belongs to constraints: attribute name → default, or None.
    """

    kind: str
    element: Type | None = None
    elements: tuple[Type, ...] | None = None
    attributes: Mapping[str, Type] | None = None
    optional: Mapping[str, Value | None] = field(default_factory=lambda: MappingProxyType({}))


DYNAMIC = Type("dynamic")
STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")
TUPLE = Type("tuple")
OBJECT = Type("object")


class Failure(Enum):
    """Whether the tool would refuse the expression, and whether `try` can save it."""

    NONE = "none"
    ERROR = "error"
    STATIC = "static"  # wrong without evaluating anything: try() and can() do not catch it


@dataclass(frozen=True, slots=True)
class Referent:
    """What an unknown stands for: an attribute of an object that only AWS completes.

    `name` is what the object is called in AWS (a role's name), where that is known; `attribute`
    which one it is, where it is one. `root` is the directory of the object's root module, where
    that is another one than that of the value; then the address says so too (see `far_address`).
    """

    type: str
    address: str
    name: str | None = None
    attribute: str | None = field(default=None, compare=False)
    root: str = field(default="", compare=False)


def far_address(address: str, root: str) -> str:
    """What an object of another root module is called: none of the own ones has that address."""
    return f"{address} in {root}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """What cannot be known, and what is known of it all the same.

    `parts` is text with holes: strings and unknown `Value`s in order. `choices` are all the
    values it can have, at most 16; empty when there is no such list; with `may_fail` it can also
    turn out to be refused, so that `try` may take another way. `when` says in words where each of
    the choices is the value (see `where`), or is empty. `members` are attributes
    that are known of an object whose other attributes are not (a resource of any provider).
    `has` are known texts that a list or set certainly has, whatever else is in it.
    `unordered` belongs to text with `encodes`: lists in there may have another order, or fewer
    members, so what stands at which index is not known.
    """

    reason: str
    refers_to: Referent | None = None
    parts: tuple[str | Value, ...] = ()
    choices: tuple[Value, ...] = ()
    failure: Failure = Failure.NONE
    members: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    has: tuple[Value, ...] = ()
    unordered: bool = False
    may_fail: bool = False
    when: tuple[str, ...] = field(default=(), compare=False)

    def where(self, choice: int) -> str:
        """What must be so for the value to be that choice; reads on from "where"."""
        if len(self.when) == len(self.choices):
            return self.when[choice]
        return f"that alternative is taken ({self.reason})"

    @property
    def prefix(self) -> str:
        """The text it certainly begins with."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""

    @property
    def suffix(self) -> str:
        """The text it certainly ends with."""
        return self.parts[-1] if self.parts and isinstance(self.parts[-1], str) else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One reference a value came through: its text (`var.admin`) and where that was written.

    `module` is the address of the module whose text holds the reference, "" for the root.
    `kind` is variable, argument, local, output, resource, data or each; default for a root
    variable that has no other value, or assumed where nothing shows that the root is applied
    with its defaults.
    """

    name: str
    span: Span | None
    kind: str
    module: str = ""


def assumed(values: Iterable[Value]) -> tuple[Step, ...]:
    """What a value made of these rests on: the defaults that nothing shows to be applied.

    They have no place: the new value does not stand where they do.
    """
    steps = (step for value in values for step in value.trail if step.kind == "assumed")
    return tuple(dict.fromkeys(Step(step.name, None, step.kind, step.module) for step in steps))


Number = int | Fraction
Raw = str | bool | int | Fraction | None | tuple["Value", ...] | Mapping[str, "Value"] | Unknown


@dataclass(frozen=True, slots=True)
class Value:
    """An evaluated expression.

    `raw` by type: str; bool; int (whole) or Fraction (a binary one of 512 bits, see
    `number.py`); a tuple of Values for list, set and tuple (a set sorted and without duplicates);
    a mapping for map and object (sorted by key); None for null; or an `Unknown`.
    `written` is where it stands. `trail` are the references it came through, innermost first.
    `encodes` is the value whose JSON text this string is, when it was made by encoding one.
    """

    type: Type
    raw: Raw
    written: Span | None = None
    trail: tuple[Step, ...] = ()
    sensitive: bool = False
    encodes: Value | None = None

    # -- what it is ------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """The kind of its type."""
        return self.type.kind

    @property
    def unknown(self) -> Unknown | None:
        """Its Unknown, when the value itself (not a member) is unknown."""
        return self.raw if isinstance(self.raw, Unknown) else None

    @property
    def is_null(self) -> bool:
        """Whether it is known to be null."""
        return self.raw is None

    @property
    def failed(self) -> Unknown | None:
        """Its Unknown, when the tool would refuse it."""
        if isinstance(self.raw, Unknown) and self.raw.failure is not Failure.NONE:
            return self.raw
        return None

    @property
    def text(self) -> str | None:
        """The text of a known string, else None."""
        return self.raw if isinstance(self.raw, str) else None

    def wholly_known(self) -> bool:
        """Whether neither it nor any member at any depth is unknown."""
        return next(self.unknowns(), None) is None

    def unknowns(self) -> Iterator[Value]:
        """Every unknown leaf in it, itself included."""
        pending = [self]
        while pending:
            value = pending.pop()
            if isinstance(value.raw, Unknown):
                yield value
            elif isinstance(value.raw, tuple):
                pending.extend(reversed(value.elements()))
            elif isinstance(value.raw, Mapping):
                pending.extend(reversed([member for _, member in value.items()]))

    def has_sensitive(self) -> bool:
        """Whether it or any member at any depth is sensitive."""
        if self.sensitive:
            return True
        if isinstance(self.raw, tuple):
            return any(member.has_sensitive() for member in self.raw)
        if isinstance(self.raw, Mapping):
            return any(member.has_sensitive() for member in self.raw.values())
        return False

    # -- its members -----------------------------------------------------------------------

    def elements(self) -> tuple[Value, ...]:
        """The members of a known list, set or tuple; of anything else none."""
        if not isinstance(self.raw, tuple):
            return ()
        if not self.trail and not self.sensitive:
            return self.raw
        return tuple(self._pass_on(member) for member in self.raw)

    def certain(self) -> tuple[Value, ...]:
        """The members that a list, set or tuple certainly has: all of them, if it is known."""
        has = self.raw.has if isinstance(self.raw, Unknown) else ()
        return tuple(map(self._pass_on, has)) or self.elements()

    def items(self) -> tuple[tuple[str, Value], ...]:
        """Keys and members of a known map or object, in key order; of anything else none."""
        if not isinstance(self.raw, Mapping):
            return ()
        if not self.trail and not self.sensitive:
            return tuple(self.raw.items())
        return tuple((key, self._pass_on(member)) for key, member in self.raw.items())

    def get(self, key: str) -> Value | None:
        """A member of a known map or object; None when it has no such key."""
        raw = self.raw
        if type(raw) is not dict and not isinstance(raw, Mapping):  # the first is much faster
            return None
        member = raw.get(key)
        return None if member is None else self._pass_on(member)

    def _pass_on(self, member: Value) -> Value:
        if not self.trail and not self.sensitive:
            return member
        passed = Value(
            member.type,
            member.raw,
            member.written,
            member.trail + self.trail,
            member.sensitive,
            member.encodes,
        )
        return passed.marked() if self.sensitive else passed

    # -- the same value elsewhere ----------------------------------------------------------

    def through(self, step: Step) -> Value:
        """The same value after one more reference."""
        trail = (*self.trail, step)  # spelt out: dataclasses.replace takes eight times as long
        return Value(self.type, self.raw, self.written, trail, self.sensitive, self.encodes)

    def at(self, span: Span | None) -> Value:
        """The same value, written at `span`."""
        return Value(self.type, self.raw, span, self.trail, self.sensitive, self.encodes)

    def marked(self, sensitive: bool = True) -> Value:
        """The same value, sensitive if asked (never less than it was).

        So is all of what it encodes, unless this is the first mark of a text and a leaf of that
        tree is the cause.
        """
        encodes = self.encodes
        if not sensitive or (self.sensitive and (encodes is None or encodes.sensitive)):
            return self
        if encodes is None or (not self.sensitive and encodes.has_sensitive()):
            return replace(self, sensitive=True)
        return replace(self, sensitive=True, encodes=replace(encodes, sensitive=True))

    @property
    def use(self) -> Span | None:
        """Where it enters the object that uses it: the last reference, else where it stands."""
        return next((step.span for step in reversed(self.trail) if step.span), self.written)

    # -- three-valued questions ------------------------------------------------------------

    def equals(self, other: str | bool | int) -> Truth:
        """Whether it is this text, number or bool."""
        if isinstance(self.raw, Unknown):
            if self.raw.choices:
                return Truth.agreed([choice.equals(other) for choice in self.raw.choices])
            if isinstance(other, str) and self.raw.parts:
                fits = len(other) >= len(self.raw.prefix) + len(self.raw.suffix)
                fits = fits and other.startswith(self.raw.prefix)
                return Truth.MAYBE if fits and other.endswith(self.raw.suffix) else Truth.NO
            return Truth.MAYBE
        return Truth.of(type(self.raw) is type(other) and self.raw == other)

    def starts_with(self, prefix: str) -> Truth:
        """Whether it is text that begins so."""
        if isinstance(self.raw, Unknown):
            if self.raw.choices:
                return Truth.agreed([choice.starts_with(prefix) for choice in self.raw.choices])
            start = self.raw.prefix
            if start.startswith(prefix):
                return Truth.YES if prefix else Truth.MAYBE
            return Truth.MAYBE if prefix.startswith(start) else Truth.NO
        return Truth.of(isinstance(self.raw, str) and self.raw.startswith(prefix))

    def contains(self, element: str | bool | int) -> Truth:
        """Whether a member of the list, set or tuple equals `element`; a lone text is itself."""
        if isinstance(self.raw, Unknown):
            if self.raw.choices:
                return Truth.agreed([choice.contains(element) for choice in self.raw.choices])
            if any(member.equals(element) is Truth.YES for member in self.raw.has):
                return Truth.YES
            return self.equals(element) if self.raw.parts else Truth.MAYBE
        if isinstance(self.raw, tuple):
            return Truth.any(member.equals(element) for member in self.raw)
        return self.equals(element)


# -- making values -------------------------------------------------------------------------


def string(text: str, written: Span | None = None) -> Value:
    """A known string."""
    return Value(STRING, text, written)


def number(amount: Number, written: Span | None = None) -> Value:
    """A known number; a Fraction without a remainder becomes an int."""
    if isinstance(amount, Fraction) and amount.denominator == 1:
        amount = amount.numerator
    return Value(NUMBER, amount, written)


def boolean(truth: bool, written: Span | None = None) -> Value:
    """A known bool."""
    return Value(BOOL, truth, written)


def null(type: Type = DYNAMIC, written: Span | None = None) -> Value:
    """A null of a type."""
    return Value(type, None, written)


def tuple_(members: Iterable[Value], written: Span | None = None) -> Value:
    """A tuple of these members."""
    return Value(TUPLE, tuple(members), written)


def object_(members: Mapping[str, Value], written: Span | None = None) -> Value:
    """An object of these attributes, put in key order."""
    return Value(OBJECT, {key: members[key] for key in sorted(members, key=_bytes)}, written)


def unknown(
    reason: str,
    written: Span | None = None,
    *,
    type: Type = DYNAMIC,
    refers_to: Referent | None = None,
    choices: tuple[Value, ...] = (),
    parts: tuple[str | Value, ...] = (),
) -> Value:
    """A value that is not known, and why."""
    return Value(type, Unknown(reason, refers_to, parts, choices), written)


def failure(reason: str, written: Span | None = None, *, static: bool = False) -> Value:
    """What the tool would refuse, and its reason."""
    kind = Failure.STATIC if static else Failure.ERROR
    return Value(DYNAMIC, Unknown(reason, failure=kind), written)


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")
