"""The rules: those in Python, one module each here, and those in Rego."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from grantlint.rego import own_rules
from grantlint.rule import Rule


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by id. Nothing is registered: a rule is here because its file is."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    python = [module.check for module in modules if isinstance(module.check, Rule)]
    return tuple(sorted([*python, *own_rules()], key=lambda rule: rule.id))
