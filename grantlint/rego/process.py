"""Rules run by the `opa` program: one `opa eval` for each CHUNK of objects, mostly one a run.

The program gets what a rule may know and no more: no network, no environment, no clock, no chance.
It is killed when its time is over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from grantlint.model.json import Json
from grantlint.rego import opa
from grantlint.rego.engine import MAIN, RuleError, Verdict, alone, as_text, chunks
from grantlint.rego.opa import OpaError, OpaTimeoutError
from grantlint.rego.sources import FILES, Sources

_SECONDS: Final = 60
_MAIN: Final = "main.rego"
_CAPABILITIES: Final = "capabilities.json"


class Process:
    """Rules run by `opa`. `seconds` is for one chunk."""

    def __init__(self, sources: Sources, *, seconds: float = _SECONDS) -> None:
        self._sources = sources
        self._seconds = seconds

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """See `Engine`. Raises OpaError where OPA is missing or refuses the rules."""
        with self._directory() as directory:
            return [
                verdict for chunk in chunks(inputs) for verdict in self._verdicts(chunk, directory)
            ]

    def _verdicts(self, inputs: Sequence[Json], directory: Path) -> Sequence[Verdict]:
        text = f"[{','.join(map(as_text, inputs))}]"
        try:
            found = self._value("data.grantlint_main.verdicts", text, directory)
        except (_AbortError, OpaTimeoutError) as error:
            raise self._blamed(text, str(error), directory) from None
        if not isinstance(found, list) or len(found) != len(inputs):
            raise OpaError("opa eval gave no verdict for some objects")
        return found

    def _blamed(self, text: str, reason: str, directory: Path) -> RuleError:
        """The rule that gave up: each is asked alone."""
        for name in self._sources.rules:
            try:
                self._value(alone(name), text, directory)
            except (_AbortError, OpaTimeoutError) as error:
                return RuleError(name, str(error))
        return RuleError(None, reason)

    def _value(self, query: str, text: str, directory: Path) -> Any:
        """The value of a query on this input. Raises _AbortError where an evaluation gives up."""
        options = ["--format", "json", "--stdin-input", "--capabilities", _CAPABILITIES]
        done = opa.outcome(
            ["eval", *options, "--data", FILES, "--data", _MAIN, query],
            text=text,
            directory=directory,
            seconds=self._seconds,
        )
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            raise OpaError(f"opa eval gave no answer: {opa.reason(done)}") from None
        for error in answer.get("errors", []):
            if error.get("code", "").startswith("eval_"):
                raise _AbortError(self._told(error["message"]))
        if "errors" in answer:
            raise OpaError("\n".join(map(self._said, answer["errors"])))
        return answer["result"][0]["expressions"][0]["value"]

    def _said(self, error: Mapping[str, Any]) -> str:
        """An error in OPA's words, as file:line: text."""
        location, message = error.get("location", {}), error["message"]
        place = f"{location['file']}:{location['row']}: " if location.get("file") else ""
        return self._told(f"{place}{message}")

    def _told(self, text: str) -> str:
        """OPA's text as one line, with the paths that authors know."""
        return opa.one_line(self._sources.told(text))

    @contextmanager
    def _directory(self) -> Iterator[Path]:
        """A directory with all that OPA is given, under names without a meaning for it."""
        with self._sources.written() as directory:
            (directory / _MAIN).write_text(MAIN, "utf-8")
            (directory / _CAPABILITIES).write_text(json.dumps(opa.capabilities()), "utf-8")
            yield directory


class _AbortError(Exception):
    """An evaluation gave up, and says why."""
