"""What cdktf and cdktn synthesise, judged as the Terraform that it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.model import Grant, Inventory, Note
from grantlint.model.json import value_json
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import cdktf, estate

TRUTH = Path(__file__).parents[1] / "fixtures/truth/cdk"
SYNTHESISED = ("30-cdktf/cdktf.out", "30-cdktf/cdktf.hcl")
GRANTS = {
    "keys/grant": (["CreateGrant", "Decrypt"], ["aws_kms_grant.grant"]),
    "keys/grant2": (["Decrypt"], ["aws_kms_grant.grant2[0]", "aws_kms_grant.grant2[1]"]),
    "keys/grant3": (
        ["Decrypt"],
        [f'aws_kms_grant.grant3["arn:aws:iam::111122223333:role/{one}"]' for one in "ab"],
    ),
    "keys/ovr": (["Decrypt", "Encrypt"], ["aws_kms_grant.renamed_grant"]),
    "use/x": (["Decrypt"], ["aws_kms_grant.x"]),
}
"""Of fixtures/truth/cdk/30-cdktf/app.js: each construct, its operations, its grants."""


def read(*names: str) -> Inventory:
    found = estate.read([str(TRUTH / name) for name in names], Options())
    assert not found.unreadable
    return found.inventory


def of_construct(inventory: Inventory, path: str) -> list[Grant]:
    return [one for one in inventory.grants if one.construct and one.construct.path == path]


@pytest.mark.parametrize("output", SYNTHESISED)
def test_every_grant_is_found_once_under_its_construct(output: str) -> None:
    inventory = read(output)
    for path, (operations, addresses) in GRANTS.items():
        found = of_construct(inventory, path)
        assert [one.address for one in found] == addresses
        assert [value_json(one.operations) for one in found] == [operations] * len(found)
    assert len(inventory.grants) == sum(len(addresses) for _, addresses in GRANTS.values())
    assert not inventory.notes


@pytest.mark.parametrize("output", SYNTHESISED)
def test_keys_have_their_policies(output: str) -> None:
    policies = {
        one.construct.path: value_json(one.policy.document)
        for one in read(output).keys
        if one.construct is not None
    }
    assert policies.keys() == {"keys/key", "keys/inline"}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    assert policies["keys/inline"] == {"Version": "2012-10-17", "Statement": [statement]}


def test_a_default_is_what_is_applied() -> None:
    """A stack is a root module that is deployed as it stands."""
    report = check(
        [str(TRUTH / "30-cdktf/cdktf.out")], Options(), Terms(Selection(("account-grantee",)))
    )
    assert {one.certain for one in report.findings} == {True}
    assert [one.span.line for one in report.findings] == [158, 158]


def test_one_stack_s_grant_is_for_another_one_s_key() -> None:
    """Each output directory by itself, although both keep their states in the same files."""
    inventory = read(*SYNTHESISED)
    grants = {one.root: one for one in of_construct(inventory, "use/x")}
    for output in SYNTHESISED:
        grant = grants[str(TRUTH / output / "stacks/use")]
        root = str(TRUTH / output / "stacks/keys")
        (key,) = (one for one in inventory.keys if one.root == root and "key.key" in one.address)
        assert grant.key.address.text == f"aws_kms_key.key in {root}"
        assert (grant.key.spec.text, grant.key.usage.text) == (key.spec.text, key.usage.text)
        assert f"aws_kms_grant.x in {TRUTH / output / 'stacks/use'}" in key.grants
        assert grant.grantee.kind.text == "role"
        assert grant.who == f"aws_iam_role.role in {root}"


@pytest.mark.parametrize(
    "output",
    [f"32-cdktf-backends/{one}" for one in ("cloud.out", "remote.out", "cloud.hcl", "local.hcl")],
)
def test_stacks_find_each_other_by_every_backend(output: str) -> None:
    inventory = read(output)
    (grant,) = of_construct(inventory, "use/x")
    (key,) = inventory.keys
    assert grant.key.address.text == f"aws_kms_key.key in {TRUTH / output}/stacks/keys"
    assert key.construct is not None
    assert key.construct.path == "keys/key"


def test_what_a_module_makes_is_its_call_s_construct(tmp_path: Path) -> None:
    call = {"source": "./m", "//": {"metadata": {"path": "stack/part", "uniqueId": "part"}}}
    (tmp_path / "cdk.tf.json").write_text(json.dumps({"module": {"part": call}}))
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text('resource "aws_kms_key" "k" {}\n')
    (key,) = estate.read([str(tmp_path)], Options()).inventory.keys
    assert key.construct is not None
    assert key.construct.path == "stack/part"


@pytest.mark.parametrize("comment", ['"made by hand"', "[1]", '{"metadata": "x"}', "null", "{}"])
def test_a_comment_of_another_kind_names_no_construct(tmp_path: Path, comment: str) -> None:
    block = '"aws_kms_key": {"k": {"//": ' + comment + "}}"
    (tmp_path / "main.tf.json").write_text('{"resource": {' + block + "}}")
    found = estate.read([str(tmp_path)], Options())
    assert [one.construct for one in found.inventory.keys] == [None]
    assert not found.unreadable


def test_json_in_another_tf_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('{"resource": {"aws_kms_key": {"k": {}}}}')
    found = estate.read([str(tmp_path)], Options())
    assert [one.span.path for one in found.unreadable] == [str(tmp_path / "main.tf")]


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        ('{"stacks": {"a": {"workingDirectory": "stacks/a"}}}', "a"),
        ('{"stacks": {"a": {"workingDirectory": "stacks\\\\a"}}}', "a"),
        ('{"stacks": {"b": {"workingDirectory": "stacks/b"}}}', None),
        ('{"stacks": {"a": 1}}', None),
        ('{"stacks": []}', None),
        ("[]", None),
        ("{", None),
        ("\xff", None),
        ("[" * 100_000, None),
    ],
)
def test_a_stack_is_what_the_manifest_names(
    tmp_path: Path, manifest: str, name: str | None
) -> None:
    (tmp_path / "stacks/a").mkdir(parents=True)
    (tmp_path / "manifest.json").write_text(manifest, encoding="latin-1")
    assert cdktf.stack(tmp_path / "stacks/a") == name
    assert cdktf.assembly(tmp_path / "stacks/a") == (tmp_path if name else None)


# -- a program without its output ----------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "settings", "output", "said"),
    [
        ("cdktf.json", "{}", None, "cdktf.json has no output in cdktf.out: run `cdktf synth`"),
        ("cdktn.json", "{}", None, "cdktn.json has no output in cdktn.out: run `cdktn synth`"),
        (
            "cdktf.json",
            '{"output": "build"}',
            None,
            "cdktf.json has no output in build: run `cdktf synth`",
        ),
        ("cdktf.json", "{", None, "cdktf.json has no output in cdktf.out: run `cdktf synth`"),
        ("cdktf.json", "{}", "cdktf.out", None),
        ("cdktf.json", "{}", "cdktn.out", None),
        ("cdktf.json", '{"output": "build"}', "build", None),
        ("package.json", "{}", None, None),
    ],
)
def test_a_program_without_output_is_told(
    tmp_path: Path, program: str, settings: str, output: str | None, said: str | None
) -> None:
    (tmp_path / program).write_text(settings)
    if output is not None:
        shutil.copytree(TRUTH / SYNTHESISED[0], tmp_path / output)
    note = cdktf.unsynthesised(tmp_path)
    assert (note.reason if isinstance(note, Note) else None) == said
