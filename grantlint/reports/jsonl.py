"""The report for programs that read line by line: one JSON object a line.

Each has a `type`: finding, suppressed, note, and at the end one summary. The rest is as in the
json format; `findings.schema.json` describes a line as `$defs/line`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from grantlint.finding import Report
from grantlint.reports import Look
from grantlint.reports.json import VERSION, accepted, finding, note, summary


def render(report: Report, look: Look) -> str:
    """The lines, all ASCII."""
    del look
    return "".join(f"{json.dumps(line)}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[Mapping[str, object]]:
    yield from ({"type": "finding", **finding(one)} for one in report.findings)
    yield from ({"type": "suppressed", **accepted(one)} for one in report.suppressed)
    yield from ({"type": "note", **note(one)} for one in report.notes)
    yield {"type": "summary", "version": VERSION, **summary(report)}
