"""Rules that users give: how they are named, run, told apart from ours, and what goes wrong."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from shutil import copytree

import pytest
from opa_program import on_path, server
from rego_policies import LIBRARY

from grantlint.cli.app import run
from grantlint.rego.scaffold import scaffold

ROOT = Path(__file__).parents[1]
EXAMPLE = str(ROOT / "fixtures/terraform/example")
TOKEN = "a-token-that-nobody-may-see"  # noqa: S105  # of servers that live for a test
HEAD = """\
# METADATA
# title: Fault of a test
# custom: {severity: medium}
package grantlint.it

import data.grantlint.lib

"""
LINE = 8
"""The first line below HEAD."""
REQUEST = "openssl req -x509 -newkey rsa:2048 -nodes -days 1".split()
ENDLESS = """deny contains {"at": [], "message": "never"} if {
    some a in numbers.range(1, 10000)
    some b in numbers.range(1, 10000)
    some c in numbers.range(1, 10000)
    a + b + c == 1
}"""
CONFLICT = """one := 1 if input.kind == "grant"

one := 2 if input.who

deny contains {"at": [], "message": "never"} if one"""


@pytest.fixture(scope="module", autouse=True)
def opa():
    with on_path() as found:
        yield found


@pytest.fixture(scope="module")
def url():
    with server() as found:
        yield found


@pytest.fixture
def program(capsys):
    """Run a command line: its exit code, and what it writes to both streams."""

    def call(*arguments):
        capsys.readouterr()
        code = run([str(one) for one in arguments])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def policies(tmp_path):
    """A directory with the rule that `policies new` writes."""
    directory = tmp_path / "team"
    directory.mkdir()
    (directory / "decrypting_grant.rego").write_text(scaffold("decrypting_grant"), "utf-8")
    return directory


@pytest.fixture
def ours(tmp_path):
    """Our own rules under other names, as a user may have copied them."""
    directory = tmp_path / "copied"
    directory.mkdir()
    for file in (ROOT / "policies").glob("*.rego"):
        text = file.read_text("utf-8")
        name = f"our_{file.stem}"
        moved = text.replace(f"package grantlint.{file.stem}", f"package grantlint.{name}")
        (directory / f"{name}.rego").write_text(moved, "utf-8")
    return directory


def rule(directory, body, name="it"):
    directory.mkdir(exist_ok=True)
    head = "" if "package " in body else HEAD.replace("grantlint.it", f"grantlint.{name}")
    (directory / f"{name}.rego").write_text(f"{head}{body}\n", "utf-8")
    return directory


def findings(text):
    return [
        {key: value for key, value in one.items() if key != "related"}
        for one in json.loads(text)["findings"]
    ]


# -- how rules are given -------------------------------------------------------------------


def test_a_rule_of_a_directory_is_asked_besides_ours(program, policies):
    code, out, err = program("check", "--policies", policies, "--format", "json", EXAMPLE)
    found = {one["rule"] for one in findings(out)}
    assert (code, err) == (1, "")
    assert {"decrypting-grant", "public-key-policy", "delegable-grant"} <= found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--select", "decrypting-grant"], {"decrypting-grant"}),
        (["--ignore", "decrypting-grant", "--select", "delegable-grant"], {"delegable-grant"}),
        (
            ["--select", "delegable-grant", "--extend-select", "decrypting-grant"],
            {"delegable-grant", "decrypting-grant"},
        ),
    ],
)
def test_a_users_rule_is_selected_like_ours(program, policies, options, expected):
    _, out, _ = program("check", "--policies", policies, "--format", "json", *options, EXAMPLE)
    assert {one["rule"] for one in findings(out)} == expected


def test_a_rule_that_is_opt_in_is_asked_only_by_name(program, policies):
    file = policies / "decrypting_grant.rego"
    file.write_text(file.read_text().replace("medium}", "medium, opt_in: true}"))
    for options, asked in (([], False), (["--extend-select", "decrypting-grant"], True)):
        _, out, _ = program("check", "--policies", policies, "-q", *options, EXAMPLE)
        assert ("decrypting-grant" in out) is asked


def test_several_directories_are_rules_of_their_own(program, policies, tmp_path):
    rule(tmp_path / "other", 'deny contains {"at": [], "message": "other"} if input.who')
    given = ["--policies", policies, "--policies", tmp_path / "other"]
    _, out, _ = program("check", *given, "-q", EXAMPLE)
    assert "medium it: other" in out
    assert "medium decrypting-grant: " in out


def test_rules_and_explain_know_a_users_rule(program, policies):
    code, out, _ = program("rules", "--policies", policies)
    assert code == 0
    assert re.search(r"^decrypting-grant +medium +Grant lets its grantee decrypt$", out, re.M)
    code, out, _ = program("explain", "decrypting-grant", "--policies", policies)
    assert code == 0
    assert out.startswith("# Grant lets its grantee decrypt\n")
    assert f"given by `--policies {policies}`" in out
    assert "## Why it matters" in out
    _, out, _ = program("rules", "--policies", policies, "--format", "json")
    told = {one["id"]: one for one in json.loads(out)}
    assert told["decrypting-grant"]["given_by"] == f"--policies {policies}"
    assert told["delegable-grant"]["given_by"] == ""


def test_a_finding_says_how_its_rule_is_explained(program, policies):
    _, out, _ = program("check", "--policies", policies, "--select", "decrypting-grant", EXAMPLE)
    assert f"= more: grantlint explain decrypting-grant --policies {policies}\n" in out


def test_title_and_severity_are_all_that_a_rule_must_say(program, tmp_path):
    directory = rule(tmp_path / "team", 'deny contains {"at": [], "message": "m"} if input.who')
    code, out, err = program("check", "--policies", directory, "--select", "it", EXAMPLE)
    assert (code, err) == (1, "")
    assert "medium it: m" in out
    code, out, _ = program("explain", "it", "--policies", directory)
    assert (code, "References" in out, "since" in out) == (0, False, False)


def test_files_that_rules_share_lie_beside_them(program, tmp_path):
    team = rule(tmp_path / "team", 'package team.texts\n\nmessage := "of the team"', "texts")
    rule(team, 'deny contains {"at": [], "message": data.team.texts.message} if input.who')
    _, out, _ = program("check", "--policies", team, "--select", "it", "-q", EXAMPLE)
    assert "medium it: of the team" in out


@pytest.mark.parametrize("name", ["it_test.rego", ".hidden.rego", ".git/x.rego", ".regal.yaml"])
def test_tests_of_opa_and_hidden_files_are_no_rules(program, policies, name):
    file = policies / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("package grantlint.broken {")
    assert program("rules", "--policies", policies)[0] == 0


def test_without_the_option_nothing_of_it_is_imported():
    code = (
        "import sys; from grantlint.cli.app import run; run(['check', sys.argv[1]]);"
        "names = ['users', 'process', 'client', 'review', 'bundle', 'sources', 'opa'];"
        "sys.stderr.write(repr([n for n in names if f'grantlint.rego.{n}' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, EXAMPLE], capture_output=True, text=True, check=False
    )
    assert done.stderr in {"[]", "['opa']"}  # what wasm and OPA's errors have in common


# -- ids -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["delegable_grant", "public_key_policy", "unreadable_file"])
def test_an_id_of_ours_is_refused(program, tmp_path, name):
    directory = rule(tmp_path / "team", "deny contains 1 if input.who", name=name)
    code, out, err = program("check", "--policies", directory, EXAMPLE)
    assert (code, out) == (2, "")
    assert err == (
        f"grantlint: error: --policies {directory}: grantlint has a rule "
        f"{name.replace('_', '-')} itself: give this one another name, file and package\n"
    )


def test_two_rules_of_one_id_are_refused(program, policies, tmp_path):
    copytree(policies, tmp_path / "again")
    given = ["--policies", policies, "--policies", tmp_path / "again"]
    code, _, err = program("check", *given, EXAMPLE)
    assert code == 2
    assert err == (
        f"grantlint: error: --policies {policies} and --policies {tmp_path / 'again'}: "
        "rule decrypting-grant is given twice\n"
    )


def test_the_library_is_ours(program, policies):
    copytree(LIBRARY, policies / "lib")
    code, _, err = program("check", "--policies", policies, EXAMPLE)
    assert code == 2
    assert "lib/actions.rego: package grantlint.lib is grantlint's own" in err


# -- faults --------------------------------------------------------------------------------

FAULTS = {
    "no Rego": ("deny contains {", f":{LINE + 1}: rego_parse_error: unexpected eof token"),
    "an unknown function": (
        "deny contains 1 if lib.nothing(input)",
        f":{LINE}: rego_type_error: undefined function data.grantlint.lib.nothing",
    ),
    "a network": (
        'deny contains http.send({"method": "get", "url": "http://localhost"}) if true',
        f":{LINE}: rego_type_error: undefined function http.send: a rule sees no network",
    ),
    "a negation": (
        'deny contains 1 if not lib.is(input.name, "a")',
        f":{LINE}: `not` accuses on an unknown: ask the library's opposite question",
    ),
    "a difference": (
        'deny contains 1 if input.name != "a"',
        f":{LINE}: `!=` accuses on an unknown: ask lib.is_not or lib.differs",
    ),
    "no verdict": ("denny contains 1 if input.who", ":4: a rule has `deny contains`, `warn cont"),
    "another package": (
        HEAD.replace("grantlint.it", "it") + "deny contains 1 if input.who",
        ":4: the package must be grantlint.it",
    ),
    "no title": (
        HEAD.replace("title", "name") + "deny contains 1 if input.who",
        ":1: METADATA: title is missing, or no text",
    ),
    "no METADATA": (
        "package grantlint.it\n\ndeny contains 1 if input.who",
        ":1: a rule begins with a METADATA block",
    ),
    "a misspelt field": (
        HEAD.replace("# custom", "# schemas: [{input: schema.grant}]\n# custom")
        + "deny contains 1 if input.operation",
        ":9: rego_type_error: undefined ref: input.operation",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_file_and_line(program, tmp_path, name):
    body, said = FAULTS[name]
    directory = rule(tmp_path / "team", body)
    code, out, err = program("rules", "--policies", directory)
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: {directory}/it.rego{said}")


@pytest.mark.parametrize("command", [["check", EXAMPLE], ["explain", "it"], ["policies", "test"]])
def test_a_fault_stops_every_command(program, tmp_path, command):
    directory = rule(tmp_path / "team", "deny contains 1 if input.name != 2")
    option = [] if command[0] == "policies" else ["--policies"]
    code, out, err = program(*command, *option, directory)
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: {directory}/it.rego:{LINE}: `!=` accuses")


def test_a_fault_in_a_file_that_rules_share_is_told_too(program, policies):
    shared = 'package team.texts\n\nlacks(value) if not value == "a"\n'
    (policies / "texts.rego").write_text(shared)
    code, _, err = program("check", "--policies", policies, EXAMPLE)
    assert code == 2
    assert f"{policies}/texts.rego:3: `not` accuses on an unknown" in err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (CONFLICT, "rule it: rule data.grantlint.it.one produced conflicting values: "),
        (ENDLESS, "rule it: opa eval gave no answer within 2 s"),
        ('deny contains "text" if input.who', 'rule it: a hit is an object: "text"'),
        ('deny contains {"message": "m"} if input.who', "rule it: at is a list"),
    ],
)
def test_a_rule_that_fails_is_named(program, policies, body, said):
    rule(policies, body)
    began = time.monotonic()
    options = ["--policies", policies, "--policies-timeout", "2"]
    code, out, err = program("check", *options, EXAMPLE)
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: --policies {policies}: {said}")
    assert time.monotonic() - began < 20


def test_a_fault_is_told_where_nothing_is_judged(program, tmp_path):
    directory = rule(tmp_path / "team", "deny contains {")
    (tmp_path / "main.tf").write_text("locals {}\n")
    assert program("check", "--policies", directory, tmp_path)[0] == 2


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "--policies nowhere: there is no such directory or file"),
        ("main.tf", "--policies main.tf: give a directory of .rego files or a bundle *.tar.gz"),
        ("empty", "empty: there is no .rego file"),
        ("shared", "shared: no file has a package grantlint.NAME with a rule"),
        ("broken.tar.gz", "broken.tar.gz: it cannot be read as a bundle: "),
    ],
)
def test_what_holds_no_rules_is_refused(program, tmp_path, monkeypatch, path, said):
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text("")
    Path("empty").mkdir()
    rule(Path("shared"), "package team.texts\n\na := 1\n")
    Path("broken.tar.gz").write_text("no gzip")
    code, out, err = program("check", "--policies", path, ".")
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: {said}")


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_time_limit_that_is_none_is_refused(program, policies, seconds):
    options = ["--policies", policies, "--policies-timeout", seconds]
    code, _, err = program("check", *options, EXAMPLE)
    assert code == 2
    assert "--policies-timeout" in err


# -- the opa program -----------------------------------------------------------------------


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """An environment without opa."""
    for name in ("PATH", "GOBIN", "GOPATH", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    "command", [["check", EXAMPLE], ["rules"], ["explain", "decrypting-grant"]]
)
def test_without_opa_it_is_said_how_to_get_it(program, policies, command):
    code, out, err = program(*command, "--policies", policies)
    assert (code, out) == (2, "")
    assert err.startswith("grantlint: error: the opa program is not on PATH: go install github.com")


def test_an_opa_that_is_too_old_is_told(program, policies, tmp_path, monkeypatch):
    old = tmp_path / "bin/opa"
    old.parent.mkdir()
    old.write_text(
        "#!/bin/sh\n"
        '[ "$1" = version ] && echo Version: 0.70.0 || echo \'{"builtins": [], "features": []}\'\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:/bin:/usr/bin")
    code, _, err = program("check", "--policies", policies, EXAMPLE)
    assert code == 2
    assert "opa 0.70.0 is too old: grantlint's library needs 1.0 or newer" in err


# -- a bundle ------------------------------------------------------------------------------


@pytest.fixture
def bundle(program, policies, tmp_path):
    file = tmp_path / "team.tar.gz"
    code, _, err = program("policies", "build", policies, "-o", file)
    assert code == 0, err
    return file


def test_a_bundle_runs_where_there_is_no_opa(program, bundle, policies, request):
    request.getfixturevalue("nowhere")
    options = ["--select", "decrypting-grant", "--format", "json", EXAMPLE]
    code, out, err = program("check", "--policies", bundle, *options)
    assert (code, err) == (1, "")
    assert len(findings(out)) == 3
    shutil.rmtree(policies)
    policies.mkdir()
    bundle.rename(policies / "team.tar.gz")
    assert program("check", "--policies", policies, *options)[:2] == (1, out)


def test_a_bundle_tells_the_same_story(program, bundle, policies):
    told = [program("explain", "decrypting-grant", "--policies", one) for one in (bundle, policies)]
    (code, first, _), (_, second, _) = told
    assert code == 0
    assert first.replace(str(bundle), "X") == second.replace(str(policies), "X")


def test_the_same_rules_make_the_same_bundle(program, bundle, policies, tmp_path):
    elsewhere = copytree(policies, tmp_path / "else where")
    assert program("policies", "build", elsewhere, "-o", tmp_path / "b.tar.gz")[0] == 0
    assert (tmp_path / "b.tar.gz").read_bytes() == bundle.read_bytes()


def test_opa_itself_reads_the_bundle(bundle):
    query = "data.grantlint.decrypting_grant.deny"
    done = subprocess.run(
        ["opa", "inspect", bundle, "--format", "json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert query.removesuffix(".deny") in done.stdout


@pytest.mark.parametrize("other", ["empty", "opa's own"])
def test_another_archive_is_no_bundle(program, policies, tmp_path, other):
    file = tmp_path / "other.tar.gz"
    if other == "empty":
        subprocess.run(["tar", "czf", file, "-T", "/dev/null"], check=True)
    else:
        subprocess.run(["opa", "build", "-o", file, policies, LIBRARY], check=True)
    code, _, err = program("check", "--policies", file, EXAMPLE)
    assert code == 2
    assert err == f"grantlint: error: {file}: it was not made by `grantlint policies build`\n"


def test_a_broken_bundle_is_told(program, bundle):
    bundle.write_bytes(bundle.read_bytes()[:2000])
    code, _, err = program("check", "--policies", bundle, EXAMPLE)
    assert code == 2
    assert f"{bundle}: it cannot be read as a bundle" in err


def test_a_rule_of_a_bundle_that_fails_is_named(program, policies, tmp_path):
    file = tmp_path / "endless.tar.gz"
    rule(policies, ENDLESS)
    assert program("policies", "build", policies, "-o", file)[0] == 0
    options = ["--policies", file, "--policies-timeout", "1"]
    code, out, err = program("check", *options, EXAMPLE)
    assert (code, out) == (2, "")
    assert err == f"grantlint: error: --policies {file}: rule it: no answer within 1 s\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            'deny contains 1 if regex.match("a", input.who)',
            "undefined function regex.match: a bundle has it not, or answers differently",
        ),
        ('deny contains sprintf("%x", [input.who]) if true', "sprintf has no %x in every engine"),
        ('deny contains concat("", {"b", "a"}) if true', "concat of what has no order"),
    ],
)
def test_what_engines_answer_differently_is_not_built(program, tmp_path, body, said):
    directory = rule(tmp_path / "team", body)
    file = tmp_path / "x.tar.gz"
    code, _, err = program("policies", "build", directory, "-o", file)
    assert (code, file.exists()) == (2, False)
    assert f"{directory}/it.rego:{LINE}: " in err
    assert said in err
    assert program("rules", "--policies", directory)[0] == 0  # the program can run it


# -- an OPA server -------------------------------------------------------------------------


@pytest.mark.usefixtures("nowhere")
def test_a_server_judges_by_a_directory_without_an_opa_program(program, policies, url):
    options = ["--policies", policies, "--opa-url", url, "--select", "decrypting-grant"]
    code, out, err = program("check", *options, "--format", "json", EXAMPLE)
    assert (code, err) == (1, "")
    assert len(findings(out)) == 3
    assert ask(url, "policies") == []


@pytest.mark.usefixtures("nowhere")
def test_a_server_judges_by_what_it_has(program, policies):
    with server(policies, LIBRARY) as url:
        options = ["--opa-url", url, "--opa-loaded"]
        before = {file["id"] for file in ask(url, "policies")}
        code, out, err = program(
            "check", *options, "--select", "decrypting-grant", "--format", "json", EXAMPLE
        )
        assert (code, err) == (1, "")
        assert len(findings(out)) == 3
        assert {file["id"] for file in ask(url, "policies")} == before
        assert "decrypting-grant " in program("rules", *options)[1]
        _, out, _ = program("explain", "decrypting-grant", *options)
        assert f"given by `--opa-url {url} --opa-loaded`" in out


def test_a_server_that_has_no_rules_is_told(program, url):
    code, _, err = program("check", "--opa-url", url, "--opa-loaded", EXAMPLE)
    assert code == 2
    assert err == (
        f"grantlint: error: OPA server {url}: it has no package grantlint.NAME with a rule\n"
    )


@pytest.mark.parametrize(("body", "said"), [(CONFLICT, "conflicting values"), (ENDLESS, "1 s")])
def test_a_rule_that_fails_on_a_server_is_named(program, policies, url, body, said):
    rule(policies, body)
    options = ["--policies-timeout", "1", EXAMPLE]
    code, _, err = program("check", "--policies", policies, "--opa-url", url, *options)
    assert code == 2
    assert ": rule it: " in err
    assert said in err
    with server(policies, LIBRARY) as other:
        code, _, err = program("check", "--opa-loaded", "--opa-url", other, *options)
    assert code == 2
    assert ": rule it: " in err
    assert said in err


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - {"a network", "a misspelt field"}))
@pytest.mark.parametrize("is_there", [True, False], ids=["with opa", "without opa"])
def test_a_fault_is_told_by_a_server_too(program, tmp_path, url, name, is_there, request):
    body, said = FAULTS[name]
    directory = rule(tmp_path / "team", body)
    if not is_there:
        request.getfixturevalue("nowhere")
    code, _, err = program("check", "--policies", directory, "--opa-url", url, EXAMPLE)
    assert code == 2
    if is_there:
        assert f"{directory}/it.rego:{said.split(':')[1]}: " in err
    assert f"{directory}/it.rego:" in err
    text = said.partition(": ")[2].removeprefix("rego_parse_error: ")
    assert (
        text.removeprefix("rego_type_error: ").removeprefix("undefined function data.grantl") in err
    )
    assert ask(url, "policies") == []


def ask(url, path, context=None):
    """What a server answers to a request of our own."""
    with urllib.request.urlopen(f"{url}/v1/{path}", timeout=5, context=context) as answer:  # noqa: S310
        return json.load(answer)["result"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--opa-url", "http://localhost:1"], "--opa-url: say which rules it judges by"),
        (["--opa-loaded"], "--opa-loaded: which server is told by --opa-url URL"),
        (["--opa-ca-file", "x"], "--opa-ca-file: which server is told by --opa-url URL"),
        (["--opa-token-file", "x"], "--opa-token-file: which server is told by --opa-url URL"),
        (
            ["--opa-url", "https://localhost:1", "--opa-loaded", "--opa-key-file", "x"],
            "--opa-key-file: its certificate is told by --opa-cert-file FILE",
        ),
        (
            ["--opa-url", "https://localhost:1", "--opa-loaded", "--opa-ca-file", "/dev/null"],
            "--opa-ca-file /dev/null: it holds nothing in PEM format",
        ),
        (
            ["--opa-url", "https://localhost:1", "--opa-loaded", "--opa-token-file", "/nowhere"],
            "--opa-token-file /nowhere: it cannot be read: no such file or directory",
        ),
        (
            ["--opa-url", "https://localhost:1", "--opa-loaded", "--opa-token-file", "/dev/null"],
            "--opa-token-file /dev/null: it is empty",
        ),
        (["--opa-url", "localhost:1", "--opa-loaded"], "OPA server localhost:1: the URL begins"),
    ],
)
def test_options_about_a_server_that_cannot_be_meant_are_told(program, options, said):
    code, out, err = program("check", *options, EXAMPLE)
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: {said}")


# -- tokens --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that wants a token."""
    policy = tmp_path_factory.mktemp("authorization") / "authz.rego"
    policy.write_text(
        f'package system.authz\n\ndefault allow := false\n\nallow if input.identity == "{TOKEN}"\n'
        'allow if input.path == ["health"]\n'
    )
    with server("--authentication=token", "--authorization=basic", policy) as found:
        yield found


@pytest.mark.parametrize("by", ["file", "environment"])
def test_a_token_is_sent_and_never_shown(program, policies, guarded, tmp_path, monkeypatch, by):
    options = ["--policies", policies, "--opa-url", guarded]
    if by == "file":
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        options += ["--opa-token-file", tmp_path / "token"]
        monkeypatch.setenv("GRANTLINT_OPA_TOKEN", "wrong")
    else:
        monkeypatch.setenv("GRANTLINT_OPA_TOKEN", TOKEN)
    code, out, err = program("check", *options, "-v", "--debug", EXAMPLE)
    assert code == 1
    assert "decrypting-grant" in out
    assert TOKEN not in out + err


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN} x"])
def test_without_the_right_token_it_is_told(program, policies, guarded, monkeypatch, token):
    monkeypatch.setenv("GRANTLINT_OPA_TOKEN", token)
    options = ["--policies", policies, "--opa-url", guarded, "--debug"]
    code, out, err = program("check", *options, EXAMPLE)
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: OPA server {guarded}: ")
    assert "token" in err
    assert TOKEN not in err


def test_a_netrc_does_not_take_the_place_of_the_token(
    program, policies, guarded, tmp_path, monkeypatch
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password other\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("GRANTLINT_OPA_TOKEN", TOKEN)
    options = ["--policies", policies, "--opa-url", guarded]
    assert program("check", *options, EXAMPLE)[0] == 1


# -- TLS -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate for 127.0.0.1 that is its own authority, and one of a client."""
    directory = tmp_path_factory.mktemp("tls")
    for name, extra in (("server", ["-addext", "subjectAltName=IP:127.0.0.1"]), ("client", [])):
        made = subprocess.run(
            [
                *REQUEST,
                "-subj",
                f"/CN={name}",
                "-keyout",
                f"{name}.key",
                "-out",
                f"{name}.pem",
                *extra,
            ],
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
    return directory


@pytest.fixture(scope="module")
def secure(certificates):
    """A server with TLS that also wants a certificate of its clients."""
    trusted = ssl.create_default_context(cafile=certificates / "server.pem")
    trusted.load_cert_chain(certificates / "client.pem", certificates / "client.key")
    options = ["--tls-cert-file", certificates / "server.pem"]
    options += ["--tls-private-key-file", certificates / "server.key"]
    options += ["--tls-ca-cert-file", certificates / "client.pem", "--authentication=tls"]
    with server(*options, trusted=trusted) as found:
        yield found


def test_a_server_is_trusted_by_its_authority_and_shown_a_certificate(
    program, policies, secure, certificates, monkeypatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "client.pem"))
    options = ["--policies", policies, "--opa-url", secure]
    options += ["--opa-ca-file", certificates / "server.pem"]
    options += ["--opa-cert-file", certificates / "client.pem"]
    options += ["--opa-key-file", certificates / "client.key"]
    code, out, err = program("check", *options, EXAMPLE)
    assert (code, err) == (1, "")
    assert "decrypting-grant" in out


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["--opa-ca-file client.pem"],
        ["--opa-ca-file server.pem"],
        ["--opa-ca-file server.pem", "--opa-cert-file client.pem", "--opa-key-file server.key"],
    ],
)
def test_a_connection_that_is_not_secure_is_told(program, policies, secure, certificates, names):
    options = []
    for option, file in (one.split() for one in names):
        options += [option, certificates / file]
    code, out, err = program(
        "check", "--policies", policies, "--opa-url", secure, *options, EXAMPLE
    )
    assert (code, out) == (2, "")
    assert err.startswith(f"grantlint: error: OPA server {secure}: no secure connection: ")


# -- equal answers -------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["policies", "ours"])
def test_all_ways_to_run_rules_find_the_same(request, program, url, tmp_path, which):
    directory = request.getfixturevalue(which)
    file = tmp_path / "bundle.tar.gz"
    assert program("policies", "build", directory, "-o", file)[0] == 0
    with server(directory, LIBRARY) as other:
        told = [
            program("check", *options, "--format", "json", "--certainty", "possible", EXAMPLE)
            for options in (
                ["--policies", directory],
                ["--policies", file],
                ["--policies", directory, "--opa-url", url],
                ["--opa-url", other, "--opa-loaded"],
            )
        ]
    assert [(code, err) for code, _, err in told] == [(1, "")] * 4
    assert len({out for _, out, _ in told}) == 1
    rules = {one["rule"] for one in findings(told[0][1])}
    assert ("decrypting-grant" if which == "policies" else "our-delegable-grant") in rules


def test_copied_rules_find_what_ours_find(program, ours):
    _, out, _ = program("check", "--policies", ours, "--format", "json", EXAMPLE)
    found = {}
    for one in findings(out):
        name = one["rule"].removeprefix("our-")
        text = json.dumps({**one, "rule": name, "fingerprint": ""})
        found.setdefault(name, {}).setdefault(one["rule"], []).append(text)
    for name, by_rule in found.items():
        if f"our-{name}" in by_rule:
            assert by_rule[f"our-{name}"] == by_rule[name]
