"""Inventories of one case, of its configuration, its plan, and both, put beside each other."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from truth_cases import TRUTH, Case

from grantlint.model import Inventory, to_json
from grantlint.model.json import Json
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.parsers.terraform.plan import read_plan

EVERYWHERE = Path(os.environ.get("GRANTLINT_TRUTH", TRUTH))


def with_plans() -> list[Case]:
    """Every case with a plan, of the copy in fixtures or of what GRANTLINT_TRUTH names."""
    return [Case(path.parent) for path in sorted(EVERYWHERE.rglob("plan.json"))]


def options(case: Case) -> Options:
    return Options(
        variables=case.variables,
        environment=case.environment,
        account="123456789012",
        region="us-east-1",
    )


def of_configuration(case: Case) -> Inventory:
    return estate.read([str(case.directory)], options(case)).inventory


def of_plan(case: Case, directory: Path, name: str = "plan.json") -> Inventory:
    """Of the plan alone, which lies in an empty directory."""
    alone = directory / name
    shutil.copyfile(case.directory / name, alone)
    return read_plan(str(alone), options(case)).inventory


def of_both(case: Case, name: str = "plan.json") -> Inventory:
    """Of the plan beside its configuration, which is not told what the variables are."""
    given = Options(account="123456789012", region="us-east-1")
    return read_plan(str(case.directory / name), given).inventory


# -- differences -------------------------------------------------------------------------------

_PLACES = {"span", "source"}
_SETS = {"operations_written", "grants"}  # as written, or in the order of places
_BY_REFERENCE = {"grants", "aliases"}  # of a key: what is certainly known to be for it


def objects(inventory: Inventory) -> dict[str, Json]:
    """The inventory as JSON, by kind and address, without what differs by nature."""
    whole = to_json(inventory)
    found: dict[str, Json] = {}
    for kind in ("grants", "keys", "identities"):
        listed = whole[kind]
        assert isinstance(listed, list)
        for one in listed:
            assert isinstance(one, dict)
            name = f"{kind} {one['address']}"
            assert name not in found
            found[name] = _bare(one)
    return found


def _bare(tree: Json, name: str = "") -> Json:
    if isinstance(tree, dict):
        return {name: _bare(one, name) for name, one in tree.items() if name not in _PLACES}
    if not isinstance(tree, list):
        return tree
    if name in _SETS:
        return [json.loads(text) for text in sorted({json.dumps(one) for one in tree})]
    return [_bare(one) for one in tree]


def contradictions(less: Json, more: Json, path: str = "") -> Iterator[str]:
    """Where both know something and not the same; `less` may miss what is known by reference."""
    if is_hidden(less) or is_hidden(more):
        return
    if isinstance(less, dict) and isinstance(more, dict):
        for name in sorted(less.keys() | more.keys()):
            here = f"{path}.{name}"
            if name not in less or name not in more:
                yield f"{here}: only in one"
            elif name == "blocks" and (_counts_unknowns(less) or _counts_unknowns(more)):
                continue
            else:
                yield from contradictions(less[name], more[name], here)
    elif isinstance(less, list) and isinstance(more, list):
        yield from _of_lists(less, more, path)
    elif type(less) is not type(more) or less != more:
        yield f"{path}: {less!r} and {more!r}"


def _counts_unknowns(constraints: dict[str, Json]) -> bool:
    """Whether a count of what certainly constrains leaves out what is not known."""
    return any(map(is_hidden, constraints.values()))


def _of_lists(less: list[Json], more: list[Json], path: str) -> Iterator[str]:
    by_reference = path.rpartition(".")[2] in _BY_REFERENCE
    if by_reference or any(map(is_hidden, less)):
        for one in less:
            if not is_hidden(one) and all(list(contradictions(one, other)) for other in more):
                yield f"{path}: {one!r} is not in {more!r}"
        return
    if any(map(is_hidden, more)):
        yield from _of_lists(more, less, path)
        return
    if len(less) != len(more):
        yield f"{path}: {less!r} and {more!r}"
        return
    for number, (one, other) in enumerate(zip(less, more, strict=True)):
        yield from contradictions(one, other, f"{path}[{number}]")


def is_hidden(tree: Json) -> bool:
    """Whether a leaf is not known, or sensitive."""
    return isinstance(tree, dict) and bool({"$unknown", "$sensitive"} & tree.keys())


def less_known(one: Json, other: Json, path: str = "") -> Iterator[str]:
    """Where `one` does not know what `other` knows."""
    if is_hidden(other):
        return
    if is_hidden(one):
        yield path
    elif isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() & other.keys()):
            yield from less_known(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) < len(other):
            yield f"{path}: {len(one)} of {len(other)}"
        for number, (ours, theirs) in enumerate(zip(one, other, strict=False)):
            yield from less_known(ours, theirs, f"{path}[{number}]")


def leaves(tree: Json) -> Iterator[bool]:
    """Of every leaf whether it is known."""
    if is_hidden(tree):
        yield False
    elif isinstance(tree, dict):
        for one in tree.values():
            yield from leaves(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from leaves(one)
    else:
        yield True
