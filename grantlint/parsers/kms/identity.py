"""IAM policies that say something of AWS KMS: who may use which keys, beside what the keys say.

Identity-based policies only, managed and inline; of AWS's own managed policies those that a rule
knows (see `iam/managed.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from grantlint.iam.managed import name_of
from grantlint.iam.statements import Statement, statements, unseen
from grantlint.model import Identity, Policy
from grantlint.parsers.instance import Content, Instance
from grantlint.parsers.kms import policy as kms_policy
from grantlint.value import STRING, Truth, Value, boolean, null

WRITERS: Final[Mapping[str, str]] = {
    "aws_iam_group_policy": "policy",
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}
"""Resources that write one policy, and the argument it stands in."""

ATTACHMENTS: Final[Mapping[str, str]] = {
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_policy_attachment": "policy_arn",
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_ssoadmin_managed_policy_attachment": "managed_policy_arn",
}
ROLE: Final = "aws_iam_role"
"""What has inline policies and attachments of its own in Terraform."""
HOLDERS: Final = frozenset({ROLE, "aws_iam_group", "aws_iam_user", "aws_ssoadmin_permission_set"})
"""What has them in CloudFormation."""
TYPES: Final = frozenset({*WRITERS, *ATTACHMENTS, *HOLDERS})
_NO: Final = boolean(False)


def identities(instance: Instance, planned: Value) -> Iterator[Identity]:
    """The policies that an instance writes or attaches, if they say something of AWS KMS."""
    if instance.type in WRITERS:
        document = kms_policy.document(instance, planned, WRITERS[instance.type])
        yield from _written(instance, document)
        return
    for block in instance.content.nested("inline_policy"):
        yield from _written(instance, _inline(block))
    listed = instance.content.argument(ATTACHMENTS.get(instance.type, "managed_policy_arns"))
    for attached, where in () if listed is None else _attached(listed):
        if name_of(attached) is not None:
            yield _where(_identity(instance, null(), attached), where)


def _attached(listed: Value) -> Iterator[tuple[Value, str | None]]:
    """The ARNs in a list, or one alone, each with what must be so for it to be there.

    Those in each of the alternatives of a list are there in any case.
    """
    cause = listed.unknown
    if cause is None or not cause.choices:
        for one in listed.elements():
            yield from _attached(one)
        if not listed.elements():
            yield listed, None
        return
    found: dict[object, list[tuple[Value, str]]] = {}
    for index, choice in enumerate(cause.choices):
        for one, inner in _attached(choice.marked(listed.sensitive)):
            where = " and ".join(part for part in (cause.where(index), inner) if part)
            found.setdefault((one.text, one.written), []).append((one, where))
    for several in found.values():
        wheres = dict.fromkeys(where for _, where in several)
        always = len(wheres) == len(cause.choices)
        yield several[0][0], None if always else " or ".join(wheres)


def _where(identity: Identity, where: str | None) -> Identity:
    if where is None:
        return identity
    both = " and ".join(part for part in (identity.where, where) if part)
    return replace(identity, exists=identity.exists & Truth.MAYBE, where=both)


def _inline(block: Content) -> Value | None:
    written = block.argument("policy")
    return None if written is None else kms_policy.decoded(written)


def _written(instance: Instance, document: Value | None) -> Iterator[Identity]:
    if document is not None:
        found = _identity(instance, document, null(STRING))
        if any(map(_is_about_kms, found.policy.statements)):
            yield found


def _is_about_kms(statement: Statement) -> bool:
    return any(_begins_kms(action) for action in statement.actions.certain())


def _begins_kms(action: Value) -> bool:
    text = action.text if action.unknown is None else action.unknown.prefix
    choices = action.unknown.choices if action.unknown is not None else ()
    return (text or "").lower().startswith("kms:") or any(map(_begins_kms, choices))


def _identity(instance: Instance, document: Value, managed: Value) -> Identity:
    return Identity(
        address=instance.address,
        source=instance.source,
        exists=instance.exists,
        managed=managed,
        policy=Policy(
            default=_NO,
            document=document,
            statements=() if document.is_null else statements(document, instance.span),
            unseen=() if document.is_null else unseen(document),
            owners=(),
            bypass_policy_lockout_safety_check=_NO,
        ),
        span=instance.span,
        where=instance.condition,
        calls=instance.calls,
        construct=instance.construct,
    )
