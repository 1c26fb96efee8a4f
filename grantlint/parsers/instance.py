"""Resource and data source instances, as `expand` gives them: one each after count and for_each.

Arguments are evaluated when they are asked for, so that a bucket of a large estate costs nothing
until something refers to it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from grantlint.model import Construct
from grantlint.source import Span
from grantlint.value import Truth, Value

AFTER_APPLY: Final = "known after apply"
READ: Final = "read from AWS"
"""Why an attribute is not known that only AWS completes."""


class Content(Protocol):
    """The evaluated arguments and nested blocks of one block, `dynamic` ones expanded."""

    @property
    @abstractmethod
    def span(self) -> Span:
        """The whole block."""

    @property
    @abstractmethod
    def exists(self) -> Truth:
        """MAYBE for the one symbolic block of a `dynamic` over an unknown for_each."""

    @property
    def condition(self) -> str | None:
        """What must be so for a block to exist that may not, in words."""
        return None

    @property
    @abstractmethod
    def broken(self) -> str | None:
        """Why nothing may be concluded from what is absent here, if so."""

    @abstractmethod
    def names(self) -> Iterable[str]:
        """The names of the arguments that are written."""

    @abstractmethod
    def argument(self, name: str) -> Value | None:
        """An argument's value, not converted to any schema; None when it is not written."""

    @abstractmethod
    def nested(self, type: str) -> tuple[Content, ...]:
        """The nested blocks of a type, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Settled(Content):
    """Arguments that are values already: those of a plan, a template, an answer of AWS.

    `arguments` is an object; what is null in it counts as not written.
    """

    place: Span
    arguments: Value

    @property
    def span(self) -> Span:
        """The whole block."""
        return self.place

    @property
    def exists(self) -> Truth:
        """It does: what may not exist has an instance that says so."""
        return Truth.YES

    @property
    def broken(self) -> str | None:
        """What is absent is absent."""
        return None

    def names(self) -> Iterable[str]:
        """The names of the arguments that are not null."""
        return [name for name, value in self.arguments.items() if not value.is_null]

    def argument(self, name: str) -> Value | None:
        """An argument; None when it is not written."""
        value = self.arguments.get(name)
        return None if value is None or value.is_null else value

    def nested(self, type: str) -> tuple[Content, ...]:
        """The objects in a list of that name, or the one object of that name."""
        value = self.arguments.get(type)
        if value is None:
            return ()
        members = value.elements() if isinstance(value.raw, tuple) else (value,)
        return tuple(
            Settled(one.written or self.place, one)
            for one in members
            if isinstance(one.raw, Mapping)
        )


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider configuration of an instance fixes; unknown Values where it does not."""

    account: Value
    region: Value
    partition: Value

    def may_be(self, other: Provider) -> bool:
        """Whether the two can be in the same account and region."""
        pairs = (
            (self.account.text, other.account.text),
            (self.region.text, other.region.text),
        )
        return all(one is None or it is None or one == it for one, it in pairs)


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a resource or data block.

    `address` is Terraform's (`module.a["x"].aws_kms_grant.this[0]`, `data.…` for data sources);
    an instance under an unknown count or for_each has the address without its key and `exists`
    MAYBE, and `condition` says in words what must be so for it to exist. `module` is the address
    of its module, `header` the place of type and labels. `calls` are the headers of the module
    blocks that lead to it, the root module's first. `source` is what it is written in, `construct`
    what made it, if that was the CDK.

    What other formats have becomes an instance too: types and arguments have Terraform's names.
    """

    address: str
    mode: str  # "managed" or "data"
    type: str
    name: str
    module: str
    exists: Truth
    condition: str | None
    content: Content
    header: Span
    provider: Provider
    calls: tuple[Span, ...] = ()
    source: str = "terraform"
    construct: Construct | None = None

    @property
    def span(self) -> Span:
        """The whole block."""
        return self.content.span
