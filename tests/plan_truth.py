"""Evaluated values held against what Terraform planned and applied.

Every leaf that Terraform knows is either known to us and equal, or not known to us; anything else
contradicts. A policy's text counts leaf by leaf, as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from grantlint.value import Unknown, Value

Json = str | bool | int | float | None | list["Json"] | dict[str, "Json"]
MISSING = object()


@dataclass
class Tally:
    """Leaves that Terraform knows, how many of them we know, and what contradicts."""

    leaves: int = 0
    known: int = 0
    contradictions: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.leaves += other.leaves
        self.known += other.known
        self.contradictions += other.contradictions
        self.unknown += other.unknown

    def contradict(self, path: str, ours: object, truth: Json) -> None:
        self.contradictions.append(f"{path}: {str(ours)[:300]!r} is not {str(truth)[:300]!r}")


def leaves(truth: Json) -> int:
    """How many leaves a JSON value has; an empty collection is one."""
    if isinstance(truth, list) and truth:
        return sum(map(leaves, truth))
    if isinstance(truth, dict) and truth:
        return sum(map(leaves, truth.values()))
    return 1


# -- one value -----------------------------------------------------------------------------------


def compare(value: Value, truth: Json, path: str) -> Tally:
    """A value against the one that Terraform has."""
    tally = Tally(leaves=leaves(document(truth)))
    known = _compare(value, truth, path, tally)
    tally.known = known
    if known < tally.leaves and not tally.contradictions:
        tally.unknown.append(f"{path}: {tally.leaves - known} of {tally.leaves}")
    return tally


def document(truth: Json) -> Json:
    """The tree of a text that is a JSON object; anything else as it is."""
    if isinstance(truth, str) and truth.startswith("{"):
        try:
            tree: Json = json.loads(truth)
        except ValueError:
            return truth
        return tree
    return truth


def _compare(value: Value, truth: Json, path: str, tally: Tally) -> int:
    raw = value.raw
    if isinstance(raw, Unknown):
        return _compare_unknown(value, raw, truth, path, tally)
    if isinstance(raw, Mapping):
        return _compare_object(value, truth, path, tally)
    if isinstance(raw, tuple):
        return _compare_list(value, truth, path, tally)
    if not same(raw, truth):
        tally.contradict(path, raw, truth)
        return 0
    return leaves(document(truth))


def same(raw: str | bool | int | Fraction | None, truth: Json) -> bool:
    """Whether a known leaf is this JSON value; numbers as far as a float goes."""
    if isinstance(raw, bool) or isinstance(truth, bool) or raw is None or isinstance(raw, str):
        return type(raw) is type(truth) and raw == truth
    return isinstance(truth, int | float) and float(raw) == float(truth)


def _compare_unknown(value: Value, raw: Unknown, truth: Json, path: str, tally: Tally) -> int:
    if value.failed is not None:
        tally.contradict(path, f"refused: {raw.reason}", truth)
        return 0
    if raw.choices and not any(fits(choice, truth) for choice in raw.choices):
        tally.contradict(path, [choice.raw for choice in raw.choices], truth)
    if isinstance(truth, str) and raw.parts:
        ends = truth.startswith(raw.prefix) and truth.endswith(raw.suffix)
        if not ends:
            tally.contradict(path, raw.parts, truth)
    tree = document(truth)
    if value.encodes is not None and tree is not truth:
        return _compare(value.encodes, tree, path, tally)
    known = 0
    if isinstance(truth, dict):
        for name, member in raw.members.items():
            if name in truth:
                known += _compare(member, truth[name], f"{path}.{name}", tally)
    return known


def fits(value: Value, truth: Json) -> bool:
    """Whether nothing in a value contradicts."""
    tally = Tally()
    _compare(value, truth, "", tally)
    return not tally.contradictions


def _compare_object(value: Value, truth: Json, path: str, tally: Tally) -> int:
    if not isinstance(truth, dict):
        tally.contradict(path, dict(value.items()), truth)
        return 0
    known = 0
    for name, member in value.items():
        here = f"{path}.{name}"
        if name in truth:
            known += _compare(member, truth[name], here, tally)
        elif member.unknown is None or not _may_be_absent(member):
            tally.contradict(here, member.raw, "absent")
    for name in truth.keys() - dict(value.items()).keys():
        tally.contradict(f"{path}.{name}", "absent", truth[name])
    return known or int(not truth)


def _may_be_absent(value: Value) -> bool:
    cause = value.unknown
    return cause is not None and (not cause.choices or any(one.is_null for one in cause.choices))


def _compare_list(value: Value, truth: Json, path: str, tally: Tally) -> int:
    if not isinstance(truth, list):
        if isinstance(truth, str) and any(one.unknown is not None for one in value.elements()):
            return 0  # a list that may turn out to be one text
        tally.contradict(path, value.raw, truth)
        return 0
    members = value.elements()
    if all(one.unknown is None for one in members) or len(members) == len(truth) == 1:
        if len(members) != len(truth):
            tally.contradict(path, [one.raw for one in members], truth)
            return 0
        known = 0
        for index, (one, real) in enumerate(zip(members, truth, strict=True)):
            known += _compare(one, real, f"{path}[{index}]", tally)
        return known or int(not truth)
    return _compare_loose(members, list(truth), path, tally)


def _compare_loose(members: tuple[Value, ...], rest: list[Json], path: str, tally: Tally) -> int:
    """A list with unknown members: each known one must be there, wherever it stands."""
    known = 0
    for one in sorted(members, key=lambda member: member.unknown is not None):
        real = next((other for other in rest if fits(one, other)), MISSING)
        if real is not MISSING:
            inner = Tally()
            known += _compare(one, real, path, inner)
            rest.remove(real)
        elif not _may_be_absent(one):
            tally.contradict(path, one.raw, rest)
    return known


# -- paths ---------------------------------------------------------------------------------------

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def steps(path: str) -> list[str | int]:
    """`a.b[0]` in pieces; `.` is the whole value."""
    found = _STEP.findall(path)
    return [int(index) if index else name for name, index in found]


def prune(
    value: Value | None, truth: Json, unknown: list[list[str | int]]
) -> Iterator[tuple[list[str | int], Value | None, Json]]:
    """Our and Terraform's value for each part of `truth` that has no unknown in it."""
    if [] in unknown:
        return
    if not unknown:
        yield [], value, truth
        return
    if isinstance(truth, dict):
        keys: list[str | int] = list(truth)
    else:
        keys = list(range(len(truth))) if isinstance(truth, list) else []
    for key in keys:
        inner = [path[1:] for path in unknown if path[0] == key]
        part = truth[key]
        for path, ours, real in prune(member(value, key), part, inner):
            yield [key, *path], ours, real


def member(value: Value | None, key: str | int) -> Value | None:
    """A member of a value, unknown where the value is."""
    if value is None:
        return None
    if isinstance(value.raw, Unknown):
        found = value.raw.members.get(str(key))
        return found if found is not None else Value(value.type, Unknown(value.raw.reason))
    if isinstance(key, str):
        return value.get(key)
    if any(one.unknown is not None for one in value.elements()) and value.kind == "set":
        return Value(value.type, Unknown("a set with an unknown member"))
    return value.elements()[key] if key < len(value.elements()) else None


def planned_tally(value: Value, truth: Json, unknown: list[str], path: str) -> Tally:
    """A value against what the plan knows of it; each path that is unknown there is left out."""
    tally = Tally()
    for where, ours, real in prune(value, truth, [steps(one) for one in unknown]):
        here = path + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in where)
        if ours is None:
            tally.contradict(here, "absent", real)
        else:
            tally.add(compare(ours, real, here))
    return tally


def at(truth: Json, path: list[str | int]) -> Json | object:
    """The part of an applied value at a path; MISSING when there is none."""
    for key in path:
        named = isinstance(key, str) and isinstance(truth, dict) and key in truth
        counted = isinstance(key, int) and isinstance(truth, list) and key < len(truth)
        if not named and not counted:
            return MISSING
        truth = truth[key]
    return truth


def applied_contradictions(value: Value, state: Json, unknown: list[str], path: str) -> list[str]:
    """Where what we know beyond the plan is not what came out in the end."""
    found = []
    for one in unknown:
        ours: Value | None = value
        for key in steps(one):
            ours = member(ours, key)
        real = at(state, steps(one))
        if ours is not None and real is not MISSING:
            tally = compare(ours, real, f"{path}.{one}")
            found += tally.contradictions
    return found


def insensitive(value: Value, paths: list[str]) -> list[str]:
    """The paths that Terraform hides and we do not."""
    shown = []
    for path in paths:
        ours: Value | None = value
        hidden = value.sensitive
        for key in steps(path):
            ours = member(ours, key)
            hidden = hidden or (ours is not None and ours.sensitive)
        if not hidden and (ours is None or not ours.has_sensitive()):
            shown.append(path)
    return shown
