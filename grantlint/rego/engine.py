"""What every way to run Rego has in common: inputs in, verdicts out, a rule that fails named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from grantlint.model.json import Json

Verdict = Mapping[str, Mapping[str, object]]
"""What one object was found guilty of: `deny` and `warn`, each package name → its hits, as the
rule has left them. A rule without any has no entry."""

MAIN: Final = """package grantlint_main

verdict.deny[name] := found if {
	found := data.grantlint[name].deny
	found != set()
}

verdict.warn[name] := found if {
	found := data.grantlint[name].warn
	found != set()
}

verdicts := [verdict_of_one |
	some one in input
	verdict_of_one := data.grantlint_main.verdict with input as one
]
"""
"""The module that asks all rules at once: about one object, or about an array of them. Its package
is beside theirs, not among them."""

CHUNK: Final = 500
"""The most objects that are given to another program at once."""


class Engine(Protocol):
    """One way to run a set of rules."""

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """What all rules say of each input, in order. Raises RuleError."""


class RuleError(Exception):
    """A rule whose evaluation came to no end: a conflict, too much memory or time.

    `name` is its package below `grantlint`, None where it takes several rules to fail.
    """

    def __init__(self, name: str | None, reason: str) -> None:
        rule = "the rules together" if name is None else f"rule {name.replace('_', '-')}"
        super().__init__(f"{rule}: {reason}")
        self.name = name
        self.reason = reason


def alone(name: str, root: str = "grantlint") -> str:
    """What asks one rule about an array of objects; `root` is what its package begins with."""
    return f"[found | some one in input; found := data.{root}.{name} with input as one]"


def chunks(inputs: Sequence[Json]) -> Iterator[Sequence[Json]]:
    """The inputs, CHUNK at a time."""
    for start in range(0, len(inputs), CHUNK):
        yield inputs[start : start + CHUNK]


def as_text(input: Json) -> str:
    """An input as JSON that every engine reads alike.

    A file name that is not UTF-8 has lone surrogates in Python: they become U+FFFD, as OPA would
    make them, before OPA's WebAssembly refuses them.
    """
    try:
        text = json.dumps(input, ensure_ascii=False)
        text.encode()
    except RecursionError:
        raise RuleError(None, "an object is nested too deeply") from None
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
