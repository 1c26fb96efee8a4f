"""The rules that are written in Python: one module each, found by being here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from grantlint.rule import Rule


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by id."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return tuple(module.check for module in modules if isinstance(module.check, Rule))
