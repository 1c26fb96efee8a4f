"""The hook in real repositories: pre-commit installs it as users do, and git runs it.

pre-commit builds the package from a repository that holds the working tree, into an environment
of its own, which needs a network once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SHIPPED = [
    ".pre-commit-hooks.yaml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "grantlint",
    "policies",
    "docs/man",
]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / SHIPPED[0]).read_text("utf-8"))}

GRANT = """\
resource "aws_kms_grant" "{0}" {{
  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/{0}"
  grantee_principal = "arn:aws:iam::111122223333:role/{0}"
  operations        = var.operations
}}
"""
OPERATIONS = 'variable "operations" {{\n  default = ["{}"]\n}}\nprovider "aws" {{}}\n'
GOOD, BAD = OPERATIONS.format("DescribeKey"), OPERATIONS.format("GenerateDataKey")
FAULT = "unconstrained-grant"
CALL = 'module "m" {\n  source = "../../modules/reader"\n}\nprovider "aws" {}\n'
POLICY = (
    '{"Statement": [{"Effect": "Allow", "Principal": "%s", "Action": "kms:*", "Resource": "*"}]}\n'
)
KEY = 'resource "aws_kms_key" "k" {\n  policy = file("${path.module}/policy.json")\n}\n'


class Repository:
    """A git repository whose commits pass pre-commit."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.path, self.environment = path, environment
        self.git("init", "-q", "-b", "main")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", *arguments)

    def lay(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def stage(self, files: dict[str, str]) -> None:
        self.lay(files)
        self.git("add", "--", *files)

    def commit(self, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Stage files and try to commit them."""
        self.stage(files)
        return self.run("git", "commit", "-m", "change")

    def accept(self, files: dict[str, str]) -> None:
        """Commit files without asking the hook."""
        self.stage(files)
        self.git("commit", "-q", "--no-verify", "-m", "before")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with what the package is built from, as it is in the working tree."""
    home = tmp_path_factory.mktemp("home")
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Test"), ("EMAIL", "test@example.com"))
    }
    ours = {n: v for n, v in os.environ.items() if not n.startswith(("GIT_", "PRE_COMMIT", "TF_"))}
    environment = (
        ours
        | identity
        | {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PRE_COMMIT_HOME": str(home / "cache"),
            "NO_COLOR": "1",
        }
    )
    path = tmp_path_factory.mktemp("grantlint")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, path / name)
    repository = Repository(path, environment)
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "all")
    return repository


def configuration(shipped: Repository, *hooks: dict[str, object]) -> str:
    entry = {"repo": str(shipped.path), "rev": shipped.git("rev-parse", "HEAD")}
    return yaml.safe_dump({"repos": [entry | {"hooks": list(hooks or [{"id": "grantlint"}])}]})


@pytest.fixture(scope="module")
def cache(shipped: Repository, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The hook's environment, installed once for all repositories."""
    repository = Repository(tmp_path_factory.mktemp("first"), shipped.environment)
    repository.stage({".pre-commit-config.yaml": configuration(shipped)})
    done = repository.pre_commit("install-hooks")
    if done.returncode and "GRANTLINT_REQUIRE_TOOLS" not in os.environ:
        pytest.skip(f"the hook cannot be installed here: {done.stdout.strip()[-300:]}")
    assert done.returncode == 0, done.stdout


@pytest.fixture
def repository(shipped: Repository, cache: None, tmp_path: Path) -> Repository:  # noqa: ARG001
    """A repository with two roots, of which one calls a module."""
    found = Repository(tmp_path, shipped.environment)
    found.accept(
        {
            ".pre-commit-config.yaml": configuration(shipped),
            "live/a/main.tf": CALL,
            "modules/reader/main.tf": GRANT.format("shared"),
            "modules/reader/variables.tf": GOOD,
            "live/b/main.tf": GRANT.format("b"),
            "live/b/variables.tf": GOOD,
        }
    )
    done = found.pre_commit("install")
    assert done.returncode == 0, done.stdout
    return found


def accused(output: str) -> list[str]:
    """The rule and the role of each finding, in the report's order."""
    found = re.findall(
        r"^\S.*?: (?:low|medium|high|critical) ([a-z-]+): (?:role (\S+))?", output, re.M
    )
    return [
        f"{rule} {role}".strip() for rule, role in found if rule in {FAULT, "public-key-policy"}
    ]


# -- commits -------------------------------------------------------------------------------


def test_a_clean_change_is_committed(repository):
    done = repository.commit({"live/b/main.tf": GRANT.format("c")})
    assert done.returncode == 0, done.stdout
    assert re.search(r"grantlint\.+Passed", done.stdout)


def test_a_grant_that_is_wrong_is_not_committed(repository):
    before = repository.git("rev-parse", "HEAD")
    bad = GRANT.format("x").replace("var.operations", '["GenerateDataKey"]')
    done = repository.commit({"live/b/new.tf": bad})
    assert done.returncode == 1
    assert re.search(r"grantlint\.+Failed", done.stdout)
    assert "- exit code: 1" in done.stdout
    assert "live/b/new.tf:1:1: " in done.stdout
    assert accused(done.stdout) == [f"{FAULT} x"]
    assert repository.git("rev-parse", "HEAD") == before


def test_a_default_that_changes_in_a_called_module_is_judged_at_its_caller(repository):
    done = repository.commit({"modules/reader/variables.tf": BAD})
    assert done.returncode == 1
    assert "live/a/main.tf:1:1: " in done.stdout
    assert accused(done.stdout) == [f"{FAULT} shared"]


def test_only_the_roots_that_the_change_reaches_are_judged(repository):
    repository.accept({"live/b/variables.tf": BAD})
    done = repository.commit({"modules/reader/main.tf": GRANT.format("other")})
    assert done.returncode == 0, done.stdout
    done = repository.commit({"live/b/main.tf": GRANT.format("other")})
    assert accused(done.stdout) == [f"{FAULT} other"]


def test_a_policy_that_a_key_reads_is_judged(repository):
    repository.accept(
        {"live/b/key.tf": KEY, "live/b/policy.json": POLICY % "arn:aws:iam::111122223333:root"}
    )
    done = repository.commit({"live/b/policy.json": POLICY % "*"})
    assert done.returncode == 1
    assert accused(done.stdout) == ["public-key-policy"]


def test_a_file_that_has_nothing_to_do_with_terraform_does_not_start_the_hook(repository):
    done = repository.commit({"README.md": "text\n", "src/app.py": "x = 1\n"})
    assert done.returncode == 0, done.stdout
    assert re.search(r"grantlint\.+\(no files to check\)Skipped", done.stdout)


def test_a_file_that_no_root_reads_passes(repository):
    repository.accept({"live/b/variables.tf": BAD})
    done = repository.commit({"package.json": "{}\n"})
    assert done.returncode == 0, done.stdout
    assert re.search(r"grantlint\.+Passed", done.stdout)


def test_names_may_have_spaces_and_any_letters(repository):
    bad = GRANT.format("x").replace("var.operations", '["GenerateDataKey"]')
    done = repository.commit({"infra – größer/my key's «größe» 密钥.tf": bad})
    assert done.returncode == 1
    assert accused(done.stdout) == [f"{FAULT} x"]
    assert "infra – größer/my key's «größe» 密钥.tf:1:1: " in done.stdout


def test_a_link_that_changes_is_judged(repository):
    repository.accept({"shared/bad.tf": BAD, "shared/good.tf": GOOD})
    path = repository.path / "live/b/variables.tf"
    path.unlink()
    path.symlink_to("../../shared/bad.tf")
    repository.git("add", "live/b/variables.tf")
    done = repository.run("git", "commit", "-m", "link")
    assert accused(done.stdout) == [f"{FAULT} b"]


# -- what is staged, and what is not -------------------------------------------------------


def test_what_is_staged_is_judged_and_not_what_is_in_the_working_tree(repository):
    repository.stage({"live/b/variables.tf": BAD})
    repository.lay({"live/b/variables.tf": GOOD})
    done = repository.run("git", "commit", "-m", "bad in the index")
    assert done.returncode == 1
    assert "Unstaged files detected" in done.stdout
    assert accused(done.stdout) == [f"{FAULT} b"]
    assert (repository.path / "live/b/variables.tf").read_text("utf-8") == GOOD


def test_what_is_only_in_the_working_tree_does_not_stop_a_commit(repository):
    repository.stage({"live/b/main.tf": GRANT.format("c")})
    repository.lay({"live/b/variables.tf": BAD})
    done = repository.run("git", "commit", "-m", "good in the index")
    assert done.returncode == 0, done.stdout
    assert (repository.path / "live/b/variables.tf").read_text("utf-8") == BAD


def test_a_file_that_git_does_not_know_is_judged_too(repository):
    """As docs/pre-commit.md says: pre-commit puts away what is not staged of known files only."""
    repository.lay({"live/b/override.tf": BAD})
    done = repository.commit({"live/b/main.tf": GRANT.format("c")})
    assert accused(done.stdout) == [f"{FAULT} c"]


def test_a_commit_that_only_deletes_is_seen_by_the_whole_repository_only(repository, shipped):
    """As docs/pre-commit.md says: pre-commit passes no names of files that are gone."""
    constraint = '  constraints {\n    encryption_context_equals = { A = "b" }\n  }\n}\n'
    override = f'resource "aws_kms_grant" "b" {{\n{constraint}'
    repository.accept({"live/b/variables.tf": BAD, "live/b/override.tf": override})
    repository.git("rm", "-q", "live/b/override.tf")
    seen = repository.pre_commit("run", "grantlint")
    assert "(no files to check)Skipped" in seen.stdout
    repository.stage({".pre-commit-config.yaml": configuration(shipped, {"id": "grantlint-all"})})
    done = repository.run("git", "commit", "-m", "remove")
    assert done.returncode == 1
    assert accused(done.stdout) == [f"{FAULT} b"]


# -- templates, and cdk.out -----------------------------------------------------------------

TEMPLATE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {{Effect: Allow, Action: "kms:*", Resource: "*", Principal: {{AWS: "{who}"}}}}
"""
OWN = "arn:aws:iam::111122223333:root"


def test_a_template_in_yaml_is_judged_when_it_changes(repository):
    repository.accept({"stacks/other.yaml": TEMPLATE.format(who="*")})
    done = repository.commit({"stacks/key.yaml": TEMPLATE.format(who=OWN)})
    assert done.returncode == 0, done.stdout
    done = repository.commit({"stacks/key.yaml": TEMPLATE.format(who="*")})
    assert done.returncode == 1
    assert "stacks/key.yaml:" in done.stdout
    assert accused(done.stdout) == ["public-key-policy"]


def test_yaml_of_another_kind_passes(repository):
    files = {"deploy/app.yaml": "kind: Deployment\n", "x.yml": "a: !Ref b\n", "empty.yaml": ""}
    done = repository.commit(files)
    assert done.returncode == 0, done.stdout


def test_an_assembly_that_is_committed_is_judged_whole(repository):
    """A change of one of its files is a change of what is deployed."""
    policy = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    policy["Statement"][0]["Principal"] = {"AWS": "*"}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy, "EnableKeyRotation": True}}
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/eu-west-1",
        "properties": {"templateFile": "App.template.json"},
    }
    files = {
        "cdk.out/cdk.out": '{"version": "48.0.0"}',
        "cdk.out/manifest.json": json.dumps({"version": "48.0.0", "artifacts": {"App": stack}}),
        "cdk.out/App.template.json": json.dumps({"Resources": {"Key": key}}),
        "cdk.out/App.assets.json": "{}\n",
    }
    repository.accept(files)
    done = repository.commit({"cdk.out/App.assets.json": '{"version": "48.0.0"}\n'})
    assert done.returncode == 1
    assert accused(done.stdout) == ["public-key-policy"]


# -- the program on PATH, and prek ----------------------------------------------------------


@pytest.fixture
def on_path(repository, tmp_path_factory):
    """A directory with this tree's program, first on the repository's PATH."""
    directory = tmp_path_factory.mktemp("bin")
    program = directory / "grantlint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grantlint "$@"\n')
    program.chmod(0o755)
    before = repository.environment["PATH"]
    repository.environment = repository.environment | {
        "PATH": f"{directory}{os.pathsep}{before}",
        "PYTHONPATH": str(ROOT),
    }
    return program


def test_the_system_hook_runs_what_is_on_path_and_installs_nothing(repository, shipped, on_path):
    cache = Path(repository.environment["PRE_COMMIT_HOME"])
    environments = set(cache.glob("*/py_env-*"))
    system = {".pre-commit-config.yaml": configuration(shipped, {"id": "grantlint-system"})}
    done = repository.commit(system | {"live/b/main.tf": GRANT.format("c")})
    assert done.returncode == 0, done.stdout
    done = repository.commit({"live/b/variables.tf": BAD, "README.md": "text\n"})
    assert done.returncode == 1
    assert re.search(r"grantlint \(on PATH\)\.+Failed", done.stdout)
    assert accused(done.stdout) == [f"{FAULT} c"]
    assert set(cache.glob("*/py_env-*")) == environments
    on_path.write_text("#!/bin/sh\necho it was this one; exit 3\n")
    done = repository.commit({"live/b/variables.tf": BAD})
    assert "it was this one" in done.stdout


@pytest.mark.parametrize("id", ["grantlint", "grantlint-all", "grantlint-system"])
def test_prek_runs_the_hooks_too(repository, shipped, on_path, id):  # noqa: ARG001
    program = Path(sys.executable).with_name("prek")
    if not program.exists():
        assert "GRANTLINT_REQUIRE_TOOLS" not in os.environ, "prek is not here"
        pytest.skip("prek is not here")
    repository.environment = repository.environment | {
        "PREK_HOME": str(Path(repository.environment["PRE_COMMIT_HOME"]).with_name("prek"))
    }
    repository.stage({".pre-commit-config.yaml": configuration(shipped, {"id": id})})
    good = repository.run(str(program), "run")
    assert good.returncode == 0, good.stdout
    repository.stage({"modules/reader/variables.tf": BAD})
    bad = repository.run(str(program), "run")
    assert bad.returncode == 1
    assert "live/a/main.tf:1:1: " in bad.stdout
    assert accused(bad.stdout.replace("  ", "")) == [f"{FAULT} shared"]


# -- without pre-commit --------------------------------------------------------------------


@pytest.mark.parametrize("directory", [".", "live/a"])
def test_what_differs_from_a_branch_can_be_judged_by_hand(repository, directory):
    """The command of docs/pre-commit.md, where a file is deleted and one has an odd name."""
    text = (ROOT / "docs/pre-commit.md").read_text("utf-8")
    found = re.search(r"<!-- run by \S+ -->\n```sh\n(.+)\n```", text)
    assert found is not None
    constraint = "constraints {\n    encryption_context_equals = { A = 1 }\n  }"
    override = f'resource "aws_kms_grant" "b" {{\n  {constraint}\n}}\n'
    repository.accept({"live/b/variables.tf": BAD, "live/b/override.tf": override})
    repository.git("switch", "-q", "-c", "change")
    repository.git("rm", "-q", "live/b/override.tf")
    repository.accept({"größe/main.tf": GRANT.format("new") + BAD})
    command = found[1].replace("grantlint", f"{sys.executable} -m grantlint")
    done = repository.run("bash", "-c", f"cd {directory} && {command}")
    assert (done.returncode, accused(done.stdout)) == (123, [f"{FAULT} new", f"{FAULT} b"])


# -- other exit codes ----------------------------------------------------------------------


def test_a_file_that_cannot_be_parsed_stops_the_commit(repository):
    done = repository.commit({"live/b/main.tf": GRANT.format("b") + "resource {"})
    assert done.returncode == 1
    assert "- exit code: 3" in done.stdout
    assert "unreadable-file" in done.stdout


def test_wrong_arguments_stop_the_commit(repository, shipped):
    wrong = {"id": "grantlint", "args": ["--fail-on", "sometimes"]}
    done = repository.commit(
        {
            ".pre-commit-config.yaml": configuration(shipped, wrong),
            "live/b/main.tf": GRANT.format("c"),
        }
    )
    assert done.returncode == 1
    assert "- exit code: 2" in done.stdout


def test_arguments_of_the_user_are_followed(repository, shipped):
    never = {"id": "grantlint", "args": ["--fail-on=never"]}
    done = repository.commit(
        {
            ".pre-commit-config.yaml": configuration(shipped, never),
            "live/b/variables.tf": BAD,
        }
    )
    assert done.returncode == 0, done.stdout


# -- many files ----------------------------------------------------------------------------


def test_of_more_files_than_a_command_line_holds_each_part_is_judged(repository):
    """pre-commit then runs the hook several times, and fails if one of them does."""
    directories = [f"many/{'d' * 180}{number:04}" for number in range(900)]
    files = {f"{directory}/main.tf": "locals {}\n" for directory in directories}
    for directory in (directories[0], directories[-1]):
        files[f"{directory}/main.tf"] = GRANT.format(directory[-4:]) + BAD
    repository.lay(files)
    repository.git("add", "-A")
    done = repository.run("git", "commit", "-m", "many")
    assert done.returncode == 1
    assert accused(done.stdout) == [f"{FAULT} 0000", f"{FAULT} 0899"]
    assert len(re.findall(r"^\d+ findings? in ", done.stdout, re.M)) > 1


def test_all_files_of_a_repository_can_be_given(repository):
    repository.accept({"modules/reader/variables.tf": BAD, "live/b/variables.tf": BAD})
    done = repository.pre_commit("run", "--all-files")
    assert done.returncode == 1
    assert accused(done.stdout) == [f"{FAULT} shared", f"{FAULT} b"]


# -- the hook file -------------------------------------------------------------------------


@pytest.mark.parametrize("id", HOOKS)
def test_the_hooks_are_what_pre_commit_expects(id):
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / SHIPPED[0]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert HOOKS[id]["entry"].startswith("grantlint check")


def test_the_system_hook_is_asked_as_the_other():
    left_out = {"id", "name", "description", "language"}
    ours, system = (
        {key: text for key, text in HOOKS[id].items() if key not in left_out}
        for id in ("grantlint", "grantlint-system")
    )
    assert ours == system
    assert HOOKS["grantlint-system"]["language"] == "system"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.tf", True),
        ("a/b.tofu", True),
        ("prod.tfvars", True),
        ("x.tf.json", True),
        ("x.tfvars.json", True),
        ("a/.terraform.lock.hcl", True),
        ("policies/key.json.tftpl", True),
        ("policies/key.json", True),
        ("roles.yml", True),
        ("README.md", False),
        ("main.tf.bak", False),
        ("app.py", False),
    ],
)
def test_the_hook_is_asked_about_what_terraform_may_read(path, expected):
    assert bool(re.search(HOOKS["grantlint"]["files"], path)) is expected
