"""What a key or role shows because another resource writes it.

After an apply, AWS says of a key the policy that its aws_kms_key_policy wrote, and of a role the
policies that are put or attached by resources of their own. It is theirs, and counts once. The
policy of a key that nobody writes is AWS's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from grantlint.parsers.instance import Instance, Settled
from grantlint.parsers.kms.identity import ROLE
from grantlint.parsers.kms.integrations import referents
from grantlint.parsers.kms.join import KEYS
from grantlint.parsers.kms.key import get
from grantlint.parsers.terraform.plan.document import Json, elements, members, text
from grantlint.value import Value, null, object_

Resource = tuple[Instance, Value]

_IDS: Final = ("arn", "id", "key_id")
_ATTACHED: Final = "aws_iam_role_policy_attachment"


@dataclass(slots=True, eq=False)
class Owned:
    """What resources of their own write, by whom it is for."""

    _keys: set[str] = field(default_factory=set)
    _inline: set[tuple[str, str]] = field(default_factory=set)
    _attached: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, resources: Sequence[Resource]) -> Owned:
        """All that is written so among these."""
        found = cls()
        for instance, planned in resources:
            if instance.type == "aws_kms_key_policy":
                found._keys.update(_named(get(planned, "key_id")))
            elif instance.type == "aws_iam_role_policy":
                name = get(planned, "name").text or ""
                found._inline.update((role, name) for role in _named(get(planned, "role")))
            elif instance.type == _ATTACHED:
                arn = get(planned, "policy_arn").text or ""
                found._attached.update((role, arn) for role in _named(get(planned, "role")))
        return found

    def without(self, resource: Resource, written: Iterable[str]) -> Resource:
        """The resource with only what it writes itself; `written` are its certain arguments."""
        instance, planned = resource
        content = instance.content
        if not isinstance(content, Settled):
            return resource
        kept = dict(content.arguments.items())
        if instance.type in KEYS and "policy" in kept and "policy" not in written:
            ids = {instance.address, *(get(planned, name).text for name in _IDS)}
            if ids & self._keys or is_default(kept["policy"].text):
                del kept["policy"]
        elif instance.type == ROLE:
            names = {instance.address, get(planned, "name").text or ""}
            for name, of_role in (
                ("inline_policy", self._inline),
                ("managed_policy_arns", self._attached),
            ):
                if name in kept and name not in written:
                    kept[name] = _left(kept[name], names, of_role)
        else:
            return resource
        content = replace(content, arguments=object_(kept))
        return replace(instance, content=content), planned


def is_default(policy: str | None) -> bool:
    """Whether a policy is the one that AWS puts where none is given: the account may do all.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    if policy is None or _DEFAULT_ID not in policy:
        return False
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        return False
    statements = elements(members(document).get("Statement"))
    if len(statements) != 1 or members(document).keys() - {"Id", "Version", "Statement"}:
        return False
    allowed = {**statements[0]}
    root = text(members(allowed.pop("Principal", None)).get("AWS")) or ""
    allowed.pop("Sid", None)
    return root.endswith(":root") and allowed == _ALL


_DEFAULT_ID: Final = '"key-default-1"'
_ALL: Final[dict[str, Json]] = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


def _named(value: Value) -> Iterator[str]:
    """The texts or addresses that a value has or refers to."""
    if value.text is not None:
        yield value.text
    for referent in referents(value):
        yield referent.address


def _left(listed: Value, names: set[str], owned: set[tuple[str, str]]) -> Value:
    """Those of a list of policies that no resource of its own writes for the role."""
    if not isinstance(listed.raw, tuple):
        return listed

    def label(one: Value) -> str:
        return (one.text or (one.get("name") or null()).text) or ""

    left = tuple(
        one for one in listed.raw if not any((name, label(one)) in owned for name in names)
    )
    return replace(listed, raw=left)
