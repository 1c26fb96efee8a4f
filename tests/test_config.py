"""Configuration files: where they are found, what is wrong with them, and what they do."""

# ruff: noqa: E501  # messages stand whole

import json
import os
import re
import subprocess
import tomllib
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from configured import BAD, GRANT, KEY, git_repository, grantlint
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker
from opa_program import on_path

from grantlint.check import Terms, check
from grantlint.config import UsageError
from grantlint.config.configuration import strangers
from grantlint.config.configurations import Configurations
from grantlint.config.document import Unreadable, document
from grantlint.config.found import Search
from grantlint.config.judging import Judging
from grantlint.config.keys import ELSEWHERE, KEYS, published
from grantlint.config.kinds import ID
from grantlint.config.opening import given as named_file
from grantlint.config.profiles import PROFILES
from grantlint.config.reader import read
from grantlint.config.table import Tables, faults
from grantlint.config.verdict import plain
from grantlint.parsers.settings import Options
from grantlint.rules import all_rules, own
from grantlint.source import Source
from grantlint.value import Truth

ROOT = Path(__file__).parents[1]
OF_BAD = {"delegable-grant", "unconstrained-grant"}
STRICT = {*OF_BAD, "disabled-key-rotation", "grants-beyond-services"}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository that is worked in; the function writes a file into it."""
    return git_repository(tmp_path / "repository", monkeypatch)


def found(*arguments, **options):
    """The (path, rule, severity) of a run's findings."""
    done = grantlint("check", "--format", "json", *arguments, **options)
    assert done.returncode in {0, 1}, done.stderr
    shown = json.loads(done.stdout)["findings"]
    return {(one["span"]["path"], one["rule"], one["severity"]) for one in shown}


def rules_in(*arguments, **options):
    return {rule for _, rule, _ in found(*arguments, **options)}


def refused(*arguments, **options):
    """What a run says that is refused for its configuration, without the lines shown of it."""
    done = grantlint("check", *arguments, **options)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    lines = done.stderr.removeprefix("grantlint: error: ").rstrip("\n").split("\n")
    return [line for line in lines if not line.startswith("  ")]


# -- where they are found ------------------------------------------------------------------

SELECTS = 'select = ["delegable-grant"]\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("grantlint.toml", SELECTS),
        (".grantlint.yaml", "select: [delegable-grant]\n"),
        (".grantlint.yml", "---\nselect:\n  - delegable-grant # why\n"),
        ("pyproject.toml", f"[project]\nname = 'x'\n[tool.grantlint]\n{SELECTS}"),
    ],
)
def test_each_of_these_files_is_a_configuration(repository, name, text):
    repository("infra/main.tf")
    repository(name, text)
    assert rules_in("infra") == {"delegable-grant"}
    assert rules_in("infra", "--isolated") == OF_BAD


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project]\nname = 'grantlint-user'\n"),
        ("pyproject.toml", "this is no TOML"),
        (".grantlint.toml", SELECTS),
        ("grantlint.yaml", "select: [delegable-grant]\n"),
        ("infra/deeper/grantlint.toml", SELECTS),
    ],
)
def test_these_are_none(repository, name, text):
    repository("infra/main.tf")
    repository(name, text)
    assert rules_in("infra") == OF_BAD


def test_the_nearest_file_counts_and_nothing_is_merged(repository):
    repository("a/main.tf")
    repository("b/main.tf")
    repository("grantlint.toml", 'ignore = ["delegable-grant"]\n')
    repository("b/grantlint.toml", 'severity = {delegable-grant = "low"}\n')
    assert found(".") == {
        ("a/main.tf", "unconstrained-grant", "high"),
        ("b/main.tf", "unconstrained-grant", "high"),
        ("b/main.tf", "delegable-grant", "low"),
    }


def test_a_called_module_is_judged_by_the_configuration_of_its_root(repository):
    repository("app/main.tf", 'module "m" {\n  source = "../module"\n}\n')
    repository("module/main.tf")
    repository("app/grantlint.toml", SELECTS)
    repository("module/grantlint.toml", 'ignore = ["delegable-grant"]\n')
    assert found("app") == {("app/main.tf", "delegable-grant", "high")}


def test_a_template_is_judged_by_the_configuration_around_it(repository):
    template = """\
Resources:
  K:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*"}
"""
    repository("a/template.yaml", template)
    repository("b/template.yaml", template)
    repository("b/.grantlint.yaml", "ignore: [public-key-policy]\n")
    said = {path for path, rule, _ in found(".") if rule == "public-key-policy"}
    assert said == {"a/template.yaml"}


def test_a_file_above_the_repository_is_not_found(repository, tmp_path):
    repository("infra/main.tf")
    (tmp_path / "grantlint.toml").write_text(SELECTS, encoding="utf-8")
    assert rules_in("infra") == OF_BAD


def test_a_repository_inside_a_repository_has_its_own(repository):
    repository("vendor/main.tf")
    repository("grantlint.toml", SELECTS)
    subprocess.run(["git", "init", "-q", "vendor"], check=True)
    assert rules_in("vendor") == OF_BAD


def test_without_a_repository_the_search_ends_at_the_working_directory(tmp_path):
    (tmp_path / "work/infra/a").mkdir(parents=True)
    (tmp_path / "work/infra/a/main.tf").write_text(BAD, encoding="utf-8")
    (tmp_path / "work/infra/grantlint.toml").write_text(SELECTS, encoding="utf-8")
    assert rules_in("infra/a", cwd=tmp_path / "work") == {"delegable-grant"}
    assert rules_in("a", cwd=tmp_path / "work/infra") == {"delegable-grant"}
    assert rules_in(".", cwd=tmp_path / "work/infra/a") == OF_BAD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (".grantlint.yaml", "grantlint.toml"),
        (".grantlint.yml", ".grantlint.yaml"),
        ("pyproject.toml", "grantlint.toml"),
    ],
)
def test_two_in_one_directory_are_refused(repository, one, other):
    repository("main.tf")
    repository(one, "[tool.grantlint]\n" if one == "pyproject.toml" else "{}\n")
    repository(other, "")
    (said,) = refused(".")
    assert {one, other} == set(said.partition(":")[0].split(" and "))
    assert said.endswith(": a directory has one configuration, keep one of them")


def test_a_directory_is_looked_into_once(repository, monkeypatch):
    repository("a/b/main.tf")
    repository("a/c/main.tf")
    looked = []
    real = os.lstat

    def lstat(path, *rest, **options):
        looked.append(os.fspath(path))
        return real(path, *rest, **options)

    search = Search()
    search.near(Path("a/b"))
    monkeypatch.setattr(os, "lstat", lstat)
    search.near(Path("a/c"))
    names = [path for path in looked if path.endswith("grantlint.toml")]
    assert [Path(path).parent.name for path in names] == ["c"]


# -- what is given -------------------------------------------------------------------------


def test_a_given_file_stands_for_what_would_be_found(repository, tmp_path):
    repository("main.tf")
    repository("grantlint.toml", 'ignore = ["delegable-grant"]\n')
    given = tmp_path / "given.toml"
    given.write_text(SELECTS, encoding="utf-8")
    assert rules_in(".", "--config", given) == {"delegable-grant"}


def test_patterns_of_a_given_file_begin_where_it_lies_or_where_one_works(repository, tmp_path):
    repository("infra/main.tf")
    text = '[[overrides]]\npaths = ["{}"]\nignore = ["*"]\n'
    repository("infra/other.toml", text.format("main.tf"))
    outside = tmp_path / "outside.toml"
    outside.write_text(text.format("/infra/main.tf"), encoding="utf-8")
    assert rules_in(".", "--config", "infra/other.toml") == set()
    assert rules_in(".", "--config", outside) == set()


def test_a_key_of_the_command_line_is_more_important_than_a_file(repository):
    repository("main.tf")
    repository("grantlint.toml", 'severity = {delegable-grant = "low"}\nignore = ["x-y"]\n')
    given = ["--config", 'ignore=["unconstrained-grant"]']
    done = grantlint("check", ".", *given, "--config", 'severity.delegable-grant="critical"')
    assert done.returncode == 2  # the file is read whole all the same
    repository("grantlint.toml", 'severity = {delegable-grant = "low"}\n')
    assert found(".", *given) == {("main.tf", "delegable-grant", "low")}
    critical = [*given, "--config", 'severity.delegable-grant="critical"']
    assert found(".", *critical) == {("main.tf", "delegable-grant", "critical")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--config", 'slect=["x"]'],
            '--config slect=["x"]:1:1: unknown key "slect"; did you mean "select"?',
        ),
        (["--config", "fail-on=high"], "--config fail-on=high: this is no TOML: invalid value"),
        (["--config", "no.toml"], "no.toml: it cannot be read: no such file or directory"),
        (
            ["--config", "a.toml", "--config", "b.toml"],
            "--config b.toml: only one file can go for a run",
        ),
        (
            ["--config", "a.toml", "--isolated"],
            "--isolated and --config FILE: only one of them can be meant",
        ),
    ],
)
def test_what_cannot_be_given(repository, arguments, message):
    repository("main.tf")
    assert refused(".", *arguments) == [message]


def test_a_given_pyproject_needs_the_table(repository):
    repository("main.tf")
    repository("other/pyproject.toml", "[project]\nname = 'x'\n")
    assert refused(".", "--config", "other/pyproject.toml") == [
        "--config other/pyproject.toml: it has no table [tool.grantlint]"
    ]


# -- mistakes ------------------------------------------------------------------------------

MISTAKES = [
    ('slect = ["delegable-grant"]', '1:1: unknown key "slect"; did you mean "select"?'),
    ("fail_on = 'high'", '1:1: unknown key "fail_on"; did you mean "fail-on"?'),
    (
        '[ignores]\nreason = "x"',
        '1:2: "ignores" is a list of tables, not a table: write [[ignores]]',
    ),
    ("select = 'x'", '1:10: "select" is a list of ids of rules, not a text: write ["x"]'),
    ("select = []", '1:10: "select" is empty: at least one of the ids of rules belongs here'),
    ("ignore = [1]", "1:11: it is the id of a rule, not a number"),
    (
        "ignore = ['delegable-grnt']",
        '1:11: "delegable-grnt": there is no such rule; did you mean delegable-grant?',
    ),
    (
        "ignore = ['unreadable-file']",
        '1:11: "unreadable-file": it is no rule; that a file cannot be read is always reported',
    ),
    (
        'mandatory = [\n  "delegable-grant",\n  "zzzzz",\n]',
        '3:3: "zzzzz": there is no such rule; `grantlint rules` lists them',
    ),
    (
        '[severity]\nunconstrained_grant = "low"',
        '2:1: "unconstrained_grant": there is no such rule; did you mean unconstrained-grant?',
    ),
    (
        'severity.delegable-grant = "hihg"',
        '1:28: "hihg" cannot stand here; did you mean "high"?',
    ),
    (
        'severity = {delegable-grant = "error"}',
        '1:31: "error" cannot stand here; it is one of "low", "medium", "high", "critical"',
    ),
    (
        "fail-on = true",
        '1:11: "fail-on" is one of "low", "medium", "high", "critical", "never", not true',
    ),
    ("profile = 'strct'", '1:11: "strct" cannot stand here; did you mean "strict"?'),
    ("account = '12345'", '1:11: "12345" is not an account: 12 digits'),
    (
        "account = 111122223333",
        '1:11: "account" is a text: write "111122223333", a number loses the zeros before it',
    ),
    ("trusted-accounts = ['*']", '1:21: "*" is not an account: 12 digits'),
    (
        "trusted-organizations = ['o-x']",
        '1:26: "o-x" is not the id of an organization: o- and 10 to 32 lower-case letters and digits',
    ),
    ("region = 'Ireland'", '1:10: "Ireland" is not the name of a region, as eu-west-1'),
    ("partition = 'china'", '1:13: "china" is not a partition, as aws, aws-cn or aws-us-gov'),
    (
        "opa-url = 'http://127.0.0.1'",
        '1:1: "opa-url" is only taken from the command line: --opa-url; a repository names no server',
    ),
    (
        "opa_token_file = 'x'",
        (
            '1:1: "opa_token_file" is only taken from the command line: --opa-token-file; '
            "a repository names no server"
        ),
    ),
    ("output = 'json'", '1:1: "output" is only taken from the command line: --output'),
    (
        "var = {a = 1}",
        '1:1: "var" is only taken from the command line; write it to a .auto.tfvars file',
    ),
    ("policies = ['/etc']", '1:13: "/etc" is not a path from the directory of the configuration'),
    ("policies = ['..']", '1:13: ".." leads out of the repository'),
    ("policies = ['nowhere']", '1:13: "nowhere" is no directory'),
    (
        "policies = ['main.tf']",
        '1:13: "main.tf" is a file: name the directory of .rego files; a bundle is given by --policies',
    ),
    (
        "policies = ['https://x/y.tar.gz']",
        '1:13: "https://x/y.tar.gz" is not a path from the directory of the configuration',
    ),
    ("baseline = '../b.json'", '1:12: "../b.json" leads out of the repository'),
    (
        "[[overrides]]\nignore = ['*']",
        '1:3: "paths" is missing, as in paths = ["modules/legacy/**"]',
    ),
    (
        "[[overrides]]\npaths = ['^modules/.*']\n",
        (
            '2:10: "^modules/.*" looks like a regular expression: write a pattern as in .gitignore, '
            '"modules/**/*.tf"'
        ),
    ),
    (
        "[[overrides]]\npaths = ['modules/.+\\.tf']\n",
        (
            '2:10: "modules/.+\\.tf" looks like a regular expression: write a pattern as in .gitignore, '
            '"modules/**/*.tf"'
        ),
    ),
    (
        "[[overrides]]\npaths = ['../other/**']\n",
        '2:10: "../other/**" leads out of the directory of the configuration',
    ),
    (
        "[[overrides]]\npaths = ['a']\nselect = []\n",
        '3:1: unknown key "select"; there are paths, ignore, severity',
    ),
    (
        "[[ignores]]\nrules = ['delegable-grant']",
        '1:3: "reason" is missing, as in reason = "the vendor ends these grants"',
    ),
    (
        "[[ignores]]\nrules = ['delegable-grant']\nreason = ' '",
        '3:10: " " is not a text that says anything',
    ),
    (
        "[[ignores]]\nrules = ['delegable-grant']\nreason = 'x'\nuntil = '31.3.2027'",
        '4:9: "31.3.2027" is no day: write 2027-03-31',
    ),
    (
        "[[ignores]]\nrules = ['delegable-grant']\nreason = 'x'\nuntil = 2027-03-31T10:00:00",
        '4:9: "until" is a day, 2027-03-31, not a date or time',
    ),
    (
        "[[ignores]]\nrules = ['delegable-grant']\nreason = 'x'\naccepts = 'Decrypt,'",
        '4:11: "Decrypt," says no access: grantlint writes what is to stand here',
    ),
    (
        "mandatory = ['delegable-grant']\nignore = ['delegable-grant']",
        '2:11: "delegable-grant" is mandatory here: it cannot be ignored',
    ),
    (
        "mandatory = ['delegable-grant']\n[[overrides]]\npaths = ['a']\nignore = ['delegable-grant']",
        '4:11: "delegable-grant" is mandatory here: it cannot be ignored',
    ),
    (
        (
            "mandatory = ['delegable-grant']\n[[overrides]]\npaths = ['a']\n"
            "severity = {delegable-grant = 'low'}"
        ),
        '4:13: "delegable-grant" is mandatory here: its severity is the same everywhere',
    ),
    ("fail-on = 'low'\nfail-on = 'low'", "2:16: this is no TOML: cannot overwrite a value"),
    ("select = [", "1:11: this is no TOML: invalid value"),
    ("a" + ".a" * 40 + " = 1", "1:1: a key of more than 32 parts"),
    ("select = " + "[" * 60 + "]" * 60, "1:1: nested deeper than 32"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[one for _, one in MISTAKES])
def test_a_mistake_has_its_place_and_what_would_be_right(repository, text, message):
    repository("main.tf")
    repository("grantlint.toml", text)
    assert refused(".") == [f"grantlint.toml:{message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slect: [x]\n", '1:1: unknown key "slect"; did you mean "select"?'),
        ("fail-on: yes\n", ('1:10: "yes" cannot stand here; it is one of "low", "medium", "high", '
         '"critical", "never"')),
        ("account: 012345678901\n", ('1:10: "account" is a text: write "12345678901", a number loses '
         "the zeros before it")),
        ("ignore: &a [x]\n", "1:9: no anchors and tags are read here"),
        ("ignore: *a\n", "1:9: no aliases are read here: write the value again"),
        ("ignore: !!python/object:os.system x\n", "1:9: no anchors and tags are read here"),
        ("fail-on: low\nfail-on: high\n", '2:1: the key "fail-on" is given twice'),
        ("fail-on: low\n---\nfail-on: high\n", "2:1: one document is enough"),
        ("- select\n", "1:1: write keys: `select: [unconstrained-grant]`"),
        ("ignore: " + "[" * 60 + "]" * 60 + "\n", "1:40: nested deeper than 32"),
        ("overrides:\n  - ignore: ['*']\n",
         '2:5: "paths" is missing, as in paths = ["modules/legacy/**"]'),
        ("select: [delegable-grant\n",
         "2:1: this is no YAML: did not find expected ',' or ']'"),
    ],
)  # fmt: skip
def test_a_mistake_in_yaml_has_its_place_too(repository, text, message):
    repository("main.tf")
    repository(".grantlint.yaml", text)
    assert refused(".") == [f".grantlint.yaml:{message}"]


def test_all_mistakes_of_a_file_are_told_at_once(repository):
    repository("infra/main.tf")
    repository(
        "pyproject.toml",
        '[tool.other]\nslect = 1\n\n[tool.grantlint]\nslect = ["x"]\nfail-on = "hihg"\n'
        'ignore = ["delegable-grnt"]\n',
    )
    done = grantlint("check", "infra")
    assert done.stderr == (
        'grantlint: error: pyproject.toml:5:1: unknown key "slect"; did you mean "select"?\n'
        '  5 | slect = ["x"]\n'
        "    | ^^^^^\n"
        'pyproject.toml:6:11: "hihg" cannot stand here; did you mean "high"?\n'
        '  6 | fail-on = "hihg"\n'
        "    |           ^^^^^^\n"
        'pyproject.toml:7:11: "delegable-grnt": there is no such rule; '
        "did you mean delegable-grant?\n"
        '  7 | ignore = ["delegable-grnt"]\n'
        "    |           ^^^^^^^^^^^^^^^^\n"
    )
    assert done.returncode == 2


def test_a_mistake_in_the_configuration_of_any_root_is_refused(repository):
    repository("a/main.tf")
    repository("b/main.tf")
    repository("b/grantlint.toml", 'ignore = ["delegable-grnt"]\n')
    assert refused(".") == [
        (
            'b/grantlint.toml:1:11: "delegable-grnt": there is no such rule; '
            "did you mean delegable-grant?"
        )
    ]


def test_terminal_codes_in_a_file_are_not_obeyed(repository):
    repository("main.tf")
    repository(".grantlint.yaml", '"\\e[31mslect": 1\n')
    done = grantlint("check", ".")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


# -- what a file cannot do -----------------------------------------------------------------


def test_a_link_out_of_the_repository_is_no_configuration(repository, tmp_path):
    repository("main.tf")
    secret = tmp_path / "secret"
    secret.write_text("password\n", encoding="utf-8")
    Path("grantlint.toml").symlink_to(secret)
    assert refused(".") == ["grantlint.toml: it is a link that leads out of the repository"]


def test_a_link_inside_of_it_is_one(repository):
    repository("infra/main.tf")
    repository("shared.toml", SELECTS)
    Path("infra/grantlint.toml").symlink_to("../shared.toml")
    assert rules_in("infra") == {"delegable-grant"}


def test_policies_cannot_be_linked_from_outside(repository, tmp_path):
    repository("main.tf")
    outside = tmp_path / "outside"
    outside.mkdir()
    Path("rules").symlink_to(outside)
    repository("grantlint.toml", "policies = ['rules']\n")
    assert refused(".") == ['grantlint.toml:1:13: "rules" leads out of the repository']
    Path("rules").unlink()
    (outside / "a.rego").write_text("package x\n", encoding="utf-8")
    Path("rules").mkdir()
    Path("rules/a.rego").symlink_to(outside / "a.rego")
    assert refused(".") == [
        'grantlint.toml:1:13: "rules" has a link in it that leads out of the repository: a.rego'
    ]


@pytest.mark.parametrize("name", ["rules/x.tar.gz", "rules/deep/x.wasm"])
def test_policies_of_a_configuration_are_no_bundles(repository, name):
    repository("main.tf")
    repository(name, "")
    repository("grantlint.toml", "policies = ['rules']\n")
    assert refused(".") == [
        (
            f'grantlint.toml:1:13: "rules" has a bundle in it, {Path(name).name}: '
            "a bundle is given by --policies"
        )
    ]


def test_policies_of_a_configuration_are_not_put_on_a_server(repository):
    repository("main.tf")
    repository("rules/a.rego", "package x\n")
    repository("grantlint.toml", "policies = ['rules']\n")
    assert refused(".", "--opa-url", "http://127.0.0.1:1", "--opa-loaded") == [
        (
            "grantlint.toml:1:1: rules that a configuration names are not put on a server: "
            "give --policies too, or leave --opa-url out"
        )
    ]


def test_what_is_no_file_is_refused(repository):
    repository("main.tf")
    os.mkfifo("grantlint.toml")
    assert refused(".") == ["grantlint.toml: it is no file"]


def test_a_file_can_be_too_large(repository):
    repository("main.tf")
    repository("grantlint.toml", "#" * 1_000_001)
    assert refused(".") == ["grantlint.toml:1:1: the file has more than 1,000,000 bytes"]


# -- what they do --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "rules"),
    [
        (SELECTS, [], {"delegable-grant"}),
        (SELECTS, ["--select", "unconstrained-grant"], {"unconstrained-grant"}),
        (SELECTS, ["--extend-select", "unconstrained-grant"], OF_BAD),
        ("", ["--ignore", "delegable-grant"], {"unconstrained-grant"}),
        ("ignore = ['delegable-grant']", [], {"unconstrained-grant"}),
        (
            "ignore = ['delegable-grant']",
            ["--select", "delegable-grant,unconstrained-grant"],
            OF_BAD,
        ),
        ("ignore = ['delegable-grant']", ["--extend-select", "delegable-grant"], OF_BAD),
        (
            "ignore = ['delegable-grant']",
            ["--ignore", "unconstrained-grant"],
            set(),
        ),
        ("extend-select = ['disabled-key-rotation']", [], {*OF_BAD, "disabled-key-rotation"}),
        ("profile = 'strict'", [], STRICT),
        ("profile = 'strict'", ["--profile", "default"], OF_BAD),
        ("", ["--profile", "strict"], STRICT),
        ("profile = 'strict'\n" + SELECTS, [], {"delegable-grant"}),
        (
            "profile = 'strict'\nignore = ['disabled-key-rotation']",
            [],
            STRICT - {"disabled-key-rotation"},
        ),
        (SELECTS + "mandatory = ['unconstrained-grant']", [], OF_BAD),
        (
            SELECTS + "mandatory = ['unconstrained-grant']",
            ["--ignore", "unconstrained-grant"],
            {"delegable-grant"},
        ),
    ],
)
def test_the_most_important_selection_counts(repository, text, options, rules):
    repository("main.tf")
    repository("grantlint.toml", text)
    assert rules_in(".", *options) == rules


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", [], 1),
        ("fail-on = 'critical'", [], 0),
        ("fail-on = 'never'", [], 0),
        ("fail-on = 'never'", ["--fail-on", "low"], 1),
        ("severity = {delegable-grant = 'low', unconstrained-grant = 'low'}", [], 0),
        (
            "profile = 'strict'\nseverity = {delegable-grant = 'low', unconstrained-grant = 'low'}",
            [],
            1,
        ),
        ("severity = {delegable-grant = 'low'}\nignore = ['unconstrained-grant']", [], 0),
    ],
)
def test_the_exit_code_is_that_of_the_configuration(repository, text, options, code):
    repository("main.tf")
    repository("grantlint.toml", text)
    assert grantlint("check", "-q", ".", *options).returncode == code


def test_possible_findings_count_where_the_configuration_says_so(repository):
    repository(
        "main.tf", KEY + GRANT.replace('["Decrypt", "CreateGrant"]', "var.o") + 'variable "o" {}\n'
    )
    assert grantlint("check", "-q", ".").returncode == 0
    repository("grantlint.toml", "certainty = 'possible'\n")
    assert grantlint("check", "-q", ".").returncode == 1
    assert grantlint("check", "-q", ".", "--certainty", "certain").returncode == 0


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("modules/", {"main.tf"}),
        ("modules", {"main.tf"}),
        ("modules/**", {"main.tf"}),
        ("*.tf", set()),
        ("/main.tf", {"modules/a/main.tf"}),
        ("modules/*/main.tf", {"main.tf"}),
        ("modules/*.tf", {"main.tf", "modules/a/main.tf"}),
    ],
)
def test_paths_of_overrides_are_those_of_gitignore(repository, pattern, left):
    repository("main.tf")
    repository("modules/a/main.tf")
    repository("grantlint.toml", f"[[overrides]]\npaths = ['{pattern}']\nignore = ['all']\n")
    assert {path for path, _, _ in found(".")} == left


def test_patterns_begin_at_the_file_whatever_the_working_directory_is(repository):
    repository("infra/a/main.tf")
    repository("infra/grantlint.toml", "[[overrides]]\npaths = ['/a/']\nignore = ['*']\n")
    assert found(".") == found("a", cwd="infra") == found(".", cwd="infra/a") == set()


def test_a_finding_is_in_the_file_of_its_object_too(repository):
    repository("main.tf", 'module "m" {\n  source = "./legacy"\n}\n')
    repository("legacy/main.tf")
    repository("grantlint.toml", "[[overrides]]\npaths = ['legacy/']\nignore = ['*']\n")
    assert found(".") == set()


def test_the_last_override_that_fits_decides(repository):
    repository("main.tf")
    repository("a/main.tf")
    repository(
        "grantlint.toml",
        "severity = {delegable-grant = 'medium'}\nignore = ['unconstrained-grant']\n"
        "[[overrides]]\npaths = ['a/']\nseverity = {delegable-grant = 'low'}\n"
        "[[overrides]]\npaths = ['a/*']\nseverity = {delegable-grant = 'critical'}\n",
    )
    assert found(".") == {
        ("main.tf", "delegable-grant", "medium"),
        ("a/main.tf", "delegable-grant", "critical"),
    }


def test_mandatory_rules_are_left_out_by_no_override(repository):
    repository("main.tf")
    repository(
        "grantlint.toml",
        "mandatory = ['delegable-grant']\n[[overrides]]\npaths = ['*']\nignore = ['*']\n",
    )
    assert rules_in(".") == {"delegable-grant"}


def test_what_cannot_be_read_is_always_reported(repository):
    repository("main.tf", KEY + "resource {{{\n")
    repository("grantlint.toml", "[[overrides]]\npaths = ['*']\nignore = ['*']\n")
    assert grantlint("check", ".").returncode == 3


def test_what_overrides_leave_out_is_counted(repository):
    repository("main.tf")
    repository("grantlint.toml", "[[overrides]]\npaths = ['*']\nignore = ['*']\n")
    said = grantlint("check", "-v", ".").stderr
    assert "grantlint.toml: its overrides leave out 2 findings" in said


def test_accounts_are_those_of_each_root(repository):
    for name, account in (("a", "111111111111"), ("b", "222222222222")):
        repository(f"{name}/main.tf", KEY)
        repository(f"{name}/grantlint.toml", f"account = '{account}'\n")
    shown = json.loads(grantlint("model", ".").stdout)["keys"]
    assert [one["account"] for one in shown] == ["111111111111", "222222222222"]
    given = json.loads(grantlint("model", ".", "--account", "333333333333").stdout)["keys"]
    assert {one["account"] for one in given} == {"333333333333"}


def test_a_run_has_the_configuration_around_all_its_paths(repository):
    repository("a/main.tf")
    repository("b/main.tf")
    repository("grantlint.toml", "fail-on = 'never'\n")
    repository("a/grantlint.toml", "fail-on = 'low'\n")
    assert grantlint("check", "-q", "a").returncode == 1
    assert grantlint("check", "-q", "b").returncode == 0
    both = grantlint("check", "-q", "a", "b")
    assert (both.returncode, both.stderr) == (
        0,
        (
            'grantlint: a/grantlint.toml:1:1: "fail-on" goes for a whole run and is taken from '
            "grantlint.toml\n"
        ),
    )


def test_which_files_changed_does_not_choose_the_configuration_of_the_run(repository):
    repository("a/main.tf")
    repository("a/grantlint.toml", "fail-on = 'never'\n")
    assert grantlint("check", "-q", "a/main.tf").returncode == 0
    assert grantlint("check", "-q", "--changed", "a/main.tf").returncode == 1


def test_acceptances_are_those_of_the_roots_that_a_file_goes_for(repository):
    repository("a/main.tf")
    repository("b/main.tf")
    text = "[[ignores]]\nrules = ['delegable-grant']\nreason = 'x'\nuntil = {}\npath = '*.tf'\n"
    repository("grantlint.toml", text.format("2027-03-31"))
    repository("b/grantlint.toml", text.format("'2028-01-01'"))
    said = Configurations(isolated=False)
    report = check(["."], Options(), Terms(configurations=said))
    ignores = Judging(said, all_rules()).ignores(report.findings, ["."], sees_all=Truth.YES)
    shown = {(str(one.span), one.until, one.reason, one.roots) for one in ignores}
    assert shown == {
        ("grantlint.toml:3:1", date(2027, 3, 31), "x", frozenset({"a"})),
        ("b/grantlint.toml:3:1", date(2028, 1, 1), "x", frozenset({"b"})),
    }
    assert {one.directory for one in ignores} == {str(Path.cwd()), str(Path("b").resolve())}


# -- the users' own rules ------------------------------------------------------------------


def test_rules_of_the_repository_are_asked_and_known(repository):
    rego = (ROOT / "policies/account_grantee.rego").read_text(encoding="utf-8")
    rego = rego.replace("package grantlint.account_grantee", "package grantlint.our_rule")
    repository("rules/our_rule.rego", rego)
    repository("main.tf", KEY + GRANT.replace(":role/app", ":root"))
    repository("grantlint.toml", "policies = ['rules']\nselect = ['our-rule']\n")
    with on_path():
        assert rules_in(".") == {"our-rule"}


# -- the schema, and the reader ------------------------------------------------------------

IDS = sorted(rule.id for rule in own())
SCHEMA = published(IDS)
JUDGE = Draft7Validator(SCHEMA, format_checker=FormatChecker(["date"]))


def test_the_schema_is_one():
    Draft7Validator.check_schema(SCHEMA)


def test_the_copy_for_editors_is_current():
    copy = json.loads((ROOT / "docs/grantlint.schema.json").read_text(encoding="utf-8"))
    assert copy == SCHEMA, "run `make docs`"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_example_and_default_is_accepted(key, repository):
    repository("policies/x.rego", "")
    tables = [key.kind.keys] if isinstance(key.kind, Tables) else []
    texts = [f"{key.name} = {text}" for text in (key.example, key.default) if text]
    for keys in tables:
        texts += ["\n".join([f"[[{key.name}]]", *(f"{one.name} = {one.example}" for one in keys)])]
    for text in texts:
        made = document(Source("grantlint.toml", text.encode()))
        draft = read(made, Path.cwd())
        assert draft.mistakes == ()
        assert list(JUDGE.iter_errors(plain(made.data))) == []
        assert {one.id for one in draft.configuration.named} <= set(IDS)


WORDS = [
    "low",
    "high",
    "never",
    "strict",
    "default",
    "possible",
    "aws",
    "aws-cn",
    "eu-west-1",
    "x y",
    "111122223333",
    "12",
    "o-abcdefghij",
    "2027-03-31",
    "2027-02-30",
    "a/b",
    "../a",
    "/a",
    "*",
    "all",
    "",
    " ",
    "#x",
    "^a",
    "a$",
    "C:x",
    "http://x",
    "delegable-grant",
    "other-rule",
    "Bad_Id",
]
NAMES = [
    *(key.name for key in KEYS),
    "paths",
    "ignore",
    "severity",
    "rules",
    "reason",
    "until",
    "path",
    "address",
    "construct",
    "delegable-grant",
    "slect",
]
words, names = st.sampled_from(WORDS), st.sampled_from(NAMES)
ANY_ID = ["other-rule", *WORDS, *NAMES, *IDS]
leaves = words | st.integers(0, 3) | st.booleans() | st.none()
values = st.recursive(
    leaves,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(names, one, max_size=4),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(names, values, max_size=4))
def test_the_reader_accepts_what_the_schema_accepts(data):
    made = document(Source(".grantlint.yaml", yaml.safe_dump(data).encode()))
    assert made.data == data
    draft = read(made, ROOT)
    known = [one for one in ANY_ID if re.search(ID, one)]
    wrong = [*faults(data, KEYS, ELSEWHERE), *strangers(draft.configuration, known)]
    assert bool(wrong) == (not JUDGE.is_valid(data)), (wrong, list(JUDGE.iter_errors(data)))


toml_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_places_in_toml_are_those_of_its_data(data):
    leaf = toml_texts.map(lambda text: json.dumps(text, ensure_ascii=False)) | st.sampled_from(
        [
            "1",
            "true",
            "2027-03-31",
            "1979-05-27 07:32:00",
            "'#]'",
            '"""a\n"" b"""',
            "'''x''''",
            "1.5",
        ]
    )
    value = st.recursive(
        leaf,
        lambda one: (
            st.lists(one, max_size=3).map(lambda rows: "[ # c]\n" + ",\n".join(rows) + "]")
            | st.dictionaries(st.sampled_from("abc"), one, max_size=2).map(
                lambda rows: "{ " + ", ".join(f"{k} = {v}" for k, v in rows.items()) + " }"
            )
        ),
        max_leaves=6,
    )
    table = st.dictionaries(
        st.sampled_from(["a", '"b c"', "'d.e'", "f . g", "é".join('""')]), value
    )
    heads = ["", "[t]", "[[u]]", "[[u]]", "[u.v]", '[w."x y"]']
    text = ""
    for head in heads:
        rows = data.draw(table)
        text += "\n".join([head, *(f"{key} = {one}" for key, one in rows.items())]) + "\n"
    made = document(Source("grantlint.toml", text.encode()))
    assert made.data == tomllib.loads(text)
    assert set(made.places) == set(paths(made.data))
    for path, place in made.places.items():
        inner = at(made.data, path)
        if not isinstance(inner, dict | list):
            assert tomllib.loads(f"x = {place.value.text}")["x"] == inner


def paths(value, before=()):
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*before, key)
        if isinstance(one, dict | list):
            yield from paths(one, (*before, key))


def at(value, path):
    for one in path:
        value = value[one]
    return value


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab=.[]{}\"'\n #,1:-&*!|>\té"), max_size=40),
    st.sampled_from(["toml", "yaml"]),
)
def test_any_text_is_read_or_refused(text, kind):
    with suppress(Unreadable):
        document(Source(f"x.{kind}", text.encode()))


# -- profiles ------------------------------------------------------------------------------

NOT_STRICT: set[str] = set()
"""Opt-in rules that no profile asks."""


def test_strict_asks_all_opt_in_rules_but_those_named():
    opt_in = {rule.id for rule in own() if rule.opt_in}
    assert opt_in - NOT_STRICT <= set(PROFILES["strict"].selection.extend)
    assert not NOT_STRICT & set(PROFILES["strict"].selection.extend)


def test_whom_a_root_trusts_makes_others_strangers_there(repository):
    strangers_rule = replace(all_rules()[0], id="untrusted-principal", opt_in=True)
    every = (*all_rules(), strangers_rule)
    text = "trusted-accounts = ['444455556666']\n"
    for name, more in (("a", ""), ("b", "ignore = ['untrusted-principal']\n"), ("c", SELECTS)):
        repository(f"{name}/grantlint.toml", text + more)
    said = Configurations(isolated=False)
    judging = Judging(said, every)
    asked = {name for name in "abcd" if strangers_rule.id in judging.asked(said.of(name))}
    assert asked == {"a"}


def test_a_given_file_with_a_mistake_is_refused_when_it_is_asked_for(repository):
    repository("x.toml", "slect = 1\n")
    said = Configurations(given=named_file("x.toml"))
    with pytest.raises(UsageError, match="did you mean"):
        said.of(".")
