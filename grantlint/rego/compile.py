"""`policies/` to WebAssembly, by OPA: at development time, never when somebody's estate is judged.

Usage: python -m grantlint.rego.compile POLICIES OUT

Every fault is `file:line: text`, as OPA or `soundness` finds it: Rego that is none, a field that
`input` does not have, a negation that accuses, a METADATA block that says too little. The same
policies and the same OPA give the same bytes.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from grantlint.model import schema
from grantlint.rego import opa
from grantlint.rego.builtins import BUILTINS
from grantlint.rego.engine import MAIN
from grantlint.rego.opa import OpaError
from grantlint.rego.pack import Story
from grantlint.rego.soundness import faults
from grantlint.rule import Severity

KINDS: Final = ("grant", "key")
LIBRARY: Final = "lib"


def compile_(policies: Path, out: Path) -> tuple[Story, ...]:
    """Check and compile the rules of a directory into `out`. Raises OpaError."""
    found = opa.version()
    if found != opa.PINNED:
        raise OpaError(f"policies are compiled with opa {opa.PINNED}, this is {found}")
    with tempfile.TemporaryDirectory() as scratch:
        check(policies, Path(scratch))
        stories = read_stories(policies)
        wasm = _built(policies, stories, Path(scratch))
    out.mkdir(parents=True, exist_ok=True)
    (out / "rules.wasm").write_bytes(wasm)
    document = {"opa": opa.PINNED, "rules": [asdict(story) for story in stories]}
    (out / "rules.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return stories


def check(policies: Path, scratch: Path) -> None:
    """Types, schema and soundness of the rules of a directory. Raises OpaError with all faults."""
    schemas = scratch / "schemas"
    schemas.mkdir()
    for kind, document in input_schemas().items():
        (schemas / f"{kind}.json").write_text(json.dumps(document))
    opa.run(["check", "--strict", "--schema", schemas, policies])
    found = [fault for file in rule_files(policies) for fault in faults(file)]
    if found:
        raise OpaError("\n".join(found))


def input_schemas() -> Mapping[str, Mapping[str, Any]]:
    """The JSON Schema of `input` for each kind of object, as `schema.grant` and `schema.key`."""
    whole: Any = schema()
    return {kind: {**whole["$defs"][kind], "$defs": whole["$defs"]} for kind in KINDS}


def rule_files(policies: Path) -> list[Path]:
    """The files of rules: all but the library."""
    return sorted(file for file in policies.glob("*.rego"))


# -- stories -------------------------------------------------------------------------------


def read_stories(policies: Path) -> tuple[Story, ...]:
    """What the METADATA of each rule says, by name. Raises OpaError for one that is incomplete."""
    inspected = json.loads(opa.run(["inspect", "--annotations", "--format", "json", policies]))
    packages = {
        one["location"]["file"]: one["annotations"]
        for one in inspected.get("annotations", [])
        if one["annotations"]["scope"] == "package"
    }
    found = []
    for file in rule_files(policies):
        text = file.read_text("utf-8")
        line = text[: text.index("package ")].count("\n") + 1 if "package " in text else 1
        said = packages.get(str(file))
        if f"\npackage grantlint.{file.stem}\n" not in f"\n{text}":
            raise OpaError(f"{file}:{line}: the package must be grantlint.{file.stem}")
        if said is None:
            raise OpaError(f"{file}:{line}: a rule begins with a METADATA block")
        try:
            found.append(_story(file.stem, said))
        except _StoryError as error:
            raise OpaError(f"{file}:1: METADATA: {error}") from error
    return tuple(found)


class _StoryError(Exception):
    """A METADATA block that lacks something."""


def _story(name: str, said: Mapping[str, Any]) -> Story:
    custom = said.get("custom", {})
    severity = custom.get("severity")
    if severity not in [one.label for one in Severity]:
        raise _StoryError("custom.severity is one of low, medium, high, critical")
    for part, value in (
        ("title", said.get("title")),
        ("description", said.get("description")),
        ("custom.since", custom.get("since")),
    ):
        if not isinstance(value, str) or not value:
            raise _StoryError(f"{part} is missing")
    return Story(
        name=name,
        title=said["title"],
        doc=said["description"].strip() + "\n",
        severity=severity,
        since=custom["since"],
        references=tuple(_references(said.get("related_resources", []))),
        judges=_kinds(said.get("schemas", [])),
        preview=bool(custom.get("preview", False)),
    )


def _references(resources: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for one in resources:
        yield one["ref"]


def _kinds(schemas: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    named = [
        one["schema"][-1]["value"]
        for one in schemas
        if [part["value"] for part in one.get("path", [])] == ["input"]
    ]
    if not named or not set(named) <= set(KINDS):
        raise _StoryError("schemas has `- input: schema.grant` or `- input: schema.key`")
    return tuple(named)


# -- WebAssembly ---------------------------------------------------------------------------


def _built(policies: Path, stories: Sequence[Story], scratch: Path) -> bytes:
    """The module, with one entry for all rules and one for each."""
    main = scratch / "main.rego"
    main.write_text(MAIN)
    bundle = scratch / "bundle.tar.gz"
    entries = ["grantlint_main/verdict", *(f"grantlint/{story.name}" for story in stories)]
    arguments: list[str | Path] = ["build", "--target", "wasm", "--output", bundle]
    for entry in entries:
        arguments += ["--entrypoint", entry]
    opa.run([*arguments, policies, main])
    with tarfile.open(bundle) as archive:
        member = archive.extractfile("/policy.wasm")
        assert member is not None
        wasm = member.read()
    _refuse_builtins(policies, wasm)
    return wasm


def _refuse_builtins(policies: Path, wasm: bytes) -> None:
    """Raise OpaError where a rule calls what neither the module nor we provide."""
    from grantlint.rego.wasm import Wasm  # noqa: PLC0415  # needs wasmtime

    for name in sorted(Wasm(wasm).builtins - BUILTINS.keys()):
        places = [
            f"{file}:{number}"
            for file in sorted(policies.rglob("*.rego"))
            for number, line in enumerate(file.read_text("utf-8").split("\n"), start=1)
            if f"{name}(" in line
        ]
        raise OpaError(f"{places[0] if places else policies}: {name} is not there in every engine")


def main(arguments: Sequence[str]) -> int:
    """Compile; what is wrong goes to standard error, the exit code is 1 then."""
    policies, out = map(Path, arguments)
    try:
        compile_(policies, out)
    except OpaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
