"""What was accepted covers as much access and less, and never more."""

from pathlib import Path

import pytest

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.extent import Extent, parse
from grantlint.parsers.settings import Options

GRANT = """
resource "aws_iam_role" "etl" {
  name = "etl"
}
variable "who" {}
resource "aws_kms_grant" "g" {
  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = aws_iam_role.etl.arn
  operations        = ["Decrypt", "CreateGrant"]
  constraints {
    encryption_context_subset = { Stage = "Final" }
  }
}
"""
STATEMENT = """
data "aws_iam_policy_document" "p" {
  statement {
    sid       = "use"
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:role/x"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["red", "blue"]
    }
  }
}
resource "aws_kms_key" "k" {
  policy = data.aws_iam_policy_document.p.json
}
"""
NARROW = [
    (GRANT, '["Decrypt", "CreateGrant"]', '["CreateGrant"]', "fewer operations"),
    (GRANT, '{ Stage = "Final" }', '{ Stage = "Final", Job = "1" }', "one pair more"),
    (GRANT, "context_subset", "context_equals", "exactly the same context"),
    (GRANT, 'name = "etl"', 'name = "copy"', "the same role by another name"),
    (GRANT, "aws_iam_role.etl.arn", "var.who", "what is not known accuses nobody"),
    (STATEMENT, '"kms:Encrypt", ', "", "fewer actions"),
    (STATEMENT, ', "blue"', "", "fewer teams"),
]
WIDE = [
    (GRANT, '"Decrypt", ', '"Decrypt", "Encrypt", ', ("Encrypt is new",)),
    (GRANT, '{ Stage = "Final" }', "{}", ("a condition is gone",)),
    (GRANT, '"Final"', '"Draft"', ("a condition is gone",)),
    (
        GRANT,
        "aws_iam_role.etl.arn",
        '"arn:aws:iam::444455556666:role/x"',
        ("the grantee arn:aws:iam::444455556666:role/x is new",),
    ),
    (STATEMENT, '"kms:Decrypt"', '"kms:Decrypt*", "kms:Re*"', ("kms:Re* is new",)),
    (
        STATEMENT,
        '["arn:aws:iam::444455556666:role/x"]',
        '["arn:aws:iam::444455556666:role/x", "arn:aws:iam::444455556666:role/y"]',
        ("the principal arn:aws:iam::444455556666:role/y is new",),
    ),
    (
        STATEMENT,
        '"blue"',
        '"blue", "green"',
        ("StringEquals aws:PrincipalTag/team: green is new",),
    ),
    (STATEMENT, '"StringEquals"', '"StringEqualsIfExists"', None),
]


@pytest.fixture
def extent_of(tmp_path: Path):
    def read(text: str) -> Extent:
        (tmp_path / "main.tf").write_text(text, "utf-8")
        asked = Terms(Selection(("delegable-grant", "unrestricted-create-grant")))
        findings = check([str(tmp_path)], Options(), asked).findings
        assert findings
        return findings[0].extent

    return read


@pytest.mark.parametrize(("text", "old", "new", "why"), NARROW)
def test_what_is_narrower_is_covered(extent_of, text, old, new, why) -> None:
    assert old in text
    assert extent_of(text.replace(old, new)).beyond(extent_of(text)) == (), why


@pytest.mark.parametrize(("text", "old", "new", "expected"), WIDE)
def test_what_is_wider_is_not_covered(extent_of, text, old, new, expected) -> None:
    assert old in text
    more = extent_of(text.replace(old, new)).beyond(extent_of(text))
    assert more == expected if expected is not None else more


@pytest.mark.parametrize(
    "text", [GRANT, STATEMENT, GRANT.replace("aws_iam_role.etl.arn", "var.who")]
)
def test_an_extent_reads_as_it_was_written(extent_of, text) -> None:
    found = extent_of(text)
    read = parse(str(found))
    assert read is not None
    assert str(read) == str(found)
    assert found.beyond(read) == ()


@pytest.mark.parametrize("text", ["Decrypt +12", "kms:Decrypt, x", 'a"b', "-zzzzzz"])
def test_what_is_no_extent_is_not_taken_for_one(text) -> None:
    assert parse(text) is None


def test_actions_of_other_services_are_no_access_to_keys(extent_of):
    before, after = (
        extent_of(STATEMENT.replace('"kms:Encrypt"', text))
        for text in ('"kms:Encrypt", "s3:GetObject"', '"kms:Encrypt", "s3:PutObject", "*"')
    )
    assert "s3:" not in str(before)
    assert after.beyond(before) == ("* is new",)


def test_an_action_that_no_comment_can_hold_is_written_as_its_digest(extent_of):
    odd = STATEMENT.replace("kms:Decrypt", r"kms:De\n\"crypt")
    found = extent_of(odd)
    assert parse(str(found)) is not None
    assert "\n" not in str(found)
    assert not found.beyond(parse(str(found)))
