"""Measure CPU time and memory of `grantlint model` and `check`, beside conftest and checkov.

Usage: python bench/speed.py [--runs N] [--checkov] [--no-limits]

conftest only parses the tree (its one rule reads nothing), which is the
least that any tool of its kind does; it is installed with `go install` where Go is there.
checkov comes into a virtual environment of its own, which takes minutes, so only on demand.
The exit code is 1 where a limit of grantlint's own is not kept.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tree
from measure import Measure, checkov, measure

LIMITS = {"grantlint model": (2.5, 200), "grantlint check": (4.0, 200)}
"""CPU seconds and MB."""

CONFTEST = "github.com/open-policy-agent/conftest@latest"
ONE_RULE = "package main\n\ndeny contains msg if {\n\tinput.nothing\n\tmsg := input.nothing\n}\n"


def conftest(directory: Path, runs: int) -> Measure | str:
    """Measure the parse of the tree by conftest; or say why not."""
    program = shutil.which("conftest") or _go_program("conftest")
    if program is None and shutil.which("go"):
        done = subprocess.run(["go", "install", CONFTEST], capture_output=True, check=False)
        if done.returncode:
            return "go install failed: " + done.stderr.decode(errors="replace").strip()[-200:]
        program = _go_program("conftest")
    if program is None:
        return "neither conftest nor go is on PATH"
    policy = directory.parent / "policy"
    policy.mkdir()
    (policy / "rule.rego").write_text(ONE_RULE, encoding="utf-8")
    return measure([program, "test", "--policy", str(policy), str(directory)], runs)


def _go_program(name: str) -> str | None:
    if not shutil.which("go"):
        return None
    done = subprocess.run(["go", "env", "GOPATH"], capture_output=True, text=True, check=False)
    path = Path(done.stdout.strip(), "bin", name)
    return str(path) if path.exists() else None


def main() -> int:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description="CPU and memory over 1,000 files")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--checkov", action="store_true", help="measure checkov too")
    parser.add_argument("--no-limits", action="store_true", help="always exit with 0")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary, "tree")
        tree.write(directory)
        ours = [sys.executable, "-m", "grantlint"]
        results: dict[str, Measure | str] = {
            "grantlint model": measure([*ours, "model", str(directory)], given.runs),
            "grantlint check": measure([*ours, "check", str(directory)], given.runs),
            "conftest (parse)": conftest(directory, given.runs),
        }
        if given.checkov:
            results["checkov"] = checkov(directory, 1)
    return _show(results) and not given.no_limits


def _show(results: dict[str, Measure | str]) -> int:
    bar = results["conftest (parse)"]
    print(f"{tree.DIRECTORIES * tree.FILES} files")
    print(f"{'':18} {'CPU':>8} {'memory':>8} {'to conftest':>12}  limit")
    broken = 0
    for name, result in results.items():
        if isinstance(result, str):
            print(f"{name:18} skipped: {result}")
            continue
        ratio = f"{result.cpu / bar.cpu:.1f} x" if isinstance(bar, Measure) else ""
        text = ""
        if name in LIMITS:
            cpu, memory = LIMITS[name]
            kept = result.cpu <= cpu and result.memory <= memory
            broken += not kept
            text = f"{cpu} s, {memory} MB: {'kept' if kept else 'NOT KEPT'}"
        print(f"{name:18} {result.cpu:6.2f} s {result.memory:5.0f} MB {ratio:>12}  {text}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
