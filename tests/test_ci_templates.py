"""The action for GitHub and the job for GitLab: their own scripts, run as the runners do.

What the runners would put into expressions, variables and files is put there by `Runner`; the
scripts are taken from the YAML as they stand, and judge a real git repository.
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

from grantlint.reports import FORMATS

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GITLAB = ROOT / "docs/ci/grantlint.gitlab-ci.yml"
STEPS = {step.get("id", "comment"): step for step in ACTION["runs"]["steps"]}

GRANT = """\
resource "aws_kms_key" "k" {}

resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""

PROGRAM = """\
import subprocess, sys
with open({log!r}, "w") as file:
    print("\\0".join(sys.argv[1:]), end="", file=file)
sys.exit(subprocess.call([{python!r}, "-m", "grantlint", *sys.argv[1:]]))
"""
GH = """\
import json, os, sys
arguments = sys.argv[1:]
state = {state!r}
with open(state) as file:
    comments = json.load(file)
if os.environ.get("GH_TOKEN") != "hush":
    sys.exit("HTTP 403")
if "--input" in arguments:
    with open(arguments[arguments.index("--input") + 1]) as file:
        body = json.load(file)["body"]
    if "PATCH" in arguments:
        number = int(next(one for one in arguments if "/comments/" in one).rpartition("/")[2])
        comments[number] = body
    else:
        comments.append(body)
    with open(state, "w") as file:
        json.dump(comments, file)
else:
    for number, body in enumerate(comments):
        if body.startswith("<!-- grantlint -->"):
            print(number)
"""


class Runner:
    """One run of the action on GitHub's runner, in a repository."""

    def __init__(self, repository: Path, home: Path) -> None:
        self.repository, self.home = repository, home
        self.outputs: dict[str, dict[str, str]] = {}
        self.log = home / "arguments"
        self.comments = home / "comments.json"
        self.comments.write_text("[]", encoding="utf-8")
        self.bin = home / "bin"
        self.bin.mkdir()
        (self.bin / "python").symlink_to(sys.executable)
        self._program("grantlint", PROGRAM.format(log=str(self.log), python=sys.executable))
        self._program("gh", GH.format(state=str(self.comments)))

    def _program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        path.chmod(0o755)

    def step(self, name: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """One step, with its expressions replaced where it may have them: in `env`."""
        step = STEPS[name]
        assert step["shell"] == "bash"
        inputs = {key: one.get("default", "") for key, one in ACTION["inputs"].items()} | given
        environment = {key: self._value(text, inputs) for key, text in step["env"].items()}
        output = self.home / f"{name}.output"
        output.write_text("", encoding="utf-8")
        script = self.home / f"{name}.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.repository,
            env=self.environment() | environment | {"GITHUB_OUTPUT": str(output)},
            capture_output=True,
            text=True,
            check=False,
        )
        lines = output.read_text("utf-8").splitlines()
        self.outputs[name] = dict(line.split("=", 1) for line in lines)
        return done

    def environment(self) -> dict[str, str]:
        """What the runner gives to every step."""
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_REPOSITORY": "owner/name",
            "GITHUB_STEP_SUMMARY": str(self.home / "summary.md"),
            "RUNNER_TEMP": str(self.home),
        }

    def _value(self, text: str, inputs: dict[str, str]) -> str:
        expression = re.fullmatch(r"\$\{\{ (\S+) \}\}", text)
        assert expression is not None, text
        name = expression[1]
        if name.startswith("inputs."):
            return inputs[name.removeprefix("inputs.")]
        if name == "github.event.pull_request.number":
            return "7"
        step, _, output = name.removeprefix("steps.").partition(".outputs.")
        return self.outputs[step].get(output, "")

    def judge(self, **given: str) -> subprocess.CompletedProcess[str]:
        """The step that judges, by what a step before it would have installed."""
        self.outputs["install"] = {"bin": str(self.bin), "home": str(self.home)}
        return self.step("check", {key.replace("_", "-"): text for key, text in given.items()})

    @property
    def arguments(self) -> list[str]:
        """What grantlint was last run with."""
        return self.log.read_text("utf-8").split("\0")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    (path / "main.tf").write_text(GRANT, encoding="utf-8")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *identity, *command], cwd=path, check=True)
    return path


@pytest.fixture
def runner(repository: Path, tmp_path: Path) -> Runner:
    home = tmp_path / "home"
    home.mkdir()
    return Runner(repository, home)


# -- exit codes ----------------------------------------------------------------------------

CODES = [
    (1, {}),
    (0, {"fail_on": "high"}),
    (0, {"fail_on": "never"}),
    (2, {"fail_on": "sometimes"}),
    (2, {"args": "--no-such-option"}),
    (2, {"args": "--select 'unconstrained-grant"}),
    (3, {"paths": "gone"}),
    (3, {"paths": "main.tf\ngone"}),
    (0, {"args": "--ignore unconstrained-grant"}),
]


@pytest.mark.parametrize(("code", "given"), CODES)
def test_the_exit_code_is_grantlints(runner, code, given):
    done = runner.judge(**given)
    assert done.returncode == code, done.stdout + done.stderr
    assert runner.outputs["check"] == {"exit-code": str(code)}


def test_an_internal_error_is_4(runner):
    (runner.bin / "grantlint").write_text("#!/bin/sh\nexit 4\n", encoding="utf-8")
    assert runner.judge().returncode == 4
    assert runner.outputs["check"] == {"exit-code": "4"}


def test_sarif_is_written_also_when_the_job_fails(runner):
    done = runner.judge(sarif="results.sarif")
    assert done.returncode == 1
    written = json.loads((runner.repository / "results.sarif").read_text("utf-8"))
    assert "unconstrained-grant" in {one["ruleId"] for one in written["runs"][0]["results"]}


def test_what_is_accepted_is_not_in_the_sarif_that_is_uploaded(runner):
    """Code scanning does not read `suppressions`: it would be an open alert."""
    file = runner.repository / "main.tf"
    comment = '# grantlint: ignore[unconstrained-grant, orphan-grant] reason="agreed"\n'
    text = file.read_text("utf-8")
    file.write_text(text.replace('resource "aws_kms_grant"', comment + 'resource "aws_kms_grant"'))
    done = runner.judge(sarif="results.sarif")
    assert done.returncode == 0, done.stdout
    written = json.loads((runner.repository / "results.sarif").read_text("utf-8"))
    assert written["runs"][0]["results"] == []
    assert "unconstrained-grant" in {
        one["id"] for one in written["runs"][0]["tool"]["driver"]["rules"]
    }


def test_a_file_that_was_there_before_stays_where_nothing_was_judged(runner):
    (runner.repository / "results.sarif").write_text("mine", "utf-8")
    assert runner.judge(sarif="results.sarif", fail_on="sometimes").returncode == 2
    assert (runner.repository / "results.sarif").read_text("utf-8") == "mine"


# -- what users write stays text -----------------------------------------------------------


def test_inputs_become_arguments(runner):
    runner.judge(
        paths="main.tf\nmy modules/a\r\n\n*.tf",
        args="--select 'unconstrained-grant, x' --var a=\"b c\"\n--certainty possible",
        fail_on="high",
        sarif="a b.sarif",
    )
    arguments = runner.arguments
    assert arguments[0] == "check"
    assert arguments[2:7] == ["--select", "unconstrained-grant, x", "--var", "a=b c", "--certainty"]
    assert arguments[8] == "--fail-on=high"
    assert arguments[9].endswith("=a b.sarif")
    assert arguments[10:] == ["--", "main.tf", "my modules/a", "*.tf"]


HOSTILE = [
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "x\ntouch pwned",
    "' ; touch pwned ; '",
    '"; touch pwned; "',
    "x && touch pwned",
    "x | touch pwned",
    "${IFS}touch${IFS}pwned",
    "x\n::error::forged",
    "x\nexit-code=0",
    "--\n$(touch pwned)",
    "-x",
    "*",
]


@pytest.mark.parametrize(
    ("name", "hostile"),
    [
        *((name, one) for name in ("paths", "args") for one in HOSTILE),
        *((name, one) for name in ("fail_on", "diff_against", "sarif") for one in HOSTILE[:4]),
    ],
)
def test_hostile_input_is_inert(runner, name, hostile):
    before = set(runner.repository.iterdir())
    done = runner.judge(**{name: hostile})
    made = set(runner.repository.iterdir()) - before
    assert not [path for path in made if path.name == "pwned"]
    assert not made or name == "sarif"
    code = runner.outputs["check"]["exit-code"]
    assert code == str(done.returncode)
    if name in {"fail_on", "diff_against"}:
        assert code == "2"
    if "github" in FORMATS:  # text, which stands for it, knows nothing of the runner's commands
        assert not re.search(r"(?m)^::error::forged", done.stdout + done.stderr)


@pytest.mark.parametrize("hostile", [*HOSTILE, "1.0 --index-url x", "@ file:///x", "1.0;x"])
def test_a_hostile_version_is_refused(runner, hostile):
    done = runner.step("install", {"version": hostile, "python": sys.executable})
    assert done.returncode == 2
    assert done.stdout == "::error title=grantlint::version: write it as 1.2.3\n"
    assert runner.outputs["install"] == {}


def test_no_script_has_an_expression():
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step


def test_the_token_is_given_to_the_comment_only():
    with_token = [name for name, step in STEPS.items() if "inputs.token" in str(step["env"])]
    assert with_token == ["comment"]


# -- the comment ---------------------------------------------------------------------------


def comment(runner, **given):
    judged = runner.judge(comment="true")
    done = runner.step("comment", {"comment": "true", "token": "hush"} | given)
    return judged, done, json.loads(runner.comments.read_text("utf-8"))


def test_a_finding_is_written_into_a_comment(runner):
    judged, done, comments = comment(runner)
    assert (judged.returncode, done.returncode) == (1, 0), done.stderr
    (body,) = comments
    assert body.startswith("<!-- grantlint -->\n")
    assert "unconstrained-grant" in body


def test_the_comment_is_edited_and_not_repeated(runner):
    comment(runner)
    assert len(comment(runner)[2]) == 1
    (runner.repository / "main.tf").write_text('resource "aws_kms_key" "k" {}\n', encoding="utf-8")
    judged, _, comments = comment(runner)
    assert judged.returncode == 0
    assert len(comments) == 1
    assert "unconstrained-grant" not in comments[0]


def test_nothing_found_writes_no_first_comment(runner):
    (runner.repository / "main.tf").write_text('resource "aws_kms_key" "k" {}\n', encoding="utf-8")
    assert comment(runner)[2] == []


def test_a_comment_that_is_refused_is_a_warning(runner):
    _, done, comments = comment(runner, token="a fork's")  # noqa: S106
    assert (done.returncode, comments) == (0, [])
    assert done.stdout.startswith("::warning title=grantlint::the comment cannot be written")


# -- installed as the action does it -------------------------------------------------------


def test_the_action_installs_its_own_checkout(runner):
    done = runner.step("install", {"python": sys.executable})
    if done.returncode and "GRANTLINT_REQUIRE_TOOLS" not in os.environ:
        pytest.skip(f"the dependencies cannot be installed here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    program = Path(runner.outputs["install"]["bin"], "grantlint")
    assert program.parent.parent.parent == runner.home
    ran = subprocess.run([program, "check"], cwd=runner.repository, check=False)
    assert ran.returncode == 1


# -- GitLab --------------------------------------------------------------------------------


def gitlab(runner, **variables):
    """The job's script as GitLab's runner runs it, by the shell of the image."""
    job = yaml.safe_load(GITLAB.read_text("utf-8"))["grantlint"]
    environment = runner.environment() | job["variables"] | variables
    environment = {k: v for k, v in environment.items() if not k.startswith("GITHUB_")}
    script = "set -eo pipefail\n" + "\n".join(job["script"])
    return job, subprocess.run(
        ["bash", "-c", script],
        cwd=runner.repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("code", "variables"),
    [
        (1, {}),
        (0, {"GRANTLINT_FAIL_ON": "high"}),
        (2, {"GRANTLINT_FAIL_ON": "sometimes"}),
        (3, {"GRANTLINT_PATHS": "main.tf gone"}),
    ],
)
def test_gitlabs_job_passes_the_exit_code_on_and_keeps_its_reports(runner, code, variables):
    job, done = gitlab(runner, **variables)
    assert done.returncode == code, done.stderr
    assert job["artifacts"]["when"] == "always"
    if code != 2:
        for file in job["artifacts"]["reports"].values():
            assert (runner.repository / file).stat().st_size > 0


def test_gitlabs_job_compares_with_the_base_of_a_merge_request(runner):
    gitlab(runner, CI_MERGE_REQUEST_DIFF_BASE_SHA="0123abc")
    at = runner.arguments.index("--diff-against")
    assert runner.arguments[at + 1] == "0123abc"


@pytest.mark.parametrize(
    ("name", "hostile"),
    [
        *(("GRANTLINT_PATHS", one) for one in HOSTILE),
        *(("GRANTLINT_FAIL_ON", one) for one in HOSTILE[:4]),
    ],
)
def test_hostile_variables_are_inert(runner, name, hostile):
    gitlab(runner, **{name: hostile})
    assert not (runner.repository / "pwned").exists()


# -- what other programs say of them -------------------------------------------------------


def documented() -> list[str]:
    """The YAML of docs/ci.md: workflows, jobs."""
    text = (ROOT / "docs/ci.md").read_text("utf-8")
    return re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", text, re.M | re.S)


def checked(schema: str, *files: Path) -> None:
    program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = subprocess.run([*program, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_are_what_their_schemas_say(tmp_path):
    checked("vendor.github-actions", ROOT / "action.yml")
    checked("vendor.gitlab-ci", GITLAB)
    workflows = 0
    for name, text in documented():
        path = tmp_path / Path(name).name
        path.write_text(text, encoding="utf-8")
        if name.startswith(".github/"):
            workflows += 1
            checked("vendor.github-workflows", path)
        elif name == ".gitlab-ci.yml":
            checked("vendor.gitlab-ci", path)
    assert workflows >= 2


def test_zizmor_finds_nothing(tmp_path):
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which(
        "zizmor"
    )
    if program is None:
        assert "GRANTLINT_REQUIRE_TOOLS" not in os.environ, "zizmor is not here"
        pytest.skip("zizmor is not here")
    workflows = tmp_path / ".github/workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / "action.yml", tmp_path / "action.yml")
    for name, text in documented():
        if name.startswith(".github/workflows/"):
            (tmp_path / name).write_text(text, encoding="utf-8")
    command = [program, "--offline", "--no-config", "--strict-collection", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_nothing(tmp_path):
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip("shellcheck is not here")
    for name, step in STEPS.items():
        path = tmp_path / f"{name}.sh"
        path.write_text(f"#!/usr/bin/env bash\n{step['run']}", encoding="utf-8")
        done = subprocess.run([program, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_names_of_formats_are_ours():
    written = set(re.findall(r"--output[= ]([a-z]+)", (ROOT / "action.yml").read_text("utf-8")))
    written |= set(re.findall(r"--output ([a-z]+)", GITLAB.read_text("utf-8")))
    assert written == {"github", "sarif", "markdown", "text", "gitlab", "junit"}
    assert written <= set(FORMATS)
