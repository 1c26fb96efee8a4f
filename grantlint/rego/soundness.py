"""What a Rego rule may not contain, since on an unknown it would accuse.

`not f(input.x)` and `input.x != "a"` are true of an unknown leaf, and `default` is what a rule is
when it cannot know. So outside the library they are faults wherever something of `input` reaches
them, by whatever variable or rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.rego.syntax import (
    Node,
    called,
    calls,
    expressions,
    function,
    heads,
    row,
    rule_name,
    shallow,
    variable,
    walk,
)

_COMPARING = frozenset({"equal", "neq", "lt", "lte", "gt", "gte", "internal.member_2"})
_LIBRARY = ["data", "grantlint", "lib"]


def accusations(tree: Node) -> Iterator[tuple[int, str]]:
    """The lines of a file that accuse on an unknown, each with what to write instead."""
    rules = tree.get("rules", [])
    reached = _reached(rules, _foreign(tree))
    for rule in rules:
        if rule.get("default") and rule_name(rule) in reached:
            yield row(rule), "`default` accuses on an unknown: give the rule a body that asks"
        for part in (*heads(rule), *expressions(rule)):
            if not _names(part) & reached:
                continue
            if part.get("negated") or _is_negation(part.get("terms")):
                text = "`not` accuses on an unknown: ask the library's opposite question"
                yield row(part), text
            if any(calls(shallow(part), "neq")):
                yield row(part), "`!=` accuses on an unknown: ask lib.is_not or lib.differs"


def _is_negation(terms: Node) -> bool:
    """`not { … }`, as rego.v2 has it."""
    return isinstance(terms, dict) and terms.get("type") == "not"


# -- what something of the input reaches ---------------------------------------------------


def _foreign(tree: Node) -> set[str]:
    """The names of whole documents: `input`, `data` and what is imported, but the library."""
    found = {"input", "data"}
    for one in tree.get("imports", []):
        path = one["path"]["value"]
        if not _is_library(path):
            found.add(one.get("alias") or path[-1]["value"])
    return found


def _reached(rules: list[Node], foreign: set[str]) -> frozenset[str]:
    """The names that something of `input` may be bound to: too many rather than too few."""
    reached = set(foreign)
    for rule in rules:
        reached |= _names(rule["head"].get("args", []))
    before = 0
    while len(reached) > before:
        before = len(reached)
        for rule in rules:
            for expression in expressions(rule):
                for pattern, source in _bindings(expression):
                    if _names(source) & reached:
                        reached |= _bound(pattern)
            if _names(rule) & reached:
                reached.add(rule_name(rule))
    return frozenset(reached)


def _bindings(expression: Node) -> Iterator[tuple[Node, Node]]:
    """What an expression gives names to: the pattern, and where it comes from."""
    terms = expression["terms"]
    if isinstance(terms, dict) and "domain" in terms:
        yield [terms.get("key"), terms["value"]], terms["domain"]
    if isinstance(terms, dict) and "symbols" in terms:
        for symbol in terms["symbols"]:
            if member := called(symbol):
                yield member[1:-1], member[-1]
    for call in calls(expression, "assign"):
        yield call[1], call[2]
    for call in calls(expression, "eq"):
        yield call[1], call[2]
        yield call[2], call[1]
    if isinstance(terms, list) and function(terms) not in _COMPARING:
        yield terms[-1], terms[1:-1]  # f(x, y) may give its value to y
    for one in walk(expression):
        if isinstance(one, dict) and one.get("type") == "ref":
            yield one["value"][1:], one["value"][0]  # xs[i] gives a key to i


def _bound(pattern: Node) -> set[str]:
    """The variables of a pattern, which is no call and no reference."""
    if isinstance(pattern, list):
        return {name for one in pattern for name in _bound(one)}
    if isinstance(pattern, dict) and pattern.get("type") in {"array", "object"}:
        return _bound(pattern["value"])
    name = variable(pattern)
    return {name} if name is not None else set()


def _names(node: Node) -> set[str]:
    """The variables below a node, and what its references begin with, but for the library."""
    found = set()
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            name = variable(one)
            if name is not None:
                found.add(name)
            elif one.get("type") == "ref" and _is_library(one["value"]):
                pending.extend(one["value"][1:])
            else:
                pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return found


def _is_library(path: Node) -> bool:
    return [part["value"] for part in path[: len(_LIBRARY)]] == _LIBRARY
