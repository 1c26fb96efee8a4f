"""SARIF 2.1.0, as GitHub code scanning takes it.

One run. Its rules are all that were asked; its results the findings, the suppressed ones among
them with their `suppressions`; what could not be read or evaluated is in the notifications of its
invocation. Possible findings are results only where they count (`--certainty possible`): GitHub
knows of no doubt, and would hold them against a pull request like any other.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from grantlint import __version__
from grantlint.finding import Acceptance, Finding, Report, Suppression
from grantlint.reports import Look
from grantlint.reports.sarif import notifications
from grantlint.reports.sarif.descriptors import descriptors
from grantlint.reports.sarif.places import roots
from grantlint.reports.sarif.result import MOST_PLACES, result

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST_RESULTS = 25_000
"""More results of a run make GitHub refuse the file. Of these it shows 5,000."""

_One = tuple[Finding, Suppression | None]


def render(report: Report, look: Look) -> str:
    """The whole report as JSON text, all ASCII, which ends with a line break."""
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, look)]}
    return json.dumps(document, indent=2) + "\n"


def _run(report: Report, look: Look) -> dict[str, object]:
    rules = descriptors(report)
    found = _results(report, look)
    kept = _worst(found)
    left_out = tuple(_left_out(report, found, kept, look))
    driver = {
        "name": "grantlint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": rules,
        "notifications": notifications.descriptors(),
    }
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": roots(look),
        "invocations": [notifications.invocation(report, left_out, look)],
        "results": _rendered(kept, [str(rule["id"]) for rule in rules], look),
    }


def _results(report: Report, look: Look) -> list[_One]:
    """The findings that are results, those that count first."""
    found: list[_One] = [(one, None) for one in report.findings if one.severity]
    found += [(one.finding, one.by) for one in report.suppressed]
    return [(finding, by) for finding, by in found if look.counts(finding)]


def _worst(found: Sequence[_One]) -> Sequence[_One]:
    """The worst of them, those before others that nobody has accepted; in the order they have."""
    if len(found) <= MOST_RESULTS:
        return found

    def weight(number: int) -> tuple[bool, bool, int]:
        finding, by = found[number]
        return by is not None, not finding.certain, -(finding.severity or 0)

    return [
        found[number] for number in sorted(sorted(range(len(found)), key=weight)[:MOST_RESULTS])
    ]


def _left_out(
    report: Report, found: Sequence[_One], kept: Sequence[_One], look: Look
) -> Iterator[str]:
    """What is not among the results, in words."""
    less = len(found) - len(kept)
    if less:
        yield f"{less} of {len(found)} findings, the least bad ones: GitHub takes {MOST_RESULTS}"
    long = sum(len(finding.related) > MOST_PLACES for finding, _ in kept)
    if long:
        yield f"related places beyond the first {MOST_PLACES} of a finding, of {long} findings"
    hidden = sum(not look.counts(finding) for finding in report.findings)
    if hidden:
        yield f"{hidden} possible findings: --certainty possible shows them"


def _rendered(kept: Sequence[_One], rules: Sequence[str], look: Look) -> list[dict[str, object]]:
    numbers = {id: number for number, id in enumerate(rules)}
    compared = any(by and by.kind is Acceptance.UNCHANGED for _, by in kept)
    results = []
    for finding, by in kept:
        one = result(finding, numbers[finding.rule], by, look)
        if compared:
            before = by is not None and by.kind is Acceptance.UNCHANGED
            one["baselineState"] = "unchanged" if before else "new"
        results.append(one)
    return results
