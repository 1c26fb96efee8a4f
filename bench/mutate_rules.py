"""Whether the examples and tests of each rule notice when it is changed.

Usage: python bench/mutate_rules.py [--rules ID,ID] [--killed]

Every mutant of a rule (see `mutants.py`) is judged by the laws on the examples of all rules, the
documented patterns, and the test files that name the rule. The tests run once; a mutant runs only
those again in which it finds something else (see `replay.py`). Needs `opa` of the pinned version.

A mutant that no test fails with has survived. What may survive stands in `survivors.txt`, with the
reason. The exit code is 1 for any other survivor, and for a line there that is none any more.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from types import ModuleType

import mutants
import pytest
from mutants import ROOT, Mutant
from replay import USUAL, Call, Found, Judge, Replay, asked

from grantlint.model import rego_input
from grantlint.model.json import Json
from grantlint.rego.engine import RuleError, Verdict
from grantlint.rego.hits import hits
from grantlint.rego.opa import PINNED, OpaError
from grantlint.rego.process import Process
from grantlint.rego.sources import sources
from grantlint.rule import Rule
from grantlint.rules import all_rules

LIST = Path(__file__).with_name("survivors.txt")
LAWS = {
    "test_rules.py": (
        "test_a_finding_stands_on_each_marked_line_and_nowhere_else",
        "test_a_good_example_is_silent_for_every_rule",
    ),
    "test_documented_patterns.py": (
        "test_a_documented_pattern_is_silent_for_every_rule",
        "test_a_documented_pattern_that_is_reported_has_the_expected_findings",
    ),
}
"""The tests that hold for every rule."""

OF_THE_PROGRAM = re.compile(
    r"test_(broken_input|changes|cli|discovery|edits|engines|package|places|policies_command"
    r"|pre_commit|rego.*|report|users_rules)\.py"
)
"""Tests that name a rule, and are about what is around it."""


class InvalidError(Exception):
    """A mutant that is no program."""


@dataclass
class Tally:
    """What became of the mutants of one rule."""

    killed: list[tuple[Mutant, str]] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)
    invalid: int = 0


# -- which tests ---------------------------------------------------------------------------


def test_files(rules: Sequence[Rule]) -> dict[str, set[str]]:
    """The files of tests, each with the rules that it is about; all that are for the laws."""
    found = {name: {rule.id for rule in rules} for name in LAWS}
    for file in sorted((ROOT / "tests").glob("test_*.py")):
        text = file.read_text("utf-8")
        named = {rule.id for rule in rules if _names(text, rule.id)}
        if named and file.name not in LAWS and not OF_THE_PROGRAM.fullmatch(file.name):
            found[file.name] = named
    return found


def _names(text: str, id: str) -> bool:
    name = id.replace("-", "_")
    return re.search(rf"(?<![\w-])({id}|{name})(?![\w-])", text) is not None


def wanted(item: pytest.Item) -> bool:
    """Whether a test judges rules: of the laws, those that look at findings."""
    functions = LAWS.get(item.path.name)
    return functions is None or getattr(item, "originalname", "") in functions


# -- mutants that judge --------------------------------------------------------------------


def python_judge(rule: Rule, mutant: Mutant) -> Judge:
    """The rule as its changed module has it."""
    module = ModuleType(f"grantlint.rules.{rule.id.replace('-', '_')}")
    vars(module)["__file__"] = str(ROOT / mutant.path)
    before = sys.modules[module.__name__]
    module.__doc__ = before.__doc__
    sys.modules[module.__name__] = module
    try:
        exec(compile(mutant.text, mutant.path, "exec"), vars(module))  # noqa: S102
        changed: Rule = module.check
    except Exception as error:
        raise InvalidError(str(error)) from error
    finally:
        sys.modules[module.__name__] = before

    def judge(call: Call) -> Found:
        objects = {id(one): at for at, one in asked(rule, call.inventory)}
        return [(objects[id(one)], hit) for one, hit in USUAL(changed, call.inventory)]

    return judge


@dataclass(frozen=True, slots=True)
class Inputs:
    """What all these calls give to a Rego rule: each input once, and the places in calls."""

    inputs: Sequence[Json]
    index: Mapping[int, Mapping[int, int]]

    @classmethod
    def of(cls, rule: Rule, calls: Sequence[Call]) -> Inputs:
        """Gathered from calls; spans are left out, they tell one temporary file from another."""
        seen: dict[str, int] = {}
        inputs: list[Json] = []
        index: dict[int, dict[int, int]] = {}
        for call in calls:
            for at, one in asked(rule, call.inventory):
                shown = _without_spans(rego_input(one))
                number = seen.setdefault(json.dumps(shown), len(inputs))
                if number == len(inputs):
                    inputs.append(shown)
                index.setdefault(id(call), {})[at] = number
        return cls(inputs, index)


def _without_spans(tree: Json) -> Json:
    if isinstance(tree, dict):
        return {key: _without_spans(one) for key, one in tree.items() if key != "span"}
    return [_without_spans(one) for one in tree] if isinstance(tree, list) else tree


def rego_judge(rule: Rule, mutant: Mutant, inputs: Inputs) -> Judge:
    """The rule as `opa` runs its changed file, on all inputs at once."""
    name = rule.id.replace("-", "_")
    with tempfile.TemporaryDirectory() as scratch:
        copytree(ROOT / "policies/lib", Path(scratch, "lib"))
        Path(scratch, f"{name}.rego").write_text(mutant.text, "utf-8")
        try:
            verdicts: Sequence[Verdict] | RuleError
            verdicts = Process(sources(scratch)).evaluate(inputs.inputs)
        except RuleError as error:
            verdicts = error
        except OpaError as error:
            raise InvalidError(str(error)) from error

    def judge(call: Call) -> Found:
        if isinstance(verdicts, RuleError):
            raise verdicts
        places = inputs.index.get(id(call), {})
        return [(at, hit) for at, one in places.items() for hit in hits(name, verdicts[one])]

    return judge


# -- the run -------------------------------------------------------------------------------


def tally(rule: Rule, replay: Replay, items: Sequence[pytest.Item]) -> Tally:
    """Judge all mutants of a rule by these tests."""
    calls = [call for item in items for call in replay.calls[item.nodeid, rule.id]]
    inputs = Inputs.of(rule, calls) if rule.language == "rego" else None
    result = Tally()
    for mutant in mutants.of_rule(rule.id):
        try:
            if inputs is None:
                judge = python_judge(rule, mutant)
            else:
                judge = rego_judge(rule, mutant, inputs)
        except InvalidError:
            result.invalid += 1
            continue
        killer = replay.killer(rule.id, judge, items)
        if killer is None:
            result.survived.append(mutant)
        else:
            result.killed.append((mutant, killer))
    return result


def main() -> int:
    """Run the tests, judge the mutants, compare the survivors with the list."""
    parser = argparse.ArgumentParser(description="mutants of rules against their examples")
    parser.add_argument("--rules", help="only these, as ID,ID")
    parser.add_argument("--killed", action="store_true", help="show by which test each is killed")
    given = parser.parse_args()
    rules = [one for one in all_rules() if not given.rules or one.id in given.rules.split(",")]
    built = Path(tempfile.gettempdir(), f"grantlint-opa-{PINNED}")
    os.environ["PATH"] += f"{os.pathsep}{built}"
    about = test_files(rules)
    found: dict[str, Tally] = {}

    def judge(replay: Replay) -> None:
        seen = {getattr(item, "originalname", "") for item in replay.items}
        laws = {name for functions in LAWS.values() for name in functions}
        replay.failed += [f"{name} is not there" for name in sorted(laws - seen)]
        for rule in rules if not replay.failed else ():
            items = [one for one in replay.items if rule.id in about[one.path.name]]
            found[rule.id] = tally(rule, replay, items)
            _show(rule, found[rule.id], killed=given.killed)

    replay = Replay(wanted, judge)
    arguments = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "--no-header", "--no-summary"]
    pytest.main([*arguments, *(str(ROOT / "tests" / name) for name in about)], [replay])
    if replay.failed or not found:
        print("without any mutant these fail:", *replay.failed, sep="\n  ")
        return 2
    return _compare(found, whole=not given.rules)


def _show(rule: Rule, result: Tally, *, killed: bool) -> None:
    of = len(result.killed) + len(result.survived)
    print(f"{rule.id}: {len(result.killed)} of {of} killed, {result.invalid} are no programs")
    for mutant, test in result.killed if killed else ():
        print(f"  {mutant.place}: {mutant.change}: {test}")
    sys.stdout.flush()


def _compare(found: Mapping[str, Tally], *, whole: bool) -> int:
    accepted = Counter(dict(accepted_survivors()))
    survivors = [mutant for result in found.values() for mutant in result.survived]
    unlisted = 0
    for mutant in survivors:
        name = f"{mutant.path}: {mutant.change}"
        if accepted[name] > 0:
            accepted[name] -= 1
        else:
            unlisted += 1
            print(f"survived: {mutant.place}: {mutant.change}")
    paths = {mutant.path for result in found.values() for mutant, _ in result.killed}
    stale = [one for one in (+accepted) if whole or one.partition(":")[0] in paths]
    for name in stale:
        print(f"listed in {LIST.name}, and killed or gone: {name}")
    of = sum(len(one.killed) for one in found.values()) + len(survivors)
    print(f"{of} mutants, {len(survivors)} survived, {unlisted} of them without a reason")
    return int(bool(unlisted or stale))


def accepted_survivors() -> Iterator[tuple[str, int]]:
    """The survivors that have a reason, and how many of each: `2 x path: change` in the list."""
    for line in LIST.read_text("utf-8").splitlines() if LIST.exists() else ():
        if line.strip() and not line.startswith(("#", " ")):
            number = re.match(r"(\d+) x ", line)
            yield line.removeprefix(number[0] if number else ""), int(number[1]) if number else 1


if __name__ == "__main__":
    sys.exit(main())
