"""Laws of the evaluator, held against every recorded configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.parsers.terraform.discovery import Directory, Reader
from grantlint.parsers.terraform.module_instance import ModuleInstance
from grantlint.value import Unknown, Value, unknown

TRUTH = Path(__file__).parent.parent / "fixtures/truth/terraform"
CASES = sorted(path.parent for path in TRUTH.glob("*/distilled.json"))
REFUSED = sorted(path for path in (TRUTH / "invalid").iterdir() if path.is_dir())
OPTIONS = Options(account="123456789012", region="us-east-1")

Leaves = dict[str, object]


def root_of(directory: Path) -> ModuleInstance:
    seen = Directory(directory, directory.as_posix(), kms=True, calls=(), deployed=True)
    return estate.open_root(seen, {}, Reader().read, OPTIONS, [])


def leaves(value: Value, path: str) -> Iterator[tuple[str, object]]:
    """Every known leaf below a value, by path; a set only where all of it is known."""
    if isinstance(value.raw, Unknown):
        return
    if value.kind == "set" and not value.wholly_known():
        return
    if isinstance(value.raw, tuple):
        for at, member in enumerate(value.elements()):
            yield from leaves(member, f"{path}[{at}]")
    elif value.kind in {"map", "object"} and not value.is_null:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}")
    else:
        yield path, value.raw


def known(root: ModuleInstance) -> Leaves:
    found: Leaves = {}
    for instance, planned in root.all_planned(lambda *_: True):
        found.update(leaves(planned, instance.address))
    for name in root.module.outputs:
        span = root.module.outputs[name].span
        found.update(leaves(root.output(name, span), f"output.{name}"))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_forgetting_a_variable_never_changes_what_stays_known(case: Path) -> None:
    full_root = root_of(case)
    full = known(full_root)
    for name in full_root.module.variables:
        blanked = root_of(case)
        blanked.configuration.assigned = {
            **blanked.configuration.assigned,
            name: unknown(f"var.{name} is forgotten"),
        }
        less = known(blanked)
        changed = {path: less[path] for path in less if path in full and less[path] != full[path]}
        assert not changed, f"without var.{name}"


@pytest.mark.parametrize("case", CASES + REFUSED, ids=lambda path: path.name)
def test_evaluation_is_deterministic(case: Path) -> None:
    assert known(root_of(case)) == known(root_of(case))


def test_there_are_cases_to_hold_the_laws_against() -> None:
    assert len(CASES) >= 16
    assert len(REFUSED) >= 10
