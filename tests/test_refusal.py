"""Why a grant cannot have a principal: what is not known of it. Texts are in test_grant_rules."""

from __future__ import annotations

import itertools

import pytest
from test_grant_rules import REFUSED, TAKEN
from test_iam import FILLINGS, either, hole, holed, refers

from grantlint.iam.refusal import refusal
from grantlint.value import STRING, Value, null, object_, string

ROLE = "arn:aws:iam::111122223333:role/app"
GROUP = refers("aws_iam_group", "aws_iam_group.all")
SECRET = string("s3cr3t").marked()


def reasons(reason: Value) -> list[str | None]:
    """The reason, or its alternatives in order; of what is not known none."""
    cause = reason.unknown
    choices = (reason,) if cause is None else cause.choices
    return [one.text for one in choices if one.unknown is None]


TEXTS = [text for text in (*TAKEN, *dict(REFUSED)) if len(text) < 100]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_refused_with_a_hole_is_refused_whatever_fills_it(text: str) -> None:
    for start, end in itertools.combinations(range(len(text) + 1), 2):
        before, within, after = text[:start], text[start:end], text[end:]
        if len(within) > 16 or refusal(holed(before, hole(), after)).unknown is not None:
            continue
        for filling in (within, *FILLINGS):
            assert refusal(string(before + filling + after)).text is not None


@pytest.mark.parametrize("text", TAKEN)
def test_a_text_with_a_hole_is_never_said_to_be_taken(text: str) -> None:
    assert reasons(refusal(holed(text, hole()))) == []
    assert reasons(refusal(holed(hole(), text))) == []


def test_what_is_too_long_without_its_hole_is_refused() -> None:
    why = "is longer than the 256 characters that AWS KMS takes"
    assert reasons(refusal(holed(ROLE, hole(), "x" * (256 - len(ROLE))))) == []
    (found,) = reasons(refusal(holed(ROLE, hole(), "x" * (257 - len(ROLE)))))
    assert found is not None
    assert found.endswith(why)


def test_no_principal_is_not_refused() -> None:
    assert refusal(null(STRING)).is_null
    assert refusal(string(""), optional=True).is_null
    assert refusal(string("")).text == '"" is empty'


def test_of_what_is_not_known_no_reason_is_known() -> None:
    assert reasons(refusal(hole())) == []
    assert reasons(refusal(refers("aws_iam_role", "aws_iam_role.app"))) == []
    assert reasons(refusal(refers("aws_iam_group", "data.aws_iam_group.all"))) == []


def test_what_has_no_principal_is_perhaps_refused() -> None:
    expected = ["aws_iam_group.all is a group, not a principal", None]
    assert reasons(refusal(GROUP)) == expected


def test_each_alternative_has_its_reason() -> None:
    everyone = '"*" has a wildcard, but must be one exact principal'
    assert refusal(either("*", "*")).text == everyone
    assert refusal(either(ROLE, "ec2.amazonaws.com")).is_null
    assert reasons(refusal(either("*", ROLE))) == [everyone, None]
    assert reasons(refusal(either("*", "app"))) == [
        everyone,
        '"app" is neither an ARN nor the name of a service',
    ]
    assert reasons(refusal(either("*", hole()))) == [everyone]
    assert reasons(refusal(either(GROUP, "*"))) == [*reasons(refusal(GROUP)), everyone]


def test_what_cannot_be_seen_in_a_text_is_spelt_out() -> None:
    why = "has a character that AWS KMS does not take"
    assert refusal(string(f"{ROLE}\n")).text == f'"{ROLE}\\n" {why}'
    assert refusal(string(f"{ROLE}\u200b")).text == f'"{ROLE}\\u200b" {why}'
    assert refusal(string('a"b\\')).text == f'"a\\"b\\\\" {why}'


@pytest.mark.parametrize(
    "principal",
    [
        SECRET,
        string(ROLE).marked(),
        null(STRING).marked(),
        hole().marked(),
        holed("arn:aws:iam::1:role/", SECRET),
        either("*", ROLE).marked(),
        Value(STRING, '{"a":"s3cr3t"}', encodes=object_({"a": SECRET})),
    ],
)
def test_whether_a_sensitive_principal_is_refused_is_sensitive(principal: Value) -> None:
    found = refusal(principal)
    assert found.sensitive
    assert reasons(found) == []


def test_a_sensitive_alternative_hides_only_itself() -> None:
    found = refusal(either(SECRET, "*")).unknown
    assert found is not None
    assert [one.sensitive for one in found.choices] == [True, False]
