"""The command line as its users meet it: exit codes, streams, messages."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

import grantlint.reports
from grantlint.check import Terms, check
from grantlint.cli.app import run
from grantlint.cli.output import Color, colored, linked
from grantlint.config import Selection
from grantlint.parsers.settings import Options
from grantlint.rules import all_rules

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
    ours = {
        k: v for k, v in os.environ.items() if not k.startswith(("TF_", "NO_COLOR", "FORCE", "CI"))
    }
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
    assert done.stdout == "no findings in 1 file (1 key, 0 grants)\n"


def test_the_path_is_the_current_directory_by_default(estate):
    assert grantlint_run("check", cwd=estate(GRANT)).returncode == 1


def test_an_empty_directory_gives_3(tmp_path):
    done = grantlint_run("check", tmp_path)
    assert done.returncode == 3
    assert f"no Terraform, CloudFormation, CDK output or grants in {tmp_path}" in done.stderr


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
    assert re.search(r"\d possible: --certainty possible shows", done.stdout)
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
        (["check", "--output", "pdf", EXAMPLE], "the formats are text, concise, json"),
        (["check", "--output", "json=", EXAMPLE], "the file's name is missing"),
        (["check", "--output", "text", "--output", "json", EXAMPLE], "only one format"),
        (["check", "--output", "json=/nowhere/x.json", EXAMPLE], "no directory /nowhere"),
        (["check", "--output", "json=fixtures", EXAMPLE], "cannot be written"),
        (["check", "--output", "json=x", "--output", "text=x", EXAMPLE], "is given twice"),
        (["check", "--format", "text=", EXAMPLE], "the file's name is missing"),
        (["check", "--certainty", "sure", EXAMPLE], "--certainty"),
        (["check", "--color", "blue", EXAMPLE], "--color"),
        (["check", "--quiet", "--verbose", EXAMPLE], "--quiet and --verbose: only one"),
        (["check", "-qv", EXAMPLE], "--quiet and --verbose: only one"),
        (
            ["check", "--select", "unconstraint-grant", EXAMPLE],
            "--select unconstraint-grant: there is no such rule; did you mean unconstrained-grant?",
        ),
        (["check", "--ignore", "Public_Key_Policy", EXAMPLE], "did you mean public-key-policy?"),
        (["check", "--ignore", "zzz", EXAMPLE], "`grantlint rules` lists them"),
        (["check", "--select", "public-key-policy,", EXAMPLE], "--select: the id of a rule"),
        (["check", "--ignore", "", EXAMPLE], "--ignore: the id of a rule is missing"),
        (["check", "--ignore", "unreadable-file", EXAMPLE], "is always reported"),
        (["check", "--select", "unreadable-file", EXAMPLE], "is always reported"),
        (
            ["check", "--select", "public-key-policy", "--ignore", "public-key-policy", EXAMPLE],
            "no rule is left",
        ),
        (["explain", "unreadable-file"], "is always reported"),
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
def bug(*arguments, **options):
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


# -- what counts ---------------------------------------------------------------------------

FAULTS = {"certain": GRANT, "possible": POSSIBLE, "clean": CLEAN}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("fail_on", ["low", "medium", "high", "critical", "never"])
@pytest.mark.parametrize("certainty", ["certain", "possible"])
def test_the_exit_code_is_that_of_what_is_shown_and_counts(
    estate, capsys, fault, fail_on, certainty
):
    options = ["--select", "unconstrained-grant", "--fail-on", fail_on, "--certainty", certainty]
    code = run(["check", *options, str(estate(FAULTS[fault]))])
    shown = fault == "certain" or (fault, certainty) == ("possible", "possible")
    assert ("medium" in capsys.readouterr().out) is shown
    assert code == int(shown and fail_on in {"low", "medium"})


@pytest.mark.parametrize("options", [["--fail-on", "never"], ["--allow-empty"], ["--quiet"]])
def test_nothing_makes_an_unreadable_file_a_success(estate, options):
    done = grantlint_run("check", *options, estate('resource "aws_kms_key" "x" {\n'))
    assert done.returncode == 3
    assert "error unreadable-file: " in done.stdout


# -- which rules are asked -----------------------------------------------------------------

BOTH = GRANT + (
    'resource "aws_kms_key" "open" {\n  policy = jsonencode({ Statement = [{\n'
    '    Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*"\n  }] })\n}\n'
)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--select public-key-policy", {"public-key-policy"}),
        (
            "--select public-key-policy,unconstrained-grant",
            {"public-key-policy", "unconstrained-grant"},
        ),
        (
            "--select public-key-policy --select unconstrained-grant",
            {"public-key-policy", "unconstrained-grant"},
        ),
        (
            "--select public-key-policy,unconstrained-grant --ignore unconstrained-grant",
            {"public-key-policy"},
        ),
    ],
)
def test_only_the_rules_that_are_selected_are_asked(estate, options, expected):
    done = grantlint_run("check", *options.split(), "--format", "json", estate(BOTH))
    assert {found["rule"] for found in json.loads(done.stdout)["findings"]} == expected


def test_a_rule_that_is_ignored_is_not_asked(estate):
    directory = estate(BOTH)
    every, without = (
        {found["rule"] for found in json.loads(done.stdout)["findings"]}
        for done in (
            grantlint_run("check", "--format", "json", directory),
            grantlint_run("check", "--ignore", " public-key-policy", "--format", "json", directory),
        )
    )
    assert without == every - {"public-key-policy"}


def test_the_report_names_the_rules_that_were_asked():
    asked = check([EXAMPLE], Options(), Terms(Selection(select=("public-key-policy",))))
    assert [rule.id for rule in asked.rules] == ["public-key-policy"]


def test_a_file_that_cannot_be_read_is_reported_whatever_is_selected(estate):
    broken = estate('resource "aws_kms_key" "x" {\n')
    done = grantlint_run("check", "--select", "public-key-policy", broken)
    assert (done.returncode, "unreadable-file" in done.stdout) == (3, True)


def test_a_wrong_rule_is_told_before_anything_is_read(tmp_path):
    done = grantlint_run("check", "--select", "zzz", tmp_path / "gone")
    assert (done.returncode, done.stdout) == (2, "")


# -- quiet ---------------------------------------------------------------------------------


def test_quiet_writes_a_line_a_finding(estate):
    done = grantlint_run("check", "-q", "--select", "public-key-policy", estate(BOTH))
    (line,) = done.stdout.splitlines()
    assert re.match(r".*main\.tf:10:\d+: critical public-key-policy: anyone ", line)
    assert (done.returncode, done.stderr) == (1, "")


def test_quiet_writes_nothing_where_nothing_is_found(estate, tmp_path):
    done = grantlint_run("check", "--quiet", estate(CLEAN))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (tmp_path / "empty").mkdir()
    done = grantlint_run("check", "-q", "--allow-empty", tmp_path / "empty")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_quiet_still_says_why_a_run_fails(tmp_path):
    done = grantlint_run("check", "-q", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no Terraform, CloudFormation, CDK output or grants in" in done.stderr


def test_quiet_changes_no_json(estate):
    directory = estate(BOTH)
    quiet, usual = (
        grantlint_run("check", *options, "--format", "json", directory) for options in (["-q"], [])
    )
    assert (quiet.stdout, quiet.returncode) == (usual.stdout, usual.returncode)


# -- progress ------------------------------------------------------------------------------

WATCHED = """
import sys
from grantlint.cli import progress
progress.AFTER = float(sys.argv.pop(1))
progress.EVERY = 0.0
from grantlint.cli.app import run
sys.exit(run(sys.argv[1:]))
"""


def watched_run(*arguments, after="0", terminal=True, **environment):
    """What a run writes to standard error, that being a terminal of 60 columns or a pipe."""
    leader, follower = pty.openpty() if terminal else os.pipe()
    if terminal:
        termios.tcsetwinsize(follower, (24, 60))
    ours = {k: v for k, v in os.environ.items() if k not in {"CI", "TERM"}}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, after, *map(str, arguments)],
        cwd=ROOT,
        env={**ours, "TERM": "xterm", **environment},
        stdout=subprocess.PIPE,
        stderr=follower,
        check=False,
    )
    os.close(follower)
    written = b""
    while select.select([leader], [], [], 1)[0]:
        try:
            more = os.read(leader, 65536)
        except OSError:
            break
        if not more:
            break
        written += more
    os.close(leader)
    return done, written.decode()


def test_a_long_run_says_what_it_does():
    _, written = watched_run("check", EXAMPLE)
    said = [line.strip() for line in written.split("\r")]
    assert f"reading {EXAMPLE} …" in said
    assert f"evaluating {EXAMPLE} (1 of 1) …" in said
    assert "judging by public-key-policy …" in said


def test_what_it_says_stays_on_a_line_and_is_wiped(estate):
    long = estate(GRANT, f"{'long' * 30}/main.tf")
    _, written = watched_run("check", long)
    shown = written.split("\r")
    assert "\n" not in written
    assert max(map(len, shown)) < 60
    assert any(line.rstrip().endswith("…") for line in shown)
    assert shown[-2].strip() == ""
    assert shown[-1] == ""


def test_what_it_says_is_wiped_before_a_complaint():
    _, written = watched_run("check", "--var", "nobody=1", EXAMPLE)
    assert re.search(r"…\r +\rgrantlint: error: --var nobody", written)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ({"terminal": False}, {}),
        ({"after": "60"}, {}),
        ({}, {"CI": "true"}),
        ({}, {"TERM": "dumb"}),
    ],
)
def test_nobody_is_told_who_does_not_watch(arguments, environment):
    done, written = watched_run("check", EXAMPLE, **arguments, **environment)
    assert (written, done.returncode) == ("", 1)


def test_quiet_shows_no_progress():
    assert watched_run("check", "-q", EXAMPLE)[1] == ""


def test_progress_changes_no_report():
    reports = {watched_run("check", EXAMPLE, after=after)[0].stdout for after in ("0", "60")}
    assert len(reports) == 1


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
    assert not any(found["certain"] for found in json.loads(done.stdout)["findings"])
    assert "unconstrained-grant" in done.stdout
    assert done.returncode == 0


def test_the_schema_of_json_is_shown():
    shown = grantlint_run("check", "--schema")
    path = Path(grantlint.reports.__file__).with_name("findings.schema.json")
    assert (shown.returncode, json.loads(shown.stdout)) == (0, schema(path))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("command", ["check --format json", "model", "console"])
def test_json_is_json_whatever_the_terminal_can_show(estate, command, encoding):
    escaped = "h\\u00e9 \\u9375 \\U0001f511 \\u009b \\u202e"
    name = "h\u00e9 \u9375 \U0001f511 \x9b \u202e"
    directory = estate(
        f'resource "aws_kms_key" "k" {{\n  for_each = toset(["{name}"])\n  policy = var.p\n}}\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "grantlint", *command.split(), str(directory)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        input=f'"{escaped}"'.encode(),
        capture_output=True,
        check=False,
    )
    answer = json.loads(done.stdout.decode(encoding))
    if command == "model":
        assert answer["keys"][0]["address"] == f'aws_kms_key.k["{name}"]'
    if command == "console":
        assert answer == {"value": name}
    assert "\x9b" not in done.stdout.decode(encoding)
    assert "\u202e" not in done.stdout.decode(encoding)


def test_a_name_that_is_not_utf8_is_no_fault_of_the_report(tmp_path):
    directory = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(directory)  # noqa: PTH102
    with open(directory + b"/main.tf", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(GRANT)
    out, text = tmp_path / "out.json", tmp_path / "out.txt"
    done = subprocess.run(
        [sys.executable, "-m", "grantlint", "check", directory]
        + [f"--output={form}={file}" for form, file in (("json", out), ("text", text))],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    paths = {found["path"] for found in json.loads(out.read_text("utf-8"))["findings"]}
    assert paths == {os.fsdecode(directory + b"/main.tf")}
    assert "caf\ufffd/main.tf" in text.read_text("utf-8")


def test_a_name_of_a_file_cannot_write_to_the_terminal(estate):
    directory = estate('key = "x"\n', "\x1b[2J/terraform.tfvars").joinpath("\x1b[2J")
    directory.joinpath("main.tf").write_text(GRANT, encoding="utf-8")
    for options in (["-v"], ["-q"], ["--format", "json"], ["--var", "x=1"], ["--output", "a\x1b"]):
        done = grantlint_run("check", *options, directory)
        assert "\x1b" not in done.stdout + done.stderr


def test_two_formats_at_once(tmp_path):
    file = tmp_path / "out.json"
    done = grantlint_run("check", "--output", "text", "--output", f"json={file}", EXAMPLE)
    written = json.loads(file.read_text("utf-8"))
    certain = [found for found in written["findings"] if found["certain"]]
    assert certain
    assert f"{len(certain)} findings" in done.stdout


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


def wanted(choice, no_color, force_color, terminal, dumb):
    """The rule in words: the option, NO_COLOR if not empty, FORCE_COLOR likewise, the terminal."""
    if choice != "auto":
        return choice == "always"
    if no_color:
        return False
    return bool(force_color) or (terminal and not dumb)


@pytest.mark.parametrize("choice", ["auto", "always", "never"])
@pytest.mark.parametrize("no_color", [None, "", "0", "1"])
@pytest.mark.parametrize("force_color", [None, "", "0", "1"])
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("dumb", [True, False])
def test_colour_is_decided_in_order(monkeypatch, choice, no_color, force_color, terminal, dumb):
    for name, value in (("NO_COLOR", no_color), ("FORCE_COLOR", force_color)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERM", "dumb" if dumb else "xterm")
    leader, follower = pty.openpty()
    try:
        with open(follower if terminal else os.devnull, "w", closefd=True) as stream:  # noqa: PTH123
            monkeypatch.setattr(sys, "stdout", stream)
            assert colored(Color(choice)) is wanted(choice, no_color, force_color, terminal, dumb)
            monkeypatch.undo()
    finally:
        os.close(leader)
        if not terminal:
            os.close(follower)


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        (["--quiet"], {"FORCE_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--format", "json", "--color", "always"], {}, False),
    ],
)
def test_colour(arguments, environment, expected):
    done = grantlint_run("check", *arguments, EXAMPLE, **environment)
    assert ("\x1b[" in done.stdout) is expected


def test_a_file_never_has_colour(tmp_path):
    file = tmp_path / "out.txt"
    done = grantlint_run("check", "--color", "always", "--output", f"text={file}", EXAMPLE)
    assert "findings" in file.read_text("utf-8")
    assert "\x1b[" not in file.read_text("utf-8")
    assert done.stdout == ""


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


def test_a_rule_is_listed_with_all_that_it_has():
    listed = {
        rule["id"]: rule for rule in json.loads(grantlint_run("rules", "--format", "json").stdout)
    }
    for rule in all_rules():
        has = {field.name for field in fields(rule) if not field.name.startswith("_")}
        assert set(listed[rule.id]) == has
        assert listed[rule.id]["severity"] == rule.severity.label
        assert listed[rule.id]["doc"] == rule.doc
    assert {rule["language"] for rule in listed.values()} == {"python", "rego"}


def test_explain_shows_the_whole_page():
    page = grantlint_run("explain", "unconstrained-grant").stdout
    assert page.startswith("# Grant works with any encryption context\n")
    assert "## How to fix it" in page
    assert "https://docs.aws.amazon.com/" in page


# -- links ---------------------------------------------------------------------------------

NAMES = """CI TERM TERM_PROGRAM VTE_VERSION WT_SESSION DOMTERM KONSOLE_VERSION FORCE_HYPERLINK
NO_COLOR FORCE_COLOR""".split()


@pytest.mark.parametrize(
    ("environment", "choice", "wanted"),
    [
        ({"TERM": "xterm-256color"}, "auto", False),
        ({"VTE_VERSION": "7600"}, "auto", True),
        ({"VTE_VERSION": "5000"}, "auto", False),
        ({"VTE_VERSION": "4205"}, "auto", False),
        ({"VTE_VERSION": "new"}, "auto", False),
        ({"WT_SESSION": "a"}, "auto", True),
        ({"DOMTERM": "a"}, "auto", True),
        ({"KONSOLE_VERSION": "230800"}, "auto", True),
        ({"TERM": "xterm-kitty"}, "auto", True),
        ({"TERM_PROGRAM": "WezTerm"}, "auto", True),
        ({"TERM_PROGRAM": "iTerm.app"}, "auto", True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "auto", False),
        ({"TERM_PROGRAM": "vscode"}, "auto", False),
        ({"WT_SESSION": "a", "CI": "true"}, "auto", False),
        ({"WT_SESSION": "a", "TERM": "dumb"}, "auto", False),
        ({"WT_SESSION": "a", "FORCE_HYPERLINK": "0"}, "auto", False),
        ({"FORCE_HYPERLINK": "1"}, "auto", True),
        ({"FORCE_HYPERLINK": "1", "CI": "true"}, "auto", False),
        ({"WT_SESSION": "a", "NO_COLOR": "1"}, "auto", True),
        ({"WT_SESSION": "a"}, "never", False),
        ({"FORCE_COLOR": "1"}, "always", False),
    ],
)
@pytest.mark.parametrize("terminal", [True, False])
def test_links_are_for_terminals_that_have_them(monkeypatch, environment, choice, wanted, terminal):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    leader, follower = pty.openpty()
    try:
        with open(follower if terminal else os.devnull, "w", closefd=True) as stream:  # noqa: PTH123
            monkeypatch.setattr(sys, "stdout", stream)
            assert linked(Color(choice)) is (wanted and terminal)
    finally:
        monkeypatch.undo()
        os.close(leader)
        if not terminal:
            os.close(follower)
