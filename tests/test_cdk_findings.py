"""Findings about what the CDK synthesised: where they are, and by what they are known again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from assemblies import SYNTHESISED, read

from grantlint.finding import Finding, by_address, concrete
from grantlint.model import Construct, Inventory
from grantlint.parsers import kms
from grantlint.parsers.cdk.document import Document, document
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.instance import Instance, Settled
from grantlint.rule import Hit, Related
from grantlint.rules import own
from grantlint.source import Source, Span
from grantlint.value import Truth, object_, string

PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
(RULE,) = [rule for rule in own() if rule.id == "public-key-policy"]


def _deployment() -> Deployment:
    return read(SYNTHESISED / "debug-2.276.0/cdk.out").deployments[0]


def _inventory(found: Deployment, logical_id: str, construct: Construct | None = None) -> Inventory:
    """A key of a template, as one with a public policy."""
    template = document(found.source)
    assert isinstance(template, Document)
    place = template.place("Resources", logical_id)
    policy = string(json.dumps({"Version": "2012-10-17", "Statement": [PUBLIC]})).at(
        template.place("Resources", logical_id, "Properties", "KeyPolicy", "Statement")
    )
    construct = construct or found.constructs[logical_id]
    arguments = object_({"policy": policy})
    instance = Instance(
        construct.path,
        "managed",
        "aws_kms_key",
        logical_id,
        "",
        Truth.YES,
        None,
        Settled(place, arguments),
        place,
        found.provider,
        source="cdk",
        construct=construct,
    )
    return kms.inventory([(instance, arguments)])


def _finding(inventory: Inventory) -> Finding:
    (finding,) = [concrete(RULE, key, hit) for key, hit in RULE.hits(inventory)]
    return finding


def _places(finding: Finding) -> list[str]:
    """The primary place, then the related ones: file, line and text."""
    assert finding.span is not None
    related = [f"{Path(one.span.path).name}:{one.span.line} {one.text}" for one in finding.related]
    return [f"{Path(finding.path).name}:{finding.span.line}", *related]


def test_a_finding_stands_where_the_program_makes_the_construct() -> None:
    found = _deployment()
    construct = found.constructs["GrantD7D271C4"]
    finding = _finding(_inventory(found, "Key961B73FD", construct))

    assert finding.address == "Gen/Grant"
    assert _places(finding) == [
        "app.js:4",
        "Gen.template.json:7 in the synthesised template",
        "app.js:20 called here",
    ]


def test_a_policy_that_is_set_later_is_found_there() -> None:
    finding = _finding(_inventory(_deployment(), "Raw"))

    assert _places(finding) == [
        "app.js:19",
        "Gen.template.json:51 in the synthesised template",
        "app.js:18 the construct is made here",
    ]


def test_of_several_lines_that_set_a_policy_none_is_taken_for_it() -> None:
    found = _deployment()
    made, grant = found.constructs["Raw"], found.constructs["GrantD7D271C4"]
    twice = replace(made, assigned={"KeyPolicy": (*made.assigned["KeyPolicy"], grant.lines[1])})
    finding = _finding(_inventory(found, "Raw", twice))

    assert _places(finding)[0] == "app.js:18"
    assert _places(finding)[2:] == ["app.js:19 it is set here", "app.js:20 it is set here"]


def test_without_lines_a_finding_stands_in_the_template() -> None:
    found = _deployment()
    finding = _finding(_inventory(found, "Raw", Construct("Gen/Raw")))

    assert finding.address == "Gen/Raw"
    assert _places(finding) == ["Gen.template.json:51"]


def test_another_object_is_shown_where_the_program_makes_it() -> None:
    found = _deployment()
    inventory = _inventory(found, "Raw")
    other = _inventory(found, "Key961B73FD")
    hit = Hit((), "x", related=(Related((), "the other", "Gen/Key"),))
    both = by_address(Inventory((*inventory.keys, *other.keys), ()))
    finding = concrete(RULE, inventory.keys[0], hit, both)

    assert _places(finding)[-1] == "app.js:16 the other"


# -- fingerprints --------------------------------------------------------------------------


def _moved(found: Deployment, path: str, before: bytes = b"") -> Deployment:
    source = Source(path, before + found.source.data)
    return replace(found, source=source)


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("Gen.template.json", b"\n\n"),
        ("Gen0a1b2c3d.nested.template.json", b""),
        ("./Gen.template.json", b""),
    ],
)
def test_a_fingerprint_survives_other_lines_and_hashes(path: str, before: bytes) -> None:
    found = _deployment()
    construct = found.constructs["Raw"]
    first = _finding(_inventory(_moved(found, "Gen.template.json"), "Raw", construct))
    again = _finding(_inventory(_moved(found, path, before), "Raw", construct))

    assert again.fingerprint == first.fingerprint


def test_a_fingerprint_does_not_ask_whether_lines_are_recorded() -> None:
    found = _deployment()
    line = Span(Source("app.js", b"one\n"), 0, 3)
    fingerprints = {
        _finding(_inventory(found, "Raw", construct)).fingerprint
        for construct in (
            found.constructs["Raw"],
            Construct("Gen/Raw"),
            Construct("Gen/Raw", (line,)),
        )
    }

    assert len(fingerprints) == 1


def test_two_constructs_have_two_fingerprints() -> None:
    found = _deployment()
    first = _finding(_inventory(found, "Raw", Construct("Gen/Raw")))
    other = _finding(_inventory(found, "Raw", Construct("Gen/Other")))

    assert first.fingerprint != other.fingerprint
