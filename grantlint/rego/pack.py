"""Rego rules that are evaluated together: their stories, and one engine that runs them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from grantlint.model import Inventory, rego_input
from grantlint.rego.engine import Engine, Verdict
from grantlint.rego.hits import hits
from grantlint.rule import Hit, Object, Rule, Severity, of_kind
from grantlint.value import Truth


@dataclass(frozen=True, slots=True)
class Story:
    """What a rule's METADATA says. `name` is its package below `grantlint`.

    `judges` are the kinds of objects that its `input` can be, by its schema annotation.
    """

    name: str
    title: str
    doc: str
    severity: str
    since: str
    references: tuple[str, ...]
    judges: tuple[str, ...]
    mappings: tuple[str, ...] = ()
    preview: bool = False
    opt_in: bool = False
    written: bool = False
    of_services: bool = False


def story_of(written: Mapping[str, Any]) -> Story:
    """A story as it was written down in JSON."""
    lists = ("references", "judges", "mappings")
    return Story(**{**written, **{name: tuple(written[name]) for name in lists}})


@dataclass
class Pack:
    """Rules of one source. `start` makes the engine when the first object is judged.

    `given_by` are the options of the command line that name a user's rules, "" for ours.
    """

    stories: Sequence[Story]
    start: Callable[[], Engine]
    given_by: str = ""
    _judged: dict[int, tuple[Inventory, Mapping[int, Verdict]]] = field(
        default_factory=dict, init=False
    )

    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order of their stories."""
        return tuple(
            Rule(
                id=story.name.replace("_", "-"),
                title=story.title,
                doc=story.doc,
                severity=Severity[story.severity.upper()],
                since=story.since,
                references=story.references,
                mappings=story.mappings,
                preview=story.preview,
                opt_in=story.opt_in,
                judges=story.judges,
                language="rego",
                _check=partial(self._check, story.name),
                given_by=self.given_by,
                written=story.written,
                of_services=story.of_services,
            )
            for story in self.stories
        )

    def _check(self, name: str, judged: Object, inventory: Inventory) -> Iterator[Hit]:
        yield from hits(name, self._verdicts(inventory)[id(judged)])

    def judge(self, inventories: Sequence[Inventory]) -> None:
        """Ask at once about the objects of all these; what was known of others is forgotten."""
        objects = {
            id(judged): judged
            for inventory in inventories
            for kind in sorted(self._kinds)
            for judged in of_kind(inventory, kind)
            if judged.exists is not Truth.NO
        }
        found = self._engine.evaluate([rego_input(judged) for judged in objects.values()])
        verdicts = dict(zip(objects, found, strict=True))
        self._judged = {id(inventory): (inventory, verdicts) for inventory in inventories}

    def _verdicts(self, inventory: Inventory) -> Mapping[int, Verdict]:
        """The verdict on every object that any rule judges, by the object's identity."""
        if id(inventory) not in self._judged:
            self.judge([inventory])
        return self._judged[id(inventory)][1]

    @cached_property
    def _engine(self) -> Engine:
        return self.start()

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(kind for story in self.stories for kind in story.judges)
