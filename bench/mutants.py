"""Mutants of a rule: its text with one thing dropped or turned into its opposite.

In Rego each expression of each body becomes `true`, one at a time. In Python each condition
(`if`, conditional expression, filter of a comprehension) is negated, each part of `and` and `or`
too, each operand of `&` and `|` is dropped, and so is each `~`.
"""

from __future__ import annotations

import ast
import base64
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from grantlint.rego.syntax import Node, expressions, parse

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutant: `change` says in a line what is done to what, `text` is the whole file then."""

    path: str
    line: int
    change: str
    text: str

    @property
    def place(self) -> str:
        """Where it is, as a terminal makes a link of it."""
        return f"{self.path}:{self.line}"


def of_rule(id: str) -> tuple[Mutant, ...]:
    """The mutants of a rule, by line; what changes nothing but the place counts once."""
    name = id.replace("-", "_")
    rego = ROOT / "policies" / f"{name}.rego"
    made = _rego(rego) if rego.is_file() else _python(ROOT / "grantlint/rules" / f"{name}.py")
    return tuple(sorted(made, key=lambda one: (one.line, one.change)))


def one_line(text: str) -> str:
    """A piece of source as a report shows it."""
    joined = " ".join(text.split())
    return joined if len(joined) <= 90 else f"{joined[:89]}…"


# -- Rego ----------------------------------------------------------------------------------


def _rego(file: Path) -> Iterator[Mutant]:
    text = file.read_text("utf-8")
    path = file.relative_to(ROOT).as_posix()
    for expression in expressions(parse(file).get("rules", [])):
        written = base64.b64decode(expression["location"]["text"]).decode()
        start = _offset(text, expression["location"])
        if _is_unwritten(expression, written) or not text.startswith(written, start):
            continue
        changed = text[:start] + "true" + text[start + len(written) :]
        line = expression["location"]["row"]
        yield Mutant(path, line, f"drop {one_line(written)}", changed)


def _is_unwritten(expression: Node, written: str) -> bool:
    """Whether OPA has put it there, as the body of a rule that has none."""
    terms = expression["terms"]
    return isinstance(terms, dict) and terms.get("type") == "boolean" and written != "true"


def _offset(text: str, location: Node) -> int:
    """Where a place of OPA's is; its columns are bytes."""
    lines = text.split("\n")
    row, column = location["row"], location["col"]
    before = sum(len(line) + 1 for line in lines[: row - 1])
    return before + len(lines[row - 1].encode()[: column - 1].decode())


# -- Python --------------------------------------------------------------------------------


def _python(file: Path) -> Iterator[Mutant]:
    text = file.read_text("utf-8")
    path = file.relative_to(ROOT).as_posix()
    tree = ast.parse(text)
    for index, node in enumerate(_code(tree)):
        for number, (written, change) in enumerate(_changes(node)):
            copy = deepcopy(tree)
            target = next(one for at, one in enumerate(_code(copy)) if at == index)
            _changed(target, number)
            shown = f"{change} {one_line(ast.unparse(written))}"
            yield Mutant(path, written.lineno, shown, ast.unparse(ast.fix_missing_locations(copy)))


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Every node at or below this one, but for annotations: they are types."""
    yield node
    for name, field in ast.iter_fields(node):
        if name not in {"annotation", "returns"}:
            for one in field if isinstance(field, list) else [field]:
                if isinstance(one, ast.AST):
                    yield from _code(one)


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """What can be changed at a node, in the order that `_changed` counts."""
    if isinstance(node, ast.If | ast.IfExp):
        yield node.test, "negate"
    elif isinstance(node, ast.comprehension):
        yield from ((one, "negate") for one in node.ifs)
    elif isinstance(node, ast.BoolOp):
        yield from ((one, "negate") for one in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        yield from ((one, "drop") for one in (node.left, node.right))
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        yield node.value, "drop"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield node, "drop the ~ of"


def _changed(node: ast.AST, number: int) -> None:
    """Make the change with this number in a tree."""
    if isinstance(node, ast.If | ast.IfExp):
        node.test = _negated(node.test)
    elif isinstance(node, ast.comprehension):
        node.ifs[number] = _negated(node.ifs[number])
    elif isinstance(node, ast.BoolOp):
        node.values[number] = _negated(node.values[number])
    elif isinstance(node, ast.BinOp):
        kept = node.right if number == 0 else node.left
        node.op, node.left, node.right = ast.BitOr(), kept, deepcopy(kept)
    elif isinstance(node, ast.AugAssign):
        node.value = ast.Name(_name(node.target), ast.Load())
    elif isinstance(node, ast.UnaryOp):
        node.op, node.operand = ast.Invert(), ast.UnaryOp(ast.Invert(), node.operand)


def _name(target: ast.expr) -> str:
    assert isinstance(target, ast.Name)
    return target.id


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)
