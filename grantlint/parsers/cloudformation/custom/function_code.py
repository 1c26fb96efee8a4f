"""Code of Lambda functions that calls CreateGrant: that it does is seen, not what it grants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from grantlint.model import Note
from grantlint.parsers.cloudformation.custom.made import alternatives, member
from grantlint.value import Value

TYPES: Final = {
    "AWS::Lambda::Function": ("Code", "ZipFile"),
    "AWS::Serverless::Function": ("InlineCode",),
}
"""Functions, and where their code can stand in the template."""

_CALL: Final = re.compile(
    rb"\bcreate_grant\s*\(|\bcreateGrant(?:Async)?\s*\(|\.CreateGrant(?:Async)?\s*\("
    rb"|\bnew\s+(?:[\w$]+\.)*CreateGrantCommand\b|\bkms\s+create-grant\b"
)
_KMS: Final = re.compile(rb"kms", re.IGNORECASE)


def mentions_create_grant(data: bytes) -> bool:
    """Whether code calls CreateGrant of AWS KMS, in any of the SDKs or with the command line.

    License Manager has a CreateGrant too: so AWS KMS has to be named somewhere.
    """
    return _CALL.search(data) is not None and _KMS.search(data) is not None


def notes(type: str, properties: Value) -> Iterator[Note]:
    """That a function's inline code makes grants."""
    code: Value | None = properties
    for name in TYPES[type]:
        code = None if code is None else member(code, name)
    if code is None:
        return
    if any(mentions_create_grant(_bytes(one)) for _, one in alternatives(code)):
        reason = "inline code calls CreateGrant: the grants that it makes are not seen"
        yield Note(reason, 1, code.written)


def _bytes(code: Value) -> bytes:
    parts = (code.text,) if code.unknown is None else code.unknown.parts
    text = " ".join(part for part in parts if isinstance(part, str))
    return text.encode("utf-8", "surrogatepass")
