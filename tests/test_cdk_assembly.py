"""Assemblies of the CDK: which stacks there are, where they are deployed, what made them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from assemblies import (
    KEY,
    SYNTHESISED,
    TRUTH,
    assembly,
    at,
    entry,
    every,
    read,
    stack,
    stage,
    write,
)

from grantlint.parsers.cdk.assembly import is_assembly, provider
from grantlint.parsers.cdk.program import output, unsynthesised
from grantlint.parsers.cloudformation.cross_region import exports
from grantlint.parsers.settings import Options
from grantlint.value import Value, object_, string, unknown

EXPECTED = json.loads((TRUTH / "expected-grants.json").read_text())
RESOURCES = [
    pytest.param(app, one, id=f"{app}:{one['lid']}:{one['phase']}")
    for app, found in EXPECTED.items()
    for one in found
]


# -- real programs -------------------------------------------------------------------------


@pytest.mark.parametrize(("app", "expected"), RESOURCES)
def test_every_recorded_resource_has_its_construct_and_environment(
    app: str, expected: dict[str, str]
) -> None:
    found = at(read(TRUTH / app), f"{app}/{expected['template']}")
    path = found.constructs[expected["lid"]].path
    account, region = expected["env"].removeprefix("aws://").split("/")

    assert f"{path}/Resource/Default" == expected["path"] or (
        f"{path}/Default/Resource/Default" == expected["path"]
    )
    assert found.provider.account.text == (None if account == "unknown-account" else account)
    assert found.provider.region.text == (None if region == "unknown-region" else region)


@pytest.mark.parametrize(
    ("app", "expected"), [one for one in RESOURCES if "17-ts" not in str(one.id)]
)
def test_every_recorded_resource_has_its_line(app: str, expected: dict[str, str | None]) -> None:
    found = at(read(TRUTH / app), f"{app}/{expected['template']}")
    lines = found.constructs[str(expected["lid"])].lines
    source = expected["src"]

    if source is None:
        assert lines == ()
    else:
        file, _, line = source.removeprefix("/builds/acme/infra/").rpartition(":")
        assert (lines[0].path, lines[0].line) == (str(TRUTH / file), int(line))


@pytest.mark.parametrize("app", sorted(EXPECTED))
def test_nothing_is_wrong_with_a_real_assembly(app: str) -> None:
    found = read(TRUTH / app)

    assert found.problems == ()
    assert all(one.kind == "cdk" and one.applied for one in every(found.deployments))
    assert len(found.files) == len(set(found.files))
    templates = {Path(path) for path in (TRUTH / app).rglob("*.template.json")}
    assert {Path(one.source.path) for one in every(found.deployments)} == templates


def test_typescript_is_shown_where_a_source_map_leads_to_it() -> None:
    found = at(read(TRUTH / "17-ts/cdk.out"), "TsStack.template.json")
    lines = found.constructs["GrantoneC6102926"].lines

    assert [f"{Path(line.path).name}:{line.line}:{line.column}" for line in lines] == [
        "grant.ts:26:5",
        "app.ts:25:7",
        "app.ts:34:1",
    ]
    assert lines[1].text == "new KmsGrant(this, `Grant-${name}`, {"


def test_stages_are_read_to_any_depth() -> None:
    found = read(TRUTH / "08-stages/cdk.out")
    named = {one.stack: one.provider.account.text for one in found.deployments}

    assert named == {
        "TopLevel": None,
        "Dev-Keys": "111111111111",
        "Dev-App": "111111111111",
        "Prod-Keys": "222222222222",
        "Prod-App": "222222222222",
        "Outer-Inner-Keys": None,
        "Outer-Inner-App": None,
    }


def test_nested_stacks_are_inside_their_stack() -> None:
    (parent,) = read(TRUTH / "07-nested/cdk.out").deployments
    second = parent.nested["Nested2NestedStackNested2NestedStackResource877A1112"]
    deeper = second.nested["DeeperNestedStackDeeperNestedStackResource02A56DA5"]

    assert len(parent.nested) == 2
    assert deeper.constructs["GrantD7D271C4"].path == "Parent/Nested2/Deeper/Grant"
    assert deeper.stack is None


@pytest.mark.parametrize("version", ["debug-2.276.0", "debug-2.170.0", "default-2.170.0"])
def test_other_versions_of_the_library_tell_the_same(version: str) -> None:
    found = read(SYNTHESISED / version / "cdk.out")
    (generated, keys) = found.deployments
    nested = at(found, "GenNestedBAFF2E2B.nested.template.json")
    staged = at(found, "DevKeysNested32AE6B8F.nested.template.json")

    assert found.problems == ()
    assert (keys.stack, keys.provider.region.text) == ("dev-keys", "eu-west-1")
    assert generated.constructs["Key961B73FD"].path == "Gen/Key"
    for one, path in ((nested, "Gen/Nested/Grant"), (staged, "Dev/Keys/Nested/Grant")):
        construct = one.constructs["GrantD7D271C4"]
        assert construct.path == path
        assert [line.line for line in construct.lines][:2] == [4, 12]


@pytest.mark.parametrize("tie", ["aws:asset:path", "assets", "templateFile"])
def test_any_one_tie_finds_a_nested_template(tmp_path: Path, tie: str) -> None:
    """The others are taken away, as --no-asset-metadata and older versions do."""
    for file in (TRUTH / "07-nested/cdk.out").iterdir():
        if file.is_file():
            text = file.read_text()
            if tie != "aws:asset:path":
                text = text.replace('"aws:asset:path"', '"gone"')
            if tie != "assets" and file.name.endswith(".assets.json"):
                text = "{}"
            if tie != "templateFile":
                text = text.replace('"aws:cdk:templateFile"', '"gone"')
            (tmp_path / file.name).write_text(text)
    nested = at(read(tmp_path), "ParentNested2Deeper87ACC08E.nested.template.json")

    assert nested.constructs["GrantD7D271C4"].path == "Parent/Nested2/Deeper/Grant"


# -- what constructs are called ------------------------------------------------------------


def test_two_constructs_are_never_shown_alike(tmp_path: Path) -> None:
    metadata = entry("/App/A/Resource", "First") | entry("/App/A/Default", "Second")
    metadata |= entry("/App/Resource", "Third") | entry("/App/B/Default/Resource", "Fourth")
    resources = dict.fromkeys(("First", "Second", "Third", "Fourth", "Fifth"), KEY)
    directory = assembly(tmp_path, {"App": stack(metadata=metadata)}, resources)
    (found,) = read(directory).deployments

    assert {id: one.path for id, one in found.constructs.items()} == {
        "First": "App/A/Resource",
        "Second": "App/A/Default",
        "Third": "App/Resource",
        "Fourth": "App/B",
    }


def test_the_template_tells_the_path_where_the_metadata_does_not(tmp_path: Path) -> None:
    resources = {"Key1": KEY | {"Metadata": {"aws:cdk:path": "App/Mine/Resource"}}}
    (found,) = read(assembly(tmp_path, {"App": stack()}, resources)).deployments

    assert found.constructs["Key1"].path == "App/Mine"


# -- where it is deployed ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "account", "region", "partition"),
    [
        ("aws://111122223333/us-east-1", "111122223333", "us-east-1", "aws"),
        ("aws://111122223333/cn-north-1", "111122223333", "cn-north-1", "aws-cn"),
        ("aws://111122223333/unknown-region", "111122223333", None, None),
        ("aws://unknown-account/us-gov-west-1", None, "us-gov-west-1", "aws-us-gov"),
        ("aws://unknown-account/unknown-region", None, None, None),
        ("aws://${Token[AWS.AccountId.4]}/eu-west-1", None, "eu-west-1", "aws"),
        ("", None, None, None),
    ],
)
def test_an_environment_is_where_a_stack_is_deployed(
    environment: str, account: str | None, region: str | None, partition: str | None
) -> None:
    found = provider(environment, Options())

    assert (found.account.text, found.region.text, found.partition.text) == (
        account,
        region,
        partition,
    )


def test_the_user_says_what_the_environment_leaves_open() -> None:
    options = Options(account="999988887777", region="eu-west-1")

    assert provider("aws://unknown-account/us-east-1", options).account.text == "999988887777"
    assert provider("aws://111122223333/us-east-1", options).account.text == "111122223333"
    assert provider("aws://unknown-account/unknown-region", options).region.text == "eu-west-1"


@pytest.mark.parametrize("version", ["5.0.0", "55.0.0", "999.0.0", None, 7])
def test_no_version_of_the_manifest_is_refused(tmp_path: Path, version: object) -> None:
    directory = assembly(tmp_path, {"App": stack()}, version=version)

    assert len(read(directory).deployments) == 1


def test_parameters_of_the_manifest_are_given(tmp_path: Path) -> None:
    properties = {
        "templateFile": "App.template.json",
        "stackName": "prod-app",
        "parameters": {"Admin": "arn:aws:iam::111122223333:role/Admin", "Odd": 1},
    }
    (found,) = read(assembly(tmp_path, {"App": stack(properties=properties)})).deployments

    assert found.stack == "prod-app"
    assert dict(found.parameters) == {"Admin": "arn:aws:iam::111122223333:role/Admin"}


# -- bad input -----------------------------------------------------------------------------


def test_what_the_manifest_does_not_name_is_not_read(tmp_path: Path) -> None:
    directory = assembly(tmp_path, {"App": stack()})
    write(directory / "Old.template.json", {"Resources": {"Key": KEY}})
    assembly(directory / "assembly-Old", {"App": stack()})

    assert [one.source.path for one in read(directory).deployments] == [
        str(directory / "App.template.json")
    ]


@pytest.mark.parametrize(
    ("artifact", "message"),
    [
        (stack("gone.template.json"), "there is no such file"),
        (stack("../App.template.json"), '"../App.template.json" lies outside of the assembly'),
        (stack("/etc/hostname"), '"/etc/hostname" lies outside of the assembly'),
        (stack("link.template.json"), '"link.template.json" lies outside of the assembly'),
        (stack("a\0b"), "lies outside of the assembly"),
        (stack("."), "is not a regular file"),
        (stack(properties={}), 'the stack "Bad" names no template'),
        (stack(properties={"templateFile": ["x"]}), 'the stack "Bad" names no template'),
        (stage("a" * 5000), "there is no directory"),
        (stack("a" * 5000), "there is no such file"),
        (stage("assembly-gone"), 'there is no directory "assembly-gone" here'),
        (stage("."), '"." is an assembly that is read already'),
        (stage(".."), '".." lies outside of the assembly'),
        (stage("/"), '"/" lies outside of the assembly'),
        (stage(None), 'the stage "Bad" names no directory'),
        ("no object", 'the artifact "Bad" is no object'),
    ],
)
def test_a_manifest_that_leads_astray_is_told_at_its_place(
    tmp_path: Path, artifact: object, message: str
) -> None:
    directory = tmp_path / "cdk.out"
    write(tmp_path / "App.template.json", {"Resources": {}})
    assembly(directory, {"Bad": artifact, "App": stack()})
    (directory / "link.template.json").symlink_to(tmp_path / "App.template.json")
    (directory / "loop.template.json").symlink_to("loop.template.json")
    found = read(directory)

    (problem,) = found.problems
    assert len(problem.message) < 300
    assert message in problem.message
    assert problem.span.path == str(directory / "manifest.json")
    assert problem.span.line > 2
    assert [one.stack for one in found.deployments] == ["App"]


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{", "is no JSON: a key was expected, the end of the file was found"),
        ("[]", "a manifest is an object that has its artifacts by name"),
        ('{"artifacts": []}', "a manifest is an object that has its artifacts by name"),
        ('{"artifacts": ' + "[" * 100_000 + "]" * 100_000 + "}", "is nested too deep"),
        ("", "is no JSON"),
    ],
)
def test_a_broken_manifest_is_a_problem(tmp_path: Path, manifest: str, message: str) -> None:
    write(assembly(tmp_path, {}) / "manifest.json", manifest)
    found = read(tmp_path)

    assert [one.message for one in found.problems if one.message.startswith(message)]
    assert found.deployments == ()


def test_bytes_that_are_no_text_are_a_problem(tmp_path: Path) -> None:
    (assembly(tmp_path, {}) / "manifest.json").write_bytes(b'{"artifacts": "\xff"}')
    (problem,) = read(tmp_path).problems

    assert (problem.message, problem.span.column) == ("is not UTF-8", 16)


def test_an_absolute_path_is_of_another_machine(tmp_path: Path) -> None:
    directory = assembly(tmp_path, {"App": stack(str(tmp_path / "App.template.json"))})

    assert read(directory).deployments == ()


def test_a_broken_stage_leaves_the_others(tmp_path: Path) -> None:
    assembly(tmp_path, {"Bad": stage("bad"), "Good": stage("good")})
    assembly(tmp_path / "good", {"App": stack(), "Up": stage("..")})
    write(assembly(tmp_path / "bad", {}) / "manifest.json", "{")
    found = read(tmp_path)

    assert [one.source.path for one in found.deployments] == [
        str(tmp_path / "good/App.template.json")
    ]
    assert [one.span.path for one in found.problems] == [
        str(tmp_path / "bad/manifest.json"),
        str(tmp_path / "good/manifest.json"),
    ]


def test_missing_metadata_is_noted_and_the_stack_judged(tmp_path: Path) -> None:
    found = read(assembly(tmp_path, {"App": stack(additionalMetadataFile="App.metadata.json")}))

    assert len(found.deployments) == 1
    assert found.problems == ()
    assert found.notes[0].reason == (
        'constructs have no lines: "App.metadata.json": there is no such file'
    )


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        {"/App/Key/Resource": None},
        {"/App/Key/Resource": [1, {"type": 7}, {"type": "aws:cdk:logicalId", "data": {}}]},
        {"": [{"type": "aws:cdk:templateFile", "data": 3}]},
        {"/App/Key": [{"type": "aws:cdk:creationStack", "data": {"stackTrace": 1}}]},
    ],
)
def test_odd_metadata_tells_nothing(tmp_path: Path, metadata: object) -> None:
    (found,) = read(assembly(tmp_path, {"App": stack(metadata=metadata)})).deployments

    assert dict(found.constructs) == {}


def test_nested_stacks_that_lead_back_are_told(tmp_path: Path) -> None:
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {"aws:asset:path": "App.template.json"},
    }
    found = read(assembly(tmp_path, {"App": stack()}, {"Self": nested, "Key1": KEY}))

    assert [one.message for one in found.problems] == [
        "is not read again: nested stacks lead back to it"
    ]
    assert len(list(every(found.deployments))) == 1


# -- bounds --------------------------------------------------------------------------------


def test_five_hundred_stages_are_read(tmp_path: Path) -> None:
    assembly(tmp_path, {f"S{one}": stage(f"assembly-S{one}") for one in range(500)})
    for one in range(500):
        assembly(tmp_path / f"assembly-S{one}", {"App": stack()})
    started = time.process_time()
    found = read(tmp_path)

    assert len(found.deployments) == 500
    assert time.process_time() - started < 5


def test_stages_inside_one_another_end_somewhere(tmp_path: Path) -> None:
    directory = tmp_path
    for _ in range(130):
        assembly(directory, {"App": stack(), "S": stage("s")})
        directory /= "s"
    assembly(directory, {})
    found = read(tmp_path)

    assert len(found.deployments) == 101
    assert [one.message for one in found.problems] == ["stages deeper than 100 are not read"]


def test_a_manifest_of_50_mb_is_read_in_bounded_time(tmp_path: Path) -> None:
    trace = ["new Key (/builds/acme/node_modules/aws-cdk-lib/aws-kms/lib/key.js:1:10152)"] * 20
    metadata = {
        f"/App/Key{one}/Resource": [
            {"type": "aws:cdk:logicalId", "data": f"Key{one}", "trace": trace}
        ]
        for one in range(32_000)
    }
    assembly(tmp_path, {"App": stack(metadata=metadata)})
    assert (tmp_path / "manifest.json").stat().st_size > 50_000_000
    started = time.process_time()
    (found,) = read(tmp_path).deployments

    assert found.constructs["Key1"].path == "App/Key1"
    assert time.process_time() - started < 10


# -- what is an assembly -------------------------------------------------------------------


def test_an_assembly_is_known_by_its_files(tmp_path: Path) -> None:
    directory = assembly(tmp_path / "cdk.out", {"App": stack()})
    assert is_assembly(directory)
    (directory / "cdk.out").unlink()
    assert is_assembly(directory)
    write(directory / "manifest.json", {"version": "0.21.0", "stacks": {}})
    assert not is_assembly(directory)
    assert not is_assembly(tmp_path)
    assert not is_assembly(TRUTH / "30-cdktf/cdktf.out")


def test_a_program_without_its_assembly_is_noted(tmp_path: Path) -> None:
    assert unsynthesised(tmp_path) is None
    write(tmp_path / "cdk.json", {"app": "node app.js"})
    note = unsynthesised(tmp_path)
    assert note is not None
    assert note.reason == (
        "a CDK program is judged by its assembly, and cdk.out is not here: run `cdk synth`"
    )
    assembly(tmp_path / "cdk.out", {})
    assert unsynthesised(tmp_path) is None


def test_the_output_of_a_program_may_have_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "CDK_OUTDIR", "elsewhere")
    write(tmp_path / "cdk.json", {"app": "node app.js", "output": "build/assembly"})
    assembly(tmp_path / "cdk.out", {})

    assert output(tmp_path) == "build/assembly"
    assert unsynthesised(tmp_path) is not None
    assembly(tmp_path / "build/assembly", {})
    assert unsynthesised(tmp_path) is None


# -- values of other regions ---------------------------------------------------------------


def _written(**named: Value) -> Value:
    return object_({"WriterProps": object_({"exports": object_(named)})})


def test_what_is_exported_to_another_region_is_known_by_name() -> None:
    writer = "Custom::CrossRegionExportWriter"
    hidden = unknown("known after apply")
    found = exports(
        [
            ("Writer1", writer, _written(a=string("x"), b=hidden, c=string("1"))),
            ("Writer2", writer, _written(a=string("x"), c=string("2"))),
            ("Other", "Custom::Mine", _written(d=string("x"))),
            ("Odd", writer, object_({"WriterProps": unknown("x")})),
            ("Odder", writer, unknown("x")),
        ]
    )

    assert found == {"a": string("x"), "b": hidden}
