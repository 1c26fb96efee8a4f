"""What other tools find in the faults that grantlint's rules are about: docs/comparison.md.

Usage: python bench/peers.py

Each bad example of each rule's documentation is a directory with one fault, each good one a
directory without any; templates/ has the same for CloudFormation, for cfn-lint. A peer has found
the fault if it reports something on a key, grant or policy of the bad example that it does not
report on any good example of the same rule: what it says of every key is not about the fault.

checkov and cfn-lint come from PyPI into environments of their own, tflint from PATH or by
`go install`, with the rules that are built in. A peer that cannot be had is "not run".
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

from measure import from_pypi

from grantlint.rule import Example, Rule
from grantlint.rules import all_rules

PAGE = Path(__file__).parents[1] / "docs/comparison.md"
TEMPLATES = Path(__file__).with_name("templates")
BEGIN, END = "<!-- peers: written by bench/peers.py -->", "<!-- /peers -->"
TFLINT = "github.com/terraform-linters/tflint@latest"

ABOUT = re.compile(r"(data\.)?(aws_kms_\w+|aws_iam_policy_document)\b")
"""The resources that a finding has to be about."""

Said = Mapping[str, set[str]]
"""The names of what a peer reports, by the name of the directory or file."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool: what it is called and which version, and what it says; or why it is not run."""

    name: str
    version: str
    said: Said
    missing: str = ""


# -- the tools -----------------------------------------------------------------------------


def answer(command: Sequence[str | Path]) -> str:
    """What a program writes to standard output."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def checkov(directory: Path) -> Peer:
    """Checkov, once over all directories."""
    program = from_pypi("checkov")
    if isinstance(program, str):
        return Peer("checkov", "", {}, program)
    options = ["--framework", "terraform", "--skip-download", "--output", "json", "--quiet"]
    found = json.loads(answer([program, *options, "--directory", directory]))
    said: dict[str, set[str]] = defaultdict(set)
    for one in found["results"]["failed_checks"]:
        if ABOUT.match(one["resource"]):
            said[one["file_path"].split("/")[1]].add(one["check_id"])
    return Peer("checkov", answer([program, "--version"]).strip(), said)


def tflint(directory: Path) -> Peer:
    """Tflint with its built-in rules, once for each directory."""
    program = _tflint()
    if program is None:
        return Peer("tflint", "", {}, "neither tflint nor go is on PATH")
    said: dict[str, set[str]] = defaultdict(set)
    for one in sorted(directory.iterdir()):
        found = json.loads(answer([program, f"--chdir={one}", "--format=json"]) or "{}")
        for issue in found.get("issues", []):
            said[one.name].add(issue["rule"]["name"])
    version = answer([program, "--version"]).split("\n")[0].removeprefix("TFLint version ")
    return Peer("tflint", version, said)


def _tflint() -> Path | None:
    found = which("tflint")
    built = Path(tempfile.gettempdir(), "grantlint-bench-tflint", "bin")
    if found is None and not (built / "tflint").exists() and which("go"):
        environment = {**os.environ, "GOBIN": str(built)}
        subprocess.run(["go", "install", TFLINT], env=environment, check=False)
    program = Path(found) if found else built / "tflint"
    return program if program.exists() else None


def cfn_lint() -> Peer:
    """cfn-lint, on the templates."""
    program = from_pypi("cfn-lint")
    if isinstance(program, str):
        return Peer("cfn-lint", "", {}, program)
    said: dict[str, set[str]] = defaultdict(set)
    for file in sorted(TEMPLATES.glob("*.yaml")):
        for one in json.loads(answer([program, "--format", "json", file]) or "[]"):
            said[file.stem].add(one["Rule"]["Id"])
    return Peer("cfn-lint", answer([program, "--version"]).split()[-1], said)


# -- the faults ----------------------------------------------------------------------------


def configurations(rule: Rule) -> list[Example]:
    """The examples of a rule that are configurations of Terraform."""
    return [example for example in rule.examples if example.language == "hcl"]


def write(rule: Rule, directory: Path) -> None:
    """Each of these as a directory."""
    for number, example in enumerate(configurations(rule)):
        kind = "bad" if example.bad else "good"
        place = directory / f"{rule.id}.{kind}.{number}"
        place.mkdir()
        (place / "main.tf").write_text(example.text, "utf-8")


def cell(rule: Rule, said: Said) -> str:
    """How many of the bad examples of a rule a peer finds, and by what."""
    faults = enumerate(configurations(rule))
    bad = [f"{rule.id}.bad.{number}" for number, one in faults if one.bad]
    return _cell(bad, _of(said, f"{rule.id}.good."), said)


def template_cell(rule: Rule, said: Said) -> str:
    """The same for the template of a rule, where there is one."""
    if not (TEMPLATES / f"{rule.id}.yaml").exists():
        return "–"
    return _cell([rule.id], _of(said, f"{rule.id}.good"), said)


def _of(said: Said, prefix: str) -> set[str]:
    return {name for place, names in said.items() if place.startswith(prefix) for name in names}


def _cell(bad: Sequence[str], generic: set[str], said: Said) -> str:
    found = [said.get(place, set()) - generic for place in bad]
    number = sum(bool(names) for names in found)
    by = ", ".join(sorted({name for names in found for name in names}))
    return f"{number} of {len(bad)}, {by}" if number else "no"


# -- the page ------------------------------------------------------------------------------


def table(
    rules: Sequence[Rule], peers: Sequence[tuple[Peer, Callable[[Rule, Said], str]]]
) -> Iterator[str]:
    """The lines of the table, and above it the versions."""
    names = [f"{one.name} {one.version}" if not one.missing else one.name for one, _ in peers]
    today = datetime.now(UTC).date()
    yield f"Run on {today} with {', '.join(names)}."
    yield ""
    yield f"| rule | faults | {' | '.join(peer.name for peer, _ in peers)} |"
    yield "|---|---|" + "---|" * len(peers)
    for rule in rules:
        cells = ["not run" if peer.missing else ask(rule, peer.said) for peer, ask in peers]
        bad = sum(example.bad for example in configurations(rule))
        yield f"| [{rule.id}](rules/{rule.id}.md) | {bad} | {' | '.join(cells)} |"


def main() -> int:
    """Run the peers and write the table."""
    rules = all_rules()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch).resolve()
        for rule in rules:
            write(rule, directory)
        peers = [(checkov(directory), cell), (tflint(directory), cell), (cfn_lint(), template_cell)]
    for peer, _ in peers:
        if peer.missing:
            print(f"{peer.name} is not run: {peer.missing}")
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = "\n".join(table(rules, peers))
    PAGE.write_text(f"{before}{BEGIN}\n\n{lines}\n\n{END}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
