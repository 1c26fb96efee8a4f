"""The report for people: each finding with its source, a summary, what could not be evaluated.

The first line of a finding is `file:line:column: severity rule: message`, which editors and CI
logs make a link of. Why it matters and how to fix it are said once a rule. Quiet, these first
lines are all there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grantlint.finding import Finding, Report, counts
from grantlint.fix import Applicability, diff
from grantlint.model import NOT_HERE, Note
from grantlint.place import Place
from grantlint.reports import Look
from grantlint.reports.alike import Alike, alike
from grantlint.reports.snippet import WIDTH, printable, snippet
from grantlint.rule import Rule, Severity
from grantlint.source import Span

MOST_NOTES = 10
MOST_HEADS = 10  # of findings that share their source
MOST_ADDRESSES = 5

_COLORS = {
    Severity.CRITICAL: "1;35",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
}
_BOLD, _DIM, _BLUE, _RED, _GREEN = "1", "2", "1;34", "1;31", "1;32"
_DIFF = {"+": "32", "-": "31", "@": "36"}


def render(report: Report, look: Look) -> str:
    """The whole report; each line ends with a line break."""
    shown = [f for f in report.findings if f.severity is None or f.certain or look.possible]
    if look.quiet:
        return "".join(f"{_head(finding, look)}\n" for finding in shown)
    rules = {rule.id: rule for rule in report.rules}
    lines: list[str] = []
    for group in alike(shown):
        lines += _group(group, look)
        rule = rules.pop(group.first.rule, None)
        if rule is not None:
            lines += _explanation(rule, _gutter(group.first), look)
        if look.fixes:
            lines += _fixes(group, look)
        lines.append("")
    lines += _summary(report, look)
    if look.fixes:
        lines.append(_fixable(shown))
    lines += _notes(report, look)
    return "\n".join(lines) + "\n"


# -- findings ------------------------------------------------------------------------------


def _group(group: Alike, look: Look) -> Iterator[str]:
    listed = group.heads if look.verbose else group.heads[:MOST_HEADS]
    for head in listed:
        yield _head(head, look)
    if len(group.heads) > len(listed):
        yield f"and {len(group.heads) - len(listed)} more of this rule here (-v shows them)"
    first = group.first
    gutter = _gutter(first)
    if first.span and first.span.source.data:
        worst = max(finding.severity or 0 for finding in group.findings)
        mark = _COLORS[Severity(worst)] if worst else _RED
        yield from _source(first.span, gutter, look, mark=mark)
    for related in first.related:
        yield from _related(related, gutter, look)
    if group.unnamed:
        label = "also" if group.some_named else "in"
        yield _labelled(label, _listed(group.unnamed, look), gutter, look)
    if first.construct is not None and first.construct != first.address:
        yield _labelled("made by", first.construct, gutter, look)
    if group.calls:
        yield _labelled("also at", _listed(group.calls, look), gutter, look)


def _head(finding: Finding, look: Look) -> str:
    place = _paint(printable(str(finding.span or finding.path)), _BOLD, look)
    if finding.severity is None:
        kind = _paint("error", _RED, look)
    else:
        kind = _paint(finding.severity.label, _COLORS[finding.severity], look)
        kind += "" if finding.certain else _paint(" (possible)", _DIM, look)
    return f"{place}: {kind} {printable(finding.rule)}: {printable(finding.message)}"


def _related(place: Place, gutter: int, look: Look) -> Iterator[str]:
    arrow = _paint(" " * gutter + " :::", _BLUE, look)
    yield f"{arrow} {printable(str(place.span))}: {printable(place.text)}"
    yield from _source(place.span, gutter, look, mark=_BLUE)


def _source(span: Span, gutter: int, look: Look, *, mark: str) -> Iterator[str]:
    bar = _paint("|", _BLUE, look)
    room = WIDTH if look.columns is None else min(WIDTH, look.columns - gutter - len(" | "))
    yield f"{' ' * gutter} {bar}"
    for number, kind, text in snippet(span, gutter, room):
        shown = _paint(text, mark, look) if kind == "carets" else text
        left = _paint(number.rjust(gutter), _BLUE, look)
        yield f"{left} {bar} {shown}".rstrip()


def _listed(addresses: Sequence[str], look: Look) -> str:
    listed = addresses if look.verbose else addresses[:MOST_ADDRESSES]
    rest = len(addresses) - len(listed)
    return ", ".join(listed) + (f" and {rest} more (-v shows them)" if rest else "")


def _explanation(rule: Rule, gutter: int, look: Look) -> Iterator[str]:
    said = {
        "why": _first_sentence(rule.section("Why it matters")),
        "fix": _first_sentence(rule.section("How to fix it")),
        "more": f"grantlint explain {rule.id} {rule.given_by}".rstrip(),
    }
    for label, text in said.items():
        if text:
            yield _labelled(label, text, gutter, look)


def _fixes(group: Alike, look: Look) -> Iterator[str]:
    """The diff of each fix of these findings, once."""
    fixes = {one.fix.edits: one.fix for one in group.findings if one.fix is not None}
    for fix in fixes.values():
        how = "" if fix.applicability is Applicability.SAFE else f" ({fix.applicability.value})"
        yield _labelled("change", f"{fix.title}{how}", _gutter(group.first), look)
        for line in diff(fix):
            yield _paint(printable(line), _DIFF.get(line[:1], ""), look)


def _fixable(shown: Sequence[Finding]) -> str:
    """How many of the findings can be mended, and how."""
    fixes = [one.fix for one in shown if one.fix is not None]
    safe = sum(fix.applicability is Applicability.SAFE for fix in fixes)
    if not fixes:
        return "no fixes"
    said = [f"{safe} with --fix"] if safe else []
    if len(fixes) > safe:
        more = " more" if safe else ""
        said.append(f"{len(fixes) - safe}{more} with --fix --unsafe-fixes")
    return f"{_plural(len(fixes), 'finding')} can be fixed: {', '.join(said)}"


def _labelled(label: str, text: str, gutter: int, look: Look) -> str:
    equals = _paint("=", _BLUE, look)
    return f"{' ' * gutter} {equals} {_paint(label, _BOLD, look)}: {printable(text)}"


def _first_sentence(text: str) -> str:
    end = text.find(". ")
    return (text if end == -1 else text[:end]).rstrip(".:").replace("`", "")


def _gutter(finding: Finding) -> int:
    """The width of the longest line number that the finding shows."""
    spans = [place.span for place in finding.related]
    spans += [finding.span] if finding.span else []
    return max((len(str(span.end_line)) for span in spans), default=1)


# -- the end -------------------------------------------------------------------------------


def _summary(report: Report, look: Look) -> Iterator[str]:
    shown = report.judged(possible=look.possible)
    found = _plural(len(shown), "finding") if shown else "no findings"
    judged = f"{_plural(report.keys, 'key')}, {_plural(report.grants, 'grant')}"
    if report.identities:
        judged += f", {report.identities} IAM {'policy' if report.identities == 1 else 'policies'}"
    text = f"{found} in {_plural(report.files, 'file')} ({judged})"
    if not report.files:
        text = "no files were read"
    unread = len({finding.path for finding in report.unreadable})
    text = _paint(text, _BOLD if shown or unread or not report.files else _GREEN, look)
    if shown:
        text += ": " + ", ".join(
            _paint(f"{count} {label}", _COLORS[Severity[label.upper()]], look)
            for label, count in counts(shown).items()
        )
    if unread:
        text += f"; {_plural(unread, 'file')} could not be read"
    hidden = len(report.judged(possible=True)) - len(shown)
    if hidden:
        them = "it" if hidden == 1 else "them"
        text += f"; {hidden} possible: --certainty possible shows {them}"
    yield text


def _notes(report: Report, look: Look) -> Iterator[str]:
    if not report.notes:
        return
    places = sum(note.count for note in report.notes)
    yield ""
    yield _paint(f"not evaluated, in {_plural(places, 'place')}:", _BOLD, look)
    notes = report.notes if look.verbose else _missing_together(report.notes)
    listed = notes if look.verbose else notes[:MOST_NOTES]
    for note in listed:
        first = f", first at {note.span}" if note.count > 1 else f", at {note.span}"
        times = f" ({note.count} times)" if note.count > 1 else ""
        yield printable(f"  {note.reason.removesuffix('.')}{times}{first if note.span else ''}")
    if len(notes) > len(listed):
        yield f"  and {_plural(len(notes) - len(listed), 'more reason')} (-v shows them)"


def _missing_together(notes: Sequence[Note]) -> Sequence[Note]:
    """The notes with one for all modules that are not there, where the first of them stands."""
    missing = [note for note in notes if note.reason.endswith(NOT_HERE)]
    if len(missing) < 2:
        return notes
    count = sum(note.count for note in missing)
    reason = f"{len(missing)} modules (-v lists them) are{NOT_HERE.removeprefix(' is')}"
    together = Note(reason, count, missing[0].span)
    rest = set(map(id, missing[1:]))
    return [together if note is missing[0] else note for note in notes if id(note) not in rest]


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _paint(text: str, code: str, look: Look) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if look.color and code and text.strip() else text
