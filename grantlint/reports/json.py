"""The report for programs; `findings.schema.json` beside this module describes it.

All findings are in it, the possible ones too: `certain` tells them apart.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files

from grantlint.finding import Acceptance, Finding, Report, Suppressed, counts
from grantlint.fix import Fix
from grantlint.model import Note
from grantlint.reports import Look
from grantlint.source import Span

VERSION = 1


def schema() -> str:
    """The JSON Schema of the report, as text."""
    return files("grantlint.reports").joinpath("findings.schema.json").read_text("utf-8")


def render(report: Report, look: Look) -> str:
    """The whole report as JSON text, all ASCII, which ends with a line break."""
    del look
    document = {
        "version": VERSION,
        "findings": [finding(one) for one in report.findings],
        "suppressed": [accepted(one) for one in report.suppressed],
        "notes": [note(one) for one in report.notes],
        "summary": summary(report),
    }
    return json.dumps(document, indent=2) + "\n"


def summary(report: Report) -> dict[str, object]:
    """How much was read, and how many findings of which kind there are."""
    by = Counter(one.by.kind.value for one in report.suppressed)
    return {
        "files": report.files,
        "keys": report.keys,
        "grants": report.grants,
        "identities": report.identities,
        "unreadable": len({finding.path for finding in report.unreadable}),
        "certain": counts(report.judged(possible=False)),
        "possible": counts([f for f in report.findings if f.severity and not f.certain]),
        "suppressed": len(report.suppressed),
        "suppressed_by": {kind.value: by[kind.value] for kind in Acceptance if by[kind.value]},
    }


def finding(finding: Finding) -> dict[str, object]:
    """A finding with all its places and its fix."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.label if finding.severity else None,
        "certain": finding.certain,
        "exists": finding.exists.name.lower(),
        "message": finding.message,
        "address": finding.address,
        "construct": finding.construct,
        "path": finding.path,
        "span": _span(finding.span),
        "related": [
            {"text": place.text, "address": place.address, "span": _span(place.span)}
            for place in finding.related
        ],
        "fingerprint": finding.fingerprint,
        "fix": _fix(finding.fix) if finding.fix else None,
    }


def accepted(one: Suppressed) -> dict[str, object]:
    """A suppressed finding, and by what."""
    by = one.by
    return {
        **finding(one.finding),
        "suppression": {
            "kind": by.kind.value,
            "reason": by.reason,
            "until": by.until.isoformat() if by.until else None,
            "who": by.who or None,
            "span": _span(by.span),
        },
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [{"span": _span(edit.span), "text": edit.text} for edit in fix.edits],
    }


def note(note: Note) -> dict[str, object]:
    """What could not be evaluated."""
    return {"reason": note.reason, "count": note.count, "span": _span(note.span)}


def _span(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
