"""Conditions in words, as a message says them behind "where"."""

from __future__ import annotations

from typing import Final

from grantlint.parsers.terraform import tree

_LONGEST: Final = 80
"""Characters of a quoted expression."""

_OPPOSITES: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def both_ways(node: tree.Expression) -> tuple[str, str]:
    """What is so where a condition holds, and where it does not."""
    node = bare(node)
    if isinstance(node, tree.Unary) and node.operator == "!":
        holds, fails = both_ways(node.operand)
        return fails, holds
    text = quoted(node)
    if not isinstance(node, tree.Binary):
        return f"{text} is true", f"{text} is false"
    opposite = _OPPOSITES.get(node.operator)
    if opposite is None:
        return text, f"({text}) is false"
    return text, f"{quoted(node.left)} {opposite} {quoted(node.right)}"


def bare(node: tree.Expression) -> tree.Expression:
    """An expression without the parentheses around it."""
    while isinstance(node, tree.Parentheses | tree.Interpolation):
        node = node.inner
    return node


def quoted(node: tree.Expression) -> str:
    """The text of an expression on one line, cut where it is long."""
    text = " ".join(node.span.text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
