"""What a Rego rule leaves in `deny` and `warn`, as hits: checked and sorted."""

import pytest

from grantlint.rego.engine import RuleError
from grantlint.rego.hits import hits
from grantlint.rule import Hit, Related, Severity
from grantlint.value import Truth

PLAIN = {"at": ["operations", 0], "message": "m"}


def read(*deny, warn=()):
    return hits("a_rule", {"deny": {"a_rule": list(deny)}, "warn": {"a_rule": list(warn)}})


def test_a_hit_has_all_that_a_rule_says():
    said = {
        **PLAIN,
        "severity": "critical",
        "related": [{"at": ["name"], "text": "t", "address": "a"}, {"at": [], "text": "u"}],
        "fix": {"at": ["operations", 0], "op": "set", "value": ["Decrypt"]},
    }
    assert read(said) == (
        Hit(
            at=("operations", 0),
            message="m",
            truth=Truth.YES,
            severity=Severity.CRITICAL,
            related=(Related(("name",), "t", "a"), Related((), "u", None)),
            fix={"at": ["operations", 0], "op": "set", "value": ["Decrypt"]},
        ),
    )


def test_deny_is_certain_and_warn_is_possible():
    other = {"at": [], "message": "m"}
    found = read(PLAIN, warn=[other])
    assert [(hit.at, hit.truth) for hit in found] == [
        (("operations", 0), Truth.YES),
        ((), Truth.MAYBE),
    ]


def test_warn_adds_nothing_to_a_place_that_deny_speaks_of():
    assert read(PLAIN, warn=[{**PLAIN, "message": "perhaps"}]) == read(PLAIN)


def test_two_hits_of_one_place_are_kept():
    assert len(read(PLAIN, {**PLAIN, "message": "n"})) == 2


def test_the_order_of_the_engine_does_not_matter():
    several = [{"at": [name], "message": text} for name in "bca" for text in ("é", "z", "A")]
    assert read(*several, warn=[PLAIN]) == read(*reversed(several), warn=[PLAIN])


def test_a_rule_that_says_nothing_has_no_hits():
    assert hits("a_rule", {}) == ()
    assert hits("a_rule", {"deny": {"another": [PLAIN]}, "warn": {}}) == ()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("text", "a hit is an object"),
        (None, "a hit is an object"),
        ([], "a hit is an object"),
        ({"message": "m"}, "at is a list"),
        ({"at": "operations", "message": "m"}, "at is a list"),
        ({"at": {"a": 1}, "message": "m"}, "at is a list"),
        ({"at": [1.5], "message": "m"}, "at is a list of keys and indices"),
        ({"at": [-1], "message": "m"}, "at is a list of keys and indices"),
        ({"at": [True], "message": "m"}, "at is a list of keys and indices"),
        ({"at": [None], "message": "m"}, "at is a list of keys and indices"),
        ({"at": [["a"]], "message": "m"}, "at is a list of keys and indices"),
        ({"at": []}, "a hit needs a message"),
        ({"at": [], "message": ""}, "a hit needs a message"),
        ({"at": [], "message": ["m"]}, "a hit needs a message"),
        ({**PLAIN, "msg": "m"}, "a hit has no key msg"),
        ({**PLAIN, "severity": "severe"}, "a severity is one of low, medium, high, critical"),
        ({**PLAIN, "severity": ["high"]}, "a severity is one of"),
        ({**PLAIN, "severity": 3}, "a severity is one of"),
        ({**PLAIN, "related": {}}, "related is a list"),
        ({**PLAIN, "related": ["x"]}, "a related place is an object with at and text"),
        ({**PLAIN, "related": [{"at": []}]}, "a related place is an object with at and text"),
        ({**PLAIN, "related": [{"text": "t"}]}, "at is a list"),
        ({**PLAIN, "related": [{"at": [], "text": "t", "address": 1}]}, "address of a related"),
        ({**PLAIN, "fix": "remove it"}, "a fix is an object with at and op"),
        ({**PLAIN, "fix": None}, "a fix is an object with at and op"),
        ({**PLAIN, "fix": {"at": [], "op": "delete"}}, "one of set, add, remove"),
        ({**PLAIN, "fix": {"at": [], "op": ["set"]}}, "one of set, add, remove"),
        ({**PLAIN, "fix": {"at": [], "op": "set"}}, "a fix that is to set has the keys at, op, "),
        ({**PLAIN, "fix": {"at": [], "op": "remove", "value": 1}}, "to remove has the keys at, op"),
        ({**PLAIN, "fix": {"at": 1, "op": "remove"}}, "at is a list"),
        ({**PLAIN, "fix": {"at": [], "op": "remove", "safe": 1}}, "safe is true or false"),
    ],
)
@pytest.mark.parametrize("kind", ["deny", "warn"])
def test_what_is_no_hit_is_refused_with_the_rule_named(said, reason, kind):
    with pytest.raises(RuleError, match=rf"^rule a-rule: .*{reason}") as error:
        hits("a_rule", {kind: {"a_rule": [PLAIN, said]}})
    assert error.value.name == "a_rule"


@pytest.mark.parametrize("found", [True, "m", 1, {"a": 1}, None])
def test_what_is_no_set_is_refused_with_the_rule_named(found):
    with pytest.raises(RuleError, match=r"^rule a-rule: deny must be a set of hits"):
        hits("a_rule", {"deny": {"a_rule": found}})


def test_of_a_long_hit_that_is_none_the_beginning_is_quoted():
    with pytest.raises(RuleError, match=r"needs a message: \{.*a…$") as error:
        read({"at": ["a" * 1000]})
    assert len(str(error.value)) < 300
