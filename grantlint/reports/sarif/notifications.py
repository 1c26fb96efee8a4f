"""What a run could not do, in SARIF: notifications of its invocation."""

from __future__ import annotations

from collections.abc import Sequence

from grantlint.finding import Report
from grantlint.reports import Look
from grantlint.reports.sarif.places import physical
from grantlint.reports.sarif.result import text
from grantlint.source import Span

_KINDS = {
    "unreadable-file": "A file could not be read, and was not judged",
    "not-evaluated": "A value is not known, and what depends on it is not certain",
    "left-out": "Something that was found is not among the results",
}


def descriptors() -> list[dict[str, object]]:
    """The `notifications` of the driver."""
    return [{"id": id, "shortDescription": {"text": what}} for id, what in _KINDS.items()]


def invocation(report: Report, left_out: tuple[str, ...], look: Look) -> dict[str, object]:
    """The one invocation. It failed if a file could not be read: the findings are not all."""

    def at(path: str, span: Span | None) -> list[dict[str, object]]:
        return [{"physicalLocation": physical(path, span, look)}]

    said = [
        _notification(
            "unreadable-file", "error", f"{one.path}: {one.message}", at(one.path, one.span)
        )
        for one in report.unreadable
    ]
    said += [_notification("left-out", "warning", what) for what in left_out]
    for note in report.notes:
        times = f" ({note.count} times)" if note.count > 1 else ""
        places = at(note.span.path, note.span) if note.span else []
        said.append(_notification("not-evaluated", "note", note.reason + times, places))
    return {
        "executionSuccessful": not report.unreadable,
        "toolExecutionNotifications": said,
    }


def _notification(
    id: str, level: str, said: str, locations: Sequence[dict[str, object]] = ()
) -> dict[str, object]:
    return {
        "descriptor": {"id": id, "index": list(_KINDS).index(id)},
        "level": level,
        "message": text(said),
        **({"locations": locations} if locations else {}),
    }
