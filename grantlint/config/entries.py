"""What stands in the lists of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from grantlint.rule import Severity
from grantlint.source import Span


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
