"""Which account and region the provider configurations of a plan are for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grantlint.parsers.instance import Provider
from grantlint.parsers.settings import Settings, partition, setting
from grantlint.parsers.terraform.plan.blocks import Block, Blocks, constant
from grantlint.parsers.terraform.plan.document import Described, Json, elements, text
from grantlint.source import Span
from grantlint.value import string

_ASSUMED = ("assume_role", "assume_role_with_web_identity")


@dataclass(slots=True, eq=False)
class Providers:
    """The providers of a plan or state, each made once.

    What stands in the configuration comes first, then what the plan has learnt of the caller
    (`data.aws_caller_identity`), then what the user says.
    """

    blocks: Blocks
    settings: Settings
    place: Span
    _callers: Mapping[str, str] = field(default_factory=dict)
    _made: dict[str, Provider] = field(default_factory=dict)

    @classmethod
    def of(
        cls, blocks: Blocks, settings: Settings, place: Span, resources: Iterable[Described]
    ) -> Providers:
        """Those that `resources` use; `place` stands for what the configuration says."""
        callers: dict[str, str] = {}
        for one in resources:
            account = text(one.values.get("account_id"))
            if one.type == "aws_caller_identity" and one.mode == "data" and account:
                callers.setdefault(_key(blocks.resource(one)), account)
        return cls(blocks, settings, place, callers)

    def provider(self, one: Described) -> Provider:
        """The one that a resource uses."""
        block = self.blocks.resource(one)
        key = _key(block)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._provider(block or {}, key)
        return found

    def _provider(self, block: Block, key: str) -> Provider:
        written = self.blocks.provider(block)
        region = text(constant(written.get("region"))) or self.settings.region
        account = _account(written) or self._callers.get(key)
        given = setting(region, "region", "--region")
        return Provider(
            string(account, self.place)
            if account
            else setting(self.settings.account, "account", "--account"),
            given,
            partition(self.settings, given),
        )


def _key(block: Block | None) -> str:
    return text((block or {}).get("provider_config_key")) or ""


def _account(written: Block) -> str | None:
    """The account of the role that the provider assumes, or the one that it may be used in."""
    for name in _ASSUMED:
        for assumed in elements(written.get(name)):
            fields = (text(constant(assumed.get("role_arn"))) or "").split(":")
            return fields[4] if len(fields) > 5 and fields[4].isdecimal() else None
    allowed: Json = constant(written.get("allowed_account_ids"))
    only = allowed[0] if isinstance(allowed, list) and len(allowed) == 1 else None
    return text(only)
