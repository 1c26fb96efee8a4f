"""Names to values: one method for each kind of reference.

A `Scope` is a module instance plus the names bound by for, dynamic, each and count around an
expression. Everything is evaluated when first asked for and remembered; what asks for itself is a
cycle, which Terraform refuses. Only it and `module_instance` lengthen a value's trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grantlint.parsers.terraform import operate, tree
from grantlint.parsers.terraform.functions.context import TEMPLATE_STRING
from grantlint.value import Step, Value, failure, unknown

if TYPE_CHECKING:
    from grantlint.parsers.terraform.configuration import Configuration
    from grantlint.parsers.terraform.module_instance import ModuleInstance
    from grantlint.source import Source, Span


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is evaluated."""

    owner: ModuleInstance
    bindings: Mapping[str, Value]

    @property
    def configuration(self) -> Configuration:
        """What all module instances of a root share."""
        return self.owner.configuration

    def bind(self, names: Mapping[str, Value]) -> Scope:
        """The same scope with more names in it."""
        return type(self)(self.owner, {**self.bindings, **names})

    def bound(self, name: str) -> Value | None:
        """The value of a name bound around the expression."""
        return self.bindings.get(name)

    # -- references ------------------------------------------------------------------------

    def reference(self, node: tree.GetAttr) -> Value | None:
        """The value that `node` refers to as a whole; None if it is an attribute of a value."""
        of = node.of
        if isinstance(of, tree.Variable):
            if of.name in self.bindings:
                return self._repetition(of.name, node)
            return self._named(of.name, node)
        found = self._module_output(node)
        if found is not None:
            return found
        if (block := self._block_of(node)) is not None:
            mode, type, name = block
            return self.owner.resource(_MODES[mode], type, name, node.span)
        return None

    def _repetition(self, name: str, node: tree.GetAttr) -> Value | None:
        if name not in {"each", "count"}:
            return None
        value = operate.get_attr(self.bindings[name], node.name)
        if value.failed:
            text = f'The "{name}" object does not have an attribute named "{node.name}".'
            return failure(text, node.span, static=True)
        return value.through(Step(f"{name}.{node.name}", node.span, "each", self.owner.address))

    def _named(self, name: str, node: tree.GetAttr) -> Value | None:
        match name:
            case "var":
                return self.owner.variable(node.name, node.span)
            case "local":
                return self.owner.local(node.name, node.span)
            case "module":
                return self.owner.module_call(node.name, node.span)
            case "path":
                return self.owner.path(node.name, node.span)
            case "terraform" | "tofu":
                return self.owner.terraform(node.name, node.span)
            case "each" | "count" | "self":
                text = f'The "{name}" object cannot be used in this context.'
                return failure(text, node.span, static=True)
            case "data" | "resource" | "ephemeral":
                return None
        return self.owner.resource("managed", name, node.name, node.span)

    def _module_output(self, node: tree.GetAttr) -> Value | None:
        """`module.a.out` and `module.a[k].out`, without evaluating the module's other outputs."""
        of: tree.Expression = node.of
        key: tree.Expression | None = None
        if isinstance(of, tree.Index):
            key = of.key
            of = of.of
        if not isinstance(of, tree.GetAttr) or not isinstance(of.of, tree.Variable):
            return None
        if of.of.name != "module" or "module" in self.bindings:
            return None
        return self.owner.module_output(of.name, key, node, self)

    def bare_name(self, name: str, span: Span) -> Value:
        """A first name with nothing behind it."""
        if name in {"var", "local", "module", "data", "path", "each", "count", "terraform"}:
            text = f'The "{name}" object cannot be accessed directly. '
            text += "Instead, access one of its attributes."
        else:
            text = "A reference to a resource type must be followed by at least one attribute "
            text += "access, specifying the resource name."
        return failure(text, span, static=True)

    def is_object_reference(self, node: tree.Expression) -> bool:
        """Whether `node` is a resource or data source, or an instance of one."""
        return self._block_of(node.of if isinstance(node, tree.Index) else node) is not None

    def _block_of(self, node: tree.Expression) -> tuple[str, str, str] | None:
        if not isinstance(node, tree.GetAttr):
            return None
        of = node.of
        if isinstance(of, tree.Variable):
            if of.name in _NOT_RESOURCES or of.name in self.bindings:
                return None
            return "resource", of.name, node.name
        if isinstance(of, tree.GetAttr) and isinstance(of.of, tree.Variable):
            mode = of.of.name
            if mode in _MODES and mode not in self.bindings:
                return mode, of.name, node.name
        return None

    def refuse_attribute(self, node: tree.GetAttr, found: Value) -> Value:
        """An attribute that the resource type does not have is refused before evaluation."""
        reason = found.failed.reason if found.failed is not None else ""
        if "does not have an attribute" in reason:
            reason = (
                "This object has no argument, nested block, or exported attribute "
                f'named "{node.name}".'
            )
        return failure(reason, node.span, static=True)

    def refuse_instance_key(self, node: tree.Index) -> Value | None:
        """`aws_kms_key.k[0]` where the resource has neither count nor for_each."""
        name = self._block_of(node.of)
        block = self.owner.module.resources.get(name) if name else None
        if block is None or name is None or block.broken:
            return None
        if block.body.argument("count") or block.body.argument("for_each"):
            return None
        address = ".".join(name if name[0] == "data" else name[1:])
        text = (
            f'Because {address} does not have "count" or "for_each" set, references to it must '
            "not include an index key. Remove the bracketed index to refer to the single "
            "instance of this resource."
        )
        return failure(text, node.span, static=True)

    # -- what functions need (functions.Context) -------------------------------------------

    @property
    def root(self) -> Path:
        """The project's root, which no file function may leave."""
        return self.configuration.boundary

    @property
    def directory(self) -> Path:
        """The root module's directory, where relative paths begin."""
        return self.configuration.directory

    @property
    def module_directory(self) -> Path:
        """The directory of the module that the expression stands in."""
        return self.owner.module.directory

    def consult(self, path: Path) -> None:
        """Remember that a file is asked for."""
        self.configuration.consulted.add(path)

    def render(self, source: Source, variables: Mapping[str, Value]) -> Value:
        """A template file's text with these variables."""
        from grantlint.parsers.terraform import evaluate, syntax  # noqa: PLC0415  a circle

        function = "templatestring" if source.path == TEMPLATE_STRING else "templatefile"
        inside = TemplateScope(self.owner, variables, function)
        return evaluate.evaluate(syntax.parse_template(source), inside)

    def provider_function(self, node: tree.Call) -> Value:
        """`provider::name::function(…)`: only the provider can compute it."""
        provider = node.name.split("::")[1]
        if provider not in self.owner.module.required_providers:
            text = f'There is no function named "{node.name}". Ensure that provider name '
            text += f'"{provider}" is declared in this module\'s required_providers block, and '
            text += "that this provider offers a function of that name."
            return failure(text, node.span, static=True)
        return unknown(f"{node.name}() is computed by the provider", node.span)


class ConsoleScope(Scope):
    """Where a user's own expressions are evaluated."""

    @property
    def console(self) -> bool:
        """It is the console that asks."""
        return True


@dataclass(frozen=True, slots=True)
class TemplateScope(Scope):
    """Inside a template, rendered by `template`, only the given variables exist."""

    template: str

    def reference(self, node: tree.GetAttr) -> Value | None:
        """Nothing: `var.x` in a template is the attribute of a variable called var."""

    def bind(self, names: Mapping[str, Value]) -> Scope:
        """The same scope with more names in it."""
        return TemplateScope(self.owner, {**self.bindings, **names}, self.template)

    def bare_name(self, name: str, span: Span) -> Value:
        """A name that was not given."""
        line, column = span.line, span.column
        text = (
            f'Invalid value for "vars" parameter: vars map does not contain key "{name}", '
            f"referenced at {span.path}:{line},{column}-{column + len(name)}."
        )
        return failure(text, span)


_MODES = {"data": "data", "resource": "managed", "ephemeral": "ephemeral"}
_NOT_RESOURCES = {"var", "local", "module", "path", "terraform", "tofu", "each", "count", "self"}
_NOT_RESOURCES |= {"data", "resource", "ephemeral"}
