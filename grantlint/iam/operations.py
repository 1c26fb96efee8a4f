"""What a grant can allow on a key: the operations, by the key's spec and usage.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from grantlint.value import Truth, Value

ALWAYS: Final = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
"""Operations that a grant on any key can allow."""

_SYMMETRIC: Final = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    }
)
_ENCRYPTING: Final = frozenset({"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"})
_BY_USAGE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {  # of an asymmetric or HMAC key
        "ENCRYPT_DECRYPT": _ENCRYPTING | {"GetPublicKey"},
        "SIGN_VERIFY": frozenset({"GetPublicKey", "Sign", "Verify"}),
        "KEY_AGREEMENT": frozenset({"DeriveSharedSecret", "GetPublicKey"}),
        "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
        "ENCAPSULATE_DECAPSULATE": frozenset({"Decapsulate", "Encapsulate", "GetPublicKey"}),
    }
)

OPERATIONS: Final = ALWAYS.union(_SYMMETRIC, *_BY_USAGE.values())
"""Every operation that CreateGrant accepts."""

WITH_CONTEXT: Final = _SYMMETRIC
"""Operations whose requests carry an encryption context, which a constraint can ask for."""

_SYMMETRIC_SPEC: Final = "SYMMETRIC_DEFAULT"
_USAGES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        _SYMMETRIC_SPEC: frozenset({"ENCRYPT_DECRYPT"}),
        **dict.fromkeys(
            ("RSA_2048", "RSA_3072", "RSA_4096"), frozenset({"ENCRYPT_DECRYPT", "SIGN_VERIFY"})
        ),
        **dict.fromkeys(
            ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"),
            frozenset({"SIGN_VERIFY", "KEY_AGREEMENT"}),
        ),
        **dict.fromkeys(
            (
                "ECC_SECG_P256K1",
                "ECC_NIST_EDWARDS25519",
                "ML_DSA_44",
                "ML_DSA_65",
                "ML_DSA_87",
            ),
            frozenset({"SIGN_VERIFY"}),
        ),
        **dict.fromkeys(
            ("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"), frozenset({"GENERATE_VERIFY_MAC"})
        ),
        **dict.fromkeys(
            ("ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"), frozenset({"ENCAPSULATE_DECAPSULATE"})
        ),
        "SM2": frozenset({"ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"}),
    }
)
"""The usages that a key of each spec can have."""


def meant(text: str) -> tuple[str, ...]:
    """The operations that a text that is none was meant to be, at most two; none if none is near.

    It may be an action of a policy, be written in another case, cut short (`ReEncrypt`, which is an
    action, too) or misspelt.
    """
    named = text.strip().lower().removeprefix("kms:").removesuffix("*")
    spelling = {name.lower(): name for name in sorted(OPERATIONS)}
    if named in spelling and not text.endswith("*"):
        return (spelling[named],)
    if len(named) < _SHORTEST:
        return ()
    begun = [name for lower, name in spelling.items() if lower.startswith(named)]
    if 0 < len(begun) <= _MOST_MEANT or text.endswith("*"):
        return tuple(begun) if len(begun) <= _MOST_MEANT else ()
    from difflib import get_close_matches  # noqa: PLC0415  # only for a name that is wrong

    near = get_close_matches(named, spelling, n=1, cutoff=_LIKENESS)
    return tuple(spelling[lower] for lower in near)


_SHORTEST: Final = 4
_MOST_MEANT: Final = 2
_LIKENESS: Final = 0.8


def supported(operation: str, spec: Value, usage: Value) -> Truth:
    """Whether a grant on a key of this spec and usage can allow the operation.

    MAYBE where spec or usage are not known or newer than this table.
    """
    if operation in ALWAYS:
        return Truth.YES
    symmetric = spec.equals(_SYMMETRIC_SPEC)
    if symmetric is Truth.YES:
        return Truth.of(operation in _SYMMETRIC)
    specs = [spec] if spec.unknown is None else list(spec.unknown.choices)
    if not specs or any(one.unknown is not None for one in specs):
        return _by_usage_alone(operation, usage)
    if any(one.text not in _USAGES for one in specs):
        return Truth.MAYBE
    return Truth.agreed(_answer(operation, one.text or "", usage) for one in specs)


def _answer(operation: str, spec: str, usage: Value) -> Truth:
    if spec == _SYMMETRIC_SPEC:
        return Truth.of(operation in _SYMMETRIC)
    usages = [name for name in sorted(_USAGES[spec]) if usage.equals(name) is not Truth.NO]
    answers = {operation in _BY_USAGE[name] for name in usages}
    return Truth.of(answers.pop()) if len(answers) == 1 else Truth.MAYBE


def _by_usage_alone(operation: str, usage: Value) -> Truth:
    """Of a spec that is not known: what no usage that is possible allows is not allowed."""
    usages = [name for name in sorted(_BY_USAGE) if usage.equals(name) is not Truth.NO]
    if not usages:
        return Truth.MAYBE
    allowed = {operation in _BY_USAGE[name] for name in usages}
    if "ENCRYPT_DECRYPT" in usages:
        allowed.add(operation in _SYMMETRIC)
    return Truth.of(allowed.pop()) if len(allowed) == 1 else Truth.MAYBE
