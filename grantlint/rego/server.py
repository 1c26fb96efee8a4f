"""Rules run by an OPA server.

The rules are put on the server under a path that no other run has, `data.grantlint_…`, and are
removed when all objects are judged, or when something goes wrong. What rules can see there is the
server's to say: it may have a network and a clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from grantlint.model.json import Json
from grantlint.rego.client import Client, NotCompiledError, NotEvaluatedError
from grantlint.rego.engine import MAIN, RuleError, Verdict, alone, chunks
from grantlint.rego.opa import OpaError, OpaTimeoutError, one_line
from grantlint.rego.sources import ROOT, Module, Sources, moved


class Server:
    """Rules that are put on a server while it judges by them."""

    def __init__(self, client: Client, sources: Sources) -> None:
        self._client = client
        self._sources = sources

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """See `Engine`. Raises OpaError where the server cannot be used, or refuses the rules."""
        run = _Run(self._client, self._sources)
        with closing(self._client), run.installed():
            return [verdict for chunk in chunks(inputs) for verdict in run.verdicts(chunk)]


class _Run:
    """The rules on a server, below a path of their own."""

    def __init__(self, client: Client, sources: Sources) -> None:
        self._client = client
        self._sources = sources
        self._place = f"{ROOT}_{secrets.token_hex(8)}"
        self._installed: list[str] = []

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Put the rules on the server, and remove them whatever happens."""
        try:
            self._install()
            self._find_strays()
            yield
        except BaseException:
            with suppress(OpaError):
                self._remove()
            raise
        self._remove()

    def verdicts(self, inputs: Sequence[Json]) -> Sequence[Verdict]:
        """What all rules say of each input. Raises RuleError."""
        try:
            found = self._client.value(f"{self._place}_main/verdicts", inputs)
        except (NotEvaluatedError, OpaTimeoutError) as error:
            raise self._blamed(inputs, self._told(error)) from None
        if not isinstance(found, list) or len(found) != len(inputs):
            raise self._client.error("it gave no verdict for some objects")
        return found

    def _blamed(self, inputs: Sequence[Json], reason: str) -> RuleError:
        """The rule that gave up: each is asked alone."""
        for name in self._sources.rules:
            try:
                self._client.query(alone(name, self._place), inputs)
            except (NotEvaluatedError, OpaTimeoutError) as error:
                return RuleError(name, self._told(error))
        return RuleError(None, reason)

    # -- on the server and away ------------------------------------------------------------

    def _install(self) -> None:
        """A file is refused before those whose functions it calls: then it has to wait for them."""
        files = [*self._sources.modules, Module("grantlint_main.rego", MAIN)]
        waiting = sorted(files, key=lambda file: -file.path.count("/"))
        while waiting:
            refused = {}
            for file in waiting:
                try:
                    self._put(moved(file, self._place))
                except NotCompiledError as error:
                    refused[file] = self._told(error)
            if len(refused) == len(waiting):
                raise OpaError("\n".join(refused.values()))
            waiting = list(refused)

    def _put(self, file: Module) -> None:
        name = f"{self._place}/{file.path}"
        self._installed.append(name)
        try:
            self._client.put(name, file.text)
        except NotCompiledError:
            self._installed.remove(name)
            raise

    def _remove(self) -> None:
        """Remove all files, those first that call the functions of others."""
        while self._installed:
            name = self._installed[-1]
            try:
                self._client.delete(name)
            except OpaError as error:
                raise OpaError(
                    f"{error}; the rules in data.{self._place} are still there"
                ) from None
            self._installed.pop()

    def _find_strays(self) -> None:
        """Raise OpaError where a file would look for the rules where they are not."""
        for name in self._installed:
            if _strays(self._client.syntax(name)):
                file = self._told(name)
                raise OpaError(
                    f"{file}: a reference to `data` as a whole, or by a name that is put together, "
                    "cannot be followed on a server: write out data.grantlint.NAME"
                )

    def _told(self, said: object) -> str:
        """OPA's text as one line, with the paths and names that authors know."""
        text = self._sources.told(str(said), self._place)
        return one_line(text.replace(self._place, ROOT))


def _strays(syntax: Any) -> bool:
    """Whether a reference below this node begins with `data`, but with none of its names."""
    pending = [syntax]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            if node.get("type") == "ref" and node["value"][0].get("value") == "data":
                name = node["value"][1] if len(node["value"]) > 1 else {}
                if name.get("type") != "string" or name["value"] == ROOT:
                    return True
            pending += node.values()
    return False
