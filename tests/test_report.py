"""How a finding looks: the source under it, the carets, what is hidden from the terminal."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from reported import everything_accepted, many

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.finding import Finding, Report
from grantlint.fix import Applicability, Change, Edit, Fix
from grantlint.model import Note
from grantlint.parsers.settings import Options
from grantlint.place import Place
from grantlint.reports import Look
from grantlint.reports import json as json_report
from grantlint.reports.advice import remedy, why
from grantlint.reports.snippet import LEAST, WIDTH, printable, snippet, width
from grantlint.reports.text import MANY, render
from grantlint.rule import Severity
from grantlint.rules import all_rules
from grantlint.source import Source, Span
from grantlint.value import Truth

ASKED = Terms(Selection(ignore=("key-policy-lockout",)))
"""Policies of one statement are enough here; none of them would be a key's whole policy."""


PUBLIC = next(rule for rule in all_rules() if rule.id == "public-key-policy")
TEMPLATE = """\
Resources:
  Grant:
    Type: Custom::AWS
    Properties:
      ServiceToken: !GetAtt Function.Arn
      Create: >-
        {"service":"KMS","action":"createGrant","parameters":{"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab",
        "GranteePrincipal":"arn:aws:iam::111122223333:role/app","Operations":["Decrypt","CreateGrant"]},
        "physicalResourceId":{"responsePath":"GrantId"}}
"""


def span(text, meant, path="main.tf", number=0):
    """The place of a piece of text in a file that holds `text`."""
    data = text.encode()
    start = -1
    for _ in range(number + 1):
        start = data.index(meant.encode(), start + 1)
    return Span(Source(path, data), start, start + len(meant.encode()))


def shown(text, meant):
    return [line for _, _, line in snippet(span(text, meant), 3)]


def finding(place, message="a message", severity=Severity.HIGH, **fields):
    return Finding("public-key-policy", severity, message, place.path, place, **fields)


def report(*findings, notes=(), files=1, keys=2, grants=1):
    return Report(findings, (), notes, all_rules(), files, keys, grants)


def judged(directory, text, look=None, name="main.tf"):
    """What is reported of one file."""
    (directory / name).parent.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text, encoding="utf-8")
    return render(check(["."], Options(account="111122223333"), ASKED), look or Look())


# -- carets --------------------------------------------------------------------------------


def test_carets_stand_below_what_is_meant():
    assert shown('  a = "b"\n', '"b"') == ['  a = "b"', "      ^^^"]


def test_a_tab_is_four_blanks():
    assert shown("\ta\t= x\n", "x") == ["    a    = x", "           ^"]


def test_wide_characters_take_two_columns():
    assert shown('n = "鍵"; x\n', "x") == ['n = "鍵"; x', "          ^"]
    assert shown('n = "鍵"\n', "鍵") == ['n = "鍵"', "     ^^"]


def test_a_combining_mark_takes_no_column():
    assert shown('n = "e\u0301" + x\n', "x")[1] == " " * 10 + "^"


def test_an_empty_place_has_one_caret():
    text = "a = 1\n"
    empty = Span(Source("main.tf", text.encode()), 4, 4)
    assert [line for _, _, line in snippet(empty, 3)] == ["a = 1", "    ^"]


def test_the_end_of_the_file_has_a_caret():
    end = Span(Source("main.tf", b"a {"), 3, 3)
    assert [line for _, _, line in snippet(end, 3)] == ["a {", "   ^"]


def test_several_lines_are_underlined_without_their_indentation():
    text = "a = [\n  1,\n]\n"
    assert shown(text, "[\n  1,\n]") == ["a = [", "    ^", "  1,", "  ^^", "]", "^"]


def test_of_many_lines_the_first_and_the_last_are_shown():
    body = "".join(f"  {n},\n" for n in range(50))
    lines = shown(f"a = [\n{body}]\n", f"[\n{body}]")
    assert lines == ["a = [", "    ^", "  0,", "  ^^", "", "]", "^"]


def test_a_place_that_ends_at_the_start_of_a_line_does_not_show_that_line():
    assert shown("a = 1\nb = 2\n", "a = 1\n") == ["a = 1", "^^^^^"]


def test_carriage_returns_are_not_shown():
    assert shown("a = 1\r\nb = 2\r\n", "a = 1") == ["a = 1", "^^^^^"]


def test_a_long_line_is_cut_around_what_is_meant():
    line, carets = shown('x = "' + "a" * 5000 + '", MEANT, "' + "b" * 5000 + '"\n', "MEANT")
    assert width(line) <= WIDTH + 2
    assert line[carets.index("^") : carets.rindex("^") + 1] == "MEANT"
    assert line.startswith("…")
    assert line.endswith("…")


def test_a_long_place_is_cut_itself():
    line, carets = shown("x = " + "a" * 5000 + "\n", "a" * 5000)
    assert width(line) <= WIDTH + 2
    assert len(carets) <= WIDTH


@pytest.mark.parametrize("room", [LEAST, 60, WIDTH])
@pytest.mark.parametrize("before", [0, 3, 30, 300])
@pytest.mark.parametrize("meant", [1, 15, 400])
@pytest.mark.parametrize("after", [0, 3, 300])
def test_a_line_fits_where_it_is_shown(room, before, meant, after):
    text = "b" * before + "M" * meant + "鍵" * after
    place = Span(Source("main.tf", text.encode()), before, before + meant)
    (_, _, line), (_, _, carets) = snippet(place, 3, room)
    assert width(line) <= room
    assert line[carets.index("^")] == "M"
    assert width(carets) <= room


def test_nothing_is_wider_than_a_narrow_terminal():
    place = span("x" * 300 + " = MEANT\n", "MEANT")
    lines = render(report(finding(place)), Look(columns=60)).split("\n")
    shown = [line for line in lines if " | " in line]
    assert len(shown) == 2
    assert max(map(width, shown)) <= 60


@pytest.mark.parametrize(
    "character", ["\x1b", "\x07", "\u202e", "\u2066", "\x00", "\x9b", "\r", "\u2028", "\x7f"]
)
def test_what_a_terminal_obeys_is_replaced(character):
    assert printable(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("command", ["##[error]x", "a ##[add-mask]x", "##vso[x]", "##teamcity[x]"])
def test_what_the_log_of_a_ci_server_obeys_is_replaced(command):
    shown = printable(command)
    assert shown == command.replace("##", "#\ufffd")
    assert printable("## a heading [of a comment]") == "## a heading [of a comment]"


@pytest.mark.parametrize("look", [Look(), Look(quiet=True), Look(verbose=True, fixes=True)])
def test_no_line_of_a_report_is_a_command_to_github(look):
    text = "::warning::x\n  ::error::y\nvalue\n::add-mask::z\n"
    place = span(text, "value", "::error file=x::y.tf")
    change = Change((), "set", {})
    fix = Fix("write it", Applicability.SAFE, change, (), (Edit(place, "other"),))
    whole = report(finding(place, fix=fix), notes=(Note("::notice::x", 1, place),))
    for line in render(whole, look).split("\n"):
        # What comes before the second :: is a command's name, and `:` is none.
        assert not re.match(r"\s*::[a-z]", line), line
    assert render(whole, look).startswith("./::error file=x::y.tf:3:1: high public-key-policy: ")


HOSTILE = "\x1b[2J\x9b1m\x07\u202e\n"


@pytest.mark.parametrize("look", [Look(), Look(quiet=True), Look(verbose=True)])
def test_nothing_of_a_file_can_write_to_the_terminal(look):
    source = Source(f"{HOSTILE}.tf", f'a = "{HOSTILE}"\n'.encode())
    place = Span(source, 0, len(source.data))
    one = finding(
        place,
        message=HOSTILE,
        address=f'aws_kms_key.k["{HOSTILE}"]',
        related=(Place(place, HOSTILE),),
    )
    unreadable = Finding("unreadable-file", None, HOSTILE, HOSTILE)
    whole = report(one, unreadable, notes=(Note(HOSTILE, 1, place),))
    for text in (render(whole, look), json_report.render(whole, look)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


# -- the whole text ------------------------------------------------------------------------


def test_a_finding_begins_with_a_place_that_editors_know():
    text = render(report(finding(span("a\nbb = x\n", "x"))), Look())
    assert text.startswith("main.tf:2:6: high public-key-policy: a message\n")


def test_line_numbers_are_aligned_over_all_places_of_a_finding():
    place = span("a\n" * 99 + "b = x\n", "x")
    other = span("y\n", "y", "variables.tf")
    text = render(report(finding(place, related=(Place(other, "the default of var.x"),))), Look())
    lines = text.split("\n")
    assert lines[1:9] == [
        "    |",
        "100 | b = x",
        "    |     ^",
        "    ::: variables.tf:1:1: the default of var.x",
        "    |",
        "  1 | y",
        "    | ^",
        "    = why: " + lines[8].partition("why: ")[2],
    ]


def test_why_and_fix_are_said_once_a_rule():
    first, second = span("a b\n", "a"), span("a b\n", "b")
    text = render(report(finding(first), finding(second)), Look())
    assert text.count("= why: ") == 1
    assert text.count("= fix: ") == 1
    assert text.count("grantlint explain public-key-policy") == 1


def test_a_possible_finding_is_counted_where_it_is_not_shown():
    text = render(report(finding(span("a\n", "a"), certain=False)), Look())
    assert text == (
        "no findings in 1 file (2 keys, 1 grant); 1 possible: --certainty possible shows it\n"
    )


def test_the_summary_counts_the_worst_first():
    severities = [Severity.LOW, Severity.CRITICAL, Severity.MEDIUM, Severity.LOW, Severity.HIGH]
    places = (span("abcde\n", letter) for letter in "abcde")
    found = [finding(place, severity=at) for place, at in zip(places, severities, strict=True)]
    end = render(report(*found), Look()).rstrip("\n").split("\n")[-1]
    assert end == ("5 findings in 1 file (2 keys, 1 grant): 1 critical, 1 high, 1 medium, 2 low")


def test_a_run_without_files_does_not_say_that_nothing_was_found():
    assert render(report(files=0), Look()) == "no files were read\n"


def test_the_report_ends_with_what_was_not_evaluated():
    place = span("a\n", "a")
    notes = (Note("var.a has no value", 3, place), Note("A full stop.", 1, place))
    text = render(report(notes=notes, files=2), Look())
    assert text == (
        "no findings in 2 files (2 keys, 1 grant)\n"
        "\n"
        "not evaluated, in 4 places:\n"
        "  var.a has no value (3 times), first at main.tf:1:1\n"
        "  A full stop, at main.tf:1:1\n"
    )


def test_modules_that_are_not_there_are_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calls = "".join(f'module "{n}" {{\n  source = "acme/{n % 3}/aws"\n}}\n' for n in range(6))
    key = 'resource "aws_kms_key" "k" {\n  policy = var.policy\n}\nvariable "policy" {}\n'
    brief = judged(tmp_path, calls + key).split("not evaluated, ")[1]
    assert brief == (
        "in 7 places:\n"
        "  3 modules (-v lists them) are not here: run `terraform init -backend=false` (6 times),"
        " first at main.tf:1:1\n"
        "  var.policy has no value, at main.tf:22:1\n"
    )
    whole = judged(tmp_path, calls + key, Look(verbose=True))
    assert whole.count("is not here: run `terraform init -backend=false` (2 times)") == 3


def test_one_module_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = judged(tmp_path, 'module "m" {\n  source = "acme/kms/aws"\n}\n')
    assert "  module acme/kms/aws is not here: run `terraform init -backend=false`, at" in text


def test_many_notes_are_cut_unless_asked_for():
    notes = tuple(Note(f"var.v{n} has no value", 1, None) for n in range(30))
    brief, whole = (render(report(notes=notes), Look(verbose=v)) for v in (False, True))
    assert "and 20 more reasons (-v shows them)" in brief
    assert "var.v29" in whole


def test_a_file_that_could_not_be_read_is_shown_without_source():
    place = Span(Source("gone.tf", b""), 0, 0)
    text = render(
        report(Finding("unreadable-file", None, "cannot be read", "gone.tf", place)), Look()
    )
    assert text.startswith("gone.tf:1:1: error unreadable-file: cannot be read\n\n")
    assert "1 file could not be read" in text


def test_colour_changes_nothing_but_colour():
    one = report(finding(span("a\n", "a")), notes=(Note("why", 1, None),))
    plain, colored = render(one, Look()), render(one, Look(color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert colored != plain


# -- what is suppressed --------------------------------------------------------------------


def suppressed(*accepted):
    return replace(report(), suppressed=accepted)


def test_the_end_says_how_many_findings_are_suppressed_and_by_what():
    text = render(suppressed(*everything_accepted()), Look())
    assert text == (
        "no findings in 1 file (2 keys, 1 grant)\n"
        "5 suppressed: 1 accepted by a comment, 1 accepted by the configuration, "
        "2 in the baseline, 1 not new (-v lists them)\n"
    )


def test_each_suppressed_finding_is_listed_on_demand_with_who_why_and_until_when():
    text = render(suppressed(*everything_accepted()), Look(verbose=True))
    head = "  main.tf:1:5: high public-key-policy: an accepted one\n"
    assert text.partition("1 not new:\n")[2] == (
        f"{head}    accepted by a comment of the module's author at modules/m/main.tf:1 until "
        "2027-03-31: agreed with the auditors\n"
        f"{head}    accepted by the configuration: a test account\n"
        f"{head}    in the baseline\n{head}    in the baseline\n"
        f"{head}    not new: in main\n"
    )


def test_quiet_says_nothing_of_what_is_suppressed():
    assert render(suppressed(*everything_accepted()), Look(quiet=True)) == ""


# -- in a terminal -------------------------------------------------------------------------

LINK = re.compile("\x1b]8;;(.*?)\x1b\\\\(.*?)\x1b]8;;\x1b\\\\")


def test_places_and_rules_are_links_where_the_terminal_has_them(here, monkeypatch):
    monkeypatch.delenv("WSL_DISTRO_NAME", raising=False)
    related = (Place(span("y\n", "y", "a b#.tf"), "the default of var.x"),)
    whole = report(finding(span("a\n", "a"), related=related))
    linked, plain = render(whole, Look(links=True)), render(whole, Look())
    assert LINK.sub(r"\2", linked) == plain
    host = os.uname().nodename
    assert LINK.findall(linked) == [
        (f"file://{host}{here}/main.tf", "main.tf:1:1"),
        (f"file://{host}{here}/a%20b%23.tf", "a b#.tf:1:1"),
        (PUBLIC.references[0], "grantlint explain public-key-policy"),
    ]


def test_what_is_not_a_file_is_no_link():
    text = render(report(finding(span("a\n", "a", "<stdin>"))), Look(links=True))
    assert text.startswith("<stdin>:1:1: high")


def test_a_rule_of_a_user_links_to_nothing_but_the_web():
    rule = replace(PUBLIC, references=("javascript:alert(1)\x1b\\",))
    whole = replace(report(finding(span("a\n", "a"))), rules=(rule,))
    assert [url[:7] for url, _ in LINK.findall(render(whole, Look(links=True)))] == ["file://"]


@pytest.mark.parametrize(
    ("count", "look", "told"),
    [
        (MANY, Look(hint=True), True),
        (MANY - 1, Look(hint=True), False),
        (MANY, Look(), False),
        (MANY, Look(hint=True, quiet=True), False),
    ],
)
def test_many_findings_on_a_terminal_end_with_the_next_step(count, look, told):
    text = render(report(*many(count)), look)
    assert (
        text.endswith(
            "\nnext: `grantlint baseline write` accepts these, so that only what is "
            "new is reported\n"
        )
        is told
    )
    assert text.count("baseline") == told


def test_who_has_accepted_something_knows_the_next_step():
    whole = replace(report(*many(MANY)), suppressed=everything_accepted()[:1])
    assert "next:" not in render(whole, Look(hint=True))


# -- in the words of what it is written in -------------------------------------------------


def test_a_template_is_mended_in_its_own_words(here):
    text = judged(here, TEMPLATE, name="app.yaml")
    assert "= fix: Leave CreateGrant out of the Operations\n" in text
    assert "= fix: Name the role that should end the grant as RetiringPrincipal\n" in text


@pytest.mark.parametrize("source", ["cloudformation", "cdk"])
@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_no_template_is_told_of_arguments_of_terraform(rule, source):
    told = remedy(rule, replace(finding(span("a\n", "a")), source=source))
    assert not re.search(
        r"\b(?:key_id|grantee_principal|retiring_principal)\b|constraints block", told
    )
    assert "`" not in told
    assert not re.match("The same|CloudFormation has|A custom resource", told)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_rule_says_why_it_matters_in_a_sentence(rule):
    assert 20 < len(why(rule)) < 400
    assert "```" not in remedy(rule, finding(span("a\n", "a")))


# -- quiet ---------------------------------------------------------------------------------


def test_quiet_leaves_a_line_for_each_finding():
    found = [finding(span("a b\n", letter)) for letter in "ab"]
    unreadable = Finding("unreadable-file", None, "cannot be read", "gone.tf")
    notes = (Note("var.a has no value", 1, None),)
    assert render(report(*found, unreadable, notes=notes), Look(quiet=True)) == (
        "main.tf:1:1: high public-key-policy: a message\n"
        "main.tf:1:3: high public-key-policy: a message\n"
        "gone.tf: error unreadable-file: cannot be read\n"
    )


def test_quiet_says_nothing_where_nothing_is_found():
    hidden = finding(span("a\n", "a"), certain=False)
    assert render(report(hidden, notes=(Note("why", 1, None),)), Look(quiet=True)) == ""


# -- findings that are one to a reader -----------------------------------------------------

KEY = """\
resource "aws_kms_key" "k" {
  for_each = toset([%s])
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" }]
  })
}
"""
GRANT = """\
resource "aws_kms_grant" "g" {
  for_each           = toset([%s])
  key_id             = aws_kms_key.k.key_id
  grantee_principal  = "arn:aws:iam::111122223333:role/${%s}"
  retiring_principal = "arn:aws:iam::111122223333:role/admin"
  operations         = ["Decrypt"]
}

resource "aws_kms_key" "k" {}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def keys(count):
    return ", ".join(f'"k{number}"' for number in range(count))


def test_instances_of_a_block_share_their_source(here):
    text = judged(here, KEY % keys(3))
    assert text.count("public-key-policy: anyone") == 1
    assert text.count("4 |     Statement") == 1
    assert '= also: aws_kms_key.k["k1"], aws_kms_key.k["k2"]\n' in text
    assert "3 findings" in text


def test_a_long_list_of_instances_is_cut_unless_asked_for(here):
    text = judged(here, KEY % keys(9))
    assert '= also: aws_kms_key.k["k1"], ' in text
    assert 'aws_kms_key.k["k5"] and 3 more (-v shows them)\n' in text
    assert 'aws_kms_key.k["k8"]\n' in judged(here, KEY % keys(9), Look(verbose=True))


def test_a_message_that_differs_stays(here):
    text = judged(here, GRANT % (keys(3), "each.key"))
    heads = [line for line in text.split("\n") if "unconstrained-grant: role" in line]
    assert [re.search(r"role k\d", line)[0] for line in heads] == ["role k0", "role k1", "role k2"]
    assert text.count("1 | resource") == 1
    assert '= in: aws_kms_grant.g["k0"], aws_kms_grant.g["k1"], aws_kms_grant.g["k2"]\n' in text


def test_instances_that_no_message_tells_apart_are_listed(here):
    text = judged(here, GRANT % (keys(2), "local.r") + 'locals {\n  r = "app"\n}\n')
    assert text.count("unconstrained-grant: role app") == 1
    assert '= in: aws_kms_grant.g["k0"], aws_kms_grant.g["k1"]\n' in text


def test_many_messages_are_cut_unless_asked_for_or_quiet(here):
    grants = GRANT % (keys(13), "each.key")
    text = judged(here, grants)
    assert text.count("unconstrained-grant: role") == 10
    assert "\nand 3 more of this rule here (-v shows them)\n" in text
    for look in (Look(verbose=True), Look(quiet=True)):
        assert judged(here, grants, look).count("unconstrained-grant: role") == 13


def test_instances_are_in_the_order_of_their_numbers(here):
    text = judged(here, KEY.replace("for_each = toset([%s])", "count = 12"), Look(verbose=True))
    numbers = re.findall(r"\d+", text.split("= also: ")[1].split("\n")[0])
    assert numbers == [str(number) for number in range(1, 12)]


def test_what_the_source_shows_is_not_said_again(here):
    text = judged(here, (GRANT % ('"a"', '"app"')).replace("for_each", "#"))
    assert "= in:" not in text
    assert "= also:" not in text


def test_a_place_inside_an_object_says_which_object(here):
    text = judged(here, (KEY % '"a"').replace("for_each", "#"))
    assert "on aws_kms_key.k" in text.split("\n")[0]
    place = span('resource "aws_kms_grant" "g" {\n  operations = 1\n}\n', "1")
    assert "= in: aws_kms_grant.g\n" in render(
        report(finding(place, address="aws_kms_grant.g")), Look()
    )


def test_two_blocks_are_two(here):
    text = judged(here, KEY % '"a"' + (KEY % '"a"').replace('"k"', '"other"'))
    assert text.count("public-key-policy: anyone") == 2
    assert text.count(" |     Statement") == 2


CALLS = """\
module "a" {
  source = "./m"
}

module "b" {
  source = "./m"
}
"""
MODULE = (KEY % '"x", "y"').replace(
    '"kms:Decrypt"', "var.action"
) + 'variable "action" {\n  default = "kms:Decrypt"\n}\n'


def module(here, calls):
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(MODULE, encoding="utf-8")
    return judged(here, calls)


def test_calls_of_the_module_that_holds_the_fault_share_its_source(here):
    text = module(here, CALLS)
    assert text.count("public-key-policy: anyone") == 1
    assert text.count('1 | module "a"') == 1
    assert '= also: module.a.aws_kms_key.k["y"]\n' in text
    assert "= also at: main.tf:5:1\n" in text
    assert "4 findings" in text


def test_a_call_with_a_message_of_its_own_is_shown(here):
    text = module(here, CALLS.replace('"./m"\n}\n\n', '"./m"\n  action = "kms:Encrypt"\n}\n\n'))
    assert text.count("public-key-policy: anyone") == 2
    assert (
        "main.tf:6:1: critical public-key-policy: anyone in any AWS account may call kms:D" in text
    )
    assert "= also at:" not in text


def test_arguments_of_two_calls_are_two(here):
    given = 'variable "who" {}\n' + KEY.replace('"*"', "var.who", 1) % '"x"'
    (here / "m").mkdir()
    (here / "m" / "main.tf").write_text(given, encoding="utf-8")
    text = judged(here, CALLS.replace('"./m"', '"./m"\n  who    = "*"'))
    assert text.count("public-key-policy: anyone") == 2
    assert "= also at:" not in text


def test_a_name_that_begins_like_an_address_is_not_the_address():
    place = span("a\n", "a")
    text = render(
        report(finding(place, message="open to aws_kms_key.keys", address="aws_kms_key.k")), Look()
    )
    assert "= in: aws_kms_key.k\n" in text


def test_certain_and_possible_findings_of_a_block_have_a_line_each():
    place = span("a\n", "a")
    found = [finding(place, address=f"aws_kms_key.k[{n}]", certain=n > 0) for n in range(2)]
    text = render(report(*found), Look(possible=True))
    assert text.startswith(
        "main.tf:1:1: high (possible) public-key-policy: a message\n"
        "main.tf:1:1: high public-key-policy: a message\n"
    )


def test_json_holds_every_instance(here):
    (here / "main.tf").write_text(KEY % keys(9), encoding="utf-8")
    written = json.loads(json_report.render(check(["."], Options(), ASKED), Look()))
    assert [found["address"] for found in written["findings"]] == [
        f'aws_kms_key.k["k{number}"]' for number in range(9)
    ]


# -- JSON ----------------------------------------------------------------------------------

FIXTURES = Path(__file__).parents[1] / "fixtures"
ESTATES = [
    "broken",
    "nowhere",
    *(f"terraform/{path.name}" for path in (FIXTURES / "terraform").iterdir() if path.is_dir()),
    *(f"truth/terraform/{path.name}" for path in (FIXTURES / "truth/terraform").iterdir()),
]


@pytest.mark.parametrize("estate", sorted(ESTATES))
def test_json_is_what_its_schema_says(estate):
    written = json_report.render(check([str(FIXTURES / estate)], Options()), Look())
    assert written.isascii()
    schema = json.loads(json_report.schema())
    jsonschema.Draft202012Validator(schema).validate(json.loads(written))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json.loads(json_report.schema()))


def test_every_kind_of_finding_is_what_the_schema_says():
    place = span("鍵 = 1\n", "鍵")
    change = Change(("operations", 0), "set", {"a": [1, None]})
    fix = Fix("write it", Applicability.SAFE, change, (), (Edit(place, "键"),))
    related = (Place(place, "here", "aws_kms_key.k"), Place(place, "there"))
    found = (
        finding(place, related=related, fix=fix, fingerprint="f", address="aws_kms_key.k"),
        finding(place, exists=Truth.MAYBE, certain=False),
        Finding("unreadable-file", None, "cannot be read", "gone"),
    )
    written = json.loads(json_report.render(report(*found, notes=(Note("why", 1, None),)), Look()))
    jsonschema.validate(written, json.loads(json_report.schema()))
    assert written["findings"][0]["span"]["end_column"] == 2
    assert written["findings"][0]["fix"]["edits"] == [
        {"span": written["findings"][0]["span"], "text": "键"}
    ]
    assert written["summary"] == {
        "files": 1,
        "keys": 2,
        "grants": 1,
        "identities": 0,
        "unreadable": 1,
        "certain": {"high": 1},
        "possible": {"high": 1},
        "suppressed": 0,
        "suppressed_by": {},
    }
