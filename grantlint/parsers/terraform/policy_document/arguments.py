"""Arguments of data.aws_iam_policy_document, converted to the provider's schema.

What Terraform or the provider refuses is raised as RefusedError; only `policy_document` catches it.
"""

from __future__ import annotations

from typing import Final

from grantlint.parsers.instance import Content
from grantlint.parsers.terraform import convert
from grantlint.value import STRING, Type, Value, failure

SETS: Final = {"actions", "identifiers", "not_actions", "not_resources", "resources"}
"""The lists of texts that the schema calls sets."""


class RefusedError(Exception):
    """What the provider would not take, and why."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


# -- one statement ---------------------------------------------------------------------------


def argument(content: Content, name: str) -> Value | None:
    """A text argument; None when it is not written or null."""
    value = content.argument(name)
    if value is None:
        return None
    text = convert.convert(value, STRING)
    if text.failed is not None:
        raise RefusedError(_inappropriate(name, value, text.failed.reason))
    return None if text.is_null else text


def required(content: Content, name: str) -> Value:
    """A text argument that must be there."""
    return argument(content, name) or _missing(content, name)


def _missing(content: Content, name: str) -> Value:
    text = f'The argument "{name}" is required, but no definition was found.'
    raise RefusedError(failure(text, content.span))


def required_list(content: Content, name: str) -> Value:
    """A set or list of texts that must be there."""
    texts = argument_list(content, name)
    return _missing(content, name) if texts is None else texts


def argument_list(content: Content, name: str) -> Value | None:
    """An argument that is a set or list of texts, in the order written.

    A set stays one: as a list it would be unknown with its first unknown member.
    """
    value = content.argument(name)
    if value is None:
        return None
    texts = convert.convert(value, Type("set" if value.kind == "set" else "list", STRING))
    if texts.failed is not None:
        raise RefusedError(_inappropriate(name, value, texts.failed.reason))
    if any(text.is_null for text in texts.elements()):
        text = "Null value found in list: null values are not allowed for this attribute value."
        raise RefusedError(failure(text, value.written))
    return None if texts.is_null else texts


def _inappropriate(name: str, value: Value, reason: str) -> Value:
    if value.failed is not None:
        return value
    wanted = reason.replace("list of", "set of") if name in SETS else reason
    return failure(f'Inappropriate value for attribute "{name}": {wanted}.', value.written)


def expected(name: str, options: str, value: Value) -> Value:
    """The failure of an argument that is none of its options, in the provider's words."""
    return failure(f"expected {name} to be one of {options}, got {value.text}", value.written)
