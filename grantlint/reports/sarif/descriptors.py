"""What SARIF says of the rules themselves: all that were asked, whether they found anything or not.

GitHub takes the severity of an alert from the rule (`security-severity`), and shows its help.
"""

from __future__ import annotations

from collections.abc import Sequence

from grantlint.finding import Report
from grantlint.reports.page import page
from grantlint.rule import Rule, Severity

MOST_TAGS = 20
"""More tags of a rule make GitHub refuse the file."""
MOST_TEXT = 1024
"""Characters of a description that GitHub takes."""

LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_SCORES = {
    Severity.LOW: "2.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""Scores of GitHub's bands: over 9.0 critical, from 7.0 high, from 4.0 medium, below it low."""


def descriptors(report: Report) -> list[dict[str, object]]:
    """The `rules` of the driver, those that were asked first.

    What is found beside them (about suppressions) is described by its id.
    """
    found = [_descriptor(rule) for rule in report.rules]
    known = {rule.id for rule in report.rules}
    findings = [*report.findings, *(one.finding for one in report.suppressed)]
    others = {one.rule: one.severity for one in findings if one.severity}
    found += [_named(id, others[id]) for id in sorted(others.keys() - known)]
    return found


def _descriptor(rule: Rule) -> dict[str, object]:
    why = rule.section("Why it matters") or f"{rule.title}."
    how = rule.section("How to fix it").rstrip(":")  # what it leads to is code
    plain = "\n\n".join(part for part in (f"{rule.title}.", why, how, *rule.references) if part)
    links = (link for link in rule.references if link.startswith("https://"))
    link = next(links, None)
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title[:MOST_TEXT]},
        "fullDescription": {"text": _cut(why)},
        "help": {"text": plain, "markdown": page(rule)},
        **({"helpUri": link} if link else {}),
        **_weight(rule.severity, [*rule.judges, *rule.mappings]),
    }


def _named(id: str, severity: Severity) -> dict[str, object]:
    text = id.replace("-", " ").capitalize()
    said = {"text": text}
    more = _weight(severity, [])
    return {"id": id, "shortDescription": said, "fullDescription": said, "help": said, **more}


def _weight(severity: Severity, tags: Sequence[str]) -> dict[str, object]:
    """How bad it is. A certain finding holds whatever is unknown, hence the precision."""
    return {
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": list(dict.fromkeys(["security", "aws", "kms", *tags]))[:MOST_TAGS],
            "precision": "high",
            "security-severity": _SCORES[severity],
        },
    }


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
