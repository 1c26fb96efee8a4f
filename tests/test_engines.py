"""Law 5: all ways to run Rego give equal hits, on every example and every fixture.

OPA's WebAssembly in process, the `opa` program and an OPA server judge the same objects: those of
every rule's examples, of all fixtures, and of the examples with each leaf in turn not known, or
only known to be one of two, or nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from opa_program import on_path, server
from rego_policies import on_server, process
from truth_cases import cases

from grantlint.laws import blanked, read
from grantlint.model import Inventory, rego_input
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.rego import COMPILED, stories
from grantlint.rego.hits import hits
from grantlint.rego.wasm import Wasm
from grantlint.rules import all_rules

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"
ELSEWHERE = Options(account="111122223333", region="us-west-2", partition="aws")


NEVER_UNKNOWN = {"address", "exists", "source", "span", "who", "$unknown", "$sensitive"}


def examples(*, varied: bool) -> Iterator[Inventory]:
    """What stands in the documentation of every rule, those in Python too.

    Varied are the bad ones in HCL: templates say the same, and good ones differ by little.
    """
    for rule in all_rules():
        for example in rule.examples:
            if (example.bad and example.language == "hcl") is varied:
                yield read(example.text, example.language)


def fixtures() -> Iterator[Inventory]:
    for name in ("terraform", "documented", "documented_but_reported"):
        found = estate.read([str(ROOT / "fixtures" / name)], ELSEWHERE).inventory
        assert found.grants
        assert found.keys
        yield found
    for case in cases():
        options = Options(
            variables=case.variables,
            environment=case.environment,
            account="123456789012",
            region="us-east-1",
        )
        yield estate.read([str(case.directory)], options).inventory


def alternatives(tree):
    """Copies of an input, each with one leaf that may also be something else, or nothing."""
    if isinstance(tree, dict):
        for name in sorted(tree.keys() - NEVER_UNKNOWN):
            for changed in alternatives(tree[name]):
                yield {**tree, name: changed}
    elif isinstance(tree, list):
        for index, member in enumerate(tree):
            for changed in alternatives(member):
                yield [*tree[:index], changed, *tree[index + 1 :]]
    else:
        unknown = {"reason": "tried", "prefix": "", "suffix": "", "choices": [tree, "other", None]}
        yield {"$unknown": {**unknown, "has": []}}
        yield {"$unknown": {**unknown, "choices": [], "has": [tree]}}


@pytest.fixture(scope="module")
def inputs():
    """Each different object once."""
    texts: dict[str, None] = {}

    def collect(objects):
        for judged in objects:
            texts[json.dumps(rego_input(judged))] = None

    for inventory in examples(varied=True):
        collect((*inventory.grants, *inventory.keys, *inventory.identities))
        for judged in (*inventory.grants, *inventory.keys, *inventory.identities):
            input = rego_input(judged)
            kind = input.pop("kind")
            for changed in alternatives(input):
                texts[json.dumps({"kind": kind, **changed})] = None
        for kind in ("grants", "keys", "identities"):
            objects = getattr(inventory, kind)
            for path, changed in blanked(objects):
                collect([changed[path[0]]])
    for inventory in (*examples(varied=False), *fixtures()):
        collect((*inventory.grants, *inventory.keys, *inventory.identities))
    return [json.loads(text) for text in texts]


def judged_by(engine, inputs):
    """The hits of every rule on every object that it judges."""
    return [
        (story.name, number, hits(story.name, verdict))
        for number, (input, verdict) in enumerate(zip(inputs, engine.evaluate(inputs), strict=True))
        for story in stories(COMPILED)
        if input["kind"] in story.judges
    ]


@pytest.fixture(scope="module")
def in_process(inputs):
    return judged_by(Wasm((COMPILED / "rules.wasm").read_bytes()), inputs)


def differences(ours, theirs, inputs):
    """Each rule and object for which an engine says something else."""
    return [
        (name, said, other, inputs[number])
        for (name, number, said), (_, _, other) in zip(ours, theirs, strict=True)
        if said != other
    ]


def test_many_objects_are_judged(inputs):
    kinds = Counter(input["kind"] for input in inputs)
    assert kinds["grant"] > 1000
    assert kinds["key"] > 200
    assert kinds["identity"] > 50


@pytest.mark.parametrize("story", stories(COMPILED), ids=lambda story: story.name)
def test_every_rule_has_hits_of_each_kind_that_it_gives_to_compare(story, in_process):
    found = Counter(
        hit.truth.name for name, _, said in in_process for hit in said if name == story.name
    )
    assert found["YES"]
    warns = "\nwarn contains" in (POLICIES / f"{story.name}.rego").read_text("utf-8")
    assert bool(found["MAYBE"]) is warns


def test_the_opa_program_gives_equal_hits(inputs, in_process):
    with on_path():
        theirs = judged_by(process(POLICIES), inputs)
    assert differences(in_process, theirs, inputs) == []


def test_an_opa_server_gives_equal_hits(inputs, in_process):
    with server() as url:
        theirs = judged_by(on_server(url, POLICIES), inputs)
    assert differences(in_process, theirs, inputs) == []
