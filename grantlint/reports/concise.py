"""One line a finding, for grep, editors and diffs: nothing before, between or behind them.

`path:line:column: severity rule: message`, never in colour, always with a line and a column: what
has no place in its file is shown at its beginning. `error` stands for the severity of a file that
could not be read, and `(possible)` behind that of a possible finding.
"""

from __future__ import annotations

from grantlint.finding import Finding, Report
from grantlint.reports import Look
from grantlint.reports.snippet import printable


def render(report: Report, look: Look) -> str:
    """A line for each finding that counts, in the order of the report."""
    return "".join(f"{line(finding)}\n" for finding in report.findings if look.counts(finding))


def line(finding: Finding, path: str | None = None) -> str:
    """The line of a finding, without its end; `path` in the place of its own."""
    at = (finding.span.line, finding.span.column) if finding.span else (1, 1)
    place = f"{path or finding.path}:{at[0]}:{at[1]}"
    kind = finding.severity.label if finding.severity else "error"
    kind += "" if finding.certain else " (possible)"
    return printable(f"{place}: {kind} {finding.rule}: {finding.message}")
