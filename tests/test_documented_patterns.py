"""What AWS, the provider or CDK documents as normal is silent: fixtures/documented.

Each directory is one pattern in minimal form, its source at the head. What a careful reviewer
would still want to hear of stands in fixtures/documented_but_reported, the reason at the head, and
in the file beside it each finding as rule, severity and line. The other tests here show that the
silent ones are read, understood and judged.
"""

import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from grantlint.check import check
from grantlint.iam.principals import grantee, principal
from grantlint.model import Constraints
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.rules import all_rules
from grantlint.value import Truth, null, string

FIXTURES = Path(__file__).parents[1] / "fixtures"
SILENT = sorted(path for path in (FIXTURES / "documented").iterdir())
REPORTED = sorted(
    path for path in (FIXTURES / "documented_but_reported").iterdir() if path.is_dir()
)
ELSEWHERE = Options(account="111122223333", region="us-west-2", partition="aws")

DEFAULT_POLICIES_ONLY = {"commented_out", "provider_kms_replica_key", "provider_other_keys"}
"""Keys whose policy nothing writes, without grants: they have no statement to judge."""

UNKNOWN_ON_PURPOSE = {"module_pass_through"}


def by_name(path):
    return path.name


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A pattern's directory in an empty one: what lies around it in the repository is no caller."""

    def copy(pattern):
        copytree(pattern, tmp_path / pattern.name)
        monkeypatch.chdir(tmp_path)
        return [pattern.name]

    return copy


def shown(report):
    """Each finding as the files of expectations have it; a possible one says so."""
    return [
        f"{f.rule} {f.severity.label} {f.span.line}" + ("" if f.certain else " possible")
        for f in report.findings
    ]


# -- silent, but for what has a reason -----------------------------------------------------


@pytest.mark.parametrize("options", [Options(), ELSEWHERE], ids=["plain", "account"])
@pytest.mark.parametrize("pattern", SILENT, ids=by_name)
def test_a_documented_pattern_is_silent_for_every_rule(pattern, options, alone):
    report = check(alone(pattern), options)
    assert [(f.rule, f.certain, f.span.line, f.message) for f in report.findings] == []


@pytest.mark.parametrize("options", [Options(), ELSEWHERE], ids=["plain", "account"])
@pytest.mark.parametrize("pattern", REPORTED, ids=by_name)
def test_a_documented_pattern_that_is_reported_has_the_expected_findings(pattern, options, alone):
    expected = pattern.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert sorted(shown(check(alone(pattern), options))) == sorted(expected)


@pytest.mark.parametrize("pattern", [*SILENT, *REPORTED], ids=by_name)
def test_a_pattern_names_its_source_at_its_head(pattern):
    text = (pattern / "main.tf").read_text(encoding="utf-8")
    head = text.partition("\n\n")[0]
    sources = re.findall(r"^# (https://\S+)$", head, re.M)
    assert sources
    assert all(line.startswith("#") for line in head.split("\n"))


# -- not silent because they are not seen --------------------------------------------------


def hidden(value):
    """The unknown leaves, but for what only AWS knows of a resource or data source."""
    return [one for one in value.unknowns() if one.unknown and one.unknown.refers_to is None]


def leaves(statement):
    yield from (statement.effect, statement.actions, statement.resources)
    yield from (one.value for one in statement.principals)
    for condition in statement.conditions:
        yield from (condition.operator, condition.set, condition.key, condition.values)


@pytest.mark.parametrize("pattern", SILENT, ids=by_name)
def test_a_silent_pattern_has_statements_or_grants(pattern, alone):
    inventory = estate.read(alone(pattern), ELSEWHERE).inventory
    assert inventory.keys or inventory.grants
    judged = inventory.grants or [key for key in inventory.keys if key.policy.statements]
    assert bool(judged) is (pattern.name not in DEFAULT_POLICIES_ONLY)


@pytest.mark.parametrize("pattern", SILENT, ids=by_name)
def test_a_silent_pattern_is_wholly_known(pattern, alone):
    inventory = estate.read(alone(pattern), ELSEWHERE).inventory
    unknown = [value for key in inventory.keys for value in key.policy.unseen]
    for key in inventory.keys:
        unknown += [v for s in key.policy.statements for leaf in leaves(s) for v in hidden(leaf)]
        assert all(statement.exists is Truth.YES for statement in key.policy.statements)
    for grant in inventory.grants:
        unknown += hidden(grant.operations)
        unknown += [v for v in (grant.grantee.kind, grant.grantee.service_linked) if v.unknown]
    assert bool(unknown) is (pattern.name in UNKNOWN_ON_PURPOSE)


# -- not silent because they are not judged ------------------------------------------------

ANOTHER_ACCOUNT = string("arn:aws:iam::999988887777:root")


def opened(key):
    """A copy of a key that allows to everyone what it allows to someone, without a condition."""
    statements = tuple(
        replace(statement, principals=(principal("AWS", string("*")),), conditions=())
        for statement in key.policy.statements
        if statement.effect.equals("Allow") is Truth.YES
    )
    return replace(key, policy=replace(key.policy, statements=statements))


def given_away(grant):
    """A copy of a grant for every principal of some other account."""
    return replace(grant, grantee_principal=ANOTHER_ACCOUNT, grantee=grantee(ANOTHER_ACCOUNT))


def found_in(inventory):
    """The addresses with a certain finding."""
    return {
        judged.address
        for rule in all_rules()
        for judged, hit in rule.hits(inventory)
        if hit.truth is Truth.YES
    }


@pytest.mark.parametrize("pattern", SILENT, ids=by_name)
def test_the_same_keys_open_to_everyone_are_reported(pattern, alone):
    inventory = estate.read(alone(pattern), ELSEWHERE).inventory
    keys = tuple(opened(key) for key in inventory.keys if key.policy.statements)
    changed = replace(inventory, keys=keys, grants=())
    assert found_in(changed) == {key.address for key in keys}


@pytest.mark.parametrize("pattern", SILENT, ids=by_name)
def test_the_same_grants_for_another_account_are_reported(pattern, alone):
    inventory = estate.read(alone(pattern), ELSEWHERE).inventory
    grants = tuple(given_away(grant) for grant in inventory.grants)
    changed = replace(inventory, keys=(), grants=grants)
    assert found_in(changed) == {grant.address for grant in grants}


# -- silent because of their conditions and constraints ------------------------------------


def statement_rule(statement):
    """The rule that has to report an Allow statement as soon as its conditions are gone."""
    kinds = {one.kind.text for one in statement.principals}
    linked = Truth.any(one.who.service_linked.equals(True) for one in statement.principals)
    if "*" in kinds:
        return "public-key-policy"
    if statement.actions.contains("kms:CreateGrant") is Truth.YES and kinds & {"role", "user"}:
        return "unrestricted-create-grant" if linked is Truth.NO else None
    names = ("CreateGrant", "Decrypt", "GenerateDataKey", "GenerateDataKey*", "Encrypt")
    used = Truth.any(statement.actions.contains(f"kms:{name}") for name in names)
    return "confused-deputy" if "service" in kinds and used is Truth.YES else None


def without_conditions(key):
    statements = tuple(
        replace(one, conditions=()) if one.effect.text == "Allow" else one
        for one in key.policy.statements
    )
    return replace(key, policy=replace(key.policy, statements=statements))


def test_a_statement_without_its_conditions_is_reported():
    inventory = estate.read([str(FIXTURES / "documented")], ELSEWHERE).inventory
    expected = {
        (statement_rule(statement), key.span, index)
        for key in inventory.keys
        for index, statement in enumerate(key.policy.statements)
        if statement.conditions and statement.effect.text == "Allow" and statement_rule(statement)
    }
    keys = tuple(without_conditions(key) for key in inventory.keys)
    found = {
        (rule.id, key.span, hit.at[2])
        for rule in all_rules()
        for key, hit in rule.hits(replace(inventory, keys=keys, grants=()))
        if hit.truth is Truth.YES and hit.at[:2] == ("policy", "statements")
    }
    assert len(expected) > 50
    assert expected <= found


def test_a_grant_of_an_application_without_its_constraints_is_reported():
    inventory = estate.read([str(FIXTURES / "documented")], ELSEWHERE).inventory
    nothing = Constraints(null(), null(), null(), 0)
    grants = tuple(replace(grant, constraints=nothing) for grant in inventory.grants)
    constrained = {
        grant.span
        for grant in inventory.grants
        if grant.constraints.blocks
        and grant.grantee.kind.text in {"role", "user"}
        and grant.key.spec.text == "SYMMETRIC_DEFAULT"
    }
    found = {
        grant.span
        for rule in all_rules()
        if rule.id == "unconstrained-grant"
        for grant, hit in rule.hits(replace(inventory, grants=grants))
        if hit.truth is Truth.YES
    }
    assert len(constrained) > 5
    assert constrained <= found


def test_there_are_patterns():
    assert len(SILENT) > 60
    assert REPORTED
