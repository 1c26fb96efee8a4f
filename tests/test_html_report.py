"""The page, as a real browser shows it: whole, inert, without a request, usable by all."""

import json
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from chromium import dom
from reported import HOSTILE, everything_accepted, finding, hostile, many, report, span

from grantlint.check import check
from grantlint.finding import Finding
from grantlint.model import Note
from grantlint.parsers.settings import Options
from grantlint.reports import Look
from grantlint.reports.html import render
from grantlint.reports.html.rule_page import rule_page
from grantlint.rule import Rule, Severity
from grantlint.rules import all_rules

ROOT = Path(__file__).parents[1]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
VOID = {"meta", "br", "input", "hr", "img", "link"}


class Page(HTMLParser):
    """What is in a page: elements with their attributes, the text outside of style and script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self._open = [], "", []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] not in (["style"], ["script"]):
            self.text += data

    def all(self, tag, **attributes):
        return [
            found
            for name, found in self.elements
            if name == tag and all(found.get(key) == value for key, value in attributes.items())
        ]


def example():
    return check([str(ROOT / "fixtures/terraform/example")], Options())


def mixed():
    """Findings of each severity, of two rules, some of them accepted."""
    found = [
        finding(span("a = b\n", "b", "one.tf"), "role app may decrypt", Severity.CRITICAL),
        finding(span("a = b\n", "b", "two.tf"), "role etl may encrypt", Severity.LOW),
        finding(
            span("a = b\n", "b", "three.tf"), "role app may sign", Severity.LOW, rule="orphan-grant"
        ),
    ]
    notes = [Note("var.a has no value", 3, span("a\n", "a"))]
    return report(*found, suppressed=everything_accepted(), notes=notes)


# -- what the page says --------------------------------------------------------------------


def test_the_page_tells_all_that_the_findings_say():
    page = Page(render(example(), Look(repository=ROOT)))
    text = " ".join(page.text.split())
    for said in (
        "3 findings in 6 files (2 keys, 3 grants)",
        "anyone in any AWS account may call kms:Decrypt, kms:GenerateDataKey on aws_kms_key.e",
        "fixtures/terraform/example/exports.tf:27:29",
        'Principal = { AWS = "*" } ^^^',
        'where module.reader["copy"].aws_kms_grant.this takes it: ',
        "fixtures/terraform/example/modules/reader/main.tf:39:24",
        "Name the accounts or roles that need the key",
        '- operations = ["Decrypt", "GenerateDataKey", "CreateGrant"] + operations',
        "var.partner_account_id has no value",
        "fixtures/terraform/example/exports.tf:20:29",
        "IAM policy can take that back. Whoever learns the key's ARN",  # of the rule's page
    ):
        assert said in text
    assert len(page.all("article")) == 3


def test_carets_stand_below_what_they_mean():
    """The column of line numbers is as wide on every line of a source."""
    sources = re.findall(r'<pre class="source".*?</pre>', render(example(), Look()), re.S)
    assert sources
    for one in sources:
        numbers = re.findall(r'<span class="number">(.*?)</span>', one)
        assert len(numbers) > 1
        assert len({len(number) for number in numbers}) == 1


def test_suppressed_findings_are_shown_with_who_why_and_until_when():
    text = " ".join(Page(render(mixed(), Look())).text.split())
    assert (
        "accepted by a comment of the module's author at modules/m/main.tf:1 until 2027-03-31: "
        "agreed with the auditors"
    ) in text
    assert "1 accepted by a comment, 1 accepted by the configuration, 2 in the baseline" in text


def test_files_that_could_not_be_read_come_first():
    unreadable = Finding("unreadable-file", None, "it cannot be parsed", "gone.tf")
    page = Page(render(report(finding(), unreadable), Look()))
    assert [article["data-severity"] for article in page.all("article")] == ["error", "high"]
    assert "1 file could not be read" in page.text


def test_a_run_that_found_nothing_says_so():
    assert "Nothing was found." in Page(render(report(), Look())).text
    assert "No files were read." in Page(render(report(files=0), Look())).text


def test_possible_findings_are_shown_on_demand():
    possible = report(finding(certain=False))
    assert "1 possible finding depends on what is not known" in Page(render(possible, Look())).text
    shown = Page(render(possible, Look(possible=True)))
    assert len(shown.all("article")) == 1
    assert shown.all("span", **{"class": "possible"})


def test_the_same_report_is_the_same_bytes():
    assert render(example(), Look()) == render(example(), Look())


# -- for everybody -------------------------------------------------------------------------


@pytest.mark.parametrize("made", [example, mixed, hostile, report])
def test_headings_landmarks_and_names_are_in_order(made):
    page = Page(render(made(), Look()))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [len(page.all(tag)) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert page.all("html")[0]["lang"] == "en"
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    for _, found in page.elements:
        assert found.get("aria-labelledby", ids[0]) in ids
        href = found.get("href") or ""
        assert not href.startswith("#") or href[1:] in ids


def test_without_the_script_nothing_but_the_filter_is_hidden():
    page = Page(render(mixed(), Look()))
    assert [found.get("id") for _, found in page.elements if "hidden" in found] == [
        "filter",
        "none",
    ]


def luminance(color):
    color = color.lstrip("#")
    digits = color if len(color) == 6 else "".join(digit * 2 for digit in color)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


COLORS = [
    dict(re.findall(r"--([\w-]+): (#\w+);", block))
    for block in files("grantlint.reports.html")
    .joinpath("page.css")
    .read_text("utf-8")
    .split(":root {")[1:3]
]
TEXTS = ["text", "soft", "link", "critical", "high", "medium", "low", "error", "clean"]
PAIRS = [
    *((text, back) for text in TEXTS for back in ("back", "card", "sunk")),
    *(("on", badge) for badge in ("critical", "high", "medium", "low", "error", "soft")),
    ("added", "added-back"),
    ("removed", "removed-back"),
]


@pytest.mark.parametrize("colors", COLORS, ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_text_has_the_contrast_of_wcag_aa(colors, pair):
    lighter, darker = sorted((luminance(colors[name]) for name in pair), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


# -- in a browser --------------------------------------------------------------------------


def shown(tmp_path, text):
    """The document that a browser makes of the page."""
    file = tmp_path / "page.html"
    file.write_text(text, "utf-8", "backslashreplace")
    return Page(dom(file, tmp_path / "profile"))


def visible(page):
    """The first words of the findings that are not hidden."""
    return [found["aria-labelledby"] for found in page.all("article") if "hidden" not in found]


def with_script(text, script):
    """The page after somebody has used it: without its policy, which would refuse this script."""
    assert POLICY.search(text)
    return POLICY.sub("", text).replace("</body>", f"<script>{script}</script></body>")


def test_its_script_runs_under_its_policy(tmp_path):
    page = shown(tmp_path, render(mixed(), Look()))
    assert "hidden" not in page.all("form")[0]
    assert "all 3 shown" in page.text
    assert visible(page) == ["f1", "f2", "f3"]


ACTS = (
    ("form.querySelector('[value=low]').click()", ["f1"], "1 of 3 shown"),
    ("form.elements.rule.value = 'orphan-grant'", ["f3"], "1 of 3 shown"),
    ("form.elements.text.value = 'ROLE app'", ["f1", "f3"], "2 of 3 shown"),
    ("form.elements.text.value = 'two.tf'", ["f2"], "1 of 3 shown"),
    ("form.elements.text.value = 'nobody'", [], "0 of 3 shown"),
    ("document.querySelector('[data-only=orphan-grant]').click()", ["f3"], "1 of 3 shown"),
    ("form.reset()", ["f1", "f2", "f3"], "all 3 shown"),
)
USES = """
const form = document.getElementById("filter"), told = [];
const pause = () => new Promise((done) => setTimeout(done, 5));
(async () => {
  for (const act of [%s]) {
    form.reset();
    await pause();
    act();
    form.dispatchEvent(new Event("input"));
    await pause();
    const left = [...document.querySelectorAll("article:not([hidden])")];
    const none = document.getElementById("none").hidden;
    const shown = document.getElementById("shown").value;
    told.push([left.map((card) => card.getAttribute("aria-labelledby")), shown, none]);
  }
  document.body.dataset.told = JSON.stringify(told);
  location.hash = "#rule-orphan-grant";
})();
"""


def test_findings_are_filtered_and_a_link_to_a_rule_unfolds_its_page(tmp_path):
    uses = USES % ", ".join(f"() => {{ {act} }}" for act, _, _ in ACTS)
    page = shown(tmp_path, with_script(render(mixed(), Look()), uses))
    told = json.loads(page.all("body")[0]["data-told"])
    for (act, left, said), found in zip(ACTS, told, strict=True):
        assert (act, *found) == (act, left, said, bool(left))
    opened = ["open" in found for found in page.all("details", **{"class": "page"})]
    assert sorted(opened) == [False, True]


@pytest.fixture
def server():
    """A server of this machine, and the paths that it was asked for."""
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}", asked
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.mark.parametrize("policy", [True, False])
def test_its_policy_lets_no_request_through(tmp_path, server, policy):
    url, asked = server
    foreign = (
        f'<img src="{url}/image"><link rel="stylesheet" href="{url}/style">'
        f'<script src="{url}/script"></script><iframe src="{url}/frame"></iframe>'
        f"<script>fetch('{url}/fetched')</script>"
    )
    text = render(mixed(), Look()).replace("</body>", f"{foreign}</body>")
    file = tmp_path / "page.html"
    file.write_text(text if policy else POLICY.sub("", text), "utf-8")
    dom(file, tmp_path / "profile")
    assert sorted(asked) == (
        [] if policy else ["/fetched", "/frame", "/image", "/script", "/style"]
    )


def test_nothing_of_a_file_becomes_more_than_text(tmp_path, server):
    url, asked = server
    text = render(hostile(), Look(possible=True)).replace("http://127.0.0.1:9", url)
    page = shown(tmp_path, POLICY.sub("", text))  # its escaping has to be enough
    assert asked == []
    assert len(page.all("script")) == len(page.all("style")) == len(page.all("title")) == 1
    assert page.text.lstrip().startswith("grantlint: 2 findings\n")
    assert not {"img", "b", "i", "iframe"} & {tag for tag, _ in page.elements}
    assert HOSTILE.split("\n")[0].replace("http://127.0.0.1:9", url) in page.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x1b]", page.text)


@pytest.mark.parametrize("made", [example, mixed, hostile])
def test_the_page_names_no_other_place_but_in_links_of_references(made):
    page = Page(render(made(), Look()))
    for tag, found in page.elements:
        for name, value in found.items():
            assert name not in {"src", "srcset", "action", "style", "poster", "data", "background"}
            assert not name.startswith("on")
            if name == "href" and not value.startswith("#"):
                assert (tag, value[:8], found["rel"]) == ("a", "https://", "noreferrer noopener")
    for part in ("page.css", "page.js"):
        text = files("grantlint.reports.html").joinpath(part).read_text("utf-8")
        assert not re.search(r"https?:|url\(|@import|fetch|XMLHttp|eval|innerHTML", text)


# -- pages of rules ------------------------------------------------------------------------


def users_rule(doc, **fields):
    given = {"id": "wide", "title": "A title", "references": (), "mappings": ()} | fields
    return Rule(
        doc=doc,
        severity=Severity.LOW,
        since="",
        preview=False,
        opt_in=False,
        judges=("grant",),
        language="rego",
        _check=lambda: iter(()),
        **given,
    )


def test_a_users_documentation_has_neither_html_nor_images_nor_scripts():
    doc = f"## Why\n\n{HOSTILE}\n\n![x](http://127.0.0.1:9/y)\n\n<img src=x>\n"
    page = Page(str(rule_page(users_rule(doc)).doc))
    assert not {"script", "img", "style", "iframe"} & {tag for tag, _ in page.elements}
    hrefs = [found.get("href", "") for _, found in page.elements]
    assert not any(href.startswith(("javascript:", "data:")) for href in hrefs)


def test_examples_are_told_apart_and_references_are_links():
    doc = "## Why\n\n```hcl bad\na = 1\n```\n\n```hcl good\na = 2\n```\n"
    rule = users_rule(doc, references=("https://example.com/a", "javascript:alert(1)"))
    page = rule_page(rule)
    assert re.findall(r'<code class="(.*?)">', page.doc) == [
        "bad language-hcl",
        "good language-hcl",
    ]
    assert page.references == ("https://example.com/a",)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_rule_has_a_page(rule):
    page = Page(str(rule_page(rule).doc))
    assert "Why it matters" in page.text


def test_a_thousand_findings_are_one_page():
    text = render(report(*many(1000)), Look())
    assert len(Page(text).all("article")) == 1000
    assert len(text) < 3_000_000


def test_only_who_asks_for_the_page_loads_what_makes_it():
    code = (
        "import sys; from grantlint.cli.app import run; run(sys.argv[1:]);"
        "print(sorted({'jinja2', 'markdown_it'} & set(sys.modules)), file=sys.stderr)"
    )
    told = []
    for format in ("text", "html"):
        command = [sys.executable, "-c", code, "check", "--format", format, "fixtures/broken"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        told.append(done.stderr.rstrip("\n").split("\n")[-1])
    assert told == ["[]", "['jinja2', 'markdown_it']"]
