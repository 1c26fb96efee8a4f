"""Measure `grantlint check --diff-against` beside two runs of `grantlint check`.

Usage: python bench/against.py DIRECTORY [--runs N]

The directory, a public estate without .git, is copied, committed, and one grant is added. CPU time
is that of both processes. The exit code is 1 where it takes more than the limit.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import measure

LIMIT = 1.25
"""Of the CPU time of two runs of check."""
GRANT = """\
resource "aws_kms_grant" "new" {
  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = "arn:aws:iam::444455556666:root"
  operations        = ["Decrypt", "CreateGrant"]
}
"""


def main() -> int:
    """Copy, commit, change, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        top = Path(made, "estate")
        shutil.copytree(given.directory, top, symlinks=True)
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "before"]):
            who = ["-c", "user.name=bench", "-c", "user.email=bench"]
            subprocess.run(["git", *who, *arguments], cwd=top, check=True)
        Path(top, "new.tf").write_text(GRANT, "utf-8")
        check = [sys.executable, "-m", "grantlint", "check", "--quiet", "."]
        os.chdir(top)
        once = measure(check, given.runs, (0, 1, 3))
        both = measure([*check, "--diff-against", "HEAD"], given.runs, (0, 1, 3))
    ratio = both.cpu / (2 * once.cpu)
    print(f"check {once.cpu:.2f} s, --diff-against {both.cpu:.2f} s: {ratio:.2f} of two runs")
    print(f"memory {once.memory:.0f} MB, {both.memory:.0f} MB")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
