"""`policies/` to WebAssembly, by OPA: at development time, never when somebody's estate is judged.

Usage: python -m grantlint.rego.compile POLICIES OUT

Every fault is `file:line: text`: Rego that is none, a field that `input` does not have, a builtin
that not every engine has, a negation that accuses, a METADATA block that says too little. The same
policies and the same OPA give the same bytes, wherever they lie.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from grantlint.model import schema
from grantlint.rego import opa, portability, soundness
from grantlint.rego.builtins import ALLOWED
from grantlint.rego.engine import MAIN
from grantlint.rego.opa import OpaError
from grantlint.rego.pack import Story
from grantlint.rego.sources import modules, write
from grantlint.rego.syntax import Node, parse, row, rule_name
from grantlint.rule import JUDGED, Severity

_COUNT: Final = re.compile(r"^\d+ errors? occurred(?: during loading)?: *\n?")
_PARTS: Final = ("title", "description", "custom.severity", "custom.since")


def compile_(policies: Path, out: Path) -> tuple[Story, ...]:
    """Check and compile the rules of a directory into `out`. Raises OpaError."""
    found = opa.version()
    if found != opa.PINNED:
        raise OpaError(f"policies are compiled with opa {opa.PINNED}, this is {found}")
    with tempfile.TemporaryDirectory() as scratch:
        stories = check(policies, Path(scratch))
        wasm = build(policies, [story.name for story in stories], Path(scratch))
    out.mkdir(parents=True, exist_ok=True)
    (out / "rules.wasm").write_bytes(wasm)
    document = {"opa": opa.PINNED, "rules": [asdict(story) for story in stories]}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (out / "rules.json").write_text(text, "utf-8")
    return stories


def check(policies: Path, scratch: Path) -> tuple[Story, ...]:
    """The stories of the rules of a directory. Raises OpaError with all their faults."""
    modules(policies)
    _check_types(policies, scratch)
    stories, faults = [], set()
    for file in rule_files(policies):
        tree = parse(file)
        found = (*soundness.accusations(tree), *portability.differences(tree), *_oddities(tree))
        faults |= {(str(file), line, text) for line, text in found}
        try:
            stories.append(_story(file.stem, tree))
        except _StoryError as error:
            faults.add((str(file), error.line, str(error)))
    if faults:
        raise OpaError("\n".join(f"{path}:{line}: {text}" for path, line, text in sorted(faults)))
    return tuple(stories)


def _check_types(policies: Path, scratch: Path) -> None:
    """OPA's own check, with the schema of `input` and the builtins that a rule may call."""
    schemas = scratch / "schemas"
    schemas.mkdir()
    for kind, document in input_schemas().items():
        (schemas / f"{kind}.json").write_text(json.dumps(document), "utf-8")
    able: dict[str, Any] = json.loads(opa.run(["capabilities", "--current"]))
    able["builtins"] = [one for one in able["builtins"] if one["name"] in ALLOWED]
    able["future_keywords"] = []
    able["features"] = ["keywords_in_refs", "rego_v1"]
    capabilities = scratch / "capabilities.json"
    capabilities.write_text(json.dumps(able), "utf-8")
    narrowed: list[str | Path] = ["--schema", schemas, "--capabilities", capabilities]
    try:
        opa.run(["check", "--strict", *narrowed, policies])
    except OpaError as error:
        raise OpaError(_COUNT.sub("", str(error))) from None


def input_schemas() -> Mapping[str, Mapping[str, Any]]:
    """The JSON Schema of `input` for each kind of object, as `schema.grant` and `schema.key`."""
    whole: Any = schema()
    return {kind: {**whole["$defs"][kind], "$defs": whole["$defs"]} for kind in JUDGED}


def rule_files(policies: Path) -> list[Path]:
    """The files of rules: all but the library."""
    return sorted(policies.glob("*.rego"))


# -- stories -------------------------------------------------------------------------------


class _StoryError(Exception):
    """A METADATA block that lacks something, at a line."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def _oddities(tree: Node) -> Iterator[tuple[int, str]]:
    """What makes a rule that never speaks, or says what is no hit."""
    verdicts = [rule for rule in tree.get("rules", []) if rule_name(rule) in {"deny", "warn"}]
    if not verdicts:
        yield row(tree["package"]), "a rule has `deny contains`, `warn contains` or both"
    for rule in verdicts:
        if "key" not in rule["head"] or "value" in rule["head"] or len(rule["head"]["ref"]) > 1:
            yield row(rule["head"]), f"write `{rule_name(rule)} contains`: it is a set of hits"


def _story(name: str, tree: Node) -> Story:
    """What a file's METADATA says."""
    package = tree["package"]
    if [part["value"] for part in package["path"]] != ["data", "grantlint", name]:
        raise _StoryError(row(package), f"the package must be grantlint.{name}")
    blocks = [one for one in tree.get("annotations", []) if one["scope"] == "package"]
    if not blocks:
        raise _StoryError(row(package), "a rule begins with a METADATA block")
    said, line = blocks[0], row(blocks[0])
    custom = said.get("custom", {})
    for part in _PARTS:
        value = custom.get(part.removeprefix("custom.")) if "." in part else said.get(part)
        if not isinstance(value, str) or not value.strip():
            raise _StoryError(line, f"METADATA: {part} is missing, or no text")
    if custom["severity"] not in [one.label for one in Severity]:
        raise _StoryError(line, "METADATA: custom.severity is one of low, medium, high, critical")
    return Story(
        name=name,
        title=said["title"],
        doc=said["description"].strip() + "\n",
        severity=custom["severity"],
        since=custom["since"],
        references=tuple(one["ref"] for one in said.get("related_resources", [])),
        judges=_kinds(said.get("schemas", []), line),
        mappings=_texts(custom.get("mappings", []), "custom.mappings", line),
        preview=custom.get("preview", False) is True,
        opt_in=custom.get("opt_in", False) is True,
    )


def _texts(listed: object, name: str, line: int) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise _StoryError(line, f"METADATA: {name} is a list of texts")
    return tuple(listed)


def _kinds(schemas: Sequence[Mapping[str, Any]], line: int) -> tuple[str, ...]:
    named = [
        one["schema"][-1]["value"]
        for one in schemas
        if [part["value"] for part in one.get("path", [])] == ["input"] and one.get("schema")
    ]
    if len(named) != 1 or named[0] not in JUDGED:
        names = ", ".join(f"schema.{name}" for name in JUDGED)
        raise _StoryError(line, f"METADATA: schemas has `- input:` and one of {names}")
    return JUDGED[named[0]]


# -- WebAssembly ---------------------------------------------------------------------------


def build(policies: Path, names: Sequence[str], scratch: Path) -> bytes:
    """The module, with one entry for all rules and one for each of these.

    OPA writes the paths of the files into it: so they are always the same.
    """
    write(modules(policies), scratch / "policies")
    (scratch / "main.rego").write_text(MAIN, "utf-8")
    entries = ["grantlint_main/verdict", *(f"grantlint/{name}" for name in names)]
    arguments = ["build", "--target", "wasm", "--output", "bundle.tar.gz"]
    for entry in entries:
        arguments += ["--entrypoint", entry]
    opa.run([*arguments, "policies", "main.rego"], directory=scratch)
    with tarfile.open(scratch / "bundle.tar.gz") as archive:
        member = archive.extractfile("/policy.wasm")
        assert member is not None
        return member.read()


def main(arguments: Sequence[str]) -> int:
    """Compile; what is wrong goes to standard error, the exit code is 1 then."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m grantlint.rego.compile POLICIES OUT\n")
        return 2
    policies, out = map(Path, arguments)
    try:
        compile_(policies, out)
    except OpaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
