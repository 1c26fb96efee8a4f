"""The report as commands to the log of a GitHub job, which shows them in a pull request's files.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
GitHub shows of each step the first ten errors, ten warnings and ten notices. So findings of
instances of one block are one annotation, and the worst come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from grantlint.finding import Finding, Report
from grantlint.reports import Look, words
from grantlint.reports.accepted import tally
from grantlint.reports.advice import more, remedy, why
from grantlint.reports.alike import Alike, alike, worst_first
from grantlint.reports.paths import shown
from grantlint.reports.snippet import cut, printable
from grantlint.rule import Rule

MOST = 10
"""Annotations of each level that GitHub shows of a step."""

_MOST_HEADS = 5
_LONGEST = 2000  # characters of a message: a log line of more is hard to read
_LEVELS = ("notice", "warning", "error")


def render(report: Report, look: Look) -> str:
    """A command for each group of findings, and a last line that sums up."""
    rules = {rule.id: rule for rule in report.rules}
    visible = [f for f in report.findings if f.severity is None or f.certain or look.possible]
    unread = [group for group in alike(visible) if group.severity is None]
    groups = [*unread, *worst_first(one for one in alike(visible) if one.severity is not None)]
    lines = [_annotation(group, rules.get(group.first.rule), look) for group in groups]
    left = _left_out(groups)
    if left:
        # The tenth notice of GitHub's is this one.
        last = [at for at, group in enumerate(groups) if _level(group) == "notice"][MOST - 1 :]
        lines.insert(last[0] if last else len(lines), left)
    return "\n".join([*lines, _summary(report, look)]) + "\n"


def _annotation(group: Alike, rule: Rule | None, look: Look) -> str:
    first = group.first
    kind, severity = first.rule, group.severity
    if severity is not None:
        kind = f"{severity.label}: {kind}"
        kind += "" if group.certain else " (possible)"
    return _command(_level(group), {**_place(first, look), "title": kind}, _message(group, rule))


def _level(group: Alike) -> str:
    """Error for critical and high, warning for medium, notice for low; a step less if possible."""
    if group.severity is None:
        return "error"
    level = min(group.severity - 1, 2)
    return _LEVELS[max(level if group.certain else level - 1, 0)]


def _place(finding: Finding, look: Look) -> dict[str, str]:
    """Where it is. GitHub takes columns only if all is on one line."""
    found = {"file": shown(finding.path, look)}
    span = finding.span
    if span is None or not span.source.data:
        return found
    found |= {"line": str(span.line), "endLine": str(max(span.end_line, span.line))}
    if span.line == span.end_line:
        found |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column))}
    return found


def _message(group: Alike, rule: Rule | None) -> str:
    heads = [cut(printable(one.message), _LONGEST) for one in group.heads]
    lines = heads[:_MOST_HEADS]
    if len(heads) > _MOST_HEADS:
        lines.append(f"and {len(heads) - _MOST_HEADS} more of this rule here")
    others = len(group.findings) - len(group.heads)
    if others:
        lines.append(f"also in {words.plural(others, 'more instance')}")
    if rule is not None:
        said = {"Why": why(rule), "Fix": remedy(rule, group.first), "More": more(rule)}
        lines += ["", *(f"{label}: {text}" for label, text in said.items() if text)]
    return "\n".join(lines)


def _left_out(groups: Iterable[Alike]) -> str:
    """A notice that says how many are beyond what GitHub shows, "" if none are."""
    seen: Counter[str] = Counter()
    limits = dict.fromkeys(_LEVELS, MOST)
    levels = [_level(group) for group in groups]
    if all(levels.count(level) <= MOST for level in _LEVELS):
        return ""
    limits["notice"] -= 1
    left: Counter[str] = Counter()
    for group, level in zip(groups, levels, strict=True):
        seen[level] += 1
        if seen[level] > limits[level]:
            left["unreadable" if group.severity is None else group.severity.label] += 1
    said = ", ".join(f"{count} {label}" for label, count in left.items())
    text = f"{sum(left.values())} more are in the log and in the job's summary: {said}"
    return _command("notice", {"title": "grantlint"}, text)


def _summary(report: Report, look: Look) -> str:
    text = f"{words.found(report, possible=look.possible)} in {words.read(report)}"
    counted = words.by_severity(report, possible=look.possible)
    if counted:
        text += ": " + ", ".join(f"{count} {label}" for label, count in counted.items())
    if words.unread(report):
        text += f"; {words.plural(words.unread(report), 'file')} could not be read"
    if report.suppressed:
        text += f"; {len(report.suppressed)} suppressed: {tally(report.suppressed)}"
    return text


# -- commands ------------------------------------------------------------------------------


def _command(name: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    lines: Iterator[str] = (printable(line) for line in text.split("\n"))
    return "\n".join(lines).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
