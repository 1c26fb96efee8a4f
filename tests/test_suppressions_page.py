"""Every example of docs/suppressions.md does what the page says."""

import re
from pathlib import Path

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.suppress.grammar import read
from grantlint.suppress.report import ABOUT

PAGE = (Path(__file__).parents[1] / "docs/suppressions.md").read_text("utf-8")
FILES = {"hcl": "main.tf", "yaml": "template.yaml", "json": "template.json"}
EXAMPLES = re.findall(r"<!-- accepts: (\S+) -->\n```(\w+)\n(.*?)```", PAGE, re.S)
ROWS = re.findall(r"^\| `(grantlint.+?)` \| (.+?) \|$", PAGE, re.M)
WRONG = [row for row in ROWS if not row[0].startswith("grantlint: ignore[rule, rule]")]


def test_there_are_examples():
    assert {language for _, language, _ in EXAMPLES} == set(FILES)
    assert len(WRONG) > 5
    assert PAGE.count("```") == 2 * (len(EXAMPLES) + 1), "the one in TypeScript is not run"


@pytest.mark.parametrize(("rule", "language", "text"), EXAMPLES)
def test_an_example_accepts(tmp_path, rule, language, text):
    (tmp_path / FILES[language]).write_text(text, "utf-8")
    report = check([str(tmp_path)], Options())
    found = {one.rule for one in report.findings}
    assert not found & {rule, *ABOUT}
    assert {one.finding.rule for one in report.suppressed} == {rule}


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_wrong_is_said_so(text, message):
    (said,) = read(text)
    assert [one.message for one in said.wrong] == [message]


def test_the_table_has_every_rule_about_suppressions():
    assert set(re.findall(r"^\| \[(\S+)\]\(rules/", PAGE, re.M)) == ABOUT
