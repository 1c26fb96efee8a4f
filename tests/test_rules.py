"""The laws that hold for every rule and every example in its documentation."""

import re
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.laws import FILES, Trial, certain
from grantlint.parsers.settings import Options
from grantlint.rules import all_rules

ROOT = Path(__file__).parents[1]
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)
RULES = all_rules()
JUDGING = [rule for rule in RULES if rule.judges]  # of the others see test_suppressions
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in JUDGING
    for number, example in enumerate(rule.examples)
]


@cache
def report_on(text, asked=(), language="hcl"):
    """The report on an example; `asked` are the opt-in rules."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, FILES[language]).write_text(text, encoding="utf-8")
        report = check([directory], Options(), Terms(Selection(extend=asked)))
    assert not report.unreadable
    return report


# -- law 1 and 6: the examples -------------------------------------------------------------


def test_there_are_rules():
    assert RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_bad_and_good_examples(rule):
    kinds = Counter(example.bad for example in rule.examples)
    assert kinds[True] >= 1
    assert kinds[False] >= 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_fenced_block_of_a_rule_is_an_example_or_a_template(rule):
    templates = YAML.findall(rule.doc)
    assert rule.doc.count("```") == 2 * (len(rule.examples) + len(templates))
    assert all(yaml.compose(template) is not None for template in templates)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_only_bad_examples_are_marked(rule, example):
    del rule
    assert bool(example.marked) is example.bad


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_finding_stands_on_each_marked_line_and_nowhere_else(rule, example):
    assert list(Trial(rule, example).misplaced()) == []


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_good_example_is_silent_for_every_rule(rule, example):
    report = report_on(example.text, (rule.id,) if rule.opt_in else (), example.language)
    if not example.bad:
        said = [f"{found.rule}: {found.message}" for found in report.findings]
        assert not said, f"in an example of {rule.id}"


@pytest.mark.parametrize(
    ("rule", "example"),
    [one for one in EXAMPLES if one.values[1].language == "yaml" and not one.values[1].bad],
)
def test_a_good_template_is_silent_for_every_rule(rule, example):
    asked = [one for one in RULES if one is rule or not one.opt_in]
    found = [certain(one, Trial(rule, example).inventory) for one in asked]
    assert [finding.message for findings in found for finding in findings] == []


# -- law 3: format does not matter ---------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "example"), [one for one in EXAMPLES if one.values[1].language == "yaml"]
)
def test_a_template_says_what_the_configuration_does(rule, example):
    assert list(Trial(rule, example).differing()) == []


# -- law 2: unknown never accuses ----------------------------------------------------------


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_leaf_that_becomes_unknown_adds_no_certain_finding_of_any_rule(rule, example):
    tried = Trial(rule, example)
    assert len(tried.leaves) > 3
    assert list(tried.accusing_leaves(RULES)) == []


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_unknown_variable_in_the_place_of_each_literal_adds_no_certain_finding(rule, example):
    assert list(Trial(rule, example).accusing_variables()) == []


# -- law 4: deterministic ------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_two_runs_and_another_order_find_the_same(rule, example):
    tried = Trial(rule, example)
    assert tried.found(tried.inventory) == tried.found(tried.shuffled)


# -- what a rule says of itself ------------------------------------------------------------


def test_ids_and_titles_are_unique():
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({rule.title for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_title_is_short_and_no_sentence(rule):
    assert 0 < len(rule.title) <= 60
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_id_names_the_fault(rule):
    assert not rule.id.startswith(("no-", "require-", "disallow-", "avoid-"))
    name = rule.id.replace("-", "_")
    file = f"policies/{name}.rego" if rule.language == "rego" else f"grantlint/rules/{name}.py"
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize(
    "title", ["Why it matters", "How to fix it", "In CloudFormation", "When it is fine"]
)
def test_a_rule_says_why_how_to_fix_it_and_when_it_is_fine(rule, title):
    assert rule.section(title)


@pytest.mark.parametrize("rule", JUDGING, ids=lambda rule: rule.id)
def test_a_rule_names_the_documentation_of_aws(rule):
    assert any(link.startswith("https://docs.aws.amazon.com/") for link in rule.references)
