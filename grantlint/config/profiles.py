"""Profiles: named settings that apply where neither a file nor an option says anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from grantlint.config.asked import EVERY_RULE, Selection
from grantlint.config.configuration import Configuration
from grantlint.rule import Severity


@dataclass(frozen=True, slots=True)
class Profile:
    """What applies. `about` says in a sentence for whom it is."""

    about: str
    selection: Selection = EVERY_RULE
    severity: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    fail_on: str = "medium"
    certainty: str = "certain"


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "default": Profile("what is worth stopping a change for"),
        "strict": Profile(
            "grants to services of AWS alone, as Control Tower's CT.KMS.PV.1 has it, no access for "
            "accounts that are not trusted, keys that are rotated, and every finding counts",
            Selection(
                extend=("disabled-key-rotation", "grants-beyond-services", "untrusted-principal")
            ),
            fail_on="low",
        ),
    }
)


def profile_of(configuration: Configuration) -> Profile:
    """The profile that a configuration names."""
    return PROFILES[configuration.profile or "default"]
