"""What a Rego rule's `deny` and `warn` hold, as hits: checked, sorted, each place once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grantlint.rego.engine import RuleError, Verdict
from grantlint.rule import Hit, Path, Related, Severity
from grantlint.value import Truth

_SEVERITIES = {severity.label: severity for severity in Severity}
_KEYS = frozenset({"at", "message", "severity", "related", "fix"})


def hits(name: str, verdict: Verdict) -> tuple[Hit, ...]:
    """The hits of one rule, by place and text.

    What `deny` says of a place is certain, and `warn` has nothing to add to it. Raises
    RuleError for what is no hit.
    """
    certain = list(_read(name, verdict.get("deny", {}).get(name, ()), Truth.YES))
    said = {hit.at for hit in certain}
    possible = _read(name, verdict.get("warn", {}).get(name, ()), Truth.MAYBE)
    return (*certain, *(hit for hit in possible if hit.at not in said))


def _read(name: str, found: Iterable[object], truth: Truth) -> Iterator[Hit]:
    for one in sorted(found, key=lambda one: json.dumps(one, sort_keys=True)):
        try:
            yield _hit(one, truth)
        except _HitError as error:
            raise RuleError(name, f"{error}: {json.dumps(one)}") from error


class _HitError(Exception):
    """What a rule says is no hit."""


def _hit(one: object, truth: Truth) -> Hit:
    if not isinstance(one, Mapping):
        raise _HitError("a hit is an object")
    if strange := sorted(one.keys() - _KEYS):
        raise _HitError(f"a hit has no key {strange[0]}")
    message, severity, fix = one.get("message"), one.get("severity"), one.get("fix")
    if not isinstance(message, str) or not message:
        raise _HitError("a hit needs a message")
    if severity is not None and severity not in _SEVERITIES:
        raise _HitError(f"a severity is one of {', '.join(_SEVERITIES)}")
    if fix is not None and not isinstance(fix, Mapping):
        raise _HitError("a fix is an object")
    return Hit(
        at=_path(one.get("at")),
        message=message,
        truth=truth,
        severity=_SEVERITIES[severity] if severity is not None else None,
        related=tuple(_related(place) for place in _list(one.get("related", []), "related")),
        fix=fix,
    )


def _related(place: object) -> Related:
    if not isinstance(place, Mapping) or not isinstance(place.get("text"), str):
        raise _HitError("a related place is an object with at and text")
    address = place.get("address")
    if address is not None and not isinstance(address, str):
        raise _HitError("the address of a related place is a text")
    return Related(_path(place.get("at")), place["text"], address)


def _path(at: object) -> Path:
    parts = _list(at, "at")
    if not all(isinstance(part, str) or type(part) is int for part in parts):
        raise _HitError("at is a list of keys and indices")
    return tuple(parts)  # type: ignore[arg-type]  # all() has just looked


def _list(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise _HitError(f"{name} is a list")
    return value
