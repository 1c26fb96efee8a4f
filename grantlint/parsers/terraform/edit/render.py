"""Values as text, in HCL and in the JSON of a heredoc.

A fix's value is JSON. Two objects in it stand for something else: `{"$own": "account"}` for the
account that the key is in, as a literal or as a reference, as `Own` says;
`{"$reference": "aws_iam_role.app.arn"}` for what Terraform computes of another resource.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grantlint.source import Span

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OWN_ACCOUNT: Final = {"$own": "account"}


class NotRenderedError(Exception):
    """The value cannot be written here."""


@dataclass(frozen=True, slots=True)
class Own:
    """What may be written where the text stands.

    `reference` gives the own account there, `account` is its digits; None for what is not there.
    `declared` are the resources and data sources that a reference there may begin with, `place` is
    in the module where these references hold, if there are any.
    """

    reference: str | None = None
    account: str | None = None
    declared: frozenset[str] = frozenset()
    place: Span | None = None


def hcl(value: object, own: Own, *, quoted_keys: bool = False) -> str:
    """A value as an HCL expression in one line."""
    if is_own_account(value):
        return own.reference or _quoted(_known(own))
    if is_reference(value):
        return _reference(value, own)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(hcl(one, own) for one in value) + "]"
    if isinstance(value, Mapping):
        entries = (hcl_entry(str(key), one, own, quoted_keys) for key, one in value.items())
        return "{ " + ", ".join(entries) + " }" if value else "{}"
    raise NotRenderedError


def hcl_entry(key: str, value: object, own: Own, quoted_keys: bool = False) -> str:
    """A member of an HCL object."""
    bare = _NAME.fullmatch(key) and not quoted_keys
    return f"{key if bare else _quoted(key)} = {hcl(value, own, quoted_keys=quoted_keys)}"


def json_text(value: object, own: Own) -> str:
    """A value as JSON inside a heredoc, where `${` begins a template."""
    if is_own_account(value):
        return '"${' + own.reference + '}"' if own.reference else json.dumps(_known(own))
    if is_reference(value):
        return '"${' + _reference(value, own) + '}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json_text(one, own) for one in value) + "]"
    if isinstance(value, Mapping):
        entries = (json_entry(str(key), one, own) for key, one in value.items())
        return "{" + ", ".join(entries) + "}"
    if value is None or not isinstance(value, str | bool | int | float):
        raise NotRenderedError
    return _escaped(json.dumps(value, ensure_ascii=False))


def json_entry(key: str, value: object, own: Own) -> str:
    """A member of a JSON object inside a heredoc."""
    return f"{_escaped(json.dumps(key, ensure_ascii=False))}: {json_text(value, own)}"


def is_own_account(value: object) -> bool:
    """Whether it stands for the own account."""
    return isinstance(value, Mapping) and dict(value) == _OWN_ACCOUNT


def is_reference(value: object) -> bool:
    """Whether it stands for a reference."""
    return isinstance(value, Mapping) and value.keys() == {"$reference"}


def _reference(value: object, own: Own) -> str:
    """The reference, if it is to something that is declared where the text stands."""
    text = str(value["$reference"]) if isinstance(value, Mapping) else ""
    names = text.split(".")
    begin = ".".join(names[: 3 if names[0] == "data" else 2])
    if begin not in own.declared or not all(_NAME.fullmatch(name) for name in names):
        raise NotRenderedError
    return text


def _known(own: Own) -> str:
    if own.account is None:
        raise NotRenderedError
    return own.account


def _quoted(text: str) -> str:
    if any(ord(letter) < 32 for letter in text):
        raise NotRenderedError
    return '"' + _escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")
