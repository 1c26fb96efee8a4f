"""The builtins that OPA's WebAssembly leaves to its host: as many as our rules need.

https://www.openpolicyagent.org/docs/policy-reference/builtins
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from grantlint.model.json import Json

_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f",
    "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
}  # fmt: skip
_VERB: Final = re.compile(r"%(.?)", re.DOTALL)

VERBS: Final = "sdvq"
"""The verbs that `sprintf` can have here; `%%` is a percent sign."""


def sprintf(format: Json, arguments: Json) -> str:
    """OPA's sprintf, which is Go's, for the VERBS without flags or width."""
    if not isinstance(format, str) or not isinstance(arguments, list):
        raise TypeError("sprintf takes a text and an array")
    waiting = iter(arguments)

    def formatted(match: re.Match[str]) -> str:
        verb = match[1]
        if verb == "%":
            return "%"
        for argument in waiting:
            return _formatted(verb, argument)
        return f"%!{verb}(MISSING)"

    text = _VERB.sub(formatted, format)
    extra = ", ".join(f"{_type(one)}={_plain(one)}" for one in waiting)
    return f"{text}%!(EXTRA {extra})" if extra else text


def _formatted(verb: str, argument: Json) -> str:
    fits = {
        "v": True,
        "s": _type(argument) == "string",
        "q": _type(argument) == "string",
        "d": _type(argument) == "int",
    }
    if verb not in fits:
        raise ValueError(f"sprintf knows no %{verb} here")
    if not fits[verb]:
        return f"%!{verb}({_type(argument)}={_plain(argument)})"
    return _quoted(_plain(argument)) if verb == "q" else _plain(argument)


def _type(argument: Json) -> str:
    """What OPA hands to Go: numbers as they are, all else as text."""
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        return "string"
    return "int" if isinstance(argument, int) else "float64"


def _plain(argument: Json) -> str:
    return argument if isinstance(argument, str) else _term(argument)


def _term(argument: Json) -> str:
    """A value as Rego writes it."""
    if isinstance(argument, str):
        return _quoted(argument)
    if argument is None or isinstance(argument, bool):
        return {None: "null", True: "true", False: "false"}[argument]
    if isinstance(argument, list):
        return f"[{', '.join(map(_term, argument))}]"
    if isinstance(argument, dict):
        pairs = (f"{_term(key)}: {_term(argument[key])}" for key in sorted(argument))
        return f"{{{', '.join(pairs)}}}"
    return repr(argument)


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


BUILTINS: Final[Mapping[str, Callable[..., Json]]] = {"sprintf": sprintf}
"""Name → function of JSON arguments."""


def call(name: str, arguments: Sequence[Json]) -> Json:
    """Call one; a name that is not here raises KeyError."""
    return BUILTINS[name](*arguments)
