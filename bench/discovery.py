"""Measure what finding files costs in a monorepo that has hardly anything of ours.

Usage: python bench/discovery.py [--runs N] [--no-limits]

20,000 files in 2,500 directories, 3,000 of them YAML or JSON of every other kind; 40 templates, of
which a few have something of KMS. The exit code is 1 where the limit is not kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from grantlint.parsers.discovery import discover
from grantlint.parsers.settings import Options
from grantlint.parsers.walk import Walk

LIMIT = 0.5
"""CPU seconds."""

DIRECTORIES = 2_500
IGNORED = [
    *"node_modules/ dist/ build/ target/ *.log *.pyc .env .env.* coverage/ .DS_Store".split(),
    *"*.tfstate *.tfplan .terraform/ cdk.out/ *.swp /tmp/ !keep.log .idea/ .vscode/ out/".split(),
]
KUBERNETES = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n" + (
    "  - name: container\n    image: registry/web:1.0\n    resources: {limits: {cpu: 1}}\n" * 20
)
PACKAGE = json.dumps({"name": "web", "dependencies": {f"package-{n}": "^1.0.0" for n in range(60)}})
TEMPLATE = "Resources:\n  A:\n    Type: AWS::{}::{}\n" + "    # a line\n" * 100
SOURCE = "export const value = 1;\n" * 40


def write(top: Path) -> None:
    """Lay the files."""
    (top / ".git").mkdir()
    (top / ".gitignore").write_text("\n".join(IGNORED) + "\n")
    for number in range(DIRECTORIES):
        directory = top / f"team-{number % 25}" / f"service-{number % 250}" / f"part-{number}"
        directory.mkdir(parents=True)
        if number % 50 == 0:
            (directory / ".gitignore").write_text("*.tmp\ngenerated/\n")
        for file in range(7 if number % 5 else 6):
            (directory / f"file-{file}.ts").write_text(SOURCE)
        (directory / "values.yaml").write_text(KUBERNETES)
        if number % 5 == 0:
            (directory / "package.json").write_text(PACKAGE)
        if number % 62 == 0:
            kind = ("KMS", "Key") if number % 4 == 0 else ("S3", "Bucket")
            (directory / "template.yaml").write_text(TEMPLATE.format(*kind))


def main() -> int:
    """Measure, print, compare with the limit."""
    parser = argparse.ArgumentParser(description="CPU of finding files in a monorepo")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-limits", action="store_true", help="always exit with 0")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        write(top)
        taken = []
        for _ in range(given.runs):
            start = time.process_time()
            found = discover([temporary], Options(), Walk())
            taken.append(time.process_time() - start)
    files = sum(1 for _ in found.documents)
    kept = min(taken) <= LIMIT
    print(f"{files} templates found, first run {taken[0]:.2f} s, best {min(taken):.2f} s CPU")
    print(f"limit {LIMIT} s: {'kept' if kept else 'NOT KEPT'}")
    return int(not kept and not given.no_limits)


if __name__ == "__main__":
    sys.exit(main())
