"""The report as one page that needs no network: what is found, why, how to mend it, the rules.

All text of files goes through the template's escaping; the page's own style and script are named
by their hashes in its Content-Security-Policy, which forbids all else: no request, no other code.
It is whole without the script, which only filters.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from grantlint import __version__
from grantlint.finding import UNREADABLE, Report, Suppressed
from grantlint.fix import diff
from grantlint.model import Note
from grantlint.reports import Look, words
from grantlint.reports.accepted import accepted, tally
from grantlint.reports.advice import more, remedy, why
from grantlint.reports.alike import Alike, alike, worst_first
from grantlint.reports.html.rule_page import RulePage, rule_page
from grantlint.reports.paths import shown
from grantlint.reports.pieces import pieces
from grantlint.reports.snippet import cut, printable, snippet
from grantlint.rule import Rule, Severity
from grantlint.source import Span

_LONGEST = 2000  # columns of one text
_MOST_CHANGED = 500  # lines of a diff

Row = tuple[str, str, str]
"""A line of source: its number or "", "text", "gap" or "carets", the line itself."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A place with its source, and what is there."""

    text: str
    place: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A fix: what it does, whether it is safe, and its diff, the kind of each line before it."""

    title: str
    how: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What the page shows of findings that are one to a reader."""

    rule: str
    severity: str
    possible: bool
    count: int
    messages: tuple[str, ...]
    excerpts: tuple[Excerpt, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    why: str
    remedy: str
    more: str
    fixes: tuple[Change, ...]


def render(report: Report, look: Look) -> str:
    """The whole page; the same report gives the same bytes."""
    visible = [f for f in report.findings if f.severity is None or f.certain or look.possible]
    groups = sorted(worst_first(alike(visible)), key=lambda group: group.severity is not None)
    rules = {rule.id: rule for rule in report.rules}
    cards = [_card(group, rules.get(group.first.rule), look) for group in groups]
    style, script = _part("page.css"), _part("page.js")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["pieces"] = pieces
    counted = words.by_severity(report, possible=look.possible)
    return environment.from_string(_part("page.html.jinja")).render(
        version=__version__,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        title=words.found(report, possible=look.possible) if report.files else "no files were read",
        worst=next(iter(counted), ""),
        report=report,
        read=words.read(report),
        unread=words.unread(report),
        hidden=words.hidden(report, possible=look.possible),
        severities=[(at.label, counted.get(at.label, 0)) for at in sorted(Severity, reverse=True)],
        cards=cards,
        by_rule=_by_rule(cards, rules),
        pages=list(_pages(cards, rules)),
        suppressed=[_suppressed(one, look) for one in report.suppressed],
        tally=tally(report.suppressed),
        notes=[_note(note, look) for note in report.notes],
        places=sum(note.count for note in report.notes),
    )


def _part(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """A source of the Content-Security-Policy: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# -- findings ------------------------------------------------------------------------------


def _card(group: Alike, rule: Rule | None, look: Look) -> Card:
    first, severity = group.first, group.severity
    made_by = first.construct if first.construct != first.address else None
    lists = {
        "also" if group.some_named else "in": group.unnamed,
        "made by": (made_by,) if made_by else (),
        "also at": group.calls,
    }
    return Card(
        rule=printable(first.rule),
        severity=severity.label if severity else "error",
        possible=not group.certain,
        count=len(group.findings),
        messages=tuple(_text(one.message) for one in group.heads),
        excerpts=tuple(_excerpts(group, look)),
        lists=tuple((name, tuple(map(_text, listed))) for name, listed in lists.items() if listed),
        why=why(rule) if rule else "",
        remedy=remedy(rule, first) if rule else "",
        more=more(rule) if rule else "",
        fixes=tuple(_fixes(group)),
    )


def _text(text: str) -> str:
    return cut(printable(text), _LONGEST)


def _excerpts(group: Alike, look: Look) -> Iterator[Excerpt]:
    first = group.first
    if first.span is None:
        yield Excerpt("", _text(shown(first.path, look)), ())
    else:
        yield Excerpt("", _place(first.span, look), _rows(first.span))
    for place in first.related:
        yield Excerpt(_text(place.text), _place(place.span, look), _rows(place.span))


def _place(span: Span, look: Look) -> str:
    return _text(f"{shown(span.path, look)}:{span.line}:{span.column}")


def _rows(span: Span) -> tuple[Row, ...]:
    return tuple(snippet(span, 3)) if span.source.data else ()


def _fixes(group: Alike) -> Iterator[Change]:
    fixes = {one.fix.edits: one.fix for one in group.findings if one.fix is not None}
    for fix in fixes.values():
        lines = list(_changed(diff(fix)))
        rest = len(lines) - _MOST_CHANGED
        kept = [*lines[:_MOST_CHANGED], *([("hunk", f"… {rest} more lines")] if rest > 0 else [])]
        yield Change(_text(fix.title), fix.applicability.value, tuple(kept))


def _changed(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lines of a diff with their kinds."""
    kinds = {"+": "added", "-": "removed", "@": "hunk"}
    named = -1  # the line that names the new file
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("--- ") and after.startswith("+++ "):
            named = number + 1
        heading = named in {number, number + 1}
        yield "file" if heading else kinds.get(line[:1], "same"), _text(line)


# -- the rest ------------------------------------------------------------------------------


def _by_rule(cards: Sequence[Card], rules: dict[str, Rule]) -> list[tuple[str, str, str, int]]:
    """Of each rule that found something: its worst severity, id, title, and how much."""
    severities: dict[str, str] = {}
    count: Counter[str] = Counter()
    for card in cards:
        severities.setdefault(card.rule, card.severity)
        count[card.rule] += card.count
    titles = {id: _text(rule.title) for id, rule in rules.items()}
    titles[UNREADABLE] = "File that could not be read"
    return [(at, id, titles.get(id, ""), count[id]) for id, at in severities.items()]


def _pages(cards: Sequence[Card], rules: dict[str, Rule]) -> Iterator[RulePage]:
    """The pages of the rules that found something, in the order of the cards."""
    for id in dict.fromkeys(card.rule for card in cards):
        if id in rules:
            yield rule_page(rules[id])


def _suppressed(one: Suppressed, look: Look) -> dict[str, str]:
    found = one.finding
    place = _place(found.span, look) if found.span else _text(shown(found.path, look))
    return {
        "severity": found.severity.label if found.severity else "error",
        "rule": printable(found.rule),
        "place": place,
        "message": _text(found.message),
        "by": _text(accepted(one, lambda path: shown(path, look))),
        "reason": _text(one.by.reason),
    }


def _note(note: Note, look: Look) -> tuple[str, str]:
    return _text(words.unevaluated(note)), _place(note.span, look) if note.span else ""
