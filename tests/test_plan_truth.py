"""Plans and states of real runs, alone and beside their configuration, against the configuration.

What both know is equal; what one of them knows, both together know.
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from plan_inventories import (
    contradictions,
    leaves,
    less_known,
    objects,
    of_both,
    of_configuration,
    of_plan,
    with_plans,
)
from truth_cases import Case

from grantlint.check import _judged
from grantlint.config import EVERY_RULE
from grantlint.model import Inventory
from grantlint.model.json import Json
from grantlint.rules import all_rules

CASES = with_plans()
APPLIED = [case for case in CASES if (case.directory / "state.json").exists()]
NOT_APPLIED = {"c23_set_ordering": {"grants aws_kms_grant.dups"}}
KNOWN_BY_PLANS = 0.8


def test_there_are_plans_and_states() -> None:
    assert len(CASES) >= 18
    assert len(APPLIED) >= 16


def names(cases: list[Case]) -> list[str]:
    return [case.directory.name for case in cases]


every_case = pytest.mark.parametrize("case", CASES, ids=names(CASES))
every_state = pytest.mark.parametrize("case", APPLIED, ids=names(APPLIED))


@cache
def configured(case: Case) -> Inventory:
    return of_configuration(case)


def compared(less: Inventory, more: Inventory) -> list[str]:
    one, other = objects(less), objects(more)
    assert one.keys() == other.keys()
    return [f"{name}{line}" for name in one for line in contradictions(one[name], other[name])]


@every_case
def test_a_plan_and_its_configuration_say_the_same(case: Case, tmp_path: Path) -> None:
    assert compared(of_plan(case, tmp_path), configured(case)) == []


@every_case
def test_a_plan_beside_its_configuration_knows_what_either_knows(
    case: Case, tmp_path: Path
) -> None:
    alone, both = of_plan(case, tmp_path), of_both(case)
    assert compared(both, configured(case)) == []
    merged = objects(both)
    for other in (objects(alone), objects(configured(case))):
        missed = [
            f"{name}{line}" for name in other for line in less_known(merged[name], other[name])
        ]
        assert missed == []


def findings(inventory: Inventory) -> list[tuple[str, ...]]:
    judged = _judged(EVERY_RULE.of(all_rules()), inventory, lambda _: None)
    found = [one.finding for one in judged]
    return sorted(
        (one.rule, one.address or "", one.message, str(one.span), str(one.certain), one.path)
        for one in found
    )


@every_case
def test_findings_of_a_plan_have_the_places_of_its_configuration(case: Case) -> None:
    assert findings(of_both(case)) == findings(configured(case))


def accused(inventory: Inventory, *, certain: bool) -> set[tuple[str, str]]:
    """Which rules find something in which object; of two duplicates the order tells which."""
    return {
        (rule, "" if rule == "duplicate-grant" else address)
        for rule, address, _, _, sure, _ in findings(inventory)
        if sure == "True" or not certain
    }


@every_case
def test_a_plan_alone_accuses_nobody_else(case: Case, tmp_path: Path) -> None:
    found = accused(of_plan(case, tmp_path), certain=True)
    assert found <= accused(configured(case), certain=True)


def test_most_of_what_configurations_tell_is_in_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known: list[bool] = []
    for case in CASES:
        known += chain.from_iterable(map(leaves, objects(of_plan(case, tmp_path)).values()))
    share = sum(known) / len(known)
    with capsys.disabled():
        sys.stdout.write(f"\n  plans alone: {sum(known)} of {len(known)} leaves known\n")
    assert share >= KNOWN_BY_PLANS


# -- states --------------------------------------------------------------------------------------


@every_state
def test_a_state_has_what_its_configuration_says(case: Case, tmp_path: Path) -> None:
    applied, written = objects(of_plan(case, tmp_path, "state.json")), objects(configured(case))
    assert written.keys() - applied.keys() == NOT_APPLIED.get(case.directory.name, set())
    found = [
        f"{name}{line}"
        for name in applied
        for line in contradictions(applied[name], written[name])
        if not line.startswith((".who", ".grants"))
    ]
    assert found == []


@every_state
def test_grants_of_a_state_find_their_keys_by_the_ids(case: Case, tmp_path: Path) -> None:
    found = of_plan(case, tmp_path, "state.json")
    written = {one.address: one for one in configured(case).grants}
    assert {one.source for one in (*found.grants, *found.keys)} <= {"terraform-state"}
    for grant in found.grants:
        assert grant.key.address.text == written[grant.address].key.address.text is not None


@every_state
def test_nothing_in_a_state_is_unknown(case: Case, tmp_path: Path) -> None:
    assert of_plan(case, tmp_path, "state.json").notes == ()


@every_state
def test_a_state_accuses_nobody_else(case: Case, tmp_path: Path) -> None:
    found = accused(of_plan(case, tmp_path, "state.json"), certain=True)
    assert found <= accused(configured(case), certain=False)


@every_state
def test_findings_of_a_state_have_the_places_of_its_configuration(case: Case) -> None:
    applied = {(rule, address, span) for rule, address, _, span, _, _ in findings(of_state(case))}
    written = {(one[0], one[1], one[3]) for one in findings(configured(case))}
    assert applied <= written


def of_state(case: Case) -> Inventory:
    return of_both(case, "state.json")


# -- the comparison itself -----------------------------------------------------------------------

UNKNOWN: Json = {"$unknown": {"reason": "known after apply"}}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("a", "b"),
        (None, ""),
        (True, 1),
        (["a"], ["a", "b"]),
        ([UNKNOWN, "c"], ["a", "b"]),
        ({"a": "x"}, {"a": "x", "b": "y"}),
        ({"a": [{"b": UNKNOWN, "c": 1}]}, {"a": [{"b": "x", "c": 2}]}),
        ({"grants": ["a"]}, {"grants": []}),
        ({"constraints": {"blocks": 0, "e": None}}, {"constraints": {"blocks": 1, "e": None}}),
    ],
)
def test_the_comparison_finds_a_contradiction(less: Json, more: Json) -> None:
    assert list(contradictions(less, more))


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (UNKNOWN, "a"),
        ("a", UNKNOWN),
        ([UNKNOWN, "a"], ["a", "b", "c"]),
        ({"grants": []}, {"grants": ["a"]}),
        ({"blocks": 0, "e": UNKNOWN}, {"blocks": 1, "e": {"a": "b"}}),
    ],
)
def test_the_comparison_bears_what_only_one_knows(less: Json, more: Json) -> None:
    assert list(contradictions(less, more)) == []


def test_the_comparison_sees_what_is_less_known() -> None:
    assert list(less_known({"a": UNKNOWN, "b": ["x"]}, {"a": 1, "b": ["x", "y"]})) == [
        ".a",
        ".b: 1 of 2",
    ]
