"""What a team has accepted stays accepted, and nothing else does."""

import json
import os
import subprocess
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantlint.against import Before, new_only
from grantlint.against.moves import Moves
from grantlint.against.then import Then
from grantlint.baseline import Baseline, Entry, without
from grantlint.baseline.file import read, schema, text
from grantlint.check import Terms, check
from grantlint.cli.app import run
from grantlint.extent import Extent
from grantlint.finding import Acceptance, Finding, Identity, Suppressed, Suppression
from grantlint.known import Known, known
from grantlint.parsers.settings import Options
from grantlint.rule import Severity

NAME = ".grantlint-baseline.json"
BACKEND = 'terraform {\n  backend "s3" {}\n}\n'
GRANT = """\
resource "aws_kms_grant" "NAME" {
  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  grantee_principal = "arn:aws:iam::444455556666:root"
  operations        = ["Decrypt"]
}
"""
WIDER = '["Decrypt", "CreateGrant"]'


def grant(name: str = "g", operations: str = '["Decrypt"]') -> str:
    return GRANT.replace("NAME", name).replace('["Decrypt"]', operations)


class Estate:
    """Files in a directory, and what grantlint says of them."""

    def __init__(self, top: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.top, self.capsys = top, capsys

    def lay(self, **given: str | None) -> None:
        for name, written in given.items():
            path = self.top / f"{name.replace('__', '/')}.tf"
            if written is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written, "utf-8")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = run(list(arguments))
        return (code, *self.capsys.readouterr())

    def write(self, *arguments: str) -> list[dict]:
        code, _, err = self.run("baseline", "write", *arguments)
        assert code == 0, err
        return self.entries()

    def entries(self) -> list[dict]:
        return json.loads((self.top / NAME).read_text("utf-8"))["findings"]

    def found(self, *arguments: str) -> set[tuple[str, str]]:
        out = self.run("check", "--baseline", str(self.top / NAME), "--output", "json", *arguments)
        found = json.loads(out[1])["findings"]
        return {(one["rule"], one["path"]) for one in found if one["certain"]}


@pytest.fixture
def estate(tmp_path, monkeypatch, capsys) -> Estate:
    monkeypatch.chdir(tmp_path)
    return Estate(tmp_path, capsys)


# -- what is accepted ----------------------------------------------------------------------


def test_what_was_written_is_accepted(estate):
    estate.lay(main=BACKEND + grant())
    assert estate.run("check")[0] == 1
    assert {one["rule"] for one in estate.write()} == {"account-grantee", "orphan-grant"}
    code, out, _ = estate.run("check", "--baseline", NAME, "--output", "json")
    assert code == 0
    document = json.loads(out)
    assert not any(one["certain"] for one in document["findings"])
    (kind,) = {one["suppression"]["kind"] for one in document["suppressed"]}
    assert kind == "baseline"
    assert {one["suppression"]["span"]["path"] for one in document["suppressed"]} == {NAME}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"main": BACKEND + grant()}, {"main": "\n\n# x\n" + BACKEND + grant()}),
        (
            {"main": BACKEND + grant(), "b": "# b\n"},
            {"main": BACKEND, "b": grant()},
        ),
        ({"a__main": BACKEND + grant()}, {"a__main": None, "b__main": BACKEND + grant()}),
        ({"a__main": BACKEND + grant()}, {"a__main": None, "a__kms": BACKEND + grant()}),
    ],
    ids=["lines", "another file of its root", "a root renamed", "a file renamed"],
)
def test_what_only_moved_stays_accepted(estate, old, new):
    estate.lay(**old)
    assert estate.write()
    estate.lay(**new)
    assert estate.found() == set()


def test_the_same_address_elsewhere_is_not_accepted(estate):
    estate.lay(a__main=BACKEND + grant())
    estate.write()
    estate.lay(b__main=BACKEND + grant())
    assert {path for _, path in estate.found()} == {"b/main.tf"}


def test_one_entry_accepts_one_finding(estate):
    two = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  policy = jsonencode({\n'
    two += "    Statement = [\nSTATEMENTS    ]\n  })\n}\n"
    one = '      {Effect="Allow", Principal="*", Action="kms:Decrypt", Resource="*"},\n'
    estate.lay(main=BACKEND + two.replace("STATEMENTS", one * 2))
    ours = ("--select", "public-key-policy")
    assert [entry.get("number") for entry in estate.write(*ours)] == [None, 2]
    assert estate.found(*ours) == set()
    estate.lay(main=BACKEND + two.replace("STATEMENTS", one * 3))
    _, out, _ = estate.run("check", "--baseline", NAME, "--output", "json", *ours)
    assert len(json.loads(out)["findings"]) == 1


def test_what_got_wider_is_reported_with_the_entry(estate):
    estate.lay(main=BACKEND + grant())
    estate.write()
    estate.lay(main=BACKEND + grant(operations=WIDER))
    code, out, _ = estate.run("check", "--baseline", NAME, "--select", "account-grantee")
    assert code == 1
    assert "accepted for less: CreateGrant is new" in out
    written = (estate.top / NAME).read_text("utf-8").split("\n")
    line = next(number for number, text in enumerate(written, 1) if '"accepts"' in text)
    assert f"{NAME}:{line}:7: accepted for less" in out


def test_what_got_narrower_is_accepted(estate):
    estate.lay(main=BACKEND + grant(operations=WIDER))
    estate.write()
    estate.lay(main=BACKEND + grant())
    assert estate.found() == set()


def _finding(**given: object) -> Finding:
    identity = Identity("some-rule", "a", "a/main.tf", "aws_kms_key.k")
    usual: dict[str, object] = {
        "rule": "some-rule",
        "severity": Severity.MEDIUM,
        "message": "m",
        "path": "a/main.tf",
        "identity": identity,
    }
    return Finding(**{**usual, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "now", "accepted"),
    [
        ({}, {}, True),
        ({"severity": Severity.HIGH}, {}, True),
        ({}, {"severity": Severity.HIGH}, False),
        ({"certain": False}, {}, False),
        ({}, {"certain": False}, True),
    ],
)
def test_more_severe_or_certain_is_more(tmp_path, monkeypatch, then, now, accepted):
    monkeypatch.chdir(tmp_path)
    one = known(_finding(**then), tmp_path)
    assert one is not None
    kept, suppressed = without(
        [_finding(**now)], Baseline(NAME, (Entry(one, "m"),)), lambda _: False
    )
    assert (len(kept), len(suppressed)) == ((0, 1) if accepted else (1, 0))


def test_a_mandatory_rule_is_never_accepted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = known(_finding(), tmp_path)
    assert one is not None
    kept, _ = without(
        [_finding()], Baseline(NAME, (Entry(one, "m"),)), lambda one: one.rule == "some-rule"
    )
    assert len(kept) == 1


def test_possible_findings_are_accepted_on_demand(estate):
    estate.lay(
        main='variable "who" {}\n' + grant().replace('"arn:aws:iam::444455556666:root"', "var.who")
    )
    assert estate.write() == []
    assert all(one["certain"] is False for one in estate.write("--certainty", "possible"))
    assert estate.entries()


# -- the file ------------------------------------------------------------------------------


def test_the_file_is_the_same_from_anywhere(estate, monkeypatch):
    estate.lay(a__main=BACKEND + grant(), b__main=BACKEND + grant("h"))
    estate.write()
    first = (estate.top / NAME).read_bytes()
    estate.lay(a__main="# one\n" + BACKEND + grant())
    monkeypatch.chdir(estate.top / "a")
    assert run(["baseline", "write", "--baseline", f"../{NAME}", ".."]) == 0
    assert (estate.top / NAME).read_bytes() == first
    assert run(["baseline", "write", "--baseline", f"../{NAME}", str(estate.top)]) == 0
    assert (estate.top / NAME).read_bytes() == first
    assert estate.found("..") == set() or not any(
        r == "orphan-grant" for r, _ in estate.found("..")
    )


def test_the_file_has_no_lines_times_or_paths_of_the_machine(estate):
    estate.lay(a__main=BACKEND + grant())
    estate.write()
    written = (estate.top / NAME).read_text("utf-8")
    assert "a/main.tf" in written
    assert str(estate.top) not in written
    assert written.isascii()
    assert "line" not in written


def test_the_file_fits_its_schema(estate, capsys):
    estate.lay(a__main=BACKEND + grant())
    estate.write()
    assert run(["baseline", "schema"]) == 0
    shown = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(shown)
    jsonschema.validate(json.loads((estate.top / NAME).read_text("utf-8")), shown)
    assert files("grantlint.baseline").joinpath("baseline.schema.json").is_file()


def test_no_secret_is_written(estate):
    hidden = "arn:aws:iam::444455556666:role/very-secret"
    estate.lay(
        main=BACKEND
        + f'variable "who" {{\n  sensitive = true\n  default = "{hidden}"\n}}\n'
        + grant(operations=WIDER).replace('"arn:aws:iam::444455556666:root"', "var.who")
    )
    estate.write("--certainty", "possible")
    assert estate.entries()
    assert "very-secret" not in (estate.top / NAME).read_text("utf-8")


_WORD = st.text(st.characters(codec="utf-8"), max_size=8)
_TOKENS = st.dictionaries(st.from_regex(r"\A[0-9a-f]{6}\Z"), st.just(""), max_size=3)
_EXTENTS = st.builds(
    Extent,
    st.frozensets(st.sampled_from(["Decrypt", "kms:*", "kms:Re*", "CreateGrant"])),
    _TOKENS,
    _TOKENS,
    st.booleans(),
)
_PATHS = st.lists(st.from_regex(r"\A[a-z~ ü]{1,5}\Z"), min_size=1, max_size=3).map("/".join)
_IDENTITIES = st.builds(
    Identity,
    rule=st.sampled_from(["a-rule", "b-rule"]),
    root=_PATHS,
    path=_PATHS.map(lambda path: f"{path}.tf"),
    address=_WORD,
    at=st.lists(_WORD.filter(bool), max_size=3).map(tuple),
    sid=_WORD,
)
_ENTRIES = st.builds(
    Entry,
    st.builds(Known, _IDENTITIES, _EXTENTS, st.sampled_from(list(Severity)), st.booleans()),
    _WORD,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_ENTRIES, max_size=5))
def test_a_baseline_reads_as_it_was_written(tmp_path, entries):
    path = tmp_path / NAME
    written = text(Baseline(str(path), tuple(entries)))
    path.write_text(written, "utf-8")
    jsonschema.validate(json.loads(written), json.loads(schema()))
    again = read(str(path))
    assert text(again) == written

    def listed(found: tuple[Entry, ...]) -> list[str]:
        return sorted(
            repr((one.known.identity, str(one.known.extent), one.message)) for one in found
        )

    assert listed(again.entries) == listed(tuple(entries))
    for one in again.entries:
        assert one.span is not None
        assert json.loads(one.span.text)["rule"] == one.known.identity.rule


GOOD = '{"rule": "r", "file": "f", "address": "a", "severity": "low", "accepts": ""}'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", ":1: a { is missing"),
        ("[]", ":1: a { is missing"),
        ("{}", ":1: it has no version"),
        ('{"version": 1}', ":1: it has no findings"),
        ('{\n"version": 2, "findings": []}', ":2: its version is 2, and this grantlint knows"),
        ('{"version": true, "findings": []}', "its version is true"),
        ('{"version": 1,\n"findings": [\n{"rule": 1}]}', ":3: file is missing in an entry"),
        (
            '{"version": 1,\n"findings": [\n' + GOOD.replace('"r"', "1") + "]}",
            ":3: an entry's rule cannot be 1",
        ),
        ('{"version": 1, "findings": [' + GOOD.replace("low", "odd") + "]}", "no severity odd"),
        ('{"version": 1, "findings": [' + GOOD[:-1] + ', "x": 1}]}', "an entry has no x"),
        (
            '{"version": 1, "findings": [' + GOOD.replace('""', '"+12"') + "]}",
            "accepts cannot be +12",
        ),
        ('{"version": 1,\n<<<<<<< HEAD\n"findings": []}', ":2: a merge conflict is left in it"),
        ('{"version": 1,\n"findings": [}', ":2: expecting value"),
        ('{"version": 1, "findings": ' + "[" * 100_000, "cannot be decoded"),
        ('{"version": 1, "findings": []} x', "there is more behind its end"),
        ('{"failed_checks": [], "version": "x"}', 'its version is "x"'),
    ],
)
def test_a_file_that_is_no_baseline_is_a_mistake(estate, written, said):
    estate.lay(main=BACKEND + grant())
    (estate.top / NAME).write_text(written, "utf-8")
    code, out, err = estate.run("check", "--baseline", NAME)
    assert (code, out) == (2, "")
    assert said in err


def test_a_baseline_that_is_not_there_is_a_mistake(estate):
    estate.lay(main=BACKEND)
    code, _, err = estate.run("check", "--baseline", "x.json")
    assert code == 2
    assert "`grantlint baseline write --baseline x.json` writes it" in err


def test_a_byte_order_mark_is_no_fault(estate):
    estate.lay(main=BACKEND + grant())
    estate.write()
    data = (estate.top / NAME).read_bytes()
    (estate.top / NAME).write_bytes(b"\xef\xbb\xbf" + data)
    assert estate.run("check", "--baseline", NAME)[0] == 0


# -- kept up -------------------------------------------------------------------------------


def test_what_is_not_covered_and_what_is_stale_is_listed(estate):
    estate.lay(a__main=BACKEND + grant(), b__main=BACKEND + grant())
    estate.write()
    assert estate.run("baseline", "check")[:2] == (0, "")
    estate.lay(a__main=BACKEND, c__main=BACKEND + grant("h"))
    code, out, err = estate.run("baseline", "check")
    assert code == 1
    assert "not accepted: c/main.tf:4:1: medium orphan-grant" in out
    assert "stale: .grantlint-baseline.json:" in out
    assert "2 accepted, 2 not accepted, 2 stale" in err


def test_what_was_not_judged_is_not_stale(estate):
    estate.lay(a__main=BACKEND + grant(), b__main=BACKEND + grant())
    estate.write()
    assert estate.run("baseline", "check", "a")[0] == 0
    assert estate.run("baseline", "check", "--select", "orphan-grant")[0] == 0


def test_pruning_takes_out_what_is_gone_and_adds_nothing(estate):
    estate.lay(a__main=BACKEND + grant(), b__main=BACKEND + grant())
    estate.write()
    estate.lay(a__main=BACKEND, c__main=BACKEND + grant("h"))
    assert estate.run("baseline", "prune")[0] == 0
    assert {one["file"] for one in estate.entries()} == {"b/main.tf"}


def test_pruning_accepts_less_where_there_is_less(estate):
    estate.lay(main=BACKEND + grant(operations=WIDER))
    estate.write("--select", "account-grantee")
    estate.lay(main=BACKEND + grant())
    assert estate.run("baseline", "prune", "--select", "account-grantee")[0] == 0
    assert [one["accepts"].split()[0] for one in estate.entries()] == ["Decrypt"]
    estate.lay(main=BACKEND + grant(operations=WIDER))
    assert ("account-grantee", "main.tf") in estate.found()


def test_pruning_accepts_no_more_where_less_is_known(estate):
    estate.lay(main=BACKEND + grant())
    before = estate.write("--select", "account-grantee,orphan-grant")
    estate.lay(main=BACKEND + grant(operations="var.o") + 'variable "o" {}\n')
    assert estate.run("baseline", "prune")[0] == 0
    assert [one["accepts"] for one in estate.entries()] == [one["accepts"] for one in before]


def test_pruning_follows_what_moved(estate):
    estate.lay(a__main=BACKEND + grant())
    estate.write()
    estate.lay(a__main=None, b__main=BACKEND + grant())
    estate.run("baseline", "prune")
    assert {one["file"] for one in estate.entries()} == {"b/main.tf"}


def test_what_lies_outside_the_paths_is_kept(estate):
    estate.lay(a__main=BACKEND + grant(), b__main=BACKEND + grant())
    estate.write()
    estate.lay(a__main=BACKEND, b__main=BACKEND)
    for command in ("write", "prune"):
        assert estate.run("baseline", command, "a")[0] == 0
        assert {one["file"] for one in estate.entries()} == {"b/main.tf"}


def test_what_cannot_be_read_is_never_accepted(estate):
    estate.lay(a__main=BACKEND + grant(), b__main=BACKEND + grant())
    estate.write()
    before = (estate.top / NAME).read_bytes()
    estate.lay(b__main=BACKEND + grant() + 'resource "a" {')
    for command, code in (("write", 3), ("check", 3), ("prune", 3)):
        found, _, err = estate.run("baseline", command)
        assert found == code
        assert "b/main.tf:9" in err
        assert (estate.top / NAME).read_bytes() == before, "nothing of b is forgotten"
    assert estate.run("check", "--baseline", NAME)[0] == 3


def test_nothing_to_read_is_no_success(estate):
    assert estate.run("baseline", "write")[0] == 3
    assert estate.run("baseline", "write", "--allow-empty")[0] == 0


def test_a_baseline_that_cannot_be_written_is_a_mistake(estate):
    estate.lay(main=BACKEND + grant())
    code, _, err = estate.run("baseline", "write", "--baseline", "no/such/dir.json")
    assert code == 2
    assert "cannot be written" in err


def test_writing_what_is_there_changes_no_file(estate):
    estate.lay(main=BACKEND + grant())
    estate.write()
    os.utime(estate.top / NAME, (1, 1))
    estate.write()
    assert (estate.top / NAME).stat().st_mtime == 1


def test_a_template_and_an_assembly_are_known_again(estate):
    fixtures = Path(__file__).parents[1] / "fixtures"
    subprocess.run(
        ["cp", "-r", fixtures / "cdk/debug-2.276.0", fixtures / "cloudformation", "."], check=True
    )
    estate.write()
    assert estate.found() == set()
    Path("cloudformation").rename("templates")
    assert estate.run("baseline", "check")[0] == 0


# -- suppressions that were there before ---------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "was", "reported"),
    [(False, True, True), (True, True, False), (False, False, False)],
    ids=["it says nothing of how much", "it says how much", "it was not accepted then"],
)
def test_a_suppression_that_says_nothing_of_how_much_lapses(estate, bound, was, reported):
    def one() -> Finding:
        report = check(["."], Options(), Terms())
        return next(found for found in report.findings if found.rule == "account-grantee")

    estate.lay(main=BACKEND + grant())
    then = known(one(), estate.top, accepted=was)
    assert then is not None
    estate.lay(main=BACKEND + grant(operations=WIDER))
    report = check(["."], Options(), Terms())
    by = Suppression(Acceptance.COMMENT, "ours", bound=bound)
    now = replace(report, findings=(), suppressed=(Suppressed(one(), by),))
    found = new_only(now, Before("main", Then((then,)), Moves(estate.top)))
    assert bool(found.findings) is reported
    assert len(found.findings) + len(found.suppressed) == 1
    for finding in found.findings:
        said = "at main accepted for less: CreateGrant is new"
        assert finding.related[-1].text == said
