"""Resources to keys and grants: what is joined with what, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grantlint.model import Grant, Inventory, Key, Policy
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.value import Truth, Value

Read = Callable[..., Inventory]

KEY = 'resource "aws_kms_key" "k" {}\n'
ROLE = "arn:aws:iam::111122223333:role/app"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The inventory of a root module made of this text (and of other files)."""

    def inventory(text: str, account: str | None = None, **modules: str) -> Inventory:
        (tmp_path / "main.tf").write_text(text)
        for name, content in modules.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "main.tf").write_text(content)
        return estate.read([str(tmp_path)], Options(account=account)).inventory

    return inventory


def grant(arguments: str = "", key_id: str = "aws_kms_key.k.key_id", name: str = "g") -> str:
    given = arguments if "operations" in arguments else f'{arguments}\n operations = ["Decrypt"]'
    if "grantee_principal" not in given:
        given += f'\n grantee_principal = "{ROLE}"'
    return f'resource "aws_kms_grant" "{name}" {{\n key_id = {key_id}\n {given}\n}}\n'


def the_grant(inventory: Inventory) -> Grant:
    (found,) = inventory.grants
    return found


def the_key(inventory: Inventory) -> Key:
    (found,) = inventory.keys
    return found


def texts(of: Value) -> list[str | None]:
    return [one.text for one in of.elements()]


def reason(of: Value) -> str:
    assert of.unknown is not None
    return of.unknown.reason


def sids(policy: Policy) -> list[tuple[str | None, Truth]]:
    return [(one.sid.text, one.exists) for one in policy.statements]


def policy_text(sid: str, principal: str = "*") -> str:
    statement = f'Sid = "{sid}", Effect = "Allow", Principal = {{ AWS = "{principal}" }}'
    return f'jsonencode({{ Statement = [{{ {statement}, Action = "kms:*", Resource = "*" }}] }})'


# -- a grant and its key -------------------------------------------------------------------


@pytest.mark.parametrize("attribute", ["key_id", "id", "arn"])
def test_a_grant_is_joined_to_the_key_it_refers_to(read: Read, attribute: str) -> None:
    found = read(KEY + grant(key_id=f"aws_kms_key.k.{attribute}"))
    assert the_grant(found).key.address.text == "aws_kms_key.k"
    assert the_grant(found).key.spec.text == "SYMMETRIC_DEFAULT"
    assert the_key(found).grants == ("aws_kms_grant.g",)


def test_instances_are_told_apart(read: Read) -> None:
    text = 'resource "aws_kms_key" "k" {\n for_each = toset(["a", "b"])\n}\n'
    found = read(text + grant(key_id='aws_kms_key.k["b"].arn'))
    assert the_grant(found).key.address.text == 'aws_kms_key.k["b"]'
    assert [key.grants for key in found.keys] == [(), ("aws_kms_grant.g",)]


def test_a_key_under_an_unknown_count_is_joined(read: Read) -> None:
    text = 'variable "n" {}\nresource "aws_kms_key" "k" {\n count = var.n\n}\n'
    found = read(text + grant(key_id="aws_kms_key.k[0].arn"))
    assert the_key(found).exists is Truth.MAYBE
    assert the_grant(found).key.address.text == "aws_kms_key.k"


def test_references_go_through_modules_both_ways(read: Read) -> None:
    child = 'variable "key" {}\n' + grant(key_id="var.key")
    owner = KEY + 'output "arn" {\n value = aws_kms_key.k.arn\n}\n'
    text = (
        'module "owner" {\n source = "./owner"\n}\n'
        'module "child" {\n source = "./child"\n key = module.owner.arn\n}\n'
    )
    found = the_grant(read(text, child=child, owner=owner))
    assert found.address == "module.child.aws_kms_grant.g"
    assert found.key.address.text == "module.owner.aws_kms_key.k"


@pytest.mark.parametrize(
    "key_id",
    [
        "aws_kms_alias.a.target_key_arn",
        "aws_kms_alias.a.target_key_id",
        "data.aws_kms_alias.a.target_key_id",
        "data.aws_kms_alias.a.target_key_arn",
        "data.aws_kms_key.by_alias.arn",
        "data.aws_kms_key.by_id.arn",
        "aws_kms_grant.other.key_id",
        '"alias/logs"',
        '"arn:aws:kms:eu-west-1:111122223333:key/${aws_kms_key.k.key_id}"',
    ],
)
def test_aliases_and_data_sources_lead_to_their_key(read: Read, key_id: str) -> None:
    text = """
        resource "aws_kms_alias" "a" {
          name          = "alias/logs"
          target_key_id = aws_kms_key.k.key_id
        }
        data "aws_kms_alias" "a" {
          name = "alias/logs"
        }
        data "aws_kms_key" "by_alias" {
          key_id = "alias/logs"
        }
        data "aws_kms_key" "by_id" {
          key_id = aws_kms_key.k.id
        }
    """
    found = read(KEY + text + grant(name="other") + grant(key_id=key_id))
    assert [one.key.address.text for one in found.grants] == ["aws_kms_key.k"] * 2


def test_an_alias_of_another_account_is_not_this_one(read: Read) -> None:
    text = """
        provider "aws" {
          allowed_account_ids = ["111122223333"]
        }
        provider "aws" {
          alias               = "other"
          allowed_account_ids = ["444455556666"]
        }
        resource "aws_kms_alias" "a" {
          name          = "alias/logs"
          target_key_id = aws_kms_key.k.key_id
        }
        data "aws_kms_alias" "a" {
          provider = aws.other
          name     = "alias/logs"
        }
    """
    found = the_grant(read(KEY + text + grant(key_id="data.aws_kms_alias.a.target_key_arn")))
    assert found.key.address.text is None


def test_a_literal_arn_is_a_key_outside_whose_account_is_told(read: Read) -> None:
    arn = '"arn:aws:kms:eu-west-1:444455556666:key/1234"'
    found = the_grant(read(KEY + grant(key_id=arn)))
    assert found.key.address.is_null
    assert found.key.account.text == "444455556666"
    assert reason(found.key.spec) == "the key is not in this configuration"


def test_an_unknown_key_may_be_any(read: Read) -> None:
    found = the_grant(read('variable "key" {}\n' + KEY + grant(key_id="var.key")))
    assert reason(found.key.address) == "var.key has no value"


def test_of_two_possible_keys_what_both_have_is_known(read: Read) -> None:
    keys = KEY + KEY.replace('"k"', '"l"') + 'variable "on" {\n type = bool\n}\n'
    either = "var.on ? aws_kms_key.k.arn : aws_kms_key.l.arn"
    found = read(keys + grant(key_id=either))
    reference = the_grant(found).key
    assert reference.address.unknown is not None
    choices = reference.address.unknown.choices
    assert [choice.text for choice in choices] == ["aws_kms_key.k", "aws_kms_key.l"]
    assert reference.spec.text == "SYMMETRIC_DEFAULT"
    assert [key.grants for key in found.keys] == [(), ()]


# -- what a grant says ---------------------------------------------------------------------


def test_operations_are_a_set_and_as_written(read: Read) -> None:
    found = the_grant(read(KEY + grant('operations = ["Encrypt", "Decrypt", "Encrypt"]')))
    assert texts(found.operations) == ["Decrypt", "Encrypt"]
    assert texts(found.operations_written) == ["Encrypt", "Decrypt", "Encrypt"]


def test_an_unknown_operation_hides_no_other(read: Read) -> None:
    text = 'variable "op" {\n type = string\n}\n'
    found = the_grant(read(text + KEY + grant('operations = [var.op, "Encrypt", "Decrypt"]')))
    assert found.operations.contains("Decrypt") is Truth.YES
    assert found.operations.contains("Sign") is Truth.MAYBE
    assert texts(found.operations) == ["Decrypt", "Encrypt", None]


def test_no_operations_are_an_empty_set(read: Read) -> None:
    assert the_grant(read(KEY + grant("operations = []"))).operations.raw == ()


@pytest.mark.parametrize(
    ("written", "ends_by"),
    [
        ("", "revoke"),
        ("retire_on_delete = false", "revoke"),
        ("retire_on_delete = true", "retire"),
        ('retire_on_delete = "true"', "retire"),
        ("retire_on_delete = null", "revoke"),
        ("retire_on_delete = var.r", "unknown"),
        ("retire_on_delete = sensitive(true)", "unknown"),
    ],
)
def test_how_a_grant_ends(read: Read, written: str, ends_by: str) -> None:
    assert the_grant(read('variable "r" {}\n' + KEY + grant(written))).ends_by == ends_by


def test_a_role_of_the_estate_is_the_grantee_by_name(read: Read) -> None:
    role = 'resource "aws_iam_role" "etl" {\n name = "redshift-copy"\n}\n'
    found = the_grant(read(role + KEY + grant("grantee_principal = aws_iam_role.etl.arn")))
    assert (found.grantee.kind.text, found.grantee.name.text) == ("role", "redshift-copy")
    assert found.grantee.service_linked.raw is False
    assert found.retiring is None


@pytest.mark.parametrize(
    "reference",
    [
        '"arn:aws:iam::${local.account}:role/${local.path}/AWSServiceRoleForAutoScaling"',
        '"${local.prefix}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForA_x"',
        "aws_iam_service_linked_role.x.arn",
        "aws_iam_service_linked_role.x.id",
        "aws_iam_service_linked_role.counted[0].id",
        "aws_autoscaling_group.x.service_linked_role_arn",
        "data.aws_iam_role.x.arn",
        "var.on ? aws_iam_service_linked_role.x.arn : data.aws_iam_role.x.arn",
    ],
)
def test_service_linked_roles_in_every_spelling(read: Read, reference: str) -> None:
    text = """
        variable "on" {
          type = bool
        }
        locals {
          account = data.aws_caller_identity.me.account_id
          path    = "aws-service-role/autoscaling.amazonaws.com"
          prefix  = "arn:${data.aws_partition.p.partition}:iam::${var.on}"
        }
        data "aws_caller_identity" "me" {}
        data "aws_partition" "p" {}
        data "aws_iam_role" "x" {
          name = "AWSServiceRoleForAutoScaling"
        }
        resource "aws_iam_service_linked_role" "x" {
          aws_service_name = "autoscaling.amazonaws.com"
        }
        resource "aws_iam_service_linked_role" "counted" {
          count            = 1
          aws_service_name = "autoscaling.amazonaws.com"
        }
        resource "aws_autoscaling_group" "x" {
          name = "x"
        }
    """
    found = the_grant(read(text + KEY + grant(f"grantee_principal = {reference}"))).grantee
    assert found.kind.text == "role"
    assert found.service_linked.raw is True


# -- constraints ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["", "constraints {}", "constraints {\n encryption_context_equals = {}\n }"],
)
def test_nothing_and_an_empty_map_constrain_nothing(read: Read, written: str) -> None:
    found = the_grant(read(KEY + grant(written))).constraints
    assert found.encryption_context_equals.is_null
    assert found.encryption_context_subset.is_null
    assert found.blocks == 0


def test_both_kinds_are_seen_in_one_block_or_two(read: Read) -> None:
    equals, subset = (
        'encryption_context_equals = { a = "1" }',
        "encryption_context_subset = { b = 2 }",
    )
    one = f"constraints {{\n {equals}\n {subset}\n }}"
    two = f"constraints {{\n {equals}\n }}\n constraints {{\n {subset}\n }}"
    for written, blocks in ((one, 1), (two, 2)):
        found = the_grant(read(KEY + grant(written))).constraints
        first = found.encryption_context_equals.get("a")
        second = found.encryption_context_subset.get("b")
        assert first is not None
        assert second is not None
        assert (first.text, second.text, found.blocks) == ("1", "2", blocks)


def test_a_block_that_may_not_be_there_may_constrain(read: Read) -> None:
    text = 'variable "c" {\n type = map(string)\n}\n'
    block = """dynamic "constraints" {
      for_each = var.c
      content {
        encryption_context_equals = { a = "1" }
      }
    }"""
    found = the_grant(read(text + KEY + grant(block))).constraints
    cause = found.encryption_context_equals.unknown
    assert cause is not None
    assert sorted(choice.is_null for choice in cause.choices) == [False, True]
    assert found.encryption_context_subset.is_null
    assert found.blocks == 0


def test_an_unknown_value_hides_no_other(read: Read) -> None:
    text = 'variable "v" {\n type = string\n}\n'
    block = 'constraints {\n encryption_context_equals = { a = var.v, b = "2" }\n }'
    found = the_grant(read(text + KEY + grant(block))).constraints.encryption_context_equals
    known = found.get("b")
    assert known is not None
    assert known.text == "2"


# -- keys ----------------------------------------------------------------------------------


def test_defaults_of_a_key(read: Read) -> None:
    found = the_key(read(KEY))
    assert (found.spec.text, found.usage.text) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert found.enabled.raw is True
    assert found.enable_key_rotation.raw is False
    assert found.multi_region.raw is False
    assert found.policy.default.raw is True
    assert found.policy.document.is_null


def test_a_replica_is_what_its_primary_is(read: Read) -> None:
    text = """
        resource "aws_kms_key" "k" {
          multi_region             = true
          customer_master_key_spec = "HMAC_256"
          key_usage                = "GENERATE_VERIFY_MAC"
        }
        resource "aws_kms_replica_key" "r" {
          primary_key_arn = aws_kms_key.k.arn
        }
    """
    replica = read(text).keys[1]
    assert (replica.spec.text, replica.usage.text) == ("HMAC_256", "GENERATE_VERIFY_MAC")
    assert replica.multi_region.raw is True
    assert replica.enable_key_rotation.is_null


def test_a_replica_of_a_key_elsewhere_is_of_its_account(read: Read) -> None:
    arn = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1"
    text = f'resource "aws_kms_replica_key" "r" {{\n primary_key_arn = "{arn}"\n}}\n'
    found = the_key(read(text))
    assert found.account.text == "444455556666"
    assert reason(found.spec) == "the primary key is not in this configuration"


def test_imported_keys_are_symmetric_unless_they_say_otherwise(read: Read) -> None:
    text = """
        resource "aws_kms_external_key" "a" {}
        resource "aws_kms_external_key" "b" {
          key_spec  = "HMAC_256"
          key_usage = "GENERATE_VERIFY_MAC"
        }
    """
    found = [(key.spec.text, key.usage.text) for key in read(text).keys]
    assert found == [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ]


def test_aliases_belong_to_their_key(read: Read) -> None:
    text = """
        resource "aws_kms_alias" "b" {
          name          = "alias/b"
          target_key_id = aws_kms_key.k.key_id
        }
        resource "aws_kms_alias" "a" {
          name          = "alias/a"
          target_key_id = aws_kms_key.k.arn
        }
    """
    assert [alias.text for alias in the_key(read(KEY + text)).aliases] == ["alias/a", "alias/b"]


def test_an_alias_that_aws_completes_begins_as_it_is_written(read: Read) -> None:
    text = """
        resource "aws_kms_alias" "a" {
          name_prefix   = "alias/logs-"
          target_key_id = aws_kms_key.k.key_id
        }
    """
    (alias,) = the_key(read(KEY + text)).aliases
    assert alias.unknown is not None
    assert alias.unknown.prefix == "alias/logs-"


# -- policies ------------------------------------------------------------------------------


def key_policy(sid: str, key_id: str = "aws_kms_key.k.id", more: str = "", name: str = "p") -> str:
    return (
        f'resource "aws_kms_key_policy" "{name}" {{\n key_id = {key_id}\n '
        f"policy = {policy_text(sid)}\n {more}\n}}\n"
    )


def own_policy(policy: str) -> str:
    return f'resource "aws_kms_key" "k" {{\n policy = {policy}\n}}\n'


def addresses(policy: Policy) -> list[str]:
    """What certainly writes a policy."""
    return [owner.address for owner in policy.owners if owner.writes is Truth.YES]


@pytest.mark.parametrize(
    "policy",
    [
        policy_text("s"),
        '<<-E\n {"Statement": {"Sid": "s", "Effect": "Allow", "Principal": "*"}}\n E',
        "data.aws_iam_policy_document.d.json",
    ],
)
def test_a_policy_is_read_however_it_is_written(read: Read, policy: str) -> None:
    document = 'data "aws_iam_policy_document" "d" {\n statement {\n sid = "s"\n }\n}\n'
    found = the_key(read(document + own_policy(policy))).policy
    assert found.default.raw is False
    assert sids(found) == [("s", Truth.YES)]
    assert addresses(found) == ["aws_kms_key.k"]


@pytest.mark.parametrize("policy", ["null", '""', '"{}"', "jsonencode({})"])
def test_an_empty_policy_leaves_it_to_aws(read: Read, policy: str) -> None:
    found = the_key(read(own_policy(policy))).policy
    assert (found.default.raw, found.document.raw, found.statements) == (True, None, ())


def test_a_policy_with_a_hole_keeps_its_statements(read: Read) -> None:
    text = 'variable "who" {\n type = string\n}\n'
    found = the_key(read(text + own_policy(policy_text("s", "${var.who}")))).policy
    (principal,) = found.statements[0].principals
    assert principal.value.equals("*") is Truth.MAYBE
    assert found.default.raw is False


def test_an_unknown_policy_may_be_the_default_one(read: Read) -> None:
    found = the_key(read('variable "policy" {}\n' + own_policy("var.policy"))).policy
    assert reason(found.default) == "var.policy has no value"
    assert len(found.unseen) == 1
    assert found.statements == ()


@pytest.mark.parametrize(
    "reference", ["var.who", "local.who", "aws_iam_role.who.arn", "data.aws_iam_role.who.arn"]
)
def test_what_is_not_declared_leaves_the_rest_of_a_policy_known(read: Read, reference: str) -> None:
    policy = f"""jsonencode({{
      Statement = [
        {{ Sid = "a", Effect = "Allow", Principal = {{ AWS = {reference} }}, Action = "kms:*" }},
        {{ Sid = "b", Effect = "Allow", Principal = "*", Action = "kms:*" }},
      ]
    }})"""
    inventory = read(own_policy(policy))
    found = the_key(inventory).policy
    assert sids(found) == [("a", Truth.YES), ("b", Truth.YES)]
    assert reason(found.statements[0].principals[0].value).endswith(" is not declared")
    assert any(note.reason.endswith(" is not declared") for note in inventory.notes)


def test_a_policy_under_a_condition_exists_maybe(read: Read) -> None:
    text = 'variable "on" {\n type = bool\n}\n'
    found = the_key(read(text + own_policy(f"var.on ? {policy_text('s')} : null"))).policy
    assert sids(found) == [("s", Truth.MAYBE)]
    assert found.default.unknown is not None


def test_a_key_policy_resource_is_the_keys_policy(read: Read) -> None:
    found = the_key(read(KEY + key_policy("s"))).policy
    assert sids(found) == [("s", Truth.YES)]
    assert addresses(found) == ["aws_kms_key_policy.p"]


def test_of_two_writers_the_key_policy_resource_comes_last(read: Read) -> None:
    found = the_key(read(own_policy(policy_text("own")) + key_policy("s"))).policy
    assert sids(found) == [("s", Truth.YES)]
    assert addresses(found) == ["aws_kms_key.k", "aws_kms_key_policy.p"]


def test_of_two_key_policy_resources_it_is_not_known_which(read: Read) -> None:
    found = the_key(read(KEY + key_policy("a") + key_policy("b", name="q"))).policy
    assert sids(found) == [("a", Truth.MAYBE), ("b", Truth.MAYBE)]
    assert found.default.raw is False


def test_a_key_policy_resource_that_may_not_exist(read: Read) -> None:
    text = 'variable "n" {}\n'
    found = the_key(
        read(text + own_policy(policy_text("own")) + key_policy("s", more="count = var.n"))
    )
    assert sids(found.policy) == [("own", Truth.MAYBE), ("s", Truth.MAYBE)]
    bare = the_key(read(text + KEY + key_policy("s", more="count = var.n")))
    assert sids(bare.policy) == [("s", Truth.MAYBE)]
    assert bare.policy.default.unknown is not None


def test_a_key_policy_of_an_unknown_key_may_be_that_of_any(read: Read) -> None:
    found = the_key(read('variable "key" {}\n' + KEY + key_policy("s", "var.key"))).policy
    assert reason(found.default) == "aws_kms_key_policy.p may write its policy"


def test_a_key_policy_of_a_key_elsewhere_is_of_none_here(read: Read) -> None:
    found = the_key(read(KEY + key_policy("s", '"arn:aws:kms:us-east-1:444455556666:key/x"')))
    assert found.policy.default.raw is True


# -- own account ---------------------------------------------------------------------------


def root_policy(*accounts: str, condition: str = "") -> str:
    arns = ", ".join(f'"arn:aws:iam::{account}:root"' for account in accounts)
    return own_policy(
        'jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*", '
        f"Principal = {{ AWS = [{arns}] }} {condition} }}] }})"
    )


def test_the_account_that_is_given_is_the_keys(read: Read) -> None:
    assert the_key(read(KEY, "111122223333")).account.text == "111122223333"


def test_an_account_that_nothing_says_is_not_known(read: Read) -> None:
    assert the_key(read(KEY)).account.unknown is not None


def test_the_account_that_a_policy_delegates_to_is_the_keys_own(read: Read) -> None:
    found = the_key(read(root_policy("111122223333"))).account
    assert found.text == "111122223333"
    assert found.written is not None


@pytest.mark.parametrize(
    "policy",
    [
        root_policy("111122223333", "444455556666"),
        root_policy("111122223333", "${data.aws_caller_identity.me.account_id}"),
        root_policy("111122223333", condition=', Condition = { Bool = { "aws:x" = "true" } }'),
    ],
)
def test_a_policy_that_does_not_tell_which_account_is_its_own(read: Read, policy: str) -> None:
    found = read('data "aws_caller_identity" "me" {}\n' + policy)
    assert the_key(found).account.unknown is not None


def test_accounts_that_disagree_are_a_note(read: Read) -> None:
    found = read(root_policy("444455556666"), "111122223333")
    assert the_key(found).account.text == "111122223333"
    (note,) = found.notes
    assert "111122223333" in note.reason
    assert "444455556666" in note.reason


def test_the_grants_key_shows_the_account(read: Read) -> None:
    assert the_grant(read(root_policy("111122223333") + grant())).key.account.text == "111122223333"


# -- notes ---------------------------------------------------------------------------------


def test_a_reason_is_noted_once_and_counted(read: Read) -> None:
    text = 'variable "who" {\n type = string\n}\n' + KEY
    given = "grantee_principal = var.who\n retiring_principal = var.who"
    (note,) = read(text + grant(given)).notes
    assert (note.reason, note.count) == ("var.who has no value", 2)
    assert note.span is not None
    assert note.span.line == 1


def test_what_only_aws_knows_is_no_note(read: Read) -> None:
    role = 'resource "aws_iam_role" "r" {}\ndata "aws_kms_key" "d" {\n key_id = "alias/x"\n}\n'
    text = role + KEY + grant("grantee_principal = aws_iam_role.r.arn")
    assert read(text + grant(key_id="data.aws_kms_key.d.arn", name="h")).notes == ()


def test_each_hole_of_a_text_is_noted(read: Read) -> None:
    text = 'variable "a" {}\nvariable "b" {}\n' + KEY
    found = read(text + grant('grantee_principal = "arn:aws:iam::${var.a}:role/${var.b}"')).notes
    assert [note.reason for note in found] == ["var.a has no value", "var.b has no value"]


def test_what_decides_over_existence_is_noted(read: Read) -> None:
    found = read('variable "n" {}\n' + KEY + grant("count = var.n"))
    assert the_grant(found).exists is Truth.MAYBE
    assert the_grant(found).where == "var.n is at least 1"
    reasons = [note.reason for note in found.notes]
    assert reasons == ["what exists depends on whether var.n is at least 1"]


@pytest.mark.parametrize(
    ("decides", "where"),
    [
        ("count = var.on ? 1 : 0", "var.on is true"),
        ("count = !var.on ? 1 : 0", "var.on is false"),
        ("count = (var.on ? 0 : 2)", "var.on is false"),
        ("count = var.env == 1 ? 1 : 0", "var.env == 1"),
        ("count = var.env == 1 ? 0 : 1", "var.env != 1"),
        ("count = var.on && var.env == 1 ? 0 : 1", "(var.on && var.env == 1) is false"),
        ("count = local.n", "local.n is at least 1"),
        ('for_each = var.on ? toset(["a"]) : toset([])', "var.on is true"),
        ('for_each = var.on ? {} : { a = "b" }', "var.on is false"),
        ('for_each = toset(var.on ? ["a"] : ["b"])', 'toset(var.on ? ["a"] : ["b"]) has its key'),
        ("for_each = var.env", "var.env has members"),
    ],
)
def test_what_must_be_so_for_a_grant_to_exist_is_in_words(
    read: Read, decides: str, where: str
) -> None:
    text = 'variable "on" {\n type = bool\n}\nvariable "env" {}\n'
    text += "locals {\n n = var.on ? 1 : 0\n}\n"
    found = read(text + KEY + grant(decides))
    assert {one.where for one in found.grants} == {where}


def test_a_long_condition_is_cut(read: Read) -> None:
    names = [f"var.a{number}" for number in range(40)]
    text = "".join(f'variable "{name[4:]}" {{}}\n' for name in names)
    where = the_grant(read(text + KEY + grant(f"count = {' + '.join(names)}"))).where
    assert where is not None
    assert where.startswith("var.a0 + var.a1 + ")
    assert where.endswith("… is at least 1")
    assert len(where) < 100


def test_a_grant_exists_where_its_module_and_it_itself_do(read: Read) -> None:
    head = 'variable "a" {}\nvariable "b" {}\n'
    call = 'module "m" {\n source = "./m"\n count = var.a ? 1 : 0\n b = var.b\n}\n'
    inner = 'variable "b" {}\n' + KEY + grant("count = var.b ? 1 : 0")
    assert the_grant(read(head + call, m=inner)).where == "var.a is true and var.b is true"


MAY_BE = '{ Sid = "m" }'


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        (f"[var.on ? {MAY_BE} : null]", "var.on is true"),
        (f"[var.on ? null : {MAY_BE}]", "var.on is false"),
        (f"var.on ? [{MAY_BE}] : []", "var.on is true"),
        (f"concat([], !var.on ? [{MAY_BE}] : [])", "var.on is false"),
        (f"[var.on ? (var.x == 1 ? {MAY_BE} : null) : null]", None),
        (f"var.on ? [var.x == 1 ? {MAY_BE} : null] : []", "var.on is true and var.x == 1"),
    ],
)
def test_what_must_be_so_for_a_statement_to_exist_is_in_words(
    read: Read, statements: str, where: str | None
) -> None:
    head = 'variable "on" {\n type = bool\n}\nvariable "x" {}\n'
    policy = f"policy = jsonencode({{ Statement = {statements} }})"
    found = read(f'{head}resource "aws_kms_key" "k" {{\n {policy}\n}}\n')
    (statement,) = the_key(found).policy.statements
    assert statement.exists is Truth.MAYBE
    assert statement.where == (where or "that alternative is taken (var.on has no value)")


def test_a_dynamic_statement_exists_where_its_for_each_says_so(read: Read) -> None:
    text = """
        variable "on" {}
        variable "all" {}
        data "aws_iam_policy_document" "d" {
          dynamic "statement" {
            for_each = var.on ? ["a"] : []
            content {
              sid = "one"
            }
          }
          dynamic "statement" {
            for_each = var.all
            content {
              sid = "two"
            }
          }
        }
        resource "aws_kms_key" "k" {
          policy = data.aws_iam_policy_document.d.json
        }
    """
    found = the_key(read(text)).policy.statements
    assert [one.where for one in found] == ["var.on is true", "var.all has members"]


def test_a_statement_of_a_policy_that_may_be_in_force_says_which(read: Read) -> None:
    own = f'resource "aws_kms_key" "k" {{\n policy = {policy_text("own")}\n}}\n'
    other = (
        'variable "on" {}\nresource "aws_kms_key_policy" "p" {\n count = var.on ? 1 : 0\n'
        f" key_id = aws_kms_key.k.id\n policy = {policy_text('other')}\n}}\n"
    )
    found = {one.sid.text: one.where for one in the_key(read(own + other)).policy.statements}
    assert found == {
        "own": "aws_kms_key_policy.p[0] does not exist",
        "other": "aws_kms_key_policy.p[0] exists",
    }


def test_the_text_of_a_sensitive_unknown_is_not_noted(read: Read) -> None:
    text = 'variable "who" {\n sensitive = true\n}\n' + KEY
    (note,) = read(text + grant("grantee_principal = var.who")).notes
    assert note.reason == "a sensitive value is not known"
