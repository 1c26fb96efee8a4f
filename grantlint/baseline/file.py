"""A baseline as text, and back: JSON that is sorted, and written the same way each time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from grantlint.baseline import Baseline, Entry
from grantlint.config import UsageError
from grantlint.extent import parse
from grantlint.finding import Identity
from grantlint.known import Known
from grantlint.rule import Severity
from grantlint.source import Source, Span

VERSION: Final = 1

_ENTRIES: Final = "findings"
_NAMING: Final = ("rule", "file", "root", "address", "at", "sid")
_TEXTS: Final = (*_NAMING, "severity", "message", "accepts")
_NEEDED: Final = ("rule", "file", "address", "severity", "accepts")
_KEYS: Final = (*_NAMING, "number", "severity", "certain", "message", "accepts")
_ORDER: Final = (*"file address rule root at sid accepts severity certain message".split(),)
_CONFIGURATION: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_CONFLICT: Final = re.compile(r"(?m)^(?:<<<<<<<|>>>>>>>)")
_BOM: Final = b"\xef\xbb\xbf"


def text(baseline: Baseline) -> str:
    """The file's text: the same entries give the same bytes."""
    rows = sorted((_row(entry) for entry in baseline.entries), key=_order)
    counted: Counter[tuple[str, ...]] = Counter()
    entries: list[dict[str, object]] = []
    for row in rows:
        name = _name(row)
        counted[name] += 1
        number = {"number": counted[name]} if counted[name] > 1 else {}
        shown = {**row, **number}
        entries.append({key: shown[key] for key in _KEYS if key in shown})
    return json.dumps({"version": VERSION, _ENTRIES: entries}, indent=2) + "\n"


def _row(entry: Entry) -> dict[str, object]:
    """An entry without what goes without saying."""
    one, by = entry.known, entry.known.identity
    row: dict[str, object] = {
        "rule": by.rule,
        "file": by.path,
        "address": by.address,
        "severity": one.severity.label,
        "message": entry.message,
        "accepts": str(one.extent),
    }
    if one.root != _usual_root(by.path):
        row["root"] = one.root
    if by.at:
        row["at"] = "/".join(part.replace("~", "~0").replace("/", "~1") for part in by.at)
    if by.sid:
        row["sid"] = by.sid
    if not one.certain:
        row["certain"] = False
    return row


def _order(row: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(row.get(key, "")) for key in _ORDER)


def _name(row: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(row.get(key, "")) for key in _NAMING)


def schema() -> str:
    """The JSON Schema of the file, as text."""
    return files("grantlint.baseline").joinpath("baseline.schema.json").read_text("utf-8")


# -- from text -----------------------------------------------------------------------------


def read(path: str) -> Baseline:
    """The baseline in a file; what is wrong with it is the user's to mend."""
    try:
        data = Path(path).read_bytes().removeprefix(_BOM)
    except FileNotFoundError:
        hint = f"`grantlint baseline write --baseline {path}` writes it"
        raise UsageError(f"{path}: there is no such baseline; {hint}") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"{path}: it cannot be read: {reason}") from None
    source = Source(Path(path).as_posix(), data)
    return Baseline(path, tuple(_Reader(source).entries()))


class _Reader:
    """The text of a baseline, value by value, so that each entry knows its place."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.decode = json.JSONDecoder().raw_decode

    def entries(self) -> Iterator[Entry]:
        """The entries in the order of the file."""
        conflict = _CONFLICT.search(self.text)
        if conflict is not None:
            raise self._fault(conflict.start(), "a merge conflict is left in it")
        version: object = None
        rows: list[tuple[object, int, int]] | None = None
        for name, at in self._members():
            if name == _ENTRIES:
                rows = list(self._elements(at))
            elif name == "version":
                version = self._value(at)[0]
        if version != VERSION or isinstance(version, bool):
            raise self._unknown_version(version)
        if rows is None:
            raise self._fault(0, f"it has no {_ENTRIES}, so that it is no baseline of grantlint")
        for row, start, end in rows:
            yield self._entry(row, start, end)

    def _unknown_version(self, version: object) -> UsageError:
        if version is None:
            return self._fault(0, "it has no version, so that it is no baseline of grantlint")
        shown = json.dumps(version)[:20]
        return self._fault(
            self.text.find('"version"'),
            f"its version is {shown}, and this grantlint knows version {VERSION}: use one that "
            "knows it, or write the baseline again",
        )

    def _entry(self, row: object, start: int, end: int) -> Entry:
        fault = partial(self._fault, start)
        if not isinstance(row, dict):
            raise fault("an entry is an object")
        for key in _NEEDED:
            if key not in row:
                raise fault(f"{key} is missing in an entry")
        for key, value in row.items():
            if key not in _KEYS:
                raise fault(f"an entry has no {key}")
            if not _fits(key, value):
                raise fault(f"an entry's {key} cannot be {json.dumps(value)[:40]}")
        severities = {severity.label: severity for severity in Severity}
        if row["severity"] not in severities:
            raise fault(f"there is no severity {row['severity']}")
        extent = parse(row["accepts"])
        if extent is None:
            raise fault(f"accepts cannot be {row['accepts']}: it is written by grantlint")
        certain = row.get("certain", True)
        one = Known(_identity(row), extent, severities[row["severity"]], certain)
        return Entry(one, row.get("message", ""), self._span(start, end))

    def _members(self) -> Iterator[tuple[object, int]]:
        """The names of the whole and where their values begin."""
        at = self._after("{", 0)
        while self._next(at) != "}":
            name, end = self._value(at)
            at = self._after(":", end)
            yield name, at
            at = self._value(at)[1]
            if self._next(at) == ",":
                at = self._after(",", at)
            elif self._next(at) != "}":
                raise self._fault(at, "a comma or a brace is missing")
        if self._skip(self._after("}", at)) != len(self.text):
            raise self._fault(at, "there is more behind its end")

    def _elements(self, at: int) -> Iterator[tuple[object, int, int]]:
        at = self._after("[", at)
        while self._next(at) != "]":
            start = self._skip(at)
            value, at = self._value(at)
            yield value, start, at
            if self._next(at) == ",":
                at = self._after(",", at)

    def _value(self, at: int) -> tuple[object, int]:
        try:
            value: object
            value, end = self.decode(self.text, self._skip(at))
        except json.JSONDecodeError as error:
            raise self._fault(error.pos, error.msg.lower()) from None
        except (ValueError, RecursionError):
            raise self._fault(at, "it cannot be decoded as JSON") from None
        return value, end

    def _skip(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        return match.end() if match is not None else at

    def _next(self, at: int) -> str:
        at = self._skip(at)
        return self.text[at : at + 1]

    def _after(self, sign: str, at: int) -> int:
        if self._next(at) != sign:
            raise self._fault(self._skip(at), f"a {sign} is missing")
        return self._skip(at) + 1

    def _span(self, start: int, end: int) -> Span:
        first = len(self.text[:start].encode())
        return Span(self.source, first, first + len(self.text[start:end].encode()))

    def _fault(self, at: int, message: str) -> UsageError:
        line = self.text.count("\n", 0, max(at, 0)) + 1
        return UsageError(f"{self.source.path}:{line}: {message}")


def _fits(key: str, value: object) -> bool:
    if key == "certain":
        return isinstance(value, bool)
    if key == "number":
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    return isinstance(value, str)


def _usual_root(path: str) -> str:
    """What addresses of a file are mostly counted in: its directory, or of a template itself."""
    return (path.rpartition("/")[0] or ".") if path.endswith(_CONFIGURATION) else path


def _identity(row: Mapping[str, str]) -> Identity:
    file, at = row["file"], row.get("at", "")
    parts = at.split("/") if at else []
    return Identity(
        row["rule"],
        row.get("root", _usual_root(file)),
        file,
        row["address"],
        tuple(part.replace("~1", "/").replace("~0", "~") for part in parts),
        row.get("sid", ""),
    )
