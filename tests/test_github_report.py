"""What a run says to GitHub: annotations as its runner reads them, and the job's summary."""

import re
import subprocess
from pathlib import Path

import pytest
from reported import HOSTILE, everything_accepted, finding, hostile, many, report, span

from grantlint.cli.app import run
from grantlint.cli.forge import SUMMARY
from grantlint.finding import Finding
from grantlint.reports import Look
from grantlint.reports.github import MOST, render
from grantlint.rule import Severity

EXAMPLE = str(Path(__file__).parents[1] / "fixtures/terraform/example")


def commands(text):
    """What GitHub's runner reads: (command, properties, message) of each line that is one.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    found = []
    for line in text.split("\n"):
        assert "##[" not in line
        if not line.lstrip().startswith("::"):
            continue
        head, message = line.lstrip()[2:].split("::", 1)
        name, _, rest = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in rest.split(","))
        found.append(
            (name, {k: unescaped(v, "%3A:", "%2C,") for k, v in pairs}, unescaped(message))
        )
    return found


def unescaped(text, *more):
    for code in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(code[:3], code[3:])
    return text


def levels(text):
    return [name for name, _, _ in commands(text)]


# -- annotations ---------------------------------------------------------------------------


def test_a_finding_is_an_annotation_at_its_place():
    place = span("a\nbb = x\n", "x")
    ((name, properties, message),) = commands(render(report(finding(place)), Look()))
    assert name == "error"
    assert properties == {
        "file": "main.tf",
        "line": "2",
        "endLine": "2",
        "col": "6",
        "endColumn": "7",
        "title": "high: public-key-policy",
    }
    assert message.startswith("a message\n\nWhy: A statement whose principal is *")
    assert "\nFix: Name the accounts or roles that need the key\n" in message
    assert message.endswith("\nMore: grantlint explain public-key-policy")


def test_a_place_of_several_lines_has_no_columns():
    # GitHub's runner drops them, with a remark in the log.
    place = span("a = [\n  1,\n]\n", "[\n  1,\n]")
    ((_, properties, _),) = commands(render(report(finding(place)), Look()))
    assert (properties["line"], properties["endLine"]) == ("1", "3")
    assert not {"col", "endColumn"} & set(properties)


def test_what_has_no_place_is_shown_at_its_file():
    unreadable = Finding("unreadable-file", None, "it cannot be read", "gone.tf")
    text = render(report(unreadable), Look())
    assert commands(text) == [
        ("error", {"file": "gone.tf", "title": "unreadable-file"}, "it cannot be read")
    ]


@pytest.mark.parametrize(
    ("severity", "certain", "level"),
    [
        (Severity.CRITICAL, True, "error"),
        (Severity.CRITICAL, False, "warning"),
        (Severity.HIGH, True, "error"),
        (Severity.HIGH, False, "warning"),
        (Severity.MEDIUM, True, "warning"),
        (Severity.MEDIUM, False, "notice"),
        (Severity.LOW, True, "notice"),
        (Severity.LOW, False, "notice"),
    ],
)
def test_the_level_is_that_of_severity_and_certainty(severity, certain, level):
    one = finding(severity=severity, certain=certain)
    assert levels(render(report(one), Look(possible=True))) == [level]


def test_a_possible_finding_is_annotated_only_on_demand():
    assert levels(render(report(finding(certain=False)), Look())) == []


def test_instances_of_a_block_are_one_annotation():
    found = [finding(address=f"aws_kms_key.k[{n}]") for n in range(3)]
    ((_, _, message),) = commands(render(report(*found), Look()))
    assert "also in 2 more instances" in message


def test_paths_and_messages_come_back_as_they_were():
    place = span("a = b\n", "b", "a,b:c%0A%/d=e.tf")
    ((_, properties, message),) = commands(
        render(report(finding(place, "100% of a,b::c %0A")), Look())
    )
    assert properties["file"] == "a,b:c%0A%/d=e.tf"
    assert message.startswith("100% of a,b::c %0A\n")


def test_nothing_of_a_file_is_a_command():
    text = render(hostile(), Look(possible=True))
    assert set(levels(text)) == {"error"}
    lines = text.rstrip("\n").split("\n")
    assert [line.startswith("::error file=") for line in lines] == [True, True, True, False]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]", text)
    assert all(HOSTILE.split("\n")[0] in message for _, _, message in commands(text))


# -- what GitHub shows ---------------------------------------------------------------------


def shown_by_github(text):
    """The first ten of each level."""
    seen = dict.fromkeys(("error", "warning", "notice"), 0)
    for name, properties, message in commands(text):
        seen[name] += 1
        if seen[name] <= 10:
            yield name, properties["title"], message


@pytest.mark.parametrize("low", [0, 3, 9, 10, 11, 30])
def test_what_is_beyond_ten_of_a_level_is_counted_in_a_notice(low):
    found = [
        *many(low, Severity.LOW),
        *many(14, Severity.HIGH),
        *many(12, Severity.MEDIUM),
        *many(2, Severity.CRITICAL),
    ]
    shown = list(shown_by_github(render(report(*found), Look())))
    notices = [(title, message) for name, title, message in shown if name == "notice"]
    lost = max(low - (MOST - 1), 0)
    assert notices[-1][0] == "grantlint"
    counted = ", ".join(["6 high", "2 medium", *([f"{lost} low"] if lost else [])])
    assert notices[-1][1] == f"{8 + lost} more are in the log and in the job's summary: {counted}"
    assert len(shown) == 20 + min(low, MOST - 1) + 1
    assert [title for name, title, _ in shown if name == "error"][:2] == [
        "critical: public-key-policy"
    ] * 2


@pytest.mark.parametrize("count", [0, 1, MOST])
def test_what_github_shows_whole_has_no_such_notice(count):
    text = render(report(*many(count, Severity.LOW), *many(count)), Look())
    assert levels(text) == ["error"] * count + ["notice"] * count


def test_the_last_line_sums_up():
    text = render(report(finding(), suppressed=everything_accepted()), Look())
    assert text.rstrip("\n").split("\n")[-1] == (
        "1 finding in 1 file (2 keys, 1 grant): 1 high; 5 suppressed: 1 accepted by a comment, "
        "1 accepted by the configuration, 2 in the baseline, 1 not new"
    )


# -- in a job ------------------------------------------------------------------------------


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job of GitHub's in a repository with the example in a directory below it."""
    repository = tmp_path / "repository"
    (repository / "infra").mkdir(parents=True)
    for path in Path(EXAMPLE).rglob("*.tf*"):
        copy = repository / "infra" / path.relative_to(EXAMPLE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    monkeypatch.chdir(repository / "infra")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/name")
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    return tmp_path


@pytest.mark.usefixtures("job")
def test_paths_begin_at_the_top_of_the_repository(capsys):
    assert run(["check", "--format", "github", "."]) == 1
    files = [properties["file"] for _, properties, _ in commands(capsys.readouterr().out)]
    assert files == ["infra/exports.tf", "infra/main.tf", "infra/main.tf"]


def test_the_report_is_added_to_the_summary_of_the_job(job, capsys):
    summary = job / "summary.md"
    summary.write_text("what another step wrote\n", encoding="utf-8")
    assert run(["check", "--format", "github", "."]) == 1
    text = summary.read_text("utf-8")
    assert text.startswith("what another step wrote\n<!-- grantlint -->\n## 🟣 grantlint: 3 find")
    assert f"(<https://github.com/owner/name/blob/{'a' * 40}/infra/exports.tf#L27>)" in text
    assert capsys.readouterr().err == ""


def test_other_formats_leave_the_summary_alone(job):
    assert run(["check", "--format", "text", "."]) == 1
    assert not (job / "summary.md").exists()


@pytest.mark.parametrize("where", ["nowhere/summary.md", ".", "y" * 300])
def test_a_summary_that_cannot_be_written_changes_no_exit_code(job, monkeypatch, capsys, where):
    path = str(job / where)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", path)
    assert run(["check", "--format", "github", "."]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"grantlint: GITHUB_STEP_SUMMARY {path}: it cannot be written: ")
    assert told.count("\n") == 1


def test_a_summary_never_grows_beyond_what_github_takes(job):
    summary = job / "summary.md"
    summary.write_bytes(b"x" * (SUMMARY - 3000))
    assert run(["check", "--format", "github", "."]) == 1
    assert SUMMARY - 3000 < summary.stat().st_size <= SUMMARY
    summary.write_bytes(b"x" * (SUMMARY - 10))
    assert run(["check", "--format", "github", "."]) == 1
    assert summary.stat().st_size == SUMMARY - 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_SHA", "main"),
        ("GITHUB_SHA", ""),
        ("GITHUB_SERVER_URL", "javascript:alert(1)//"),
        ("GITHUB_REPOSITORY", "a/b>)<script>"),
    ],
)
def test_what_does_not_look_like_a_server_makes_no_links(job, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    run(["check", "--format", "github", "."])
    assert "](<infra/exports.tf#L27>)" in (job / "summary.md").read_text("utf-8")


@pytest.mark.usefixtures("job")
def test_gitlab_shows_the_files_of_the_commit(monkeypatch, capsys):
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("CI_PROJECT_URL", "https://gitlab.example.com/group/name")
    monkeypatch.setenv("CI_COMMIT_SHA", "b" * 40)
    run(["check", "--format", "markdown", "."])
    url = f"https://gitlab.example.com/group/name/-/blob/{'b' * 40}/infra/exports.tf#L27"
    assert f"](<{url}>)" in capsys.readouterr().out
