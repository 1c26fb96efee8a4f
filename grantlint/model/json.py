"""The model as JSON, as `model.schema.json` beside this module describes it.

A leaf that is not known is `{"$unknown": {…}}`. A sensitive value never gets out, in no form: it
is `{"$sensitive": true}`, and so is everything derived from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

from grantlint.iam import pins
from grantlint.iam.actions import covered
from grantlint.iam.condition_keys import condition_key, missing_for
from grantlint.iam.conditions import Condition
from grantlint.iam.grantee import Grantee
from grantlint.iam.principals import Principal
from grantlint.iam.statements import Statement
from grantlint.iam.unmatched import unmatched
from grantlint.model.inventory import Grant, Identity, Inventory, Key, Note, Policy
from grantlint.source import Span
from grantlint.value import BOOL, Truth, Unknown, Value, string, unknown

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

VERSION: Final = 1
_SCHEMA: Final = Path(__file__).with_name("model.schema.json")


def to_json(inventory: Inventory) -> dict[str, Json]:
    """The whole inventory; the same inventory gives the same JSON, order of keys included."""
    return {
        "version": VERSION,
        "grants": [_grant(grant) for grant in inventory.grants],
        "keys": [_key(key) for key in inventory.keys],
        "identities": [_identity(identity) for identity in inventory.identities],
        "notes": [_note(note) for note in inventory.notes],
    }


def element_json(element: Grant | Key | Identity) -> dict[str, Json]:
    """One grant, key or IAM policy, as it stands in the whole."""
    if isinstance(element, Grant):
        return _grant(element)
    return _key(element) if isinstance(element, Key) else _identity(element)


def rego_input(element: Grant | Key | Identity) -> dict[str, Json]:
    """One object as a Rego rule sees it: what is null has no key, as null is true there."""
    return _without_nulls(element_json(element))


def schema() -> dict[str, Json]:
    """The JSON Schema of what `to_json` gives."""
    loaded: dict[str, Json] = json.loads(_SCHEMA.read_text("utf-8"))
    return loaded


# -- elements ------------------------------------------------------------------------------


def _grant(grant: Grant) -> dict[str, Json]:
    key, constraints = grant.key, grant.constraints
    return {
        "kind": "grant",
        "address": grant.address,
        "source": grant.source,
        "exists": grant.exists.name.lower(),
        "key": {
            "address": value_json(key.address),
            "spec": value_json(key.spec),
            "usage": value_json(key.usage),
            "account": value_json(key.account),
            "enabled": value_json(key.enabled),
            "imported": value_json(key.imported),
        },
        "key_id": value_json(grant.key_id),
        "key_refused": value_json(grant.key_refused),
        "name": value_json(grant.name),
        "operations": value_json(grant.operations),
        "operations_written": value_json(grant.operations_written),
        "retire_on_delete": value_json(grant.retire_on_delete),
        "grant_creation_tokens": value_json(grant.grant_creation_tokens),
        "grantee_principal": value_json(grant.grantee_principal),
        "grantee": _grantee(grant.grantee),
        "grantee_refused": value_json(grant.grantee_refused),
        "who": grant.who,
        "retiring_principal": value_json(grant.retiring_principal),
        "retiring": _grantee(grant.retiring) if grant.retiring is not None else None,
        "retiring_refused": value_json(grant.retiring_refused),
        "constraints": {
            "encryption_context_equals": value_json(constraints.encryption_context_equals),
            "encryption_context_subset": value_json(constraints.encryption_context_subset),
            "source_arn": value_json(constraints.source_arn),
            "blocks": constraints.blocks,
        },
        "ends_by": grant.ends_by,
        "made_by": value_json(grant.made_by),
        "integrations": [
            {"service": one.service, "address": one.address, "evidence": one.evidence}
            for one in grant.integrations
        ],
        "span": _span(grant.span),
    }


def _key(key: Key) -> dict[str, Json]:
    return {
        "kind": "key",
        "address": key.address,
        "source": key.source,
        "exists": key.exists.name.lower(),
        "spec": value_json(key.spec),
        "usage": value_json(key.usage),
        "account": value_json(key.account),
        "enabled": value_json(key.enabled),
        "enable_key_rotation": value_json(key.enable_key_rotation),
        "multi_region": value_json(key.multi_region),
        "origin": value_json(key.origin),
        "imported": value_json(key.imported),
        "primary": value_json(key.primary),
        "aliases": [value_json(alias) for alias in key.aliases],
        "grants": list(key.grants),
        "policy": _policy(key.policy),
        "span": _span(key.span),
    }


def _identity(identity: Identity) -> dict[str, Json]:
    return {
        "kind": "identity",
        "address": identity.address,
        "source": identity.source,
        "exists": identity.exists.name.lower(),
        "managed": value_json(identity.managed),
        "policy": _policy(identity.policy),
        "span": _span(identity.span),
    }


def _policy(policy: Policy) -> dict[str, Json]:
    statements: list[Json]
    if policy.document.sensitive:
        statements = [_sensitive()]
    else:
        statements = [_statement(statement) for statement in policy.statements]
        statements += [value_json(value) for value in policy.unseen]
    return {
        "default": value_json(policy.default),
        "bypass_policy_lockout_safety_check": value_json(policy.bypass_policy_lockout_safety_check),
        "document": value_json(policy.document),
        "statements": statements,
    }


def _statement(statement: Statement) -> dict[str, Json]:
    if statement.sensitive:
        return _sensitive()
    about = covered(statement)
    return {
        "sid": value_json(statement.sid),
        "effect": value_json(statement.effect),
        "exists": statement.exists.name.lower(),
        "not_principal": statement.not_principal,
        "principals": _uncounted(_principal(one) for one in statement.principals),
        "not_action": statement.not_action,
        "actions": value_json(statement.actions),
        "covers": value_json(about.marked(statement.actions.has_sensitive())),
        "not_resource": statement.not_resource,
        "resources": value_json(statement.resources),
        "conditions": _uncounted(_condition(one, about) for one in statement.conditions),
        "span": _span(statement.span),
    }


def _principal(principal: Principal) -> dict[str, Json]:
    return {
        "type": value_json(principal.type),
        "value": value_json(principal.value),
        "account": value_json(principal.account),
        "kind": value_json(principal.kind),
        "trusted": value_json(principal.trusted),
    }


def _condition(condition: Condition, about: Value) -> dict[str, Json]:
    return {
        "operator": value_json(condition.operator),
        "set": value_json(condition.set),
        "if_exists": value_json(condition.if_exists),
        "key": value_json(condition.key),
        "values": value_json(condition.values),
        **_meaning(condition, about),
    }


def _meaning(condition: Condition, about: Value) -> dict[str, Json]:
    """What is derived of a condition; all of it hidden where one of its leaves is."""
    leaves = (condition.operator, condition.set, condition.key, condition.values)
    if any(leaf.has_sensitive() for leaf in leaves):
        hidden = ("name", "several", "always", "missing_for", "unmatched", "pins", "trusted")
        return {fact: _sensitive() for fact in hidden}
    key = condition_key(condition.key.text or "")
    return {
        "name": value_json(condition.key if key is None else string(key.name)),
        "several": None if key is None else key.several,
        "always": None if key is None else key.always,
        "missing_for": value_json(missing_for(condition, about)),
        "unmatched": [
            {"kind": one.kind, "why": value_json(one.why)} for one in unmatched(condition)
        ],
        "pins": {
            "caller": _truth(pins.caller(condition)),
            "source": _truth(pins.source(condition)),
            "grant": _truth(pins.grant(condition)),
        },
        "trusted": value_json(condition.trusted),
    }


def _truth(truth: Truth) -> Json:
    if truth is Truth.MAYBE:
        return value_json(unknown("what the condition asks for is not known", type=BOOL))
    return truth is Truth.YES


def _grantee(grantee: Grantee) -> dict[str, Json]:
    return {**_who(grantee), "alternatives": [_who(one) for one in grantee.alternatives]}


def _who(grantee: Grantee) -> dict[str, Json]:
    return {
        "kind": value_json(grantee.kind),
        "account": value_json(grantee.account),
        "name": value_json(grantee.name),
        "service": value_json(grantee.service),
        "service_linked": value_json(grantee.service_linked),
        "trusted": value_json(grantee.trusted),
    }


def _note(note: Note) -> dict[str, Json]:
    return {
        "reason": note.reason,
        "count": note.count,
        "span": _span(note.span) if note.span is not None else None,
    }


def _span(span: Span | None) -> dict[str, Json] | None:
    if span is None:
        return None
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "path": span.source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


# -- values --------------------------------------------------------------------------------


def value_json(value: Value) -> Json:
    """A value as JSON; whatever is sensitive in it is hidden."""
    if value.sensitive:
        return _sensitive()
    raw = value.raw
    if isinstance(raw, str):
        if value.encodes is not None and value.encodes.has_sensitive():
            return _sensitive()
        return raw
    if raw is None or isinstance(raw, (bool, int)):
        return raw
    if isinstance(raw, tuple):
        return [value_json(member) for member in raw]
    if isinstance(raw, Unknown):
        return _unknown(raw)
    if isinstance(raw, Fraction):
        return _decimal(raw)
    return {key: value_json(member) for key, member in raw.items()}


def _unknown(cause: Unknown) -> dict[str, Json]:
    if any(isinstance(part, Value) and part.has_sensitive() for part in cause.parts):
        return _sensitive()
    refers_to = cause.refers_to
    return {
        "$unknown": {
            "reason": cause.reason,
            "refers_to": None
            if refers_to is None
            else {
                "type": refers_to.type,
                "address": refers_to.address,
                "name": refers_to.name,
            },
            "prefix": cause.prefix,
            "suffix": cause.suffix,
            "choices": [value_json(choice) for choice in cause.choices],
            "has": [value_json(member) for member in cause.has],
        }
    }


def _sensitive() -> dict[str, Json]:
    return {"$sensitive": True}


def _decimal(number: Fraction) -> float | str:
    try:
        return float(number)
    except OverflowError:
        return str(number)


def _uncounted(elements: Iterable[dict[str, Json]]) -> list[Json]:
    """The elements; of those that are sensitive throughout one, as their number is sensitive."""
    kept: list[Json] = []
    hidden = False
    for element in elements:
        if all(leaf == _SENSITIVE for leaf in element.values()):
            if hidden:
                continue
            hidden = True
        kept.append(element)
    return kept


_SENSITIVE: Json = {"$sensitive": True}


def _without_nulls(tree: Mapping[str, Json]) -> dict[str, Json]:
    return {
        key: member if isinstance(member, _SCALARS) else _pruned(member)
        for key, member in tree.items()
        if member is not None
    }


def _pruned(tree: Json) -> Json:
    if isinstance(tree, dict):
        return _without_nulls(tree)
    if isinstance(tree, list):
        return [member if isinstance(member, _SCALARS) else _pruned(member) for member in tree]
    return tree


_SCALARS: Final = (str, int, float)
"""What nothing is left out of, which most of a tree is; a bool is an int."""
