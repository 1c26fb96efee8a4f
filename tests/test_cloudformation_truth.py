"""Recorded templates: each value that is told is the one that CloudFormation's documentation gives.

The expected values were read by hand; four other programs are each wrong somewhere (`how.md`).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stacks import exists, known, properties, stack_at, tree

from grantlint.value import Value

CASES = Path(__file__).parents[1] / "fixtures/truth/cloudformation"
PROBES = [
    (case.name, probe)
    for case in sorted(CASES.iterdir())
    for probe in json.loads((case / "resolved.json").read_text())["probes"]
]


def answer(case: Path, probe: dict[str, object]) -> object:
    """What we say at the place of a probe; None where it is not known."""
    said = json.loads((case / "case.json").read_text())
    template = next(case.glob("template.*"))
    given = {name: str(value) for name, value in said["params"].items()}
    stack = stack_at(template, given, said["region"])
    resource, path = str(probe["resource"]), probe["path"]
    assert isinstance(path, list)
    if resource.startswith("?"):
        return exists(stack, resource[1:])
    value: Value | None = properties(stack, resource)
    for step in path:
        assert value is not None, f"there is nothing at {step}"
        if step == "#len":
            return len(value.elements())
        if step.startswith("?"):
            return value.get(step[1:]) is not None
        if step == "~json":
            value = tree(value)
        elif isinstance(value.raw, tuple):
            value = value.elements()[int(step)]
        else:
            value = value.get(step)
    assert value is not None
    return known(value)


@pytest.mark.parametrize(("case", "probe"), PROBES)
def test_what_is_told_is_what_cloudformation_computes(case, probe):
    expected = probe["expected"]
    if str(expected).startswith("? "):  # a trap of YAML: nobody can tell
        expected = None
    assert answer(CASES / case, probe) in (expected, None)


def test_nearly_everything_is_told():
    certain = [(c, p) for c, p in PROBES if not str(p["expected"]).startswith("? ")]
    told = [answer(CASES / case, probe) is not None for case, probe in certain]
    assert len(told) > 30
    assert sum(told) / len(told) >= 0.95
