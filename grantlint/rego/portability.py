"""What a Rego rule may not contain, since not every engine would answer alike.

OPA goes through sets and objects in order, its WebAssembly does not: no text and no array may be
made from their members unless they are sorted. `sprintf` has only the verbs that are written alike
everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grantlint.rego.builtins import VERB, VERBS
from grantlint.rego.syntax import (
    Node,
    called,
    calls,
    expressions,
    function,
    heads,
    root,
    row,
    rule_name,
    shallow,
    variable,
    walk,
)

_ORDERED: Final = frozenset(
    "sort split array.concat array.flatten array.reverse array.slice numbers.range".split()
)
"""What gives an array whose order is the same everywhere, if its arguments are so."""
_ORDERLESS: Final = frozenset({"count", "max", "min", "sort", "sum"})
"""What has the same answer whatever the order of its argument."""


def differences(tree: Node) -> Iterator[tuple[int, str]]:
    """The lines of a file that engines would not answer alike, each with what to write instead."""
    rules = tree.get("rules", [])
    values = _values(rules)
    for rule in rules:
        for part in (*heads(rule), *expressions(rule)):
            flat = shallow(part)
            yield from ((row(part), text) for text in _formats(flat))
            yield from ((row(part), text) for text in _joins(flat, values))
        for array in _arrays(rule):
            if not _is_ordered_body(array["value"]["body"], values):
                yield row(array), "an array of what has no order: sort([…]), or make it a set"


# -- formats -------------------------------------------------------------------------------


def _formats(part: Node) -> Iterator[str]:
    for call in calls(part, "sprintf"):
        format, arguments = call[1], call[2]
        if format["type"] != "string":
            yield "the format of sprintf must be a literal"
            continue
        verbs = [match[1] for match in VERB.finditer(format["value"]) if match[1] != "%"]
        if strange := [verb for verb in verbs if not verb or verb not in VERBS]:
            right = ", ".join(f"%{verb}" for verb in VERBS)
            yield f"sprintf has no %{strange[0]} in every engine: use {right}"
        elif arguments["type"] == "array" and len(arguments["value"]) != len(verbs):
            yield f"sprintf has {len(verbs)} verbs for {len(arguments['value'])} values"


# -- order ---------------------------------------------------------------------------------


def _joins(part: Node, values: dict[str, list[Node]]) -> Iterator[str]:
    for call in calls(part, "concat"):
        if not _is_ordered(call[2], values, frozenset()):
            yield "concat of what has no order: concat(…, sort(…))"


def _arrays(rule: Node) -> Iterator[Node]:
    """The array comprehensions of a rule whose order can be seen."""
    unseen = {
        id(argument)
        for one in walk(rule)
        if (terms := called(one)) and function(terms) in _ORDERLESS
        for argument in terms[1:]
    }
    for one in walk(rule):
        if _type(one) == "arraycomprehension" and id(one) not in unseen:
            yield one


def _type(node: Node) -> str | None:
    return node.get("type") if isinstance(node, dict) else None


def _values(rules: list[Node]) -> dict[str, list[Node]]:
    """What each name of a file may be, by all rules and assignments."""
    found: dict[str, list[Node]] = {}
    for rule in rules:
        for head in heads(rule):
            if "value" in head and not head.get("args"):
                found.setdefault(rule_name(rule), []).append(head["value"])
        for _, name, value in calls(rule, "assign"):
            if (bound := variable(name)) is not None:
                found.setdefault(bound, []).append(value)
    return found


def _is_ordered(
    node: Node, values: dict[str, list[Node]], seen: frozenset[str] = frozenset()
) -> bool:
    """Whether the order of what a term holds is the same everywhere."""
    if node["type"] in {"array", "arraycomprehension", "number", "string"}:
        return True  # a comprehension is looked at where it stands
    if terms := called(node):
        name = function(terms)
        parts = () if name == "sort" else terms[1:]
        return name in _ORDERED and all(_is_ordered(one, values, seen) for one in parts)
    if root(node) == "input":
        return True
    bound = variable(node)
    if bound is None or bound in seen or bound not in values:
        return False
    return all(_is_ordered(one, values, seen | {bound}) for one in values[bound])


def _is_ordered_body(body: Node, values: dict[str, list[Node]]) -> bool:
    """Whether the body of a comprehension goes through nothing but what is ordered."""
    return all(source is not None and _is_ordered(source, values) for source in _sources(body))


def _sources(body: Node) -> Iterator[Node | None]:
    """What a body goes through, None where that has no order whatever it is."""
    keys = {variable(name) for one in walk(body) for name in _declared(one)}
    for one in walk(body):
        for member in map(called, _declared(one)):
            if member:
                yield member[-1] if function(member) == "internal.member_2" else None
        if _type(one) == "ref":
            first, *rest = one["value"]
            names = {variable(part) or "" for part in rest}
            if names & keys or any(name.startswith("$") for name in names):
                yield first
        elif (terms := called(one)) and function(terms) == "walk":
            yield None


def _declared(node: Node) -> list[Node]:
    """What stands behind `some`: names, or memberships."""
    terms = node.get("terms") if isinstance(node, dict) else None
    symbols: list[Node] = terms["symbols"] if isinstance(terms, dict) and "symbols" in terms else []
    return symbols
