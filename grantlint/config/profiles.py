"""Profiles: named settings that apply where neither a file nor an option says anything."""

from __future__ import annotations

from typing import Final

from grantlint.config.asked import EVERY_RULE, Selection
from grantlint.config.configuration import Configuration

PROFILES: Final = {
    "default": Configuration(fail_on="medium", certainty="certain"),
    "strict": Configuration(
        selection=Selection(
            extend=("disabled-key-rotation", "grants-beyond-services", "untrusted-principal")
        ),
        fail_on="low",
        certainty="certain",
    ),
}
"""What each says. Ids of rules that there are none of are passed over."""

ABOUT: Final = {
    "default": "what is worth stopping a change for",
    "strict": "grants to services of AWS alone, as Control Tower's CT.KMS.PV.1 has it, nobody else "
    "than whom you trust, every key rotated, and every finding counts",
}


def implied(configuration: Configuration) -> Selection:
    """What is asked because of whom a configuration trusts: then whoever else is a stranger."""
    trusts = configuration.trusted_accounts or configuration.trusted_organizations
    return Selection(extend=("untrusted-principal",)) if trusts else EVERY_RULE


def layers(configuration: Configuration) -> tuple[tuple[str, Selection], ...]:
    """What says which rules are asked, before options do: its name, the least important first."""
    return (
        ("profile", profile_of(configuration).selection),
        ("trust", implied(configuration)),
        ("file", configuration.selection),
        ("mandatory", Selection(extend=tuple(configuration.mandatory))),
    )


def profile_of(configuration: Configuration) -> Configuration:
    """The profile that a configuration names."""
    return PROFILES[configuration.profile or "default"]
