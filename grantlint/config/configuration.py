"""What a configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from grantlint.config.asked import EVERY_RULE, Selection
from grantlint.rule import Severity
from grantlint.source import Span
from grantlint.suppress.ignore import Ignore


def _none() -> Mapping[str, Severity]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Override:
    """What differs for some files. `paths` are patterns of .gitignore from `directory`.

    `ignore` holds "*" for all rules.
    """

    directory: Path
    paths: tuple[str, ...]
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=_none)


@dataclass(frozen=True, slots=True)
class Named:
    """The id of a rule, and where it stands."""

    id: str
    span: Span


@dataclass(frozen=True, slots=True)
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
