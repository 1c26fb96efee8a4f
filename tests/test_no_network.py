"""No network, no telemetry: whole runs under an audit hook that records and refuses.

The hook sees what Python does (https://docs.python.org/3/library/audit_events.html). What a library
in another language might do is shut off where `unshare` can: without any network, not even a
loopback, each run does the same.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from opa_program import on_path

from grantlint.rego.scaffold import scaffold
from grantlint.reports import FORMATS

ROOT = Path(__file__).parents[1]
HOOK = """\
import os, sys
_STARTED = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"}
_NETWORK = ("socket.", "ssl.", "urllib.", "http.", "ftplib.", "smtplib.", "asyncio.")

def _watch(event, arguments):
    if event in _STARTED:
        command = arguments[0] or arguments[1][0]
        if os.path.basename(os.fspath(command)) in {"git", "opa"}:
            return
    elif not event.startswith(_NETWORK):
        return
    file = os.open(os.environ["GRANTLINT_TEST_LOG"], os.O_WRONLY | os.O_APPEND)
    os.write(file, f"{event} {arguments}\\n".encode())
    os.close(file)
    raise RuntimeError(f"{event} is refused")

sys.addaudithook(_watch)
"""
CLIENTS = {"socket", "ssl", "http.client", "urllib.request", "requests", "urllib3", "opa_client"}

INPUTS = {
    "terraform": ["fixtures/terraform/example"],
    "plan": ["fixtures/truth/terraform/c10_key_policy/plan.json"],
    "state": ["--input", "terraform-state:fixtures/truth/terraform/c10_key_policy/state.json"],
    "cloudformation": ["fixtures/cloudformation"],
    "cdk": ["fixtures/cdk/debug-2.276.0/cdk.out"],
    "cdktf": ["fixtures/truth/cdk/30-cdktf"],
    "aws": ["fixtures/aws"],
    "broken": ["fixtures/broken"],
    "remote module": ["{estate}"],
}
ALL_FORMATS = [f"--output={format}={{estate}}/report.{format}" for format in FORMATS]
RUNS = [
    *(["check", *paths] for paths in INPUTS.values()),
    ["check", *ALL_FORMATS, *INPUTS["terraform"]],
    ["check", "--diff-against", "HEAD", "{repository}"],
    ["check", "--add-ignore", "agreed", "{repository}"],
    ["baseline", "write", "--baseline", "{estate}/known.json", *INPUTS["terraform"]],
    ["config", "show", "{repository}"],
    ["config", "schema"],
    ["init", "--dry-run", "{repository}"],
    ["check", "--certainty", "possible", "--verbose", "--show-fixes", *INPUTS["terraform"]],
    ["check", "--changed", "fixtures/terraform/example/main.tf"],
    ["check", "--no-such-option"],
    ["check", "--policies", "{policies}", *INPUTS["terraform"]],
    *(["model", *paths] for paths in INPUTS.values()),
    ["console", "fixtures/terraform/example"],
    ["rules"],
    ["rules", "--format", "json"],
    ["explain", "unconstrained-grant"],
    ["policies", "new", "some-fault", "--dir", "{estate}/new"],
    ["policies", "test", "{policies}"],
    ["policies", "build", "{policies}", "--output", "{estate}/rules.tar.gz"],
    ["policies", "schema"],
    ["policies", "library"],
    ["completion", "bash"],
    ["--help"],
    ["--version"],
]
REMOTE = """\
module "a" {
  source = "git::https://user:token@example.com/modules.git//kms?ref=v1"
}

module "b" {
  source  = "terraform-aws-modules/kms/aws"
  version = "~> 3.0"
}

data "terraform_remote_state" "far" {
  backend = "s3"
  config  = { bucket = "b", key = "k", region = "eu-west-1" }
}

data "http" "page" {
  url = "https://example.com"
}

resource "aws_kms_key" "k" {
  policy = data.http.page.response_body
}

resource "aws_kms_grant" "g" {
  key_id            = data.terraform_remote_state.far.outputs.key
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""


@pytest.fixture
def places(tmp_path):
    """What stands for the names in braces: modules from elsewhere, rules of a user's own."""
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate/main.tf").write_text(REMOTE, encoding="utf-8")
    (tmp_path / "log").write_text("", encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "main.tf").write_text(REMOTE, encoding="utf-8")
    for words in ("init -q", "add .", "-c user.name=n -c user.email=n@example.com commit -qm all"):
        subprocess.run(["git", *words.split()], cwd=repository, check=True)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/wide_grant.rego").write_text(scaffold("wide_grant"), encoding="utf-8")
    return tmp_path


def run(places, arguments, *before, **environment):
    names = {name: str(places / name) for name in ("estate", "policies", "repository")}
    filled = [argument.format(**names) for argument in arguments]
    return subprocess.run(
        [*before, sys.executable, "-m", "grantlint", *filled],
        cwd=ROOT,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("TF_", "GITHUB_"))},
            "PYTHONPATH": f"{places}{os.pathsep}{ROOT}",
            "GRANTLINT_TEST_LOG": str(places / "log"),
            **environment,
        },
        input="local.name\n",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_a_run_opens_no_connection_and_starts_nothing_but_git_and_opa(places, arguments):
    with on_path():
        done = run(places, arguments)
    assert (places / "log").read_text("utf-8") == ""
    expected = {2} if "--no-such-option" in arguments else {0, 1, 3}
    assert done.returncode in expected, done.stderr


def test_the_hook_would_see_a_connection(places):
    """That the test above can fail: a server is asked for, and refused."""
    asked = ["check", "--policies", "{policies}", "--opa-url", "http://127.0.0.1:9", "{estate}"]
    done = run(places, asked)
    assert (places / "log").read_text("utf-8").startswith("socket.")
    assert done.returncode != 0


def _shut_off():
    program = shutil.which("unshare")
    if program is None:
        return None
    command = [program, "-rn"]
    done = subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if done.returncode == 0 else None


SHUT_OFF = [
    *(["check", *INPUTS[kind]] for kind in ("terraform", "cloudformation", "cdk", "remote module")),
    ["check", "--output", "html", *INPUTS["terraform"]],
    ["check", "--policies", "{policies}", *INPUTS["terraform"]],
    ["model", *INPUTS["plan"]],
    ["check", "--diff-against", "HEAD", "{repository}"],
]
"""What calls libraries in other languages, and other programs."""


@pytest.mark.parametrize("arguments", SHUT_OFF, ids=" ".join)
def test_a_run_without_any_network_does_the_same(places, arguments):
    before = _shut_off()
    if before is None:
        pytest.skip("unshare cannot shut the network off here")
    with on_path():
        usual = run(places, arguments)
        alone = run(places, arguments, *before)
    assert (alone.returncode, alone.stdout, alone.stderr) == (
        usual.returncode,
        usual.stdout,
        usual.stderr,
    )


@pytest.mark.parametrize("paths", INPUTS.values(), ids=INPUTS)
def test_a_check_loads_no_client(places, paths):
    arguments = [path.format(estate=places / "estate") for path in paths]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "grantlint", "check", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = set(re.findall(r"^import time:[^|]*\|[^|]*\| +(\S+)$", done.stderr, re.M))
    assert "grantlint.check" in found
    assert not CLIENTS & found


def test_no_module_of_ours_names_a_client_but_the_one_for_servers():
    named = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "grantlint").rglob("*.py")
        if re.search(
            r"^\s*(?:import|from) (?:socket|ssl|http|urllib\.request|requests|urllib3|opa_client)\b",  # noqa: E501
            path.read_text("utf-8"),
            re.M,
        )
    }
    assert named <= {"grantlint/rego/client.py", "grantlint/rego/server.py"}
