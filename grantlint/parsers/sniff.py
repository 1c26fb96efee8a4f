"""What a file is, by its name and its text; nothing is parsed.

Repositories are full of YAML and JSON that is none of ours, and each such file is asked here. So
the questions are searches for a few words, and only who has one of these is looked at closely. Of a
long file the first part is read, and the rest where that part does not rule it out: a template may
begin with any number of comments, parameters and metadata.
"""

from __future__ import annotations

import os
import re
from typing import Final

from grantlint.parsers.relevance import is_of_kms

TERRAFORM: Final = "terraform"
PLAN: Final = "terraform-plan"
STATE: Final = "terraform-state"
TEMPLATE: Final = "cloudformation"
ASSEMBLY: Final = "cdk"
ANSWER: Final = "aws"
FORMATS: Final = (TERRAFORM, PLAN, STATE, TEMPLATE, ASSEMBLY, ANSWER)

SUFFIXES: Final = (".yaml", ".yml", ".json", ".template", ".tfstate")
"""What names of files end with that may be of a format other than Terraform's configuration."""

LARGEST: Final = 8_000_000
"""Bytes of a file beyond which only its first part is read."""

_FIRST_PART: Final = 65_536
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK, opening a pipe by chance would wait for its writer without end."""

_SECTIONS: Final = (
    "AWSTemplateFormatVersion|Description|Metadata|Parameters|Rules|Mappings|Conditions|Transform"
    "|Resources|Outputs|Hooks|Globals"
)
"""Of a template, no other member is allowed beside them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html and SAM's
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html
"""
_SECTION: Final = re.compile(rf"(?m)^(?:---[ \t]+)?[\"']?({_SECTIONS})[\"']?[ \t]*:".encode())
_NAME_OF_YAML: Final = re.compile(rb"(?m)^[^\s#%\-]")
_FIRST_NAME: Final = re.compile(rb'\{\s*"([^"\\]*)"\s*:')
_SECTION_NAMES: Final = frozenset(_SECTIONS.encode().split(b"|"))
_TYPES: Final = (b"AWS::", b"Custom::")
_VERSION: Final = b"AWSTemplateFormatVersion"
_OF_PLANS: Final = (b'"format_version"', b'"terraform_version"')
_OF_ANSWERS: Final = tuple(
    f'"{name}"'.encode()
    for name in "GrantId Grants KeyMetadata KeyManager KeyRotationEnabled PolicyName Policy "
    "AliasArn".split()
)
_UNREADABLE_ANSWERS: Final = (b"Grant", b"GRANT", b"KeyMetadata", b"KEYMETADATA", b"DescribeKey")
"""What is in answers in other formats than JSON, and in messages of what went wrong."""
_BASE64: Final = (b"ey", b"ew", b"W3", b"Ww")
"""How JSON begins there: CloudShell and logs of CI hand answers on so."""
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def format_of(data: bytes, *, asked: bool) -> str | None:
    """The format of a text; of Terraform's, plans and states only.

    Where the user has asked for it, answers of AWS count that cannot be read, too.
    """
    if is_template(data):
        return TEMPLATE
    start = data.lstrip(_BLANK)[:2]
    in_json = start.startswith((b"{", b"[")) or data.startswith(_UTF_16)
    if in_json and (data.startswith(_UTF_16) or any(word in data for word in _OF_PLANS)):
        format = _of_plan(data)
        if format is not None:
            return format
    if in_json:
        perhaps = (asked or is_of_kms(data)) and any(word in data for word in _OF_ANSWERS)
    else:
        perhaps = asked and (start in _BASE64 or any(w in data for w in _UNREADABLE_ANSWERS))
    return ANSWER if perhaps and _is_answer(data) else None


def sniffed(path: str) -> tuple[str, bytes] | None:
    """The format and the text of a file that was found; None where it is of none.

    Of a plan larger than LARGEST the text is the first part only. Raises OSError.
    """
    data = text_of(path)
    format = format_of(data, asked=False)
    return None if format is None else (format, data)


def text_of(path: str) -> bytes:
    """The text of a file; the first part where that shows that the rest is of no use."""
    descriptor = os.open(path, _FLAGS)
    try:
        data = os.read(descriptor, _FIRST_PART)
        if len(data) < _FIRST_PART or not _promises(data):
            return data
        size = os.fstat(descriptor).st_size
        if size > LARGEST:
            return data
        parts = [data]
        while part := os.read(descriptor, LARGEST):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _promises(start: bytes) -> bool:
    """Whether a text with this first part may be of one of the formats."""
    text = start.lstrip(_BLANK)
    if text.startswith((b"{", b"[")):
        first = _FIRST_NAME.match(text)
        if first is not None and first[1] in _SECTION_NAMES:
            return True
        return any(word in start for word in (*_OF_PLANS, *_OF_ANSWERS))
    return _SECTION.search(start) is not None or _NAME_OF_YAML.search(start) is None


def is_template(data: bytes) -> bool:
    """Whether a text is a template of CloudFormation, in YAML or JSON.

    It has Resources of types like AWS::… or Custom::…, or a format version, as members of its own
    and not further in, as Serverless has them and texts about templates.
    """
    typed = any(word in data for word in _TYPES)
    if not (typed or _VERSION in data):
        return False
    text = data.lstrip(_BLANK)
    if text.startswith(b"{"):
        first = _FIRST_NAME.match(text)
        return first is not None and first[1] in _SECTION_NAMES and b'"Resources"' in text
    names = set(_SECTION.findall(text))
    return b"Resources" in names and (typed or _VERSION in names)


def _of_plan(data: bytes) -> str | None:
    from grantlint.parsers.terraform import plan  # noqa: PLC0415  # few files need it

    found: str | None = plan.sniff(data[:_FIRST_PART])
    return found


def _is_answer(data: bytes) -> bool:
    from grantlint.parsers import aws  # noqa: PLC0415  # few files need it

    return bool(aws.sniff(data[:_FIRST_PART]))
