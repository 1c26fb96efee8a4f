"""The report for people: each finding with its source, then what could not be evaluated.

The first line of a finding is `file:line:column: severity rule: message`, which editors and CI
logs make a link of. Why it matters and how to fix it are said once a rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.finding import Finding, Place, Report, counts
from grantlint.reports import Look
from grantlint.reports.snippet import printable, snippet
from grantlint.rule import Rule, Severity
from grantlint.source import Span

MOST_NOTES = 10

_COLORS = {
    Severity.CRITICAL: "1;35",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
}
_BOLD, _DIM, _BLUE, _RED, _GREEN = "1", "2", "1;34", "1;31", "1;32"


def render(report: Report, look: Look) -> str:
    """The whole report, which ends with a line break."""
    rules = {rule.id: rule for rule in report.rules}
    explained: set[str] = set()
    shown = [f for f in report.findings if f.severity is None or f.certain or look.possible]
    lines: list[str] = []
    for finding in shown:
        lines += _finding(finding, look)
        if finding.rule in rules and finding.rule not in explained:
            explained.add(finding.rule)
            lines += _explanation(rules[finding.rule], _gutter(finding), look)
        lines.append("")
    lines += _notes(report, look)
    lines += _summary(report, look)
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, look: Look) -> Iterator[str]:
    place = str(finding.span) if finding.span else finding.path
    if finding.severity is None:
        kind = _paint("error", _RED, look)
    else:
        kind = _paint(finding.severity.label, _COLORS[finding.severity], look)
        kind += "" if finding.certain else _paint(" (possible)", _DIM, look)
    message = f"{printable(finding.message)}"
    yield f"{_paint(printable(place), _BOLD, look)}: {kind} {finding.rule}: {message}"
    gutter = _gutter(finding)
    if finding.span and finding.span.source.data:
        yield from _source(finding.span, gutter, look, mark=_mark(finding))
    for related in finding.related:
        yield from _related(related, gutter, look)


def _mark(finding: Finding) -> str:
    return _COLORS[finding.severity] if finding.severity else _RED


def _related(place: Place, gutter: int, look: Look) -> Iterator[str]:
    arrow = _paint(" " * gutter + " :::", _BLUE, look)
    yield f"{arrow} {printable(str(place.span))}: {printable(place.text)}"
    yield from _source(place.span, gutter, look, mark=_BLUE)


def _source(span: Span, gutter: int, look: Look, *, mark: str) -> Iterator[str]:
    bar = _paint("|", _BLUE, look)
    yield f"{' ' * gutter} {bar}"
    for number, kind, text in snippet(span, gutter):
        shown = _paint(text, mark, look) if kind == "carets" else text
        left = _paint(number.rjust(gutter), _BLUE, look)
        yield f"{left} {bar} {shown}".rstrip()


def _explanation(rule: Rule, gutter: int, look: Look) -> Iterator[str]:
    said = {
        "why": rule.section("Why it matters"),
        "fix": rule.section("How to fix it"),
        "more": f"grantlint explain {rule.id}",
    }
    equals = _paint("=", _BLUE, look)
    for label, text in said.items():
        if text:
            yield f"{' ' * gutter} {equals} {_paint(label, _BOLD, look)}: {_first_sentence(text)}"


def _first_sentence(text: str) -> str:
    end = text.find(". ")
    return (text if end == -1 else text[:end]).removesuffix(".").replace("`", "")


def _gutter(finding: Finding) -> int:
    """The width of the longest line number that the finding shows."""
    spans = [place.span for place in finding.related]
    spans += [finding.span] if finding.span else []
    return max((len(str(span.end_line)) for span in spans), default=1)


def _notes(report: Report, look: Look) -> Iterator[str]:
    if not report.notes:
        return
    places = sum(note.count for note in report.notes)
    yield _paint(f"not evaluated, in {_plural(places, 'place')}:", _BOLD, look)
    listed = report.notes if look.verbose else report.notes[:MOST_NOTES]
    for note in listed:
        first = f", first at {note.span}" if note.count > 1 else f", at {note.span}"
        times = f" ({note.count} times)" if note.count > 1 else ""
        yield printable(f"  {note.reason}{times}{first if note.span else ''}")
    if len(report.notes) > len(listed):
        yield f"  and {len(report.notes) - len(listed)} more reasons (-v shows them)"
    yield ""


def _summary(report: Report, look: Look) -> Iterator[str]:
    shown = report.judged(possible=look.possible)
    by_severity = ", ".join(f"{count} {label}" for label, count in counts(shown).items())
    files = _plural(report.files, "file")
    if shown:
        text = _paint(f"{_plural(len(shown), 'finding')} in {files}: {by_severity}", _BOLD, look)
    else:
        text = _paint(f"no findings in {files}", _GREEN, look)
    if report.unreadable:
        unread = len({finding.path for finding in report.unreadable})
        text += f"; {_plural(unread, 'file')} could not be read"
    hidden = len(report.judged(possible=True)) - len(shown)
    if hidden:
        text += f" (and {hidden} possible: --certainty possible shows them)"
    yield text


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _paint(text: str, code: str, look: Look) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if look.color and text.strip() else text
