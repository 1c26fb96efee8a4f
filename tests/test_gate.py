"""What the parts of the gate come to together: configuration, acceptances, baseline, comparison."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from grantlint.cli.app import run

GRANT = """\
resource "aws_kms_grant" "{name}" {{
  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = "arn:aws:iam::111122223333:role/etl"
  operations        = [{operations}]
}}
"""
ASKED = 'select = ["delegable-grant", "orphan-grant", "invalid-suppression"]\n'
IGNORES = """
[[ignores]]
rules = ["delegable-grant"]
reason = "the vendor ends these"
"""


def grant(name: str = "g", operations: str = '"Decrypt", "CreateGrant"') -> str:
    return GRANT.format(name=name, operations=operations)


class Estate:
    """A repository, and what grantlint says in it."""

    def __init__(self, top: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.top, self.capsys = top, capsys

    def lay(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def git(self, *words: str) -> None:
        name = ("-c", "user.name=n", "-c", "user.email=n@example.com")
        subprocess.run(["git", *name, *words], cwd=self.top, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "all")

    def said(self, *arguments: str) -> tuple[list[str], list[str]]:
        """The rules of what is found in which directory, and by what others are suppressed."""
        self.capsys.readouterr()
        code = run(["check", "--output", "json", *arguments])
        out, err = self.capsys.readouterr()
        assert code in {0, 1}, err
        report = json.loads(out)
        where = os.path.dirname
        return (
            sorted(f"{one['rule']} {where(one['path'])}".strip() for one in report["findings"]),
            sorted(
                f"{one['rule']} {where(one['path'])}: {one['suppression']['kind']}".replace(
                    " :", ":"
                )
                for one in report["suppressed"]
            ),
        )


@pytest.fixture
def estate(tmp_path, monkeypatch, capsys):
    made = Estate(tmp_path, capsys)
    made.git("init", "-q", "-b", "main")
    monkeypatch.chdir(tmp_path)
    return made


def test_what_a_configuration_accepts_is_suppressed_below_it_and_not_beside(estate):
    estate.lay({"a/main.tf": grant(), "a/grantlint.toml": ASKED + IGNORES, "b/main.tf": grant()})
    estate.lay({"grantlint.toml": ASKED})
    assert estate.said(".") == (
        ["delegable-grant b", "orphan-grant a", "orphan-grant b"],
        ["delegable-grant a: configuration"],
    )


def test_an_outer_file_accepts_nothing_where_a_nearer_one_goes(estate):
    estate.lay({"grantlint.toml": ASKED + IGNORES, "a/main.tf": grant()})
    estate.lay({"a/grantlint.toml": ASKED})
    assert estate.said(".") == (["delegable-grant a", "orphan-grant a"], [])


def test_what_stands_outside_the_repository_accepts_in_it(estate, tmp_path_factory):
    trusted = tmp_path_factory.mktemp("etc") / "x.toml"
    trusted.write_text(ASKED + IGNORES, "utf-8")
    estate.lay({"a/main.tf": grant()})
    assert estate.said("--config", str(trusted), ".") == (
        ["orphan-grant a"],
        ["delegable-grant a: configuration"],
    )


def test_a_rule_that_one_root_makes_mandatory_cannot_be_accepted_there(estate):
    comment = '# grantlint: ignore[delegable-grant] reason="agreed"\n'
    estate.lay({"a/main.tf": comment + grant(), "b/main.tf": comment + grant()})
    estate.lay({"grantlint.toml": ASKED})
    estate.lay({"a/grantlint.toml": ASKED + 'mandatory = ["delegable-grant"]\n'})
    assert estate.said(".") == (
        ["delegable-grant a", "invalid-suppression a", "orphan-grant a", "orphan-grant b"],
        ["delegable-grant b: comment"],
    )


def test_a_baseline_does_not_accept_what_is_mandatory(estate):
    estate.lay({"a/main.tf": grant(), "grantlint.toml": ASKED + 'baseline = "known.json"\n'})
    assert run(["baseline", "write", "."]) == 0
    assert estate.said(".") == (
        [],
        ["delegable-grant a: baseline", "orphan-grant a: baseline"],
    )
    assert estate.said("--mandatory", "delegable-grant", ".")[0] == ["delegable-grant a"]


def test_the_baseline_takes_no_acceptance_that_a_comment_has(estate):
    comment = '# grantlint: ignore[delegable-grant] reason="agreed"\n'
    estate.lay({"a/main.tf": comment + grant(), "grantlint.toml": ASKED})
    assert run(["baseline", "write", "--baseline", "known.json", "."]) == 0
    entries = json.loads((estate.top / "known.json").read_text())["findings"]
    assert [one["rule"] for one in entries] == ["orphan-grant"]


def test_a_severity_of_the_configuration_decides_the_exit_code(estate):
    estate.lay({"a/main.tf": grant(operations='"Decrypt"'), "grantlint.toml": ASKED})
    assert run(["check", "-q", "--fail-on", "medium", "."]) == 0
    estate.lay({"grantlint.toml": ASKED + 'severity = {orphan-grant = "critical"}\n'})
    assert run(["check", "-q", "--fail-on", "critical", "."]) == 1


def test_what_was_configured_then_goes_for_the_tree_of_then(estate):
    estate.lay({"a/main.tf": grant(), "grantlint.toml": 'select = ["orphan-grant"]\n'})
    estate.commit()
    estate.git("checkout", "-q", "-b", "change")
    estate.lay({"grantlint.toml": ASKED})
    estate.commit()
    assert estate.said("--diff-against", "main", ".") == (
        ["delegable-grant a"],
        ["orphan-grant a: unchanged"],
    )


def test_a_configuration_that_was_broken_then_stops_nothing_now(estate):
    estate.lay({"a/main.tf": grant(), "grantlint.toml": 'slect = ["orphan-grant"]\n'})
    estate.commit()
    estate.git("checkout", "-q", "-b", "change")
    estate.lay({"grantlint.toml": ASKED})
    assert estate.said("--diff-against", "main", ".") == (
        [],
        ["delegable-grant a: unchanged", "orphan-grant a: unchanged"],
    )


def test_a_comment_that_says_how_much_it_accepts_lapses_as_it_says(estate):
    """One that names its extent is judged by that, whatever was there before."""
    bound = (
        '# grantlint: ignore[delegable-grant] reason="r" accepts="CreateGrant Decrypt Encrypt ?"\n'
    )
    loose = '# grantlint: ignore[delegable-grant] reason="r"\n'
    few, more = '"Decrypt", "CreateGrant"', '"Decrypt", "Encrypt", "CreateGrant"'
    estate.lay({"grantlint.toml": 'select = ["delegable-grant"]\n'})
    estate.lay({"a/main.tf": bound + grant("g", few) + loose + grant("h", few)})
    estate.commit()
    estate.git("checkout", "-q", "-b", "change")
    estate.lay({"a/main.tf": bound + grant("g", more) + loose + grant("h", more)})
    assert estate.said("--diff-against", "main", ".") == (
        ["delegable-grant a"],
        ["delegable-grant a: comment"],
    )


def test_a_fingerprint_is_the_same_wherever_the_run_is_started(estate, monkeypatch, capsys):
    estate.lay({"live/a/main.tf": grant(), "grantlint.toml": ASKED})

    def fingerprints(start: str, path: str) -> list[str]:
        monkeypatch.chdir(estate.top / start)
        run(["check", "--output", "json", path])
        return [one["fingerprint"] for one in json.loads(capsys.readouterr().out)["findings"]]

    found = fingerprints(".", ".")
    assert len(set(found)) == 2
    assert fingerprints("live/a", ".") == found
    assert fingerprints("live", "./a/main.tf") == found
    assert fingerprints("live", str(estate.top / "live/a")) == found


def test_an_entry_of_the_configuration_that_accepts_nothing_is_reported(estate):
    select = ASKED.replace("]", ', "unused-suppression", "expired-suppression"]')
    estate.lay({"a/main.tf": grant(operations='"Decrypt"'), "grantlint.toml": select + IGNORES})
    assert estate.said(".") == (["orphan-grant a", "unused-suppression"], [])
    assert estate.said("a") == (["orphan-grant a"], [])  # what is beside it may need the entry
    estate.lay({"a/main.tf": grant()})
    assert "unused-suppression" not in estate.said(".")[0]


def test_an_entry_of_the_configuration_expires_as_a_comment_does(estate):
    select = ASKED.replace("]", ', "unused-suppression", "expired-suppression"]')
    estate.lay({"a/main.tf": grant()})
    estate.lay({"grantlint.toml": select + IGNORES + "until = 2027-03-31\n"})
    assert estate.said("--today", "2027-03-31", ".")[1] == ["delegable-grant a: configuration"]
    assert estate.said("--today", "2027-04-01", ".") == (
        ["delegable-grant a", "expired-suppression", "orphan-grant a"],
        [],
    )
