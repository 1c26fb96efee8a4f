"""The JSON Schema of a rule's `input`, which METADATA names as `schema.grant` and the like.

It is that of `grantlint model`, but for what is null there: it has no key here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grantlint.model import schema
from grantlint.rule import JUDGED

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_RECURSIVE = "value"
"""The definition that holds itself: any JSON, in which no field can be misspelt."""


def input_schemas() -> Mapping[str, Mapping[str, Any]]:
    """The schema of each kind of object."""
    definitions: Any = schema()["$defs"]
    found = {name: _without_nulls(one, definitions) for name, one in definitions.items()}
    return {kind: {"$schema": _DIALECT, **found[kind], "$defs": found} for kind in JUDGED}


def checked_schemas() -> Mapping[str, Mapping[str, Any]]:
    """The same as OPA checks fields against: some of its versions crash on what holds itself."""
    whole = input_schemas()
    return {kind: {**one, "$defs": {**one["$defs"], _RECURSIVE: {}}} for kind, one in whole.items()}


def _without_nulls(node: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema that does not require what may be null."""
    if isinstance(node, list):
        return [_without_nulls(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _without_nulls(one, definitions) for name, one in node.items()}
    if isinstance(node.get("required"), list):
        members = node.get("properties", {})
        changed["required"] = [
            name
            for name in node["required"]
            if name not in members or not _is_nullable(members[name], definitions)
        ]
    return changed


def _is_nullable(node: Any, definitions: Mapping[str, Any]) -> bool:
    if "$ref" in node:
        return _is_nullable(definitions[node["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in node:
        return any(_is_nullable(one, definitions) for one in node["anyOf"])
    if "enum" in node:
        return None in node["enum"]
    if "const" in node:
        return False
    return "type" not in node or node["type"] == "null" or "null" in node["type"]
