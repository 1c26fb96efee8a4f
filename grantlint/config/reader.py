"""A document to a `Configuration`, and everything that is wrong in it at once.

A configuration stands in the repository that is judged. It can change rules and severities; it
names no server, no token and no bundle, and no file outside of the repository.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grantlint.config.asked import Selection
from grantlint.config.configuration import Configuration, Draft
from grantlint.config.document import Document
from grantlint.config.document import Path as At
from grantlint.config.entries import Named, Override
from grantlint.config.keys import ELSEWHERE, KEYS
from grantlint.config.kinds import EVERY, day, texts
from grantlint.config.mistake import Mistake
from grantlint.config.table import faults
from grantlint.extent import parse
from grantlint.finding import Acceptance
from grantlint.git import top
from grantlint.rule import Severity
from grantlint.suppress.ignore import Ignore

_BUNDLE: Final = ".tar.gz"
_MOST_FILES: Final = 10_000


def read(document: Document, directory: Path) -> Draft:
    """What a document says; what it names lies from `directory` on."""
    mistakes = [
        Mistake(one.message, document.key(one.at) if one.key else document.value(one.at))
        for one in faults(document.data, KEYS, ELSEWHERE)
    ]
    reader = _Reader(document, directory)
    if mistakes:
        # Rules of the repository's own are not known here, so that of ids nothing is said then.
        named = () if "policies" in document.data else tuple(reader.named())
        return Draft(Configuration(document.source.path, directory, named=named), tuple(mistakes))
    made = reader.configuration()
    return Draft(made, (*reader.contradictions(), *reader.outside()))


@dataclass(slots=True)
class _Reader:
    """Reads a document, key by key."""

    document: Document
    directory: Path

    def configuration(self) -> Configuration:
        """Everything, of a document without faults."""
        data = self.document.data
        return Configuration(
            path=self.document.source.path,
            directory=self.directory,
            profile=self._text("profile"),
            selection=Selection(
                tuple(texts(data.get("select"))),
                tuple(texts(data.get("extend-select"))),
                tuple(texts(data.get("ignore"))),
            ),
            severity=_severities(data.get("severity")),
            fail_on=self._text("fail-on"),
            certainty=self._text("certainty"),
            mandatory=frozenset(texts(data.get("mandatory"))),
            account=self._text("account"),
            region=self._text("region"),
            partition=self._text("partition"),
            trusted_accounts=frozenset(texts(data.get("trusted-accounts"))),
            trusted_organizations=frozenset(texts(data.get("trusted-organizations"))),
            policies=tuple(self._shown(one) for one in texts(data.get("policies"))),
            baseline=self._path("baseline"),
            overrides=tuple(self._override(one) for _, one in self._tables("overrides")),
            ignores=tuple(self._ignore(at, one) for at, one in self._tables("ignores")),
            said={name: self.document.key((name,)) for name in data},
            named=tuple(self.named()),
        )

    def _text(self, name: str) -> str | None:
        value = self.document.data.get(name)
        return value if isinstance(value, str) else None

    def _path(self, name: str) -> str | None:
        text = self._text(name)
        return None if text is None else self._shown(text)

    def _shown(self, text: str) -> str:
        return shown(self.directory / text)

    def _tables(self, name: str) -> Iterator[tuple[At, Mapping[str, object]]]:
        value = self.document.data.get(name)
        for number, one in enumerate(value if isinstance(value, list) else ()):
            if isinstance(one, dict):
                yield (name, number), one

    def _override(self, table: Mapping[str, object]) -> Override:
        ignored = frozenset(texts(table.get("ignore")))
        return Override(
            self.directory,
            tuple(texts(table.get("paths"))),
            frozenset({"*"}) if ignored & set(EVERY) else ignored,
            _severities(table.get("severity")),
        )

    def _ignore(self, at: At, table: Mapping[str, object]) -> Ignore:
        said = {name: value for name, value in table.items() if isinstance(value, str)}
        return Ignore(
            Acceptance.CONFIGURATION,
            tuple(texts(table.get("rules"))),
            said["reason"],
            day(table.get("until")),
            parse(said["accepts"]) if "accepts" in said else None,
            self.document.key((*at, "reason")),
            path=said.get("path"),
            address=said.get("address"),
            construct=said.get("construct"),
            directory=str(self.directory),
        )

    # -- ids of rules ----------------------------------------------------------------------

    def named(self) -> Iterator[Named]:
        """All ids of rules, as far as the document is of the right form."""
        data = self.document.data
        for name in ("select", "extend-select", "ignore", "mandatory"):
            yield from self._ids((name,), data.get(name))
        yield from self._keys(("severity",), data.get("severity"))
        for at, table in self._tables("overrides"):
            yield from (
                one
                for one in self._ids((*at, "ignore"), table.get("ignore"))
                if one.id not in EVERY
            )
            yield from self._keys((*at, "severity"), table.get("severity"))
        for at, table in self._tables("ignores"):
            yield from self._ids((*at, "rules"), table.get("rules"))

    def _ids(self, at: At, value: object) -> Iterator[Named]:
        for number, one in enumerate(value if isinstance(value, list) else ()):
            if isinstance(one, str):
                yield Named(one, self.document.value((*at, number)))

    def _keys(self, at: At, value: object) -> Iterator[Named]:
        for name in value if isinstance(value, dict) else ():
            yield Named(name, self.document.key((*at, name)))

    # -- what cannot be --------------------------------------------------------------------

    def contradictions(self) -> Iterator[Mistake]:
        """Mandatory rules that the same file leaves out."""
        data = self.document.data
        mandatory = set(texts(data.get("mandatory")))
        places: list[tuple[At, object]] = [(("ignore",), data.get("ignore"))]
        places += [((*at, "ignore"), one.get("ignore")) for at, one in self._tables("overrides")]
        places += [((*at, "rules"), one.get("rules")) for at, one in self._tables("ignores")]
        for at, value in places:
            for one in self._ids(at, value):
                if one.id in mandatory:
                    yield Mistake(f'"{one.id}" is mandatory here: it cannot be ignored', one.span)
        for at, table in self._tables("overrides"):
            for one in self._keys((*at, "severity"), table.get("severity")):
                if one.id in mandatory:
                    yield Mistake(
                        f'"{one.id}" is mandatory here: its severity is the same everywhere',
                        one.span,
                    )

    def outside(self) -> Iterator[Mistake]:
        """What is wrong with the files that it names."""
        within = top(self.directory) or self.directory.resolve()
        for number, text in enumerate(texts(self.document.data.get("policies"))):
            why = _no_policies(self.directory / text, within)
            if why is not None:
                yield Mistake(f'"{text}" {why}', self.document.value(("policies", number)))
        baseline = self._text("baseline")
        if baseline is not None and not _is_within(self.directory / baseline, within):
            message = f'"{baseline}" leads out of the repository'
            yield Mistake(message, self.document.value(("baseline",)))


def _no_policies(path: Path, within: Path) -> str | None:
    """Why a path cannot be what a repository names as its rules."""
    if not _is_within(path, within):
        return "leads out of the repository"
    if path.is_file():
        return "is a file: name the directory of .rego files; a bundle is given by --policies"
    if not path.is_dir():
        return "is no directory"
    for number, one in enumerate(path.rglob("*")):
        if number > _MOST_FILES:
            return f"has more than {_MOST_FILES:,} files in it"
        if not _is_within(one, within):
            return f"has a link in it that leads out of the repository: {one.name}"
        if one.name.endswith((_BUNDLE, ".wasm")):
            return f"has a bundle in it, {one.name}: a bundle is given by --policies"
    return None


def _is_within(path: Path, within: Path) -> bool:
    """Whether a path leads to something below a directory, links followed."""
    return Path(os.path.realpath(path)).is_relative_to(within)


def _severities(value: object) -> dict[str, Severity]:
    table = value if isinstance(value, dict) else {}
    return {
        name: Severity[label.upper()] for name, label in table.items() if isinstance(label, str)
    }


def shown(path: Path) -> str:
    """A path from the working directory, as reports show paths."""
    return Path(os.path.relpath(path)).as_posix()
