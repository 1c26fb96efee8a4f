"""The syntax tree of a `.rego` file, as `opa parse` gives it: JSON, walked here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grantlint.rego import opa

Node = Any
"""A part of the tree."""


def parse(file: Path) -> Node:
    """The tree of a file. Raises OpaError for what is no Rego."""
    form = ["--format", "json", "--json-include", "locations,-comments"]
    return json.loads(opa.run(["parse", *form, file]))


def walk(node: Node) -> Iterator[Node]:
    """Every node at or below this one."""
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)


def expressions(node: Node) -> Iterator[Node]:
    """Every expression of a body, at any depth."""
    for one in walk(node):
        if isinstance(one, dict) and "terms" in one and "index" in one:
            yield one


def heads(rule: Node) -> Iterator[Node]:
    """The head of a rule, and that of each `else`."""
    for one in walk(rule):
        if isinstance(one, dict) and "head" in one:
            yield one["head"]


def shallow(part: Node) -> Node:
    """An expression or head without the bodies in it: those hold expressions of their own."""
    if isinstance(part, dict):
        return {key: shallow(one) for key, one in part.items() if key != "body"}
    if isinstance(part, list):
        return [shallow(one) for one in part]
    return part


def row(node: Node) -> int:
    """The line that a node begins on, 0 where the tree does not say it."""
    found: int = node.get("location", {}).get("row", 0)
    return found


def calls(node: Node, *names: str) -> Iterator[list[Node]]:
    """The calls of builtins at or below a node, as `[function, argument, …]`."""
    for one in walk(node):
        terms = called(one)
        if terms and function(terms) in names:
            yield terms


def called(node: Node) -> list[Node]:
    """The call that this node is, as `[function, argument, …]`; empty if it is none."""
    if not isinstance(node, dict):
        return []
    terms = node.get("value") if node.get("type") == "call" else node.get("terms")
    return terms if isinstance(terms, list) else []


def function(terms: list[Node]) -> str:
    """The name that a call is written with."""
    return ".".join(str(part["value"]) for part in terms[0]["value"])


def variable(node: Node) -> str | None:
    """The name of a variable, None for anything else."""
    if isinstance(node, dict) and node.get("type") == "var" and isinstance(node["value"], str):
        return node["value"]
    return None


def root(node: Node) -> str | None:
    """What a reference or variable begins with: `input` of `input.x.y`."""
    if isinstance(node, dict) and node.get("type") == "ref":
        return variable(node["value"][0])
    return variable(node)


def rule_name(rule: Node) -> str:
    """What other rules call a rule by."""
    name: str = rule["head"]["ref"][0]["value"]
    return name
