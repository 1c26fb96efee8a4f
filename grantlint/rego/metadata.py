"""What the METADATA of a file of rules says, as a Story."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from grantlint.rego.pack import Story
from grantlint.rego.syntax import Node, row, rule_name
from grantlint.rule import JUDGED, KINDS, Severity

VERDICTS: Final = frozenset({"deny", "warn"})

_COMPLETE: Final = ("title", "description", "custom.severity", "custom.since")
_LEAST: Final = ("title", "custom.severity")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_BLOCK: Final = re.compile(r"^#\s*METADATA\s*\n(?P<yaml>(?:#[^\n]*\n)*)\s*package\b", re.M)


class StoryError(Exception):
    """A METADATA block that lacks something, at a line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def is_name(text: str) -> bool:
    """Whether a rule's package can be called so."""
    return _NAME.fullmatch(text) is not None


def verdicts(tree: Node) -> list[Node]:
    """The rules of a file that hold hits."""
    return [rule for rule in tree.get("rules", []) if rule_name(rule) in VERDICTS]


def oddities(tree: Node) -> Iterator[tuple[int, str]]:
    """What makes a rule that never speaks, or says what is no hit."""
    found = verdicts(tree)
    if not found:
        yield row(tree["package"]), "a rule has `deny contains`, `warn contains` or both"
    for rule in found:
        if "key" not in rule["head"] or "value" in rule["head"] or len(rule["head"]["ref"]) > 1:
            yield row(rule["head"]), f"write `{rule_name(rule)} contains`: it is a set of hits"


def story(name: str, tree: Node, *, complete: bool) -> Story:
    """What the METADATA of the file `{name}.rego` says. Raises StoryError.

    A complete one has all parts; the least is a title and a severity.
    """
    package = tree["package"]
    if not is_name(name):
        text = "a rule's file is named by small letters, digits and single _ between them"
        raise StoryError(row(package), text)
    if [part["value"] for part in package["path"]] != ["data", "grantlint", name]:
        raise StoryError(row(package), f"the package must be grantlint.{name}")
    blocks = [one for one in tree.get("annotations", []) if one["scope"] == "package"]
    if not blocks:
        raise StoryError(row(package), "a rule begins with a METADATA block")
    said, line = blocks[0], row(blocks[0])
    custom = said.get("custom", {})
    for part in _COMPLETE if complete else _LEAST:
        value = custom.get(part.removeprefix("custom.")) if "." in part else said.get(part)
        if not isinstance(value, str) or not value.strip():
            raise StoryError(line, f"METADATA: {part} is missing, or no text")
    if custom["severity"] not in [one.label for one in Severity]:
        raise StoryError(line, "METADATA: custom.severity is one of low, medium, high, critical")
    schemas = said.get("schemas", [])
    return Story(
        name=name,
        title=said["title"],
        doc=f"{said.get('description') or ''}".strip() + "\n",
        severity=custom["severity"],
        since=str(custom.get("since", "")),
        references=tuple(one["ref"] for one in said.get("related_resources", [])),
        judges=_kinds(schemas, line) if complete or schemas else KINDS,
        mappings=_texts(custom.get("mappings", []), "custom.mappings", line),
        preview=custom.get("preview", False) is True,
        opt_in=custom.get("opt_in", False) is True,
        written=custom.get("written", False) is True,
        of_services=custom.get("of_services", False) is True,
    )


def _texts(listed: object, name: str, line: int) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise StoryError(line, f"METADATA: {name} is a list of texts")
    return tuple(listed)


def _kinds(schemas: Sequence[Mapping[str, Any]], line: int) -> tuple[str, ...]:
    named = [
        one["schema"][-1]["value"]
        for one in schemas
        if [part["value"] for part in one.get("path", [])] == ["input"] and one.get("schema")
    ]
    if len(named) != 1 or named[0] not in JUDGED:
        names = ", ".join(f"schema.{name}" for name in JUDGED)
        raise StoryError(line, f"METADATA: schemas has `- input:` and one of {names}")
    return JUDGED[named[0]]


# -- read without the opa program ----------------------------------------------------------


def read_annotations(text: str) -> list[Node]:
    """The METADATA before a file's package, as `opa parse` gives it. Raises StoryError.

    For rules that only an OPA server reads: its syntax trees have none.
    """
    import yaml  # noqa: PLC0415  # only who uses a server needs it

    block = _BLOCK.search(text)
    if block is None:
        return []
    line = text.count("\n", 0, block.start()) + 1
    try:
        said = yaml.safe_load(re.sub(r"^# ?", "", block["yaml"], flags=re.M)) or {}
    except yaml.YAMLError as error:
        raise StoryError(line, f"METADATA: {' '.join(str(error).split())}") from None
    if not isinstance(said, dict) or not isinstance(said.get("custom", {}), dict):
        raise StoryError(line, "METADATA: it is an object, and custom is one too")
    found = {**said, "scope": said.get("scope", "package"), "location": {"row": line}}
    if "schemas" in said:
        found["schemas"] = [_schema(one) for one in _members(said["schemas"])]
    found["related_resources"] = [
        {"ref": str(one.get("ref", "") if isinstance(one, dict) else one)}
        for one in _members(said.get("related_resources"))
    ]
    return [found]


def _members(listed: object) -> list[Any]:
    return listed if isinstance(listed, list) else []


def _schema(one: object) -> Node:
    """`input: schema.grant` as path and schema."""
    path, schema = next(iter(one.items()), ("", "")) if isinstance(one, dict) else ("", "")
    return {
        "path": [{"value": part} for part in str(path).split(".")],
        "schema": [{"value": part} for part in str(schema).split(".")],
    }
