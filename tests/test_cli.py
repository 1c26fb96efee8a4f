"""The command line as its users meet it: exit codes, streams, messages."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import grantlint.reports

ROOT = Path(__file__).parents[1]
EXAMPLE = "fixtures/terraform/example"
CLEAN = 'resource "aws_kms_key" "k" {}\n'
GRANT = """\
resource "aws_kms_key" "k" {}

resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""
POSSIBLE = (
    GRANT.replace('["Decrypt"]', "var.operations")
    + 'variable "operations" {\n  type = set(string)\n}\n'
)


def grantlint_run(*arguments, cwd=ROOT, stdin="", **environment):
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "NO_COLOR", "FORCE"))}
    return subprocess.run(
        [sys.executable, "-m", "grantlint", *map(str, arguments)],
        cwd=cwd,
        env={**ours, "PYTHONPATH": str(ROOT), **environment},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def estate(tmp_path):
    def write(text, name="main.tf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


# -- exit codes ----------------------------------------------------------------------------


def test_findings_give_1():
    assert grantlint_run("check", EXAMPLE).returncode == 1


def test_nothing_found_gives_0(estate):
    done = grantlint_run("check", estate(CLEAN))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "no findings in 1 file\n"


def test_the_path_is_the_current_directory_by_default(estate):
    assert grantlint_run("check", cwd=estate(GRANT)).returncode == 1


def test_an_empty_directory_gives_3(tmp_path):
    done = grantlint_run("check", tmp_path)
    assert done.returncode == 3
    assert f"no Terraform files in {tmp_path}" in done.stderr


def test_an_empty_directory_can_be_allowed(tmp_path):
    assert grantlint_run("check", "--allow-empty", tmp_path).returncode == 0


def test_a_path_that_is_not_there_gives_3_even_if_empty_is_allowed(tmp_path):
    done = grantlint_run("check", "--allow-empty", tmp_path / "gone")
    assert done.returncode == 3
    assert "gone" in done.stdout
    assert "unreadable-file" in done.stdout


def test_a_broken_file_gives_3_and_the_rest_is_judged(estate):
    estate(GRANT)
    done = grantlint_run("check", estate('resource "aws_kms_key" "x" {\n', "broken.tf"))
    assert done.returncode == 3
    assert "broken.tf:1" in done.stdout
    assert "unconstrained-grant" in done.stdout


@pytest.mark.parametrize(
    ("fail_on", "expected"),
    [("low", 1), ("medium", 1), ("high", 0), ("critical", 0), ("never", 0)],
)
def test_fail_on_is_the_lowest_severity_that_counts(estate, fail_on, expected):
    done = grantlint_run("check", "--fail-on", fail_on, estate(GRANT))
    assert done.returncode == expected
    assert "medium unconstrained-grant" in done.stdout


def test_a_possible_finding_neither_shows_nor_counts(estate):
    done = grantlint_run("check", estate(POSSIBLE))
    assert done.returncode == 0
    assert "1 possible: --certainty possible shows them" in done.stdout
    assert "unconstrained-grant" not in done.stdout


def test_a_possible_finding_shows_and_counts_on_demand(estate):
    done = grantlint_run("check", "--certainty", "possible", estate(POSSIBLE))
    assert done.returncode == 1
    assert "medium (possible) unconstrained-grant" in done.stdout


def test_a_value_from_outside_makes_it_certain(estate):
    directory = estate(POSSIBLE)
    assert grantlint_run("check", "--var", 'operations=["Decrypt"]', directory).returncode == 1
    done = grantlint_run("check", directory, TF_VAR_operations='["DescribeKey"]')
    assert (done.returncode, "possible" in done.stdout) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["chek"], "Did you mean 'check'?"),
        (["check", "--bogus"], "No such option: --bogus"),
        (["check", "--fail-on", "bad"], "--fail-on"),
        (["check", "--var", "x"], "--var x: write it as NAME=VALUE"),
        (["check", "--var", "nobody=1", EXAMPLE], "--var nobody: no root module declares it"),
        (["check", "--account", "12", EXAMPLE], "an account is 12 digits"),
        (["check", "--output", "pdf", EXAMPLE], "the formats are text and json"),
        (["check", "--output", "json=", EXAMPLE], "the file's name is missing"),
        (["check", "--output", "text", "--output", "json", EXAMPLE], "only one format"),
        (["check", "--output", "json=/nowhere/x.json", EXAMPLE], "cannot be written"),
        (["explain", "unconstraint-grant"], "did you mean unconstrained-grant?"),
        (["explain", "zzz"], "`grantlint rules` lists them"),
        (["console", "gone"], "gone: there is no such directory"),
    ],
)
def test_wrong_usage_gives_2_and_says_what_would_be_right(arguments, text):
    done = grantlint_run(*arguments)
    assert done.returncode == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr


BUG = """
import sys
from grantlint import check
def bug(paths, options):
    raise ValueError("first line\\nsecond line")
check.check = bug
from grantlint.cli.app import run
sys.exit(run(sys.argv[1:]))
"""


def broken_run(*arguments):
    return subprocess.run(
        [sys.executable, "-c", BUG, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bug_gives_4_and_one_line():
    done = broken_run("check", EXAMPLE)
    assert done.returncode == 4
    assert done.stderr.startswith("grantlint: internal error: ValueError: first line (")
    assert done.stderr.count("\n") == 1


def test_debug_shows_the_trace_of_a_bug():
    done = broken_run("check", "--debug", EXAMPLE)
    assert done.returncode == 4
    assert "Traceback" in done.stderr
    assert "second line" in done.stderr


def test_ctrl_c_gives_130():
    with subprocess.Popen(
        [sys.executable, "-m", "grantlint", "console", EXAMPLE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write("1 + 1\n")
        process.stdin.flush()
        assert process.stdout.readline() == '{"value": 2}\n'
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", ["check --format json", "model", "rules", "explain"])
def test_a_closed_pipe_ends_quietly(command):
    rest = {"rules": [], "explain": ["public-key-policy"]}.get(command, [EXAMPLE])
    with subprocess.Popen(
        [sys.executable, "-m", "grantlint", *command.split(), *rest],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=30)
    assert errors == ""
    assert process.returncode == (1 if command.startswith("check") else 0)


# -- streams and formats -------------------------------------------------------------------


def schema(path):
    return json.loads(Path(path).read_text("utf-8"))


@pytest.mark.parametrize("extra", [[], ["--certainty", "possible"]])
def test_json_is_what_its_schema_says(extra):
    done = grantlint_run("check", "--format", "json", *extra, EXAMPLE)
    path = Path(grantlint.reports.__file__).with_name("findings.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema(path))
    jsonschema.validate(json.loads(done.stdout), schema(path))


def test_json_of_broken_input_is_what_its_schema_says(tmp_path):
    done = grantlint_run("check", "--format", "json", tmp_path / "gone")
    path = Path(grantlint.reports.__file__).with_name("findings.schema.json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema(path))
    assert document["findings"][0]["rule"] == "unreadable-file"
    assert document["findings"][0]["severity"] is None


def test_json_holds_the_possible_findings_too(estate):
    done = grantlint_run("check", "--format", "json", estate(POSSIBLE))
    assert [f["certain"] for f in json.loads(done.stdout)["findings"]] == [False]
    assert done.returncode == 0


def test_two_formats_at_once(tmp_path):
    file = tmp_path / "out.json"
    done = grantlint_run("check", "--output", "text", "--output", f"json={file}", EXAMPLE)
    assert "2 findings" in done.stdout
    assert len(json.loads(file.read_text("utf-8"))["findings"]) == 2


def test_the_exit_code_does_not_depend_on_the_format(tmp_path):
    codes = {
        grantlint_run("check", *output, EXAMPLE).returncode
        for output in ([], ["--format", "json"], ["--output", f"json={tmp_path / 'x'}"])
    }
    assert codes == {1}


def test_two_runs_write_the_same_bytes():
    runs = [grantlint_run("check", EXAMPLE, PYTHONHASHSEED=str(seed)).stdout for seed in (1, 2)]
    assert runs[0] == runs[1]


def test_remarks_go_to_standard_error():
    done = grantlint_run("check", "-v", "--format", "json", EXAMPLE)
    json.loads(done.stdout)
    assert "terraform.tfvars" in done.stderr


def test_the_model_is_what_its_schema_says():
    done = grantlint_run("model", EXAMPLE)
    assert done.returncode == 0
    published = json.loads(grantlint_run("model", "--schema").stdout)
    jsonschema.validate(json.loads(done.stdout), published)


def test_the_model_of_nothing_gives_3(tmp_path):
    done = grantlint_run("model", tmp_path)
    assert done.returncode == 3
    assert json.loads(done.stdout)["grants"] == []


def test_a_sensitive_value_is_never_shown(estate):
    directory = estate(
        GRANT.replace('"arn:aws:iam::111122223333:role/app"', "var.who")
        + 'variable "who" {\n  default   = "arn:aws:iam::111122223333:role/hush"\n'
        + "  sensitive = true\n}\n"
    )
    for command in (["check"], ["check", "--format", "json"], ["model"]):
        done = grantlint_run(*command, directory)
        assert "hush" not in done.stdout + done.stderr


def test_console_answers_line_by_line():
    asked = 'local.name\nvar.partner_account_id\nvar.nobody\n\n{"expr": "(1 +\\n1)"}\n{"a": 1}\n'
    done = grantlint_run("console", EXAMPLE, stdin=asked)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0] == {"value": "warehouse-prod"}
    assert answers[1] == {"unknown": "var.partner_account_id has no value"}
    assert list(answers[2]) == ["error"]
    assert answers[3:] == [{"value": 2}, {"value": {"a": 1}}]


# -- colour --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(arguments, environment, expected):
    done = grantlint_run("check", *arguments, EXAMPLE, **environment)
    assert ("\x1b[" in done.stdout) is expected


def test_a_file_never_has_colour(tmp_path):
    file = tmp_path / "out.txt"
    grantlint_run("check", "--color", "always", "--output", f"text={file}", EXAMPLE)
    assert "\x1b[" not in file.read_text("utf-8")


# -- help, version, rules ------------------------------------------------------------------


def test_no_arguments_show_the_help():
    done = grantlint_run()
    assert "Commands:" in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "model", "console", "rules", "explain"])
def test_every_command_has_help(command):
    done = grantlint_run(command, "--help")
    assert done.returncode == 0
    assert f"Usage: grantlint {command}" in done.stdout


def test_rules_are_listed_as_text_and_json():
    listed = grantlint_run("rules").stdout.splitlines()
    rules = json.loads(grantlint_run("rules", "--format", "json").stdout)
    assert [line.split()[0] for line in listed] == [rule["id"] for rule in rules]


def test_explain_shows_the_whole_page():
    page = grantlint_run("explain", "unconstrained-grant").stdout
    assert page.startswith("# Grant works with any encryption context\n")
    assert "## How to fix it" in page
    assert "https://docs.aws.amazon.com/" in page


def test_the_version_is_quick():
    command = [sys.executable, "-m", "grantlint", "--version"]
    spent = []
    for _ in range(3):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        spent.append(usage.ru_utime + usage.ru_stime)
    assert min(spent) <= 0.12
