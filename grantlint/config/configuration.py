"""What a configuration says.

Nothing is generated for its classes that nobody asks for: a run without any file loads them too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from grantlint.config.asked import EVERY_RULE, Selection, no_rule
from grantlint.rule import Severity

if TYPE_CHECKING:
    from grantlint.config.entries import Named, Override
    from grantlint.config.mistake import Mistake
    from grantlint.source import Span
    from grantlint.suppress.ignore import Ignore


def _none() -> Mapping[str, Severity]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Configuration:
    """What one file says; None and nothing for what it does not say.

    `path` is the file's as it is shown, "" for no file; what it names lies from `directory` on.
    `said` are the places of its keys, `named` all ids of rules in it. `policies` and `baseline` are
    paths from the working directory.
    """

    path: str = ""
    directory: Path = Path()
    profile: str | None = None
    selection: Selection = EVERY_RULE
    severity: Mapping[str, Severity] = field(default_factory=_none)
    fail_on: str | None = None
    certainty: str | None = None
    mandatory: frozenset[str] = frozenset()
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    trusted_accounts: frozenset[str] = frozenset()
    trusted_organizations: frozenset[str] = frozenset()
    policies: tuple[str, ...] = ()
    baseline: str | None = None
    overrides: tuple[Override, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    said: Mapping[str, Span] = field(default_factory=lambda: MappingProxyType({}))
    named: tuple[Named, ...] = ()

    def under(self, other: Configuration) -> Configuration:
        """What comes of it where another is more important: key by key, severities by rule."""

        def saying(key: str) -> Configuration:
            return other if key in other.said else self

        return Configuration(
            self.path or other.path,
            self.directory if self.path else other.directory,
            saying("profile").profile,
            Selection(
                saying("select").selection.select,
                saying("extend-select").selection.extend,
                saying("ignore").selection.ignore,
            ),
            {**self.severity, **other.severity},
            saying("fail-on").fail_on,
            saying("certainty").certainty,
            saying("mandatory").mandatory,
            saying("account").account,
            saying("region").region,
            saying("partition").partition,
            saying("trusted-accounts").trusted_accounts,
            saying("trusted-organizations").trusted_organizations,
            saying("policies").policies,
            saying("baseline").baseline,
            saying("overrides").overrides,
            saying("ignores").ignores,
            {**self.said, **other.said},
            (*self.named, *other.named),
        )


NO_CONFIGURATION = Configuration()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Draft:
    """A configuration and what is wrong with it, ids of rules aside: see `strangers`."""

    configuration: Configuration
    mistakes: tuple[Mistake, ...] = ()


def strangers(configuration: Configuration, known: Collection[str]) -> Iterator[Mistake]:
    """What is wrong with the ids of rules in a configuration."""
    if not configuration.named:
        return
    from grantlint.config.mistake import Mistake  # noqa: PLC0415  # loaded with what reads a file

    for one in configuration.named:
        if one.id not in known:
            yield Mistake(f'"{one.id}": {no_rule(one.id, known)}', one.span)
