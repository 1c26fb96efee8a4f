"""Measure what one small file costs: `grantlint check` on one grant, beside checkov.

Usage: python bench/start.py [--runs N] [--checkov] [--no-limits]

*Warm* is the second and every later run; *cold* finds no machine code of the Rego rules, as the
first run after an installation. The exit code is 1 where a limit of grantlint's own is not kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measure import Measure, checkov, measure, nowhere

LIMITS = {"check, warm": 0.35, "check, cold": 0.65, "--version": 0.12, "--help": 0.25}
"""CPU seconds."""

_FILE = """\
resource "aws_kms_key" "orders" {}

resource "aws_kms_grant" "etl" {
  key_id            = aws_kms_key.orders.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/etl"
  operations        = ["Decrypt", "CreateGrant"]
}
"""


def main() -> int:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description="CPU over one file with one grant")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--checkov", action="store_true", help="measure checkov too")
    parser.add_argument("--no-limits", action="store_true", help="always exit with 0")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary, "main.tf")
        file.write_text(_FILE, encoding="utf-8")
        ours = [sys.executable, "-m", "grantlint"]
        check = [*ours, "check", str(file)]
        measure(check, 1)
        results: dict[str, Measure | str] = {
            "check, warm": measure(check, given.runs),
            "check, cold": min(
                (measure(check, 1, environment=nowhere(temporary, n)) for n in range(given.runs)),
                key=lambda one: one.cpu,
            ),
            "--version": measure([*ours, "--version"], given.runs),
            "--help": measure([*ours, "--help"], given.runs),
        }
        if given.checkov:
            results["checkov"] = checkov(file, 2)
    return _show(results) and not given.no_limits


def _show(results: dict[str, Measure | str]) -> int:
    bar = results["check, warm"]
    assert isinstance(bar, Measure)
    broken = 0
    for name, result in results.items():
        if isinstance(result, str):
            print(f"{name:12} skipped: {result}")
            continue
        kept = result.cpu <= LIMITS.get(name, result.cpu)
        broken += not kept
        limit = f"{LIMITS[name]} s: {'kept' if kept else 'NOT KEPT'}" if name in LIMITS else ""
        ratio = f"{result.cpu / bar.cpu:5.1f} x"
        print(f"{name:12} {result.cpu:6.2f} s {result.memory:5.0f} MB {ratio}  {limit}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
