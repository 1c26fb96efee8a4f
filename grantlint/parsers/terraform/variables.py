"""Root variables: where their values come from, in Terraform's order of precedence.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.parsers.terraform import convert, evaluate, syntax, tree
from grantlint.parsers.terraform.module import Module, read_source, shown_in
from grantlint.parsers.terraform.scope import Scope
from grantlint.source import Problem, Source, Span
from grantlint.value import DYNAMIC, Type, Value, failure, string, unknown

_FIRST: Final = ("terraform.tfvars", "terraform.tfvars.json")
_AUTOMATIC: Final = (".auto.tfvars", ".auto.tfvars.json")
"""What the names of variable files end with that are read after the first two."""


class ConstantScope(Scope):
    """Where variable files are evaluated: no reference means anything there."""

    def bare_name(self, name: str, span: Span) -> Value:  # noqa: ARG002
        """Refused."""
        return failure("Variables may not be used here.", span, static=True)

    def reference(self, node: tree.GetAttr) -> Value | None:
        """Refused."""
        return failure("Variables may not be used here.", node.span, static=True)


@dataclass(frozen=True, slots=True)
class Variable:
    """What a variable block declares."""

    type: Type
    default: Value | None
    nullable: bool
    sensitive: bool
    ephemeral: bool

    @classmethod
    def read(cls, block: tree.Block, scope: Scope) -> Variable:
        """Its type, default and flags; what is wrong in them makes the default a failure."""
        body = block.body
        scope = ConstantScope(scope.owner, {})

        def value(name: str) -> Value | None:
            argument = body.argument(name)
            return None if argument is None else evaluate.evaluate(argument.expression, scope)

        declared: Type | str = DYNAMIC
        if (constraint := body.argument("type")) is not None:
            declared = convert.parse_constraint(
                constraint.expression, lambda node: evaluate.evaluate(node, scope)
            )
        default = value("default")
        if isinstance(declared, str):
            default, declared = failure(declared, block.header), DYNAMIC
        nullable, sensitive, ephemeral = value("nullable"), value("sensitive"), value("ephemeral")
        return cls(
            declared,
            default,
            nullable is None or nullable.raw is not False,
            sensitive is not None and sensitive.raw is not False,
            ephemeral is not None and ephemeral.raw is True,
        )


@dataclass(frozen=True, slots=True)
class Assignments:
    """Values given to root variables, and the files and problems they came with."""

    values: dict[str, Value] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take_file(self, path: Path, shown: str, module: Module, scope: ConstantScope) -> None:
        """Take all assignments of a `.tfvars` or `.tfvars.json` file."""
        source = read_source(path, shown)
        if isinstance(source, Problem):
            self._doubt(source, module)
            return
        parsed = syntax.parse(source)
        self.files.append(shown)
        self.sources.append(source)
        for problem in parsed.problems:
            self._doubt(problem, module)
        for block in parsed.body.blocks:
            text = "a variable file holds only assignments, and no block"
            self._doubt(Problem(text, block.header), module)
        for name, argument in parsed.body.arguments.items():
            self.values[name] = evaluate.evaluate(argument.expression, scope)

    def _doubt(self, problem: Problem, module: Module) -> None:
        """A file that cannot be read may give any variable a value."""
        self.problems.append(problem)
        for name in module.variables:
            reason = f"var.{name} may be given in {problem.span.path}: {problem.message}"
            self.values[name] = unknown(reason, problem.span)

    def take_text(
        self, name: str, text: str, origin: str, module: Module, scope: ConstantScope
    ) -> None:
        """Take a value given as text, on the command line or in the environment.

        It is read as an expression unless the variable is of a primitive type or of none.
        """
        block = module.variables[name]
        constraint = block.body.argument("type")
        declared = Variable.read(block, scope).type
        if constraint is None or declared.kind in {"string", "number", "bool"}:
            self.values[name] = string(text)
            return
        expression = syntax.parse_expression(Source(origin, text.encode()))
        self.values[name] = evaluate.evaluate(expression, scope)


def automatic_files(directory: Path) -> list[Path]:
    """`terraform.tfvars(.json)`, then `*.auto.tfvars(.json)` by name: those that exist."""
    try:
        with os.scandir(directory) as entries:
            names = {entry.name for entry in entries}
    except OSError:
        return []
    first = [directory / name for name in _FIRST if name in names]
    automatic = sorted(name for name in names if name.endswith(_AUTOMATIC))
    return [path for path in first if path.is_file()] + [directory / name for name in automatic]


def assign(
    module: Module,
    scope: Scope,
    environment: Mapping[str, str],
    files: Iterable[str],
    variables: Iterable[tuple[str, str]],
) -> Assignments:
    """All values that the root variables of `module` are given; later sources win."""
    assigned = Assignments()
    constant = ConstantScope(scope.owner, {})
    for name in module.variables:
        text = environment.get(f"TF_VAR_{name}")
        if text is not None:
            assigned.take_text(name, text, f"TF_VAR_{name}", module, constant)
    for path in automatic_files(module.directory):
        assigned.take_file(path, shown_in(module.path, path), module, constant)
    for given in files:
        assigned.take_file(Path(given), given, module, constant)
    for name, text in variables:
        if name in module.variables:
            assigned.take_text(name, text, f"--var {name}", module, constant)
    return assigned
