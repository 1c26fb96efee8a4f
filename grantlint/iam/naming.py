"""What a principal is called in a message. Nothing that is sensitive is told."""

from __future__ import annotations

from grantlint.iam.grantee import Grantee
from grantlint.value import Unknown, Value


def called(value: Value, who: Grantee, otherwise: str) -> str:
    """A principal in words: its kind and name, or the address of what it refers to."""
    if value.sensitive:
        return otherwise
    cause = value.unknown
    referent = cause.refers_to if cause is not None else None
    if referent is not None and referent.type.startswith("aws_iam_"):
        return referent.address
    if who.kind.text in {"root", "account"} and who.account.text:
        return f"account {who.account.text}"
    if who.kind.text and who.name.text:
        return f"{who.kind.text} {who.name.text}"
    if referent is not None:
        return referent.address
    return value.text or _with_gaps(cause) or otherwise


def _with_gaps(cause: Unknown | None) -> str:
    """A text with holes, as `logs.….amazonaws.com`."""
    parts = cause.parts if cause is not None else ()
    return "".join(part if isinstance(part, str) else "…" for part in parts)
