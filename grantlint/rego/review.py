"""What is asked of files of rules before they judge anything.

Every fault is `file:line: text`: Rego that is none, a field that `input` does not have, a builtin
that the engine has not, a negation that accuses, a METADATA block that says too little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from grantlint.rego import opa, portability, soundness
from grantlint.rego.builtins import ALLOWED
from grantlint.rego.input_schema import checked_schemas
from grantlint.rego.metadata import StoryError, oddities, story, verdicts
from grantlint.rego.opa import OpaError
from grantlint.rego.pack import Story
from grantlint.rego.sources import FILES, Module, Sources
from grantlint.rego.syntax import Node, parse

_COUNT: Final = re.compile(r"^\d+ errors? occurred(?: during loading)?: *\n?")
_UNDEFINED: Final = re.compile(r"undefined function ([\w.]+)$")
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Demands:
    """How much is asked: `complete` documentation; `portable` rules, alike in every engine.

    A file is `named` like its rule where it lies in a directory.
    """

    complete: bool = False
    portable: bool = False
    named: bool = True


OURS: Final = Demands(complete=True, portable=True)
USERS: Final = Demands()
BUNDLE: Final = Demands(portable=True)
LOADED: Final = Demands(named=False)


def review(sources: Sources, demands: Demands) -> tuple[Story, ...]:
    """The stories of rules that have no fault, by the opa program. Raises OpaError with all."""
    with sources.written() as scratch:
        _check_types(sources, demands, scratch)
        return read(sources, demands, scratch)


def read(sources: Sources, demands: Demands, scratch: Path) -> tuple[Story, ...]:
    """The stories of rules that lie in `scratch`, but for what OPA itself has against them."""
    own = [file for file in sources.files if not file.is_library]
    with ThreadPoolExecutor(_AT_ONCE) as several:
        trees = list(several.map(lambda file: parse(scratch / FILES / file.path), own))
    return stories(sources, list(zip(own, trees, strict=True)), demands)


def stories(
    sources: Sources, files: Sequence[tuple[Module, Node]], demands: Demands
) -> tuple[Story, ...]:
    """The stories of the rules among these files, of which OPA has understood each.

    A tree without places gives faults without a line. Raises OpaError with all faults.
    """
    told: list[Story] = []
    faults: set[tuple[str, int, str]] = set()
    for file, tree in files:
        found = list(_faults(tree, demands))
        if file.rule is not None or verdicts(tree):
            found += oddities(tree)
            try:
                name = PurePosixPath(file.path).stem if demands.named else file.rule
                told.append(story(name or "", tree, complete=demands.complete))
            except StoryError as error:
                found.append((error.line, str(error)))
        faults |= {(sources.place(file), line, text) for line, text in found}
    if faults:
        raise OpaError("\n".join(_shown(sorted(faults))))
    if not told:
        raise OpaError(f"{sources.directory}: no file has a package grantlint.NAME with a rule")
    _refuse_twins(told)
    return tuple(sorted(told, key=lambda one: one.name))


def _faults(tree: Node, demands: Demands) -> Iterator[tuple[int, str]]:
    yield from soundness.accusations(tree)
    if demands.portable:
        yield from portability.differences(tree)


def _shown(faults: Iterable[tuple[str, int, str]]) -> Iterator[str]:
    for place, line, text in faults:
        yield f"{place}:{line}: {text}" if line else f"{place}: {text}"


def _refuse_twins(told: Sequence[Story]) -> None:
    names = [one.name for one in told]
    for name in names:
        if names.count(name) > 1:
            raise OpaError(f"two files have the package grantlint.{name}: a rule is one file")


def _check_types(sources: Sources, demands: Demands, scratch: Path) -> None:
    """OPA's own check, with the schema of `input` and the builtins that a rule may call."""
    schemas = scratch / "schemas"
    schemas.mkdir()
    for kind, document in checked_schemas().items():
        (schemas / f"{kind}.json").write_text(json.dumps(document), "utf-8")
    capabilities = scratch / "capabilities.json"
    able = opa.capabilities()
    if "rego_v1" not in able.get("features", []):
        raise OpaError(f"opa {opa.version()} is too old: grantlint's library needs 1.0 or newer")
    capabilities.write_text(json.dumps(_portable() if demands.portable else able), "utf-8")
    strict = ["--strict"] if demands.complete else []
    narrowed: list[str | Path] = ["--schema", schemas, "--capabilities", capabilities]
    try:
        opa.run(["check", *strict, *narrowed, scratch / FILES])
    except OpaError as error:
        text = sources.told(_COUNT.sub("", str(error)), scratch / FILES)
        raise OpaError(
            "\n".join(_with_reason(line, demands) for line in text.split("\n"))
        ) from None


def _with_reason(line: str, demands: Demands) -> str:
    """An error of OPA's, and why a builtin is undefined that OPA has."""
    named = _UNDEFINED.search(line)
    if named is None or named[1] not in opa.builtins():
        return line
    if named[1] in {one["name"] for one in opa.capabilities()["builtins"]}:
        engine = "WebAssembly" if demands.complete else "a bundle"
        return f"{line}: {engine} has it not, or answers differently"
    return f"{line}: a rule sees no network, no clock, no environment and no chance"


def _portable() -> Mapping[str, Any]:
    """What OPA can do that its WebAssembly answers alike."""
    able = opa.capabilities()
    return {
        **able,
        "builtins": [one for one in able["builtins"] if one["name"] in ALLOWED],
        "future_keywords": [],
        "features": ["keywords_in_refs", "rego_v1"],
    }
