"""The evaluator against recorded plans and applies of the real Terraform and AWS provider.

Sound: nothing that we know contradicts them. Complete: nearly everything that a plan knows of
grants, keys and policy documents is known to us.
"""

from __future__ import annotations

import sys
from functools import cache

import pytest
from blocks import Plain, encoded, hole, value
from plan_truth import (
    Json,
    Tally,
    applied_contradictions,
    compare,
    insensitive,
    planned_tally,
)
from truth_cases import TRUTH, Case, cases

from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.parsers.terraform.discovery import Directory
from grantlint.parsers.terraform.module import read_source
from grantlint.source import Source, Span
from grantlint.value import Value, failure, string, unknown

CASES = cases()
AT_LEAST = 0.98


@cache
def evaluated(case: Case) -> tuple[dict[str, Value], dict[str, Value]]:
    """What a reference to each resource sees, by address; and the outputs by name."""
    options = Options(
        variables=case.variables,
        environment=case.environment,
        account="123456789012",
        region="us-east-1",
    )
    directory = Directory(case.directory, case.name, kms=True, calls=(), deployed=True)
    root = estate.open_root(directory, {}, read_source, options, [])
    resources = {
        instance.address: planned for instance, planned in root.all_planned(lambda *_: True)
    }
    nowhere = Span(Source("test.tf", b""), 0, 0)
    return resources, {name: root.output(name, nowhere) for name in root.module.outputs}


def tally_resources(case: Case, *, kms: bool) -> Tally:
    found = Tally()
    resources, _ = evaluated(case)
    for resource in case.distilled["resources"]:
        if resource["type"].startswith("aws_kms_") is kms:
            address = resource["address"]
            ours = resources[address]
            found.add(planned_tally(ours, resource["values"], resource["unknown"], address))
    return found


def tally_documents(case: Case) -> Tally:
    found = Tally()
    resources, _ = evaluated(case)
    for address, text in case.distilled["policy_documents"].items():
        json = resources[address].get("json")
        assert json is not None
        found.add(compare(json, text, address))
    return found


def tally_outputs(case: Case) -> Tally:
    found = Tally()
    _, outputs = evaluated(case)
    for name, real in case.distilled["outputs"].items():
        path = f"output.{name}"
        found.add(planned_tally(outputs[name], real["value"], real["unknown"], path))
    return found


def test_there_are_cases() -> None:
    assert len(CASES) >= 18


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_addresses(case: Case) -> None:
    resources, _ = evaluated(case)
    managed = {address for address in resources if ".data." not in f".{address}"}
    assert managed == {resource["address"] for resource in case.distilled["resources"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_contradicts_the_plan(case: Case) -> None:
    found = tally_resources(case, kms=True)
    found.add(tally_resources(case, kms=False))
    found.add(tally_documents(case))
    found.add(tally_outputs(case))
    assert found.contradictions == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_contradicts_what_was_applied(case: Case) -> None:
    resources, outputs = evaluated(case)
    found = []
    for resource in case.distilled["resources"]:
        address = resource["address"]
        if address in case.state:
            unknown = resource["unknown"]
            found += applied_contradictions(
                resources[address], case.state[address], unknown, address
            )
    for address, text in case.distilled.get("policy_documents_after_apply", {}).items():
        json = resources[address].get("json")
        assert json is not None
        found += compare(json, text, address).contradictions
    for name, real in case.distilled["outputs"].items():
        if name in case.state_outputs:
            found += applied_contradictions(
                outputs[name], case.state_outputs[name], real["unknown"], f"output.{name}"
            )
    assert found == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_terraform_hides_is_hidden(case: Case) -> None:
    resources, _ = evaluated(case)
    shown = {
        resource["address"]: insensitive(resources[resource["address"]], resource["sensitive"])
        for resource in case.distilled["resources"]
    }
    assert {address: paths for address, paths in shown.items() if paths} == {}


def test_nearly_everything_that_plans_know_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    kms, documents, outputs = Tally(), Tally(), Tally()
    for case in CASES:
        kms.add(tally_resources(case, kms=True))
        documents.add(tally_documents(case))
        outputs.add(tally_outputs(case))
    figures = {"keys and grants": kms, "policy documents": documents, "outputs": outputs}
    with capsys.disabled():
        sys.stdout.write("\n" + "".join(figure(name, tally) for name, tally in figures.items()))
    assert kms.known >= AT_LEAST * kms.leaves
    assert documents.known >= AT_LEAST * documents.leaves


def figure(name: str, tally: Tally) -> str:
    share = f"{tally.known} of {tally.leaves} leaves known"
    percent = f"{100 * tally.known / tally.leaves:.2f} %"
    unknown_ = "".join(f"    not known: {line}\n" for line in tally.unknown)
    return f"  {name}: {share} ({percent}), {len(tally.contradictions)} wrong\n{unknown_}"


# -- what terraform refuses ----------------------------------------------------------------------

REFUSED = sorted(path.name for path in (TRUTH / "invalid").iterdir())


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_configuration_is_read_all_the_same(name: str) -> None:
    resources, outputs = evaluated(Case(TRUTH / "invalid" / name))
    assert resources or outputs or name in {"no_short_circuit", "validation_other_var_only"}


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("any_in_map_of_objects", "keys"),
        ("any_in_map_of_objects", "grants"),
        ("ephemeral_in_resource", "o"),
        ("try_unknown_attribute", "o"),
        ("try_unknown_attribute", "p"),
        ("try_unknown_attribute", "q"),
        ("inconsistent_conditional", "o"),
    ],
)
def test_what_terraform_refuses_has_no_value(name: str, output: str) -> None:
    _, outputs = evaluated(Case(TRUTH / "invalid" / name))
    assert outputs[output].unknown is not None


@pytest.mark.parametrize("document", ["d", "dup"])
def test_a_refused_policy_document_has_no_value(document: str) -> None:
    resources, _ = evaluated(Case(TRUTH / "invalid/policy_doc_version_vars"))
    json = resources[f"data.aws_iam_policy_document.{document}"].get("json")
    assert json is not None
    assert json.failed is not None


@pytest.mark.parametrize("name", ["for_each_null_key", "sensitive_for_each", "unknown_count"])
def test_under_a_refused_repetition_nothing_certainly_exists(name: str) -> None:
    resources, _ = evaluated(Case(TRUTH / "invalid" / name))
    assert [address for address in resources if address.startswith('aws_kms_grant.g["')] == []


# -- the comparison itself -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "truth"),
    [
        ("a", "b"),
        (True, 1),
        ("5", 5),
        (None, ""),
        (["a"], ["a", "b"]),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ([hole(), "a"], ["b", "c"]),
        ({"a": hole(), "b": "x"}, {"a": "y", "b": "z"}),
        (encoded({"a": hole(), "b": "x"}), '{"a": "y", "b": "z"}'),
        (unknown("?", choices=(string("a"), string("b"))), "c"),
        (failure("refused"), "c"),
    ],
)
def test_comparison_finds_a_contradiction(ours: Plain, truth: Json) -> None:
    assert compare(value(ours), truth, "x").contradictions


@pytest.mark.parametrize(
    ("ours", "truth", "known"),
    [
        ("a", "a", 1),
        ([], [], 1),
        (encoded({"a": ["x", "y"], "b": True}), '{"a":["x","y"],"b":true}', 3),
        (hole(), {"a": 1, "b": 2}, 0),
        ([hole(), "a"], ["a", "b"], 1),
        ({"a": hole(), "b": "x"}, {"a": "y", "b": "x"}, 1),
        (encoded({"a": hole(), "b": "x"}), '{"a": "y", "b": "x"}', 1),
    ],
)
def test_comparison_counts_what_is_known(ours: Plain, truth: Json, known: int) -> None:
    tally = compare(value(ours), truth, "x")
    assert tally.contradictions == []
    assert tally.known == known


def test_comparison_leaves_out_what_the_plan_does_not_know() -> None:
    ours = value({"a": "x", "b": {"c": "y", "d": ["z", "w"]}})
    truth: Json = {"b": {"c": "y", "d": [None, "w"]}}
    tally = planned_tally(ours, truth, ["a", "b.d[0]"], "r")
    assert (tally.known, tally.leaves, tally.contradictions) == (2, 2, [])
    assert applied_contradictions(ours, {"a": "x", "b": {"d": ["v"]}}, ["a", "b.d[0]"], "r")
