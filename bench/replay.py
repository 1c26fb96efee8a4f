"""Tests that are run once and remembered, so that the same tests judge a mutant quickly.

A plugin of pytest. The first run of each test notes every call of `Rule.hits`: what was judged and
what was found. A mutant judges the same again; only where it finds something else is the test run
anew, in a process of its own, with the mutant in the place of the rule and every other rule
answering from memory. A mutant is killed by the first test that fails.

Whatever a test module keeps (`functools.cache`) is forgotten before each test.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from grantlint.model import Inventory
from grantlint.rule import Hit, Object, Rule, of_kind
from grantlint.value import Truth

SECONDS = 60
"""How long a mutant may take before it counts as killed: it has made something endless."""

Found = Sequence[tuple[int, Hit]]
"""Hits, each with the place of its object among those of the inventory."""

Judge = Callable[["Call"], Found]
"""A mutant: what it finds in what a test has judged. It may raise whatever it wants."""

USUAL = Rule.hits
"""The method itself, whatever stands in its place while tests run."""

_Hits = Callable[[Rule, Inventory], Iterator[tuple[Object, Hit]]]
_TESTS = Path(__file__).parents[1] / "tests"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a rule in a test: what it was given, and its hits by the object's place."""

    inventory: Inventory
    found: tuple[tuple[int, Hit], ...]


@dataclass
class Replay:
    """The plugin. `then` is called when all tests have been run and noted.

    `failed` are the tests that fail without any mutant; nothing is asked of mutants then.
    """

    wanted: Callable[[pytest.Item], bool]
    then: Callable[[Replay], None]
    calls: dict[tuple[str, str], list[Call]] = field(default_factory=lambda: defaultdict(list))
    items: list[pytest.Item] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _running: str = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that are about rules."""
        items[:] = [item for item in items if self.wanted(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run and note every test, then hand over."""
        self.items = session.items
        replay = self

        def noting(rule: Rule, inventory: Inventory) -> Iterator[tuple[Object, Hit]]:
            found = list(USUAL(rule, inventory))
            objects = enumerate(_objects(inventory))
            places = {id(one): at for at, one in objects}
            hits = tuple((places[id(judged)], hit) for judged, hit in found)
            replay.calls[replay._running, rule.id].append(Call(inventory, hits))
            return iter(found)

        _let(noting)
        for number, item in enumerate(self.items, start=1):
            self._running = item.nodeid
            if not _passes(item):
                self.failed.append(item.nodeid)
            if number % 100 == 0 and sys.stderr.isatty():
                sys.stderr.write(f"\r{number} of {len(self.items)} tests noted")
        _let(USUAL)
        self.then(self)
        return True

    def killer(self, id: str, judge: Judge, items: Sequence[pytest.Item]) -> str | None:
        """The first of these tests that fails with the mutant, None if it survives them all."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            signal.alarm(SECONDS)
            os.write(writing, (self._killer(id, judge, items) or "").encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        return said or (f"ended with {status}" if status else None)

    def _killer(self, id: str, judge: Judge, items: Sequence[pytest.Item]) -> str | None:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        for item in items:
            if any(_differs(call, judge) for call in self.calls[item.nodeid, id]):
                _let(self._remembering(item.nodeid, id, judge))
                if not _passes(item):
                    return item.nodeid
        return None

    def _remembering(self, test: str, id: str, judge: Judge) -> _Hits:
        """`Rule.hits` for one run of a test: the mutant's own, and what others found before."""
        made: dict[str, int] = defaultdict(int)

        def hits(rule: Rule, inventory: Inventory) -> Iterator[tuple[Object, Hit]]:
            call = self.calls[test, rule.id][made[rule.id]]
            made[rule.id] += 1
            objects = _objects(inventory)
            found = judge(call) if rule.id == id else call.found
            return ((objects[at], hit) for at, hit in found)

        return hits


def asked(rule: Rule, inventory: Inventory) -> Iterator[tuple[int, Object]]:
    """The objects that a rule is asked about, with their places."""
    places = {id(one): at for at, one in enumerate(_objects(inventory))}
    for kind in rule.judges:
        for one in of_kind(inventory, kind):
            if one.exists is not Truth.NO and rule.asks_about(one):
                yield places[id(one)], one


def _objects(inventory: Inventory) -> tuple[Object, ...]:
    return (*inventory.grants, *inventory.keys, *inventory.identities)


def _differs(call: Call, judge: Judge) -> bool:
    try:
        return tuple(judge(call)) != call.found
    except Exception:  # noqa: BLE001  # a mutant may fail in every way; the test will see it
        return True


def _passes(item: pytest.Item) -> bool:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).parent == _TESTS and name != "conftest":
            for one in vars(module).values():
                if hasattr(one, "cache_clear"):
                    one.cache_clear()
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def _let(hits: _Hits) -> None:
    Rule.hits = hits  # type: ignore[method-assign]
