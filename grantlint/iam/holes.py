"""Who a principal is, from a text with holes.

`arn:aws:iam::${account}:role/app` tells as much as its literal pieces make certain. One assumption
stands behind that, without which AWS refuses the text: a hole between two colons does not hold a
colon, as no account, partition, or name in an ARN of IAM has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from grantlint.iam.grantee import (
    ACCOUNT,
    ARN,
    LINKED_NAME,
    LINKED_PATH,
    NO,
    NULL,
    RESERVED_NAME,
    SLASHED,
    YES,
    Grantee,
    account_of,
    constant,
    nobody_known,
    of_resource,
    why,
)
from grantlint.value import STRING, Unknown, Value, unknown

_HOLE: Final = 0xF0000  # private characters: hole number i of a text is chr(_HOLE + i)
_H: Final = "\U000f0000-\U000ffffd"
_HOLES: Final = re.compile(f"[{_H}]")
_SERVICE: Final = re.compile(rf"[A-Za-z0-9{_H}-]+(\.[A-Za-z0-9{_H}-]+){{2,}}")


def of_parts(cause: Unknown) -> Grantee:
    """Who it is, as far as `cause.parts` tell."""
    holes = [part for part in cause.parts if isinstance(part, Value)]
    index = iter(range(len(holes)))
    text = "".join(
        _HOLES.sub("\ufffd", part) if isinstance(part, str) else chr(_HOLE + next(index))
        for part in cause.parts
    )
    pieces = _Pieces(cause, tuple(holes))
    arn = ARN.fullmatch(text)
    if arn is not None:
        return pieces.resource(pieces.account(arn[2]), arn[3])
    if ":" in text and (_HOLES.match(text) or text.startswith("arn:")):
        before, _, resource = text.rpartition(":")
        account = before.rpartition(":")[2]
        known = constant(account) if ACCOUNT.fullmatch(account) else why(cause)
        return pieces.resource(known, resource)
    if _SERVICE.fullmatch(text) and (not _HOLES.match(text) or text.endswith(".amazonaws.com")):
        service = pieces.leaf(text)
        return Grantee(constant("service"), NULL, NULL, service, NO)
    return nobody_known(Value(STRING, cause))


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of a text with holes, as Values."""

    cause: Unknown
    holes: tuple[Value, ...]

    def leaf(self, text: str) -> Value:
        """A piece: known, one hole, or again a text with holes."""
        found = list(_HOLES.finditer(text))
        if not found:
            return constant(text)
        if len(text) == 1:
            return self.holes[ord(text) - _HOLE]
        parts: list[str | Value] = []
        end = 0
        for match in found:
            parts += [text[end : match.start()], self.holes[ord(match[0]) - _HOLE]]
            end = match.end()
        parts.append(text[end:])
        kept = tuple(part for part in parts if part != "")
        return unknown(self.cause.reason, type=STRING, parts=kept)

    def account(self, text: str) -> Value:
        """The account field of an ARN."""
        return self.leaf(text) if _HOLES.search(text) else account_of(text)

    def resource(self, account: Value, resource: str) -> Grantee:
        """The last field of an ARN, as far as its literal beginning decides."""
        hidden = why(self.cause)
        hole = _HOLES.search(resource)
        if hole is None:
            found = of_resource("sts", account, resource)
            # What follows the last colon may be the tail of a name: an unknown text, not a fault.
            return found if found.kind.raw != "other" else self._unknown_kind(account)
        start = resource[: hole.start()]
        fits = [head for head in SLASHED if start and f"{head}/".startswith(start[: len(head) + 1])]
        if len(fits) != 1 or "root".startswith(start):
            return self._unknown_kind(account)
        head = fits[0]
        kind = constant(SLASHED[head])
        rest = start[len(head) + 1 :]
        if head == "role":
            linked, owner = self._linked(rest)
            return Grantee(kind, account, self._name(resource), owner, linked)
        if head == "assumed-role":
            name = rest.partition("/")
            if name[1]:
                return of_resource("sts", account, start)
            linked = hidden if may_begin(name[0], LINKED_NAME) else NO
            return Grantee(kind, account, hidden, hidden if linked is hidden else NULL, linked)
        return Grantee(kind, account, self._name(resource), NULL, NO)

    def _linked(self, path: str) -> tuple[Value, Value]:
        """Whether a role is service-linked and whose, from the literal beginning of its path."""
        hidden = why(self.cause)
        if path.startswith(LINKED_PATH):
            service, slash, _ = path.removeprefix(LINKED_PATH).partition("/")
            return YES, constant(service) if slash else hidden
        may_be = LINKED_PATH.startswith(path) or may_begin(path, RESERVED_NAME)
        return (hidden, hidden) if may_be else (NO, NULL)

    def _name(self, resource: str) -> Value:
        """The name at the end of a path. A hole may hold a slash: only what follows is certain."""
        last = resource.rpartition("/")[2]
        holes = list(_HOLES.finditer(last))
        return self.leaf(last[holes[-1].start() :] if holes else last)

    def _unknown_kind(self, account: Value) -> Grantee:
        hidden = why(self.cause)
        return Grantee(hidden, account, hidden, hidden, hidden)


def may_begin(start: str, prefix: str) -> bool:
    """Whether a text of which this start is known can begin with this prefix."""
    return start.startswith(prefix) or prefix.startswith(start)
