"""`grantlint init`: what it writes is accepted by whoever reads it, and nothing is lost."""

# ruff: noqa: E501  # texts of files stand whole

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from configured import BAD, KEY, git_repository, grantlint

from grantlint.config.adoption import with_hook
from grantlint.config.document import document
from grantlint.config.reader import read
from grantlint.config.starter import GITLAB, HOOK, PRE_COMMIT, WORKFLOW, configuration
from grantlint.rules import own
from grantlint.source import Source

FILES = {"grantlint.toml", ".pre-commit-config.yaml", ".github/workflows/grantlint.yml"}
IDS = sorted(rule.id for rule in own())
SETTING = re.compile(r"^#(?=\[\[|[a-z-]+ = )", re.M)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository that is worked in; the function writes a file into it."""
    return git_repository(tmp_path / "repository", monkeypatch)


def written(top="."):
    found = (path for path in Path(top).rglob("*") if path.is_file() and ".git/" not in str(path))
    return {path.relative_to(top).as_posix() for path in found}


def test_it_writes_what_is_missing_and_says_what_is_next(repository):
    repository("main.tf", BAD)
    done = grantlint("init")
    assert done.returncode == 0
    assert written() == {"main.tf", *FILES}
    assert done.stdout == (
        "wrote grantlint.toml: a configuration, every key explained\n"
        "wrote .pre-commit-config.yaml: the hook grantlint\n"
        "wrote .github/workflows/grantlint.yml: a workflow with code scanning\n"
        "\n"
        "2 findings in 1 file; next:\n"
        "  put in where you keep grantlint for OWNER in grantlint.toml, .pre-commit-config.yaml, "
        ".github/workflows/grantlint.yml\n"
        "  grantlint check . # read them\n"
        "  grantlint baseline write . # accept what is there for now\n"
        "  pre-commit install # judge what each commit changes\n"
    )


def test_without_findings_no_baseline_is_proposed(repository):
    repository("main.tf", KEY)
    done = grantlint("init", "--no-pre-commit", "--no-ci", "--no-config")
    assert done.stdout == "\nno findings in 1 file\n"


def test_what_it_wrote_changes_no_result(repository):
    repository("main.tf", BAD)
    before = grantlint("check", "--format", "json", ".")
    grantlint("init")
    assert grantlint("check", "--format", "json", ".") == before


def test_nothing_is_overwritten(repository):
    repository("main.tf", KEY)
    grantlint("init")
    texts = {path: Path(path).read_text(encoding="utf-8") for path in FILES}
    done = grantlint("init")
    assert done.returncode == 0
    assert {path: Path(path).read_text(encoding="utf-8") for path in FILES} == texts
    assert done.stdout.splitlines()[:3] == [
        "kept grantlint.toml: it goes for .",
        "kept .pre-commit-config.yaml: it has the hook already",
        "kept .github/workflows/grantlint.yml: it is there already",
    ]


def test_a_dry_run_writes_nothing_and_shows_all(repository):
    repository("main.tf", KEY)
    done = grantlint("init", "--dry-run", "--gitlab")
    assert written() == {"main.tf"}
    assert done.stdout.startswith("would write grantlint.toml: a configuration")
    for text in (PRE_COMMIT, GITLAB):
        assert all(f"  {line}\n" in done.stdout for line in text.splitlines())


@pytest.mark.parametrize(
    ("options", "files"),
    [
        (["--no-config"], FILES - {"grantlint.toml"}),
        (["--no-pre-commit"], FILES - {".pre-commit-config.yaml"}),
        (["--no-ci"], FILES - {".github/workflows/grantlint.yml"}),
        (["--gitlab"], FILES - {".github/workflows/grantlint.yml"} | {".gitlab-ci.yml"}),
    ],
)
@pytest.mark.usefixtures("repository")
def test_parts_can_be_left_out(options, files):
    grantlint("init", *options)
    assert written() == files


def test_the_hook_and_the_job_go_to_the_top_of_the_repository(repository):
    repository("infra/main.tf", KEY)
    grantlint("init", "infra")
    assert written() == {"infra/main.tf", "infra/grantlint.toml", *FILES - {"grantlint.toml"}}


def test_a_configuration_further_up_is_enough(repository):
    repository("infra/main.tf", KEY)
    repository("pyproject.toml", "[tool.grantlint]\n")
    done = grantlint("init", "infra", "--no-ci", "--no-pre-commit")
    assert done.stdout.startswith("kept pyproject.toml: it goes for infra\n")
    assert "infra/grantlint.toml" not in written()


def test_without_a_repository_there_is_a_configuration_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = grantlint("init")
    assert written() == {"grantlint.toml"}
    assert done.stdout.startswith("no git repository is around .: no hook and no job are written\n")


@pytest.mark.usefixtures("repository")
def test_a_link_out_of_the_repository_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    Path(".github").symlink_to(outside)
    (outside / "config.yaml").write_text("repos:\n- repo: local\n  hooks: []\n", encoding="utf-8")
    Path(".pre-commit-config.yaml").symlink_to(outside / "config.yaml")
    done = grantlint("init")
    assert done.returncode == 2
    assert "its directory is a link out of the repository" in done.stderr
    assert {path.name for path in outside.iterdir()} == {"config.yaml"}
    assert "grantlint" not in (outside / "config.yaml").read_text(encoding="utf-8")


# -- what it writes ------------------------------------------------------------------------


def test_as_it_is_the_configuration_sets_nothing():
    made = document(Source("grantlint.toml", configuration(own()).encode()))
    assert made.data == {}


def test_with_every_key_it_is_accepted(repository):
    repository("policies/x.rego", "")
    text = SETTING.sub("", configuration(own()))
    text = text.replace('ignore = ["duplicate-grant"]', 'ignore = ["orphan-grant"]')
    draft = read(document(Source("grantlint.toml", text.encode())), Path.cwd())
    assert draft.mistakes == ()
    assert len(draft.configuration.said) == 17
    assert {one.id for one in draft.configuration.named} <= set(IDS)


@pytest.mark.parametrize("id", IDS)
def test_every_rule_is_in_it(id):
    assert re.search(rf"^# .*\b{id}\b(?!-)", configuration(own()), re.M)


@pytest.mark.usefixtures("repository")
def test_pre_commit_accepts_what_is_written():
    grantlint("init")
    for text in (None, "repos:\n- repo: meta\n  hooks:\n  - id: identity\n"):
        if text is not None:
            Path(".pre-commit-config.yaml").write_text(with_hook(text), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_the_workflow_has_the_rights_it_needs_and_no_more():
    made = yaml.safe_load(WORKFLOW)
    (job,) = made["jobs"].values()
    assert made["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    checkout, ours, upload = job["steps"]
    assert checkout["with"] == {"persist-credentials": False, "fetch-depth": 0}
    assert upload["if"].startswith("always()")
    assert upload["with"]["sarif_file"] == ours["with"]["sarif"]
    assert "pull_request.base.sha" in ours["with"]["diff-against"]


def test_the_job_for_gitlab_keeps_its_reports():
    (job,) = yaml.safe_load(GITLAB).values()
    assert job["artifacts"]["when"] == "always"
    reports = job["artifacts"]["reports"]
    assert all(file in " ".join(job["script"]) for file in reports.values())


# -- a file of hooks that is there ---------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "repos:\n  - repo: a\n    hooks:\n      - id: x\n",
            "repos:\n  - repo: a\n    hooks:\n      - id: x\n<>",
        ),
        (
            "# ours\nrepos: # all\n- repo: a\n  hooks:\n  - id: x # why\n\n# the end\nci:\n  skip: [x]\n",
            "# ours\nrepos: # all\n- repo: a\n  hooks:\n  - id: x # why\n<>\n# the end\nci:\n  skip: [x]\n",
        ),
        (
            "fail_fast: true\n\nrepos:\n    - repo: a\n      hooks: [{id: x}]\n\n    - repo: b\n      hooks: []",
            (
                "fail_fast: true\n\nrepos:\n    - repo: a\n      hooks: [{id: x}]\n\n    - repo: b\n"
                "      hooks: []\n\n<>"
            ),
        ),
        (
            "repos:\r\n- repo: a\r\n  hooks: []\r\n",
            "repos:\r\n- repo: a\r\n  hooks: []\r\n<>",
        ),
    ],
)
def test_the_hook_is_added_and_nothing_else_changes(before, after):
    indent = re.search(r"^( *)- repo", before, re.M)[1]
    end = "\r\n" if "\r\n" in before else "\n"
    entry = "".join(f"{indent}{line}{end}" for line in HOOK.splitlines())
    assert with_hook(before) == after.replace("<>", entry)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos: []\n",
        "repos: [{repo: a, hooks: []}]\n",
        "repos: &r\n- repo: a\n  hooks: []\n",
        "repos:\n- repo: a\n  hooks: [\n",
        "- repo: a\n",
        "{repos: [\n{repo: a, hooks: []}\n]}\n",
        "x: |\n  repos:\n  - a\nrepos:\n",
        "other: >\n\n  text\n? repos\n: - repo: a\n    hooks: []\n",
    ],
)
def test_where_it_cannot_be_added_safely_it_is_shown(repository, text):
    repository(".pre-commit-config.yaml", text)
    done = grantlint("init", "--no-ci", "--no-config")
    assert Path(".pre-commit-config.yaml").read_text(encoding="utf-8") == text
    assert done.stdout.startswith("kept .pre-commit-config.yaml: add this to its repos\n")
    assert all(f"  {line}\n" in done.stdout for line in HOOK.splitlines())


def test_a_job_is_not_added_to_a_file_of_gitlab_but_shown(repository):
    repository(".gitlab-ci.yml", "test:\n  script: make\n")
    done = grantlint("init", "--gitlab", "--no-config", "--no-pre-commit")
    assert Path(".gitlab-ci.yml").read_text(encoding="utf-8") == "test:\n  script: make\n"
    assert done.stdout.startswith("kept .gitlab-ci.yml: add this to it\n  grantlint:\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: there is no such directory"),
        (["--gitlab", "--no-ci"], "--gitlab and --no-ci: only one of them can be meant"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_cannot_be_meant(arguments, message):
    done = grantlint("init", *arguments)
    assert (done.returncode, done.stderr) == (2, f"grantlint: error: {message}\n")
