"""The report for people: each finding with its source, a summary, what could not be evaluated.

The first line of a finding is `file:line:column: severity rule: message`, which editors and CI
logs make a link of. Why it matters and how to fix it are said once a rule. Quiet, these first
lines are all there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grantlint.finding import Finding, Report, Suppressed
from grantlint.fix import Applicability, diff
from grantlint.place import Place
from grantlint.reports import Look, words
from grantlint.reports.accepted import accepted, tally
from grantlint.reports.advice import more, remedy, why
from grantlint.reports.alike import Alike, alike
from grantlint.reports.snippet import WIDTH, printable, printable_line, snippet
from grantlint.reports.terminal import file_url, linked
from grantlint.reports.words import plural
from grantlint.rule import Rule, Severity
from grantlint.source import Span

MOST_NOTES = 10
MOST_HEADS = 10  # of findings that share their source
MOST_ADDRESSES = 5
MANY = 10  # groups of findings that nobody mends before the next change

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
    groups = alike(shown)
    for group in groups:
        lines += _group(group, look)
        rule = rules.pop(group.first.rule, None)
        if rule is not None:
            lines += _explanation(rule, group.first, look)
        if look.fixes:
            lines += _fixes(group, look)
        lines.append("")
    lines += _summary(report, look)
    if look.fixes:
        lines.append(_fixable(shown))
    lines += _suppressed(report.suppressed, look)
    lines += _notes(report, look)
    if look.hint and len(groups) >= MANY and not report.suppressed:
        lines += ["", _NEXT]
    return "\n".join(lines) + "\n"


_NEXT = "next: `grantlint baseline write` accepts these, so that only what is new is reported"


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
    place = _paint(_place(finding.span or finding.path, look), _BOLD, look)
    if finding.severity is None:
        kind = _paint("error", _RED, look)
    else:
        kind = _paint(finding.severity.label, _COLORS[finding.severity], look)
        kind += "" if finding.certain else _paint(" (possible)", _DIM, look)
    return f"{place}: {kind} {printable(finding.rule)}: {printable(finding.message)}"


def _related(place: Place, gutter: int, look: Look) -> Iterator[str]:
    arrow = _paint(" " * gutter + " :::", _BLUE, look)
    yield f"{arrow} {_place(place.span, look)}: {printable(place.text)}"
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


def _explanation(rule: Rule, finding: Finding, look: Look) -> Iterator[str]:
    gutter = _gutter(finding)
    for label, text in {"why": why(rule), "fix": remedy(rule, finding)}.items():
        if text:
            yield _labelled(label, text, gutter, look)
    page = next(iter(rule.references), "")
    yield _labelled("more", more(rule), gutter, look, page)


def _fixes(group: Alike, look: Look) -> Iterator[str]:
    """The diff of each fix of these findings, once."""
    fixes = {one.fix.edits: one.fix for one in group.findings if one.fix is not None}
    for fix in fixes.values():
        how = "" if fix.applicability is Applicability.SAFE else f" ({fix.applicability.value})"
        yield _labelled("change", f"{fix.title}{how}", _gutter(group.first), look)
        for line in diff(fix):
            yield _paint(printable_line(line), _DIFF.get(line[:1], ""), look)


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
    return f"{plural(len(fixes), 'finding')} can be fixed: {', '.join(said)}"


def _labelled(label: str, text: str, gutter: int, look: Look, url: str = "") -> str:
    equals = _paint("=", _BLUE, look)
    said = linked(printable(text), url, look) if url else printable(text)
    return f"{' ' * gutter} {equals} {_paint(label, _BOLD, look)}: {said}"


def _place(place: Span | str, look: Look) -> str:
    """A place as editors and logs know it; where a terminal has links, one to the file."""
    path = place if isinstance(place, str) else place.path
    shown = printable(str(place))
    if shown.lstrip().startswith("::"):  # else a command to the log of GitHub
        shown = f"./{shown}"
    return linked(shown, file_url(path), look) if look.links else shown


def _gutter(finding: Finding) -> int:
    """The width of the longest line number that the finding shows."""
    spans = [place.span for place in finding.related]
    spans += [finding.span] if finding.span else []
    return max((len(str(span.end_line)) for span in spans), default=1)


# -- the end -------------------------------------------------------------------------------


def _summary(report: Report, look: Look) -> Iterator[str]:
    counted = words.by_severity(report, possible=look.possible)
    unread = words.unread(report)
    text = f"{words.found(report, possible=look.possible)} in {words.read(report)}"
    if not report.files:
        text = "no files were read"
    text = _paint(text, _BOLD if counted or unread or not report.files else _GREEN, look)
    if counted:
        text += ": " + ", ".join(
            _paint(f"{count} {label}", _COLORS[Severity[label.upper()]], look)
            for label, count in counted.items()
        )
    if unread:
        text += f"; {plural(unread, 'file')} could not be read"
    hidden = words.hidden(report, possible=look.possible)
    if hidden:
        them = "it" if hidden == 1 else "them"
        text += f"; {hidden} possible: --certainty possible shows {them}"
    yield text


def _suppressed(suppressed: Sequence[Suppressed], look: Look) -> Iterator[str]:
    """How many findings are accepted by what; one by one, with the reasons, if all is asked for."""
    if not suppressed:
        return
    listed = ":" if look.verbose else " (-v lists them)"
    yield f"{_paint(f'{len(suppressed)} suppressed', _BOLD, look)}: {tally(suppressed)}{listed}"
    if not look.verbose:
        return
    for one in suppressed:
        yield f"  {_head(one.finding, look)}"
        reason = f": {one.by.reason}" if one.by.reason else ""
        yield printable(f"    {accepted(one)}{reason}")


def _notes(report: Report, look: Look) -> Iterator[str]:
    if not report.notes:
        return
    yield ""
    places = sum(note.count for note in report.notes)
    yield _paint(f"not evaluated, in {plural(places, 'place')}:", _BOLD, look)
    notes = report.notes if look.verbose else words.missing_together(report.notes)
    listed = notes if look.verbose else notes[:MOST_NOTES]
    for note in listed:
        first = ", first at " if note.count > 1 else ", at "
        said = f"  {words.unevaluated(note)}{f'{first}{note.span}' if note.span else ''}"
        yield printable_line(said)
    if len(notes) > len(listed):
        yield f"  and {plural(len(notes) - len(listed), 'more reason')} (-v shows them)"


def _paint(text: str, code: str, look: Look) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if look.color and code and text.strip() else text
