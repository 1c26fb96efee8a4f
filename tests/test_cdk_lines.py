"""The lines of the user's own program: which frames they are, and which files here."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from assemblies import KEY, SYNTHESISED, TRUTH, assembly, at, entry, read, stack, write

from grantlint.parsers.cdk import source_map
from grantlint.parsers.cdk.assembly import NO_LINES
from grantlint.parsers.cdk.source_map import Original
from grantlint.parsers.cdk.trace import Frame, Traces

# -- frames --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("new KmsGrant (/abs/dist/grant.js:53:9)", Frame("/abs/dist/grant.js", 53, 9)),
        ("<anonymous> (/abs/app.js:67:1)", Frame("/abs/app.js", 67, 1)),
        ("    at Object.<anonymous> (/abs/app.ts:8:1)", Frame("/abs/app.ts", 8, 1)),
        ("/abs/app.js:3:11", Frame("/abs/app.js", 3, 11)),
        ("grant [as make] (/abs/app.js:3:11)", Frame("/abs/app.js", 3, 11)),
        ("<anonymous> (file:///abs/app.mjs:3:9)", Frame("/abs/app.mjs", 3, 9)),
        (r"new Grant (C:\work\lib\grant.js:3:9)", Frame("/work/lib/grant.js", 3, 9)),
        ("new Grant (file:///C:/work/grant.mjs:3:9)", Frame("/work/grant.mjs", 3, 9)),
        ("new Page (/abs/(group)/[id]/page.ts:3:9)", Frame("/abs/(group)/[id]/page.ts", 3, 9)),
        ("new Grant (/abs/dist/../lib/a.ts:3:9)", Frame("/abs/lib/a.ts", 3, 9)),
        ("__init__ (/abs/app.py:11)", Frame("/abs/app.py", 11)),
        ("<module> (app.py:32)", Frame("app.py", 32)),
        ("MyStack.__init__ (/abs/my_stack.py:12:0)", Frame("/abs/my_stack.py", 12)),
        ("com.acme.App.<init> (App.java:34)", Frame("com/acme/App.java", 34)),
        ("com.acme.App$Inner.make (App.java:34)", Frame("com/acme/App.java", 34)),
        ("App.main (App.java:3)", Frame("App.java", 3)),
        (
            "Acme.AppStack..ctor(Construct scope, String id) in /src/AppStack.cs:line 12",
            Frame("/src/AppStack.cs", 12),
        ),
        ("main.NewAppStack (/src/app.go:23)", Frame("/src/app.go", 23)),
    ],
)
def test_a_frame_of_the_user_is_a_place(text: str, frame: Frame) -> None:
    assert Traces().user_frames([text]) == (frame,)


@pytest.mark.parametrize(
    "text",
    [
        "...new Key2 in aws-cdk-lib...",
        "...node internals...",
        ".../builds/node_modules/aws-cdk-lib/aws-efs/lib/efs.js:1:164 in aws-cdk-lib...",
        "(no user code in 10 frames, use --stack-trace-limit to capture more)",
        "stack traces disabled",
        "Array.forEach (:)",
        "Array.forEach (<anonymous>)",
        "async Promise.all (index 0)",
        "Module._compile (node:internal/modules/cjs/loader:1521:14)",
        "node:internal/main/run_main_module:28:49",
        "Module.load (internal/modules/cjs/loader.js:10:3)",
        "new Key (/builds/acme/tools/npm/node_modules/aws-cdk-lib/aws-kms/lib/key.js:1:1)",
        r"new Key (C:\work\node_modules\aws-cdk-lib\key.js:1:1)",
        "new Key (/work/.yarn/cache/aws-cdk-lib-npm-2.1.zip/node_modules/aws-cdk-lib/key.js:1:1)",
        "eval (eval at <anonymous> (/abs/app.js:1:1), <anonymous>:1:1)",
        "__init__ (/venv/lib/python3.11/site-packages/aws_cdk/__init__.py:11)",
        "run (/usr/lib/python3.11/runpy.py:80)",
        "software.amazon.awscdk.App.<init> (App.java:3)",
        "java.lang.reflect.Method.invoke (Method.java:5)",
        "main.New (/root/go/pkg/mod/github.com/aws/aws-cdk-go/awscdk/v2@v2.1/core.go:23)",
        "new Grant (/abs/app.js:0:9)",
        "new Grant (/abs/app.js:99999999999999999999:9)",
        "new Grant (/abs/app.js)",
        "",
        ":1:1",
    ],
)
def test_other_frames_are_not_the_users(text: str) -> None:
    assert Traces().user_frames([text]) == ()


@pytest.mark.parametrize(
    "before",
    [
        "App.synth (/builds/node_modules/aws-cdk-lib/core/lib/stage.js:1:2382)",
        "...App2.synth in aws-cdk-lib...",
    ],
)
def test_what_the_synthesis_made_has_no_line(before: str) -> None:
    assert Traces().user_frames([before, "<anonymous> (/abs/app.js:26:5)"]) == ()


# -- files ---------------------------------------------------------------------------------


def _lines(directory: Path, *trace: str) -> list[str]:
    """The lines of a construct with that trace, in an assembly `cdk.out` of a directory."""
    metadata = entry("/App/Key/Resource", "Key1", *trace)
    found = read(assembly(directory / "cdk.out", {"App": stack(metadata=metadata)}))
    lines = found.deployments[0].constructs["Key1"].lines
    return [f"{line}: {line.text}" for line in lines]


def test_a_file_is_found_by_the_longest_end_of_its_path(tmp_path: Path) -> None:
    write(tmp_path / "cdk.json", "{}")
    write(tmp_path / "lib/grant.ts", "one\n  two  \n")
    write(tmp_path / "grant.ts", "other\n")

    assert _lines(tmp_path, "new G (/builds/acme/infra/lib/grant.ts:2:5)") == [
        f"{tmp_path}/lib/grant.ts:2:5: o"
    ]
    assert _lines(tmp_path, "new G (/builds/acme/infra/lib/grant.ts:2)") == [
        f"{tmp_path}/lib/grant.ts:2:3: two"
    ]


def test_all_files_have_one_root(tmp_path: Path) -> None:
    """The second is not the file of that name here, and the third is in no checkout of ours."""
    write(tmp_path / "cdk.json", "{}")
    for name in ("bin/app.ts", "lib/stack.ts", "lib/grant.ts"):
        write(tmp_path / name, "one\n")
    trace = [
        "new A (/builds/acme/infra/lib/stack.ts:1:1)",
        "new B (/builds/other/lib/grant.ts:1:1)",
        "new C (/opt/shared/grant.ts:1:1)",
        "<anonymous> (/builds/acme/infra/bin/app.ts:1:1)",
    ]

    assert _lines(tmp_path, *trace) == [
        f"{tmp_path}/lib/stack.ts:1:1: one",
        f"{tmp_path}/bin/app.ts:1:1: one",
    ]


def test_a_file_beside_the_program_is_found_in_its_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / "infra/cdk.json", "{}")
    write(tmp_path / "infra/app.ts", "one\n")
    write(tmp_path / "packages/keys/grant.ts", "two\n")
    trace = [
        "new A (/builds/acme/packages/keys/grant.ts:1:1)",
        "<anonymous> (/builds/acme/infra/app.ts:1:1)",
    ]

    assert _lines(tmp_path / "infra", *trace) == [
        f"{tmp_path}/packages/keys/grant.ts:1:1: two",
        f"{tmp_path}/infra/app.ts:1:1: one",
    ]
    assert _lines(tmp_path / "infra", trace[0]) == [f"{tmp_path}/packages/keys/grant.ts:1:1: two"]


def test_nothing_outside_is_opened(tmp_path: Path) -> None:
    write(tmp_path / "secret.ts", "secret\n")
    program = tmp_path / "infra"
    write(program / "cdk.json", "{}")
    (program / "link.ts").symlink_to(tmp_path / "secret.ts")
    (program / "up").symlink_to(tmp_path)

    for file in ("secret.ts", "infra/../secret.ts", "link.ts", "up/secret.ts", str(tmp_path)[1:]):
        assert _lines(program, f"new A (/{file}:1:1)", f"new A ({file}:1:1)") == []
    assert _lines(program, f"new A ({tmp_path}/secret.ts:1:1)") == []


@pytest.mark.parametrize("place", ["2:1", "9:1", "3:1"])
def test_a_line_that_is_not_there_is_not_shown(tmp_path: Path, place: str) -> None:
    write(tmp_path / "cdk.json", "{}")
    write(tmp_path / "app.ts", "one\n  \n")

    assert _lines(tmp_path, f"new A (/builds/app.ts:{place})") == []


@pytest.mark.parametrize(("column", "shown"), [(1, 1), (4, 3), (6, 5), (99, 1)])
def test_columns_count_utf_16_units(tmp_path: Path, column: int, shown: int) -> None:
    write(tmp_path / "cdk.json", "{}")
    (tmp_path / "app.ts").write_text("a😀b new\n")

    (found,) = _lines(tmp_path, f"new A (/builds/app.ts:1:{column})")
    assert found.startswith(f"{tmp_path}/app.ts:1:{shown}: ")


def test_a_file_of_java_is_found_by_its_package(tmp_path: Path) -> None:
    write(tmp_path / "cdk.json", "{}")
    write(tmp_path / "src/main/java/com/acme/App.java", "one\ntwo\n")
    (found,) = _lines(tmp_path, "com.acme.App.<init> (App.java:2)")

    assert found == f"{tmp_path}/src/main/java/com/acme/App.java:2:1: two"


def test_paths_are_shown_as_the_assembly_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "infra/cdk.json", "{}")
    write(tmp_path / "infra/app.ts", "one\n")
    metadata = entry("/App/Key/Resource", "Key1", "<anonymous> (/builds/app.ts:1:1)")
    assembly(tmp_path / "infra/cdk.out", {"App": stack(metadata=metadata)})
    for directory, given, shown in (
        (tmp_path, "infra/cdk.out", "infra/app.ts"),
        (tmp_path / "infra", "./cdk.out", "app.ts"),
        (tmp_path / "infra/cdk.out", ".", "../app.ts"),
    ):
        monkeypatch.chdir(directory)
        (found,) = read(Path(given)).deployments
        assert found.constructs["Key1"].lines[0].path == shown
        assert found.source.path == (Path(given) / "App.template.json").as_posix()


# -- what versions record ------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.276.0", "2.170.0"])
def test_debugging_records_where_each_construct_is_made(version: str) -> None:
    found = read(SYNTHESISED / f"debug-{version}/cdk.out")
    constructs = found.deployments[0].constructs

    assert [line.text for line in constructs["Key961B73FD"].lines] == ["new kms.Key(s, 'Key');"]
    assert [line.line for line in constructs["GrantD7D271C4"].lines] == [4, 20]
    assert found.notes == ()


def test_what_is_set_later_has_its_own_line() -> None:
    (found, _) = read(SYNTHESISED / "debug-2.276.0/cdk.out").deployments
    (line,) = found.constructs["Raw"].assigned["KeyPolicy"]

    assert line.text == "raw.keyPolicy = { Version: '2012-10-17', Statement: [] };"


def test_a_warning_tells_where_a_grant_is_made_that_nothing_else_does() -> None:
    found = read(SYNTHESISED / "default-2.170.0/cdk.out")
    constructs = found.deployments[0].constructs

    assert [line.line for line in constructs["GrantD7D271C4"].lines] == [4, 20]
    assert constructs["Key961B73FD"].lines == ()
    assert [note.reason for note in found.notes] == [NO_LINES]


def test_python_without_debugging_has_one_hint() -> None:
    found = read(TRUTH / "18-py-grants/cdk.out")

    assert [note.reason for note in found.notes] == [NO_LINES]
    assert {one.lines for one in found.deployments[0].constructs.values()} == {()}


def test_a_program_that_is_elsewhere_is_noted(tmp_path: Path) -> None:
    metadata = entry("/App/Key/Resource", "Key1", "new A (/builds/acme/app.ts:1:1)")
    found = read(assembly(tmp_path / "cdk.out", {"App": stack(metadata=metadata)}))

    assert [note.reason for note in found.notes] == [
        "the files of the CDK program are not in this checkout (/builds/acme/app.ts)"
    ]


def test_an_assembly_without_anything_of_kms_has_no_hint(tmp_path: Path) -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}}
    assert read(assembly(tmp_path / "a", {"App": stack()}, resources)).notes == ()
    resources = {"Key1": KEY}
    assert len(read(assembly(tmp_path / "b", {"App": stack()}, resources)).notes) == 1


# -- source maps ---------------------------------------------------------------------------

GRANT_MAP = TRUTH / "17-ts/dist/grant.js.map"


@pytest.mark.parametrize(
    ("line", "column", "original"),
    [
        (53, 9, Original("../src/grant.ts", 26, 5)),
        (53, 0, Original("../src/grant.ts", 26, 5)),
        (1, 1, None),
        (0, 1, None),
        (9999, 1, None),
    ],
)
def test_a_map_leads_to_the_source(line: int, column: int, original: Original | None) -> None:
    found = source_map.read(GRANT_MAP.read_bytes())

    assert found is not None
    assert found.original(line, column) == original


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"mappings": 3, "sources": []}',
        b'{"mappings": "AAAA", "sources": [null]}',
        b'{"version": 3, "sections": []}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_map_is_none(data: bytes) -> None:
    assert source_map.read(data) is None


@pytest.mark.parametrize("mappings", ["!!!", "ggggggggggggggggggggggg", "DDDD", "AAgg", ";;,,;"])
def test_a_broken_map_leads_nowhere(mappings: str) -> None:
    data = json.dumps({"mappings": mappings, "sources": ["a.ts"]}).encode()
    found = source_map.read(data)

    assert found is not None
    assert found.original(1, 1) is None


def _typescript(directory: Path, name: str = "../src/app.ts", root: str = "") -> str:
    """A program whose dist/app.js:1 is src/app.ts:2; the text of its map."""
    write(directory / "cdk.json", "{}")
    write(directory / "src/app.ts", "one\ntwo\n")
    write(directory / "dist/app.js", "generated\n")
    return json.dumps({"version": 3, "sourceRoot": root, "sources": [name], "mappings": "AACA"})


FRAME = "new A (/builds/infra/dist/app.js:1:1)"


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("../src/app.ts", ""),
        ("app.ts", "../src"),
        ("/builds/infra/src/app.ts", ""),
        ("file:///builds/infra/src/app.ts", ""),
        ("webpack://infra/./src/app.ts", ""),
    ],
)
def test_a_map_beside_is_followed(tmp_path: Path, name: str, root: str) -> None:
    write(tmp_path / "dist/app.js.map", _typescript(tmp_path, name, root))

    assert _lines(tmp_path, FRAME) == [f"{tmp_path}/src/app.ts:2:1: two"]


@pytest.mark.parametrize("kind", ["named", "base64", "plain"])
def test_a_map_is_where_the_program_says(tmp_path: Path, kind: str) -> None:
    text = _typescript(tmp_path)
    write(tmp_path / "dist/maps/a.map", text.replace("../src", "../../src"))
    url = {
        "named": "maps/a.map",
        "base64": "data:application/json;charset=utf-8;base64,"
        + base64.b64encode(text.encode()).decode(),
        "plain": "data:application/json," + text.replace(" ", ""),
    }[kind]
    write(tmp_path / "dist/app.js", f"generated\n//# sourceMappingURL={url}\n")

    assert _lines(tmp_path, FRAME) == [f"{tmp_path}/src/app.ts:2:1: two"]


@pytest.mark.parametrize("name", ["../../secret.ts", "../src/gone.ts", "../src/link.ts"])
def test_a_map_leads_nowhere_outside(tmp_path: Path, name: str) -> None:
    program = tmp_path / "infra"
    write(program / "dist/app.js.map", _typescript(program, name))
    write(tmp_path / "secret.ts", "one\nsecret\n")
    (program / "src/link.ts").symlink_to(tmp_path / "secret.ts")

    assert _lines(program, FRAME) == [f"{program}/dist/app.js:1:1: generated"]


def test_without_its_source_the_generated_line_is_shown() -> None:
    found = at(read(TRUTH / "17-ts/cdk.out"), "TsStack.template.json")

    assert {Path(line.path).suffix for line in found.constructs["Raw"].lines} == {".ts"}
