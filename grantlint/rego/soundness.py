"""What a Rego rule may not contain, since on an unknown it would accuse, or say something else.

`not f(input.x)` and `input.x != "a"` are true of an unknown leaf, so outside the library they are
faults wherever something of `input` reaches them. `sprintf` has only the verbs that every engine
writes alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from grantlint.rego import opa
from grantlint.rego.builtins import VERBS

Node = Any
"""A part of OPA's syntax tree as JSON."""

_BINDING: Final = frozenset({"assign", "eq"})
_STRANGE: Final = re.compile(rf"%(?![{VERBS}%]).?")


def faults(file: Path) -> list[str]:
    """What is wrong in a rule's file, each as `path:line: text`. Raises OpaError for no Rego."""
    parsed: list[str | Path] = [
        "parse",
        "--format",
        "json",
        "--json-include",
        "locations,-comments",
        file,
    ]
    tree = json.loads(opa.run(parsed))
    reached = _reached(tree.get("rules", []))
    found = {
        (row, text)
        for rule in tree.get("rules", [])
        for row, text in (*_negations(rule, reached), *_formats(rule))
    }
    return [f"{file}:{row}: {text}" for row, text in sorted(found)]


def _negations(rule: Node, reached: frozenset[str]) -> Iterator[tuple[int, str]]:
    for expression in _expressions(rule):
        if not _names(expression) & reached:
            continue
        row = expression["location"]["row"]
        if expression.get("negated"):
            yield row, "`not` accuses on an unknown: ask the library's opposite question"
        if _calls(expression, "neq"):
            yield row, "`!=` accuses on an unknown: ask lib.is_not or lib.differs"


def _formats(rule: Node) -> Iterator[tuple[int, str]]:
    for expression in _expressions(rule):
        for call in _calls(expression, "sprintf"):
            format = call[1]
            if format["type"] != "string":
                yield expression["location"]["row"], "the format of sprintf must be a literal"
            elif strange := _STRANGE.search(format["value"]):
                verbs = ", ".join(f"%{verb}" for verb in VERBS)
                text = f"sprintf has no {strange[0]} in every engine: use {verbs}"
                yield expression["location"]["row"], text


# -- what something of the input reaches ---------------------------------------------------


def _reached(rules: Node) -> frozenset[str]:
    """The names that something of `input` may be bound to: too many rather than too few."""
    reached = {"input"}
    for rule in rules:
        reached |= _names(rule.get("head", {}).get("args", []))
    before = 0
    while len(reached) > before:
        before = len(reached)
        for rule in rules:
            for expression in _expressions(rule):
                if _binds(expression) and _names(expression) & reached:
                    reached |= _names(expression)
            if _names(rule) & reached:
                reached.add(rule["head"]["name"])
    return frozenset(reached)


def _binds(expression: Node) -> bool:
    terms = expression.get("terms")
    if isinstance(terms, dict):
        return "symbols" in terms or "domain" in terms
    return any(_calls(expression, name) for name in _BINDING)


def _names(node: Node) -> set[str]:
    """The variables below a node, and what its references begin with."""
    return {
        one["value"]
        for one in _walk(node)
        if isinstance(one, dict) and one.get("type") == "var" and isinstance(one["value"], str)
    }


# -- walking -------------------------------------------------------------------------------


def _expressions(node: Node) -> Iterator[Node]:
    """Every expression of a body, at any depth."""
    for one in _walk(node):
        if isinstance(one, dict) and "terms" in one and "index" in one:
            yield one


def _calls(node: Node, name: str) -> list[Node]:
    """The calls of a builtin below a node, as `[function, argument, …]`."""
    found = []
    for one in _walk(node):
        terms = one.get("terms") if isinstance(one, dict) else None
        if isinstance(one, dict) and one.get("type") == "call":
            terms = one["value"]
        if isinstance(terms, list) and terms and _function(terms[0]) == name:
            found.append(terms)
    return found


def _function(term: Node) -> str:
    if term.get("type") != "ref":
        return ""
    return ".".join(str(part["value"]) for part in term["value"])


def _walk(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
