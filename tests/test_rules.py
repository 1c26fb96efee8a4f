"""The laws that hold for every rule and every example in its documentation."""

import dataclasses
import random
import re
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from grantlint.check import check
from grantlint.config import Selection
from grantlint.finding import concrete
from grantlint.parsers.terraform import estate
from grantlint.parsers.terraform.estate import Options
from grantlint.rules import all_rules
from grantlint.value import Truth, Unknown, Value

ROOT = Path(__file__).parents[1]
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)
RULES = all_rules()
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples)
]


@cache
def inventory_of(text, asked=()):
    """The inventory of an example, and the report on it; `asked` are the opt-in rules."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "main.tf").write_text(text, encoding="utf-8")
        read = estate.read([directory], Options()).inventory
        report = check([directory], Options(), Selection(extend=asked))
    assert not report.unreadable
    return read, report


def judged(rule, text):
    """An example as the usual rules and this one judge it."""
    return inventory_of(text, (rule.id,) if rule.opt_in else ())


def findings(rule, text):
    """The certain findings of a rule in an example."""
    _, report = judged(rule, text)
    return [f for f in report.judged(possible=False) if f.rule == rule.id]


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
    found = findings(rule, example.text)
    assert Counter(finding.span.line for finding in found) == Counter(example.marked)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_good_example_is_silent_for_every_rule(rule, example):
    _, report = judged(rule, example.text)
    if not example.bad:
        said = [f"{found.rule}: {found.message}" for found in report.findings]
        assert not said, f"in an example of {rule.id}"


# -- law 2: unknown never accuses ----------------------------------------------------------


def blanked(item, path=()):
    """Copies of a dataclass, each with one `Value` in it (at any depth) made unknown."""
    if isinstance(item, Value):
        yield path, dataclasses.replace(item, raw=Unknown("blanked"), encodes=None)
        if isinstance(item.raw, tuple):
            for index, member in enumerate(item.raw):
                for inner, copy in blanked(member, (*path, index)):
                    raw = (*item.raw[:index], copy, *item.raw[index + 1 :])
                    yield inner, dataclasses.replace(item, raw=raw, encodes=None)
        elif isinstance(item.raw, dict):
            for key, member in item.raw.items():
                for inner, copy in blanked(member, (*path, key)):
                    raw = {**item.raw, key: copy}
                    yield inner, dataclasses.replace(item, raw=raw, encodes=None)
    elif isinstance(item, tuple):
        for index, member in enumerate(item):
            for inner, copy in blanked(member, (*path, index)):
                yield inner, (*item[:index], copy, *item[index + 1 :])
    elif dataclasses.is_dataclass(item):
        for field in dataclasses.fields(item):
            if field.name not in {"span", "source"}:
                for inner, copy in blanked(getattr(item, field.name), (*path, field.name)):
                    yield inner, dataclasses.replace(item, **{field.name: copy})


def certain(inventory):
    """The rules of the certain findings, with the objects that they are in."""
    return Counter(
        (rule.id, judged.address)
        for rule in RULES
        for judged, hit in rule.hits(inventory)
        if hit.truth is Truth.YES
    )


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_leaf_that_becomes_unknown_adds_no_certain_finding_of_any_rule(rule, example):
    del rule
    inventory, _ = inventory_of(example.text)
    before = certain(inventory)
    tried = 0
    for kind in ("keys", "grants", "identities"):
        for path, objects in blanked(getattr(inventory, kind)):
            tried += 1
            after = certain(dataclasses.replace(inventory, **{kind: objects}))
            assert after <= before, f"{kind}{path} became unknown"
    assert tried > 3


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_unknown_variable_in_the_place_of_each_literal_adds_no_certain_finding(rule, example):
    lines = example.text.split("\n")
    before = len(findings(rule, example.text))
    for number, line in enumerate(lines):
        name, equals, rest = line.partition(" = ")
        if not equals or rest.rstrip().endswith(("{", "[", "(")) or "#" in rest:
            continue
        text = [*lines[:number], f"{name} = var.not_known", *lines[number + 1 :]]
        changed = "\n".join([*text, 'variable "not_known" {}', ""])
        assert len(findings(rule, changed)) <= before, line


# -- law 4: deterministic ------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_two_runs_and_another_order_find_the_same(rule, example):
    inventory, _ = inventory_of(example.text)
    shuffled = dataclasses.replace(
        inventory,
        keys=tuple(random.Random(1).sample(inventory.keys, len(inventory.keys))),
        grants=tuple(random.Random(1).sample(inventory.grants, len(inventory.grants))),
    )
    once = sorted(str(concrete(rule, judged, hit)) for judged, hit in rule.hits(inventory))
    twice = sorted(str(concrete(rule, judged, hit)) for judged, hit in rule.hits(shuffled))
    assert once == twice


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


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_the_documentation_of_aws(rule):
    assert any(link.startswith("https://docs.aws.amazon.com/") for link in rule.references)
