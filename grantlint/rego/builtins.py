"""The builtins that a rule may call, and the one that OPA's WebAssembly leaves to its host.

https://www.openpolicyagent.org/docs/policy-reference/builtins
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from grantlint.rego.terms import Number, Object, Set, Term

ALLOWED: Final = frozenset(
    """
    and assign eq equal gt gte internal.member_2 internal.member_3 lt lte minus mul neq or plus rem
    abs ceil floor max min round sum
    array.concat array.flatten array.reverse array.slice count numbers.range sort
    concat contains endswith indexof lower replace split startswith strings.reverse substring trim
    trim_left trim_prefix trim_right trim_space trim_suffix upper sprintf to_number
    intersection union json.filter json.is_valid json.remove json.unmarshal
    object.filter object.get object.keys object.remove object.union object.union_n walk
    is_array is_boolean is_null is_number is_object is_set is_string type_name
    """.split()
)
"""What every engine answers alike (tests/test_rego.py). Left out are those that WebAssembly lacks
or answers differently, those that see a clock, a network or an environment, and regular
expressions: their engine is as large as all else that is compiled."""

VERBS: Final = "sdvq"
"""The verbs that `sprintf` can have here; `%%` is a percent sign."""
VERB: Final = re.compile(r"%(.?)", re.DOTALL)

_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f",
    "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_INT64: Final = range(-(2**63), 2**63)


class BuiltinError(Exception):
    """A builtin was asked for what it can do in OPA, but not here."""


def sprintf(format: Term, arguments: Term) -> str | None:
    """OPA's sprintf, which is Go's, for the VERBS without flags or width.

    None where OPA's is undefined. Raises BuiltinError for what would be written differently here.
    """
    if not isinstance(format, str) or not isinstance(arguments, tuple):
        return None
    waiting = iter(arguments)
    text = VERB.sub(lambda match: _next(match[1], waiting), format)
    extra = ", ".join(f"{_type(one)}={_plain(one)}" for one in waiting)
    return f"{text}%!(EXTRA {extra})" if extra else text


def _next(verb: str, waiting: Iterator[Term]) -> str:
    if verb == "%":
        return "%"
    if not verb or verb not in VERBS:
        raise BuiltinError(f"sprintf knows no %{verb} in every engine")
    for argument in waiting:
        return _formatted(verb, argument)
    return f"%!{verb}(MISSING)"


def _formatted(verb: str, argument: Term) -> str:
    type = _type(argument)
    if verb == "q" and type == "string":
        return _quoted(_plain(argument))
    if verb == "q" and type == "int64":
        raise BuiltinError("sprintf writes no %q of a number in every engine")
    fits = {"v": True, "s": type in {"string", "*big.Int"}, "d": type in {"int64", "*big.Int"}}
    if fits.get(verb, False):
        return _plain(argument)
    return f"%!{verb}({type.removeprefix('*')}={_plain(argument)})"


def _type(argument: Term) -> str:
    """What OPA hands to Go: numbers as they are, all else as text."""
    if not isinstance(argument, Number):
        return "string"
    if re.fullmatch(r"-?\d+", argument.text):
        return "int64" if int(argument.text) in _INT64 else "*big.Int"
    return "float64" if abs(float(argument.text)) != float("inf") else "string"


def _plain(argument: Term) -> str:
    """An argument as %v writes it."""
    if isinstance(argument, str):
        return argument
    if isinstance(argument, Number):
        type = _type(argument)
        if type == "float64":
            return _float(float(argument.text))
        return argument.text if type == "string" else str(int(argument.text))
    return _term(argument)


def _float(number: float) -> str:
    """A float as Go's %v writes it: the fewest digits, an exponent from 7 places on."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, digits))
    point = len(shown) + exponent
    minus = "-" if sign else ""
    if not -4 < point <= 6:
        fraction = f".{shown[1:]}" if shown[1:] else ""
        return f"{minus}{shown[0]}{fraction}e{point - 1:+03d}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{shown}"
    whole, fraction = shown[:point].ljust(point, "0"), shown[point:]
    return f"{minus}{whole}{'.' if fraction else ''}{fraction}"


def _term(argument: Term) -> str:
    """A value as Rego writes it."""
    if argument is None or isinstance(argument, bool):
        return json.dumps(argument)
    if isinstance(argument, Number):
        return argument.text
    if isinstance(argument, str):
        return _quoted(argument)
    if isinstance(argument, tuple):
        return f"[{', '.join(map(_term, argument))}]"
    if isinstance(argument, Set):
        return f"{{{', '.join(map(_term, argument.members))}}}" if argument.members else "set()"
    assert isinstance(argument, Object)
    return f"{{{', '.join(f'{_term(key)}: {_term(member)}' for key, member in argument.pairs)}}}"


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    """One character as Go's strconv.Quote writes it."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


BUILTINS: Final[Mapping[str, Callable[..., str | None]]] = {"sprintf": sprintf}
"""Name → function of terms; None is undefined."""


def call(name: str, arguments: Sequence[Term]) -> str | None:
    """Call one; a name that is not here raises KeyError."""
    return BUILTINS[name](*arguments)
