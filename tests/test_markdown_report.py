"""The comment of a pull request, as a renderer of GitHub's Markdown takes it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reported import HOSTILE, everything_accepted, finding, hostile, many, report, span

from grantlint.check import check
from grantlint.finding import Finding
from grantlint.model import Note
from grantlint.parsers.settings import Options
from grantlint.reports import Look
from grantlint.reports.gfm import code, said
from grantlint.reports.markdown import MARKER, MOST, page, render
from grantlint.reports.pieces import pieces
from grantlint.reports.snippet import printable
from grantlint.rule import Severity

FIXTURES = Path(__file__).parents[1] / "fixtures"
OURS = re.compile(r"</?details>|<summary>[^<&]*</summary>|<br>|" + MARKER)
"""All HTML that we write ourselves."""

MEANT = re.compile(r"[@#!]\w|\bGH-\d|\w@\w|://|\bwww\.|:\w+:|\$|[0-9a-f]{7}")
"""What GitHub and GitLab make links, mentions, emoji and formulas of in a text."""


def tokens(text):
    """All tokens of the rendered text, those of lines among them."""
    for token in MarkdownIt("gfm-like").parse(text):
        yield token
        yield from token.children or ()


def assert_inert(text, links=r"[\w./%-]+#L\d+(-L\d+)?"):
    """No HTML but ours, no image, no link but to places, no text that means something."""
    inside = 0
    for token in tokens(text):
        if token.type in {"html_block", "html_inline"}:
            assert OURS.sub("", token.content).strip() == "", token.content
        assert token.type != "image"
        if token.type == "link_open":
            assert re.fullmatch(links, token.attrGet("href")), token.attrGet("href")
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text":
            assert not MEANT.search(token.content), token.content
    assert inside == 0


def blocks(text):
    """The fenced blocks: (language, content)."""
    return [(t.info, t.content) for t in tokens(text) if t.type == "fence"]


# -- what comes from files -----------------------------------------------------------------

ODD = st.text(
    st.one_of(st.sampled_from("ab @#!<>&`|*_~[]()\\\"':./-+=$^{}0123456789\n"), st.characters())
)


@given(ODD)
def test_a_sentence_is_made_of_nothing_but_text_and_code(text):
    rendered = list(tokens(f"- so {said(text)}\n"))
    kinds = {token.type for token in rendered if not token.type.endswith(("_open", "_close"))}
    assert kinds <= {"inline", "text", "code_inline"}
    for token in rendered:
        assert token.type != "text" or not MEANT.search(token.content)
        assert not token.type.startswith(("em_", "strong_", "s_", "link_", "heading_"))
    assert sum(token.type == "bullet_list_open" for token in rendered) == 1
    assert "ordered_list_open" not in {token.type for token in rendered}


@given(ODD)
def test_a_sentence_that_begins_a_line_is_a_paragraph(text):
    rendered = [token.type for token in MarkdownIt("gfm-like").parse(said(text))]
    assert rendered in ([], ["paragraph_open", "inline", "paragraph_close"])


@given(ODD)
def test_pieces_are_the_whole_text(text):
    cut = "".join(piece for _, piece in pieces(text))
    assert "".join(cut.split()) == "".join(text.split())


@given(ODD.filter(lambda text: text.strip()))
def test_code_shows_what_it_is_given(text):
    shown = printable(text)[:100].strip() or "x"
    (span_of_code,) = [
        token for token in tokens(f"a {code(shown)} b") if token.type == "code_inline"
    ]
    assert span_of_code.content.strip() == shown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("anyone may call kms:Decrypt, kms:List*", "anyone may call `kms:Decrypt`, `kms:List*`"),
        ('aws_kms_key.k["a b"] is open', '`aws_kms_key.k["a b"]` is open'),
        ("where contains(a.b, c) is true", "where `contains(a.b, c)` is true"),
        ("the account's own role, and no other", "the account's own role, and no other"),
        ("with `ticks` and ```more```", "with `` `ticks` `` and ```` ```more``` ````"),
        ("asked by @team, see #12.", "asked by `@team`, see `#12`."),
        ("1. first", "`1`. first"),
    ],
)
def test_names_are_code_and_words_are_not(text, written):
    assert said(text) == written


def test_nothing_of_a_file_means_anything():
    text = render(hostile(), Look(possible=True))
    assert_inert(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\u200f]", text)
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert "##[" not in text
    assert sum(token.type == "heading_open" for token in tokens(text)) == 4


def test_a_block_holds_whatever_a_file_holds():
    meant = "<<E\n```\n</details>\n`````\nE"
    place = span(f"a = {meant}\n", meant)
    text = render(report(finding(place)), Look())
    ((_, content),) = blocks(text)
    assert "| </details>" in content
    assert "| `````" in content
    assert_inert(text)


@pytest.mark.parametrize("estate", ["terraform/example", "broken", "cloudformation", "cdk"])
def test_what_real_estates_give_is_inert(estate):
    text = render(check([str(FIXTURES / estate)], Options()), Look(possible=True))
    assert_inert(text)


# -- the comment ---------------------------------------------------------------------------


def test_the_first_line_is_what_the_next_run_looks_for():
    assert render(report(), Look()).startswith("<!-- grantlint -->\n## ✅ grantlint: no findings\n")


def test_the_headline_counts_the_worst_first():
    found = [finding(severity=Severity.LOW), finding(severity=Severity.HIGH)]
    head = render(report(*found), Look()).split("\n")[1:4]
    assert head == [
        "## 🔴 grantlint: 2 findings",
        "",
        "**1 high · 1 low** in 1 file (2 keys, 1 grant)",
    ]


def test_a_finding_says_who_may_do_what_where_and_how_it_is_mended(monkeypatch):
    monkeypatch.chdir(FIXTURES.parent)
    text = render(
        check(["fixtures/terraform/example"], Options()), Look(repository=FIXTURES.parent)
    )
    assert (
        "#### 🟣 critical: `public-key-policy`\n\n"
        "anyone in any AWS account may call `kms:Decrypt`, `kms:GenerateDataKey` on "
        "`aws_kms_key.exports`\n\n"
        "[`fixtures/terraform/example/exports.tf:27`](<fixtures/terraform/example/exports.tf#L27>)\n"
        "\n<details><summary>"
    ) in text
    assert "**How to fix it:** Name the accounts or roles that need the key.\n" in text
    (diff,) = [content for language, content in blocks(text) if language == "diff"]
    assert '\n-    operations = ["Decrypt", "GenerateDataKey", "CreateGrant"]\n+    ' in diff


def test_the_worst_comes_first_and_what_could_not_be_read_before_it():
    found = [*many(1, Severity.LOW), *many(1, Severity.CRITICAL), *many(1, Severity.MEDIUM)]
    unreadable = Finding("unreadable-file", None, "it cannot be read", "gone.tf")
    text = render(report(*found, unreadable), Look())
    heads = re.findall("^#### .+? (.+): ", text, re.M)
    assert heads == ["error", "critical", "medium", "low"]


def test_a_place_leads_to_its_lines_on_the_server():
    place = span("a = [\n  1,\n]\n", "[\n  1,\n]", "infra/a b?.tf")
    text = render(report(finding(place)), Look(blob="https://github.com/o/r/blob/abc"))
    assert "](<https://github.com/o/r/blob/abc/infra/a%20b%3F.tf#L1-L3>)" in text


def test_a_place_outside_the_repository_is_no_link():
    text = render(report(finding(span("a\n", "a", "/elsewhere/main.tf"))), Look())
    assert "\n`/elsewhere/main.tf:1`\n" in text


def test_what_is_suppressed_is_listed_with_who_why_and_until_when():
    text = render(report(suppressed=everything_accepted()), Look())
    assert (
        "<summary>5 suppressed: 1 accepted by a comment, 1 accepted by the configuration, "
        "2 in the baseline, 1 not new</summary>"
    ) in text
    assert (
        "<br>accepted by a comment of the module's author at `modules/m/main.tf:1` until "
        "2027-03-31: agreed with the auditors\n"
    ) in text
    assert "<br>accepted by the configuration: a test account\n" in text


def test_what_was_not_evaluated_is_listed_with_its_place():
    notes = [Note("var.a has no value", 3, span("a\n", "a")), Note("why", 1, None)]
    text = render(report(notes=notes), Look())
    assert "<summary>Not evaluated, in 4 places</summary>" in text
    assert "- `var.a` has no value (3 times), first at [`main.tf:1`](<main.tf#L1>)\n- why\n" in text


# -- what a comment has room for -----------------------------------------------------------

LARGE = report(
    *many(60, Severity.LOW, 100),
    *many(40, Severity.CRITICAL, 100),
    *many(100, Severity.MEDIUM, 100),
    suppressed=everything_accepted(),
    notes=[Note("var.a has no value", 1, None)],
)


def test_a_comment_is_never_longer_than_github_takes():
    text = render(report(*many(3000, length=900)), Look())
    assert MOST - 2000 < len(text.encode()) <= MOST
    shown = text.count("\n#### ")
    assert f"**{3000 - shown} more findings**, none of them worse, do not fit here." in text
    assert_inert(text)


@pytest.mark.parametrize("most", [0, 60, 200, 400, 1000, 3000, 10_000, 30_000, 60_000, 200_000])
def test_the_least_severe_are_left_out_first(most):
    text = page(LARGE, Look(), most)
    assert len(text.encode()) <= most
    heads = re.findall("^#### .+? (.+): ", text, re.M)
    assert heads == (["critical"] * 40 + ["medium"] * 100 + ["low"] * 60)[: len(heads)]
    left = re.search(r"\*\*(\d+) more findings?\*\*", text)
    assert not text or len(heads) + int(left[1] if left else 0) == 200


def test_more_room_never_shows_less():
    sizes = [page(LARGE, Look(), most).count("\n#### ") for most in range(1000, 90_000, 500)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 200


def test_details_of_the_worst_are_kept_longest():
    text = page(LARGE, Look(), 40_000)
    parts = text.split("\n#### ")[1:]
    with_source = ["<details>" in part for part in parts if "suppressed:" not in part]
    assert with_source == sorted(with_source, reverse=True)
    assert True in with_source
    assert False in with_source


def test_one_message_of_a_megabyte_leaves_room_for_the_others():
    text = render(report(finding(message="x" * 2**20), *many(3)), Look())
    assert text.count("\n#### ") == 4


def test_the_same_report_is_the_same_bytes():
    assert render(hostile(), Look()) == render(hostile(), Look())
    assert HOSTILE not in render(hostile(), Look())
