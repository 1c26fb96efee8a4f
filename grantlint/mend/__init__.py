"""Fixes applied: written to the files, judged again, and taken back where that goes wrong.

In rounds: all fixes that do not overlap are made at once, then everything is read and judged
again. If anything but what was meant has changed, the files get their old text back, and the same
fixes are made one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from grantlint.check import judge
from grantlint.finding import Finding, Report
from grantlint.fix import Applicability, Edit, overlap
from grantlint.mend.unchanged import surprise
from grantlint.mend.writing import tried

if TYPE_CHECKING:
    from grantlint.check import Terms
    from grantlint.model import Inventory
    from grantlint.parsers.settings import Options

MOST_ROUNDS: Final = 100

Judging = Callable[[], "tuple[Report, Inventory]"]


@dataclass(slots=True)
class Mended:
    """What came of it: the findings that are gone, and of the others why they are not.

    `report` is what is found now.
    """

    report: Report
    applied: list[Finding] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many files were changed."""
        fixes = (one.fix for one in self.applied if one.fix is not None)
        return len({source.path for fix in fixes for source in fix.sources})


def applicable(finding: Finding, *, unsafe: bool) -> bool:
    """Whether a finding has a fix that may be applied."""
    fix = finding.fix
    return fix is not None and (unsafe or fix.applicability is Applicability.SAFE)


def mend(
    paths: Sequence[str],
    options: Options,
    terms: Terms,
    progress: Callable[[str], None],
    *,
    unsafe: bool,
) -> Mended:
    """Apply the fixes of everything that is found; the suggested ones too if `unsafe`."""

    def again() -> tuple[Report, Inventory]:
        return judge(paths, options, terms, progress)

    report, inventory = again()
    mended = Mended(report)
    given_up: set[str] = set()
    one_by_one: set[str] = set()
    for _ in range(MOST_ROUNDS):
        chosen = _chosen(mended.report, given_up, one_by_one, unsafe=unsafe)
        if not chosen:
            break
        fault, after = _tried(chosen, (mended.report, inventory), again)
        if after is not None:
            mended.report, inventory = after
            mended.applied += chosen
        elif len({one.fix.edits for one in chosen if one.fix is not None}) > 1:
            one_by_one.update(finding.fingerprint for finding in chosen)
        else:
            given_up.update(finding.fingerprint for finding in chosen)
            mended.refused += [(finding, fault) for finding in chosen]
    return mended


def _chosen(
    report: Report, given_up: set[str], one_by_one: set[str], *, unsafe: bool
) -> list[Finding]:
    """Fixes that can be made at once; where one of `one_by_one` is left, that one alone.

    Findings with the very same edits are one: instances of a block, or two rules that agree.
    """
    left = [
        finding
        for finding in report.findings
        if applicable(finding, unsafe=unsafe) and finding.fingerprint not in given_up
    ]
    alone = next((one for one in left if one.fingerprint in one_by_one), None)
    chosen: list[Finding] = []
    made: list[Edit] = []
    for finding in left if alone is None else [alone, *left]:
        edits = finding.fix.edits if finding.fix is not None else ()
        fits = not any(overlap(edit, other) for edit in edits for other in made)
        if finding not in chosen and (set(edits) == set(made) if alone and made else fits):
            chosen.append(finding)
            made += [edit for edit in edits if edit not in made]
    return chosen


def _tried(
    chosen: Sequence[Finding], before: tuple[Report, Inventory], again: Judging
) -> tuple[str, tuple[Report, Inventory] | None]:
    """Make the fixes; why they were taken back, or what is found behind them."""
    edits = [edit for one in chosen if one.fix is not None for edit in one.fix.edits]
    return tried(edits, again, lambda after: surprise(before, after, chosen))
