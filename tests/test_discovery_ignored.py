"""What of a repository is looked at: what git does not ignore, as git itself says it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.parsers.walk import Walk

GRANT = """\
resource "aws_kms_grant" "{0}" {{
  key_id            = "alias/{0}"
  grantee_principal = "arn:aws:iam::111122223333:role/{0}"
  operations        = ["GenerateDataKey"]
}}
"""
MANIFEST = '{"version": "55.0.0", "artifacts": {"S": {"type": "aws:cloudformation:stack"}}}'

Lay = Callable[..., Path]


def git(*arguments: str, cwd: Path) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lay:
    """Write files and go where they are; with `repository` git knows of them."""

    def write(files: dict[str, str], *, repository: bool = True) -> Path:
        if repository:
            git("init", "-q", "-b", "main", cwd=tmp_path)
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write


def kept(start: str = ".") -> set[str]:
    """The files that are looked at."""
    return {
        Path(folder.path, name).as_posix()
        for folder in Walk().folders(Path(start))
        for name in folder.files
        if folder.keeps(name)
    }


def files(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "x")


PATTERNS = {
    "a name": ("out\n", ["out", "a/out/x", "output"]),
    "a directory": ("build/\n", ["build/x", "a/build/y", "a/b/build"]),
    "anchored": ("/dist\na/b\n", ["dist", "a/dist", "a/b", "c/a/b"]),
    "wildcards": ("*.json\n[xy].yaml\nt?m\n", ["a.json", "a/b.json", "x.yaml", "z.yaml", "tom"]),
    "what is not ignored": ("*.json\n!keep.json\n", ["a.json", "keep.json", "a/keep.json"]),
    "not below an ignored directory": ("gen/\n!gen/keep\n", ["gen/keep", "gen/x"]),
    "all but": ("/*\n!/infra\n/infra/*\n!/infra/a\n", ["x", "infra/a/b", "infra/c"]),
    "double stars": ("**/tmp/**\na/**/z\n", ["tmp/x", "b/tmp/x", "a/z", "a/b/c/z", "b/z"]),
    "comments and blanks": ("# x\n\\#x\n  \nend \nin\\ side\n", ["# x", "#x", "end", "in side"]),
    "Windows line ends": ("out\r\nbuild/\r\n", ["out", "build/x", "y"]),
    "no patterns": ("[z-a]\n/\n!\n\\\nout\n", ["out", "x"]),
    "case": ("Out\n", ["out", "Out2"]),
}


@pytest.mark.parametrize(("patterns", "names"), PATTERNS.values(), ids=PATTERNS)
def test_the_files_are_those_that_git_would_add(lay: Lay, patterns: str, names: list[str]) -> None:
    top = lay({".gitignore": patterns, **files(*names)})
    added = git("ls-files", "-z", "--others", "--exclude-standard", cwd=top).split("\0")
    assert kept() == {name for name in added if name}


NESTED = {
    ".gitignore": "*.json\nlogs/\n",
    "a/.gitignore": "!keep.json\n/own\n*.yaml\n",
    "a/b/.gitignore": "!x.yaml\nkeep.json\n",
    **files("x.json", "a/keep.json", "a/own", "a/b/own", "a/x.yaml", "a/b/x.yaml"),
    **files("a/b/keep.json", "a/logs/x", "logs/y", "a/c/keep.json", "own", "x.yaml"),
}


def test_the_nearest_gitignore_decides(lay: Lay) -> None:
    top = lay(NESTED)
    added = git("ls-files", "-z", "--others", "--exclude-standard", cwd=top).split("\0")
    assert kept() == {name for name in added if name}
    assert "a/keep.json" in kept()


def test_patterns_above_the_given_path_count(lay: Lay) -> None:
    lay(NESTED)
    assert kept("a/b") == {name for name in kept() if name.startswith("a/b/")}


def test_the_repositorys_own_exclusions_count(lay: Lay) -> None:
    top = lay(files("private/x", "y"))
    (top / ".git/info/exclude").write_text("private/\n", encoding="utf-8")
    assert kept() == {"y"}


def test_the_exclusions_count_in_a_worktree_too(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    top = lay({"y": "x"})
    (top / ".git/info/exclude").write_text("private/\n", encoding="utf-8")
    git("add", "y", cwd=top)
    git("commit", "-qm", "y", cwd=top)
    git("worktree", "add", "-q", "../other", cwd=top)
    other = top.parent / "other"
    (other / "private").mkdir()
    (other / "private/x").write_text("x", encoding="utf-8")
    monkeypatch.chdir(other)
    assert kept() == {".git", "y"}


def test_a_repository_in_another_has_only_its_own_patterns(lay: Lay) -> None:
    top = lay({".gitignore": "*.yaml\n", **files("a.yaml", "sub/a.yaml", "sub/a.json")})
    git("init", "-q", cwd=top / "sub")
    (top / "sub/.gitignore").write_text("*.json\n", encoding="utf-8")
    assert kept() == {".gitignore", "sub/.gitignore", "sub/a.yaml"}


def test_without_git_the_patterns_at_and_below_the_path_count(lay: Lay) -> None:
    lay(
        {".gitignore": "a\n", "in/.gitignore": "b\n", **files("in/a", "in/b", "in/c/b")},
        repository=False,
    )
    assert kept("in") == {"in/.gitignore", "in/a"}


def test_an_ignored_directory_is_looked_at_where_it_is_asked_for(lay: Lay) -> None:
    lay({".gitignore": "gen/\n*.json\n", "gen/.gitignore": "*.txt\n", **files("gen/a.json")})
    assert kept("gen") == {"gen/.gitignore", "gen/a.json"}


def test_hidden_and_installed_directories_are_left_out(lay: Lay) -> None:
    lay(files("node_modules/x", ".terraform/x", "venv/x", ".venv/x", "__pycache__/x", "a/x"))
    assert kept() == {"a/x"}


def test_links_to_directories_are_not_followed_and_circles_end(lay: Lay) -> None:
    top = lay(files("a/x"))
    (top / "link").symlink_to("a")
    (top / "circle").symlink_to("circle")
    (top / "a/up").symlink_to("..")
    assert kept() == {"a/x", "circle"}


# -- what programs write -------------------------------------------------------------------


def assemblies(start: str = ".") -> set[str]:
    return {folder.path for folder in Walk().folders(Path(start)) if folder.is_assembly}


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ('{"app": "node app.js"}', "cdk.out"),
        ('{"output": "build/cdk"}', "build/cdk"),
        ('{"output": ".cdk/out"}', ".cdk/out"),
        ("not JSON", "cdk.out"),
    ],
    ids=["by itself", "named", "hidden", "broken"],
)
def test_an_ignored_assembly_is_found_beside_its_program(
    lay: Lay, program: str, output: str
) -> None:
    lay({".gitignore": "cdk.out\nbuild\n.cdk\n", "a/cdk.json": program})
    written = Path("a", output)
    written.mkdir(parents=True)
    (written / "manifest.json").write_text(MANIFEST, encoding="utf-8")
    assert assemblies() == {written.as_posix()}


def test_an_ignored_assembly_without_a_program_is_left_out(lay: Lay) -> None:
    lay({".gitignore": "cdk.out\n", "cdk.out/manifest.json": MANIFEST})
    assert assemblies() == set()
    assert assemblies("cdk.out") == {"cdk.out"}


def test_nothing_inside_an_assembly_is_listed(lay: Lay) -> None:
    lay({"cdk.out/manifest.json": MANIFEST, **files("cdk.out/asset.1/main.tf", "cdk.out/cdk.out")})
    assert not [name for name in kept() if "asset" in name]


@pytest.mark.parametrize(
    "manifest",
    ['{"name": "my app", "icons": []}', '{"version": "0.21.0", "stacks": {}}', '{"artifacts": []}'],
    ids=["of a web app", "of cdktf", "of something else"],
)
def test_another_manifest_makes_no_assembly(lay: Lay, manifest: str) -> None:
    lay({"a/manifest.json": manifest, "a/b/x": "x"})
    assert assemblies() == set()
    assert "a/b/x" in kept()


@pytest.mark.parametrize("output", ["..", ".", "/", "a\\u0000b", ""])
def test_an_output_that_leads_elsewhere_is_not_walked(lay: Lay, output: str) -> None:
    lay({"a/cdk.json": f'{{"output": "{output}"}}', "a/b/x": "x", "c/y": "x"})
    assert kept("a") == {"a/cdk.json", "a/b/x"}


@pytest.mark.parametrize("program", ["cdktf", "cdktn"])
def test_ignored_output_of_cdktf_is_looked_at(lay: Lay, program: str) -> None:
    lay(
        {
            ".gitignore": f"{program}.out\n",
            f"app/{program}.json": "{}",
            f"app/{program}.out/manifest.json": '{"version": "0.21.0", "stacks": {}}',
            f"app/{program}.out/stacks/a/main.tf": GRANT.format("a"),
        }
    )
    folders = {folder.path for folder in Walk().folders(Path())}
    assert f"app/{program}.out/stacks/a" in folders


# -- Terraform -----------------------------------------------------------------------------


def judged(*paths: str) -> set[str | None]:
    report = check(paths or ["."], Options())
    return {one.address for one in report.findings if one.rule == "unconstrained-grant"}


def test_ignored_configuration_is_judged_only_where_it_is_asked_for(lay: Lay) -> None:
    lay({".gitignore": "old/\n", "new/a.tf": GRANT.format("new"), "old/a.tf": GRANT.format("old")})
    assert judged() == {"aws_kms_grant.new"}
    assert judged("old") == {"aws_kms_grant.old"}


def test_a_single_ignored_file_still_belongs_to_its_module(lay: Lay) -> None:
    lay({".gitignore": "b.tf\n", "a.tf": GRANT.format("a"), "b.tf": GRANT.format("b")})
    assert judged() == {"aws_kms_grant.a", "aws_kms_grant.b"}


def test_a_caller_that_git_ignores_is_none(lay: Lay) -> None:
    lay(
        {
            ".gitignore": "scratch/\n",
            "m/main.tf": GRANT.format("m"),
            "scratch/main.tf": 'module "m" {\n  source = "../m"\n}\n',
        }
    )
    assert judged("m") == {"aws_kms_grant.m"}
