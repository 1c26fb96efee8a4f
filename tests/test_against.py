"""What is new since a branch began: real repositories, real commits, the real program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grantlint.against import then as then_
from grantlint.cli.app import run

RULES = ("--select", "orphan-grant,public-key-policy")
GRANT = """\
resource "aws_kms_grant" "{name}" {{
  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = "arn:aws:iam::444455556666:role/{role}"
  operations        = [{operations}]
}}
"""
BACKEND = 'terraform {\n  backend "s3" {}\n}\n'
STATEMENT = """\
    {{
      Sid       = {sid}
      Effect    = "Allow"
      Principal = {{ AWS = "{who}" }}
      Action    = [{actions}]
      Resource  = "*"
    }},
"""


def grant(name: str = "g", operations: str = '"Decrypt"', role: str = "app") -> str:
    return GRANT.format(name=name, operations=operations, role=role)


def key(*statements: str, name: str = "k") -> str:
    inside = "".join(statements)
    return (
        f'resource "aws_kms_key" "{name}" {{\n  enable_key_rotation = true\n'
        f'  policy = jsonencode({{\n    Version = "2012-10-17"\n'
        f"    Statement = [\n{inside}    ]\n  }})\n}}\n"
    )


def statement(who: str, actions: str = '"kms:Decrypt"', sid: str = "null") -> str:
    text = STATEMENT.format(who=who, actions=actions, sid=sid)
    return text.replace("      Sid       = null\n", "")


class Repository:
    """A git repository and what grantlint says in it."""

    def __init__(self, top: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.top, self.capsys = top, capsys

    def git(self, *arguments: str, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e", *arguments],
            cwd=at or self.top,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, **files: str | None) -> None:
        self.lay(files)

    def lay(self, files: dict[str, str | None]) -> None:
        for name, text in files.items():
            path = self.top / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def commit(self, files: dict[str, str | None] | None = None) -> str:
        self.lay(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "c")
        return self.git("rev-parse", "HEAD").strip()

    def said(self, *arguments: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = run(["check", *arguments])
        out, err = self.capsys.readouterr()
        return code, out, err

    def report(self, *arguments: str, ref: str = "main") -> dict:
        code, out, err = self.said("--diff-against", ref, "--output", "json", *RULES, *arguments)
        assert code in {0, 1, 3}, err
        return {**json.loads(out), "code": code}

    def new(self, *arguments: str, ref: str = "main") -> list[tuple[str, str]]:
        found = self.report(*arguments, ref=ref)["findings"]
        return sorted((one["rule"], one["address"]) for one in found)


@pytest.fixture
def repository(tmp_path, monkeypatch, capsys) -> Repository:
    """An empty repository on a branch main, and the process in it."""
    top = tmp_path / "repository"
    top.mkdir()
    monkeypatch.chdir(top)
    made = Repository(top, capsys)
    made.git("init", "-q", "-b", "main")
    return made


@pytest.fixture
def branch(repository):
    """A branch that begins where main has the files given."""

    def begin(files: dict[str, str]) -> Repository:
        repository.commit(files)
        repository.git("checkout", "-q", "-b", "work")
        return repository

    return begin


BAD = ("orphan-grant", "aws_kms_grant.g")


def bad(name: str = "g") -> tuple[str, str]:
    return ("orphan-grant", f"aws_kms_grant.{name}")


# -- what is not new -----------------------------------------------------------------------


def test_what_was_there_is_not_reported_and_does_not_count(branch):
    found = branch({"main.tf": BACKEND + grant()}).report()
    assert (found["code"], found["findings"]) == (0, [])
    (one,) = found["suppressed"]
    assert one["suppression"]["kind"] == "unchanged"
    assert "main (" in one["suppression"]["reason"]


def test_a_new_grant_is_reported_and_counts(branch):
    made = branch({"main.tf": BACKEND + grant()})
    made.lay({"more.tf": grant("h")})
    assert made.new() == [bad("h")]
    assert made.report()["code"] == 1


TWO = key(
    statement("*", '"kms:Decrypt"'),
    statement("arn:aws:iam::444455556666:root", '"kms:CreateGrant"'),
)
UNCHANGED = {
    "lines shifted": ({"main.tf": BACKEND + grant()}, {"main.tf": "\n\n# a\n" + BACKEND + grant()}),
    "a file renamed": ({"a.tf": BACKEND + grant()}, {"a.tf": None, "b.tf": BACKEND + grant()}),
    "a block moved to another file": (
        {"a.tf": BACKEND + grant() + grant("h"), "b.tf": "# b\n"},
        {"a.tf": BACKEND + grant(), "b.tf": "# b\n" + grant("h")},
    ),
    "blocks in another order": (
        {"a.tf": BACKEND + grant() + grant("h")},
        {"a.tf": grant("h") + BACKEND + grant()},
    ),
    "a root module renamed": (
        {"old/main.tf": BACKEND + grant(), "old/x.tf": "# x\n"},
        {"old/main.tf": None, "old/x.tf": None, "new/main.tf": BACKEND + grant()},
    ),
    "a directory of root modules renamed": (
        {f"envs/{e}/main.tf": f"# {e}\n" + BACKEND + grant() for e in ("a", "b")},
        {
            **{f"envs/{e}/main.tf": None for e in ("a", "b")},
            **{f"live/x/{e}/main.tf": f"# {e}\n" + BACKEND + grant() for e in ("a", "b")},
        },
    ),
    "a file moved to another root module": (
        {"a/main.tf": BACKEND, "a/g.tf": grant(), "b/main.tf": BACKEND},
        {"a/g.tf": None, "b/g.tf": grant()},
    ),
    "statements in another order": (
        {"main.tf": BACKEND + key(statement("*"), statement("*", '"kms:Encrypt"'))},
        {"main.tf": BACKEND + key(statement("*", '"kms:Encrypt"'), statement("*"))},
    ),
    "a Sid renamed": (
        {"main.tf": BACKEND + key(statement("*", sid='"A"'))},
        {"main.tf": BACKEND + key(statement("*", sid='"B"'))},
    ),
    "fewer operations": (
        {"main.tf": BACKEND + grant(operations='"Decrypt", "Encrypt"')},
        {"main.tf": BACKEND + grant()},
    ),
    "a resource renamed by a moved block": (
        {"main.tf": BACKEND + grant()},
        {
            "main.tf": BACKEND + grant("h"),
            "moved.tf": "moved {\n  from = aws_kms_grant.g\n  to   = aws_kms_grant.h\n}\n",
        },
    ),
    "a resource renamed twice": (
        {"main.tf": BACKEND + grant()},
        {
            "main.tf": BACKEND + grant("i"),
            "moved.tf": "moved {\n  from = aws_kms_grant.g\n  to = aws_kms_grant.h\n}\n"
            "moved {\n  from = aws_kms_grant.h\n  to = aws_kms_grant.i\n}\n",
        },
    ),
    "a count added": (
        {"main.tf": BACKEND + grant()},
        {"main.tf": BACKEND + grant().replace("{\n", "{\n  count = 1\n", 1)},
    ),
    "count to for_each": (
        {"main.tf": BACKEND + grant().replace("{\n", "{\n  count = 1\n", 1)},
        {
            "main.tf": BACKEND + grant().replace("{\n", '{\n  for_each = toset(["a"])\n', 1),
            "m.tf": 'moved {\n  from = aws_kms_grant.g[0]\n  to = aws_kms_grant.g["a"]\n}\n',
        },
    ),
    "a resource moved into a module": (
        {"main.tf": BACKEND + grant()},
        {
            "main.tf": BACKEND + 'module "m" {\n  source = "./m"\n}\n'
            "moved {\n  from = aws_kms_grant.g\n  to = module.m.aws_kms_grant.h\n}\n",
            "m/main.tf": grant("h"),
        },
    ),
    "a call renamed, and the resource in it by its module": (
        {
            "main.tf": BACKEND + 'module "a" {\n  source = "./m"\n}\n',
            "m/main.tf": grant("g"),
        },
        {
            "main.tf": BACKEND + 'module "b" {\n  for_each = toset(["x"])\n  source = "./n"\n}\n'
            'moved {\n  from = module.a\n  to = module.b["x"]\n}\n',
            "m/main.tf": None,
            "n/main.tf": grant("h")
            + "moved {\n  from = aws_kms_grant.g\n  to = aws_kms_grant.h\n}\n",
        },
    ),
    "the role of a grant renamed by a moved block": (
        {
            "main.tf": BACKEND
            + 'resource "aws_iam_role" "a" {\n  name = "a"\n}\n'
            + grant().replace('"arn:aws:iam::444455556666:role/app"', "aws_iam_role.a.arn"),
        },
        {
            "main.tf": BACKEND
            + 'resource "aws_iam_role" "b" {\n  name = "a"\n}\n'
            + "moved {\n  from = aws_iam_role.a\n  to = aws_iam_role.b\n}\n"
            + grant().replace('"arn:aws:iam::444455556666:role/app"', "aws_iam_role.b.arn"),
        },
    ),
    "a template renamed": (
        {"a.yaml": "{template}"},
        {"a.yaml": None, "sub/b.yaml": "{template}"},
    ),
    "a file with an odd name": (
        {"a/ü\n\"' -x.tf": BACKEND + grant()},
        {"a/ü\n\"' -x.tf": None, "b/ü\t$(x).tf": BACKEND + grant()},
    ),
}
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: kms:Decrypt
            Resource: "*"
"""


@pytest.mark.parametrize(("old", "new"), UNCHANGED.values(), ids=UNCHANGED)
def test_what_moved_or_got_less_is_not_new(branch, old, new):
    made = branch({name: text.replace("{template}", TEMPLATE) for name, text in old.items()})
    before = made.report()["suppressed"]
    assert before, "there is something to be known again"
    made.lay({n: t and t.replace("{template}", TEMPLATE) for n, t in new.items()})
    made.git("add", "-A")
    assert made.new() == []
    assert made.report()["suppressed"]
    made.commit()
    assert made.new() == []


# -- what is new ---------------------------------------------------------------------------

NEW = {
    "the same grant in another root module": (
        {"a/main.tf": BACKEND + grant()},
        {"b/main.tf": BACKEND + grant()},
        [BAD],
    ),
    "a copy of a whole root module": (
        {"a/main.tf": BACKEND + grant(), "a/g.tf": grant("h")},
        {"b/main.tf": BACKEND + grant(), "b/g.tf": grant("h")},
        [BAD, bad("h")],
    ),
    "a resource renamed without a moved block": (
        {"main.tf": BACKEND + grant()},
        {"main.tf": BACKEND + grant("h")},
        [bad("h")],
    ),
    "an operation more": (
        {"main.tf": BACKEND + grant()},
        {"main.tf": BACKEND + grant(operations='"Decrypt", "Encrypt"')},
        [BAD],
    ),
    "another instance": (
        {"main.tf": BACKEND + grant().replace("{\n", "{\n  count = 1\n", 1)},
        {"main.tf": BACKEND + grant().replace("{\n", "{\n  count = 2\n", 1)},
        [bad("g[1]")],
    ),
    "one more statement like those there are": (
        {"main.tf": BACKEND + key(statement("*"), statement("*"))},
        {"main.tf": BACKEND + key(statement("*"), statement("*"), statement("*"))},
        [("public-key-policy", "aws_kms_key.k")],
    ),
    "a statement before the one there is": (
        {"main.tf": BACKEND + key(statement("*"))},
        {"main.tf": BACKEND + key(statement("*", '"kms:Encrypt"'), statement("*"))},
        [("public-key-policy", "aws_kms_key.k")],
    ),
    "a cause in another file": (
        {
            "main.tf": BACKEND
            + key(statement("${var.who}")).replace('"${var.who}"', "var.who")
            + 'variable "who" {}\n',
            "terraform.tfvars": 'who = "arn:aws:iam::111122223333:role/app"\n',
        },
        {"terraform.tfvars": 'who = "*"\n'},
        [("public-key-policy", "aws_kms_key.k")],
    ),
    "certain now that was only possible": (
        {
            "main.tf": BACKEND
            + key(statement("${var.who}")).replace('"${var.who}"', "var.who")
            + 'variable "who" {\n  type = string\n}\n',
        },
        {"terraform.tfvars": 'who = "*"\n'},
        [("public-key-policy", "aws_kms_key.k")],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), NEW.values(), ids=NEW)
def test_what_is_more_than_there_was_is_new(branch, old, new, expected):
    made = branch(old)
    made.commit(new)
    found = [one for one in made.report()["findings"] if one["certain"]]
    rules = {rule for rule, _ in expected}
    shown = sorted((one["rule"], one["address"]) for one in found if one["rule"] in rules)
    assert shown == sorted(expected)


def test_what_got_wider_says_so(branch):
    made = branch({"main.tf": BACKEND + grant()})
    made.lay({"main.tf": BACKEND + grant(operations='"Decrypt", "Encrypt"')})
    (one,) = made.report()["findings"]
    assert any("it was less: Encrypt is new" in place["text"] for place in one["related"])


def test_main_going_on_does_not_make_old_faults_new(branch):
    made = branch({"main.tf": BACKEND + grant()})
    made.commit({"more.tf": grant("h")})
    made.git("checkout", "-q", "main")
    made.commit({"main.tf": BACKEND})
    made.git("checkout", "-q", "work")
    assert made.new() == [bad("h")]


def test_of_the_merge_that_a_pull_request_is_built_from_the_branch_is_new(branch):
    made = branch({"main.tf": BACKEND})
    made.commit({"more.tf": grant("h")})
    made.git("checkout", "-q", "main")
    made.commit({"other.tf": grant("o")})
    made.git("checkout", "-q", "--detach", "main")
    made.git("merge", "-q", "--no-ff", "-m", "m", "work")
    assert made.new() == [bad("h")]


def test_possible_findings_are_compared_too(branch):
    text = key(statement("${var.who}")).replace('"${var.who}"', "var.who") + 'variable "who" {}\n'
    made = branch({"main.tf": BACKEND + text})
    assert made.report("--certainty", "possible")["findings"] == []


def test_a_baseline_entry_that_is_taken_out_makes_the_finding_new(branch):
    made = branch({"main.tf": BACKEND + grant()})
    assert run(["baseline", "write", *RULES]) == 0
    made.commit()
    made.git("branch", "-f", "main")
    name = ".grantlint-baseline.json"
    assert made.new("--baseline", name) == []
    made.lay({name: json.dumps({"version": 1, "findings": []})})
    (one,) = made.report("--baseline", name)["findings"]
    assert any("it was accepted" in place["text"] for place in one["related"])


# -- where it is asked ---------------------------------------------------------------------


def test_it_works_in_a_directory_of_the_repository(branch, monkeypatch):
    made = branch({"a/b/main.tf": BACKEND + grant()})
    monkeypatch.chdir(made.top / "a")
    assert made.new() == []
    made.lay({"a/b/more.tf": grant("h")})
    assert made.new() == [bad("h")]
    assert made.new("b") == [bad("h")]
    assert made.new(str(made.top / "a/b")) == [bad("h")]


def test_it_works_from_outside_the_repository(branch, monkeypatch, tmp_path):
    made = branch({"a/main.tf": BACKEND + grant()})
    monkeypatch.chdir(tmp_path)
    made.lay({"a/more.tf": grant("h")})
    assert made.new("repository/a") == [bad("h")]


def test_it_works_in_a_worktree(branch, monkeypatch, tmp_path):
    made = branch({"main.tf": BACKEND + grant()})
    made.git("worktree", "add", "-q", str(tmp_path / "other"), "main", "--detach")
    monkeypatch.chdir(tmp_path / "other")
    (tmp_path / "other/more.tf").write_text(grant("h"), "utf-8")
    assert made.new() == [bad("h")]


def test_a_path_that_was_not_there_is_new(branch):
    made = branch({"a/main.tf": BACKEND + grant()})
    made.lay({"b/main.tf": BACKEND + grant("h")})
    assert made.new("b") == [bad("h")]


def test_changed_files_are_compared_with_all_that_their_roots_had(branch):
    call = 'module "m" {\n  source = "../m"\n}\n'
    made = branch({"m/main.tf": grant(), "a/main.tf": BACKEND + grant("own")})
    made.lay({"a/main.tf": BACKEND + grant("own") + call, "m/main.tf": "# m\n" + grant()})
    assert made.new("--changed", "m/main.tf") == [("orphan-grant", "module.m.aws_kms_grant.g")]


def test_hooks_may_set_variables_of_git(branch, monkeypatch):
    made = branch({"main.tf": BACKEND + grant()})
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    found = made.report()
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert found["findings"] == []


def test_on_one_processor_it_is_the_same(branch, monkeypatch):
    made = branch({"a/main.tf": BACKEND + grant()})
    made.lay({"a/more.tf": grant("h")})
    beside = made.report("a")
    monkeypatch.setattr(then_.os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert made.report("a") == beside


# -- what git does not have ----------------------------------------------------------------


def test_installed_modules_are_the_same_in_both(branch):
    made = branch(
        {
            ".gitignore": ".terraform\n",
            "main.tf": BACKEND + 'module "m" {\n  source = "x/y/aws"\n}\n',
        }
    )
    listed = {"Modules": [{"Key": "m", "Source": "x/y/aws", "Dir": ".terraform/modules/m"}]}
    made.lay(
        {
            ".terraform/modules/m/main.tf": grant(),
            ".terraform/modules/modules.json": json.dumps(listed),
        }
    )
    found = made.report()
    assert found["findings"] == []
    assert len(found["suppressed"]) == 1


def test_values_that_git_ignores_are_the_same_in_both(branch):
    text = key(statement("${var.who}")).replace('"${var.who}"', "var.who") + 'variable "who" {}\n'
    made = branch({".gitignore": "*.tfvars\n", "main.tf": BACKEND + text})
    made.lay({"terraform.tfvars": 'who = "*"\n'})
    assert [one["certain"] for one in made.report()["suppressed"]] == [True]


def test_variable_files_are_those_of_their_time(branch):
    text = key(statement("${var.who}")).replace('"${var.who}"', "var.who") + 'variable "who" {}\n'
    made = branch({"main.tf": BACKEND + text, "p.tfvars": 'who = "arn:aws:iam::111122223333:root"'})
    made.lay({"p.tfvars": 'who = "*"\n'})
    assert ("public-key-policy", "aws_kms_key.k") in made.new("--var-file", "p.tfvars")


def test_a_variable_that_did_not_exist_may_be_given(branch):
    made = branch({"main.tf": BACKEND + grant()})
    made.lay({"v.tf": 'variable "v" {}\n'})
    assert made.new("--var", "v=1") == []


def test_a_plan_that_git_ignores_is_new_and_a_note_says_so(branch):
    made = branch({".gitignore": "*.template\n", "main.tf": BACKEND})
    made.lay({"x.template": TEMPLATE})
    found = made.report("x.template")
    assert [one["rule"] for one in found["findings"]] == ["public-key-policy"]
    assert any("x.template is in no commit" in note["reason"] for note in found["notes"])


def test_a_submodule_is_judged_as_it_was(branch, tmp_path):
    inner = Repository(tmp_path / "inner", None)
    inner.top.mkdir()
    inner.git("init", "-q", "-b", "main")
    inner.commit({"main.tf": BACKEND + grant()})
    made = branch({"main.tf": BACKEND})
    add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "sub"]
    made.git(*add)
    made.commit()
    made.git("branch", "-f", "main")
    assert made.new() == []
    sub = Repository(made.top / "sub", None)
    sub.commit({"more.tf": grant("h")})
    made.commit()
    assert made.new() == [bad("h")]


# -- what cannot be compared ---------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_never_green(branch):
    made = branch({"main.tf": BACKEND + grant(), "broken.tf": 'resource "a" {'})
    found = made.report()
    assert found["code"] == 3
    assert any("could not be read" in note["reason"] for note in found["notes"])


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("nowhere", "there is no such commit here; `git fetch"),
        ("--output=/tmp/x", "is no name of a commit"),
        ("-h", "is no name of a commit"),
        ("", "is no name of a commit"),
        ("main..HEAD", "there is no such commit"),
        ("main:main.tf", "there is no such commit"),
        ("$(touch hacked)", "there is no such commit"),
    ],
)
def test_a_name_that_is_no_commit_is_a_mistake(branch, ref, said):
    made = branch({"main.tf": BACKEND})
    code, out, err = made.said(f"--diff-against={ref}")
    assert (code, out) == (2, "")
    assert said in err
    assert not (made.top / "hacked").exists()


def test_a_remote_branch_that_is_not_here_is_told_how_to_get(branch):
    made = branch({"main.tf": BACKEND})
    made.git("remote", "add", "up", "../x")
    _, _, err = made.said("--diff-against", "up/dev")
    assert "git fetch --depth=100 up dev:refs/remotes/up/dev" in err


def test_without_a_repository_it_is_a_mistake(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--diff-against", "main"]) == 2
    assert "in no git repository" in capsys.readouterr().err


def test_without_a_commit_it_is_a_mistake(repository):
    code, _, err = repository.said("--diff-against", "HEAD")
    assert code == 2
    assert "no such commit" in err


def test_without_git_it_is_a_mistake(branch, monkeypatch, tmp_path):
    made = branch({"main.tf": BACKEND})
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = made.said("--diff-against", "main")
    assert code == 2
    assert "no such program" in err


def test_a_shallow_clone_is_told_to_fetch_more(branch, tmp_path, monkeypatch):
    made = branch({"main.tf": BACKEND})
    made.commit({"a.tf": "# a\n"})
    made.git("checkout", "-q", "main")
    made.commit({"b.tf": "# b\n"})
    there = tmp_path / "shallow"
    made.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{made.top}", str(there))
    monkeypatch.chdir(there)
    code, _, err = made.said("--diff-against", "origin/work")
    assert code == 2
    assert "git fetch --unshallow" in err


def test_histories_with_nothing_in_common_are_a_mistake(branch):
    made = branch({"main.tf": BACKEND})
    made.git("checkout", "-q", "--orphan", "alone")
    made.commit({"alone.tf": "# alone\n"})
    code, _, err = made.said("--diff-against", "main")
    assert code == 2
    assert "no commit in common" in err


def test_it_cannot_be_asked_together_with_fixes(branch):
    assert branch({"main.tf": BACKEND}).said("--fix", "--diff-against", "main")[0] == 2


# -- repositories that are not trusted -----------------------------------------------------


def test_no_program_of_the_repository_is_run(branch, tmp_path):
    made = branch({"main.tf": BACKEND + grant(), ".gitattributes": "*.tf filter=x diff=x\n"})
    mark = tmp_path / "run"
    for name in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass"),
        *("diff.external", "diff.x.command", "diff.x.textconv", "filter.x.smudge"),
        *("filter.x.clean", "filter.x.process", "credential.helper", "core.gitProxy"),
    ):
        made.git("config", name, f"touch {mark}; false")
    hook = made.top / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    made.git("config", "core.hooksPath", str(hook.parent))
    before = sorted((p, p.stat().st_mtime_ns) for p in (made.top / ".git").rglob("*"))
    made.lay({"more.tf": grant("h")})
    assert made.new() == [bad("h")]
    assert not mark.exists()
    assert sorted((p, p.stat().st_mtime_ns) for p in (made.top / ".git").rglob("*")) == before


def test_a_partial_clone_asks_no_server(branch, tmp_path, monkeypatch):
    made = branch({"main.tf": BACKEND + grant()})
    made.git("config", "uploadpack.allowFilter", "true")
    made.commit({"main.tf": BACKEND})
    there = tmp_path / "partial"
    made.git("clone", "-q", "--filter=blob:none", f"file://{made.top}", str(there))
    monkeypatch.chdir(there)
    code, _, err = made.said("--diff-against", "origin/main")
    assert code == 2
    assert "the clone is partial" in err


def test_links_that_lead_outside_are_not_followed(branch, tmp_path):
    secret = tmp_path / "secret.tf"
    secret.write_text(grant("secret"), "utf-8")
    made = branch({"main.tf": BACKEND + grant(), "sub/deep/x.tf": "# x\n"})
    (made.top / "out.tf").symlink_to(secret)
    (made.top / "up.tf").symlink_to("../secret.tf")
    (made.top / "sub/deep/d").symlink_to("../../sub")
    (made.top / "sub/e.tf").symlink_to("deep/d/../../../secret.tf")
    (made.top / "in.tf").symlink_to("sub/deep/x.tf")
    made.commit()
    made.git("branch", "-f", "main")
    from grantlint.against.tree import written
    from grantlint.git.repository import Repository as Asked

    with written(Asked(made.top), "main") as tree:
        links = {path.name for path in tree.top.rglob("*") if path.is_symlink()}
        assert links == {"d", "in.tf"}
        kept = tree.top
    assert not kept.exists()


def test_a_forged_tree_writes_nothing_outside(branch, tmp_path):
    made = branch({"main.tf": BACKEND})
    blob = made.git("hash-object", "-w", "main.tf").strip()
    raw = b"100644 ../escaped.tf\0" + bytes.fromhex(blob) + b"100644 .git\0" + bytes.fromhex(blob)
    (tmp_path / "tree").write_bytes(raw)
    tree = made.git(
        "hash-object", "-w", "--literally", "-t", "tree", str(tmp_path / "tree")
    ).strip()
    forged = made.git("commit-tree", "-m", "f", tree).strip()
    made.git("checkout", "-q", "--orphan", "x")
    made.git("update-ref", "HEAD", forged)
    made.lay({"a.tf": BACKEND + grant()})
    assert made.new(ref=forged) == [BAD]


def test_an_interrupted_run_leaves_nothing_behind(branch, tmp_path):
    made = branch({"main.tf": BACKEND + grant()})
    place = tmp_path / "temporary"
    place.mkdir()
    text = (
        "import os, signal, sys, grantlint.against as a\n"
        "def stop(*_): os.kill(os.getpid(), signal.SIGINT)\n"
        "a.judge = stop\n"
        "from grantlint.cli.app import run\n"
        "sys.exit(run(['check', '--diff-against', 'main']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=made.top,
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert list(place.iterdir()) == []
    assert done.stderr == ""
