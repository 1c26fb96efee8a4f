"""Regular expressions: regex, regexall and replace.

https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/regexp.go
"""

from __future__ import annotations

import re

from grantlint.parsers.holes import refuse_long
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.pattern_machine import Machine, Spans
from grantlint.parsers.terraform.functions.pattern_syntax import parse
from grantlint.value import OBJECT, STRING, TUPLE, Type, Value, null, object_, string, tuple_

_PATTERN, _STRING = Parameter("pattern", STRING), Parameter("string", STRING)
_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+)|(\$))")


@function(_PATTERN, _STRING)
def regex(pattern: Value, text: Value) -> Value:
    """The match: text, a tuple of unnamed groups, or an object of named ones."""
    machine = _machine(pattern.text or "")
    found = machine.search(text.text or "")
    if found is None:
        raise FunctionError("pattern did not match any part of the given string")
    return _result(machine, text.text or "", found)


@function(_PATTERN, _STRING)
def regexall(pattern: Value, text: Value) -> Value:
    """All matches, each as regex gives it."""
    machine = _machine(pattern.text or "")
    results = [_result(machine, text.text or "", found) for found in machine.all(text.text or "")]
    return Value(Type("list", _result_type(machine)), tuple(results))


def _machine(pattern: str) -> Machine:
    try:
        parsed = parse(pattern)
    except FunctionError as error:
        code, _, piece = error.text.partition("\0")
        raise FunctionError(f"invalid regexp pattern: {code} in {piece}", 0) from None
    if any(parsed.names) and not all(parsed.names):
        text = "invalid regexp pattern: cannot mix both named and unnamed capture groups"
        raise FunctionError(text, 0)
    return Machine(parsed)


def _result(machine: Machine, text: str, found: Spans) -> Value:
    groups = []
    for at in range(2, len(found), 2):
        start, end = found[at : at + 2]
        missing = start < 0 or end < 0
        groups.append(null(STRING) if missing else string(text[start:end]))
    names = machine.pattern.names
    if not names:
        return string(text[found[0] : found[1]])
    if names[0]:
        return object_(dict(zip(names, groups, strict=True)))
    return tuple_(groups)


def _result_type(machine: Machine) -> Type:
    names = machine.pattern.names
    if not names:
        return STRING
    if names[0]:
        return Type(OBJECT.kind, attributes=dict.fromkeys(sorted(names), STRING))
    return Type(TUPLE.kind, elements=(STRING,) * len(names))


# -- replacing -----------------------------------------------------------------------------


@plain(
    Parameter("str", STRING),
    Parameter("substr", STRING),
    Parameter("replace", STRING),
    returns=STRING,
)
def replace(text: str, wanted: str, replacement: str) -> str:
    """Text between slashes is a pattern, all else is itself."""
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        try:
            machine = Machine(parse(wanted[1:-1]))
        except FunctionError as error:
            code, _, piece = error.text.partition("\0")
            raise FunctionError(f"error parsing regexp: {code}: `{piece}`") from None
        return _replaced(machine, text, replacement)
    refuse_long(len(text) + text.count(wanted) * len(replacement))
    return text.replace(wanted, replacement)


def _replaced(machine: Machine, text: str, replacement: str) -> str:
    """Go's ReplaceAllString."""
    pieces: list[str] = []
    at, last, length = 0, 0, len(text)
    while at <= len(text):
        found = machine.search(text, at)
        if found is None:
            break
        pieces.append(text[last : found[0]])
        if found[1] > last or found[0] == 0:
            pieces.append(_expanded(machine, text, found, replacement))
            length += len(pieces[-1])
            refuse_long(length)
        last = found[1]
        at = max(found[1], at + 1)
    return "".join(pieces) + text[last:]


def _expanded(machine: Machine, text: str, found: Spans, replacement: str) -> str:
    """The replacement with `$1`, `${name}` and `$$` put in; what names no group is empty."""

    def group(match: re.Match[str]) -> str:
        if match[3]:
            return "$"
        name = match[1] or match[2]
        if name.isdecimal():
            numbers = [int(name)] if len(name) < 9 else []
        else:
            numbers = [at for at, known in enumerate(machine.pattern.names, 1) if known == name]
        for number in numbers:
            if 2 * number + 1 < len(found) and found[2 * number] >= 0:
                return text[found[2 * number] : found[2 * number + 1]]
        return ""

    return _NAME.sub(group, replacement)
