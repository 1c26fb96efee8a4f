"""Random expressions: what we know is what Terraform says, and learning more never changes it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from random_expressions import expressions

from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import console, estate
from grantlint.parsers.terraform.discovery import Directory, Reader
from grantlint.parsers.terraform.scope import ConsoleScope
from grantlint.value import unknown

RECORDED = Path(__file__).parent.parent / "fixtures/truth/terraform/console"
REFUSED = "refused"


def scope(blank: str | None = None) -> ConsoleScope:
    directory = Directory(RECORDED, RECORDED.as_posix())
    root = estate.open_root(directory, {}, Reader().read, Options(), [])
    if blank is not None:
        root.configuration.assigned = {blank: unknown("forgotten")}
    return ConsoleScope(root, {})


def answer(expression: str, where: ConsoleScope) -> dict[str, object]:
    return json.loads(console.answer(json.dumps({"expr": expression}), where))


def terraform(directory: Path, asked: list[str]) -> list[str]:
    """The real console's answers; of a list that it refuses whole, those of its halves."""
    text = f"base64encode(jsonencode([{','.join(asked)}]))\n"
    done = subprocess.run(
        ["terraform", "console", "-no-color"],
        input=text,
        capture_output=True,
        text=True,
        cwd=directory,
        check=False,
    )
    if done.returncode == 0 and done.stdout.startswith('"'):
        found: list[str] = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
        return found
    if len(asked) == 1:
        return [REFUSED]
    half = len(asked) // 2
    return terraform(directory, asked[:half]) + terraform(directory, asked[half:])


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
@pytest.mark.parametrize("seed", [1, 2])
def test_random_expressions_are_what_terraform_says(seed: int, tmp_path: Path) -> None:
    for name in ("main.tf", "extra.tf"):
        shutil.copy(RECORDED / name, tmp_path / name)
    count = int(os.environ.get("GRANTLINT_EXPRESSIONS", "150"))
    made = [f'try(jsonencode({text}), "{REFUSED}")' for text in expressions(seed, count)]
    said: list[str] = []
    for at in range(0, len(made), 50):
        said += terraform(tmp_path, made[at : at + 50])
    ours = [answer(text, scope()) for text in made]
    differing = [
        (text, mine["value"], theirs)
        for text, mine, theirs in zip(made, ours, said, strict=True)
        if "value" in mine and mine["value"] != theirs
    ]
    assert not differing
    assert sum("value" in mine for mine in ours) >= 0.95 * len(made)


@pytest.mark.parametrize("name", ["env", "n", "list_any", "set_str", "map_num", "tup", "obj"])
def test_learning_a_variable_never_changes_what_was_known(name: str) -> None:
    whole, less = scope(), scope(blank=name)
    kept = 0
    for text in expressions(seed=7, count=1500):
        if f"var.{name}" not in text:
            continue
        without, full = answer(text, less), answer(text, whole)
        if "value" in without and "value" in full:
            kept += 1
            assert without == full, text
    assert kept
