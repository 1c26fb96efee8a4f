"""What a principal is called in a message. Nothing that is sensitive is told."""

from __future__ import annotations

from collections.abc import Sequence

from grantlint.iam.grantee import Grantee
from grantlint.value import Unknown, Value


def called(value: Value, who: Grantee, otherwise: str) -> str:
    """A principal in words: its kind and name, or the address of what it refers to."""
    if value.sensitive:
        return otherwise
    cause = value.unknown
    whole = cause is not None and not cause.parts  # else a piece of the text refers to something
    referent = cause.refers_to if cause is not None and whole else None
    if referent is not None and referent.type.startswith("aws_iam_"):
        return referent.address
    if who.kind.text in {"root", "account"} and who.account.text:
        return f"account {who.account.text}"
    if who.kind.text and who.name.text:
        return f"{who.kind.text} {who.name.text}"
    if referent is not None:
        return referent.address
    return value.text or _with_gaps(cause) or otherwise


def told(value: Value) -> str | None:
    """The text of a value, if it has one that may be told."""
    return None if value.sensitive else value.text or None


def quoted(text: str) -> str:
    """A text in quotes, in which everything can be seen."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in escaped)
    return f'"{shown}"'


def _with_gaps(cause: Unknown | None) -> str:
    """A text with holes, as `logs.….amazonaws.com`."""
    parts = cause.parts if cause is not None else ()
    return "".join(part if isinstance(part, str) else "…" for part in parts)


def conditions_on(keys: Sequence[str]) -> tuple[str, bool]:
    """`the conditions on aws:SourceArn and kms:ViaService`, and whether they are several."""
    several = len(keys) > 1
    return f"the condition{'s' if several else ''} on {' and '.join(keys)}", several
