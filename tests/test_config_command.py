"""`grantlint config`: what is in force, where it comes from, and the schema."""

import json
import tomllib
from pathlib import Path

import pytest
from configured import KEY, git_repository, grantlint
from jsonschema import Draft7Validator

from grantlint.config.keys import published
from grantlint.config.verdict import plain
from grantlint.rules import own

IDS = sorted(rule.id for rule in own())
SCHEMA = published(IDS)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository that is worked in; the function writes a file into it."""
    return git_repository(tmp_path / "repository", monkeypatch)


def settings_of(*arguments):
    shown = json.loads(grantlint("config", "show", "--format", "json", *arguments).stdout)
    return {key: (one["value"], one["from"]) for key, one in shown["settings"].items()}


def rules_of(*arguments):
    shown = json.loads(grantlint("config", "show", "--format", "json", *arguments).stdout)
    return {one["id"]: (one["asked"], one["from"]) for one in shown["rules"]}


@pytest.mark.usefixtures("repository")
def test_without_a_file_everything_is_the_default():
    done = grantlint("config", "show")
    assert done.stdout.startswith('# . has no configuration\nprofile = "default"')
    assert settings_of()["fail-on"] == ("medium", "default")
    assert settings_of()["account"] == (None, "default")
    assert rules_of()["disabled-key-rotation"] == (False, "default: opt-in")
    assert rules_of()["delegable-grant"] == (True, "default")


def test_each_setting_says_where_it_comes_from(repository):
    repository("infra/main.tf", KEY)
    repository(
        "grantlint.toml",
        'profile = "strict"\ncertainty = "possible"\nregion = "eu-west-1"\n'
        'ignore = ["duplicate-grant"]\nmandatory = ["public-key-policy"]\n',
    )
    given = ["infra", "--region", "us-east-1", "--ignore", "orphan-grant"]
    given += ["--config", 'account="111122223333"']
    settings, rules = settings_of(*given), rules_of(*given)
    assert settings["profile"] == ("strict", "grantlint.toml:1")
    assert settings["certainty"] == ("possible", "grantlint.toml:2")
    assert settings["fail-on"] == ("low", "profile strict")
    assert settings["region"] == ("us-east-1", "command line")
    assert settings["account"] == ("111122223333", '--config account="111122223333"')
    assert settings["partition"] == (None, "default")
    assert rules["duplicate-grant"] == (False, "grantlint.toml:4")
    assert rules["orphan-grant"] == (False, "command line")
    assert rules["disabled-key-rotation"] == (True, "profile strict")
    assert rules["public-key-policy"] == (True, "grantlint.toml:5")
    assert rules["delegable-grant"] == (True, "default")


WHOLE = """\
profile = "strict"
extend-select = ["disabled-key-rotation"]
ignore = ["duplicate-grant"]
severity = {delegable-grant = "critical"}
fail-on = "high"
certainty = "possible"
mandatory = ["public-key-policy"]
account = "111122223333"
region = "eu-west-1"
partition = "aws"
trusted-accounts = ["444455556666"]
trusted-organizations = ["o-exampleorgid"]
policies = ["rules"]
baseline = "grantlint-baseline.json"

[[overrides]]
paths = ["modules/", "!modules/a"]
ignore = ["all"]

[[overrides]]
paths = ["*.tf"]
severity = {unconstrained-grant = "low"}

[[ignores]]
rules = ["delegable-grant"]
reason = "the \\"vendor\\" \\\\ ends\\tthese"
until = 2027-03-31
path = "infra/**"
address = "module.*"
construct = "App/*"
accepts = "Decrypt +0a1b2c -3d4e5f"
"""


def test_what_is_shown_can_be_pasted_and_means_the_same(repository):
    repository("infra/main.tf", KEY)
    repository("infra/grantlint.toml", WHOLE.replace('policies = ["rules"]\n', ""))
    shown = grantlint("config", "show", "infra").stdout
    assert not list(Draft7Validator(SCHEMA).iter_errors(plain(tomllib.loads(shown))))
    before = settings_of("infra"), {id: asked for id, (asked, _) in rules_of("infra").items()}
    repository("infra/grantlint.toml", shown)
    after = settings_of("infra"), {id: asked for id, (asked, _) in rules_of("infra").items()}
    values = [{key: value for key, (value, _) in one[0].items()} for one in (before, after)]
    assert values[0] == values[1]
    assert before[1] == after[1]
    again = grantlint("config", "show", "infra").stdout
    assert tomllib.loads(again) == tomllib.loads(shown)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: there is no such file or directory"),
        (
            ["--select", "delegable-grnt"],
            "--select delegable-grnt: there is no such rule; did you mean delegable-grant?",
        ),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_cannot_be_shown(arguments, message):
    done = grantlint("config", "show", *arguments)
    assert (done.returncode, done.stderr) == (2, f"grantlint: error: {message}\n")


def test_a_mistake_is_told_by_show_too(repository):
    repository("grantlint.toml", "slect = 1\n")
    assert grantlint("config", "show").returncode == 2


def test_the_schema_is_the_published_one():
    assert json.loads(grantlint("config", "schema").stdout) == SCHEMA


def test_every_key_has_words_and_examples():
    for name, one in SCHEMA["properties"].items():
        assert one["description"].endswith("."), name
        assert "examples" in one or one["type"] == "array", name


def test_an_editor_completes_the_ids_of_our_rules():
    of = SCHEMA["properties"]["ignore"]["items"]["anyOf"]
    assert of[0] == {"enum": IDS}


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("grantlint.toml", 'ignore = ["delegable-grant"]\n', 0, "it is as it should be"),
        (".grantlint.yaml", "ignores: [{rules: [x-y], reason: z}]\n", 0, "it is as it should be"),
        ("pyproject.toml", "[tool.grantlint]\nfail-on = 'low'\n", 0, "it is as it should be"),
        ("grantlint.toml", "slect = []\n", 2, 'unknown key "slect"; did you mean "select"?'),
        ("other.toml", "fail-on = 3\n", 2, '"fail-on" is one of'),
    ],
)
def test_a_file_is_checked_by_both_judges(repository, name, text, code, says):
    repository(name, text)
    done = grantlint("config", "schema", "--check", name)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert Path(name).read_text(encoding="utf-8") == text
