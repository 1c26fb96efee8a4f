"""What every way to run Rego has in common: inputs in, verdicts out, a rule that fails named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from grantlint.model.json import Json

Verdict = Mapping[str, Mapping[str, Sequence[object]]]
"""What one object was found guilty of: `deny` and `warn`, each package name → hits, unsorted."""

MAIN: Final = """package grantlint_main

verdict.deny[name] := data.grantlint[name].deny

verdict.warn[name] := data.grantlint[name].warn
"""
"""The module that asks all rules at once. Its package is beside theirs, not among them."""


class Engine(Protocol):
    """One way to run a set of rules."""

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """What all rules say of each input, in order. Raises RuleError."""


class RuleError(Exception):
    """A rule whose evaluation came to no end: a conflict, too much memory or time."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"rule {name.replace('_', '-')}: {reason}")
        self.name = name
        self.reason = reason
