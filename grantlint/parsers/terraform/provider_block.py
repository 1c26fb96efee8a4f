"""What a provider block fixes for the resources that use it: account, region and partition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from grantlint.parsers.terraform import expand, tree
from grantlint.parsers.terraform.instance import Provider
from grantlint.value import STRING, Truth, Value, string, unknown

if TYPE_CHECKING:
    from grantlint.parsers.terraform.scope import Scope


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user says of a run: the account and the like, where the text does not say."""

    account: str | None = None
    region: str | None = None
    partition: str | None = None
    workspace: str | None = None


def configured_provider(block: tree.Block | None, scope: Scope, settings: Settings) -> Provider:
    """What a provider block fixes, the user's settings where it is silent.

    A role that the provider assumes, or the one account it allows, says more than the run's
    `--account`: an estate can use several accounts.
    """
    content = None
    if block is not None:
        content = expand.Evaluated(block.body, scope, block.span, Truth.YES, block.broken)
    account = _assumed_account(content) or _only_allowed_account(content)
    region = content.argument("region") if content is not None else None
    if region is None or region.text is None:
        region = _setting(settings.region, "region", "--region")
    return Provider(
        account or _setting(settings.account, "account", "--account"),
        region,
        _partition(settings, region),
    )


def _setting(given: str | None, what: str, option: str) -> Value:
    if given is not None:
        return string(given)
    return unknown(f"the {what} is not given ({option})", type=STRING)


def _partition(settings: Settings, region: Value) -> Value:
    if settings.partition is None and region.text is not None:
        for prefix, partition in _PARTITIONS.items():
            if region.text.startswith(prefix):
                return string(partition)
        return string("aws")
    return _setting(settings.partition, "partition", "--partition")


_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}
"""https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""


def _assumed_account(content: expand.Evaluated | None) -> Value | None:
    for assumed in content.nested("assume_role") if content is not None else ():
        arn = assumed.argument("role_arn")
        pieces = arn.text.split(":") if arn is not None and arn.text is not None else []
        if arn is not None and len(pieces) > 5 and pieces[4].isdecimal():
            return replace(arn, raw=pieces[4])
    return None


def _only_allowed_account(content: expand.Evaluated | None) -> Value | None:
    allowed = content.argument("allowed_account_ids") if content is not None else None
    members = allowed.elements() if allowed is not None else ()
    return members[0] if len(members) == 1 and members[0].text is not None else None


def provider_name(node: tree.Expression) -> str | None:
    """`aws.west`, or the legacy `"aws.west"`."""
    match node:
        case tree.Literal(value=str(name)) | tree.Variable(name=name):
            return name
        case tree.GetAttr(of=tree.Variable(name=first), name=second):
            return f"{first}.{second}"
        case tree.Parentheses(inner=inner):
            return provider_name(inner)
        case tree.Invalid(span=span):  # as a key of an object it is refused, but for `providers`
            return "".join(span.text.split())
    return None
