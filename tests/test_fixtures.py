"""Each directory below fixtures/terraform, cloudformation and cdk is a scenario.

Beside it stands what is reported of it; below fixtures/cdk also of what the CDK really synthesised
(fixtures/truth/cdk). With GRANTLINT_UPDATE=1 (`make update`) the expectations are rewritten: read
the difference.
"""

import os
from pathlib import Path
from shutil import copytree

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.reports import Look
from grantlint.reports.text import render

FIXTURES = Path(__file__).parents[1] / "fixtures"
SYNTHESISED = ("07-nested", "17-ts")
SCENARIOS = [
    *(
        (path, path.with_name(f"{path.name}.txt"))
        for format in ("terraform", "cloudformation", "cdk")
        for path in sorted((FIXTURES / format).iterdir())
        if path.is_dir()
    ),
    *((FIXTURES / "truth/cdk" / app, FIXTURES / f"cdk/{app}.txt") for app in SYNTHESISED),
]


def test_there_are_scenarios():
    assert SCENARIOS


@pytest.mark.parametrize(("scenario", "expected"), SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_reported_as_expected(scenario, expected, tmp_path, monkeypatch):
    copytree(scenario, tmp_path / scenario.name)
    monkeypatch.chdir(tmp_path)  # alone: what lies around it in the repository is no caller
    look = Look(possible=True, verbose=True)
    actual = render(check([scenario.name], Options()), look)
    if os.environ.get("GRANTLINT_UPDATE"):
        expected.write_text(actual, encoding="utf-8")
    assert expected.exists(), "`make update` writes what is expected"
    assert actual == expected.read_text(encoding="utf-8")
