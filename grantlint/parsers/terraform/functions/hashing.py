"""Digests, UUIDs and RSA. What Terraform makes anew in every run is unknown."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid as uuids
from collections.abc import Callable

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.parsers.terraform.functions.transfer import base64_bytes
from grantlint.value import NUMBER, STRING, Value, unknown

_STR = Parameter("str", STRING)
_NAMESPACES = {
    "dns": uuids.NAMESPACE_DNS,
    "url": uuids.NAMESPACE_URL,
    "oid": uuids.NAMESPACE_OID,
    "x500": uuids.NAMESPACE_X500,
}
_UUID = re.compile(
    r"(?:urn:uuid:)?(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})", re.I
)

DIGESTS: dict[str, tuple[str, bool]] = {
    "md5": ("md5", False),
    "sha1": ("sha1", False),
    "sha256": ("sha256", False),
    "sha512": ("sha512", False),
    "base64sha256": ("sha256", True),
    "base64sha512": ("sha512", True),
}


def digest(name: str, data: bytes) -> str:
    """The digest as the function of that name writes it."""
    algorithm, as_base64 = DIGESTS[name]
    found = hashlib.new(algorithm, data, usedforsecurity=False)
    return base64.b64encode(found.digest()).decode() if as_base64 else found.hexdigest()


def _digester(name: str) -> Callable[[str], str]:
    return lambda text: digest(name, text.encode())


for _name in DIGESTS:
    plain(_STR, returns=STRING, name=_name)(_digester(_name))


@function(returns=STRING, name="uuid")
def random_uuid() -> Value:
    """Another one in every run."""
    return unknown("uuid() is only known when terraform runs", type=STRING)


@function(_STR, rest=Parameter("cost", NUMBER), returns=STRING)
def bcrypt(*_: Value) -> Value:
    """Salted at random."""
    return unknown("bcrypt() is only known when terraform runs", type=STRING)


@plain(Parameter("namespace", STRING), Parameter("name", STRING), returns=STRING)
def uuidv5(namespace: str, name: str) -> str:
    """A UUID made of a name in a namespace."""
    space = _NAMESPACES.get(namespace)
    if space is None:
        bare = namespace[1:-1] if len(namespace) == 38 else namespace
        if not _UUID.fullmatch(bare):
            if len(namespace) in {32, 36, 38, 45}:
                raise UnknowableError(f'the namespace "{namespace}" is no UUID')
            text = f"uuidv5() doesn't support namespace {namespace} "
            raise FunctionError(f"{text}(invalid UUID length: {len(namespace)})")
        space = uuids.UUID(bare)
    return str(uuids.uuid5(space, name))


# -- RSA -----------------------------------------------------------------------------------


@plain(Parameter("ciphertext", STRING), Parameter("privatekey", STRING), returns=STRING)
def rsadecrypt(ciphertext: str, key: str) -> str:
    """PKCS #1 v1.5, for a key in PKCS #1 PEM. The result is not said when anything is odd."""
    data = base64_bytes(ciphertext)
    if data is None:
        text = f"failed to decode input {quoted(ciphertext)}: cipher text must be base64-encoded"
        raise FunctionError(text, 0)
    modulus, exponent = _private_key(key)
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(data, "big")
    if len(data) > size or number >= modulus or size > 1024:
        raise UnknowableError("the cipher text does not fit the key")
    block = pow(number, exponent, modulus).to_bytes(size, "big")
    end = block.find(b"\0", 2)
    if block[:2] != b"\0\2" or end < 10:
        raise UnknowableError("the cipher text does not fit the key")
    try:
        return block[end + 1 :].decode()
    except UnicodeDecodeError:
        raise UnknowableError("the decrypted text is not UTF-8") from None


def _private_key(pem: str) -> tuple[int, int]:
    """Modulus and private exponent."""
    match = re.search(
        r"-----BEGIN RSA PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END RSA PRIVATE KEY-----", pem
    )
    data = base64_bytes("".join(match[1].split())) if match else None
    numbers = _integers(data) if data else []
    if len(numbers) < 4 or numbers[0] != 0:
        raise UnknowableError("private keys of this kind are not read here")
    return numbers[1], numbers[3]


def _integers(data: bytes) -> list[int]:
    """The integers of one ASN.1 sequence; none when it is anything else."""
    kind, content, _ = _element(data)
    numbers: list[int] = []
    while kind == 0x30 and content:
        tag, number, content = _element(content)
        if tag != 2:
            return []
        numbers.append(int.from_bytes(number, "big", signed=True))
    return numbers


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content and what is left."""
    if len(data) < 2:
        return 0, b"", b""
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return data[0], data[start : start + length], data[start + length :]
