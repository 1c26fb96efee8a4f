"""Whether a file is an answer of AWS KMS, from its beginning alone."""

from __future__ import annotations

import re
from typing import Final

from grantlint.parsers.aws.document import ERROR, decoded, in_base64

_CALLS: Final = (
    "ListGrants|ListRetirableGrants|DescribeKey|GetKeyPolicy|GetKeyRotationStatus|ListResourceTags"
)
_TELLING: Final = tuple(
    re.compile(form)
    for form in (
        r'"GrantId"\s*:\s*"\w',  # S3 and License Manager have Grants too, with other members
        r'\A\{\s*"Grants"\s*:\s*\[\s*\]',
        r'"KeyMetadata"\s*:\s*\{',
        r'"KeyManager"\s*:\s*"(AWS|CUSTOMER)"',
        r'"KeyRotationEnabled"\s*:\s*(true|false)',
        r'"PolicyName"\s*:\s*"(default|AWS_RAM)"',
        r'"Policy"\s*:\s*"([^"\\]|\\.)*\\"kms:',
        r'"AliasArn"\s*:\s*"arn:[^":]*:kms:',
    )
)
_FOREIGN: Final = re.compile(
    r'"(AWSTemplateFormatVersion|Resources|format_version|terraform_version|Records|eventSource'
    r'|parameters|requestParameters)"\s*:'
)
"""What templates, plans, states, calls and events have: they show the same words inside."""
_OTHER_FORMATS: Final = (
    re.compile(r"Grants:\s*\n[\s\S]*\bGrantId:"),
    re.compile(r"KeyMetadata:\s*\n[\s\S]*\bKeyId:"),
    re.compile(r"(GRANTS|KEYMETADATA)\t[\s\S]*\bkms\b"),
    re.compile(r"-{5,}\r?\n\|\s*(ListGrants|DescribeKey)\s*\|"),
)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so holds answers of AWS KMS, readable or not.

    What is told of other formats of the command line, of its errors and of base64 is that they
    cannot be read.
    """
    text = decoded(head).decode("utf-8", "replace").lstrip()
    if text.startswith(("{", "[")):
        return _is_answer(text)
    failed = ERROR.match(text)
    if failed is not None:
        return re.fullmatch(_CALLS, failed["call"]) is not None
    if any(form.match(text) for form in _OTHER_FORMATS):
        return True
    packed = in_base64(head) if text.startswith(("ey", "ew", "W3", "Ww")) else None
    return packed is not None and _is_answer(packed.decode("utf-8", "replace"))


def _is_answer(text: str) -> bool:
    if _FOREIGN.search(text):
        return False
    return any(form.search(text) for form in _TELLING)
