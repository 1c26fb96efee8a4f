"""What a comment says, and what is wrong with one that was meant, to the character."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantlint.extent import Extent
from grantlint.suppress.grammar import read

RIGHT = [
    ('grantlint: ignore[a-b] reason="x"', ["a-b"], "x", None),
    ("grantlint:ignore[a] reason=TICKET-1", ["a"], "TICKET-1", None),
    ('  grantlint: ignore[ a ,b ]  reason="x"  until=2027-03-31  ', ["a", "b"], "x", "2027-03-31"),
    (r'grantlint: ignore[a] reason="a \"b\" \\ c"', ["a"], r'a "b" \ c', None),
    ('grantlint: ignore[a] until=2028-02-29 reason="leap"', ["a"], "leap", "2028-02-29"),
    ('grantlint: ignore[a] reason="# no end" # and this is none of ours', ["a"], "# no end", None),
    ("grantlint: ignore[a] reason=x//y // grantlint", ["a"], "x//y", None),
    ('tfsec:ignore:x # grantlint: ignore[a] reason="x"', ["a"], "x", None),
]


@pytest.mark.parametrize(("text", "rules", "reason", "until"), RIGHT)
def test_a_comment_says_what_is_accepted(text, rules, reason, until):
    (said,) = read(text)
    assert not said.wrong
    assert [one.id for one in said.rules] == rules
    assert [text[one.start : one.end] for one in said.rules] == rules
    assert said.reason == reason
    assert said.until == (date.fromisoformat(until) if until else None)
    assert text[said.start : said.end].startswith("grantlint:")
    assert not text[said.end - 1].isspace()


def test_several_stand_on_one_line():
    first, second, third = read(
        'grantlint: ignore[a] reason="x" grantlint: ignore[b] reason="y" # grantlint: noqa'
    )
    assert (first.rules[0].id, second.rules[0].id) == ("a", "b")
    assert not first.wrong
    assert not second.wrong
    assert third.wrong


def test_what_is_accepted_is_an_extent():
    (said,) = read('grantlint: ignore[a] reason="x" accepts="Decrypt +0a1b2c ?"')
    assert said.accepts == Extent(frozenset({"Decrypt"}), {"0a1b2c": ""}, open=True)


WRITE = 'this accepts nothing: write `grantlint: ignore[{}] reason="…"`'
WRONG = [
    # the text, what is shown of it, what is said
    ("grantlint ignore", "grantlint ignore", WRITE.format("rule")),
    ("grantlint ignore a-b", "grantlint ignore", WRITE.format("a-b")),
    ("grantlint:ignore(a,b)", "grantlint:ignore", WRITE.format("a, b")),
    ("grantlint: ignore a", "grantlint: ignore", WRITE.format("a")),
    ("grantlint.ignore[a]", "grantlint.ignore", WRITE.format("a")),
    ("grantlint: noqa", "grantlint: noqa", WRITE.format("rule")),
    ("grantlint:skip=a why", "grantlint:skip", WRITE.format("a")),
    ("grantlint: ignore:a", "grantlint: ignore", WRITE.format("a")),
    ("grantlint-disable a", "grantlint-disable", WRITE.format("a")),
    ("grantlint: ingore[a] reason=x", "grantlint: ingore", WRITE.format("a")),
    ("GrantLint: Ignore[a] reason=x", "GrantLint: Ignore", WRITE.format("a")),
    ("grantlint: ignore [a] reason=x", "grantlint: ignore", WRITE.format("a")),
    ('tfsec:ignore:x # grantlint ignore[a] reason="x"', "grantlint ignore", WRITE.format("a")),
    (
        'grantlint: ignore[] reason="x"',
        "[]",
        "no rule is named: `grantlint rules` lists their ids",
    ),
    ('grantlint: ignore[a,] reason="x"', "]", "the id of a rule is missing"),
    ('grantlint: ignore[,a] reason="x"', ",", "the id of a rule is missing"),
    ('grantlint: ignore[a b] reason="x"', "b", "there is no comma between the ids of two rules"),
    ('grantlint: ignore[a, a] reason="x"', "a", "a is named twice"),
    ('grantlint: ignore[a reason="x"', "[a ", "`]` is missing behind the ids of the rules"),
    ("grantlint: ignore[a", "[a", "`]` is missing behind the ids of the rules"),
    ("grantlint: ignore[a]", "grantlint: ignore[a]", 'why is not said: add reason="…"'),
    ('grantlint: ignore[a] reason=""', '""', "the reason is empty: say why"),
    ('grantlint: ignore[a] reason="  "', '"  "', "the reason is empty: say why"),
    ('grantlint: ignore[a] reason="x', '"x', "the quote is not closed"),
    (r'grantlint: ignore[a] reason="a\n"', r"\n", r"only \" and \\ can stand here"),
    (
        "grantlint: ignore[a] reason=“x”",
        "“",
        'write reason between straight double quotes, "…"',
    ),
    ("grantlint: ignore[a] reason='x'", "'", 'write reason between straight double quotes, "…"'),
    (
        "grantlint: ignore[a] reason=it is so",
        "is",
        "is means nothing here: a reason of several words stands between quotes",
    ),
    (
        "grantlint: ignore[a] it is so",
        "it",
        'it means nothing here: write reason="…"',
    ),
    ('grantlint: ignore[a] reason="x" until=', "", "the day is missing"),
    (
        'grantlint: ignore[a] reason="x" until=31.3.2027',
        "31.3.2027",
        "31.3.2027 is no day: write it as 2027-03-31",
    ),
    (
        'grantlint: ignore[a] reason="x" until=2027-02-30',
        "2027-02-30",
        "there is no day 2027-02-30",
    ),
    (
        'grantlint: ignore[a] reason="x" until=٢٠٢٧-٠٣-٣١',
        "٢٠٢٧-٠٣-٣١",
        "٢٠٢٧-٠٣-٣١ is no day: write it as 2027-03-31",
    ),
    ('grantlint: ignore[a] reason="x" reason="y"', "reason", "reason is given twice"),
    ('grantlint: ignore[a] reason = "x"', "reason = ", "write reason=…, without blanks"),
    ('grantlint: ignore[a] reason: "x"', "reason: ", "write reason=…, without blanks"),
    ('grantlint: ignore[a]reason="x"', "reason", "a blank is missing before reason"),
    ("grantlint: ignore[a] unitl=2027-03-31 reason=x", "unitl", "there is no unitl=: write until="),
    ("grantlint: ignore[a] because=x", "because", "there is no because=: write reason="),
    (
        "grantlint: ignore[a] reason=x ticket=7",
        "ticket",
        "there is no ticket=: there are until=, reason= and accepts=",
    ),
    (
        'grantlint: ignore[a] reason=x accepts="Decrypt!"',
        '"Decrypt!"',
        "Decrypt! says no access: `grantlint check --add-ignore` writes what is to stand here",
    ),
]


@pytest.mark.parametrize(("text", "shown", "message"), WRONG)
def test_what_was_meant_and_is_wrong_is_shown(text, shown, message):
    wrong = [one for said in read(text) for one in said.wrong]
    assert wrong[0].message == message
    assert text[wrong[0].start : wrong[0].end] == (shown or text[wrong[0].start : wrong[0].end])
    assert wrong[0].start >= text.lower().index("grantlint")


PROSE = [
    "grantlint finds this",
    "grantlint ignores what is not known",
    "grantlint: see docs/usage.md",
    "we use grantlint: ignore[a] here",
    "grantlint",
    "grantlint.toml allows it",
    "grantlint check --ignore a",
    "grantlinter: ignore[a]",
    "see `grantlint ignore`",
]


@pytest.mark.parametrize("text", PROSE)
def test_what_only_speaks_of_us_is_none_of_ours(text):
    assert list(read(text)) == []


PARTS = st.sampled_from(
    [
        "grantlint", ":", " ", "ignore", "[", "]", ",", "a-b", "until", "=", "2027-03-31", '"',
        "\\", "reason", "accepts", "#", "//", "x", "“", "\t", "é", "(", ".", "noqa", "Decrypt",
    ]
)  # fmt: skip


@given(st.one_of(st.lists(PARTS, max_size=30).map("".join), st.text(max_size=60)))
def test_no_comment_is_too_odd(text):
    for prefix in ("", "grantlint: ignore[", "grantlint: ignore[a] "):
        whole = prefix + text
        end = 0
        for said in read(whole):
            assert end <= said.start < said.end <= len(whole)
            end = said.end
            assert all(0 <= one.start <= one.end <= len(whole) for one in said.wrong)
            assert said.wrong or (said.rules and (said.reason or "").strip())
