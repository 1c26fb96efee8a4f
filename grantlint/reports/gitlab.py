"""GitLab's code quality report: an array with what counts, shown in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format. GitLab stops reading at
the first entry that is not as it must be, and knows entries by their fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from grantlint.finding import Finding, Report
from grantlint.reports import Look
from grantlint.reports.paths import shown
from grantlint.reports.snippet import printable
from grantlint.rule import Severity

_SEVERITIES = {
    Severity.LOW: "minor",
    Severity.MEDIUM: "major",
    Severity.HIGH: "critical",
    Severity.CRITICAL: "blocker",
}
_UNREADABLE = "blocker"
"""What was not read may hide anything."""


def render(report: Report, look: Look) -> str:
    """The array as JSON text, all ASCII, which ends with a line break."""
    seen: Counter[str] = Counter()
    found = []
    for finding in report.findings:
        if look.counts(finding):
            known = _fingerprint(finding)
            seen[known] += 1
            again = f"{known}-{seen[known]}" if seen[known] > 1 else known
            found.append(_entry(finding, again, look))
    return json.dumps(found, indent=2) + "\n"


def _entry(finding: Finding, fingerprint: str, look: Look) -> dict[str, object]:
    said = finding.message if finding.certain else f"possible: {finding.message}"
    severity = _SEVERITIES[finding.severity] if finding.severity else _UNREADABLE
    return {
        "description": printable(said),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": shown(finding.path, look),
            "lines": {"begin": finding.span.line if finding.span else 1},
        },
    }


def _fingerprint(finding: Finding) -> str:
    """The finding's own; that of a file that could not be read is of its path and the reason."""
    if finding.fingerprint:
        return finding.fingerprint
    text = json.dumps([finding.rule, finding.path, finding.message])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
