"""What configurations come to: which rules are asked, and what becomes of findings, root by root.

Of what is said in several places the most important counts: the command line, then the nearest
configuration, then its profile. A configuration's `select` replaces what the profile chooses, an
option's that of the configuration; the others add. `unreadable-file` is never left out.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grantlint.config.asked import EVERY_RULE, Selection
from grantlint.config.configuration import Configuration
from grantlint.config.configurations import Configurations
from grantlint.config.profiles import layers, profile_of
from grantlint.config.usage import UsageError
from grantlint.rule import Object, Rule
from grantlint.suppress.patterns import fits
from grantlint.value import Truth

if TYPE_CHECKING:
    from grantlint.config.entries import Override
    from grantlint.finding import Finding
    from grantlint.model import Inventory
    from grantlint.suppress.ignore import Ignore


class Judging:
    """What is asked and what counts where. `selection` and `mandatory` are the command line's.

    A rule that the command line makes `mandatory` is asked whatever files say, and its severity is
    not lowered.
    """

    def __init__(
        self,
        configurations: Configurations,
        every: Sequence[Rule],
        selection: Selection = EVERY_RULE,
        mandatory: frozenset[str] = frozenset(),
    ) -> None:
        self.configurations, self.every = configurations, every
        self.selection, self.mandatory = selection, mandatory
        self._asked: dict[int, frozenset[str]] = {}
        self._directories: dict[str, str] = {}
        self._files: dict[str, str] = {}
        self._left_out: Counter[str] = Counter()
        self._goes_for: dict[int, tuple[Configuration, set[str]]] = {}
        selection.require({rule.id for rule in every})
        configurations.know(every)

    def rules(self, inventory: Inventory, paths: Sequence[str]) -> tuple[Rule, ...]:
        """The rules that anything here is judged by; where there is nothing, those of the run."""
        objects: tuple[Object, ...] = (*inventory.keys, *inventory.grants, *inventory.identities)
        roots = {(one.root, self._directory(one.root, one.span.path)) for one in objects}
        found = [self._goes(self.configurations.of(one), root) for root, one in roots]
        asked = frozenset[str]().union(
            *map(self.asked, found or [self.configurations.of_run(paths)])
        )
        if not asked:
            raise UsageError("--ignore: no rule is left that could find anything")
        return tuple(rule for rule in self.every if rule.id in asked)

    def asked(self, configuration: Configuration) -> frozenset[str]:
        """The ids of the rules that are asked where a configuration goes."""
        key = id(configuration)
        if key not in self._asked:
            chosen = {rule.id for rule in self.every if not rule.opt_in}
            for _, layer in layers(configuration):
                chosen = layer.on(chosen)
            chosen = self.selection.on(chosen) | self.mandatory
            self._asked[key] = frozenset(chosen & {rule.id for rule in self.every})
        return self._asked[key]

    # -- findings --------------------------------------------------------------------------

    def settled(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that are left, with the severities that go for them; twice is as once."""
        return [one for finding in findings for one in self._settled(finding)]

    def _settled(self, finding: Finding) -> Iterator[Finding]:
        if finding.severity is None:
            yield finding
            return
        configuration = self._of(finding)
        if finding.rule not in self.asked(configuration):
            return
        held = finding.rule in self.mandatory or finding.rule in configuration.mandatory
        profile = profile_of(configuration)
        severity = profile.severity.get(finding.rule, finding.severity)
        severity = configuration.severity.get(finding.rule, severity)
        for override in configuration.overrides:
            if held or not self._speaks_of(override, finding):
                continue
            if finding.rule in override.ignore or "*" in override.ignore:
                self._left_out[configuration.path] += 1
                return
            severity = override.severity.get(finding.rule, severity)
        if finding.rule in self.mandatory:
            severity = max(severity, finding.severity)
        yield finding if severity is finding.severity else replace(finding, severity=severity)

    def ignores(
        self, findings: Iterable[Finding], paths: Sequence[str], *, sees_all: Truth
    ) -> tuple[Ignore, ...]:
        """What configurations accept, each for the roots that it goes for.

        `sees_all` is whether all that there is in `paths` is judged and known: then what is of no
        use can be told, where a configuration goes for nothing besides.
        """
        for finding in findings:
            self._goes(self._of(finding), finding.identity.root)
        tops = [Path(os.path.realpath(path)) for path in paths]

        def whole(one: Configuration) -> Truth:
            home = Path(os.path.realpath(one.directory))
            return sees_all & Truth.of(any(home.is_relative_to(top) for top in tops))

        return tuple(
            replace(ignore, roots=frozenset(roots), whole=whole(one))
            for one, roots in self._goes_for.values()
            for ignore in one.ignores
        )

    def _goes(self, configuration: Configuration, root: str) -> Configuration:
        """The configuration, which goes for this root."""
        self._goes_for.setdefault(id(configuration), (configuration, set()))[1].add(root)
        return configuration

    def is_mandatory(self, finding: Finding) -> bool:
        """Whether nothing can accept a finding."""
        return finding.rule in self.mandatory or finding.rule in self._of(finding).mandatory

    def remarks(self) -> tuple[str, ...]:
        """What was left out, for who wants to know."""
        return tuple(
            f"{path}: its overrides leave out {count} finding{'' if count == 1 else 's'}"
            for path, count in sorted(self._left_out.items())
        )

    # -- places ----------------------------------------------------------------------------

    def _of(self, finding: Finding) -> Configuration:
        return self.configurations.of(self._directory(finding.identity.root, finding.path))

    def _directory(self, root: str, path: str) -> str:
        """Whose configuration goes for what is in a root, or in a file that is in none."""
        key = root or path
        if key not in self._directories:
            itself = bool(root) and os.path.isdir(root)  # noqa: PTH112  # bears any name
            self._directories[key] = root if itself else str(Path(key).parent)
        return self._directories[key]

    def _speaks_of(self, override: Override, finding: Finding) -> bool:
        """Whether a finding's place or its object is in one of the files."""
        paths = (finding.path, *(one.path for one in finding.around[:1]))
        home = str(override.directory)
        return any(fits(self._real(path), home, override.paths) for path in paths)

    def _real(self, path: str) -> str:
        """The file that a path leads to."""
        if path not in self._files:
            self._files[path] = os.path.realpath(path)
        return self._files[path]
