"""The constructs of one template by logical id, each made when it is asked for.

A path is shown without what the CDK adds to every construct: `App/Grant/Resource/Default` is what
the user knows as `App/Grant`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final

from grantlint.model import Construct
from grantlint.parsers.cdk.checkout import Checkout
from grantlint.parsers.cdk.document import Json, fields, text
from grantlint.parsers.cdk.metadata import LONGEST, Metadata
from grantlint.parsers.cdk.trace import Frame
from grantlint.source import Span

PATH: Final = "aws:cdk:path"
_ADDED: Final = ("/Resource", "/Default")


class Constructs(Mapping[str, Construct]):
    """The constructs of a template.

    `stack` is the path of the nested stack that it is of, "" for a stack itself, None where that
    is not known; `resources` gives the template's resources.
    """

    def __init__(
        self,
        metadata: Metadata,
        stack: str | None,
        checkout: Callable[[], Checkout],
        resources: Callable[[], Mapping[str, Json]],
    ) -> None:
        self._metadata = metadata
        self._stack = stack
        self._checkout = checkout
        self._resources = resources
        self._made: dict[str, Construct] = {}

    def __getitem__(self, logical_id: str) -> Construct:
        found = self._made.get(logical_id)
        if found is None:
            path = self.paths[logical_id]
            assigned = dict[str, tuple[Span, ...]]()
            for name, frame in self._metadata.assigned(path):
                spans = (*assigned.get(name, ()), *self._spans((frame,)))
                assigned[name] = tuple(dict.fromkeys(spans))
            found = Construct(self._shown[path], self._spans(self._metadata.made(path)), assigned)
            self._made[logical_id] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The whole construct path of each resource, as the metadata or the resource tells it."""
        recorded = {} if self._stack is None else self._metadata.paths(self._stack)
        found: dict[str, str] = {}
        for logical_id, resource in self._resources().items():
            path = recorded.get(logical_id) or text(
                fields(fields(resource).get("Metadata")).get(PATH)
            )
            if path and len(path) <= LONGEST:
                found[logical_id] = path
        return found

    @cached_property
    def _shown(self) -> Mapping[str, str]:
        """Each path as it is shown, whole where two would look the same."""
        short = {path: _short(path) for path in self.paths.values()}
        alike = Counter(short.values())
        return {path: one if alike[one] == 1 else path for path, one in short.items()}

    def _spans(self, frames: tuple[Frame, ...]) -> tuple[Span, ...]:
        """The places of frames that are here, each line once."""
        if not frames:
            return ()
        checkout = self._checkout()
        spans = (checkout.span(frame) for frame in frames)
        return tuple(dict.fromkeys(span for span in spans if span is not None))


def _short(path: str) -> str:
    """A path without the ends that the CDK adds; of two parts at least: the stack and one more."""
    while path.endswith(_ADDED) and path.count("/") > 1:
        path = path.rpartition("/")[0]
    return path
