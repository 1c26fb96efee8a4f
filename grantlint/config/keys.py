"""Every key of a configuration: what it has to be, what it is for, an example, its default.

Files are checked by this table; the JSON Schema, the documentation and what `grantlint init`
writes come of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grantlint.config.kinds import (
    Access,
    ByRule,
    Day,
    Listed,
    Pattern,
    RuleId,
    Schema,
    Text,
    Word,
)
from grantlint.config.table import Key, Tables, schema

SEVERITIES: Final = ("low", "medium", "high", "critical")
PROFILES: Final = ("default", "strict")

_ACCOUNT: Final = Text("^[0-9]{12}$", "an account: 12 digits", number=True)
_ORGANIZATION: Final = Text(
    "^o-[a-z0-9]{10,32}$",
    "the id of an organization: o- and 10 to 32 lower-case letters and digits",
)
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""
_REGION: Final = Text("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", "the name of a region, as eu-west-1")
_PARTITION: Final = Text("^aws(-[a-z]+)*$", "a partition, as aws, aws-cn or aws-us-gov")
_FILE: Final = Text(
    r"^(?![/~\\]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)\s*\S",
    "a path from the directory of the configuration",
)
_SAID: Final = Text(r"\S", "a text that says anything")
_PLACE: Final = Text(r"\S", "a pattern: * is any text, ? one character")
_RULES: Final = Listed(RuleId(), "ids of rules")
_SEVERITY: Final = ByRule(Word(SEVERITIES), "a table of the ids of rules and severities")

_OVERRIDES: Final = (
    Key(
        "paths",
        Listed(Pattern(), "patterns of files", least=1),
        "Files, as patterns of .gitignore from the directory of this file; a finding is meant "
        "whose place is in one, or whose key or grant is",
        '["modules/legacy/**"]',
        required=True,
    ),
    Key(
        "ignore",
        Listed(RuleId(every=True), "ids of rules"),
        'Rules whose findings are left out there, ["*"] for all',
        '["unconstrained-grant"]',
    ),
    Key(
        "severity",
        _SEVERITY,
        "Severities of the findings there",
        '{unconstrained-grant = "low"}',
    ),
)
_IGNORES: Final = (
    Key(
        "rules",
        Listed(RuleId(), "ids of rules", least=1),
        "Rules whose findings are accepted",
        '["delegable-grant"]',
        required=True,
    ),
    Key("reason", _SAID, "Why", '"the vendor ends these grants"', required=True),
    Key("until", Day(), "The last day on which it holds", "2027-03-31"),
    Key(
        "path", Pattern(), "Files, as a pattern of .gitignore from this file's directory",
        '"infra/prod/**"',
    ),
    Key(
        "address",
        _PLACE,
        "Addresses or logical ids, * being any text",
        '"module.etl.aws_kms_grant.*"',
    ),
    Key("construct", _PLACE, "Paths of CDK constructs, * being any text", '"App/Data/*"'),
    Key(
        "accepts",
        Access(),
        "How much access is accepted; with more the finding is reported again",
        '"Decrypt CreateGrant"',
    ),
)  # fmt: skip

KEYS: Final = (
    Key(
        "profile",
        Word(PROFILES),
        "What applies where this file says nothing",
        '"strict"',
        '"default"',
    ),
    Key(
        "select",
        Listed(RuleId(), "ids of rules", least=1),
        "Ask only these rules; else all that are not opt-in",
        '["public-key-policy", "unconstrained-grant"]',
    ),
    Key("extend-select", _RULES, "Ask these rules besides", '["disabled-key-rotation"]', "[]"),
    Key("ignore", _RULES, "Do not ask these rules", '["duplicate-grant"]', "[]"),
    Key(
        "severity",
        _SEVERITY,
        "Severities that differ from those of the rules",
        '{delegable-grant = "critical"}',
        "{}",
    ),
    Key(
        "fail-on",
        Word((*SEVERITIES, "never")),
        "The lowest severity that makes the exit code 1",
        '"high"',
        '"medium"',
        run=True,
    ),
    Key(
        "certainty",
        Word(("certain", "possible")),
        "With possible, findings that depend on unknown values are shown and count too",
        '"possible"',
        '"certain"',
        run=True,
    ),
    Key(
        "mandatory",
        _RULES,
        "Rules that are always asked, and whose findings nothing in the repository can accept",
        '["public-key-policy"]',
        "[]",
    ),
    Key("account", _ACCOUNT, "The account it is applied in", '"111122223333"'),
    Key("region", _REGION, "The region it is applied in", '"eu-west-1"'),
    Key("partition", _PARTITION, "The partition it is applied in", '"aws"'),
    Key(
        "trusted-accounts",
        Listed(_ACCOUNT, "accounts"),
        "Accounts whose principals are no strangers",
        '["444455556666"]',
        "[]",
    ),
    Key(
        "trusted-organizations",
        Listed(_ORGANIZATION, "ids of organizations"),
        "Organizations whose members are no strangers",
        '["o-exampleorgid"]',
        "[]",
    ),
    Key(
        "policies",
        Listed(_FILE, "directories"),
        "Directories of the repository with rules of your own, in Rego",
        '["policies"]',
        "[]",
        run=True,
    ),
    Key(
        "baseline",
        _FILE,
        "The file with the findings that were there before, see grantlint baseline",
        '".grantlint-baseline.json"',
        run=True,
    ),
    Key(
        "overrides",
        Tables("overrides", _OVERRIDES),
        "What differs for some files; of several that fit the last decides",
        "[]",
    ),
    Key("ignores", Tables("ignores", _IGNORES), "Findings that are accepted", "[]"),
)

_NO_SERVER: Final = "is only taken from the command line: --{0}; a repository names no server"
_ONLY_OPTION: Final = "is only taken from the command line: --{0}"
_SERVER: Final = (
    "opa-url", "opa-loaded", "opa-token-file", "opa-ca-file", "opa-cert-file", "opa-key-file",
)  # fmt: skip
_OPTIONS: Final = (
    "output", "format", "changed", "show-fixes", "fix", "unsafe-fixes", "var", "var-file",
    "workspace", "parameter", "parameter-file", "source", "input", "policies-timeout",
    "allow-empty", "color", "quiet", "verbose", "config", "isolated", "diff-against", "no-ignores",
    "today",
)  # fmt: skip
ELSEWHERE: Final = {
    **{name: _NO_SERVER.format(name) for name in _SERVER},
    **{name: _ONLY_OPTION.format(name) for name in _OPTIONS},
    "var": "is only taken from the command line; write it to a .auto.tfvars file",
}
"""Options that no file can give, and what is said of them."""

ID: Final = "https://github.com/OWNER/grantlint/raw/v0.1.0/docs/grantlint.schema.json"


def published(rules: Sequence[str]) -> Schema:
    """The JSON Schema of a configuration; `rules` are the ids of our own rules."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # what editors know for TOML
        "$id": ID,
        "title": "grantlint",
        "description": "A configuration of grantlint: grantlint.toml, .grantlint.yaml, or what is "
        "in tool.grantlint of pyproject.toml.",
    } | schema(KEYS, sorted(rules))
