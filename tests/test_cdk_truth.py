"""What the CDK really synthesised: each grant is found once, where its construct is made."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from grantlint.model import Grant
from grantlint.parsers.estate import read
from grantlint.parsers.settings import Options
from grantlint.value import Unknown

APPS = Path(__file__).parents[1] / "fixtures/truth/cdk"
RECORDED = json.loads((APPS / "expected-grants.json").read_text())
ASSEMBLIES = sorted(app for app in RECORDED if (APPS / app / "manifest.json").exists())
NAMES = {"keyId": "KeyId", "granteePrincipal": "GranteePrincipal", "operations": "Operations"}


@cache
def grants(app: str) -> tuple[Grant, ...]:
    return read([(APPS / app).as_posix()], Options()).inventory.grants


def expected(app: str) -> list[dict[str, object]]:
    """The calls that make grants: what Create and Update say alike counts once."""
    found: dict[str, dict[str, object]] = {}
    for call in RECORDED[app]:
        if call["isGrant"]:
            key = json.dumps([call["template"], call["path"], call["parameters"]])
            found.setdefault(key, call)
    return list(found.values())


def construct(call: dict[str, object]) -> str:
    return re.sub(r"(/Resource|/Default)+$", "", str(call["path"]))


@pytest.mark.parametrize("app", ASSEMBLIES)
def test_every_grant_is_found_once_and_none_else(app):
    found = Counter(grant.construct.path for grant in grants(app) if grant.construct)
    assert found == Counter(construct(call) for call in expected(app))


@pytest.mark.parametrize("app", ASSEMBLIES)
def test_a_grant_has_the_parameters_of_its_call(app):
    for call in expected(app):
        given = {NAMES.get(name, name): value for name, value in call["parameters"].items()}
        alike = [grant for grant in grants(app) if grant.construct.path == construct(call)]
        assert any(is_of(grant, given) for grant in alike), call["path"]


def is_of(grant: Grant, given: dict[str, object]) -> bool:
    """Whether what is known of a grant is what the call gives; tokens may be known to us."""
    texts = {
        "KeyId": grant.key_id,
        "GranteePrincipal": grant.grantee_principal,
        "RetiringPrincipal": grant.retiring_principal,
        "Name": grant.name,
    }
    for name, value in texts.items():
        wanted = given.get(name)
        if wanted is None:
            if not value.is_null:
                return False
        elif isinstance(wanted, str) and not is_open(wanted) and value.text != wanted:
            return False
    operations = given.get("Operations")
    if isinstance(operations, list) and not any(is_token(str(one)) for one in operations):
        return [one.text for one in grant.operations_written.elements()] == operations
    return True


def is_open(text: str) -> bool:
    """Whether a text is only known when the stack is deployed."""
    return is_token(text) or "{{resolve:" in text


def is_token(text: str) -> bool:
    return "\u27e6" in text


@pytest.mark.parametrize("app", [app for app in ASSEMBLIES if "17-ts" not in app])
def test_a_grant_stands_where_its_construct_is_made(app):
    for call in expected(app):
        if not call["src"]:
            continue
        file, line = str(call["src"]).removeprefix("/builds/acme/infra/").rsplit(":", 1)
        alike = [grant for grant in grants(app) if grant.construct.path == construct(call)]
        for grant in alike:
            first = grant.construct.lines[0]
            assert (first.path, first.line) == ((APPS / file).as_posix(), int(line))


def test_typescript_is_shown_through_its_source_map():
    (app,) = [app for app in ASSEMBLIES if app.startswith("17-ts")]
    lines = {str(grant.construct.lines[0]) for grant in grants(app) if grant.construct}
    assert lines == {f"{(APPS / '17-ts/src/grant.ts').as_posix()}:26:5"}


def test_a_grant_finds_its_key_across_stacks_stages_and_regions():
    found = {}
    for app in ASSEMBLIES:
        for grant in grants(app):
            cause = grant.key_id.raw
            refers_to = cause.refers_to if isinstance(cause, Unknown) else None
            if refers_to is not None and refers_to.type == "aws_kms_key":
                found[app, grant.address] = grant.key.address.text
    assert len(found) > 10
    assert [where for where, key in found.items() if key is None] == []
