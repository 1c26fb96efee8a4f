"""deleted-principal: unique ids of IAM in key policies, and in the grants that AWS lists."""

import pytest
from live_answers import ROLE, TRUSTING, findings, grant, grants, key, policy, read

from grantlint import laws
from grantlint.rules import all_rules

[RULE] = [rule for rule in all_rules() if rule.id == "deleted-principal"]
GONE = "AROA1234567890EXAMPLE"
LEFT = "AIDACKCEVSQ6C2EXAMPLE"


def found(reading):
    return [
        (hit.at, (hit.severity or RULE.severity).label, hit.message)
        for _, hit in RULE.hits(reading.inventory)
    ]


@pytest.mark.parametrize(
    ("members", "at", "says"),
    [
        ({}, [], ""),
        ({"GranteePrincipal": GONE}, ["grantee_principal"], "nobody can use the grant"),
        ({"RetiringPrincipal": LEFT}, ["retiring_principal"], "it cannot end the grant"),
        ({"RetiringPrincipal": None}, [], ""),
        (
            {"GranteePrincipal": GONE, "RetiringPrincipal": LEFT},
            ["grantee_principal", "retiring_principal"],
            " was deleted: AWS shows its unique id, and ",
        ),
    ],
)
def test_a_grant_whose_principal_is_gone_is_of_low_severity(members, at, says):
    hits = found(read(list=grants(grant(**members))))
    assert [hit[0] for hit in hits] == [(one,) for one in at]
    assert all(severity == "low" and says in message for _, severity, message in hits)


def test_the_messages_name_who_it_was():
    hits = found(read(list=grants(grant(GranteePrincipal=GONE, RetiringPrincipal=LEFT))))
    assert [message.partition(" was ")[0] for _, _, message in hits] == [
        f"the grantee {GONE}",
        f"the retiring principal {LEFT}",
    ]


@pytest.mark.parametrize(
    ("element", "effect", "severity", "ends"),
    [
        ("Principal", "Allow", "low", "AWS KMS refuses a policy that names it"),
        ("Principal", "Deny", "medium", "a new one of the same name is not denied"),
        ("NotPrincipal", "Deny", "low", "AWS KMS refuses a policy that names it"),
    ],
)
def test_a_statement_for_a_principal_that_is_gone(element, effect, severity, ends):
    statement = {
        "Effect": effect,
        element: {"AWS": [ROLE, GONE]},
        "Action": "kms:Sign",
        "Resource": "*",
    }
    [hit] = found(read(all=(key(), policy(TRUSTING, statement))))
    path = ("policy", "statements", 1, "principals", 1, "value")
    says = f"the principal {GONE} was deleted: AWS shows its unique id, and {ends}"
    assert hit == (path, severity, says)


def test_it_stands_where_the_id_is_written():
    statement = TRUSTING | {"Principal": {"AWS": GONE}}
    reading = read(all=(key(), policy(TRUSTING, statement)))
    [one] = [one for one in findings(reading) if one.rule == RULE.id]
    assert one.span.text == f'\\"{GONE}\\"'


CONFIGURED = """
variable "secret" {{
  default   = "{id}"
  sensitive = true
}}

resource "aws_kms_key" "a" {{
  policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = {value} }}
      Action    = "kms:*"
      Resource  = "*"
    }}]
  }})
}}

resource "aws_kms_grant" "a" {{
  key_id            = aws_kms_key.a.key_id
  grantee_principal = "{id}"
  operations        = ["Decrypt"]
}}
"""


def test_a_configuration_names_an_id_that_was_copied():
    inventory = laws.read(CONFIGURED.format(id=GONE, value=f'"{GONE}"'))
    [(judged, hit)] = RULE.hits(inventory)
    assert judged.address == "aws_kms_key.a"  # of the grant invalid-grantee tells
    assert f"the principal {GONE} is a unique id, as AWS shows it" in hit.message


def test_nothing_is_told_of_a_sensitive_principal():
    assert not list(RULE.hits(laws.read(CONFIGURED.format(id=GONE, value="var.secret"))))
