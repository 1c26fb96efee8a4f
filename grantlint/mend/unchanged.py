"""Whether fixes changed what they were meant to change, and nothing else.

The models before and after are compared. What may differ is the field or statement that a fix
speaks of; what must be so is that its finding is gone, that a list has the texts that it should
have, and that everything can still be read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from grantlint.finding import Finding, Report
from grantlint.fix import Change, owner
from grantlint.model.json import element_json

if TYPE_CHECKING:
    from grantlint.model import Inventory
    from grantlint.rule import Object

Outcome = tuple[Report, "Inventory"]
Tree = Mapping[str, object]

_TOGETHER: Final = (
    {"operations", "operations_written"},
    {"retire_on_delete", "ends_by"},
    {"grantee_principal", "grantee", "grantee_refused", "who", "integrations"},
    {"retiring_principal", "retiring", "retiring_refused"},
    {"key_id", "key", "integrations"},
    {"policy", "account"},
)
"""Fields that say the same thing in several ways."""
_APART: Final = frozenset({"span", "covers", "missing_for", "pins", "unmatched"})
"""Places, and what is made out of other fields of a statement."""


def surprise(before: Outcome, after: Outcome, fixed: Sequence[Finding]) -> str | None:
    """What is not as it was meant, None if all is."""
    if len(after[0].unreadable) > len(before[0].unreadable):
        return f"{after[0].unreadable[-1].path} could not be read any more"
    found, left = _count(before[0].findings), _count(after[0].findings)
    for key, count in Counter(map(_kind, fixed)).items():
        if left[key] > found[key] - count:
            return "the finding would still be there"
    old, new = _objects(before[1]), _objects(after[1])
    if [one.address for one in old] != [one.address for one in new]:
        return "which keys, grants and IAM policies there are would change"
    changes: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    for finding in fixed:
        if finding.fix is not None:
            changes[finding.fix.owner].append(finding.fix.change)
    for one, other in zip(old, new, strict=True):
        asked = changes.get(owner(one), ())
        fault = _fault(_shown(one), _shown(other), asked)
        if fault is not None:
            return f"{fault} of {one.address} would change too"
    return None


def _kind(finding: Finding) -> tuple[str, str | None, str]:
    return finding.rule, finding.address, finding.message


def _count(findings: Iterable[Finding]) -> Counter[tuple[str, str | None, str]]:
    return Counter(_kind(one) for one in findings if one.certain)


def _objects(inventory: Inventory) -> list[Object]:
    return [*inventory.keys, *inventory.grants, *inventory.identities]


def _shown(one: Object) -> dict[str, object]:
    """An object as JSON, without its place and without what repeats the statements."""
    shown = {key: _said(value) for key, value in element_json(one).items() if key not in _APART}
    policy = shown.get("policy")
    if isinstance(policy, dict):
        policy.pop("document")
    return shown


def _said(tree: object) -> object:
    if isinstance(tree, Mapping):
        return {key: _said(value) for key, value in tree.items() if key not in _APART}
    return [_said(one) for one in tree] if isinstance(tree, list) else tree


# -- one object ----------------------------------------------------------------------------


def _fault(old: Tree, new: Tree, asked: Sequence[Change]) -> str | None:
    """The field that differs and should not, or that is not as it was meant."""
    named = {str(change.at[0]) for change in asked}
    allowed = named.union(*(one for one in _TOGETHER if one & named))
    strange = [name for name in old if old[name] != new.get(name) and name not in allowed]
    if strange:
        return strange[0]
    if "policy" in named:
        fault = _policy_fault(old["policy"], new["policy"], asked)
        if fault is not None:
            return fault
    for name in ("operations", "grant_creation_tokens"):
        about = [one for one in asked if str(one.at[0]).removesuffix("_written") == name]
        if about and not _as_meant(old, new, name, about):
            return name
    return None


def _policy_fault(old: object, new: object, asked: Sequence[Change]) -> str | None:
    """Statements that no fix is about stay as they are; so does what it says nothing of."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return "policy"
    before, after = old["statements"], list(new["statements"])
    about: dict[int, set[str]] = defaultdict(set)
    gone = set()
    for change in asked:
        if change.at[:2] == ("policy", "statements") and len(change.at) > 2:
            number = change.at[2]
            about[int(number)].update(map(str, change.at[3:4]))
            gone |= {number} if len(change.at) == 3 and change.op == "remove" else set()
    kept = [(at, one) for at, one in enumerate(before) if at not in gone]
    if len(after) < len(kept):
        return "policy"
    for (number, statement), other in zip(kept, after, strict=False):
        strange = [key for key in statement if statement[key] != other.get(key)]
        if set(strange) - about.get(number, set()):
            return f"statement {number + 1}"
    return None


def _as_meant(old: Tree, new: Tree, name: str, asked: Sequence[Change]) -> bool:
    """Whether a list of a grant has the texts that it had, but for those that were changed."""
    before = _texts(old, f"{name}_written", name)
    after = _texts(new, f"{name}_written", name)
    if before is None or after is None:
        return before == after
    wanted = set(before)
    for change in asked:
        value = change.value
        values = set(map(str, value)) if isinstance(value, list | tuple) else {str(value)}
        if len(change.at) == 1:
            wanted = values if change.op == "set" else wanted | values
            continue
        listed = old.get(str(change.at[0]))
        assert isinstance(listed, list)
        wanted.discard(str(listed[int(change.at[1])]))
        wanted |= values if change.op == "set" else set()
    still = set(_doubled(before))
    return set(after) - still == wanted - still


def _texts(tree: Tree, *names: str) -> list[str] | None:
    for name in names:
        listed = tree.get(name)
        if isinstance(listed, list):
            return [str(one) for one in listed]
    return None


def _doubled(texts: Sequence[str]) -> Iterator[str]:
    """Those that are there twice: taking one away leaves the other."""
    return (text for text, count in Counter(texts).items() if count > 1)
