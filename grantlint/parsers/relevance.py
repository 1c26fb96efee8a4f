"""Whether a text can say anything of KMS at all: what cannot is never parsed."""

from __future__ import annotations

from typing import Final

from grantlint.iam.managed import NAMES

_MANAGED: Final = tuple(name.encode() for name in NAMES)


def is_of_kms(data: bytes) -> bool:
    """Whether a text has something of KMS: it says so, or attaches a policy of AWS that does."""
    return b"kms" in data.lower() or any(name in data for name in _MANAGED)
