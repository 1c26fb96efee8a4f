"""Whether faults that are put into real estates are found, and changes that are none are not.

Usage: python bench/recall.py DIRECTORY… [--faults N] [--harmless N] [--seed N]

Each directory is a copy of a public estate, with many key policies or grants; nothing of it is
kept here. A fault is one edit (see `faults.py`): a constraint dropped, CreateGrant added, a grantee
or principal widened, a guarding condition removed. It is found if `check` of the root module has a
certain finding of the right rule that it had not before. A change that makes no difference (see
`harmless.py`) must give no certain finding that was not there before.

The choice is the same for the same estates and seed. The exit code is 1 where less than 95 % of the
faults are found, or a harmless change is.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Protocol, TypeVar

from faults import Fault, faults
from harmless import Harmless, changes

from grantlint.check import check
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate

WANTED = 0.95
"""The share of faults that must be found."""

Found = Counter[tuple[str, str, str]]
"""Certain findings: rule, severity and message."""


class Place(Protocol):
    """What faults and harmless changes have in common."""

    kind: str
    root: str
    address: str
    line: int


One = TypeVar("One", Fault, Harmless)


def certain(root: str) -> Found:
    """The certain findings on a root module as it is now."""
    report = check([root], Options())
    return Counter((f.rule, str(f.severity), f.message) for f in report.judged(possible=False))


before = cache(certain)


@contextmanager
def written(files: Mapping[str, bytes]) -> Iterator[None]:
    """Let files have these contents, and be as before in the end."""
    kept = {path: Path(path).read_bytes() for path in files if Path(path).exists()}
    try:
        for path, data in files.items():
            Path(path).parent.mkdir(exist_ok=True)
            Path(path).write_bytes(data)
        yield
    finally:
        for path in files:
            if path in kept:
                Path(path).write_bytes(kept[path])
            else:
                Path(path).unlink(missing_ok=True)


def is_found(fault: Fault) -> bool:
    """Whether the right rule reports a fault."""
    old = before(fault.root)
    (path,) = {edit.path for edit in fault.edits}
    data = Path(path).read_bytes()
    for edit in reversed(fault.edits):
        data = edit.applied(data)
    with written({path: data}):
        new = certain(fault.root) - old
    return any(rule in fault.rules for rule, _, _ in new)


def accusations(change: Harmless) -> list[str]:
    """What a harmless change is accused of."""
    old = before(change.root)
    with written(change.files):
        new = certain(change.root)
    name, other = change.renamed
    if name:
        new = Counter({(r, s, m.replace(other, name)): n for (r, s, m), n in new.items()})
    return [f"{rule}: {message}" for rule, _, message in new - old]


def chosen(places: Sequence[One], number: int, seed: int) -> list[One]:
    """So many of them, of each kind as equally many as there are."""
    kinds: dict[str, list[One]] = defaultdict(list)
    for place in places:
        kinds[place.kind].append(place)
    for _, those in sorted(kinds.items()):
        random.Random(seed).shuffle(those)  # noqa: S311  # to choose, not to hide
    taken: list[One] = []
    while len(taken) < number and any(kinds.values()):
        for _, those in sorted(kinds.items()):
            if those and len(taken) < number:
                taken.append(those.pop())
    return taken


def judge(
    places: Sequence[One], said: Callable[[One], list[str]], scratch: str
) -> dict[str, list[list[str]]]:
    """What is said of each, by kind; everything is shown where it stands."""
    results: dict[str, list[list[str]]] = defaultdict(list)
    for number, place in enumerate(places, start=1):
        lines = said(place)
        results[place.kind].append(lines)
        where = place.root.removeprefix(f"{scratch}/")
        for line in lines:
            print(f"  {where}: {place.address}, line {place.line}: {place.kind}: {line}")
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number} of {len(places)}")
    return results


def main() -> int:
    """Make the changes, judge them, count."""
    parser = argparse.ArgumentParser(description="recall on public estates")
    parser.add_argument("directories", nargs="+", type=Path)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--harmless", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        made: list[Fault] = []
        same: list[Harmless] = []
        for directory in given.directories:
            copy = f"{scratch}/{directory.name}"
            copytree(directory, copy, ignore_dangling_symlinks=True)
            inventory = estate.read([copy], Options()).inventory
            made += faults(inventory)
            same += changes(inventory)
        print("faults that are not found:")
        faulty = chosen(made, given.faults, given.seed)
        missed = judge(faulty, lambda one: [] if is_found(one) else [where(one)], scratch)
        print("harmless changes that are:")
        accused = judge(chosen(same, given.harmless, given.seed), accusations, scratch)
    return show(missed, accused)


def where(fault: Fault) -> str:
    """What was expected of a fault."""
    path = Path(fault.edits[0].path)
    return f"no {' nor '.join(sorted(fault.rules))} ({path.parent.name}/{path.name})"


def show(missed: dict[str, list[list[str]]], accused: dict[str, list[list[str]]]) -> int:
    """The table of both, and the exit code."""
    print(f"\n{'fault':36} {'made':>5} {'found':>6}")
    for kind, results in sorted(missed.items()):
        print(f"{kind:36} {len(results):5} {sum(not one for one in results):6}")
    results = [one for those in missed.values() for one in those]
    share = sum(not one for one in results) / max(1, len(results))
    print(f"{'together':36} {len(results):5} {share:6.1%}")
    print(f"\n{'harmless change':36} {'made':>5} {'silent':>6}")
    for kind, results in sorted(accused.items()):
        print(f"{kind:36} {len(results):5} {sum(not one for one in results):6}")
    silent = not any(one for those in accused.values() for one in those)
    return int(share < WANTED or not silent)


if __name__ == "__main__":
    sys.exit(main())
