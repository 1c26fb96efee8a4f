"""What a Rego rule's `deny` and `warn` hold, as hits: checked, sorted, each place once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from grantlint.rego.engine import RuleError, Verdict
from grantlint.rule import Hit, Path, Related, Severity
from grantlint.value import Truth

_SEVERITIES: Final = {severity.label: severity for severity in Severity}
_KEYS: Final = frozenset({"at", "message", "severity", "related", "fix"})
_CHANGES: Final = {op: {"at", "op", "value"} for op in ("set", "add")} | {"remove": {"at", "op"}}
"""The keys of a fix by what it does; it may have "safe" besides."""
_SHOWN: Final = 200
"""How much of a hit that is none is quoted."""


def hits(name: str, verdict: Verdict) -> tuple[Hit, ...]:
    """The hits of one rule, by place and text.

    What `deny` says of a place is certain, and `warn` has nothing to add to it. Raises
    RuleError for what is no hit.
    """
    certain = list(_read(name, verdict, "deny", Truth.YES))
    said = {hit.at for hit in certain}
    possible = _read(name, verdict, "warn", Truth.MAYBE)
    return (*certain, *(hit for hit in possible if hit.at not in said))


def _read(name: str, verdict: Verdict, kind: str, truth: Truth) -> Iterator[Hit]:
    found = verdict.get(kind, {}).get(name, ())
    if not isinstance(found, list | tuple):
        raise RuleError(name, f"{kind} must be a set of hits, as `{kind} contains` makes one")
    for one in sorted(found, key=lambda one: json.dumps(one, sort_keys=True)):
        try:
            yield _hit(one, truth)
        except _HitError as error:
            text = json.dumps(one, ensure_ascii=False)
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            raise RuleError(name, f"{error}: {shown}") from error


class _HitError(Exception):
    """What a rule says is no hit."""


def _hit(one: object, truth: Truth) -> Hit:
    if not isinstance(one, Mapping):
        raise _HitError("a hit is an object")
    if strange := sorted(one.keys() - _KEYS):
        raise _HitError(f"a hit has no key {strange[0]}")
    message, severity = one.get("message"), one.get("severity")
    if not isinstance(message, str) or not message:
        raise _HitError("a hit needs a message")
    if severity is not None and not (isinstance(severity, str) and severity in _SEVERITIES):
        raise _HitError(f"a severity is one of {', '.join(_SEVERITIES)}")
    return Hit(
        at=_path(one.get("at")),
        message=message,
        truth=truth,
        severity=_SEVERITIES[severity] if severity is not None else None,
        related=tuple(_related(place) for place in _list(one.get("related", []), "related")),
        fix=_fix(one["fix"]) if "fix" in one else None,
    )


def _related(place: object) -> Related:
    if not isinstance(place, Mapping) or not isinstance(place.get("text"), str):
        raise _HitError("a related place is an object with at and text")
    address = place.get("address")
    if address is not None and not isinstance(address, str):
        raise _HitError("the address of a related place is a text")
    return Related(_path(place.get("at")), place["text"], address)


def _fix(change: object) -> Mapping[str, object]:
    op = change.get("op") if isinstance(change, Mapping) else None
    if not isinstance(change, Mapping) or not isinstance(op, str) or op not in _CHANGES:
        raise _HitError(f"a fix is an object with at and op, which is one of {', '.join(_CHANGES)}")
    if change.keys() - {"safe"} != _CHANGES[op]:
        raise _HitError(f"a fix that is to {op} has the keys {', '.join(sorted(_CHANGES[op]))}")
    if not isinstance(change.get("safe", False), bool):
        raise _HitError("safe is true or false")
    return {**change, "at": list(_path(change["at"]))}


def _path(at: object) -> Path:
    parts = _list(at, "at")
    if not all(isinstance(part, str) or (type(part) is int and part >= 0) for part in parts):
        raise _HitError("at is a list of keys and indices")
    return tuple(parts)  # type: ignore[arg-type]  # all() has just looked


def _list(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise _HitError(f"{name} is a list")
    return value
