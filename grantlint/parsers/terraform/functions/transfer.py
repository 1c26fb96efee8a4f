"""Encodings of text for transport: Base64, percent signs, character sets."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import quote_plus

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.value import STRING, Value, string

_STR = Parameter("str", STRING)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_ENCODINGS = {
    # IANA's names, in lower case, with Python's codec and Terraform's name in messages
    "utf-8": ("utf-8", "UTF-8"),
    "csutf8": ("utf-8", "UTF-8"),
    "utf-16le": ("utf-16-le", "UTF-16LE"),
    "utf-16be": ("utf-16-be", "UTF-16BE"),
    "iso-8859-1": ("latin-1", "ISO_8859-1:1987"),
    "latin1": ("latin-1", "ISO_8859-1:1987"),
    "l1": ("latin-1", "ISO_8859-1:1987"),
    "iso_8859-1": ("latin-1", "ISO_8859-1:1987"),
    "cp819": ("latin-1", "ISO_8859-1:1987"),
    "windows-1252": ("cp1252", "windows-1252"),
}


@plain(_STR, returns=STRING)
def base64encode(text: str) -> str:
    """Of the text's UTF-8 bytes."""
    return base64.b64encode(text.encode()).decode()


@function(Parameter("str", STRING, marks=True), returns=STRING)
def base64decode(text: Value) -> Value:
    """The bytes must be UTF-8."""
    known = text.text or ""
    data = base64_bytes(known)
    if data is None:
        shown = "(sensitive value)" if text.sensitive else quoted(known)
        raise FunctionError(f"failed to decode base64 data {shown}")
    try:
        return string(data.decode()).marked(text.sensitive)
    except UnicodeDecodeError:
        text_ = "the result of decoding the provided string is not valid UTF-8"
        raise FunctionError(text_) from None


def base64_bytes(text: str) -> bytes | None:
    """The bytes of standard Base64 (line ends are ignored, as Go does); None if it is not."""
    bare = text.replace("\n", "").replace("\r", "")
    if not _BASE64.fullmatch(bare):
        return None
    try:
        return base64.b64decode(bare)
    except binascii.Error:
        return None


@plain(_STR, returns=STRING)
def base64gzip(_: str) -> str:
    """Go compresses to other bytes than Python."""
    raise UnknowableError("the bytes of base64gzip() depend on Go's compressor")


@plain(_STR, returns=STRING)
def urlencode(text: str) -> str:
    """As a query: a blank becomes a plus sign."""
    return quote_plus(text, safe="")


@plain(Parameter("string", STRING), Parameter("encoding", STRING), returns=STRING)
def textencodebase64(text: str, encoding: str) -> str:
    """Text in another character set."""
    codec, name = _encoding(encoding)
    try:
        return base64.b64encode(text.encode(codec)).decode()
    except UnicodeEncodeError:
        wrong = f"the given string contains characters that cannot be represented in {name}"
        raise FunctionError(wrong, 0) from None


@plain(Parameter("source", STRING), Parameter("encoding", STRING), returns=STRING)
def textdecodebase64(source: str, encoding: str) -> str:
    """Text from another character set."""
    codec, name = _encoding(encoding)
    data = base64_bytes(source)
    if data is None:
        offset = _wrong_symbol(source)
        text = f"the given value is has an invalid base64 symbol at offset {offset}"
        raise FunctionError(text, 0)
    decoded = data.decode(codec, "replace")
    if "\ufffd" in decoded:
        wrong = f"the given string contains symbols that are not defined for {name}"
        raise FunctionError(wrong, 0)
    return decoded


def _encoding(name: str) -> tuple[str, str]:
    known = _ENCODINGS.get(name.lower())
    if known is None:
        raise UnknowableError(f'the character set "{name}" is not converted here')
    return known


def _wrong_symbol(text: str) -> int:
    """Where Go's decoder stops: at the first strange symbol, else at the end."""
    match = re.match(r"[A-Za-z0-9+/\r\n]*", text)
    at = match.end() if match else 0
    count = sum(letter not in "\r\n" for letter in text[:at]) % 4
    if at == len(text):
        return at - count
    if text[at] != "=" or count < 2:
        return at
    behind = re.compile(r"[\r\n]*").match(text, at + 1)
    following = behind.end() if behind else at + 1
    if count == 3:
        return following
    if following == len(text) or text[following] != "=":
        return len(text) if following == len(text) else following
    return following + 1
