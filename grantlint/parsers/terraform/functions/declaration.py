"""How a function is declared, beside its body.

`@plain(...)` is for bodies on ordinary Python values: text, numbers, bools, lists and dicts. They
are only called when everything in every argument is known, and what they return becomes a Value
of the declared type. `@function(...)` is for bodies on Values, which say for each parameter what
they can deal with. A body reports what Terraform would refuse with `FunctionError`, and what
cannot be known with `UnknowableError`; only `invoke.call` catches the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from grantlint.parsers.holes import normalized
from grantlint.parsers.terraform.convert import make_set
from grantlint.parsers.terraform.functions.context import Context
from grantlint.value import DYNAMIC, Type, Unknown, Value

Native = (
    str | bool | int | Fraction | None | Sequence["str | Native"] | Mapping[str, "str | Native"]
)
Body = Callable[[Context, Sequence[Value]], Value]
OnValues = TypeVar("OnValues", bound=Callable[..., Value])
OnNatives = TypeVar("OnNatives", bound=Callable[..., Native])


class FunctionError(Exception):
    """What Terraform would refuse, in its words; `parameter` is the argument it blames."""

    def __init__(self, text: str, parameter: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `null`, `unknown` and `marks` are what the body takes care of by itself.

    A body that sees `marks` (sensitivity) gets the argument as it is; else it gets it without
    them, and the whole result is sensitive.
    """

    name: str
    type: Type = DYNAMIC
    null: bool = False
    unknown: bool = False
    marks: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function as `invoke.call` sees it. `rest` takes all further arguments.

    `whole` is whether an unknown at any depth of an argument makes the result unknown; `catches`
    is whether failed arguments reach the body.
    """

    parameters: tuple[Parameter, ...]
    rest: Parameter | None
    returns: Type
    body: Body
    whole: bool = False
    catches: bool = False

    def parameter(self, index: int) -> Parameter | None:
        """The parameter that the argument of that index belongs to."""
        return self.parameters[index] if index < len(self.parameters) else self.rest


TABLE: dict[str, Function] = {}
"""The functions of the families loaded so far."""


def function(
    *parameters: Parameter,
    rest: Parameter | None = None,
    returns: Type = DYNAMIC,
    catches: bool = False,
    context: bool = False,
    name: str = "",
) -> Callable[[OnValues], OnValues]:
    """Declare a body on Values; `returns` is the type of its unknown results.

    With `context` the body's first argument is the Context.
    """

    def declare(body: OnValues) -> OnValues:
        def call(where: Context, arguments: Sequence[Value]) -> Value:
            return body(where, *arguments) if context else body(*arguments)

        called = name or body.__name__.rstrip("_")
        TABLE[called] = Function(parameters, rest, returns, call, catches=catches)
        return body

    return declare


def plain(
    *parameters: Parameter,
    rest: Parameter | None = None,
    returns: Type,
    name: str = "",
) -> Callable[[OnNatives], OnNatives]:
    """Declare a body on ordinary Python values."""

    def declare(body: OnNatives) -> OnNatives:
        def call(_: Context, arguments: Sequence[Value]) -> Value:
            return wrapped(body(*(native(argument) for argument in arguments)), returns)

        called = name or body.__name__.rstrip("_")
        TABLE[called] = Function(parameters, rest, returns, call, whole=True)
        return body

    return declare


def native(value: Value) -> Native:
    """The ordinary Python value of a wholly known Value."""
    raw = value.raw
    if isinstance(raw, tuple):
        return [native(member) for member in raw]
    if isinstance(raw, Mapping):
        return {key: native(member) for key, member in raw.items()}
    assert not isinstance(raw, Unknown)
    return raw


def wrapped(raw: Native, type: Type) -> Value:
    """The Value of an ordinary Python value."""
    element = type.element or DYNAMIC
    if isinstance(raw, str):
        return Value(type, normalized(raw))
    if isinstance(raw, Mapping):
        return Value(type, {key: wrapped(raw[key], element) for key in sorted(raw, key=by_bytes)})
    if isinstance(raw, Sequence):
        members = tuple(wrapped(member, element) for member in raw)
        return make_set(members, element) if type.kind == "set" else Value(type, members)
    if isinstance(raw, Fraction) and raw.denominator == 1:
        raw = raw.numerator
    return Value(type, raw)


def by_bytes(text: str) -> bytes:
    """The sort key of Terraform's order of texts."""
    return text.encode("utf-8", "surrogatepass")
