"""Resource and data source instances, as `expand` gives them: one each after count and for_each.

Arguments are evaluated when they are asked for, so that a bucket of a large estate costs nothing
until something refers to it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
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


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider configuration of an instance fixes; unknown Values where it does not."""

    account: Value
    region: Value
    partition: Value


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
