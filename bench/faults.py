"""Places of an estate where one edit makes a fault of a grant or key policy, and the edits.

The model of the estate says where: its leaves know where they are written. A place is taken only
where the fault would be certain: the grantee is known to be a role or a user, the key to be one for
symmetric encryption, the statement to allow something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grantlint.iam.actions import CRYPTOGRAPHIC, covers, names
from grantlint.iam.deliveries import sourceless
from grantlint.model import Grant, Inventory, Key, Principal, Statement
from grantlint.rule import Object
from grantlint.source import Span
from grantlint.value import Truth, Value

GUARDS = {
    "public-key-policy": re.compile(r"kms:calleraccount|aws:(source|principal)(arn|account|orgid)"),
    "unrestricted-create-grant": re.compile(
        r"kms:(grant(isforawsresource|operations|eeprincipal)|viaservice|encryptioncontext:.*)"
    ),
    "confused-deputy": re.compile(
        r"kms:(calleraccount|encryptioncontext:.*)|aws:source(arn|account|orgid)"
    ),
}
"""The condition keys that keep a statement from being a fault of each rule, in lower case."""

FOREIGN = "999988887777"

_SYMMETRIC = ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair")
_CLOSING = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a file and what stands there afterwards."""

    path: str
    start: int
    end: int
    text: str

    def applied(self, data: bytes) -> bytes:
        """The file with the edit."""
        return data[: self.start] + self.text.encode() + data[self.end :]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that edits of one file make in an object, and the rules that may report it.

    The edits are in the order of the file, none within another. `root` is the directory of the
    root module.
    """

    kind: str
    root: str
    address: str
    line: int
    edits: tuple[Edit, ...]
    rules: frozenset[str]


def faults(inventory: Inventory) -> Iterator[Fault]:
    """Every fault that can be made, each edit once."""
    seen: set[tuple[str, tuple[Edit, ...]]] = set()
    for one in _all(inventory):
        if (one.kind, one.edits) not in seen:
            seen.add((one.kind, one.edits))
            yield one


def root_of(judged: Object) -> str:
    """The directory of the root module that an object belongs to."""
    return (judged.calls[0] if judged.calls else judged.span).path.rpartition("/")[0]


def _all(inventory: Inventory) -> Iterator[Fault]:
    for grant in inventory.grants:
        if grant.exists is not Truth.NO and not _outside(grant) and _is_application(grant):
            yield from _of_grant(grant)
    for key in inventory.keys:
        for statement in key.policy.statements if key.exists is not Truth.NO else ():
            if _judges(statement):
                yield from _of_statement(key, statement)


def _outside(judged: Object) -> bool:
    """Whether its module is of a root that is not seen."""
    return judged.address.startswith("module.") and not judged.calls


def _fault(kind: str, judged: Object, edits: list[Edit], span: Span, *rules: str) -> Fault:
    ordered = tuple(sorted(edits, key=lambda one: one.start))
    line = span.source.position(ordered[0].start)[0]
    return Fault(kind, root_of(judged), judged.address, line, ordered, frozenset(rules))


# -- grants --------------------------------------------------------------------------------


def _is_application(grant: Grant) -> bool:
    who = grant.grantee
    return who.kind.text in {"role", "user"} and who.service_linked.equals(True) is Truth.NO


def _is_symmetric(grant: Grant) -> bool:
    if grant.key.spec.text is not None:
        return grant.key.spec.text == "SYMMETRIC_DEFAULT"
    told = (grant.operations.contains(name) is Truth.YES for name in _SYMMETRIC)
    return grant.key.address.text is None and any(told)


def _of_grant(grant: Grant) -> Iterator[Fault]:
    block, listed = grant.span, grant.operations_written.written
    constraints = _blocks(block, r'(dynamic\s+"constraints"|\bconstraints)\s*(?=\{)')
    used = any(grant.operations.contains(name) is Truth.YES for name in CRYPTOGRAPHIC)
    if constraints and _is_constrained(grant) and _is_symmetric(grant) and used:
        yield _fault("constraint dropped", grant, constraints, block, "unconstrained-grant")
    if listed is not None and listed.text.startswith("[") and _lacks(grant, "CreateGrant"):
        edit = Edit(listed.path, listed.start + 1, listed.start + 1, '"CreateGrant", ')
        yield _fault("CreateGrant added", grant, [edit], listed, "delegable-grant")
    written = re.search(r"^\s*grantee_principal\s*=\s*([^\n#]+?)\s*(#.*)?$", block.text, re.M)
    if written and all(written[1].count(a) == written[1].count(b) for a, b in _CLOSING.items()):
        for account in ("111122223333", FOREIGN):
            edit = _within(
                block, written.start(1), written.end(1), f'"arn:aws:iam::{account}:root"'
            )
            kind = "grantee widened to an account"
            yield _fault(kind, grant, [edit], block, "account-grantee")


def _is_constrained(grant: Grant) -> bool:
    constraints = grant.constraints
    maps = (constraints.encryption_context_equals, constraints.encryption_context_subset)
    return any(one.items() for one in maps)


def _lacks(grant: Grant, operation: str) -> bool:
    return grant.operations.contains(operation) is Truth.NO


# -- statements ----------------------------------------------------------------------------


def _judges(statement: Statement) -> bool:
    plain = not (statement.not_principal or statement.not_action or statement.not_resource)
    return (
        plain
        and statement.effect.text == "Allow"
        and statement.exists is not Truth.NO
        and statement.resources.contains("*") is Truth.YES
        and statement.actions.wholly_known()
        and bool(statement.actions.elements())
    )


def _of_statement(key: Key, statement: Statement) -> Iterator[Fault]:
    if not statement.conditions:
        for principal in statement.principals:
            span = principal.value.written
            edit = _everyone(principal, statement)
            if edit is not None and span is not None:
                yield _fault("principal widened to *", key, [edit], span, "public-key-policy")
        return
    expected = _unguarded(statement)
    guards = GUARDS.get(expected or "")
    keys = [(one.key.text or "").lower() for one in statement.conditions]
    if expected and guards and any(map(guards.fullmatch, keys)) and statement.span is not None:
        pattern = (
            r'("Condition"|\bCondition)\s*[=:]\s*(?=\{)'
            r'|(dynamic\s+"condition"|\bcondition)\s*(?=\{)'
        )
        edits = _blocks(statement.span, pattern)
        if edits:
            kind = "guarding conditions removed"
            yield _fault(kind, key, edits, statement.span, expected)


def _everyone(principal: Principal, statement: Statement) -> Edit | None:
    """The edit that makes everyone of a principal that the statement writes as a text or an ARN.

    A place in a heredoc is a line, with the name before the text.
    """
    span, around = principal.value.written, statement.span
    if principal.type.text != "AWS" or span is None or around is None:
        return None
    if span.path != around.path or not around.start <= span.start < span.end <= around.end:
        return None
    pattern = r'(?:"AWS"\s*[:=]\s*)?("(?:[^"\\]|\\.)*"|[a-z]\w*\.\w+\.arn)\s*,?'
    written = re.fullmatch(pattern, span.text)
    return _within(span, written.start(1), written.end(1), '"*"') if written else None


def _unguarded(statement: Statement) -> str | None:
    """The rule that reports the statement without its conditions."""
    kinds = {one.kind.text for one in statement.principals}
    linked = any(
        one.who.service_linked.equals(True) is not Truth.NO for one in statement.principals
    )
    if "*" in kinds:
        return "public-key-policy"
    if kinds & {"role", "user"} and not linked:
        named = (names(one, "CreateGrant") for one in statement.actions.elements())
        return "unrestricted-create-grant" if Truth.any(named) is Truth.YES else None
    used = any(covers(statement, one) is Truth.YES for one in (*CRYPTOGRAPHIC, "CreateGrant"))
    free = any(_is_sourceless(one.value) for one in statement.principals)
    return "confused-deputy" if kinds == {"service"} and used and not free else None


def _is_sourceless(service: Value) -> bool:
    return service.text is None or sourceless(service) is not None


# -- pieces of text ------------------------------------------------------------------------


def _within(span: Span, start: int, end: int, text: str) -> Edit:
    """An edit at places of a span's text, which counts characters."""
    first, last = (span.start + len(span.text[:at].encode()) for at in (start, end))
    return Edit(span.path, first, last, text)


def _blocks(span: Span, opening: str) -> list[Edit]:
    """Edits that take out what begins so and ends with its bracket, with one comma beside it."""
    text, edits, after = span.text, [], 0
    for match in re.finditer(opening, text):
        end = _closed(text, match.end())
        if match.start() < after or end is None:
            continue
        start, after = match.start(), end
        before = re.search(r",\s*$", text[:start])
        behind = re.match(r"\s*,", text[end:])
        if before:
            start = before.start()
        elif behind:
            after = end + behind.end()
        edits.append(_within(span, start, after, ""))
    return edits


def _closed(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at `start`; texts in quotes are passed over."""
    depth = 0
    for match in re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*|[\[{(]|[\]})]').finditer(text, start):
        if match[0][0] in "[{(":
            depth += 1
        elif match[0] in "]})":
            depth -= 1
            if depth == 0:
                return match.end()
    return None
