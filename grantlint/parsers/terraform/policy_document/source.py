"""Source and override documents: decoded JSON to the statements that the provider reads in it.

It reads into Go structs, with a decoder of its own for principals and conditions: what has no
field is dropped, a field is found whatever the case of its key, and much is refused.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from grantlint.parsers.terraform.policy_document.merge import (
    DOCUMENT_FIELDS,
    STATEMENT_FIELDS,
    Document,
    Entry,
    everybody,
    is_maybe,
    opaque,
    reversed_,
)
from grantlint.value import Truth, Unknown, Value, failure, object_, string, tuple_


def read(tree: Value) -> Document | Value:
    """A document from its decoded JSON; a failure where the provider refuses it."""
    if tree.failed is not None:
        return tree
    if tree.unknown is not None:
        return opaque(tree)
    if tree.is_null:
        return Document()
    if not isinstance(tree.raw, Mapping):
        return _refuse("document", tree)
    members = _fields(tree, DOCUMENT_FIELDS)
    for name in ("Version", "Id"):
        value = members.get(name)
        if value is not None and value.text is None and value.unknown is None:
            return _refuse(name, value)
    document = Document(_filled(members.get("Version")), _filled(members.get("Id")))
    statements = members.get("Statement")
    if statements is None:
        return document
    if statements.unknown is not None:
        document.entries = opaque(statements).entries
        document.certain = False
        return document
    if not isinstance(statements.raw, tuple):
        return _refuse("Statement", statements)
    return _read_statements(document, statements.elements())


def _read_statements(document: Document, statements: Iterable[Value]) -> Document | Value:
    for statement in statements:
        found = is_maybe(statement)
        exists = Truth.YES if found is None else Truth.MAYBE
        value = _statement(found or statement)
        if value.failed is not None:
            return value
        if value.unknown is not None:
            exists = Truth.MAYBE
        document.entries.append(Entry(value, exists))
        document.certain = document.certain and exists is Truth.YES
    return document


def _statement(value: Value) -> Value:
    if value.unknown is not None:
        return value
    if not isinstance(value.raw, Mapping):
        return _refuse("Statement", value)
    members = _fields(value, STATEMENT_FIELDS)
    for name in ("Sid", "Effect"):
        text = members.get(name)
        if text is not None and text.text is None and text.unknown is None:
            return _refuse(name, text)
        if text is not None and text.text == "":
            del members[name]
    for name in ("Principal", "NotPrincipal"):
        if name in members:
            members[name] = _principals(members[name])
    if "Condition" in members:
        members["Condition"] = _conditions(members["Condition"])
    for name in ("Principal", "NotPrincipal", "Condition"):
        member = members.get(name)
        if member is not None and member.failed is not None:
            return member
        if member is not None and isinstance(member.raw, Mapping) and not member.raw:
            del members[name]
    return object_(members, value.written).marked(value.sensitive)


def _fields(value: Value, names: tuple[str, ...]) -> dict[str, Value]:
    """The members that Go's decoder would put into a struct of these fields, nulls left out.

    It finds a field whatever the case of the key.
    """
    by_fold = {name.lower(): name for name in names}
    found: dict[str, Value] = {}
    for key, member in value.items():
        name = by_fold.get(key.lower())
        if name is None or (name in found and key != name):
            continue
        if not member.is_null or name in {"Principal", "NotPrincipal"}:
            found[name] = member
    return found


def _filled(value: Value | None) -> Value | None:
    return None if value is None or value.text == "" else value


def _refuse(name: str, value: Value) -> Value:
    return failure(f"cannot read {name} of a policy document: unexpected JSON", value.written)


def _principals(value: Value) -> Value:
    """Any lone string counts as everybody; identifiers in a list are sorted in reverse."""
    if value.unknown is not None:
        return value
    if isinstance(value.raw, str):
        return value if value.raw == "*" else replace(value, raw="*")
    if not isinstance(value.raw, Mapping):
        return _refuse("Principal", value)
    members: dict[str, Value] = {}
    for type_, identifiers in value.items():
        if isinstance(identifiers.raw, str | Unknown):
            members[type_] = identifiers
        elif isinstance(identifiers.raw, tuple):
            if any(not isinstance(one.raw, str | Unknown) for one in identifiers.elements()):
                return _refuse("Principal", identifiers)
            members[type_] = reversed_(identifiers)
        else:
            return _refuse("Principal", identifiers)
    return (everybody(members) or object_(members, value.written)).marked(value.sensitive)


def _conditions(value: Value) -> Value:
    """Numbers, nulls and objects as condition values vanish without a word."""
    if value.unknown is not None:
        return value
    if not isinstance(value.raw, Mapping):
        return _refuse("Condition", value)
    tests: dict[str, Value] = {}
    for test, variables in value.items():
        if variables.unknown is not None:
            tests[test] = variables
            continue
        if not isinstance(variables.raw, Mapping) and not variables.is_null:
            return _refuse("Condition", variables)
        kept: dict[str, Value] = {}
        for variable, values in variables.items():
            read_values = _condition_values(values)
            if read_values is not None and read_values.failed is not None:
                return read_values
            if read_values is not None:
                kept[variable] = read_values
        if kept:
            tests[test] = object_(kept, variables.written).marked(variables.sensitive)
    return object_(tests, value.written).marked(value.sensitive)


def _condition_values(value: Value) -> Value | None:
    if isinstance(value.raw, str | Unknown):
        return value
    if isinstance(value.raw, bool):
        text = string("true" if value.raw else "false", value.written)
        return replace(text, trail=value.trail, sensitive=value.sensitive)
    if not isinstance(value.raw, tuple):
        return None
    members = value.elements()
    if any(not isinstance(one.raw, str | Unknown) for one in members):
        return _refuse("Condition", value)
    if len(members) == 1:
        return members[0]
    return tuple_(members, value.written).marked(value.sensitive)
