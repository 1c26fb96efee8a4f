"""An inventory with whom the user trusts: what of each object goes for its own directory."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from grantlint.iam.trust import Trust
from grantlint.model import LIVE, Grant, Inventory, Key
from grantlint.parsers.settings import Options, Settings
from grantlint.value import Value


def trusting(inventory: Inventory, options: Options) -> Inventory:
    """The same inventory; what is trusted of grantees, principals and conditions is filled in."""
    settings_in = cache(options.settings_in)

    def trust(one: Key | Grant, own: Value) -> Trust:
        said: Settings = settings_in(_directory(one, options))
        return Trust(said.trusted_accounts, said.trusted_organizations, own)

    def key(one: Key) -> Key:
        statements = map(trust(one, one.account).statement, one.policy.statements)
        return replace(one, policy=replace(one.policy, statements=tuple(statements)))

    def grant(one: Grant) -> Grant:
        of = trust(one, one.key.account).grantee
        retiring = of(one.retiring) if one.retiring is not None else None
        return replace(one, grantee=of(one.grantee), retiring=retiring)

    return replace(
        inventory, keys=tuple(map(key, inventory.keys)), grants=tuple(map(grant, inventory.grants))
    )


def _directory(one: Key | Grant, options: Options) -> Path:
    """Where the settings of an object are said: its root module's, template's or file's."""
    if one.source == LIVE:
        return Path(one.span.path).parent
    if one.source in {"terraform", "cdk"}:
        return Path(one.root)
    if one.source == "cloudformation":  # its root may be that of several templates
        outermost = one.calls[0] if one.calls else one.span
        return Path(outermost.path).parent
    return Path(options.sources or Path(one.root).parent)
