"""The report as a pull request's comment: what is found, the worst first, the rest folded.

The first line is a comment by which the next run finds the comment that it replaces. A comment of
GitHub's has 65,536 characters: what does not fit is told in a line each without its source, then,
from the least severe on, counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from grantlint.finding import Acceptance, Finding, Report, Suppressed
from grantlint.fix import Applicability, diff
from grantlint.place import Place
from grantlint.reports import Look, words
from grantlint.reports.accepted import accepted, tally
from grantlint.reports.advice import more, remedy, why
from grantlint.reports.alike import Alike, alike, worst_first
from grantlint.reports.gfm import address, block, code, details, link, said
from grantlint.reports.paths import inside, shown
from grantlint.reports.snippet import cut, printable_line, snippet
from grantlint.reports.words import plural
from grantlint.rule import Rule, Severity
from grantlint.source import Span

MARKER = "<!-- grantlint -->"
MOST = 65_536
"""Characters of a comment; counted as bytes, of which there are never fewer."""

_MARKS = {
    Severity.CRITICAL: "🟣",
    Severity.HIGH: "🔴",
    Severity.MEDIUM: "🟠",
    Severity.LOW: "🔵",
    None: "⚠️",
}
_MOST_HEADS = 10
_MOST_ADDRESSES = 5
_AS_A_WHOLE = frozenset({Acceptance.BASELINE, Acceptance.UNCHANGED})
"""What nobody has accepted for itself, and no reader of a change asks for."""
_MOST_LISTED = 50  # of suppressed findings and of reasons why something was not evaluated
_MOST_CHANGED = 60  # lines of a diff


def render(report: Report, look: Look) -> str:
    """The comment; it ends with a line break."""
    return page(report, look, MOST)


def page(report: Report, look: Look, most: int) -> str:
    """The report in Markdown with at most so many bytes as UTF-8, "" if that is too few."""
    visible = [f for f in report.findings if f.severity is None or f.certain or look.possible]
    groups = worst_first(alike(visible))
    groups.sort(key=lambda group: group.severity is not None)
    head, end = _head(report, look), _end(report, look)
    room = most - _size(head) - _size(end) - _size(_left_out(groups))
    if room < 0:
        end, room = [], room + _size(end)
    told = _fitting(groups, {rule.id: rule for rule in report.rules}, look, room)
    lines = [*head, *(line for one in told for line in one), *_left_out(groups[len(told) :]), *end]
    return "\n".join(lines) + "\n" if _size(lines) <= most else ""


def _fitting(
    groups: Sequence[Alike], rules: dict[str, Rule], look: Look, room: int
) -> list[list[str]]:
    """As many groups as there is room for, those in front with all that there is to say."""
    told = [_brief(group, look) for group in groups]
    fits = sum(size <= room for size in accumulate(_size(one) for one in told))
    room -= sum(_size(one) for one in told[:fits])
    for number, group in enumerate(groups[:fits]):
        whole = [*told[number], *_folded(group, rules.get(group.first.rule), look), ""]
        room -= _size(whole) - _size(told[number])
        if room < 0:
            break
        told[number] = whole
    return told[:fits]


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


# -- the whole -----------------------------------------------------------------------------


def _head(report: Report, look: Look) -> list[str]:
    counted = words.by_severity(report, possible=look.possible)
    worst = next((Severity[label.upper()] for label in counted), None)
    unread = words.unread(report)
    mark = "✅" if worst is None and not unread and report.files else _MARKS[worst]
    title = words.found(report, possible=look.possible) if report.files else "no files were read"
    if unread:
        title += f", {plural(unread, 'file')} could not be read"
    each = " · ".join(f"{count} {label}" for label, count in counted.items())
    lines = [MARKER, f"## {mark} grantlint: {title}", ""]
    lines.append(f"{f'**{each}** ' if each else ''}in {words.read(report)}")
    hidden = words.hidden(report, possible=look.possible)
    if hidden:
        them = "it" if hidden == 1 else "them"
        lines += ["", f"{hidden} possible: `--certainty possible` shows {them}"]
    return [*lines, ""]


def _left_out(groups: Sequence[Alike]) -> list[str]:
    if not groups:
        return []
    left = sum(len(group.findings) for group in groups)
    verb = "does" if left == 1 else "do"
    return [f"**{plural(left, 'more finding')}**, none of them worse, {verb} not fit here.", ""]


def _end(report: Report, look: Look) -> list[str]:
    lines: list[str] = []
    if report.suppressed:
        summary = f"{len(report.suppressed)} suppressed: {tally(report.suppressed)}"
        each = [one for one in report.suppressed if one.by.kind not in _AS_A_WHOLE]
        listed = [_suppressed(one, look) for one in each[:_MOST_LISTED]]
        lines += details(summary, _cut_off(listed, len(each))) if each else [summary]
    if report.notes:
        places = sum(note.count for note in report.notes)
        notes = words.missing_together(report.notes)
        listed = []
        for note in notes[:_MOST_LISTED]:
            at = f", {'first ' if note.count > 1 else ''}at {_linked(note.span, look)}"
            listed.append(f"- {said(words.unevaluated(note))}{at if note.span else ''}")
        summary = f"Not evaluated, in {plural(places, 'place')}"
        lines += ["", *details(summary, _cut_off(listed, len(notes)))]
    return lines


def _cut_off(listed: list[str], count: int) -> list[str]:
    rest = count - len(listed)
    return [*listed, f"- and {rest} more"] if rest else listed


def _suppressed(one: Suppressed, look: Look) -> str:
    found = one.finding
    severity = f" {found.severity.label}" if found.severity else ""
    place = _linked(found.span, look) if found.span else code(shown(found.path, look))
    by = said(accepted(one, lambda path: shown(path, look)))
    reason = f": {said(one.by.reason)}" if one.by.reason else ""
    return f"- {place}{severity} {code(found.rule)}: {said(found.message)}<br>{by}{reason}"


# -- findings ------------------------------------------------------------------------------


def _brief(group: Alike, look: Look) -> list[str]:
    """What is wrong, and where: all that is seen without unfolding."""
    first, severity = group.first, group.severity
    label = severity.label if severity else "error"
    possible = "" if group.certain else " (possible)"
    place = _linked(first.span, look) if first.span else code(shown(first.path, look))
    lines = [f"#### {_MARKS[severity]} {label}{possible}: {code(first.rule)}", ""]
    heads = [said(one.message) for one in group.heads]
    if len(heads) == 1:
        lines += [heads[0], "", place]
    else:
        lines += [f"- {text}" for text in _cut_off(heads[:_MOST_HEADS], len(heads))]
        lines += ["", place]
    return [*lines, ""]


def _folded(group: Alike, rule: Rule | None, look: Look) -> list[str]:
    """The source, why it matters, how to fix it."""
    lines = list(_places(group, look))
    if rule is not None:
        advice = {"Why": why(rule), "How to fix it": remedy(rule, group.first)}
        for label, text in advice.items():
            if text:
                lines += ["", f"**{label}:** {said(text)}."]
    fixes = {one.fix.edits: one.fix for one in group.findings if one.fix is not None}
    for fix in fixes.values():
        how = "safe" if fix.applicability is Applicability.SAFE else "suggested"
        lines += ["", f"**A change that mends it** ({how}): {said(fix.title)}", ""]
        changed = [printable_line(line) for line in diff(fix)]
        rest = len(changed) - _MOST_CHANGED
        changed = changed[:_MOST_CHANGED] + ([f"… {rest} more lines"] if rest > 0 else [])
        lines += block((cut(line, 500) for line in changed), "diff")
    if rule is not None:
        lines += ["", f"More: {code(more(rule))}"]
    return details("The source, why it matters, how to fix it", lines)


def _places(group: Alike, look: Look) -> Iterator[str]:
    first = group.first
    if first.span and first.span.source.data:
        yield from block(_source(first.span))
    for place in first.related:
        yield from _related(place, look)
    label = "Also" if group.some_named else "In"
    for what, names in {label: group.unnamed, "Also at": group.calls}.items():
        if names:
            listed = ", ".join(code(name) for name in names[:_MOST_ADDRESSES])
            rest = len(names) - _MOST_ADDRESSES
            yield from ("", f"{what}: {listed}{f' and {rest} more' if rest > 0 else ''}")
    if _made_elsewhere(first):
        yield from ("", f"Made by {code(first.construct or '')}")


def _made_elsewhere(finding: Finding) -> bool:
    return finding.construct is not None and finding.construct != finding.address


def _related(place: Place, look: Look) -> Iterator[str]:
    yield from ("", f"{said(place.text)}, {_linked(place.span, look)}:", "")
    yield from block(_source(place.span))


def _source(span: Span) -> Iterator[str]:
    gutter = max(len(str(span.end_line)), 1)
    for number, _, text in snippet(span, gutter):
        yield f"{number.rjust(gutter)} | {text}".rstrip()


def _linked(span: Span | None, look: Look) -> str:
    """A place that leads to its lines: on the server that shows them, else from the repository."""
    if span is None:
        return ""
    path = inside(span.path, look)
    label = code(f"{shown(span.path, look)}:{span.line}")
    if path is None or not span.source.data:
        return label
    ends_before = span.end_line > span.line and span.end_column == 1
    last = span.end_line - 1 if ends_before else span.end_line
    lines = f"#L{span.line}" + (f"-L{last}" if last > span.line else "")
    base = f"{look.blob}/" if look.blob else ""
    return link(label, f"{base}{address(path)}{lines}")
