"""Functions that change a value's type or its sensitivity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grantlint.parsers.holes import like
from grantlint.parsers.terraform.convert import (
    constraint_text,
    convert,
    convertible,
    notation,
    type_of,
    type_text,
    uncertain,
)
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.value import BOOL, DYNAMIC, NUMBER, STRING, Type, Value, boolean, string

_ANY = Parameter("value", null=True, unknown=True, marks=True)


def _converter(want: Type) -> Callable[[Value], Value]:
    def body(value: Value) -> Value:
        have = type_of(value)
        if not uncertain(value) and not convertible(have, want):
            text = f"cannot convert {type_text(have)} to {constraint_text(want)}"
            raise FunctionError(text, 0)
        result = convert(value, want)
        if result.failed:
            raise FunctionError(_refusal(value, have, want), 0)
        return result

    return body


def _refusal(value: Value, have: Type, want: Type) -> str:
    if value.has_sensitive():
        return f"cannot convert this sensitive {type_text(have)} to {constraint_text(want)}"
    shown = quoted(value.text or "")
    if value.text is not None and want is BOOL:
        return f'cannot convert {shown} to bool; only the strings "true" or "false" are allowed'
    if value.text is not None and want is NUMBER:
        needed = "given string must be a decimal representation of a number"
        return f"cannot convert {shown} to number; {needed}"
    return f"cannot convert {type_text(have)} to {constraint_text(want)}"


for _name, _type in {
    "tostring": STRING,
    "tonumber": NUMBER,
    "tobool": BOOL,
    "tolist": Type("list", DYNAMIC),
    "toset": Type("set", DYNAMIC),
    "tomap": Type("map", DYNAMIC),
}.items():
    function(replace(_ANY, name="v"), returns=_type, name=_name)(_converter(_type))


@function(replace(_ANY, marks=False))
def type_(value: Value) -> Value:
    """The type in Terraform's notation; only `terraform console` has this function."""
    return string(notation(type_of(value)))


@function(_ANY)
def sensitive(value: Value) -> Value:
    return value.marked()


@function(_ANY)
def nonsensitive(value: Value) -> Value:
    return replace(value, sensitive=False)


@function(_ANY, returns=BOOL)
def issensitive(value: Value) -> Value:
    if value.sensitive:
        return boolean(True)
    return boolean(False) if value.unknown is None else like(value, BOOL)


@function(_ANY)
def ephemeralasnull(value: Value) -> Value:
    return value
