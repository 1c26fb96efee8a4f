"""What the AWS provider makes of an instance: the object that a reference to it sees.

For the types of `provider_schema` it is what the plan shows, attribute by attribute: converted to
the schema's type, defaults filled in, policies rewritten, and unknown what only AWS will say.
Where we know more than the plan (a policy with one unknown leaf, a map with one unknown value)
the structure is kept. An attribute that Terraform refuses is a failure in its place. For every
other type the object is open: an Unknown whose `members` are the arguments that are written.
What AWS or the provider refuses of a known value (an operation that does not exist, the grantee
`*`) stays that value.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from grantlint.parsers.instance import Content, Instance
from grantlint.parsers.terraform import convert
from grantlint.parsers.terraform.policy_document import text as policy_text
from grantlint.parsers.terraform.provider import blocks as provider_block_values
from grantlint.parsers.terraform.provider import data as provider_data
from grantlint.parsers.terraform.provider.attribute import (
    computed,
    planned_attribute,
    reason,
    referent,
)
from grantlint.parsers.terraform.provider.schema import Attribute, schema
from grantlint.value import DYNAMIC, OBJECT, Unknown, Value

_NOT_ARGUMENTS: Final = {"count", "depends_on", "for_each", "lifecycle", "provider"}


def planned(instance: Instance) -> Value:
    """The object of one instance; each attribute is evaluated when it is first asked for."""
    known = schema(instance.mode, instance.type)
    if known is None:
        return _open(instance)
    return Value(OBJECT, _Planned(instance, known), instance.header)


class _Attributes(Mapping[str, Value]):
    """The attributes of an instance by name, each made once, when it is first asked for."""

    __slots__ = ("_instance", "_made", "_names")

    def __init__(self, instance: Instance, names: Iterable[str]) -> None:
        self._instance = instance
        self._names = sorted(names)
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        made = self._made.get(name)
        if made is None:
            if name not in self._names:
                raise KeyError(name)
            made = self._made[name] = self._make(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._names)

    @abstractmethod
    def _make(self, name: str) -> Value:
        """The value of an attribute."""


class _Planned(_Attributes):
    """All attributes of a type with a schema."""

    __slots__ = ("_blocks", "_known", "_together")

    def __init__(self, instance: Instance, known: Mapping[str, Attribute]) -> None:
        blocks = _BLOCKS.get((instance.mode, instance.type), {})
        super().__init__(instance, (*known, *blocks))
        self._known, self._blocks = known, blocks
        self._together: dict[str, Value] | None = None

    def _make(self, name: str) -> Value:
        instance = self._instance
        if name in self._blocks:
            return self._blocks[name](instance.content)
        if self._together is None:
            compute = _COMPUTE.get((instance.mode, instance.type))
            self._together = compute(instance) if compute is not None else {}
        if name in self._together:
            return self._together[name]
        own = planned_attribute(instance, name, self._known[name])
        if name == "region" and instance.type != "aws_region":
            return _region(instance, own)
        return own


def _region(instance: Instance, own: Value) -> Value:
    """The region that is written, else the provider's where that is known."""
    written = instance.content.argument("region")
    given = written is not None and not written.is_null
    return own if given or instance.provider.region.text is None else instance.provider.region


_BLOCKS: Final[Mapping[tuple[str, str], Mapping[str, Callable[[Content], Value]]]] = {
    ("managed", "aws_kms_grant"): {"constraints": provider_block_values.constraints},
    ("managed", "aws_kms_key"): {"timeouts": provider_block_values.timeouts},
}
"""Attributes that are nested blocks."""

_COMPUTE: Final[Mapping[tuple[str, str], Callable[[Instance], dict[str, Value]]]] = {
    ("data", "aws_iam_policy_document"): provider_data.policy_document,
    ("data", "aws_caller_identity"): provider_data.caller_identity,
    ("data", "aws_partition"): provider_data.partition,
    ("data", "aws_region"): provider_data.region,
}
"""Types of which more is known than attribute by attribute."""


# -- types without a schema ------------------------------------------------------------------


_TEXTS: Final = ("arn", "id", "name", "unique_id")
"""Attributes that are text in every resource type that has them."""


def _open(instance: Instance) -> Value:
    """An object of which only what is written is known, as far as the provider may keep it."""
    names = {*instance.content.names(), *_TEXTS} - _NOT_ARGUMENTS
    raw = Unknown(reason(instance), referent(instance), members=_Written(instance, names))
    return Value(DYNAMIC, raw, instance.header)


class _Written(_Attributes):
    """What is known of the attributes of a type without a schema."""

    __slots__ = ()

    def _make(self, name: str) -> Value:
        value = self._instance.content.argument(name)
        if value is None:
            return computed(self._instance, attribute=name)
        return _kept(self._instance, value)


def _kept(instance: Instance, value: Value) -> Value:
    """A written argument of a type that is not known here.

    Providers rewrite JSON, and fill in what is null; a number may turn into its text.
    """
    if value.failed is not None:
        return value
    if value.is_null:
        return computed(instance, DYNAMIC)
    if value.text is None:
        return convert.loosen(value)
    if value.text.lstrip().startswith(("{", "[")):
        policy = policy_text.normalized(value)
        tree = policy.encodes if policy.failed is None else None
        return replace(value, raw=Unknown("the provider may rewrite the JSON"), encodes=tree)
    return value
