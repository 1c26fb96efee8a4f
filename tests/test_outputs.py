"""What other programs read passes their schemas and keeps to their limits, for every fixture."""

import io
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from lxml import etree

from grantlint.check import Terms, check
from grantlint.cli.app import run
from grantlint.config import Selection
from grantlint.finding import UNREADABLE, Acceptance, Finding, Report, Suppressed, Suppression
from grantlint.model import Note
from grantlint.parsers.settings import Options
from grantlint.reports import FORMATS, Look, renderer, sarif
from grantlint.reports.sarif.descriptors import MOST_TAGS, MOST_TEXT
from grantlint.rule import Severity
from grantlint.rules import all_rules
from grantlint.source import Source, Span

ROOT = Path(__file__).parents[1]
SCHEMAS = Path(__file__).with_name("schemas")
SARIF = jsonschema.Draft4Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text()))
GITLAB = jsonschema.Draft4Validator(
    {"type": "array", "items": json.loads((SCHEMAS / "gitlab-codeclimate.json").read_text())}
)
JUNIT = etree.XMLSchema(file=str(SCHEMAS / "junit-10.xsd"))
PUBLISHED = json.loads((ROOT / "grantlint/reports/findings.schema.json").read_text())
OURS = jsonschema.Draft202012Validator(PUBLISHED)
LINE = jsonschema.Draft202012Validator({**PUBLISHED["$defs"]["line"], "$defs": PUBLISHED["$defs"]})

FAMILIES = ("terraform", "cloudformation", "cdk", "aws", "documented", "truth")
FIXTURES = [
    "fixtures/broken",
    *(
        str(path.relative_to(ROOT))
        for family in FAMILIES
        for path in sorted((ROOT / "fixtures" / family).glob("*/*" if family == "truth" else "*"))
        if path.is_dir()
    ),
]

GRANT = """\
resource "aws_kms_key" "k" {}

resource "aws_kms_grant" "g" {
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""
POSSIBLE = GRANT.replace('["Decrypt"]', "var.operations") + 'variable "operations" {}\n'


def test_there_are_fixtures_of_every_family():
    assert {path.split("/")[1] for path in FIXTURES} == {"broken", *FAMILIES}


def rendered(report, look, format):
    return renderer(format)(report, look)


def sarif_run(report, look=None):
    """The one run of a report in SARIF."""
    document = json.loads(rendered(report, look or Look(repository=ROOT), "sarif"))
    SARIF.validate(document)
    assert len(document["runs"]) == 1
    return document["runs"][0]


# -- every fixture -------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", FIXTURES)
def test_every_output_of_a_fixture_is_valid(fixture, monkeypatch):
    monkeypatch.chdir(ROOT)
    report = check([fixture], Options())
    for possible in (False, True):
        look = Look(possible=possible, repository=ROOT)
        github_takes(sarif_run(report, look))
        gitlab_takes(json.loads(rendered(report, look, "gitlab")), report)
        junit_readers_take(rendered(report, look, "junit"))
        shown = [one for one in report.findings if look.counts(one)]
        lines = rendered(report, look, "concise").splitlines()
        assert len(lines) == len(shown)
        assert all(
            re.match(r"[^:]+:[1-9]\d*:[1-9]\d*: \w+( \(possible\))? [\w-]+: .", x) for x in lines
        )
    OURS.validate(json.loads(rendered(report, look, "json")))
    lines = [json.loads(line) for line in rendered(report, look, "jsonl").splitlines()]
    for line in lines:
        LINE.validate(line)
    types = Counter(line["type"] for line in lines)
    assert types["finding"] == len(report.findings)
    assert (types["summary"], lines[-1]["type"]) == (1, "summary")


def github_takes(run):
    """What GitHub asks for beyond the schema.

    https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
    """
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= MOST_TEXT
        assert 0 < len(rule["fullDescription"]["text"]) <= MOST_TEXT
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= MOST_TAGS
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert len(result["locations"]) == 1
        assert result["partialFingerprints"]["grantlint/v1"]
        assert "physicalLocation" in result["locations"][0]
    prints = [result["partialFingerprints"]["grantlint/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    for place in every(run, "physicalLocation"):
        region = place["region"]
        assert min(region.values()) >= 1
        start, end = (
            (region["startLine"], region["startColumn"]),
            (region["endLine"], region["endColumn"]),
        )
        assert start <= end
    for artifact in every(run, "artifactLocation"):
        uri = artifact["uri"]
        assert artifact["uriBaseId"] == "%SRCROOT%"
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
        assert not uri.startswith("/")
        assert ".." not in uri.split("/")
        assert (ROOT / unquote(uri)).exists()


def every(node, key):
    """All values of a key, wherever they are."""
    if isinstance(node, list):
        for one in node:
            yield from every(one, key)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)


def gitlab_takes(entries, report):
    """What GitLab documents: https://docs.gitlab.com/ci/testing/code_quality/."""
    GITLAB.validate(entries)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    for entry in entries:
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["check_name"]
        assert entry["description"]
        assert entry["location"]["lines"]["begin"] >= 1
        assert (ROOT / entry["location"]["path"]).exists()
    unreadable = [entry for entry in entries if entry["check_name"] == UNREADABLE]
    assert len(unreadable) == len(report.unreadable)


def junit_readers_take(text):
    """The schema, one document, no case twice (GitLab), and sums that are right."""
    document = etree.fromstring(text.encode())
    JUNIT.assertValid(document)
    cases = list(document.iter("testcase"))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    for suite in [document, *document.iter("testsuite")]:
        inside = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(inside)
        assert int(suite.get("failures")) == sum(one.find("failure") is not None for one in inside)
        assert int(suite.get("errors")) == sum(one.find("error") is not None for one in inside)
    return document


@pytest.mark.parametrize("format", FORMATS)
def test_a_report_is_rendered_the_same_twice(format, monkeypatch):
    monkeypatch.chdir(ROOT)
    look = Look(possible=True, repository=ROOT)
    first, second = (
        rendered(check(["fixtures/terraform/example"], Options()), look, format) for _ in range(2)
    )
    assert first == second


# -- exit codes ----------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("fixtures/terraform/example", 1),
        ("fixtures/documented/kms_default_policy", 0),
        ("fixtures/broken/unclosed_brace.tf", 3),
        ("possible", 0),
        ("nothing", 3),
    ],
)
def test_the_exit_code_is_the_same_for_every_format(format, path, expected, tmp_path):
    if path in {"possible", "nothing"}:
        (tmp_path / path).mkdir()
        if path == "possible":
            (tmp_path / path / "main.tf").write_text(POSSIBLE)
    where = str(tmp_path / path) if path in {"possible", "nothing"} else str(ROOT / path)
    assert run(["check", "--format", format, where]) == expected
    assert run(["check", "--output", f"{format}={tmp_path / 'out'}", where]) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_possible_findings_that_count_make_every_format_exit_with_1(format, tmp_path):
    (tmp_path / "main.tf").write_text(POSSIBLE)
    assert run(["check", "--certainty", "possible", "--format", format, str(tmp_path)]) == 1


def test_all_formats_are_written_in_one_run(tmp_path, capsys):
    outputs = [f"--output={format}={tmp_path / format}" for format in FORMATS]
    assert run(["check", *outputs, str(ROOT / "fixtures/terraform/example")]) == 1
    assert all((tmp_path / format).stat().st_size for format in FORMATS)
    assert capsys.readouterr().out == ""


# -- paths, in a real repository -----------------------------------------------------------


@pytest.fixture
def repository(tmp_path):
    """A git repository with a grant in `infra/a b/`, and one outside of it."""
    top = tmp_path / "top"
    for directory in (top / "infra" / "a b", tmp_path / "outside"):
        directory.mkdir(parents=True)
        (directory / "grünt.tf").write_text(GRANT, encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    return top


def uris(run):
    return {
        (result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for result in run["results"]
    }


def output(directory, format, *arguments, stdin=None):
    """What the program itself writes when it is started in a directory."""
    done = subprocess.run(
        [sys.executable, "-m", "grantlint", "check", "--format", format, *arguments],
        cwd=directory,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.parametrize("directory", [".", "infra", "infra/a b"])
def test_paths_are_from_the_top_wherever_the_run_is_started(repository, directory, tmp_path):
    files = {format: tmp_path / format for format in ("gitlab", "junit")}
    others = [f"--output={format}={file}" for format, file in files.items()]
    run = json.loads(output(repository / directory, "sarif", *others, str(repository)))["runs"][0]
    assert uris(run) == {"infra/a%20b/gr%C3%BCnt.tf"}
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == repository.as_uri() + "/"
    entries = json.loads(files["gitlab"].read_text())
    assert {entry["location"]["path"] for entry in entries} == {"infra/a b/grünt.tf"}
    names = etree.fromstring(files["junit"].read_bytes()).xpath("//testcase/@name")
    assert "infra/a b/grünt.tf: aws_kms_grant.g" in names


def test_a_run_from_outside_has_paths_from_the_top_of_what_it_judges(repository):
    run = json.loads(output(repository.parent, "sarif", "top/infra"))["runs"][0]
    assert uris(run) == {"infra/a%20b/gr%C3%BCnt.tf"}


def test_a_file_outside_the_repository_has_an_absolute_uri(repository):
    run = json.loads(output(repository / "infra", "sarif", "../../outside"))["runs"][0]
    SARIF.validate({"version": "2.1.0", "runs": [run]})
    assert uris(run) == {(repository.parent / "outside" / "grünt.tf").as_uri()}


def test_standard_input_has_a_uri_that_is_no_file(repository):
    template = json.dumps(
        {
            "Resources": {
                "Key": {
                    "Type": "AWS::KMS::Key",
                    "Properties": {
                        "KeyPolicy": {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Principal": "*",
                                    "Action": "kms:*",
                                    "Resource": "*",
                                }
                            ]
                        }
                    },
                }
            }
        }
    )
    run = json.loads(output(repository, "sarif", "-", stdin=template))["runs"][0]
    SARIF.validate({"version": "2.1.0", "runs": [run]})
    assert uris(run) == {"%3Cstdin%3E"}


# -- what a result says --------------------------------------------------------------------


@pytest.fixture
def example(monkeypatch):
    """The report of the example estate."""
    monkeypatch.chdir(ROOT)
    return check(["fixtures/terraform/example"], Options())


def test_all_rules_that_were_asked_are_described(example):
    rules = sarif_run(example)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in example.rules]
    worst = next(rule for rule in rules if rule["id"] == "public-key-policy")
    assert float(worst["properties"]["security-severity"]) > 9
    assert worst["defaultConfiguration"]["level"] == "error"
    assert worst["help"]["markdown"].startswith("# Key policy lets anyone")
    assert worst["helpUri"].startswith("https://docs.aws.amazon.com/")


def test_only_rules_that_were_asked_are_described(monkeypatch):
    monkeypatch.chdir(ROOT)
    terms = Terms(Selection(("delegable-grant",)))
    report = check(["fixtures/terraform/example"], Options(), terms)
    assert [rule["id"] for rule in sarif_run(report)["tool"]["driver"]["rules"]] == [
        "delegable-grant"
    ]


def test_a_trail_is_related_locations_and_a_code_flow(example):
    found = next(one for one in sarif_run(example)["results"] if one["ruleId"] == "delegable-grant")
    base = "fixtures/terraform/example"
    places = [place["physicalLocation"] for place in found["relatedLocations"]]
    assert [
        (place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places
    ] == [(f"{base}/modules/reader/main.tf", 39), (f"{base}/terraform.tfvars", 10)]
    assert [place["id"] for place in found["relatedLocations"]] == [1, 2]
    (flow,) = found["codeFlows"][0]["threadFlows"]
    steps = [step["location"]["physicalLocation"] for step in flow["locations"]]
    assert steps == [found["locations"][0]["physicalLocation"], *places]
    assert found["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": 'module.reader["copy"].aws_kms_grant.this', "kind": "resource"}
    ]


def test_a_fix_is_what_is_put_in_the_place_of_what(example):
    found = next(one for one in sarif_run(example)["results"] if one["ruleId"] == "delegable-grant")
    (fix,) = found["fixes"]
    assert fix["description"]["text"] == 'remove "CreateGrant" (suggested)'
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "fixtures/terraform/example/terraform.tfvars"
    (replacement,) = change["replacements"]
    where = replacement["deletedRegion"]
    assert where["startLine"] == where["endLine"] == 10
    line = (ROOT / change["artifactLocation"]["uri"]).read_text().splitlines()[9]
    before, after = line[: where["startColumn"] - 1], line[where["endColumn"] - 1 :]
    inserted = replacement.get("insertedContent", {"text": ""})["text"]
    assert before + inserted + after == '    operations = ["Decrypt", "GenerateDataKey"]'


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            Suppression(Acceptance.COMMENT, "for audits", date(2027, 3, 31), who="module"),
            ("inSource", "for audits; until 2027-03-31; accepted by the module"),
        ),
        (Suppression(Acceptance.METADATA, "a"), ("inSource", "a")),
        (Suppression(Acceptance.CONFIGURATION, "b"), ("external", "b")),
        (Suppression(Acceptance.BASELINE), ("external", None)),
    ],
)
def test_a_suppressed_finding_says_by_what(example, by, expected):
    first, *rest = example.findings
    report = replace(example, findings=tuple(rest), suppressed=(Suppressed(first, by),))
    run = sarif_run(report)
    github_takes(run)
    *open_ones, accepted = run["results"]
    assert all(one["suppressions"] == [] for one in open_ones)
    (suppression,) = accepted["suppressions"]
    assert (suppression["kind"], suppression.get("justification")) == expected
    assert suppression["status"] == "accepted"
    assert not any("baselineState" in one for one in run["results"])
    case = junit_readers_take(rendered(report, Look(repository=ROOT), "junit")).find(
        f".//testcase[@classname='grantlint.{first.rule}']"
    )
    assert case.find("skipped").get("type") == by.kind.value
    assert by.reason in case.find("skipped").text
    entries = json.loads(rendered(report, Look(repository=ROOT), "gitlab"))
    assert first.rule not in {entry["check_name"] for entry in entries}
    lines = [json.loads(line) for line in rendered(report, Look(), "jsonl").splitlines()]
    for line in lines:
        LINE.validate(line)
    assert lines[-1]["suppressed_by"] == {by.kind.value: 1}
    OURS.validate(json.loads(rendered(report, Look(), "json")))


def test_what_was_there_before_is_unchanged_and_the_rest_is_new(example):
    first, *rest = example.findings
    by = Suppression(Acceptance.UNCHANGED, "in main")
    report = replace(example, findings=tuple(rest), suppressed=(Suppressed(first, by),))
    states = {one["ruleId"]: one["baselineState"] for one in sarif_run(report)["results"]}
    assert states == {
        "public-key-policy": "unchanged",
        "unconstrained-grant": "new",
        "delegable-grant": "new",
    }


def test_a_finding_of_no_rule_that_was_asked_is_described_by_its_id(example):
    other = replace(example.findings[0], rule="expired-ignore", fingerprint="f", related=())
    run = sarif_run(replace(example, findings=(*example.findings, other)))
    github_takes(run)
    assert run["tool"]["driver"]["rules"][-1]["shortDescription"]["text"] == "Expired ignore"


def test_a_possible_finding_is_a_result_only_where_it_counts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(POSSIBLE)
    report = check(["main.tf"], Options())
    possible = [one for one in report.findings if not one.certain]
    assert possible
    hidden, shown = (sarif_run(report, Look(possible=count)) for count in (False, True))
    assert not any(one["properties"]["certain"] is False for one in hidden["results"])
    said = [
        one["message"]["text"]
        for one in hidden["invocations"][0]["toolExecutionNotifications"]
        if one["descriptor"]["id"] == "left-out"
    ]
    assert said == [f"{len(possible)} possible findings: --certainty possible shows them"]
    doubtful = [one for one in shown["results"] if not one["properties"]["certain"]]
    assert len(doubtful) == len(possible)
    assert all(one["message"]["text"].startswith("possible: ") for one in doubtful)
    junit = junit_readers_take(rendered(report, Look(), "junit"))
    assert len(junit.findall(".//skipped[@type='possible']")) == len(possible)


def test_a_file_that_cannot_be_read_is_in_every_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(GRANT)
    (tmp_path / "cut.tf").write_text('resource "aws_kms_key" "k" {\n')
    report = check(["."], Options())
    (unreadable,) = report.unreadable
    (invocation,) = sarif_run(report, Look())["invocations"]
    assert invocation["executionSuccessful"] is False
    (error,) = (x for x in invocation["toolExecutionNotifications"] if x["level"] == "error")
    place = error["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "cut.tf"
    assert unreadable.message in error["message"]["text"]
    junit = junit_readers_take(rendered(report, Look(), "junit"))
    assert junit.get("errors") == "1"
    assert "cut.tf:" in junit.find(".//error").text
    entries = json.loads(rendered(report, Look(), "gitlab"))
    (entry,) = (entry for entry in entries if entry["check_name"] == UNREADABLE)
    assert (entry["location"]["path"], entry["severity"]) == ("cut.tf", "blocker")
    assert "error unreadable-file" in rendered(report, Look(), "concise")


# -- limits and strange texts --------------------------------------------------------------


def finding(message="a message", severity=Severity.HIGH, path="main.tf", **fields):
    place = Span(Source(path, b"a\n"), 0, 1)
    return Finding("public-key-policy", severity, message, path, place, **fields)


def report_of(*findings, notes=()):
    return Report(findings, (), notes, all_rules(), 1)


def test_more_results_than_github_takes_leave_out_the_least_bad(monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    found = [
        finding(severity=severity, fingerprint=severity.label)
        for severity in (Severity.LOW, Severity.CRITICAL, Severity.MEDIUM, Severity.HIGH)
    ]
    run = sarif_run(report_of(*found))
    assert [one["properties"]["severity"] for one in run["results"]] == ["critical", "high"]
    (said,) = run["invocations"][0]["toolExecutionNotifications"]
    assert said["message"]["text"] == "2 of 4 findings, the least bad ones: GitHub takes 2"


STRANGE = 'a\x00b\x1b[31m\u202e"]]>&<b>\ud800\ufffe\u2028[x](1)'


@pytest.mark.parametrize("format", FORMATS)
def test_strange_texts_break_no_output(format):
    report = report_of(
        finding(STRANGE, address=STRANGE, fingerprint="f", path="a\nb.tf"),
        Finding(UNREADABLE, None, STRANGE, "c\x07d.tf"),
        notes=(Note(STRANGE, 1, None),),
    )
    text = rendered(report, Look(), format)
    if format in {"sarif", "junit", "gitlab", "json", "jsonl"}:
        assert text.isascii()
    if format == "junit":
        junit_readers_take(text)
    elif format == "gitlab":
        GITLAB.validate(json.loads(text))
    elif format == "sarif":
        SARIF.validate(json.loads(text))
        assert "](" not in json.loads(text)["runs"][0]["results"][0]["message"]["text"]
    elif format == "concise":
        assert len(text.splitlines()) == 2
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text.replace("\n", ""))


def test_a_finding_without_a_place_is_shown_at_the_beginning():
    one = Finding("public-key-policy", Severity.LOW, "m", "a.tf", fingerprint="f")
    region = sarif_run(report_of(one))["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (1, 1)
    assert rendered(report_of(one), Look(), "concise") == "a.tf:1:1: low public-key-policy: m\n"
    (entry,) = json.loads(rendered(report_of(one), Look(), "gitlab"))
    assert entry["location"]["lines"]["begin"] == 1


def test_columns_count_code_points():
    source = Source("a.tf", "é😀x".encode())
    place = Span(source, len("é😀".encode()), len(source.data))
    one = Finding("public-key-policy", Severity.LOW, "m", "a.tf", place, fingerprint="f")
    run = sarif_run(report_of(one))
    assert run["columnKind"] == "unicodeCodePoints"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (3, 4)


def test_a_case_of_junit_keeps_its_name_when_lines_move(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = []
    for text in (GRANT, f"\n# a comment\n\n{GRANT}"):
        (tmp_path / "main.tf").write_text(text)
        document = junit_readers_take(rendered(check(["main.tf"], Options()), Look(), "junit"))
        assert document.xpath("//failure")
        names.append(document.xpath("//testcase/@name"))
    assert names[0] == names[1]


def test_the_version_is_a_semantic_one(example):
    driver = sarif_run(example)["tool"]["driver"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?", driver["semanticVersion"])
    assert "informationUri" not in driver


# -- options -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("pdf", "there is no such format; the formats are text, concise"),
        ("jsonlines", "did you mean jsonl?"),
        ("SARIF", "did you mean sarif?"),
        ("junit=/nowhere/at/all.xml", "there is no directory /nowhere/at"),
        ("sarif=", "the file's name is missing"),
    ],
)
def test_a_wrong_output_says_what_is_right(given, said, capsys):
    assert run(["check", "--output", given, str(ROOT / "fixtures/terraform/example")]) == 2
    assert said in capsys.readouterr().err


def test_one_file_cannot_have_two_outputs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--output", "sarif=x", "--output", "json=./x"]) == 2
    assert "is given twice" in capsys.readouterr().err


def test_json_of_every_kind_can_be_written_to_a_terminal_that_is_not_utf8(monkeypatch):
    for format in ("json", "jsonl", "sarif", "gitlab"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", stream)
        assert run(["check", "--format", format, str(ROOT / "fixtures/terraform/example")]) == 1
        stream.flush()
        json.loads(
            stream.buffer.getvalue().decode().splitlines()[0]
            if format == "jsonl"
            else stream.buffer.getvalue()
        )
