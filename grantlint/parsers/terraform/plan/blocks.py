"""The configuration inside a plan: which block a resource is an instance of, and its providers.

Expressions are constants or lists of references there, and `dynamic` blocks are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from grantlint.parsers.terraform.plan.document import (
    Described,
    Document,
    Json,
    elements,
    members,
    names,
    text,
)

Block = Mapping[str, Json]
Path = tuple[str, ...]
"""The names of the module calls that lead to a module, () for the root."""

_NONE: Final[Block] = {}


@dataclass(slots=True, eq=False)
class Blocks:
    """All blocks of a configuration, by module and name."""

    resources: dict[tuple[Path, str, str, str], Block] = field(default_factory=dict)
    calls: dict[Path, Block] = field(default_factory=dict)
    modules: dict[Path, Block] = field(default_factory=dict)
    providers: Mapping[str, Json] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> Blocks:
        """Those of a plan; of a state there are none."""
        blocks = cls(providers=members(document.configuration.get("provider_config")))
        pending: list[tuple[Path, Block]] = [
            ((), members(document.configuration.get("root_module")))
        ]
        while pending:
            path, module = pending.pop()
            blocks.modules[path] = module
            for one in elements(module.get("resources")):
                mode, type, name = (text(one.get(key)) or "" for key in ("mode", "type", "name"))
                blocks.resources[path, mode, type, name] = one
            for name, call in members(module.get("module_calls")).items():
                inner = (*path, name)
                blocks.calls[inner] = members(call)
                pending.append((inner, members(members(call).get("module"))))
        return blocks

    def resource(self, one: Described) -> Block | None:
        """The block that a resource is an instance of; None in a state, or for one without."""
        return self.resources.get((names(one.module), one.mode, one.type, one.name))

    def provider(self, block: Block) -> Block:
        """The expressions of the provider configuration that a block uses."""
        key = text(block.get("provider_config_key")) or ""
        return members(members(self.providers.get(key)).get("expressions"))

    def output(self, path: Path, name: str) -> Json:
        """The expression of a module's output."""
        outputs = members(self.modules.get(path, _NONE).get("outputs"))
        found = outputs.get(name)
        return members(found).get("expression")


def expression(block: Block | None, name: str) -> Json:
    """The expression of an argument; None where it is not written, or is a literal null."""
    found = members((block or _NONE).get("expressions")).get(name)
    is_null = isinstance(found, dict) and found.get("constant_value", found) is None
    return None if is_null else found


def constant(written: Json) -> Json:
    """The value of an expression that is a constant; None for any other."""
    return members(written).get("constant_value")


def references(written: Json) -> list[str]:
    """The references of an expression, the longest of each: `a.b.c`, and not `a.b` beside it."""
    listed = members(written).get("references")
    found = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return [
        one
        for one in dict.fromkeys(found)
        if not any(other.startswith((f"{one}.", f"{one}[")) for other in found)
    ]
