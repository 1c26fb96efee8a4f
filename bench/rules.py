"""Measure all Rego rules over 2,000 grants and keys, as whole processes.

Usage: python bench/rules.py [--runs N] [--no-limits]

Measured is a run that judges them less one that only reads the same files: the start of the
engine, the objects made to JSON, the evaluation, the hits. *Cold* is what a run costs more that
finds no machine code of the rules, as the first one after an installation. The exit code is 1 where
a limit is not kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import tree
from measure import measure, nowhere

LIMITS = {"Rego rules": 3.0, "cold, more": 1.0}
"""CPU seconds."""

OBJECTS = 2000

_RUN = f"""\
import gc
import sys
from grantlint.parsers.terraform import estate
from grantlint.parsers.terraform.estate import Options
from grantlint.rules import all_rules

gc.disable()  # as the command line does
found = estate.read([sys.argv[1]], Options()).inventory
assert len(found.keys) + len(found.grants) == {OBJECTS}
for rule in all_rules() if sys.argv[2] == "judged" else ():
    if rule.language == "rego":
        for hit in rule.hits(found):
            pass
"""


def main() -> int:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description=f"CPU of the Rego rules over {OBJECTS} objects")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-limits", action="store_true", help="always exit with 0")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary, "tree")
        tree.write(directory)
        command = [sys.executable, "-c", _RUN, str(directory)]
        judging = [*command, "judged"]
        measure(judging, 1)
        read = measure([*command, "read"], given.runs).cpu
        warm = measure(judging, given.runs).cpu
        runs = range(given.runs)
        cold = [measure(judging, 1, environment=nowhere(temporary, n)).cpu for n in runs]
    return (
        _show({"Rego rules": warm - read, "cold, more": min(cold) - warm}) and not given.no_limits
    )


def _show(results: dict[str, float]) -> int:
    broken = 0
    for name, seconds in results.items():
        kept = seconds <= LIMITS[name]
        broken += not kept
        print(f"{name:12} {seconds:6.2f} s  {LIMITS[name]} s: {'kept' if kept else 'NOT KEPT'}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
