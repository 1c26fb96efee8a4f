"""The model as JSON: its shape, what is not known in it, and that no secret leaves it."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from blocks import block, instance
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from grantlint.model import Grant, Inventory, Key, Note, rego_input, schema, to_json
from grantlint.model.json import value_json
from grantlint.parsers import estate, kms
from grantlint.parsers.instance import Instance
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import provider
from grantlint.source import Source, Span
from grantlint.value import (
    DYNAMIC,
    STRING,
    Referent,
    Unknown,
    Value,
    boolean,
    failure,
    null,
    number,
    object_,
    string,
    tuple_,
    unknown,
)

SECRET = "s3cr3t"  # noqa: S105
ESTATE = """
variable "who" {
  type = string
}
variable "n" {}
data "aws_caller_identity" "me" {}
resource "aws_iam_role" "etl" {
  name = "redshift-copy"
}
resource "aws_kms_key" "logs" {
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "use"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111122223333:role/app", var.who] }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
      var.who == "x" ? { Sid = "maybe" } : null,
    ]
  })
}
resource "aws_kms_key" "default" {
  count = var.n
}
resource "aws_kms_key" "unseen" {
  policy = var.who
}
resource "aws_kms_alias" "logs" {
  name          = "alias/logs"
  target_key_id = aws_kms_key.logs.key_id
}
resource "aws_kms_grant" "copy" {
  name              = "copy"
  key_id            = aws_kms_key.logs.key_id
  grantee_principal = aws_iam_role.etl.arn
  operations        = ["Encrypt", "Decrypt", "Encrypt"]
  constraints {
    encryption_context_equals = { LogStage = "FinalLoad" }
  }
}
resource "aws_kms_grant" "unknown" {
  for_each           = toset(var.n)
  key_id             = var.who
  grantee_principal  = "arn:aws:iam::${var.who}:root"
  retiring_principal = "logs.${var.who}.amazonaws.com"
  operations         = [each.value]
  retire_on_delete   = var.n
  dynamic "constraints" {
    for_each = var.n
    content {
      encryption_context_subset = constraints.value
    }
  }
}
"""


def read(directory: Path, text: str) -> Inventory:
    (directory / "main.tf").write_text(text)
    return estate.read([str(directory)], Options(account="111122223333")).inventory


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    return read(tmp_path_factory.mktemp("estate"), ESTATE)


def wrong(document: object) -> list[str]:
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema()).iter_errors(document)
    ]


# -- the schema ----------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_model_is_what_its_schema_says(model: Inventory) -> None:
    assert wrong(to_json(model)) == []
    assert wrong(to_json(Inventory((), ()))) == []


def test_the_schema_refuses_what_it_does_not_name(model: Inventory) -> None:
    document = to_json(model)
    grants = document["grants"]
    assert isinstance(grants, list)
    assert isinstance(grants[0], dict)
    grants[0]["surprise"] = 1
    assert len(wrong(document)) == 1


def test_the_same_inventory_gives_the_same_bytes(model: Inventory, tmp_path: Path) -> None:
    again = tmp_path.parent / model.grants[0].span.path
    assert json.dumps(to_json(model)) == json.dumps(to_json(read(again.parent, ESTATE)))


# -- its shape -----------------------------------------------------------------------------


def test_a_grant(model: Inventory) -> None:
    grant = json.loads(json.dumps(to_json(model)))["grants"][0]
    path = grant["span"].pop("path")
    key_id = grant.pop("key_id")["$unknown"]
    grantee_principal = grant.pop("grantee_principal")["$unknown"]
    grantee_refused = grant.pop("grantee_refused")["$unknown"]
    assert path.endswith("main.tf")
    assert key_id["refers_to"] == {
        "type": "aws_kms_key",
        "address": "aws_kms_key.logs",
        "name": None,
    }
    assert grantee_principal["refers_to"]["name"] == "redshift-copy"
    assert (grantee_refused["reason"], grantee_refused["choices"]) == ("known after apply", [])
    assert grant["grantee"].pop("account")["$unknown"]["reason"] == "known after apply"
    assert grant["grantee"].pop("trusted")["$unknown"]["reason"] == "known after apply"
    assert grant == {
        "kind": "grant",
        "address": "aws_kms_grant.copy",
        "source": "terraform",
        "exists": "yes",
        "key": {
            "address": "aws_kms_key.logs",
            "spec": "SYMMETRIC_DEFAULT",
            "usage": "ENCRYPT_DECRYPT",
            "account": "111122223333",
            "enabled": True,
            "imported": None,
        },
        "key_refused": None,
        "name": "copy",
        "operations": ["Decrypt", "Encrypt"],
        "operations_written": ["Encrypt", "Decrypt", "Encrypt"],
        "retire_on_delete": False,
        "grant_creation_tokens": None,
        "who": "aws_iam_role.etl",
        "grantee": {
            "kind": "role",
            "name": "redshift-copy",
            "service": None,
            "service_linked": False,
            "alternatives": [],
        },
        "retiring_principal": None,
        "retiring": None,
        "retiring_refused": None,
        "constraints": {
            "encryption_context_equals": {"LogStage": "FinalLoad"},
            "encryption_context_subset": None,
            "source_arn": None,
            "blocks": 1,
        },
        "ends_by": "revoke",
        "made_by": None,
        "integrations": [],
        "span": {"line": 37, "column": 1, "end_line": 45, "end_column": 2},
    }


def test_a_key(model: Inventory) -> None:
    key = json.loads(json.dumps(to_json(model)))["keys"][0]
    assert key["aliases"] == ["alias/logs"]
    assert key["grants"] == ["aws_kms_grant.copy"]
    use, maybe = key["policy"]["statements"]
    assert (maybe["sid"], maybe["exists"]) == ("maybe", "maybe")
    assert use["principals"][0] == {
        "type": "AWS",
        "value": "arn:aws:iam::111122223333:role/app",
        "account": "111122223333",
        "kind": "role",
        "trusted": True,
    }
    assert use["principals"][1]["value"]["$unknown"]["reason"] == "var.who has no value"
    assert (use["not_principal"], use["not_action"]) == (False, False)
    assert (use["actions"], use["resources"]) == (["kms:Decrypt"], ["*"])
    assert use["conditions"] == [
        {
            "operator": "StringEquals",
            "set": None,
            "if_exists": False,
            "key": "kms:ViaService",
            "values": ["s3.eu-west-1.amazonaws.com"],
            "name": "kms:ViaService",
            "several": False,
            "always": False,
            "missing_for": [],
            "unmatched": [{"kind": "form", "why": None}],
            "pins": {"caller": False, "source": False, "grant": True},
            "trusted": None,
        }
    ]
    assert use["covers"] == ["Decrypt"]
    assert use["span"]["line"] == 15
    assert key["policy"]["document"]["Statement"][0]["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    }


def test_a_grant_says_which_of_its_principals_are_refused(tmp_path: Path) -> None:
    text = GRANT.format(**{**PLAIN, "grantee": '"*"', "more": 'retiring_principal = ""'})
    (grant,) = json.loads(json.dumps(to_json(read(tmp_path, text))))["grants"]
    assert grant["grantee_refused"] == '"*" has a wildcard, but must be one exact principal'
    assert grant["retiring_refused"] is None


def test_statements_that_are_not_seen_are_an_unknown(model: Inventory) -> None:
    key = json.loads(json.dumps(to_json(model)))["keys"][2]
    (unseen,) = key["policy"]["statements"]
    assert unseen["$unknown"]["reason"] == "var.who has no value"
    assert key["policy"]["default"]["$unknown"]["reason"] == "var.who has no value"


def test_notes_are_sorted_and_counted(model: Inventory) -> None:
    document = to_json(model)
    assert document["notes"] == [
        {
            "reason": note.reason,
            "count": note.count,
            "span": {
                "path": note.span.path,
                "line": note.span.line,
                "column": note.span.column,
                "end_line": note.span.end_line,
                "end_column": note.span.end_column,
            },
        }
        for note in model.notes
        if note.span is not None
    ]
    reasons = {note.reason for note in model.notes}
    assert {"var.who has no value", "what exists depends on whether var.n is at least 1"} <= reasons


def test_a_note_may_have_no_place() -> None:
    document = to_json(Inventory((), (), (Note("why", 2, None),)))
    assert document["notes"] == [{"reason": "why", "count": 2, "span": None}]
    assert wrong(document) == []


def test_columns_count_code_points() -> None:
    source = Source("a.tf", "é = [\n é]".encode())
    note = to_json(Inventory((), (), (Note("why", 1, Span(source, 3, 11)),)))["notes"]
    assert isinstance(note, list)
    assert isinstance(note[0], dict)
    assert note[0]["span"] == {
        "path": "a.tf",
        "line": 1,
        "column": 3,
        "end_line": 2,
        "end_column": 4,
    }


# -- Rego ----------------------------------------------------------------------------------


def test_in_rego_what_is_not_written_has_no_key(model: Inventory) -> None:
    grant = rego_input(model.grants[0])
    assert "retiring_principal" not in grant
    assert "retiring" not in grant
    assert "retiring_refused" not in grant
    assert grant["constraints"] == {
        "encryption_context_equals": {"LogStage": "FinalLoad"},
        "blocks": 1,
    }
    assert grant["retire_on_delete"] is False


def test_nothing_in_rego_is_null(model: Inventory) -> None:
    elements: list[Grant | Key] = [*model.grants, *model.keys]
    assert all(": null" not in json.dumps(rego_input(element)) for element in elements)


# -- values --------------------------------------------------------------------------------


def test_an_unknown_leaf_says_all_that_is_known() -> None:
    hole = unknown("var.x has no value", type=STRING)
    refers_to = Referent("aws_iam_role", "aws_iam_role.r", "r")
    leaf = unknown("why", refers_to=refers_to, parts=("a", hole, "b"), choices=(string("c"),))
    assert value_json(object_({"k": leaf})) == {
        "k": {
            "$unknown": {
                "reason": "why",
                "refers_to": {"type": "aws_iam_role", "address": "aws_iam_role.r", "name": "r"},
                "prefix": "a",
                "suffix": "b",
                "choices": ["c"],
                "has": [],
            }
        }
    }


def test_an_unknown_list_says_what_it_has() -> None:
    listed = Value(DYNAMIC, Unknown("why", has=(string("a"), secret)))
    shown = value_json(listed)
    assert shown["$unknown"]["has"] == ["a", HIDDEN]
    assert value_json(listed.marked()) == HIDDEN


@pytest.mark.parametrize("amount", [0, 5, -1, 10**40])
def test_whole_numbers_are_exact(amount: int) -> None:
    assert value_json(number(amount)) == amount


def test_a_number_with_a_fraction_is_a_number() -> None:
    assert value_json(number(Fraction(3, 2))) == 1.5
    assert value_json(number(Fraction(10**400, 3))) == str(Fraction(10**400, 3))


# -- secrets -------------------------------------------------------------------------------

HIDDEN = {"$sensitive": True}
secret = string(SECRET).marked()


@pytest.mark.parametrize(
    "value",
    [
        secret,
        tuple_([string("a"), string("b")]).marked(),
        object_({SECRET: string("b")}).marked(),
        unknown(f"no {SECRET}").marked(),
        unknown("why", parts=("a-", secret, "-b")),
        Value(STRING, f'{{"a":"{SECRET}"}}', encodes=object_({"a": secret})),
    ],
)
def test_a_sensitive_value_is_hidden_whole(value: Value) -> None:
    assert value_json(value) == HIDDEN


def test_a_sensitive_member_hides_only_itself() -> None:
    assert value_json(tuple_([string("a"), secret])) == ["a", HIDDEN]
    assert value_json(object_({"a": string("b"), "c": secret})) == {"a": "b", "c": HIDDEN}
    assert value_json(unknown("why", choices=(secret,))) == {
        "$unknown": {
            "reason": "why",
            "refers_to": None,
            "prefix": "",
            "suffix": "",
            "choices": [HIDDEN],
            "has": [],
        }
    }


GRANT = """
resource "aws_kms_grant" "g" {{
  key_id            = {key_id}
  grantee_principal = {grantee}
  operations        = {operations}
  {more}
}}
"""
PLAIN = {
    "key_id": "aws_kms_key.k.id",
    "grantee": '"arn:aws:iam::111122223333:role/a"',
    "operations": '["Decrypt"]',
    "more": "",
}
STATEMENT = '{ Sid = "a", Effect = "Allow", Principal = { AWS = var.s }, Action = "kms:*" }'


@pytest.mark.parametrize(
    "place",
    [
        {"key_id": "var.s"},
        {"key_id": '"arn:aws:kms:eu-west-1:111122223333:key/${var.s}"'},
        {"key_id": "var.open ? var.s : aws_kms_key.k.id"},
        {"grantee": "var.s"},
        {"grantee": '"arn:aws:iam::${var.s}:root"'},
        {"grantee": '"arn:aws:iam::${var.open}:role/${var.s}"'},
        {"grantee": '"arn:aws:iam::111122223333:role/aws-service-role/${var.s}/x"'},
        {"grantee": "aws_iam_role.r.arn"},
        {"grantee": "data.aws_iam_role.r.arn"},
        {"grantee": '"arn:aws:iam::${data.aws_iam_role.r.arn}:role/x"'},
        {"grantee": "substr(var.s, var.open, 2)"},
        {"grantee": "tonumber(var.s)"},
        {"grantee": '"arn:aws:iam::1:role/${var.s}"'},
        {"grantee": 'var.open ? var.s : "*"'},
        {"operations": "[var.s]"},
        {"operations": "[var.s, var.open]"},
        {"operations": "split(var.open, var.s)"},
        {"more": "name = var.s"},
        {"more": 'name = "${var.open}-${var.s}"'},
        {"more": "retiring_principal = var.s"},
        {"more": 'retiring_principal = "${var.open}*${var.s}"'},
        {"more": "grant_creation_tokens = [var.s]"},
        {"more": "constraints {\n encryption_context_equals = { a = var.s }\n }"},
        {"more": 'constraints {\n encryption_context_equals = { (var.s) = "a" }\n }'},
        {"more": "constraints {\n encryption_context_subset = { a = var.s, b = var.open }\n }"},
        {"more": "retire_on_delete = var.s"},
    ],
)
def test_no_secret_of_a_grant_gets_out(tmp_path: Path, place: dict[str, str]) -> None:
    text = GRANT.format(**{**PLAIN, **place}) + 'resource "aws_kms_key" "k" {}\n'
    assert_hidden(tmp_path, text)


@pytest.mark.parametrize(
    "policy",
    [
        "var.s",
        f"jsonencode({{ Statement = [{STATEMENT}] }})",
        f"jsonencode({{ Statement = [{STATEMENT}, var.open] }})",
        'sensitive(jsonencode({ Statement = [{ Sid = "s3cr3t", Effect = "Allow" }] }))',
        f'sensitive(jsonencode({{ Id = "s3cr3t", Statement = [{STATEMENT}] }}))',
        'jsonencode({ Statement = { Condition = { (var.s) = { a = "b" } } } })',
        'jsonencode({ Statement = { Condition = { Bool = { (var.s) = "b" } } } })',
        'jsonencode({ Statement = { Principal = { (var.s) = "b" } } })',
        "jsonencode({ Statement = { Action = [var.s, var.open] } })",
        'jsonencode({ Statement = { Action = "kms:${var.s}${var.open}" } })',
        "jsonencode({ Statement = { Sid = var.s, Resource = [var.s] } })",
        "jsonencode({ Statement = var.open ? { Sid = var.s } : null })",
        'jsonencode(sensitive({ Statement = { Sid = "s3cr3t" } }))',
        'replace(jsonencode({ Id = "s3cr3t" }), "x", var.s)',
        '<<-E\n {"Statement": {"Sid": "${var.s}", "Effect": "${var.open}"}}\n E',
        "data.aws_iam_policy_document.d.json",
        "data.aws_iam_policy_document.merged.json",
        "local.policy",
    ],
)
def test_no_secret_of_a_policy_gets_out(tmp_path: Path, policy: str) -> None:
    assert_hidden(tmp_path, f'resource "aws_kms_key" "k" {{\n policy = {policy}\n}}\n')


@pytest.mark.parametrize(
    ("policy", "statements"),
    [
        ('jsonencode(sensitive({ Statement = [{ Sid = "a" }, { Sid = "b" }] }))', [HIDDEN]),
        ('jsonencode({ Statement = [sensitive({ Sid = "a" })] })', [HIDDEN]),
        ('sensitive(jsonencode({ Statement = [{ Sid = "a" }] }))', [HIDDEN]),
    ],
)
def test_the_structure_of_a_secret_is_one(
    tmp_path: Path, policy: str, statements: list[object]
) -> None:
    text = f'resource "aws_kms_key" "k" {{\n policy = {policy}\n}}\n'
    found = json.loads(json.dumps(to_json(read(tmp_path, text))))["keys"][0]["policy"]
    assert found["statements"] == statements


def test_the_number_of_secret_principals_is_one(tmp_path: Path) -> None:
    policy = 'jsonencode({ Statement = { Principal = sensitive({ AWS = ["a", "b"] }) } })'
    text = f'resource "aws_kms_key" "k" {{\n policy = {policy}\n}}\n'
    found = json.loads(json.dumps(to_json(read(tmp_path, text))))["keys"][0]["policy"]
    (principal,) = found["statements"][0]["principals"]
    assert set(map(str, principal.values())) == {str(HIDDEN)}


def test_no_secret_of_a_key_gets_out(tmp_path: Path) -> None:
    text = """
        resource "aws_kms_key" "k" {
          key_usage                = var.s
          customer_master_key_spec = "${var.open}${var.s}"
        }
        resource "aws_kms_alias" "a" {
          name          = "alias/${var.s}"
          target_key_id = aws_kms_key.k.id
        }
        resource "aws_kms_replica_key" "r" {
          primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/${var.s}"
        }
        resource "aws_kms_key_policy" "p" {
          key_id = var.s
          policy = jsonencode({ Statement = { Sid = var.s } })
        }
    """
    assert_hidden(tmp_path, text)


def assert_hidden(directory: Path, text: str) -> None:
    scope = f"""
        variable "s" {{
          sensitive = true
          default   = "{SECRET}"
        }}
        variable "open" {{}}
        locals {{
          policy = jsonencode({{ Statement = concat([var.open], [{STATEMENT}]) }})
        }}
        resource "aws_iam_role" "r" {{
          name = var.s
        }}
        data "aws_iam_role" "r" {{
          name = var.s
        }}
        data "aws_iam_policy_document" "d" {{
          statement {{
            sid = var.s
            principals {{
              type        = "AWS"
              identifiers = [var.s, var.open]
            }}
            condition {{
              test     = "StringEquals"
              variable = var.s
              values   = [var.s]
            }}
          }}
        }}
        data "aws_iam_policy_document" "merged" {{
          source_policy_documents = [data.aws_iam_policy_document.d.json, var.open]
        }}
    """
    document = to_json(read(directory, scope + text))
    assert SECRET not in json.dumps(document)
    assert wrong(document) == []
    assert document["grants"] or document["keys"]


# -- anything at all -----------------------------------------------------------------------

TEXTS = st.sampled_from(
    [
        "*",
        "Allow",
        "kms:*",
        "aws_kms_key.k",
        "alias/x",
        "arn:aws:iam::111122223333:root",
        "arn:aws:kms:eu-west-1:111122223333:key/k",
        "Statement",
        "",
        "{}",
        "[1]",
        "null",
    ]
)
NAMES = st.sampled_from(
    ["Statement", "Effect", "Action", "Principal", "NotPrincipal", "Condition", "AWS", "a"]
)
REFERENTS = st.sampled_from(
    [
        None,
        Referent("aws_kms_key", "aws_kms_key.k"),
        Referent("aws_kms_key", "aws_kms_key.elsewhere"),
        Referent("aws_kms_alias", "aws_kms_alias.a"),
        Referent("aws_kms_grant", "aws_kms_grant.g"),
        Referent("aws_iam_role", "data.aws_iam_role.r", "AWSServiceRoleForX"),
    ]
)


HIDDEN_TEXTS = st.builds(
    lambda one: unknown("known after apply", type=STRING, refers_to=one), REFERENTS
)
HOLES = st.one_of(HIDDEN_TEXTS, HIDDEN_TEXTS.map(Value.marked))


def larger(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    members = st.lists(inner, max_size=3)
    mappings = st.dictionaries(NAMES, inner, max_size=4)
    holed = st.builds(
        lambda before, hole, after: unknown("why", type=STRING, parts=(before, hole, after)),
        TEXTS,
        HOLES,
        TEXTS,
    )
    choosing = st.builds(lambda some: unknown("why", choices=tuple(some)), members)
    policies = mappings.map(object_).map(as_text)
    made = st.one_of(members.map(tuple_), mappings.map(object_), policies, holed, choosing)
    return st.one_of(made, made.map(Value.marked))


def as_text(tree: Value) -> Value:
    return replace(unknown("why", type=STRING), encodes=tree).marked(tree.has_sensitive())


def leaves() -> st.SearchStrategy[Value]:
    known = st.one_of(TEXTS.map(string), st.integers().map(number), st.booleans().map(boolean))
    secrets = st.just(string(SECRET).marked())
    return st.one_of(known, HOLES, secrets, st.builds(null), st.builds(failure, st.just("no")))


@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.data())
def test_any_value_anywhere_is_shown_as_the_schema_says(data: st.DataObject) -> None:
    values = st.recursive(leaves(), larger, max_leaves=8)

    def some(type: str, *names: str) -> tuple[Instance, Value]:
        arguments = {name: data.draw(values) for name in names if data.draw(st.booleans())}
        constraints = [
            ("constraints", block(**{name: data.draw(values)}))
            for name in ("encryption_context_equals", "encryption_context_subset")
            if type == "aws_kms_grant" and data.draw(st.booleans())
        ]
        made = instance(f"{type}.{type[8]}", block(*constraints, **arguments))
        return made, provider.planned(made)

    resources = [
        some("aws_kms_key", "policy", "key_usage", "is_enabled", "multi_region"),
        some("aws_kms_alias", "name", "name_prefix", "target_key_id"),
        some("aws_kms_key_policy", "key_id", "policy"),
        some("aws_kms_replica_key", "primary_key_arn", "policy"),
        some(
            "aws_kms_grant",
            "key_id",
            "grantee_principal",
            "retiring_principal",
            "operations",
            "retire_on_delete",
            "name",
        ),
    ]
    document = to_json(kms.inventory(resources))
    assert wrong(document) == []
    assert SECRET not in json.dumps(document)


def test_what_shows_an_integration_has_a_service_an_address_and_words(tmp_path: Path) -> None:
    volume = """
        resource "aws_ebs_volume" "v" {
          kms_key_id = aws_kms_key.logs.arn
        }
    """
    document = to_json(read(tmp_path, ESTATE + volume))
    assert wrong(document) == []
    assert [grant["integrations"] for grant in document["grants"]] == [
        [
            {
                "service": "ec2.amazonaws.com",
                "address": "aws_ebs_volume.v",
                "evidence": "aws_ebs_volume.v encrypts volumes with the key",
            }
        ],
        [],
    ]
