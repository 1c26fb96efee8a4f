"""Findings with what mends them: the change that a rule asks for, as edits of the source.

Only a certain finding gets a fix: what may be right as it is is not changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantlint.finding import Finding
from grantlint.fix import Applicability, Change, Fix, owner
from grantlint.model import Inventory
from grantlint.place import member
from grantlint.rule import Hit, Object, Path
from grantlint.value import Value

if TYPE_CHECKING:
    from grantlint.parsers.terraform.edit import Wanted


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding, the object that it is in, and the hit that it was made of."""

    finding: Finding
    judged: Object
    hit: Hit


def with_fixes(
    judged: Sequence[Judged], inventory: Inventory, paths: Sequence[str]
) -> Iterator[Finding]:
    """The findings, each with its fix where there is one, of files at or below `paths`."""
    from grantlint.parsers.terraform.edit import Editor  # noqa: PLC0415  # 8 ms

    asking = [
        one
        for one in judged
        if one.hit.fix is not None and one.finding.certain and one.judged.source == "terraform"
    ]
    wanted = [_wanted(one) for one in asking]
    edits = Editor(inventory, paths).edits(wanted)
    fixes: dict[int, Fix] = {}
    for one, asked, made in zip(asking, wanted, edits, strict=True):
        if made is not None and one.hit.fix is not None:
            safe = one.hit.fix.get("safe") is True and not made.loses_comment
            applicability = Applicability.SAFE if safe else Applicability.SUGGESTED
            fixes[id(one)] = Fix(
                _title(asked), applicability, asked.change, owner(one.judged), made.edits
            )
    for one in judged:
        yield replace(one.finding, fix=fixes.get(id(one)))


def _wanted(one: Judged) -> Wanted:
    from grantlint.parsers.terraform.edit import Wanted  # noqa: PLC0415  # see above

    change = one.hit.fix or {}
    at = change.get("at", ())
    assert isinstance(at, Sequence)
    path: Path = tuple(at)
    asked = Change(path, str(change.get("op")), change.get("value"))
    return Wanted(one.judged, asked, one.finding.rule)


# -- in words ------------------------------------------------------------------------------


def _title(wanted: Wanted) -> str:
    change, value = wanted.change, wanted.change.value
    if change.op == "remove":
        return f"remove {_named(wanted.judged, change.at)}"
    if change.op == "set":
        return f"write {_shown(value)}"
    if change.at[-1:] == ("conditions",) and isinstance(value, Mapping):
        return f"add a condition on {value.get('key')}"
    if isinstance(value, Mapping):
        return f"add {' and '.join(map(str, value))}"
    return f"add {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return " and ".join(map(_shown, value))
    if isinstance(value, Mapping) and "$own" in value:
        return "the own account"
    return json.dumps(value, ensure_ascii=False)


def _named(judged: Object, at: Path) -> str:
    """What is to be removed: a text as it is, else what it is called."""
    current: object = judged
    for part in at:
        current = member(current, part)
    if isinstance(current, Value) and current.text is not None and not current.has_sensitive():
        return json.dumps(current.text, ensure_ascii=False)
    names = [part for part in at if isinstance(part, str)]
    last = names[-1] if names else "it"
    alone = bool(at) and isinstance(at[-1], int)
    return f"the {last.removesuffix('s')}" if alone else last.removesuffix("_written")
