"""Each directory below fixtures/terraform is a scenario; beside it stands what is reported of it.

With GRANTLINT_UPDATE=1 (`make update`) the expectations are rewritten: read the difference.
"""

import os
from pathlib import Path
from shutil import copytree

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.reports import Look
from grantlint.reports.text import render

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted(path.name for path in (ROOT / "fixtures/terraform").iterdir() if path.is_dir())


def test_there_are_scenarios():
    assert SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_reported_as_expected(scenario, tmp_path, monkeypatch):
    copytree(ROOT / "fixtures/terraform" / scenario, tmp_path / scenario)
    monkeypatch.chdir(tmp_path)  # alone: what lies around it in the repository is no caller
    look = Look(possible=True, verbose=True)
    actual = render(check([scenario], Options()), look)
    expected = ROOT / "fixtures/terraform" / f"{scenario}.txt"
    if os.environ.get("GRANTLINT_UPDATE"):
        expected.write_text(actual, encoding="utf-8")
    assert expected.exists(), "`make update` writes what is expected"
    assert actual == expected.read_text(encoding="utf-8")
