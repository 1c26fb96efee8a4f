"""By what acceptances are judged; all that a run needs to know where nothing is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grantlint.suppress.ignore import Ignore


@dataclass(frozen=True, slots=True)
class Accepting:
    """By what acceptances are judged.

    `configured` are those of configurations. Findings of `mandatory` rules are never accepted.
    Without `ignores` nothing that is written accepts anything, and nothing is said of it. `today`
    is None for the day that it is, in UTC.
    """

    configured: tuple[Ignore, ...] = ()
    mandatory: frozenset[str] = frozenset()
    ignores: bool = True
    today: date | None = None

    def day(self) -> date:
        """The day by which ends are judged."""
        return self.today or datetime.now(UTC).date()


ANY = Accepting()
