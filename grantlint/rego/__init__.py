"""Rules that are written in Rego: one `.rego` file each, judged with OPA's own semantics.

`own_rules` are those of `policies/`. OPA has compiled them to WebAssembly, which is part of the
package and runs in process (`wasm`). The same files give equal hits in an `opa` process
(`process`) and in an OPA server (`server`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from grantlint.rego.engine import Engine
from grantlint.rego.pack import Pack, Story, story_of
from grantlint.rule import Rule

COMPILED: Final = Path(__file__).with_name("compiled")
"""What `make policies` writes: `rules.wasm` and the stories of the rules, `rules.json`."""


@cache
def own_rules() -> tuple[Rule, ...]:
    """The Rego rules of the package, by id. No engine is loaded before one of them judges."""
    return Pack(stories(COMPILED), _engine).rules()


def stories(compiled: Path) -> tuple[Story, ...]:
    """The stories of rules that have been compiled."""
    written = json.loads((compiled / "rules.json").read_text("utf-8"))
    return tuple(map(story_of, written["rules"]))


def _engine() -> Engine:
    from grantlint.rego.wasm import Wasm  # noqa: PLC0415  # wasmtime takes 50 ms to import

    return Wasm((COMPILED / "rules.wasm").read_bytes())
