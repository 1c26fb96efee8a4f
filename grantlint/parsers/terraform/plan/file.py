"""The file of a plan or state: what it is, by its first bytes, and its JSON."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Final

from grantlint.parsers.json_text import BadJson, read
from grantlint.parsers.terraform.plan.document import PLAN, STATE, Json
from grantlint.source import Problem, Source, Span

LARGEST: Final = 200_000_000
"""Bytes above which a file is not read."""

_FIRST: Final = re.compile(
    r'\s*\{\s*"format_version"\s*:\s*"[^"]*"\s*,\s*(?:"terraform_version"\s*:\s*"[^"]*"\s*,\s*)?'
    r'"(?P<key>\w+)"\s*:'
)
_KINDS: Final = {
    "variables": PLAN,
    "planned_values": PLAN,
    "resource_changes": PLAN,
    "configuration": PLAN,
    "values": STATE,
}
_SORTED: Final = re.compile(r'"(?:planned_values|resource_changes|provider_config)"\s*:')
_VERSION: Final = re.compile(r'"format_version"\s*:\s*"|"applyable"\s*:')
_RAW: Final = re.compile(r'\s*\{\s*"version"\s*:\s*4\s*,\s*"terraform_version"\s*:')
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sniff(head: bytes) -> str | None:
    """What a file is by its first bytes (some KB): terraform-plan, terraform-state, or neither.

    A `terraform.tfstate` counts as a state too; `read_plan` says what to give instead.
    """
    start = _decoded(head)
    if not start.lstrip().startswith("{"):
        return None
    if (first := _FIRST.match(start)) is not None:
        return _KINDS.get(first["key"])
    if _RAW.match(start) is not None:
        return STATE
    if _VERSION.search(start) is None:
        return None
    if _SORTED.search(start) is not None:  # by another program, which put the keys in order
        return PLAN
    return STATE if '"root_module"' in start else None


def _decoded(data: bytes) -> str:
    """The text of bytes; PowerShell's `>` writes UTF-16."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, "replace")


def read_file(path: str) -> tuple[Source, Json] | Problem:
    """A file and the JSON in it."""
    data = _data(path)
    return data if isinstance(data, Problem) else read_data(path, data)


def _data(path: str) -> bytes | Problem:
    nowhere = Span(Source(path, b""), 0, 0)
    try:
        file = Path(path)
        if not file.is_file():
            return Problem("there is no such file" if not file.exists() else _NO_FILE, nowhere)
        if file.stat().st_size > LARGEST:
            return Problem(f"is larger than {LARGEST:,} bytes", nowhere)
        return file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        return Problem(f"cannot be read: {reason}", nowhere)


def read_data(path: str, data: bytes) -> tuple[Source, Json] | Problem:
    """What a file holds, and the JSON in it."""
    written = _decoded(data)
    source = Source(path, data if data[:1] == b"{" else written.encode("utf-8", "replace"))
    try:
        content: Json = json.loads(written)
    except RecursionError:
        return Problem("the JSON is nested too deep", Span(source, 0, 0))
    except ValueError as error:
        return _fault(source, written, error)
    return source, content


_NO_FILE: Final = "is not a regular file"


def _fault(source: Source, written: str, error: ValueError) -> Problem:
    """What is wrong with the JSON and where, as for every other file of JSON."""
    try:
        read(source.data)
    except BadJson as fault:
        return Problem(fault.message, Span(source, fault.at, fault.at))
    if not isinstance(error, json.JSONDecodeError):
        return Problem(f"is no JSON: {str(error).lower()}", Span(source, 0, 0))
    at = len(written[: error.pos].encode("utf-8", "replace"))
    return Problem(f"is no JSON: {error.msg.lower()}", Span(source, at, at))
