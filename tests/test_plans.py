"""Plans and states by what they say: what is left out, what unknowns stand for, places, faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grantlint.check import _judged
from grantlint.config import EVERY_RULE
from grantlint.finding import Finding
from grantlint.model import Grant, Inventory, Key, to_json
from grantlint.parsers.reading import Reading
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform.plan import read_plan, sniff
from grantlint.rules import all_rules

Json = dict[str, object]

ROLE = "arn:aws:iam::111122223333:role/app"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/0d8c3f5e-0000-4000-8000-000000000001"
HIDDEN = "8r33d1ng-s3cr3t"


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ROOT: Json = {
    "Effect": "Allow",
    "Action": "kms:*",
    "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
}
PUBLIC: Json = {**ROOT, "Action": "kms:Decrypt", "Principal": "*"}


def change(
    address: str,
    after: Json | None,
    unknown: Json | None = None,
    sensitive: Json | None = None,
    actions: tuple[str, ...] = ("create",),
    **more: object,
) -> Json:
    """An element of resource_changes."""
    parts = address.split(".")
    mode = "data" if "data" in parts else "managed"
    type, name = parts[-2], parts[-1].partition("[")[0]
    around = ".".join(parts[: -3 if mode == "data" else -2])
    return {
        "address": address,
        "module_address": around,
        "mode": mode,
        "type": type,
        "name": name,
        "change": {
            "actions": list(actions),
            "before": None,
            "after": after,
            "after_unknown": unknown or {},
            "after_sensitive": sensitive or {},
        },
        **more,
    }


def key(address: str = "aws_kms_key.k", **after: object) -> Json:
    """A key to be made."""
    values: Json = {
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "key_usage": "ENCRYPT_DECRYPT",
        "is_enabled": True,
        "policy": policy(ROOT),
    }
    return change(address, values | after, {"arn": True, "id": True, "key_id": True})


def grant(address: str = "aws_kms_grant.g", **after: object) -> Json:
    """A grant to be made, for a key that is not known yet."""
    values: Json = {
        "constraints": [],
        "grantee_principal": ROLE,
        "operations": ["Decrypt"],
        "retire_on_delete": False,
    }
    values |= after
    hidden = {} if "key_id" in after else {"key_id": True}
    return change(address, values, {"id": True, **hidden})


def block(address: str, expressions: Json, **more: object) -> Json:
    """A resource of the configuration; an expression is its references or {"constant_value"}."""
    *_, type, name = address.split(".")
    return {
        "address": address,
        "mode": "data" if address.startswith("data.") else "managed",
        "type": type,
        "name": name,
        "provider_config_key": "aws",
        "expressions": {
            name: {"references": one} if isinstance(one, list) else one
            for name, one in expressions.items()
        },
        **more,
    }


def refer(*references: str) -> Json:
    return {"references": list(references)}


def plan(*changes: Json, module: Json | None = None, **more: object) -> Json:
    whole: Json = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"provider_config": {}, "root_module": module or {}},
    }
    return whole | more


def state(*resources: Json) -> Json:
    return {
        "format_version": "1.0",
        "terraform_version": "1.11.4",
        "values": {"root_module": {"resources": list(resources)}},
    }


def applied(address: str, values: Json, **more: object) -> Json:
    """A resource of a state."""
    *_, type, name = address.split(".")
    mode = "data" if address.startswith("data.") else "managed"
    return {
        "address": address,
        "mode": mode,
        "type": type,
        "name": name,
        "values": values,
        "sensitive_values": {},
        **more,
    }


class Written:
    """A plan or state in a directory, perhaps with its configuration."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "plan.json"

    def read(self, content: Json | bytes, **options: str) -> Reading:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.path.write_bytes(data)
        return read_plan(str(self.path), Options(**options))

    def of(self, content: Json, **options: str) -> Inventory:
        found = self.read(content, **options)
        assert found.unreadable == ()
        return found.inventory

    def beside(self, text: str, name: str = "main.tf") -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


def only_grant(inventory: Inventory) -> Grant:
    (found,) = inventory.grants
    return found


def only_key(inventory: Inventory) -> Key:
    (found,) = inventory.keys
    return found


def reasons(inventory: Inventory) -> list[str]:
    return [note.reason for note in inventory.notes]


def findings(inventory: Inventory) -> list[Finding]:
    judged = _judged(EVERY_RULE.of(all_rules()), inventory, lambda _: None)
    return [one.finding for one in judged]


# -- what there is -------------------------------------------------------------------------------


@pytest.mark.parametrize("actions", [("delete",), ("forget",)])
def test_what_is_destroyed_or_forgotten_is_left_out(
    written: Written, actions: tuple[str, ...]
) -> None:
    gone = change("aws_kms_grant.old", None, actions=actions)
    found = written.of(plan(gone, grant()))
    assert [one.address for one in found.grants] == ["aws_kms_grant.g"]


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_what_is_replaced_is_judged_and_said(written: Written, actions: tuple[str, ...]) -> None:
    again = key()
    again["change"]["actions"] = list(actions)  # type: ignore[index]
    found = written.of(plan(again))
    assert only_key(found).address == "aws_kms_key.k"
    (note,) = found.notes
    assert note.reason == (
        "the plan replaces aws_kms_key.k: it is destroyed and made anew, with another id and ARN"
    )
    assert note.span is not None
    assert note.span.text == "aws_kms_key.k"


def test_deposed_objects_are_passed_over(written: Written) -> None:
    old = change("aws_kms_key.k", None, actions=("delete",), deposed="1a2b3c4d")
    left = key("aws_kms_key.k", description="left")
    left["deposed"] = "5e6f7a8b"
    assert only_key(written.of(plan(old, key(), left))).address == "aws_kms_key.k"
    values: Json = {"arn": KEY_ARN, "policy": policy(ROOT)}
    one, other = applied("aws_kms_key.k", values), applied("aws_kms_key.k", values)
    other["deposed_key"] = "1a2b3c4d"
    assert only_key(written.of(state(one, other))).address == "aws_kms_key.k"


def test_what_the_targets_of_a_plan_leave_alone_is_still_there(written: Written) -> None:
    values: Json = {"arn": KEY_ARN, "key_id": "k-1", "policy": policy(ROOT)}
    prior = state(applied("aws_kms_key.k", values), applied("aws_kms_key.gone", values))
    gone = change("aws_kms_key.gone", None, actions=("delete",))
    found = written.of(plan(grant(key_id="k-1"), gone, prior_state=prior))
    assert only_grant(found).key.address.text == "aws_kms_key.k"
    assert only_key(found).span.text == "aws_kms_key.k"


def test_a_moved_module_has_its_new_address(written: Written) -> None:
    moved = grant('module.new["a"].aws_kms_grant.g')
    moved["previous_address"] = "module.old.aws_kms_grant.g"
    moved["change"]["actions"] = ["no-op"]  # type: ignore[index]
    assert only_grant(written.of(plan(moved))).address == 'module.new["a"].aws_kms_grant.g'


def test_plans_of_opentofu_are_plans(written: Written) -> None:
    one = grant()
    one["provider_name"] = "registry.opentofu.org/hashicorp/aws"
    assert only_grant(written.of(plan(one, terraform_version="1.10.5"))).source == "terraform-plan"


# -- what unknowns stand for ---------------------------------------------------------------------


def module(*resources: Json, **more: object) -> Json:
    return {"resources": list(resources), **more}


def test_an_unknown_key_is_the_one_that_is_referred_to(written: Written) -> None:
    one = block("aws_kms_grant.g", {"key_id": ["aws_kms_key.k.arn", "aws_kms_key.k"]})
    found = written.of(plan(key(), key("aws_kms_key.other"), grant(), module=module(one)))
    assert only_grant(found).key.address.text == "aws_kms_key.k"
    assert reasons(found) == []


def test_what_the_plan_knows_is_not_why_a_value_is_unknown(written: Written) -> None:
    references = ["var.key_arn", "aws_kms_key.other.is_enabled", "aws_kms_key.k.arn", "each.key"]
    one = block("aws_kms_grant.g", {"key_id": references})
    variables = {"key_arn": {"value": None}}
    content = plan(
        key(), key("aws_kms_key.other"), grant(), module=module(one), variables=variables
    )
    assert only_grant(written.of(content)).key.address.text == "aws_kms_key.k"


def test_of_several_unknown_keys_each_may_be_it(written: Written) -> None:
    one = block("aws_kms_grant.g", {"key_id": ["aws_kms_key.k.arn", "aws_kms_key.other.arn"]})
    found = written.of(plan(key(), key("aws_kms_key.other"), grant(), module=module(one)))
    cause = only_grant(found).key.address.unknown
    assert cause is not None
    assert [one.text for one in cause.choices] == ["aws_kms_key.k", "aws_kms_key.other"]
    assert only_grant(found).key.usage.text == "ENCRYPT_DECRYPT"


@pytest.mark.parametrize(
    "references",
    [["local.key"], ["local.key", "aws_kms_key.k.arn"], ["var.none"], ["module.none.key"], []],
)
def test_what_a_plan_does_not_show_stays_open(written: Written, references: list[str]) -> None:
    one = block("aws_kms_grant.g", {"key_id": references})
    found = written.of(plan(key(), grant(), module=module(one)))
    assert only_grant(found).key.address.unknown is not None
    assert reasons(found) == ["known after apply"]


def test_a_principal_is_no_role_whose_name_is_in_it(written: Written) -> None:
    one = block("aws_kms_grant.g", {"grantee_principal": ["aws_iam_role.r.unique_id"]})
    role = change("aws_iam_role.r", {"name": "r"}, {"arn": True, "unique_id": True})
    open_ = change("aws_kms_grant.g", {"operations": ["Decrypt"]}, {"grantee_principal": True})
    found = only_grant(written.of(plan(role, open_, module=module(one))))
    assert found.grantee_principal.unknown is not None
    assert found.grantee_principal.unknown.refers_to is None


def test_references_lead_through_variables_and_outputs(written: Written) -> None:
    inner = block("aws_kms_grant.g", {"key_id": ["var.key"]})
    made = block("aws_kms_key.k", {})
    root = {
        "resources": [],
        "module_calls": {
            "grants": {
                "expressions": {"key": refer('module.keys["a"].arn', 'module.keys["a"]')},
                "module": module(inner),
            },
            "keys": {
                "for_each_expression": refer("var.names"),
                "expressions": {},
                "module": module(made, outputs={"arn": {"expression": refer("aws_kms_key.k.arn")}}),
            },
        },
    }
    keys = [key(f'module.keys["{name}"].aws_kms_key.k') for name in "ab"]
    found = written.of(plan(*keys, grant("module.grants.aws_kms_grant.g"), module=root))
    assert only_grant(found).key.address.text == 'module.keys["a"].aws_kms_key.k'


def test_each_value_is_what_is_unknown_in_for_each(written: Written) -> None:
    one = block(
        "aws_kms_grant.g",
        {"grantee_principal": ["each.value"], "key_id": {"constant_value": KEY_ARN}},
        for_each_expression=refer("aws_iam_role.r.arn", "aws_iam_role.r"),
    )
    role = change("aws_iam_role.r", {"name": "r"}, {"arn": True})
    open_ = change(
        'aws_kms_grant.g["x"]',
        {"operations": ["Decrypt"], "key_id": KEY_ARN},
        {"grantee_principal": True},
    )
    found = only_grant(written.of(plan(role, open_, module=module(one))))
    assert found.grantee.name.text == "r"
    assert found.grantee.kind.text == "role"


def test_an_alias_leads_to_its_key(written: Written) -> None:
    alias = change("aws_kms_alias.a", {"name": "alias/a"}, {"target_key_id": True, "arn": True})
    blocks = [
        block("aws_kms_alias.a", {"target_key_id": ["aws_kms_key.k.key_id"]}),
        block("aws_kms_grant.g", {"key_id": ["aws_kms_alias.a.target_key_id"]}),
    ]
    open_ = grant()
    found = written.of(plan(key(), alias, open_, module=module(*blocks)))
    assert only_grant(found).key.address.text == "aws_kms_key.k"
    assert [one.text for one in only_key(found).aliases] == ["alias/a"]


def test_a_policy_known_after_apply_is_said(written: Written) -> None:
    one = block("aws_kms_key.k", {"policy": ["data.aws_iam_policy_document.d.json"]})
    open_ = change("aws_kms_key.k", {"is_enabled": True}, {"policy": True, "arn": True})
    found = written.of(plan(open_, module=module(one)))
    assert only_key(found).policy.default.unknown is not None
    assert reasons(found) == [
        "a policy is known after apply: the configuration beside the plan would show it"
    ]


def test_a_policy_that_is_not_written_is_the_default(written: Written) -> None:
    open_ = change("aws_kms_key.k", {"is_enabled": True}, {"policy": True, "arn": True})
    found = written.of(plan(open_, module=module(block("aws_kms_key.k", {}))))
    assert only_key(found).policy.default.raw is True


def test_a_write_only_argument_is_known_to_be_there(written: Written) -> None:
    one = block("aws_kms_external_key.k", {"key_material_base64_wo": ["var.material"]})
    values: Json = {"key_material_base64": None, "key_material_base64_wo": None}
    made = change("aws_kms_external_key.k", values, {"arn": True})
    assert only_key(written.of(plan(made, module=module(one)))).imported.raw is True


def test_sensitive_values_never_get_out(written: Written) -> None:
    marks: Json = {"grantee_principal": True, "operations": True, "constraints": True}
    hidden = grant(grantee_principal=f"arn:aws:iam::111122223333:role/{HIDDEN}", key_id=KEY_ARN)
    hidden["change"]["after_sensitive"] = marks  # type: ignore[index]
    secret = key(policy=policy(ROOT | {"Principal": {"AWS": f"arn:aws:iam::1:role/{HIDDEN}"}}))
    secret["change"]["after_sensitive"] = {"policy": True}  # type: ignore[index]
    role = change("aws_iam_role.r", {"name": HIDDEN}, {"arn": True}, {"name": True})
    found = written.of(plan(hidden, secret, role))
    said = [json.dumps(to_json(found)), *(one.message for one in findings(found))]
    assert len(found.grants) == len(found.keys) == 1
    assert not any(HIDDEN in text for text in said)


def made(grantee: Json) -> tuple[Json, ...]:
    """A role, and a grant whose grantee is its ARN, which is known; with the configuration."""
    role = change("aws_iam_role.app", {"name": "app", "arn": ROLE}, actions=("no-op",))
    given = grant(key_id=KEY_ARN)
    return (
        role,
        given,
        module(
            block("aws_iam_role.app", {"name": {"constant_value": "app"}}),
            block("aws_kms_grant.g", {"grantee_principal": grantee}),
        ),
    )


@pytest.mark.parametrize(
    ("grantee", "is_literal"),
    [
        ({"constant_value": ROLE}, True),
        (refer("aws_iam_role.app.arn", "aws_iam_role.app"), False),
        (refer("local.role"), False),
    ],
)
def test_only_a_text_that_is_written_so_is_a_literal(
    written: Written, grantee: Json, is_literal: bool
) -> None:
    role, given, root = made(grantee)
    found = written.of(plan(role, given, module=root), account="111122223333")
    assert bool(only_grant(found).namesakes) is is_literal
    assert ("literal-grantee" in [one.rule for one in findings(found)]) is is_literal


def test_a_state_does_not_tell_what_is_a_literal(written: Written) -> None:
    role = applied("aws_iam_role.app", {"name": "app", "arn": ROLE})
    values: Json = {"grantee_principal": ROLE, "key_id": KEY_ARN, "operations": ["Decrypt"]}
    found = written.of(state(role, applied("aws_kms_grant.g", values)), account="111122223333")
    assert only_grant(found).namesakes == ()


@pytest.mark.parametrize(
    ("grantee", "is_literal"), [(f'"{ROLE}"', True), ("aws_iam_role.app.arn", False)]
)
def test_beside_a_state_the_configuration_tells_what_is_a_literal(
    written: Written, grantee: str, is_literal: bool
) -> None:
    written.beside(
        'resource "aws_iam_role" "app" {\n  name = "app"\n}\n'
        f'resource "aws_kms_grant" "g" {{\n  key_id = "{KEY_ARN}"\n'
        f'  grantee_principal = {grantee}\n  operations = ["Decrypt"]\n}}\n'
    )
    role = applied("aws_iam_role.app", {"name": "app", "arn": ROLE})
    values: Json = {"grantee_principal": ROLE, "key_id": KEY_ARN, "operations": ["Decrypt"]}
    found = written.of(state(role, applied("aws_kms_grant.g", values)), account="111122223333")
    assert bool(only_grant(found).namesakes) is is_literal


# -- whose policy it is --------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["k-1", KEY_ARN])
def test_the_policy_of_a_key_in_a_state_is_of_who_writes_it(written: Written, named: str) -> None:
    values: Json = {"arn": KEY_ARN, "key_id": "k-1", "policy": policy(PUBLIC)}
    writer = applied("aws_kms_key_policy.p", {"key_id": named, "policy": policy(PUBLIC)})
    found = only_key(written.of(state(applied("aws_kms_key.k", values), writer)))
    assert [one.address for one in found.policy.owners] == ["aws_kms_key_policy.p"]
    assert len(found.policy.statements) == 1


def test_a_policy_that_nobody_writes_is_judged_all_the_same(written: Written) -> None:
    values: Json = {"arn": KEY_ARN, "key_id": "k-1", "policy": policy(PUBLIC)}
    found = written.of(state(applied("aws_kms_key.k", values)))
    assert "public-key-policy" in [one.rule for one in findings(found)]


@pytest.mark.parametrize(
    ("document", "default"),
    [
        ({"Id": "key-default-1", "Statement": [ROOT]}, True),
        ({"Id": "key-default-1", "Statement": [ROOT | {"Sid": "Enable IAM"}]}, True),
        ({"Id": "key-default-1", "Statement": [ROOT, PUBLIC]}, False),
        ({"Id": "key-default-1", "Statement": [PUBLIC]}, False),
        ({"Id": "mine", "Statement": [ROOT]}, False),
    ],
)
def test_the_default_policy_of_aws_is_known_in_a_state(
    written: Written, document: Json, default: bool
) -> None:
    values: Json = {"arn": KEY_ARN, "policy": json.dumps(document)}
    found = only_key(written.of(state(applied("aws_kms_key.k", values))))
    assert found.policy.default.raw is default


def test_inline_and_attached_policies_of_a_role_count_once(written: Written) -> None:
    document = policy({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"})
    role: Json = {
        "name": "app",
        "inline_policy": [{"name": "own", "policy": document}, {"name": "put", "policy": document}],
        "managed_policy_arns": ["arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"],
    }
    put: Json = {"name": "put", "role": "app", "policy": document}
    attached: Json = {
        "role": "app",
        "policy_arn": "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser",
    }
    found = written.of(
        state(
            applied("aws_iam_role.app", role),
            applied("aws_iam_role_policy.put", put),
            applied("aws_iam_role_policy_attachment.a", attached),
        )
    )
    addresses = [one.address for one in found.identities]
    assert addresses.count("aws_iam_role.app") == addresses.count("aws_iam_role_policy.put") == 1


# -- accounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expressions", "data", "account"),
    [
        (
            {"assume_role": [{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/x"}}]},
            [],
            "444455556666",
        ),
        ({"allowed_account_ids": {"constant_value": ["444455556666"]}}, [], "444455556666"),
        ({"allowed_account_ids": {"constant_value": ["444455556666", "1"]}}, [], "999999999999"),
        ({"allowed_account_ids": {"references": ["var.accounts"]}}, [], "999999999999"),
        ({}, ["777788889999"], "777788889999"),
        ({}, [], "999999999999"),
    ],
)
def test_the_account_of_a_key_is_that_of_its_provider(
    written: Written, expressions: Json, data: list[str], account: str
) -> None:
    blocks = [block("aws_kms_key.k", {}), block("data.aws_caller_identity.me", {})]
    prior = state(*(applied("data.aws_caller_identity.me", {"account_id": one}) for one in data))
    whole = plan(key(policy=None), prior_state=prior)
    whole["configuration"] = {
        "provider_config": {"aws": {"expressions": expressions}},
        "root_module": module(*blocks),
    }
    assert only_key(written.of(whole, account="999999999999")).account.text == account


# -- places --------------------------------------------------------------------------------------

CONFIGURATION = """\
variable "principal" {
  default = "arn:aws:iam::111122223333:role/default"
}

module "etl" {
  source    = "./modules/etl"
  principal = var.principal
}
"""
MODULE = """\
variable "principal" {}

resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "kms:Decrypt", Principal = { AWS = ["*", aws_iam_role.r.arn] } },
    ]
  })
}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}

resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = var.principal
  operations        = ["Decrypt", "CreateGrant"]
}
"""


def of_module(grantee: str = ROLE) -> Json:
    open_ = change(
        "module.etl.aws_kms_key.k",
        {"is_enabled": True, "customer_master_key_spec": "SYMMETRIC_DEFAULT"},
        {"policy": True, "arn": True, "key_id": True},
    )
    given = grant(
        "module.etl.aws_kms_grant.g",
        grantee_principal=grantee,
        operations=["CreateGrant", "Decrypt"],
    )
    return plan(open_, given, variables={"principal": {"value": grantee}})


def place(found: list[Finding], rule: str) -> str:
    (one,) = [finding for finding in found if finding.rule == rule]
    assert one.span is not None
    return f"{Path(one.path).name}:{one.span.line}"


def test_without_sources_a_finding_shows_the_address_in_the_plan(written: Written) -> None:
    (found,) = [
        one for one in findings(written.of(plan(grant()))) if one.rule == "unconstrained-grant"
    ]
    assert found.span is not None
    assert found.span.text == "aws_kms_grant.g"
    assert found.path.endswith("plan.json")


@pytest.mark.parametrize("given", [True, False])
def test_with_sources_a_finding_has_the_line_and_the_call_of_the_root(
    written: Written, given: bool
) -> None:
    there = "infra/" if given else ""
    written.beside(CONFIGURATION, f"{there}main.tf")
    written.beside(MODULE, f"{there}modules/etl/main.tf")
    options = {"sources": str(written.directory / "infra")} if given else {}
    found = findings(written.of(of_module(), **options))
    assert place(found, "delegable-grant") == "main.tf:5"
    (public,) = [one for one in found if one.rule == "public-key-policy"]
    assert public.certain
    assert public.span is not None
    assert (Path(public.path).parent.name, public.span.line) != ("etl", 5)
    related = [(Path(one.span.path).parent.name, one.span.line) for one in public.related]
    assert ("etl", 7) in related


def test_what_both_know_is_the_plans_and_a_note_says_so_once(written: Written) -> None:
    written.beside(CONFIGURATION)
    written.beside(
        MODULE.replace('["Decrypt", "CreateGrant"]', '["Encrypt"]'), "modules/etl/main.tf"
    )
    found = written.of(of_module())
    operations = only_grant(found).operations.elements()
    assert [one.text for one in operations] == ["CreateGrant", "Decrypt"]
    (note,) = [one for one in found.notes if "beside the plan" in one.reason]
    assert note.reason == (
        "the configuration beside the plan says something else than the plan, which counts: "
        "it was made with other files or variables"
    )
    assert note.span is not None
    assert note.span.line == 20


def test_the_variables_are_those_of_the_plan(written: Written) -> None:
    written.beside(CONFIGURATION)
    written.beside(MODULE, "modules/etl/main.tf")
    found = written.of(of_module("arn:aws:iam::111122223333:role/prod"))
    assert only_grant(found).grantee_principal.text == "arn:aws:iam::111122223333:role/prod"
    assert not any("beside the plan" in reason for reason in reasons(found))


def test_a_default_that_the_plan_has_keeps_its_place(written: Written) -> None:
    written.beside(CONFIGURATION)
    written.beside(MODULE, "modules/etl/main.tf")
    found = only_grant(written.of(of_module("arn:aws:iam::111122223333:role/default")))
    assert found.grantee_principal.written is not None
    assert found.grantee_principal.written.line == 2


def test_instances_whose_keys_only_the_plan_knows_have_their_place(written: Written) -> None:
    written.beside(
        'data "external" "who" { program = ["who"] }\n'
        'resource "aws_kms_grant" "g" {\n'
        "  for_each          = data.external.who.result\n"
        f'  key_id            = "{KEY_ARN}"\n'
        "  grantee_principal = each.value\n"
        '  operations        = ["Decrypt"]\n'
        "}\n"
    )
    found = written.of(plan(grant('aws_kms_grant.g["a"]', key_id=KEY_ARN)))
    one = only_grant(found)
    assert (one.exists.name, one.where, one.span.line) == ("YES", None, 2)
    assert one.grantee_principal.text == ROLE
    assert one.grantee_principal.use is not None
    assert one.grantee_principal.use.line == 5


def test_a_resource_that_the_sources_do_not_have_stands_in_the_plan(written: Written) -> None:
    written.beside('resource "aws_kms_key" "k" {}\n')
    found = written.of(plan(grant("aws_kms_grant.gone"), key()))
    assert only_grant(found).span.path.endswith("plan.json")
    assert only_key(found).span.path.endswith("main.tf")


def test_a_directory_without_configuration_is_said(written: Written) -> None:
    found = written.of(plan(grant()), sources=str(written.directory / "nowhere"))
    (reason,) = [one for one in reasons(found) if "--source" in one]
    assert reason.startswith("there are no Terraform files in ")


def test_broken_sources_are_unreadable_and_the_plan_is_judged(written: Written) -> None:
    written.beside('resource "aws_kms_grant" "g" {\n  operations = [\n')
    found = written.read(plan(grant()))
    assert found.unreadable
    assert only_grant(found.inventory).operations.elements()[0].text == "Decrypt"


# -- files that are not as they should be --------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b'{"format_version": "1.2",\n "resource_changes": [\n}', "`}`", 3),
        (b'{"format_version": "1.2", "x": NaN}', None, 1),
        (b"", "value", 1),
        (b'{"a": 1}', "neither a plan nor a state", 1),
        (b"[1, 2]", "neither a plan nor a state", 1),
        (b"[" * 100_000, "", 1),
        (b'{"format_version": "1.2", "x": ' + b"9" * 5000 + b"}", "", 1),
    ],
)
def test_what_is_no_plan_is_told_with_its_place(
    written: Written, data: bytes, message: str | None, line: int
) -> None:
    found = written.read(data)
    assert found.inventory.grants == ()
    if message is not None:
        (problem,) = found.unreadable
        assert message in problem.message
        assert problem.span.line == line


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (problem,) = read_plan(str(tmp_path / "none.json"), Options()).unreadable
    assert problem.message == "there is no such file"


def test_a_plan_that_powershell_wrote_is_read(written: Written) -> None:
    data = json.dumps(plan(grant(name="größer"))).encode("utf-16")
    assert only_grant(written.read(data).inventory).span.text == "aws_kms_grant.g"
    assert sniff(data[:4096]) == "terraform-plan"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (
            plan(grant(), format_version="2.0"),
            'format version "2.0" of a plan is not known, it is read as version 1',
        ),
        (
            plan(grant(), errored=True),
            "the plan ended with an error: what it holds is not whole",
        ),
        (
            {"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x"},
            "this is a state as Terraform keeps it: give what `terraform show -json` says of it",
        ),
    ],
)
def test_what_is_odd_about_a_plan_is_a_note(written: Written, content: Json, note: str) -> None:
    assert note in reasons(written.of(content))


ODD = [None, True, 1, "x", [], {}, [None], {"x": None}]


@pytest.mark.parametrize("odd", ODD, ids=map(repr, ODD))
@pytest.mark.parametrize(
    "path",
    [
        ("resource_changes",),
        ("resource_changes", 0),
        ("resource_changes", 0, "address"),
        ("resource_changes", 0, "module_address"),
        ("resource_changes", 0, "change"),
        ("resource_changes", 0, "change", "actions"),
        ("resource_changes", 0, "change", "after"),
        ("resource_changes", 0, "change", "after", "operations"),
        ("resource_changes", 0, "change", "after", "constraints"),
        ("resource_changes", 0, "change", "after_unknown"),
        ("resource_changes", 0, "change", "after_unknown", "key_id"),
        ("resource_changes", 0, "change", "after_sensitive"),
        ("configuration",),
        ("configuration", "root_module"),
        ("configuration", "root_module", "resources"),
        ("configuration", "root_module", "resources", 0, "expressions"),
        ("configuration", "root_module", "resources", 0, "expressions", "key_id"),
        ("configuration", "provider_config"),
        ("prior_state",),
        ("variables",),
    ],
)
def test_nothing_in_a_plan_stops_the_reading(
    written: Written, path: tuple[str | int, ...], odd: object
) -> None:
    one = block("aws_kms_grant.g", {"key_id": ["aws_kms_key.k.arn"]})
    content = plan(grant(), key(), module=module(one))
    at: object = content
    for step in path[:-1]:
        at = at[step]  # type: ignore[index]
    at[path[-1]] = odd  # type: ignore[index]
    findings(written.read(content).inventory)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'{"format_version":"1.2","terraform_version":"1.9.0","variables":{', "terraform-plan"),
        (
            b'{"format_version":"1.2","terraform_version":"1.9.0","planned_values":',
            "terraform-plan",
        ),
        (b'{\n  "format_version": "0.1",\n  "planned_values": {', "terraform-plan"),
        (b'{"applyable":true,"configuration":{"provider_config":{', "terraform-plan"),
        (b'{"format_version":"1.0","terraform_version":"1.9.0","values":{', "terraform-state"),
        (b'{\n  "version": 4,\n  "terraform_version": "1.9.0",\n  "serial": 1', "terraform-state"),
        (b'{"format_version":"1.0","terraform_version":"1.9.0"}', None),
        (b'{"format_version":"1.0","provider_schemas":{', None),
        (b'{"format_version":"1.0","valid":true,', None),
        (b'{"version":"2012-10-17","values":{}}', None),
        (b'{"AWSTemplateFormatVersion":"2010-09-09"}', None),
        (b'["format_version"]', None),
        (b"\xff\xfe\x00", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind
