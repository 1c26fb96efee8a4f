"""The configurations of a run: which one goes for a directory, and which for the run itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.config.asked import Gate
from grantlint.config.configuration import NO_CONFIGURATION, Configuration, Draft, strangers
from grantlint.config.found import Search
from grantlint.config.profiles import profile_of
from grantlint.rule import Rule, Severity

if TYPE_CHECKING:
    from grantlint.config.mistake import Mistake

_OF_RUN: Final = ("fail-on", "certainty", "policies", "baseline")
"""The keys that go for a whole run."""


def _nothing() -> Collection[str]:
    return ()


class Configurations:
    """What files and `--config` say.

    `given` stands for what would be found; with `isolated` nothing is looked for. `inline` is more
    important than a file, `profile` than what either says of it. A file with mistakes is refused
    with all of them: `own` tells the ids of our own rules as long as nobody knows all (`know`), and
    `others` whether there are rules besides these.
    """

    def __init__(
        self,
        *,
        given: Draft | None = None,
        inline: Sequence[Draft] = (),
        isolated: bool = True,
        profile: str | None = None,
        own: Callable[[], Collection[str]] = _nothing,
        others: bool = False,
    ) -> None:
        self.given, self.inline, self.isolated = given, inline, isolated
        self.profile, self.own, self.others = profile, own, others
        self._search = Search()
        self._known: Collection[str] | None = None
        self._made: dict[int, Configuration] = {}
        self._drafts: list[Draft] = []
        self._by_directory: dict[str, Configuration] = {}

    def anew(self) -> Configurations:
        """The same with nothing looked for yet, for another tree."""
        return Configurations(
            given=self.given,
            inline=self.inline,
            isolated=self.isolated,
            profile=self.profile,
            own=self.own,
            others=self.others,
        )

    def of(self, directory: str | Path) -> Configuration:
        """What goes for a directory, before the options of the command line."""
        key = str(directory)
        if key not in self._by_directory:
            draft = self.given
            if draft is None and not self.isolated:
                draft = self._search.near(Path(directory))
            self._by_directory[key] = self._whole(draft)
        return self._by_directory[key]

    def of_run(self, paths: Iterable[str], *, changed: bool = False) -> Configuration:
        """What goes for a run: that of the directory which all its paths lie in.

        Which files have `changed` is chance: then it is that of the working directory.
        """
        places = [] if changed else [os.path.realpath(path) for path in paths]
        # unlike `Path.is_dir` it bears names that cannot be
        directories = [one if os.path.isdir(one) else os.path.dirname(one) for one in places]  # noqa: PTH112, PTH120
        try:
            return self.of(os.path.commonpath(directories))
        except ValueError:  # no paths, or on different drives
            return self.of(Path.cwd())

    def know(self, rules: Iterable[Rule]) -> None:
        """Which rules there are, from here on; what was read before is looked at again."""
        self._known = frozenset(rule.id for rule in rules)
        _refuse(
            [one for draft in self._drafts for one in strangers(draft.configuration, self._known)]
        )

    def unheard(self, run: Configuration) -> Iterator[str]:
        """What configurations of single roots say of the run, which nobody asks them."""
        for draft in self._drafts:
            one = draft.configuration
            if one.path == run.path or draft in self.inline:
                continue
            for name in _OF_RUN:
                if name in one.said:
                    of = f"is taken from {run.path}" if run.path else "is not taken from here"
                    yield f'{one.said[name]}: "{name}" goes for a whole run and {of}'

    def _whole(self, draft: Draft | None) -> Configuration:
        """What a file and the command line say, checked."""
        key = id(draft)
        if key not in self._made:
            drafts = [one for one in (draft, *self.inline) if one is not None]
            for one in drafts:
                if one not in self._drafts:
                    self._drafts.append(one)
            _refuse([mistake for one in drafts for mistake in self._mistakes(one)])
            made = drafts[0].configuration if draft is not None else NO_CONFIGURATION
            for one in self.inline:
                made = made.under(one.configuration)
            if self.profile is not None:
                made = replace(made, profile=self.profile)
            self._made[key] = made
        return self._made[key]

    def _mistakes(self, draft: Draft) -> Iterator[Mistake]:
        yield from draft.mistakes
        if self._known is not None:
            yield from strangers(draft.configuration, self._known)
        elif draft.mistakes and not self.others:
            yield from strangers(draft.configuration, self.own())


def _refuse(mistakes: Sequence[Mistake]) -> None:
    if mistakes:
        from grantlint.config.mistake import refuse  # noqa: PLC0415  # see `strangers`

        refuse(mistakes)


def gate(
    run: Configuration, fail_on: str | None, certainty: str | None, *, allow_empty: bool
) -> Gate:
    """What makes a run fail: as options say, else as its configuration does, else its profile."""
    profile = profile_of(run)
    level = fail_on or run.fail_on or profile.fail_on or "medium"
    sure = certainty or run.certainty or profile.certainty
    severity = None if level == "never" else Severity[level.upper()]
    return Gate(severity, sure == "possible", allow_empty)
