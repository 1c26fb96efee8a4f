"""How a finding looks: the source under it, the carets, what is hidden from the terminal."""

import pytest

from grantlint.finding import Finding, Place, Report
from grantlint.model import Note
from grantlint.reports import Look
from grantlint.reports.snippet import WIDTH, printable, snippet, width
from grantlint.reports.text import render
from grantlint.rule import Severity
from grantlint.rules import all_rules
from grantlint.source import Source, Span


def span(text, meant, path="main.tf", number=0):
    """The place of a piece of text in a file that holds `text`."""
    data = text.encode()
    start = -1
    for _ in range(number + 1):
        start = data.index(meant.encode(), start + 1)
    return Span(Source(path, data), start, start + len(meant.encode()))


def shown(text, meant):
    return [line for _, _, line in snippet(span(text, meant), 3)]


def finding(place, **fields):
    return Finding("public-key-policy", Severity.HIGH, "a message", place.path, place, **fields)


def report(*findings, notes=(), files=1):
    return Report(findings, (), notes, all_rules(), files)


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


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\u202e", "\u2066", "\x00", "\x9b"])
def test_what_a_terminal_obeys_is_replaced(character):
    assert printable(f"a{character}b") == "a\ufffdb"


def test_a_message_cannot_write_to_the_terminal():
    place = span('a = "\x1b[2J"\n', '"\x1b[2J"')
    text = render(report(finding(place)), Look())
    assert "\x1b" not in text


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
    assert text == "no findings in 1 file (and 1 possible: --certainty possible shows them)\n"


def test_notes_are_grouped_and_counted():
    place = span("a\n", "a")
    notes = (Note("var.a has no value", 3, place), Note("var.b has no value", 1, place))
    text = render(report(notes=notes, files=2), Look())
    assert text == (
        "not evaluated, in 4 places:\n"
        "  var.a has no value (3 times), first at main.tf:1:1\n"
        "  var.b has no value, at main.tf:1:1\n"
        "\n"
        "no findings in 2 files\n"
    )


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
    import re

    one = report(finding(span("a\n", "a")), notes=(Note("why", 1, None),))
    plain, colored = render(one, Look()), render(one, Look(color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert colored != plain
