"""What a provider block fixes for the resources that use it: account, region and partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grantlint.parsers.instance import Provider
from grantlint.parsers.settings import Settings, partition, setting
from grantlint.parsers.terraform import tree
from grantlint.parsers.terraform.content import Evaluated
from grantlint.value import STRING, Truth, Value, unknown

if TYPE_CHECKING:
    from grantlint.parsers.terraform.scope import Scope


def configured_provider(block: tree.Block | None, scope: Scope, settings: Settings) -> Provider:
    """What a provider block fixes, the user's settings where it is silent.

    A role that the provider assumes, or the accounts it allows, says more than the run's
    `--account`: an estate can use several accounts. Of the region, an unknown one of the
    provider without alias is what `--region` is for.
    """
    content = None
    if block is not None:
        content = Evaluated(block.body, scope, block.span, Truth.YES, block.broken)
    account = _assumed_account(content) or _allowed_account(content, settings)
    region = content.argument("region") if content is not None else None
    aliased = content is not None and content.argument("alias") is not None
    if region is None or region.is_null or (region.text is None and not aliased):
        region = setting(settings.region, "region", "--region")
    return Provider(
        account or setting(settings.account, "account", "--account"),
        region,
        partition(settings, region),
    )


def _assumed_account(content: Evaluated | None) -> Value | None:
    """The account of the role that the provider assumes, unknown where its ARN does not tell."""
    if content is None:
        return None
    for type in ("assume_role", "assume_role_with_web_identity"):
        for assumed in content.nested(type):
            arn = assumed.argument("role_arn")
            account = _account_in(arn) if arn is not None else None
            if account is not None and assumed.exists is Truth.YES:
                return account
            reason = "the account of the role that the provider assumes is not known"
            return unknown(reason, assumed.span, type=STRING)
    return None


def _account_in(arn: Value) -> Value | None:
    """The account in an ARN, which may have holes elsewhere."""
    cause = arn.unknown
    parts = (arn.text,) if arn.text is not None else cause.parts if cause is not None else ()
    fields = "".join(part if isinstance(part, str) else "?" for part in parts).split(":")
    if len(fields) > _ACCOUNT + 1 and fields[_ACCOUNT].isdecimal():
        return Value(STRING, fields[_ACCOUNT], arn.written, arn.trail, arn.sensitive)
    return None


_ACCOUNT: Final = 4


def _allowed_account(content: Evaluated | None, settings: Settings) -> Value | None:
    """The one account that the provider may use; unknown when there are others than was said."""
    allowed = content.argument("allowed_account_ids") if content is not None else None
    if allowed is None or allowed.is_null:
        return None
    members = allowed.elements()
    if len(members) == 1 and members[0].text is not None:
        return members[0]
    if settings.account is not None and any(one.text == settings.account for one in members):
        return None
    reason = "which of the accounts that the provider allows it uses is not known"
    return unknown(reason, allowed.written, type=STRING)


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
