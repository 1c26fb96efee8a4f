"""One finding as a result of SARIF, suppressed or not."""

from __future__ import annotations

import re

from grantlint.finding import Acceptance, Finding, Suppression
from grantlint.fix import Applicability, Edit, Fix
from grantlint.place import Place
from grantlint.reports import Look
from grantlint.reports.accepted import reasons
from grantlint.reports.sarif.descriptors import LEVELS
from grantlint.reports.sarif.places import artifact, physical, region
from grantlint.reports.snippet import printable
from grantlint.rule import Severity

MOST_PLACES = 999
"""Places of a result beside its own: more than 1,000 make GitHub refuse the file."""

_IN_SOURCE = frozenset({Acceptance.COMMENT, Acceptance.METADATA})
_LINK = re.compile(r"\](?=\()")


def result(finding: Finding, index: int, by: Suppression | None, look: Look) -> dict[str, object]:
    """The `result` of a finding; `index` is that of its rule."""
    severity = finding.severity or Severity.HIGH
    related = finding.related[:MOST_PLACES]
    found: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "kind": "fail",
        "level": LEVELS[severity],
        "message": text(finding.message if finding.certain else f"possible: {finding.message}"),
        "locations": [_own(finding, look)],
        "partialFingerprints": {"grantlint/v1": finding.fingerprint},
        "suppressions": _suppressions(by, look),
        "properties": {"severity": severity.label, "certain": finding.certain},
    }
    if related:
        found["relatedLocations"] = [
            {"id": number, **_other(place, look)} for number, place in enumerate(related, start=1)
        ]
    trail = [place for place in related if place.address is None]
    if trail:
        steps = [{"location": _own(finding, look)}]
        steps += [{"location": _other(place, look)} for place in trail]
        found["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.fix is not None:
        found["fixes"] = [_fix(finding.fix, look)]
    return found


def text(said: str) -> dict[str, object]:
    """A message of one line; what a file says becomes no link in it."""
    return {"text": _LINK.sub("] ", printable(said))}


def _own(finding: Finding, look: Look) -> dict[str, object]:
    """The place of a finding, with the object that it is about."""
    names = {"resource": finding.address, "construct": finding.construct}
    logical = [
        {"fullyQualifiedName": printable(name), "kind": kind}
        for kind, name in names.items()
        if name
    ]
    found: dict[str, object] = {"physicalLocation": physical(finding.path, finding.span, look)}
    return {**found, "logicalLocations": logical} if logical else found


def _other(place: Place, look: Look) -> dict[str, object]:
    found: dict[str, object] = {"physicalLocation": physical(place.span.path, place.span, look)}
    if place.address is not None:
        name = printable(place.address)
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return {**found, "message": text(place.text)} if place.text else found


def _suppressions(by: Suppression | None, look: Look) -> list[dict[str, object]]:
    """None for a finding that counts, nor for one that was there before: nobody has accepted it."""
    if by is None or by.kind is Acceptance.UNCHANGED:
        return []
    found: dict[str, object] = {
        "kind": "inSource" if by.kind in _IN_SOURCE else "external",
        "status": "accepted",
    }
    said = "; ".join(reasons(by))
    if said:
        found["justification"] = printable(said)
    if by.span is not None:
        found["location"] = {"physicalLocation": physical(by.span.path, by.span, look)}
    return [found]


def _fix(fix: Fix, look: Look) -> dict[str, object]:
    safe = fix.applicability is Applicability.SAFE
    changes = [
        {
            "artifactLocation": artifact(source.path, look),
            "replacements": [
                _replacement(edit) for edit in fix.edits if edit.span.path == source.path
            ],
        }
        for source in fix.sources
    ]
    said = text(fix.title if safe else f"{fix.title} ({fix.applicability.value})")
    return {"description": said, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, object]:
    inserted = {"insertedContent": {"text": edit.text}} if edit.text else {}
    return {"deletedRegion": region(edit.span), **inserted}
