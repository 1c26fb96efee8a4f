"""What goes for a directory: what is said of the run, then what a file says for the directory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from assemblies import KEY, stack, write

from grantlint.model import Inventory
from grantlint.parsers import estate
from grantlint.parsers.settings import Options, Settings

PAYMENTS, LOGS, SAID = "111122223333", "444455556666", "777788889999"
ACCOUNTS = {"payments": PAYMENTS, "logs": LOGS}

HCL = 'resource "aws_kms_key" "k" {}\n'
FIXED = 'provider "aws" {\n  allowed_account_ids = ["123456789012"]\n}\n' + HCL
PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {"root_module": {}},
    "resource_changes": [
        {
            "address": "aws_kms_key.k",
            "mode": "managed",
            "type": "aws_kms_key",
            "name": "k",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}},
        }
    ],
    "configuration": {"root_module": {}},
}
ASSEMBLY = {
    "version": "36.0.0",
    "artifacts": {"App": stack(environment="aws://unknown-account/unknown-region")},
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.eu-central-1.amazonaws.com"},
            "Action": "kms:Decrypt",
            "Resource": "*",
        }
    ],
}


def _hcl(directory: Path) -> None:
    write(directory / "main.tf", HCL)


def _plan(directory: Path) -> None:
    write(directory / "plan.json", PLAN)


def _planned(directory: Path) -> None:
    _hcl(directory)
    _plan(directory)


def _template(directory: Path) -> None:
    write(directory / "template.yaml", json.dumps({"Resources": {"K": KEY}}))


def _assembly(directory: Path) -> None:
    write(directory / "cdk.out", "{}")
    write(directory / "manifest.json", ASSEMBLY)
    write(directory / "App.template.json", {"Resources": {"K": KEY}})


def _answer(directory: Path) -> None:
    write(directory / "policy.json", {"Policy": json.dumps(POLICY), "PolicyName": "default"})


WRITERS = {
    "hcl": _hcl,
    "plan": _plan,
    "plan beside its configuration": _planned,
    "template": _template,
    "assembly": _assembly,
    "answer": _answer,
}


def local(directory: Path) -> Settings:
    """What a configuration file of a team says for its directory."""
    return Settings(account=ACCOUNTS.get(directory.name), region="eu-central-1")


def accounts(inventory: Inventory) -> dict[str, str | None]:
    """The accounts of the keys by the name of their directory."""
    return {Path(key.span.path).parent.name: key.account.text for key in inventory.keys}


@pytest.mark.parametrize("write_in", WRITERS.values(), ids=WRITERS)
def test_each_directory_has_its_own_account(
    tmp_path: Path, write_in: Callable[[Path], None]
) -> None:
    for name in ACCOUNTS:
        write_in(tmp_path / name)
    found = estate.read([str(tmp_path)], Options(local=local)).inventory
    assert accounts(found) == ACCOUNTS


@pytest.mark.parametrize("write_in", WRITERS.values(), ids=WRITERS)
def test_what_is_said_of_the_run_comes_first(
    tmp_path: Path, write_in: Callable[[Path], None]
) -> None:
    write_in(tmp_path / "payments")
    found = estate.read([str(tmp_path)], Options(account=SAID, local=local)).inventory
    assert accounts(found) == {"payments": SAID}


def test_a_provider_block_comes_before_both(tmp_path: Path) -> None:
    write(tmp_path / "payments/main.tf", FIXED)
    found = estate.read([str(tmp_path)], Options(account=SAID, local=local)).inventory
    assert accounts(found) == {"payments": "123456789012"}


def test_whom_either_trusts_is_trusted() -> None:
    said = Settings(trusted_accounts=frozenset({LOGS}))
    of_file = Settings(PAYMENTS, trusted_accounts=frozenset({SAID}))
    assert said.over(of_file) == Settings(PAYMENTS, trusted_accounts=frozenset({LOGS, SAID}))
