"""What is said of findings that are accepted: how many by what, and who has, why, until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from grantlint.finding import Acceptance, Suppressed, Suppression

_BY: Mapping[Acceptance, tuple[str, str]] = MappingProxyType(
    {
        Acceptance.COMMENT: ("accepted by a comment", "accepted by comments"),
        Acceptance.METADATA: ("accepted by Metadata", "accepted by Metadata"),
        Acceptance.CONFIGURATION: ("accepted by the configuration",) * 2,
        Acceptance.BASELINE: ("in the baseline", "in the baseline"),
        Acceptance.UNCHANGED: ("not new", "not new"),
    }
)
_WHO: Mapping[str, str] = MappingProxyType(
    {"caller": "of the caller", "module": "of the module's author"}
)


def tally(suppressed: Sequence[Suppressed]) -> str:
    """How many are suppressed by what: `2 accepted by comments, 14 in the baseline, 3 not new`."""
    counted = Counter(one.by.kind for one in suppressed)
    return ", ".join(
        f"{counted[kind]} {words[counted[kind] > 1]}"
        for kind, words in _BY.items()
        if counted[kind]
    )


def reasons(by: Suppression) -> list[str]:
    """Why a finding is accepted, until when, and by whom, as far as that is said."""
    said = [by.reason, f"until {by.until.isoformat()}" if by.until else ""]
    said.append(f"accepted by the {by.who}" if by.who else "")
    return [one for one in said if one]


def accepted(one: Suppressed, shown: Callable[[str], str] = str) -> str:
    """By what a finding is accepted, where that stands, whose it is, and for how long.

    `shown` is how the path of a file is written.
    """
    by = one.by
    said = _BY[by.kind][0]
    if by.who:
        said += f" {_WHO.get(by.who, f'of {by.who}')}"
    if by.span is not None and by.kind is not Acceptance.UNCHANGED:
        said += f" at {shown(by.span.path)}:{by.span.line}"
    if by.until is not None:
        said += f" until {by.until.isoformat()}"
    return said
