"""Measure what a commit of one file costs in an estate of 1,000: the hook under `pre-commit run`.

Usage: python bench/pre_commit.py [--runs N] [--checkov] [--no-limits]

The estate is a git repository of 1,000 .tf files in 340 directories: 40 modules, 300 roots that
call some of them, KMS in a few. What is measured is the process of the hook that pre-commit
starts, with the arguments and the files that it gives; pre-commit's own time is shown beside it.
conftest, which only parses, is the peer: on the same files as a hook of its own would get them,
and on all. The exit code is 1 where a limit of grantlint's own is not kept.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from measure import Measure, checkov, measure
from speed import conftest

LIMIT = 0.6
"""CPU seconds of the hook, whichever file has changed."""

ROOT = Path(__file__).parents[1]
MODULES, ROOTS = 40, 300
CHANGED = {
    "a root with KMS": "live/r000/main.tf",
    "a root without": "live/r001/main.tf",
    "a module of KMS": "modules/m00/main.tf",
    "a module without": "modules/m01/main.tf",
    "a policy in JSON": "live/r000/policy.json",
    "a template in YAML": "templates/key.yaml",
    "a file of nobody": "docs/data.json",
}

_KMS = """\
variable "role" {
  default = "arn:aws:iam::111122223333:role/etl"
}

resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_kms_grant" "this" {
  key_id            = aws_kms_key.this.key_id
  grantee_principal = var.role
  operations        = ["Decrypt", "CreateGrant"]
}
"""
_OTHER = """\
variable "name" {{
  type    = string
  default = "service-{n}"
}}

resource "aws_s3_bucket" "this" {{
  bucket = "${{var.name}}-data"
  tags   = {{ Team = "data", Service = var.name }}
}}

resource "aws_security_group" "this" {{
  name = var.name

  dynamic "ingress" {{
    for_each = [443, 8443]
    content {{
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }}
  }}
}}
"""
_CALL = 'module "m{n:02}" {{\n  source = "../../modules/m{n:02}"\n}}\n\n'
_POLICY = """\
{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
  "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}]}
"""
_READS = '\nresource "aws_kms_key" "own" {\n  policy = file("${path.module}/policy.json")\n}\n'
_TEMPLATE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
"""
_TIMED = """\
import os, subprocess, sys
into, *command = sys.argv[1:]
process = subprocess.Popen(command)
_, status, usage = os.wait4(process.pid, 0)
with open(into, "a") as file:
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=file)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one `pre-commit run`: what the hook took, and how much CPU it took in all."""

    hook: Measure
    whole: float


def write(directory: Path) -> None:
    """Write the estate: 1,000 .tf files, a policy, a template, something else."""
    for n in range(MODULES):
        text = _KMS if n % 20 == 0 else _OTHER.format(n=n)
        _lay(directory, f"modules/m{n:02}/main.tf", text)
        _lay(directory, f"modules/m{n:02}/outputs.tf", 'output "name" {\n  value = "x"\n}\n')
    for n in range(ROOTS):
        called = (0, 1 + n % 19) if n % 20 == 0 else (1 + n % 19, 21 + n % 19)
        calls = "".join(_CALL.format(n=module) for module in called)
        _lay(directory, f"live/r{n:03}/main.tf", calls + (_READS if n == 0 else ""))
        _lay(directory, f"live/r{n:03}/own.tf", _OTHER.format(n=n))
        _lay(directory, f"live/r{n:03}/versions.tf", 'provider "aws" {}\n')
    for n in range(1000 - 2 * MODULES - 3 * ROOTS):
        _lay(directory, f"live/r{n:03}/more.tf", f"locals {{\n  more = {n}\n}}\n")
    _lay(directory, "live/r000/policy.json", _POLICY)
    _lay(directory, "templates/key.yaml", _TEMPLATE)
    _lay(directory, "docs/data.json", '{"a": [1, 2, 3]}\n')


def _lay(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def hook(directory: Path, program: Sequence[str], times: Path) -> None:
    """Make the estate a repository whose hook is ours, under a clock."""
    clock = times.with_name("timed.py")
    clock.write_text(_TIMED, encoding="utf-8")
    shipped = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    ours = next(one for one in shipped if one["id"] == "grantlint-system")
    entry = ours["entry"].removeprefix("grantlint ")
    command = [sys.executable, str(clock), str(times), *program]
    local = {**ours, "entry": f"{shlex.join(command)} {entry}"}
    repos = {"repos": [{"repo": "local", "hooks": [local]}]}
    _lay(directory, ".pre-commit-config.yaml", yaml.safe_dump(repos))
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        _git(directory, *arguments)


def _git(directory: Path, *arguments: str) -> None:
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    subprocess.run(["git", *author, *arguments], cwd=directory, check=True)


def commit(directory: Path, changed: str, times: Path, runs: int) -> Cost:
    """What `pre-commit run` costs where one file is staged; the least of some runs."""
    path = directory / changed
    before = path.read_text("utf-8")
    path.write_text(before + "\n", "utf-8")
    _git(directory, "add", "--", changed)
    command = [sys.executable, "-m", "pre_commit", "run", "--config", ".pre-commit-config.yaml"]
    home = {"PRE_COMMIT_HOME": str(times.with_name("home"))}
    there = Path.cwd()
    times.write_text("", "utf-8")
    os.chdir(directory)
    try:
        whole = measure(command, runs, environment=home)
    finally:
        os.chdir(there)
    rows = [line.split() for line in times.read_text("utf-8").splitlines()]
    assert len(rows) == runs, f"{changed}: the hook ran {len(rows)} times, not {runs}"
    path.write_text(before, "utf-8")
    _git(directory, "add", "--", changed)
    least = Measure(min(float(cpu) for cpu, _ in rows), max(float(memory) for _, memory in rows))
    return Cost(least, whole.cpu)


def main() -> int:
    """Measure, print, compare with the limit."""
    parser = argparse.ArgumentParser(description="CPU of the pre-commit hook")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--checkov", action="store_true", help="measure checkov too")
    parser.add_argument("--no-limits", action="store_true", help="always exit with 0")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory, times = Path(temporary, "estate"), Path(temporary, "times")
        write(directory)
        files = sum(1 for _ in directory.rglob("*.tf"))
        hook(directory, [sys.executable, "-m", "grantlint"], times)
        costs = {
            what: commit(directory, changed, times, given.runs) for what, changed in CHANGED.items()
        }
        peers: dict[str, Measure | str] = {"conftest (parses all)": conftest(directory, given.runs)}
        if given.checkov:
            peers["checkov (its hook: -d .)"] = checkov(directory, 1)
    print(f"{files} .tf files, one changed")
    return _show(costs, peers) and not given.no_limits


def _show(costs: dict[str, Cost], peers: dict[str, Measure | str]) -> int:
    bar = peers["conftest (parses all)"]
    print(f"{'':25} {'CPU':>8} {'memory':>8} {'to conftest':>12} {'with pre-commit':>16}  limit")
    broken = 0
    for what, cost in costs.items():
        kept = cost.hook.cpu <= LIMIT
        broken += not kept
        limit = f"{LIMIT} s: {'kept' if kept else 'NOT KEPT'}"
        print(f"{_row(what, cost.hook, bar)} {cost.whole:14.2f} s  {limit}")
    for what, peer in peers.items():
        print(f"{what:25} skipped: {peer}" if isinstance(peer, str) else _row(what, peer, bar))
    return int(broken > 0)


def _row(what: str, cost: Measure, bar: Measure | str) -> str:
    ratio = f"{cost.cpu / bar.cpu:.2f} x" if isinstance(bar, Measure) else ""
    return f"{what:25} {cost.cpu:6.2f} s {cost.memory:5.0f} MB {ratio:>12}"


if __name__ == "__main__":
    sys.exit(main())
