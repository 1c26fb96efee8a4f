"""Which blocks of a configuration to evaluate: those of KMS, and what can show what grants are for.

Told from the text of each block alone, so that the rest of a large estate costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from grantlint.iam.managed import NAMES
from grantlint.parsers.instance import Instance
from grantlint.parsers.kms.identity import ATTACHMENTS, ROLE, TYPES, WRITERS
from grantlint.parsers.kms.integrations import DRIVER, USERS, referents
from grantlint.parsers.kms.join import KEYS
from grantlint.parsers.kms.key import get
from grantlint.parsers.kms.namesake import ARGUMENTS, KINDS, names
from grantlint.parsers.terraform import tree
from grantlint.value import Value

_MANAGED: Final = KEYS | {"aws_kms_grant", "aws_kms_key_policy", "aws_kms_alias"}
_DATA: Final = frozenset({"aws_kms_alias", "aws_kms_key"})
ATTACHMENT: Final = "aws_iam_role_policy_attachment"
_INLINE: Final = b"inline_policy"
_POLICIES: Final = tuple(name.encode() for name in NAMES)
PEOPLE: Final = frozenset({"aws_iam_role", "aws_iam_service_linked_role", "aws_iam_user"})
_PERSON: Final = re.compile(r"aws_iam_(?:role|service_linked_role|user)\.([^.\[]+)(?:\[.*\])?$")
_PLAIN_NAME: Final = re.compile(rb'^[ \t]*name[ \t]*=[ \t]*"([^"$%]*)"', re.MULTILINE)


def is_judged(mode: str, type: str) -> bool:
    """Whether the inventory judges resources ("managed") or data sources ("data") of a type."""
    if mode == "data":
        return type in _DATA
    return type in _MANAGED or type in TYPES


def shows(mode: str, type: str) -> bool:
    """Whether those of a type may show what grants are for (`kms/integrations`)."""
    return type in PEOPLE or (mode == "managed" and type in {*USERS, ATTACHMENT})


def is_wanted(block: tree.Block) -> bool:
    """Whether the inventory judges what a resource or data block stands for."""
    if block.labels[0] in (_DATA if block.type == "data" else _MANAGED):
        return True
    return _is_identity(block)


def _is_identity(block: tree.Block) -> bool:
    """Whether a block may write an IAM policy about KMS, or attach one."""
    if block.type != "resource":
        return False
    type = block.labels[0]
    if type in WRITERS:
        return True
    if type not in ATTACHMENTS and type != ROLE:
        return False
    data, start, end = block.span.source.data, block.span.start, block.span.end
    sought = (*_POLICIES, _INLINE) if type == ROLE else _POLICIES
    return any(data.find(one, start, end) != -1 for one in sought)


def is_evidence(resources: Iterable[tuple[Instance, Value]]) -> Callable[[tree.Block], bool]:
    """Whether a block may show what the grants among `resources` are for (`kms/integrations`)."""
    grants = [planned for instance, planned in resources if instance.type == "aws_kms_grant"]
    return _showing(grants) if grants else lambda _: False


def _showing(grants: Iterable[Value]) -> Callable[[tree.Block], bool]:
    grants = tuple(grants)
    persons = [one for grant in grants for one in referents(get(grant, "grantee_principal"))]
    found = [_PERSON.search(referent.address) for referent in persons]
    labels = {match[1] for match in found if match is not None}
    is_namesake = _namesakes(grants)

    def is_wanted(block: tree.Block) -> bool:
        type, name = block.labels
        if type in PEOPLE:
            return name in labels or is_namesake(block)
        if block.type != "resource":
            return False
        data, start, end = block.span.source.data, block.span.start, block.span.end
        if type in USERS:
            return data.find(b"kms", start, end) != -1
        has_driver = data.find(DRIVER.encode(), start, end) != -1
        return type == ATTACHMENT and bool(labels) and has_driver

    return is_wanted


def _namesakes(grants: Iterable[Value]) -> Callable[[tree.Block], bool]:
    """Which roles and users can have a name that the principals of these grants hold."""
    principals = [grant.get(argument) for grant in grants for argument in ARGUMENTS]
    held = [name for value in principals if value is not None for name in names(value)]
    plain = {name.text.encode() for name in held if name.text is not None}
    open_ = any(name.text is None for name in held)

    def is_wanted(block: tree.Block) -> bool:
        if block.type != "resource" or block.labels[0] not in KINDS or not held:
            return False
        text = block.span.source.data[block.span.start : block.span.end]
        written = _PLAIN_NAME.search(text)
        return written[1] in plain if written is not None and not open_ else True

    return is_wanted
